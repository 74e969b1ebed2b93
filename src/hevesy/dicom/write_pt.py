"""Activity concentration as PET slices in BQML: of a PET, or the form in which some vendors store quantitative SPECT."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import PositronEmissionTomographyImageStorage

from hevesy.dicom import visit as common
from hevesy.dicom.write_nm import Emission
from hevesy.errors import DataError
from hevesy.model import Image, Quantity


def write_pt(folder: Path, image: Image, *, visit: common.Visit, series: common.Series, emission: Emission) -> tuple[Path, ...]:
    """Write Bq/ml as slices ``PT_0001.dcm`` ... into ``folder``: 16 bits, each slice with its own slope.

    Raises
    ------
    DataError
        The image is not in Bq/ml, or holds a negative value.
    """
    if image.quantity is not Quantity.ACTIVITY_CONCENTRATION:
        raise DataError(f"a PET image is written from Bq/ml; got {image.quantity.value}.")
    folder.mkdir(parents=True, exist_ok=True)
    cosines, pixel_spacing, step = common.orientation(image.grid)
    slices, rows, columns = image.grid.shape
    ds = common.new_dataset(PositronEmissionTomographyImageStorage, "")
    common.put_visit(ds, visit)
    common.put_series(ds, series, "PT")
    common.put_acquisition(ds, series)
    common.put_equipment(ds)
    common.put_supine_head_first(ds)
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.AcquisitionNumber = 1
    ds.ImageOrientationPatient, ds.PixelSpacing = cosines, pixel_spacing
    ds.SliceThickness = common.decimal(abs(step))
    common.put_pixel_format(ds, rows, columns)
    ds.RescaleIntercept = "0"
    _put_pet(ds, slices, series, emission)
    files = []
    for k in range(slices):
        stored, slope = common.scaled(image.values[k], 65535)
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = common.instance_uid(series, k)
        ds.InstanceNumber = ds.ImageIndex = k + 1
        ds.ImagePositionPatient = common.slice_position(image.grid, k)
        ds.SliceLocation = common.decimal(round(k * step, 6))
        ds.RescaleSlope = common.decimal(slope)
        ds.PixelData = stored.astype("<u2").tobytes()
        files.append(common.save(ds, folder / f"PT_{k + 1:04d}.dcm"))
    return tuple(files)


def _put_pet(ds: Dataset, slices: int, series: common.Series, emission: Emission) -> None:
    """PET Series, PET Isotope and what the slices share of the PET Image module."""
    ds.Units, ds.CountsSource, ds.SeriesType = "BQML", "EMISSION", ["STATIC", "IMAGE"]
    ds.NumberOfSlices = slices
    ds.CorrectedImage = emission.corrected_image
    ds.DecayCorrection = emission.correction.value
    if emission.correction_time is not None:
        ds.DecayCorrectionDateTime = common.stamp(emission.correction_time)
    ds.DecayFactor = common.decimal(emission.decay_factor)
    ds.FrameReferenceTime = common.decimal(round(emission.frame_reference_time * 1000, 3))
    ds.ActualFrameDuration = round(series.duration * 1000)
    corrected = emission.corrected_image
    ds.AttenuationCorrectionMethod = "CT" if "ATTN" in corrected else "NONE"
    ds.ReconstructionMethod = emission.method
    span = Dataset()
    if emission.coincidences:
        ds.CollimatorType, ds.RandomsCorrectionMethod, ds.ScatterCorrectionMethod = "NONE", "DLYD", "Model-based"
        if "SCAT" not in corrected:
            ds.ScatterCorrectionMethod = "NONE"
        if emission.corrections:  # by singles, not by a delayed window
            ds.RandomsCorrectionMethod = "SING" if "RAN" in corrected else "NONE"
        low, high = emission.energy_window or (435.0, 585.0)
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = common.decimal(low), common.decimal(high)
    else:
        ds.CollimatorType, ds.RandomsCorrectionMethod, ds.ScatterCorrectionMethod = "PARA", "NONE", "Energy windows"
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = "187.2", "228.8"
    ds.EnergyWindowRangeSequence = [span]
    given = emission.administration
    ds.RadiopharmaceuticalInformationSequence = [common.radiopharmaceutical(given, emission.half_life, np.round(given.activity))]
