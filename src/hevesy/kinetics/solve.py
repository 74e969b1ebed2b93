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


@dataclass(frozen=True, slots=True)
class _Trial:
    """A curve at trial rates: amplitudes at the first scan, residuals, cost, and what its derivatives are made of."""

    x: list[float]
    c: list[float]  # empty where one of several amplitudes would not be above zero
    columns: Vector
    terms: Vector
    orthonormal: list[Vector]
    residual: Vector
    cost: float


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
    bounds = _bounds(model, points)
    best: _Trial | None = None
    for x in _starts(model, points):
        found = _refine(model, points, x, bounds, best)
        best = found if best is None or found.cost < best.cost else best
    if best is not None:
        best = _with_edge(model, points, best, bounds)
    if model.name not in WITHOUT_A_PHASE:
        if best is None:  # no activity above zero fits: any rates are as bad
            best = _trial(model, points, [0.5 * (low + high) for low, high in zip(*bounds, strict=True)])
        return _solution(model, points, best)
    without = WITHOUT_A_PHASE[model.name]
    simpler = (known or {}).get(without.name) or solve(without, points, known)
    if best is None or simpler.cost <= best.cost * (1 + 1e-9) or min(best.c) < 1e-9 * float(np.max(np.abs(points.y))):
        return _without_a_phase(model, simpler, best)
    return _solution(model, points, best)


def _fastest(t: Vector) -> float:
    gap, first = float(t[1] - t[0]), float(t[0])
    return min(FASTEST / gap, FURTHEST / first) if first > 0 else FASTEST / gap


def _bounds(model: Model, points: Points) -> tuple[list[float], list[float]]:
    differences = points.widest_differences(model)
    lower = [0.0] + [math.log(CLOSEST)] * len(differences)
    return lower, [points.widest, *(math.log(d) for d in differences)]


def _with_edge(model: Model, points: Points, free: _Trial, bounds: tuple[list[float], list[float]]) -> _Trial:
    """``free``, or the best with b = 0 where that is as good: b is then no more than rounding."""
    if free.x[0] == 0 or free.x[0] > 0.01 * max(points.decay, 1.0):
        return free
    edge = _refine(model, points, [0.0, *free.x[1:]], (bounds[0], [0.0, *bounds[1][1:]]))
    rounding = 1e-26 * float(np.sum((points.w * points.y) ** 2))
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
    rates = _rates(points, trial.x)
    p = []
    for c, rate in zip(trial.c, rates, strict=False):
        p += [c * math.exp(rate * points.t[0]), rate]
    if model.uptake:
        p.append(rates[-1])
    b, d = trial.x[0], tuple(math.exp(x) for x in trial.x[1:])
    return Solution(p=np.array(p), cost=trial.cost, b=b, d=d, at_decay=b == 0.0)


