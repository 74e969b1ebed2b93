"""A body of voxels: density and medium of each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.materials import Material

# Thinner than air at sea level there is nothing to hit; zero would have no mass to be dosed [g/ml].
THINNEST = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phantom:
    """Voxels in which particles are followed.

    Attributes
    ----------
    density : ndarray, shape (z, y, x)      Mass density [g/ml], above 0.0001; float64.
    medium : ndarray, shape (z, y, x)       Index into ``media``; uint8.
    media : tuple of Material               Those that no voxel is made of are left out.
    voxel : tuple of 3 floats               Sides along (z, y, x) [mm].
    """

    density: npt.NDArray[np.float64]
    medium: npt.NDArray[np.uint8]
    media: tuple[Material, ...]
    voxel: tuple[float, float, float]

    def __post_init__(self) -> None:
        density = np.array(self.density, dtype=np.float64, order="C")
        medium = np.array(self.medium, dtype=np.uint8, order="C")
        if density.ndim != 3 or density.shape != medium.shape or density.size == 0:
            raise InputError(f"density and medium must be images of one shape (z, y, x); got {density.shape} and {medium.shape}.")
        if not (np.all(np.isfinite(density)) and float(density.min()) >= THINNEST):
            raise InputError(
                f"densities must lie above {THINNEST} g/ml; got {np.nanmin(density):g}. "
                "Raise what is vacuum to the density of air, 0.0012 g/ml."
            )
        if float(density.max()) > 25:
            raise InputError(f"the highest density is {density.max():g} g/ml, above that of any metal. Are these HU or kg/m3?")
        if int(medium.max()) >= len(self.media):
            raise InputError(f"medium {int(medium.max())} is not in the list of {len(self.media)} media.")
        if not all(np.isfinite(side) and 0.01 <= side <= 1000 for side in self.voxel):
            raise InputError(f"voxel sides must lie between 0.01 and 1000 mm; got {self.voxel}.")
        used = np.bincount(medium.reshape(-1), minlength=len(self.media)) > 0
        medium = (np.cumsum(used) - 1).astype(np.uint8)[medium]
        density.flags.writeable = medium.flags.writeable = False
        object.__setattr__(self, "density", density)
        object.__setattr__(self, "medium", medium)
        object.__setattr__(self, "media", tuple(medium for medium, kept in zip(self.media, used, strict=True) if kept))

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel [ml]."""
        return float(np.prod(self.voxel)) / 1000

    def arrays(self) -> Any:
        """The voxels as the loops read them."""
        from hevesy.transport._kernels.tables import Voxels

        nz, ny, nx = self.density.shape
        dz, dy, dx = self.voxel
        return Voxels(nx, ny, nz, float(dx), float(dy), float(dz), self.density.reshape(-1), self.medium.reshape(-1))
