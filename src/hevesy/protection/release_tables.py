"""Patterns of contacts, retention and dose rate constants from their tables."""

import difflib
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.protection.contacts import Contact, Pattern
from hevesy.protection.distance import METRE
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
# uSv m2/(MBq h) in Sv m2/(Bq s)
CONSTANT = 1e-6 / (un.MBq * un.h)


def pattern_rows(*, on: date, overlay: Path | None = None) -> dict[str, tuple[DatedRow, ...]]:
    """The rows of each pattern of contacts that hold on a day, by its name."""
    rows = dated_rows(PACKAGE, "contact_patterns", overlay=overlay, keys=("pattern", "start_h"))
    return {
        name: in_force([row for row in rows if row["pattern"] == name], on)
        for name in dict.fromkeys(row["pattern"] for row in rows)
    }


def pattern_of(rows: Sequence[DatedRow]) -> Pattern:
    """The pattern that rows of the table describe."""
    return Pattern(
        name=rows[0]["pattern"],
        once=rows[0]["repeats"] == "once",
        contacts=tuple(
            Contact(
                start=row.number("start_h") * un.h,
                duration=row.number("hours") * un.h,
                distance=row.number("distance_m") * METRE,
            )
            for row in rows
        ),
    )


def published_restrictions(
    nuclide: str, *, on: date, activity: float | None = None, overlay: Path | None = None
) -> tuple[DatedRow, ...]:
    """Days of restriction that others published for a nuclide, and for an activity [Bq] where they say so; for comparison."""
    rows = dated_rows(
        PACKAGE, "published_restrictions", overlay=overlay, keys=("nuclide", "therapy", "setting", "from_MBq", "what")
    )

    def fits(row: DatedRow) -> bool:
        low, high = row.number_or_none("from_MBq") or 0.0, row.number_or_none("to_MBq") or math.inf
        return activity is None or low <= activity / un.MBq <= high

    return tuple(row for row in rows if row["nuclide"] == nuclide and fits(row) and row.holds(on))


def retention_of(therapy: str, *, on: date, overlay: Path | None = None) -> tuple[DatedRow, ...]:
    """The phases of a therapy's retention."""
    rows = dated_rows(PACKAGE, "retention", overlay=overlay, keys=("therapy", "phase"))
    return in_force(_named(therapy, rows, "therapy"), on)


def constant_of(nuclide: str, *, on: date, kind: str = "", overlay: Path | None = None) -> DatedRow:
    """A dose rate constant of the table for a nuclide: of the patient if there is one, else the first."""
    rows = dated_rows(PACKAGE, "dose_rate_constants", overlay=overlay, keys=("nuclide", "kind"))
    found = [row for row in in_force(_named(nuclide, rows, "nuclide"), on) if not kind or row["kind"] == kind]
    if not found:
        raise ScopeError(f"{nuclide}: no dose rate constant of the kind {kind!r}. Leave it out, or state your own constant.")
    return min(found, key=lambda row: row["kind"] != "patient")


def patient_constant(nuclide: str, *, on: date, overlay: Path | None = None) -> tuple[float, str]:
    """Dose rate constant to take for a patient [Sv m2/(Bq s)] and what it is.

    Of the patient if the table has one; else air kerma of a point in vacuum, from the table or computed. Exposure constants
    of guides are left out: they take 1 R as 10 mSv.
    """
    rows = dated_rows(PACKAGE, "dose_rate_constants", overlay=overlay, keys=("nuclide", "kind"))
    held = [row for row in rows if row["nuclide"] == nuclide and row["kind"] in ("patient", "air kerma") and row.holds(on)]
    if held:
        row = min(held, key=lambda each: each["kind"] != "patient")
        return row.number("constant_uSv_m2_per_MBq_h") * CONSTANT, f"{row['kind']}, {row.citation}"
    from hevesy.dose.air_kerma import air_kerma_rate_constant

    return air_kerma_rate_constant(nuclide), "air kerma of a point in vacuum, computed from the emissions of ICRP 107"


def _named(name: str, rows: Sequence[DatedRow], column: str) -> list[DatedRow]:
    """The rows of that name; an unknown one is answered with the nearest known ones."""
    if found := [row for row in rows if row[column].casefold() == name.casefold()]:
        return found
    known = sorted({row[column] for row in rows})
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    said = f"Did you mean {' or '.join(near)}? " if near else ""
    raise InputError(f"{column} {name!r} is not in the table. {said}Known are {', '.join(known)}.")
