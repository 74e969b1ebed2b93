"""Correction of an image for its resolution voxel by voxel, without regions."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.quantify.partial_volume import FWHM_PER_SIGMA, REACH

ITERATIONS = 10


def richardson_lucy(
    values: npt.NDArray[Any], *, fwhm: float, spacing: tuple[float, float, float], iterations: int = ITERATIONS
) -> npt.NDArray[np.float32]:
    """An image whose blur by a Gaussian gives the observed one.

        c_{k+1} = c_k  h * ( o / (h * c_k) )

    Parameters
    ----------
    values : array, shape (z, y, x)     Observed, any unit; below zero counts as zero.
    fwhm : float                        Resolution, full width at half maximum [mm].
    spacing : (x, y, z)                 Voxel sides [mm].
    iterations : int                    1 to 200. More recover more, and raise noise and edges (Gibbs).

    The sum is kept but for what leaves the image. Neglected: resolution that varies, noise. Reference: W. H. Richardson, J Opt
    Soc Am 1972;62:55; for PET and SPECT: J. Tohka and A. Reilhac, NeuroImage 2008;39:1570.
    """
    from scipy.ndimage import gaussian_filter

    if not 0 < fwhm < 100:
        raise InputError(f"resolution is {fwhm:g} mm FWHM; allowed is above 0 and below 100.")
    if not 1 <= iterations <= 200:
        raise InputError(f"{iterations} iterations; allowed are 1 to 200. 10 to 20 is usual.")
    observed = np.maximum(np.asarray(values, dtype=np.float32), 0)
    sigma = fwhm / FWHM_PER_SIGMA / np.array(spacing[::-1])

    def blurred(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(gaussian_filter(image, sigma, mode="nearest", truncate=REACH), dtype=np.float32)

    found, tiny = observed.copy(), np.float32(1e-6 * max(float(observed.max()), 1e-30))
    for _ in range(iterations):
        shown = blurred(found)
        found *= blurred(np.divide(observed, shown, out=np.zeros_like(shown), where=shown > tiny))
    return found
