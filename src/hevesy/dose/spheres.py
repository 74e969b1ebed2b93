"""Dose to a sphere from its own uniform activity."""

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.dose.radial import RadialKernel, nuclide_radial_kernel
from hevesy.errors import InputError, ScopeError

# Masses [kg] for which a sphere is meant: a microgram to a tonne.
MASSES = (1e-9, 1e3)


def energy_in_sphere(radial: RadialKernel, mass: float, density: float) -> float:
    """Energy that a sphere with uniform activity absorbs per decay in it [MeV].

        E = integral dE(r) P(r; R),   P(r; R) = 1 - 3 r / (4 R) + r^3 / (16 R^3)  for r < 2 R, else 0

    P is the probability that a point at a distance r from a random point of the sphere lies in it too.

    Parameters
    ----------
    radial : RadialKernel
    mass : float                        Of the sphere [kg].
    density : float                     Of the sphere and of the medium around it [g/ml].

    The sphere lies in an endless medium: photons scattered back from outside are in it, which an isolated sphere lacks.
    Reference: M. J. Berger, MIRD Pamphlet 7 (1971); for P: M. G. Kendall, P. A. P. Moran, Geometrical Probability (1963).
    """
    if not MASSES[0] <= mass <= MASSES[1]:
        raise InputError(f"mass of a sphere is {mass} kg; from {MASSES[0]} to {MASSES[1]} kg is allowed. Did you forget '* g'?")
    if not 1e-3 <= density <= 25:
        raise InputError(f"density is {density} g/ml; from 0.001 to 25 is allowed. Is it in g/ml?")
    radius = (3 * (mass / u.g) / (4 * np.pi * density)) ** (1 / 3)  # [cm]
    r = radial.r / density
    share = (r[:-1] + r[1:]) / (2 * radius)
    inside = np.where(share < 2, 1 - 0.75 * share + share**3 / 16, 0.0)
    energy = radial.charged + radial.photons
    return float(energy[0] + np.diff(energy) @ inside)


def sphere_s_value(
    nuclide: str, mass: float, *, density: float = 1.0, medium: str = "soft", daughters: bool = True, leaving: float = 0.0
) -> float:
    """Self-dose of a sphere per decay [Gy/(Bq s)].

        S = E / m

    Parameters
    ----------
    nuclide : str
    mass : float                        Of the sphere [kg].
    density : float                     [g/ml].
    medium : str                        One of the media with point kernels.
    daughters, leaving                  As in :func:`hevesy.nuclides.radiations`.
    """
    radial = nuclide_radial_kernel(nuclide, medium, daughters, leaving)
    return energy_in_sphere(radial, mass, density) * u.JOULE_PER_MEV / mass


def interpolate_s_value(masses: npt.ArrayLike, s_values: npt.ArrayLike, mass: float) -> float:
    """S value of a mass between those of a table [Gy/(Bq s)].

        S(m) = [S m](log m) / m,   S m linear in log m

    S m is the absorbed energy per decay, which changes little with mass, while S itself goes as 1/m: linear
    interpolation of S between masses a factor of 5 apart is wrong by up to 80 %.

    Parameters
    ----------
    masses : array, shape (n,)          Increasing [kg].
    s_values : array, shape (n,)        [Gy/(Bq s)].
    mass : float                        Within the table [kg].

    Raises
    ------
    ScopeError
        The mass lies outside the table.
    """
    m, S = np.asarray(masses, dtype=np.float64), np.asarray(s_values, dtype=np.float64)
    if m.ndim != 1 or m.shape != S.shape or m.size < 2 or not np.all(np.diff(m) > 0) or m[0] <= 0:
        raise InputError("interpolation needs two or more masses that increase from above 0, and an S value for each.")
    if not m[0] <= mass <= m[-1]:
        raise ScopeError(f"mass {mass:.4g} kg lies outside the table, {m[0]:.4g} to {m[-1]:.4g} kg. Compute the sphere instead.")
    return float(np.interp(np.log(mass), np.log(m), S * m) / mass)
