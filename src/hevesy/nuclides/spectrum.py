"""A continuous spectrum of energies."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError
from hevesy.model.arrays import frozen

Array = npt.NDArray[np.float64]

# A refined spectrum has no step wider than its end point over this.
STEPS = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """Particles per decay and energy, linear between its points and zero outside them.

    Attributes
    ----------
    kind : str                          "beta-" or "beta+".
    energy : ndarray, shape (n,)        Kinetic energy [MeV], increasing.
    per_MeV : ndarray, shape (n,)       Density n(E) of particles per decay [1/MeV]; its last value is 0.
    """

    kind: str
    energy: Array
    per_MeV: Array

    def __post_init__(self) -> None:
        energy, density = frozen(self.energy), frozen(self.per_MeV)
        if energy.ndim != 1 or energy.shape != density.shape or energy.size < 2:
            raise InputError(
                f"{self.kind} spectrum: energy has shape {energy.shape} and per_MeV {density.shape}; "
                "both must be of one dimension and one length of 2 or more. Give a density for each energy."
            )
        if not (np.all(np.isfinite(energy)) and energy[0] >= 0 and np.all(np.diff(energy) > 0)):
            raise InputError(f"{self.kind} spectrum: energies must increase from 0 or more and be finite. Sort them.")
        if not (np.all(np.isfinite(density)) and np.all(density >= 0) and density[-1] == 0):
            raise InputError(f"{self.kind} spectrum: densities must be finite, 0 or more, and end with 0 at the end point.")
        object.__setattr__(self, "energy", energy)
        object.__setattr__(self, "per_MeV", density)

    @property
    def per_decay(self) -> float:
        """Particles per decay: the integral of n(E)."""
        return float(_weights(self.energy)[0] @ self.per_MeV)

    @property
    def energy_per_decay(self) -> float:
        """Kinetic energy per decay: the integral of E n(E) [MeV]."""
        return float(_weights(self.energy)[1] @ self.per_MeV)

    @property
    def mean_energy(self) -> float:
        """Mean kinetic energy of a particle [MeV]."""
        return self.energy_per_decay / self.per_decay

    @property
    def end_point(self) -> float:
        """Highest energy [MeV]."""
        return float(self.energy[-1])


def refined(kind: str, energy: npt.ArrayLike, per_MeV: npt.ArrayLike) -> Spectrum:
    """A spectrum on a finer grid, through every given point.

    The root of the density is interpolated by a monotone cubic: towards the end point n(E) goes as (E0 - E)^2, so
    that its root is nearly a line, and no interval overshoots. Nothing is added below the first or above the last point.
    Reference: F. N. Fritsch, R. E. Carlson, SIAM J. Numer. Anal. 17 (1980) 238.
    """
    from scipy.interpolate import PchipInterpolator

    x, n = np.asarray(energy, dtype=np.float64), np.asarray(per_MeV, dtype=np.float64)
    if n[-1] > 0:
        # One table could end above zero: the edge then falls within a millionth of the end point.
        x, n = np.append(x, x[-1] * (1 + 1e-6)), np.append(n, 0.0)
    parts = np.maximum(1, np.ceil(np.diff(x) * STEPS / x[-1])).astype(int)
    within = [np.linspace(a, b, m, endpoint=False) for a, b, m in zip(x[:-1], x[1:], parts, strict=True)]
    fine = np.concatenate([*within, x[-1:]])
    root: Any = PchipInterpolator(x, np.sqrt(n))(fine)
    root[-1] = 0.0
    return Spectrum(kind=kind, energy=fine, per_MeV=root**2)


def renormalised(spectrum: Spectrum, *, per_decay: float, mean_energy: float) -> Spectrum:
    """The spectrum nearest to the given one that has a given yield and mean energy.

        n'(E) = c exp(b E) n(E)

    Of all densities with these two integrals it has the least relative entropy to n(E). It stays positive and keeps
    the end point. c and b follow from the yield [1 per decay] and the mean energy [MeV].

    Raises
    ------
    ConvergenceError
        No such spectrum: the mean energy lies outside the energies of the spectrum.
    """
    count, moment = _weights(spectrum.energy)
    # Energies from the mean, in units of the end point: the exponent stays of the order of one.
    x = (spectrum.energy - mean_energy) / spectrum.end_point
    b = 0.0
    for _ in range(100):
        density = spectrum.per_MeV * np.exp(b * x)
        particles = count @ density
        off = (moment @ density) / particles - mean_energy
        if abs(off) <= 1e-13 * mean_energy:
            return Spectrum(kind=spectrum.kind, energy=spectrum.energy, per_MeV=density * (per_decay / particles))
        # d(mean)/db is the covariance of E and x, with the node weights as measure: Newton's step, held short.
        slope = ((moment * x) @ density - (moment @ density) * ((count * x) @ density) / particles) / particles
        b -= float(np.clip(off / slope, -2.0, 2.0))
    raise ConvergenceError(
        f"{spectrum.kind} spectrum: a mean energy of {mean_energy:.6g} MeV was not reached from {spectrum.mean_energy:.6g} MeV "
        f"below {spectrum.end_point:.6g} MeV. Check that table and branches are of one nuclide."
    )


def total(kind: str, parts: Iterable[tuple[float, Spectrum]]) -> Spectrum | None:
    """Weighted sum of spectra, on the points of all of them: exact, since each is linear in between. None of none."""
    weighted = [(weight, spectrum) for weight, spectrum in parts if weight > 0]
    if not weighted:
        return None
    energy = np.unique(np.concatenate([spectrum.energy for _, spectrum in weighted]))
    density = np.zeros_like(energy)
    for weight, spectrum in weighted:
        density += weight * np.interp(energy, spectrum.energy, spectrum.per_MeV, left=0.0, right=0.0)
    return Spectrum(kind=kind, energy=energy, per_MeV=density)


def _weights(energy: Array) -> tuple[Array, Array]:
    """Node weights of the integrals of n and E n, for n linear between the nodes."""
    step = np.diff(energy)
    low, high = energy[:-1], energy[1:]
    count, moment = np.zeros_like(energy), np.zeros_like(energy)
    count[:-1] += step / 2
    count[1:] += step / 2
    moment[:-1] += step * (2 * low + high) / 6
    moment[1:] += step * (low + 2 * high) / 6
    return count, moment
