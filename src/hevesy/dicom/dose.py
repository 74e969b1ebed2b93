"""RTDOSE as an image in Gy."""

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.pixels import stored_values
from hevesy.dicom.volume import affine_from, check_steps, plane, vector
from hevesy.errors import DataError
from hevesy.model import Grid, Image, Quantity

# Between the first frame's offset and its position, as printed by different programs [mm].
Z_TOLERANCE = 0.01


def read_rtdose(path: Path) -> Image:
    """Dose grid of an RTDOSE object [Gy].

    Raises
    ------
    DataError
        Units other than GY, no scaling, frames without regular offsets.
    """
    return dose_image(pydicom.dcmread(path), path.name)


def dose_image(ds: Dataset, name: str) -> Image:
    """Dose grid of an open RTDOSE [Gy]; ``name`` of its file is for messages.

    (3004,000C) holds offsets from the first frame along the normal where its first element is 0, else patient coordinates z
    of transverse frames (PS3.3 C.8.8.3.2).
    """
    if str(ds.get("DoseUnits") or "") != "GY":
        raise DataError(f"{name}: (3004,0002) Dose Units is {ds.get('DoseUnits')!r}; allowed is GY.")
    scaling = headers.number(ds.get("DoseGridScaling"))
    if not scaling or scaling <= 0:
        raise DataError(f"{name}: (3004,000E) Dose Grid Scaling is missing or not above zero.")
    cosines, spacing = plane(ds, name)
    frames = int(ds.get("NumberOfFrames") or 1)
    offsets = np.zeros(1)
    if frames > 1:
        offsets = vector(ds, "GridFrameOffsetVector", "(3004,000C) Grid Frame Offset Vector", frames, name)
        if not (np.all(np.diff(offsets) > 0) or np.all(np.diff(offsets) < 0)):
            raise DataError(
                f"{name}: (3004,000C) Grid Frame Offset Vector neither rises nor falls throughout. Export the dose again."
            )
    first = vector(ds, "ImagePositionPatient", "(0020,0032) Image Position (Patient)", 3, name)
    normal = np.cross(cosines[0], cosines[1])
    along = offsets
    if frames > 1 and offsets[0] != 0:
        if abs(abs(normal[2]) - 1) > 1e-3 or abs(offsets[0] - first[2]) > Z_TOLERANCE:
            raise DataError(
                f"{name}: (3004,000C) Grid Frame Offset Vector starts with {offsets[0]:g}; allowed are 0, or for transverse "
                f"frames the z of (0020,0032) Image Position (Patient), {first[2]:g} mm. Export the dose again."
            )
        along = (offsets - offsets[0]) * np.sign(normal[2])
    if frames == 1:
        thickness = headers.number(ds.get("SliceThickness"))
        if not thickness or thickness <= 0:
            raise DataError(f"{name}: a single frame without (0018,0050) Slice Thickness is not a volume. Export the whole dose.")
        step = normal * thickness
    else:
        check_steps(np.sort(along), [f"frame {k}" for k in np.argsort(along)], name)
        step = normal * float(along[-1] - along[0]) / (frames - 1)
    values = stored_values(ds, name).reshape(frames, int(ds.Rows), int(ds.Columns)).astype(np.float32) * np.float32(scaling)
    affine = affine_from(cosines, spacing, first, step)
    shape = (frames, int(ds.Rows), int(ds.Columns))
    grid = Grid(shape=shape, affine=affine, frame_of_reference=str(ds.get("FrameOfReferenceUID") or ""))
    return Image(values=values, grid=grid, quantity=Quantity.ABSORBED_DOSE)
