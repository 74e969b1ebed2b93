"""Dead time of a camera: from a decaying source or two sources, and what it takes from a count rate."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError, ScopeError
from hevesy.model import Measured

Array = npt.NDArray[Any]

# Close to the peak of the paralysable curve a rate says little about the source: a correction beyond this is refused.
STEEPEST = 20.0


class Kind(StrEnum):
    """What an event does that comes while the camera is busy: prolongs it (paralysable), or nothing."""

    PARALYSABLE = "paralysable"
    NON_PARALYSABLE = "non-paralysable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadTime:
    """Dead time of a camera.

    Attributes
    ----------
    tau : Measured                      [s].
    kind : Kind
    true_rate : Measured or None        At the first time of the fit [1/s].
    chi2 : float or None                Of the fit by degrees of freedom.
    """

    tau: Measured
    kind: Kind
    true_rate: Measured | None = None
    chi2: float | None = None


def observed_rate(true_rate: npt.ArrayLike, tau: float, kind: Kind) -> npt.NDArray[np.float64]:
    """Rate that is counted [1/s].

        paralysable  m = n exp(-n tau),    non-paralysable  m = n / (1 + n tau)

    Parameters
    ----------
    true_rate : array                   n [1/s].
    tau : float                         [s].

    Reference: G. F. Knoll, Radiation Detection and Measurement, dead time.
    """
    n = np.asarray(true_rate, dtype=float)
    return np.asarray(n * np.exp(-n * tau) if kind is Kind.PARALYSABLE else n / (1 + n * tau))


def corrected_rate(observed: Measured, dead: DeadTime) -> Measured:
    """True rate behind a counted one, with u from both rate and dead time [1/s].

        paralysable      n = -W(-m tau) / tau  (lower branch),    dn/dm = exp(n tau) / (1 - n tau)
        non-paralysable  n = m / (1 - m tau),                     dn/dm = 1 / (1 - m tau)^2

    A paralysable camera counts the same rate from two sources, one weak and one strong; the weak one is meant here.

    Raises
    ------
    ScopeError
        The rate is above what the camera can count, or so close that dn/dm is above 20.
    """
    from scipy.special import lambertw

    m, tau = observed.value, dead.tau.value
    if not (math.isfinite(m) and m >= 0):
        raise InputError(f"count rate is {m:g} 1/s; it cannot be below zero.")
    top = 1 / (math.e * tau) if dead.kind is Kind.PARALYSABLE else 1 / tau
    if m >= top:
        raise ScopeError(
            f"a {dead.kind.value} camera with a dead time of {1e6 * tau:.3g} us counts at most {top:.4g} 1/s; got {m:.4g}. "
            "Wait until the source has decayed, or check the dead time."
        )
    if dead.kind is Kind.PARALYSABLE:
        n = float(-lambertw(-m * tau, 0).real / tau)
        dm, dtau = math.exp(n * tau) / (1 - n * tau), n * n / (1 - n * tau)
    else:
        n = m / (1 - m * tau)
        dm, dtau = 1 / (1 - m * tau) ** 2, n * n
    if dm > STEEPEST:
        raise ScopeError(
            f"{m:.4g} 1/s is {100 * m / top:.1f} % of the most that this camera can count ({top:.4g} 1/s); 1 % more counts "
            f"would mean {dm * m / n:.0f} % more activity. Wait until the source has decayed."
        )
    return Measured(value=n, u=math.hypot(dm * (observed.u or 0.0), dtau * (dead.tau.u or 0.0)))


def fit_decaying_source(
    times: npt.ArrayLike,
    rates: npt.ArrayLike,
    *,
    decay_constant: float,
    u: npt.ArrayLike | None = None,
    kind: Kind = Kind.PARALYSABLE,
    background: float = 0.0,
) -> DeadTime:
    """Dead time from one source that decays in front of the camera.

        m(t) = f(n0 exp(-lambda t) + b; tau)

    Parameters
    ----------
    times : array, shape (n,)           [s]; three at least.
    rates : array, shape (n,)           Counted [1/s].
    decay_constant : float              lambda [1/s].
    u : array, shape (n,), optional     Standard uncertainty of the rates; without, equal relative weights and scatter decides.
    kind : Kind
    background : float                  b, with its own counts in no need of correction [1/s].

    The covariance is enlarged by chi2 by degrees of freedom where that exceeds one.

    Raises
    ------
    ConvergenceError
        The rates do not show dead time: it comes out as zero, or with an uncertainty as large as itself.
    """
    from scipy.optimize import least_squares

    t, m = np.asarray(times, dtype=float), np.asarray(rates, dtype=float)
    s = 0.01 * m if u is None else np.asarray(u, dtype=float)
    if t.ndim != 1 or t.size < 3 or m.shape != t.shape or s.shape != t.shape or np.ptp(t) <= 0:
        raise InputError(f"a decaying source needs three times and rates at least; got {t.size} and {m.size}.")
    if not (np.all(np.isfinite([t, m, s])) and np.all(m > 0) and np.all(s > 0) and decay_constant > 0 and background >= 0):
        raise InputError("times, rates and uncertainties must be finite, rates, uncertainties and decay constant above zero.")
    decay = np.exp(-decay_constant * (t - t.min()))
    least = float(np.max(m))

    def left(q: Array) -> Array:
        n0, tau = np.exp(q)
        return np.asarray((observed_rate(n0 * decay + background, float(tau), kind) - m) / s)

    starts = [np.log([least * a, b / least]) for a in (1.02, 1.3, 2.0, 4.0) for b in (0.02, 0.1, 0.3)]
    found = min((least_squares(left, q, x_scale="jac") for q in starts), key=lambda f: float(f.cost))
    J, freedom = np.asarray(found.jac), t.size - 2
    chi2 = 2 * float(found.cost) / freedom
    scale = chi2 if u is None else max(1.0, chi2)
    n0, tau = (float(v) for v in np.exp(found.x))
    singular = np.linalg.svd(J, compute_uv=False)
    spread = np.sqrt(np.diag(np.linalg.inv(J.T @ J)) * scale) if singular[-1] > 1e-9 * singular[0] else np.array([np.inf, np.inf])
    if not (np.all(np.isfinite(spread)) and spread[1] < 1.0 and n0 * tau > 1e-5):
        raise ConvergenceError(
            f"these rates, up to {least:.4g} 1/s, do not determine a dead time. Begin with a stronger source, "
            "or check the half-life."
        )
    return DeadTime(
        tau=Measured(value=tau, u=tau * float(spread[1])),
        kind=kind,
        true_rate=Measured(value=n0, u=n0 * float(spread[0])),
        chi2=chi2,
    )


def two_sources(first: Measured, second: Measured, both: Measured, *, kind: Kind, background: float = 0.0) -> DeadTime:
    """Dead time from two sources, counted one by one and together.

        n1 + n2 = n12 + b    with each n behind its counted rate; solved for tau

    Parameters
    ----------
    first, second, both : Measured      Counted rates [1/s]; background included.
    kind : Kind
    background : float                  b [1/s].

    u of the dead time is that of the three rates, by differences.
    Reference: G. F. Knoll, Radiation Detection and Measurement, two-source method.

    Raises
    ------
    ScopeError
        Together they count as much as one by one, or more: no dead time shows.
    """
    rates = [first.value, second.value, both.value]
    if min(rates) <= 0 or background < 0:
        raise InputError(f"count rates are {rates} and {background} 1/s; rates must be above zero.")
    tau = _from_two(rates, background, kind)
    change = 0.0
    for i, rate in enumerate((first, second, both)):
        if rate.u:
            moved = list(rates)
            moved[i] += 0.01 * rate.u
            change += ((_from_two(moved, background, kind) - tau) / 0.01) ** 2
    known = all(rate.u is not None for rate in (first, second, both))
    return DeadTime(
        tau=Measured(value=tau, u=math.sqrt(change) if known else None, why_no_u="" if known else "rates without u"), kind=kind
    )


def _from_two(rates: list[float], background: float, kind: Kind) -> float:
    from scipy.optimize import brentq
    from scipy.special import lambertw

    most = 1 / max(rates) / (math.e if kind is Kind.PARALYSABLE else 1.0)

    def true(m: float, tau: float) -> float:
        return float(-lambertw(-m * tau, 0).real / tau) if kind is Kind.PARALYSABLE else m / (1 - m * tau)

    def left(tau: float) -> float:
        a, b, c = (true(m, tau) for m in rates)
        return a + b - c - background

    low, high = 1e-9 * most, most * (1 - 1e-9)
    if not left(low) > 0:
        raise ScopeError(
            f"the two sources count {rates[0]:.5g} and {rates[1]:.5g} 1/s one by one and {rates[2]:.5g} together: nothing is "
            "lost. Use stronger sources, and do not move them."
        )
    if left(high) > 0:
        raise ScopeError(
            f"together the sources count {rates[2]:.5g} 1/s, so few that a {kind.value} camera would be beyond its peak. "
            "Use weaker sources."
        )
    return float(brentq(left, low, high, xtol=1e-18, rtol=1e-12))
