"""What is left under each limit, and a suggestion for the next cycle with its reason, for decision by the physician."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hevesy import units as un
from hevesy.anatomy import standard_name
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.course import RANDOM, Course, ErrorPart
from hevesy.planning.forecast import CHANGE_ORGAN
from hevesy.planning.ledger import LedgerRow, Part, by_label, total
from hevesy.planning.limits import Limit, means_together
from hevesy.radiobiology import Tissue

KEEP, REDUCE, STOP, IMAGE, NONE = "keep", "reduce", "stop", "re-image", "none"
# Of the intended activity: an administration of less is not suggested, but named as what would be left. A choice of this house.
LEAST_SHARE = 0.1
# Relative u of the sum above which scans come before a decision. A choice of this house.
TOO_UNCERTAIN = 0.3
MOST_FACTOR = 20.0  # searched above the last activity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allowance:
    """A limit, what was used of it, and what one more cycle could be.

    Attributes
    ----------
    limit : Limit
    row : LedgerRow
    tissue : Tissue or None
    used : Measured                     Sum so far, of the limit's quantity [Gy].
    left : float                        Limit minus used; below zero where it is passed [Gy].
    exceeded : float                    Probability that the sum so far is above the limit [1].
    per_activity : Measured             Dose per activity expected of the next cycle, that of the last [Gy/Bq].
    next_total : Measured               Sum after one more cycle with the intended activity [Gy].
    next_exceeded : float               Probability that it is above the limit [1].
    largest : float or None             Activity at which that probability is the limit's [Bq]; 0 where it is so already;
                                        None where no activity searched reaches it.
    """

    limit: Limit
    row: LedgerRow
    tissue: Tissue | None
    used: Measured
    left: float
    exceeded: float
    per_activity: Measured
    next_total: Measured
    next_exceeded: float
    largest: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suggestion:
    """What the numbers suggest, for decision by the physician; never an order.

    Attributes
    ----------
    kind : str                          "keep", "reduce", "stop", "re-image", or "none" where no limit was given.
    activity : float or None            For the next cycle [Bq]; None where none is suggested.
    intended : float                    That was asked about [Bq].
    reason : str
    deciding : str                      The region whose limit decides; "" where none does.
    remarks : tuple of str              What the numbers leave out.
    """

    kind: str
    activity: float | None
    intended: float
    reason: str
    deciding: str
    remarks: tuple[str, ...]


def rows_of(limit: Limit, rows: Sequence[LedgerRow]) -> tuple[LedgerRow, ...]:
    """The rows a limit is meant for: one by its name, each side of an organ, or with its plural both sides as one.

    Raises
    ------
    InputError
        The course has no such region.
    """
    wanted = limit.region.strip().casefold()
    named = [
        row for row in rows if wanted in (row.name.casefold(), *(m.casefold() for m in row.members if len(row.members) == 1))
    ]
    if named:
        return tuple(named)
    meant = standard_name(limit.region)
    if meant is not None:
        organ = [row for row in rows if row.kind != "lesion" and row.organ == meant.organ]
        joined = [row for row in organ if len(row.members) > 1] if means_together(limit.region, meant) else []
        found = joined or [row for row in organ if len(row.members) == 1]
        if meant.side:
            found = [row for row in found if row.name == meant.name]
        if found:
            return tuple(found)
    raise InputError(
        f"limit of {limit.region}: the course has no such region; there are {', '.join(row.name for row in rows)}. "
        "Draw it, or take the limit out."
    )


def allowances(
    course: Course,
    rows: Sequence[LedgerRow],
    limits: Sequence[Limit],
    *,
    tissue_named: Callable[[str], Tissue],
    activity: float,
    between_cycles: float | None,
) -> tuple[Allowance, ...]:
    """Each limit against what was given and against one more cycle like the last.

    The next cycle is the last one times X / A_last: dose in proportion, G as it was. Its systematic errors are those of the
    last cycle, its random ones too, since that cycle is what is known; on top comes how much a patient's dose per activity
    changes from cycle to cycle.  P(sum > limit) is that of a log-normal distribution.

    Parameters
    ----------
    activity : float                    Intended for the next cycle [Bq].
    between_cycles : float or None      Relative standard deviation of a dose per activity from cycle to cycle [1]; None takes
                                        the scatter of this course's own cycles, 10 % at least.

    Neglected: a trend of the dose per activity (see :mod:`hevesy.planning.response`), other shapes of the distribution.
    """
    last = course.cycles[-1]
    found = []
    for limit in limits:
        for row in rows_of(limit, rows):
            tissue = tissue_named(limit.tissue) if limit.tissue else None
            if not any(part.label == last.label for part in row.parts):
                raise InputError(f"limit of {row.name}: it was not drawn in {last.label}, the last cycle. Draw it there.")
            spread = _scatter(course, row) if between_cycles is None else between_cycles
            after = _with_next(row, last.label, last.administered_activity, spread)
            used = total(row, limit.quantity, tissue)
            at = total(row, limit.quantity, tissue, parts=after(activity))
            dose = by_label(row)[last.label]
            found.append(
                Allowance(
                    limit=limit,
                    row=row,
                    tissue=tissue,
                    used=used,
                    left=limit.value - used.value,
                    exceeded=above(used, limit.value),
                    per_activity=replace(
                        dose,
                        value=dose.value / last.administered_activity,
                        u=None if dose.u is None else dose.u / last.administered_activity,
                    ),
                    next_total=at,
                    next_exceeded=above(at, limit.value),
                    largest=_largest(
                        lambda X, row=row, limit=limit, tissue=tissue, after=after: above(  # type: ignore[misc]
                            total(row, limit.quantity, tissue, parts=after(X)), limit.value
                        ),
                        limit.probability,
                        last.administered_activity,
                    ),
                )
            )
    return tuple(found)


def above(value: Measured, limit: float) -> float:
    """P(value > limit) of a log-normal distribution about the value; 0 or 1 where there is no u."""
    if not value.u or value.value <= 0:
        return 1.0 if value.value > limit else 0.0
    sigma = math.sqrt(math.log1p((value.u / value.value) ** 2))
    return 0.5 * math.erfc(math.log(limit / value.value) / (sigma * math.sqrt(2)))


def suggest(
    course: Course,
    found: Sequence[Allowance],
    *,
    activity: float,
    between_cycles: float | None,
    warnings: Mapping[str, str] | None = None,
) -> Suggestion:
    """Keep, reduce, stop or image again, and why.

    In this order: a limit that is passed, or leaves less than a tenth of the intended activity, suggests to stop; an organ
    with a limit whose last fit is ill-posed, that was not drawn in some cycle, or whose sum has a relative u above 30 %
    suggests to image first; a limit that the intended activity would pass suggests less.

    Parameters
    ----------
    activity : float                    Intended [Bq].
    warnings : mapping                  What a reader should look at before, such as a change of kinetics, by subject.
    """
    remarks = _remarks(course, found, between_cycles)
    remarks += [f"{subject}: {text}" for subject, text in (warnings or {}).items()]
    if not found:
        reason = "No limit was given, so nothing can be said of the next activity. Give limits for the organs at risk."
        return Suggestion(kind=NONE, activity=None, intended=activity, reason=reason, deciding="", remarks=tuple(remarks))
    kind, allowed, reason, deciding = _verdict(found, activity)
    return Suggestion(kind=kind, activity=allowed, intended=activity, reason=reason, deciding=deciding, remarks=tuple(remarks))


def _verdict(found: Sequence[Allowance], activity: float) -> tuple[str, float | None, str, str]:
    """Kind, activity, reason and the region that decides."""
    tightest = min(found, key=lambda each: math.inf if each.largest is None else each.largest)
    limit, name = tightest.limit, tightest.row.name
    said = f"{limit.quantity} limit of {limit.value / un.Gy:g} Gy of {name}"
    largest = math.inf if tightest.largest is None else tightest.largest
    used = _text(tightest.used)
    if largest < LEAST_SHARE * activity:
        what = (
            f"was reached: {used} so far, and the probability that it is passed is {_percent(tightest.exceeded)}"
            if tightest.exceeded > limit.probability
            else f"leaves {largest / un.GBq:.2g} GBq, less than a tenth of the {activity / un.GBq:.3g} GBq intended, after {used}"
        )
        return STOP, None, f"The {said} {what}.", name
    if doubts := _doubts(found):
        return IMAGE, None, f"Before a decision: {' '.join(doubts)}", name
    if largest < activity:
        reason = (
            f"With {activity / un.GBq:.3g} GBq the {said} would be passed with a probability of "
            f"{_percent(tightest.next_exceeded)}, {_percent(limit.probability)} is allowed. {used} so far; "
            f"{largest / un.GBq:.3g} GBq hold it with a probability of {_percent(1 - limit.probability)}."
        )
        return REDUCE, largest, reason, name
    reason = (
        f"One more cycle of {activity / un.GBq:.3g} GBq holds every limit. The nearest is the {said}: {used} so far, "
        f"{_text(tightest.next_total)} after it, passed with a probability of {_percent(tightest.next_exceeded)}; "
        f"{_percent(limit.probability)} is allowed."
    )
    return KEEP, activity, reason, name


def _with_next(row: LedgerRow, label: str, given: float, spread: float) -> Callable[[float], list[Part]]:
    """The parts of a row after one more cycle with activity X, as a function of X."""
    last = [part for part in row.parts if part.label == label]
    change = ErrorPart(source="from cycle to cycle", relative=spread, kind=RANDOM, shared=True)

    def after(X: float) -> list[Part]:
        # The label stays that of the last cycle: its random errors are those of the prediction.
        more = [replace(part, D=part.D * X / given, errors=(*part.errors, change)) for part in last]
        return [*row.parts, *more]

    return after


def _scatter(course: Course, row: LedgerRow) -> float:
    """Relative standard deviation of the dose per activity over the cycles; of few it is hardly known, so not below 10 % [1]."""
    given = {cycle.label: cycle.administered_activity for cycle in course.cycles}
    values = [dose.value / given[label] for label, dose in by_label(row).items() if label in given]
    if len(values) < 2 or min(values) <= 0:
        return CHANGE_ORGAN
    mean = math.fsum(values) / len(values)
    own = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)) / mean
    return max(own, CHANGE_ORGAN)


def _largest(risk: Callable[[float], float], allowed: float, given: float) -> float | None:
    """The activity at which the risk is the allowed one, by bisection; the risk grows with activity."""
    if risk(0.0) > allowed:
        return 0.0
    low, high = 0.0, MOST_FACTOR * given
    if risk(high) <= allowed:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if risk(middle) <= allowed else (low, middle)
    return low


def _doubts(found: Sequence[Allowance]) -> list[str]:
    said = []
    for each in {id(a.row): a for a in found}.values():
        row = each.row
        if row.ill_posed:
            said.append(
                f"the fit of {row.name} is ill-posed in {', '.join(row.ill_posed)}; scan it at more times or read it again."
            )
        if row.missing:
            said.append(f"{row.name} was not drawn in {', '.join(row.missing)}, so its sum is a lower bound; draw it.")
        if (each.used.relative or 0.0) > TOO_UNCERTAIN:
            said.append(f"the sum of {row.name} has an uncertainty of {each.used.relative:.0%}; scans that lower it come first.")
    return said


def _remarks(course: Course, found: Sequence[Allowance], between_cycles: float | None) -> list[str]:
    said = []
    for each in found:
        if each.used.u is None:
            said.append(
                f"{each.row.name}: its sum has no uncertainty ({each.used.why_no_u}): the probability is that of the value alone."
            )
        if each.tissue is not None and (each.tissue.alpha_beta.u is None or each.tissue.repair_u is None):
            said.append(f"tissue {each.tissue.name}: no uncertainty of alpha/beta or repair is stated, and none is counted.")
        if each.tissue is not None and each.tissue.assumed:
            said.append(f"tissue {each.tissue.name}: u of {' and '.join(each.tissue.assumed)} is an assumption of Hevesy.")
        if each.tissue is not None and each.tissue.how == "recalled":
            said.append(f"tissue {each.tissue.name}: its parameters are unverified at the source ({each.tissue.source}).")
        if not each.limit.source:
            said.append(f"limit of {each.limit.region}: who set it is not stated.")
    for one in {id(each.limit): each.limit for each in found}.values():
        rows = [each.row for each in found if each.limit is one]
        meant, own = standard_name(one.region), standard_name(rows[0].name)
        if len(rows) == 1 and len(rows[0].members) == 1 and meant and not meant.side and own is not None and own.side:
            said.append(f"limit of {one.region}: only {rows[0].name} was drawn; the other side is under no limit.")
    if found and between_cycles is None:
        said.append(
            f"Change of the dose per activity from cycle to cycle: the scatter of this course's cycles, "
            f"{CHANGE_ORGAN:.0%} at least, an assumption. State between_cycles where your own patients tell it."
        )
    return list(dict.fromkeys(said))


def _text(value: Measured) -> str:
    u = "" if value.u is None else f" ± {value.u / un.Gy:.2g}"
    return f"{value.value / un.Gy:.3g}{u} Gy"


def _percent(p: float) -> str:
    if p < 0.001:
        return "below 0.1 %"
    return f"{100 * p:.1f} %" if p < 0.095 and round(1000 * p) % 10 else f"{100 * p:.0f} %"
