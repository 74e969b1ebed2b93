"""What is read off a region of an uptake image: maximum, mean, peak, volume, total, heterogeneity."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid, Measured
from hevesy.units import ml

Box = tuple[slice, slice, slice]

PEAK_VOLUME = 1.0 * ml  # mm3
PEAK_RADIUS = (3 * PEAK_VOLUME / (4 * math.pi)) ** (1 / 3)  # mm
PEAK_STEP = 1.0  # mm: centres of the peak sphere are tried at least this densely
SUBSAMPLES = 5  # a side of a voxel, to tell how much of it lies in the sphere
AT_ONCE = 1_000_000  # voxel values gathered at once
MANY = 500  # centres between voxel centres are tried around so many voxels, those with the highest means
NO_NOISE = "the noise of a voxel was not stated"
NO_BOUNDARY = "the uncertainty of the drawn boundary was not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Relative standard uncertainty by counting: of SUVmax and SUVpeak, and what the mean of many voxels inherits.

    Attributes
    ----------
    voxel : float or None               Of one voxel, so of SUVmax.
    peak : float or None                Of the mean over 1 ml; None: from ``voxel`` and ``resolution``.
    resolution : float or None          FWHM over which noise is correlated [mm]; None: voxels are independent.
    """

    voxel: float | None = None
    peak: float | None = None
    resolution: float | None = None

    def of_mean(self, volume: float, voxel_volume: float) -> float | None:
        """Relative u of the mean over ``volume`` [mm3].

            u = u_voxel / sqrt(max(1, V / V_c)),   V_c = (4 pi sigma^2)^(3/2), sigma = FWHM / 2.355

        V_c is the integral of the autocorrelation of white noise behind a Gaussian; the least is a voxel.
        """
        if self.voxel is None:
            return None
        sigma = (self.resolution or 0.0) / 2.354820045
        together = max(voxel_volume, (4 * math.pi * sigma * sigma) ** 1.5)
        return self.voxel / math.sqrt(max(1.0, volume / together))


@dataclass(frozen=True, slots=True, kw_only=True)
class UptakeFigures:
    """Figures of one region; uptake in the unit of the image, volumes [mm3].

    ``maximum`` is the highest voxel whose centre lies in the region, ``mean`` and ``deviation`` are over these voxels,
    ``peak`` is the highest mean in a sphere of 1 ml whose centre lies in the region (None: see ``why_no_peak``),
    ``total`` mean times volume [unit mm3], ``variation`` the coefficient of variation, ``area_under_histogram`` that of
    the cumulative histogram against the share of the maximum: 1 for the same uptake everywhere, lower the more it varies.
    """

    maximum: Measured
    mean: Measured
    peak: Measured | None
    why_no_peak: str
    peak_centre: tuple[float, float, float] | None
    deviation: float
    variation: float
    area_under_histogram: float
    volume: Measured
    total: Measured
    voxels: int


