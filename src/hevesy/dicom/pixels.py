"""Stored pixel values of one object, checked for being all there."""

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels import pixel_array

from hevesy.errors import DataError


def stored_values(ds: Dataset, where: str) -> npt.NDArray[Any]:
    """Stored values, shape (rows, columns) or (frames, rows, columns).

    Raises
    ------
    DataError
        No pixel data, truncated pixel data, or a compression that cannot be read.
    """
    if "PixelData" not in ds:
        raise DataError(f"{where}: (7FE0,0010) Pixel Data is missing; the file is truncated. Export it again.")
    syntax = ds.file_meta.get("TransferSyntaxUID") if hasattr(ds, "file_meta") else None
    if syntax is None or not syntax.is_compressed:
        needed = (
            int(ds.Rows) * int(ds.Columns) * int(ds.get("NumberOfFrames") or 1) * int(ds.BitsAllocated) // 8
            * int(ds.get("SamplesPerPixel") or 1)
        )  # fmt: skip
        if len(ds.PixelData) < needed:
            raise DataError(
                f"{where}: (7FE0,0010) Pixel Data holds {len(ds.PixelData)} bytes where {needed} are needed; "
                "the file is truncated. Export it again."
            )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values: npt.NDArray[Any] = pixel_array(ds, raw=True)
    except Exception as error:
        name = syntax.name if syntax is not None else "unknown"
        raise DataError(
            f"{where}: (7FE0,0010) Pixel Data cannot be decoded ({type(error).__name__}, transfer syntax {name}). "
            "Export it uncompressed, or again if it is damaged."
        ) from error
    return values


def rescaled(ds: Dataset, stored: npt.NDArray[Any], where: str) -> npt.NDArray[np.float32]:
    """Stored values times (0028,1053) Rescale Slope plus (0028,1052) Rescale Intercept; both absent means as stored."""
    slope, intercept = ds.get("RescaleSlope"), ds.get("RescaleIntercept")
    try:
        m = 1.0 if slope in (None, "") else float(slope)
        b = 0.0 if intercept in (None, "") else float(intercept)
    except (TypeError, ValueError) as error:
        raise DataError(f"{where}: (0028,1052) or (0028,1053) rescale is not a number.") from error
    if m == 0 or not np.isfinite(m + b):
        raise DataError(f"{where}: (0028,1053) Rescale Slope is {m:g}; must be finite and not zero.")
    out = stored.astype(np.float32)
    if m != 1.0:
        out *= np.float32(m)
    if b != 0.0:
        out += np.float32(b)
    return out
