"""The marginal likelihood of a cohort's curves, each patient's parameters integrated out by importance sampling."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hevesy.kinetics.population import Vector
from hevesy.model.arrays import frozen
from hevesy.model.curve import TimeActivityCurve
from hevesy.rng import stream

NODES = 256  # of each patient's integral; half of them from 100 patients on, where errors average out
FREEDOM = 6.0  # of the t distribution that nodes are drawn from: tails beyond those of any posterior met
FLAT = 3.0  # standard deviation of the weak priors of means and of the additive residual, in log: a factor of 20
SPREAD = 0.4  # most probable standard deviation between patients, in log, where the data say nothing of it
TAIL = 1.5  # the prior of that deviation s is s / (1 + s^2 / (2 SPREAD^2))^TAIL: half of it within a factor of about three
RESIDUAL = 1.0  # standard deviation of the prior of the proportional residual, in log, about 10 %


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """A cohort's activities by administered activity: patients by points, ``seen`` where there is one; times [s]."""

    t: Vector
    y: Vector
    seen: np.ndarray
    decay_constant: float

    def without(self, rows: Sequence[int]) -> "Shares":
        """The same without the patients ``rows``."""
        keep = np.setdiff1d(np.arange(self.t.shape[0]), np.asarray(rows, dtype=int))
        return replace(self, t=self.t[keep], y=self.y[keep], seen=self.seen[keep])


def shares_of(curves: Sequence[TimeActivityCurve], administered: Sequence[float], decay_constant: float) -> Shares:
    """Curves of one region, one a patient, as shares of the administered activities [Bq]."""
    width = max(curve.t.size for curve in curves)
    t, y = np.ones((len(curves), width)), np.ones((len(curves), width))
    seen = np.zeros((len(curves), width), dtype=bool)
    for i, (curve, given) in enumerate(zip(curves, administered, strict=True)):
        n = curve.t.size
        t[i, :n], y[i, :n], seen[i, :n] = curve.t, curve.A / given, True
    return Shares(t=frozen(t), y=frozen(y), seen=frozen(seen, dtype=bool), decay_constant=decay_constant)


def share(model: str, log_theta: Vector, t: Vector, decay_constant: float) -> tuple[Vector, Vector]:
    """Share of administered activity f(t; theta) and its derivatives by log theta, shapes (..., m) and (..., m, k).

    ``log_theta`` has shape (..., k), ``t`` (..., m) [s]; the models are those of :class:`RegionPopulation`.
    """
    theta = np.exp(np.clip(log_theta, -80.0, 80.0))[..., None, :]
    first = theta[..., 0] * np.exp(-(decay_constant + theta[..., 1]) * t)
    if model == "mono":
        return first, np.stack([first, -theta[..., 1] * t * first], axis=-1)
    if model == "uptake":
        late = np.exp(-theta[..., 2] * t)
        f = -first * np.expm1(-theta[..., 2] * t)
        return f, np.stack([f, -theta[..., 1] * t * f, theta[..., 2] * t * first * late], axis=-1)
    second = theta[..., 2] * np.exp(-(decay_constant + theta[..., 1] + theta[..., 3]) * t)
    f = first + second
    return f, np.stack([first, -theta[..., 1] * t * f, second, -theta[..., 3] * t * second], axis=-1)


def shape(model: str, log_theta: Vector, t: Vector, decay_constant: float) -> Vector:
    """Share of administered activity alone, as :func:`share`."""
    theta = np.exp(np.clip(log_theta, -80.0, 80.0))[..., None, :]
    first = theta[..., 0] * np.exp(-(decay_constant + theta[..., 1]) * t)
    if model == "mono":
        return np.asarray(first)
    if model == "uptake":
        return np.asarray(-first * np.expm1(-theta[..., 2] * t))
    return np.asarray(first + theta[..., 2] * np.exp(-(decay_constant + theta[..., 1] + theta[..., 3]) * t))


@dataclass(slots=True, kw_only=True)
class Nodes:
    """Nodes of each patient's integral, fixed for a round: log theta, what the curve is there, log density of drawing."""

    x: Vector  # (n, s, k)
    f: Vector  # (m, n, s)
    log_q: Vector  # (n, s)


@dataclass(slots=True, kw_only=True)
class Maximum:
    """Where the likelihood is largest."""

    mean: Vector
    root: Vector  # lower Cholesky factor of the covariance
    log_residual: Vector  # log of the proportional and the additive deviation
    log_likelihood: float = -math.inf
    weak: "Weak"
    middle: Vector | None = None  # of each patient's posterior when the nodes were placed last

    @property
    def covariance(self) -> Vector:
        return np.asarray(self.root @ self.root.T)

    @property
    def precision(self) -> Vector:
        return np.asarray(np.linalg.inv(self.covariance))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weak:
    """Centres of the weak penalties, from the scale of the data."""

    mean: Vector
    log_residual: Vector


