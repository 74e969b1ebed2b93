"""Absorbed dose of the conceptus after a radiopharmaceutical to the mother, by stage of pregnancy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from hevesy.errors import InputError, ScopeError
from hevesy.protection.tracers import Tracer
from hevesy.tables import DatedRow, dated_rows, in_force
from hevesy.units import MBq, mGy

LARGER, NEAREST = "larger", "nearest"
STAGE_POLICIES = {
    LARGER: "between two listed stages nothing is interpolated: the larger coefficient of the two neighbours is taken",
    NEAREST: "between two listed stages nothing is interpolated: the nearest stage is taken, the larger one of two equally near",
}
NO_U = (
    "the source gives no uncertainty: the coefficient belongs to a phantom of the stage or to single patients, "
    "and the uptake of this conceptus is not known"
)
NOT_EFFECTIVE_DOSE = (
    "this is the absorbed dose of the conceptus; the effective dose of the mother is another quantity and does not stand for it."
)
LAST_WEEK = 42.0
# Iodide that crosses the placenta is taken up from about the tenth week (ICRP Publication 84).
FETAL_THYROID = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptusDose:
    """Absorbed dose of the conceptus by one source.

    Attributes
    ----------
    value : float                       D [Gy].
    coefficient : float                 D/A0 [Gy/Bq]; the largest of several patients of the stage.
    lowest, highest : float             D/A0 of all rows that were looked at, both neighbours included [Gy/Bq].
    stage : str                         The listed stage that was taken.
    listed : bool                       Whether the source lists the stage asked for.
    """

    value: float
    coefficient: float
    lowest: float
    highest: float
    set_name: str
    stage: str
    listed: bool
    row: DatedRow
    rows: tuple[DatedRow, ...]


def known_conceptus_tracers(own: Path | None = None) -> tuple[str, ...]:
    """Every tracer with a coefficient."""
    return tuple(dict.fromkeys(row["tracer"] for row in _table(own)))


def conceptus_dose(
    tracer: Tracer, activity: float, weeks: float, *, on: date, between: str = LARGER, own: Path | None = None
) -> tuple[ConceptusDose, ...]:
    """Absorbed dose of the conceptus by every source that has the tracer; the largest dose stands first.

        D = A0 (D/A0)(tracer, stage)

    Neglected: the CT of a hybrid examination, and the patient's own anatomy, bladder and uptake.

    Parameters
    ----------
    activity : float                    A0 given to the mother [Bq].
    weeks : float                       Weeks of pregnancy, as the sources count them.
    between : str                       "larger" or "nearest": see :data:`STAGE_POLICIES`.

    Raises
    ------
    InputError, ScopeError
        A tracer without coefficient; weeks outside those of every source; a superseded coefficient.
    """
    if between not in STAGE_POLICIES:
        raise InputError(f"between stages: got {between!r}; allowed are {', '.join(STAGE_POLICIES)}. Write one of them.")
    if not 0 <= weeks <= LAST_WEEK:
        raise InputError(f"weeks of pregnancy: got {weeks:g}; 0 to {LAST_WEEK:g} is possible. Correct the number.")
    rows = in_force(_of_tracer(_table(own), tracer), on)
    sets = tuple(dict.fromkeys(row["set"] for row in rows))
    grouped = {name: [row for row in rows if row["set"] == name] for name in sets}
    fitting = {name: own_rows for name, own_rows in grouped.items() if _span(own_rows)[0] <= weeks <= _span(own_rows)[1]}
    if not fitting:
        spans = "; ".join(f"{name}: {_span(r)[0]:g} to {_span(r)[1]:g} weeks" for name, r in grouped.items())
        late = " From about 10 weeks the fetal thyroid takes up iodide." if _iodide(tracer) and weeks >= FETAL_THYROID else ""
        raise ScopeError(
            f"{tracer.name} at {weeks:g} weeks: no source has this stage ({spans}).{late} "
            "Ask your medical physics expert for a calculation, or lay your own table over it: --own-table."
        )
    found = [_by_set(name, own_rows, activity, weeks, between) for name, own_rows in fitting.items()]
    return tuple(sorted(found, key=lambda dose: -dose.value))


def said_of(tracer: Tracer, weeks: float) -> tuple[str, ...]:
    """What has to be said of a tracer and a stage whatever the dose is."""
    said = [NOT_EFFECTIVE_DOSE]
    if _iodide(tracer):
        said.append(
            "iodide crosses the placenta, and the fetal thyroid takes it up from about 10 weeks: its own dose is not in this one."
            + (" The patient is near that stage." if weeks >= FETAL_THYROID - 2 else "")
        )
    return tuple(said)


def _iodide(tracer: Tracer) -> bool:
    return tracer.name.endswith(" iodide")


def _table(own: Path | None) -> tuple[DatedRow, ...]:
    return dated_rows("hevesy.protection", "conceptus_dose", overlay=own, keys=("set", "tracer", "stage"))


def _of_tracer(table: Sequence[DatedRow], tracer: Tracer) -> list[DatedRow]:
    rows = [row for row in table if row["tracer"] == tracer.name]
    if rows:
        return rows
    have = tuple(dict.fromkeys(row["tracer"] for row in table))
    near = get_close_matches(tracer.name, have, n=3, cutoff=0.5)
    raise InputError(
        f"{tracer.name}: no coefficient of the conceptus is known here; there are {', '.join(have)}"
        + (f" (nearest: {', '.join(near)})" if near else "")
        + ". Another tracer does not stand for it: ask your medical physics expert, or lay your own table over it: --own-table."
    )


def _span(rows: Sequence[DatedRow]) -> tuple[float, float]:
    return min(row.number("weeks_from") for row in rows), max(row.number("weeks_until") for row in rows)


def _by_set(name: str, rows: Sequence[DatedRow], activity: float, weeks: float, between: str) -> ConceptusDose:
    inside = [row for row in rows if row.number("weeks_from") <= weeks <= row.number("weeks_until")]
    looked = inside or _neighbours(rows, weeks)
    taken = looked
    if not inside and between == NEAREST:
        least = min(_distance(row, weeks) for row in looked)
        taken = [row for row in looked if _distance(row, weeks) == least]
    row = max(taken, key=lambda each: each.number("coefficient_mGy_per_MBq"))
    values = [each.number("coefficient_mGy_per_MBq") * mGy / MBq for each in looked]
    coefficient = row.number("coefficient_mGy_per_MBq") * mGy / MBq
    if not coefficient > 0:
        raise InputError(f"{row['tracer']}, {row['stage']}: coefficient {coefficient:g}; it must be positive. Correct the table.")
    return ConceptusDose(
        value=activity * coefficient,
        coefficient=coefficient,
        lowest=min(values),
        highest=max(values),
        set_name=name,
        stage=row["stage"],
        listed=bool(inside),
        row=row,
        rows=tuple(looked),
    )


def _distance(row: DatedRow, weeks: float) -> float:
    return max(row.number("weeks_from") - weeks, weeks - row.number("weeks_until"))


def _neighbours(rows: Sequence[DatedRow], weeks: float) -> list[DatedRow]:
    """Every row of the last stage before and of the first one after."""
    ended = max(row.number("weeks_until") for row in rows if row.number("weeks_until") < weeks)
    begun = min(row.number("weeks_from") for row in rows if row.number("weeks_from") > weeks)
    return [row for row in rows if row.number("weeks_until") == ended or row.number("weeks_from") == begun]
