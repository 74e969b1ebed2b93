"""Intervals of what a fit says: integral, half-life, parameters, curve, next measurement."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.kinetics.models import Model, model_named
from hevesy.kinetics.solve import CLOSEST, Points, dimensionless
from hevesy.model.curve import CurveFit, TimeActivityCurve

Vector = npt.NDArray[np.float64]
Interval = tuple[float, float]

LEVEL = 0.95
# Nodes along each rate, by the number of rates: while the region is looked for, and at the end.
_COARSE = {1: 41, 2: 21, 3: 13}
_FINE = {1: 401, 2: 61, 3: 25}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """Intervals at one level; an end that the points leave open is infinite.

    Attributes
    ----------
    level : float
    method : str
    time_integrated_activity : tuple            Low, high [Bq s].
    effective_half_life : tuple                 [s]; its high end is the physical half-life where nothing excludes it.
    parameters : dict                           By name [Bq] or [1/s].
    t, low, high : ndarray, shape (n,)          Of the curve itself at times ``t`` [s], [Bq].
    predicted_low, predicted_high : ndarray     Of a measurement at ``t`` with the uncertainty asked for [Bq].
    """

    level: float
    method: str
    time_integrated_activity: Interval
    effective_half_life: Interval
    parameters: dict[str, Interval]
    t: Vector
    low: Vector
    high: Vector
    predicted_low: Vector
    predicted_high: Vector


def intervals(
    fit: CurveFit,
    curve: TimeActivityCurve,
    *,
    decay_constant: float,
    times: npt.ArrayLike | None = None,
    u_measurement: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> Intervals | None:
    """Intervals by the profile likelihood.

        { q(p) : S(p) <= S_min + D },    D = z^2 max(1, S_min/nu)     u known (z: normal quantile)
                                         D = t^2 S_min/nu             u unknown (t: Student, nu degrees of freedom)

    S is the weighted sum of squares. At given rates the amplitudes are linear, so that the ends of any q that is
    linear in them follow in closed form, q + sqrt(v (S_min + D - S)); over the rates they are the largest on a
    grid of the region itself. A measurement adds its own spread: (half-width)^2 + (z u)^2, or t s where u is unknown.

    Parameters
    ----------
    fit, curve                          As fitted by :func:`hevesy.kinetics.fit` with ``decay_constant`` [1/s].
    times : array, optional             Where the curve is wanted [s]; the points themselves if left out.
    u_measurement : array, optional     u of a measurement at ``times`` [Bq]; if left out u of the points, interpolated
                                        in proportion to the curve.
    level : float                       Share that must be covered.

    Returns
    -------
    Intervals, or None                  None where the fit has no covariance: nothing says how far it may be off.

    Neglected: that the model was chosen by the same points, and that it may not hold.
    Accuracy: some 2 % of the half-width, by the grid.

    References: D.J. Venzon, S.H. Moolgavkar, Appl. Stat. 37 (1988) 87 (profile likelihood); D.M. Bates, D.G. Watts,
    Nonlinear Regression Analysis (1988), ch. 6 (unknown u).
    """
    if not 0.5 <= level < 1:
        raise InputError(f"{curve.region}: an interval covers at least half and less than all; got {level:g}.")
    if fit.covariance is None or curve.t.size < 2:
        return None
    model, points = model_named(fit.model), dimensionless(curve, decay_constant)
    quantile, delta, best = _limits(fit, curve, points, level)
    last, largest = float(curve.t[-1]), float(np.max(np.abs(curve.A)))
    t = np.asarray(curve.t if times is None else times, dtype=float)
    nodes = _region(model, points, _coordinates(model, fit, decay_constant, last), best + delta)
    at, cost = nodes
    wanted = _targets(model, points, at, t / last)
    low, high = _ends(model, points, nodes, wanted, best + delta)
    m, rates = model.phases, _rates(points.decay, at)
    half_life = math.log(2) * last / rates[:, 0]
    parameters = _parameters(model, points, (at, rates), (low, high), (largest, last))
    value = fit.amplitudes @ np.exp(-np.outer(fit.rates, t))
    band_low, band_high = np.minimum(low[1 + m :] * largest, value), np.maximum(high[1 + m :] * largest, value)
    u_new = _u_new(fit, curve, value, u_measurement)
    tia, scale = fit.time_integrated_activity.value, largest * last
    return Intervals(
        level=level,
        method="profile likelihood, " + ("normal quantile" if curve.u is not None else f"t with {fit.degrees_of_freedom}"),
        time_integrated_activity=(min(float(low[0]) * scale, tia), max(float(high[0]) * scale, tia)),
        effective_half_life=_around(half_life, fit.effective_half_life.value),
        parameters={name: _around(np.array(ends), fit.parameters[name]) for name, ends in parameters.items()},
        t=t,
        low=band_low,
        high=band_high,
        predicted_low=value - np.hypot(value - band_low, quantile * u_new),
        predicted_high=value + np.hypot(band_high - value, quantile * u_new),
    )


def quantile_of(curve: TimeActivityCurve, degrees_of_freedom: int, level: float = LEVEL) -> float:
    """Normal quantile where u is known, else Student's."""
    from scipy.special import ndtri, stdtrit

    upper = 0.5 * (1 + level)
    return float(ndtri(upper) if curve.u is not None else stdtrit(degrees_of_freedom, upper))


