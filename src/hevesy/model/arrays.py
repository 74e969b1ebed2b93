"""Arrays inside values: read-only, of one type."""

from typing import Any

import numpy as np
import numpy.typing as npt


def frozen(values: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
    """``values`` as a read-only array of ``dtype``; copied only where the caller could still write to it."""
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable:
        array = array.copy() if array is values else array
        array.flags.writeable = False
    return array


def handed_over(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``values`` itself, made read-only: for whole images, which are handed over and not copied."""
    values.flags.writeable = False
    return values
