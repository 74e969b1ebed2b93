"""Lists of a day that people write: appointments, needs, times of day."""

import csv
import re
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.quantities import quantity
from hevesy.errors import DataError, InputError

PATIENT_ACTIVITY = (0.1 * un.MBq, 20 * un.GBq)  # beyond it somebody slipped by 1000


def time_of_day(text: str, name: str) -> float:
    """Seconds after midnight of "09:30"; "25:10" is ten past one on the next day."""
    found = re.fullmatch(r"\s*(\d{1,2}):([0-5]\d)\s*", text)
    if not found or int(found[1]) >= 48:
        raise InputError(f"{name}: got {text!r}; write a time of day as 09:30.")
    return (int(found[1]) * 60 + int(found[2])) * un.min_


def plausible_activity(text: str, name: str) -> float:
    """Activity for one patient [Bq]; a slip of 1000 is asked back."""
    value = quantity(text, "activity", name=name)
    low, high = PATIENT_ACTIVITY
    if not low <= value <= high:
        raise InputError(
            f"{name}: {value / un.MBq:g} MBq for a patient; {low / un.MBq:g} to {high / un.MBq:g} MBq are plausible. "
            "Did you mean another unit?"
        )
    return value


def rows_of(path: Path, *, needed: tuple[str, ...], known: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV with their line number; columns are refused by name if they are missing or unknown."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: is not UTF-8 text. Save it as CSV UTF-8.") from error
    kept = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    if len(kept) < 2:
        raise DataError(f"{path.name}: a line of column names and a line for each row are needed; got {len(kept)} lines.")
    separator = ";" if ";" in kept[0][1] else ","
    header = [cell.strip().lower() for cell in next(csv.reader([kept[0][1]], delimiter=separator))]
    wrong = [name for name in header if name not in (*needed, *known)]
    missing = [name for name in needed if name not in header]
    if wrong or missing:
        raise DataError(
            f"{path.name}: its columns are {', '.join(header)}; needed are {', '.join(needed)}, allowed are "
            f"{', '.join(known) or 'no others'}. Use these names."
        )
    found = []
    for n, line in kept[1:]:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        if len(cells) != len(header):
            raise DataError(f"{path.name}, line {n}: has {len(cells)} cells, the heading {len(header)}. Quote texts with commas.")
        found.append((n, dict(zip(header, cells, strict=True))))
    return found


def read_needs(path: Path) -> list[tuple[float, float]]:
    """Time of day [s] and activity [Bq] from a CSV with the columns time and activity."""
    return [
        (time_of_day(row["time"], f"{path.name}, line {n}"), quantity(row["activity"], "activity", name=f"{path.name}, line {n}"))
        for n, row in rows_of(path, needed=("time", "activity"), known=("patient", "note"))
    ]


def picture_kind(path: Path) -> str:
    """ "png" or "svg", by the name of the file."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise InputError(f"{path.name}: the picture is a PNG or an SVG. Name it so, such as plan.png.")
    return kind


def write_json(path: Path, facts: dict[str, Any]) -> None:
    """``facts`` as a file."""
    import json

    path.write_text(json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False) + "\n", "utf-8")
