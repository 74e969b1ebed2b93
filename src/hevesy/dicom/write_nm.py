"""A reconstructed SPECT as one multi-frame NM object with a real-world value mapping to Bq/ml."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from hevesy import units as u
from hevesy.dicom import visit as common
from hevesy.dicom.coded import code
from hevesy.errors import DataError
from hevesy.model import Administration, DecayCorrection, Image, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """How the values of an emission image came about.

    Attributes
    ----------
    administration : Administration
    half_life : float                   Of the nuclide [s].
    correction : DecayCorrection        To which time the values are corrected.
    correction_time : datetime or None  Written as (0018,9701) where given.
    decay_factor : float                By which the values were multiplied for it [1]; PET form.
    frame_reference_time : float        When the mean activity occurred, after the series' time [s]; PET.
    says_correction : bool              Whether (0054,1102) is written in NM, which has no such tag.
    coincidences : bool                 Of a PET, not of a SPECT stored as one.
    corrections : tuple of str          Words of (0028,0051), PET; () for attenuation, scatter and decay.
    energy_window : (low, high) or None         [keV]; PET.
    method : str                        (0054,1103).
    """

    administration: Administration
    half_life: float
    correction: DecayCorrection
    correction_time: datetime | None = None
    decay_factor: float = 1.0
    frame_reference_time: float = 0.0
    says_correction: bool = True
    coincidences: bool = False
    corrections: tuple[str, ...] = ()
    energy_window: tuple[float, float] | None = None
    method: str = "OSEM"

    @property
    def corrected_image(self) -> list[str]:
        """(0028,0051)."""
        if self.corrections:
            return list(self.corrections)
        return ["ATTN", "SCAT"] + ([] if self.correction is DecayCorrection.NONE else ["DECY"])


VIEWS = 60  # angular views of each of two heads


def write_nm(path: Path, image: Image, *, visit: common.Visit, series: common.Series, emission: Emission) -> Path:
    """Write activity concentration as NM RECON TOMO: 16-bit values and a real-world value slope to Bq/ml.

    Raises
    ------
    DataError
        The image is not in Bq/ml, or holds a negative value.
    """
    if image.quantity is not Quantity.ACTIVITY_CONCENTRATION:
        raise DataError(f"{path.name}: an NM tomogram is written from Bq/ml; got {image.quantity.value}.")
    stored, slope = common.scaled(image.values, 65535)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds = common.new_dataset(NuclearMedicineImageStorage, common.instance_uid(series, 0))
    common.put_visit(ds, visit)
    common.put_series(ds, series, "NM")
    common.put_acquisition(ds, series)
    common.put_equipment(ds)
    common.put_supine_head_first(ds)
    ds.InstanceNumber, ds.ImageID = 1, "AC SC"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.CountsAccumulated = None
    ds.CorrectedImage = emission.corrected_image
    if emission.says_correction:
        ds.DecayCorrection = emission.correction.value
    if emission.correction_time is not None:
        ds.DecayCorrectionDateTime = common.stamp(emission.correction_time)
    _put_isotope(ds, emission)
    _put_tomogram(ds, image, series)
    ds.RealWorldValueMappingSequence = [_mapping(slope)]
    ds.PixelData = stored.astype("<u2").tobytes()
    return common.save(ds, path)


def _put_isotope(ds: Dataset, emission: Emission) -> None:
    window = Dataset()
    window.EnergyWindowName = "Lu177_208"
    span = Dataset()
    span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = "187.2", "228.8"
    window.EnergyWindowRangeSequence = [span]
    ds.NumberOfEnergyWindows = 1
    ds.EnergyWindowInformationSequence = [window]
    given = emission.administration
    ds.RadiopharmaceuticalInformationSequence = [common.radiopharmaceutical(given, emission.half_life, given.activity / u.MBq)]


def _put_tomogram(ds: Dataset, image: Image, series: common.Series) -> None:
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
    detector.CollimatorGridName, detector.CollimatorType = "MELP", "PARA"
    detector.ImageOrientationPatient = cosines
    detector.ImagePositionPatient = common.slice_position(image.grid, 0)
    ds.NumberOfDetectors, ds.DetectorInformationSequence = 1, [detector]
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = "0", "3", "CC"
    rotation.ScanArc = "180"
    rotation.ActualFrameDuration = round(series.duration * 1000 / VIEWS)
    rotation.NumberOfFramesInRotation = VIEWS
    rotation.RadialPosition = "250"
    ds.NumberOfRotations, ds.RotationInformationSequence = 1, [rotation]


def _mapping(slope: float) -> Dataset:
    item = Dataset()
    item.LUTExplanation, item.LUTLabel = "Activity concentration", "BQML"
    item.RealWorldValueIntercept, item.RealWorldValueSlope = 0.0, slope
    item.add_new(0x00409216, "US", 0)
    item.add_new(0x00409211, "US", 65535)
    item.MeasurementUnitsCodeSequence = [code("Bq/ml", "UCUM", "Becquerels/milliliter")]
    return item
