"""All exposures that the DICOM objects of folders tell of, one value a report or administration."""

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import (
    EnhancedXRayRadiationDoseSRStorage,
    PatientRadiationDoseSRStorage,
    RadiopharmaceuticalRadiationDoseSRStorage,
    XRayRadiationDoseSRStorage,
)

from hevesy.dicom.exposure_headers import header_report
from hevesy.dicom.read_patient_dose import patient_dose_report
from hevesy.dicom.read_rdsr import ct_report
from hevesy.dicom.read_rrdsr import administration_report
from hevesy.errors import DataError, InputError
from hevesy.model import Problem
from hevesy.model.exposure import AdministrationReport, CtReport, PatientDoseReport

Report = AdministrationReport | CtReport | PatientDoseReport
_READERS: dict[str, Callable[[Dataset, str], Report]] = {
    str(RadiopharmaceuticalRadiationDoseSRStorage): administration_report,
    str(XRayRadiationDoseSRStorage): ct_report,
    str(EnhancedXRayRadiationDoseSRStorage): ct_report,
    str(PatientRadiationDoseSRStorage): patient_dose_report,
}
_IMAGES = ("PT", "NM")
# What pydicom raises, when it reads or when an element is first looked at, for a file that was cut off or altered.
DAMAGED = (
    OSError, struct.error, EOFError, ValueError, NotImplementedError, AttributeError, TypeError, LookupError,
    pydicom.errors.BytesLengthException,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What folders hold.

    Attributes
    ----------
    reports : tuple                     One for each dose report, and one for each image series with an administration.
    problems : tuple of Problem         Objects that should have told of an exposure and could not be read.
    files, others : int                 Files looked at; those of them that tell of no exposure.
    """

    reports: tuple[Report, ...]
    problems: tuple[Problem, ...]
    files: int
    others: int


def read_exposures(folders: Sequence[Path]) -> Found:
    """Read all dose reports, and the header of the first image of each PET or NM series, below ``folders``.

    Raises
    ------
    InputError
        A folder or file does not exist.
    """
    reports: list[Report] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    files = others = 0
    for path in _files(folders):
        files += 1
        try:
            ds = pydicom.dcmread(path, stop_before_pixels=True)
        except pydicom.errors.InvalidDicomError:
            others += 1
            continue
        except DAMAGED as error:
            problems.append(_damaged(path, error))
            continue
        kind = _kind(ds)
        key = str(ds.get("SeriesInstanceUID") if kind == "image" else ds.get("SOPInstanceUID"))
        if not kind or key in seen:
            others += 1
            continue
        try:
            found = header_report(ds, path.name) if kind == "image" else _READERS[str(ds.SOPClassUID)](ds, path.name)
        except (DataError, InputError) as error:
            problems.append(Problem(text=str(error), where=path.name))
            continue
        except DAMAGED as error:
            problems.append(_damaged(path, error))
            continue
        # Only now: a damaged copy must not hide the whole one.
        seen.add(key)
        if found is None:
            others += 1
        else:
            reports.append(found)
    return Found(reports=tuple(reports), problems=tuple(problems), files=files, others=others)


def _damaged(path: Path, error: Exception) -> Problem:
    word = type(error).__name__
    said = f"{path.name}: cannot be read, or is damaged DICOM ({word}); nothing of it counts. Export it again, whole."
    return Problem(text=said, where=path.name)


def _kind(ds: Dataset) -> str:
    if str(ds.get("SOPClassUID") or "") in _READERS:
        return "report"
    return "image" if str(ds.get("Modality") or "") in _IMAGES else ""


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_file():
            yield folder
        elif folder.is_dir():
            for place, inner, names in os.walk(folder):
                inner.sort()
                yield from (Path(place) / name for name in sorted(names))
        else:
            raise InputError(f"{folder}: there is no such folder or file. Give folders with DICOM objects.")
