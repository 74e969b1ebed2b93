"""What PET headers say that an SUV needs, vendor-private tags among it; facts only, nothing is computed."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from hevesy.dicom import headers
from hevesy.dicom.pixels import rescaled, stored_values
from hevesy.dicom.slices import described
from hevesy.dicom.volume import stack
from hevesy.errors import DataError
from hevesy.model import Image, Patient, Quantity, Scan
from hevesy.units import MBq

GE_GROUP, GE_CREATOR = 0x0009, "GEMS_PETD_01"
PHILIPS_GROUP, PHILIPS_CREATOR = 0x7053, "Philips PET Private Group"
# (0054,1001): pixels that are SUV already.
STORED_SUV = {"GML": "g/ml", "CM2ML": "cm2/ml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuvFacts:
    """What the headers of one PET or SPECT series say; None or "" where they say nothing.

    Attributes
    ----------
    unit, suv_type : str                (0054,1001) Units, (0054,1006) SUV Type.
    nuclide : str                       That (0054,0300) or the radiopharmaceutical names.
    series_time : datetime or None      (0008,0021) and (0008,0031).
    acquired : datetime or None         The earliest (0008,0022) and (0008,0032) of all slices.
    frame_reference, duration, decay_factor : float or None
                                        (0054,1300) [s], (0018,1242) [s] and (0054,1321) of the earliest slice.
    activity : float or None            (0018,1074) Radionuclide Total Dose [Bq].
    given_at : datetime or None         (0018,1078), else the last (0018,1072) before the scan.
    given_by_clock : datetime or None   (0018,1072), a time of day, on the day of the series.
    ge_scan_time, ge_administered : datetime or None
                                        GE (0009,xx0d) PET scan_datetime and (0009,xx3b) PET admin_datetime.
    ge_left_over : float or None        GE (0009,xx3c) PET post_inj_activity [Bq]: what stayed in the syringe.
    philips_suv, philips_activity : float or None
                                        Philips (7053,xx00) and (7053,xx09): SUV, and Bq/ml, of a rescaled value.
    corrected : tuple of str            (0028,0051) Corrected Image.
    files : tuple of str                Relative to the folder.
    """

    series_uid: str
    label: str
    unit: str
    suv_type: str = ""
    manufacturer: str = ""
    patient: Patient
    half_life: float | None = None
    nuclide: str = ""
    radiopharmaceutical: str = ""
    decay_correction: str = ""
    corrected: tuple[str, ...] = ()
    series_time: datetime | None = None
    acquired: datetime | None = None
    frame_reference: float | None = None
    duration: float | None = None
    decay_factor: float | None = None
    activity: float | None = None
    given_at: datetime | None = None
    given_by_clock: datetime | None = None
    ge_scan_time: datetime | None = None
    ge_administered: datetime | None = None
    ge_left_over: float | None = None
    philips_suv: float | None = None
    philips_activity: float | None = None
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def read_suv_facts(folder: Path, *, skip: frozenset[str] = frozenset()) -> tuple[SuvFacts, ...]:
    """The facts of every PT and NM series in ``folder`` and below; pixels are not read.

    Files whose paths (relative to ``folder``) are in ``skip``, such as those of a CT, are not opened.

    Raises
    ------
    DataError
        A factor that must be the same in all slices is not.
    """
    series: dict[str, list[tuple[str, Dataset]]] = defaultdict(list)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or relative.as_posix() in skip:
            continue
        try:
            ds = pydicom.dcmread(path, stop_before_pixels=True)
        except (InvalidDicomError, OSError, EOFError):
            continue  # what cannot be read is a problem of the study, named where the study is read
        if str(ds.get("Modality") or "").upper() in ("PT", "NM"):
            series[str(ds.get("SeriesInstanceUID") or relative)].append((relative.as_posix(), ds))
    return tuple(facts_of(slices) for slices in series.values())


def facts_of(slices: list[tuple[str, Dataset]]) -> SuvFacts:
    """The facts of one series from its slices, each with its name."""
    name, first = slices[0]
    starts = [(headers.acquisition_start(ds), ds) for _, ds in slices]
    known = [(at, ds) for at, ds in starts if at is not None]
    # Where all slices state one time, the frame reference time tells which bed was first.
    earliest = min(known, key=lambda pair: (pair[0], _number(pair[1], "FrameReferenceTime") or 0.0)) if known else (None, first)
    info = next(iter(first.get("RadiopharmaceuticalInformationSequence") or []), Dataset())
    activity, said = headers.administered_activity(info, str(first.get("Modality") or "").upper())
    given_at, said_of_time = headers._administration_time(info, first)
    ge_left_over = headers.number(_private(first, GE_GROUP, GE_CREATOR, 0x3C))
    return SuvFacts(
        series_uid=str(first.get("SeriesInstanceUID") or ""),
        label=str(Path(name).parent) if str(Path(name).parent) != "." else str(first.get("SeriesDescription") or "PT"),
        unit=str(first.get("Units") or "").strip().upper(),
        suv_type=str(first.get("SUVType") or "").strip().upper(),
        manufacturer=" ".join(str(first.get(k) or "") for k in ("Manufacturer", "ManufacturerModelName")).strip(),
        patient=headers.patient(first),
        half_life=headers.half_life(first),
        nuclide=headers.radionuclide(info),
        radiopharmaceutical=_pharmaceutical(info),
        decay_correction=str(first.get("DecayCorrection") or "").strip().upper(),
        corrected=headers.words(first.get("CorrectedImage")),
        series_time=headers.moment(first.get("SeriesDate"), first.get("SeriesTime", "")),
        acquired=earliest[0],
        frame_reference=_thousandth(_number(earliest[1], "FrameReferenceTime")),
        duration=_thousandth(_number(earliest[1], "ActualFrameDuration")),
        decay_factor=_number(earliest[1], "DecayFactor"),
        activity=activity,
        given_at=given_at,
        given_by_clock=headers.moment(first.get("SeriesDate"), info.get("RadiopharmaceuticalStartTime") or ""),
        ge_scan_time=headers.moment(_private(first, GE_GROUP, GE_CREATOR, 0x0D)),
        ge_administered=headers.moment(_private(first, GE_GROUP, GE_CREATOR, 0x3B)),
        ge_left_over=None if not ge_left_over else ge_left_over * MBq,
        philips_suv=_common(slices, 0x00, "SUV scale factor"),
        philips_activity=_common(slices, 0x09, "activity concentration scale factor"),
        files=tuple(file for file, _ in slices),
        remarks=(*said, *said_of_time),
    )


def read_stored_suv(folder: Path, facts: SuvFacts) -> Scan:
    """A series whose pixels are SUV already (Units GML or CM2ML), as they were stored.

    Raises
    ------
    DataError
        Another unit, geometry that is not a regular volume, missing or damaged pixels.
    """
    if facts.unit not in STORED_SUV:
        raise DataError(f"{facts.label}: (0054,1001) Units is {facts.unit}; SUV is stored as {', '.join(STORED_SUV)}.")
    slices = [(name, pydicom.dcmread(folder / name)) for name in facts.files]
    order, grid, remarks = stack(slices, facts.label)
    values = np.empty(grid.shape, dtype=np.float32)
    for k, i in enumerate(order):
        name, ds = slices[i]
        values[k] = rescaled(ds, stored_values(ds, name), name)
    first = slices[order[0]][1]
    given, said = headers.administration(first, slices[order[0]][0])
    image = Image(values=values, grid=grid, quantity=Quantity.FRACTION)
    scan = described(first, image, label=facts.label, modality="PT", files=facts.files)
    return replace(scan, start=facts.acquired, series_time=facts.series_time, administration=given, remarks=(*remarks, *said))


def _number(ds: Dataset, keyword: str) -> float | None:
    return headers.number(ds.get(keyword))


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1000.0


def _pharmaceutical(info: Dataset) -> str:
    code = next(iter(info.get("RadiopharmaceuticalCodeSequence") or []), Dataset())
    return str(info.get("Radiopharmaceutical") or "") or str(code.get("CodeMeaning") or "")


def _private(ds: Dataset, group: int, creator: str, element: int) -> Any:
    """Value of a private tag of ``creator``, wherever its block lies; bytes of an unknown VR are read as text."""
    try:
        value = ds.private_block(group, creator)[element].value
    except KeyError:
        return None
    if isinstance(value, bytes):
        return value.decode("latin-1").strip("\0 ")
    return value


def _common(slices: list[tuple[str, Dataset]], element: int, what: str) -> float | None:
    """A Philips factor that is one for the series; zero means that it is not there."""
    found = {headers.number(_private(ds, PHILIPS_GROUP, PHILIPS_CREATOR, element)) or None for _, ds in slices}
    if len(found) > 1:
        listed = ", ".join("none" if x is None else f"{x:g}" for x in sorted(found, key=lambda x: x or 0.0))
        raise DataError(
            f"{slices[0][0]}: Philips (7053,xx{element:02x}) {what} differs between slices ({listed}); one a series is allowed. "
            "Export the series in BQML."
        )
    return found.pop()
