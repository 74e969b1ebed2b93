"""Time points brought to the grid of a reference one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid, Image
from hevesy.protocols.case import DosimetryCase, TimePoint
from hevesy.registration import Alignment, register, resample

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignedPoint:
    """A time point, where its patient lies relative to the reference, and its activity on the dose grid.

    ``matrix`` maps LPS mm of the reference frame to LPS mm of this point's frame.
    """

    point: TimePoint
    matrix: npt.NDArray[np.float64]
    method: str
    alignment: Alignment | None
    activity: Image


def reference_index(case: DosimetryCase) -> int:
    """The chosen scan, else the one with a CT and most regions drawn on it, the earliest of equals."""
    if case.choices.reference:
        labels = [point.label for point in case.points]
        if case.choices.reference not in labels:
            raise InputError(f"reference scan {case.choices.reference!r} is not there; allowed: {', '.join(labels)}.")
        return labels.index(case.choices.reference)
    return max(
        range(len(case.points)),
        key=lambda i: (len(case.points[i].outlines), case.points[i].ct is not None, -i),
    )


def align(case: DosimetryCase, reference: int, *, progress: Progress) -> tuple[AlignedPoint, ...]:
    """Each time point registered to the reference, CT to CT where both have one, and resampled to its grid."""
    fixed = case.points[reference]
    grid = fixed.image.grid
    aligned = []
    for i, point in enumerate(case.points):
        progress(f"registering {point.label}", i / len(case.points))
        matrix, method, alignment = np.eye(4), "reference", None
        if i != reference:
            matrix, method, alignment = _register(fixed, point, case.choices.registration)
        activity = point.image if i == reference else resample(point.image, grid, transform=matrix, samples=_samples(grid, point))
        aligned.append(AlignedPoint(point=point, matrix=matrix, method=method, alignment=alignment, activity=activity))
    return tuple(aligned)


def _register(fixed: TimePoint, point: TimePoint, choice: str) -> tuple[npt.NDArray[np.float64], str, Alignment | None]:
    if choice == "none":
        return np.eye(4), "frames of reference only", None
    if fixed.ct is not None and point.ct is not None:
        found = register(fixed.ct, point.ct)
        return found.matrix, "CT to CT", found
    found = register(fixed.image, point.image)
    return found.matrix, "SPECT to SPECT" if point.modality == "NM" else "emission to emission", found


def _samples(grid: Grid, point: TimePoint) -> tuple[int, int, int]:
    """Enough samples in a voxel of ``grid`` that none of the scan's own voxels is stepped over."""
    ratio = np.array(grid.spacing) / np.array(point.image.grid.spacing)
    x, y, z = (int(n) for n in np.maximum(1, np.ceil(ratio - 0.05)))
    return x, y, z
