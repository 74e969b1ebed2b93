"""A distance-dependent Gaussian response as a chain of five-point blurs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError

Array = npt.NDArray[np.float64]
Fwhm = Callable[[Array], npt.ArrayLike]

SIGMA_PER_FWHM = 1 / math.sqrt(8 * math.log(2))
# Largest variance of one five-point blur [pixels^2]; all its weights stay below one and the sixth moment is close.
LARGEST = 0.75
# Of one behind the plane that is seen last: pixels stay within 3e-4 of the peak of those by steps from plane to plane where
# the image is smooth, and within 3e-3 where it is noise voxel by voxel.
LARGEST_BEHIND = 0.1
# A chain of blurs carries less than 1e-7 of a line beyond so many of its standard deviations and so many pixels.
REACH = (5.5, 3)


def five_points(variance: Array) -> Array:
    """Weights (centre, first, second neighbour) of a blur with the 2nd and 4th moments of a Gaussian, shape (..., 3).

        first = v/2 - 4 w,  second = w = v^2/8 - v/24,  centre = 1 - 2 first - 2 second

    From  2 first + 8 second = v  and  2 first + 32 second = 3 v^2;  v in pixels^2.  For v < 1/3 the second weight is
    slightly negative (at most 0.0035), as a band-limited small blur must be.
    """
    second = variance**2 / 8 - variance / 24
    first = variance / 2 - 4 * second
    return np.stack([1 - 2 * first - 2 * second, first, second], axis=-1)


def variances(fwhm: Fwhm | None, distance: Array) -> Array:
    """Variance of the response [mm2] at each distance from the collimator's face [mm]; it must not fall with distance."""
    if fwhm is None:
        return np.zeros(distance.shape)
    width = np.asarray(fwhm(np.maximum(distance, 0.0)), dtype=float)
    if width.shape != distance.shape or not np.all(np.isfinite(width)) or np.any(width < 0):
        raise InputError("the detector response gives no finite width at every distance. It must map mm to FWHM in mm.")
    order = np.argsort(distance)
    if np.any(np.diff(width[order]) < -1e-6):
        raise ScopeError(
            "the detector response gets sharper with distance; the projector blurs from far to near and allows widths that "
            "grow with distance only. Use the response beyond its narrowest point."
        )
    return (width * SIGMA_PER_FWHM) ** 2


def blur_taps(steps: Array, side: tuple[float, float]) -> npt.NDArray[np.float32]:
    """How often and with which weights each variance step [mm2] is made, shape (views, planes + 1, 7).

    ``side`` is the pitch across and along z [mm].  Steps beyond LARGEST are made of several equal ones; the last, from the
    plane seen last to the detector, of some that are as small as those from plane to plane or LARGEST_BEHIND.
    """
    pixels = steps[..., None] / np.square(side)
    most = np.max(pixels, axis=-1)
    largest = np.full(most.shape, LARGEST)
    largest[:, -1] = np.clip(most[:, :-1].max(axis=1, initial=0.0), LARGEST_BEHIND, LARGEST)
    times = np.ceil(most / largest - 1e-9)
    each = pixels / np.maximum(times, 1)[..., None]
    taps = [times[..., None], five_points(each[..., 0]), five_points(each[..., 1])]
    return np.ascontiguousarray(np.concatenate(taps, axis=-1), dtype=np.float32)


def blur_reach(variance: Array, points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int32]:
    """Lines that a chain of five-point blurs carries counts to on each side: ``variance`` [pixels^2] in all, ``points`` blurs."""
    deviations, more = REACH
    lines: Array = np.minimum(2 * points, np.ceil(deviations * np.sqrt(np.maximum(variance, 0))) + more)
    return lines.astype(np.int32)
