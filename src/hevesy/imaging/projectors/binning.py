"""How counts on the working lines of a projector are shared out to the pixels of a detector."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# Grids that agree to this share of a pixel over the whole detector are taken for one.
SAME = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binning:
    """One axis: pixel p holds line ``first`` + p, or, where the pitches differ, the sum of ``weights`` (pixels, lines).

    Attributes
    ----------
    lines : int                         Working lines.
    origin : float                      Where line 0 lies from the middle of the detector [mm].
    first : int
    weights : ndarray or None
    """

    lines: int
    origin: float
    first: int
    weights: Floats | None


def across_binning(columns: int, pixel: float, *, side: float, reach: float, blur: float) -> Binning:
    """Working lines of pitch ``side`` for ``columns`` of ``pixel`` [mm].

    Lines go beyond the detector where the object does (to ``reach`` from its middle), as far as the blur carries counts
    in from there (``blur``) [mm].
    """
    half = columns * pixel / 2
    beyond = math.ceil(max(0.0, min(reach - half, blur)) / side)
    if abs(pixel - side) * columns < SAME * pixel:
        return Binning(lines=columns + 2 * beyond, origin=-((columns - 1) / 2 + beyond) * side, first=beyond, weights=None)
    lines = math.ceil(2 * half / side) + 2 * beyond
    origin = -(lines - 1) / 2 * side
    return Binning(lines=lines, origin=origin, first=0, weights=_overlap(columns, pixel, lines, side, origin))


def axial_binning(rows: int, pixel: float, *, slices: int, side: float, first: float, blur: float) -> tuple[Binning, int]:
    """Working lines of pitch ``side`` for ``rows`` of ``pixel`` along +z [mm], and the line of slice 0.

    ``first`` is where slice 0 lies from the middle of the detector.  Lines go beyond the slices as far as there are rows
    and as the blur carries counts.
    """
    half, last = rows * pixel / 2, first + (slices - 1) * side
    below = math.ceil(min(max(0.0, first - side / 2 + half), blur) / side)
    above = math.ceil(min(max(0.0, half - last - side / 2), blur) / side)
    lines, origin = slices + below + above, first - below * side
    place = (-(rows - 1) / 2 * pixel - origin) / side
    fits = abs(pixel - side) * rows < SAME * pixel and abs(place - round(place)) < SAME
    if fits and round(place) >= 0 and round(place) + rows <= lines:
        return Binning(lines=lines, origin=origin, first=round(place), weights=None), below
    return Binning(lines=lines, origin=origin, first=0, weights=_overlap(rows, pixel, lines, side, origin)), below


def _overlap(pixels: int, pixel: float, lines: int, side: float, origin: float) -> Floats:
    """Share of each line, taken as a bin of width ``side``, that lies on each pixel, shape (pixels, lines)."""
    edges = (np.arange(pixels + 1) - pixels / 2) * pixel
    middle = origin + np.arange(lines) * side
    lower = np.maximum(edges[:-1, None], middle - side / 2)
    upper = np.minimum(edges[1:, None], middle + side / 2)
    share: Floats = (np.maximum(upper - lower, 0) / side).astype(np.float32)
    return share
