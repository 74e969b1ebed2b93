"""The activity that a published card or formula gives for one patient, and everything that it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.patient_quantities import day_of, weight_of
from hevesy.app.quantities import quantity
from hevesy.errors import InputError
from hevesy.protection.activity import ADULT_CARD, DEFAULT_CARD, LOWER, ROUNDING, CardActivity, card_activity, cards, listed
from hevesy.protection.tracers import Tracer, tracer
from hevesy.tables import DatedRow
from hevesy.units import MBq, kg, min_

NOTE = "A recommendation of the card named above. The prescription is the practitioner's."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question in the words of the user; texts with units.

    Attributes
    ----------
    time_per_bed, overlap, formula : str        Of the adult formulas: "3 min", "25 %", "linear".
    between : str                               Which row for a weight between two rows: "lower" or "nearest".
    on : str                                    Day of the examination, "2026-01-31"; today where empty.
    own : Path or None                          The user's own table of card activities.
    """

    tracer: str
    weight: str
    card: str = DEFAULT_CARD
    procedure: str = ""
    between: str = LOWER
    time_per_bed: str = ""
    overlap: str = ""
    formula: str = "linear"
    on: str = ""
    own: Path | None = None


def protect_activity(asked: Asked) -> dict[str, Any]:
    """The recommended activity as facts with their sources; the adult formulas are the card "eanm-fdg-2015"."""
    substance = tracer(asked.tracer)
    if asked.card == ADULT_CARD:
        return _adult(asked, substance)
    if asked.time_per_bed or asked.overlap:
        raise InputError(f"--time-per-bed and --overlap belong to --card {ADULT_CARD}; card {asked.card} does not use them.")
    day = day_of(asked.on)
    weight = weight_of(asked.weight)
    found = card_activity(
        substance, weight, on=day, card=asked.card, procedure=asked.procedure, between=asked.between, own=asked.own
    )
    last = {"superseded": not all(row.holds(day) for row in found.rows), "remarks": list(found.remarks)}
    return _head(asked, found.tracer, weight) | _card_facts(found) | sources(found.rows) | last


def listed_cards(own: Path | None = None) -> dict[str, Any]:
    """Every card with its tracers and procedures."""
    names = cards(own)
    rows = {name: [{"tracer": t, "procedure": p} for t, p in listed(name, own)] for name in names}
    rows[ADULT_CARD] = [{"tracer": "F-18 FDG", "procedure": "torso, adult"}]
    return {"schema": "hevesy-activity-cards/1", "hevesy": __version__, "cards": rows}


def sources(rows: Sequence[DatedRow]) -> dict[str, Any]:
    """Source, edition, days and standing of the rows that an answer rests on; the first row is the one that names it."""
    first = rows[0].provenance()
    unverified = [row.citation for row in rows if not row.verified]
    return {
        "source": first["source"],
        "edition": first["edition"],
        "valid_from": first["valid_from"],
        "valid_until": first["valid_until"],
        "unverified": bool(unverified),
        "unverified_sources": list(dict.fromkeys(unverified)),
        "sources": [row.provenance() for row in rows],
    }


def _head(asked: Asked, name: str, weight: float) -> dict[str, Any]:
    return {
        "schema": "hevesy-activity/1",
        "hevesy": __version__,
        "tracer": name,
        "asked": asked.tracer,
        "weight_kg": round(weight / kg, 6),
        "on": day_of(asked.on).isoformat(),
        "note": NOTE,
    }


def _card_facts(found: CardActivity) -> dict[str, Any]:
    has_range = found.highest > found.activity
    by_weight = None if found.before_limits != found.before_limits else in_MBq(found.before_limits)
    return {
        "card": found.card,
        "procedure": found.procedure,
        "activity_MBq": in_MBq(found.activity),
        "activity_range_MBq": [in_MBq(found.activity), in_MBq(found.highest)] if has_range else None,
        "class": found.dosage_class or None,
        "multiple": found.multiple,
        "baseline_MBq": in_MBq(found.baseline),
        "by_weight_MBq": by_weight,
        "minimum_MBq": in_MBq(found.minimum),
        "maximum_MBq": in_MBq(found.maximum),
        "limited_by": found.limited or None,
        "row_kg": None if found.row is None else [edge / kg for edge in found.row],
        "next_row_activity_MBq": in_MBq(found.next_row),
        "row_policy": found.policy,
        "rounding": ROUNDING,
    }


def _adult(asked: Asked, substance: Tracer) -> dict[str, Any]:
    from hevesy.protection.adult_activity import fdg_activity

    if substance.name != "F-18 FDG":
        raise InputError(f"{substance.name}: card {ADULT_CARD} is for F-18 FDG alone. Use your diagnostic reference level.")
    if not asked.time_per_bed or not asked.overlap:
        raise InputError(
            f'card {ADULT_CARD}: needs time per bed and overlap of beds, for example --time-per-bed "2 min" --overlap "25 %".'
        )
    weight = weight_of(asked.weight)
    seconds = quantity(asked.time_per_bed, "time", name="time per bed")
    overlap = quantity(asked.overlap, "fraction", name="overlap")
    found = fdg_activity(weight, seconds, overlap, on=day_of(asked.on), formula=asked.formula, own=asked.own)
    facts = {
        "card": ADULT_CARD,
        "procedure": "torso, adult",
        "activity_MBq": in_MBq(found.activity),
        "activity_range_MBq": None,
        "class": None,
        "multiple": None,
        "baseline_MBq": None,
        "by_weight_MBq": in_MBq(found.activity),
        "minimum_MBq": None,
        "maximum_MBq": None,
        "limited_by": None,
        "row_kg": None,
        "next_row_activity_MBq": None,
        "row_policy": f"{found.formula} formula, overlap {found.overlap}",
        "rounding": ROUNDING,
        "time_per_bed_min": seconds / min_,
        "overlap": overlap,
        "coefficient_MBq_min_per_bed": found.coefficient / (MBq * min_),
    }
    last = {"superseded": False, "remarks": list(found.remarks)}
    return _head(asked, substance.name, weight) | facts | sources((found.row,)) | last


def in_MBq(value: float | None) -> float | None:
    """MBq without the dust of binary fractions."""
    return None if value is None else round(value / MBq, 6)
