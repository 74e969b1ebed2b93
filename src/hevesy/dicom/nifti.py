"""NIfTI volumes and label maps: values and affine only; what they mean must be stated by the user."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.model import Grid, Image

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read_nifti(path: Path, *, frame_of_reference: str = "") -> tuple[npt.NDArray[np.float32], Grid]:
    """Values (z, y, x) and their grid in LPS mm.

    Raises
    ------
    DataError
        Not a NIfTI file, not three-dimensional, no affine, or values that are not finite.
    """
    import nibabel

    try:
        stored: Any = nibabel.load(path)
        values = np.asarray(stored.dataobj, dtype=np.float32)
    except Exception as error:
        raise DataError(f"{path.name}: not a readable NIfTI file ({type(error).__name__}: {error}).") from error
    if values.ndim == 4 and values.shape[3] == 1:
        values = values[..., 0]
    if values.ndim != 3:
        raise DataError(f"{path.name}: has shape {values.shape}; one volume of three dimensions is allowed.")
    if int(stored.header["sform_code"]) == 0 and int(stored.header["qform_code"]) == 0:
        raise DataError(
            f"{path.name}: sform_code and qform_code are 0, so it is not placed in the patient. Export it with an affine."
        )
    if not np.all(np.isfinite(values)):
        raise DataError(f"{path.name}: holds values that are not finite; an activity or label must be a number.")
    affine = RAS_TO_LPS @ np.asarray(stored.affine, dtype=np.float64)
    array = np.ascontiguousarray(values.transpose(2, 1, 0))
    return array, Grid(shape=array.shape, affine=affine, frame_of_reference=frame_of_reference)


def write_nifti(path: Path, image: Image, *, u: Image | None = None, holds: str = "") -> Path:
    """``image`` as float32 NIfTI (mm, RAS), whole or not at all.

    With ``u``, its standard uncertainty on the same grid, the file has two volumes: the image and ``u``. ``holds`` is the
    description in the header, at most 79 bytes; by default the unit.
    """
    import nibabel

    affine = RAS_TO_LPS @ image.grid.affine
    values = np.asarray(image.values, dtype=np.float32).transpose(2, 1, 0)
    if u is not None:
        values = np.stack([values, np.asarray(u.values, dtype=np.float32).transpose(2, 1, 0)], axis=3)
    said = f"Hevesy, {image.quantity.value}" + ("" if u is None else "; volume 1: its standard uncertainty")
    out: Any = nibabel.Nifti1Image(values, affine)
    out.header.set_xyzt_units("mm")
    out.header["descrip"] = (holds or said).encode()[:79]
    part = path.with_name(f".part-{path.name}")
    try:
        nibabel.save(out, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
