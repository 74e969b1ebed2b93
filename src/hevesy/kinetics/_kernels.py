"""Penalised least squares of many curves at once: arrays in, arrays out, one column a voxel.

Rows of ``theta`` are ln l1, ln l2, ln ratio of the unit curve

    e(t) = exp(-l1 t) + sign ratio exp(-l2 t),   sign = 0 (mono), 1 (two phases), -1 (uptake)
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SLOW, FAST, RATIO = 0, 1, 2
ITERATIONS = 60
# Steps of the logarithms below this change no digit that is kept.
SMALL = 1e-7
# A fall of chi2 / 2 by less than this moves nothing by more than a few 1e-5 of its uncertainty.
LEVEL = 1e-9
# Of two directions that are one to rounding, the second keeps this share of its curvature.
SINGULAR = 1e-13


class Spec(NamedTuple):
    """What all voxels share.

    ``centre`` (3,) and ``precision`` (3,), 1/spread^2, of the prior; ``free`` rows of theta that are searched;
    ``lower`` and ``upper`` bounds of ln l1.
    """

    t: Array
    sign: int
    centre: Array
    precision: Array
    free: tuple[int, ...]
    lower: float
    upper: float


class Normal(NamedTuple):
    """The problem at one theta: amplitude and its weight, half the cost, gradient and curvature in the free rows."""

    a: Array
    see: Array
    cost: Array
    gradient: list[Array]
    curvature: list[list[Array]]
    along: list[Array]  # sum w e d / sum w e^2


def unit_curve(theta: Array, spec: Spec) -> tuple[Array, list[Array]]:
    """e(t), shape (n, voxels), and its derivatives by the free rows of theta."""
    t = spec.t[:, None]
    slow = -np.exp(theta[SLOW]) * t
    e = np.exp(slow)
    by = {SLOW: slow * e}
    if spec.sign:
        # A fast phase that is the same in all voxels is computed once.
        fast = -np.exp(theta[FAST] if FAST in spec.free else spec.centre[FAST]) * t
        second = spec.sign * np.exp(fast + theta[RATIO])
        by |= {FAST: fast * second, RATIO: second}
        e = e + second
    return e, [np.broadcast_to(by[k], e.shape) for k in spec.free]


def unit_integral(theta: Array, spec: Spec) -> tuple[Array, list[Array]]:
    """Integral of the unit curve from 0 to infinity, and its derivatives by the free rows of theta."""
    slow = np.exp(-theta[SLOW])
    by = {SLOW: -slow}
    total = slow
    if spec.sign:
        fast = spec.sign * np.exp(theta[RATIO] - theta[FAST])
        by |= {FAST: -fast, RATIO: fast}
        total = slow + fast
    return total, [by[k] for k in spec.free]


def normal(theta: Array, y: Array, w: Array, spec: Spec) -> Normal:
    """Amplitude by linear least squares, then the problem in the shape alone (variable projection)."""
    e, slopes = unit_curve(theta, spec)
    we = w * e
    see = np.sum(we * e, axis=0)
    a = np.sum(we * y, axis=0) / see
    wres = w * (y - a * e)
    cost = 0.5 * np.sum(wres * (y - a * e), axis=0)
    along = [np.sum(we * d, axis=0) / see for d in slopes]
    # What of a slope the amplitude cannot mimic; squared as it stands, for the difference of sums would cancel.
    own = [d - e * c for d, c in zip(slopes, along, strict=True)]
    gradient: list[Array] = []
    curvature: list[list[Array]] = [[a] * len(slopes) for _ in slopes]
    for i, k in enumerate(spec.free):
        off = theta[k] - spec.centre[k]
        cost = cost + 0.5 * spec.precision[k] * off**2
        gradient.append(spec.precision[k] * off - a * np.sum(wres * slopes[i], axis=0))
        weighted = w * own[i]
        for j in range(i + 1):
            both = a**2 * np.sum(weighted * own[j], axis=0)
            curvature[i][j] = curvature[j][i] = both + (spec.precision[k] if i == j else 0.0)
    return Normal(a, see, cost, gradient, curvature, along)


def inverse(matrix: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """Inverses of symmetric positive matrices, an entry an array over voxels (Gauss-Jordan without pivoting)."""
    m = len(matrix)
    left = [[np.array(x) for x in row] for row in matrix]
    right = [[np.full_like(left[0][0], float(i == j)) for j in range(m)] for i in range(m)]
    least = [SINGULAR * left[i][i] for i in range(m)]
    for i in range(m):
        pivot = 1 / np.maximum(left[i][i], least[i])
        left[i] = [x * pivot for x in left[i]]
        right[i] = [x * pivot for x in right[i]]
        for k in range(m):
            if k != i:
                factor = left[k][i]
                left[k] = [x - factor * z for x, z in zip(left[k], left[i], strict=True)]
                right[k] = [x - factor * z for x, z in zip(right[k], right[i], strict=True)]
    return right


def start(theta: Array, y: Array, w: Array, spec: Spec, *, nodes: int = 8) -> Array:
    """``theta`` with the best ln l1 of a grid between the bounds, so that the search begins in the right valley."""
    grid = np.linspace(spec.lower, spec.upper, nodes)
    wy = w * y
    best = np.full(y.shape[1], np.inf)
    out = theta.copy()
    one = np.array(spec.centre)[:, None]
    for value in (*grid, spec.centre[SLOW]):
        one[SLOW] = value
        e = unit_curve(one, spec)[0]
        product = np.maximum(np.sum(wy * e, axis=0), 0.0)
        cost = 0.5 * spec.precision[SLOW] * (value - spec.centre[SLOW]) ** 2 - 0.5 * product**2 / np.sum(w * e**2, axis=0)
        better = cost < best
        best[better] = cost[better]
        out[SLOW, better] = value
    return out


def minimise(theta: Array, y: Array, w: Array, spec: Spec, *, level: float = LEVEL) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Levenberg-Marquardt for every voxel on its own; theta and whether it arrived."""
    theta = theta.copy()
    arrived = np.zeros(y.shape[1], dtype=bool)
    at = np.arange(y.shape[1])
    now, here = theta, normal(theta, y, w, spec)
    damping = np.full(y.shape[1], 1e-2)
    for _ in range(ITERATIONS):
        step, promised = _step(now, here, damping, spec)
        trial = now.copy()
        for i, k in enumerate(spec.free):
            trial[k] += step[i]
        trial[SLOW] = np.clip(trial[SLOW], spec.lower, spec.upper)
        there = normal(trial, y, w, spec)
        fall = here.cost - there.cost
        # A difference of rounding is no rise.
        good = (fall >= -1e-14 * here.cost) & (there.a > 0)
        moved = np.max(np.abs(trial - now)[list(spec.free)], axis=0)
        now = np.where(good, trial, now)
        here = _chosen(good, there, here)
        damping = np.where(good, np.clip(damping * _change(fall, promised), 1e-7, None), damping * 10)
        done = (moved < SMALL) | (damping > 1e7) | (good & (fall < level))
        if np.any(done):
            theta[:, at[done]] = now[:, done]
            arrived[at[done]] = True
            keep = ~done
            if not np.any(keep):
                return theta, arrived
            at, now, y, w, damping = at[keep], now[:, keep], y[:, keep], w[:, keep], damping[keep]
            here = _kept(keep, here)
    theta[:, at] = now
    return theta, arrived


