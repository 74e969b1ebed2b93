"""What starts where: particles of a nuclide in the voxels of a time-integrated activity map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.materials import Material, radiation_yield
from hevesy.nuclides import Radiations, Spectrum
from hevesy.transport._kernels.tables import ABSORBED, REACH, ElectronTables, Lines, Origins
from hevesy.transport.bremsstrahlung import thick_target_photons
from hevesy.transport.phantom import Phantom

Array = npt.NDArray[np.float64]

SPECTRUM_BINS = 200
PHOTON_EDGES = np.geomspace(1e-3, 14.0, 69)  # of bremsstrahlung [MeV]
LEAST_PHOTON = 1e-3  # MeV: softer ones are absorbed where they start
# Densities for which the choice of energies is tuned [g/ml]; any other density is still exact, at more variance.
CLASSES = np.concatenate([[0.0012], np.geomspace(0.05, 3.2, 7)])
# A voxel is thin if its smallest side is less than this share of the range of a typical particle, which then leaves it.
THIN = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Charged:
    """Electrons and positrons per decay: bins of energy [MeV] (``low`` = ``high`` for a line), yield, charge."""

    low: Array
    high: Array
    per_decay: Array
    charge: npt.NDArray[np.int64]

    @property
    def mean(self) -> Array:
        """Mean energy of each bin [MeV]."""
        return 0.5 * (self.low + self.high)


def charged_particles(radiations: Radiations, lowest: float) -> tuple[Charged, float]:
    """Charged particles to be followed, and the energy per decay of those below ``lowest`` [MeV]."""
    parts = [
        _binned(spectrum, charge) for spectrum, charge in ((radiations.beta_minus, 0), (radiations.beta_plus, 1)) if spectrum
    ]
    E, y = np.asarray(radiations.electron_energy), np.asarray(radiations.electron_yield)
    parts.append((E, E, y, np.zeros(E.size, np.int64)))
    low, high, per_decay, charge = (np.concatenate(column) for column in zip(*parts, strict=True))
    slow = 0.5 * (low + high) <= 1.5 * lowest
    local = float(np.sum((0.5 * (low + high) * per_decay)[slow]))
    fast = ~slow & (per_decay > 0)
    return Charged(low=low[fast], high=high[fast], per_decay=per_decay[fast], charge=charge[fast].astype(np.int64)), local


def _binned(spectrum: Spectrum, charge: int) -> tuple[Array, Array, Array, npt.NDArray[np.int64]]:
    """Bins of even width with the spectrum's yield; the whole is stretched to its mean energy (by some 1e-5)."""
    E, n = np.asarray(spectrum.energy), np.asarray(spectrum.per_MeV)
    edges = np.linspace(E[0], E[-1], SPECTRUM_BINS + 1)
    grid = np.union1d(E, edges)
    density = np.interp(grid, E, n)
    width = np.diff(grid)
    number = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * width)])
    a, b = grid[:-1], grid[1:]
    energy = float(np.sum(width / 6 * (density[:-1] * (2 * a + b) + density[1:] * (a + 2 * b))))
    per_decay = np.diff(np.interp(edges, grid, number))
    stretch = energy / float(np.sum(per_decay * 0.5 * (edges[1:] + edges[:-1])))
    edges = edges * stretch
    return edges[:-1], edges[1:], per_decay, np.full(SPECTRUM_BINS, charge, np.int64)


def origins(phantom: Phantom, tia: Array, chance: Array) -> Origins:
    """Voxels with a chance above zero; ``tia`` [Bq s] by voxel, ``chance`` sums to one."""
    flat, p = tia.reshape(-1), chance.reshape(-1)
    voxel = np.flatnonzero((p > 0) & (flat > 0))
    kept = p[voxel] / p[voxel].sum()
    return Origins(voxel.astype(np.int64), np.cumsum(kept), flat[voxel] / kept)


def density_class(density: Array) -> npt.NDArray[np.int64]:
    """Nearest of CLASSES for each density."""
    edges = np.sqrt(CLASSES[1:] * CLASSES[:-1])
    return np.searchsorted(edges, density.reshape(-1)).astype(np.int64)


def thin_voxels(charged: Charged, tables: ElectronTables, medium: int, phantom: Phantom) -> npt.NDArray[np.bool_]:
    """Voxels, in one row, that nearly all charged particles leave; typical is the mean energy weighted by energy."""
    energy = charged.per_decay * charged.mean
    typical = float(energy @ charged.mean) / float(energy.sum())
    return np.asarray(min(phantom.voxel) * phantom.density.reshape(-1) < THIN * _reach(tables, medium, 0, typical))


def electron_lines(charged: Charged, tables: ElectronTables, medium: int, phantom: Phantom) -> Lines:
    """Chances of the energies by class of density: by what can leave a voxel, energy times share of the shell."""
    weight = []
    for rho in CLASSES:
        escapes = charged.per_decay * charged.mean * shell_share(charged, tables, medium, rho, phantom.voxel, charged.mean)
        weight.append(np.maximum(escapes, 1e-6 * escapes.max()))
    chance = np.array(weight) / np.sum(weight, axis=1, keepdims=True)
    return Lines(charged.low, charged.high, charged.charge, np.cumsum(chance, axis=1), charged.per_decay / chance)


