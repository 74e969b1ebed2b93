"""A new patient's kinetics from a scan or a few and what is known of the population: empirical Bayes."""

import functools
import math
from dataclasses import dataclass

import numpy as np

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.kinetics.marginal_likelihood import Shares, log_t, modes_afresh, quasi_random, shape, share, t_draws, variances
from hevesy.kinetics.population import PARAMETERS, RegionPopulation, Vector, curve_parameters
from hevesy.kinetics.possible import possible
from hevesy.model.arrays import frozen
from hevesy.model.curve import TimeActivityCurve
from hevesy.model.measured import Measured
from hevesy.rng import stream

NODES = 2048  # of the posterior
FREEDOM = 5.0  # of the t distribution that most nodes are drawn from
FROM_PRIOR = 0.25  # share of nodes drawn from the population itself: no corner of the posterior is without nodes
INTERVAL = (0.025, 0.975)
STRANGE = 1e-4  # chance below which a patient does not belong to the population
SLIP = 100.0  # factor off the population from which a wrong unit is the likely cause


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """What is known of a patient after his scans.

    Attributes
    ----------
    region, model : str
    parameters : dict                       Of the curve model at the posterior mean of log theta: amplitudes [Bq], rates [1/s].
    amplitudes, rates : ndarray             The same curve as a sum of exponentials [Bq], [1/s].
    time_integrated_activity : Measured     Posterior median and standard deviation [Bq s].
    tia_95 : tuple                          2.5 % and 97.5 % of the posterior [Bq s].
    effective_half_life : Measured          Posterior median and standard deviation [s].
    extrapolated_fraction : float           Share of the curve's integral after the last scan [1].
    chance : float                          Of scans at least as far from the population as these.
    learned : float                         1 - variance of log TIA after the scans over that before: 0 where they say nothing;
                                            1 where the administered activity is unknown.
    well_posed : bool
    warnings : tuple of str
    """

    region: str
    model: str
    parameters: dict[str, float]
    amplitudes: Vector
    rates: Vector
    time_integrated_activity: Measured
    tia_95: tuple[float, float]
    effective_half_life: Measured
    extrapolated_fraction: float
    chance: float
    learned: float
    well_posed: bool
    warnings: tuple[str, ...]


def posterior(
    population: RegionPopulation,
    curve: TimeActivityCurve,
    *,
    seed: int,
    administered: float | None = None,
    decay_constant: float | None = None,
) -> Posterior:
    """Posterior of a new patient's curve and integral.

        p(theta | A) ~ p(theta) prod_j N(A_j; A0 f(t_j; theta), u_j^2),
        log theta ~ t(nu; mean, covariance + mean_covariance),   nu = patients - 1

    The t distribution is what is left of the normal one when covariance and mean have been estimated from few patients
    (Jeffreys prior). u_j is the population's residual deviation, or the scan's own ``u`` where that is larger; a factor
    common to the scans, log-normal about 1, carries how well a cohort of that size determines it. The
    posterior is integrated by importance sampling with quasi-random nodes, three quarters drawn at its mode and a quarter
    from the population. The value of the integral is its posterior median; u its posterior standard deviation.

    Parameters
    ----------
    population : RegionPopulation
    curve : TimeActivityCurve           One point or more, activities above zero, not corrected for decay.
    seed : int                          Of the shift of the nodes.
    administered : float, optional      A0 [Bq]; without it amplitudes are unknown, flat in their log, and only the
                                        shape of the curve comes from the population.
    decay_constant : float, optional    Of the nuclide [1/s], where it is not the population's.

    Returns
    -------
    Posterior

    Neglected: correlation with the patient's other regions.

    Raises
    ------
    InputError
        Activities or the administered activity are not above zero.
    DataError
        More activity than was administered, or a factor of SLIP off anything in the population.
    """
    if not np.all(curve.A > 0) or (administered is not None and not administered > 0):
        raise InputError(
            f"{curve.region}: activities must be above zero; got {curve.A.min() / u.MBq:g} MBq. Leave that scan out, or check it."
        )
    lam = population.decay_constant if decay_constant is None else decay_constant
    unit = float(np.exp(np.mean(np.log(curve.A)))) if administered is None else administered
    shares = Shares(t=curve.t[None], y=curve.A[None] / unit, seen=np.ones((1, curve.t.size), dtype=bool), decay_constant=lam)
    floor = None if curve.u is None else curve.u[None] / unit
    prior = _Prior(population, amplitude_known=administered is not None)
    residual = np.array([population.proportional, population.additive if administered is not None else 0.0])
    if residual.sum() == 0:  # only an additive one, and nothing to scale it by
        residual[0] = population.additive / float(share(population.model, population.mean[None], curve.t[None], lam)[0].max())
    found, spread, squares = modes_afresh(
        population.model,
        shares,
        mean=prior.mean,
        precision=prior.precision + 1e-9 * np.eye(prior.mean.size),
        residual=residual,
        floor=floor,
        along=_offset(population, shares, prior),
    )
    chance = _chance(float(squares[0]), curve.t.size, prior)
    if administered is not None:
        _plausible(population, curve, shares, prior, chance)
    x, w = _sampled(population, shares, prior, (found[0], spread[0]), residual, floor, seed)
    return _summary(population, curve, x, w, lam=lam, unit=unit, prior=prior, chance=chance)


