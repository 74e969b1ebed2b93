"""The shape of an allowed beta spectrum."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ELECTRON_MASS = 0.51099895  # MeV
FINE_STRUCTURE = 7.2973525693e-3
COMPTON_FM = 386.15926796  # reduced Compton wavelength of the electron [fm]


def allowed_shape(energy: npt.ArrayLike, *, end_point: float, charge: int, mass_number: int) -> Array:
    """Density of an allowed beta spectrum, of integral one over ``energy``.

        n(E) ~ F(Z, W) p W (W0 - W)^2,   W = 1 + E/m,   p^2 = W^2 - 1

    Parameters
    ----------
    energy : array, shape (n,)          Kinetic energy [MeV], increasing.
    end_point : float                   Highest energy [MeV].
    charge : int                        Atomic number of the daughter; its negative for positrons.
    mass_number : int                   Of the nucleus; its radius is 1.2 A^(1/3) fm.

    Returns
    -------
    array, shape (n,)                   [1/MeV], zero above the end point.

    Neglected: screening by the shell, the nucleus' finite charge distribution, forbidden shape factors.
    Reference: E. Fermi, Z. Phys. 88 (1934) 161; K. Siegbahn (ed.), Alpha-, Beta- and Gamma-Ray Spectroscopy (1965).
    """
    E = np.asarray(energy, dtype=np.float64)
    W = 1 + E / ELECTRON_MASS
    # At rest the Coulomb factor diverges as 1/p while p F stays finite: a momentum of 1 eV stands for it.
    p = np.sqrt(np.maximum(W**2 - 1, (1e-6 / ELECTRON_MASS) ** 2))
    left = np.maximum(end_point - E, 0.0) / ELECTRON_MASS
    density: Array = _fermi(p, W, charge, mass_number) * p * W * left**2
    integral = float(np.trapezoid(density, E))
    return density / integral if integral > 0 else density


def end_point_of(mean_energy: float, *, charge: int, mass_number: int) -> float:
    """End point [MeV] of the allowed spectrum that has the given mean energy [MeV]."""
    unit = np.linspace(0.0, 1.0, 401)
    low, high = mean_energy, 20 * mean_energy
    for _ in range(60):
        middle = (low + high) / 2
        E = unit * middle
        n = allowed_shape(E, end_point=middle, charge=charge, mass_number=mass_number)
        if np.trapezoid(n * E, E) < mean_energy:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _fermi(p: Array, W: Array, charge: int, mass_number: int) -> Array:
    """F(Z, W) but for a constant, of a point charge, at the nuclear radius."""
    from scipy.special import loggamma

    gamma = np.sqrt(1 - (FINE_STRUCTURE * charge) ** 2)
    eta = FINE_STRUCTURE * charge * W / p
    radius = 1.2 * mass_number ** (1 / 3) / COMPTON_FM
    log_f = 2 * (gamma - 1) * np.log(2 * p * radius) + np.pi * eta + 2 * np.real(loggamma(gamma + 1j * eta))
    result: Array = np.exp(log_f)
    return result
