"""Solve a compartment model that is given as a table."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hevesy import units as u
from hevesy.app.columns import read_columns, text_of
from hevesy.errors import DataError, InputError
from hevesy.kinetics.compartments import CompartmentCurves, CompartmentModel, Transfer, compartment_model, solve_compartments
from hevesy.nuclides import load_nuclide

# Names of columns for a transfer coefficient, and what turns their numbers into 1/s.
PER_TIME = {"per_day": 1 / u.d, "per_h": 1 / u.h, "per_min": 1 / u.min_, "per_s": 1 / u.s}
HALF_TIMES = {"half_time_d": u.d, "half_time_h": u.h, "half_time_min": u.min_, "half_time_s": u.s}
TEXTS = ("from", "to", "nuclide")
FRACTION = "fraction"
WHY_NO_U = "transfer coefficients are taken as exact: the table gives no uncertainty of them"
HOURS = (1.0, 4.0, 24.0, 48.0, 96.0, 168.0)


def compartments(
    path: str | Path,
    *,
    nuclide: str | None = None,
    hours: Sequence[float] = HOURS,
    into: Mapping[str, float] | None = None,
    alone: bool = False,
) -> dict[str, Any]:
    """Activity and time-integrated activity coefficients of each compartment, per administered activity.

    Parameters
    ----------
    path : path                         CSV with the columns from, to and one of per_day, per_h, per_min, per_s, half_time_d,
                                        half_time_h, half_time_min, half_time_s; perhaps fraction (of the half-time's rate) and
                                        nuclide (a member of the chain, or all). Or TOML: nuclide, [input], [[transfer]].
    nuclide : str or None               Parent; needed unless the TOML names it.
    hours : sequence of float           Times to print [h]; each integral also runs to the last one.
    into : mapping or None              Share of the administered activity by compartment; overrides the TOML's [input].
    alone : bool                        Without daughters.

    Returns
    -------
    dict                                ``compartments``: by name and nuclide; the unit is in each key.
    """
    path = Path(path)
    if path.suffix.lower() == ".toml":
        transfers, named, given = _toml(path)
    else:
        transfers, named, given = _csv(path), None, {}
    parent = nuclide or named
    if parent is None:
        raise InputError(f"{path.name}: no nuclide is given. Add --nuclide, or nuclide in the TOML.")
    model = compartment_model(parent, transfers, alone=alone)
    shares = dict(into) if into else given
    if not shares:
        raise InputError(
            f"{path.name}: nothing says where the activity enters. Give the compartment: one of {', '.join(model.compartments)}."
        )
    curves = solve_compartments(model, shares, [time * u.h for time in _times(hours)])
    return _facts(path, model, curves, shares)


def _times(hours: Sequence[float]) -> list[float]:
    if not hours or not all(math.isfinite(time) and time >= 0 for time in hours):
        raise InputError(f"hours {list(hours)}: give times of 0 or more in hours.")
    if max(hours) > 1e6:
        raise InputError(f"hours {max(hours):g} are more than a century. Are they seconds?")
    return sorted(set(hours))


def _facts(path: Path, model: CompartmentModel, curves: CompartmentCurves, shares: Mapping[str, float]) -> dict[str, Any]:
    hours = [float(t) / u.h for t in curves.t]
    remarks = list(model.remarks)
    if sum(shares.values()) < 1 - 1e-9:
        remarks.append(f"{sum(shares.values()):.4g} of the administered activity enters; the rest is not followed.")
    return {
        "model": path.name,
        "nuclide": model.members[0],
        "half_life_h": load_nuclide(model.members[0]).half_life / u.h,
        "input": dict(shares),
        "hours": hours,
        "compartments": {
            place: {
                member: {
                    "tiac_h": float(curves.tiac[i, j]) / u.h,
                    f"tiac_to_{hours[-1]:g}_h_h": float(curves.tiac_to[-1, i, j]) / u.h,
                    "activity_per_administered": [float(a) for a in curves.activity[:, i, j]],
                }
                for i, member in enumerate(curves.members)
            }
            for j, place in enumerate(curves.compartments)
        },
        "u_tiac_h": None,
        "why_no_u": WHY_NO_U,
        "remarks": remarks,
    }


def _csv(path: Path) -> list[Transfer]:
    table = read_columns(path, needed=("from", "to"), known=("nuclide", FRACTION, *PER_TIME, *HALF_TIMES), texts=TEXTS)
    rate_columns = [name for name in table.numbers if name in PER_TIME or name in HALF_TIMES]
    if len(rate_columns) != 1:
        raise DataError(
            f"{path.name}: {len(rate_columns)} columns of transfer coefficients ({', '.join(rate_columns) or 'none'}); one of "
            f"{', '.join((*PER_TIME, *HALF_TIMES))} is needed."
        )
    column = rate_columns[0]
    values = table.filled(column)
    fractions = table.numbers.get(FRACTION, (None,) * len(values))
    nuclides = table.words.get("nuclide", ("",) * len(values))
    transfers = []
    for row, (value, share) in enumerate(zip(values, fractions, strict=True)):
        source, target, name = table.words["from"][row], table.words["to"][row], nuclides[row]
        try:
            rate = _rate(column, value, share)
            transfers.append(Transfer(source=source, target=target, rate=rate, nuclide=name))
        except InputError as error:
            raise DataError(f"{path.name}, line {table.lines[row]}: {error}") from error
    return transfers


def _rate(column: str, value: float, share: float | None) -> float:
    if share is not None and not 0 <= share <= 1:
        raise InputError(f"fraction is {share:g}; a fraction is from 0 to 1. Is it a percentage?")
    if column in PER_TIME:
        return value * PER_TIME[column] * (1.0 if share is None else share)
    if not value > 0:
        raise InputError(f"{column} is {value:g}; a half-time is above 0. Leave the line out where nothing moves.")
    return (1.0 if share is None else share) * math.log(2) / (value * HALF_TIMES[column])


def _toml(path: Path) -> tuple[list[Transfer], str | None, dict[str, float]]:
    try:
        found = tomllib.loads(text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path.name}: this is no TOML ({error}).") from error
    if unknown := sorted(set(found) - {"nuclide", "input", "transfer", "title", "source"}):
        raise DataError(f"{path.name}: {', '.join(unknown)} is unknown. Known are nuclide, title, source, [input], [[transfer]].")
    name, rows, given = found.get("nuclide"), found.get("transfer"), found.get("input", {})
    if not isinstance(rows, list) or not rows:
        raise DataError(f"{path.name}: there is no [[transfer]]. Add one for each path.")
    if not isinstance(given, dict) or not all(_is_number(share) for share in given.values()):
        raise DataError(f"{path.name}: [input] needs a share of the administered activity for each compartment: Blood = 1.0.")
    if name is not None and not isinstance(name, str):
        raise DataError(f'{path.name}: nuclide is {name!r}; it needs a name: "I-131".')
    return [_path(path, i, row) for i, row in enumerate(rows, start=1)], name, {k: float(v) for k, v in given.items()}


def _path(path: Path, number: int, row: Any) -> Transfer:
    where = f"{path.name}, [[transfer]] {number}"
    columns = [key for key in row if key in PER_TIME or key in HALF_TIMES] if isinstance(row, dict) else []
    if len(columns) != 1 or not all(isinstance(row.get(end), str) for end in ("from", "to")):
        raise DataError(f"{where}: it needs from, to and one of {', '.join((*PER_TIME, *HALF_TIMES))}.")
    if unknown := sorted(set(row) - {*TEXTS, FRACTION, *columns}):
        raise DataError(f"{where}: {', '.join(unknown)} is unknown. Known are from, to, nuclide, fraction and the coefficient.")
    value, share = row[columns[0]], row.get(FRACTION)
    if not _is_number(value) or not (share is None or _is_number(share)):
        raise DataError(f"{where}: {columns[0]} and fraction must be numbers; got {value!r} and {share!r}.")
    try:
        rate = _rate(columns[0], float(value), None if share is None else float(share))
        return Transfer(source=row["from"], target=row["to"], rate=rate, nuclide=str(row.get("nuclide", "")))
    except InputError as error:
        raise DataError(f"{where}: {error}") from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
