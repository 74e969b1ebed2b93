"""Fit curves to a table of measured activities."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.errors import DataError
from hevesy.kinetics import AUTO, evaluate, fit
from hevesy.kinetics.models import model_named
from hevesy.model import CurveFit, TimeActivityCurve
from hevesy.nuclides import load_nuclide

# Names of columns, in lower case, by what they hold.
COLUMNS = {
    "region": ("region", "roi"),
    "time": ("time_h", "t_h"),
    "activity": ("activity_mbq",),
    "u": ("u_mbq",),
}


def fit_table(path: str | Path, *, nuclide: str, model: str = AUTO) -> dict[str, Any]:
    """Fit each region of a table of activities.

    Parameters
    ----------
    path : path                         CSV with the columns region (or roi), time_h (or t_h), activity_MBq,
                                        perhaps u_MBq (k = 1); activities not corrected for decay. Separated
                                        by commas, semicolons or tabs; # starts a comment.
    nuclide : str                       "Lu-177"; no rate is below its decay.
    model : str                         "auto", "mono", "uptake" or "bi".

    Returns
    -------
    dict                                ``nuclide`` and ``regions``: by name model, parameters, integral,
                                        half-life, verdict, warnings; the unit is in each key.

    Raises
    ------
    DataError
        The table is not one; the message names file, line and column.
    InputError
        Unknown nuclide or model, or a region that cannot be fitted. No region is left out.
    """
    if model != AUTO:
        model_named(model)
    known = load_nuclide(nuclide)
    curves = read_table(Path(path))
    fits = [(curve, fit(curve, decay_constant=known.decay_constant, model=model)) for curve in curves]
    return {"nuclide": known.name, "regions": {curve.region: _facts(curve, found) for curve, found in fits}}


def _facts(curve: TimeActivityCurve, found: CurveFit) -> dict[str, Any]:
    tia, half_life = found.time_integrated_activity, found.effective_half_life
    return {
        "model": found.model,
        "parameters": {
            f"{name}_MBq" if name[0] == "A" else f"{name}_per_h": value / u.MBq if name[0] == "A" else value * u.h
            for name, value in found.parameters.items()
        },
        "tia_MBq_h": tia.value / (u.MBq * u.h),
        "u_tia_MBq_h": None if tia.u is None else tia.u / (u.MBq * u.h),
        "why_no_u": tia.why_no_u,
        "effective_half_life_h": half_life.value / u.h,
        "u_effective_half_life_h": None if half_life.u is None else half_life.u / u.h,
        "extrapolated_fraction": found.extrapolated_fraction,
        "degrees_of_freedom": found.degrees_of_freedom,
        "aicc": dict(found.scores),
        "well_posed": found.well_posed,
        "warnings": list(found.warnings),
        "points": [
            {
                "time_h": float(t) / u.h,
                "activity_MBq": float(A) / u.MBq,
                "u_MBq": None if curve.u is None else float(curve.u[i]) / u.MBq,
                "fitted_MBq": float(fitted) / u.MBq,
            }
            for i, (t, A, fitted) in enumerate(zip(curve.t, curve.A, evaluate(found, curve.t), strict=True))
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    region: str
    time: float  # h
    activity: float  # MBq
    u: float | None  # MBq


def read_table(path: Path) -> list[TimeActivityCurve]:
    """The curves of a table, in the order in which their regions first occur."""
    regions: dict[str, list[_Row]] = {}
    for row in _rows(path):
        regions.setdefault(row.region, []).append(row)
    return [_curve(path, region, rows) for region, rows in regions.items()]


def _curve(path: Path, region: str, rows: list[_Row]) -> TimeActivityCurve:
    rows = sorted(rows, key=lambda row: row.time)
    for before, after in zip(rows, rows[1:], strict=False):
        if before.time == after.time:
            first, second = sorted((before.line, after.line))
            raise DataError(
                f"{path.name}, line {second}, column time_h: {region} has {after.time:g} h twice "
                f"(line {first}). Give each time of a region once."
            )
    known = [row.u for row in rows if row.u is not None]
    if known and len(known) < len(rows):
        missing = min(row.line for row in rows if row.u is None)
        raise DataError(
            f"{path.name}, line {missing}, column u_MBq: {region} has an uncertainty for {len(known)} of "
            f"{len(rows)} points. Give all of them or none."
        )
    return TimeActivityCurve(
        region=region,
        t=np.array([row.time for row in rows]) * u.h,
        A=np.array([row.activity for row in rows]) * u.MBq,
        u=np.array(known) * u.MBq if known else None,
    )


def _rows(path: Path) -> list[_Row]:
    lines = [
        (number, line)
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if line.strip(" \t,;") and not line.lstrip(' "').startswith("#")
    ]
    if not lines:
        raise DataError(f"{path.name}: the table is empty. It needs a line of column names and a line a point.")
    number, header = lines[0]
    separator = next((mark for mark in ";\t" if mark in header), ",")
    columns = _columns(path, number, _cells(header, separator))
    if len(lines) == 1:
        raise DataError(f"{path.name}: there is no point below the column names. Add a line a point.")
    width = len(_cells(header, separator))
    rows = []
    for line_number, line in lines[1:]:
        cells = _cells(line, separator)
        if any(cells[width:]):
            raise DataError(
                f"{path.name}, line {line_number}: {len(cells)} values for {width} columns. "
                "Where the decimal mark is a comma, separate the columns by semicolons."
            )
        rows.append(_row(path, line_number, cells, columns, separator))
    return rows


def _row(path: Path, line: int, cells: list[str], columns: dict[str, tuple[int, str]], separator: str) -> _Row:
    def where(what: str) -> str:
        return f"{path.name}, line {line}, column {columns[what][1]}"

    def cell(what: str) -> str:
        index = columns[what][0]
        text = cells[index] if index < len(cells) else ""
        if not text and what != "u":
            raise DataError(f"{where(what)}: it is empty. Fill it in or remove the line.")
        return text

    def number(what: str) -> float:
        text = cell(what)
        plain = text.replace(",", ".") if separator != "," and "." not in text else text
        try:
            value = float(plain)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(f"{where(what)}: {text!r} is not a number. Write one in the unit of the column.")
        return value

    time, activity = number("time"), number("activity")
    if time < 0:
        raise DataError(f"{where('time')}: {time:g} h is before the administration. Times count from the administration.")
    uncertainty = number("u") if "u" in columns and cell("u") else None
    if uncertainty is not None and uncertainty <= 0:
        raise DataError(f"{where('u')}: {uncertainty:g} MBq; an uncertainty is above zero. Leave it empty where unknown.")
    return _Row(line=line, region=cell("region"), time=time, activity=activity, u=uncertainty)


def _columns(path: Path, line: int, header: list[str]) -> dict[str, tuple[int, str]]:
    """Where each column stands and how the file calls it."""
    found: dict[str, tuple[int, str]] = {}
    for index, name in enumerate(header):
        for what, names in COLUMNS.items():
            if name.lower() in names:
                if what in found:
                    raise DataError(f"{path.name}, line {line}: columns {found[what][1]} and {name} mean the same.")
                found[what] = (index, name)
    missing = [what for what in COLUMNS if what not in found and what != "u"]
    if missing:
        wanted = {"region": "region", "time": "time_h", "activity": "activity_MBq"}
        raise DataError(
            f"{path.name}, line {line}: no column {', '.join(wanted[what] for what in missing)}; "
            f"found {', '.join(header)}. The table needs region, time_h, activity_MBq and, if known, u_MBq."
        )
    return found


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file. Check the path.") from error
    except OSError as error:
        raise DataError(f"{path}: it cannot be read ({error.strerror}).") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in content:
            raise DataError(f"{path.name}: this is no text. Save the table as CSV in UTF-8.") from None
        return content.decode("cp1252", errors="replace")  # what spreadsheets still write; only names can suffer
