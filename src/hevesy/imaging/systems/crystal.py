"""Crystals and absorbers: attenuation, and the share of photons counted in an energy window."""

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.materials import Material, atomic_weight, load_material, mean_excitation_energy, photon_cross_sections

Array = npt.NDArray[np.float64]

# Atoms in a formula unit by element, and the density [g/cm3]. LYSO holds 5 to 10 % yttrium in place of lutetium, for
# which no cross sections are shipped: its density is its own, its composition that of LSO.
_COMPOUNDS: dict[str, tuple[dict[int, float], float]] = {
    "LSO": ({71: 2, 14: 1, 8: 5}, 7.4),
    "LYSO": ({71: 2, 14: 1, 8: 5}, 7.1),
    "BGO": ({83: 4, 32: 3, 8: 12}, 7.13),
    "GSO": ({64: 2, 14: 1, 8: 5}, 6.71),
    "CZT": ({48: 0.9, 30: 0.1, 52: 1}, 5.78),
}
_SHIPPED = {"NaI": "NaI", "lead": "lead", "tungsten": "tungsten"}
CRYSTALS = ("NaI", "CZT", *(name for name in _COMPOUNDS if name != "CZT"))

_ELECTRON_MASS = 0.51099895  # MeV
_ANGLES = 32
_SIGMA_PER_FWHM = 1 / math.sqrt(8 * math.log(2))


def attenuation(material: str, energy: float) -> float:
    """Linear attenuation coefficient with coherent scattering [1/mm].

    Parameters
    ----------
    material : str                      A crystal of :data:`CRYSTALS`, "lead" or "tungsten".
    energy : float                      [MeV].
    """
    return _coefficients(material, energy)[0]


def interactions(material: str, energies: Array) -> tuple[Array, Array]:
    """Attenuation coefficients by the photoelectric effect and by Compton scattering at many energies [MeV], each [1/mm]."""
    _, photoelectric, compton = _coefficients_at(material, energies)
    return photoelectric, compton


@cache
def _coefficients(material: str, energy: float) -> tuple[float, float, float]:
    """Attenuation in all, by the photoelectric effect, by Compton scattering [1/mm]."""
    if not (math.isfinite(energy) and 0.005 <= energy <= 3):
        raise InputError(f"photon energy is {energy} MeV; allowed is 0.005 to 3 MeV. Give MeV (140.5 keV is 0.1405).")
    total, photoelectric, compton = _coefficients_at(material, np.array([energy]))
    return float(total[0]), float(photoelectric[0]), float(compton[0])


def _coefficients_at(material: str, energies: Array) -> tuple[Array, Array, Array]:
    """The same at many energies."""
    substance = _substance(material)
    sections = photon_cross_sections(substance, energies)
    per_mm = substance.density / 10
    return sections.total * per_mm, sections.photoelectric * per_mm, sections.incoherent * per_mm


@cache
def _substance(name: str) -> Material:
    if name in _SHIPPED:
        return load_material(_SHIPPED[name])
    if name not in _COMPOUNDS:
        known = ", ".join((*CRYSTALS, "lead", "tungsten"))
        raise InputError(f"material {name!r} is not one of a scanner. Known are {known}. Use one of them.")
    atoms, density = _COMPOUNDS[name]
    masses = {Z: n * atomic_weight(Z) for Z, n in atoms.items()}
    whole = math.fsum(masses.values())
    parts = tuple((Z, mass / whole) for Z, mass in masses.items())
    return Material(
        name=name,
        title=name,
        density=density,
        mean_excitation_energy=mean_excitation_energy(parts),
        composition=parts,
        source="formula unit and density",
    )


def stopped(material: str, path: float, energy: float) -> float:
    """Share of photons that deposit anything on a path through the crystal [1].

        1 - exp(-(mu - mu_coherent) x)

    Parameters
    ----------
    path : float                        In the crystal along the photon's way [mm].
    """
    _, photoelectric, compton = _coefficients(material, energy)
    return -math.expm1(-(photoelectric + compton) * path)


