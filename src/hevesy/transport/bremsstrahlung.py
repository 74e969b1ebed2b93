"""Bremsstrahlung of electrons that slow down in a medium."""

import numpy as np
import numpy.typing as npt

from hevesy.materials import Material, atomic_weight, electron_stopping_powers
from hevesy.transport.elastic import ELECTRON_REST_ENERGY, FINE_STRUCTURE

Array = npt.NDArray[np.float64]


def photon_shape(Z: float, energy: npt.ArrayLike, photon: npt.ArrayLike) -> Array:
    """k dsigma/dk of an electron of ``energy`` by photon energy k, both [MeV], in arbitrary units.

    Koch and Motz, Rev. Mod. Phys. 31 (1959) 920, formula 3BN (Born approximation, no screening) with Elwert's factor.
    Zero where k exceeds the electron's energy. Only the shape is used: the size is that of the radiative stopping
    power.
    """
    T, k = np.broadcast_arrays(np.asarray(energy, dtype=np.float64), np.asarray(photon, dtype=np.float64))
    inside = k < 0.9999 * T
    k = np.where(inside, k, 0.5 * T) / ELECTRON_REST_ENERGY
    E0 = 1 + T / ELECTRON_REST_ENERGY
    E = E0 - k
    p0, p = np.sqrt(E0**2 - 1), np.sqrt(E**2 - 1)
    e0, e = 2 * np.log(E0 + p0), 2 * np.log(E + p)
    L = 2 * np.log((E0 * E + p0 * p - 1) / k)
    bracket = (
        4 / 3 - 2 * E0 * E * (p**2 + p0**2) / (p0 * p) ** 2 + e0 * E / p0**3 + e * E0 / p**3 - e * e0 / (p * p0)
        + L * (
            8 * E0 * E / (3 * p0 * p) + k**2 * ((E0 * E) ** 2 + (p0 * p) ** 2) / (p0 * p) ** 3
            + k / (2 * p0 * p) * ((E0 * E + p0**2) / p0**3 * e0 - (E0 * E + p**2) / p**3 * e + 2 * k * E0 * E / (p0 * p) ** 2)
        )
    )  # fmt: skip
    b0, b = p0 / E0, p / E
    a = 2 * np.pi * Z * FINE_STRUCTURE
    elwert = b0 * -np.expm1(-a / b0) / (b * -np.expm1(-a / b))
    return np.where(inside, np.maximum(p / p0 * bracket * elwert, 0.0), 0.0)


def thick_target_photons(material: Material, energy: npt.ArrayLike, edges: npt.ArrayLike) -> Array:
    """Photons that an electron gives off until it stops, by bins of photon energy.

        N(k) = integral_k^E0 (n dsigma/dk) / S dE,   integral k N(k) dk = E0 Y(E0),   Y the radiation yield

    Parameters
    ----------
    material : Material                 Its radiative stopping power sets the size.
    energy : array, shape (n,)          Electron energies [MeV].
    edges : array, shape (b + 1,)       Bins of photon energy [MeV]; what lies below the first is left out.

    Returns
    -------
    array, shape (n, b)                 Photons per electron.
    """
    E0 = np.atleast_1d(np.asarray(energy, dtype=np.float64))
    bins = np.asarray(edges, dtype=np.float64)
    Z = _effective_charge(material)
    grid = np.geomspace(min(1e-3, bins[0]), 1.0001 * max(float(E0.max()), 2e-3), 120)
    x = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 160)])
    middle = 0.5 * (x[1:] + x[:-1])
    shape = photon_shape(Z, grid[:, None], grid[:, None] * middle)  # k dsigma/dk at k = x T
    S = electron_stopping_powers(material, grid)
    size = S.radiative / (shape @ np.diff(x) * grid)  # S_rad = size * integral of the shape over k
    per_loss = np.empty((grid.size, bins.size - 1))  # photons per bin and energy lost, at each energy
    for i, T in enumerate(grid):
        number = np.concatenate([[0.0], np.cumsum(shape[i, 1:] / middle[1:] * np.diff(x[1:]))])  # below x, from x_1 on
        per_loss[i] = size[i] * np.diff(np.interp(bins / T, x[1:], number)) / (S.collision[i] + S.radiative[i])
    made = np.vstack([np.zeros(bins.size - 1), np.cumsum(0.5 * (per_loss[1:] + per_loss[:-1]) * np.diff(grid)[:, None], axis=0)])
    place = np.interp(E0, grid, np.arange(grid.size))
    node = np.minimum(place.astype(int), grid.size - 2)
    part = (place - node)[:, None]
    return np.asarray(made[node] * (1 - part) + made[node + 1] * part)


def _effective_charge(material: Material) -> float:
    """Mean Z, weighted with Z^2 as the cross section is."""
    atoms = np.array([fraction / atomic_weight(Z) for Z, fraction in material.composition])
    Z = np.array([float(Z) for Z, _ in material.composition])
    return float(np.sum(atoms * Z**3) / np.sum(atoms * Z**2))
