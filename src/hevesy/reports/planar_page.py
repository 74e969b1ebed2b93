"""A picture of two planar views with the outlines of their regions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.reports.bodies import bare, edged, letters, scale_bar
from hevesy.reports.canvas import INK, PNG, QUIET, SVG, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

KINDS = (PNG, SVG)
GAP, HEAD, FOOT = 4.0, 10.0, 8.0  # mm
TALLEST = 210.0  # mm
SHOWN = 99.5  # percentile of the counts at which the grey scale ends: bladder or syringe must not bleach the rest
EDGE = 6  # pixels of background around what has counts


def draw_planar(
    counts: npt.NDArray[np.float64],
    outlines: Sequence[tuple[str, npt.NDArray[np.bool_]]],
    path: Path,
    *,
    spacing: tuple[float, float],
    title: str,
) -> Path:
    """Both views side by side, each as the camera saw it: the posterior one from behind, its regions mirrored with it.

    Parameters
    ----------
    counts : array, shape (2, rows, columns)    Anterior and posterior, the latter mirrored onto the former [1].
    outlines : (name, mask)                     In the pixels of the anterior view.
    path : path                                 .png or .svg.
    spacing : (rows, columns)                   Pixel sides [mm].
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in KINDS:
        raise InputError(f"{path}: pictures are written as .png or .svg. Change its ending.")
    window = _window(counts, [mask for _, mask in outlines])
    dy, dx = spacing
    rows, columns = counts[0][window].shape
    width = (WIDTH - GAP) / 2
    scale = min(width / (columns * dx), TALLEST / (rows * dy))
    tall, wide = rows * dy * scale, columns * dx * scale
    with drawing():
        canvas = Canvas(HEAD + tall + FOOT)
        canvas.text(0, 0, drawable(title, 100), fontsize=8, fontweight="bold", color=INK)
        start = (WIDTH - 2 * wide - GAP) / 2
        extent = (0.0, columns * dx, 0.0, rows * dy)
        top = max(float(np.percentile(counts[counts > 0], SHOWN)), 1.0) if np.any(counts > 0) else 1.0
        for at, (view, marks) in enumerate((("anterior", ("R", "L", "", "")), ("posterior", ("L", "R", "", "")))):
            flip = -1 if at else 1
            left = start + at * (wide + GAP)
            axes = canvas.axes(left, HEAD, wide, tall)
            # The square root shows bones beside a bladder a hundred times as bright.
            shown = np.sqrt(counts[at][window][:, ::flip])
            axes.imshow(shown, cmap="gray_r", vmin=0, vmax=np.sqrt(top), extent=extent, interpolation="nearest")
            _outlines(axes, outlines, window, spacing=spacing, flip=flip)
            bare(axes, extent, "white")
            letters(axes, marks, ink=INK, edge="white")
            if not at:
                scale_bar(axes, extent, ink=INK, edge="white")
            canvas.text(left, HEAD - 4.5, view, fontsize=7, color=QUIET)
        path.write_bytes(canvas.saved(kind))
    return path


def _outlines(
    axes: object,
    outlines: Sequence[tuple[str, npt.NDArray[np.bool_]]],
    window: tuple[slice, slice],
    *,
    spacing: tuple[float, float],
    flip: int,
) -> None:
    dy, dx = spacing
    for i, (name, mask) in enumerate(outlines):
        cut = mask[window][:, ::flip]
        colour = COLOURS[i % len(COLOURS)]
        lines = _edges(cut)
        for xs, ys in lines:
            axes.plot(np.array(xs) * dx, (cut.shape[0] - np.array(ys)) * dy, color=colour, lw=0.7)  # type: ignore[attr-defined]
        y, x = np.nonzero(cut)
        if x.size:
            place = (x.max() + 1.5) * dx, (cut.shape[0] - y.min()) * dy
            axes.text(*place, drawable(name, 18), color=colour, fontsize=5, va="top", path_effects=edged("white"))  # type: ignore[attr-defined]


def _edges(mask: npt.NDArray[np.bool_]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Sides of pixels between inside and outside, joined along rows and columns: exactly what was counted."""
    padded = np.pad(mask, 1)
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for along_rows in (True, False):
        change = np.diff(padded.astype(np.int8), axis=0 if along_rows else 1)
        for k in range(change.shape[0 if along_rows else 1]):
            line = (change[k] if along_rows else change[:, k]) != 0
            ends = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
            for a, b in ends.reshape(-1, 2) - 1:
                found.append(((int(a), int(b)), (k, k)) if along_rows else ((k, k), (int(a), int(b))))
    return found


def _window(counts: npt.NDArray[np.float64], masks: Sequence[npt.NDArray[np.bool_]]) -> tuple[slice, slice]:
    """Rows and columns that hold counts or a region, with a margin; columns alike on both sides, so that views mirror."""
    seen = np.any(counts > 0, axis=0)
    for mask in masks:
        if not mask.all():
            seen = seen | mask
    rows = np.flatnonzero(seen.any(axis=1))
    if rows.size == 0:
        return slice(0, counts.shape[1]), slice(0, counts.shape[2])
    columns = np.flatnonzero(seen.any(axis=0))
    margin = max(0, min(int(columns[0]), counts.shape[2] - 1 - int(columns[-1])) - EDGE)
    top, bottom = max(0, int(rows[0]) - EDGE), min(counts.shape[1], int(rows[-1]) + 1 + EDGE)
    return slice(top, bottom), slice(margin, counts.shape[2] - margin)
