"""Maximum-intensity projections of the activity, one a time point, seen from the front."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.model import DoseResult
from hevesy.reports.bodies import bare, colour_bar, letters, scale_bar
from hevesy.reports.canvas import INK, PNG, QUIET, WIDTH, Canvas
from hevesy.reports.numbers import significant
from hevesy.reports.views import Upright, Window, turned

A_ROW = 4  # pictures in a row
GAP, BAR, HEAD, TALLEST, PAGE = 3.0, 19.0, 9.0, 54.0, 225.0  # mm
SHOWN = 99.7  # percentile of the projection at which the grey scale ends: one hot voxel must not bleach the rest
PARTS = ("One scale for all time points", "Each time point on its own scale")
UNITS = ((1e6, "MBq/ml"), (1e3, "kBq/ml"), (1.0, "Bq/ml"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Projection:
    pixels: npt.NDArray[np.float64]  # (z, x), in ``unit``
    top: float  # value drawn black on its own scale
    title: str
    line: str


def _unit(top: float) -> tuple[float, str]:
    return next(((f, name) for f, name in UNITS if top >= f), UNITS[-1])


def _projections(result: DoseResult, window: Window) -> tuple[list[_Projection], str]:
    frame = window.frame
    flat = [np.asarray(window.cut(turned(im.values, frame)).max(axis=1), float) for im in result.pictures.activity]
    tops = [max(float(np.percentile(pixels, SHOWN)), 1e-9) for pixels in flat]
    factor, unit = _unit(max(tops))
    made = [
        _Projection(
            pixels=pixels / factor,
            top=top / factor,
            title=f"{significant(scan.time / un.h)} h",
            line=f"{scan.modality} · {significant(scan.total_activity / un.MBq)} MBq in view",
        )
        for pixels, top, scan in zip(flat, tops, result.scans, strict=True)
    ]
    return made, unit


def _panel(axes: Any, projection: _Projection, top: float, window: Window) -> Any:
    extent = (*window.edges(0), *window.edges(2))
    bare(axes, extent, "white")
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_edgecolor("#d5dade")
    mapped = axes.imshow(
        projection.pixels,
        extent=extent,
        origin="lower",
        cmap="gray_r",
        vmin=0,
        vmax=top,
        interpolation="bilinear",
    )
    letters(axes, ("R", "L", "", ""), ink=INK, edge="white")
    return mapped


def _titled(canvas: Canvas, at: tuple[float, float], projection: _Projection, line: str) -> None:
    x, y = at
    canvas.text(x, y - 7.2, projection.title, fontsize=8, fontweight="bold")
    canvas.text(x, y - 3.4, line, fontsize=5.8, color=QUIET)


def projections(result: DoseResult, window: Window) -> bytes:
    """All time points on one grey scale, and below it each on its own; black is much.  A PNG file."""
    made, unit = _projections(result, window)
    parts = PARTS if len(made) > 1 else PARTS[:1]
    rows, across = -(-len(made) // A_ROW), min(len(made), A_ROW)
    (left, right), (low, high) = window.edges(0), window.edges(2)
    room = (WIDTH - BAR - GAP * (across - 1)) / across
    scale = min(room / (right - left), min(TALLEST, PAGE / (len(parts) * rows) - HEAD) / (high - low))
    wide, tall = scale * (right - left), scale * (high - low)
    block = rows * (tall + HEAD) + 4.0
    canvas, common = Canvas(len(parts) * (block + 2.0)), max(p.top for p in made)
    for part, said in enumerate(parts):
        canvas.text(0, part * (block + 2.0) + 0.5, said, fontsize=7, color=QUIET)
        for i, projection in enumerate(made):
            row, column = divmod(i, A_ROW)
            x = column * (wide + GAP)
            y = part * (block + 2.0) + row * (tall + HEAD) + HEAD + 3.0
            own = f"black: {significant(projection.top)} {unit} and more"
            _titled(canvas, (x, y), projection, own if part else projection.line)
            axes = canvas.axes(x, y, wide, tall)
            mapped = _panel(axes, projection, projection.top if part else common, window)
            if i == 0:
                scale_bar(axes, (left, right, low, high), ink=INK, edge="white")
            if part == 0 and i == across - 1:
                cax = canvas.axes(x + wide + 4, y, 3.2, tall)
                colour_bar(cax, mapped, label=f"largest along the ray, {unit}")
    return canvas.saved(PNG)


def seen_from_the_front(frame: Upright) -> str:
    """What a reader must know of the viewing direction, in words."""
    turned_by = np.degrees(frame.obliquity)
    said = "Seen from the front: the patient's right is on the left of the picture."
    return said if turned_by < 0.5 else f"{said} The grid is turned by {turned_by:.1f}° and drawn along its own axes."
