"""How much of a region's activity its image shows inside the region: an estimate of what resolution hides."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FWHM_PER_SIGMA = 2.354820045


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Estimate for one region.

    ``self_recovery`` is the share of uniform uptake that stays inside the region [1]; ``apparent`` is measured by
    estimated true activity, spill-in from the surroundings included [1].
    """

    self_recovery: float
    apparent: float


def recovery(
    fraction: npt.NDArray[Any],
    values: npt.NDArray[Any],
    others: npt.NDArray[Any],
    *,
    fwhm: float,
    spacing: tuple[float, float, float],
) -> Recovery:
    """Recovery of one region in an image of Gaussian resolution, its surroundings taken as uniform.

        c_measured = RC c_true + (1 - RC) c_around,    RC = sum M (M * h) / sum M

    Parameters
    ----------
    fraction : array, shape (z, y, x)   Share of each voxel in the region; with a margin of 3 ``fwhm`` around it.
    values : array, same shape          The image, any unit.
    others : array, same shape          Share of each voxel in other regions; these are kept out of the surroundings.
    fwhm : float                        Resolution, full width at half maximum [mm].
    spacing : (x, y, z)                 Voxel sides [mm].

    Neglected: uptake that is not uniform, a resolution that varies, the shape of neighbouring regions.
    Reference: Rousset et al., J Nucl Med 1998;39:904-911 (geometric transfer matrix), with two compartments.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    M = np.asarray(fraction, dtype=np.float32)
    zyx = spacing[::-1]
    sigma = [fwhm / FWHM_PER_SIGMA / side for side in zyx]
    blurred = gaussian_filter(M, sigma, mode="constant", truncate=3.5)
    volume = float(np.sum(M, dtype=np.float64))
    RC = float(np.sum(M * blurred, dtype=np.float64)) / volume
    measured = float(np.sum(M * values, dtype=np.float64)) / volume
    distance = distance_transform_edt(M < 0.5, sampling=zyx)
    shell = ((distance > fwhm) & (distance <= 2 * fwhm)).astype(np.float32)
    free = shell * np.clip(1 - others, 0, 1)
    weights = free if free.sum() > 0.1 * shell.sum() else shell
    around = float(np.sum(weights * values, dtype=np.float64) / max(float(weights.sum()), 1e-9))
    true = (measured - (1 - RC) * around) / RC
    apparent = measured / true if true > 0 else 1.0
    return Recovery(self_recovery=RC, apparent=apparent)
