"""Integrate a table of activities that were measured once each."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.app.fit import read_table
from hevesy.errors import DataError, InputError
from hevesy.kinetics.single_time import (
    HAENSCHEID,
    OWN,
    HalfLives,
    SingleScan,
    method_named,
    own_half_life,
    scale,
    single_scan,
)
from hevesy.model import Measured, TimeActivityCurve
from hevesy.nuclides import load_nuclide


def single_table(
    path: str | Path,
    *,
    nuclide: str,
    method: str,
    half_life: Sequence[str] = (),
    spread: Sequence[str] = (),
    own_u: Sequence[str] = (),
    cycle_change: Sequence[str] = (),
) -> dict[str, Any]:
    """The integral of each region of a table with one row a region.

    Parameters
    ----------
    path : path                         The table of :func:`hevesy.app.fit.fit_table`, one row a region.
    nuclide : str                       "Lu-177"; no half-life is above its own.
    method : str                        "haenscheid" (or "Hänscheid"), "madsen", "population" or "own".
    half_life, spread, own_u, cycle_change : sequence of str
        Mean effective half-life [h] and its spread between patients [%]; with method "own" the patient's half-life of
        an earlier cycle [h], its uncertainty [h] and the change from cycle to cycle [%].  Each "50" for all regions or
        "Kidney_Left=50" for one.

    Returns
    -------
    dict                                Keys of ``fit_table`` with tia_95_MBq_h, method, window, bias and spread.
    """
    known, method = load_nuclide(nuclide), method_named(method)
    curves = read_table(Path(path))
    names = [curve.region for curve in curves]
    given = {"half-life": half_life, "half-life-spread": spread, "half-life-u": own_u, "cycle-change": cycle_change}
    wanted = ("half-life", "half-life-u", "cycle-change") if method == OWN else ("half-life", "half-life-spread")
    for option in (option for option, texts in given.items() if texts and option not in wanted):
        raise InputError(f"--{option} has no meaning for method {method}. It takes {', '.join(f'--{o}' for o in wanted)}.")
    numbers = {option: by_region(given[option], names=names, option=option) for option in wanted}
    regions = {}
    for curve in curves:
        T = numbers["half-life"][curve.region] * un.h
        if method == OWN:
            half_lives = own_half_life(
                half_life=T,
                u=numbers["half-life-u"][curve.region] * un.h,
                change=numbers["cycle-change"][curve.region] / 100,
                decay_constant=known.decay_constant,
            )
        else:
            variation = numbers["half-life-spread"][curve.region] / 100
            half_lives = HalfLives(mean=T, variation=variation, decay_constant=known.decay_constant)
        regions[curve.region] = _facts(curve, Path(path).name, method=method, half_lives=half_lives)
    return {"nuclide": known.name, "method": method, "regions": regions}


def by_region(texts: Sequence[str], *, names: Sequence[str], option: str) -> dict[str, float]:
    """Numbers by region from "50" (all that are not named) and "Kidney_Left=50"."""
    found: dict[str, float] = {}
    rest: float | None = None
    for text in texts:
        name, mark, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < 0:
            raise InputError(f"--{option} {text}: {number!r} is not a number of zero or more. Write 50 or REGION=50.")
        if mark and name.strip() not in names:
            raise InputError(f"--{option} {text}: no region {name.strip()}; there are {', '.join(names)}.")
        if mark:
            found[name.strip()] = value
        else:
            rest = value
    missing = [name for name in names if name not in found]
    if missing and rest is None:
        raise InputError(
            f"no --{option} for {', '.join(missing)}. Take it from your own patients or a publication; "
            "write --" + option + " 50 for all regions or REGION=50 for one."
        )
    return {name: found.get(name, rest if rest is not None else math.nan) for name in names}


def _facts(curve: TimeActivityCurve, file: str, *, method: str, half_lives: HalfLives) -> dict[str, Any]:
    if curve.t.size != 1:
        raise DataError(
            f"{file}: {curve.region} has {curve.t.size} rows; a single-scan method takes one. "
            "Leave one row, or fit them all with `hevesy fit`."
        )
    t, A = float(curve.t[0]), float(curve.A[0])
    u_A = None if curve.u is None else float(curve.u[0])
    reading = Measured(value=A, u=u_A, why_no_u="" if u_A is not None else "the table has none")
    found = single_scan(method=method, t=t, activity=reading, half_lives=half_lives, region=curve.region)
    tia, unit = found.time_integrated_activity, un.MBq * un.h
    return {
        "model": "mono",
        "method": method,
        "parameters": _parameters(found, t, A, half_lives),
        "parameters_95": None,
        "tia_MBq_h": tia.value / unit,
        "u_tia_MBq_h": None if tia.u is None else tia.u / unit,
        "tia_95_MBq_h": [bound / unit for bound in found.interval_95],
        "interval_method": "spread of the half-lives and of the reading",
        "why_no_u": tia.why_no_u,
        "bias_percent": 100 * found.bias,
        "spread_percent": 100 * found.spread,
        "effective_half_life_h": half_lives.mean / un.h,
        "u_effective_half_life_h": half_lives.variation * half_lives.mean / un.h,
        "effective_half_life_95_h": (np.quantile(half_lives.quantiles(), (0.025, 0.975)) / un.h).tolist(),
        "extrapolated_fraction": 2 ** -(t / half_lives.mean),
        "degrees_of_freedom": 0,
        "aicc": {},
        "aicc_weights": {},
        "window": {
            "scan_over_half_life": found.ratio,
            "stated": list(found.window.stated),
            "stated_h": [f * half_lives.mean / un.h for f in found.window.stated],
            "refused_outside": list(found.window.refused),
            "refused_outside_h": [f * half_lives.mean / un.h for f in found.window.refused],
            "inside": found.inside,
        },
        "well_posed": found.inside,
        "verdict": "weakly determined" if found.inside else "ill-posed",
        "reasons": ["one scan: the half-life is not this patient's own of this cycle", *found.warnings],
        "warnings": list(found.warnings),
        "points": [
            {
                "time_h": t / un.h,
                "activity_MBq": A / un.MBq,
                "u_MBq": None if u_A is None else u_A / un.MBq,
                "fitted_MBq": A / un.MBq,
            }
        ],
    }


def _parameters(found: SingleScan, t: float, A: float, half_lives: HalfLives) -> dict[str, float]:
    """Of the one exponential that was laid through the point; the method of Haenscheid lays none."""
    if found.method == HAENSCHEID:
        return {}
    # scale(t) = exp(k t) / k, so scale(0) = 1 / k
    k = 1 / float(scale(method=found.method, t=0.0, half_lives=half_lives))
    return {"A_MBq": A * math.exp(k * t) / un.MBq, "l1_per_h": k * un.h}
