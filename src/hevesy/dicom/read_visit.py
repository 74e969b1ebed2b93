"""Patient and study of an object, to write another one beside it."""

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pydicom

from hevesy.dicom.visit import Visit
from hevesy.errors import DataError


def read_visit(path: Path, *, otherwise: datetime) -> Visit:
    """Patient, study and frame of reference as the header of ``path`` states them; what it leaves out stays empty.

    Parameters
    ----------
    otherwise : datetime                Start of the study where the header has none.
    """
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    if not ds.get("StudyInstanceUID"):
        raise DataError(f"{path.name}: (0020,000D) Study Instance UID is missing; the image would belong to no study.")
    born: date | None = None
    with suppress(ValueError):
        born = datetime.strptime(str(ds.get("PatientBirthDate", "")), "%Y%m%d").date()
    started = otherwise
    with suppress(ValueError):
        time = str(ds.get("StudyTime", "")).split(".")[0]
        started = datetime.strptime(f"{ds.get('StudyDate', '')}{time}", "%Y%m%d%H%M%S")
    return Visit(
        patient_name=str(ds.get("PatientName", "")), patient_id=str(ds.get("PatientID", "")),
        sex=str(ds.get("PatientSex", "") or ""), birth_date=born, weight=float(ds.get("PatientWeight") or 0.0),
        height=1000 * float(ds.get("PatientSize") or 0.0), study_uid=str(ds.StudyInstanceUID),
        study_id=str(ds.get("StudyID", "") or ""), study_start=started,
        study_description=str(ds.get("StudyDescription", "") or ""), frame_of_reference=str(ds.get("FrameOfReferenceUID", "")),
    )  # fmt: skip
