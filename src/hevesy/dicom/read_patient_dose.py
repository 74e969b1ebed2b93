"""A patient radiation dose report (P-RDSR, TID 10030) to a value."""

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import PatientRadiationDoseSRStorage

from hevesy.dicom.content import ABSORBED, MASS, Item, quirks, root
from hevesy.dicom.read_rrdsr import effective_doses, opened, origin, patient, side
from hevesy.errors import DataError
from hevesy.model.exposure import DoseModel, OrganDose, PatientDoseReport


def read_patient_dose(path: Path) -> PatientDoseReport:
    """Organ doses with the model that gave them.

    Raises
    ------
    InputError
        There is no such file, or it is no DICOM.
    DataError
        It is no P-RDSR, holds no (128402, DCM) Radiation Dose Estimate, or a unit cannot be understood.
    """
    ds, name = opened(path), path.name
    if str(ds.get("SOPClassUID") or "") != PatientRadiationDoseSRStorage:
        raise DataError(
            f"{name}: (0008,0016) SOP Class is {ds.get('SOPClassUID')}; a patient radiation dose report "
            f"({PatientRadiationDoseSRStorage}) is needed."
        )
    return patient_dose_report(ds, name)


def patient_dose_report(ds: Dataset, name: str) -> PatientDoseReport:
    """As :func:`read_patient_dose`, of an object in memory."""
    top = root(ds)
    remarks = quirks(top)
    estimates = top.all("DCM:128402", "CONTAINER")
    if not estimates:
        raise DataError(f"{name}: holds no (128402, DCM) Radiation Dose Estimate (TID 10031). It has nothing to be read.")
    doses = []
    for estimate in estimates:
        number = estimate.first("DCM:128533", "NUM")
        dose = None if number is None else number.value(ABSORBED, name, remarks)
        site = estimate.first("SCT:363698007", "CODE")
        if number is None or dose is None or site is None:
            continue
        mass = estimate.first("SCT:118538004", "NUM")
        doses.append(
            OrganDose(
                organ=site.meaning(),
                laterality=side(site),
                dose=dose,
                authority=number.text("DCM:121406"),
                mass=None if mass is None else mass.value(MASS, name, remarks),
                mass_method="" if mass is None else mass.text("SCT:370129005"),
            )
        )
    box = estimates[0].first("DCM:128415", "CONTAINER") or Item(Dataset())
    model = box.first("DCM:128500", "CONTAINER") or Item(Dataset())
    method = box.first("DCM:128476", "CONTAINER") or Item(Dataset())
    used = [item.ds.get("ReferencedSOPSequence") or [] for item in box.all("DCM:128416", "COMPOSITE")]
    return PatientDoseReport(
        origin=origin(ds, "P-RDSR", name),
        patient=patient(ds, top),
        model=DoseModel(
            patient_model=model.meaning("DCM:128417"),
            transport=model.meaning("DCM:128420"),
            method=method.meaning("DCM:128477"),
            reference=method.text("DCM:128482"),
        ),
        source_uids=tuple(str(item[0].get("ReferencedSOPInstanceUID") or "") for item in used if item),
        organ_doses=tuple(doses),
        effective_doses=effective_doses(top, name, remarks),
        comment=top.text("DCM:121106"),
        remarks=tuple(remarks),
    )
