"""The exposures of a patient in order of time: what several objects say of one exposure joined, and what they disagree in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hevesy.model.exposure import (
    AdministrationReport,
    CtEvent,
    CtReport,
    EffectiveDose,
    OrganDose,
    PatientDoseReport,
)
from hevesy.model.study import Patient
from hevesy.tables import DatedRow
from hevesy.units import MBq, mGy, mm

# Two objects of one study that name the same nuclide mean one administration when their starts differ by less, and their
# activities by a smaller part, than this; two reports of one kind are two administrations unless their event UID is one.
SAME_WITHIN = timedelta(hours=1)
SAME_ACTIVITY = 0.10
# What of a difference is worth saying.
TELL_TIME = timedelta(seconds=60)
TELL_ACTIVITY = 0.01
PLACEHOLDERS = ("", "0", "REMOVED", "ANONYMOUS", "ANONYMIZED", "ANON", "UNKNOWN", "NONE", "PATIENT", "TEST")
# A header wins over nothing, a dose report over a header.
_RANK = {"RRDSR": 0, "PET header": 1, "NM header": 1}
_mGy_cm = mGy * 10 * mm
_CARETS = re.compile(r"\b[A-Za-z]+ ?\^\d+m?\^|\^\d+m?\^[A-Za-z]*")
# Which tissue weights a publication prints its effective doses with. ICRP 53: effective dose equivalent, ICRP 26.
_WEIGHTS = (
    ("ICRP 103", ("103",)),
    ("ICRP 60", ("128", "106", "80", "60")),
    ("ICRP 26", ("53", "26")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Effective dose of an exposure by published coefficients, where no object needs to state one.

    Attributes
    ----------
    value, coefficient : float          E [Sv]; E/A0 [Sv/Bq], or E/DLP [Sv/(Gy mm)].
    set_name, weights : str             Set of coefficients, "icrp-128"; tissue weights, "ICRP 60".
    about : str                         Tracer and condition, or region and phantom, that the coefficient is of.
    ages : str                          The tabulated age or ages it comes from.
    rows : tuple of DatedRow
    remarks : tuple of str
    """

    value: float
    coefficient: float
    set_name: str
    weights: str
    about: str
    ages: str
    rows: tuple[DatedRow, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One exposure of a patient.

    Attributes
    ----------
    kind : str                          "administration" or "CT".
    day : date or None                  None where no object says.
    start : datetime or None
    label : str                         What was given or done, in words.
    nuclide, radiopharmaceutical : str
    activity : float or None            [Bq].
    ctdi_vol, dlp : float or None       [Gy], [Gy mm].
    phantom, region : str               Of a CT, as stated.
    age_years, weight : float or None   Of the patient at that exposure; weight in kg.
    organ_doses, effective_doses : tuple   As the objects state them.
    estimate : Estimate or None         By coefficients, where it was asked for and can be made; why_no_estimate where not.
    event_uid, study_uid : str
    files, sources : tuple of str       Which objects told, and of which kind they are.
    disagreements : tuple of str        In what these objects contradict each other.
    remarks : tuple of str
    """

    kind: str
    day: date | None
    start: datetime | None
    label: str
    study_uid: str
    files: tuple[str, ...]
    sources: tuple[str, ...]
    nuclide: str = ""
    radiopharmaceutical: str = ""
    activity: float | None = None
    ctdi_vol: float | None = None
    dlp: float | None = None
    phantom: str = ""
    region: str = ""
    age_years: float | None = None
    weight: float | None = None
    organ_doses: tuple[OrganDose, ...] = ()
    effective_doses: tuple[EffectiveDose, ...] = ()
    estimate: Estimate | None = None
    why_no_estimate: str = ""
    event_uid: str = ""
    disagreements: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRecord:
    """All exposures of one patient, oldest first.

    Attributes
    ----------
    ids : tuple of str                  Identifiers under which the objects know the patient.
    remarks : tuple of str              Of the identity, and of reports as a whole.
    """

    ids: tuple[str, ...]
    patient: Patient
    exposures: tuple[Exposure, ...]
    remarks: tuple[str, ...] = ()


Report = AdministrationReport | CtReport | PatientDoseReport


def patient_records(reports: Sequence[Report]) -> tuple[PatientRecord, ...]:
    """One record a patient.

    Objects belong to one patient when they share an identifier that is no placeholder, or a Study Instance UID, and sex and
    year of birth do not contradict each other. Neglected: that two hospitals may use one identifier for two patients.
    """
    groups: list[list[Report]] = []
    for report in sorted(reports, key=lambda r: (r.origin.study_uid, r.origin.file)):
        near = [g for g in groups if any(_linked(report, other) for other in g) and not _contradicts(report, g)]
        groups = [g for g in groups if not any(g is n for n in near)]
        groups.append([*(r for g in near for r in g), report])
    return tuple(sorted((_record(g) for g in groups), key=lambda r: r.ids))


def weight_set(dose: EffectiveDose) -> str:
    """The tissue weights that an effective dose was made with, by the publication it names; "not stated" where it names none."""
    words = f"{dose.authority} {dose.method}".upper()
    numbers = "".join(c if c.isdigit() else " " for c in words).split()
    if "ICRP" not in words:
        return "not stated"
    # What is said of the weights themselves comes before the publication of the coefficients.
    said = [name for name, known in _WEIGHTS if any(n in known for n in numbers)]
    return said[0] if said else "not stated"


def _linked(a: Report, b: Report) -> bool:
    same_id = a.patient.id == b.patient.id and a.patient.id.strip().upper() not in PLACEHOLDERS
    return same_id or bool(a.origin.study_uid and a.origin.study_uid == b.origin.study_uid)


def _born(report: Report) -> float | None:
    age, day = report.patient.age_years, report.origin.study_date
    return None if age is None or day is None else day.year + day.timetuple().tm_yday / 365.25 - age


def _contradicts(report: Report, group: Sequence[Report]) -> bool:
    sexes = {r.patient.sex for r in (report, *group) if r.patient.sex in ("M", "F")}
    years = [y for y in (_born(r) for r in (report, *group)) if y is not None]
    return len(sexes) > 1 or (bool(years) and max(years) - min(years) > 2.0)


def _record(group: Sequence[Report]) -> PatientRecord:
    ids = tuple(dict.fromkeys(sorted(r.patient.id for r in group)))
    remarks = []
    if len(ids) > 1:
        remarks.append(
            f"one study is known under the identifiers {', '.join(ids)}: taken as one patient, as a study has only one. Check it."
        )
    if all(i.strip().upper() in PLACEHOLDERS for i in ids):
        remarks.append(f"the identifier {ids[0]!r} is a placeholder: only objects of one study were put together by it.")
    exposures = [*_administrations([r for r in group if isinstance(r, AdministrationReport)])]
    events, said = _ct_events([r for r in group if isinstance(r, CtReport)])
    remarks += [*said, *(_kept_apart(r) for r in group if isinstance(r, PatientDoseReport))]
    last = max((r for r in group), key=lambda r: (r.origin.study_date or date.min, r.origin.file))
    ordered = sorted([*exposures, *events], key=lambda e: (e.day or date.min, e.start or datetime.min))
    return PatientRecord(ids=ids, patient=last.patient, exposures=tuple(ordered), remarks=tuple(dict.fromkeys(remarks)))


def _kept_apart(report: PatientDoseReport) -> str:
    how = report.model.method or "method not stated"
    return (
        f"{report.origin.file} estimates {len(report.organ_doses)} organ doses ({how}) of an exposure that stands here by its "
        "own report; it is no exposure of its own."
    )


def _administrations(reports: Sequence[AdministrationReport]) -> list[Exposure]:
    joined: list[list[AdministrationReport]] = []
    for report in sorted(reports, key=lambda r: (_RANK.get(r.origin.kind, 2), r.start or datetime.max, r.origin.file)):
        near = next((g for g in joined if any(_same(report, other) for other in g)), None)
        if near is None:
            joined.append([report])
        else:
            near.append(report)
    return [_administered(g) for g in joined]


def _same(a: AdministrationReport, b: AdministrationReport) -> bool:
    if a.event_uid and a.event_uid == b.event_uid:
        return True
    if a.nuclide != b.nuclide or not a.nuclide or a.origin.study_uid != b.origin.study_uid or not a.origin.study_uid:
        return False
    both_reports = a.origin.kind == b.origin.kind == "RRDSR"
    if both_reports:
        return False
    within = SAME_WITHIN
    if a.origin.kind == b.origin.kind and a.event_uid and b.event_uid:
        within = TELL_TIME  # two headers with two event UIDs are two injections unless their times are one
    close = a.start is None or b.start is None or abs(a.start - b.start) <= within
    if a.activity is None or b.activity is None:
        return close
    return close and abs(a.activity - b.activity) <= SAME_ACTIVITY * max(a.activity, b.activity)


def _administered(group: Sequence[AdministrationReport]) -> Exposure:
    first = group[0]
    start = next((r.start for r in group if r.start is not None), None)
    days = [r.origin.study_date for r in group if r.origin.study_date is not None]
    name = next((r.radiopharmaceutical for r in group if r.radiopharmaceutical), "")
    return Exposure(
        kind="administration",
        day=start.date() if start else (days[0] if days else None),
        start=start,
        label=_label(first.nuclide, name),
        nuclide=first.nuclide,
        radiopharmaceutical=name,
        activity=next((r.activity for r in group if r.activity is not None), None),
        age_years=next((r.patient.age_years for r in group if r.patient.age_years is not None), None),
        weight=next((r.patient.weight for r in group if r.patient.weight is not None), None),
        organ_doses=next((r.organ_doses for r in group if r.organ_doses), ()),
        effective_doses=next((r.effective_doses for r in group if r.effective_doses), ()),
        event_uid=next((r.event_uid for r in group if r.event_uid), ""),
        study_uid=first.origin.study_uid,
        files=tuple(r.origin.file for r in group),
        sources=tuple(dict.fromkeys(r.origin.kind for r in group)),
        disagreements=tuple(dict.fromkeys(text for r in group[1:] for text in _disagree(first, r))),
        remarks=tuple(dict.fromkeys(f"{r.origin.kind}: {text}" for r in group for text in r.remarks)),
    )


def _label(nuclide: str, name: str) -> str:
    """Nuclide and compound; DICOM's caret spelling of the nuclide in the compound's name would say it twice."""
    plain = _CARETS.sub(" ", name).strip(" -") if nuclide else name
    plain = plain.removeprefix(nuclide).strip(" -")
    return " ".join(w for w in (nuclide, plain) if w) or "radiopharmaceutical, not stated"


def _disagree(taken: AdministrationReport, other: AdministrationReport) -> list[str]:
    """What ``other`` says differently; the first is what the record keeps."""
    out, kinds = [], f"{taken.origin.kind} says {{}}, {other.origin.kind} {{}}; the first is kept."
    if taken.start and other.start and abs(taken.start - other.start) > TELL_TIME:
        gap = abs(taken.start - other.start).total_seconds() / 60
        said = kinds.format(f"{taken.start:%Y-%m-%d %H:%M:%S}", f"{other.start:%H:%M:%S}")
        out.append(f"start of the administration, {gap:.0f} min apart: {said}")
    if taken.activity and other.activity and abs(taken.activity - other.activity) > TELL_ACTIVITY * taken.activity:
        out.append(f"activity: {kinds.format(f'{taken.activity / MBq:g} MBq', f'{other.activity / MBq:g} MBq')}")
    if taken.event_uid and other.event_uid and taken.event_uid != other.event_uid:
        out.append(f"administration event UID: {kinds.format(taken.event_uid, other.event_uid)}")
    if taken.patient.id != other.patient.id:
        out.append(f"patient identifier: {kinds.format(taken.patient.id, other.patient.id)}")
    return out


def _ct_events(reports: Sequence[CtReport]) -> tuple[list[Exposure], list[str]]:
    """Events of all reports, each event UID once; a later report of one study repeats the earlier ones."""
    out: dict[str, Exposure] = {}
    remarks: list[str] = []
    for report in sorted(reports, key=lambda r: (r.start or datetime.max, r.origin.file)):
        remarks += [f"{report.origin.file}: {text}" for text in report.remarks]
        for number, event in enumerate(report.events):
            made = _irradiated(report, event)
            key = event.uid or f"{report.origin.instance_uid} {number}"
            if key not in out:
                out[key] = made
                continue
            known = out[key]
            told = (
                []
                if known.dlp == made.dlp
                else [f"DLP: {known.files[0]} {_dlp(known.dlp)}, {report.origin.file} {_dlp(made.dlp)}."]
            )
            files = tuple(dict.fromkeys([*known.files, *made.files]))
            out[key] = replace(known, files=files, disagreements=(*known.disagreements, *told))
        if report.effective_doses:
            said = ", ".join(f"{d.value * 1e3:.3g} mSv ({d.authority or 'not stated'})" for d in report.effective_doses)
            remarks.append(
                f"{report.origin.file}: states an effective dose of the whole report, {said}; events carry their own only."
            )
    return list(out.values()), remarks


def _dlp(value: float | None) -> str:
    return "states none" if value is None else f"{value / _mGy_cm:g} mGy cm"


def _irradiated(report: CtReport, event: CtEvent) -> Exposure:
    start = event.start or report.start
    return Exposure(
        kind="CT",
        day=start.date() if start else report.origin.study_date,
        start=start,
        label=" · ".join(w for w in ("CT", event.protocol, event.acquisition) if w),
        ctdi_vol=event.ctdi_vol,
        dlp=event.dlp,
        phantom=event.phantom,
        region=event.region,
        age_years=report.patient.age_years,
        weight=report.patient.weight,
        effective_doses=event.effective_doses,
        event_uid=event.uid,
        study_uid=report.origin.study_uid,
        files=(report.origin.file,),
        sources=(report.origin.kind,),
    )
