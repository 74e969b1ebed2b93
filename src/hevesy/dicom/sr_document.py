"""The frame of a structured report and its content items, as the dose report objects share them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydicom.dataset import Dataset, FileDataset

from hevesy.dicom._uids import uid
from hevesy.dicom.coded import code
from hevesy.dicom.sr_codes import item as coded
from hevesy.dicom.visit import clock, day, decimal, new_dataset, put_equipment, stamp
from hevesy.errors import InputError
from hevesy.model.study import Patient

CONTAINS, MODIFIES, PROPERTY, OBSERVED = "CONTAINS", "HAS CONCEPT MOD", "HAS PROPERTIES", "HAS OBS CONTEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around the content of a report.

    Attributes
    ----------
    patient : Patient
    patient_name : str                  As DICOM writes it; "" leaves the element empty.
    birth_date : date or None
    study_uid, series_uid, instance_uid : str
    study_date : date or None
    created : datetime
    description : str                   Of the series.
    number : int                        Of the series.
    """

    patient: Patient
    study_uid: str
    series_uid: str
    instance_uid: str
    created: datetime
    patient_name: str = ""
    birth_date: date | None = None
    study_date: date | None = None
    description: str = ""
    number: int = 1

    def __post_init__(self) -> None:
        for name in ("study_uid", "series_uid", "instance_uid"):
            value = getattr(self, name)
            if not value or len(value) > 64 or value.strip("0123456789."):
                raise InputError(f"{name} is {value!r}; a UID of digits and dots with at most 64 characters is needed.")


def new_report(frame: Frame, sop_class: str, *, title: Dataset, template: str) -> FileDataset:
    """An empty, complete and unverified document of that class, with its root container."""
    ds = new_dataset(sop_class, frame.instance_uid)
    ds.SpecificCharacterSet = "ISO_IR 192"
    _put_patient_and_study(ds, frame)
    ds.Modality = "SR"
    ds.SeriesInstanceUID, ds.SeriesNumber, ds.SeriesDescription = frame.series_uid, frame.number, frame.description
    ds.SeriesDate, ds.SeriesTime = day(frame.created), clock(frame.created)
    ds.ReferencedPerformedProcedureStepSequence = []
    put_equipment(ds)
    ds.InstanceNumber = 1
    ds.InstanceCreationDate, ds.InstanceCreationTime = day(frame.created), clock(frame.created)
    ds.ContentDate, ds.ContentTime = day(frame.created), clock(frame.created)
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "UNVERIFIED"
    ds.PerformedProcedureCodeSequence = []
    ds.ValueType, ds.ContinuityOfContent = "CONTAINER", "SEPARATE"
    ds.ConceptNameCodeSequence = [title]
    mark = Dataset()
    mark.MappingResource, mark.TemplateIdentifier = "DCMR", template
    ds.ContentTemplateSequence = [mark]
    ds.ContentSequence = []
    return ds


def _put_patient_and_study(ds: Dataset, frame: Frame) -> None:
    patient = frame.patient
    ds.PatientName, ds.PatientID = frame.patient_name, patient.id
    ds.PatientBirthDate = day(frame.birth_date) if frame.birth_date else ""
    ds.PatientSex = patient.sex if patient.sex in ("M", "F", "O") else ""
    if patient.age_years is not None:
        ds.PatientAge = f"{int(patient.age_years):03d}Y" if patient.age_years >= 2 else f"{int(patient.age_years * 12):03d}M"
    if patient.weight is not None:
        ds.PatientWeight = decimal(patient.weight)
    if patient.height is not None:
        ds.PatientSize = decimal(patient.height / 1000)
    ds.StudyInstanceUID, ds.StudyID = frame.study_uid, ""
    ds.StudyDate, ds.StudyTime = (day(frame.study_date), "") if frame.study_date else ("", "")
    ds.ReferringPhysicianName, ds.AccessionNumber = "", ""


