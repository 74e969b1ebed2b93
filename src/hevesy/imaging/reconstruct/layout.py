"""Arrays in the memory order of a projector, so that elementwise loops run straight through them."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def laid_out(array: npt.NDArray[Any], like: Floats) -> Floats:
    """``array`` as float32 in the axis order in memory of ``like``, packed; itself if it is so already."""
    if array.dtype == np.float32 and array.strides == like.strides and packed(array):
        return array
    made = np.empty_like(like)  # of the same axis order, packed
    made[...] = array
    return made


def packed(array: npt.NDArray[Any]) -> bool:
    """Whether its elements fill one piece of memory."""
    order = np.argsort(array.strides)[::-1]
    return bool(array.transpose(order).flags.c_contiguous)


def flat(array: Floats) -> Floats:
    """A packed array as one line, without copying."""
    return array.ravel(order="K")


def shaped_like(one: Floats, size: int) -> Floats:
    """An empty array with ``size`` along the first axis, else as ``one``, in the axis order in memory of ``one``."""
    order = [0, *(int(axis) + 1 for axis in np.argsort(one.strides[1:], kind="stable")[::-1])]
    shape = (size, *one.shape[1:])
    made = np.empty([shape[axis] for axis in order], np.float32)
    return made.transpose(np.argsort(order))
