"""A radiopharmaceutical radiation dose report (RRDSR, TID 10021) of one administration with its organ doses."""

from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import RadiopharmaceuticalRadiationDoseSRStorage

from hevesy.dicom import sr_document as sr
from hevesy.dicom.coded import code
from hevesy.dicom.sr_codes import (
    INTENTS,
    LOCAL,
    ROUTES,
    SIDES,
    agent_code,
    item,
    nuclide_code,
    organ_code,
    procedure_code,
    word_of,
)
from hevesy.dicom.sr_document import CONTAINS, MODIFIES, OBSERVED, PROPERTY, dcm, sct
from hevesy.dicom.visit import save
from hevesy.errors import DataError, InputError
from hevesy.model.exposure import AdministrationReport, EffectiveDose, OrganDose
from hevesy.model.study import Patient
from hevesy.units import MBq, g, mGy

PROCEDURES = {"therapeutic": "Radionuclide therapy", "diagnostic": "Radionuclide study", "both": "Radionuclide study and therapy"}
# TID 1020 wants a name, and a report may not know it.
UNKNOWN_PERSON = "Unknown^"
_SITES = {"intravenous": ("103386002", "Via vein")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a writer knows beside the administration: who gave it and a comment."""

    person: str = UNKNOWN_PERSON
    comment: str = ""


def write_rrdsr(path: Path, report: AdministrationReport, frame: sr.Frame, *, around: Around | None = None) -> Path:
    """Write the report; every value that the template demands must be known.

    Raises
    ------
    DataError
        What TID 10022 demands is missing: nuclide, activity, start, half-life, event UID, a route or an intent that has a code.
    """
    return save(rrdsr(report, frame, around or Around()), path)


def rrdsr(report: AdministrationReport, frame: sr.Frame, around: Around) -> FileDataset:
    """The object of :func:`write_rrdsr` in memory."""
    intent = word_of(INTENTS, report.intent)
    _demand(report, intent)
    ds = sr.new_report(
        frame,
        RadiopharmaceuticalRadiationDoseSRStorage,
        title=dcm("113500", "Radiopharmaceutical Radiation Dose Report"),
        template="10021",
    )
    procedure = procedure_code(report.procedure or PROCEDURES[intent])
    below = [sr.coded_item(MODIFIES, sct("363703001", "Has Intent"), item(INTENTS[intent]))]
    ds.ContentSequence = [
        sr.language(),
        sr.coded_item(MODIFIES, sct("363589002", "Associated Procedure"), procedure, below),
        sr.container(CONTAINS, dcm("113502", "Radiopharmaceutical Administration"), _event(report, around)),
        *_characteristics(report.patient),
    ]
    if around.comment:
        ds.ContentSequence.append(sr.text_item(CONTAINS, dcm("121106", "Comment"), around.comment))
    return ds


def _demand(report: AdministrationReport, intent: str) -> None:
    missing = [
        word
        for word, there in (
            ("nuclide", report.nuclide),
            ("administered activity", report.activity),
            ("start", report.start),
            ("half-life", report.half_life),
            ("event UID", report.event_uid),
            (f"route (one of {', '.join(ROUTES)}; got {report.route!r})", word_of(ROUTES, report.route)),
            (f"intent (one of {', '.join(INTENTS)}; got {report.intent!r})", intent),
        )
        if not there
    ]
    if missing:
        raise DataError(f"a dose report (TID 10022) cannot be written without {'; '.join(missing)}. State what is missing.")


def _event(report: AdministrationReport, around: Around) -> list[Dataset]:
    """TID 10022, in its order, which is significant."""
    assert_known = (report.start, report.activity, report.half_life)
    if None in assert_known:
        raise InputError("an administration without start, activity and half-life cannot be written. State them.")
    agent = sr.coded_item(
        CONTAINS,
        sct("349358000", "Radiopharmaceutical agent"),
        agent_code(report.radiopharmaceutical, report.nuclide),
        [
            sr.coded_item(PROPERTY, sct("89457008", "Radionuclide"), nuclide_code(report.nuclide)),
            sr.number_item(PROPERTY, sct("304283002", "Radionuclide Half Life"), float(report.half_life or 0), "s"),
        ],
    )
    out = [agent, sr.uid_item(CONTAINS, dcm("113503", "Radiopharmaceutical Administration Event UID"), report.event_uid)]
    if report.start is not None:
        out.append(sr.time_item(CONTAINS, dcm("123003", "Radiopharmaceutical Start DateTime"), report.start))
    if report.stop is not None:
        out.append(sr.time_item(CONTAINS, dcm("123004", "Radiopharmaceutical Stop DateTime"), report.stop))
    for value, number, meaning in (
        (report.activity, "113507", "Administered activity"),
        (report.pre, "113508", "Pre-Administration Measured Activity"),
        (report.post, "113509", "Post-Administration Measured Activity"),
    ):
        if value is not None:
            out.append(sr.number_item(CONTAINS, dcm(number, meaning), value / MBq, "MBq"))
    out += [organ_item(dose) for dose in report.organ_doses]
    if report.effective_doses:
        out.append(_effective(report.effective_doses))
    out.append(_route(word_of(ROUTES, report.route)))
    role = sr.coded_item(PROPERTY, dcm("113875", "Person Role in Procedure"), dcm("113851", "Irradiation Administering"))
    out.append(sr.person_item(OBSERVED, dcm("113870", "Person Name"), around.person or UNKNOWN_PERSON, [role]))
    return out


def _route(word: str) -> Dataset:
    below = []
    if word in _SITES:
        below = [sr.coded_item(PROPERTY, sct("272737002", "Site of"), sct(*_SITES[word]))]
    return sr.coded_item(CONTAINS, sct("410675002", "Route of administration"), item(ROUTES[word]), below)


def organ_item(dose: OrganDose) -> Dataset:
    """TID 10023."""
    below = [sr.coded_item(MODIFIES, sct("363698007", "Finding Site"), organ_code(dose.organ))]
    if dose.laterality:
        if dose.laterality not in SIDES:
            raise DataError(f"{dose.organ}: laterality is {dose.laterality!r}; allowed are {', '.join(SIDES)}.")
        below.append(sr.coded_item(MODIFIES, sct("272741003", "Laterality"), item(SIDES[dose.laterality])))
    if dose.mass is not None:
        method = sr.text_item(MODIFIES, sct("370129005", "Measurement Method"), dose.mass_method or "not stated")
        below.append(sr.number_item(CONTAINS, sct("118538004", "Mass"), dose.mass / g, "g", [method]))
    authority = sr.text_item(PROPERTY, dcm("121406", "Reference Authority"), dose.authority or "not stated")
    below.append(sr.number_item(CONTAINS, dcm("113518", "Organ Dose"), dose.dose / mGy, "mGy", [authority]))
    return sr.container(CONTAINS, dcm("113517", "Organ Dose Information"), below)


def _effective(doses: tuple[EffectiveDose, ...]) -> Dataset:
    """The template has no place for it and may be extended: a container of our own, its items with DICOM's codes."""
    below = [
        sr.number_item(
            CONTAINS,
            dcm("113839", "Effective Dose"),
            dose.value * 1e3,
            "mSv",
            [sr.text_item(PROPERTY, dcm("121406", "Reference Authority"), dose.authority or "not stated")]
            + ([sr.text_item(PROPERTY, sct("370129005", "Measurement Method"), dose.method)] if dose.method else []),
        )
        for dose in doses
    ]
    return sr.container(CONTAINS, code("EFFECTIVE_DOSE", LOCAL, "Effective Dose Information"), below)


def _characteristics(patient: Patient) -> list[Dataset]:
    """TID 10024; nothing where nothing is known."""
    below = []
    if patient.age_years is not None:
        below.append(sr.number_item(CONTAINS, dcm("121033", "Subject Age"), patient.age_years, "a"))
    if patient.sex in ("M", "F"):
        word = dcm(patient.sex, {"M": "Male", "F": "Female"}[patient.sex])
        below.append(sr.coded_item(CONTAINS, dcm("121032", "Subject Sex"), word))
    if patient.height is not None:
        below.append(sr.number_item(CONTAINS, code("8302-2", "LN", "Patient Height"), patient.height / 1000, "m"))
    if patient.weight is not None:
        below.append(sr.number_item(CONTAINS, code("29463-7", "LN", "Patient Weight"), patient.weight, "kg"))
    return [sr.container(CONTAINS, dcm("121118", "Patient Characteristics"), below)] if below else []
