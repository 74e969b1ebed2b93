"""Use case: the doses of a result as an RRDSR, as a patient radiation dose report or as FHIR, read back before they are kept."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hevesy import __version__
from hevesy.app.result_file import ResultFile, ResultRegion, read_result
from hevesy.errors import DataError, InputError
from hevesy.model.exposure import AdministrationReport, DoseModel, OrganDose, Origin, PatientDoseReport
from hevesy.model.study import Patient
from hevesy.units import MBq, h, kg

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

    from hevesy.dicom.sr_document import Frame

KINDS = ("rrdsr", "prd", "fhir")
# Given for therapy alone; for the others the intent must be stated where it is not diagnostic by the nuclide.
THERAPY = ("Lu-177", "Y-90", "Ac-225", "Ra-223", "Tb-161", "Re-188", "Ho-166", "Sr-89", "P-32", "At-211", "Bi-213", "Pb-212")
DIAGNOSIS = ("F-18", "Ga-68", "Tc-99m", "In-111", "C-11", "N-13", "O-15", "Rb-82", "Zr-89", "I-123", "Ga-67", "Tl-201")
# Not given into a vein as a rule, or given in more than one way.
ROUTE_ASKED = ("I-131", "I-123", "I-124", "Y-90", "Ho-166", "P-32", "Re-188", "Er-169")
METHODS = {"montecarlo": "Monte Carlo Method", "kernel": "Analytical Algorithm", "local": "Analytical Algorithm"}
# Standard names of ours whose organ CID 10044 calls otherwise.
ORGANS = {"urinary bladder": "Bladder", "red marrow": "Bone Marrow", "red bone marrow": "Bone Marrow", "lungs": "Lung"}
OFFSETS = "+01:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a result does not say and a report needs; "" for what is not stated.

    Attributes
    ----------
    route, intent : str                 "intravenous", "oral" ...; "diagnostic", "therapeutic", "both".
    procedure : str                     In words.
    performer : str                     Who administered or authorised.
    study_uid : str                     Study that the administration belongs to.
    utc_offset : str                    Of the administration's clock, for FHIR: "+01:00".
    """

    route: str = ""
    intent: str = ""
    procedure: str = ""
    performer: str = ""
    study_uid: str = ""
    utc_offset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A result as the values that the writers take."""

    report: AdministrationReport
    model: DoseModel
    seal: str
    created: datetime
    stated: Stated
    remarks: tuple[str, ...]


def report(result: Path, kind: str, output: Path, *, stated: Stated | None = None, overwrite: bool = False) -> dict[str, Any]:
    """Write the doses of a result.json of ``hevesy dose`` as ``kind`` and say what was written.

    Raises
    ------
    InputError
        An unknown kind; a file that is there already; something that must be stated and is not.
    DataError
        The result holds no dose that may be used, or what was written does not read back the same.
    """
    if kind not in KINDS:
        raise InputError(f"kind is {kind!r}; allowed are {', '.join(KINDS)}.")
    if output.exists() and not overwrite:
        raise InputError(f"{output}: exists; a dose report is not replaced in silence. Give another name, or --force.")
    if not output.parent.is_dir():
        raise InputError(f"{output.parent}: is no folder. Make it, or give another name with -o.")
    made = _made(read_result(result), stated or Stated())
    written = {"rrdsr": _write_rrdsr, "prd": _write_prd, "fhir": _write_fhir}[kind](made, output)
    facts = {
        "schema": "hevesy-dose-report/1",
        "hevesy": __version__,
        "kind": kind,
        "file": str(output),
        "patient_id": made.report.patient.id,
        "nuclide": made.report.nuclide,
        "activity_MBq": (made.report.activity or 0.0) / MBq,
        "event_uid": made.report.event_uid,
        "study_uid": made.report.origin.study_uid,
        "route": made.report.route,
        "intent": made.report.intent,
        "organ_doses": [
            {"organ": o.organ, "laterality": o.laterality, "absorbed_dose_mGy": o.dose * 1e3} for o in made.report.organ_doses
        ],
        "effective_dose_mSv": None,
    }
    return facts | written | {"remarks": [*made.remarks, *written.get("remarks", [])]}


def _made(found: ResultFile, stated: Stated) -> _Made:
    from hevesy.dicom._uids import uid
    from hevesy.dicom.sr_codes import INTENTS, ROUTES

    seal = hashlib.sha256(found.path.read_bytes()).hexdigest()
    remarks = ["no effective dose is written: the result holds absorbed doses, and for therapy effective dose is not meant."]
    intent = _chosen("intent", stated.intent, tuple(INTENTS), _intent_of(found.nuclide), remarks)
    usual = "" if found.nuclide in ROUTE_ASKED else "intravenous"
    route = _chosen("route", stated.route, tuple(ROUTES), usual, remarks)
    study = stated.study_uid
    if not study:
        study = uid("study of a result", seal)
        remarks.append(
            f"no study was stated: the report opens one of its own, {study}. State --study-uid to file it with images."
        )
    patient, given = found.patient, found.administered
    given_id = str(patient.get("id") or "")
    event = uid("administration", given_id, found.nuclide, given.isoformat(), f"{found.administered_activity:.6g}")
    doses = _doses(found, remarks)
    if not doses:
        raise DataError(f"{found.path}: no region has a dose that may be used. Run `hevesy dose` with regions.")
    if not found.radiopharmaceutical:
        remarks.append("the radiopharmaceutical is not stated in the result; it is coded as a compound of its nuclide.")
    size = patient.get("height_m")
    administered = AdministrationReport(
        origin=Origin(kind="RRDSR", file="", study_uid=study, instance_uid=_instance_uid("rrdsr", seal, stated, study)),
        patient=Patient(
            id=given_id,
            sex=str(patient.get("sex") or ""),
            age_years=patient.get("age_years"),
            weight=None if not patient.get("weight_kg") else patient["weight_kg"] * kg,
            height=None if not size else size * 1000.0,
        ),
        event_uid=event,
        nuclide=found.nuclide,
        radiopharmaceutical=found.radiopharmaceutical or f"{found.nuclide} compound, not stated",
        activity=found.administered_activity,
        start=given,
        half_life=found.half_life,
        route=route,
        intent=intent,
        procedure=stated.procedure,
        organ_doses=doses,
    )
    model = DoseModel(
        patient_model="Patient Segmented Model",
        transport="Voxelized Radiation Transport Model",
        method=METHODS.get(found.engine, "Analytical Algorithm"),
        reference=f"Hevesy {found.provenance.get('hevesy', '')}, engine {found.engine}, voxels of the patient's own images",
    )
    created = _created(found)
    return _Made(report=administered, model=model, seal=seal, created=created, stated=stated, remarks=tuple(remarks))


def _chosen(what: str, said: str, allowed: tuple[str, ...], usual: str, remarks: list[str]) -> str:
    word = said.strip().lower()
    if word:
        if word not in allowed:
            raise InputError(f"{what} is {said!r}; allowed are {', '.join(allowed)}.")
        return word
    if not usual:
        raise InputError(f"the {what} is not known and not clear from the nuclide; state --{what}, one of {', '.join(allowed)}.")
    remarks.append(f"the {what} is not stated: {usual} is taken, as usual for the nuclide. State --{what} to say otherwise.")
    return usual


def _intent_of(nuclide: str) -> str:
    return "therapeutic" if nuclide in THERAPY else ("diagnostic" if nuclide in DIAGNOSIS else "")


def _created(found: ResultFile) -> datetime:
    text = str(found.provenance.get("created") or "")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return datetime.fromtimestamp(found.path.stat().st_mtime, UTC).replace(tzinfo=None, microsecond=0)


def _instance_uid(kind: str, seal: str, stated: Stated, study: str) -> str:
    """The same report again has the same UID, another one another."""
    from hevesy.dicom._uids import uid

    return uid(kind, seal, __version__, study, stated.route, stated.intent, stated.procedure, stated.performer)


def _doses(found: ResultFile, remarks: list[str]) -> tuple[OrganDose, ...]:
    out = []
    for region in found.regions.values():
        if not region.well_posed:
            remarks.append(f"{region.name}: its fit is ill-posed, so its dose is not reported.")
            continue
        organ, side = organ_name(region)
        u = region.mean_dose.u
        share = "u not stated" if not u or not region.mean_dose.value else f"u {100 * u / region.mean_dose.value:.2g} % (k = 1)"
        out.append(
            OrganDose(
                organ=organ,
                laterality=side,
                dose=region.mean_dose.value,
                authority=f"Hevesy {found.provenance.get('hevesy', '')}, engine {found.engine}, patient-specific; {share}",
                mass=region.mass.value,
                mass_method="volume drawn on the patient's image times density",
            )
        )
    return tuple(out)


def organ_name(region: ResultRegion) -> tuple[str, str]:
    """Organ in the words of CID 10044 and laterality; a lesion or another region keeps its own name."""
    if region.kind != "organ" or not region.standard_name:
        return region.name, ""
    first, _, rest = region.standard_name.partition(" ")
    side = first.lower() if first.lower() in ("left", "right") and rest else ""
    name = rest if side else region.standard_name
    organ = ORGANS.get(name.lower(), name[:1].upper() + name[1:])
    return organ, side


def _frame(made: _Made, kind: str) -> "Frame":
    from hevesy.dicom._uids import uid
    from hevesy.dicom.sr_document import Frame

    study = made.report.origin.study_uid
    given = made.report.start
    return Frame(
        patient=made.report.patient,
        study_uid=study,
        series_uid=uid("series", kind, made.seal, study),
        instance_uid=_instance_uid(kind, made.seal, made.stated, study),
        created=made.created,
        study_date=None if given is None else given.date(),
        description={"rrdsr": "Radiopharmaceutical dose report", "prd": "Patient dose report"}[kind],
        number={"rrdsr": 9001, "prd": 9002}[kind],
    )


def _write_rrdsr(made: _Made, output: Path) -> dict[str, Any]:
    from hevesy.dicom.read_rrdsr import administration_report
    from hevesy.dicom.visit import save
    from hevesy.dicom.write_rrdsr import UNKNOWN_PERSON, Around, rrdsr

    frame = _frame(made, "rrdsr")
    around = Around(person=made.stated.performer or UNKNOWN_PERSON, comment=_comment(made))
    ds = rrdsr(made.report, frame, around)
    checked = _checked(ds)
    again = administration_report(ds, output.name)
    _same_doses(made.report.organ_doses, again.organ_doses)
    if (again.event_uid, again.start, again.nuclide) != (made.report.event_uid, made.report.start, made.report.nuclide):
        raise DataError("the report does not read back as it was meant; nothing was written. Please report this.")
    save(ds, output)
    return checked | {"sop_instance_uid": frame.instance_uid}


def _write_prd(made: _Made, output: Path) -> dict[str, Any]:
    from hevesy.dicom.read_patient_dose import patient_dose_report
    from hevesy.dicom.visit import save
    from hevesy.dicom.write_radiation_dose_sr import Source, patient_dose

    frame, source_frame = _frame(made, "prd"), _frame(made, "rrdsr")
    source = Source(series_uid=source_frame.series_uid, instance_uid=source_frame.instance_uid)
    told = PatientDoseReport(
        origin=made.report.origin,
        patient=made.report.patient,
        model=made.model,
        source_uids=(source.instance_uid,),
        organ_doses=made.report.organ_doses,
        comment=_comment(made),
    )
    ds = patient_dose(told, frame, source)
    checked = _checked(ds)
    again = patient_dose_report(ds, output.name)
    _same_doses(told.organ_doses, again.organ_doses)
    save(ds, output)
    remark = f"it refers to the RRDSR {source.instance_uid}: write that too, with --kind rrdsr and the same options."
    return checked | {"sop_instance_uid": frame.instance_uid, "source_uid": source.instance_uid, "remarks": [remark]}


def _write_fhir(made: _Made, output: Path) -> dict[str, Any]:
    from hevesy.dicom.sr_codes import systems_of
    from hevesy.reports.fhir_dose import GUIDE, dose_observation

    start = made.report.start
    if start is not None and made.stated.utc_offset:
        start = start.replace(tzinfo=_zone(made.stated.utc_offset))
    told = replace(made.report, start=start, origin=replace(made.report.origin, instance_uid=""))
    agent, nuclide, route = systems_of(told.radiopharmaceutical, told.nuclide, told.route)
    observation = dose_observation(told, performer=made.stated.performer, agent=agent, nuclide=nuclide, route=route)
    part = output.with_name(f".{output.name}.part")
    try:
        part.write_text(json.dumps(observation, ensure_ascii=False, indent=2, allow_nan=False) + "\n", "utf-8")
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    remarks = [f"written after {GUIDE}; organ doses are components of our own beside those of the guide."]
    if made.report.intent != "diagnostic":
        remarks.append("the guide is meant for diagnostic procedures; it has no profile for therapy.")
    if not made.stated.utc_offset:
        remarks.append(f"FHIR wants a zone with a time of day: only the day is written. State --utc-offset, such as {OFFSETS}.")
    if not made.stated.performer:
        remarks.append("the profile demands the person who authorised the irradiation: it says 'not known'. State --performer.")
    return {"profile": observation["meta"]["profile"][0], "remarks": remarks}


def _zone(text: str) -> timezone:
    try:
        sign = {"+": 1, "-": -1}[text[:1]]
        hours, minutes = (int(part) for part in text[1:].split(":"))
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    except (KeyError, ValueError) as error:
        raise InputError(f"UTC offset is {text!r}; allowed is a sign, hours and minutes, such as {OFFSETS}.") from error


def _comment(made: _Made) -> str:
    life = (made.report.half_life or 0.0) / h
    return (
        f"Doses by Hevesy {__version__} from result {made.seal[:16]} (SHA-256), half-life {life:.6g} h. For "
        "research; not approved for clinical decisions."
    )


def _checked(ds: "FileDataset") -> dict[str, Any]:
    from hevesy.dicom.report_templates import check_template

    found = check_template(ds)
    if found.faults:
        raise DataError(f"the report breaks its template: {' '.join(found.faults)} Nothing was written. Please report this.")
    return {"template": found.template, "template_rows": found.rows, "unverified_rows": list(found.unverified)}


def _same_doses(meant: tuple[OrganDose, ...], read: tuple[OrganDose, ...]) -> None:
    """Read back equal: the order, the sides and the doses to 1 part in 1e12."""
    same = len(meant) == len(read) and all(
        a.laterality == b.laterality and abs(a.dose - b.dose) <= 1e-12 * a.dose for a, b in zip(meant, read, strict=True)
    )
    if not same:
        raise DataError("the organ doses do not read back as they were meant; nothing was written. Please report this.")
