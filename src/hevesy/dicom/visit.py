"""What the headers of all objects of one visit to the scanner share."""

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from hevesy import __version__
from hevesy.dicom._uids import uid
from hevesy.dicom.coded import code
from hevesy.errors import DataError
from hevesy.model import Administration, Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Patient and study, as they stand in every header.

    Attributes
    ----------
    patient_name, patient_id : str      The name as DICOM writes it: FAMILY^GIVEN.
    weight, height : float              [kg], [mm].
    study_start : datetime
    frame_of_reference : str            UID in which all positions of this visit are meant.
    """

    patient_name: str
    patient_id: str
    sex: str
    birth_date: date | None
    weight: float
    height: float
    study_uid: str
    study_id: str
    study_start: datetime
    study_description: str
    frame_of_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of a visit: its UID, number, description, start, and length of acquisition [s]."""

    uid: str
    number: int
    description: str
    start: datetime
    duration: float = 0.0


def day(moment: datetime | date) -> str:
    """DICOM DA."""
    return moment.strftime("%Y%m%d")


def clock(moment: datetime) -> str:
    """DICOM TM."""
    return moment.strftime("%H%M%S.%f")


def stamp(moment: datetime) -> str:
    """DICOM DT."""
    return moment.strftime("%Y%m%d%H%M%S.%f")


