"""How lesions change over a course, whether that exceeds its uncertainty, and what named criteria make of it."""

import math
from dataclasses import dataclass, field
from functools import cache

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.course import Course, Cycle, CycleRegion, root_sum_square
from hevesy.tables import load_table

VOLUME, UPTAKE, HALF_LIFE, DOSE = "volume", "uptake", "effective half-life", "dose per activity"
TRENDS = (VOLUME, UPTAKE, HALF_LIFE, DOSE)
# Two-sided 5 %: a change further from zero than this many standard uncertainties is called one.
TELLING = 1.96
RESPONSE, STABLE, PROGRESSION, COMPLETE = "partial response", "stable", "progression", "complete response"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """A quantity of a region in one cycle against the first that has it.

        c = x / x_0 - 1,   z = c / u(c)

    ``u`` and ``z`` are None where one of the two has no uncertainty; ``telling`` says whether |z| is above 1.96.
    """

    label: str
    value: float
    u: float | None
    z: float | None

    @property
    def telling(self) -> bool | None:
        """Whether the change exceeds its uncertainty; None where that is not known."""
        return None if self.z is None else abs(self.z) > TELLING


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trend:
    """A quantity of a region over the cycles.

    Attributes
    ----------
    region, kind, quantity : str        ``quantity`` is one of :data:`TRENDS`.
    labels : tuple of str               Cycles that have it.
    values : tuple of Measured          [mm3], [s], [s], [Gy/Bq].
    changes : tuple of Change           Of each cycle after the first.
    """

    region: str
    kind: str
    quantity: str
    labels: tuple[str, ...]
    values: tuple[Measured, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Thresholds of a published set of response criteria.

    Attributes
    ----------
    name, quantity : str                "RECIP 1.0"; "total lesion volume" or "SULpeak".
    response, progression : float       Relative change at which each begins [1].
    least_step : float                  Absolute change that each needs as well, in the unit of the quantity; 0 for none.
    new_lesions : str                   "needed": progression is the increase with a new lesion. "enough": either alone.
    source, how, not_claimed : str
    """

    name: str
    quantity: str
    response: float
    progression: float
    least_step: float
    new_lesions: str
    source: str
    how: str
    not_claimed: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """What one set of criteria says of the last cycle against the first; ``category`` is "" where it cannot be told."""

    criteria: Criteria
    category: str
    change: float | None
    u: float | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Response:
    """Trends of all regions, lesions that came or went, verdicts."""

    trends: tuple[Trend, ...]
    new_lesions: tuple[str, ...]
    gone_lesions: tuple[str, ...]
    new_count: int
    volume: Change | None
    verdicts: tuple[Verdict, ...]
    remarks: tuple[str, ...] = field(default=())


@cache
def criteria() -> tuple[Criteria, ...]:
    """All criteria of the table."""
    return tuple(
        Criteria(
            name=row["criteria"],
            quantity=row["quantity"],
            response=float(row["response_change"]),
            progression=float(row["progression_change"]),
            least_step=float(row["least_step"] or 0.0),
            new_lesions=row["new_lesions"],
            source=row["source"],
            how=row["how"],
            not_claimed=row["not_claimed"],
        )
        for row in load_table("hevesy.planning", "response_criteria").rows
    )


def response(course: Course) -> Response:
    """Trends, new lesions and verdicts of a course.

    A relative change of dose or uptake leaves out what both cycles share: a calibration that was wrong in both falls out of
    their ratio. Of volumes and half-lives all uncertainty is taken as new in each cycle, which makes u too large rather than
    too small.

    Neglected: regression to the mean, several lesions looked at together (one in twenty unchanged ones is called changed).
    """
    trends = [made for name in _names(course) for quantity in TRENDS if (made := _trend(course, name, quantity)) is not None]
    first, last = course.cycles[0], course.cycles[-1]
    before, after = _lesions(first), _lesions(last)
    new = tuple(name for name in after if name not in before)
    gone = tuple(name for name in before if name not in after)
    count = last.new_lesions if last.new_lesions is not None else len(new)
    volume = _total_volume(first, last) if len(course.cycles) > 1 and before and after else None
    remarks = []
    if new and last.new_lesions is None:
        remarks.append(
            f"{', '.join(new)}: drawn in {last.label} and not in {first.label}: new, or not drawn then. "
            "State new_lesions in the cycle after reading the images."
        )
    if last.new_lesions is not None and last.new_lesions != len(new):
        remarks.append(f"{last.label}: new_lesions = {last.new_lesions} as stated; {len(new)} were drawn anew.")
    if gone:
        remarks.append(
            f"{', '.join(gone)}: drawn in {first.label} and not in {last.label}: gone, or not drawn; counted as volume 0."
        )
    if any(trend.kind == "lesion" for trend in trends):
        remarks.append("Lesions are matched from cycle to cycle by their names as drawn.")
    verdicts = tuple(_verdict(each, course, volume, count) for each in criteria()) if len(course.cycles) > 1 else ()
    return Response(
        trends=tuple(trends),
        new_lesions=new,
        gone_lesions=gone,
        new_count=count,
        volume=volume,
        verdicts=verdicts,
        remarks=tuple(remarks),
    )


def changed(label: str, before: Measured, after: Measured, *, shared: float | None = None) -> Change:
    """Relative change and its z.

    Parameters
    ----------
    shared : float or None              Relative u of the ratio where it is known from sources; None: both u are independent [1].
    """
    if before.value == 0:
        raise InputError(f"{label}: a change relative to zero has no meaning. Give the region where it has a value.")
    ratio = after.value / before.value
    u: float | None = None
    if before.relative is not None and after.u is not None:
        own = root_sum_square([before.relative * ratio, after.u / abs(before.value)])
        u = own if shared is None else shared * abs(ratio)
    value = ratio - 1
    return Change(label=label, value=value, u=u, z=value / u if u else None)


def _names(course: Course) -> list[str]:
    names = list(dict.fromkeys(key for cycle in course.cycles for key in cycle.regions))
    lesions = {key for cycle in course.cycles for key, region in cycle.regions.items() if region.kind == "lesion"}
    return sorted(names, key=lambda name: (name not in lesions, names.index(name)))


def _value(cycle: Cycle, region: CycleRegion, quantity: str) -> Measured:
    if quantity == VOLUME:
        return region.volume
    if quantity == UPTAKE:
        return region.uptake
    if quantity == HALF_LIFE:
        return region.effective_half_life
    A0, dose = cycle.administered_activity, region.dose
    return Measured(value=dose.value / A0, u=None if dose.u is None else dose.u / A0, why_no_u=dose.why_no_u)


def _trend(course: Course, name: str, quantity: str) -> Trend | None:
    there = [cycle for cycle in course.cycles if name in cycle.regions]
    if len(course.nuclides) > 1 and quantity != VOLUME:
        # Uptake, half-life and dose of another nuclide are other quantities.
        there = [cycle for cycle in there if cycle.nuclide == there[0].nuclide]
    regions = [cycle.regions[name] for cycle in there]
    values = [_value(cycle, region, quantity) for cycle, region in zip(there, regions, strict=True)]
    if not values or values[0].value == 0:
        return None
    changes = []
    for cycle, region, value in zip(there[1:], regions[1:], values[1:], strict=True):
        shared = _ratio_u(regions[0], region) if quantity in (UPTAKE, DOSE) else None
        changes.append(changed(cycle.label, values[0], value, shared=shared))
    return Trend(
        region=name,
        kind=regions[0].kind,
        quantity=quantity,
        labels=tuple(cycle.label for cycle in there),
        values=tuple(values),
        changes=tuple(changes),
    )


def _ratio_u(before: CycleRegion, after: CycleRegion) -> float | None:
    """Relative u of the ratio of two doses by their sources: those with one key cancel as far as they are alike [1]."""
    if not before.errors or not after.errors:
        return None
    errors: dict[tuple[str, ...], float] = {}
    for region, cycle, sign in ((before, "before", -1.0), (after, "after", 1.0)):
        for part in region.errors:
            key = part.key(region.identity, cycle)
            errors[key] = errors.get(key, 0.0) + sign * part.relative
    return root_sum_square(list(errors.values()))


def _lesions(cycle: Cycle) -> dict[str, CycleRegion]:
    return {name: region for name, region in cycle.regions.items() if region.kind == "lesion"}


def _total_volume(first: Cycle, last: Cycle) -> Change:
    sums = []
    for cycle in (first, last):
        volumes = [region.volume for region in _lesions(cycle).values()]
        known = all(volume.u is not None for volume in volumes)
        u = root_sum_square([volume.u or 0.0 for volume in volumes]) if known else None
        value = math.fsum(volume.value for volume in volumes)
        sums.append(Measured(value=value, u=u, why_no_u="" if known else "a lesion's volume has none"))
    return changed(last.label, *sums)


def _verdict(each: Criteria, course: Course, volume: Change | None, new: int) -> Verdict:
    first, last = course.cycles[0], course.cycles[-1]
    step = math.inf
    if each.quantity == "total lesion volume":
        if volume is None:
            return Verdict(criteria=each, category="", change=None, u=None, why="no lesion was drawn in both cycles")
        change, u = volume.value, volume.u
    else:
        if first.sul_peak is None or last.sul_peak is None:
            why = "needs sul_peak, from an FDG PET, in the first and the last cycle"
            return Verdict(criteria=each, category="", change=None, u=None, why=why)
        change, u, step = last.sul_peak / first.sul_peak - 1, None, abs(last.sul_peak - first.sul_peak)
    return Verdict(
        criteria=each, category=category(each, change, new=new, step=step), change=change, u=u, why=_why(each, new, u, change)
    )


def category(each: Criteria, change: float, *, new: int, step: float = math.inf) -> str:
    """The category of a relative change with so many new lesions; ``step`` is the absolute change."""
    enough = step >= each.least_step
    grown = change >= each.progression and enough
    if (grown and new > 0) if each.new_lesions == "needed" else (grown or new > 0):
        return PROGRESSION
    if change <= -1 and new == 0:
        return COMPLETE
    if change <= each.response and enough and new == 0:
        return RESPONSE
    return STABLE


def _why(each: Criteria, new: int, u: float | None, change: float) -> str:
    said = f"{each.quantity} {change:+.0%}, {new} new lesion{'' if new == 1 else 's'}"
    near = [
        name
        for name, at in (("response", each.response), ("progression", each.progression))
        if u and abs(change - at) < TELLING * u
    ]
    return said + (f"; the threshold of {' and of '.join(near)} lies within the uncertainty" if near else "")
