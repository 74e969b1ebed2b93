"""Cameras of narrow solid-state columns that swivel on a ring: each column and swivel is a view of its own."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.orbit import Orbit
from hevesy.model.arrays import frozen

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SwivelColumns:
    """Columns of parallel square holes that turn about their own axial pivots.

        pivot = centre + ring (sin p, cos p, 0);  face = pivot - arm (sin a, cos a, 0),  a = p + swivel

    at position p of the column on the ring and swivel angle from the direction to the centre; both turn as the angles of
    :class:`hevesy.model.Projections` do.

    Attributes
    ----------
    positions : ndarray, shape (columns,)               Of the columns on the ring [degrees].
    rings : ndarray, shape (columns,)                   From the centre to the pivot of each column [mm].
    swivels : ndarray, shape (columns, swivels)         Angle of each step of each column [degrees].
    arm : float                                         From the pivot to the collimator's face, towards the patient [mm].
    rows, columns : int                                 Pixels of one column's detector: along the axis, across.
    pixel : (row, column)                               [mm].
    centre : (x, y, z)                                  LPS [mm].
    """

    positions: Array
    rings: Array
    swivels: Array
    arm: float
    rows: int
    columns: int
    pixel: tuple[float, float]
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("positions", "rings", "swivels"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n = self.positions.size
        if self.positions.shape != (n,) or self.rings.shape != (n,) or self.swivels.ndim != 2 or len(self.swivels) != n:
            raise InputError(
                f"swivelling columns: {self.positions.shape} positions, {self.rings.shape} rings, {self.swivels.shape} swivels; "
                "allowed are one position, one ring and one row of swivels a column."
            )
        if np.any(np.abs(self.swivels) >= 90) or np.any(self.rings <= self.arm):
            raise InputError("swivelling columns: swivels stay below 90 degrees, and the face does not pass the centre.")


def swivel_orbit(columns: SwivelColumns) -> Orbit:
    """Views of :class:`hevesy.imaging.projectors.ParallelHole`, column after column, swivel after swivel.

    A column turned by s from the direction to the centre looks along a = p + s.  Its face lies at ring cos s - arm along
    that direction and ring sin s beside it (along u = (-cos a, sin a, 0)), because
    pivot . u = ring (-cos a sin p + sin a cos p) = ring sin(a - p).
    """
    s = np.deg2rad(columns.swivels)
    ring = columns.rings[:, None]
    return Orbit(
        angles=(columns.positions[:, None] + columns.swivels).ravel(),
        radii=(ring * np.cos(s) - columns.arm).ravel(), shifts=(ring * np.sin(s)).ravel(),
        rows=columns.rows, columns=columns.columns, pixel=columns.pixel, centre=columns.centre,
    )  # fmt: skip
