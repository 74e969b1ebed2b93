"""When waste may leave: bags in a decay store, tanks, long-lived contaminants."""

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import load_nuclide
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
SCHEMES = ("annex-vii", "rp-122")
STORABLE = 120 * u.d  # 10 CFR 35.92: longer-lived waste is not held for decay
LATEST = 100 * u.year
SURE = 1.6448536269514722  # one-sided 95 %
GRAMS = 1e3  # in a kilogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One nuclide in a bag or tank: ``activity`` [Bq] at the reference time, relative ``u`` [1]."""

    nuclide: str
    activity: float
    u: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.activity) and self.activity >= 0):
            raise InputError(f"{self.nuclide}: the activity is {self.activity} Bq; it must be zero or more.")


def with_contaminant(main: Content, nuclide: str, ratio: float) -> tuple[Content, Content]:
    """A content and its long-lived contaminant, whose activity is ``ratio`` times that of the content at the same time.

    Lu-177 from irradiated Lu-176 carries Lu-177m; the ratio of the activities grows as the Lu-177 decays, so it is to be
    stated for the reference time of the bag.
    """
    if not 0 < ratio < 1:
        raise InputError(f"{nuclide} by {main.nuclide}: the ratio is {ratio:g}; it must lie between 0 and 1.")
    return main, Content(nuclide=nuclide, activity=main.activity * ratio, u=main.u)


def level_of(nuclide: str, kind: str, *, scheme: str, on: date, overlay: Path | None = None) -> DatedRow:
    """The level of a nuclide on a day; ``kind``: "clearance", "sewer", "exempt concentration" or "exempt activity"."""
    rows = dated_rows(PACKAGE, "waste_levels", overlay=overlay, keys=("scheme", "nuclide", "kind"))
    schemes = sorted({row["scheme"] for row in rows})
    if scheme not in schemes:
        near = difflib.get_close_matches(scheme, schemes, n=1)
        said = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"scheme {scheme!r}: known are {', '.join(schemes)}. {said}")
    of_kind = [row for row in rows if row["scheme"] == scheme and row["kind"] == kind]
    found = [row for row in of_kind if row["nuclide"] == nuclide]
    if not found:
        raise ScopeError(
            f"{nuclide}: the scheme {scheme} has no {kind} level; it has {', '.join(row['nuclide'] for row in of_kind)}. "
            "Look it up in your country's law and add it by your own table."
        )
    return in_force(found, on)[-1]


def fraction(contents: Sequence[Content], levels: Sequence[float], *, mass: float, t: float, safe: bool = False) -> float:
    """Sum of concentrations by their clearance levels at the time ``t`` [s].

        f(t) = sum_i A_i exp(-l_i t) / (m C_i)

    ``levels`` C_i [Bq/g], ``mass`` m [kg]. ``safe`` takes A_i at its upper 95 %. Neglected: daughters that outlive their parent.
    """
    total = 0.0
    for content, level in zip(contents, levels, strict=True):
        lam = load_nuclide(content.nuclide).decay_constant
        upper = 1 + SURE * content.u if safe else 1.0
        total += content.activity * upper * math.exp(-lam * t) / (mass * GRAMS * level)
    return total


def activity_at(contents: Sequence[Content], t: float) -> float:
    """All activity at the time ``t`` after the reference, each nuclide by its own decay [Bq]."""
    return sum(c.activity * math.exp(-load_nuclide(c.nuclide).decay_constant * t) for c in contents)


def free_after(contents: Sequence[Content], levels: Sequence[float], *, mass: float, safe: bool = False) -> float:
    """Time after the reference at which the sum of fractions has fallen to one [s]."""
    if not (math.isfinite(mass) and mass > 0):
        raise InputError(f"the mass is {mass} kg; it must be above zero. Weigh the bag.")
    return first_time(lambda t: fraction(contents, levels, mass=mass, t=t, safe=safe), 1.0)


def first_time(amount: Callable[[float], float], limit: float) -> float:
    """The first time at which a falling amount is at most ``limit`` [s]."""
    if amount(0.0) <= limit:
        return 0.0
    low, high = 0.0, u.d
    while amount(high) > limit:
        low, high = high, 2 * high
        if high > LATEST:
            raise ScopeError("not even a hundred years of decay are enough. This waste cannot be held for decay.")
    while high - low > 1.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if amount(middle) > limit else (low, middle)
    return high


@dataclass(frozen=True, slots=True, kw_only=True)
class TankPlan:
    """How one tank of a plant runs.

    Attributes
    ----------
    filling : float                     Time to fill it [s].
    activity : float                    When full [Bq].
    concentration : float               When full [Bq/m3].
    decay : float                       Time to hold it [s].
    tanks : int                         Needed so that one is always free to be filled.
    discharged : float                  Activity in it when it is let go [Bq].
    """

    filling: float
    activity: float
    concentration: float
    decay: float
    tanks: int
    discharged: float


def tank_plan(nuclide: str, *, inflow: float, flow: float, volume: float, limit: float) -> TankPlan:
    """Filling, decay and discharge of tanks that take turns.

        A(T) = a (1 - exp(-l T)) / l,  T = V / q;   A(T) exp(-l w) / V = limit;   n = 1 + ceil(w / T)

    Parameters
    ----------
    inflow : float                      a, activity by time [Bq/s].
    flow, volume : float                q [m3/s], V [m3].
    limit : float                       Of the discharge [Bq/m3].

    Neglected: steps of the inflow (patients come one by one), activity on walls and in sludge.
    """
    for name, value in {"inflow": inflow, "flow": flow, "volume": volume, "limit": limit}.items():
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} of the tank is {value}; it must be above zero.")
    lam = load_nuclide(nuclide).decay_constant
    T = volume / flow
    full = inflow * -math.expm1(-lam * T) / lam
    decay = max(0.0, math.log(full / volume / limit) / lam)
    return TankPlan(
        filling=T,
        activity=full,
        concentration=full / volume,
        decay=decay,
        tanks=1 + math.ceil(decay / T - 1e-9),
        discharged=full * math.exp(-lam * decay),
    )
