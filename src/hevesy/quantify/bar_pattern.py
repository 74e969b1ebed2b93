"""Resolution of a gamma camera from the image of a four-quadrant bar pattern."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.quantify.recovery import FWHM_PER_SIGMA

Array = npt.NDArray[Any]

ODD = np.arange(1, 40, 2)
# Bars are called visible when their contrast is this much, and stands out of noise by five standard uncertainties.
VISIBLE, SURE = 0.1, 5.0
PART = 0.36  # side of the region of a quadrant, by the side of the pattern
WIDEST = 0.995  # a modulation above this says nothing about the resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrant:
    """One quadrant: bar width [mm], modulation of the bars' frequency, its u [1], resolution where it can be told [mm]."""

    bar: float
    modulation: float
    u_modulation: float
    visible: bool
    fwhm: Measured | None


def bar_pattern(image: Array, bars: tuple[float, float, float, float], pixel: tuple[float, float]) -> tuple[Quadrant, ...]:
    """Modulation and resolution by quadrant, from the variance of the counts.

        var / mean^2 - 1 / mean = sum_odd k  8 / (pi k)^2  MTF(k f)^2,     f = 1 / (2 w)
        MTF(f) = exp(-2 (pi sigma f)^2),    FWHM = 2.355 sigma

    Parameters
    ----------
    image : array, shape (rows, columns)   Counts of the bar pattern, its sides along rows and columns.
    bars : four floats                  Widths of bar and gap [mm]: upper left, upper right, lower left, lower right.
    pixel : (rows, columns)             Sides [mm].

    Variance does not ask in which direction the bars run or where they begin. 1 / mean is what Poisson noise adds. The
    resolution is that of the image: camera, distance, and the averaging over pixels.
    Neglected: penetration of the bars (their gaps count as fully open, the bars as opaque), non-uniformity of the flood.
    Reference: T. A. Hander et al., Med Phys 1997;24:327-334, with all harmonics in place of the first.

    Raises
    ------
    DataError
        There is no pattern in the image.
    """
    counts = np.asarray(image, dtype=float)
    if counts.ndim != 2 or not np.all(np.isfinite(counts)) or counts.sum() <= 0:
        raise DataError(f"a bar pattern is one image of counts; got shape {counts.shape}. Check which frame holds it.")
    if not all(0.5 <= w <= 20 for w in bars):
        raise InputError(f"bars are {bars} mm wide; 0.5 to 20 mm is plausible. Check the unit.")
    side = math.sqrt(pixel[0] * pixel[1])
    return tuple(_quadrant(part, w, side) for part, w in zip(quadrants(counts), bars, strict=True))


def quadrants(counts: Array) -> tuple[Array, Array, Array, Array]:
    """The middle of each quadrant of the lit field: upper left, upper right, lower left, lower right."""
    lit = counts > 0.25 * float(np.median(counts[counts > counts.mean()]))
    spans = []
    for axis in (0, 1):
        share = lit.mean(axis=1 - axis)
        where = np.flatnonzero(share > 0.3 * share.max())
        spans.append((int(where[0]), int(where[-1]) + 1))
    if min(b - a for a, b in spans) < 32:
        raise DataError("the pattern covers fewer than 32 pixels; finer pixels are needed to see bars.")
    parts = []
    for row in (0.26, 0.74):
        for column in (0.26, 0.74):
            (r0, r1), (c0, c1) = (
                _around(a + at * (b - a), PART * (b - a) / 2) for (a, b), at in zip(spans, (row, column), strict=True)
            )
            parts.append(counts[r0:r1, c0:c1])
    return parts[0], parts[1], parts[2], parts[3]


def mean_resolution(found: tuple[Quadrant, ...]) -> Measured:
    """Mean of the quadrants that tell the resolution, weighted by their u [mm].

    Raises
    ------
    DataError
        None tells it: all bars are too wide or too fine for this camera.
    """
    told = [q.fwhm for q in found if q.fwhm is not None and q.fwhm.u]
    if not told:
        raise DataError(
            "no quadrant tells the resolution: its bars are all lost or all sharp. Use another pattern, or more counts."
        )
    w = np.array([1 / (m.u or 1.0) ** 2 for m in told])
    values = np.array([m.value for m in told])
    mean = float((w * values).sum() / w.sum())
    scatter = float((w * (values - mean) ** 2).sum() / max(1, len(told) - 1))
    return Measured(value=mean, u=math.sqrt(max(1.0, scatter) / float(w.sum())))


def _around(centre: float, half: float) -> tuple[int, int]:
    return int(round(centre - half)), int(round(centre + half))


def _relative_variance(sigma_by_bar: float) -> float:
    """Of bars blurred by a Gaussian of that sigma in bar widths [1]."""
    return float(np.sum(8 / (np.pi * ODD) ** 2 * np.exp(-4 * (np.pi * sigma_by_bar * ODD / 2) ** 2)))


def _quadrant(part: Array, bar: float, side: float) -> Quadrant:
    mean, n = float(part.mean()), part.size
    variance = float(part.var(ddof=1))
    V = max(0.0, variance / mean**2 - 1 / mean)
    # Noise of n pixels; and bars that do not fill the region in whole periods: sin^2 over a length L is off by w / (2 pi L),
    # the mean by as much again.
    u_V = math.hypot(math.sqrt(2 / n * ((1 / mean) ** 2 + 2 * V / mean)), 0.25 * V * bar / (side * math.sqrt(n)))
    M, first = math.sqrt(V * np.pi**2 / 8), np.pi**2 / 8
    modulation = min(1.0, M)
    u_M = first * u_V / (2 * modulation) if modulation > 0 else math.sqrt(first * u_V)
    visible = modulation >= VISIBLE and SURE * u_V < V
    return Quadrant(bar=bar, modulation=modulation, u_modulation=u_M, visible=visible, fwhm=_fwhm(V, u_V, bar))


def _fwhm(V: float, u_V: float, bar: float) -> Measured | None:
    from scipy.optimize import brentq

    if not (SURE * u_V < V < WIDEST * _relative_variance(0.0)):
        return None
    s = float(brentq(lambda x: _relative_variance(x) - V, 1e-6, 3.0))
    slope = (_relative_variance(s + 1e-4) - _relative_variance(s - 1e-4)) / 2e-4
    return Measured(value=FWHM_PER_SIGMA * s * bar, u=FWHM_PER_SIGMA * bar * u_V / abs(slope))
