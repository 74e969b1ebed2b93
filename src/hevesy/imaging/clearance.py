"""How activity comes to a region and leaves it: a sum of exponentials with closed-form integrals."""

import math
from dataclasses import dataclass

from hevesy import units as u
from hevesy.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Activity of one region over time.

        A(t) = sum_j amplitudes[j] exp(-rates[j] t)

    Attributes
    ----------
    amplitudes : tuple of float         [Bq]; they may be negative (uptake), A(t) may not.
    rates : tuple of float              [1/s], physical decay included.
    """

    amplitudes: tuple[float, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.amplitudes) != len(self.rates) or not self.rates or min(self.rates) <= 0:
            raise InputError("a clearance needs as many rates above zero as it has amplitudes.")


def activity(curve: Clearance, t: float) -> float:
    """A(t) [Bq] at ``t`` [s] after the administration."""
    return math.fsum(a * math.exp(-r * t) for a, r in zip(curve.amplitudes, curve.rates, strict=True))


def mean_activity(curve: Clearance, start: float, duration: float) -> float:
    """Mean of A(t) over an acquisition [Bq]: sum_j a_j exp(-r_j t0) (1 - exp(-r_j d)) / (r_j d)."""
    if duration <= 0:
        return activity(curve, start)
    return math.fsum(
        a * math.exp(-r * start) * -math.expm1(-r * duration) / (r * duration)
        for a, r in zip(curve.amplitudes, curve.rates, strict=True)
    )


def time_integrated_activity(curve: Clearance) -> float:
    """Integral of A(t) from 0 to infinity [Bq s]: sum_j a_j / r_j."""
    return math.fsum(a / r for a, r in zip(curve.amplitudes, curve.rates, strict=True))


def washout(amount: float, *half_lives_h: tuple[float, float], uptake_h: float = 0.0) -> Clearance:
    """Clearance of ``amount`` [Bq] with phases (share, effective half-life [h]) and one uptake half-life [h].

        A(t) = amount sum_i f_i (exp(-l_i t) - exp(-k t)),   l = ln 2 / T

    Without uptake (``uptake_h`` = 0) the second term is left out.
    """
    amplitudes = [amount * share for share, _ in half_lives_h]
    rates = [math.log(2) / (T * u.h) for _, T in half_lives_h]
    if uptake_h:
        amplitudes.append(-sum(amplitudes))
        rates.append(math.log(2) / (uptake_h * u.h))
    return Clearance(amplitudes=tuple(amplitudes), rates=tuple(rates))
