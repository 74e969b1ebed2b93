"""Estimate the population of a region's kinetics from a cohort: non-linear mixed effects."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hevesy.errors import ConvergenceError, InputError
from hevesy.kinetics.marginal_likelihood import (
    FLAT,
    NODES,
    Maximum,
    Nodes,
    Shares,
    Weak,
    cost_of,
    modes_afresh,
    packed,
    place_nodes,
    share,
    shares_of,
    unpacked,
    weigh,
    whitener,
)
from hevesy.kinetics.population import PARAMETERS, RegionPopulation, Vector
from hevesy.kinetics.population_draws import draws
from hevesy.kinetics.possible import unpack
from hevesy.model.arrays import frozen
from hevesy.model.curve import TimeActivityCurve

AUTO = "auto"
EXPECTATIONS = 12  # steps of expectation and maximisation before the gradient takes over
ROUNDS = 15  # of maximisation, the nodes placed anew before each
NEAR = 0.3  # standard uncertainties: a maximum that near is low by less than 0.05 a parameter, and AICc needs no more
HOPELESS = 20.0  # AICc beyond the best, before the search is finished
SAME = 1.3  # ratio of two times that are one: a protocol's hour, kept as well as a clinic can
ALIKE = 2.0  # AICc beyond the best that does not yet tell models apart
UNLIKELY = 2e-3  # chance, over all patients, below which one does not belong to the others
MOST_LEFT_OUT = 0.1  # share of patients that may be left out as not belonging

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """A population with what speaks for it.

    Attributes
    ----------
    population : RegionPopulation
    u_log_deviations : ndarray, shape (k,)  Standard uncertainty of the between-patient deviations of log theta [1].
    u_proportional, u_additive : float      Of the residual deviations [1].
    log_likelihood, aicc, bic : dict        By model that was tried.
    left_out : tuple of int                 Patients that do not belong to the others; nothing was estimated from them.
    warnings : tuple of str
    """

    population: RegionPopulation
    u_log_deviations: Vector
    u_proportional: float
    u_additive: float
    log_likelihood: dict[str, float]
    aicc: dict[str, float]
    bic: dict[str, float]
    left_out: tuple[int, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def estimate(
    curves: Sequence[TimeActivityCurve],
    administered: Sequence[float],
    *,
    decay_constant: float,
    model: str = AUTO,
    seed: int,
    progress: Progress | None = None,
) -> Estimate:
    """The population that a cohort's curves of one region come from.

        log theta_i ~ N(mean, covariance),   A_ij = A0_i f(t_ij; theta_i) + e_ij,
        e_ij ~ N(0, (proportional A0 f)^2 + (additive A0)^2)

    Models are told apart by the maximum of their marginal likelihood, the integral over each patient's parameters taken by
    importance sampling with quasi-random nodes at the patient's own posterior; with a weak prior (:func:`log_prior`) that
    keeps the covariance from collapsing (Chung et al., J. Educ. Behav. Stat. 40 (2015) 136). The maximum itself is no
    estimate: with few scans a patient it lies where the residual is too small. The population is the mean of the draws
    of :func:`draws`, log of residual and of the Cholesky factor's diagonal, and keeps the draws.
    "auto" takes the model with the lowest corrected Akaike criterion (AICc, by number of points) among those for which
    there are enough patients and points.

    Parameters
    ----------
    curves : sequence of TimeActivityCurve  One a patient, all activities above zero; ``u`` is not used: the residual
                                            deviations come from the scatter about the curves.
    administered : sequence of float        Of each patient [Bq].
    decay_constant : float                  Of the nuclide [1/s].
    model : str                             "auto", "mono", "uptake" or "bi".
    seed : int                              Of the shifts of the nodes.
    progress : callable, optional           Told what is done, and the share of it.

    Returns
    -------
    Estimate

    Neglected: correlation between regions, covariates, and occasions (cycles) of one patient.

    Raises
    ------
    InputError
        An unknown model, or fewer patients or points than it takes.
    """
    region = curves[0].region if curves else "cohort"
    if model != AUTO and model not in PARAMETERS:
        raise InputError(f"{region}: no population model of {model!r}; allowed: {AUTO}, {', '.join(PARAMETERS)}.")
    if any(not np.all(curve.A > 0) for curve in curves) or any(not given > 0 for given in administered):
        raise InputError(f"{region}: activities and administered activities must be above zero. Leave such points out.")
    tell = progress or (lambda text, part: None)
    names = [name for name in PARAMETERS if model in (AUTO, name)]
    reasons = {name: _why_not(name, curves) for name in names}
    eligible = [name for name in names if reasons[name] is None]
    if not eligible:
        raise InputError(f"{region}: {reasons[names[0]]}")
    shares = shares_of(curves, administered, decay_constant)
    tried = _tried(eligible, shares, seed=seed, tell=lambda name, part: tell(f"{region}: {name}", part))
    best = _best(tried, int(shares.seen.sum()))
    left_out, found = _outliers(best, shares, tried[best], seed=seed)
    if left_out and model == AUTO:  # who does not belong may have decided about the model
        kept = shares.without(left_out)
        tried = _tried(eligible, kept, seed=seed, tell=lambda name, part: tell(f"{region}: {name}", part))
        best = _best(tried, int(kept.seen.sum()))
        found = tried[best]
    tell(f"{region}: uncertainties", 1.0)
    return _estimate(region, best, shares.without(left_out), {**tried, best: found}, left_out, seed=seed)


def _why_not(name: str, curves: Sequence[TimeActivityCurve]) -> str | None:
    """Why ``name`` cannot be estimated from so little; None if it can."""
    k = len(PARAMETERS[name])
    patients, points = len(curves), sum(curve.t.size for curve in curves)
    several = sum(curve.t.size > 1 for curve in curves)
    unknowns = k + k * (k + 1) // 2 + 2
    if patients < k + 2:
        return (
            f"a population of model {name} takes at least {k + 2} patients; got {patients}. Add patients, or fit each alone "
            "with hevesy fit."
        )
    if several < k + 1:
        return f"model {name} takes at least {k + 1} patients with two scans or more; got {several}. Add scans."
    if points < unknowns + k:
        return f"model {name} takes at least {unknowns + k} points for its {unknowns} unknowns; got {points}. Add scans."
    times = _different([float(t) for curve in curves for t in curve.t], max(3, patients // 10))
    if max(curve.t.size for curve in curves) < k and times < k:
        return f"model {name} takes scans at {k} different times at least; got {times}. Choose a simpler one."
    return None


def _different(times: list[float], points: int) -> int:
    """How many times there are that differ by more than SAME and have ``points`` scans or more each."""
    groups: list[list[float]] = []
    for t in sorted(times):
        if groups and t <= SAME * groups[-1][0]:
            groups[-1].append(t)
        else:
            groups.append([t])
    return sum(len(group) >= points for group in groups)


def _settled(model: str, shares: Shares, at: Maximum, *, seed: int) -> Maximum:
    """The maximum of the penalised likelihood, the nodes placed anew until nothing moves."""
    from scipy.optimize import minimize

    nodes = place_nodes(model, shares, at, seed=seed, size=NODES // 4)
    for turn in range(ROUNDS):
        origin, like = packed(at), at
        before, _, scores = cost_of(nodes, shares, at)
        white = whitener(scores)

        def cost(q: Vector, nodes: Nodes = nodes, like: Maximum = like) -> tuple[float, Vector]:
            value, gradient, _ = cost_of(nodes, shares, unpacked(origin + white @ q, like))  # noqa: B023
            return value, gradient @ white  # noqa: B023

        reach = [(-2.0, 2.0)] * origin.size  # standard uncertainties: further off the nodes say nothing
        moved = minimize(
            cost,
            np.zeros(origin.size),
            jac=True,
            method="L-BFGS-B",
            bounds=reach,
            options={"maxiter": 15, "gtol": 0.03, "ftol": 1e-7},
        ).x
        if not np.all(np.isfinite(moved)):
            raise ConvergenceError(f"The likelihood of model {model} has no maximum. Choose a simpler model with --model.")
        size = NODES // 4 if turn < 2 else NODES
        for _ in range(4):
            at = unpacked(origin + white @ moved, like)
            nodes = place_nodes(model, shares, at, seed=seed, size=size)
            if turn < 3 or cost_of(nodes, shares, at)[0] < before + 0.02:
                break
            moved = 0.4 * moved
        if turn > 2 and float(np.max(np.abs(moved))) < NEAR:
            break
    at.log_likelihood = weigh(nodes, shares, at)[1]
    return at


def _expected(model: str, shares: Shares, at: Maximum, *, seed: int, steps: int = EXPECTATIONS) -> Maximum:
    """A few steps of expectation and maximisation: slow at the end, but safe from far away."""
    n, k = shares.t.shape[0], at.mean.size
    points = int(shares.seen.sum())
    for _ in range(steps):
        nodes = place_nodes(model, shares, at, seed=seed, size=NODES // 4)
        w, value, v = weigh(nodes, shares, at)
        mean = np.einsum("is,isk->k", w, nodes.x) / n
        d = nodes.x - mean
        covariance = np.sum(np.swapaxes(w[..., None] * d, 1, 2) @ d, axis=0) / (n - 1) + 1e-6 * np.eye(k)
        ratio = np.sum(w * np.sum((shares.y.T[..., None] - nodes.f) ** 2 / v * shares.seen.T[..., None], axis=0))
        step = np.clip(0.5 * math.log(max(float(ratio) / points, 1e-6)), -1.0, 1.0)
        log_residual = np.maximum(at.log_residual + step, at.weak.log_residual - 3 * FLAT)
        root = np.linalg.cholesky(covariance)
        at = Maximum(mean=mean, root=root, log_residual=log_residual, log_likelihood=value, weak=at.weak, middle=at.middle)
    return at


def _starts(model: str, shares: Shares) -> list[Maximum]:
    """The best shapes of a grid, each patient's amplitude free: where the search begins."""
    seen, t = shares.seen, shares.t
    log_y = np.log(np.where(seen, shares.y, 1.0))
    first, middle, last = (float(np.quantile(t[seen], q)) for q in (0.1, 0.5, 0.9))
    slow = np.geomspace(0.03 / last, 3 / middle, 14)
    fast = (
        np.geomspace(0.5 / middle, (2.5 if model == "bi" else 8) / max(first, 0.02 * middle), 12)
        if model != "mono"
        else np.array([1.0])
    )
    ratios = np.geomspace(0.1, 20, 6) if model == "bi" else np.array([1.0])
    grid = np.stack(np.meshgrid(slow, fast, ratios, indexing="ij"), axis=-1).reshape(-1, 3)
    shape = {
        "mono": np.stack([np.ones(len(grid)), grid[:, 0]], axis=-1),
        "uptake": np.stack([np.ones(len(grid)), grid[:, 0], grid[:, 1]], axis=-1),
        "bi": np.stack([np.ones(len(grid)), grid[:, 0], grid[:, 2], grid[:, 1]], axis=-1),
    }[model]
    f, _ = share(model, np.log(shape), t[seen], shares.decay_constant)
    gap = np.full((len(grid), *t.shape), 0.0)
    gap[:, seen] = log_y[seen] - np.log(np.maximum(f, 1e-300))
    offset = gap.sum(axis=2) / seen.sum(axis=1)
    rest = np.where(seen, gap - offset[..., None], 0.0)
    misfit = np.sum(np.minimum(rest**2, 1.0), axis=(1, 2))  # no single point decides
    weak_rates = {"b1": math.log(1 / last), "d2": math.log(2 / max(first, 0.02 * middle))}
    typical = float(np.median(log_y[seen]))
    weak = Weak(
        mean=np.array([weak_rates.get(name, typical) for name in PARAMETERS[model]]),
        log_residual=np.array([math.log(0.1), math.log(0.01) + float(np.quantile(log_y[seen], 0.1))]),
    )
    found: list[tuple[int, Maximum]] = []
    for best in np.argsort(misfit, kind="stable").tolist()[: (1 if model == "mono" else 40)]:
        if any(np.max(np.abs(np.log(grid[best] / grid[other]))) < 1.2 for other, _ in found):
            continue
        mean = np.log(shape[best])
        amplitudes = [i for i, name in enumerate(PARAMETERS[model]) if name.startswith("a")]
        mean[amplitudes] += np.median(offset[best])
        spread = np.full(mean.size, 0.4)
        spread[amplitudes] = max(0.2, 1.5 * float(np.median(np.abs(offset[best] - np.median(offset[best])))))
        residual = max(0.05, min(0.5, math.sqrt(float(misfit[best]) / int(seen.sum()))))
        log_residual = np.array([math.log(0.7 * residual), math.log(0.3 * residual) + float(np.quantile(log_y[seen], 0.1))])
        found.append((best, Maximum(mean=mean, root=np.diag(spread), log_residual=log_residual, weak=weak)))
    return [one for _, one in found[:2]]


