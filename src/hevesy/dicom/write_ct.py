"""A CT volume as CT Image Storage, one file a slice."""

from pathlib import Path

import numpy as np
from pydicom.uid import CTImageStorage

from hevesy.dicom import visit as common
from hevesy.errors import DataError
from hevesy.model import Image, Quantity

OFFSET = 1024  # HU: stored as unsigned numbers, as most scanners do


def write_ct(folder: Path, image: Image, *, visit: common.Visit, series: common.Series) -> tuple[Path, ...]:
    """Write HU as slices ``CT_0001.dcm`` ... into ``folder``; stored value = HU + 1024.

    Raises
    ------
    DataError
        The image is not in HU, or leaves -1024 to 64511 HU.
    """
    if image.quantity is not Quantity.HOUNSFIELD:
        raise DataError(f"a CT holds HU; got an image in {image.quantity.value}.")
    if image.values.min() < -OFFSET or image.values.max() > 65535 - OFFSET:
        raise DataError(f"CT numbers from {image.values.min()} to {image.values.max()} HU; allowed is -1024 to 64511.")
    folder.mkdir(parents=True, exist_ok=True)
    cosines, pixel_spacing, step = common.orientation(image.grid)
    slices, rows, columns = image.grid.shape
    ds = common.new_dataset(CTImageStorage, "")
    common.put_visit(ds, visit)
    common.put_series(ds, series, "CT")
    common.put_acquisition(ds, series)
    common.put_equipment(ds)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.PatientPosition = "HFS"
    ds.AcquisitionNumber = 1
    ds.ImagesInAcquisition = slices
    ds.KVP = "120"
    ds.ConvolutionKernel = "STANDARD"
    ds.ImageOrientationPatient, ds.PixelSpacing = cosines, pixel_spacing
    ds.SliceThickness = ds.SpacingBetweenSlices = common.decimal(abs(step))
    common.put_pixel_format(ds, rows, columns)
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = str(-OFFSET), "1", "HU"
    ds.WindowCenter, ds.WindowWidth = "40", "400"
    files = []
    for k in range(slices):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = common.instance_uid(series, k)
        ds.InstanceNumber = k + 1
        ds.ImagePositionPatient = common.slice_position(image.grid, k)
        ds.SliceLocation = common.decimal(round(k * step, 6))
        stored = (np.rint(image.values[k]).astype(np.int32) + OFFSET).astype("<u2")
        ds.PixelData = stored.tobytes()
        files.append(common.save(ds, folder / f"CT_{k + 1:04d}.dcm"))
    return tuple(files)
