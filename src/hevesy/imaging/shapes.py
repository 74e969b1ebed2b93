"""Smooth solids: each tells how deep a point lies below its surface."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[Any]
Point = tuple[float, float, float]


class Solid(Protocol):
    """A region of space in patient coordinates (x left, y posterior, z superior) [mm].

    ``depth(x, y, z)`` is positive inside, zero on the surface, and there grows by 1 mm a mm along the inward
    normal; away from the surface it only keeps its sign.  ``bounds`` is a box that holds the solid.
    """

    @property
    def bounds(self) -> tuple[Point, Point]: ...

    def depth(self, x: Field, y: Field, z: Field) -> Field: ...


def turned(about_x: float = 0.0, about_y: float = 0.0, about_z: float = 0.0) -> npt.NDArray[np.float64]:
    """Rotation matrix Rz Ry Rx of three angles [degrees]."""
    a, b, c = np.deg2rad([about_x, about_y, about_z])
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(rz @ ry @ rx)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipsoid:
    """Ellipsoid with half axes ``axes`` [mm], turned by angles about x, y, z [degrees].

        depth = q (1 - q) / |grad q^2 / 2|,  q^2 = u^2 + v^2 + w^2,  u = x'/a ...

    exact to first order in the distance from the surface.
    """

    center: Point
    axes: Point
    angles: Point = (0.0, 0.0, 0.0)

    @property
    def bounds(self) -> tuple[Point, Point]:
        half = np.sqrt(((turned(*self.angles) * np.array(self.axes)) ** 2).sum(axis=1))
        low, high = np.array(self.center) - half, np.array(self.center) + half
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        to_own = (turned(*self.angles).T / np.array(self.axes)[:, None]).astype(np.float32)
        p = [c - np.float32(c0) for c, c0 in zip((x, y, z), self.center, strict=True)]
        q2 = np.float32(1e-12)
        g2 = np.float32(1e-12)
        for row, axis in zip(to_own, self.axes, strict=True):
            u = p[0] * row[0]
            u += p[1] * row[1]
            u += p[2] * row[2]
            u *= u
            q2 = q2 + u
            u *= np.float32(1.0 / axis**2)
            g2 = g2 + u
        q = np.sqrt(q2)
        return np.asarray(q * (1 - q) / np.sqrt(g2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Elliptic column about the curved axis (``x``, ``axis(z)``), cut at z = ``low`` and ``high``."""

    x: float
    axis: Callable[[Field], Field]
    half_widths: tuple[float, float]
    low: float
    high: float

    @property
    def bounds(self) -> tuple[Point, Point]:
        a, b = self.half_widths
        y = self.axis(np.linspace(self.low, self.high, 101))
        return (self.x - a, float(y.min()) - b, self.low), (self.x + a, float(y.max()) + b, self.high)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        a, b = self.half_widths
        u, v = (x - np.float32(self.x)) / np.float32(a), (y - self.axis(z)) / np.float32(b)
        u2, v2 = u * u, v * v
        q = np.sqrt(u2 + v2 + np.float32(1e-12))
        side = q * (1 - q) / np.sqrt(u2 / a**2 + v2 / b**2 + np.float32(1e-12))
        return np.asarray(np.minimum(side, np.minimum(z - self.low, self.high - z)), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """Body with a soft elliptic cross section, a waist, and flat ends.

    |x / (a s)|^2.5 + |y / (b s)|^2.5 + |z / c|^10 = 1,   s(z) = 1 - w exp(-((z - z0) / 80)^2)
    """

    axes: Point
    waist: float
    waist_z: float

    @property
    def bounds(self) -> tuple[Point, Point]:
        a, b, c = self.axes
        return (-a, -b, -c), (a, b, c)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        a, b, c = self.axes
        narrow = 1 - np.float32(self.waist) * np.exp(-(((z - self.waist_z) / 80) ** 2), dtype=np.float32)
        u, v, w = np.abs(x) / (a * narrow), np.abs(y) / (b * narrow), np.abs(z) / c
        u15, v15 = u * np.sqrt(u), v * np.sqrt(v)
        w2 = w * w
        w9 = w2 * w2
        w9 *= w9 * w
        q = u15 * u + v15 * v + w9 * w
        slope = np.sqrt((2.5 * u15 / a) ** 2 + (2.5 * v15 / b) ** 2 + (10 * w9 / c) ** 2 + np.float32(1e-8))
        return np.asarray((1 - q) / slope).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """Of another solid, the plates |z + slope y - offset - n pitch| < thickness / 2 for all integers n."""

    of: Solid
    pitch: float
    thickness: float
    slope: float = 0.0
    offset: float = 0.0

    @property
    def bounds(self) -> tuple[Point, Point]:
        return self.of.bounds

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        s = (z + np.float32(self.slope) * y - np.float32(self.offset)) / np.float32(self.pitch)
        off = np.abs(s - np.round(s)) * np.float32(self.pitch)
        plate = (np.float32(self.thickness / 2) - off) / np.float32(np.hypot(1.0, self.slope))
        return np.asarray(np.minimum(plate, self.of.depth(x, y, z)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """Half-space: depth = (a x + b y + c z + d) / |(a, b, c)|, mirrored in x where ``mirrored``."""

    normal: Point
    offset: float
    mirrored: bool = False

    @property
    def bounds(self) -> tuple[Point, Point]:
        return (-1e4, -1e4, -1e4), (1e4, 1e4, 1e4)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        a, b, c = self.normal
        side = np.abs(x) if self.mirrored else x
        return np.asarray((a * side + b * y + c * z + self.offset) / np.sqrt(a * a + b * b + c * c)).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A solid grown outward by ``by`` mm (shrunk where negative); good for a small part of its size."""

    of: Solid
    by: float

    @property
    def bounds(self) -> tuple[Point, Point]:
        low, high = self.of.bounds
        b = 1.2 * max(self.by, 0.0)
        return (low[0] - b, low[1] - b, low[2] - b), (high[0] + b, high[1] + b, high[2] + b)

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        return self.of.depth(x, y, z) + np.float32(self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solids:
    """What lies in any of ``joined`` and in none of ``without``, cut to all of ``within``."""

    joined: tuple[Solid, ...]
    without: tuple[Solid, ...] = ()
    within: tuple[Solid, ...] = field(default=())

    @property
    def bounds(self) -> tuple[Point, Point]:
        boxes = np.array([s.bounds for s in self.joined])
        low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
        for solid in self.within:
            low, high = np.maximum(low, solid.bounds[0]), np.minimum(high, solid.bounds[1])
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def depth(self, x: Field, y: Field, z: Field) -> Field:
        d = self.joined[0].depth(x, y, z)
        for solid in self.joined[1:]:
            d = np.maximum(d, solid.depth(x, y, z))
        for solid in self.within:
            d = np.minimum(d, solid.depth(x, y, z))
        for solid in self.without:
            d = np.minimum(d, -solid.depth(x, y, z))
        return d
