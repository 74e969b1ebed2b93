"""Stopping powers of materials for electrons and positrons."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import ScopeError
from hevesy.materials.composition import Material
from hevesy.materials.density_effect import density_correction
from hevesy.materials.energies import checked_energy, read_only
from hevesy.tables import load_table

Array = npt.NDArray[np.float64]

TABLE = "electron_radiative"

ELECTRON_REST_ENERGY = 0.51099895  # MeV
# 2 pi r_e^2 m c^2 N_A [MeV cm2/mol]; CODATA 2018.
_BETHE = 0.15353747
# Ratio of radiative stopping powers, positron to electron: coefficients of t, t^2, ... (see _positron_ratio).
_RATIO = (-1.2359e-1, 6.1274e-2, -3.1516e-2, 7.7446e-3, -1.0595e-3, 7.0568e-5, -1.8080e-6)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoppingPowers:
    """Mass stopping powers of one material: energy [MeV], collision and radiative [MeV cm2/g]."""

    energy: Array
    collision: Array
    radiative: Array

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, read_only(getattr(self, field.name)))

    @property
    def total(self) -> Array:
        """Collision plus radiative [MeV cm2/g]."""
        return self.collision + self.radiative


def electron_stopping_powers(material: Material, energy: npt.ArrayLike) -> StoppingPowers:
    """Collision and radiative mass stopping power for electrons.

        S_col/rho = 2 pi r_e^2 m c^2 N_A (Z/A) / beta^2 [ln(T/I)^2 + ln(1 + tau/2) + F- - delta]
        F- = (1 - beta^2) [1 + tau^2/8 - (2 tau + 1) ln 2],      tau = T / m c^2

    Parameters
    ----------
    material : Material
    energy : array, any shape   Kinetic energy T [MeV], 1 keV to 100 MeV.

    The radiative part is that of the elements by mass (Bragg additivity), as in ESTAR.

    Neglected: shell corrections. ICRU Report 37 puts the uncertainty at 1 to 2 % above 100 keV and at 2 to 3 % (tissue) or
    5 to 10 % (lead) between 10 and 100 keV; below 10 keV, where a range in tissue is under 3 um, the formula goes on for lack
    of a better one. Reference: ICRU Report 37 (1984), chapters 2 and 9; Berger and Seltzer (ESTAR).
    """
    return _powers(material, energy, _moller, _one)


def positron_stopping_powers(material: Material, energy: npt.ArrayLike) -> StoppingPowers:
    """Collision and radiative mass stopping power for positrons.

        F+ = 2 ln 2 - (beta^2/12) [23 + 14/(tau+2) + 10/(tau+2)^2 + 4/(tau+2)^3]

    in place of F- of :func:`electron_stopping_powers`; the radiative part is the electron's times a ratio that depends
    on T/Z^2 (fit of Salvat to L. Kim et al., Phys. Rev. A 33 (1986) 3002, within 0.5 %).

    Parameters
    ----------
    material : Material
    energy : array, any shape   Kinetic energy [MeV], 1 keV to 100 MeV.

    Neglected: as for electrons; annihilation in flight is not a loss of energy and is not in here.
    Reference: ICRU Report 37, chapter 2; F. Salvat, PENELOPE-2011, chapter 3, OECD/NEA.
    """
    return _powers(material, energy, _bhabha, _positron_ratio)


def _powers(
    material: Material, energy: npt.ArrayLike, exchange: Callable[[Array, Array], Array], ratio: Callable[[int, Array], Array]
) -> StoppingPowers:
    E = checked_energy(energy, f"electrons in {material.name}")
    T = E.reshape(-1)
    tau = T / ELECTRON_REST_ENERGY
    beta2 = tau * (tau + 2) / (tau + 1) ** 2
    delta = density_correction(material, tau * (tau + 2))
    log_term = 2 * np.log(T / (material.mean_excitation_energy * 1e-6)) + np.log1p(tau / 2)
    collision = _BETHE * material.electrons_per_gram / beta2 * (log_term + exchange(tau, beta2) - delta)
    radiative = np.zeros_like(T)
    for Z, fraction in material.composition:
        radiative += fraction * np.exp(_log_radiative(Z)(np.log(T))) * ratio(Z, T)
    return StoppingPowers(energy=E, collision=collision.reshape(E.shape), radiative=radiative.reshape(E.shape))


def _moller(tau: Array, beta2: Array) -> Array:
    return np.asarray((1 - beta2) * (1 + tau**2 / 8 - (2 * tau + 1) * np.log(2)))


def _bhabha(tau: Array, beta2: Array) -> Array:
    u = 1 / (tau + 2)
    return np.asarray(2 * np.log(2) - beta2 / 12 * (23 + 14 * u + 10 * u**2 + 4 * u**3))


def _one(Z: int, T: Array) -> Array:
    return np.ones_like(T)


def _positron_ratio(Z: int, T: Array) -> Array:
    t = np.log1p(1e6 * T / (Z**2 * ELECTRON_REST_ENERGY))
    return np.asarray(1 - np.exp(sum(c * t ** (i + 1) for i, c in enumerate(_RATIO))))


@cache
def _log_radiative(Z: int) -> Callable[[Array], Array]:
    """Logarithm of an element's radiative stopping power [MeV cm2/g] as a function of ln T."""
    from scipy.interpolate import CubicSpline

    tables = _tables()
    if Z not in tables:
        known = ", ".join(str(known) for known in tables)
        raise ScopeError(f"element {Z} has no shipped radiative stopping power. Known are Z = {known}. Replace it.")
    energy, power = tables[Z].T
    return CubicSpline(np.log(energy), np.log(power))


@cache
def _tables() -> dict[int, Array]:
    columns: dict[int, list[list[float]]] = {}
    for row in load_table("hevesy.materials", TABLE).rows:
        columns.setdefault(int(row["Z"]), []).append([float(row["energy_MeV"]), float(row["radiative_MeV_cm2_per_g"])])
    return {Z: read_only(rows) for Z, rows in columns.items()}
