"""From counts to activity concentration by a measured calibration factor."""

import numpy as np

from hevesy.errors import InputError
from hevesy.model import Image, Quantity
from hevesy.units import MBq, ml


def activity_from_counts(image: Image, *, calibration_factor: float, duration: float, dead_time_factor: float = 1.0) -> Image:
    """Mean activity concentration during the acquisition.

        c = N f_dead / (T K V)          N counts in a voxel of volume V [ml]

    Parameters
    ----------
    image : Image in counts
    calibration_factor : float          K, counts per second of scan time and MBq, both heads together [1/(s MBq)].
    duration : float                    T, time the scan took [s].
    dead_time_factor : float            True by observed count rate [1]; at least 1.

    Neglected: sensitivity that varies over the field of view, dead time that varies during the scan.
    Reference: Dewaraja et al., MIRD Pamphlet 23, J Nucl Med 2012;53:1310-1325.

    Raises
    ------
    InputError
        The image does not hold counts, or a factor is outside what is possible.
    """
    if image.quantity is not Quantity.COUNTS:
        raise InputError(f"calibration needs an image in counts; got {image.quantity.value}. It is calibrated already.")
    if not 1e-3 <= calibration_factor <= 1e7:
        raise InputError(f"calibration factor is {calibration_factor:g} cps/MBq; plausible is 0.001 to 1e7. Check its unit.")
    if not 0 < duration < 1e6:
        raise InputError(f"duration is {duration:g} s; plausible is above 0 and below 1e6. Check its unit.")
    if not 1 <= dead_time_factor < 10:
        raise InputError(f"dead-time factor is {dead_time_factor:g}; it multiplies counts, so 1 to 10 is allowed.")
    per_count = MBq * dead_time_factor / (duration * calibration_factor * image.grid.voxel_volume / ml)
    values = image.values * np.float32(per_count)
    return Image(values=values, grid=image.grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
