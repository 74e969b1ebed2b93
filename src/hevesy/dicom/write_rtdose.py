"""Absorbed dose as an RT Dose object that lies where the images lie."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import RTDoseStorage

from hevesy.dicom import visit as common
from hevesy.dicom._uids import uid
from hevesy.errors import DataError, InputError
from hevesy.model import Image, Quantity

COPIED = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize",
    "PatientWeight", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription",
    "AccessionNumber", "ReferringPhysicianName", "FrameOfReferenceUID", "PositionReferenceIndicator",
    "SpecificCharacterSet",
)  # fmt: skip
# Of 32 bits: a reader that works in single precision then loses less than one level.
LEVELS = 2**22 - 1
MAY_BE_EMPTY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
    "AccessionNumber", "ReferringPhysicianName", "PositionReferenceIndicator",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseHeader:
    """What an RTDOSE says beside its values.

    Attributes
    ----------
    created : datetime
    comment : str                       The engine, for instance; 64 characters at most are kept.
    description : str                   Of the series.
    density_from_image : bool           True where the density of each voxel came from a CT.
    """

    created: datetime
    comment: str
    description: str = "Absorbed dose"
    density_from_image: bool = True


def write_rtdose(path: Path, dose: Image, *, reference_file: Path, header: DoseHeader) -> float:
    """Write absorbed dose as 32-bit RTDOSE; return its scaling [Gy]: what is read back is within half of it.

    Patient, study and frame of reference come from ``reference_file``, an image in the dose's frame of
    reference. Dose Summation Type is PLAN although there is no plan: each term that the standard defines
    names an object of external beams or brachytherapy; PLAN alone says that this is the dose of the whole
    treatment, and it is what viewers accept.  No plan is referenced, since none exists.

    Raises
    ------
    DataError
        The dose is negative somewhere, not finite, or not on a rectangular grid.
    InputError
        The image is not in Gy, or the reference file is of another frame of reference or has none.
    """
    if dose.quantity is not Quantity.ABSORBED_DOSE:
        raise InputError(f"{path.name}: an RTDOSE is written from Gy; got an image in {dose.quantity.value}.")
    try:
        stored, scaling = common.scaled(dose.values, LEVELS)
    except DataError as error:
        raise DataError(f"{path.name}: {error} Check the dose calculation.") from error
    reference = pydicom.dcmread(reference_file, stop_before_pixels=True, specific_tags=list(COPIED))
    frame = str(reference.get("FrameOfReferenceUID") or "")
    if not frame or (dose.grid.frame_of_reference and dose.grid.frame_of_reference != frame):
        raise InputError(
            f"{reference_file.name}: (0020,0052) Frame of Reference is {frame or 'missing'}, the dose is in "
            f"{dose.grid.frame_of_reference or 'an unknown one'}. Give an image that the dose lies on."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = (frame, header.created.isoformat(), header.comment, stored.shape, int(stored.sum(dtype=np.uint64)))
    ds = common.new_dataset(RTDoseStorage, uid("dose", *seed))
    for keyword in COPIED:
        if keyword in reference:
            setattr(ds, keyword, reference[keyword].value)
        elif keyword in MAY_BE_EMPTY:
            setattr(ds, keyword, "")
    series = common.Series(uid=uid("dose series", *seed), number=900, description=header.description, start=header.created)
    common.put_series(ds, series, "RTDOSE")
    common.put_equipment(ds)
    ds.ContentDate, ds.ContentTime = common.day(series.start), common.clock(series.start)
    ds.OperatorsName = ""
    ds.InstanceNumber = 1
    _put_grid(ds, dose)
    ds.DoseUnits, ds.DoseType, ds.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    ds.DoseGridScaling = common.decimal(scaling)
    ds.DoseComment = header.comment[:64]
    ds.TissueHeterogeneityCorrection = "IMAGE" if header.density_from_image else "WATER"
    ds.PixelData = stored.astype("<u4").tobytes()
    common.save(ds, path)
    return scaling


def _put_grid(ds: Dataset, dose: Image) -> None:
    """Image Plane and Multi-frame modules: frames by their offset along the normal of the first."""
    ds.ImageOrientationPatient, ds.PixelSpacing, step = common.orientation(dose.grid)
    ds.ImagePositionPatient = common.slice_position(dose.grid, 0)
    slices, rows, columns = dose.grid.shape
    common.put_pixel_format(ds, rows, columns, bits=32)
    ds.SliceThickness = common.decimal(abs(step))
    ds.NumberOfFrames = slices
    ds.FrameIncrementPointer = 0x3004000C
    ds.GridFrameOffsetVector = common.decimals(np.round(np.arange(slices) * step, 9))
