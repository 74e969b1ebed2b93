"""Radial kernel of a nuclide: energy that a decay leaves within a sphere around it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.dose.point_kernels import PointKernel, PointKernels, load_point_kernels
from hevesy.errors import DataError, InputError, ScopeError
from hevesy.model.arrays import frozen
from hevesy.nuclides import Radiations, Spectrum, radiations

Array = npt.NDArray[np.float64]

# Radii of the kernel in water-like mass thickness [g/cm2]: below the range of the slowest electrons of the tables, and
# beyond the last mean free path of the hardest photons. The step is that of the logarithm.
SMALLEST, LARGEST, STEP = 1e-7, 1e4, 0.01
# Step of the logarithm of energy in which lines and spectra are gathered.
ENERGY_STEP = 0.01
# Energies up to this factor above the tables use the curve of their highest energy.
BEYOND_TABLE = 1.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadialKernel:
    """Energy absorbed within a radius around a decay, by what carried it.

    Attributes
    ----------
    nuclide, medium : str
    r : ndarray, shape (n,)             Radii as mass thickness rho r [g/cm2], from 0 on, increasing.
    charged : ndarray, shape (n,)       Absorbed within r from electrons, positrons and alphas [MeV per decay].
    photons : ndarray, shape (n,)       The same from photons and their electrons, bremsstrahlung included [MeV per decay].
    remarks : tuple of str              What was left out or counted at the decay's place.
    """

    nuclide: str
    medium: str
    r: Array
    charged: Array
    photons: Array
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("r", "charged", "photons"):
            object.__setattr__(self, name, frozen(np.array(getattr(self, name), dtype=np.float64)))
        if self.r.ndim != 1 or self.r.size < 3 or self.r[0] != 0 or np.any(np.diff(self.r) <= 0):
            raise InputError("a radial kernel needs three or more radii that increase from 0.")
        for E in (self.charged, self.photons):
            if E.shape != self.r.shape or not np.all(np.isfinite(E)) or E[0] < 0 or np.any(np.diff(E) < -1e-9 * (E[-1] + 1e-300)):
                raise InputError("a radial kernel needs energies for each radius that do not fall with the radius.")

    @property
    def energy_per_decay(self) -> float:
        """All of it [MeV]."""
        return float(self.charged[-1] + self.photons[-1])


def radii() -> Array:
    """The radii on which kernels are made: 0 and a geometric sequence [g/cm2]."""
    return np.concatenate([np.zeros(1), np.exp(np.arange(np.log(SMALLEST), np.log(LARGEST), STEP))])


@cache
def nuclide_radial_kernel(name: str, medium: str, daughters: bool = True, leaving: float = 0.0) -> RadialKernel:
    """Radial kernel of the nuclide ``name`` with its daughters in a shipped medium; ``leaving`` as in `radiations`."""
    return radial_kernel(radiations(name, daughters=daughters, leaving=leaving), load_point_kernels(medium))


def radial_kernel(given: Radiations, kernels: PointKernels) -> RadialKernel:
    """Radial kernel from the radiations of a decay and the point kernels of a medium.

        E(r) = sum_i Y_i E_i F(rho r / R(E_i); E_i)

    with the sum over lines and, for beta particles, the spectrum. F is interpolated linearly in log E at a fixed share
    x of the scale R, which itself goes with E as a power between the energies of the table. Alpha particles, recoiling
    nuclei, fission fragments and what is slower than the tables are absorbed at r = 0. Positrons run as electrons;
    bremsstrahlung starts at the decay. Neglected: neutrons, annihilation in flight, the range of alphas (below 0.1 mm).
    References: M. J. Berger, MIRD Pamphlet 2 (1968) and 7 (1971); density scaling: U. Fano, Radiat Res 1954;1:237.
    """
    r = radii()
    electrons = kernels.electrons
    E, energy = _gathered(_charged_lines(given), electrons, given.name)
    fast = electrons.energy[0] <= E
    radiated = np.where(fast, np.interp(np.log(np.maximum(E, 1e-12)), np.log(electrons.energy), electrons.radiated), 0.0)
    local = float(np.sum(energy[~fast])) + _local(given)
    charged = local + _absorbed(electrons, E[fast], energy[fast], r)
    soft = _bremsstrahlung(kernels, E[fast], (energy * radiated)[fast])
    lines = np.concatenate(
        [
            _lines(given.photon_energy, given.photon_yield),
            _lines(given.annihilation_energy, given.annihilation_yield),
            soft,
        ],
        axis=1,
    )
    E, energy = _gathered(lines, kernels.photons, given.name)
    hard = kernels.photons.energy[0] <= E
    photons = float(np.sum(energy[~hard])) + _absorbed(kernels.photons, E[hard], energy[hard], r)
    budget = sum(value for kind, value in given.energies.items() if kind != "neutron")
    total = float(charged[-1] + photons[-1])
    if abs(total - budget) > 1e-4 * budget:
        raise DataError(f"{given.name}: the kernel holds {total:.6g} MeV per decay, its radiations {budget:.6g}. Report this.")
    remarks = list(given.remarks)
    if given.energies.get("neutron", 0.0) > 0:
        remarks.append(f"{given.name}: {given.energies['neutron']:.3g} MeV per decay of neutrons are not in the kernel.")
    return RadialKernel(nuclide=given.name, medium=kernels.medium, r=r, charged=charged, photons=photons, remarks=tuple(remarks))


def spectrum_lines(spectrum: Spectrum) -> Array:
    """A spectrum as lines, two rows: energies [MeV] and energy per decay carried at each [MeV].

    Each interval becomes one line with the interval's number of particles and their mean energy: exact integrals of
    the density, which is linear in between.
    """
    low, high = spectrum.energy[:-1], spectrum.energy[1:]
    n_low, n_high = spectrum.per_MeV[:-1], spectrum.per_MeV[1:]
    number = (n_low + n_high) / 2 * (high - low)
    energy = (low * (2 * n_low + n_high) + high * (n_low + 2 * n_high)) / 6 * (high - low)
    filled = number > 0
    return np.array([energy[filled] / number[filled], energy[filled]])


def _lines(energy: Array, per_decay: Array) -> Array:
    return np.array([energy, np.asarray(energy) * per_decay])


def _charged_lines(given: Radiations) -> Array:
    spectra = [spectrum_lines(spectrum) for spectrum in (given.beta_minus, given.beta_plus) if spectrum is not None]
    return np.concatenate([_lines(given.electron_energy, given.electron_yield), *spectra], axis=1)


def _local(given: Radiations) -> float:
    """Energy absorbed where the decay is: alphas, recoil, fission fragments [MeV per decay]."""
    return float(sum(given.energies.get(kind, 0.0) for kind in ("alpha", "alpha recoil", "fission fragment")))


def _gathered(lines: Array, kernel: PointKernel, name: str) -> tuple[Array, Array]:
    """Lines gathered on energies a hundredth apart, each shared by its two neighbours so that log E keeps its mean.

    F is linear in log E between the energies of the table, so that only the curvature of the scale is lost: 1e-5 of it.
    """
    E, energy = lines
    E, energy = E[energy > 0], energy[energy > 0]
    if E.max(initial=0.0) > BEYOND_TABLE * kernel.energy[-1]:
        raise ScopeError(
            f"{name} gives off {E.max():.3g} MeV; the point kernels end at {kernel.energy[-1]:.3g} MeV. Use another engine."
        )
    within = kernel.energy[0] <= E
    if not np.any(within):
        return E, energy
    start, t = np.log(kernel.energy[0]), np.log(E[within])
    place = (t - start) / ENERGY_STEP
    index = np.floor(place).astype(int)
    share = place - index
    size = int(index.max()) + 2
    sums = np.bincount(index, energy[within] * (1 - share), size) + np.bincount(index + 1, energy[within] * share, size)
    nodes = np.exp(start + ENERGY_STEP * np.arange(size))
    nodes[0] = kernel.energy[0]
    filled = sums > 0
    return np.r_[E[~within], nodes[filled]], np.r_[energy[~within], sums[filled]]


def _absorbed(kernel: PointKernel, E: Array, energy: Array, r: Array) -> Array:
    """Energy within ``r`` [MeV per decay] of particles of energies ``E`` that carry ``energy`` in all."""
    total = np.zeros_like(r)
    if E.size == 0:
        return total
    slopes = _slopes(kernel)
    t, table = np.log(E), np.log(kernel.energy)
    i = np.clip(np.searchsorted(table, t, side="right") - 1, 0, table.size - 2)
    w = (t - table[i]) / (table[i + 1] - table[i])
    scale = np.exp(np.log(kernel.scale[i]) * (1 - w) + np.log(kernel.scale[i + 1]) * w)
    w = np.minimum(w, 1.0)  # above the table: the curve of its highest energy, on the scale of the particle's own
    for n in range(E.size):
        F = (1 - w[n]) * kernel.absorbed[i[n]] + w[n] * kernel.absorbed[i[n] + 1]
        dF = (1 - w[n]) * slopes[i[n]] + w[n] * slopes[i[n] + 1]
        total += energy[n] * _hermite(kernel.x, F, dF, r / scale[n])
    return total


def _slopes(kernel: PointKernel) -> Array:
    """Slopes at the radii: those of cubic splines, held to 0 to 3 times the next secants so that no piece turns back.

    Reference: J. M. Hyman, SIAM J Sci Stat Comput 1983;4:645.
    """
    from scipy.interpolate import CubicSpline

    slopes = CubicSpline(kernel.x, kernel.absorbed, axis=1)(kernel.x, 1)
    secant = np.diff(kernel.absorbed, axis=1) / np.diff(kernel.x)
    least = np.minimum(np.column_stack([secant[:, :1], secant]), np.column_stack([secant, secant[:, -1:]]))
    return np.asarray(np.clip(slopes, 0.0, 3 * least), dtype=np.float64)


def _hermite(x: Array, F: Array, dF: Array, at: Array) -> Array:
    """Cubic through ``F`` with slopes ``dF``, constant beyond the last point."""
    at = np.minimum(at, x[-1])
    k = np.minimum(np.searchsorted(x, at, side="right") - 1, x.size - 2)
    step = x[k + 1] - x[k]
    s = (at - x[k]) / step
    q = 1 - s
    value = F[k] * q * q * (1 + 2 * s) + F[k + 1] * s * s * (3 - 2 * s) + step * s * q * (q * dF[k] - s * dF[k + 1])
    return np.asarray(value)


def _bremsstrahlung(kernels: PointKernels, E: Array, radiated: Array) -> Array:
    """Bremsstrahlung as photon lines: the radiated energy [MeV per decay] by the shares of the table, linear in log E."""
    electrons = kernels.electrons
    if E.size == 0:
        return np.zeros((2, 0))
    table = np.log(electrons.energy)
    place = np.interp(np.log(E), table, np.arange(table.size, dtype=np.float64))
    i = np.minimum(np.floor(place).astype(int), table.size - 2)
    by_row = np.bincount(i, radiated * (1 - (place - i)), table.size) + np.bincount(i + 1, radiated * (place - i), table.size)
    return np.array([kernels.bremsstrahlung_energy, by_row @ kernels.bremsstrahlung])
