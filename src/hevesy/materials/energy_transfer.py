"""Mass energy-transfer and energy-absorption coefficients."""

from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.materials.attenuation import (
    PAIR_THRESHOLD,
    PhotonCrossSections,
    photoelectric_jump,
    photon_cross_sections,
)
from hevesy.materials.composition import Material
from hevesy.materials.elements import atomic_weight, element
from hevesy.materials.energies import HIGHEST, LOWEST, read_only
from hevesy.materials.ranges import radiation_yield
from hevesy.materials.scattering import INVERSE_ANGSTROM_PER_MEV, incoherent_scattering_function
from hevesy.materials.stopping import ELECTRON_REST_ENERGY, positron_stopping_powers

Array = npt.NDArray[np.float64]

# pi r_e^2 N_A [cm2/mol]; CODATA 2018.
_ANNIHILATION = 0.15023267

_COMPTON_NODES = 48
_PAIR_NODES = 12


def mass_energy_transfer(material: Material, energy: npt.ArrayLike) -> Array:
    """Mass energy-transfer coefficient mu_tr/rho: what becomes kinetic energy of electrons.

        mu_tr/rho = tau f_tau + sigma_inc <T>/E + (kappa_n + kappa_e) (1 - 2 m c^2 / E)
        f_tau = 1 - sum_Z (tau_Z / tau) p_K w_K E_K / E      above the K edge

    Parameters
    ----------
    material : Material
    energy : array, any shape   Photon energy E [MeV], 1 keV to 100 MeV.

    Returns
    -------
    array                       [cm2/g].

    <T> is the mean recoil energy of Klein and Nishina weighted with the incoherent scattering function; p_K is the K
    shell's share of the photoelectric effect, w_K its fluorescence yield and E_K the mean energy of the X ray.
    Neglected: X rays of the L shells, fluorescence after Compton scattering, Doppler broadening. Tissue has no L edge
    above 1.2 keV. In heavy elements the coefficient is too large: in lead by 20 % at 20 keV, 10 % at 100 keV and 3 % from 0.2
    MeV on; do not use it there. Reference: S.M. Seltzer, Radiat. Res. 136 (1993) 147.
    """
    return _transfer(material, photon_cross_sections(material, energy))


def mass_energy_absorption(material: Material, energy: npt.ArrayLike) -> Array:
    """Mass energy-absorption coefficient mu_en/rho = (1 - g) mu_tr/rho: what electrons do not radiate again.

    Parameters
    ----------
    material : Material
    energy : array, any shape   Photon energy [MeV], 1 keV to 100 MeV.

    Returns
    -------
    array                       [cm2/g].

    g weighs the radiation yield Y(T) with the energy spectra of the electrons: photoelectrons of the photon's energy,
    recoil electrons after Klein and Nishina, pairs that share their energy with equal likelihood. A positron that
    annihilates in flight gives its kinetic energy to photons: that counts as radiated too (0.7 % at 10 MeV in water).
    Neglected: X rays after ionisation by electrons. Reference: Seltzer (1993); W. Heitler, The Quantum Theory of
    Radiation (1954), section 27.
    """
    sections = photon_cross_sections(material, energy)
    E = sections.energy.reshape(-1)
    transferred = _transfer(material, sections).reshape(-1)
    _, weight, T = _compton_spectrum(E)
    radiated = sections.incoherent.reshape(-1) * np.sum(weight * T * radiation_yield(material, T), axis=1) / E
    radiated += sections.photoelectric.reshape(-1) * radiation_yield(material, E)
    pairs = (sections.pair + sections.triplet).reshape(-1)
    available = np.maximum(E - PAIR_THRESHOLD, 0.0)
    x, w = np.polynomial.legendre.leggauss(_PAIR_NODES)
    T = np.maximum(available[:, None] * (x + 1) / 2, 1e-6)
    # The weights add up to 2, one for each of the pair; only the positron annihilates.
    lost = T * radiation_yield(material, T) + _annihilated(material, T) / 2
    radiated += pairs * np.sum(w * lost, axis=1) / E
    return np.asarray((transferred - radiated).reshape(sections.energy.shape))


