"""An image and where its voxels lie in the patient."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model.arrays import frozen, handed_over


class Quantity(StrEnum):
    """What the voxels of an image hold.

    ``HU`` leaves the `dicom` room for two purposes only: density by a published table, and display.
    """

    COUNTS = "counts"
    ACTIVITY_CONCENTRATION = "Bq/ml"
    TIME_INTEGRATED_ACTIVITY_CONCENTRATION = "Bq s/ml"
    ABSORBED_DOSE = "Gy"
    DENSITY = "g/ml"
    HOUNSFIELD = "HU"
    FRACTION = "1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Where voxels lie in the patient.

    Attributes
    ----------
    shape : (z, y, x)                   Number of voxels: slices, rows, columns.
    affine : ndarray, shape (4, 4)      Maps the index (column, row, slice, 1) of a voxel to its centre, LPS [mm].
    frame_of_reference : str            DICOM Frame of Reference UID in which these mm are meant; "" if unknown.
    """

    shape: tuple[int, int, int]
    affine: npt.NDArray[np.float64]
    frame_of_reference: str = ""

    def __post_init__(self) -> None:
        affine = frozen(np.array(self.affine, dtype=np.float64))
        if affine.shape != (4, 4) or not np.all(np.isfinite(affine)) or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
            raise InputError("a grid needs an invertible 4x4 affine from voxel index to LPS mm.")
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise InputError(f"a grid needs a shape (z, y, x) of positive numbers; got {self.shape}.")
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel sides along column, row and slice index (x, y, z) [mm]."""
        x, y, z = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(x), float(y), float(z)

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel [mm3]."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """Voxel values on a grid, and what they hold.

    Attributes
    ----------
    values : ndarray, shape (z, y, x)   Handed over: the image makes the array read-only and does not copy it.
    grid : Grid
    quantity : Quantity                 What a voxel holds, with its unit.
    """

    values: npt.NDArray[Any]
    grid: Grid
    quantity: Quantity

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise InputError(f"image values have shape {self.values.shape}, its grid {self.grid.shape}.")
        object.__setattr__(self, "values", handed_over(self.values))
