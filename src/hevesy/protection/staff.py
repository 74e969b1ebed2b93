"""Doses that a workload brings to the staff, and the limits of the Directive."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.protection.distance import METRE
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
TASKS = ("preparation", "administration")
CATEGORIES = ("worker", "apprentice", "pregnant", "public")
USV_PER_GBQ = 1e-6 / u.GBq  # Sv/Bq
INVESTIGATE = 0.3  # share of a limit from which monitoring is usual: three tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A dose and the least and most of the workers who were measured [Sv]; None where no spread is published."""

    value: float
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit [Sv] over a number of years and what of it is used: by the mean worker, and by the most exposed one [1]."""

    row: DatedRow
    quantity: str
    limit: float
    years: float
    share: float
    share_most: float | None


def hand_rows(nuclide: str, task: str, *, on: date, overlay: Path | None = None) -> dict[str, DatedRow]:
    """The rows mean, least and most of the dose to the hands by activity."""
    if task not in TASKS:
        raise InputError(f"task {task!r}: {' and '.join(TASKS)} are known. Choose one.")
    rows = dated_rows(PACKAGE, "staff_hands", overlay=overlay, keys=("nuclide", "task", "statistic"))
    found = [row for row in rows if row["nuclide"] == nuclide and row["task"] == task]
    if not found:
        known = ", ".join(sorted({row["nuclide"] for row in rows}))
        raise ScopeError(f"{nuclide}: published doses to the hands are known for {known}. Measure, and add your own table.")
    return {row["statistic"]: row for row in in_force(found, on)}


def hand_dose(activity: float, rows: dict[str, DatedRow]) -> Spread:
    """Highest dose to the skin of the hands for a handled activity [Bq].

        H_p(0.07) = A k,  k by nuclide and task, mean over workers and its range

    Neglected: what a department's shields and habits change, which is most of the range. Reference: ORAMED, in the rows.
    """
    if not (math.isfinite(activity) and activity >= 0):
        raise InputError(f"handled activity is {activity} Bq; it must be zero or more.")

    def of(statistic: str) -> float | None:
        return rows[statistic].number("dose_uSv_per_GBq") * USV_PER_GBQ * activity if statistic in rows else None

    return Spread(value=of("mean") or 0.0, least=of("least"), most=of("most"))


def activity_for(limit: float, row: DatedRow) -> float:
    """Handled activity at which the hands receive ``limit`` [Sv] by a row of the table [Bq]."""
    return limit / (row.number("dose_uSv_per_GBq") * USV_PER_GBQ)


def ring_ratio(*, on: date, statistic: str = "default", overlay: Path | None = None) -> DatedRow:
    """Highest dose of the hand by the reading of a ring at the base of the index finger: "least", "default" or "most"."""
    rows = in_force(dated_rows(PACKAGE, "fingertip_ratio", overlay=overlay, keys=("statistic",)), on)
    return next(row for row in rows if row["statistic"] == statistic)


def field_dose(
    *, patients: float, activity: float, constant: float, seconds: float, distance: float, transmission: float = 1.0
) -> float:
    """Dose to body and eye from standing near patients.

        H = N A Gamma t B / d^2

    Parameters
    ----------
    patients : float                    N.
    activity : float                    A in each, when it is near [Bq].
    constant : float                    Gamma of the patient [Sv m2/(Bq s)].
    seconds, distance : float           t by patient [s], d [mm].
    transmission : float                B of a shield [1].

    Returns
    -------
    float                               [Sv]. The eye, and a child unborn, are taken to receive the same: no more than it.

    Neglected: decay while near, attenuation in the worker, contamination.
    """
    for name, value in {"patients": patients, "activity": activity, "seconds": seconds}.items():
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"{name} is {value}; it must be zero or more.")
    if not 0 <= transmission <= 1:
        raise InputError(f"transmission is {transmission}; it lies between 0 and 1.")
    if not distance > 0:
        raise InputError(f"distance is {distance / METRE} m; it must be above zero.")
    return patients * activity * constant * seconds * transmission / (distance / METRE) ** 2


def limits(
    doses: dict[str, Spread], category: str, *, on: date, earlier: Mapping[str, float] | None = None, overlay: Path | None = None
) -> tuple[Limit, ...]:
    """What of each limit of a category is used; a pregnant worker keeps those of workers and that of the unborn child.

    Parameters
    ----------
    doses : mapping                     Of this year by quantity: "effective", "eye", "skin", "extremities", "unborn" [Sv].
    earlier : mapping                   Of the four years before, by quantity [Sv]. Limits that sum five years are told only
                                        where it is known.
    """
    if category not in CATEGORIES:
        raise InputError(f"category {category!r}: known are {', '.join(CATEGORIES)}. Choose one.")
    known = earlier or {}
    wanted: Sequence[str] = ("worker", "pregnant") if category == "pregnant" else (category,)
    made = []
    for row in _limit_rows(wanted, on, overlay):
        quantity, years = row["quantity"], row.number_or_none("years") or 1
        dose = doses.get(quantity)
        if dose is None or (years > 1 and quantity not in known):
            continue
        before = known[quantity] if years > 1 else 0.0
        allowed = row.number("limit_mSv") * 1e-3
        most = None if dose.most is None else (before + dose.most) / allowed
        made.append(
            Limit(row=row, quantity=quantity, limit=allowed, years=years, share=(before + dose.value) / allowed, share_most=most)
        )
    return tuple(made)


def category_a(doses: dict[str, Spread], *, on: date, overlay: Path | None = None) -> tuple[tuple[Limit, ...], tuple[Limit, ...]]:
    """Quantities by which a worker belongs to category A: of the mean worker, and of the most exposed one alone.

    Category A holds those who are liable to receive more than three tenths of a limit (Directive, Article 40).
    """
    found = [
        Limit(
            row=row,
            quantity=row["quantity"],
            limit=row.number("limit_mSv") * 1e-3,
            years=1,
            share=doses[row["quantity"]].value / (row.number("limit_mSv") * 1e-3),
            share_most=None if (most := doses[row["quantity"]].most) is None else most / (row.number("limit_mSv") * 1e-3),
        )
        for row in _limit_rows(("category-b",), on, overlay)
        if row["quantity"] in doses
    ]
    sure = tuple(one for one in found if one.share > 1)
    return sure, tuple(one for one in found if one.share <= 1 < (one.share_most or 0.0))


def _limit_rows(wanted: Sequence[str], on: date, overlay: Path | None) -> tuple[DatedRow, ...]:
    rows = dated_rows(PACKAGE, "dose_limits", overlay=overlay, keys=("category", "quantity", "years"))
    return in_force([row for row in rows if row["category"] in wanted], on)