def uptake_figures(
    values: npt.NDArray[Any],
    inside: npt.NDArray[np.bool_],
    box: Box,
    grid: Grid,
    *,
    scale_u: float | None = None,
    noise: Noise | None = None,
    boundary_u: float | None = None,
) -> UptakeFigures:
    """All figures of a region.

    Parameters
    ----------
    values : array, shape (z, y, x)     Uptake on the whole grid: SUV, or concentration by administered activity.
    inside : array, shape of box        Whether the voxel's centre lies in the region.
    box : three slices (z, y, x)        Where ``inside`` lies in the grid.
    scale_u : float or None             Relative standard uncertainty that all voxels share.
    noise : Noise or None               By counting.
    boundary_u : float or None          Standard uncertainty of the place of the boundary [mm].

    Neglected: partial volume (small lesions read too low), the upward bias of a maximum over noisy voxels (Lodge et al.,
    J Nucl Med 2012;53:1041-1047). u of the volume is that of a sphere of the same volume: u_V = u_boundary (36 pi V^2)^(1/3).
    References: Wahl et al., J Nucl Med 2009;50 Suppl 1:122S-150S (SUVpeak: 1 cm3 sphere); van Velden et al., Eur J Nucl
    Med Mol Imaging 2011;38:1636-1647 (area under the cumulative SUV-volume histogram).

    Raises
    ------
    InputError
        No voxel in the region, or a value in it that is not finite.
    """
    noise = noise or Noise()
    v = np.asarray(values[box], dtype=np.float64)[inside]
    if v.size == 0:
        raise InputError("the region holds no voxel whose centre lies in it. Redraw it, or use a finer image.")
    if not np.isfinite(v).all():
        raise InputError("the region holds voxels whose value is not a finite number. Export the image again.")
    volume = v.size * grid.voxel_volume
    mean, top = float(v.mean()), float(v.max())
    peak, centre = peak_mean(values, inside, box, grid)
    u_mean = noise.of_mean(volume, grid.voxel_volume)
    u_peak = noise.peak if noise.peak is not None else noise.of_mean(PEAK_VOLUME, grid.voxel_volume)
    V = _volume(volume, boundary_u)
    deviation = float(v.std(ddof=1)) if v.size > 1 else 0.0
    total = mean * volume
    u_total = _together(_together(scale_u, u_mean), V.relative) if V.u is not None and scale_u is not None else None
    return UptakeFigures(
        maximum=_measured(top, scale_u, noise.voxel),
        mean=_measured(mean, scale_u, u_mean),
        peak=None if peak is None else _measured(peak, scale_u, u_peak),
        why_no_peak="" if peak is not None else "a sphere of 1 ml around any voxel of the region reaches out of the image",
        peak_centre=centre,
        deviation=deviation,
        variation=deviation / mean if mean > 0 else 0.0,
        area_under_histogram=area_under_histogram(v),
        volume=V,
        total=Measured(
            value=total,
            u=None if u_total is None else abs(total) * u_total,
            why_no_u="" if u_total is not None else "the uncertainty of boundary or scale was not stated",
        ),
        voxels=int(v.size),
    )


def _volume(volume: float, boundary_u: float | None) -> Measured:
    if boundary_u is None:
        return Measured(value=volume, u=None, why_no_u=NO_BOUNDARY)
    return Measured(value=volume, u=boundary_u * (36 * math.pi * volume * volume) ** (1 / 3))


def _together(a: float | None, b: float | None) -> float | None:
    stated = [x for x in (a, b) if x is not None]
    return math.hypot(*stated) if stated else None


def _measured(value: float, scale_u: float | None, noise_u: float | None) -> Measured:
    relative = _together(scale_u, noise_u)
    if relative is None:
        return Measured(value=value, u=None, why_no_u=f"{NO_NOISE}, nor the uncertainty of the scale")
    return Measured(value=value, u=abs(value) * relative)


def area_under_histogram(v: npt.NDArray[np.float64]) -> float:
    """Area under the cumulative histogram of uptake, share of volume against share of the maximum [1].

    Equals mean(max(v, 0)) / max(v): the area under a survival function is the mean. Reference: van Velden et al. 2011.
    """
    top = float(v.max())
    return float(np.clip(v, 0.0, None).mean() / top) if top > 0 else 0.0