def _limits(fit: CurveFit, curve: TimeActivityCurve, points: Points, level: float) -> tuple[float, float, float]:
    """Quantile, what it adds to the sum of squares, and the least sum of squares (dimensionless)."""
    freedom = fit.degrees_of_freedom
    quantile = quantile_of(curve, freedom, level)
    best = fit.chi2 if curve.u is not None else fit.chi2 / float(np.max(np.abs(curve.A))) ** 2
    # A curve that meets its points to rounding still has the spread of rounding.
    floor = 1e-24 * float(np.sum((points.w * points.y) ** 2))
    if curve.u is None:
        return quantile, quantile**2 * max(best, floor) / freedom, best
    return quantile, quantile**2 * (max(1.0, best / freedom) if freedom > 0 else 1.0), best


def _coordinates(model: Model, fit: CurveFit, decay_constant: float, last: float) -> Vector:
    """(b, log d_1, ...) of a fit, time in units of the last scan."""
    rates = np.array([fit.parameters[name] for name in model.rates]) * last
    excess = max(float(rates[0]) - decay_constant * last, 0.0)
    return np.array([excess, *np.log(np.maximum(np.diff(rates), CLOSEST))])


def _rates(decay: float, x: Vector) -> Vector:
    return np.asarray(np.cumsum(np.concatenate([decay + x[:, :1], np.exp(x[:, 1:])], axis=1), axis=1))


def _columns(model: Model, rates: Vector, t: Vector, start: float) -> list[Vector]:
    """Unit curves of each amplitude (at the first scan) at times ``t``; each of shape (nodes, times)."""
    columns = []
    for j in range(model.phases):
        column = np.exp(-rates[:, j : j + 1] * (t - start))
        if model.uptake:
            column = -column * np.expm1((rates[:, j : j + 1] - rates[:, -1:]) * t)
        columns.append(column)
    return columns


def _factors(model: Model, points: Points, rates: Vector) -> tuple[list[list[Vector]], list[Vector], Vector]:
    """Triangle R (by column), Q^T y and the sum of squares left at each node, by Gram and Schmidt."""
    residual = np.broadcast_to(points.y * points.w, (len(rates), points.t.size))
    basis: list[Vector] = []
    triangle, right = [], []
    for column in _columns(model, rates, points.t, float(points.t[0])):
        rest, above = column * points.w, []
        whole = np.sqrt(np.sum(rest**2, axis=1))
        for q in basis:
            part = np.sum(q * rest, axis=1)
            rest = rest - part[:, None] * q
            above.append(part)
        norm = np.maximum(np.sqrt(np.sum(rest**2, axis=1)), 1e-10 * whole + 1e-300)
        q = rest / norm[:, None]
        part = np.sum(q * residual, axis=1)
        residual = residual - part[:, None] * q
        basis.append(q)
        triangle.append([*above, norm])
        right.append(part)
    return triangle, right, np.asarray(np.sum(residual**2, axis=1))


