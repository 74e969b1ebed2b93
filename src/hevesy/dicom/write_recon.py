"""A reconstructed SPECT beside its projections: NM RECON TOMO in Bq/ml or counts, of the same patient, study and place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from hevesy.dicom import visit as common
from hevesy.dicom._uids import uid
from hevesy.dicom.coded import code
from hevesy.dicom.projections_hdf5 import header_of, is_projections
from hevesy.errors import InputError
from hevesy.model import EnergyWindow, Image, Quantity

COPIED = (
    "SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize",
    "PatientWeight", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription", "AccessionNumber",
    "ReferringPhysicianName", "PositionReferenceIndicator", "PatientOrientationCodeSequence",
    "PatientGantryRelationshipCodeSequence", "RadiopharmaceuticalInformationSequence", "TimezoneOffsetFromUTC",
    "BodyPartExamined",
)  # fmt: skip
MAY_BE_EMPTY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "ReferringPhysicianName", "PositionReferenceIndicator", "RadiopharmaceuticalInformationSequence",
    "PatientOrientationCodeSequence", "PatientGantryRelationshipCodeSequence",
)  # fmt: skip
UNITS = {
    Quantity.ACTIVITY_CONCENTRATION: ("Bq/ml", "Becquerels/milliliter", "BQML"),
    Quantity.COUNTS: ("{counts}", "Counts", "CNTS"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconHeader:
    """What a reconstruction says beside its values.

    Attributes
    ----------
    created : datetime
    description : str                   Of the series, at most 64 characters are kept.
    method : str                        What was done, for (0008,2111).
    start : datetime or None            Of the acquisition; values are brought to it where ``decay_corrected``.
    view_duration : float               Time of a view, all gates together [s].
    views : int                         Of a detector.
    start_angle, step : float           [degrees].
    radius : float                      Mean [mm].
    corrections : tuple of str          Words of (0028,0051): "ATTN", "SCAT", "DECY".
    decay_factor : float                By which decay during the acquisition scaled the values, (0054,1321).
    window : EnergyWindow               Of the photopeak.
    further : tuple of EnergyWindow     Of other photopeaks that the same image was made from.
    collimator : str
    collimator_type : str               Word of (0018,1181).
    gate, bed : int                     From 1; 0 where several were put together.
    series_number : int
    """

    created: datetime
    description: str
    method: str
    start: datetime | None
    view_duration: float
    views: int
    start_angle: float
    step: float
    radius: float
    corrections: tuple[str, ...]
    window: EnergyWindow
    decay_factor: float = 1.0
    collimator: str = ""
    collimator_type: str = "PARA"
    gate: int = 1
    bed: int = 1
    series_number: int = 901
    further: tuple[EnergyWindow, ...] = ()

    @property
    def decay_corrected(self) -> bool:
        """Whether values are brought to ``start``."""
        return "DECY" in self.corrections


def write_recon(path: Path, image: Image, *, sources: Sequence[Path], header: ReconHeader) -> float:
    """Write ``image`` as 16-bit NM RECON TOMO; return the slope [unit of a voxel]: what is read back is within half of it.

    Patient, study and radiopharmaceutical are copied from the first of ``sources``, the projections; those that are DICOM
    objects are referenced.  Values stand in a real-world value mapping whose slope is the double of what was divided by.
    Where values are brought to the start of the acquisition, that time is the decay correction's date and time.

    Raises
    ------
    DataError
        A value is negative or not finite, or the grid is not rectangular.
    InputError
        The image is neither Bq/ml nor counts, or there is no source.
    """
    if image.quantity not in UNITS:
        raise InputError(f"{path.name}: a reconstruction is written from Bq/ml or counts; got {image.quantity.value}.")
    if not sources:
        raise InputError(f"{path.name}: a reconstruction needs the file of its projections, whose patient it is of.")
    stored, slope = common.scaled(image.values, 65535)
    tags = [*COPIED, "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID"]
    read = [_source(each, tags) for each in sources]
    known = [str(each.get("SOPInstanceUID") or each.get("SeriesInstanceUID")) for each in read]
    seed = (*known, header.created.isoformat(), header.gate, header.bed)
    series = common.Series(
        uid=uid("reconstruction series", *seed[:-2]),
        number=header.series_number,
        description=header.description[:64],
        start=header.start or header.created,
        duration=header.view_duration * header.views,
    )
    ds = common.new_dataset(NuclearMedicineImageStorage, uid("reconstruction", *seed))
    _put_patient(ds, read[0])
    ds.FrameOfReferenceUID = image.grid.frame_of_reference or uid("unplaced", *seed)
    common.put_series(ds, series, "NM")
    common.put_equipment(ds)
    _put_times(ds, header)
    ds.InstanceNumber, ds.ImageID = max(1, header.gate), f"gate {header.gate} bed {header.bed}"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.CountsAccumulated = None
    ds.CorrectedImage = list(header.corrections)
    ds.DecayCorrection = "START" if header.decay_corrected else "NONE"
    ds.DerivationDescription = header.method[:1024]
    if all("SOPInstanceUID" in each for each in read):
        ds.SourceImageSequence = [_reference(each) for each in read]
    _put_windows(ds, (header.window, *header.further))
    _put_tomogram(ds, image, header)
    ds.RealWorldValueMappingSequence = [_mapping(slope, image.quantity)]
    if image.quantity is Quantity.COUNTS:  # readers of counts look for a rescale
        ds.RescaleIntercept, ds.RescaleSlope, ds.Units = "0", common.decimal(slope), "CNTS"
    ds.PixelData = stored.astype("<u2").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    common.save(ds, path)
    return slope


def _source(path: Path, tags: list[str]) -> Dataset:
    if is_projections(path):
        return header_of(path)
    return pydicom.dcmread(path, stop_before_pixels=True, specific_tags=tags)


def _put_patient(ds: Dataset, source: Dataset) -> None:
    for keyword in COPIED:
        if keyword in source:
            setattr(ds, keyword, source[keyword].value)
        elif keyword in MAY_BE_EMPTY:
            setattr(ds, keyword, [] if keyword.endswith("Sequence") else "")
    if "BodyPartExamined" not in ds:
        ds.Laterality = ""


def _put_times(ds: Dataset, header: ReconHeader) -> None:
    if header.start is not None:
        ds.AcquisitionDate, ds.AcquisitionTime = common.day(header.start), common.clock(header.start)
        if header.decay_corrected:
            ds.DecayCorrectionDateTime = common.stamp(header.start)
    if header.decay_corrected:
        ds.DecayFactor = common.decimal(round(header.decay_factor, 9))
    ds.ContentDate, ds.ContentTime = common.day(header.created), common.clock(header.created)


def _reference(source: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    item.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source of Image Processing Operation")]
    return item


def _put_windows(ds: Dataset, windows: tuple[EnergyWindow, ...]) -> None:
    """Several photopeaks are ranges of one window: the image is of them together."""
    item, spans = Dataset(), []
    for window in windows:
        span = Dataset()
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = common.decimals([window.lower, window.upper])
        spans.append(span)
    item.EnergyWindowName = " + ".join(window.name for window in windows)[:16]
    item.EnergyWindowRangeSequence = spans
    ds.NumberOfEnergyWindows, ds.EnergyWindowInformationSequence = 1, [item]


def _put_tomogram(ds: Dataset, image: Image, header: ReconHeader) -> None:
    """NM Multi-frame, Detector, TOMO Acquisition and Reconstruction modules."""
    cosines, ds.PixelSpacing, step = common.orientation(image.grid)
    slices, rows, columns = image.grid.shape
    common.put_pixel_format(ds, rows, columns)
    ds.NumberOfFrames = ds.NumberOfSlices = slices
    ds.FrameIncrementPointer = 0x00540080
    ds.SliceVector = list(range(1, slices + 1))
    # In NM, and only there, the sign says on which side of the first slice the others lie (PS3.3, C.8.4.15).
    ds.SpacingBetweenSlices = common.decimal(step)
    ds.SliceThickness = common.decimal(abs(step))
    detector = Dataset()
    detector.CollimatorGridName, detector.CollimatorType = header.collimator[:16], header.collimator_type
    detector.ImageOrientationPatient = cosines
    detector.ImagePositionPatient = common.slice_position(image.grid, 0)
    ds.NumberOfDetectors, ds.DetectorInformationSequence = 1, [detector]
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep = (
        common.decimal(round(header.start_angle, 6)),
        common.decimal(round(header.step, 6)),
    )
    rotation.RotationDirection, rotation.ScanArc = "CC", common.decimal(round(header.step * header.views, 6))
    rotation.ActualFrameDuration = round(header.view_duration * 1000)
    rotation.NumberOfFramesInRotation = header.views
    rotation.RadialPosition = common.decimal(round(header.radius, 3))
    ds.NumberOfRotations, ds.RotationInformationSequence = 1, [rotation]


def _mapping(slope: float, quantity: Quantity) -> Dataset:
    value, meaning, label = UNITS[quantity]
    item = Dataset()
    item.LUTExplanation, item.LUTLabel = quantity.value, label
    item.RealWorldValueIntercept, item.RealWorldValueSlope = 0.0, slope
    item.add_new(0x00409216, "US", 0)
    item.add_new(0x00409211, "US", 65535)
    item.MeasurementUnitsCodeSequence = [code(value, "UCUM", meaning)]
    return item
