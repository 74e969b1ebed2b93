"""Scan times that leave the least uncertainty in the time-integrated activity of a patient still to come."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.kinetics.population import PARAMETERS, RegionPopulation, curve_parameters

Vector = npt.NDArray[np.float64]
Span = tuple[float, float]

DRAWN = 256  # drawn from the population
PRIMES = (2, 3, 5, 7)
STEP = 1.0 * un.h
APART = 12.0 * un.h
MOST_SCANS, MOST_CANDIDATES = 6, 1000
STARTS, SWEEPS = 12, 20
DIFFERENCE = 1e-5  # of log theta


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Scan times and what they leave uncertain.

    Attributes
    ----------
    times : tuple of float          After administration [s], increasing.
    u : float                       Expected relative standard uncertainty [1]: root of the mean variance over patients.
    u_tenth : float                 One patient in ten has more [1].
    u_regions : dict                The expected one of each region [1].
    without : tuple of float        Expected u if that scan is missed and not made up for [1].
    day_later : tuple of float      Expected u if that scan alone is done 24 h later [1].
    all_later : float               Expected u if every scan is done 24 h later [1].
    """

    times: tuple[float, ...]
    u: float
    u_tenth: float
    u_regions: dict[str, float]
    without: tuple[float, ...]
    day_later: tuple[float, ...]
    all_later: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The best plans of 1, 2, ... scans, and ``prior_u``: the relative uncertainty before any scan [1]."""

    prior_u: float
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patients:
    """Patients drawn from a population, and what counts of them.

    Attributes
    ----------
    populations : tuple of RegionPopulation
    log_theta : tuple of ndarray, shape (patients, k)   Patients by region.
    prior : tuple of ndarray, shape (k, k)              Covariance of log theta before any scan, by region.
    gradient : tuple of ndarray, shape (patients, k)    d ln(integral) / d log theta, by region.
    share : ndarray, shape (regions, patients)          What a region's variance counts, squared share in the goal [1].
    """

    populations: tuple[RegionPopulation, ...]
    log_theta: tuple[Vector, ...]
    prior: tuple[Vector, ...]
    gradient: tuple[Vector, ...]
    share: Vector


def draw_patients(populations: Sequence[RegionPopulation], *, weights: Sequence[float] | None = None) -> Patients:
    """Draw patients from a population, the same ones each time.

    The goal is the mean relative variance of the regions' integrals, or with ``weights`` w (say, dose by integral) the
    relative variance of  sum_r w_r A_tilde_r.

    Parameters
    ----------
    populations : sequence of RegionPopulation      One a region.
    weights : sequence of float, optional           One a region, none below zero, any common unit.

    Notes
    -----
    Patients follow a Halton sequence (J. H. Halton, Numer Math 1960;2:84) laid into
    N(mean, covariance + mean_covariance).  Regions are taken as independent of each other.
    """
    if not populations:
        raise InputError("a schedule needs one region or more.")
    if weights is not None and (len(weights) != len(populations) or min(weights) < 0 or not 0 < sum(weights) < math.inf):
        raise InputError(f"weights are {list(weights)}; give one a region, none below zero, one above.")
    log_theta, prior, gradient, integrals = [], [], [], []
    for i, population in enumerate(populations):
        covariance = population.covariance + population.mean_covariance
        # Rolled on, so that the regions' patients are not the same quantiles.
        theta = population.mean + np.roll(_normal(DRAWN, population.mean.size), 37 * i, axis=0) @ _root(covariance).T
        log_theta.append(theta)
        prior.append(covariance)
        gradient.append(_derivatives(population, theta, None)[..., 0, :])
        integrals.append(np.exp(_log_integral(population, theta)))
    if weights is None:
        share = np.full((len(populations), DRAWN), 1 / len(populations))
    else:
        parts = np.array(weights)[:, None] * np.array(integrals)
        share = (parts / parts.sum(axis=0)) ** 2
    return Patients(
        populations=tuple(populations),
        log_theta=tuple(log_theta),
        prior=tuple(prior),
        gradient=tuple(gradient),
        share=share,
    )


def expected_u(patients: Patients, times: npt.ArrayLike) -> float:
    """Expected relative standard uncertainty of the goal after scans at ``times`` [s].

        C = (Omega^-1 + sum_j J_j J_j^T / s_j^2)^-1,   J_j = d f(t_j) / d log theta,   s_j^2 = (proportional f)^2 + additive^2
        u^2 = mean over patients of g^T C g,            g = d ln(integral) / d log theta

    The posterior of log theta is taken as normal, with the curvature at the patient's own parameters.  Neglected: errors
    that all scans share (calibration, volume), which no choice of times can lower.
    """
    return math.sqrt(float(np.mean(_goal(patients, np.atleast_1d(np.asarray(times, dtype=float)))[0])))


def single_scan_curve(patients: Patients, times: npt.ArrayLike) -> Vector:
    """Expected relative uncertainty after one scan, for each of ``times`` [s]."""
    t = np.asarray(times, dtype=float)
    return np.sqrt(_Search(patients, t, apart=0.0).added([]))


def candidate_times(windows: Sequence[Span], *, step: float = STEP) -> Vector:
    """Times in the allowed windows, ``step`` apart and with both ends [s]."""
    if not windows:
        raise InputError("no allowed hours. Give them from administration, such as 3-6, 20-28.")
    if not step > 0:
        raise InputError(f"the step between scan times is {step / un.h:g} h; it must be above zero.")
    for start, stop in windows:
        if not (math.isfinite(start) and math.isfinite(stop)) or start < 0:
            raise InputError(f"allowed hours {start / un.h:g} to {stop / un.h:g} h: times count from administration, from 0 on.")
        if stop < start:
            raise InputError(f"allowed hours {start / un.h:g} to {stop / un.h:g} h end before they start. Swap them.")
    if sum((stop - start) / step + 2 for start, stop in windows) > MOST_CANDIDATES:
        raise InputError(f"more than {MOST_CANDIDATES} possible scan times. Narrow the hours or widen the step.")
    parts = [np.append(np.arange(start, stop, step), stop) for start, stop in windows]
    return np.unique(np.round(np.concatenate(parts), 6))


def best_schedule(
    patients: Patients, *, windows: Sequence[Span], scans: int, step: float = STEP, apart: float = APART
) -> Schedule:
    """The best times for 1, 2, ... ``scans`` scans in the allowed windows.

    One and two scans: all that are possible.  More: exchange of one time after the other, from several starts, one of
    them the best plan with a scan less.

    Parameters
    ----------
    patients : Patients
    windows : sequence of (start, stop)     Allowed times after administration [s].
    scans : int                             1 to 6.
    step : float                            Between possible times [s].
    apart : float                           Least time between two scans [s].
    """
    if not 1 <= scans <= MOST_SCANS:
        raise InputError(f"{scans} scans; allowed are 1 to {MOST_SCANS}.")
    times = candidate_times(windows, step=step)
    search = _Search(patients, times, apart=apart)
    if search.room() < scans:
        raise InputError(
            f"the allowed hours have room for {search.room()} scans that are {apart / un.h:g} h apart, not for {scans}. "
            "Allow more hours, ask for fewer scans, or let them be closer."
        )
    plans: list[Plan] = []
    best: list[int] = []
    for number in range(1, scans + 1):
        best = search.best(number, best)
        plans.append(_plan(patients, np.sort(times[best])))
    return Schedule(prior_u=expected_u(patients, []), plans=tuple(plans))


def _plan(patients: Patients, t: Vector) -> Plan:
    total, by_region = _goal(patients, t)
    day = np.eye(t.size) * un.d
    return Plan(
        times=tuple(float(x) for x in t),
        u=math.sqrt(float(np.mean(total))),
        u_tenth=math.sqrt(float(np.quantile(total, 0.9))),
        u_regions={p.region: math.sqrt(float(np.mean(v))) for p, v in zip(patients.populations, by_region, strict=True)},
        without=tuple(expected_u(patients, np.delete(t, i)) for i in range(t.size)),
        day_later=tuple(expected_u(patients, t + day[i]) for i in range(t.size)),
        all_later=expected_u(patients, t + un.d),
    )


class _Search:
    """Sensitivities at all possible times, computed once, and sets of their indices."""

    def __init__(self, patients: Patients, times: Vector, *, apart: float) -> None:
        self.patients, self.times, self.apart = patients, times, apart
        self.seen = [_seen(p, theta, times) for p, theta in zip(patients.populations, patients.log_theta, strict=True)]

    def room(self) -> int:
        """How many scans fit."""
        number, last = 0, -math.inf
        for t in self.times:
            if t - last >= self.apart - 1e-6:
                number, last = number + 1, float(t)
        return number

    def added(self, chosen: list[int]) -> Vector:
        """Mean variance with ``chosen`` and one more scan, for every possible time; infinite where it is too close."""
        total = np.zeros(self.times.size)
        for (J, s2), C0, g, share in zip(
            self.seen, self.patients.prior, self.patients.gradient, self.patients.share, strict=True
        ):
            C = _updated(C0, J[:, chosen], s2[:, chosen])
            Cg = np.einsum("pij,pj->pi", C, g)
            seen = np.einsum("pck,pk->pc", J, Cg) ** 2
            noise = s2 + np.einsum("pck,pck->pc", np.matmul(J, C), J)
            gained = np.divide(seen, noise, out=np.zeros_like(seen), where=noise > 0)
            total += share @ (np.sum(Cg * g, axis=1)[:, None] - gained) / g.shape[0]
        for i in chosen:
            total[np.abs(self.times - self.times[i]) < max(self.apart - 1e-6, 1e-6)] = math.inf
        return np.maximum(total, 0.0)

    def best(self, number: int, fewer: list[int]) -> list[int]:
        """The best set of ``number`` scans; ``fewer`` is the best with one less."""
        everyone = range(self.times.size)
        if number <= 2:
            starts = [[]] if number == 1 else [[i] for i in everyone]
            return min((self._grown(start, number) for start in starts), key=lambda found: found[0])[1]
        spread = np.unique(np.linspace(0, self.times.size - 1, STARTS).astype(int))
        starts = [fewer, *([int(i)] for i in spread)]
        return min((self._exchanged(*self._grown(start, number)) for start in starts), key=lambda found: found[0])[1]

    def _grown(self, chosen: list[int], number: int) -> tuple[float, list[int]]:
        chosen, value = list(chosen), math.inf
        while len(chosen) < number:
            total = self.added(chosen)
            i = int(np.argmin(total))
            value = float(total[i])
            if not math.isfinite(value):
                return math.inf, chosen
            chosen.append(i)
        return value, chosen

    def _exchanged(self, value: float, chosen: list[int]) -> tuple[float, list[int]]:
        if not math.isfinite(value):
            return value, chosen
        for _ in range(SWEEPS):
            before = value
            for i in range(len(chosen)):
                rest = chosen[:i] + chosen[i + 1 :]
                total = self.added(rest)
                j = int(np.argmin(total))
                if total[j] < value:
                    value, chosen = float(total[j]), [*rest[:i], j, *rest[i:]]
            if not value < before * (1 - 1e-9):
                break
        return value, chosen


def _goal(patients: Patients, t: Vector) -> tuple[Vector, list[Vector]]:
    """Relative variance of the goal by patient, and by region and patient."""
    by_region = []
    for population, theta, C0, g in zip(patients.populations, patients.log_theta, patients.prior, patients.gradient, strict=True):
        C = _updated(C0, *_seen(population, theta, t))
        by_region.append(np.maximum(np.einsum("pi,pij,pj->p", g, np.broadcast_to(C, (g.shape[0], *C0.shape)), g), 0.0))
    return np.sum(patients.share * np.array(by_region), axis=0), by_region


def _updated(C0: Vector, J: Vector, s2: Vector) -> Vector:
    """Covariance after scans with sensitivities J, shape (p, n, k), and variances s2, shape (p, n).

    Scan by scan,  C <- C - C J J^T C / (s^2 + J^T C J): no inverse, so that a parameter without spread is no trouble.
    """
    C = np.repeat(C0[None], J.shape[0], axis=0)
    for i in range(J.shape[1]):
        CJ = np.einsum("pij,pj->pi", C, J[:, i])
        noise = s2[:, i] + np.sum(CJ * J[:, i], axis=1)
        inverse = np.divide(1.0, noise, out=np.zeros_like(noise), where=noise > 0)
        C = C - CJ[:, :, None] * CJ[:, None, :] * inverse[:, None, None]
    return np.asarray(C, dtype=float)


def _seen(population: RegionPopulation, theta: Vector, t: Vector) -> tuple[Vector, Vector]:
    """Sensitivities of the activity by administered activity, shape (p, n, k), and its variance, shape (p, n)."""
    f = _activity(population, theta, t)
    return _derivatives(population, theta, t), (population.proportional * f) ** 2 + population.additive**2


def _derivatives(population: RegionPopulation, theta: Vector, t: Vector | None) -> Vector:
    """Of the activity at ``t``, or of ln(integral) if there is no ``t``, by log theta: shape (p, n or 1, k)."""
    columns = []
    for i in range(len(PARAMETERS[population.model])):
        moved = np.zeros(theta.shape[-1])
        moved[i] = DIFFERENCE
        ends = [
            _log_integral(population, x)[:, None] if t is None else _activity(population, x, t)
            for x in (theta + moved, theta - moved)
        ]
        columns.append((ends[0] - ends[1]) / (2 * DIFFERENCE))
    return np.stack(columns, axis=-1)


def _terms(population: RegionPopulation, theta: Vector) -> tuple[Vector, Vector]:
    p, model = curve_parameters(population, theta), population.curve_model
    return p @ model.to_amplitudes.T, p @ model.to_rates.T


def _activity(population: RegionPopulation, theta: Vector, t: Vector) -> Vector:
    a, r = _terms(population, theta)
    return np.asarray(np.einsum("pm,pmn->pn", a, np.exp(-r[..., None] * t)), dtype=float)


def _log_integral(population: RegionPopulation, theta: Vector) -> Vector:
    a, r = _terms(population, theta)
    return np.asarray(np.log(np.sum(a / r, axis=-1)), dtype=float)


def _normal(number: int, k: int) -> Vector:
    """Halton points as normal deviates, shape (number, k)."""
    from scipy.special import ndtri

    points = np.zeros((number, k))
    for i in range(k):
        index, digit = np.arange(1, number + 1), 1.0
        while np.any(index):
            digit /= PRIMES[i]
            points[:, i] += digit * (index % PRIMES[i])
            index //= PRIMES[i]
    return np.asarray(ndtri(points), dtype=float)


def _root(covariance: Vector) -> Vector:
    """R with R R^T = covariance, also where that is singular."""
    values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=float)


def integral_quantiles(patients: Patients, shares: Sequence[float]) -> dict[str, Vector]:
    """Integral by administered activity that ``shares`` of the patients stay below [s], by region."""
    return {
        population.region: np.quantile(np.exp(_log_integral(population, theta)), shares)
        for population, theta in zip(patients.populations, patients.log_theta, strict=True)
    }