class _Prior:
    """Distribution of log theta before the scans; degenerate along the amplitudes where A0 is unknown."""

    def __init__(self, population: RegionPopulation, *, amplitude_known: bool) -> None:
        names = PARAMETERS[population.model]
        k = len(names)
        self.freedom = float(max(population.patients - 1, 2))
        wide = population.covariance + population.mean_covariance + 1e-8 * np.eye(k)
        self.mean = population.mean
        self.wide = wide
        self.along = np.array([1.0 if name.startswith("a") else 0.0 for name in names])
        if amplitude_known:
            self.reduce = np.eye(k)
        else:  # what is left when the common factor of the amplitudes is free
            first, *others = np.flatnonzero(self.along)
            rows = []
            for i in range(k):
                if i != first:
                    row = np.eye(k)[i]
                    row[first] = -1.0 if i in others else 0.0
                    rows.append(row)
            self.reduce = np.array(rows)
        inner = np.linalg.inv(self.reduce @ wide @ self.reduce.T)
        self.precision = self.reduce.T @ inner @ self.reduce
        self.amplitude_known = amplitude_known
        self.possible = possible(population)
        root = self.possible.root
        if not amplitude_known:
            reduced = self.reduce @ root @ np.swapaxes(root, 1, 2) @ self.reduce.T
            root = np.asarray(np.linalg.cholesky(reduced), dtype=float)
        self._whitener = np.linalg.inv(root) @ self.reduce
        self._constant = -np.sum(np.log(np.diagonal(root, axis1=1, axis2=2)), axis=1) - 0.5 * root.shape[1] * math.log(
            2 * math.pi
        )

    def log_density(self, x: Vector, which: np.ndarray) -> Vector:
        """Of log theta (s, k), each row by the population of its number."""
        white = np.einsum("skl,sl->sk", self._whitener[which], x - self.possible.mean[which])
        return np.asarray(self._constant[which] - 0.5 * np.sum(white * white, axis=-1))


def _offset(population: RegionPopulation, shares: Shares, prior: _Prior) -> float:
    """Log of what the amplitudes must be multiplied by for the population's mean curve to meet the scans."""
    if prior.amplitude_known:
        return 0.0
    f, _ = share(population.model, prior.mean[None], shares.t, shares.decay_constant)
    return float(np.mean(np.log(shares.y / np.maximum(f, 1e-300))))


def _chance(squares: float, points: int, prior: _Prior) -> float:
    """Chance of scans as far from the population: F distribution of the least sum of squares."""
    from scipy.special import fdtrc

    size = points - (0 if prior.amplitude_known else 1)
    return 1.0 if size < 1 else float(fdtrc(size, prior.freedom, squares / size))