# --- who belongs, which model, how certain


def _tried(names: Sequence[str], shares: Shares, *, seed: int, tell: Progress) -> dict[str, Maximum]:
    """The maximum of each model; one that is HOPELESS after a few steps is not pursued."""
    points = int(shares.seen.sum())
    begun: dict[str, list[Maximum]] = {}
    for i, name in enumerate(names):
        tell(name, 0.5 * i / len(names))
        found = [_expected(name, shares, first, seed=seed) for first in _starts(name, shares)]
        begun[name] = sorted(found, key=lambda one: -one.log_likelihood)
    tried, least = {name: ones[0] for name, ones in begun.items()}, math.inf
    for i, name in enumerate(sorted(begun, key=lambda name: _aicc(begun[name][0], points))):
        tell(name, 0.5 + 0.5 * i / len(names))
        if _aicc(begun[name][0], points) < least + HOPELESS:
            try:
                near = [one for one in begun[name] if one.log_likelihood > begun[name][0].log_likelihood - HOPELESS / 2]
                ends = [_settled(name, shares, one, seed=seed) for one in near]
            except np.linalg.LinAlgError as error:
                if len(names) > 1 and name != "mono":
                    continue  # not pursued: the data do not hold this model
                raise ConvergenceError(f"The data do not determine model {name}. Choose a simpler one with --model.") from error
            tried[name] = max(ends, key=lambda one: one.log_likelihood)
            least = min(least, _aicc(tried[name], points))
    return tried


