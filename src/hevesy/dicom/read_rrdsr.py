"""A radiopharmaceutical radiation dose report (RRDSR, TID 10021) to a value, with what is odd about it."""

from datetime import datetime
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import RadiopharmaceuticalRadiationDoseSRStorage

from hevesy.dicom import headers
from hevesy.dicom.content import ABSORBED, ACTIVITY, EFFECTIVE, MASS, SECONDS, Item, named, quirks, root, template
from hevesy.errors import DataError, InputError
from hevesy.model.exposure import AdministrationReport, EffectiveDose, OrganDose, Origin
from hevesy.model.nuclide_name import nuclide_name
from hevesy.model.study import Patient
from hevesy.units import MBq

_SIDES = {"24028007": "right", "7771000": "left", "51440002": "bilateral", "66459002": "unilateral"}
# Difference of measured before less after and of the administered activity that rounding of three digits cannot explain.
MOST_DIFFERENCE = 0.05


def read_rrdsr(path: Path) -> AdministrationReport:
    """The administration that a report describes; one report is one administration.

    Raises
    ------
    InputError
        There is no such file, or it is no DICOM.
    DataError
        It is no RRDSR, holds no or several administrations, or a unit that cannot be understood.
    """
    ds, name = opened(path), path.name
    if str(ds.get("SOPClassUID") or "") != RadiopharmaceuticalRadiationDoseSRStorage:
        raise DataError(
            f"{name}: (0008,0016) SOP Class is {ds.get('SOPClassUID')}; a radiopharmaceutical radiation dose report "
            f"({RadiopharmaceuticalRadiationDoseSRStorage}) is needed."
        )
    return administration_report(ds, name)


