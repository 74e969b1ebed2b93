"""Rings of crystals: where each one is, and which sinogram bin a pair of them belongs to."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.cylinder import ANNIHILATION
from hevesy.imaging.systems.pet_scanner import PetScanner

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """Equal rings of crystals; crystal number = ring x per_ring + place on the ring.

    Attributes
    ----------
    radius : float          Where photons are taken to stop: the inner radius and the mean depth of interaction [mm].
    per_ring : int          Crystals of a ring, even; crystal 0 lies at +x, numbers grow towards +y.
    rings : int
    pitch : float           Axial distance of rings [mm]; their middle is z = 0.
    most_rings_apart : int  Largest difference of the rings of a coincidence.
    stopping : float        Attenuation coefficient of the crystal times its depth at 511 keV [1]; 50 stops all.
    """

    radius: float
    per_ring: int
    rings: int
    pitch: float
    most_rings_apart: int
    stopping: float = 50.0

    def __post_init__(self) -> None:
        if self.per_ring < 8 or self.per_ring % 2 or self.rings < 1:
            raise InputError(
                f"{self.rings} rings of {self.per_ring} crystals; at least 1 ring of an even number, 8 or more, is needed."
            )
        if not (10 <= self.radius <= 1000 and 0.3 <= self.pitch <= 200):
            raise InputError(
                f"radius {self.radius} mm and ring distance {self.pitch} mm; 10 to 1000 and 0.3 to 200 mm are meant."
            )
        if not 0 <= self.most_rings_apart < self.rings:
            raise InputError(f"coincidences over {self.most_rings_apart} rings; 0 to {self.rings - 1} are possible.")

    @property
    def crystals(self) -> int:
        """Number of crystals."""
        return self.rings * self.per_ring

    @property
    def length(self) -> float:
        """Axial length [mm]."""
        return self.rings * self.pitch

    def positions(self, crystal: npt.NDArray[Any]) -> Floats:
        """x, y, z of crystals by number, shape (n, 3) [mm]."""
        ring, place = np.divmod(np.asarray(crystal), self.per_ring)
        angle = place * (2 * math.pi / self.per_ring)
        z = (ring - (self.rings - 1) / 2) * self.pitch
        return np.stack([self.radius * np.cos(angle), self.radius * np.sin(angle), z], axis=-1).astype(np.float32)

    def ends(self, pairs: npt.NDArray[Any]) -> Floats:
        """Both ends of the lines of pairs of crystals, shape (n, 6) [mm]."""
        return np.concatenate([self.positions(pairs[:, 0]), self.positions(pairs[:, 1])], axis=1)

    def geometric_weight(self, pairs: npt.NDArray[Any]) -> Floats:
        """Pairs of photons that meet both crystals, per second, for an integral of 1 (Bq/ml) mm along the line.

            w = dA_1 cos_1 dA_2 cos_2 / (2 pi d^2)  [(1 - exp(-k / cos u)) / (1 - exp(-k))]^2     (1 Bq/ml = 1e-3 Bq/mm3)

        with the faces dA of a cylinder without gaps, cos against its normal, d the distance, u the tilt to the transaxial
        plane and k `stopping`. It adds up to `Cylinder.seen`. Neglected: blocks as flat faces, gaps.
        """
        ends = self.ends(pairs).astype(np.float64)
        one, two = ends[:, :3], ends[:, 3:]
        along = two - one
        d2 = np.sum(along**2, axis=1)
        across = (self.radius**2 - np.sum(one[:, :2] * two[:, :2], axis=1)) / self.radius  # along . normal, both ends alike
        area = self.pitch * 2 * math.pi * self.radius / self.per_ring
        flat = np.sqrt(np.maximum(1 - along[:, 2] ** 2 / d2, 1e-6))
        stopped = np.expm1(-self.stopping / flat) / math.expm1(-self.stopping)
        return np.asarray(1e-3 * area**2 * across**2 / (d2**2 * 2 * math.pi) * stopped**2, dtype=np.float32)


def rings_of(scanner: PetScanner, *, mash: int = 1, rings_as_one: int = 1) -> Rings:
    """The rings of a scanner of the library, with ``mash`` crystals about the ring and ``rings_as_one`` along it as one.

    Crystals that are not known in number are 4 mm wide. The mean depth of interaction at normal entry is
    1/mu - t / (exp(mu t) - 1).
    """
    from hevesy.imaging.systems.crystal import attenuation

    mu, depth = attenuation(scanner.crystal_material, ANNIHILATION), scanner.crystal[2]
    per_ring = scanner.crystals_per_ring or round(math.pi * scanner.ring_diameter / (scanner.crystal[0] or 4.0))
    rings = scanner.rings or round(scanner.axial_length / (scanner.crystal[1] or 4.0))
    pitch = scanner.axial_length / rings
    grouped = max(1, round(rings / rings_as_one))
    span = min(scanner.max_axial_span or scanner.axial_length, scanner.axial_length)
    return Rings(
        radius=scanner.ring_diameter / 2 + 1 / mu - depth / math.expm1(mu * depth),
        per_ring=2 * max(4, round(per_ring / mash / 2)),
        rings=grouped,
        pitch=pitch * rings / grouped,
        most_rings_apart=min(grouped - 1, max(0, round(span / (pitch * rings / grouped)))),
        stopping=mu * depth,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SinogramLayout:
    """Bins of a sinogram: each is one pair of crystals.

    Attributes
    ----------
    rings : Rings
    radial : int            Bins across, odd or even, centred on the axis.
    ring_pairs : array, shape (planes, 2)       The two rings of each plane; the first is that of the bin's first crystal.
    """

    rings: Rings
    radial: int
    ring_pairs: Ints

    @property
    def shape(self) -> tuple[int, int, int]:
        """(views, planes, radial)."""
        return self.rings.per_ring // 2, len(self.ring_pairs), self.radial

    def pairs(self, views: npt.NDArray[np.intp] | None = None) -> Ints:
        """Crystal numbers of the bins of ``views``, shape (views, planes, radial, 2).

        View v and radial bin t join the places v + floor(t/2) and v - ceil(t/2) + N/2 (mod N): lines of neighbouring t
        are interleaved, half a step of the angle apart.
        """
        n = self.rings.per_ring
        v = np.arange(self.shape[0]) if views is None else np.asarray(views)
        t = np.arange(self.radial) - self.radial // 2
        first = (v[:, None] + t // 2) % n
        second = (v[:, None] - (t + 1) // 2 + n // 2) % n
        ring = self.ring_pairs * n
        one = first[:, None, :] + ring[None, :, :1]
        two = second[:, None, :] + ring[None, :, 1:]
        return np.stack([one, two], axis=-1).astype(np.int32)

    def histogram(self, pairs: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Counts of coincidences (crystal, crystal) by bin; those of planes or places that are not kept are left out."""
        n = self.rings.per_ring
        ring, place = np.divmod(np.asarray(pairs, dtype=np.int64), n)
        t = (place[:, 0] - place[:, 1]) % n - n // 2
        view = (place[:, 0] - t // 2) % n
        turn = view >= n // 2  # the same line, named from its other end
        ring[turn], place[turn] = ring[turn, ::-1], place[turn, ::-1]
        t = (place[:, 0] - place[:, 1]) % n - n // 2
        view = (place[:, 0] - t // 2) % n
        plane = np.full((self.rings.rings, self.rings.rings), -1)
        plane[self.ring_pairs[:, 0], self.ring_pairs[:, 1]] = np.arange(len(self.ring_pairs))
        p, r = plane[ring[:, 0], ring[:, 1]], t + self.radial // 2
        kept = (p >= 0) & (r >= 0) & (r < self.radial) & (view < n // 2)
        bins = (view[kept] * self.shape[1] + p[kept]) * self.radial + r[kept]
        return np.bincount(bins, minlength=math.prod(self.shape)).reshape(self.shape)


def sinogram_layout(rings: Rings, *, radial: int, most_rings_apart: int | None = None) -> SinogramLayout:
    """All ordered ring pairs up to a difference, those of difference 0 first, then +-1, ..."""
    most = rings.most_rings_apart if most_rings_apart is None else most_rings_apart
    if not 0 <= most < rings.rings or not 3 <= radial < rings.per_ring:
        raise InputError(
            f"{radial} radial bins and ring differences to {most}; possible are 3 to {rings.per_ring - 1} "
            f"and 0 to {rings.rings - 1}."
        )
    differences = sorted(range(-most, most + 1), key=lambda d: (abs(d), d))
    found = [(r, r + d) for d in differences for r in range(rings.rings) if 0 <= r + d < rings.rings]
    return SinogramLayout(rings=rings, radial=radial, ring_pairs=np.array(found, np.int32))
