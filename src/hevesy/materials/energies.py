"""Energies as the tables take them."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError

Array = npt.NDArray[np.float64]

LOWEST = 1e-3  # MeV
HIGHEST = 100.0  # MeV

# A grid made by a logarithm misses its own ends by the last digits.
_ROUNDING = 1e-9


def checked_energy(energy: npt.ArrayLike, what: str, *, highest: float = HIGHEST) -> Array:
    """``energy`` [MeV] as numbers from 1 keV to ``highest``, or a :class:`ScopeError` that says of ``what``."""
    E = np.asarray(energy, dtype=np.float64)
    if not np.all(np.isfinite(E)):
        raise InputError(f"{what}: an energy is not finite. Give energies in MeV.")
    if E.size and (E.min() < LOWEST * (1 - _ROUNDING) or E.max() > highest * (1 + _ROUNDING)):
        raise ScopeError(
            f"{what}: energies are {E.min():g} to {E.max():g} MeV; the tables hold {LOWEST:g} to {highest:g} MeV. "
            "Energies are in MeV; leave out what lies beyond."
        )
    return np.clip(E, LOWEST, highest)


def read_only(array: npt.ArrayLike) -> Array:
    """A copy of ``array`` that cannot be changed."""
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy
