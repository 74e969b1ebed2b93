"""Absorbed dose of the conceptus after a radiopharmaceutical, by every source that has it, and the questions before."""

from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.patient_quantities import day_of
from hevesy.app.protect_activity import sources
from hevesy.app.quantities import quantity, written
from hevesy.errors import InputError
from hevesy.protection.activity import least_minimum
from hevesy.protection.conceptus import (
    LARGER,
    NO_U,
    STAGE_POLICIES,
    ConceptusDose,
    conceptus_dose,
    known_conceptus_tracers,
    said_of,
)
from hevesy.protection.questions import questions
from hevesy.protection.tracers import Tracer, tracer
from hevesy.units import MBq, mGy

NOTE = "An estimate for a stage, not for this conceptus. A dose of the CT comes on top."
PLAUSIBLE = 0.01 * MBq, 10_000 * MBq


def protect_pregnancy(
    name: str, activity: str, weeks: str, *, between: str = LARGER, on: str = "", own: Path | None = None
) -> dict[str, Any]:
    """The largest dose of the sources as the answer, and all of them beside it."""
    substance = tracer(name)
    A0 = _plausible(substance, quantity(activity, "activity", name="activity"))
    stage, day = _weeks(weeks), day_of(on)
    found = conceptus_dose(substance, A0, stage, on=day, between=between, own=own)
    asked = questions("pregnancy", day)
    first = found[0]
    remarks = [*said_of(substance, stage)]
    if not first.listed:
        names = " and ".join(dict.fromkeys(row["stage"] for row in first.rows))
        remarks.append(f"{first.set_name} does not list {stage:g} weeks, but {names}: {first.stage} was taken.")
    if len(found) > 1:
        remarks.append("the sources differ: the largest dose is given first.")
    remarks += dict.fromkeys(row["remark"] for row in first.rows if row["remark"])
    return {
        "schema": "hevesy-conceptus-dose/1",
        "hevesy": __version__,
        "tracer": substance.name,
        "asked": name,
        "activity_MBq": round(A0 / MBq, 6),
        "weeks": stage,
        "on": day.isoformat(),
        "conceptus_dose_mGy": _tidy(first.value / mGy),
        "u_conceptus_dose_mGy": None,
        "why_no_u": NO_U,
        "quantity": "absorbed dose of the conceptus, not an effective dose",
        "stage": first.stage,
        "stage_listed": first.listed,
        "stage_policy": STAGE_POLICIES[between],
        "coefficient_mGy_per_MBq": _tidy(first.coefficient / mGy * MBq),
        "set": first.set_name,
        "by_source": [_facts(each, A0) for each in found],
        "questions": [{"question": row["question"], "source": row.citation, "unverified": not row.verified} for row in asked],
        **sources([first.row, *(row for each in found for row in each.rows if row is not first.row), *asked]),
        "remarks": remarks,
        "note": NOTE,
    }


def listed_conceptus_tracers(own: Path | None = None) -> dict[str, Any]:
    """The tracers with a coefficient."""
    return {"schema": "hevesy-conceptus-tracers/1", "hevesy": __version__, "tracers": list(known_conceptus_tracers(own))}


def _plausible(substance: Tracer, activity: float) -> float:
    """A slip of a thousand is asked back, as for effective dose."""
    least = max(PLAUSIBLE[0], 0.1 * (least_minimum(substance) or 0.0))
    if not least <= activity <= PLAUSIBLE[1]:
        raise InputError(
            f"administered activity: got {activity / MBq:g} MBq {substance.name}; {least / MBq:g} to "
            f"{PLAUSIBLE[1] / MBq:g} MBq is plausible. Check the unit."
        )
    return activity


def _weeks(text: str) -> float:
    found = written(text)
    if found is None or found.u is not None or found.unit not in {"", "week", "weeks", "wk", "w"}:
        raise InputError(f'weeks of pregnancy: got {text!r}; write a number of weeks, for example "12".')
    return found.value


def _facts(found: ConceptusDose, activity: float) -> dict[str, Any]:
    return {
        "set": found.set_name,
        "conceptus_dose_mGy": _tidy(found.value / mGy),
        "lowest_neighbour_mGy": _tidy(activity * found.lowest / mGy),
        "highest_neighbour_mGy": _tidy(activity * found.highest / mGy),
        "coefficient_mGy_per_MBq": _tidy(found.coefficient / mGy * MBq),
        "stage": found.stage,
        "stage_listed": found.listed,
        **found.row.provenance(),
    }


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")
