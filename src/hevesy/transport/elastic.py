"""Elastic scattering of electrons and positrons: how fast a direction is forgotten."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.materials import Material, atomic_weight

ELECTRON_REST_ENERGY = 0.51099895  # MeV, CODATA 2018
CLASSICAL_RADIUS = 2.8179403205e-13  # cm, CODATA 2022
FINE_STRUCTURE = 7.2973525643e-3  # CODATA 2022
AVOGADRO = 6.02214076e23

Array = npt.NDArray[np.float64]

# Gauss-Legendre nodes in ln(mu + eta), where the cross section is nearly even.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


def transport_coefficients(
    material: Material, energy: npt.ArrayLike, *, charge: int = 0, hard_from: npt.ArrayLike | None = None
) -> tuple[Array, Array]:
    """First and second transport coefficients of elastic scattering.

        G_l = sum_i (w_i N_A / A_i) integral (1 - P_l(cos theta)) dsigma_i

        dsigma/dmu = pi (Z r_e m / (beta p))^2 R(mu) / (mu + eta)^2,   mu = (1 - cos theta)/2

    Rutherford's cross section screened after Molière (1947), times the ratio R of Mott's to Rutherford's in the closed
    form of McKinley and Feshbach (1948), whose second term changes sign for positrons. The atom's electrons scatter
    like Z single charges, up to the angle of a collision that is followed by itself (``hard_from``).

    Parameters
    ----------
    material : Material
    energy : array, shape (n,)          Kinetic energy [MeV].
    charge : int                        0 electron, 1 positron.
    hard_from : float or array, optional    Energy transfer above which collisions are followed [MeV]; None: none are.

    Returns
    -------
    two arrays, shape (n,)              G_1 and G_2 [cm2/g].

    Neglected: spin of collisions with electrons, size of the nucleus, both far below 1 % at the energies of beta decay.
    """
    E = np.atleast_1d(np.asarray(energy, dtype=np.float64))
    first, second = np.zeros_like(E), np.zeros_like(E)
    cut = _angle_of_transfer(E, hard_from)
    for Z, fraction in material.composition:
        atoms = fraction * AVOGADRO / atomic_weight(Z)
        eta = screening(Z, E)
        for strength, last in ((Z * Z, np.ones_like(E)), (Z, cut)):
            one, two = _moments(Z if strength == Z * Z else 0, E, eta, last, charge)
            first += atoms * strength * one
            second += atoms * strength * two
    return first, second


def screening(Z: int, energy: npt.ArrayLike) -> Array:
    """Molière's screening angle as eta = chi_a^2 / 4 [1], with his correction to the first Born approximation."""
    E = np.asarray(energy, dtype=np.float64)
    pc = np.sqrt(E * (E + 2 * ELECTRON_REST_ENERGY))
    beta = pc / (E + ELECTRON_REST_ENERGY)
    angle = FINE_STRUCTURE * ELECTRON_REST_ENERGY * Z ** (1 / 3) / (0.885 * pc)
    return np.asarray(0.25 * angle**2 * (1.13 + 3.76 * (FINE_STRUCTURE * Z / beta) ** 2))


def _moments(Z: int, E: Array, eta: Array, last: Array, charge: int) -> tuple[Array, Array]:
    """Integrals of 1 - P_1 and 1 - P_2 for unit charge squared up to mu = ``last`` [cm2]; ``Z`` = 0: no Mott factor."""
    pc = np.sqrt(E * (E + 2 * ELECTRON_REST_ENERGY))
    beta = pc / (E + ELECTRON_REST_ENERGY)
    scale = np.pi * (CLASSICAL_RADIUS * ELECTRON_REST_ENERGY / (beta * pc)) ** 2
    low, high = np.log(eta), np.log(last + eta)
    t = 0.5 * (high - low)[:, None] * (_NODES + 1) + low[:, None]
    mu = np.maximum(np.exp(t) - eta[:, None], 0.0)
    root = np.sqrt(mu)
    sign = 1.0 if charge == 0 else -1.0
    ratio = 1.0 - (beta**2)[:, None] * mu + sign * np.pi * FINE_STRUCTURE * Z * beta[:, None] * root * (1 - root)
    if Z == 0:
        ratio = np.ones_like(mu)
    density = ratio / (mu + eta[:, None])  # of dsigma in t, since dmu = (mu + eta) dt
    weight = 0.5 * (high - low)[:, None] * _WEIGHTS * density
    one = np.sum(weight * 2 * mu, axis=1)
    two = np.sum(weight * 6 * mu * (1 - mu), axis=1)
    return scale * one, scale * two


def _angle_of_transfer(E: Array, hard_from: npt.ArrayLike | None) -> Any:
    """Deflection mu of an electron that gives ``hard_from`` to another one; half a collision's range where none is hard."""
    most = 0.5 * E
    W = most if hard_from is None else np.minimum(hard_from, most)
    m = ELECTRON_REST_ENERGY
    cosine = np.sqrt((E - W) * (E + 2 * m) / (E * (E - W + 2 * m)))
    return 0.5 * (1 - cosine)
