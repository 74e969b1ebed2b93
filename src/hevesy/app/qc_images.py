"""The reconstructed image of a phantom, and what was filled into it, both at the start of the scan."""

import os
from dataclasses import dataclass
from datetime import datetime
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.amounts import amount
from hevesy.app.qc_asked import Asked, Progress
from hevesy.app.quantities import quantity
from hevesy.dicom import read_study, require
from hevesy.errors import DataError, InputError
from hevesy.model import DecayCorrection, Grid, Measured, Quantity, Scan
from hevesy.model.nuclide_name import nuclide_name
from hevesy.nuclides import load_nuclide
from hevesy.quantify.decay import to_scan_start

ALONG = 0.05  # of a voxel's side: axes that lean less are the patient's


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhantomImage:
    """A scan of a phantom.

    Attributes
    ----------
    scan : Scan
    values : ndarray, shape (z, y, x)   Bq/ml at the start of the scan, or counts as stored.
    nuclide : str                       "" where it is not known.
    decay_constant : float              [1/s]; 0 where the nuclide is not known.
    remarks : tuple of str
    """

    scan: Scan
    values: npt.NDArray[Any]
    nuclide: str
    decay_constant: float
    remarks: tuple[str, ...]

    @property
    def quantitative(self) -> bool:
        """Whether the voxels hold Bq/ml."""
        return self.scan.image.quantity is Quantity.ACTIVITY_CONCENTRATION


def read_phantom(path: Path, asked: Asked, progress: Progress | None = None) -> PhantomImage:
    """The only emission scan of a folder (or the one of that label), or the one in a file, decay-corrected to its start.

    Raises
    ------
    InputError
        No scan, or several and none chosen; a nuclide is needed and not known.
    """
    scan = _chosen(path, asked.scan, progress)
    remarks = [*scan.remarks]
    header = scan.administration.nuclide if scan.administration else ""
    named = asked.nuclide or header
    if not named:
        remarks.append("the nuclide is not known: values are taken as they are stored. State it by --nuclide.")
        return PhantomImage(scan=scan, values=scan.image.values, nuclide="", decay_constant=0.0, remarks=tuple(remarks))
    nuclide = load_nuclide(nuclide_name(named))
    if header and nuclide_name(header) != nuclide.name:
        remarks.append(f"the header says {header}, --nuclide {nuclide.name}; what was stated is used.")
    if scan.image.quantity is not Quantity.ACTIVITY_CONCENTRATION:
        return PhantomImage(
            scan=scan,
            values=scan.image.values,
            nuclide=nuclide.name,
            decay_constant=nuclide.decay_constant,
            remarks=tuple(remarks),
        )
    given = scan.administration.time if scan.administration else None
    if scan.correction is DecayCorrection.ADMIN and given is None and scan.correction_time is None:
        raise DataError(f"{scan.label}: values are corrected to an administration of which no time is stated. Export the header.")
    step = to_scan_start(scan, administered=given, decay_constant=nuclide.decay_constant)
    factor = np.asarray(step.factor, dtype=np.float32)
    values = scan.image.values * (factor[:, None, None] if factor.ndim else factor)
    return PhantomImage(
        scan=scan,
        values=values,
        nuclide=nuclide.name,
        decay_constant=nuclide.decay_constant,
        remarks=(*remarks, *step.remarks),
    )


def letters_of(grid: Grid) -> tuple[str, str, str, str]:
    """What of the patient lies at the left, right, top and bottom of a slice; "" each where its axes are turned."""
    axes = grid.affine[:2, :2]
    if np.abs(axes[0, 1]) + np.abs(axes[1, 0]) > ALONG * np.abs(np.diag(axes)).min():
        return ("", "", "", "")
    across = ("R", "L") if axes[0, 0] > 0 else ("L", "R")
    down = ("A", "P") if axes[1, 1] > 0 else ("P", "A")
    return (*across, *down)


def stated_concentration(text: str, found: PhantomImage, asked: Asked, *, name: str) -> float:
    """A concentration as filled, decayed to the start of the scan [Bq/ml]."""
    return quantity(text, "concentration", name=name) * decayed(found, asked)


def stated_amount(text: str, kind: str, *, name: str) -> Measured:
    """A quantity with its u, for people's messages.

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        return amount(text, kind)
    except ValueError as error:
        raise InputError(f"{name}: {error}.") from error


def decayed(found: PhantomImage, asked: Asked) -> float:
    """Share that is left at the start of the scan of what was there at the stated time; 1 where no time is stated [1]."""
    return exp(-found.decay_constant * elapsed(found, asked))


def elapsed(found: PhantomImage, asked: Asked) -> float:
    """From the stated time to the start of the scan [s]; 0 where no time is stated.

    Raises
    ------
    InputError
        The time cannot be read, or needs a nuclide or a start that is not known.
    """
    if not asked.at:
        return 0.0
    try:
        at = datetime.fromisoformat(asked.at).replace(tzinfo=None)
    except ValueError as error:
        raise InputError(f"--at {asked.at!r}: write the time as 2026-03-01T10:15.") from error
    if found.scan.start is None or not found.decay_constant:
        raise InputError("--at needs the start of the scan and its nuclide; one is not known. State --nuclide, or no --at.")
    return (found.scan.start - at).total_seconds()


def _chosen(path: Path, label: str, progress: Progress | None) -> Scan:
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder. Give the phantom's DICOM folder or file.")
    folder, ignore = path, frozenset[str]()
    if path.is_file():
        folder = path.parent
        ignore = frozenset(
            other.relative_to(folder).as_posix()
            for root, _, names in os.walk(folder)
            for other in (Path(root) / name for name in names)
            if other != path
        )
    study = read_study(folder, progress=progress, ignore=ignore)
    require(study)
    scans = [scan for scan in study.scans if not label or scan.label == label]
    if len(scans) != 1:
        there = ", ".join(scan.label for scan in study.scans)
        if not there:
            raise InputError(
                f"{path}: holds no emission image that was reconstructed. Projections and events go through hevesy reconstruct "
                "first."
            )
        raise InputError(f"{path}: one emission scan is needed; there are: {there}. Choose one by --scan.")
    return scans[0]