def _plausible(population: RegionPopulation, curve: TimeActivityCurve, shares: Shares, prior: _Prior, chance: float) -> None:
    """Refuse what only a wrong unit explains."""
    most = int(np.argmax(shares.y))
    if shares.y[0, most] > 1.0 + 3 * population.proportional:
        raise DataError(
            f"{curve.region}: {curve.A[most] / u.MBq:g} MBq at {curve.t[most] / u.h:g} h are {shares.y[0, most]:.3g} times the "
            "administered activity; at most all of it can be there. Check the units of both: MBq."
        )
    f, _ = share(population.model, prior.mean[None], shares.t, shares.decay_constant)
    factor = float(np.exp(np.median(np.log(shares.y / np.maximum(f, 1e-300)))))
    deviation = math.sqrt(float(prior.along @ prior.wide @ prior.along) / float(np.sum(prior.along)) ** 2)
    if chance < STRANGE and abs(math.log(factor)) > max(math.log(SLIP), 4 * deviation):
        times = f"{factor:.3g} times as high as" if factor > 1 else f"{1 / factor:.3g} times lower than"
        raise DataError(
            f"{curve.region}: activities are {times} in the {population.patients} patients of the population. "
            "Check the units of activity and administered activity: MBq."
        )


def _sampled(
    population: RegionPopulation,
    shares: Shares,
    prior: _Prior,
    about: tuple[Vector, Vector],
    residual: Vector,
    floor: Vector | None,
    seed: int,
) -> tuple[Vector, Vector]:
    """Nodes of the posterior (s, k) and their weights, which add up to one."""
    middle, spread = about
    k = middle.size
    size = NODES
    which = _order(size, prior.possible.size, seed)
    for turn in range(3):
        local = int(size * (1 - FROM_PRIOR)) if prior.amplitude_known else size
        z = _draws(local, k, FREEDOM, seed, 2 * turn)
        root = np.linalg.cholesky(1.3 * spread + 1e-12 * np.eye(k))
        x = middle + z @ root.T
        if local < size:
            z = _normal(size - local, k, seed, 2 * turn + 1)
            rows = which[local:]
            x = np.concatenate([x, prior.possible.mean[rows] + np.einsum("skl,sl->sk", prior.possible.root[rows], z)])
        log_prior = prior.log_density(x, which)
        white = np.linalg.solve(root, (x - middle).T)
        log_q = log_t(np.sum(white * white, axis=0), k, FREEDOM) - float(np.sum(np.log(np.diagonal(root))))
        if local < size:
            log_q = np.logaddexp(log_q + math.log(local / size), log_prior + math.log(1 - local / size))
        f = shape(population.model, x, shares.t, shares.decay_constant)
        v = variances(f, (residual * prior.possible.residual[which]).T[:, :, None], floor)
        log_w = log_prior - log_q - 0.5 * np.sum((shares.y - f) ** 2 / v + np.log(v), axis=-1)
        w = np.exp(log_w - np.max(log_w))
        w /= np.sum(w)
        if 1 / float(np.sum(w * w)) > 0.25 * size:
            break
        middle = w @ x  # the posterior leans: draw again about its mean
        d = x - middle
        spread = (w[:, None] * d).T @ d + 1e-3 * about[1]
    return x, w


@functools.lru_cache(maxsize=32)
def _draws(size: int, k: int, freedom: float, seed: int, batch: int) -> Vector:
    """Standard t vectors (size, k)."""
    return frozen(t_draws(quasi_random(size, k + 1, seed=seed, batch=batch), freedom)[0])


@functools.lru_cache(maxsize=32)
def _normal(size: int, k: int, seed: int, batch: int) -> Vector:
    """Standard normal vectors (size, k)."""
    from scipy.special import ndtri

    return frozen(ndtri(quasi_random(size, k, seed=seed, batch=batch)))


