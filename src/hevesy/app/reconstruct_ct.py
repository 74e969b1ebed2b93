"""The CT that belongs to projections, and whether it can be laid over them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hevesy.dicom import read_study
from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.errors import DataError, InputError
from hevesy.model import Grid, Image, Scan
from hevesy.registration import resample

# A CT in another frame of reference belongs to projections of the same study within this time [s].
SAME_VISIT = 3 * 3600.0
UPRIGHT = 1e-3
PATIENT_ID = "(0010,0020) Patient ID"
AIRLESS = -150.0  # HU: a slice of a body has air about it or in it; fat is above -120


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """The CT of an acquisition, and what is remarkable about it."""

    ct: Scan
    image: Image
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundCts:
    """What there is to correct the attenuation by.

    Attributes
    ----------
    scans : tuple of Scan
    named : bool                        Whether the user named the folder, which then counts where headers leave it open.
    patient : str                       (0010,0020) of the folder that was named; "" elsewhere.
    problems : tuple of str             What could not be read there: a CT may be among it.
    """

    scans: tuple[Scan, ...] = ()
    named: bool = False
    patient: str = ""
    problems: tuple[str, ...] = ()


def find_cts(study: Path, folder: Path | None) -> FoundCts:
    """All CT series of the study, or of the folder that was named.

    Raises
    ------
    InputError
        The folder that was named holds no CT.
    DataError
        A CT cannot be read.
    """
    place = folder or (study if study.is_dir() else None)
    if place is None:
        return FoundCts()
    found = read_study(place)
    problems = tuple(f"{problem.where}: {problem.text}" for problem in found.problems)
    if folder is not None and not found.cts:
        if problems:
            raise DataError(f"{folder}: holds no CT that can be used: {'; '.join(problems)}")
        raise InputError(
            f"{folder}: holds no CT series. Give the folder of the CT, or attenuation source = none in the protocol."
        )
    named = folder is not None
    return FoundCts(scans=found.cts, named=named, patient=found.patient.id if named else "", problems=problems)


def anatomy_of(raw: RawTomogram, cts: FoundCts) -> Anatomy | None:
    """The CT to correct the attenuation of an acquisition by; None where the study has none for it.

    Raises
    ------
    DataError
        There is a CT that cannot be read, is of another patient, or holds no CT numbers; or the header of the projections
        does not say where they lie in the patient.
    """
    if cts.patient and raw.patient.id and cts.patient != raw.patient.id:
        raise DataError(f"{PATIENT_ID}: the CT is of another patient than {raw.name}. Give the CT of the same visit by --ct.")
    ct, remarks = _chosen(raw, cts.scans, named=cts.named)
    if cts.problems and (ct is None or any(PATIENT_ID in each for each in cts.problems)):
        raise DataError(
            f"{raw.name}: whether its folder holds the CT cannot be told: {' '.join(cts.problems[:3])} Mend this or take it out "
            "of the folder, or leave attenuation uncorrected with attenuation source = none."
        )
    if ct is None:
        return None
    remarks += cts.problems
    _check_numbers(ct)
    if not raw.placed:
        raise DataError(
            f"{raw.name}: (0020,0032) Image Position (Patient) does not say where the axis of rotation lies in the patient, "
            "so the CT "
            f"{ct.label} cannot be laid over it. State centre_mm under [acquisition], the place of the axis in the "
            "coordinates of the "
            "CT, or leave attenuation uncorrected with attenuation source = none."
        )
    image = ct.image
    image = image if _upright(image.grid) else _turned(image)
    covered = _covered(raw, image.grid)
    if covered < 0.999:
        remarks.append(
            f"the CT covers {100 * covered:.0f} % of the length that was counted; what lies beyond is taken as without tissue."
        )
    return Anatomy(ct=ct, image=image, remarks=tuple(remarks))


def _check_numbers(ct: Scan) -> None:
    """CT numbers reach below zero, in air: without their rescale they do not, and would double the attenuation.

    Raises
    ------
    DataError
    """
    lowest = ct.image.values.min(axis=(1, 2))
    bad = int(np.count_nonzero(lowest > AIRLESS))
    if bad:
        raise DataError(
            f"the CT {ct.label}: {bad} of {lowest.size} slices hold nothing below {AIRLESS:g} HU, no air. Their (0028,1052) "
            "Rescale Intercept or (0028,1053) Rescale Slope is missing or wrong. Export the CT again, in HU."
        )


def _chosen(raw: RawTomogram, cts: tuple[Scan, ...], *, named: bool) -> tuple[Scan | None, list[str]]:
    frame = raw.projections.frame_of_reference
    same = [ct for ct in cts if frame and ct.image.grid.frame_of_reference == frame]
    if same:
        return max(same, key=lambda ct: (ct.study_uid == raw.study_uid, _covered(raw, ct.image.grid))), []
    start = raw.start
    near = [
        ct
        for ct in cts
        if ct.study_uid == raw.study_uid and start and ct.start and abs((ct.start - start).total_seconds()) < SAME_VISIT
    ]
    use = near if len(near) == 1 else list(cts) if named and len(cts) == 1 else []
    if not use:
        return None, []
    return use[0], [
        f"the CT {use[0].label} has another (0020,0052) Frame of Reference UID than the projections, or none; taken as aligned."
        " Look whether they lie on each other."
    ]


def _covered(raw: RawTomogram, grid: Grid) -> float:
    """Share of the rows with counts whose height lies inside the CT."""
    p = raw.projections
    rows = np.flatnonzero(p.counts.sum(axis=(0, 1, 3)) > 0)
    if rows.size == 0:
        return 1.0
    heights = p.centre[2] + ((p.counts.shape[2] - 1) / 2 - rows) * p.pixel[0]
    z, y, x = grid.shape
    corners = np.array([[i, j, k, 1] for i in (0, x - 1) for j in (0, y - 1) for k in (0, z - 1)]) @ grid.affine.T
    half = grid.spacing[2] / 2
    inside = (heights >= corners[:, 2].min() - half) & (heights <= corners[:, 2].max() + half)
    return float(inside.mean())


def _upright(grid: Grid) -> bool:
    axes = grid.affine[:3, :3]
    return bool(np.abs(axes - np.diag(np.diag(axes))).max() <= UPRIGHT * np.abs(axes).max())


def _turned(image: Image) -> Image:
    """A CT whose axes are turned, on a grid along the patient's axes."""
    z, y, x = image.grid.shape
    corners = (np.array([[i, j, k, 1] for i in (0, x - 1) for j in (0, y - 1) for k in (0, z - 1)]) @ image.grid.affine.T)[:, :3]
    low, high = corners.min(axis=0), corners.max(axis=0)
    spacing = np.array(image.grid.spacing)
    counts = np.ceil((high - low) / spacing).astype(int) + 1
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = low
    grid = Grid(
        shape=(int(counts[2]), int(counts[1]), int(counts[0])), affine=affine, frame_of_reference=image.grid.frame_of_reference
    )
    return resample(image, grid)


def on_grid(image: Image, grid: Grid) -> Image:
    """The CT on the grid of the image, for a picture: averaged where it is finer."""
    ratio = np.clip(np.round(np.array(grid.spacing) / np.array(image.grid.spacing)), 1, 3).astype(int)
    target = Grid(shape=grid.shape, affine=grid.affine, frame_of_reference=image.grid.frame_of_reference)
    return resample(image, target, samples=(int(ratio[0]), int(ratio[1]), int(ratio[2])))