def peak_mean(
    values: npt.NDArray[Any], inside: npt.NDArray[np.bool_], box: Box, grid: Grid
) -> tuple[float | None, tuple[float, float, float] | None]:
    """Highest mean in a sphere of 1 ml whose centre lies in the region, and that centre, LPS [mm].

    Voxels count by the share of them that lies in the sphere; centres between voxel centres are tried around the voxels
    with the highest means. The sphere may reach beyond the region, as in the definition. None where it always reaches
    out of the image.
    """
    index = np.argwhere(inside) + np.array([s.start for s in box])
    offsets = _offsets(grid)
    means = _sphere_means(values, index, offsets[0], grid)
    if not np.isfinite(means).any():
        return None, None
    at = int(np.nanargmax(means))
    best, place = float(means[at]), index[at] + offsets[0]
    around = index[np.argsort(np.nan_to_num(means, nan=-np.inf))[-MANY:]]
    for offset in offsets[1:]:
        means = _sphere_means(values, around, offset, grid)
        if np.isfinite(means).any() and np.nanmax(means) > best:
            at = int(np.nanargmax(means))
            best, place = float(means[at]), around[at] + offset
    z, y, x = place
    centre = (grid.affine @ np.array([x, y, z, 1.0]))[:3]
    return best, (float(centre[0]), float(centre[1]), float(centre[2]))


def _offsets(grid: Grid) -> list[npt.NDArray[np.float64]]:
    """Sub-voxel shifts of the centre (z, y, x) in voxels, none first."""
    axes = []
    for side in grid.spacing[::-1]:
        n = max(1, math.ceil(side / PEAK_STEP))
        n += 1 - n % 2  # odd: the voxel's own centre is among them
        axes.append((np.arange(n) + 0.5) / n - 0.5)
    shifts = [np.array([z, y, x]) for z in axes[0] for y in axes[1] for x in axes[2]]
    return sorted(shifts, key=lambda shift: float(np.abs(shift).sum()))


def _sphere_means(
    values: npt.NDArray[Any], index: npt.NDArray[Any], offset: npt.NDArray[np.float64], grid: Grid
) -> npt.NDArray[np.float64]:
    """Means in the sphere around each voxel of ``index`` shifted by ``offset``; nan where it leaves the image."""
    steps, weights = _sphere(tuple(offset), tuple(grid.affine[:3, :3].ravel()))
    reach = np.abs(steps).max(axis=0)
    first, last = index.min(axis=0) - reach, index.max(axis=0) + reach + 1
    around = np.full(last - first, np.nan)
    inner = tuple(slice(max(0, int(a)), min(n, int(b))) for a, b, n in zip(first, last, values.shape, strict=True))
    around[tuple(slice(s.start - int(a), s.stop - int(a)) for s, a in zip(inner, first, strict=True))] = values[inner]
    strides = np.array([around.shape[1] * around.shape[2], around.shape[2], 1])
    flat, start, shift = around.ravel(), (index - first) @ strides, steps @ strides
    out = np.empty(len(index))
    chunk = max(1, AT_ONCE // len(weights))
    for i in range(0, len(index), chunk):
        out[i : i + chunk] = flat[start[i : i + chunk, None] + shift[None, :]] @ weights
    return out


@lru_cache(maxsize=1024)
def _sphere(offset: tuple[float, ...], affine: tuple[float, ...]) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
    """Voxels (z, y, x) around the middle one and the share of the sphere in each; the shares sum to one."""
    flip = np.array(affine).reshape(3, 3)[:, ::-1]  # index (z, y, x) to mm
    # Along an index axis the sphere reaches as far as the inverse affine stretches its radius.
    reach = np.ceil(PEAK_RADIUS * np.linalg.norm(np.linalg.inv(flip), axis=1) + 1).astype(int)
    steps = np.stack(np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij"), axis=-1).reshape(-1, 3)
    far = PEAK_RADIUS + 0.5 * float(np.linalg.norm(np.abs(flip).sum(axis=1)))
    steps = steps[np.linalg.norm((steps - np.array(offset)) @ flip.T, axis=1) <= far]
    fine = (np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5
    within = np.stack(np.meshgrid(fine, fine, fine, indexing="ij"), axis=-1).reshape(-1, 3)
    points = (steps[:, None, :] + within[None, :, :] - np.array(offset)) @ flip.T
    share = (np.sum(points * points, axis=-1) <= PEAK_RADIUS**2).mean(axis=1)
    used = share > 0
    return steps[used], share[used] / share[used].sum()
