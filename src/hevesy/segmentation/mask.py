"""A region's mask on a grid: the fraction of each voxel that belongs to it, carried by physical coordinates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.model import Grid

Box = tuple[slice, slice, slice]

SUBVOXEL = 1.3  # mm: a voxel is sampled at least this finely, 2 to 6 times a side
MOST_SAMPLES = 1_500_000  # above which a region is sampled more coarsely, down to 2 a side
FEWEST_SAMPLES = 1_000_000  # of a small region, as far as doubling brings it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionMask:
    """Fraction of voxels inside a region, kept for its bounding box only.

    Attributes
    ----------
    grid : Grid                         The whole grid.
    box : three slices (z, y, x)        Where ``fraction`` lies in it.
    fraction : ndarray, shape of box    0 to 1.
    volume_drawn : float                Volume as drawn, before it came to this grid [mm3].
    outside : float                     Share of the drawn volume that lies outside the grid [1].
    """

    grid: Grid
    box: Box
    fraction: npt.NDArray[np.float32]
    volume_drawn: float
    outside: float = 0.0

    @property
    def volume(self) -> float:
        """Volume on this grid [mm3]."""
        return float(np.sum(self.fraction, dtype=np.float64)) * self.grid.voxel_volume


def mask_on(
    mask: npt.NDArray[Any],
    source: Grid,
    target: Grid,
    *,
    transform: npt.NDArray[np.float64] | None = None,
    name: str = "",
) -> RegionMask:
    """Fraction of each voxel of ``target`` inside a mask given on another grid.

    Each voxel is sampled on a finer lattice; a sample takes the value of the source voxel it falls into. Nothing is
    renormalised: compare ``volume`` with ``volume_drawn``.

    Parameters
    ----------
    mask : array, shape (z, y, x)       Fractions on ``source``.
    transform : array (4, 4)            Maps LPS mm of the source's frame to LPS mm of the target's; None: the same frame.

    Raises
    ------
    DataError
        The region is empty or lies wholly outside the target grid.
    """
    drawn = float(np.sum(mask, dtype=np.float64)) * source.voxel_volume
    if drawn <= 0:
        raise DataError(f"region {name}: its mask is empty.")
    to_target = np.linalg.inv(target.affine) @ (np.eye(4) if transform is None else transform) @ source.affine
    low, high = _bounds(mask, to_target)
    box, outside = _box(low, high, target, name)
    fraction = _sampled(mask, np.linalg.inv(to_target), box, target)
    result = RegionMask(grid=target, box=box, fraction=fraction, volume_drawn=drawn)
    if result.volume <= 0:
        if not outside:
            raise DataError(
                f"region {name}: its {drawn:.3g} mm3 are lost between voxels of {target.voxel_volume:.3g} mm3. Redraw it."
            )
        raise DataError(f"region {name}: lies outside the image. Check that it was drawn on this patient and scan.")
    if not outside:
        return result
    lost = max(0.0, 1 - result.volume / drawn)
    return RegionMask(grid=target, box=box, fraction=fraction, volume_drawn=drawn, outside=lost)


def _bounds(mask: npt.NDArray[Any], to_target: npt.NDArray[np.float64]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Corner indices (x, y, z) on the target that hold the mask's bounding box."""
    ends = []
    for axis in (2, 1, 0):  # x, y, z
        used = np.nonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))[0]
        ends.append((used[0] - 0.5, used[-1] + 0.5))
    corners = np.array([[x, y, z, 1.0] for x in ends[0] for y in ends[1] for z in ends[2]]).T
    placed = (to_target @ corners)[:3]
    return np.floor(placed.min(axis=1) + 0.5).astype(int), np.ceil(placed.max(axis=1) - 0.5).astype(int)


def _box(low: npt.NDArray[Any], high: npt.NDArray[Any], target: Grid, name: str) -> tuple[Box, bool]:
    size = np.array(target.shape[::-1])
    inside_low, inside_high = np.maximum(low, 0), np.minimum(high, size - 1)
    if np.any(inside_low > inside_high):
        raise DataError(f"region {name}: lies outside the image. Check that it was drawn on this patient and scan.")
    x, y, z = (slice(int(a), int(b) + 1) for a, b in zip(inside_low, inside_high, strict=True))
    return (z, y, x), bool(np.any(low < 0) or np.any(high > size - 1))


def _sampled(mask: npt.NDArray[Any], to_source: npt.NDArray[Any], box: Box, target: Grid) -> npt.NDArray[np.float32]:
    """Mean of nearest-neighbour samples, n a side in each voxel of the box."""
    from scipy.ndimage import affine_transform

    shape = tuple((s.stop - s.start) for s in box)
    n = np.array([min(6, max(2, int(np.ceil(side / SUBVOXEL)))) for side in target.spacing])  # x, y, z
    # A large region has many boundary voxels, whose sampling errors cancel: it needs fewer samples in each.
    while np.prod(shape) * np.prod(n) > MOST_SAMPLES and n.max() > 2:
        n = np.maximum(2, n - 1)
    # With few samples the volume of a small region would be a matter of chance.
    while np.prod(shape) * np.prod(2 * n) <= FEWEST_SAMPLES:
        n = 2 * n
    start = np.array([s.start for s in box[::-1]], dtype=float)
    # Index of a sample (x, y, z) -> voxel index of the target -> voxel index of the source; scipy counts (z, y, x).
    scale = np.diag([*(1.0 / n), 1.0])
    scale[:3, 3] = start - 0.5 + 0.5 / n
    flip = np.array([2, 1, 0, 3])
    matrix = (to_source @ scale)[np.ix_(flip, flip)]
    fine_shape = tuple(int(s * k) for s, k in zip(shape, n[::-1], strict=True))
    source = np.asarray(mask, dtype=np.float32)
    fine = affine_transform(
        source,
        matrix[:3, :3],
        matrix[:3, 3],
        output_shape=fine_shape,
        order=0,
        mode="grid-constant",
        prefilter=False,
    )
    blocks = fine.reshape(shape[0], n[2], shape[1], n[1], shape[2], n[0])
    mean: npt.NDArray[np.float32] = blocks.mean(axis=(1, 3, 5), dtype=np.float32)
    return mean


def surface_weight(region: RegionMask) -> tuple[Box, npt.NDArray[np.float32]]:
    """|grad f| of the mask on its box grown by two voxels: the change of the mask when its boundary moves out [1/mm].

    Its sum times the voxel volume is the surface [mm2] (coarea formula), so that for any density q the change of its
    integral by boundary displacement is sum q |grad f| V.
    """
    grown = tuple(slice(max(0, s.start - 2), min(n, s.stop + 2)) for s, n in zip(region.box, region.grid.shape, strict=True))
    padded = np.zeros(tuple(s.stop - s.start for s in grown), dtype=np.float32)
    inner = tuple(slice(s.start - g.start, s.stop - g.start) for s, g in zip(region.box, grown, strict=True))
    padded[inner] = region.fraction
    zyx = region.grid.spacing[::-1]
    squares = np.zeros_like(padded)
    for axis in range(3):
        if padded.shape[axis] > 1:
            squares += np.square(np.gradient(padded, zyx[axis], axis=axis))
    return grown, np.sqrt(squares)  # type: ignore[return-value]
