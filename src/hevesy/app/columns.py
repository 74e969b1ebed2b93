"""Text tables of named columns."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hevesy.errors import DataError

NOTES = ("note", "comment", "remark")  # columns that may stand in any table and are not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A text table: words and numbers by column, and the line of each row; None where a cell is empty."""

    file: str
    lines: tuple[int, ...]
    words: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[float | None, ...]]

    def where(self, row: int, column: str) -> str:
        """Where a cell stands, for messages."""
        return f"{self.file}, line {self.lines[row]}, column {column}"

    def filled(self, column: str) -> tuple[float, ...]:
        """A column of which no cell may be empty."""
        for row, value in enumerate(self.numbers[column]):
            if value is None:
                raise DataError(f"{self.where(row, column)}: it is empty. Fill it in or remove the line.")
        return tuple(value for value in self.numbers[column] if value is not None)


def read_columns(path: Path, *, needed: Sequence[str], known: Sequence[str], texts: Sequence[str] = ()) -> Columns:
    """A table of named columns, separated by commas, semicolons or tabs; # starts a comment.

    Parameters
    ----------
    needed, known : sequence of str     Columns that must be there, and those that may; any other but a note is refused, so
                                        that a misspelt unit is not passed over. Capitals do not matter.
    texts : sequence of str             Those that hold words.

    Raises
    ------
    DataError
        The file is no such table; the message names file, line and column.
    """
    names = {name.lower(): name for name in (*needed, *known)}
    lines = [
        (number, line)
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if line.strip(" \t,;") and not line.lstrip(' "').startswith("#")
    ]
    if len(lines) < 2:
        raise DataError(f"{path.name}: a line of column names and a line for each row are needed; got {len(lines)} lines.")
    separator = next((mark for mark in ";\t" if mark in lines[0][1]), ",")
    header = [names.get(cell.lower(), cell) for cell in cells_of(lines[0][1], separator)]
    read = [name for name in header if name.lower() not in NOTES and name]
    where = f"{path.name}, line {lines[0][0]}"
    if strange := [name for name in read if name not in names.values()]:
        raise DataError(f"{where}: column {', '.join(strange)} is unknown. Known are {', '.join(names.values())} and note.")
    if twice := sorted({name for name in read if read.count(name) > 1}):
        raise DataError(f"{where}: column {', '.join(twice)} is there twice. Remove one.")
    if missing := [name for name in needed if name not in read]:
        raise DataError(
            f"{where}: no column {', '.join(missing)}; found {', '.join(read)}. Known are {', '.join(names.values())}."
        )
    rows = []
    for number, line in lines[1:]:
        cells = cells_of(line, separator)
        if any(cells[len(header) :]):
            raise DataError(
                f"{path.name}, line {number}: {len(cells)} values for {len(header)} columns. Where the decimal mark is a comma, "
                "separate the columns by semicolons."
            )
        rows.append((number, dict(zip(header, [*cells, *[""] * len(header)], strict=False))))
    return Columns(
        file=path.name,
        lines=tuple(number for number, _ in rows),
        words={name: tuple(cells[name] for _, cells in rows) for name in read if name in texts},
        numbers={
            name: tuple(_number(path, number, name, cells[name], separator) for number, cells in rows)
            for name in read
            if name not in texts
        },
    )


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, or in the coding that spreadsheets still write."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file. Check the path.") from error
    except OSError as error:
        raise DataError(f"{path}: it cannot be read ({error.strerror}).") from error
    if b"\0" in content:
        raise DataError(f"{path.name}: this is no text. Save the table as CSV in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of a line, without blanks around them."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _number(path: Path, line: int, column: str, text: str, separator: str) -> float | None:
    if not text:
        return None
    plain = text.replace(",", ".") if separator != "," and "." not in text else text
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{path.name}, line {line}, column {column}: {text!r} is not a number. Write one, or leave it empty.")
    return value