@functools.lru_cache(maxsize=8)
def _order(size: int, populations: int, seed: int) -> np.ndarray:
    """Which population each node is for: all alike often, in an order that has nothing to do with that of the nodes."""
    return frozen(stream(seed, 99).permutation(np.arange(size) % populations), dtype=int)


def _summary(
    population: RegionPopulation,
    curve: TimeActivityCurve,
    x: Vector,
    w: Vector,
    *,
    lam: float,
    unit: float,
    prior: _Prior,
    chance: float,
) -> Posterior:
    tia = unit * coefficients(population, x, lam)
    half_life = math.log(2) / (lam + np.exp(x[:, 1]))
    low, median, high = quantiles(tia, w, (INTERVAL[0], 0.5, INTERVAL[1]))
    deviation = _deviation(tia, w, (low, high))
    model = population.curve_model
    p = curve_parameters(population, w @ x, decay_constant=lam)
    p[[name.startswith("A") for name in model.parameters]] *= unit
    amplitudes, rates = model.to_amplitudes @ p, model.to_rates @ p
    left = amplitudes / rates * np.exp(-rates * curve.t[-1])
    learned = 1.0
    if prior.amplitude_known:
        rows = np.arange(512) % prior.possible.size
        z = _normal(512, prior.mean.size, 0, 0)
        near = prior.possible.mean[rows] + np.einsum("skl,sl->sk", prior.possible.root[rows], z)
        before = np.log(coefficients(population, near, lam))
        log_tia = np.log(tia)
        learned = max(0.0, 1 - float(w @ (log_tia - w @ log_tia) ** 2) / float(np.var(before)))
    warnings = []
    if chance < STRANGE:
        warnings.append(
            f"outside the population: scans as far from it have a chance of {chance:.1g}; the population does not hold for this "
            "patient. Fit without it."
        )
    relative = deviation / median
    if relative > 0.5:
        warnings.append(f"ill-posed: the uncertainty of the integral is {100 * relative:.0f} % of it.")
    elif relative > 0.2:
        warnings.append(f"weakly determined: the uncertainty of the integral is {100 * relative:.0f} % of it.")
    if learned < 0.5:
        warnings.append("the scans say less of the integral than the population does: it is near the population's median.")
    return Posterior(
        region=curve.region,
        model=population.model,
        parameters=dict(zip(model.parameters, p.tolist(), strict=True)),
        amplitudes=frozen(amplitudes),
        rates=frozen(rates),
        time_integrated_activity=Measured(value=median, u=deviation),
        tia_95=(low, high),
        effective_half_life=Measured(
            value=float(quantiles(half_life, w, (0.5,))[0]), u=_deviation(half_life, w, quantiles(half_life, w, INTERVAL))
        ),
        extrapolated_fraction=float(np.sum(left) / np.sum(amplitudes / rates)),
        chance=chance,
        learned=learned,
        well_posed=chance >= STRANGE and relative <= 0.5,
        warnings=tuple(warnings),
    )


def coefficients(population: RegionPopulation, log_theta: Vector, decay_constant: float | None = None) -> Vector:
    """Time-integrated activity coefficients [s] at log theta (..., k)."""
    model = population.curve_model
    p = curve_parameters(population, log_theta, decay_constant=decay_constant)
    return np.asarray(np.sum((p @ model.to_amplitudes.T) / (p @ model.to_rates.T), axis=-1))


def quantiles(values: Vector, w: Vector, at: tuple[float, ...]) -> list[float]:
    """Quantiles of weighted values."""
    order = np.argsort(values)
    ordered = w[order]
    return [float(q) for q in np.interp(at, np.cumsum(ordered) - 0.5 * ordered, values[order])]


def _deviation(values: Vector, w: Vector, interval: list[float] | tuple[float, float]) -> float:
    """Standard deviation of weighted values; what lies beyond ten intervals counts as that far: t tails have no variance."""
    low, high = interval
    bounded = np.clip(values, low - 10 * (high - low), high + 10 * (high - low))
    mean = float(w @ bounded)
    return math.sqrt(float(w @ (bounded - mean) ** 2))
