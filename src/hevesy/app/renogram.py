"""Renogram from a table of counts: split function, maxima and emptying."""

from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.app.columns import Columns, read_columns
from hevesy.errors import DataError, InputError
from hevesy.kinetics.renogram import SIDES, KidneyCurve, Renogram, kidney_curve, split_by_area, split_by_patlak
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.reports.renogram import draw_renogram

SEED = 1
WINDOWS = ((60.0, 120.0), (120.0, 180.0))  # s
PATLAK = (60.0, 150.0)  # s
NEEDED = ("time_s", "left", "right", "background_left", "background_right")
PERCENT = 100.0
PICTURES = ("png", "svg")


def renogram(
    path: str | Path,
    *,
    areas: tuple[float, float] = (1.0, 1.0),
    window: tuple[float, float] | None = None,
    nuclide: str | None = None,
    picture: str | Path | None = None,
) -> dict[str, Any]:
    """Split function by areas and by the plot of Rutland and Patlak, T_max, T_1/2, residual activity at 20 min.

    Parameters
    ----------
    path : path                         CSV with time_s (middle of each frame after the injection), left, right,
                                        background_left, background_right (counts in the frame); perhaps heart and duration_s.
    areas : (float, float)              Pixels of the left and right kidney by those of their background regions.
    window : (float, float) or None     For the split, from and to [s]; by default 1 to 2 min and 2 to 3 min, both.
    nuclide : str or None               Correct the curves for its decay; None leaves them as measured.
    picture : path or None              Draw the curves there, as .png or .svg.

    Returns
    -------
    dict                                ``split``, ``left``, ``right``, ``remarks``; the unit is in each key.
    """
    table = read_columns(Path(path), needed=NEEDED, known=("heart", "duration_s"))
    found, remarks = _renogram(table, areas)
    lam = 0.0 if nuclide is None else load_nuclide(nuclide).decay_constant
    if picture is not None and Path(picture).suffix.lstrip(".").lower() not in PICTURES:
        raise InputError(f"{picture}: pictures are written as .png or .svg. Change its ending.")
    kidneys = {side: kidney_curve(found, side, seed=SEED, decay_constant=lam) for side in SIDES}
    windows = WINDOWS if window is None else (window,)
    split = {f"area_{a:g}_to_{b:g}_s": _split(split_by_area(found, a, b, decay_constant=lam)) for a, b in windows}
    ends = [windows[-1][1]]
    if found.heart is not None:
        a, b = PATLAK if window is None else window
        split[f"patlak_{a:g}_to_{b:g}_s"] = _split(split_by_patlak(found, a, b, decay_constant=lam))
        ends.append(b)
    else:
        remarks.append("no column heart: no plot of Rutland and Patlak.")
    first = min(kidney.time_of_maximum.value for kidney in kidneys.values())
    if max(ends) > first:
        remarks.append(
            f"a window for the split ends at {max(ends):g} s, after a maximum at {first:.3g} s: activity has left by then. "
            "Choose an earlier --window."
        )
    if picture is not None:
        kind = Path(picture).suffix.lstrip(".").lower()
        smooth = np.array([kidneys[side].smooth for side in SIDES])
        maxima = tuple(kidneys[side].time_of_maximum.value for side in SIDES)
        measured = found.rates * np.exp(lam * found.t)
        Path(picture).write_bytes(draw_renogram(found.t, measured, smooth, maxima=maxima, window=windows[0], kind=kind))
    return {
        "frames": int(found.t.size),
        "corrected_for_decay_of": None if nuclide is None else load_nuclide(nuclide).name,
        "kidney_by_background_area": list(areas),
        "split": split,
        **{side: _kidney(kidney) for side, kidney in kidneys.items()},
        "seed": SEED,
        "remarks": [*(text for kidney in kidneys.values() for text in kidney.remarks), *remarks],
    }


def _renogram(table: Columns, areas: tuple[float, float]) -> tuple[Renogram, list[str]]:
    if not all(0.01 <= area <= 100 for area in areas):
        raise InputError(f"areas {areas[0]:g} and {areas[1]:g}: kidney by background, from 0.01 to 100 is allowed.")
    columns = {name: np.array(table.filled(name)) for name in table.numbers}
    t = columns["time_s"]
    for row in np.flatnonzero(np.diff(t) <= 0):
        raise DataError(
            f"{table.where(int(row) + 1, 'time_s')}: {t[row + 1]:g} s does not come after {t[row]:g} s. Sort the frames by time."
        )
    for name in (*NEEDED[1:], "heart"):
        for row in np.flatnonzero(columns.get(name, np.zeros(1)) < 0):
            raise DataError(f"{table.where(int(row), name)}: {columns[name][row]:g}; counts are raw, 0 or more.")
    remarks = []
    if areas == (1.0, 1.0):
        remarks.append("background is subtracted as it stands: state --area-left and --area-right where regions differ in size.")
    if any(np.any(columns[name] != np.round(columns[name])) for name in NEEDED[1:]):
        remarks.append("counts are not whole numbers: their uncertainties hold for raw counts only.")
    return Renogram(
        t=t,
        duration=_durations(table, columns),
        kidneys=np.array([columns["left"], columns["right"]]),
        backgrounds=np.array([columns["background_left"], columns["background_right"]]),
        areas=np.array(areas),
        heart=columns.get("heart"),
    ), remarks


def _durations(table: Columns, columns: dict[str, np.ndarray]) -> np.ndarray:
    if "duration_s" in columns:
        return columns["duration_s"]
    steps = np.diff(columns["time_s"])
    if steps.size == 0 or np.ptp(steps) > 0.1 * np.mean(steps):
        raise DataError(f"{table.file}: the frames are not all of one length. Add the column duration_s.")
    return np.full(columns["time_s"].size, float(np.mean(steps)))


def _split(left: Measured) -> dict[str, float | None]:
    u_left = None if left.u is None else PERCENT * left.u
    return {"left_percent": PERCENT * left.value, "right_percent": PERCENT * (1 - left.value), "u_percent": u_left}


def _kidney(kidney: KidneyCurve) -> dict[str, float | None]:
    facts: dict[str, float | None] = {}
    for name, measured, factor in (
        ("t_max_min", kidney.time_of_maximum, 1 / u.min_),
        ("t_half_min", kidney.half_time, 1 / u.min_),
        ("residual_20_min_percent_of_maximum", kidney.residual, PERCENT),
        ("normalised_residual_20_min", kidney.normalised_residual, 1.0),
    ):
        facts[name] = None if measured is None else measured.value * factor
        facts[f"u_{name}"] = None if measured is None or measured.u is None else measured.u * factor
    return facts