def administration_report(ds: Dataset, name: str) -> AdministrationReport:
    """As :func:`read_rrdsr`, of an object in memory."""
    top, remarks = root(ds), []
    given = top.all("DCM:113502", "CONTAINER")
    if len(given) != 1:
        raise DataError(
            f"{name}: holds {len(given)} containers (113502, DCM) Radiopharmaceutical Administration; TID 10021 allows one. "
            "Split or repair the report."
        )
    event = given[0]
    if template(ds) not in ("", "10021"):
        remarks.append(f"the root names template {template(ds)}, not 10021; its items were read all the same.")
    agent = event.first("SCT:349358000", "CODE") or Item(Dataset())
    start, stop = event.time("DCM:123003"), event.time("DCM:123004")
    uid = event.uid("DCM:113503")
    activity, pre, post = (event.amount(f"DCM:{code}", ACTIVITY, name, remarks) for code in (113507, 113508, 113509))
    half_life = agent.amount("SCT:304283002", SECONDS, name, remarks)
    remarks += quirks(top) + _odd_event(event, uid, start, stop)
    remarks += _odd_activities(activity, pre, post, half_life, _measured_at(event, start))
    procedure = top.first("SCT:363589002", "CODE")
    return AdministrationReport(
        origin=origin(ds, "RRDSR", name),
        patient=patient(ds, top),
        event_uid=uid,
        nuclide=_nuclide(agent.meaning("SCT:89457008"), remarks),
        radiopharmaceutical=agent.meaning(),
        activity=activity,
        start=start,
        stop=stop,
        half_life=half_life,
        pre=pre,
        post=post,
        route=event.meaning("SCT:410675002"),
        intent="" if procedure is None else procedure.meaning("SCT:363703001"),
        procedure="" if procedure is None else procedure.meaning(),
        organ_doses=organ_doses(event, name, remarks),
        effective_doses=effective_doses(event, name, remarks),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def opened(path: Path) -> Dataset:
    """The object at ``path`` without pixels."""
    try:
        return pydicom.dcmread(path, stop_before_pixels=True)
    except (OSError, pydicom.errors.InvalidDicomError) as error:
        raise InputError(f"{path.name}: cannot be read as DICOM ({type(error).__name__}). Check the path.") from error


def origin(ds: Dataset, kind: str, name: str) -> Origin:
    """Which object it is."""
    day = headers.moment(ds.get("StudyDate"), "000000")
    return Origin(
        kind=kind,
        file=name,
        study_uid=str(ds.get("StudyInstanceUID") or ""),
        instance_uid=str(ds.get("SOPInstanceUID") or ""),
        study_date=None if day is None else day.date(),
        manufacturer=" ".join(str(ds.get(k) or "").strip() for k in ("Manufacturer", "ManufacturerModelName")).strip(),
    )


def patient(ds: Dataset, top: Item) -> Patient:
    """Who was exposed: the header, and what only (121118, DCM) Patient Characteristics says."""
    said = headers.patient(ds)
    below = top.first("DCM:121118", "CONTAINER")
    if below is None:
        return said
    years = {"a": 1.0, "mo": 1 / 12, "wk": 1 / 52.18, "d": 1 / 365.25}
    age = below.amount("DCM:121033", years, "patient characteristics", [])
    weight = below.amount("LN:29463-7", {"kg": 1.0, "g": 1e-3}, "patient characteristics", [])
    height = below.amount("LN:8302-2", {"m": 1e3, "cm": 10.0}, "patient characteristics", [])
    sex = below.first("DCM:121032", "CODE")
    return Patient(
        id=said.id,
        sex=said.sex or ("" if sex is None or sex.code() is None else str(sex.code().get("CodeValue") or "")),  # type: ignore[union-attr]
        age_years=said.age_years if said.age_years is not None else age,
        weight=said.weight if said.weight is not None else weight,
        height=said.height if said.height is not None else height,
    )


def organ_doses(event: Item, name: str, remarks: list[str]) -> tuple[OrganDose, ...]:
    """The containers (113517, DCM), TID 10023."""
    out = []
    for box in event.all("DCM:113517", "CONTAINER"):
        number = box.first("DCM:113518", "NUM")
        dose = None if number is None else number.value(ABSORBED, name, remarks)
        organ = box.meaning("SCT:363698007")
        if number is None or dose is None or not organ:
            remarks.append(f"an organ dose without {'its organ' if dose is not None else 'its value'} was left out.")
            continue
        mass = box.first("SCT:118538004", "NUM")
        out.append(
            OrganDose(
                organ=organ,
                laterality=side(box),
                dose=dose,
                authority=number.text("DCM:121406"),
                mass=None if mass is None else mass.value(MASS, name, remarks),
                mass_method="" if mass is None else mass.text("SCT:370129005"),
            )
        )
    return tuple(out)


def side(box: Item) -> str:
    """Laterality below ``box`` as a word."""
    item = box.first("SCT:272741003", "CODE")
    if item is None:
        return ""
    return next((word for value, word in _SIDES.items() if named(item.code(), f"SCT:{value}")), item.meaning().lower())


def effective_doses(top: Item, name: str, remarks: list[str]) -> tuple[EffectiveDose, ...]:
    """Every (113839, DCM) Effective Dose below, in whatever container it stands: the template has none for it."""
    out = []
    for item in top.walk():
        if item.kind == "NUM" and named(item.name, "DCM:113839"):
            value = item.value(EFFECTIVE, name, remarks)
            if value is not None:
                method = item.text("SCT:370129005")
                out.append(EffectiveDose(value=value, authority=item.text("DCM:121406"), method=method))
    return tuple(out)


def _nuclide(meaning: str, remarks: list[str]) -> str:
    try:
        return nuclide_name(meaning)
    except InputError:
        remarks.append(f"the radionuclide {meaning!r} was not understood." if meaning else "no radionuclide is stated.")
        return ""


def _odd_event(event: Item, uid: str, start: datetime | None, stop: datetime | None) -> list[str]:
    out = []
    if not uid:
        there = event.first("DCM:113503") is not None
        said = "empty" if there else "missing"
        out.append(f"(113503, DCM) Administration Event UID is {said}: other objects cannot be matched to it by UID.")
    if start is None:
        out.append("(123003, DCM) Radiopharmaceutical Start DateTime is missing or cannot be read.")
    elif stop == start:
        out.append("start and stop of the administration are the same second: its length is not known.")
    elif stop is not None and stop < start:
        out.append(f"the administration stops at {stop:%H:%M:%S}, before it starts at {start:%H:%M:%S}.")
    return out


def _measured_at(event: Item, start: datetime | None) -> tuple[float, float]:
    """Seconds from the measurements before and after to the start; 0 where (0040,A032) does not tell."""
    out = []
    for code in ("DCM:113508", "DCM:113509"):
        item = event.first(code, "NUM")
        at = None if item is None else headers.moment(item.ds.get("ObservationDateTime"))
        out.append(0.0 if at is None or start is None else (start - at).total_seconds())
    return out[0], out[1]


def _odd_activities(
    activity: float | None, pre: float | None, post: float | None, half_life: float | None, ahead: tuple[float, float]
) -> list[str]:
    """Administered = before - after, each decayed to the start, as TID 10022 row 11 asks."""
    if activity is None:
        return ["(113507, DCM) Administered activity is missing or without a value."]
    if pre is None:
        return []
    at_start = [a * 2 ** (-t / half_life) if half_life else a for a, t in zip((pre, post or 0.0), ahead, strict=True)]
    expected = at_start[0] - at_start[1]
    words = f"measured {pre / MBq:g} MBq before and {'nothing stated' if post is None else f'{post / MBq:g} MBq'} after"
    if expected < 0:
        return [f"impossible: {words}, more after than before; {activity / MBq:g} MBq are stated as administered."]
    if abs(expected - activity) > MOST_DIFFERENCE * activity:
        return [f"contradiction: {words} makes {expected / MBq:.4g} MBq at the start; {activity / MBq:g} MBq are stated."]
    return []
