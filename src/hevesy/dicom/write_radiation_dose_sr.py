"""A patient radiation dose report (P-RDSR, TID 10030): organ doses with the model that gave them."""

from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.coding import Code
from pydicom.uid import PatientRadiationDoseSRStorage, RadiopharmaceuticalRadiationDoseSRStorage

from hevesy.dicom import sr_document as sr
from hevesy.dicom.sr_codes import SIDES, item, organ_code, word_of
from hevesy.dicom.sr_document import CONTAINS, MODIFIES, PROPERTY, dcm, sct
from hevesy.dicom.visit import save
from hevesy.errors import DataError
from hevesy.model.exposure import DoseModel, EffectiveDose, OrganDose, PatientDoseReport
from hevesy.model.study import Patient
from hevesy.units import g, mGy

# CID 10064, CID 10065, CID 10068.
PATIENT_MODELS = {
    "Anthropomorphic Model": Code("128404", "DCM", "Anthropomorphic Model"),
    "Simple Object Model": Code("128418", "DCM", "Simple Object Model"),
    "Patient Segmented Model": Code("128494", "DCM", "Patient Segmented Model"),
}
TRANSPORTS = {
    "Voxelized Radiation Transport Model": Code("128422", "DCM", "Voxelized Radiation Transport Model"),
    "Geometric Radiation Transport Model": Code("128421", "DCM", "Geometric Radiation Transport Model"),
    "Measured Radiation Dose": Code("128497", "DCM", "Measured Radiation Dose"),
}
METHODS = {
    "Monte Carlo Method": Code("D009010", "MSH", "Monte Carlo Method"),
    "Analytical Algorithm": Code("128480", "DCM", "Analytical Algorithm"),
    "Tabular Data Algorithm": Code("128479", "DCM", "Tabular Data Algorithm"),
    "Empirical Algorithm": Code("128481", "DCM", "Empirical Algorithm"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The dose report that the doses rest on: TID 10033 demands one."""

    series_uid: str
    instance_uid: str
    sop_class: str = str(RadiopharmaceuticalRadiationDoseSRStorage)


def write_patient_dose(path: Path, report: PatientDoseReport, frame: sr.Frame, *, source: Source) -> Path:
    """Write the report: one Radiation Dose Estimate for each organ.

    Raises
    ------
    DataError
        No organ dose, or words for the model that its context groups do not have.
    """
    return save(patient_dose(report, frame, source), path)


def patient_dose(report: PatientDoseReport, frame: sr.Frame, source: Source) -> FileDataset:
    """The object of :func:`write_patient_dose` in memory."""
    if not report.organ_doses:
        raise DataError("a patient radiation dose report (TID 10030) needs at least one organ dose; got none.")
    ds = sr.new_report(
        frame, PatientRadiationDoseSRStorage, title=dcm("128401", "Patient Radiation Dose Report"), template="10030"
    )
    sr.refer(
        ds,
        study_uid=frame.study_uid,
        series_uid=source.series_uid,
        sop_class=source.sop_class,
        instance_uid=source.instance_uid,
    )
    ds.ContentSequence = [sr.language(), *sr.device_observer()]
    for dose in report.organ_doses:
        ds.ContentSequence.append(_estimate(dose, report, source))
    for effective in report.effective_doses:
        ds.ContentSequence.append(_effective(effective, report, source))
    if report.comment:
        ds.ContentSequence.append(sr.text_item(CONTAINS, dcm("121106", "Comment"), report.comment))
    return ds


def _estimate(dose: OrganDose, report: PatientDoseReport, source: Source) -> Dataset:
    """TID 10031 for an organ: its mean absorbed dose (CID 10061)."""
    side = []
    if dose.laterality:
        if dose.laterality not in SIDES:
            raise DataError(f"{dose.organ}: laterality is {dose.laterality!r}; allowed are {', '.join(SIDES)}.")
        side = [sr.coded_item(MODIFIES, sct("272741003", "Laterality"), item(SIDES[dose.laterality]))]
    below = [
        sr.text_item(CONTAINS, dcm("128403", "Radiation Dose Estimate Name"), f"Mean absorbed dose, {dose.organ}"),
        sr.coded_item(CONTAINS, sct("363698007", "Finding Site"), organ_code(dose.organ), side),
    ]
    authority = sr.text_item(PROPERTY, dcm("121406", "Reference Authority"), dose.authority or "not stated")
    below.append(sr.number_item(CONTAINS, dcm("128533", "Mean Absorbed Radiation Dose"), dose.dose / mGy, "mGy", [authority]))
    if dose.mass is not None:
        method = sr.text_item(MODIFIES, sct("370129005", "Measurement Method"), dose.mass_method or "not stated")
        below.append(sr.number_item(CONTAINS, sct("118538004", "Mass"), dose.mass / g, "g", [method]))
    below.append(_methodology(report.model, report.patient, source))
    return sr.container(CONTAINS, dcm("128402", "Radiation Dose Estimate"), below)


def _effective(dose: EffectiveDose, report: PatientDoseReport, source: Source) -> Dataset:
    words = [sr.text_item(PROPERTY, dcm("121406", "Reference Authority"), dose.authority or "not stated")]
    if dose.method:
        words.append(sr.text_item(PROPERTY, sct("370129005", "Measurement Method"), dose.method))
    below = [
        sr.text_item(CONTAINS, dcm("128403", "Radiation Dose Estimate Name"), "Effective dose"),
        sr.coded_item(CONTAINS, sct("363698007", "Finding Site"), sct("38266002", "Entire body")),
        sr.number_item(CONTAINS, dcm("113839", "Effective Dose"), dose.value * 1e3, "mSv", words),
        _methodology(report.model, report.patient, source),
    ]
    return sr.container(CONTAINS, dcm("128402", "Radiation Dose Estimate"), below)


def _methodology(model: DoseModel, patient: Patient, source: Source) -> Dataset:
    """TID 10033 rows 1 to 16 and the estimate method."""
    words = {
        "patient model": (PATIENT_MODELS, model.patient_model),
        "transport": (TRANSPORTS, model.transport),
        "method": (METHODS, model.method),
    }
    for what, (table, said) in words.items():
        if not word_of(table, said) and said not in table:
            raise DataError(f"{what} is {said!r}; allowed are {', '.join(table)}. Name the nearest, and describe it in words.")
    demographics = []
    if patient.sex in ("M", "F"):
        demographics.append(
            sr.coded_item(
                CONTAINS, dcm("128437", "Model Patient Sex"), dcm(patient.sex, {"M": "Male", "F": "Female"}[patient.sex])
            )
        )
    inside = [
        sr.coded_item(CONTAINS, dcm("128417", "Patient Model Type"), item(PATIENT_MODELS[model.patient_model])),
        sr.coded_item(CONTAINS, dcm("128420", "Radiation Transport Model Type"), item(TRANSPORTS[model.transport])),
        sr.container(CONTAINS, dcm("128427", "Patient Model Demographics"), demographics),
    ]
    method = [sr.coded_item(CONTAINS, dcm("128477", "Radiation Dose Estimate Method Type"), item(METHODS[model.method]))]
    if model.reference:
        method.append(sr.text_item(CONTAINS, dcm("128482", "Radiation Dose Estimate Method Reference"), model.reference))
    used = sr.object_item(
        CONTAINS, dcm("128416", "SR Instance Used"), sop_class=source.sop_class, instance_uid=source.instance_uid
    )
    below = [
        used,
        sr.container(CONTAINS, dcm("128500", "Patient Radiation Dose Model"), inside),
        sr.container(CONTAINS, dcm("128476", "Radiation Dose Estimate Method"), method),
    ]
    return sr.container(CONTAINS, dcm("128415", "Radiation Dose Estimate Methodology"), below)