def _transfer(material: Material, sections: PhotonCrossSections) -> Array:
    E = sections.energy
    compton = sections.incoherent * _recoil_share(material, E.reshape(-1)).reshape(E.shape)
    pairs = (sections.pair + sections.triplet) * np.maximum(1 - PAIR_THRESHOLD / E, 0.0)
    return np.asarray(sections.photoelectric - _fluorescence(material, E) + compton + pairs)


def _fluorescence(material: Material, E: Array) -> Array:
    """What K X rays carry off, in units of the photon's energy [cm2/g]."""
    lost = np.zeros_like(E)
    for Z, fraction in material.composition:
        atom = element(Z)
        above = atom.K_edge <= E
        if atom.K_edge > 0 and np.any(above):
            tau = photon_cross_sections(_alone(Z), E).photoelectric
            lost += np.where(above, fraction * tau * photoelectric_jump(Z) * atom.K_yield * atom.K_energy / E, 0.0)
    return lost


@cache
def _alone(Z: int) -> Material:
    atom = element(Z)
    return Material(
        name=atom.symbol, title=atom.symbol, density=1.0, mean_excitation_energy=atom.mean_excitation_energy,
        composition=((Z, 1.0),), source="",
    )  # fmt: skip


def _annihilated(material: Material, T: Array) -> Array:
    """Mean kinetic energy that positrons of energy T carry into annihilation in flight [MeV]."""
    nodes, energy = _annihilated_table(material)
    return np.asarray(np.interp(np.log(np.maximum(T, LOWEST)), nodes, energy))


@cache
def _annihilated_table(material: Material) -> tuple[Array, Array]:
    T = np.geomspace(LOWEST, HIGHEST, 300)
    gamma = 1 + T / ELECTRON_REST_ENERGY
    p = np.sqrt(gamma**2 - 1)
    shape = (gamma**2 + 4 * gamma + 1) / p**2 * np.log(gamma + p) - (gamma + 3) / p
    sigma = _ANNIHILATION * material.electrons_per_gram / (gamma + 1) * shape
    # Per ln T the positron meets T / S of matter; those that annihilate there lose T.
    rate = sigma * T / positron_stopping_powers(material, T).total * T
    steps = np.diff(np.log(T)) * (rate[1:] + rate[:-1]) / 2
    return read_only(np.log(T)), read_only(np.concatenate([[0.0], np.cumsum(steps)]))


def _recoil_share(material: Material, E: Array) -> Array:
    """<T>/E of the recoil electron, with the scattering function of the material."""
    x, weight, T = _compton_spectrum(E)
    per_electron = sum(fraction / atomic_weight(Z) * incoherent_scattering_function(Z, x) for Z, fraction in material.composition)
    weight = weight * per_electron
    return np.asarray(np.sum(weight * T, axis=1) / np.sum(weight, axis=1) / E)


def _compton_spectrum(E: Array) -> tuple[Array, Array, Array]:
    """Nodes of the Klein-Nishina spectrum: x [1/Angstrom], weights (sum 1) and recoil energy [MeV], (energies, nodes)."""
    k = E[:, None] / ELECTRON_REST_ENERGY
    nodes, weights = np.polynomial.legendre.leggauss(_COMPTON_NODES)
    # The spectrum is smooth in the logarithm of the scattered share of the energy, 1/(1 + 2k) to 1.
    share = np.exp(-np.log1p(2 * k) * (nodes + 1) / 2)
    t = (1 - share) / (k * share)  # 1 - cos(theta)
    density = weights * share * (share + 1 / share - t * (2 - t))
    x = E[:, None] * INVERSE_ANGSTROM_PER_MEV * np.sqrt(t / 2)
    return x, density / np.sum(density, axis=1, keepdims=True), E[:, None] * (1 - share)
