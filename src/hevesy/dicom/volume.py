"""Stack single slices to a volume: geometry from the tags, nothing missing, nothing twice."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from hevesy.errors import DataError
from hevesy.model import Grid

# Positions are printed with few digits, and whole-body PET joins beds with slightly shorter steps: a slice may lie this
# share of the spacing off a regular grid. Real series (GE Discovery ST) reach 2.4 % from slice to slice.
STEP_TOLERANCE = 0.05
OFFSET_TOLERANCE = 0.25
COSINE_TOLERANCE = 1e-3


def vector(ds: Dataset, keyword: str, tag: str, length: int, where: str) -> npt.NDArray[np.float64]:
    """A tag of ``length`` numbers, or a DataError that names it."""
    value = ds.get(keyword)
    try:
        numbers = np.array([float(x) for x in value], dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.size != length or not np.all(np.isfinite(numbers)):
        raise DataError(f"{where}: {tag} is missing or malformed ({value!r}); the image cannot be placed in the patient.")
    return numbers


def plane(ds: Dataset, where: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Orientation (2, 3): unit vectors along a row and down a column; pixel spacing (2,): rows, columns [mm]."""
    cosines = vector(ds, "ImageOrientationPatient", "(0020,0037) Image Orientation (Patient)", 6, where).reshape(2, 3)
    if np.any(np.abs(np.linalg.norm(cosines, axis=1) - 1) > 1e-2) or abs(cosines[0] @ cosines[1]) > 1e-2:
        raise DataError(f"{where}: (0020,0037) Image Orientation (Patient) is not a pair of orthogonal unit vectors.")
    spacing = vector(ds, "PixelSpacing", "(0028,0030) Pixel Spacing", 2, where)
    if np.any(spacing <= 0):
        raise DataError(f"{where}: (0028,0030) Pixel Spacing is {spacing.tolist()}; must be above zero.")
    return cosines, spacing


def affine_from(
    cosines: npt.NDArray[np.float64],
    spacing: npt.NDArray[np.float64],
    first: npt.NDArray[np.float64],
    step: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Index (column, row, slice) to LPS mm, from the tags of the first slice and the step to the next (3,)."""
    affine = np.eye(4)
    affine[:3, 0] = cosines[0] * spacing[1]  # column index runs along a row
    affine[:3, 1] = cosines[1] * spacing[0]
    affine[:3, 2] = step
    affine[:3, 3] = first
    return affine


def stack(slices: Sequence[tuple[str, Dataset]], label: str) -> tuple[list[int], Grid, list[str]]:
    """The order of the slices along the patient, their grid, and remarks.

    Raises
    ------
    DataError
        Slices of different size or orientation, a slice twice, missing slices, unequal spacing.
    """
    names = [name for name, _ in slices]
    cosines, spacing = plane(slices[0][1], names[0])
    size = (int(slices[0][1].Rows), int(slices[0][1].Columns))
    for name, ds in slices[1:]:
        other, other_spacing = plane(ds, name)
        if np.max(np.abs(other - cosines)) > COSINE_TOLERANCE or np.max(np.abs(other_spacing - spacing)) > 1e-3:
            raise DataError(f"{name}: (0020,0037) or (0028,0030) differs from {names[0]}; one series, one geometry.")
        if (int(ds.Rows), int(ds.Columns)) != size:
            raise DataError(f"{name}: (0028,0010) Rows or (0028,0011) Columns differs from {names[0]}.")
    positions = np.array(
        [vector(ds, "ImagePositionPatient", "(0020,0032) Image Position (Patient)", 3, name) for name, ds in slices]
    )
    along = positions @ np.cross(cosines[0], cosines[1])
    order = [int(i) for i in np.argsort(along, kind="stable")]
    ordered = positions[order]
    if len(order) == 1:
        thickness = float(slices[0][1].get("SliceThickness") or 0)
        if thickness <= 0:
            raise DataError(f"{names[0]}: a single slice without (0018,0050) Slice Thickness is not a volume.")
        steps_remark: list[str] = [f"{label}: a single slice; its thickness is taken as the spacing."]
        step = np.cross(cosines[0], cosines[1]) * thickness
    else:
        steps_remark = check_steps(along[order], [names[i] for i in order], label)
        step = (ordered[-1] - ordered[0]) / (len(order) - 1)
    frame = str(slices[0][1].get("FrameOfReferenceUID") or "")
    affine = affine_from(cosines, spacing, ordered[0], step)
    return order, Grid(shape=(len(order), *size), affine=affine, frame_of_reference=frame), steps_remark


def check_steps(along: npt.NDArray[np.float64], names: list[str], label: str) -> list[str]:
    """Raise DataError where slices are missing, doubled or unequally spaced; remark on harmless irregularity."""
    steps = np.diff(along)
    usual = float(np.median(steps))
    if usual <= 0 or np.any(steps < 1e-3 * max(usual, 1e-3)):
        i = int(np.argmin(steps))
        raise DataError(
            f"{label}: {names[i]} and {names[i + 1]} lie at the same (0020,0032) Image Position (Patient); one slice a "
            "position is allowed. A dynamic or gated series must be split by time first."
        )
    gap = int(np.argmax(steps))
    if steps[gap] > 1.5 * usual:
        lost = max(1, round(float(steps[gap]) / usual) - 1)
        raise DataError(
            f"{label}: {lost} slice{'s' if lost > 1 else ''} missing between {names[gap]} and {names[gap + 1]}: "
            f"(0020,0032) Image Position (Patient) jumps by {steps[gap]:.3f} mm where {usual:.3f} mm is usual. "
            "Export the series again, whole."
        )
    regular = np.linspace(along[0], along[-1], len(along))
    offset = float(np.max(np.abs(along - regular)))
    worst = int(np.argmax(np.abs(steps - usual)))
    if abs(steps[worst] - usual) > STEP_TOLERANCE * usual or offset > OFFSET_TOLERANCE * usual:
        raise DataError(
            f"{label}: unequal spacing: (0020,0032) Image Position (Patient) steps by {steps[worst]:.3f} mm between "
            f"{names[worst]} and {names[worst + 1]}, usual is {usual:.3f} mm; allowed is {STEP_TOLERANCE:.0%}. "
            "Resample the series to equal spacing, or export it as it was reconstructed."
        )
    if abs(steps[worst] - usual) > 0.01 * usual:
        return [
            f"{label}: slice spacing varies by up to {abs(steps[worst] - usual):.3f} mm around {usual:.3f} mm; taken as equal."
        ]
    return []


def cropped(mask: npt.NDArray[Any], grid: Grid) -> tuple[npt.NDArray[Any], Grid]:
    """A mask cut to the box it fills, and the grid of that box: a hundred segments on a whole CT would not fit memory."""
    box = []
    for axis in range(3):
        used = np.nonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))[0]
        box.append(slice(int(used[0]), int(used[-1]) + 1))
    affine = grid.affine.copy()
    affine[:3, 3] = (grid.affine @ np.array([box[2].start, box[1].start, box[0].start, 1.0]))[:3]
    cut = np.ascontiguousarray(mask[tuple(box)])
    return cut, Grid(shape=cut.shape, affine=affine, frame_of_reference=grid.frame_of_reference)
