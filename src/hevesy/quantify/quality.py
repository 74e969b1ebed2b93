"""A criterion: a figure of a test, the limits it is held against, and who set them."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from hevesy.errors import DataError, InputError
from hevesy.tables import dated_rows

COLUMNS = ("name", "low", "high", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a figure may be.

    Attributes
    ----------
    low, high : float or None           None on a side without limit.
    source : str                        Who set it.
    verified : bool                     Whether somebody looked it up there.
    """

    low: float | None
    high: float | None
    source: str
    verified: bool = True

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.high < self.low:
            raise DataError(f"limit of {self.source}: {self.high:g} is below {self.low:g}. Exchange the two.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A figure and its limit; ``limit`` is None where the standard sets none.

    The name ends with the unit where there is one: "offset across the axis, mm".
    """

    name: str
    value: float
    limit: Limit | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise DataError(f"{self.name}: came out as {self.value}; the image does not allow the test. Look at the image.")

    @property
    def passed(self) -> bool | None:
        """Whether the value lies within its limits, which belong to the allowed; None without limits."""
        return None if self.margin is None else self.margin >= 0

    @property
    def margin(self) -> float | None:
        """Distance to the nearer limit, negative outside, in the unit of the value; None without limits."""
        if self.limit is None:
            return None
        sides = [] if self.limit.low is None else [self.value - self.limit.low]
        sides += [] if self.limit.high is None else [self.limit.high - self.value]
        return min(sides) if sides else None


def verdict(criteria: tuple[Criterion, ...]) -> str:
    """ "fail" where one fails, "pass" where all that have limits pass, "no limits" where none has."""
    known = [c.passed for c in criteria if c.passed is not None]
    return "no limits" if not known else "pass" if all(known) else "fail"


def limits_of(standard: str, own: Path | None = None) -> dict[str, Limit]:
    """Limits by name of the criterion, with the user's own laid over ours.

    Parameters
    ----------
    standard : str                      "earl-2", "centre-of-rotation", ...
    own : path                          CSV with columns name, low, high, source: the vendor's, or the hospital's.

    Raises
    ------
    DataError
        The user's file is no such table.
    """
    found = {
        row["name"]: Limit(
            low=row.number_or_none("low"), high=row.number_or_none("high"), source=row.citation, verified=row.verified
        )
        for row in dated_rows("hevesy.quantify", "quality_limits", keys=("standard", "name"))
        if row["standard"] == standard
    }
    return found | (_own(own) if own is not None else {})


def _own(path: Path) -> dict[str, Limit]:
    try:
        lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file. Give a CSV with columns {', '.join(COLUMNS)}.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: this is no text. Save it as CSV in UTF-8.") from error
    rows = list(csv.DictReader(lines))
    if not rows or any(set(row) != set(COLUMNS) for row in rows):
        raise DataError(
            f"{path.name}: needed are a heading {','.join(COLUMNS)} and a row for each limit. Quote texts with commas."
        )
    return {
        str(row["name"]).strip(): Limit(
            low=_number(row["low"], path, n), high=_number(row["high"], path, n), source=row["source"].strip() or path.name
        )
        for n, row in enumerate(rows, start=2)
    }


def _number(text: str, path: Path, line: int) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{path.name}, line {line}: {text!r} is not a number. Write one, or leave the cell empty.")
    return value


def judged(figures: dict[str, float], limits: dict[str, Limit]) -> tuple[Criterion, ...]:
    """Criteria of ``figures``; a limit without its figure is refused, so that a misspelt name does not pass.

    Raises
    ------
    InputError
        A limit has a name that no figure has.
    """
    if unknown := [name for name in limits if name not in figures]:
        raise InputError(f"limits for {', '.join(map(repr, unknown))}: the figures of this test are {', '.join(figures)}.")
    return tuple(Criterion(name=name, value=value, limit=limits.get(name)) for name, value in figures.items())
