"""Activity in view."""

import numpy as np

from hevesy.errors import InputError
from hevesy.model import Image, Quantity
from hevesy.units import ml


def total_activity(image: Image) -> float:
    """Sum of an activity image over all voxels [Bq].

        A = sum c V                     c [Bq/ml], V voxel volume [ml]

    Raises
    ------
    InputError
        The image does not hold an activity concentration.
    """
    if image.quantity is not Quantity.ACTIVITY_CONCENTRATION:
        raise InputError(f"total activity needs an image in Bq/ml; got {image.quantity.value}. Calibrate it first.")
    return float(np.sum(image.values, dtype=np.float64)) * image.grid.voxel_volume / ml