def _best(tried: dict[str, Maximum], points: int) -> str:
    """The simplest model within ALIKE of the lowest AICc."""
    least = min(_aicc(one, points) for one in tried.values())
    return next(name for name, one in tried.items() if _aicc(one, points) <= least + ALIKE)


def distances(model: str, shares: Shares, at: Maximum) -> Vector:
    """Least sum of squares of each patient's residuals and departures from the mean: chi squared, one degree a point."""
    residual = np.exp(at.log_residual)
    return modes_afresh(model, shares, mean=at.mean, precision=at.precision, residual=residual)[2]


def _outliers(model: str, shares: Shares, at: Maximum, *, seed: int) -> tuple[tuple[int, ...], Maximum]:
    """Patients whom the others make less likely than UNLIKELY, and the maximum without them.

    A patient is judged by a population that was estimated without him: the worst is taken out, and comes back unless he is
    unlikely even for a t distribution as wide as the number of the others demands.
    """
    from scipy.special import chdtrc, fdtrc

    n, k = shares.t.shape[0], at.mean.size
    out: list[int] = []
    while len(out) < max(1, int(MOST_LEFT_OUT * n)) and n - len(out) > k + 3:
        rows = np.setdiff1d(np.arange(n), out)
        points = shares.seen[rows].sum(axis=1)
        worst = int(rows[np.argmax(distances(model, shares.without(out), at) / np.sqrt(points))])
        others = shares.without([*out, worst])
        alone = shares.without([i for i in range(n) if i != worst])
        size = int(alone.seen.sum())
        if float(chdtrc(size, distances(model, alone, at)[0])) * n > 0.1:  # nothing to look into
            break
        near = _expected(model, others, replace(at, middle=None), seed=seed, steps=3)
        trial = _settled(model, others, near, seed=seed)
        freedom = max(n - len(out) - 1 - k, 2)
        chance = float(fdtrc(size, freedom, distances(model, alone, trial)[0] / size))
        if chance * n > UNLIKELY:
            break
        out.append(worst)
        at = trial
    return tuple(sorted(out)), at


