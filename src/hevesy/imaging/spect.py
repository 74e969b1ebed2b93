"""What a reconstructed SPECT image shows of a known activity: voxel average, blur, noise."""

import math

import numpy as np

from hevesy.imaging.painting import Box, Pose, index_box, reach, shares
from hevesy.imaging.shapes import Field, Point
from hevesy.imaging.torso import Layer, Torso, source_of
from hevesy.model import Grid

SIGMA_PER_FWHM = 1 / math.sqrt(8 * math.log(2))


def concentration(
    torso: Torso, activities: dict[str, float], grid: Grid, pose: Pose, *, fine: int = 2, blur: float = 0.0
) -> Field:
    """Activity concentration on ``grid`` [Bq/ml]: the mean over each voxel, after a Gaussian blur.

    Each source holds exactly its activity: its concentration is that activity by the volume that its own
    sub-voxels sum up to, in the grid and beyond it.  Activity outside the grid is lost, as in a scanner.

    Parameters
    ----------
    activities : dict                   Activity by source [Bq]: the torso's clearances, and the remainder.
    fine : int                          Sub-voxels a voxel side.
    blur : float                        Full width at half maximum [mm], made on the sub-voxels.
    """
    margin = 1 + math.ceil(2 * blur / min(grid.spacing))
    whole, kept = _around(grid, pose, torso.bounds, margin)
    if whole.shape != grid.shape:  # what a region has beyond the grid is its own: it must not be pressed into the rest
        return concentration(torso, activities, whole, pose, fine=fine, blur=blur)[kept].copy()
    box = index_box(grid, pose, torso.bounds, margin=margin)
    sub = _subdivided(grid, box, fine)
    painted = _painted(torso, activities, sub, pose)
    painted = smoothed(painted, blur, sub.spacing)
    z, y, x = (s.stop - s.start for s in box)
    image = np.zeros(grid.shape, dtype=np.float32)
    image[box] = painted.reshape(z, fine, y, fine, x, fine).mean(axis=(1, 3, 5), dtype=np.float32)
    return image


def _painted(torso: Torso, activities: dict[str, float], grid: Grid, pose: Pose) -> Field:
    parts: list[tuple[Layer, Box, Field]] = []
    weighted: dict[str, float] = dict.fromkeys(activities, 0.0)
    for layer, box, share in shares(torso.pieces, grid, pose):
        source, weight = source_of(torso, layer.region)
        weighted[source] += weight * float(share.sum(dtype=np.float64))
        parts.append((layer, box, share))
    voxel_ml = grid.voxel_volume / 1000
    image = np.zeros(grid.shape, dtype=np.float32)
    for layer, box, share in parts:
        source, weight = source_of(torso, layer.region)
        if weighted[source] > 0:
            share *= np.float32(weight * activities[source] / (weighted[source] * voxel_ml))
            image[box] += share
    return image


def _around(grid: Grid, pose: Pose, bounds: tuple[Point, Point], margin: int) -> tuple[Grid, Box]:
    """``grid`` with as many more voxels on each side as a box in the patient needs, and where ``grid`` lies in it."""
    below, above = reach(grid, pose, bounds, margin)
    before = np.maximum(-below, 0)
    after = np.maximum(above - grid.shape[::-1], 0)
    moved = np.eye(4)
    moved[:3, 3] = -before
    x, y, z = (slice(int(b), int(b) + n) for b, n in zip(before, grid.shape[::-1], strict=True))
    shape = tuple(int(n) for n in (grid.shape[::-1] + before + after)[::-1])
    return Grid(shape=(shape[0], shape[1], shape[2]), affine=grid.affine @ moved), (z, y, x)


def _subdivided(grid: Grid, box: Box, fine: int) -> Grid:
    """The grid of ``fine``^3 sub-voxels in each voxel of ``box``."""
    z, y, x = box
    into = np.diag([1 / fine, 1 / fine, 1 / fine, 1.0])
    into[:3, 3] = np.array([x.start, y.start, z.start]) + (1 / fine - 1) / 2
    return Grid(
        shape=((z.stop - z.start) * fine, (y.stop - y.start) * fine, (x.stop - x.start) * fine),
        affine=grid.affine @ into,
    )


def smoothed(image: Field, fwhm: float, spacing: tuple[float, float, float]) -> Field:
    """``image`` after a Gaussian of full width at half maximum ``fwhm`` [mm], with nothing outside it."""
    if fwhm <= 0:
        return image
    from scipy.ndimage import gaussian_filter1d

    for axis, side in enumerate(spacing[::-1]):
        image = gaussian_filter1d(image, fwhm * SIGMA_PER_FWHM / side, axis=axis, mode="constant", truncate=4.0)
    return image


def noisy(image: Field, *, events_per_unit: float, fwhm: float, grid: Grid, rng: np.random.Generator) -> Field:
    """``image`` as a noisy reconstruction: Poisson events voxel by voxel, then a Gaussian of ``fwhm`` [mm].

        value = G * Poisson(n image) / n,   n = ``events_per_unit``

    Unbiased, never negative, variance in proportion to the mean, neighbours correlated over the width of G.
    In a uniform region of mean c the relative standard deviation is 1 / sqrt(n c (2 sqrt(pi) sigma)^3), with
    sigma of G in voxels.
    """
    events = rng.poisson(image * np.float32(events_per_unit)).astype(np.float32)
    events /= np.float32(events_per_unit)
    return smoothed(events, fwhm, grid.spacing)
