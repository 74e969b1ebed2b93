"""Fit curves to a table of measured activities."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.app.columns import cells_of, text_of
from hevesy.app.processes import Each, spread
from hevesy.errors import DataError, InputError
from hevesy.kinetics import AUTO, evaluate
from hevesy.kinetics.average import CurveAverage, average
from hevesy.kinetics.intervals import intervals
from hevesy.kinetics.joint import Share, covariance_of, joint
from hevesy.kinetics.models import model_named
from hevesy.kinetics.rivals import hold_rivals
from hevesy.kinetics.trapezoid import trapezoid
from hevesy.model import CurveFit, TimeActivityCurve
from hevesy.nuclides import load_nuclide

TRAPEZOID = "trapezoid"
# Standard uncertainties on either side of a normal distribution that hold 95 % of it.
NORMAL_95 = 1.959963984540054

# Names of columns, in lower case, by what they hold.
COLUMNS = {
    "region": ("region", "roi"),
    "time": ("time_h", "t_h"),
    "activity": ("activity_mbq",),
    "u": ("u_mbq",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How the curves of a table are to be integrated.

    Attributes
    ----------
    model : str                         "auto", "mono", "uptake", "bi", "bi-uptake", "tri" or "trapezoid".
    average : bool                      Average the integral over the models by their Akaike weights.
    u_calibration : float               Relative u that all points share [1].
    u_scan : float                      Relative u that all regions of one scan share [1].
    tail, head : str                    Of the trapezoid.
    """

    model: str = AUTO
    average: bool = False
    u_calibration: float = 0.0
    u_scan: float = 0.0
    tail: str = "physical"
    head: str = "linear"

    def __post_init__(self) -> None:
        if self.model not in (AUTO, TRAPEZOID):
            model_named(self.model)
        if self.average and self.model != AUTO:
            raise InputError(f"an average is over models, and the model {self.model} was asked for. Leave one of the two out.")


def fit_table(
    path: str | Path, *, nuclide: str, model: str = AUTO, asked: Asked | None = None, processes: int = 1
) -> dict[str, Any]:
    """Fit each region of a table of activities.

    Parameters
    ----------
    path : path                         CSV with the columns region (or roi), time_h (or t_h), activity_MBq,
                                        perhaps u_MBq (k = 1); activities not corrected for decay. Separated
                                        by commas, semicolons or tabs; # starts a comment.
    nuclide : str                       "Lu-177"; no rate is below its decay.
    model : str                         "auto", "mono", "uptake", "bi", "bi-uptake", "tri" or "trapezoid".
    asked : Asked, optional             More than the model; it then says the model too.
    processes : int                     At most, where there are a hundred regions or more. More than one needs the
                                        ``if __name__ == "__main__"`` of multiprocessing in a script.

    Returns
    -------
    dict                                ``nuclide`` and ``regions``: by name model, parameters, integral, half-life,
                                        their 95 % intervals, verdict, reasons, warnings; the unit is in each key. With
                                        a shared uncertainty ``correlation`` of the integrals.

    Raises
    ------
    DataError
        The table is not one; the message names file, line and column.
    InputError
        Unknown nuclide or model, or a region that cannot be fitted. No region is left out.
    """
    asked = Asked(model=model) if asked is None else asked
    known = load_nuclide(nuclide)
    curves = read_table(Path(path))
    with spread(len(curves), processes) as each:
        regions, u, correlation = _regions(curves, known.decay_constant, asked, each)
    facts: dict[str, Any] = {"nuclide": known.name, "regions": regions}
    if asked.u_calibration or asked.u_scan:
        facts |= {
            "u_calibration_percent": 100 * asked.u_calibration,
            "u_scan_percent": 100 * asked.u_scan,
            "correlation": {"regions": list(u), "matrix": correlation},
        }
    return facts