def refer(ds: Dataset, *, study_uid: str, series_uid: str, sop_class: str, instance_uid: str) -> None:
    """(0040,A375): the object that the content refers to."""
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = sop_class, instance_uid
    series.SeriesInstanceUID, series.ReferencedSOPSequence = series_uid, [instance]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = study_uid, [series]
    ds.CurrentRequestedProcedureEvidenceSequence = [study]


def _item(relation: str, kind: str, name: Dataset, below: Sequence[Dataset]) -> Dataset:
    out = Dataset()
    out.RelationshipType, out.ValueType, out.ConceptNameCodeSequence = relation, kind, [name]
    if below:
        out.ContentSequence = list(below)
    return out


def container(relation: str, name: Dataset, below: Sequence[Dataset]) -> Dataset:
    """CONTAINER."""
    out = _item(relation, "CONTAINER", name, below)
    out.ContinuityOfContent = "SEPARATE"
    return out


def coded_item(relation: str, name: Dataset, value: Dataset, below: Sequence[Dataset] = ()) -> Dataset:
    """CODE."""
    out = _item(relation, "CODE", name, below)
    out.ConceptCodeSequence = [value]
    return out


def number_item(relation: str, name: Dataset, value: float, unit: str, below: Sequence[Dataset] = ()) -> Dataset:
    """NUM with a UCUM unit; all digits stand in (0040,A161)."""
    out = _item(relation, "NUM", name, below)
    measured = Dataset()
    measured.NumericValue, measured.FloatingPointValue = decimal(value), float(value)
    measured.MeasurementUnitsCodeSequence = [code(unit, "UCUM", unit)]
    out.MeasuredValueSequence = [measured]
    return out


def text_item(relation: str, name: Dataset, value: str, below: Sequence[Dataset] = ()) -> Dataset:
    """TEXT."""
    out = _item(relation, "TEXT", name, below)
    out.TextValue = value
    return out


def time_item(relation: str, name: Dataset, value: datetime) -> Dataset:
    """DATETIME."""
    out = _item(relation, "DATETIME", name, ())
    out.DateTime = stamp(value)
    return out


def uid_item(relation: str, name: Dataset, value: str) -> Dataset:
    """UIDREF."""
    out = _item(relation, "UIDREF", name, ())
    out.UID = value
    return out


def person_item(relation: str, name: Dataset, value: str, below: Sequence[Dataset] = ()) -> Dataset:
    """PNAME."""
    out = _item(relation, "PNAME", name, below)
    out.PersonName = value
    return out


def object_item(relation: str, name: Dataset, *, sop_class: str, instance_uid: str) -> Dataset:
    """COMPOSITE: a reference to another object."""
    out = _item(relation, "COMPOSITE", name, ())
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = sop_class, instance_uid
    out.ReferencedSOPSequence = [reference]
    return out


def dcm(value: str, meaning: str) -> Dataset:
    """Code of DICOM's own scheme."""
    return code(value, "DCM", meaning)


def sct(value: str, meaning: str) -> Dataset:
    """SNOMED CT code."""
    return code(value, "SCT", meaning)


def language() -> Dataset:
    """TID 1204."""
    return coded_item(MODIFIES, dcm("121049", "Language of Content Item and Descendants"), code("en", "RFC5646", "English"))


def device_observer() -> list[Dataset]:
    """TID 1002 for the program that made the report."""
    return [
        coded_item(OBSERVED, dcm("121005", "Observer Type"), dcm("121007", "Device")),
        uid_item(OBSERVED, dcm("121012", "Device Observer UID"), uid("hevesy", "device observer")),
        text_item(OBSERVED, dcm("121013", "Device Observer Name"), "Hevesy"),
        text_item(OBSERVED, dcm("121014", "Device Observer Manufacturer"), "Hevesy"),
    ]


__all__ = [
    "CONTAINS", "MODIFIES", "OBSERVED", "PROPERTY", "Frame", "coded", "coded_item", "container", "dcm", "device_observer",
    "language", "new_report", "number_item", "object_item", "person_item", "refer", "sct", "text_item", "time_item", "uid_item",
]  # fmt: skip
