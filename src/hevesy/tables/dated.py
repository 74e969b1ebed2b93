"""Rows of clinical facts that say where they come from, from when until when they hold, and how they were obtained."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.tables.certified import Table, load_table

CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")
# read: in the primary text. secondary2: in two transcriptions that agree. secondary: in one. recalled: not opened.
# derived: computed from such. local: decided by the hospital whose own table it stands in.
HOW = ("read", "secondary2", "secondary", "recalled", "derived", "local")
VERIFIED = ("read", "secondary2", "derived", "local")

# Rows by table: a record asks for the same coefficients at every exposure.
_MADE: dict[tuple[str, str], tuple[Table, tuple["DatedRow", ...]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRow:
    """One row of a clinical table.

    Attributes
    ----------
    fields : mapping of str             The columns of the fact itself, as text, read-only.
    source, page, edition : str         Publication; table or page in it, perhaps ""; which edition of it.
    valid_from, valid_until : date      First and last day on which it holds; None where no such day is known.
    how : str                           One of :data:`HOW`.
    overlay : str                       Name of the user's own table that it comes from; "" for a row of Hevesy.
    """

    fields: Mapping[str, str]
    source: str
    page: str
    edition: str
    valid_from: date | None
    valid_until: date | None
    how: str
    overlay: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        if not self.source.strip():
            raise DataError(f"row {dict(self.fields)}: it has no source. Each row names the publication it comes from.")
        if self.how not in HOW:
            raise DataError(
                f"row {dict(self.fields)}: how is {self.how!r}; allowed are {', '.join(HOW)}. Say how it was obtained."
            )
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            raise DataError(
                f"row {dict(self.fields)}: valid until {self.valid_until}, which is before it begins on {self.valid_from}. "
                "Correct one of the two."
            )

    def __getitem__(self, column: str) -> str:
        """The text of ``column``."""
        if column not in self.fields:
            raise DataError(
                f"column {column!r}: the table has {', '.join(self.fields)}. Reinstall hevesy, or correct your table."
            )
        return self.fields[column]

    def number(self, column: str) -> float:
        """The number of ``column``; a text that is none is refused."""
        value = self.number_or_none(column)
        if value is None:
            raise DataError(f"{column} of {dict(self.fields)}: is empty; a number is needed. Use a row that has it.")
        return value

    def number_or_none(self, column: str) -> float | None:
        """The number of ``column``, or None where the source gives none."""
        text = self[column].strip()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(f"{column} of {dict(self.fields)}: got {text!r}; a finite number is needed. Correct the table.")
        return value

    @property
    def verified(self) -> bool:
        """Whether somebody looked: read, in two transcriptions that agree, or derived; recalled and once secondary is not."""
        return self.how in VERIFIED

    @property
    def theirs(self) -> bool:
        """Whether the row comes from the user's own table."""
        return bool(self.overlay)

    @property
    def citation(self) -> str:
        """Source, page and whose it is, as it is printed."""
        said = ", ".join(part for part in (self.source, self.page) if part)
        return f"{said} (your own table {self.overlay})" if self.overlay else said

    def holds(self, on: date) -> bool:
        """Whether the row holds on the day ``on``."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_until is None or on <= self.valid_until)

    def provenance(self) -> dict[str, Any]:
        """What every output carries of the row, ready for JSON."""
        return {
            "source": self.citation,
            "edition": self.edition,
            "valid_from": None if self.valid_from is None else self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "how": self.how,
            "unverified": not self.verified,
            "own_table": self.overlay or None,
        }


def dated_rows(package: str, name: str, *, overlay: Path | None = None, keys: Sequence[str] = ()) -> tuple[DatedRow, ...]:
    """The rows of the certified table ``data/<name>.csv`` of ``package``, with a user's own table laid over them.

    A row of the overlay replaces each of ours with the same ``keys`` from its first day on: ours ends the day before,
    or goes where theirs is not younger. Other rows of the overlay are added. When a row of theirs ends, ours does not
    come back: :func:`in_force` then says so.

    Parameters
    ----------
    overlay : Path                      A CSV with the columns of ours; its ``how`` may be "local".
    keys : sequence of str              Columns that name a fact; the first column where none are given.

    Raises
    ------
    DataError
        A row has no source, an unknown ``how`` or date; the overlay has other columns or two rows for one fact and day.
    """
    ours = _ours(package, name)
    if overlay is None or not ours:
        return ours
    columns = (*ours[0].fields, *CLOSING)
    by = tuple(keys) or (columns[0],)
    if unknown := [key for key in by if key not in ours[0].fields]:
        raise InputError(f"keys {', '.join(unknown)}: the table has {', '.join(ours[0].fields)}. Name columns of it.")
    return _laid_over(ours, _own_rows(overlay, columns), by)


def in_force(rows: Iterable[DatedRow], on: date) -> tuple[DatedRow, ...]:
    """Those of ``rows`` that hold on the day ``on``; give the rows of one fact, so that its end is not passed over.

    Raises
    ------
    ScopeError
        There are rows, and none holds on that day: all are superseded, or none has begun.
    """
    known = tuple(rows)
    found = tuple(row for row in known if row.holds(on))
    if found or not known:
        return found
    ended = [row for row in known if row.valid_until is not None and row.valid_until < on]
    if ended:
        last = max(ended, key=lambda row: row.valid_until or date.min)
        raise ScopeError(
            f"{last.citation}, edition {last.edition}: superseded, it held until {last.valid_until}; asked for {on}. "
            "Give a day on which it held, or your own table with what replaced it."
        )
    first = min(known, key=lambda row: row.valid_from or date.max)
    raise ScopeError(
        f"{first.citation}, edition {first.edition}: holds from {first.valid_from}; asked for {on}. "
        "Give a later day, or your own table."
    )


def _ours(package: str, name: str) -> tuple[DatedRow, ...]:
    """The rows of our table, made once for each table that is loaded."""
    table = load_table(package, name)
    kept = _MADE.get((package, name))
    if kept is not None and kept[0] is table:
        return kept[1]
    if table.rows and (missing := [c for c in CLOSING if c not in table.rows[0]]):
        raise DataError(
            f"table {package}/{name}: has no column {', '.join(missing)}. Rebuild it with {table.certificate.made_by}."
        )
    rows = tuple(_row(line, f"{name}.csv line {n}") for n, line in enumerate(table.rows, start=2))
    _MADE[package, name] = table, rows
    return rows


def _row(line: Mapping[str, str | None], where: str, overlay: str = "") -> DatedRow:
    if any(value is None or key is None for key, value in line.items()):
        raise DataError(f"{where}: has more or fewer cells than the heading. Quote texts that hold a comma.")
    text = {key: (value or "").strip() for key, value in line.items()}
    try:
        return DatedRow(
            fields={key: value for key, value in text.items() if key not in CLOSING},
            source=text["source"],
            page=text["page"],
            edition=text["edition"],
            valid_from=_day(text["valid_from"]),
            valid_until=_day(text["valid_until"]),
            how=text["how"],
            overlay=overlay,
        )
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"got the day {text!r}; write it as 2026-01-31, or leave it empty where it is not known.") from error


def _own_rows(path: Path, columns: tuple[str, ...]) -> tuple[DatedRow, ...]:
    try:
        lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{path}: there is no such file. Give the CSV of your own table.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: is not UTF-8 text. Save it as CSV UTF-8.") from error
    reader = csv.DictReader(lines)
    got = tuple(reader.fieldnames or ())
    if set(got) != set(columns) or len(got) != len(columns):
        raise DataError(
            f"{path.name}: its columns are {', '.join(got) or 'none'}; needed are {', '.join(columns)}. Use these names."
        )
    return tuple(_row(line, f"{path.name} row {n}", path.name) for n, line in enumerate(reader, start=1))


def _laid_over(ours: tuple[DatedRow, ...], theirs: tuple[DatedRow, ...], keys: tuple[str, ...]) -> tuple[DatedRow, ...]:
    def key(row: DatedRow) -> tuple[str, ...]:
        return tuple(row[name].casefold() for name in keys)

    begins: dict[tuple[str, ...], date] = {}
    seen: dict[tuple[str, ...], list[DatedRow]] = {}
    for row in theirs:
        for other in seen.setdefault(key(row), []):
            if _overlap(row, other):
                raise DataError(
                    f"{row.overlay}: two rows for {', '.join(row[name] for name in keys)} hold on the same day. "
                    "End the older one with valid_until."
                )
        seen[key(row)].append(row)
        begins[key(row)] = min(begins.get(key(row), date.max), row.valid_from or date.min)
    kept = (_ended(row, begins.get(key(row))) for row in ours)
    return (*(row for row in kept if row is not None), *theirs)


def _overlap(a: DatedRow, b: DatedRow) -> bool:
    return (a.valid_from or date.min) <= (b.valid_until or date.max) and (b.valid_from or date.min) <= (a.valid_until or date.max)


def _ended(row: DatedRow, begins: date | None) -> DatedRow | None:
    """``row`` up to the day before ``begins``; None where nothing of it is left."""
    if begins is None:
        return row
    if begins == date.min or (row.valid_from is not None and begins <= row.valid_from):
        return None
    last = begins - timedelta(days=1)
    return replace(row, valid_until=last if row.valid_until is None else min(row.valid_until, last))
