"""Tumour control: the chance that no clonogen survives."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model.measured import Measured

NODES = 65  # of alpha over five standard deviations to each side
WIDTH = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clonogens:
    """What a tumour's control depends on besides its dose.

    Attributes
    ----------
    alpha : Measured                    Mean of patients; u is that of the mean, not the spread [1/Gy].
    density : float                     Clonogens per volume [1/mm3].
    spread : float                      Standard deviation of alpha from patient to patient [1/Gy].
    source : str
    """

    alpha: Measured
    density: float
    source: str
    spread: float = 0.0

    def __post_init__(self) -> None:
        if not 1e-3 <= self.alpha.value <= 10:
            raise InputError(f"alpha is {self.alpha.value:g} /Gy; from 0.001 to 10 /Gy is allowed.")
        if not 1e-3 <= self.density <= 1e9:
            raise InputError(f"clonogen density is {self.density * 1e3:g} /ml; from 1 to 1e12 /ml is allowed.")
        if not 0 <= self.spread < self.alpha.value:
            raise InputError(f"spread of alpha is {self.spread:g} /Gy; from 0 to below alpha, {self.alpha.value:g}, is allowed.")
        if not self.source:
            raise InputError("clonogens have no source. Say where alpha and density come from.")


def tumour_control(bed: npt.ArrayLike, volumes: npt.ArrayLike, clonogens: Clonogens) -> float:
    """TCP of a tumour by its histogram or by voxel.

        TCP(alpha) = exp(-sum_i rho V_i exp(-alpha BED_i)),   TCP = int p(alpha) TCP(alpha) dalpha

    Parameters
    ----------
    bed : array, (n,) or any            BED_i by bin or by voxel [Gy].
    volumes : array                     V_i [mm3].
    clonogens : Clonogens               rho; p is a normal distribution of alpha, cut off at zero; a point where it has no spread.

    Returns
    -------
    float                               [1]

    Neglected: migration, hypoxia, a density that varies, repopulation other than what BED has lost. Reference: S. Webb, A. E.
    Nahum, Phys. Med. Biol. 38 (1993) 653.
    """
    B, V = np.asarray(bed, dtype=np.float64).ravel(), np.asarray(volumes, dtype=np.float64).ravel()
    if B.size == 0 or B.shape != V.shape:
        raise InputError(f"got {B.size} BEDs and {V.size} volumes; give one volume each, and at least one.")
    if not (np.isfinite(B).all() and np.isfinite(V).all() and (B >= 0).all() and (V >= 0).all() and V.sum() > 0):
        raise InputError("BED and volumes must be finite and not below zero, and some volume above it.")
    alphas, weights = _alphas(clonogens)
    survivors = np.array([clonogens.density * float(np.sum(V * np.exp(-alpha * B))) for alpha in alphas])
    return float(np.sum(weights * np.exp(-survivors)))


def control_interval(
    bed: npt.ArrayLike, volumes: npt.ArrayLike, clonogens: Clonogens, *, relative_u: float, k: float = 1.96
) -> tuple[float, float]:
    """TCP with BED and alpha moved by k standard uncertainties, as one: alpha BED is what counts.

    Parameters
    ----------
    bed, volumes, clonogens             As for :func:`tumour_control`.
    relative_u : float                  Of BED, shared by all voxels [1].
    k : float                           1.96 for 95 %.

    Returns
    -------
    low, high : float                   [1]

    Neglected: u of the density of clonogens, whose effect is a tenth of that of alpha.
    """
    u = math.hypot(relative_u, clonogens.alpha.relative or 0.0)
    B = np.asarray(bed, dtype=np.float64)
    # The product alpha BED is taken as lognormal: it cannot fall below zero.
    low, high = (tumour_control(B * math.exp(sign * k * u), volumes, clonogens) for sign in (-1, 1))
    return low, high


def _alphas(clonogens: Clonogens) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    mean, sigma = clonogens.alpha.value, clonogens.spread
    if sigma == 0:
        return np.array([mean]), np.array([1.0])
    alphas = mean + sigma * np.linspace(-WIDTH, WIDTH, NODES)
    weights = np.where(alphas > 0, np.exp(-0.5 * ((alphas - mean) / sigma) ** 2), 0.0)
    return alphas, weights / weights.sum()
