"""Least squares for the curve models: the best parameters within their physical bounds.

Everything here is dimensionless: time in units of the last scan, activity in units of the largest one.  The
amplitude of a trial curve is that at the first scan, so that fast phases keep finite numbers; rates are
searched as

    l1 = lambda_phys + b,   l_k+1 = l_k + d_k,   b >= 0, d_k > 0

which makes it impossible for any rate to fall below physical decay.  Amplitudes are linear: at given rates they
follow from least squares, and only the rates are searched (variable projection, Golub and Pereyra 1973, with the
derivative of Kaufman 1975).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from operator import mul

import numpy as np
import numpy.typing as npt

from hevesy.kinetics.models import WITHOUT_A_PHASE, Model
from hevesy.model.curve import TimeActivityCurve

Vector = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

# exp(-30) is nothing beside any measurement: faster rates are all alike.
FASTEST = 30.0
# exp(50) between the administration and the first scan is more than any measurement can speak for.
FURTHEST = 50.0
# Two rates that differ by less than this times 1/(last scan) give the same curve to every measurement.
CLOSEST = 1e-3
# Rates of the grid that starts the search: of every second one where three are combined.
_GRID = 49
_STARTS = 3
_STEPS = 200
_FURTHEST_STEP = 1.5
# A step that promises less than this share of the cost moves a parameter by a millionth of its u.
_ARRIVED = 1e-12
_STUCK = 1e7


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

    def widest_differences(self, model: Model) -> list[float]:
        """Largest d_k: a phase, gone between the first two scans; uptake, complete before the first."""
        largest = [_fastest(self.t)] * (len(model.rates) - 1)
        if model.uptake:
            largest[-1] = FASTEST / float(self.t[self.t > 0][0])
        return largest


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """Parameters (dimensionless, in the model's order) and where they came to lie.

    ``at_decay``: l1 is held at the physical decay constant. ``vanished``: a phase of the model has no
    activity.
    """

    p: Vector
    cost: float  # sum of squared weighted residuals
    b: float
    d: tuple[float, ...]
    at_decay: bool
    vanished: bool = False


@dataclass(slots=True)
class _Trial:
    """A curve at trial rates: amplitudes at the first scan, residuals, cost, and what its derivatives are made of.

    Lists of floats: with a handful of points they are several times faster than arrays.
    """

    x: list[float]
    c: list[float]  # empty where one of several amplitudes would not be above zero
    columns: list[list[float]]
    terms: list[list[float]]
    orthonormal: list[list[float]]
    residual: list[float]
    cost: float


@dataclass(frozen=True, slots=True)
class _Lists:
    """The points as lists: times, times after the first scan, weights, minus the weighted activities."""

    t: list[float]
    lag: list[float]
    w: list[float]
    minus_yw: list[float]
    decay: float


def dimensionless(curve: TimeActivityCurve, decay_constant: float) -> Points:
    """The points of a curve: time in units of the last, activity in units of the largest, weights 1/u or ones."""
    largest, last = float(np.max(np.abs(curve.A))), float(curve.t[-1])
    weights = np.ones_like(curve.A) if curve.u is None else largest / curve.u
    return Points(t=curve.t / last, y=curve.A / largest, w=weights, decay=decay_constant * last)


def solve(model: Model, points: Points, known: dict[str, Solution] | None = None) -> Solution:
    """The least-squares solution: several starts from a grid of rates, and the edge b = 0 on its own.

    The grid makes the search global and deterministic. A step is cut at the bounds, so that a rate that belongs
    on the edge lies on it exactly.  ``known``: solutions of simpler models at the same points; where a phase has
    no activity the solution is that of the model without it.
    """
    bounds, lists = _bounds(model, points), _as_lists(points)
    best: _Trial | None = None
    for x in _starts(model, points):
        found = _refine(model, lists, x, bounds, best)
        best = found if best is None or found.cost < best.cost else best
    if best is not None:
        best = _with_edge(model, lists, best, bounds)
    if model.name not in WITHOUT_A_PHASE:
        if best is None:  # no activity above zero fits: any rates are as bad
            best = _trial(model, lists, [0.5 * (low + high) for low, high in zip(*bounds, strict=True)])
        return _solution(model, points, best)
    without = WITHOUT_A_PHASE[model.name]
    simpler = (known or {}).get(without.name) or solve(without, points, known)
    if best is None or simpler.cost <= best.cost * (1 + 1e-9) or min(best.c) < 1e-9 * float(np.max(np.abs(points.y))):
        return _without_a_phase(model, simpler, best)
    return _solution(model, points, best)


def _fastest(t: Vector) -> float:
    gap, first = float(t[1] - t[0]), float(t[0])
    return min(FASTEST / gap, FURTHEST / first) if first > 0 else FASTEST / gap


def _as_lists(points: Points) -> _Lists:
    return _Lists(
        t=points.t.tolist(),
        lag=(points.t - points.t[0]).tolist(),
        w=points.w.tolist(),
        minus_yw=(-points.y * points.w).tolist(),
        decay=points.decay,
    )


def _bounds(model: Model, points: Points) -> tuple[list[float], list[float]]:
    differences = points.widest_differences(model)
    lower = [0.0] + [math.log(CLOSEST)] * len(differences)
    return lower, [points.widest, *(math.log(d) for d in differences)]


def _with_edge(model: Model, points: _Lists, free: _Trial, bounds: tuple[list[float], list[float]]) -> _Trial:
    """``free``, or the best with b = 0 where that is as good: b is then no more than rounding."""
    if free.x[0] == 0 or free.x[0] > 0.01 * max(points.decay, 1.0):
        return free
    edge = _refine(model, points, [0.0, *free.x[1:]], (bounds[0], [0.0, *bounds[1][1:]]))
    rounding = 1e-26 * _dot(points.minus_yw, points.minus_yw)
    return edge if edge.cost <= free.cost * (1 + 1e-9) + rounding else free


def _without_a_phase(model: Model, simpler: Solution, best: _Trial | None) -> Solution:
    """The solution of the model with one phase less, the lost phase written with no amplitude."""
    step = 1.0 if best is None else math.exp(best.x[model.phases - 1])
    p, m = list(simpler.p), model.phases
    slowest_lost = p[2 * m - 3] + step
    differences = list(simpler.d)
    if model.uptake:
        slowest_lost = min(slowest_lost, 0.5 * (p[2 * m - 3] + p[-1]))
        p[-1:] = [0.0, slowest_lost, p[-1]]
        differences[-1:] = [slowest_lost - p[2 * m - 3], p[-1] - slowest_lost]
    else:
        p += [0.0, slowest_lost]
        differences.append(step)
    return Solution(p=np.array(p), cost=simpler.cost, b=simpler.b, d=tuple(differences), at_decay=simpler.at_decay, vanished=True)


def _solution(model: Model, points: Points, trial: _Trial) -> Solution:
    rates = _rates(points.decay, trial.x)
    p = []
    for c, rate in zip(trial.c, rates, strict=False):
        p += [c * math.exp(rate * points.t[0]), rate]
    if model.uptake:
        p.append(rates[-1])
    b, d = trial.x[0], tuple(math.exp(x) for x in trial.x[1:])
    return Solution(p=np.array(p), cost=trial.cost, b=b, d=d, at_decay=b == 0.0)


def _refine(
    model: Model,
    points: _Lists,
    x: list[float],
    bounds: tuple[list[float], list[float]],
    rival: _Trial | None = None,
) -> _Trial:
    """Levenberg and Marquardt over (b, log d) within ``bounds``; a coordinate that pushes outwards rests on its bound.

    A step to a negative amplitude is shortened; where it stays one, the search ends, since the model of fewer phases
    is better there. A search that comes to the ``rival`` ends too.
    """
    lower, upper = bounds
    now = _trial(model, points, [min(max(a, low), high) for a, low, high in zip(x, lower, upper, strict=True)])
    least = 1e-30 * _dot(points.minus_yw, points.minus_yw)
    damping, growth, outside, gradient, curvature = 1e-3, 2.0, 0, [0.0], [[0.0]]
    fresh = True
    for _ in range(_STEPS):
        if not now.c or now.cost <= least or outside > 4 or (rival is not None and _met(now, rival)):
            break
        if fresh:
            slopes = _slopes(model, points, now)
            gradient = [_dot(slope, now.residual) for slope in slopes]
            curvature = [[_dot(a, b) for b in slopes] for a in slopes]
        step = _step(now.x, bounds, gradient, curvature, damping)
        moves = [min(max(a + s, low), high) for a, s, low, high in zip(now.x, step, lower, upper, strict=True)]
        change = [new - old for new, old in zip(moves, now.x, strict=True)]
        promised = _promised(change, gradient, curvature)
        arrived = damping < 1 and abs(promised) <= _ARRIVED * now.cost
        if max(abs(each) for each in change) < 1e-12:
            break
        trial = _trial(model, points, moves)
        gain = now.cost - trial.cost
        outside += not trial.c
        fresh = gain > 0 and bool(trial.c)
        if fresh:
            # Nielsen 1999: the damping follows how much of the gain that the slopes promised has come.
            ratio = gain / promised if promised > 0 else 0.0
            now, growth = trial, 2.0
            damping = max(damping * max(0.1, 1 - (2 * ratio - 1) ** 3), 1e-12)
        else:
            damping, growth = (growth * damping, 2 * growth) if trial.c else (10 * damping, growth)
        if arrived or damping > _STUCK:
            break
    return now


def _promised(step: list[float], gradient: list[float], curvature: list[list[float]]) -> float:
    """Fall of the cost by ``step`` if the residuals were straight."""
    return -2 * _dot(step, gradient) - sum(s * _dot(row, step) for s, row in zip(step, curvature, strict=True))


def _met(now: _Trial, rival: _Trial) -> bool:
    return now.cost < 1.01 * rival.cost and max(abs(a - b) / (abs(b) + 0.1) for a, b in zip(now.x, rival.x, strict=True)) < 0.02


def _step(
    x: list[float], bounds: tuple[list[float], list[float]], gradient: list[float], curvature: list[list[float]], damping: float
) -> list[float]:
    """The damped step within the bounds and no further than ``_FURTHEST_STEP`` in a log d.

    A coordinate that would go further goes as far as it may, and the step of the others is found again with that.
    """
    size = range(len(x))
    # Where the points hardly feel a difference of rates, its step says little more than a direction.
    low = [max(bounds[0][i] - x[i], -_FURTHEST_STEP if i else -math.inf) for i in size]
    high = [min(bounds[1][i] - x[i], _FURTHEST_STEP if i else math.inf) for i in size]
    step = [0.0] * len(x)
    free = [
        i for i in size if curvature[i][i] > 0 and not ((low[i] >= 0 and gradient[i] > 0) or (high[i] <= 0 and gradient[i] < 0))
    ]
    while free:
        held = [i for i in size if i not in free and step[i] != 0]
        right = [-gradient[i] - sum(curvature[i][j] * step[j] for j in held) for i in free]
        rows = [[curvature[i][j] * (1 + damping + 1e-14 if i == j else 1) for j in free] for i in free]
        found = _solved(rows, right)
        beyond = [k for k, i in enumerate(free) if not low[i] <= found[k] <= high[i]]
        for k, i in enumerate(free):
            step[i] = min(max(found[k], low[i]), high[i])
        if not beyond:
            break
        free = [i for k, i in enumerate(free) if k not in beyond]
    return step


def _solved(rows: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a small symmetric system by elimination; zero for what has no pivot."""
    n = len(right)
    for i in range(n):
        for k in range(i + 1, n):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
            right[k] -= factor * right[i]
    found = [0.0] * n
    for i in reversed(range(n)):
        done = sum(rows[i][j] * found[j] for j in range(i + 1, n))
        found[i] = (right[i] - done) / rows[i][i] if rows[i][i] > 0 else 0.0
    return found


def _rates(decay: float, x: list[float]) -> list[float]:
    rates = [decay + x[0]]
    for log_d in x[1:]:
        rates.append(rates[-1] + math.exp(log_d))
    return rates


def _dot(a: list[float], b: list[float]) -> float:
    return float(sum(map(mul, a, b)))


def _trial(model: Model, points: _Lists, x: list[float]) -> _Trial:
    """Amplitudes by modified Gram and Schmidt, which leaves the orthonormal columns that the derivatives need."""
    m, exp, expm1 = model.phases, math.exp, math.expm1
    rates = _rates(points.decay, x)
    terms = [[exp(-rate * lag) * w for lag, w in zip(points.lag, points.w, strict=True)] for rate in rates]
    columns = terms
    if model.uptake:
        slower = [rate - rates[-1] for rate in rates[:m]]
        columns = [
            [-term * expm1(gap * t) for term, t in zip(row, points.t, strict=True)]
            for row, gap in zip(terms, slower, strict=False)
        ]
    orthonormal: list[list[float]] = []
    triangle, right = [], []
    residual = points.minus_yw
    for column in columns:
        rest, above = column, []
        for q in orthonormal:
            part = _dot(q, rest)
            rest = [a - part * b for a, b in zip(rest, q, strict=True)]
            above.append(part)
        norm, whole = math.sqrt(_dot(rest, rest)), _dot(column, column)
        # Two columns that are one: either alone does as well, which is the model of fewer phases.
        if not norm > 1e-10 * math.sqrt(whole):
            return _Trial(x, [], columns, terms, orthonormal, residual, math.inf)
        q = [a / norm for a in rest]
        part = _dot(q, residual)
        residual = [a - part * b for a, b in zip(residual, q, strict=True)]
        orthonormal.append(q)
        triangle.append([*above, norm])
        right.append(-part)
    c = [0.0] * m
    for j in reversed(range(m)):
        done = sum(triangle[k][j] * c[k] for k in range(j + 1, m))
        c[j] = (right[j] - done) / triangle[j][j]
    if m > 1 and min(c) <= 0:
        return _Trial(x, [], columns, terms, orthonormal, residual, math.inf)
    if c[0] < 0:
        c, residual = [0.0], points.minus_yw
    return _Trial(x, c, columns, terms, orthonormal, residual, _dot(residual, residual))


def _slopes(model: Model, points: _Lists, trial: _Trial) -> list[list[float]]:
    """Derivatives of the residuals by (b, log d), the amplitudes following: what the columns cannot take up."""
    m, t = model.phases, points.t
    by_rate = [
        [-c * time * term for time, term in zip(t, row, strict=True)] for c, row in zip(trial.c, trial.terms[:m], strict=True)
    ]
    if model.uptake:
        rise = [0.0] * len(t)
        for c, row, column in zip(trial.c, trial.terms, trial.columns, strict=False):
            rise = [a + c * (term - below) for a, term, below in zip(rise, row, column, strict=True)]
        by_rate.append([time * a for time, a in zip(t, rise, strict=True)])
    # A rate moves all that are counted from it.
    for k in reversed(range(1, len(by_rate))):
        scale = math.exp(trial.x[k])
        by_rate[k - 1] = [a + b for a, b in zip(by_rate[k - 1], by_rate[k], strict=True)]
        by_rate[k] = [scale * a for a in by_rate[k]]
    for q in trial.orthonormal:
        for k, row in enumerate(by_rate):
            part = _dot(row, q)
            by_rate[k] = [a - part * b for a, b in zip(row, q, strict=True)]
    return by_rate


@lru_cache(maxsize=1)
def _fractions() -> Vector:
    return np.concatenate([[0.0], np.linspace(0.0, 1.0, _GRID - 1)])


@lru_cache(maxsize=8)
def _nodes(size: int, rates: int) -> Indices:
    """Index combinations of a grid of ``size`` rates, from the slowest to the fastest, shape (nodes, rates)."""
    every = 1 if rates < 3 else 2
    return np.array(list(combinations(range(0, size, every), rates)), dtype=np.intp)


def _starts(model: Model, points: Points) -> list[list[float]]:
    """Coordinates of the best few nodes of a grid of rates, apart from each other.

    All nodes follow from one matrix of products of exponentials; those that need a negative amplitude are left
    out, since there the model is one of fewer phases.
    """
    k, m = len(model.rates), model.phases
    fastest = max([points.widest, *points.widest_differences(model)])
    excess = CLOSEST * (fastest / CLOSEST) ** _fractions()
    excess[0] = 0.0
    nodes = _nodes(_GRID, k)
    terms = np.exp(-(points.decay + excess)[:, None] * (points.t - points.t[0])) * points.w
    products, against = terms @ terms.T, terms @ (points.y * points.w)
    pick = [nodes[:, j] for j in range(k)]
    gram = [[products[pick[i], pick[j]] for j in range(m)] for i in range(m)]
    right = [against[pick[i]] for i in range(m)]
    if model.uptake:
        last = pick[-1]
        part = [np.exp(-(excess[last] - excess[pick[i]]) * points.t[0]) for i in range(m)]
        cross, norm = [products[pick[i], last] for i in range(m)], products[last, last]
        gram = [
            [gram[i][j] - part[j] * cross[i] - part[i] * cross[j] + part[i] * part[j] * norm for j in range(m)] for i in range(m)
        ]
        right = [right[i] - part[i] * against[last] for i in range(m)]
    gain = np.where(excess[pick[0]] <= points.widest, _gain(gram, right), -1.0)
    chosen = _peaks(gain, nodes, 1 if k == 1 else _STARTS)
    return [[float(at[0]), *np.log(np.diff(at)).tolist()] for at in (excess[nodes[node]] for node in chosen)]


def _peaks(gain: Vector, nodes: Indices, most: int) -> Indices:
    """The nodes above zero that none of their neighbours exceeds, the highest first."""
    k = nodes.shape[1]
    cells = np.zeros((_GRID + 2,) * k if k < 3 else (_GRID // 2 + 3,) * k)
    at = tuple((nodes if k < 3 else nodes // 2).T + 1)
    # A plateau falls from its first node by a trifle, so that it has one peak.
    cells[at] = gain * (1 - 1e-12 * np.arange(gain.size))
    around = cells.copy()
    for axis in range(k):
        here = np.swapaxes(around, 0, axis)
        highest = here.copy()
        np.maximum(highest[1:], here[:-1], out=highest[1:])
        np.maximum(highest[:-1], here[1:], out=highest[:-1])
        around = np.swapaxes(highest, 0, axis)
    peaks = np.flatnonzero((gain > 0) & (cells[at] >= around[at]))
    return np.asarray(peaks[np.argsort(-gain[peaks], kind="stable")][:most])


def _gain(gram: list[list[Vector]], right: list[Vector]) -> Vector:
    """What the columns take off the sum of squares, by elimination; -1 where an amplitude would not be above zero."""
    m = len(right)
    pivots, rest, gain = [], list(right), np.zeros_like(right[0])
    rows = [list(row) for row in gram]
    sound = np.ones(gain.shape, dtype=bool)
    for i in range(m):
        pivot = rows[i][i]
        sound &= pivot > 1e-10 * gram[i][i]
        pivot = np.where(sound, pivot, 1.0)
        pivots.append(pivot)
        gain = gain + rest[i] ** 2 / pivot
        for j in range(i + 1, m):
            factor = rows[j][i] / pivot
            rest[j] = rest[j] - factor * rest[i]
            for k in range(i + 1, m):
                rows[j][k] = rows[j][k] - factor * rows[i][k]
    c: list[Vector] = [gain] * m
    for i in reversed(range(m)):
        done = sum((rows[i][k] * c[k] for k in range(i + 1, m)), np.zeros_like(gain))
        c[i] = (rest[i] - done) / pivots[i]
        sound &= c[i] > 0
    return np.where(sound, gain, -1.0)
