"""Form factors and incoherent scattering functions of atoms."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.materials.energies import read_only
from hevesy.tables import load_table

Array = npt.NDArray[np.float64]

TABLE = "scattering_factors"

# x = k sin(theta/2) / (h c), with h c = 12.398 keV Angstrom.
INVERSE_ANGSTROM_PER_MEV = 80.6554394

# Where the table begins and ends [1/Angstrom]; beyond, F counts for nothing and S is Z.
_FIRST, _LAST = 1e-3, 1e4


def form_factor(Z: int, x: npt.ArrayLike) -> Array:
    """Atomic form factor F(x, Z): coherent scattering is r_e^2 (1 + cos^2 theta)/2 F^2 per solid angle.

    Parameters
    ----------
    Z : int                     Atomic number of a shipped element.
    x : array, any shape        sin(theta/2)/lambda [1/Angstrom], at least 0.

    Returns
    -------
    array                       F [1]; F(0) = Z.

    Neglected: anomalous scattering near edges, molecules and the order of a liquid, which move coherent scattering at
    x below 0.3/Angstrom: a few degrees at 100 keV. Reference: Hubbell et al. (1975), Hubbell and Overbo (1979).
    """
    x = _checked(x)
    # Below the first x, 0.001/Angstrom, F differs from Z by less than 1e-4.
    F = _log_factors(Z)[0]
    return np.asarray(np.where(x < _FIRST, float(Z), np.exp(F(_log_inside(x)))))


def incoherent_scattering_function(Z: int, x: npt.ArrayLike) -> Array:
    """Incoherent scattering function S(x, Z): incoherent scattering is Klein and Nishina's times S per solid angle.

    Parameters
    ----------
    Z : int                     Atomic number of a shipped element.
    x : array, any shape        sin(theta/2)/lambda [1/Angstrom], at least 0.

    Returns
    -------
    array                       S [1]: 0 at x = 0, Z at large x.

    Neglected: the motion of the electrons (Doppler broadening). Reference: Hubbell et al. (1975).
    """
    x = _checked(x)
    S = _log_factors(Z)[1]
    # S begins as x^2.
    return np.asarray(np.exp(S(_log_inside(x))) * np.minimum(x / _FIRST, 1.0) ** 2)


def _checked(x: npt.ArrayLike) -> Array:
    x = np.asarray(x, dtype=np.float64)
    if not np.all(np.isfinite(x)) or np.any(x < 0):
        raise InputError("x = sin(theta/2)/lambda must be finite and at least 0 in 1/Angstrom. Take the absolute value.")
    return x


def _log_inside(x: Array) -> Array:
    return np.log(np.clip(x, _FIRST, _LAST))


@cache
def _log_factors(Z: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """ln F and ln S of one element as functions of ln x."""
    from scipy.interpolate import CubicSpline

    tables = _tables()
    if Z not in tables:
        known = ", ".join(str(known) for known in tables)
        raise ScopeError(f"element {Z} has no shipped form factor. Known are Z = {known}. Replace it in the composition.")
    x, F, S = tables[Z].T
    return CubicSpline(np.log(x), np.log(F)), CubicSpline(np.log(x), np.log(S))


@cache
def _tables() -> dict[int, Array]:
    columns: dict[int, list[list[float]]] = {}
    for row in load_table("hevesy.materials", TABLE).rows:
        values = [float(value) for value in row.values()]
        columns.setdefault(int(values[0]), []).append(values[1:])
    return {Z: read_only(rows) for Z, rows in columns.items()}
