"""Chance that a dose passes a limit, and the activity at which that chance is a chosen one."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured

EXCEED = 0.05
RAREST, MEDIAN = 0.001, 0.5  # less than 0.1 % asks more of a distribution than a mean and its u can say
STEPS = 100  # of a bisection: far beyond rounding
NODES, SPAN = 801, 8.0  # of the quadrature over a standard normal number
CHOSEN = "an activity to be given"
DECISION = "a decision: what is uncertain stands in its chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one limit allows.

    Attributes
    ----------
    activity : float                    At which the limit is exceeded with the chosen chance [Bq].
    best : Measured                     At the best estimate, exceeded with a chance of one half [Bq].
    known : bool                        Whether the dose has a u; without, ``activity`` is that of the best estimate.
    """

    activity: float
    best: Measured
    known: bool

    @property
    def chosen(self) -> Measured:
        """The activity as a value of its own: a decision without u, unless it is that of the best estimate."""
        return self.best if math.isclose(self.activity, self.best.value, rel_tol=1e-9) else decided(self.activity)


def checked_exceed(exceed: float) -> float:
    """A chance with which a limit may be exceeded."""
    if not RAREST <= exceed <= MEDIAN:
        raise InputError(
            f"exceed is {100 * exceed:g} %; from {100 * RAREST:g} to {100 * MEDIAN:g} % is allowed: 50 % is the best estimate. "
            'Write for example exceed = "5 %".'
        )
    return exceed


def log_sigma(measured: Measured) -> float:
    """Standard deviation of the logarithm of a log-normal number of relative u: s^2 = ln(1 + (u/x)^2). Without u, 0."""
    return math.sqrt(math.log1p((measured.relative or 0.0) ** 2))


def upper(measured: Measured, exceed: float) -> float:
    """What a log-normal number exceeds with a chance, x exp(z s), z the (1 - exceed) quantile of the normal distribution."""
    return measured.value * math.exp(-NormalDist().inv_cdf(exceed) * log_sigma(measured))


def chance_above(measured: Measured, limit: float) -> float | None:
    """Chance that a number is above a limit, or None where it has no u.

        P = Phi((ln x - ln L) / s),   s^2 = ln(1 + (u/x)^2)

    ``measured.value`` is the median. A number that is exact is above or not; one that meets the limit exactly is not.
    """
    if measured.u is None:
        return None
    if measured.value <= 0:
        return 0.0
    s = log_sigma(measured)
    if s == 0:
        # A share of 1e-9 is rounding.
        return float(measured.value > limit * (1 + 1e-9))
    return NormalDist().cdf(math.log(measured.value / limit) / s)


def held(limit: float, per_activity: Measured, best: Measured, exceed: float = EXCEED) -> Held:
    """Largest activity at which a dose that grows with it exceeds its limit with a chosen chance.

        A = L / (d exp(z s)),   s^2 = ln(1 + (u_d/d)^2),   z: quantile of 1 - exceed

    Parameters
    ----------
    limit : float                       L [Gy].
    per_activity : Measured             d, median and standard uncertainty of the dose per activity [Gy/Bq].
    best : Measured                     L / d with its u [Bq].
    exceed : float                      Chance [1].

    The dose per activity is log-normal with its best estimate as median, as in :mod:`hevesy.planning`. Without uncertainty
    the activity is that of the best estimate. Neglected: what the stated u does not hold.
    """
    checked_exceed(exceed)
    if not limit > 0 < per_activity.value:
        raise InputError(f"a limit of {limit:g} at {per_activity.value:g} per Bq gives no activity; both must be above 0.")
    return Held(activity=limit / upper(per_activity, exceed), best=best, known=per_activity.u is not None)


def chance_of_sum(first: Measured, second: Measured, limit: float) -> float | None:
    """Chance that the sum of two independent log-normal numbers is above a limit, or None where neither has a u.

        P = int phi(z) P(x_2 > L - x_1(z)) dz

    over the one with the smaller spread, so that what is integrated is smooth. One without u counts as exact.
    """
    from scipy.special import ndtr

    if first.u is None and second.u is None:
        return None
    outer, inner = sorted((first, second), key=log_sigma)
    if log_sigma(inner) == 0 or inner.value <= 0 or outer.value <= 0:
        total = Measured(value=first.value + second.value, u=math.hypot(first.u or 0.0, second.u or 0.0))
        return chance_above(total, limit)
    z = np.linspace(-SPAN, SPAN, NODES)
    weight = np.exp(-z * z / 2)
    rest = limit - outer.value * np.exp(log_sigma(outer) * z)
    open_ = np.maximum(rest, np.finfo(float).tiny)
    above = np.where(rest > 0, ndtr(-np.log(open_ / inner.value) / log_sigma(inner)), 1.0)
    return float(np.sum(weight * above) / np.sum(weight))


def largest(chance: Callable[[float], float | None], *, most: float, exceed: float) -> float:
    """Largest activity from 0 to ``most`` whose chance is not above ``exceed``; the chance must grow with it [Bq].

    Raises
    ------
    ScopeError
        The chance is larger even without any activity.
    """
    checked_exceed(exceed)
    at_none = chance(0.0)
    if at_none is not None and at_none > exceed:
        raise ScopeError(
            f"what was given before exceeds the limit with a chance of {100 * at_none:.2g} %, more than the {100 * exceed:g} % "
            "that may be; nothing is left for a further activity."
        )
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        found = chance(middle)
        if found is None or found > exceed:
            high = middle
        else:
            low = middle
    return low


def decided(activity: float) -> Measured:
    """An activity that was chosen from a chance."""
    return Measured(value=activity, u=None, why_no_u=DECISION)


def percent(chance: float) -> str:
    """A chance in words."""
    if chance < RAREST:
        return "below 0.1 %"
    return "above 99.9 %" if chance > 1 - RAREST else f"{100 * chance:.2g} %"
