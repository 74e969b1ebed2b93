"""A picture of an uptake image: maximum-intensity projections from the front and from the left, with region outlines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid
from hevesy.reports.bodies import bare, colour_bar, edged, letters, scale_bar
from hevesy.reports.canvas import INK, PNG, QUIET, SVG, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS, LINES
from hevesy.reports.views import Upright, turned, upright, window_around

Box = tuple[slice, slice, slice]
Drawn = tuple[str, str, Box, npt.NDArray[np.bool_]]

GAP, HEAD, BAR, LEGEND, TALLEST, LINE = 5.0, 9.0, 17.0, 56.0, 190.0, 6.6  # mm
SHOWN = 99.0  # percentile of the body's projection at which the grey scale ends
LEAST_TOP, MOST_TOP = 5.0, 20.0  # SUV at which the scale ends at least and at most
BODY = 0.05  # SUV above which a voxel is taken as body when the window is cut
LISTED = 24


def draw_uptake(values: npt.NDArray[Any], grid: Grid, regions: Sequence[Drawn], path: Path, *, title: str, unit: str) -> Path:
    """Grey is uptake, black is much; every region is outlined as the shadow that it casts on the projection.

    Parameters
    ----------
    values : array, shape (z, y, x)     Uptake.
    regions : (name, what to say of it, box, voxels inside of the box's shape)
    path : path                         .png or .svg.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in (PNG, SVG):
        raise InputError(f"{path}: pictures are written as .png or .svg. Change its ending.")
    frame = upright(grid)
    window = window_around(turned(np.asarray(values) > BODY, frame), frame)
    shown = window.cut(turned(np.asarray(values), frame))
    front, side = shown.max(axis=1), shown.max(axis=2)
    body = front[front > BODY]
    top = float(np.clip(np.percentile(body, SHOWN) if body.size else LEAST_TOP, LEAST_TOP, MOST_TOP))
    (left, right), (near, far), (low, high) = (window.edges(i) for i in range(3))
    room = WIDTH - BAR - LEGEND - 2 * GAP
    scale = min(room / ((right - left) + (far - near)), TALLEST / (high - low))
    tall = scale * (high - low)
    height = HEAD + max(tall, 8 + LINE * min(len(regions), LISTED)) + 8
    with drawing():
        canvas = Canvas(height)
        canvas.text(1, 2, drawable(title, 100), fontsize=8, fontweight="bold", color=INK)
        views = (
            (front, (left, right), ("R", "L", "", ""), 1),
            (side, (near, far), ("A", "P", "", ""), 2),
        )
        x = 0.0
        for pixels, (first, last), marks, axis in views:
            axes = canvas.axes(x, HEAD, scale * (last - first), tall)
            extent = (first, last, low, high)
            bare(axes, extent, "white")
            style: dict[str, Any] = {"extent": extent, "origin": "lower", "cmap": "gray_r", "vmin": 0, "vmax": top}
            mapped = axes.imshow(pixels, interpolation="bilinear", **style)
            for i, (_, _, box, inside) in enumerate(regions):
                shadow = window.cut(_upright_mask(box, inside, grid, frame)).max(axis=axis)
                _outline(axes, shadow, extent, colour=_colour(i), line=_line(i))
            letters(axes, marks, ink=INK, edge="white")
            if axis == 1:
                scale_bar(axes, extent, ink=INK, edge="white")
            x += scale * (last - first) + GAP
        colour_bar(canvas.axes(x, HEAD, 3.2, min(tall, 60.0)), mapped, label=unit)
        _legend(canvas, x + BAR, regions)
        canvas.text(1, height - 4, "Maximum along the ray, from the front and from the left.", fontsize=6, color=QUIET)
        path.write_bytes(canvas.saved(kind))
    return path


def _colour(i: int) -> str:
    return COLOURS[i % len(COLOURS)]


def _line(i: int) -> str:
    return LINES[i // len(COLOURS) % len(LINES)]


def _upright_mask(box: Box, inside: npt.NDArray[np.bool_], grid: Grid, frame: Upright) -> npt.NDArray[np.bool_]:
    whole = np.zeros(grid.shape, dtype=bool)
    whole[box] = inside
    return np.asarray(turned(whole, frame))


def _outline(
    axes: Any, shadow: npt.NDArray[np.bool_], extent: tuple[float, float, float, float], *, colour: str, line: str
) -> None:
    """The edge of a shadow, along pixel borders."""
    if not shadow.any():
        return
    rows, columns = shadow.shape
    fine = np.kron(np.pad(shadow, 1), np.ones((4, 4)))
    dx, dy = (extent[1] - extent[0]) / columns / 4, (extent[3] - extent[2]) / rows / 4
    x = extent[0] + (np.arange(fine.shape[1]) + 0.5) * dx - 4 * dx
    y = extent[2] + (np.arange(fine.shape[0]) + 0.5) * dy - 4 * dy
    axes.contour(x, y, fine, levels=[0.5], colors=[colour], linewidths=1.1, linestyles=[line])


def _legend(canvas: Canvas, left: float, regions: Sequence[Drawn]) -> None:
    for i, (name, said, _, _) in enumerate(regions[:LISTED]):
        top = HEAD + i * LINE
        canvas.text(left, top, "■", fontsize=7, color=_colour(i), path_effects=edged("white"))
        canvas.text(left + 3.5, top, drawable(name, 34), fontsize=6.8, fontweight="bold", color=INK)
        canvas.text(left + 3.5, top + 2.9, said, fontsize=5.8, color=QUIET)
    if len(regions) > LISTED:
        canvas.text(left, HEAD + LISTED * LINE, f"and {len(regions) - LISTED} more", fontsize=6, color=QUIET)
