"""Least squares for the curve models: the best parameters within their physical bounds.

Everything here is dimensionless: time in units of the last scan, activity in units of the largest one.  The
amplitude of a trial curve is that at the first scan, so that fast phases keep finite numbers; rates are
searched as

    l1 = lambda_phys + b,   l2 = l1 + d,   b >= 0, d > 0

which makes it impossible for any rate to fall below physical decay.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.kinetics.models import BI, MONO, Model

Vector = npt.NDArray[np.float64]

# exp(-30) is nothing beside any measurement: faster rates are all alike.
FASTEST = 30.0
# exp(50) between the administration and the first scan is more than any measurement can speak for.
FURTHEST = 50.0
# Two rates that differ by less than this times 1/(last scan) give the same curve to every measurement.
CLOSEST = 1e-3
_GRID = 40
_STARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Dimensionless points: times, activities, weights (1/u, or ones), physical decay constant."""

    t: Vector
    y: Vector
    w: Vector
    decay: float

    @property
    def widest(self) -> float:
        """Largest b: a curve that falls to nothing between the first two scans."""
        return _fastest(self.t)

    def widest_difference(self, model: Model) -> float:
        """Largest d: bi, gone between the first two scans; uptake, complete before the first."""
        return _fastest(self.t) if model is BI else FASTEST / float(self.t[self.t > 0][0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """Parameters (dimensionless, in the model's order) and where they came to lie.

    ``at_decay``: l1 is held at the physical decay constant. ``vanished``: a phase of the model has no
    activity.
    """

    p: Vector
    cost: float  # sum of squared weighted residuals
    b: float
    d: float
    at_decay: bool
    vanished: bool = False


def solve(model: Model, points: Points) -> Solution:
    """The least-squares solution: several starts from a grid of rates, and the edge b = 0 on its own.

    The grid makes the search global and deterministic; the amplitudes at each of its nodes follow from linear
    least squares. The edge is solved as a problem of its own because an interior method only creeps towards
    it.
    """
    free = _best(model, points, on_edge=False)
    edge = _best(model, points, on_edge=True)
    rounding = 1e-26 * float(np.sum((points.w * points.y) ** 2))
    best = edge if edge.cost <= free.cost * (1 + 1e-9) + rounding else free
    if model is not BI:
        return best
    mono = solve(MONO, points)
    share = _amplitudes_at_first_scan(best, points) / np.max(np.abs(points.y))
    if mono.cost <= best.cost * (1 + 1e-9) or np.min(share) < 1e-9:
        p = np.array([mono.p[0], mono.p[1], 0.0, mono.p[1] + best.d])
        return Solution(p=p, cost=mono.cost, b=mono.b, d=best.d, at_decay=mono.at_decay, vanished=True)
    return best


def _fastest(t: Vector) -> float:
    gap, first = float(t[1] - t[0]), float(t[0])
    return min(FASTEST / gap, FURTHEST / first) if first > 0 else FASTEST / gap


def _amplitudes_at_first_scan(solution: Solution, points: Points) -> Vector:
    return np.asarray(solution.p[[0, 2]] * np.exp(-solution.p[[1, 3]] * points.t[0]), dtype=float)


def _basis(model: Model, points: Points, b: Vector, d: Vector) -> list[Vector]:
    """Unit curves of each amplitude at rates b, d (any shape, broadcast against the last axis of times)."""
    since = points.t - points.t[0]
    slow = np.exp(-(points.decay + b) * since)
    if model is MONO:
        return [slow]
    if model is BI:
        return [slow, slow * np.exp(-d * since)]
    return [slow * np.expm1(-d * points.t) / np.expm1(-d)]


def _linear(basis: list[Vector], points: Points) -> tuple[Vector, Vector]:
    """Amplitudes >= 0 of the best combination of ``basis``, shape (..., m), and its cost."""
    y = points.y * points.w
    columns = [column * points.w for column in basis]
    norms = [np.sum(column**2, axis=-1) for column in columns]
    alone = [np.maximum(np.sum(c * y, axis=-1) / np.where(n > 0, n, 1.0), 0.0) for c, n in zip(columns, norms, strict=True)]
    if len(columns) == 1:
        return alone[0][..., None], np.sum((alone[0][..., None] * columns[0] - y) ** 2, axis=-1)
    cross = np.sum(columns[0] * columns[1], axis=-1)
    right = [np.sum(column * y, axis=-1) for column in columns]
    determinant = norms[0] * norms[1] - cross**2
    # Two columns that are one: the normal equations say nothing, and either column alone does as well.
    apart = determinant > 1e-13 * norms[0] * norms[1]
    determinant = np.where(apart, determinant, 1.0)
    both = [
        np.where(apart, (right[0] * norms[1] - right[1] * cross) / determinant, -1.0),
        np.where(apart, (right[1] * norms[0] - right[0] * cross) / determinant, -1.0),
    ]
    zero = np.zeros_like(alone[0])
    trials = np.stack([np.stack(pair, -1) for pair in (both, [alone[0], zero], [zero, alone[1]])])
    sums = trials[..., :1] * columns[0] + trials[..., 1:] * columns[1]
    costs = np.where(np.all(trials >= 0, axis=-1), np.sum((sums - y) ** 2, axis=-1), np.inf)
    pick = np.argmin(costs, axis=0)
    chosen = np.take_along_axis(trials, pick[None, ..., None], axis=0)[0]
    return chosen, np.take_along_axis(costs, pick[None], axis=0)[0]


def _sum(c: Vector, basis: list[Vector]) -> Vector:
    return np.asarray(np.sum([ci * column for ci, column in zip(c, basis, strict=True)], axis=0), dtype=float)


def _starts(model: Model, points: Points, *, on_edge: bool) -> list[tuple[float, float]]:
    """The best few nodes of a grid of (b, d), apart from each other; one where only one rate is searched."""
    b = np.zeros(1) if on_edge else np.concatenate([[0.0], np.geomspace(1e-3, points.widest, _GRID)])
    d = np.ones(1) if model is MONO else np.geomspace(CLOSEST, points.widest_difference(model), _GRID)
    grid_b, grid_d = np.meshgrid(b, d, indexing="ij")
    cost = _linear(_basis(model, points, grid_b[..., None], grid_d[..., None]), points)[1]
    chosen: list[tuple[int, int]] = []
    for flat in np.argsort(cost, axis=None, kind="stable"):
        i, j = (int(k) for k in np.unravel_index(flat, cost.shape))
        if all(max(abs(i - p), abs(j - q)) > 3 for p, q in chosen):
            chosen.append((i, j))
            if len(chosen) == (1 if 1 in cost.shape else _STARTS):
                break
    return [(float(b[i]), float(d[j])) for i, j in chosen]


def _best(model: Model, points: Points, *, on_edge: bool) -> Solution:
    trials = [_refine(model, points, start, on_edge=on_edge) for start in _starts(model, points, on_edge=on_edge)]
    return min(trials, key=lambda solution: solution.cost)


def _refine(model: Model, points: Points, start: tuple[float, float], *, on_edge: bool) -> Solution:
    """Least squares from one start over (amplitudes, b, log d), as far as they are free."""
    from scipy.optimize import least_squares

    b0, d0 = start
    c0 = _linear(_basis(model, points, np.array(b0), np.array(d0)), points)[0]
    m = c0.size
    free_b, free_d = not on_edge, model is not MONO

    def split(x: Vector) -> tuple[Vector, float, float]:
        b = float(x[m]) if free_b else 0.0
        d = float(np.exp(x[-1])) if free_d else 1.0
        return x[:m], b, d

    residuals, slopes = _problem(model, points, split, free_b=free_b, free_d=free_d)
    if not (free_b or free_d):
        return _solution(model, points, c0, 0.0, 1.0, on_edge=True)
    lower, upper = [0.0] * m, [np.inf] * m
    x0 = list(np.maximum(c0, 1e-6))
    if free_b:
        lower, upper, x0 = [*lower, 0.0], [*upper, points.widest], [*x0, b0 or 1e-3]
    if free_d:
        low, high = np.log(CLOSEST), np.log(points.widest_difference(model))
        lower, upper, x0 = [*lower, low], [*upper, high], [*x0, np.clip(np.log(d0), low + 1e-6, high - 1e-6)]
    found = least_squares(
        residuals,
        x0,
        jac=slopes,
        bounds=(lower, upper),
        x_scale="jac",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
        max_nfev=150,
    )
    c, b, d = split(found.x)
    # The amplitudes are linear: solving for them once more takes the last rounding off, unless it adds some.
    linear = _linear(_basis(model, points, np.array(b), np.array(d)), points)[0]
    trials = [_solution(model, points, amplitudes, b, d, on_edge=on_edge) for amplitudes in (c, linear)]
    return min(trials, key=lambda solution: solution.cost)


def _problem(
    model: Model,
    points: Points,
    split: Callable[[Vector], tuple[Vector, float, float]],
    *,
    free_b: bool,
    free_d: bool,
) -> tuple[Callable[[Vector], Vector], Callable[[Vector], Vector]]:
    """Weighted residuals and their derivatives by (amplitudes, b, log d)."""
    since = points.t - points.t[0]

    def residuals(x: Vector) -> Vector:
        c, b, d = split(x)
        basis = _basis(model, points, np.array(b), np.array(d))
        return np.asarray(points.w * (_sum(c, basis) - points.y), dtype=float)

    def slopes(x: Vector) -> Vector:
        c, b, d = split(x)
        basis = _basis(model, points, np.array(b), np.array(d))
        columns = list(basis)
        if free_b:
            columns.append(-since * _sum(c, basis))
        if free_d and model is BI:
            columns.append(-since * d * c[1] * basis[1])
        elif free_d:
            rise, norm = np.expm1(-d * points.t), np.expm1(-d)
            by_d = (rise * np.exp(-d) - points.t * np.exp(-d * points.t) * norm) / norm**2
            columns.append(c[0] * np.exp(-(points.decay + b) * since) * by_d * d)
        return np.asarray(points.w[:, None] * np.stack(columns, axis=1), dtype=float)

    return residuals, slopes


def _solution(model: Model, points: Points, c: Vector, b: float, d: float, *, on_edge: bool) -> Solution:
    basis = _basis(model, points, np.array(b), np.array(d))
    cost = float(np.sum((points.w * (_sum(c, basis) - points.y)) ** 2))
    l1 = points.decay + b
    at_zero = c * np.exp(l1 * points.t[0])
    if model is MONO:
        p = np.array([at_zero[0], l1])
    elif model is BI:
        p = np.array([at_zero[0], l1, at_zero[1] * np.exp(d * points.t[0]), l1 + d])
    else:
        p = np.array([at_zero[0] / -np.expm1(-d), l1, l1 + d])
    return Solution(p=p, cost=cost, b=b, d=d, at_decay=on_edge)
