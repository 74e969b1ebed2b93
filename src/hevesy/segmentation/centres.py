"""Voxels whose centre lies in a region: the convention by which SUV figures are read."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.model import Grid, Outline
from hevesy.segmentation.rasterise import SAME_PLANE, SINGLE_PLANE, _axes

Box = tuple[slice, slice, slice]
Points = npt.NDArray[np.float64]

EDGE = 1e-3  # of the spacing of planes: a voxel centre half-way between two planes belongs to one of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CentreMask:
    """Voxels of a grid that belong to a region as a whole.

    Attributes
    ----------
    grid : Grid                         The whole grid.
    box : three slices (z, y, x)        Where ``inside`` lies in it.
    inside : ndarray of bool, shape of box
    """

    grid: Grid
    box: Box
    inside: npt.NDArray[np.bool_]

    @property
    def volume(self) -> float:
        """Number of voxels times their volume [mm3]."""
        return int(self.inside.sum()) * self.grid.voxel_volume


def voxels_by_centre(outline: Outline, target: Grid) -> CentreMask:
    """The voxels of ``target`` whose centre lies in the region.

    Contours: a centre belongs to the nearest plane within half the spacing of the planes, and is inside where a ray
    crosses the polygons of that plane an odd number of times. Mask: a centre takes the value of the mask's voxel it falls
    into, and is inside from one half on. Compared with fractions of voxels, nothing of the boundary is shared.

    Raises
    ------
    DataError
        No voxel's centre lies in the region, or contours that are not planar and parallel.
    """
    corners = np.concatenate(outline.contours) if outline.contours else _mask_corners(outline)
    box = _box(corners, target)
    if box is None:
        raise DataError(f"region {outline.name}: lies outside the image. Check that it was drawn on this patient and scan.")
    centres = _centres(box, target)
    flat = _in_contours(centres, outline) if outline.contours else _in_mask(centres, outline)
    inside = flat.reshape(tuple(s.stop - s.start for s in box))
    if not inside.any():
        raise DataError(
            f"region {outline.name}: no voxel of {target.voxel_volume:.3g} mm3 has its centre in it. "
            "Redraw it, or use a finer image."
        )
    return CentreMask(grid=target, box=box, inside=inside)


def joined(masks: list[CentreMask]) -> CentreMask:
    """Voxels that belong to any of the regions; each counts once."""
    box = _hull([mask.box for mask in masks])
    inside = np.zeros(tuple(s.stop - s.start for s in box), dtype=bool)
    for mask in masks:
        inside[_within(mask.box, box)] |= mask.inside
    return CentreMask(grid=masks[0].grid, box=box, inside=inside)


def without(mask: CentreMask, others: list[CentreMask]) -> CentreMask:
    """Voxels of ``mask`` that belong to none of ``others``; there may be none left."""
    inside = mask.inside.copy()
    for other in others:
        common = _common(mask.box, other.box)
        if common is not None:
            inside[_within(common, mask.box)] &= ~other.inside[_within(common, other.box)]
    return CentreMask(grid=mask.grid, box=mask.box, inside=inside)


def _hull(boxes: list[Box]) -> Box:
    z, y, x = (slice(min(b[i].start for b in boxes), max(b[i].stop for b in boxes)) for i in range(3))
    return z, y, x


def _common(a: Box, b: Box) -> Box | None:
    z, y, x = (slice(max(p.start, q.start), min(p.stop, q.stop)) for p, q in zip(a, b, strict=True))
    return (z, y, x) if all(s.start < s.stop for s in (z, y, x)) else None


def _within(inner: Box, outer: Box) -> Box:
    z, y, x = (slice(a.start - b.start, a.stop - b.start) for a, b in zip(inner, outer, strict=True))
    return z, y, x


def _mask_corners(outline: Outline) -> Points:
    if outline.mask is None or outline.grid is None:
        raise DataError(f"region {outline.name}: has neither contours nor a mask.")
    nz, ny, nx = outline.grid.shape
    ends = [(-0.5, n - 0.5) for n in (nx, ny, nz)]
    index = np.array([[x, y, z, 1.0] for x in ends[0] for y in ends[1] for z in ends[2]])
    corners: Points = (outline.grid.affine @ index.T)[:3].T
    return corners


def _box(corners: Points, target: Grid) -> Box | None:
    """Index ranges that hold the bounding box of the points and a voxel around it."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    eight = np.array([[x, y, z, 1.0] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    index = (np.linalg.inv(target.affine) @ eight.T)[:3]
    size = np.array(target.shape[::-1])
    first = np.maximum(np.floor(index.min(axis=1)).astype(int) - 1, 0)
    last = np.minimum(np.ceil(index.max(axis=1)).astype(int) + 1, size - 1)
    if np.any(first > last):
        return None
    x, y, z = (slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    return z, y, x


def _centres(box: Box, grid: Grid) -> Points:
    z, y, x = np.meshgrid(*[np.arange(s.start, s.stop) for s in box], indexing="ij")
    index = np.stack([x.ravel(), y.ravel(), z.ravel(), np.ones(z.size)])
    return np.asarray((grid.affine @ index)[:3].T, dtype=np.float64)


def _in_mask(centres: Points, outline: Outline) -> npt.NDArray[np.bool_]:
    if outline.mask is None or outline.grid is None:
        raise DataError(f"region {outline.name}: has neither contours nor a mask.")
    to_index = np.linalg.inv(outline.grid.affine)
    index = np.floor(centres @ to_index[:3, :3].T + to_index[:3, 3] + 0.5 + 1e-9).astype(int)
    size = np.array(outline.grid.shape[::-1])
    there = np.all((index >= 0) & (index < size), axis=1)
    inside = np.zeros(len(centres), dtype=bool)
    x, y, z = index[there].T
    inside[there] = np.asarray(outline.mask)[z, y, x] >= 0.5
    return inside


def _in_contours(centres: Points, outline: Outline) -> npt.NDArray[np.bool_]:
    axes = _axes(outline.contours, outline.name)
    planes: dict[float, list[Points]] = defaultdict(list)
    for contour in outline.contours:
        local = contour @ axes.T
        if np.ptp(local[:, 2]) > 0.5:
            raise DataError(
                f"region {outline.name}: a contour leaves its plane by {np.ptp(local[:, 2]):.2f} mm; contours must be planar."
            )
        at = float(np.mean(local[:, 2]))
        planes[next((k for k in planes if abs(k - at) < SAME_PLANE), at)].append(local[:, :2])
    heights: Points = np.array(sorted(planes), dtype=np.float64)
    reach = 0.5 * (float(np.median(np.diff(heights))) if heights.size > 1 else SINGLE_PLANE)
    own = centres @ axes.T
    nearest = np.clip(np.searchsorted(heights, own[:, 2]), 1, max(1, heights.size - 1)) - 1
    if heights.size > 1:
        upper = np.abs(heights[nearest + 1] - own[:, 2]) < np.abs(heights[nearest] - own[:, 2])
        nearest = nearest + upper
    close = np.abs(heights[nearest] - own[:, 2]) <= reach * (1 + EDGE)
    inside = np.zeros(len(centres), dtype=bool)
    for i, height in enumerate(heights):
        here = np.flatnonzero(close & (nearest == i))
        if here.size:
            inside[here] = _odd(own[here, :2], planes[float(height)])
    return inside


def _odd(points: Points, polygons: list[Points]) -> npt.NDArray[np.bool_]:
    """Whether a ray along the first axis crosses the polygons an odd number of times."""
    odd = np.zeros(len(points), dtype=bool)
    x, y = points.T
    for polygon in polygons:
        for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            if y0 == y1:
                continue
            crosses = (y0 <= y) != (y1 <= y)
            odd[crosses] ^= x[crosses] < x0 + (y[crosses] - y0) * (x1 - x0) / (y1 - y0)
    return odd
