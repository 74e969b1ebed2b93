"""Solids of phantoms: right cylinders, the cross section of the NEMA IEC body, and rods."""

from dataclasses import dataclass

import numpy as np

from hevesy.imaging.shapes import Field, Point, Solid


@dataclass(frozen=True, slots=True, kw_only=True)
class Cylinder:
    """Right circular cylinder along z about (x, y), from ``low`` to ``high`` [mm]."""

    centre: tuple[float, float]
    radius: float
    low: float
    high: float

    @property
    def bounds(self) -> tuple[Point, Point]:
        (x, y), r = self.centre, self.radius
        return (x - r, y - r, self.low), (x + r, y + r, self.high)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        r = np.hypot(x - np.float32(self.centre[0]), y - np.float32(self.centre[1]))
        ends = np.minimum(z - np.float32(self.low), np.float32(self.high) - z)
        return np.asarray(np.minimum(np.float32(self.radius) - r, ends), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyVessel:
    """The inside of the NEMA IEC body: half a disc in front, two quarter discs and a box behind.

    The flat line between both lies at ``y``; the arch of radius ``arch`` is anterior, the corners of radius ``corner``
    have their centres at x = +-(arch - corner) on that line.
    """

    y: float
    arch: float
    corner: float
    low: float
    high: float

    @property
    def bounds(self) -> tuple[Point, Point]:
        return (-self.arch, self.y - self.arch, self.low), (self.arch, self.y + self.corner, self.high)

    @property
    def area(self) -> float:
        """Of the cross section [mm2]: pi R^2 / 2 + pi r^2 / 2 + 2 (R - r) r."""
        R, r = self.arch, self.corner
        return float(np.pi * (R * R + r * r) / 2 + 2 * (R - r) * r)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        down = y - np.float32(self.y)
        front = np.float32(self.arch) - np.hypot(x, down)
        beside = np.maximum(np.abs(x) - np.float32(self.arch - self.corner), np.float32(0))
        behind = np.float32(self.corner) - np.hypot(beside, down)
        side = np.where(down < 0, front, behind)
        ends = np.minimum(z - np.float32(self.low), np.float32(self.high) - z)
        return np.asarray(np.minimum(side, ends), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rods:
    """Equal rods along z at ``centres`` (x, y) [mm]."""

    centres: tuple[tuple[float, float], ...]
    diameter: float
    low: float
    high: float

    @property
    def bounds(self) -> tuple[Point, Point]:
        c, r = np.array(self.centres), self.diameter / 2
        low, high = c.min(axis=0) - r, c.max(axis=0) + r
        return (float(low[0]), float(low[1]), self.low), (float(high[0]), float(high[1]), self.high)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        nearest = np.full(np.shape(x), 1e8, dtype=np.float32)
        for a, b in self.centres:
            u, v = x - np.float32(a), y - np.float32(b)
            nearest = np.minimum(nearest, u * u + v * v)
        ends = np.minimum(z - np.float32(self.low), np.float32(self.high) - z)
        return np.asarray(np.minimum(np.float32(self.diameter / 2) - np.sqrt(nearest), ends), dtype=np.float32)


def sector_of_rods(diameter: float, direction: float, radius: float, inner: float) -> tuple[tuple[float, float], ...]:
    """Centres of rods on a triangular lattice of pitch twice the ``diameter`` in a sector of 60 degrees.

    Parameters
    ----------
    direction : float                   Of the sector's middle, from x towards y [degrees].
    radius, inner : float               No rod reaches beyond ``radius``, none starts before ``inner`` from the axis [mm].
    """
    pitch, centres = 2 * diameter, []
    c, s = np.cos(np.deg2rad(direction)), np.sin(np.deg2rad(direction))
    rows = int(radius / pitch) + 2
    for row in range(rows):
        along = inner + diameter / 2 + row * pitch * np.sqrt(0.75)
        for n in range(row + 1):
            across = (n - row / 2) * pitch
            if np.hypot(along, across) + diameter / 2 <= radius:
                centres.append((float(along * c - across * s), float(along * s + across * c)))
    return tuple(centres)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A solid stretched by ``factors`` along x, y, z about the origin.

    The depth is that of the solid times the geometric mean of the factors: exact where they are equal; otherwise a
    surface is softer or sharper by their ratio over one voxel, and the volume stays right to first order.
    """

    of: Solid
    factors: Point

    @property
    def bounds(self) -> tuple[Point, Point]:
        low, high = (np.array(corner) * np.array(self.factors) for corner in self.of.bounds)
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        a, b, c = (np.float32(factor) for factor in self.factors)
        return np.asarray(self.of.depth(x / a, y / b, z / c) * np.float32(np.cbrt(a * b * c)), dtype=np.float32)
