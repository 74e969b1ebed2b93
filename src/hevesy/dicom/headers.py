"""Read single facts from a DICOM header: times, patient, administration; what is absent is None, never a default."""

from datetime import datetime, timedelta
from typing import Any

from pydicom.dataset import Dataset

from hevesy.errors import DataError, InputError
from hevesy.model import Administration, Patient
from hevesy.model.nuclide_name import nuclide_name
from hevesy.units import MBq, kg

# Above this an NM header that should hold MBq (DICOM PS3.3 C.8.4.10) can only hold Bq, below it a PET header only MBq.
MOST_MBQ = 1e6
LEAST_BQ = 1e5

# Without a date, a time of day is taken as the day of the scan only for nuclides that are gone the day after [s].
SAME_DAY_HALF_LIFE = 7 * 3600.0


def number(value: object) -> float | None:
    """``value`` as a float, None where it is absent, empty or not a number."""
    try:
        return None if value is None else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def words(value: object) -> tuple[str, ...]:
    """A possibly multi-valued text attribute as a tuple of upper-case words."""
    if value is None or value == "":
        return ()
    items = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    return tuple(str(item).strip().upper() for item in items if str(item).strip())


def moment(date: object, time: object = None) -> datetime | None:
    """Date (DA) and time (TM), or a DT value, as a datetime without zone; None where absent or malformed."""
    text = str(date or "").strip().replace("-", "")
    if not text:
        return None
    if time is not None:
        clock = str(time).strip().replace(":", "")
        if not clock:
            return None
        text = text.replace(".", "")[:8] + clock
    for mark in ("+", "-"):
        text = text.split(mark)[0] if mark in text[8:] else text
    whole, _, fraction = text.partition(".")
    whole = whole.ljust(14, "0") if len(whole) > 8 else ""
    try:
        at = datetime.strptime(whole[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return at + timedelta(seconds=float(f"0.{fraction}")) if fraction.isdigit() else at


def acquisition_start(ds: Dataset) -> datetime | None:
    """(0008,002A), else (0008,0022) + (0008,0032): when this image's acquisition began."""
    return moment(ds.get("AcquisitionDateTime")) or moment(ds.get("AcquisitionDate"), ds.get("AcquisitionTime", ""))


def patient(ds: Dataset) -> Patient:
    """Who was scanned, without the name."""
    age = str(ds.get("PatientAge") or "")
    per_year = {"Y": 1.0, "M": 12.0, "W": 52.18, "D": 365.25}
    years = number(age[:-1]) if age[-1:] in per_year else None
    weight, size = number(ds.get("PatientWeight")), number(ds.get("PatientSize"))
    return Patient(
        id=str(ds.get("PatientID") or ""),
        sex=str(ds.get("PatientSex") or ""),
        age_years=None if years is None else years / per_year[age[-1]],
        weight=None if not weight else weight * kg,
        height=None if not size else size * 1000.0,
    )


def radionuclide(info: Dataset) -> str:
    """The nuclide that an item of (0054,0016) names, or "" where it names none that can be read."""
    for code in info.get("RadionuclideCodeSequence") or []:
        try:
            return nuclide_name(str(code.get("CodeMeaning") or ""))
        except InputError:
            continue
    for code in info.get("RadionuclideCodeSequence") or []:
        from hevesy.dicom.nuclide_codes import coded_nuclide

        known = coded_nuclide(str(code.get("CodeValue") or ""), str(code.get("CodingSchemeDesignator") or ""))
        if known:
            return known
    for text in (info.get("Radiopharmaceutical"), *_meanings(info, "RadiopharmaceuticalCodeSequence")):
        for word in str(text or "").replace("^", "").replace("(", " ").replace(")", " ").split():
            try:
                return nuclide_name(word)
            except InputError:
                continue
    return ""


def _meanings(info: Dataset, keyword: str) -> list[str]:
    return [str(code.get("CodeMeaning") or "") for code in info.get(keyword) or []]


def half_life(ds: Dataset) -> float | None:
    """(0018,1075) of the first radiopharmaceutical [s]."""
    items = ds.get("RadiopharmaceuticalInformationSequence") or []
    return number(items[0].get("RadionuclideHalfLife")) if items else None


def administered_activity(info: Dataset, modality: str) -> tuple[float | None, list[str]]:
    """(0018,1074) in Bq, and what had to be read between the lines of its unit.

    The unit is Bq in PET objects and MBq in NM objects; a value that is plausible only in the other unit is read so.
    """
    value = number(info.get("RadionuclideTotalDose"))
    if not value or value <= 0:
        return None, []
    in_mbq = modality == "NM"
    if in_mbq and value > MOST_MBQ:
        return value, [f"(0018,1074) Radionuclide Total Dose is {value:g}: read as Bq, although NM objects hold MBq."]
    if not in_mbq and value < LEAST_BQ:
        return value * MBq, [f"(0018,1074) Radionuclide Total Dose is {value:g}: read as MBq, although PET objects hold Bq."]
    return (value * MBq if in_mbq else value), []


def administration(ds: Dataset, where: str) -> tuple[Administration | None, list[str]]:
    """What the header says of the administration, and remarks; None where activity, time or nuclide is missing.

    Raises
    ------
    DataError
        More than one radiopharmaceutical, or an implausible activity.
    """
    items = ds.get("RadiopharmaceuticalInformationSequence") or []
    if not items:
        return None, []
    names = {radionuclide(item) for item in items} - {""}
    if len(names) > 1:
        raise DataError(
            f"{where}: (0054,0016) names {', '.join(sorted(names))}; one nuclide a scan is allowed. "
            "Scans with two nuclides need separated energy windows."
        )
    info, remarks = items[0], []
    activity, unit_remarks = administered_activity(info, str(ds.get("Modality") or ""))
    at, time_remarks = _administration_time(info, ds)
    remarks += unit_remarks + time_remarks
    if activity is None or at is None or not names:
        missing = [
            tag
            for tag, there in (
                ("(0018,1074) Radionuclide Total Dose", activity),
                ("(0018,1078) Radiopharmaceutical Start DateTime", at),
                ("(0054,0300) Radionuclide Code Sequence", names),
            )
            if not there
        ]
        return None, [*remarks, f"the header does not say {' nor '.join(missing)}."]
    try:
        given = Administration(
            nuclide=names.pop(),
            activity=activity,
            time=at,
            radiopharmaceutical=_pharmaceutical(info),
            source="header",
        )
    except InputError as error:
        raise DataError(f"{where}: (0018,1074) {error}") from error
    return given, remarks


def _pharmaceutical(info: Dataset) -> str:
    return str(info.get("Radiopharmaceutical") or "") or next(iter(_meanings(info, "RadiopharmaceuticalCodeSequence")), "")


def _administration_time(info: Dataset, ds: Dataset) -> tuple[datetime | None, list[str]]:
    stated = moment(info.get("RadiopharmaceuticalStartDateTime"))
    clock: Any = info.get("RadiopharmaceuticalStartTime")
    if stated is not None:
        alone = moment(stated.strftime("%Y%m%d"), clock) if clock else None
        if alone is not None and abs((alone - stated).total_seconds()) > 60:
            return stated, [f"(0018,1078) says {stated:%H:%M:%S}, (0018,1072) {alone:%H:%M:%S}; the first was taken."]
        return stated, []
    start, lifetime = acquisition_start(ds), number(info.get("RadionuclideHalfLife"))
    if not clock or start is None:
        return None, []
    if lifetime is None or lifetime > SAME_DAY_HALF_LIFE:
        return None, ["(0018,1072) gives a time of day without a date, and the nuclide lives for more than a day."]
    at = moment(start.strftime("%Y%m%d"), clock)
    if at is not None and at > start:
        at -= timedelta(days=1)
    return at, ["(0018,1072) gives a time of day without a date: taken as the last such time before the scan."]