def _back(triangle: list[list[Vector]], right: list[Vector]) -> list[Vector]:
    """R c = right."""
    c = list(right)
    for j in reversed(range(len(right))):
        for k in range(j + 1, len(right)):
            c[j] = c[j] - _like(triangle[k][j], c[k]) * c[k]
        c[j] = c[j] / _like(triangle[j][j], c[j])
    return c


def _like(a: Vector, b: Vector) -> Vector:
    return a if a.ndim == b.ndim else a[:, None]


def _region(model: Model, points: Points, best: Vector, limit: float) -> tuple[Vector, Vector]:
    """Nodes of a grid over the rates that lie within the limit, and their sums of squares."""
    q = best.size
    widest = points.widest_differences(model)
    bottom = np.array([0.0, *(math.log(CLOSEST) for _ in widest)])
    top = np.array([points.widest, *(math.log(d) for d in widest)])
    reach = np.array([0.05 * max(best[0], points.decay), *(0.1 for _ in widest)])
    low, high = np.maximum(best - reach, bottom), np.minimum(best + reach, top)
    for _ in range(40):
        at, cost = _grid(model, points, (low, high), best, _COARSE[q])
        inside = at[cost <= limit]
        inside = inside if len(inside) else best[None]
        first, last = inside.min(axis=0), inside.max(axis=0)
        pitch = (high - low) / (_COARSE[q] - 1)
        open_low, open_high = (first - low < 0.5 * pitch) & (low > bottom), (high - last < 0.5 * pitch) & (high < top)
        if not (open_low.any() or open_high.any()) and np.all((last - first > 0.35 * (high - low)) | (pitch < 1e-9)):
            low, high = np.maximum(first - pitch, bottom), np.minimum(last + pitch, top)
            break
        width = np.maximum(last - first, pitch)
        low = np.maximum(np.where(open_low, first - width, np.maximum(low, first - 1.1 * pitch)), bottom)
        high = np.minimum(np.where(open_high, last + width, np.minimum(high, last + 1.1 * pitch)), top)
    at, cost = _grid(model, points, (low, high), best, _FINE[q])
    kept = cost <= limit
    return at[kept], cost[kept]


def _grid(model: Model, points: Points, box: tuple[Vector, Vector], best: Vector, size: int) -> tuple[Vector, Vector]:
    """All nodes of a box, the best rates among them; infinite where an amplitude would not be above zero."""
    axes = [np.linspace(a, b, size) for a, b in zip(*box, strict=True)]
    at = np.concatenate([best[None], np.stack([x.ravel() for x in np.meshgrid(*axes, indexing="ij")], axis=1)])
    triangle, right, cost = _factors(model, points, _rates(points.decay, at))
    c = _back(triangle, right)
    sound = np.all([cj >= 0 for cj in c], axis=0)
    sound[0] = True
    return at, np.where(sound, cost, np.inf)


def _targets(model: Model, points: Points, at: Vector, t: Vector) -> list[Vector]:
    """Weights of the amplitudes in what is wanted: integral, each amplitude at time zero, the curve at ``t``.

    One array of shape (nodes, wanted) for each amplitude.
    """
    rates, start = _rates(points.decay, at), float(points.t[0])
    columns = _columns(model, rates, t, start)
    wanted = []
    for j in range(model.phases):
        at_zero = np.exp(rates[:, j] * start)
        whole = at_zero * (1 / rates[:, j] - (1 / rates[:, -1] if model.uptake else 0.0))
        own = np.zeros((len(at), model.phases))
        own[:, j] = at_zero
        wanted.append(np.concatenate([whole[:, None], own, columns[j]], axis=1))
    return wanted


