"""The grid of voxels about the centre of a PET scanner."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid, Image, Quantity

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Voxels whose middle is the middle of the scanner; arrays of it are [x, y, z] with z contiguous.

    Attributes
    ----------
    shape : (x, y, z)       Number of voxels.
    side : float            Voxel side in the transaxial plane [mm].
    thickness : float       Voxel side along the axis [mm].
    """

    shape: tuple[int, int, int]
    side: float
    thickness: float

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or min(self.shape) < 2:
            raise InputError(f"a field needs a shape (x, y, z) of at least 2 voxels each; got {self.shape}.")
        if not (0.1 <= self.side <= 50 and 0.1 <= self.thickness <= 50):
            raise InputError(f"voxels are {self.side} x {self.thickness} mm; sides from 0.1 to 50 mm are meant. Give mm.")
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel [ml]."""
        return self.side**2 * self.thickness / 1000

    def centres(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Positions of the voxel centres along x, y and z from the middle [mm]."""
        sides = (self.side, self.side, self.thickness)
        x, y, z = (((np.arange(n) - (n - 1) / 2) * d).astype(np.float64) for n, d in zip(self.shape, sides, strict=True))
        return x, y, z


def checked(field: Field, values: npt.NDArray[Any], what: str) -> Floats:
    """``values`` as float32 [x, y, z], or an error that names them."""
    if values.shape != field.shape:
        raise InputError(f"{what} has shape {values.shape}; the field has {field.shape} as (x, y, z). Transpose or resample it.")
    return np.ascontiguousarray(values, dtype=np.float32)


def from_image(image: Image) -> tuple[Field, Floats]:
    """The field of an image of equal transaxial sides, and its values as [x, y, z]; its middle becomes the scanner's."""
    dx, dy, dz = image.grid.spacing
    if abs(dx - dy) > 1e-3 * dx:
        raise InputError(f"voxels are {dx:g} x {dy:g} mm across; the PET models need equal sides. Resample the image.")
    z, y, x = image.grid.shape
    field = Field(shape=(x, y, z), side=dx, thickness=dz)
    return field, np.ascontiguousarray(np.transpose(image.values, (2, 1, 0)), dtype=np.float32)


def to_image(field: Field, values: npt.NDArray[Any], quantity: Quantity = Quantity.ACTIVITY_CONCENTRATION) -> Image:
    """The values [x, y, z] as an image about the origin."""
    x, y, z = field.centres()
    affine = np.diag([field.side, field.side, field.thickness, 1.0])
    affine[:3, 3] = x[0], y[0], z[0]
    grid = Grid(shape=field.shape[::-1], affine=affine)
    return Image(
        values=np.ascontiguousarray(np.transpose(checked(field, values, "the image"), (2, 1, 0))), grid=grid, quantity=quantity
    )
