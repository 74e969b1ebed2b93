"""Calibration of a tomograph from a uniform cylinder of known activity."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.units import ml

Array = npt.NDArray[Any]

INNER = 0.8  # of radius and length: resolution does not reach there for a cylinder of 20 cm
SMALLEST = 60.0  # mm: diameter below which it would


@dataclass(frozen=True, slots=True, kw_only=True)
class Cylinder:
    """What the middle of the cylinder shows.

    Attributes
    ----------
    mean : Measured                     Of the voxels inside; u from the scatter of blocks [unit of the image].
    variation : float                   Coefficient of variation of the voxels [1].
    worst_slice : float                 Largest deviation of a slice's mean from the mean, relative [1].
    radial : float                      Mean of the inner half of the radius that was read by that of the outer, less one [1].
    diameter, length : float            Of the cylinder in the image, at half its height [mm].
    volume : float                      That was read [mm3].
    centre : (x, y, z)                  Of the cylinder, from the centre of the first voxel [mm].
    """

    mean: Measured
    variation: float
    worst_slice: float
    radial: float
    diameter: float
    length: float
    volume: float
    centre: tuple[float, float, float]


def read_cylinder(values: Array, spacing: tuple[float, float, float]) -> Cylinder:
    """Mean and uniformity in the inner 80 % of radius and length.

    Parameters
    ----------
    values : array, shape (z, y, x)     The cylinder, its axis along z within some degrees, any unit.
    spacing : (x, y, z)                 [mm].

    The cylinder is what exceeds half the median of the warm voxels; its axis goes through the centroid. u of the mean is
    the scatter of sixteen blocks (four quarters, four lengths) by the root of their number: noise of a reconstruction is
    correlated from voxel to voxel, so that the scatter of voxels would tell too little.

    Raises
    ------
    DataError
        There is no cylinder, or it is too small.
    """
    v = np.asarray(values, dtype=float)
    if v.ndim != 3 or not np.all(np.isfinite(v)) or float(v.mean()) <= 0:
        raise DataError(f"a cylinder needs a volume with activity; got shape {v.shape}. Check the file.")
    level = float(np.median(v[v > v.mean()]))
    hot = v > 0.5 * level
    share = hot.sum(axis=(1, 2)).astype(float)
    slices = np.flatnonzero(share > 0.5 * float(np.median(share[share > 0])))
    length = len(slices) * spacing[2]
    area = float(np.median(share[slices])) * spacing[0] * spacing[1]
    diameter = 2 * math.sqrt(area / math.pi)
    if diameter < SMALLEST or len(slices) < 4:
        raise DataError(
            f"the warm part is {diameter:.0f} mm wide and {len(slices)} slices long; a cylinder of {SMALLEST:.0f} mm and four "
            "slices at least is needed. Is this the uniform cylinder?"
        )
    z, y, x = (np.arange(n) * s for n, s in zip(v.shape, spacing[::-1], strict=True))
    flat = hot[slices].sum(axis=0)
    cy, cx = float((flat.sum(axis=1) * y).sum() / flat.sum()), float((flat.sum(axis=0) * x).sum() / flat.sum())
    middle, half = float(z[slices].mean()), INNER * length / 2
    inner = np.flatnonzero(np.abs(z - middle) <= half)
    r = np.hypot(y[:, None] - cy, x[None, :] - cx)
    inside = r <= INNER * diameter / 2
    part = v[inner][:, inside]
    quarter = (np.arctan2(y[:, None] - cy, x[None, :] - cx)[inside] // (np.pi / 2)).astype(int)
    blocks = [float(b[:, quarter == q].mean()) for b in np.array_split(part, min(4, len(inner))) for q in np.unique(quarter)]
    mean = float(part.mean())
    near = r[inside] <= 0.25 * INNER * diameter
    return Cylinder(
        mean=Measured(value=mean, u=float(np.std(blocks, ddof=1)) / math.sqrt(len(blocks))),
        variation=float(part.std(ddof=1)) / mean,
        worst_slice=float(np.abs(part.mean(axis=1) / mean - 1).max()),
        radial=float(part[:, near].mean() / part[:, ~near].mean() - 1) if (~near).any() else 0.0,
        diameter=diameter,
        length=length,
        volume=part.size * math.prod(spacing),
        centre=(cx, cy, middle),
    )


def tomographic_sensitivity(
    counts: Measured, *, voxel_volume: float, concentration: Measured, duration: float, decay_constant: float
) -> Measured:
    """Counts a second and Bq of a tomograph.

        C = (N / V) / (a T) / D,    D = (1 - exp(-lambda T)) / (lambda T)

    Parameters
    ----------
    counts : Measured                   N, mean of a voxel [1].
    voxel_volume : float                V [mm3].
    concentration : Measured            a at the start of the acquisition [Bq/ml].
    duration : float                    T, from start to end [s].
    decay_constant : float              lambda [1/s].

    Returns
    -------
    Measured                            [1/(s Bq)], u from counts and concentration where both have one.

    Neglected: dead time; rests between the views (T is then longer than what was counted: use the sum of the views for T
    and correct the concentration to the middle of the acquisition).
    """
    if not (duration > 0 and voxel_volume > 0 and decay_constant >= 0 and concentration.value > 0):
        raise InputError(
            f"duration {duration:g} s, voxel {voxel_volume:g} mm3, concentration {concentration.value:g} Bq/ml: "
            "all must be above zero."
        )
    x = decay_constant * duration
    D = -math.expm1(-x) / x if x > 1e-12 else 1.0
    value = counts.value / (voxel_volume / ml) / (concentration.value * duration * D)
    parts = [m.relative for m in (counts, concentration)]
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return Measured(value=value, u=None, why_no_u="u of the counts or of the concentration is not stated")
    return Measured(value=value, u=value * math.hypot(*known))


def filled_concentration(
    activity: Measured, *, residual: Measured, volume: Measured, decay_constant: float, elapsed: float, residual_elapsed: float
) -> Measured:
    """Concentration in a phantom at the time of the scan.

        a = (A exp(-lambda t) - R exp(-lambda t_R)) / V

    Parameters
    ----------
    activity : Measured                 A, in the syringe [Bq], ``elapsed`` t before the scan [s].
    residual : Measured                 R, left in it [Bq], ``residual_elapsed`` t_R before the scan [s].
    volume : Measured                   V [mm3].
    decay_constant : float              [1/s].

    Returns
    -------
    Measured                            [Bq/ml]; the u of activity and residual are taken as independent.
    """
    a, r = (
        (m.value * math.exp(-decay_constant * t), (m.u or 0.0) * math.exp(-decay_constant * t))
        for m, t in ((activity, elapsed), (residual, residual_elapsed))
    )
    if a[0] <= r[0] or volume.value <= 0:
        raise InputError(
            f"syringe {a[0]:.4g} Bq, residual {r[0]:.4g} Bq, volume {volume.value / ml:.4g} ml: nothing is left in the phantom. "
            "Check units and times."
        )
    value = (a[0] - r[0]) / (volume.value / ml)
    relative = math.hypot(math.hypot(a[1], r[1]) / (a[0] - r[0]), volume.relative or 0.0)
    return Measured(value=value, u=value * relative)