def quasi_random(size: int, dimensions: int, *, seed: int, batch: int) -> Vector:
    """Points of the unit cube: the additive recurrence by powers of the generalised golden ratio, shifted at random."""
    ratio = 2.0
    for _ in range(60):  # the root of x^(d+1) = x + 1
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1, dimensions + 1)
    points = (stream(seed, batch).random(dimensions) + np.outer(np.arange(1, size + 1), steps)) % 1.0
    return np.asarray(np.clip(points, 1e-9, 1 - 1e-9))


def t_draws(points: Vector, freedom: float) -> tuple[Vector, Vector]:
    """Standard t vectors (s, k) from points of the (k + 1)-cube, and log of their density up to a constant."""
    from scipy.special import gammaincinv, ndtri

    k = points.shape[1] - 1
    z = ndtri(points[:, :k]) / np.sqrt(2 * gammaincinv(freedom / 2, points[:, k]) / freedom)[:, None]
    return z, log_t(np.sum(z * z, axis=1), k, freedom)


def log_t(squares: Vector, k: int, freedom: float) -> Vector:
    """Log density of a standard t vector of ``k`` dimensions whose squares add up to ``squares``."""
    constant = math.lgamma((freedom + k) / 2) - math.lgamma(freedom / 2) - k / 2 * math.log(freedom * math.pi)
    return np.asarray(constant - (freedom + k) / 2 * np.log1p(squares / freedom))


def modes_afresh(
    model: str,
    shares: Shares,
    *,
    mean: Vector,
    precision: Vector,
    residual: Vector,
    floor: Vector | None = None,
    along: float = 0.0,
) -> tuple[Vector, Vector, Vector]:
    """The best of several searches: modes (n, k), covariances (n, k, k), and least sums of squares (n,).

    Deviations in proportion to a curve trap a search that starts far off: a low curve seems precise. So it starts from the
    mean, and from where deviations in proportion to the points lead, with the population and almost without. ``along`` is
    the log of a factor of the amplitudes that starts the search.
    """
    amplitudes = np.array([1.0, 0.0, 1.0, 0.0][: mean.size]) if model == "bi" else np.eye(mean.size)[0]
    start = np.broadcast_to(mean + along * amplitudes, (shares.t.shape[0], mean.size))
    fixed = variances(shares.y, residual, floor)
    scatter = (residual, floor)
    points = shares.seen.sum(axis=1)

    def search(weak: float | None) -> tuple[Vector, Vector, Vector, Vector]:
        one = start
        if weak is not None:
            one = modes(model, shares, start, mean=mean, precision=weak * precision, residual=residual, fixed=fixed)[0]
        x, spread = modes(model, shares, one, mean=mean, precision=precision, residual=residual, floor=floor)
        return x, spread, *_squares(model, shares, x, mean, precision, scatter)

    found = [search(1.0)]
    if np.any(found[0][2] > points + 4 * np.sqrt(2 * points)):  # as far off as few are: was it the best?
        found += [search(None), search(0.05)]
    best, rows = np.argmin(np.stack([one[3] for one in found]), axis=0), np.arange(shares.t.shape[0])
    x, spread = (np.stack([one[part] for one in found])[best, rows] for part in (0, 1))
    return x, spread, np.min(np.stack([one[2] for one in found]), axis=0)


def _squares(
    model: str, shares: Shares, x: Vector, mean: Vector, precision: Vector, scatter: tuple[Vector, Vector | None]
) -> tuple[Vector, Vector]:
    """Sums of squares of residuals and departures from the mean (n,), and the same with the log of variances."""
    f = shape(model, x, shares.t, shares.decay_constant)
    v = variances(f, *scatter)
    d = x - mean
    squares = np.sum((shares.y - f) ** 2 / v * shares.seen, axis=-1) + np.einsum("ik,kl,il->i", d, precision, d)
    return squares, squares + np.sum(np.log(v) * shares.seen, axis=-1)


