"""Articles 55 to 64 of Directive 2013/59/Euratom as checks of one study, and the record of an incident after Article 63."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hevesy.errors import InputError
from hevesy.tables.dated import DatedRow, dated_rows, in_force

PACKAGE = "hevesy.protection"
ALWAYS = "always"
SITUATIONS = ("therapy", "diagnostic", "asymptomatic", "carers", "research", "drl-exceeded", "ct", "child", "childbearing")
INCIDENT_KINDS = (
    "wrong patient", "wrong radiopharmaceutical", "wrong activity", "wrong route", "extravasation", "unplanned pregnancy",
    "equipment", "contamination", "near miss", "other",
)  # fmt: skip
# What the record of an incident says, and why.
INCIDENT_PARTS = {
    "happened": "when it happened",
    "found": "when it was found",
    "kind": "what kind it was",
    "description": "what happened",
    "dose_estimate": "what dose it brought, or why none is known",
    "cause": "what the analysis found",
    "measures": "what was changed so that it does not happen again",
    "referrer_informed": "when the referrer was told",
    "practitioner_informed": "when the practitioner was told",
    "patient_informed": "when the patient was told",
    "authority": "whether it is significant, and when the authority was told",
}

Finder = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One requirement against one study.

    ``state`` is "satisfied", "no evidence" or "does not apply"; ``evidence`` says where it stands.
    """

    row: DatedRow
    state: str
    evidence: str


def checks(find: Finder, situations: Sequence[str], *, on: date, overlay: Path | None = None) -> tuple[Check, ...]:
    """Each requirement of the table with its evidence.

    Parameters
    ----------
    find : function                     From a key such as "justification.by" to what stands there; None where nothing does.
    situations : sequence of str        What the study is, of :data:`SITUATIONS`; "diagnostic" unless it is a therapy.

    Neglected: whether what is recorded is true, and everything that national law adds. It prepares an audit; it is none.
    """
    if unknown := sorted(set(situations) - set(SITUATIONS)):
        raise InputError(f"situation {', '.join(unknown)}: known are {', '.join(SITUATIONS)}. Correct the record.")
    given = {*situations, ALWAYS}
    if "therapy" not in given:
        given.add("diagnostic")
    made = []
    for row in in_force(dated_rows(PACKAGE, "audit_checks", overlay=overlay, keys=("check",)), on):
        if row["applies"] not in given:
            made.append(Check(row=row, state="does not apply", evidence=f"the record does not name {row['applies']}"))
            continue
        found = [said for said in map(find, row["evidence"].split("|")) if said]
        made.append(Check(row=row, state="satisfied" if found else "no evidence", evidence="; ".join(found)))
    return tuple(made)


def value_at(record: Mapping[str, Any], key: str) -> Any:
    """What stands at a key such as "justification.by" of nested tables; None where nothing does, or it is empty or false."""
    found: Any = record
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found if found not in ("", (), [], {}, False) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A record after Article 63: what it says, what it lacks, and days from finding it to telling the authority."""

    kind: str
    happened: datetime
    missing: tuple[str, ...]
    days_to_authority: float | None


def incident(record: Mapping[str, Any]) -> Incident:
    """The record of an accidental or unintended exposure, or of a near miss.

    Raises
    ------
    InputError
        A key or the kind is unknown, or a time is none.
    """
    if unknown := sorted(set(record) - {*INCIDENT_PARTS, "authority_informed", "near_miss"}):
        raise InputError(
            f"incident: {', '.join(unknown)} is unknown. Known are {', '.join(INCIDENT_PARTS)}, near_miss and authority_informed."
        )
    kind = str(record.get("kind", ""))
    if kind not in INCIDENT_KINDS:
        raise InputError(f"incident: kind is {kind!r}; known are {', '.join(INCIDENT_KINDS)}. Choose one.")
    happened, found = (_moment(record, key) for key in ("happened", "found"))
    if happened is None:
        raise InputError("incident: happened is missing. Write it as 2026-01-31T10:30.")
    if found is not None and found < happened:
        raise InputError(f"incident: it was found on {found}, before it happened on {happened}. Correct one.")
    informed = _moment(record, "authority_informed")
    missing = tuple(
        f"{key}: {why}"
        for key, why in INCIDENT_PARTS.items()
        if record.get(key) in (None, "") and not (key == "dose_estimate" and kind == "near miss")
    )
    days = None if informed is None or found is None else (informed - found).total_seconds() / 86400
    return Incident(kind=kind, happened=happened, missing=missing, days_to_authority=days)


def _moment(record: Mapping[str, Any], key: str) -> datetime | None:
    value = record.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # local time, as the record says it
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError as error:
        raise InputError(f"incident: {key} is {value!r}; write it as 2026-01-31T10:30.") from error
