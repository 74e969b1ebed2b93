"""FHIR R4 observations of doses after HL7's implementation guide Radiation Dose Summary for Diagnostic Procedures, 1.0.0."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hevesy.errors import DataError
from hevesy.model.exposure import AdministrationReport, CtReport, EffectiveDose, OrganDose, Origin
from hevesy.model.study import Patient
from hevesy.units import MBq, mGy, mm

# Read in the guide's own source (RadiationDoseSummary.fsh, STU 1).
GUIDE = "HL7 FHIR implementation guide Radiation Dose Summary for Diagnostic Procedures 1.0.0 (STU 1), FHIR R4"
PROFILE = "http://hl7.org/fhir/uv/radiation-dose-summary/StructureDefinition/radiation-dose-summary"
IDENTIFIER_TYPES = "http://hl7.org/fhir/uv/radiation-dose-summary/CodeSystem/dicom-identifier-type"
DCM, SCT, LOINC, UCUM = (
    "http://dicom.nema.org/resources/ontology/DCM",
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://unitsofmeasure.org",
)
UID = "urn:dicom:uid"
SUMMARY = (LOINC, "73569-6", "Radiation exposure and protection information [Description] Document Diagnostic imaging")
# The guide is of diagnostic procedures, and has no component for doses to organs or for effective dose: these are ours.
OUTSIDE = "outside the guide's components"

Json = dict[str, Any]
# System, code, display.
Coded = tuple[str, str, str]


def dose_observation(
    report: AdministrationReport,
    *,
    performer: str,
    agent: Coded | None = None,
    nuclide: Coded | None = None,
    route: Coded | None = None,
) -> Json:
    """One Observation of an administration, with doses as further components.

    Parameters
    ----------
    performer : str                     Who authorised the irradiation; the profile demands one. "" says that it is not known.
    agent, nuclide, route : (system, code, display)   Codes of what the report says in words; None where there is none.

    Raises
    ------
    DataError
        What the profile demands is missing: patient, study, start, activity.
    """
    missing = [
        word
        for word, there in (
            ("a patient identifier", report.patient.id),
            ("a Study Instance UID", report.origin.study_uid),
            ("the start of the administration", report.start),
            ("the administered activity", report.activity),
        )
        if not there
    ]
    if missing or report.activity is None or report.start is None:
        raise DataError(f"a radiation dose summary cannot be written without {', '.join(missing)}. State what is missing.")
    head = _head(report.origin, report.patient, report.start, performer)
    return head | {"valueString": _summary(report), "component": _components(report, agent, nuclide, route)}


def ct_observation(report: CtReport, *, performer: str) -> Json:
    """One Observation of a CT with its accumulated dose-length product, and effective doses as further components.

    Raises
    ------
    DataError
        What the profile demands is missing: patient, study, start, dose-length product.
    """
    missing = [
        word
        for word, there in (
            ("a patient identifier", report.patient.id),
            ("a Study Instance UID", report.origin.study_uid),
            ("the start of the irradiation", report.start),
            ("the accumulated dose-length product", report.dlp_total),
        )
        if not there
    ]
    if missing or report.dlp_total is None or report.start is None:
        raise DataError(f"a radiation dose summary cannot be written without {', '.join(missing)}. State what is missing.")
    total = _quantity(report.dlp_total, mGy * 10 * mm, "mGy.cm")
    words = [f"CT Dose Length Product Total = {total['value']:.6g} mGy.cm", *_local_time(report.start)]
    words += [f"effective dose = {d.value * 1e3:.4g} mSv ({d.authority or 'weights not stated'})" for d in report.effective_doses]
    reported = (SCT, "77477000", "Computerized tomography")
    out = _head(report.origin, report.patient, report.start, performer) | {
        "valueString": "; ".join(words),
        "component": [
            {"code": _concept((DCM, "121058", "Procedure reported")), "valueCodeableConcept": _concept(reported)},
            {"code": _concept((DCM, "113813", "CT Dose Length Product Total")), "valueQuantity": total},
            *(_effective(dose) for dose in report.effective_doses),
        ],
    }
    if report.origin.manufacturer:
        out["device"] = {"type": "Device", "display": report.origin.manufacturer}
    return out


def bundle(observations: Sequence[Json]) -> Json:
    """Observations as a Bundle of FHIR R4, each with a name that the same observation always has."""
    entries = []
    for each in observations:
        seal = json.dumps(each, sort_keys=True, ensure_ascii=False)
        entries.append({"fullUrl": uuid5(NAMESPACE_URL, f"hevesy {seal}").urn, "resource": each})
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _head(origin: Origin, patient: Patient, start: datetime, performer: str) -> Json:
    """What the profile demands of every observation."""
    study = {
        "type": "ImagingStudy",
        "identifier": _identifier("study-instance-uid", "Study Instance UID", origin.study_uid),
    }
    out: Json = {
        "resourceType": "Observation",
        "meta": {"profile": [PROFILE]},
        "status": "final",
        "partOf": [study],
        "code": _concept(SUMMARY),
        "subject": {"type": "Patient", "identifier": {"value": patient.id}},
        "focus": [dict(study)],
        "effectiveDateTime": fhir_time(start),
        "performer": [{"type": "Practitioner", "display": performer or "not known"}],
    }
    if origin.instance_uid:
        out["identifier"] = [_identifier("sop-instance-uid", "SOP Instance UID", origin.instance_uid)]
    return out


def _local_time(start: datetime) -> list[str]:
    """A time of day without a zone cannot stand in a dateTime of FHIR; it is said in words."""
    return [f"on {start:%Y-%m-%d %H:%M:%S} local time"] if start.tzinfo is None else []


def _components(report: AdministrationReport, agent: Coded | None, nuclide: Coded | None, route: Coded | None) -> list[Json]:
    reported = (DCM, "113502", "Radiopharmaceutical Administration")
    out: list[Json] = [
        {"code": _concept((DCM, "121058", "Procedure reported")), "valueCodeableConcept": _concept(reported)},
        {"code": _concept((DCM, "113507", "Administered activity")), "valueQuantity": _quantity(report.activity, MBq, "MBq")},
    ]
    for name, said, words in (
        ((SCT, "349358000", "Radiopharmaceuticals"), agent, report.radiopharmaceutical),
        ((SCT, "89457008", "Radioisotope"), nuclide, report.nuclide),
        ((SCT, "410675002", "Route of administration"), route, report.route),
    ):
        if said or words:
            value: Json = _concept(said) if said else {}
            out.append({"code": _concept(name), "valueCodeableConcept": value | ({"text": words} if words else {})})
    out += [_organ(dose) for dose in report.organ_doses]
    return out + [_effective(dose) for dose in report.effective_doses]


def _organ(dose: OrganDose) -> Json:
    words = " ".join(w for w in (dose.laterality, dose.organ) if w)
    text = f"Organ dose, {words}; {dose.authority or 'authority not stated'} ({OUTSIDE})"
    code = _concept((DCM, "113518", "Organ Dose")) | {"text": text}
    return {"code": code, "valueQuantity": _quantity(dose.dose, mGy, "mGy")}


def _effective(dose: EffectiveDose) -> Json:
    code = _concept((DCM, "113839", "Effective Dose")) | {"text": f"{dose.authority or 'weights not stated'} ({OUTSIDE})"}
    return {"code": code, "valueQuantity": _quantity(dose.value, 1e-3, "mSv")}


def _summary(report: AdministrationReport) -> str:
    words = [f"Activity = {(report.activity or 0.0) / MBq:.6g} MBq ({report.nuclide or 'nuclide not stated'})"]
    words += [] if report.start is None else [f"given {text}" for text in _local_time(report.start)]
    words += [f"effective dose = {d.value * 1e3:.4g} mSv ({d.authority or 'weights not stated'})" for d in report.effective_doses]
    if report.organ_doses:
        words.append(f"absorbed doses to {len(report.organ_doses)} regions in the components")
    return "; ".join(words)


def _concept(coded: Coded) -> Json:
    system, code, display = coded
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _identifier(kind: str, display: str, uid: str) -> Json:
    return {"type": _concept((IDENTIFIER_TYPES, kind, display)), "system": UID, "value": f"urn:oid:{uid}"}


def _quantity(value: float | None, unit: float, name: str) -> Json:
    """A number with its UCUM unit, without the digits that only dividing made."""
    return {"value": float(f"{(value or 0.0) / unit:.12g}"), "unit": name, "system": UCUM, "code": name}


def fhir_time(moment: datetime) -> str:
    """A dateTime of FHIR: with a time of day it must have a zone, so a time without one gives its day alone."""
    return moment.isoformat(timespec="milliseconds") if moment.tzinfo else moment.date().isoformat()