def modes(
    model: str,
    shares: Shares,
    start: Vector,
    *,
    mean: Vector,
    precision: Vector,
    residual: Vector,
    floor: Vector | None = None,
    fixed: Vector | None = None,
) -> tuple[Vector, Vector]:
    """Most probable log theta of each patient and the covariance about it, by Fisher scoring; shapes (n, k), (n, k, k).

    ``residual`` holds the proportional and the additive deviation, ``floor`` the least deviation of each point.
    With ``fixed`` these are the variances, whatever the curve.
    """
    x, t = np.array(start, dtype=float), shares.t

    def terms(x: Vector) -> tuple[Vector, Vector, Vector, Vector]:
        f, g = share(model, x, t, shares.decay_constant)
        v = variances(f, residual, floor) if fixed is None else fixed
        cost = np.sum(np.where(shares.seen, (shares.y - f) ** 2 / v + np.log(v), 0.0), axis=-1)
        d = x - mean
        return f, g, v, 0.5 * (cost + np.einsum("ik,kl,il->i", d, precision, d))

    f, g, v, cost = terms(x)
    damping = np.full(x.shape[0], 1e-3)
    for _ in range(40):
        free = (v > 0 if floor is None else v > floor**2) if fixed is None else 0.0
        slope = residual[0] ** 2 * f * free  # half of dv/df
        r = shares.y - f
        first = np.where(shares.seen, -r / v + (1 - r * r / v) * slope / v, 0.0)
        second = np.where(shares.seen, 1 / v + 2 * (slope / v) ** 2, 0.0)
        gradient = np.einsum("im,imk->ik", first, g) + (x - mean) @ precision
        curvature = np.einsum("im,imk,iml->ikl", second, g, g) + precision
        scale = np.einsum("ikk->ik", curvature)
        damped = curvature + np.eye(x.shape[1]) * (damping[:, None] * scale + 1e-12)[:, None, :]
        step = np.clip(-np.linalg.solve(damped, gradient[..., None])[..., 0], -2.0, 2.0)
        trial = terms(x + step)
        better = trial[3] < cost
        moved = float(np.max(np.abs(np.where(better[:, None], step, 0.0))))
        x = np.where(better[:, None], x + step, x)
        f, g, v = (np.where(better.reshape(-1, *([1] * (a.ndim - 1))), b, a) for a, b in zip((f, g, v), trial[:3], strict=True))
        cost = np.where(better, trial[3], cost)
        damping = np.where(better, damping / 5, np.minimum(damping * 5, 1e6))
        if moved < 1e-4 and float(np.max(np.abs(gradient) / np.sqrt(scale))) < 1e-2:
            break
    return x, np.linalg.inv(curvature + 1e-12 * np.eye(x.shape[1]))


def variances(f: Vector, residual: Vector, floor: Vector | None = None) -> Vector:
    """Residual variance of activities whose curve is ``f``."""
    v = (residual[0] * f) ** 2 + residual[1] ** 2
    return np.asarray(v if floor is None else np.maximum(v, floor**2))


@functools.lru_cache(maxsize=8)
def _draws(n: int, size: int, k: int, seed: int) -> tuple[Vector, Vector]:
    """Standard t vectors of each patient (n, s, k), and log of their density (n, s)."""
    found = [t_draws(quasi_random(size, k + 1, seed=seed, batch=i), FREEDOM) for i in range(n)]
    return frozen(np.stack([z for z, _ in found])), frozen(np.stack([density for _, density in found]))