def _refine(
    model: Model,
    points: Points,
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
    least = 1e-30 * float(np.sum((points.y * points.w) ** 2))
    damping, outside, gradient, curvature = 1e-3, 0, [0.0], [[0.0]]
    fresh = True
    for _ in range(_STEPS):
        if not now.c or now.cost <= least or outside > 4 or (rival is not None and _met(now, rival)):
            break
        if fresh:
            slopes = _slopes(model, points, now)
            gradient, curvature = (slopes @ now.residual).tolist(), (slopes @ slopes.T).tolist()
        step = _step(now.x, bounds, gradient, curvature, damping)
        moves = [min(max(a + s, low), high) for a, s, low, high in zip(now.x, step, lower, upper, strict=True)]
        moved = max(abs(new - old) / (abs(old) + 1e-3) for new, old in zip(moves, now.x, strict=True))
        if moved < 1e-12:
            break
        trial = _trial(model, points, moves)
        gain = now.cost - trial.cost
        outside += not trial.c
        fresh = gain > 0 and bool(trial.c)
        if fresh:
            now, damping = trial, max(0.1 * damping, 1e-12)
            if moved < 1e-9 or (gain < 1e-14 * now.cost and moved < 1e-5):
                break
        elif trial.c and moved < 1e-7 and abs(gain) < 1e-12 * now.cost:
            break
        else:
            damping = 10 * damping if damping < 1e6 else math.inf
            if damping == math.inf:
                break
    return now


def _met(now: _Trial, rival: _Trial) -> bool:
    return now.cost < 1.01 * rival.cost and max(abs(a - b) / (abs(b) + 0.1) for a, b in zip(now.x, rival.x, strict=True)) < 0.02


def _step(
    x: list[float], bounds: tuple[list[float], list[float]], gradient: list[float], curvature: list[list[float]], damping: float
) -> list[float]:
    """The damped step of the coordinates that are free to move; zero for the others."""
    lower, upper = bounds
    step = [0.0] * len(x)
    free = [
        i
        for i, g in enumerate(gradient)
        if curvature[i][i] > 0 and not ((x[i] <= lower[i] and g > 0) or (x[i] >= upper[i] and g < 0))
    ]
    rows = [[curvature[i][j] * (1 + damping + 1e-14 if i == j else 1) for j in free] for i in free]
    right = [-gradient[i] for i in free]
    for i in range(len(free)):
        for k in range(i + 1, len(free)):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
            right[k] -= factor * right[i]
    for i in reversed(range(len(free))):
        done = sum(rows[i][j] * step[free[j]] for j in range(i + 1, len(free)))
        pivot = rows[i][i]
        step[free[i]] = (right[i] - done) / pivot if pivot > 0 else 0.0
    # Where the points hardly feel a difference of rates, its step says little more than a direction.
    return [step[0], *(min(max(s, -_FURTHEST_STEP), _FURTHEST_STEP) for s in step[1:])]


def _rates(points: Points, x: list[float]) -> list[float]:
    rates = [points.decay + x[0]]
    for log_d in x[1:]:
        rates.append(rates[-1] + math.exp(log_d))
    return rates


def _trial(model: Model, points: Points, x: list[float]) -> _Trial:
    """Amplitudes by modified Gram and Schmidt, which leaves the orthonormal columns that the derivatives need."""
    m = model.phases
    rates = np.array(_rates(points, x))
    terms = np.exp(-rates[:, None] * (points.t - points.t[0])) * points.w
    columns = -terms[:m] * np.expm1((rates[:m, None] - rates[-1]) * points.t) if model.uptake else terms
    orthonormal: list[Vector] = []
    triangle, right = [], []
    residual = -points.y * points.w
    for j in range(m):
        rest, above = columns[j], []
        for q in orthonormal:
            part = float(q @ rest)
            rest = rest - part * q
            above.append(part)
        norm, whole = math.sqrt(float(rest @ rest)), float(columns[j] @ columns[j])
        # Two columns that are one: either alone does as well, which is the model of fewer phases.
        if not norm > 1e-10 * math.sqrt(whole):
            return _Trial(x, [], columns, terms, orthonormal, residual, math.inf)
        q = rest / norm
        part = float(q @ residual)
        residual = residual - part * q
        orthonormal.append(q)
        triangle.append([*above, norm])
        right.append(-part)
    c = [0.0] * m
    for j in reversed(range(m)):
        c[j] = (right[j] - sum(triangle[k][j] * c[k] for k in range(j + 1, m))) / triangle[j][j]
    if m > 1 and min(c) <= 0:
        return _Trial(x, [], columns, terms, orthonormal, residual, math.inf)
    if c[0] < 0:
        c, residual = [0.0], -points.y * points.w
    return _Trial(x, c, columns, terms, orthonormal, residual, float(residual @ residual))


def _slopes(model: Model, points: Points, trial: _Trial) -> Vector:
    """Derivatives of the residuals by (b, log d), the amplitudes following: what the columns cannot take up."""
    m, c = model.phases, np.array(trial.c)
    by_rate = -points.t * trial.terms
    by_rate[:m] *= c[:, None]
    if model.uptake:
        by_rate[m] = points.t * (c @ (trial.terms[:m] - trial.columns))
    # A rate moves all that are counted from it.
    for k in reversed(range(1, len(by_rate))):
        by_rate[k - 1] += by_rate[k]
        by_rate[k] *= math.exp(trial.x[k])
    for q in trial.orthonormal:
        by_rate -= (by_rate @ q)[:, None] * q
    return np.asarray(by_rate)


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


def _centre(shape: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index((1,) * len(shape), shape))


def _peaks(gain: Vector, nodes: Indices, most: int) -> Indices:
    """The nodes above zero that none of their neighbours exceeds, the highest first."""
    k = nodes.shape[1]
    cells = np.zeros((_GRID + 2,) * k if k < 3 else (_GRID // 2 + 3,) * k)
    at = tuple((nodes if k < 3 else nodes // 2).T + 1)
    cells[at] = gain
    # Neighbours before a node in order must be below it, those after it may equal it: a plateau has one peak.
    high = gain > 0
    flat, position = cells.ravel(), np.ravel_multi_index(at, cells.shape)
    for shift in np.ravel_multi_index(tuple(np.indices((3,) * k).reshape(k, -1)), cells.shape) - _centre(cells.shape):
        high &= gain > flat[position + shift] if shift < 0 else gain >= flat[position + shift]
    peaks = np.flatnonzero(high)
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