def outward(theta: Array, here: Normal, spec: Spec) -> npt.NDArray[np.bool_]:
    """Where ln l1 lies on its lower bound and the cost would fall beyond it."""
    return np.asarray((theta[SLOW] <= spec.lower) & (here.gradient[0] > 0), dtype=bool)


def _change(fall: Array, promised: Array) -> Array:
    """Factor of the damping by how much of the promised fall came true: overshooting steps must become shorter."""
    return np.where(fall > 0.9 * promised, 0.1, np.where(fall > 0.5 * promised, 1.0, 8.0))


def _step(theta: Array, here: Normal, damping: Array, spec: Spec) -> tuple[list[Array], Array]:
    """The step in the free rows, and the fall of the cost that the quadratic picture promises."""
    m = len(spec.free)
    fixed = outward(theta, here, spec) | ((theta[SLOW] >= spec.upper) & (here.gradient[0] < 0))
    matrix = [[here.curvature[i][j] * (1.0 + damping if i == j else 1.0) for j in range(m)] for i in range(m)]
    for j in range(1, m):  # a row that is fixed takes no part
        matrix[0][j] = matrix[j][0] = np.where(fixed, 0.0, matrix[0][j])
    back = inverse(matrix)
    gradient = [np.where(fixed, 0.0, here.gradient[0]), *here.gradient[1:]]
    steps = [-np.sum([back[i][j] * gradient[j] for j in range(m)], axis=0) for i in range(m)]
    # exp(2) a step: further away the quadratic picture of the cost says nothing.
    steps = [np.clip(s, -2.0, 2.0) for s in steps]
    bent = [np.sum([here.curvature[i][j] * steps[j] for j in range(m)], axis=0) for i in range(m)]
    promised = -np.sum([steps[i] * (gradient[i] + 0.5 * bent[i]) for i in range(m)], axis=0)
    return steps, promised


