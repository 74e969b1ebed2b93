"""What a workload brings to each of the staff, against the limits of the Directive."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy import units as un
from hevesy.app.columns import Columns, read_columns
from hevesy.errors import DataError
from hevesy.nuclides import load_nuclide
from hevesy.protection.distance import METRE
from hevesy.protection.release_tables import patient_constant
from hevesy.protection.staff import (
    INVESTIGATE,
    Limit,
    Spread,
    activity_for,
    category_a,
    field_dose,
    hand_dose,
    hand_rows,
    limits,
    ring_ratio,
)
from hevesy.tables.dated import DatedRow

NEEDED = ("person", "category", "nuclide")
KNOWN = ("task", "handled_GBq_per_year", "patients_per_year", "patient_MBq", "minutes", "distance_m", "transmission")
OWN = ("constraint_mSv", "earlier_4_years_mSv", "earlier_4_years_eye_mSv")  # of the person, in one of its rows
TEXTS = ("person", "category", "nuclide", "task")
MSV = 1e-3
BELOW = "eye and unborn child are taken at the dose of the body: no attenuation."


def protect_staff(path: Path, *, on: date | None = None) -> dict[str, Any]:
    """Predicted doses of a year by person.

    Parameters
    ----------
    path : path                         CSV with the columns person, category (worker, apprentice, pregnant, public), nuclide; for
                                        the hands task (preparation or administration) and handled_GBq_per_year; for body and
                                        eyes patients_per_year, patient_MBq, minutes and distance_m by patient, transmission. Of a
                                        person, in one of its rows: constraint_mSv, the constraint on the effective dose that the
                                        undertaking set (Article 6); earlier_4_years_mSv and earlier_4_years_eye_mSv, measured.
    """
    day = on or datetime.now().astimezone().date()
    table = read_columns(path, needed=NEEDED, known=(*KNOWN, *OWN), texts=TEXTS)
    people: dict[str, list[int]] = {}
    for row, name in enumerate(table.words["person"]):
        people.setdefault(name, []).append(row)
    used: list[DatedRow] = []
    made = {name: _person(table, rows, day, used) for name, rows in people.items()}
    unverified = sorted({row.citation for row in used if not row.verified})
    return {
        "schema": "hevesy-staff/1",
        "on": day.isoformat(),
        "persons": made,
        "remarks": [
            "a prediction from published means: workers differ by ten times and more. Measure with a dosimeter.",
            BELOW,
            "the dose rate beside a patient is that of a point in vacuum (air kerma); with F-18 that of AAPM TG-108.",
            *(f"unverified at the source: {text}." for text in unverified),
        ],
        "sources": [row.provenance() for row in {row.citation: row for row in used}.values()],
        "hevesy": __version__,
    }


def _cell(table: Columns, column: str, row: int) -> float | None:
    return table.numbers[column][row] if column in table.numbers else None


def _needed(table: Columns, column: str, row: int) -> float:
    value = _cell(table, column, row)
    if value is None:
        raise DataError(f"{table.where(row, column)}: it is empty, and patients_per_year is not. Fill it in.")
    return value


def _own(table: Columns, rows: Sequence[int], column: str) -> float | None:
    """What stands in one of the rows of a person [Sv]; None where nothing does."""
    found = {value for row in rows if (value := _cell(table, column, row)) is not None}
    if len(found) > 1 or any(value < 0 for value in found):
        raise DataError(f"{table.where(rows[0], column)}: a person has one value of 0 or more; got {sorted(found)}. Keep one.")
    return found.pop() * MSV if found else None


def _person(table: Columns, rows: Sequence[int], day: date, used: list[DatedRow]) -> dict[str, Any]:
    hands, body, allowed = [], 0.0, []
    for row in rows:
        nuclide = load_nuclide(table.words["nuclide"][row]).name
        if (handled := _cell(table, "handled_GBq_per_year", row)) is not None:
            task = table.words["task"][row] if "task" in table.words else ""
            found = hand_rows(nuclide, task, on=day)
            used += found.values()
            hands.append(hand_dose(handled * un.GBq, found))
            allowed.append({
                "nuclide": nuclide, "task": task, "GBq_for_500_mSv": activity_for(0.5, found["mean"]) / un.GBq,
                "GBq_for_150_mSv": activity_for(0.15, found["mean"]) / un.GBq,
            })  # fmt: skip
        if (patients := _cell(table, "patients_per_year", row)) is not None:
            through = _cell(table, "transmission", row)
            body += field_dose(
                patients=patients,
                activity=_needed(table, "patient_MBq", row) * un.MBq,
                constant=patient_constant(nuclide, on=day)[0],
                seconds=_needed(table, "minutes", row) * un.min_,
                distance=_needed(table, "distance_m", row) * METRE,
                transmission=1.0 if through is None else through,
            )
    ring = {name: ring_ratio(on=day, statistic=name) for name in ("least", "default", "most")}
    hand = Spread(value=sum(h.value for h in hands), least=_sum([h.least for h in hands]), most=_sum([h.most for h in hands]))
    whole = Spread(value=body, least=None, most=None)
    doses = {"effective": whole, "eye": whole, "unborn": whole, "extremities": hand, "skin": hand}
    categories = {table.words["category"][row] for row in rows}
    if len(categories) > 1:
        raise DataError(f"{table.where(rows[0], 'category')}: one person, {', '.join(sorted(categories))}. Give one category.")
    category = categories.pop()
    before = {"effective": _own(table, rows, "earlier_4_years_mSv"), "eye": _own(table, rows, "earlier_4_years_eye_mSv")}
    earlier = {name: value for name, value in before.items() if value is not None}
    found_limits = limits(doses, category, on=day, earlier=earlier)
    sure, possible = category_a(doses, on=day) if category in ("worker", "pregnant") else ((), ())
    used += [limit.row for limit in (*found_limits, *sure, *possible)]
    constraint = _own(table, rows, "constraint_mSv")
    if hands:
        used += list(ring.values())
    return {
        "category": category,
        "class": None if category not in ("worker", "pregnant") else "A" if sure else "B",
        "class_A_by": [one.quantity for one in sure],
        "class_A_by_most_exposed": [one.quantity for one in possible],
        "hand_mSv": hand.value / MSV,
        "hand_least_mSv": None if hand.least is None else hand.least / MSV,
        "hand_most_mSv": None if hand.most is None else hand.most / MSV,
        "ring_reading_mSv": {name: hand.value / MSV / row.number("ratio") for name, row in ring.items()},
        "body_mSv": body / MSV,
        "eye_mSv": body / MSV,
        "handled": allowed,
        "limits": [_limit(limit) for limit in found_limits],
        "constraint": None if constraint is None else _constraint(constraint, whole),
    }


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _constraint(constraint: float, dose: Spread) -> dict[str, Any]:
    """The undertaking's constraint on the effective dose of a year: no limit, but to be explained where it is passed."""
    return {
        "quantity": "effective",
        "constraint_mSv": constraint / MSV,
        "share_percent": 100 * dose.value / constraint if constraint > 0 else None,
        "verdict": "above" if dose.value > constraint else "below",
        "source": "stated in the file; Council Directive 2013/59/Euratom, Art. 6",
    }


def _limit(limit: Limit) -> dict[str, Any]:
    worst = limit.share if limit.share_most is None else max(limit.share, limit.share_most)
    verdict = (
        "above" if limit.share > 1 else "could be above" if worst > 1 else "monitor" if limit.share > INVESTIGATE else "below"
    )
    return {
        "quantity": limit.quantity,
        "limit_mSv": limit.limit / MSV,
        "years": limit.years,
        "note": limit.row["note"],
        "share_percent": 100 * limit.share,
        "share_most_percent": None if limit.share_most is None else 100 * limit.share_most,
        "verdict": verdict,
    } | limit.row.provenance()
