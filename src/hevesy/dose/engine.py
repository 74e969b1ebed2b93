"""What a dose engine is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import Nuclide

Mask = npt.NDArray[np.bool_]
Progress = Callable[[float, float], None]

# Below this share of all activity, what lies in air is not worth a remark.
SHARE_IN_AIR = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """How a stochastic engine got its result: histories followed, batches, seed."""

    histories: int
    batches: tuple[int, int]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseMap:
    """Absorbed dose by voxel, and what the engine had to do to get it.

    Attributes
    ----------
    dose : Image                    [Gy].
    local_energy : float            Energy per decay that stays near the decay: electrons, alphas and recoil [MeV].
    remarks : tuple of str          What a reader must know.
    u : Image or None               Statistical standard uncertainty by voxel [Gy]; None for an engine without chance.
    region_u : tuple of float       Relative statistical uncertainty of the mean dose of each region that was asked for.
    ensemble : Ensemble or None     None for an engine without chance.
    """

    dose: Image
    local_energy: float
    remarks: tuple[str, ...] = ()
    u: Image | None = None
    region_u: tuple[float, ...] = ()
    ensemble: Ensemble | None = None


class DoseEngine(Protocol):
    """From a time-integrated activity map to an absorbed-dose map on the same grid."""

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def description(self) -> str:
        """Physics and what is neglected, in a sentence or two for the report."""

    def energy_per_decay(self, nuclide: Nuclide) -> float:
        """Energy that the engine deposits per decay where all of it is absorbed [MeV]."""

    def absorbed_dose(
        self, tia: Image, density: Image, nuclide: Nuclide, *, regions: Sequence[Mask] = (), media: Any = None
    ) -> DoseMap:
        """Dose map [Gy] from time-integrated activity [Bq s/ml] and mass density [g/ml] on one grid.

        ``regions`` are those whose dose must be certain, for an engine that computes by chance. ``media``: materials and
        their index by voxel, for an engine that knows more than one; by default from the density.
        """


def checked(tia: Image, density: Image, engine: str) -> None:
    """Raise :class:`InputError` unless the images hold what an engine needs, on one grid."""
    if tia.quantity is not Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION or density.quantity is not Quantity.DENSITY:
        raise InputError(f"{engine} needs Bq s/ml and g/ml; got {tia.quantity.value} and {density.quantity.value}.")
    if tia.grid.shape != density.grid.shape or not np.allclose(tia.grid.affine, density.grid.affine, atol=1e-3):
        raise InputError(
            f"time-integrated activity and density must share a grid; got {tia.grid.shape} and {density.grid.shape} voxels of "
            f"{_sizes(tia.grid)} and {_sizes(density.grid)} mm. Resample one to the other."
        )


def voxel_sides(grid: Grid) -> tuple[float, float, float]:
    """Sides of a voxel along slice, row and column index (z, y, x) [mm]; only a grid of right angles has them."""
    axes = grid.affine[:3, :3] / np.linalg.norm(grid.affine[:3, :3], axis=0)
    if not np.allclose(axes.T @ axes, np.eye(3), atol=1e-4):
        raise InputError("a dose engine needs a grid of right angles; this one is sheared. Resample it first.")
    x, y, z = grid.spacing
    return z, y, x


def share_in_air(tia: Image, density: Image, below: float) -> float:
    """Share of the time-integrated activity in voxels of less than that density [1]."""
    total = float(np.sum(tia.values, dtype=np.float64))
    inside = float(np.sum(tia.values, where=density.values < below, dtype=np.float64))
    return inside / total if total > 0 else 0.0


def _sizes(grid: Grid) -> str:
    return " x ".join(f"{side:.4g}" for side in grid.spacing)