def _regions(
    curves: list[TimeActivityCurve], decay_constant: float, asked: Asked, each: Each
) -> tuple[dict[str, dict[str, Any]], dict[str, float], list[list[float]]]:
    """Facts by region, u of the integrals that have one [Bq s], and their correlation."""
    if asked.model == TRAPEZOID:
        facts, shares = _trapezoids(curves, decay_constant, asked)
        covariance = covariance_of(shares, u_calibration=asked.u_calibration)
        names, own = [share.region for share in shares], {share.region: share.u for share in shares}
    else:
        together = joint(
            curves,
            decay_constant=decay_constant,
            u_calibration=asked.u_calibration,
            u_scan=asked.u_scan,
            model=asked.model,
            each=each,
        )
        pairs = list(zip(together.curves, together.fits, strict=True))
        made = each(partial(_facts, decay_constant=decay_constant, asked=asked), pairs)
        facts = dict(zip((found.region for _, found in pairs), made, strict=True))
        own = {found.region: found.time_integrated_activity.u or 0.0 for _, found in pairs}
        names, covariance = list(together.regions), np.array(together.covariance)
        if asked.average:
            averages = each(partial(average, decay_constant=decay_constant), [curve for curve, _ in pairs])
            for (curve, _), averaged in zip(pairs, averages, strict=True):
                own_u = averaged.time_integrated_activity.u
                facts[curve.region] |= _averaged(averaged)
                if curve.region in names and own_u is not None:
                    i = names.index(curve.region)
                    covariance[i, i] += own_u**2 - own[curve.region] ** 2
                    own[curve.region] = own_u
    u = np.sqrt(np.diag(covariance))
    for name, total in zip(names, u.tolist(), strict=True):
        _with_shared(facts[name], total / (un.MBq * un.h), own[name] / (un.MBq * un.h))
    matrix = covariance / np.outer(u, u) if len(u) else covariance
    np.fill_diagonal(matrix, 1.0)
    return facts, dict(zip(names, u.tolist(), strict=True)), matrix.tolist()


def _with_shared(facts: dict[str, Any], total: float, own: float) -> None:
    """Put what regions share into u of the integral and into its interval."""
    if not total > own * (1 + 1e-12):
        return
    value = facts["tia_MBq_h"]
    facts["u_tia_MBq_h"] = total
    if facts["tia_95_MBq_h"] is not None:
        facts["tia_95_MBq_h"] = _wider(facts["tia_95_MBq_h"], value, math.sqrt(total**2 - own**2) / value)


def _wider(ends: Sequence[float | None], value: float, relative_u: float) -> list[float | None]:
    """An interval with one more relative u: in quadrature, in the logarithm of what is above zero."""
    made: list[float | None] = []
    for sign, end in zip((-1, 1), ends, strict=True):
        if end is None or value <= 0 or end <= 0:
            made.append(end)
        else:
            made.append(value * math.exp(sign * math.hypot(math.log(end / value), NORMAL_95 * relative_u)))
    return made


def _averaged(averaged: CurveAverage) -> dict[str, Any]:
    tia, unit = averaged.time_integrated_activity, un.MBq * un.h
    return {
        "tia_MBq_h": tia.value / unit,
        "u_tia_MBq_h": None if tia.u is None else tia.u / unit,
        "tia_95_MBq_h": None if averaged.interval is None else [end / unit for end in averaged.interval],
        "interval_method": "model-averaged tail areas",
        "why_no_u": tia.why_no_u,
        "average": {
            "weights": dict(averaged.weights),
            "tia_MBq_h": {name: one.time_integrated_activity.value / unit for name, one in averaged.fits.items()},
            "left_out": dict(averaged.left_out),
        },
    }


def _trapezoids(
    curves: list[TimeActivityCurve], decay_constant: float, asked: Asked
) -> tuple[dict[str, dict[str, Any]], list[Share]]:
    facts, shares = {}, []
    for curve in curves:
        drift = asked.u_scan * curve.A
        weighted = curve if curve.u is None else replace(curve, u=np.hypot(curve.u, drift))
        found = trapezoid(weighted, decay_constant=decay_constant, tail=asked.tail, head=asked.head)
        tia, half_life, unit = found.time_integrated_activity, found.effective_half_life, un.MBq * un.h
        if tia.u is not None:
            pull = found.sensitivity * drift
            shares.append(Share(region=curve.region, t=curve.t, value=tia.value, u=tia.u, pull=pull))
        facts[curve.region] = {
            "model": TRAPEZOID,
            "tail": found.tail,
            "head": found.head,
            "parameters": {},
            "tia_MBq_h": tia.value / unit,
            "u_tia_MBq_h": None if tia.u is None else tia.u / unit,
            "tia_95_MBq_h": None,
            "interval_method": "none: the error of straight lines between scans is not known",
            "why_no_u": tia.why_no_u,
            "parts_MBq_h": {"head": found.before / unit, "between": found.between / unit, "tail": found.after / unit},
            "effective_half_life_h": half_life.value / un.h,
            "u_effective_half_life_h": None if half_life.u is None else half_life.u / un.h,
            "extrapolated_fraction": found.extrapolated_fraction,
            "well_posed": found.well_posed,
            "verdict": found.verdict,
            "reasons": list(found.reasons),
            "warnings": list(found.warnings),
            "points": _points(curve),
        }
    return facts, shares


