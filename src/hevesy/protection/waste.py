"""When waste may leave: levels of clearance and exemption, contaminants, daughters that outlive their parent, tanks."""

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import load_nuclide
from hevesy.nuclides.chain import chain
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
EXEMPTION = "annex-vii"  # the scheme whose exemption levels hold in the European Union
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Sums of fractions of the exemption levels, by activity and by concentration [1]; exempt where either is at most 1."""

    activity: float
    concentration: float
    rows: tuple[DatedRow, ...]

    @property
    def exempt(self) -> bool:
        """Whether either sum is at most 1."""
        return min(self.activity, self.concentration) <= 1


def with_contaminant(main: Content, nuclide: str, ratio: float) -> tuple[Content, Content]:
    """A content and its long-lived contaminant, whose activity is ``ratio`` times that of the content at the same time.

    Lu-177 from irradiated Lu-176 carries Lu-177m; the ratio of the activities grows as the Lu-177 decays, so it is to be
    stated for the reference time of the bag.
    """
    if not 0 < ratio < 1:
        raise InputError(f"{nuclide} by {main.nuclide}: the ratio is {ratio:g}; it must lie between 0 and 1.")
    return main, Content(nuclide=nuclide, activity=main.activity * ratio, u=main.u)


@dataclass(frozen=True, slots=True, kw_only=True)
class Daughter:
    """A daughter that outlives its parent: long after, its activity is that of ``share`` times the parent's at the start [1]."""

    nuclide: str
    half_life: float
    share: float


def short_lived(nuclide: str) -> tuple[str, ...]:
    """The radioactive daughters that live no longer than their parent: they decay with it, and go with its level.

    A level of the parent holds them where the table marks it with a "+": (Directive 2013/59/Euratom, Annex VII, Table A part 3).
    """
    return tuple(member.name for member in chain(nuclide)[1:] if member.counted and math.isfinite(member.half_life))


def outliving(nuclide: str) -> tuple[Daughter, ...]:
    """The daughters that are left when the parent has gone.

        A_d(t) <= s A_p(0) exp(-lambda_d t),   s = n_d lambda_d / (lambda_p - lambda_d)

    with n_d the decays of the daughter for each of the parent: the second term of Bateman's solution alone.
    """
    own = load_nuclide(nuclide).half_life
    return tuple(
        Daughter(nuclide=m.name, half_life=m.half_life, share=m.decays_per_parent_decay * own / (m.half_life - own))
        for m in chain(nuclide)[1:]
        if not m.counted and math.isfinite(m.half_life) and m.decays_per_parent_decay > 0
    )


def exemption(contents: Sequence[Content], *, mass: float, t: float, on: date, overlay: Path | None = None) -> Exemption | None:
    """Sums of fractions of the exemption levels at the time ``t`` [s]; None where a nuclide has no level.

        by activity sum_i A_i / X_i,  by concentration sum_i A_i / (m C_i)

    What is at most 1 by either is exempt from notification as a practice (Directive 2013/59/Euratom, Annex VII, 3). It is no
    leave to throw away what is held under a licence: that is clearance. Contaminants and daughters of the contents count.
    """
    total = {"exempt activity": 0.0, "exempt concentration": 0.0}
    used = []
    for content in contents:
        A = content.activity * math.exp(-load_nuclide(content.nuclide).decay_constant * t)
        for kind in total:
            row = _level_or_none(content.nuclide, kind, EXEMPTION, on, overlay)
            if row is None:
                return None
            used.append(row)
            total[kind] += A / row.number("value") / (1.0 if kind == "exempt activity" else mass * GRAMS)
    return Exemption(activity=total["exempt activity"], concentration=total["exempt concentration"], rows=tuple(used))


def _rows(overlay: Path | None) -> tuple[DatedRow, ...]:
    return dated_rows(PACKAGE, "waste_levels", overlay=overlay, keys=("scheme", "nuclide", "kind"))


def _level_or_none(nuclide: str, kind: str, scheme: str, on: date, overlay: Path | None) -> DatedRow | None:
    found = [row for row in _rows(overlay) if (row["scheme"], row["nuclide"], row["kind"]) == (scheme, nuclide, kind)]
    return in_force(found, on)[-1] if found else None


def level_or_none(nuclide: str, *, scheme: str, on: date, overlay: Path | None = None) -> DatedRow | None:
    """The clearance level of a daughter; None where the scheme has none: it is then named, and not passed over."""
    return _level_or_none(nuclide, "clearance", scheme, on, overlay)


def level_of(nuclide: str, kind: str, *, scheme: str, on: date, overlay: Path | None = None) -> DatedRow:
    """The level of a nuclide on a day; ``kind``: "clearance", "sewer", "exempt concentration" or "exempt activity"."""
    rows = [row for row in _rows(overlay) if row["kind"] == kind]
    schemes = sorted({row["scheme"] for row in rows})
    if scheme not in schemes:
        near = difflib.get_close_matches(scheme, schemes, n=1)
        said = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"scheme {scheme!r}: {kind} levels are known of {', '.join(schemes)}. {said}Choose one.")
    of_kind = [row for row in rows if row["scheme"] == scheme]
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

    ``levels`` C_i [Bq/g], ``mass`` m [kg]. ``safe`` takes A_i at its upper 95 %. A daughter that outlives its parent is a content
    of its own: see :func:`outliving`.
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
