"""RTDOSE as an image in Gy."""

from pathlib import Path

import numpy as np
import pydicom

from hevesy.dicom import headers
from hevesy.dicom.pixels import stored_values
from hevesy.dicom.volume import affine_from, check_steps, plane, vector
from hevesy.errors import DataError
from hevesy.model import Grid, Image, Quantity


def read_rtdose(path: Path) -> Image:
    """Dose grid of an RTDOSE object [Gy].

    Raises
    ------
    DataError
        Units other than GY, no scaling, frames without regular offsets.
    """
    ds = pydicom.dcmread(path)
    name = path.name
    if str(ds.get("DoseUnits") or "") != "GY":
        raise DataError(f"{name}: (3004,0002) Dose Units is {ds.get('DoseUnits')!r}; allowed is GY.")
    scaling = headers.number(ds.get("DoseGridScaling"))
    if not scaling or scaling <= 0:
        raise DataError(f"{name}: (3004,000E) Dose Grid Scaling is missing or not above zero.")
    cosines, spacing = plane(ds, name)
    frames = int(ds.get("NumberOfFrames") or 1)
    offsets = vector(ds, "GridFrameOffsetVector", "(3004,000C) Grid Frame Offset Vector", frames, name)
    first = vector(ds, "ImagePositionPatient", "(0020,0032) Image Position (Patient)", 3, name)
    normal = np.cross(cosines[0], cosines[1])
    # Offsets are relative to the first frame if the first is 0, else they are patient z coordinates (C.8.8.3.2).
    along = offsets if offsets[0] == 0 else (offsets - offsets[0])
    check_steps(np.sort(along), [f"frame {k}" for k in np.argsort(along)], name)
    step = normal * float(along[-1] - along[0]) / max(1, frames - 1)
    values = stored_values(ds, name).reshape(frames, int(ds.Rows), int(ds.Columns)).astype(np.float32) * np.float32(scaling)
    affine = affine_from(cosines, spacing, first, step)
    shape = (frames, int(ds.Rows), int(ds.Columns))
    grid = Grid(shape=shape, affine=affine, frame_of_reference=str(ds.get("FrameOfReferenceUID") or ""))
    return Image(values=values, grid=grid, quantity=Quantity.ABSORBED_DOSE)