def _ends(
    model: Model, points: Points, nodes: tuple[Vector, Vector], wanted: list[Vector], limit: float
) -> tuple[Vector, Vector]:
    """Lowest and highest of each wanted number within the limit, no amplitude below zero."""
    at, cost = nodes
    triangle, right, _ = _factors(model, points, _rates(points.decay, at))
    c = _back(triangle, right)
    value = sum((cj[:, None] * h for cj, h in zip(c, wanted, strict=True)), np.zeros_like(wanted[0]))
    direction: list[Vector] = []  # R^T v = h
    for j, h in enumerate(wanted):
        rest = h
        for k in range(j):
            rest = rest - triangle[j][k][:, None] * direction[k]
        direction.append(rest / triangle[j][j][:, None])
    norm = np.sqrt(np.maximum(sum((v**2 for v in direction), np.zeros_like(value)), 1e-300))
    change = _back(triangle, [v / norm for v in direction])
    room = np.sqrt(np.maximum(limit - cost, 0.0))[:, None]
    up, down = np.broadcast_to(room, value.shape), np.broadcast_to(room, value.shape)
    for cj, by in zip(c, change, strict=True):
        with np.errstate(divide="ignore"):
            stop = np.maximum(cj[:, None], 0.0) / np.abs(by)
        up = np.where(by < 0, np.minimum(up, stop), up)
        down = np.where(by > 0, np.minimum(down, stop), down)
    return np.min(value - down * norm, axis=0), np.max(value + up * norm, axis=0)


def _parameters(
    model: Model, points: Points, where: tuple[Vector, Vector], ends: tuple[Vector, Vector], scales: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """Ends of each parameter [Bq], [1/s]; infinite where the region reaches the end of what the points can feel."""
    at, rates = where
    largest, last = scales
    widest = points.widest_differences(model)
    found: dict[str, tuple[float, float]] = {}
    # Index of the first difference whose phase is over before the points can see it: that rate has no upper end.
    open_from = next((k + 1 for k, d in enumerate(widest) if at[:, k + 1].max() > math.log(d) - 1e-6), len(rates[0]))
    merged = model.uptake and at[:, -1].min() < math.log(CLOSEST) + 1e-6
    for name in model.parameters:
        index = int(name[1:] or 1) - 1
        if name[0] == "l":
            top = math.inf if index >= open_from else float(rates[:, index].max()) / last
            found[name] = (float(rates[:, index].min()) / last, top)
        else:
            top = math.inf if merged or (open_from == index and not model.uptake) else float(ends[1][1 + index]) * largest
            found[name] = (float(ends[0][1 + index]) * largest, top)
    return found


def _u_new(fit: CurveFit, curve: TimeActivityCurve, value: Vector, u_measurement: npt.ArrayLike | None) -> Vector:
    if u_measurement is not None:
        return np.broadcast_to(np.asarray(u_measurement, dtype=float), value.shape)
    if curve.u is None:
        return np.full(value.shape, math.sqrt(fit.chi2 / max(fit.degrees_of_freedom, 1)))
    fitted = fit.amplitudes @ np.exp(-np.outer(fit.rates, curve.t))
    relative = float(np.sqrt(np.mean((curve.u / np.maximum(np.abs(fitted), 1e-3 * np.max(np.abs(curve.A)))) ** 2)))
    return relative * np.abs(value) if value.shape != curve.u.shape or not np.allclose(value, fitted) else np.asarray(curve.u)


def _around(ends: Vector, value: float) -> Interval:
    """The span of ``ends``, the value itself within it."""
    return (min(float(np.min(ends)), value), max(float(np.max(ends)), value))
