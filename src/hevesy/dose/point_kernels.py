"""Point kernels of single particles: how far from its start a particle's energy is absorbed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model.arrays import frozen
from hevesy.tables import Table, load_table

Array = npt.NDArray[np.float64]

# What a table's last fraction may miss of the whole: the noise of its Monte Carlo and the tail beyond its last radius.
CLOSURE = 2e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointKernel:
    """Fraction of a particle's energy that is absorbed within a sphere around its start.

        F(r; E) = F(x; E),   x = rho r / scale(E)

    Attributes
    ----------
    energy : ndarray, shape (n,)        Kinetic energy or photon energy [MeV], increasing.
    scale : ndarray, shape (n,)         Length in which radii are counted, as mass thickness [g/cm2].
    x : ndarray, shape (m,)             Radii in units of ``scale`` [1], from 0 on.
    absorbed : ndarray, shape (n, m)    Fraction absorbed within ``x``, from 0 to ``1 - radiated``.
    radiated : ndarray, shape (n,)      Fraction that leaves as bremsstrahlung [1]; 0 for photons.
    """

    energy: Array
    scale: Array
    x: Array
    absorbed: Array
    radiated: Array

    def __post_init__(self) -> None:
        n, m = self.energy.size, self.x.size
        if self.absorbed.shape != (n, m) or self.scale.shape != (n,) or self.radiated.shape != (n,) or n < 2 or m < 2:
            raise DataError(f"point kernel: {n} energies and {m} radii do not fit fractions of shape {self.absorbed.shape}.")
        rising = np.all(np.diff(self.energy) > 0) and np.all(np.diff(self.x) > 0) and self.x[0] == 0
        if not rising or not np.all(self.scale > 0) or np.any(np.diff(self.absorbed, axis=1) < -1e-9):
            raise DataError("point kernel: energies, radii and absorbed fractions must rise, radii from 0. Rebuild the table.")
        if np.max(np.abs(self.absorbed[:, -1] + self.radiated - 1)) > 1e-9:
            raise DataError("point kernel: absorbed and radiated fractions must add to 1. Rebuild the table.")
        for name in ("energy", "scale", "x", "absorbed", "radiated"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointKernels:
    """Point kernels of electrons and photons in one medium, and the bremsstrahlung of electrons.

    Attributes
    ----------
    medium : str                                Short name: "soft".
    electrons, photons : PointKernel            Electron scale: CSDA range. Photon scale: mean free path.
    bremsstrahlung_energy : ndarray, shape (k,) Energies of bremsstrahlung photons [MeV], increasing.
    bremsstrahlung : ndarray, shape (n, k)      Share of an electron's radiated energy by photon energy; rows add to 1.
    sha256 : str                                Of the tables, in one text.
    """

    medium: str
    electrons: PointKernel
    photons: PointKernel
    bremsstrahlung_energy: Array
    bremsstrahlung: Array
    sha256: str

    def __post_init__(self) -> None:
        shape = (self.electrons.energy.size, self.bremsstrahlung_energy.size)
        if self.bremsstrahlung.shape != shape or np.any(self.bremsstrahlung < 0):
            raise DataError(f"bremsstrahlung of {self.medium}: need shares of 0 or more of shape {shape}. Rebuild the table.")
        if np.max(np.abs(np.sum(self.bremsstrahlung, axis=1) - 1)) > 1e-9:
            raise DataError(f"bremsstrahlung of {self.medium}: the shares of an electron must add to 1. Rebuild the table.")
        for name in ("bremsstrahlung_energy", "bremsstrahlung"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


@cache
def point_kernel_media() -> tuple[str, ...]:
    """Media for which point kernels are shipped."""
    found = [path.name for path in files("hevesy.dose").joinpath("data").iterdir()] if _has_data() else []
    stems = (name.removesuffix(".csv").removeprefix("point_kernels_") for name in found if name.endswith(".csv"))
    return tuple(sorted(stem for stem in stems if f"point_kernels_{stem}.csv" in found and "bremsstrahlung" not in stem))


@cache
def load_point_kernels(medium: str) -> PointKernels:
    """The shipped point kernels of ``medium``.

    Raises
    ------
    InputError
        There are none for that medium.
    DataError
        The table is not the certified one, or its energy does not close within 0.2 %.
    """
    if medium not in point_kernel_media():
        raise InputError(f"medium {medium!r} has no point kernels; allowed: {', '.join(point_kernel_media()) or 'none yet'}.")
    absorbed = load_table("hevesy.dose", f"point_kernels_{medium}")
    radiated = load_table("hevesy.dose", f"point_kernels_bremsstrahlung_{medium}")
    return point_kernels(medium, absorbed, radiated)


def point_kernels(medium: str, absorbed: Table, bremsstrahlung: Table) -> PointKernels:
    """Point kernels from their two tables.

    ``absorbed`` has a row for each particle and energy; the rows ``grid_electron`` and ``grid_photon`` hold the radii.
    ``bremsstrahlung`` has the photons per electron by the energies of both. Fractions are brought to an exact sum:
    those of electrons by a common factor, those of photons by a last step to 1 at 1.3 times the last radius.
    """
    try:
        columns = sorted(name for name in absorbed.rows[0] if name.startswith("c_"))
        electrons = _kernel(absorbed.rows, "electron", columns)
        photons = _kernel(absorbed.rows, "photon", columns)
        line, shares = _shares(bremsstrahlung.rows, electrons)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"point kernels of {medium} cannot be read ({error!r}). Reinstall hevesy.") from error
    sha256 = f"{absorbed.certificate.sha256} {bremsstrahlung.certificate.sha256}"
    return PointKernels(
        medium=medium,
        electrons=electrons,
        photons=photons,
        bremsstrahlung_energy=line,
        bremsstrahlung=shares,
        sha256=sha256,
    )


def _has_data() -> bool:
    return files("hevesy.dose").joinpath("data").is_dir()


def _kernel(rows: Sequence[dict[str, str]], particle: str, columns: list[str]) -> PointKernel:
    """The rows of one particle, with radius 0 in front and the fractions closed."""
    grid = [row for row in rows if row["particle"] == f"grid_{particle}"][0]
    used = [name for name in columns if grid[name] not in ("", None)]
    own = sorted((row for row in rows if row["particle"] == particle), key=lambda row: float(row["energy_MeV"]))
    x = np.array([float(grid[name]) for name in used])
    c = np.array([[float(row[name]) for name in used] for row in own])
    if x[0] > 0:
        x, c = np.r_[0.0, x], np.column_stack([np.zeros(len(own)), c])
    radiated = np.array([float(row["radiated"] or 0) for row in own]) if particle == "electron" else np.zeros(len(own))
    off = float(np.max(np.abs(c[:, -1] + radiated - 1)))
    if off > CLOSURE:
        raise DataError(f"point kernels of {particle}s: energy closes within {off:.2e} only, allowed is {CLOSURE}.")
    c = np.maximum.accumulate(c, axis=1)
    if particle == "electron":
        c *= ((1 - radiated) / c[:, -1])[:, None]
    else:
        x, c = np.r_[x, 1.3 * x[-1]], np.column_stack([np.minimum(c, 1.0), np.ones(len(own))])
    return PointKernel(
        energy=np.array([float(row["energy_MeV"]) for row in own]),
        scale=np.array([float(row["scale_g_per_cm2"]) for row in own]),
        x=x,
        absorbed=c,
        radiated=radiated,
    )


def _shares(rows: Sequence[dict[str, str]], electrons: PointKernel) -> tuple[Array, Array]:
    """Energies of bremsstrahlung photons and the share of each in the radiated energy, by electron energy."""
    keys = ("electron_energy_MeV", "photon_energy_MeV", "photons_per_electron")
    values = np.array([[float(row[key]) for key in keys] for row in rows])
    line, column = np.unique(values[:, 1], return_inverse=True)
    row = np.argmin(np.abs(np.log(values[:, 0, None] / electrons.energy)), axis=1)
    if np.max(np.abs(values[:, 0] / electrons.energy[row] - 1)) > 1e-6:
        raise ValueError("bremsstrahlung for electron energies that the kernels do not have")
    energy = np.zeros((electrons.energy.size, line.size))
    np.add.at(energy, (row, column), values[:, 1] * values[:, 2])
    total = energy.sum(axis=1)
    # An electron without a photon in the table gives its little radiated energy to the lowest photon energy.
    energy[total == 0, 0] = 1.0
    total[total == 0] = 1.0
    return line, energy / total[:, None]
