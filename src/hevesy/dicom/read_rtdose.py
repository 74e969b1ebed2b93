"""An RTDOSE object with what it says of itself, and the fractions of the plan it names."""

from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.dose import dose_image
from hevesy.errors import DataError, InputError
from hevesy.model import Image

SUMMATIONS = ("PLAN", "MULTI_PLAN", "PLAN_OVERVIEW", "FRACTION", "BEAM", "BRACHY", "FRACTION_SESSION", "BEAM_SESSION")
# What stands for the whole treatment; any other sum is a part of it, and n fractions of it are not known.
WHOLE = ("PLAN", "MULTI_PLAN", "PLAN_OVERVIEW")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseObject:
    """A dose grid and where it comes from.

    Attributes
    ----------
    image : Image                       [Gy].
    dose_type : str                     "PHYSICAL" or "EFFECTIVE": the latter is already weighted by a biological model.
    summation : str                     (3004,000A): "PLAN", "FRACTION", "BEAM" ...
    patient_id : str
    sop_instance_uid, plan_uid : str    Of the object, and of the RTPLAN that it names; "" where it names none.
    comment : str                       (3004,0006), "" where there is none.
    file : str                          Its name.
    remarks : tuple of str
    """

    image: Image
    dose_type: str
    summation: str
    patient_id: str
    sop_instance_uid: str
    plan_uid: str
    comment: str
    file: str
    remarks: tuple[str, ...]


def read_dose_object(path: Path) -> DoseObject:
    """The dose of an RTDOSE file in Gy, multi-frame, with what it is the sum of.

    Raises
    ------
    InputError
        There is no such file, or it is no DICOM.
    DataError
        It is no RTDOSE, its units are not GY (RELATIVE has no meaning without a plan), its type is ERROR, or its grid is
        not regular.
    """
    ds = _opened(path)
    name = path.name
    if str(ds.get("Modality") or "") != "RTDOSE":
        raise DataError(f"{name}: (0008,0060) Modality is {ds.get('Modality')!r}; an RTDOSE is needed.")
    kind = str(ds.get("DoseType") or "").upper()
    if kind not in ("PHYSICAL", "EFFECTIVE"):
        raise DataError(
            f"{name}: (3004,0004) Dose Type is {ds.get('DoseType')!r}; allowed are PHYSICAL and EFFECTIVE. "
            "A dose that is the difference of two cannot be added."
        )
    summation = str(ds.get("DoseSummationType") or "").upper()
    remarks = []
    if kind == "EFFECTIVE":
        remarks.append(
            f"{name}: (3004,0004) Dose Type is EFFECTIVE: it is already weighted; adding it as physical dose counts twice."
        )
    if summation not in WHOLE:
        said = summation if summation in SUMMATIONS else repr(ds.get("DoseSummationType"))
        remarks.append(f"{name}: (3004,000A) Dose Summation Type is {said}, not the whole plan: check what part of it this is.")
    plans = ds.get("ReferencedRTPlanSequence") or []
    if len(plans) > 1:
        remarks.append(f"{name}: (300C,0002) names {len(plans)} plans; the fractions of the first would not hold for the sum.")
    return DoseObject(
        image=dose_image(ds, name),
        dose_type=kind,
        summation=summation,
        patient_id=str(ds.get("PatientID") or ""),
        sop_instance_uid=str(ds.get("SOPInstanceUID") or ""),
        plan_uid=str(plans[0].get("ReferencedSOPInstanceUID") or "") if len(plans) == 1 else "",
        comment=str(ds.get("DoseComment") or ""),
        file=name,
        remarks=tuple(remarks),
    )


def plan_fractions(path: Path, *, plan_uid: str = "") -> int:
    """Number of fractions that an RTPLAN plans, (300A,0078) of its one fraction group.

    Parameters
    ----------
    plan_uid : str                      SOP Instance UID that the dose names; "" where it names none.

    Raises
    ------
    DataError
        It is no RTPLAN, another one than the dose names, has several fraction groups or does not say.
    """
    ds, name = _opened(path, pixels=False), path.name
    if str(ds.get("Modality") or "") != "RTPLAN":
        raise DataError(f"{name}: (0008,0060) Modality is {ds.get('Modality')!r}; an RTPLAN is needed.")
    if plan_uid and str(ds.get("SOPInstanceUID") or "") != plan_uid:
        raise DataError(f"{name}: is not the plan that the dose names in (300C,0002). Give that plan, or state fractions.")
    groups = ds.get("FractionGroupSequence") or []
    if len(groups) != 1:
        raise DataError(f"{name}: (300A,0070) holds {len(groups)} fraction groups; one is allowed. State fractions.")
    number = headers.number(groups[0].get("NumberOfFractionsPlanned"))
    if number is None or number < 1 or number != int(number):
        raise DataError(f"{name}: (300A,0078) Number of Fractions Planned is {number}; a whole number above zero is needed.")
    return int(number)


def _opened(path: Path, *, pixels: bool = True) -> Dataset:
    try:
        return pydicom.dcmread(path, stop_before_pixels=not pixels)
    except (OSError, pydicom.errors.InvalidDicomError) as error:
        raise InputError(f"{path}: cannot be read as DICOM ({type(error).__name__}). Check the path.") from error
