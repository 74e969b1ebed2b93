"""Thyroid uptake from a table of counts."""

from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.app.blood import checked_position
from hevesy.app.columns import Columns, read_columns
from hevesy.errors import DataError, InputError
from hevesy.kinetics import AUTO
from hevesy.kinetics.probe import net_rates
from hevesy.kinetics.thyroid_uptake import Uptake, UptakeFit, fit_uptake, thyroid_uptake
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide

OPTIONAL = ("room_counts", "counting_time_s", "standard_time_s")
PERCENT = 100.0


def thyroid(
    path: str | Path, *, nuclide: str, standard_percent: float = PERCENT, model: str = AUTO, u_position: float = 0.0
) -> dict[str, Any]:
    """Uptake at each time, its maximum, effective half-life and time-integrated activity coefficient.

    Parameters
    ----------
    path : path                         CSV with time_h, neck_counts, thigh_counts, standard_counts; perhaps room_counts,
                                        counting_time_s and standard_time_s. A standard is used for the lines below it until the
                                        next one, with its decay since; a line may hold a standard alone.
    nuclide : str
    standard_percent : float            Activity of the standard by that administered [%].
    model : str                         "auto" or a curve model.
    u_position : float                  Relative standard uncertainty of each reading of the neck by its positioning [1].

    Returns
    -------
    dict                                The unit is in each key.

    Raises
    ------
    DataError, InputError
        Counts below zero, times that do not increase, no standard, an unknown nuclide or model.
    """
    known = load_nuclide(nuclide)
    table = read_columns(
        Path(path), needed=("time_h", "neck_counts", "thigh_counts", "standard_counts"), known=OPTIONAL, texts=()
    )
    if not 1e-3 <= standard_percent <= 1000:
        raise InputError(
            f"the standard holds {standard_percent:g} % of the administered activity; from 0.001 to 1000 is allowed."
        )
    uptake, remarks = _uptake(table, known.decay_constant, standard_percent / PERCENT, checked_position(u_position))
    found = fit_uptake(uptake, decay_constant=known.decay_constant, model=model)
    return {"nuclide": known.name, "half_life_h": known.half_life / u.h} | _facts(uptake, found, known.decay_constant, remarks)


def _uptake(table: Columns, decay_constant: float, standard_share: float, u_position: float) -> tuple[Uptake, list[str]]:
    times = table.filled("time_h")
    neck, thigh, standard = (table.numbers[name] for name in ("neck_counts", "thigh_counts", "standard_counts"))
    room = table.numbers.get("room_counts", (0.0,) * len(times))
    measured, used = [], []
    last: int | None = None
    for row in range(len(times)):
        if standard[row] is not None:
            last = row
        if neck[row] is None and thigh[row] is None and standard[row] is not None:
            continue
        if last is None:
            raise DataError(f"{table.where(row, 'standard_counts')}: there is no standard at or above this line. Fill one in.")
        for name in ("neck_counts", "thigh_counts"):
            if table.numbers[name][row] is None:
                raise DataError(f"{table.where(row, name)}: it is empty. Fill it in or remove the line.")
        measured.append(row)
        used.append(last)
    if not measured:
        raise DataError(f"{table.file}: no line has counts of the neck. Add one for each measurement.")
    t_patient, t_standard = _durations(table)
    r = net_rates(_at(neck, measured), _at(thigh, measured), t_patient[measured], what="thyroid")
    s = net_rates(_at(standard, used), _at(room, used), t_standard[used], what="standard")
    hours = np.array(times)
    remarks = [] if "room_counts" in table.numbers else ["no room_counts: nothing is subtracted from the standard."]
    if u_position == 0:
        remarks.append("u is from counting alone; state --u-position for what positioning adds.")
    uptake = thyroid_uptake(
        hours[measured] * u.h,
        (r[0], np.hypot(r[1], u_position * r[0])),
        s,
        standard_share=standard_share,
        standard_at=None if measured == used else hours[used] * u.h,
        decay_constant=decay_constant,
    )
    return uptake, remarks


def _durations(table: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Counting times of patient and standard by line; where no column gives them, all are one and the same."""
    n = len(table.lines)
    if "counting_time_s" not in table.numbers:
        if "standard_time_s" in table.numbers:
            raise DataError(f"{table.file}: standard_time_s needs counting_time_s beside it. Add that column.")
        return np.ones(n), np.ones(n)
    patient = np.array(table.filled("counting_time_s"))
    given = table.numbers.get("standard_time_s", (None,) * n)
    return patient, np.array([own if time is None else time for own, time in zip(patient, given, strict=True)])


def _at(values: tuple[float | None, ...], rows: list[int]) -> np.ndarray:
    return np.array([0.0 if values[row] is None else values[row] for row in rows], dtype=float)


def _facts(uptake: Uptake, found: UptakeFit, decay_constant: float, remarks: list[str]) -> dict[str, Any]:
    fit, half_life = found.fit, found.fit.effective_half_life
    fitted = np.exp(-np.outer(uptake.t, fit.rates)) @ fit.amplitudes * np.exp(decay_constant * uptake.t)
    return {
        "points": [
            {
                "time_h": float(t) / u.h,
                "uptake_percent": PERCENT * float(value),
                "u_uptake_percent": PERCENT * float(own),
                "fitted_percent": PERCENT * float(curve),
            }
            for t, value, own, curve in zip(uptake.t, uptake.value, uptake.u, fitted, strict=True)
        ],
        "u_standard_percent_of_value": PERCENT * uptake.u_standard,
        "model": fit.model,
        "maximum_uptake_percent": PERCENT * found.maximum.value,
        "u_maximum_uptake_percent": _u(found.maximum, PERCENT),
        "time_of_maximum_h": found.time_of_maximum / u.h,
        "effective_half_life_h": half_life.value / u.h,
        "u_effective_half_life_h": _u(half_life, 1 / u.h),
        "tiac_h": found.tiac.value / u.h,
        "u_tiac_h": _u(found.tiac, 1 / u.h),
        "why_no_u": found.tiac.why_no_u,
        "extrapolated_fraction": fit.extrapolated_fraction,
        "well_posed": fit.well_posed,
        "warnings": [*fit.warnings, *remarks],
    }


def _u(measured: Measured, factor: float) -> float | None:
    return None if measured.u is None else measured.u * factor