def _unknowns(at: Maximum) -> int:
    return int(packed(at).size)


def _aicc(at: Maximum, points: int) -> float:
    p = _unknowns(at)
    return -2 * at.log_likelihood + 2 * p + (2 * p * (p + 1) / (points - p - 1) if points > p + 1 else math.inf)


def _estimate(
    region: str, model: str, shares: Shares, tried: dict[str, Maximum], left_out: tuple[int, ...], *, seed: int
) -> Estimate:
    top = tried[model]
    n, points = shares.t.shape[0], int(shares.seen.sum())
    possible = draws(model, shares, top, seed=seed)
    at = unpacked(np.mean(possible, axis=0), top)
    means, roots, log_residuals = unpack(possible, at.mean.size)
    u_mean_squared = np.cov(means.T)
    residual = np.exp(at.log_residual)
    warnings = []
    if n < 10:
        warnings.append(f"{n} patients say little of how patients differ; intervals for a new one are wide for that.")
    for name, deviation, u_mean in zip(
        PARAMETERS[model], np.sqrt(np.diagonal(at.covariance)), np.sqrt(np.diagonal(u_mean_squared)), strict=True
    ):
        if u_mean > 0.5 or deviation > 2:
            warnings.append(f"{name} is weakly determined: its spread is a factor of {math.exp(min(deviation, 20)):.2g}.")
    if points < (at.mean.size + 0.5) * n and at.mean.size > 2:
        warnings.append(
            f"{points / n:.2g} scans a patient for {at.mean.size} parameters: residual and spread are hard to tell apart, and "
            "what is assumed of them beforehand counts (about 10 % and 40 %, each within a factor of three)."
        )
    if residual[0] > 0.3:
        warnings.append(f"points scatter by {100 * residual[0]:.0f} % about the curves: model or table may be wrong.")
    population = RegionPopulation(
        region=region,
        model=model,
        decay_constant=shares.decay_constant,
        mean=at.mean,
        covariance=at.covariance,
        mean_covariance=u_mean_squared,
        proportional=float(residual[0]),
        additive=float(residual[1]),
        patients=n,
        points=points,
        draws=possible,
    )
    u_residual = residual * np.std(log_residuals, axis=0)
    return Estimate(
        population=population,
        u_log_deviations=frozen(np.std(np.sqrt(np.sum(roots**2, axis=2)), axis=0)),
        u_proportional=float(u_residual[0]),
        u_additive=float(u_residual[1]),
        log_likelihood={name: one.log_likelihood for name, one in tried.items()},
        aicc={name: _aicc(one, points) for name, one in tried.items()},
        bic={name: -2 * one.log_likelihood + _unknowns(one) * math.log(points) for name, one in tried.items()},
        left_out=left_out,
        warnings=tuple(warnings),
    )
