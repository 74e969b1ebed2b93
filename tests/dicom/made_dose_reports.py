"""Dose reports made by hand: an administration, and CT reports item by item with whatever quirk a test wants."""

from datetime import date, datetime

from pydicom.uid import XRayRadiationDoseSRStorage

from hevesy.dicom import sr_document as sr
from hevesy.dicom.sr_document import CONTAINS, Frame, dcm
from hevesy.model.exposure import AdministrationReport, EffectiveDose, OrganDose, Origin
from hevesy.model.study import Patient

GIVEN = datetime(2024, 3, 4, 9, 30)
PATIENT = Patient(id="P-1", sex="F", age_years=55.0, weight=61.5, height=1650.0)


def frame(instance="2.25.3", study="2.25.1", patient=PATIENT):
    return Frame(
        patient=patient, study_uid=study, series_uid="2.25.2", instance_uid=instance, created=datetime(2024, 3, 4, 12),
        study_date=date(2024, 3, 4), description="test",
    )  # fmt: skip


def administration(**more):
    values = {
        "origin": Origin(kind="RRDSR", file="a.dcm", study_uid="2.25.1", instance_uid="2.25.3", study_date=date(2024, 3, 4)),
        "patient": PATIENT,
        "event_uid": "2.25.77",
        "nuclide": "F-18",
        "radiopharmaceutical": "Fluorodeoxyglucose F^18^",
        "activity": 300e6,
        "start": GIVEN,
        "half_life": 6586.2,
        "route": "intravenous",
        "intent": "diagnostic",
        "organ_doses": (OrganDose(organ="Bladder", dose=0.039, authority="ICRP Publication 128"),),
        "effective_doses": (EffectiveDose(value=5.7e-3, authority="ICRP Publication 128"),),
    }
    return AdministrationReport(**(values | more))


def ct_dataset(events, *, total=None, count=None, unit="mGy.cm", instance="2.25.9", study="2.25.1", patient=PATIENT):
    """A CT report; ``events``: (uid, CTDIvol mGy, DLP mGy cm, phantom code) each."""
    ds = sr.new_report(
        frame(instance, study, patient), XRayRadiationDoseSRStorage,
        title=dcm("113701", "X-Ray Radiation Dose Report"), template="10011",
    )  # fmt: skip
    summed = sum(e[2] for e in events if e[2] is not None)
    totals = [
        sr.number_item(
            CONTAINS, dcm("113812", "Total Number of Irradiation Events"), len(events) if count is None else count, "{events}"
        ),
        sr.number_item(CONTAINS, dcm("113813", "CT Dose Length Product Total"), summed if total is None else total, unit),
    ]
    ds.ContentSequence = [
        sr.time_item(sr.OBSERVED, dcm("113809", "Start of X-Ray Irradiation"), GIVEN),
        sr.container(CONTAINS, dcm("113811", "CT Accumulated Dose Data"), totals),
    ]
    for uid, ctdi, dlp, phantom in events:
        dose = []
        if dlp is not None:
            dose = [
                sr.number_item(CONTAINS, dcm("113830", "Mean CTDIvol"), ctdi, "mGy"),
                sr.coded_item(CONTAINS, dcm("113835", "CTDIw Phantom Type"), dcm(phantom, "phantom")),
                sr.number_item(CONTAINS, dcm("113838", "DLP"), dlp, unit),
            ]
        below = [
            sr.text_item(CONTAINS, dcm("125203", "Acquisition Protocol"), "AC_CT"),
            sr.uid_item(CONTAINS, dcm("113769", "Irradiation Event UID"), uid),
        ]
        if dose:
            below.append(sr.container(CONTAINS, dcm("113829", "CT Dose"), dose))
        ds.ContentSequence.append(sr.container(CONTAINS, dcm("113819", "CT Acquisition"), below))
    return ds
