"""Sensitivity of gamma cameras from a table of window counts."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.quantify.camera_sensitivity import mean_sensitivity, sensitivity
from hevesy.quantify.windows import Separated, WindowCounts, triple_energy_window
from hevesy.units import MBq, keV

WINDOWS = ("low", "pk", "up")
NUMBERS = ("source_activity_MBq", *(f"{w}_{part}" for w in WINDOWS for part in ("lower", "upper", "counts")))
# What tells one camera from another, and one head from the other; any of them may be absent.
CAMERA = ("site", "manufacturer", "model", "collimator")
HEAD = "detector"
TIMES = ("duration_s", "time_s")
STATED = "sensitivity_cps_per_MBq"
AGREES = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    camera: tuple[str, ...]
    head: str
    activity: Measured
    duration: float
    parts: Separated
    counts: float
    found: Measured
    stated: float | None


def calibrate_table(path: str | Path, *, time: float | None = None, u_activity: float | None = None) -> dict[str, Any]:
    """Sensitivity of each row, each camera and all, from counts in three energy windows.

    Parameters
    ----------
    path : path                         CSV with a row a head: source_activity_MBq; pk_, low_, up_ with lower, upper [keV] and
                                        counts; perhaps site, manufacturer, model, collimator, detector, duration_s and
                                        sensitivity_cps_per_MBq to compare with.
    time : float, optional              Acquisition time of rows without duration_s [s].
    u_activity : float, optional        Relative standard uncertainty of the source activity [1].

    Returns
    -------
    dict                                ``rows``, ``cameras``, ``all``, ``remarks``; the unit is in each key.

    Raises
    ------
    DataError
        The table is not one; the message names line and column.
    InputError
        No acquisition time, or an implausible one.
    """
    if u_activity is not None and not 0 <= u_activity < 1:
        raise InputError(f"uncertainty of the activity is {100 * u_activity:g} %; 0 to below 100 % is allowed.")
    rows = _rows(Path(path), time=time, u_activity=u_activity)
    shared = u_activity or 0.0
    cameras: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        cameras.setdefault((*row.camera, f"{row.activity.value:.6g}"), []).append(row)
    by_camera = [_camera(heads, shared) for heads in cameras.values()]
    means = [each["measured"] for each in by_camera]
    every, spread = mean_sensitivity(means)
    off = [r for r in rows if r.stated is not None and abs(r.found.value / r.stated - 1) > AGREES]
    remarks = [
        f"line {r.line}: {STATED} is {r.stated:g} in the table, {r.found.value:g} by its counts; check time and windows."
        for r in off
    ]
    if u_activity is None:
        remarks.append("u is that of counting alone: the uncertainty of the source activity is not stated (--u-activity).")
    return {
        "method": "triple energy window, trapezoid (Ogawa 1991)",
        "u_source_activity_percent": None if u_activity is None else 100 * u_activity,
        "rows": [_row_facts(row) for row in rows],
        "cameras": [{key: value for key, value in each.items() if key != "measured"} for each in by_camera],
        "all": {
            "cameras": len(by_camera),
            "sensitivity_cps_per_MBq": every.value,
            "u_cps_per_MBq": every.u,
            "spread_between_cameras_cps_per_MBq": spread,
        },
        "remarks": remarks,
    }


def _camera(heads: list[_Row], shared: float) -> dict[str, Any]:
    """Heads of one camera saw one source, so its activity's error is theirs in common."""
    mean, spread = mean_sensitivity([row.found for row in heads], shared=shared)
    facts: dict[str, Any] = dict(zip(CAMERA, heads[0].camera, strict=True))
    return facts | {
        "heads": len(heads),
        "sensitivity_cps_per_MBq": mean.value,
        "u_cps_per_MBq": mean.u,
        "spread_between_heads_cps_per_MBq": spread,
        "calibration_factor_MBq_per_cps": 1 / mean.value,
        "measured": mean,
    }


def _row_facts(row: _Row) -> dict[str, Any]:
    facts: dict[str, Any] = dict(zip(CAMERA, row.camera, strict=True))
    return facts | {
        HEAD: row.head,
        "source_activity_MBq": row.activity.value / MBq,
        "duration_s": row.duration,
        "peak_counts": row.counts,
        "scatter_counts": row.parts.scatter.value,
        "u_scatter_counts": row.parts.scatter.u,
        "primary_counts": row.parts.primary.value,
        "u_primary_counts": row.parts.primary.u,
        "scatter_fraction": row.parts.scatter.value / row.counts,
        "sensitivity_cps_per_MBq": row.found.value,
        "u_cps_per_MBq": row.found.u,
        "calibration_factor_MBq_per_cps": 1 / row.found.value,
        "stated_cps_per_MBq": row.stated,
        "difference_from_stated_percent": None if row.stated is None else 100 * (row.found.value / row.stated - 1),
    }


def _rows(path: Path, *, time: float | None, u_activity: float | None) -> list[_Row]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file. Check the path.") from error
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: this is no text. Save the table as CSV in UTF-8.") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) < 2:
        raise DataError(f"{path.name}: the table has no rows. It needs a line of column names and a line a head.")
    separator = next((mark for mark in ";\t" if mark in lines[0]), ",")
    table = list(csv.DictReader(lines, delimiter=separator))
    missing = [name for name in NUMBERS if name not in table[0]]
    if missing:
        raise DataError(
            f"{path.name}: no column {', '.join(missing)}; found {', '.join(str(name) for name in table[0])}. "
            "The windows are low_, pk_ and up_ with lower, upper (keV) and counts."
        )
    return [_row(path, i, cells, time=time, u_activity=u_activity) for i, cells in enumerate(table, start=2)]


def _row(path: Path, line: int, cells: dict[str, Any], *, time: float | None, u_activity: float | None) -> _Row:
    def number(column: str) -> float:
        try:
            value = float(cells.get(column) or "")
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(f"{path.name}, line {line}, column {column}: {cells.get(column)!r} is not a number. Write one.")
        return value

    own = next((column for column in TIMES if cells.get(column)), None)
    if own is None and time is None:
        raise InputError(f"{path.name}, line {line}: no acquisition time. State it by --time in s, or in a column duration_s.")
    duration = number(own) if own else float(time or 0.0)
    low, pk, up = (
        WindowCounts(lower=number(f"{w}_lower") * keV, upper=number(f"{w}_upper") * keV, counts=number(f"{w}_counts"))
        for w in WINDOWS
    )
    activity = number("source_activity_MBq") * MBq
    known = Measured(
        value=activity,
        u=None if u_activity is None else activity * u_activity,
        why_no_u="" if u_activity is not None else "not stated",
    )
    parts = triple_energy_window(pk, low, up)
    return _Row(
        line=line,
        camera=tuple(str(cells.get(name) or "") for name in CAMERA),
        head=str(cells.get(HEAD) or ""),
        activity=known,
        duration=duration,
        parts=parts,
        counts=pk.counts,
        found=sensitivity(parts.primary, activity=known, duration=duration),
        stated=number(STATED) if cells.get(STATED) else None,
    )
