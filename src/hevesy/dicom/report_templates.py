"""Check a dose report against the rows of its template: what is missing, too often there, or in another unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from pydicom.dataset import Dataset

from hevesy.dicom.content import Item, named, root, template
from hevesy.errors import InputError
from hevesy.tables.dated import DatedRow, dated_rows

INTRAVENOUS, INTRAMUSCULAR = "SCT:47625008", "SCT:78421000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a template with the rows below it.

    Attributes
    ----------
    number : str                        As the standard counts it, with its template: "TID 10022 row 6".
    relation, kind, concept : str       "CONTAINS", "NUM", "DCM:113507".
    least, most : int                   How often; most 0: without limit.
    need, condition : str               "M", "MC", "U", "UC"; the name of a rule, or "".
    units : tuple of str                UCUM codes that are allowed; () for any.
    verified : bool                     Whether the row was read in the standard.
    """

    number: str
    relation: str
    kind: str
    concept: str
    least: int
    most: int
    need: str
    condition: str
    units: tuple[str, ...]
    verified: bool
    below: tuple["Row", ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Faults found, and how many rows were asked that nobody has read in the standard."""

    template: str
    faults: tuple[str, ...]
    rows: int
    unverified: tuple[str, ...]


def check_template(ds: Dataset, wanted: str = "") -> Checked:
    """Faults of an object against template ``wanted``, or the one that it names; templates are extensible: more is no fault.

    Raises
    ------
    InputError
        No rows of that template are known here.
    """
    number = wanted or template(ds)
    top = _tree(number)
    faults: list[str] = []
    if template(ds) != number:
        faults.append(f"(0040,DB00) names template {template(ds) or 'none'}; {number} was asked.")
    item = root(ds)
    if not named(item.name, top.concept):
        faults.append(f"{top.number}: the root is not {top.concept}.")
    _below(item, top, item, faults)
    every = _all(top)
    return Checked(
        template=number,
        faults=tuple(faults),
        rows=len(every),
        unverified=tuple(row.number for row in every if not row.verified),
    )


def _below(item: Item, row: Row, whole: Item, faults: list[str]) -> None:
    for want in row.below:
        same = [child for child in item.all(want.concept) if child.kind == want.kind]
        found = [child for child in same if child.ds.get("RelationshipType") in want.relation.split("|")]
        if len(same) > len(found):
            other = {str(child.ds.get("RelationshipType")) for child in same} - set(want.relation.split("|"))
            faults.append(f"{want.number}: {_title(want, same)} stands as {', '.join(sorted(other))}, not as {want.relation}.")
        _count(item, want, found, whole, faults)
        for child in found:
            _value(child, want, faults)
            _below(child, want, whole, faults)


def _count(item: Item, want: Row, found: Sequence[Item], whole: Item, faults: list[str]) -> None:
    needed = want.need == "M" or (want.need == "MC" and want.condition == "route is IV or IM" and _needs_site(item))
    if needed and len(found) < want.least:
        faults.append(f"{want.number}: {want.kind} {want.concept} is missing; it is mandatory.")
    if want.most and len(found) > want.most:
        faults.append(f"{want.number}: {want.kind} {want.concept} is there {len(found)} times; {want.most} is allowed.")
    if want.condition == "code or text" and want.kind == "CODE" and len(item.all(want.concept)) != 1:
        faults.append(f"{want.number}: {want.concept} must be there once, as CODE or as TEXT.")


def _needs_site(item: Item) -> bool:
    return any(named(item.code(), route) for route in (INTRAVENOUS, INTRAMUSCULAR))


def _value(child: Item, want: Row, faults: list[str]) -> None:
    """The item says something: a code, a text, a number in an allowed unit, a UID."""
    if child.kind == "NUM":
        measured = next(iter(child.ds.get("MeasuredValueSequence") or []), Dataset())
        unit = next(iter(measured.get("MeasurementUnitsCodeSequence") or []), Dataset()).get("CodeValue")
        if measured.get("NumericValue") is None:
            faults.append(f"{want.number}: {want.concept} has no value.")
        elif want.units and unit not in want.units:
            faults.append(f"{want.number}: {want.concept} is in {unit!r}; allowed is {', '.join(want.units)}.")
        return
    code = child.code()
    said = {
        "CODE": code is not None and code.get("CodeValue"),
        "TEXT": child.ds.get("TextValue"),
        "UIDREF": child.ds.get("UID"),
        "DATETIME": child.ds.get("DateTime"),
        "PNAME": child.ds.get("PersonName"),
        "COMPOSITE": child.ds.get("ReferencedSOPSequence"),
    }
    if child.kind in said and not said[child.kind]:
        faults.append(f"{want.number}: {child.kind} {want.concept} is empty.")


def _title(want: Row, items: Sequence[Item]) -> str:
    return next((str(i.name.get("CodeMeaning")) for i in items if i.name is not None), want.concept)


def _all(row: Row) -> list[Row]:
    return [row, *(found for inner in row.below for found in _all(inner))]


@cache
def _tree(number: str) -> Row:
    """The rows of a template as a tree, those of the templates that it includes in their place."""
    lines = [row for row in dated_rows("hevesy.dicom", "report_templates") if row["template"] == number]
    if not lines:
        known = dict.fromkeys(row["template"] for row in dated_rows("hevesy.dicom", "report_templates"))
        raise InputError(f"template {number!r}: its rows are not known here; known are {', '.join(known)}.")
    made, rest = _rows(lines, 0, 0)
    if len(made) != 1 or rest != len(lines):
        raise InputError(f"template {number}: its rows do not make one tree. Rebuild the table.")
    return made[0]


def _rows(lines: Sequence[DatedRow], start: int, level: int) -> tuple[list[Row], int]:
    out: list[Row] = []
    at = start
    while at < len(lines) and int(lines[at]["level"]) == level:
        line = lines[at]
        below, after = _rows(lines, at + 1, level + 1)
        out.append(_row(line, tuple(below)))
        at = after
    return out, at


def _row(line: DatedRow, below: tuple[Row, ...]) -> Row:
    text = {key: line[key] for key in ("template", "row", "relation", "kind", "concept", "need", "condition", "units")}
    least, most = int(line["least"]), int(line["most"])
    included = _tree(text["concept"]) if text["kind"] == "INCLUDE" else None
    if included is not None:
        # How often a template is included, and how often its first row stands in it, multiply.
        least, most = least * included.least, most * included.most
    return Row(
        number=f"TID {text['template']} row {text['row']}",
        relation=text["relation"],
        kind=included.kind if included else text["kind"],
        concept=included.concept if included else text["concept"],
        least=least,
        most=most,
        need=text["need"],
        condition=text["condition"],
        units=tuple(text["units"].split()),
        verified=line.verified,
        below=included.below if included else below,
    )
