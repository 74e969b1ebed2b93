"""When a country's rules let a patient go, and which rule decides."""

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hevesy import units as un
from hevesy.errors import DataError, InputError, ScopeError
from hevesy.protection.contacts import DAY
from hevesy.protection.distance import METRE, DistanceLaw, relative_dose_rate
from hevesy.protection.dose_rate import USV_PER_H, DoseRateCurve, dose_after, dose_rate
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
QUANTITIES = ("time", "activity", "dose rate", "dose")
LATEST = 3650 * DAY
INSTRUCTIONS = "instructions"  # a group that does not hold the patient back


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFinding:
    """One rule applied to one patient.

    Attributes
    ----------
    row : DatedRow
    met_after : float or None           After the administration [s]; None where its quantity is not known.
    value : float or None               The quantity at the administration, in the unit of the rule.
    """

    row: DatedRow
    met_after: float | None
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """When all groups of rules are met.

    Attributes
    ----------
    country : str
    release_after : float               [s] after the administration.
    decided_by : RuleFinding or None    The rule of the last group that was met; None where all are met at once.
    findings : tuple of RuleFinding
    instructions : bool or None         Whether written instructions are asked for at that time; None where no rule says.
    """

    country: str
    release_after: float
    decided_by: RuleFinding | None
    findings: tuple[RuleFinding, ...]
    instructions: bool | None


def countries(overlay: Path | None = None) -> tuple[str, ...]:
    """The countries and bodies of the table of rules."""
    return tuple(dict.fromkeys(row["country"] for row in dated_rows(PACKAGE, "release_rules", overlay=overlay)))


def rules_of(country: str, nuclide: str, *, on: date, overlay: Path | None = None) -> tuple[DatedRow, ...]:
    """The rules of a country for a nuclide that hold on a day.

    Raises
    ------
    InputError
        The country is not in the table. The message names the nearest ones.
    ScopeError
        It has no rule for the nuclide, or none of that day.
    """
    rows = dated_rows(PACKAGE, "release_rules", overlay=overlay, keys=("country", "nuclide", "group", "quantity"))
    known = sorted({row["country"] for row in rows})
    if country not in known:
        near = difflib.get_close_matches(country.upper(), known, n=3, cutoff=0.3)
        said = f"Did you mean {' or '.join(near)}? " if near else ""
        raise InputError(f"country {country!r}: rules are known for {', '.join(known)}. {said}Or lay your own table over ours.")
    # A rule for the nuclide goes before the general one of the same group and quantity.
    own = [row for row in rows if row["country"] == country and row["nuclide"] == nuclide]
    special = {(row["group"], row["quantity"]) for row in own}
    general = [
        row for row in rows if row["country"] == country and not row["nuclide"] and (row["group"], row["quantity"]) not in special
    ]
    if not own and not general:
        raise ScopeError(f"country {country}: no rule is known for {nuclide}. Ask the authority, and add it by your own table.")
    return in_force((*own, *general), on)


def decide(
    rules: Sequence[DatedRow],
    curve: DoseRateCurve,
    *,
    law: DistanceLaw,
    activity: float | None = None,
) -> Decision:
    """The earliest release by rules of one country.

    All groups must be met; in a group one rule suffices. The time is that of the last group, by the first of its rules.

        dose rate   F(d) H(t) <= limit
        dose        E F(d) integral_t^inf H dt <= limit
        activity    A0 H(t)/H(0) <= limit, where A0 is known
        time        t >= limit

    Parameters
    ----------
    activity : float, optional          Administered [Bq].
    """
    findings = tuple(_apply(row, curve, law=law, activity=activity) for row in rules)
    groups: dict[str, list[RuleFinding]] = {}
    for finding in findings:
        if finding.row["group"] != INSTRUCTIONS:
            groups.setdefault(finding.row["group"], []).append(finding)
    last: RuleFinding | None = None
    after = 0.0
    for name, members in groups.items():
        known = [f for f in members if f.met_after is not None]
        if not known:
            raise InputError(
                f"rules of {members[0].row['country']}, group {name}: {members[0].row['text']} needs the administered activity. "
                "State it."
            )
        first = min(known, key=lambda f: f.met_after or 0.0)
        if (first.met_after or 0.0) > after:
            after, last = first.met_after or 0.0, first
    asked = [f for f in findings if f.row["group"] == INSTRUCTIONS and f.met_after is not None]
    return Decision(
        country=rules[0]["country"],
        release_after=after,
        decided_by=last,
        findings=findings,
        instructions=any((f.met_after or 0.0) > after for f in asked) if asked else None,
    )


def _apply(row: DatedRow, curve: DoseRateCurve, *, law: DistanceLaw, activity: float | None) -> RuleFinding:
    limit, quantity = row.number("limit"), row["quantity"]
    if quantity not in QUANTITIES:
        raise DataError(f"rule {row['text']!r}: quantity {quantity!r} is not one of {', '.join(QUANTITIES)}. Correct the table.")
    if quantity == "time":
        return RuleFinding(row=row, met_after=limit * un.h, value=0.0)
    if quantity == "activity":
        if activity is None:
            return RuleFinding(row=row, met_after=None, value=None)
        start = dose_rate(curve, 0.0).value

        def stays(t: float) -> float:
            return activity / un.MBq * dose_rate(curve, t).value / start

        return RuleFinding(row=row, met_after=_first(stays, limit), value=stays(0.0))
    factor = relative_dose_rate(row.number("distance_m") * METRE, law)
    if quantity == "dose rate":

        def rate(t: float) -> float:
            return factor * dose_rate(curve, t).value / USV_PER_H

        return RuleFinding(row=row, met_after=_first(rate, limit), value=rate(0.0))
    occupancy = row.number("occupancy")

    def total(t: float) -> float:
        return occupancy * factor * dose_after(curve, t).value * 1e3

    return RuleFinding(row=row, met_after=_first(total, limit), value=total(0.0))


def _first(amount: Callable[[float], float], limit: float) -> float:
    """The first time at which a falling amount is at most the limit, to a second."""
    if amount(0.0) <= limit:
        return 0.0
    low, high = 0.0, DAY
    while amount(high) > limit:
        low, high = high, 2 * high
        if high > LATEST:
            raise ScopeError(f"even after ten years {amount(high):g} is above {limit:g}. Check dose rate and nuclide.")
    while high - low > 1.0:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if amount(middle) > limit else (low, middle)
    return math.ceil(high)


def constraint_of(country: str, kind: str, *, on: date, overlay: Path | None = None) -> DatedRow:
    """The dose constraint for a kind of person in a country; that of the European guidance (EU) where the country states none."""
    rows = dated_rows(PACKAGE, "dose_constraints", overlay=overlay, keys=("country", "kind"))
    kinds = sorted({row["kind"] for row in rows})
    if kind not in kinds:
        raise InputError(f"kind of person {kind!r}: known are {', '.join(kinds)}. Choose one.")
    for place in (country, "EU"):
        if found := [row for row in rows if row["country"] == place and row["kind"] == kind]:
            return in_force(found, on)[-1]
    raise DataError(f"no constraint for {kind} in {country} or EU. Reinstall hevesy, or add it by your own table.")
