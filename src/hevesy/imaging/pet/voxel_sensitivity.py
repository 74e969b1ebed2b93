"""The share of annihilations of each voxel that a cylinder of crystals counts, through the body around it."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.lines import LineSet, integrals
from hevesy.imaging.pet.rings import Rings

Floats = npt.NDArray[np.float32]

# Directions: azimuths over half a turn and tilts; more than the smooth result needs (0.3 % against four times as many).
AZIMUTHS, TILTS = 24, 16


def voxel_sensitivity(
    field: Field,
    rings: Rings,
    *,
    mu: npt.NDArray[Any] | None = None,
    crystal_efficiency: npt.NDArray[Any] | None = None,
    spacing: float = 24.0,
) -> Floats:
    """Share of isotropic pairs that leave the body and are stopped by two crystals in coincidence.

        s(x) = (1 / 2 pi) int int  exp(-int mu dl)  e_a e_b  stop^2(u)  cos u  du dphi      (both ends on the crystals)

    Parameters
    ----------
    mu : array, shape (z, y, x)             At 511 keV [1/mm].
    crystal_efficiency : array, shape (crystals,)   e, 1 by default.
    spacing : float                         Distance of the points where the integral is done [mm]; between them linear.

    Returns
    -------
    array, shape (z, y, x)                  [1]. Times voxel volume, duration, pair efficiency and positron yield it is the
                                            sensitivity image of list-mode reconstruction.

    It is smooth, so that a coarse grid is enough and the billions of lines of a long scanner need not be followed.
    Neglected: detail of the body below 8 mm, gaps between blocks.
    """
    from scipy.ndimage import map_coordinates

    # Beyond the ends nothing is seen and at the last slice lines leave the map: the share of the body is taken before both.
    x, y, z = (float(np.abs(c[0])) for c in field.centres())
    points = [_points(x, spacing), _points(y, spacing), _points(min(0.98 * z, 0.49 * rings.length), spacing)]
    grid = np.stack(np.meshgrid(*points, indexing="ij"), axis=-1).reshape(-1, 3)
    coarse, body = (field, None) if mu is None else _coarser(field, checked(field, np.transpose(mu), "the attenuation map"))
    plain, total = np.zeros(len(grid)), np.zeros(len(grid))
    for azimuth in range(AZIMUTHS):
        one = _one_azimuth(grid, (azimuth + 0.5) * math.pi / AZIMUTHS, rings, coarse, body, crystal_efficiency)
        plain += one[0] / AZIMUTHS
        total += one[1] / AZIMUTHS
    shape = [p.size for p in points]
    seen = _solid_angle(field, rings)
    places = [np.interp(c, p, np.arange(p.size)) for c, p in zip(field.centres(), points, strict=True)]
    at = [axis.astype(np.float32) for axis in np.meshgrid(*places, indexing="ij")]
    # The path through the body is curved between the points, the solid angle has a roof: a spline for one, finer lines for the
    # other.
    body_share = np.log(np.where(plain > 1e-9, np.maximum(total, 1e-12) / np.where(plain > 1e-9, plain, 1), 1))
    kept = map_coordinates(body_share.reshape(shape).astype(np.float32), at, order=3, mode="nearest")
    return np.asarray(np.maximum(seen, 0) * np.exp(np.minimum(kept, 0)), dtype=np.float32).T


def _solid_angle(field: Field, rings: Rings) -> Floats:
    """The share without the body, shape (x, y, z): linear between points that follow its roof along the axis."""
    from scipy.ndimage import map_coordinates

    half = [float(np.abs(c[0])) for c in field.centres()]
    # an odd number, so that the ridge of the roof in the middle is a point
    along = np.linspace(-half[2], half[2], 2 * max(2, math.ceil(half[2] / min(4.0, rings.length / 48))) + 1)
    points = [_points(half[0], 16.0), _points(half[1], 16.0), along]
    grid = np.stack(np.meshgrid(*points, indexing="ij"), axis=-1).reshape(-1, 3)
    plain = np.zeros(len(grid))
    for azimuth in range(AZIMUTHS):
        plain += _one_azimuth(grid, (azimuth + 0.5) * math.pi / AZIMUTHS, rings, field, None, None)[0] / AZIMUTHS
    places = [np.interp(c, p, np.arange(p.size)) for c, p in zip(field.centres(), points, strict=True)]
    x, y, z = (axis.astype(np.float32) for axis in np.meshgrid(*places, indexing="ij"))
    return np.asarray(map_coordinates(plain.reshape([p.size for p in points]).astype(np.float32), [x, y, z], order=1))


def _points(half: float, spacing: float) -> npt.NDArray[np.float64]:
    return np.linspace(-half, half, max(2, math.ceil(2 * half / spacing) + 1))


def _coarser(field: Field, mu: Floats) -> tuple[Field, Floats]:
    """The map with blocks of voxels of up to 8 mm as one; the middle stays where it is."""
    n_xy, n_z = max(1, int(8 / field.side)), max(1, int(8 / field.thickness))
    pads = [(-n % k) for n, k in zip(field.shape, (n_xy, n_xy, n_z), strict=True)]
    if all(pad % 2 == 0 for pad in pads) and (n_xy > 1 or n_z > 1):
        padded = np.pad(mu, [(pad // 2, pad // 2) for pad in pads])
        x, y, z = padded.shape
        blocks = padded.reshape(x // n_xy, n_xy, y // n_xy, n_xy, z // n_z, n_z).mean(axis=(1, 3, 5))
        if min(blocks.shape) >= 2:
            return Field(shape=blocks.shape, side=field.side * n_xy, thickness=field.thickness * n_z), np.ascontiguousarray(
                blocks, np.float32
            )
    return field, mu


def _one_azimuth(
    grid: npt.NDArray[np.float64], phi: float, rings: Rings, field: Field, mu: Floats | None, efficiency: npt.NDArray[Any] | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The inner integral over the tilts that a point's lines may have, without and with the body, each of shape (points,)."""
    c, s = math.cos(phi), math.sin(phi)
    t = -grid[:, 0] * s + grid[:, 1] * c  # along the line's shadow
    off = grid[:, 0] * c + grid[:, 1] * s
    half = np.sqrt(np.maximum(rings.radius**2 - off**2, 1e-6))
    before, after, z, top = half + t, half - t, grid[:, 2], rings.length / 2
    apart = (rings.most_rings_apart + 1) * rings.pitch
    # rising line (u > 0): the far end under +top, the near end over -top
    high = np.minimum(np.minimum((top - z) / after, (top + z) / before), apart / (2 * half))
    low = -np.minimum(np.minimum((top + z) / after, (top - z) / before), apart / (2 * half))
    inside = (np.abs(z) < top) & (np.abs(off) < rings.radius) & (before > 0) & (after > 0)
    u0, u1 = np.arctan(np.where(inside, low, 0)), np.arctan(np.where(inside, high, 0))
    x, w = np.polynomial.legendre.leggauss(TILTS)
    u = u0[:, None] + (u1 - u0)[:, None] * (x + 1) / 2
    weight = (u1 - u0)[:, None] * w / 2 * np.cos(u)
    weight *= (np.expm1(-rings.stopping / np.cos(u)) / math.expm1(-rings.stopping)) ** 2
    plain = np.asarray(weight.sum(axis=1) / 2)
    if mu is None and efficiency is None:
        return plain, plain
    slope = np.tan(u)
    ends = np.empty((*u.shape, 6), np.float32)
    for n, way in ((0, -before), (3, after)):
        ends[..., n] = (grid[:, 0] - s * (way))[:, None]
        ends[..., n + 1] = (grid[:, 1] + c * (way))[:, None]
        ends[..., n + 2] = z[:, None] + slope * way[:, None]
    lines = LineSet(ends=ends.reshape(-1, 6), offset=np.empty(0, np.float32), tof_fwhm=0.0)
    if mu is not None:
        weight *= np.exp(-integrals(field, mu, lines).reshape(u.shape))
    if efficiency is not None:
        one, two = (efficiency[nearest_crystal(rings, lines.ends[:, n : n + 3])] for n in (0, 3))
        weight *= (one * two).reshape(u.shape)
    return plain, np.asarray(weight.sum(axis=1) / 2)


def nearest_crystal(rings: Rings, points: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Number of the crystal next to each point on the cylinder, shape (n,)."""
    place = np.rint(np.arctan2(points[:, 1], points[:, 0]) * rings.per_ring / (2 * math.pi)).astype(np.intp) % rings.per_ring
    ring = np.clip(np.rint(points[:, 2] / rings.pitch + (rings.rings - 1) / 2), 0, rings.rings - 1).astype(np.intp)
    return np.asarray(ring * rings.per_ring + place)
