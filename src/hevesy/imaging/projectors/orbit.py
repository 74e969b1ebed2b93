"""Where the detector stands in each view."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid, Projections
from hevesy.model.arrays import frozen

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orbit:
    """Views of a flat detector with parallel holes, in the directions of :class:`hevesy.model.Projections`.

        middle of the face = centre + radius (sin a, cos a, 0) + shift u,    u = (-cos a, sin a, 0)

    Attributes
    ----------
    angles : ndarray, shape (views,)    Direction a in which the detector lies [degrees].
    radii : ndarray, shape (views,)     From ``centre`` to the plane of the collimator's face [mm].
    shifts : ndarray, shape (views,)    Of the middle of the detector along u [mm].
    rows, columns : int                 Pixels of a view.
    pixel : (row, column)               Their distance [mm].
    centre : (x, y, z)                  LPS [mm].
    """

    angles: Array
    radii: Array
    shifts: Array
    rows: int
    columns: int
    pixel: tuple[float, float]
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("angles", "radii", "shifts"):
            values = frozen(getattr(self, name))
            if values.ndim != 1 or values.size != np.size(self.angles) or not np.all(np.isfinite(values)):
                raise InputError(f"orbit: {name} must be one finite number a view; got shape {values.shape}.")
            object.__setattr__(self, name, values)
        if min(self.rows, self.columns) < 1 or min(self.pixel) <= 0:
            raise InputError(f"orbit: {self.rows} rows, {self.columns} columns of {self.pixel} mm; all must be positive.")

    @property
    def views(self) -> int:
        """Number of views."""
        return int(self.angles.size)


def orbit_of(projections: Projections) -> Orbit:
    """The orbit of measured projections."""
    rows, columns = projections.counts.shape[2:]
    return Orbit(
        angles=projections.angles, radii=projections.radii, shifts=projections.shifts,
        rows=rows, columns=columns, pixel=projections.pixel, centre=projections.centre,
    )  # fmt: skip


def circular_orbit(
    views: int, *, radius: float, rows: int, columns: int, pixel: tuple[float, float], start: float = 0.0, arc: float = 360.0,
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Orbit:  # fmt: skip
    """Evenly spaced ``views`` at one radius [mm] about ``centre``, over ``arc`` degrees (less than 0: back) from ``start``."""
    return Orbit(
        angles=start + arc * np.arange(views) / views, radii=np.full(views, radius), shifts=np.zeros(views),
        rows=rows, columns=columns, pixel=pixel, centre=centre,
    )  # fmt: skip


def centred_grid(shape: tuple[int, int, int], spacing: tuple[float, float, float], centre: Any = (0.0, 0.0, 0.0)) -> Grid:
    """Axis-aligned voxels (z, y, x) of ``spacing`` (x, y, z) [mm] around ``centre`` (x, y, z) [mm]."""
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = np.asarray(centre, dtype=float) - affine.diagonal()[:3] * (np.array(shape[::-1]) - 1) / 2
    return Grid(shape=shape, affine=affine)
