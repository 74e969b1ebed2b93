"""Renograms: share of each kidney, time to its maximum and its emptying."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.model.arrays import frozen
from hevesy.model.measured import Measured
from hevesy.rng import stream

Array = npt.NDArray[np.float64]

SIDES = ("left", "right")
SMOOTHING = 15.0 * u.s  # standard deviation of the Gaussian over frames, for maxima and half-lives
REPLICATES = 400
RESIDUAL_AT = 20 * u.min_
NORMAL_AT = 2 * u.min_  # activity that the residual is normalised to (NORA)
FEWEST = 3
LATEST = 10.0 * u.s  # start of the first frame: what the heart held before is not in its integral


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Renogram:
    """Counts of a dynamic study of the kidneys.

    Attributes
    ----------
    t : ndarray, (n,)                   Middles of the frames after the injection, increasing [s].
    duration : ndarray, (n,)            Of the frames [s].
    kidneys : ndarray, (2, n)           Counts of left and right kidney in each frame.
    backgrounds : ndarray, (2, n)       Counts of their background regions.
    areas : ndarray, (2,)               Area of the kidney by that of its background region [1].
    heart : ndarray, (n,), or None      Counts of the heart, or of any region of blood.
    """

    t: Array
    duration: Array
    kidneys: Array
    backgrounds: Array
    areas: Array
    heart: Array | None = None

    def __post_init__(self) -> None:
        for name in ("t", "duration", "kidneys", "backgrounds", "areas", "heart"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(np.array(getattr(self, name), dtype=np.float64)))
        n = self.t.size
        if self.t.ndim != 1 or n < 2 * FEWEST or np.any(self.t < 0) or np.any(np.diff(self.t) <= 0):
            raise InputError(f"renogram: times must increase from 0 on, in {2 * FEWEST} frames or more; got {n} frames.")
        if self.duration.shape != (n,) or not np.all(self.duration > 0):
            raise InputError("renogram: each frame needs a duration above 0 s.")
        if self.kidneys.shape != (2, n) or self.backgrounds.shape != (2, n) or not np.all(self.areas > 0):
            raise InputError("renogram: two kidneys and two backgrounds of one length, and two areas above 0, are needed.")
        for what, counts in (("kidney", self.kidneys), ("background", self.backgrounds), ("heart", self.heart)):
            if counts is not None and not np.all(np.isfinite(counts) & (counts >= 0)):
                raise DataError(f"renogram: a count of the {what} is {np.min(counts):g}; counts are raw, 0 or more.")

    @property
    def rates(self) -> Array:
        """Net count rates of the kidneys, (2, n) [1/s]."""
        return np.asarray((self.kidneys - self.areas[:, None] * self.backgrounds) / self.duration)

    @property
    def u_rates(self) -> Array:
        """Their standard uncertainties from counting: u^2 = (N + a^2 B) / d^2, (2, n) [1/s]."""
        return np.asarray(np.sqrt(self.kidneys + self.areas[:, None] ** 2 * self.backgrounds) / self.duration)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KidneyCurve:
    """What the curve of one kidney says; None with the reason in ``remarks`` where it does not.

    Attributes
    ----------
    time_of_maximum : Measured          T_max [s].
    half_time : Measured or None        From the maximum to half of it [s].
    residual : Measured or None         Activity at 20 min by that at the maximum [1].
    normalised_residual : Measured or None      Activity at 20 min by that at 2 min (NORA) [1].
    smooth : ndarray, (n,)              Smoothed net count rate [1/s].
    remarks : tuple of str
    """

    time_of_maximum: Measured
    half_time: Measured | None
    residual: Measured | None
    normalised_residual: Measured | None
    smooth: Array
    remarks: tuple[str, ...] = ()


def split_by_area(renogram: Renogram, start: float, stop: float, *, decay_constant: float = 0.0) -> Measured:
    """Share of the left kidney in the uptake of both: areas under the net curves.

        S = L / (L + R),   L = sum of net counts in the frames whose middles lie in [start, stop)

    u is from counting alone. Neglected: what has left a kidney before ``stop``; blood in the kidney beyond that of its
    background; depth of the kidneys. Reference: A. Prigent et al., Semin. Nucl. Med. 29 (1999) 146;
    I. Gordon et al., EANM guidelines, Eur. J. Nucl. Med. Mol. Imaging 38 (2011) 1175.

    Raises :class:`hevesy.errors.DataError` where no frame lies there or a kidney takes nothing up.
    """
    inside = _window(renogram, start, stop)
    back = np.exp(decay_constant * renogram.t[inside]) * renogram.duration[inside]
    L, R = np.sum(renogram.rates[:, inside] * back, axis=1)
    u_L, u_R = np.sqrt(np.sum((renogram.u_rates[:, inside] * back) ** 2, axis=1))
    return _share(float(L), float(R), float(u_L), float(u_R), "net counts")


def split_by_patlak(renogram: Renogram, start: float, stop: float, *, decay_constant: float = 0.0) -> Measured:
    """Share of the left kidney by the slopes of Rutland and Patlak: what blood in the kidney adds falls out.

        K(t) / H(t) = a int_0^t H dt' / H(t) + b,   S = a_left / (a_left + a_right)

    K is the net curve of a kidney, H that of the heart. Straight lines by weighted least squares over the frames in
    [start, stop); u of the slopes from counting of the kidneys, times chi2/nu where that exceeds one.
    Neglected: noise of H, which both kidneys share. Reference: M. D. Rutland, Nucl. Med. Commun. 6 (1985) 11;
    C. S. Patlak et al., J. Cereb. Blood Flow Metab. 3 (1983) 1.
    """
    if renogram.heart is None:
        raise InputError("renogram: the plot of Rutland and Patlak needs counts of the heart. Add the column heart.")
    missed = float(renogram.t[0] - renogram.duration[0] / 2)
    if missed > LATEST:
        raise DataError(
            f"renogram: the first frame starts {missed:.3g} s after the injection, at most {LATEST:g} s is allowed: the plot of "
            "Rutland and Patlak needs the heart from the injection on. Use the areas."
        )
    inside = _window(renogram, start, stop, fewest=FEWEST)
    back = np.exp(decay_constant * renogram.t)
    H = renogram.heart / renogram.duration * back
    if not np.all(H[inside] > 0):
        raise DataError(f"renogram: the heart counts nothing in a frame from {start:g} to {stop:g} s. Check its region.")
    # Up to the middle of each frame; before the first frame there is nothing to integrate.
    counts = H * renogram.duration
    so_far = np.cumsum(counts) - counts / 2
    x = so_far[inside] / H[inside]
    slopes = []
    for K, u_K in zip(renogram.rates * back, renogram.u_rates * back, strict=True):
        slopes.append(_slope(x, K[inside] / H[inside], np.maximum(u_K[inside], 1e-12) / H[inside]))
    (a, u_a), (b, u_b) = slopes
    return _share(a, b, u_a, u_b, "slope")


def kidney_curve(renogram: Renogram, side: str, *, seed: int, decay_constant: float = 0.0) -> KidneyCurve:
    """Maximum and emptying of one kidney, from its net curve smoothed by a Gaussian of 15 s.

    The uncertainty is the standard deviation over 400 repetitions of the counts as Poisson numbers. Where half of the maximum
    is not reached, or the study ends before 20 min, there is no number but a remark.

    Parameters
    ----------
    renogram : Renogram
    side : str                          "left" or "right".
    seed : int                          Of the repetitions.
    decay_constant : float              For curves corrected for decay [1/s]; 0 for curves as measured.

    Neglected: what the smoothing takes from a narrow maximum. Reference: A. Prigent et al., Semin. Nucl. Med. 29 (1999) 146.
    """
    if side not in SIDES:
        raise InputError(f"kidney {side!r} is unknown. Choose left or right.")
    i = SIDES.index(side)
    S = _smoother(renogram)
    back = np.exp(decay_constant * renogram.t) / renogram.duration
    rng = stream(seed, i)
    drawn = rng.poisson(renogram.kidneys[i], (REPLICATES, renogram.t.size)).astype(float)
    drawn -= renogram.areas[i] * rng.poisson(renogram.backgrounds[i], drawn.shape)
    curve = renogram.rates[i] * back * renogram.duration
    smooth, replicas = S @ curve, (drawn * back) @ S.T
    t = renogram.t
    if not smooth.max() > 0:
        raise DataError(f"renogram: the {side} kidney holds no more than its background. Check the regions.")

    end = float(t[-1] + renogram.duration[-1] / 2)
    seen = _features(t, smooth, end)
    spread = [_features(t, one, end) for one in replicas]

    def measured(feature: int) -> Measured | None:
        value, found = seen[feature], [x for one in spread if (x := one[feature]) is not None]
        if value is None:
            return None
        if len(found) < REPLICATES // 2:
            return Measured(value=value, u=None, why_no_u="most repetitions of the counts do not reach it")
        return Measured(value=value, u=float(np.std(found, ddof=1)))

    top, half, residual, normal = (measured(feature) for feature in range(4))
    if top is None:
        raise DataError(f"renogram: the {side} kidney has no maximum. Check the regions.")
    remarks = []
    if top.value > 0.95 * end:
        remarks.append(f"{side}: the curve still rises at its end ({end / u.min_:.3g} min); the maximum is not reached.")
    if half is None:
        remarks.append(f"{side}: the curve does not fall to half of its maximum within the study: no half-time.")
    if end < RESIDUAL_AT:
        remarks.append(
            f"{side}: the study ends at {end / u.min_:.3g} min, before {RESIDUAL_AT / u.min_:g}: no residual activity."
        )
    return KidneyCurve(
        time_of_maximum=top,
        half_time=half,
        residual=residual,
        normalised_residual=normal,
        smooth=frozen(smooth),
        remarks=tuple(remarks),
    )


def _window(renogram: Renogram, start: float, stop: float, *, fewest: int = 1) -> npt.NDArray[np.bool_]:
    if not 0 <= start < stop:
        raise InputError(f"renogram: the window from {start:g} to {stop:g} s is none. Its end must be after its start.")
    inside = (renogram.t >= start) & (renogram.t < stop)
    if int(inside.sum()) < fewest:
        raise DataError(
            f"renogram: {int(inside.sum())} frames have their middle from {start:g} to {stop:g} s after the injection; "
            f"{fewest} or more are needed. Are the times in seconds?"
        )
    return inside


def _share(L: float, R: float, u_L: float, u_R: float, what: str) -> Measured:
    if L + R <= 0 or L + 3 * u_L < 0 or R + 3 * u_R < 0:
        raise DataError(f"renogram: {what} of the kidneys {L:.4g} and {R:.4g}; there is no uptake to share. Check the regions.")
    return Measured(value=L / (L + R), u=math.hypot(R * u_L, L * u_R) / (L + R) ** 2)


def _slope(x: Array, y: Array, u_y: Array) -> tuple[float, float]:
    """Slope of a weighted straight line and its standard uncertainty."""
    w = 1 / u_y**2
    mean = float(np.sum(w * x) / np.sum(w))
    spread = float(np.sum(w * (x - mean) ** 2))
    slope = float(np.sum(w * (x - mean) * y)) / spread
    rest = y - np.sum(w * y) / np.sum(w) - slope * (x - mean)
    birge = float(np.sum(w * rest**2)) / max(x.size - 2, 1)
    return slope, math.sqrt(max(1.0, birge) / spread)


def _smoother(renogram: Renogram) -> Array:
    """Rows of weights: a Gaussian over time, each frame by its duration."""
    apart = (renogram.t[:, None] - renogram.t[None, :]) / SMOOTHING
    weights = np.exp(-(apart**2) / 2) * renogram.duration
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=float)


def _features(t: Array, y: Array, end: float) -> tuple[float | None, ...]:
    """T_max, half-time, residual activity and NORA of a smooth curve; None for what it does not show."""
    at, height = _top(t, y)
    if end < RESIDUAL_AT:
        return at, _half(t, y, at, height), None, None
    left, by = float(np.interp(RESIDUAL_AT, t, y)), float(np.interp(NORMAL_AT, t, y))
    return at, _half(t, y, at, height), left / height if height > 0 else None, left / by if by > 0 else None


def _top(t: Array, y: Array) -> tuple[float, float]:
    """Time and height of the maximum: the parabola through the largest value and its neighbours."""
    i = int(np.argmax(y))
    if i in (0, t.size - 1):
        return float(t[i]), float(y[i])
    before, after = float(t[i - 1] - t[i]), float(t[i + 1] - t[i])
    fall, rise = float(y[i - 1] - y[i]) / before, float(y[i + 1] - y[i]) / after
    curvature = (rise - fall) / (after - before)
    if curvature >= 0:
        return float(t[i]), float(y[i])
    slope = fall - curvature * before
    shift = -slope / (2 * curvature)
    return float(t[i]) + shift, float(y[i]) + slope * shift / 2


def _half(t: Array, y: Array, at: float, height: float) -> float | None:
    """From the maximum until half of it is first reached, between frames by straight lines."""
    after = np.flatnonzero((t > at) & (y <= height / 2))
    if after.size == 0:
        return None
    j = int(after[0])
    if t[j - 1] <= at or y[j - 1] <= y[j]:
        return float(t[j]) - at
    return float(t[j - 1] + (y[j - 1] - height / 2) / (y[j - 1] - y[j]) * (t[j] - t[j - 1])) - at