def _chosen(good: npt.NDArray[np.bool_], there: Normal, here: Normal) -> Normal:
    def pick(x: Array, z: Array) -> Array:
        return np.where(good, x, z)

    m = len(here.gradient)
    return Normal(
        pick(there.a, here.a),
        pick(there.see, here.see),
        pick(there.cost, here.cost),
        [pick(there.gradient[i], here.gradient[i]) for i in range(m)],
        [[pick(there.curvature[i][j], here.curvature[i][j]) for j in range(m)] for i in range(m)],
        [pick(there.along[i], here.along[i]) for i in range(m)],
    )


def _kept(keep: npt.NDArray[np.bool_], here: Normal) -> Normal:
    return Normal(
        here.a[keep],
        here.see[keep],
        here.cost[keep],
        [x[keep] for x in here.gradient],
        [[x[keep] for x in row] for row in here.curvature],
        [x[keep] for x in here.along],
    )


def integral(theta: Array, here: Normal, spec: Spec) -> tuple[Array, Array, Array]:
    """Posterior mean of the integral, its variance, and the variance of ln l1; a rate on its bound counts one-sided.

    With G the derivative of the integral I = a T along the valley of best amplitudes and V the inverse curvature:

        mean = I exp(GVG / 2 I^2),   u^2 = T^2 / sum w e^2 + GVG,   GVG -> GVG - (1 - kappa) (G V_1)^2 / V_11

    The integral goes as an exponential of the logarithms searched, so its mean lies above its value at the best fit.
    kappa = 1 inside the bounds.  Outside lies the mean square of a normal density cut at the bound, alpha standard
    deviations beyond its mode: kappa = 1 + alpha^2 - alpha m, m = phi(alpha) / Q(alpha).
    """
    from scipy.special import erfcx

    m = len(spec.free)
    total, slopes = unit_integral(theta, spec)
    G = [here.a * (slopes[i] - total * here.along[i]) for i in range(m)]
    V = inverse(here.curvature)
    VG = [np.sum([V[i][j] * G[j] for j in range(m)], axis=0) for i in range(m)]
    held = outward(theta, here, spec)
    alpha = np.where(held, here.gradient[0] * np.sqrt(V[0][0]), 0.0)
    hazard = np.sqrt(2 / np.pi) / erfcx(alpha / np.sqrt(2))
    # Beyond 30 the closed form cancels; 2 / alpha^2 is its limit.
    kappa = np.where(held, np.where(alpha > 30, 2 / np.maximum(alpha, 1) ** 2, 1 + alpha**2 - alpha * hazard), 1.0)
    by_shape = np.sum([G[i] * VG[i] for i in range(m)], axis=0) - (1 - kappa) * VG[0] ** 2 / V[0][0]
    value = here.a * total
    # Where there is next to no amplitude, the ratio below is one of noise, and the correction must not be.
    share = by_shape / np.where(value == 0, 1.0, value) ** 2
    mean = value * np.where(held, 1.0, np.exp(0.5 * np.minimum(share, 1.0)))
    return mean, total**2 / here.see + by_shape, V[0][0]
