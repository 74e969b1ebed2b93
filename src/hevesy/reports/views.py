"""Volumes turned upright for reading: toward superior, posterior and left, whichever way they were stored."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.model import Grid

Volume = npt.NDArray[Any]
Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upright:
    """How the axes of a grid lie in the patient, to the nearest axis.

    Attributes
    ----------
    axes : (z, y, x)                    Stored array axis that runs along the patient's S, P and L.
    flips : (z, y, x)                   Whether it runs the other way.
    start, step : (x, y, z)             First voxel centre and spacing along L, P, S [mm].
    obliquity : float                   Largest angle between a stored axis and the one it is drawn as [rad].
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]
    start: tuple[float, float, float]
    step: tuple[float, float, float]
    obliquity: float


def upright(grid: Grid) -> Upright:
    """The axes of ``grid`` matched to those of the patient.

    A grid that is turned is drawn along its own axes, named after the nearest axes of the patient.
    """
    cosines = grid.affine[:3, :3] / np.asarray(grid.spacing)
    columns = max(permutations(range(3)), key=lambda p: sum(abs(cosines[a, p[a]]) for a in range(3)))
    counts = np.array(grid.shape[::-1])
    centre = grid.affine[:3, :3] @ ((counts - 1) / 2) + grid.affine[:3, 3]
    step = [grid.spacing[v] for v in columns]
    start = [float(centre[a] - (counts[columns[a]] - 1) / 2 * step[a]) for a in range(3)]
    least = min(abs(float(cosines[a, columns[a]])) for a in range(3))
    return Upright(
        axes=(2 - columns[2], 2 - columns[1], 2 - columns[0]),
        flips=tuple(bool(cosines[a, columns[a]] < 0) for a in (2, 1, 0)),  # type: ignore[arg-type]
        start=(start[0], start[1], start[2]),
        step=(step[0], step[1], step[2]),
        obliquity=float(np.arccos(min(least, 1.0))),
    )


def turned(values: Volume, frame: Upright) -> Volume:
    """``values`` as (z, y, x), indices growing toward superior, posterior and left; a view, not a copy."""
    turned_values = np.transpose(values, frame.axes)
    return turned_values[tuple(slice(None, None, -1 if flip else 1) for flip in frame.flips)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """The part of an upright volume that is drawn: index ranges along z, y, x, and its frame."""

    frame: Upright
    z: slice
    y: slice
    x: slice

    def edges(self, axis: int) -> tuple[float, float]:
        """First and last edge along L (0), P (1) or S (2) [mm]."""
        part = (self.x, self.y, self.z)[axis]
        start, step = self.frame.start[axis], self.frame.step[axis]
        return start + (part.start - 0.5) * step, start + (part.stop - 0.5) * step

    def centres(self, axis: int) -> npt.NDArray[np.float64]:
        """Voxel centres along L (0), P (1) or S (2) [mm]."""
        part = (self.x, self.y, self.z)[axis]
        return self.frame.start[axis] + np.arange(part.start, part.stop) * self.frame.step[axis]

    def cut(self, upright_values: Volume) -> Volume:
        """The drawn part of an upright volume."""
        return upright_values[self.z, self.y, self.x]


def _range(profile: Volume, step: float, margin: float) -> slice:
    hit = np.flatnonzero(profile)
    if hit.size == 0:
        return slice(0, profile.size)
    pad = int(np.ceil(margin / step))
    return slice(max(0, int(hit[0]) - pad), min(profile.size, int(hit[-1]) + 1 + pad))


def window_around(inside: Volume, frame: Upright, margin: float = 12.0) -> Window:
    """The smallest window around the voxels of ``inside`` (upright, boolean) with a margin [mm]."""
    return Window(
        frame=frame,
        z=_range(np.asarray(inside.any(axis=(1, 2))), frame.step[2], margin),
        y=_range(np.asarray(inside.any(axis=(0, 2))), frame.step[1], margin),
        x=_range(np.asarray(inside.any(axis=(0, 1))), frame.step[0], margin),
    )