def _facts(pair: tuple[TimeActivityCurve, CurveFit], *, decay_constant: float, asked: Asked) -> dict[str, Any]:
    curve, found = pair
    tia, half_life, u_calibration = found.time_integrated_activity, found.effective_half_life, asked.u_calibration
    spans, warnings = intervals(found, curve, decay_constant=decay_constant), list(found.warnings)
    if spans is not None and asked.model == AUTO:
        spans, others = hold_rivals(spans, found, curve, decay_constant=decay_constant)
        warnings += [
            f"{name} is not excluded (p = {p:.2g}): the intervals of integral and half-life hold its own too. "
            "Give the uncertainties of the points, or choose the model."
            for name, p in others.items()
        ]
    names = {name: f"{name}_MBq" if name[0] == "A" else f"{name}_per_h" for name in found.parameters}
    units = {name: un.MBq if name[0] == "A" else 1 / un.h for name in found.parameters}
    points = _points(curve, evaluate(found, curve.t))
    if spans is not None:
        for i, point in enumerate(points):
            ends = [float(end[i]) / un.MBq for end in (spans.low, spans.high)]
            point["fitted_95_MBq"] = _wider(ends, point["fitted_MBq"], u_calibration)
            # One more measurement would have the same calibration.
            point["predicted_95_MBq"] = [float(end[i]) / un.MBq for end in (spans.predicted_low, spans.predicted_high)]
    return {
        "model": found.model,
        "parameters": {names[name]: value / units[name] for name, value in found.parameters.items()},
        "parameters_95": None
        if spans is None
        else {
            names[name]: _wider(_ends(spans.parameters[name], units[name]), value / units[name], u_calibration)
            if name[0] == "A"
            else _ends(spans.parameters[name], units[name])
            for name, value in found.parameters.items()
        },
        "tia_MBq_h": tia.value / (un.MBq * un.h),
        "u_tia_MBq_h": None if tia.u is None else tia.u / (un.MBq * un.h),
        "tia_95_MBq_h": None if spans is None or tia.u is None else _ends(spans.time_integrated_activity, un.MBq * un.h),
        "interval_method": "none" if spans is None else spans.method,
        "why_no_u": tia.why_no_u,
        "effective_half_life_h": half_life.value / un.h,
        "u_effective_half_life_h": None if half_life.u is None else half_life.u / un.h,
        "effective_half_life_95_h": None if spans is None else _ends(spans.effective_half_life, un.h),
        "extrapolated_fraction": found.extrapolated_fraction,
        "degrees_of_freedom": found.degrees_of_freedom,
        "aicc": dict(found.scores),
        "aicc_weights": dict(found.weights),
        "well_posed": found.well_posed,
        "verdict": found.verdict,
        "reasons": list(found.reasons),
        "warnings": warnings,
        "points": points,
    }


def _ends(interval: tuple[float, float], unit: float) -> list[float | None]:
    """Low and high in a unit; None for an end that the points leave open."""
    return [end / unit if math.isfinite(end) else None for end in interval]


def _points(curve: TimeActivityCurve, fitted: npt.NDArray[np.float64] | None = None) -> list[dict[str, Any]]:
    points = [
        {
            "time_h": float(t) / un.h,
            "activity_MBq": float(A) / un.MBq,
            "u_MBq": None if curve.u is None else float(curve.u[i]) / un.MBq,
        }
        for i, (t, A) in enumerate(zip(curve.t, curve.A, strict=True))
    ]
    if fitted is not None:
        for point, value in zip(points, fitted, strict=True):
            point["fitted_MBq"] = float(value) / un.MBq
    return points


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
        t=np.array([row.time for row in rows]) * un.h,
        A=np.array([row.activity for row in rows]) * un.MBq,
        u=np.array(known) * un.MBq if known else None,
    )


def _rows(path: Path) -> list[_Row]:
    lines = [
        (number, line)
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if line.strip(" \t,;") and not line.lstrip(' "').startswith("#")
    ]
    if not lines:
        raise DataError(f"{path.name}: the table is empty. It needs a line of column names and a line a point.")
    number, header = lines[0]
    separator = next((mark for mark in ";\t" if mark in header), ",")
    columns = _columns(path, number, cells_of(header, separator))
    if len(lines) == 1:
        raise DataError(f"{path.name}: there is no point below the column names. Add a line a point.")
    width = len(cells_of(header, separator))
    rows = []
    for line_number, line in lines[1:]:
        cells = cells_of(line, separator)
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