def kept(material: str, thickness: float, energy: float, *, least: float) -> float:
    """Share of the photons stopped whose energy stays in the crystal, above the lower edge ``least`` of a window [1].

        k = f_p + f_C < W >          W = 1                                  where the first electron alone lies above the edge
                                     W = a(theta, E') (f_p' + f_C' a(E''))  otherwise

    f_p and f_C are the shares of photoelectric effect and Compton scattering, <> the mean over the Klein-Nishina
    distribution of the angle theta, and a the share of the scattered photons that a slab stops: in direction theta, and
    after a second scattering in any direction at its mean energy E''.

    Parameters
    ----------
    thickness : float                   Of a slab without sides, on which the photons fall at right angles [mm].
    least : float                       Lower edge of the window [MeV].

    Neglected: escape of K X-rays, binding of electrons, the sides of blocks, light shared between crystals. It meets
    photons followed one by one within 1.5 %, from 140 to 511 keV.
    """
    _, photoelectric, compton = _coefficients(material, energy)
    share = photoelectric / (photoelectric + compton)
    depths = _first_depths(photoelectric + compton, thickness)
    cosine, weights = _directions()
    ratio, density = _klein_nishina(energy, cosine)
    later = np.ones(_ANGLES)
    lost = energy * (1 - ratio) < least
    if lost.any():
        later[lost] = _absorbed_later(material, thickness, energy * ratio[lost], cosine[lost], depths)
    weights = weights * density
    return float(share + (1 - share) * (weights @ later) / weights.sum())


@cache
def _directions() -> tuple[Array, Array]:
    """Cosines from -1 to 1 and their weights."""
    cosine, weights = np.polynomial.legendre.leggauss(_ANGLES)
    cosine.flags.writeable = weights.flags.writeable = False
    return cosine, weights


def _absorbed_later(material: str, thickness: float, energy: Array, cosine: Array, depths: tuple[Array, Array]) -> Array:
    """Share of the photons scattered from ``depths`` into each ``cosine`` whose energy the slab takes up."""
    depth, at_depth = depths
    _, photoelectric, compton = _coefficients_at(material, energy)
    mu = photoelectric + compton
    way = np.where(cosine[:, None] > 0, thickness - depth, depth) / abs(cosine)[:, None]
    taken = -np.expm1(-mu[:, None] * way) @ at_depth
    share = photoelectric / mu
    return np.asarray(taken * (share + (1 - share) * _absorbed_anywhere(material, thickness, _after_scattering(energy))))


def _absorbed_anywhere(material: str, thickness: float, energy: Array) -> Array:
    """Share of photons from anywhere in a slab, into any direction, that it stops."""
    _, photoelectric, compton = _coefficients_at(material, energy)
    x, w = _directions()
    cosine, depth = (x + 1) / 2, (x + 1) / 2 * thickness
    taken = -np.expm1(-(photoelectric + compton)[:, None, None] * (depth[:, None] / cosine))
    return np.asarray(w @ (taken @ w).T / 4)


def _after_scattering(energy: Array) -> Array:
    """Mean energy of photons after one Compton scattering [MeV]."""
    cosine, weights = _directions()
    ratio, density = _klein_nishina(energy[:, None], cosine)
    return np.asarray(energy * ((density * ratio) @ weights) / (density @ weights))


def _first_depths(mu: float, thickness: float) -> tuple[Array, Array]:
    """Depths [mm] at which photons interact first, and the share at each."""
    x, w = _directions()
    depth = (x + 1) / 2 * thickness
    density = w * np.exp(-mu * depth)
    return depth, density / density.sum()


def _klein_nishina(energy: float | Array, cosine: Array) -> tuple[Array, Array]:
    """Energy after over energy before, and the density of the cosine, not normalised."""
    ratio = 1 / (1 + energy / _ELECTRON_MASS * (1 - cosine))
    return ratio, ratio**2 * (ratio + 1 / ratio - (1 - cosine**2))


def window_efficiency(
    material: str, thickness: float, energy: float, *, energy_resolution: float, limits: tuple[float, float]
) -> float:
    """Share of photons at right angles onto the crystal that are counted between two energies [1].

        eps = (1 - exp(-mu x)) k P          P = (erf((E_2 - E)/(sqrt(2) s)) - erf((E_1 - E)/(sqrt(2) s))) / 2

    Parameters
    ----------
    thickness : float                   [mm].
    energy : float                      Of the photons [MeV].
    energy_resolution : float           FWHM over energy, at this energy; s = FWHM / 2.355 [1].
    limits : (E_1, E_2)                 Of the window [MeV].

    Neglected: as in :func:`kept`; in CZT also charge sharing and trapping, which move counts into a tail below.
    """
    spread = math.sqrt(2) * energy_resolution * energy * _SIGMA_PER_FWHM
    inside = (math.erf((limits[1] - energy) / spread) - math.erf((limits[0] - energy) / spread)) / 2
    least = min(limits[0], energy)
    return stopped(material, thickness, energy) * kept(material, thickness, energy, least=least) * inside


def photopeak_efficiency(
    material: str, thickness: float, energy: float, *, energy_resolution: float, window: float = 0.20
) -> float:
    """:func:`window_efficiency` of a window of relative width ``window``, centred on ``energy`` [1]."""
    limits = (energy * (1 - window / 2), energy * (1 + window / 2))
    return window_efficiency(material, thickness, energy, energy_resolution=energy_resolution, limits=limits)