def leaving_share(charged: Charged, tables: ElectronTables, medium: int, phantom: Phantom) -> Array:
    """Share of the charged energy that starts where it can reach a face, by voxel; of the nearest of CLASSES."""
    energy = charged.per_decay * charged.mean
    shares = [energy @ shell_share(charged, tables, medium, rho, phantom.voxel, charged.mean) / energy.sum() for rho in CLASSES]
    return np.asarray(np.take(shares, density_class(phantom.density))).reshape(phantom.density.shape)


def shell_share(
    charged: Charged, tables: ElectronTables, medium: int, density: float, voxel: Sequence[float], energy: Array
) -> Array:
    """Share of a voxel from where particles of each bin reach a face, at one energy for each bin."""
    reach = np.where(charged.charge == 0, *(_reach(tables, medium, charge, energy) for charge in (0, 1)))
    sides = np.asarray(voxel)[:, None]
    return np.asarray(1 - np.prod(np.maximum(0.0, 1 - 2 * reach / density / sides), axis=0))


def _reach(tables: ElectronTables, medium: int, charge: int, energy: npt.ArrayLike) -> Array:
    """How far particles can go at 1 g/ml [mm]."""
    grid = tables.log_first + np.arange(tables.data.shape[2]) / tables.per_log
    return np.asarray(np.interp(np.log(energy), grid, tables.data[charge, medium, :, REACH]))


def absorbed_locally(charged: Charged, tables: ElectronTables, media: int) -> Array:
    """Energy per decay of the charged particles, less what they radiate, by medium [MeV]."""
    grid = tables.log_first + np.arange(tables.data.shape[2]) / tables.per_log
    energy = np.zeros(media)
    for m in range(media):
        # Simpson's rule in each bin.
        for E, part in ((charged.low, 1 / 6), (charged.mean, 4 / 6), (charged.high, 1 / 6)):
            stays = np.where(
                charged.charge == 0,
                np.interp(np.log(np.maximum(E, 1e-9)), grid, tables.data[0, m, :, ABSORBED]),
                np.interp(np.log(np.maximum(E, 1e-9)), grid, tables.data[1, m, :, ABSORBED]),
            )
            energy[m] += part * float(np.sum(charged.per_decay * E * stays))
    return energy


def photon_lines(radiations: Radiations, charged: Charged, media: Sequence[Material]) -> tuple[Lines, float, Array]:
    """Photons to be followed, by medium; energy per decay of those below 1 keV; and energy of all by medium [MeV]."""
    E = np.asarray(radiations.photon_energy)
    y = np.asarray(radiations.photon_yield)
    slow = E < LEAST_PHOTON
    local = float(np.sum(E[slow] * y[slow]))
    direct = ~slow & (y > 0)
    positrons = charged.charge == 1
    n = int(direct.sum())
    low = np.concatenate([E[direct], PHOTON_EDGES[:-1], charged.low[positrons]])
    high = np.concatenate([E[direct], PHOTON_EDGES[1:], charged.high[positrons]])
    charge = np.concatenate([np.full(n + PHOTON_EDGES.size - 1, 2), np.full(int(positrons.sum()), 3)]).astype(np.int64)
    worth = np.concatenate([0.5 * (low + high)[: n + PHOTON_EDGES.size - 1], np.full(int(positrons.sum()), 1.022)])
    rows = []
    for medium in media:
        rows.append(np.concatenate([y[direct], bremsstrahlung(charged, medium), charged.per_decay[positrons]]))
    per_decay = np.array(rows)
    gain = per_decay * worth
    total = gain.sum(axis=1, keepdims=True)
    chance = np.where(total > 0, np.maximum(gain, np.where(per_decay > 0, 1e-4 * total, 0.0)), 1.0)
    chance /= chance.sum(axis=1, keepdims=True)
    weight = np.divide(per_decay, chance, out=np.zeros_like(chance), where=chance > 0)
    return Lines(low, high, charge, np.cumsum(chance, axis=1), weight), local, total[:, 0]


def bremsstrahlung(charged: Charged, medium: Material) -> Array:
    """Photons per decay by PHOTON_EDGES; their energy is all that the charged particles radiate in ``medium``."""
    if charged.mean.size == 0:
        return np.zeros(PHOTON_EDGES.size - 1)
    made: Any = charged.per_decay @ thick_target_photons(medium, charged.mean, PHOTON_EDGES)
    energy = float(np.sum(charged.per_decay * charged.mean * radiation_yield(medium, charged.mean)))
    found = float(np.sum(made * 0.5 * (PHOTON_EDGES[1:] + PHOTON_EDGES[:-1])))
    return np.asarray(made * (energy / found if found > 0 else 0.0))
