"""How long each person keeps away, so that the rest stays under the constraint."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.model.measured import Measured
from hevesy.protection.contacts import DAY, Pattern, dose, starts
from hevesy.protection.distance import DistanceLaw
from hevesy.protection.dose_rate import DoseRateCurve

LONGEST = 3650 * DAY
SURE = 1.6448536269514722  # one-sided 95 % of a normal distribution, in standard uncertainties
CLOSE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody near the patient.

    Attributes
    ----------
    name, kind : str                    "Partner"; "child", "pregnant", "partner", "adult", "elder", "carer" or "public".
    constraint : float                  For this treatment [Sv].
    pattern : Pattern
    """

    name: str
    kind: str
    constraint: float
    pattern: Pattern

    def __post_init__(self) -> None:
        if not (math.isfinite(self.constraint) and self.constraint > 0):
            raise InputError(f"{self.name}: the constraint is {self.constraint * 1e3:g} mSv; it must be above zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """What a person keeps to.

    Attributes
    ----------
    without : Measured                  Dose with no restriction at all [Sv].
    delay : float                       Smallest delay after which the dose is at most the constraint [s].
    dose : Measured                     With that delay [Sv].
    safe_delay : float or None          The same with 95 % probability, by u; None where there is no u [s].
    safe_dose : Measured or None        With that delay [Sv].
    """

    person: Person
    without: Measured
    delay: float
    dose: Measured
    safe_delay: float | None
    safe_dose: Measured | None


def restriction(person: Person, curve: DoseRateCurve, *, law: DistanceLaw, clock: float, earliest: float = 0.0) -> Restriction:
    """The smallest delay with D(delay) <= constraint.

    Contacts are whole: a pattern that repeats is taken up at the start of one of its contacts, or a whole hour into a longer
    one, and one that happens once at any time. "Safe" is the delay at which the constraint is kept with 95 % probability, the
    dose being log-normal about its value with its relative u.

    Parameters
    ----------
    clock : float                       Time of day of the administration [s].
    earliest : float                    Leaving the hospital, after the administration [s]: nobody is near before.
    """

    def found(delay: float) -> Measured:
        return dose(person.pattern, curve, law=law, clock=clock, delay=delay)

    def upper(delay: float) -> float:
        D = found(delay)
        return D.value * math.exp(SURE * math.sqrt(math.log1p((D.relative or 0.0) ** 2)))

    without = found(earliest)
    delay = _smallest(person, lambda t: found(t).value, clock, earliest)
    if without.u is None:
        return Restriction(person=person, without=without, delay=delay, dose=found(delay), safe_delay=None, safe_dose=None)
    safe = _smallest(person, upper, clock, delay)
    return Restriction(person=person, without=without, delay=delay, dose=found(delay), safe_delay=safe, safe_dose=found(safe))


def _smallest(person: Person, amount: Callable[[float], float], clock: float, earliest: float) -> float:
    """Smallest delay from ``earliest`` on at which ``amount`` is at most the constraint; it never grows with the delay."""
    allowed = person.constraint * (1 + CLOSE)
    if amount(earliest) <= allowed:
        return earliest
    low, high = earliest, earliest + DAY
    while amount(high) > allowed:
        low, high = high, earliest + 2 * (high - earliest)
        if high > LONGEST:
            raise ScopeError(
                f"{person.name}: even after ten years the dose is above {person.constraint * 1e3:g} mSv. "
                "Check dose rate, nuclide and pattern."
            )
    if person.pattern.once:
        while high - low > 1.0:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if amount(middle) > allowed else (low, middle)
        return high
    first = starts(person.pattern, clock, low)
    days = np.arange(math.ceil((high - low) / DAY) + 2)
    candidates = np.unique(np.round((first[:, None] + DAY * days).ravel(), 6))
    i, j = -1, int(np.searchsorted(candidates, high))
    j = min(j, candidates.size - 1)
    while j - i > 1:
        middle_index = (i + j) // 2
        if amount(float(candidates[middle_index])) > allowed:
            i = middle_index
        else:
            j = middle_index
    return float(candidates[j])


def total_dose(activity: float, *, constant: float, half_life: float, occupancy: float, distance: float) -> float:
    """Dose to a person from all decays in a point.

        D = Gamma A0 T E / (ln 2 r^2)

    Parameters
    ----------
    activity : float                    A0 [Bq].
    constant : float                    Gamma [Sv m2/(Bq s)].
    half_life : float                   T, physical [s].
    occupancy : float                   E, share of the decays during which the person is there [1].
    distance : float                    r [mm].

    Returns
    -------
    float                               [Sv].

    Neglected: excretion, attenuation. Reference: US NRC Regulatory Guide 8.39, equation B-1, in which 34.6 is 24 h/(d ln 2).
    """
    return constant * activity * half_life * occupancy / (math.log(2) * (distance / 1e3) ** 2)


def release_activity(
    allowed: float, *, constant: float, half_life: float, occupancy: float | None = None, distance: float = 1e3
) -> float:
    """Activity whose total dose is ``allowed`` [Sv]: :func:`total_dose` solved for A0 [Bq].

    ``occupancy`` is, if left out, that of the guide: 0.25 for half-lives above a day, else 1. Reference: US NRC Regulatory
    Guide 8.39, Table 1.
    """
    E = occupancy if occupancy is not None else (0.25 if half_life > un.d else 1.0)
    return allowed / total_dose(1.0, constant=constant, half_life=half_life, occupancy=E, distance=distance)


def excretion_dose(
    activity: float,
    *,
    constant: float,
    half_life: float,
    occupancy: tuple[float, float],
    uptake: tuple[tuple[float, float], ...],
    first: tuple[float, float] = (0.33, 0.8),
    distance: float = 1e3,
) -> float:
    """Dose to a person from a patient who excretes.

        D = Gamma A0 / (ln 2 r^2) ( E1 k T (1 - 2^(-w/T)) + 2^(-w/T) E2 sum_i F_i T_i )

    Parameters
    ----------
    occupancy : (E1, E2)                Before and after the first excretion [1].
    uptake : (F_i, T_i), ...            Fraction and effective half-life of each component [1], [s].
    first : (days, k)                   w, during which nothing is excreted [d], and the share of it that counts [1].

    Returns
    -------
    float                               [Sv]. Reference: US NRC Regulatory Guide 8.39, equation B-5.
    """
    w, k = first[0] * un.d, first[1]
    stays = math.exp(-math.log(2) * w / half_life)
    before = occupancy[0] * k * half_life * (1 - stays)
    after = stays * occupancy[1] * sum(F * T for F, T in uptake)
    return constant * activity / math.log(2) * (before + after) / (distance / 1e3) ** 2


def spouse_dose(activity: float, apart: float) -> float:
    """Mean dose to the spouse after radioiodine for hyperthyroidism, the two sleeping apart for a time [Sv].

        D = A (2.528 + 3.072 exp(-0.11 T)) uSv/MBq,   T in days

    Parameters
    ----------
    activity : float                    A [Bq].
    apart : float                       T [s].

    Measured with an effective half-life of 6.35 d; spouses differ by two thirds of it (5.6 +/- 3.7 uSv/MBq at T = 0).
    Reference: Nucl. Med. Commun. 14 (1993) 756, abstract.
    """
    if not (math.isfinite(activity) and activity >= 0 and math.isfinite(apart) and apart >= 0):
        raise InputError(f"activity is {activity} Bq and time apart {apart} s; both must be 0 or more.")
    return activity / un.MBq * (2.528 + 3.072 * math.exp(-0.11 * apart / un.d)) * 1e-6