def place_nodes(model: str, shares: Shares, at: Maximum, *, seed: int, size: int = NODES) -> Nodes:
    """Nodes at each patient's posterior."""
    n, k = shares.t.shape[0], at.mean.size
    residual = np.exp(at.log_residual)
    if at.middle is None:
        at.middle, spread, _ = modes_afresh(model, shares, mean=at.mean, precision=at.precision, residual=residual)
    else:
        at.middle, spread = modes(model, shares, at.middle, mean=at.mean, precision=at.precision, residual=residual)
    z, density = _draws(n, size if n < 100 else size // 2, k, seed)
    middle = at.middle
    for turn in range(2):  # about the modes, then with the moments that this gives: posteriors lean
        even = 0.5 * (spread + np.swapaxes(spread, 1, 2))
        jitter = 1e-9 * np.einsum("ikk->i", np.abs(even)) + 1e-14
        roots = np.linalg.cholesky(1.2 * even + jitter[:, None, None] * np.eye(k))
        x = middle[:, None, :] + z @ np.swapaxes(roots, 1, 2)
        log_q = density - np.sum(np.log(np.diagonal(roots, axis1=1, axis2=2)), axis=1)[:, None]
        f = shape(model, x, shares.t[:, None, :], shares.decay_constant)
        nodes = Nodes(x=x, f=np.ascontiguousarray(np.moveaxis(f, -1, 0)), log_q=log_q)
        if turn == 0:
            w = weigh(nodes, shares, at)[0][..., None]
            middle = np.sum(w * x, axis=1)
            d = x - middle[:, None, :]
            spread = 0.9 * np.swapaxes(w * d, 1, 2) @ d + 0.1 * spread
    return nodes


def weigh(nodes: Nodes, shares: Shares, at: Maximum) -> tuple[Vector, float, Vector]:
    """Weights of the nodes (n, s) that add up to one, log of the marginal likelihood, and variances at the nodes."""
    k = at.mean.size
    v = variances(nodes.f, np.exp(at.log_residual))
    seen, y = shares.seen.T[..., None], shares.y.T[..., None]
    log_p = -0.5 * np.sum(((y - nodes.f) ** 2 / v + np.log(v)) * seen, axis=0)
    white = (nodes.x - at.mean) @ np.linalg.inv(at.root).T
    log_w = log_p - 0.5 * np.einsum("isk,isk->is", white, white) - nodes.log_q
    top = np.max(log_w, axis=1, keepdims=True)
    w = np.exp(log_w - top)
    total = np.sum(w, axis=1, keepdims=True)
    constant = np.sum(np.log(np.diagonal(at.root))) + 0.5 * k * math.log(2 * math.pi)
    value = float(np.sum(top + np.log(total / w.shape[1]))) - w.shape[0] * float(constant)
    return w / total, value - 0.5 * math.log(2 * math.pi) * int(shares.seen.sum()), v


def cost_of(nodes: Nodes, shares: Shares, at: Maximum) -> tuple[float, Vector, Vector]:
    """Minus the penalised log-likelihood, its gradient, and the scores of the patients (n, p).

    A score is, by Fisher's identity, the posterior mean of the derivative of the log density of parameters and points.
    """
    w, value, v = weigh(nodes, shares, at)
    d = nodes.x - at.mean
    precision = at.precision
    weighted = w[..., None] * d
    by_mean = np.einsum("isk->ik", weighted) @ precision
    second = np.swapaxes(weighted, 1, 2) @ d
    by_covariance = 0.5 * (precision @ second @ precision - precision)
    misfit = ((shares.y.T[..., None] - nodes.f) ** 2 / v - 1) / v * shares.seen.T[..., None]
    by_proportional = np.sum(w * np.sum(misfit * nodes.f**2, axis=0), axis=1) * np.exp(2 * at.log_residual[0])
    by_additive = np.sum(w * np.sum(misfit, axis=0), axis=1) * np.exp(2 * at.log_residual[1])
    scores = np.column_stack([by_mean, _by_root(by_covariance, at.root), by_proportional, by_additive])
    prior, by_prior = log_prior(at)
    return -(value + prior), -(np.sum(scores, axis=0) + by_prior), scores


def log_prior(at: Maximum) -> tuple[float, Vector]:
    """Log of the weak prior of a population, up to a constant, and its gradient (p,)."""
    k = at.mean.size
    away, off = (at.mean - at.weak.mean) / FLAT, (at.log_residual - at.weak.log_residual) / (RESIDUAL, FLAT)
    wide = np.eye(k) * 2 * SPREAD**2 + at.covariance
    value = float(np.sum(np.log(np.diagonal(at.root)))) - TAIL * float(np.linalg.slogdet(wide)[1])
    by_root = _by_root((0.5 * at.precision - TAIL * np.linalg.inv(wide))[None], at.root)[0]
    gradient = np.concatenate([-away / FLAT, by_root, -off / (RESIDUAL, FLAT)])
    return value - 0.5 * float(away @ away + off @ off), gradient


def _by_root(by_covariance: Vector, root: Vector) -> Vector:
    """Derivatives by the covariance (n, k, k) as those by its Cholesky factor, the diagonal of which is searched in its log."""
    k = root.shape[0]
    by_root = 2 * by_covariance @ root
    by_root[:, range(k), range(k)] *= np.diagonal(root)
    rows, columns = np.tril_indices(k)
    return np.asarray(by_root[:, rows, columns])


def packed(at: Maximum) -> Vector:
    root = at.root.copy()
    root[np.diag_indices_from(root)] = np.log(np.diagonal(root))
    return np.concatenate([at.mean, root[np.tril_indices_from(root)], at.log_residual])


def unpacked(p: Vector, like: Maximum) -> Maximum:
    k = like.mean.size
    root = np.zeros((k, k))
    root[np.tril_indices(k)] = p[k:-2]
    root[np.diag_indices(k)] = np.exp(np.clip(np.diagonal(root), -12.0, 6.0))
    return Maximum(mean=p[:k], root=root, log_residual=np.clip(p[-2:], -30.0, 6.0), weak=like.weak, middle=like.middle)


def whitener(scores: Vector) -> Vector:
    """Directions in which the likelihood is about equally curved: from the scatter of the patients' scores."""
    information = scores.T @ scores + np.eye(scores.shape[1]) / FLAT**2
    return np.asarray(np.linalg.inv(np.linalg.cholesky(information)).T)