def decimal(value: float) -> str:
    """DICOM DS: at most 16 characters, and never more than the number needs."""
    for digits in range(15, 5, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    return f"{value:.6g}"


def decimals(values: "np.typing.ArrayLike") -> list[str]:
    """DICOM DS, several values."""
    return [decimal(float(v)) for v in np.asarray(values, dtype=float).ravel()]


def new_dataset(sop_class: str, instance_uid: str) -> FileDataset:
    """An empty object with its file header and SOP Common module."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = instance_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = instance_uid
    return ds


def put_equipment(ds: Dataset) -> None:
    """General Equipment module."""
    ds.Manufacturer = "Hevesy"
    ds.ManufacturerModelName = "Hevesy"
    ds.DeviceSerialNumber = "0"
    ds.SoftwareVersions = __version__


def put_visit(ds: Dataset, visit: Visit) -> None:
    """Patient, General Study, Patient Study and Frame of Reference modules."""
    ds.PatientName, ds.PatientID = visit.patient_name, visit.patient_id
    started, born = visit.study_start, visit.birth_date
    ds.PatientBirthDate, ds.PatientSex = day(born) if born else "", visit.sex
    if born:
        birthday_to_come = (started.month, started.day) < (born.month, born.day)
        ds.PatientAge = f"{started.year - born.year - birthday_to_come:03d}Y"
    ds.PatientWeight, ds.PatientSize = decimal(visit.weight), decimal(visit.height / 1000)
    ds.StudyInstanceUID, ds.StudyID = visit.study_uid, visit.study_id
    ds.StudyDate, ds.StudyTime = day(started), clock(started)
    ds.StudyDescription = visit.study_description
    ds.ReferringPhysicianName = ""
    ds.AccessionNumber = ""
    ds.FrameOfReferenceUID = visit.frame_of_reference
    ds.PositionReferenceIndicator = ""


def put_series(ds: Dataset, series: Series, modality: str) -> None:
    """General Series module."""
    ds.Modality = modality
    ds.SeriesInstanceUID, ds.SeriesNumber = series.uid, series.number
    ds.SeriesDescription = series.description
    ds.SeriesDate, ds.SeriesTime = day(series.start), clock(series.start)


def put_acquisition(ds: Dataset, series: Series) -> None:
    """When an image was acquired and made, and of what."""
    ds.BodyPartExamined = "WHOLEBODY"
    for kind in ("Acquisition", "Content"):
        setattr(ds, f"{kind}Date", day(series.start))
        setattr(ds, f"{kind}Time", clock(series.start))


def put_pixel_format(ds: Dataset, rows: int, columns: int, *, bits: int = 16) -> None:
    """Image Pixel module: one unsigned sample of ``bits`` bits."""
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits, bits - 1, 0


def orientation(grid: Grid) -> tuple[list[str], list[str], float]:
    """(0020,0037) Image Orientation, (0028,0030) Pixel Spacing and the signed step along their normal [mm].

    Raises
    ------
    DataError
        The axes of the grid are not at right angles: DICOM images cannot hold it.
    """
    x, y, z = grid.spacing
    axes = grid.affine[:3, :3] / np.array([x, y, z])
    if np.abs(axes.T @ axes - np.eye(3)).max() > 1e-4:
        raise DataError("the image's axes are not at right angles; resample it to a rectangular grid before writing it.")
    step = float(np.cross(axes[:, 0], axes[:, 1]) @ axes[:, 2]) * z
    return decimals(np.round(axes[:, :2].T, 12)), decimals([y, x]), step


def slice_position(grid: Grid, k: int) -> list[str]:
    """(0020,0032) of slice ``k``: the centre of its first voxel [mm]."""
    return decimals(np.round((grid.affine @ np.array([0.0, 0.0, k, 1.0]))[:3], 9))


def put_supine_head_first(ds: Dataset) -> None:
    """NM/PET Patient Orientation module, for a patient who lies on the back and goes in head first."""
    lying = code("102538003", "SCT", "recumbent")
    lying.PatientOrientationModifierCodeSequence = [code("40199007", "SCT", "supine")]
    ds.PatientOrientationCodeSequence = [lying]
    ds.PatientGantryRelationshipCodeSequence = [code("102540008", "SCT", "headfirst")]


# DICOM PS3.16, CID 18 and CID 4020; others as these groups list them.
_NUCLIDES = {"Lu-177": ("447553000", "SCT", "^177^Lutetium"), "Ga-68": ("35337001", "SCT", "^68^Gallium")}


def _nuclide(name: str) -> Dataset:
    if name in _NUCLIDES:
        return code(*_NUCLIDES[name])
    from hevesy.dicom.sr_codes import nuclide_code

    return nuclide_code(name)


def radiopharmaceutical(given: Administration, half_life: float, activity: float) -> Dataset:
    """Item of (0054,0016); ``activity`` in the unit that the modality wants: MBq in NM, Bq in PET."""
    item = Dataset()
    item.Radiopharmaceutical = given.radiopharmaceutical
    item.RadiopharmaceuticalRoute = "Intravenous"
    item.RadiopharmaceuticalStartTime = clock(given.time)
    item.RadiopharmaceuticalStartDateTime = stamp(given.time)
    item.RadionuclideTotalDose = decimal(activity)
    item.RadionuclideHalfLife = decimal(half_life)
    item.RadionuclideCodeSequence = [_nuclide(given.nuclide)]
    if given.nuclide == "Lu-177" and "DOTATATE" in given.radiopharmaceutical.upper():
        item.RadiopharmaceuticalCodeSequence = [code("781259000", "SCT", "Lutetium^177^ DOTATATE")]
    item.AdministrationRouteCodeSequence = [code("47625008", "SCT", "Intravenous route")]
    return item


def scaled(values: "np.typing.NDArray[np.floating]", largest: int) -> tuple["np.typing.NDArray[np.unsignedinteger]", float]:
    """Values as unsigned integers up to ``largest``, and the slope that brings them back, which fits a DS.

    Raises
    ------
    DataError
        A value is negative or not finite.
    """
    top, low = float(values.max(initial=0.0)), float(values.min(initial=0.0))
    if low < 0 or not np.isfinite([top, low]).all():
        raise DataError(f"cannot store values from {low:g} to {top:g}; allowed are finite numbers from 0 on.")
    slope = float(f"{top / largest * (1 + 1e-8):.8e}") if top > 0 else 1.0
    kind = np.uint16 if largest < 2**16 else np.uint32
    return np.rint(values.astype(np.float64) / slope).astype(kind), slope


def save(ds: FileDataset, path: Path) -> Path:
    """Write whole or not at all: first beside its place, then moved there."""
    part = path.with_name(f".{path.name}.part")
    try:
        ds.save_as(part, enforce_file_format=True)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def instance_uid(series: Series, index: int) -> str:
    """SOP Instance UID of object ``index`` of a series."""
    return uid(series.uid, "instance", index)
