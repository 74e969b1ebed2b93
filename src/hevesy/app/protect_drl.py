"""A hospital's sample of administered activities against the diagnostic reference level of a country."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.columns import Columns, read_columns
from hevesy.app.patient_quantities import day_of
from hevesy.app.protect_activity import sources
from hevesy.app.whole_files import write_whole
from hevesy.errors import DataError, InputError
from hevesy.protection.reference_levels import (
    LINEAR,
    NOT_ABOVE,
    PER_KG,
    RULES,
    TOO_FEW,
    Compared,
    Level,
    Patient,
    compared,
    level,
    listed_levels,
)
from hevesy.protection.sample_median import SampleMedian
from hevesy.units import MBq, kg

NOTE = "A reference level is no limit and no dose for one patient: a median above it asks for a review of the practice."
COLUMNS = ("where", "activity_MBq", "weight_kg", "age_years", "level_MBq", "ratio", "left_out")
PLAUSIBLE_RATIO = 0.02, 50.0
PLAUSIBLE_WEIGHT = 0.3 * kg, 350 * kg


def protect_drl(
    sample: Path,
    *,
    procedure: str,
    country: str,
    people: str = "adults",
    on: str = "",
    output: Path | None = None,
    own: Path | None = None,
) -> dict[str, Any]:
    """Median, interval and verdict; with ``output`` also sample.csv, drl.json and drl.png.

    Parameters
    ----------
    sample : Path                       CSV with activity_MBq, and weight_kg and age_years where they are known; or a folder
                                        of DICOM dose reports and images.
    on : str                            Day that decides which level holds; today where empty.
    """
    day = day_of(on)
    against = level(country, procedure, on=day, people=people, own=own)
    patients, where, said = _read(sample, against)
    found = compared(patients, against)
    _check_units(found, sample)
    facts = {
        "schema": "hevesy-drl/1",
        "hevesy": __version__,
        "country": against.country,
        "procedure": against.procedure,
        "people": against.people,
        "tracer": against.rows[0]["tracer"],
        "on": day.isoformat(),
        "sample": sample.name,
        **_level_facts(against),
        **_sample_facts(found),
        **sources(against.rows),
        "remarks": [*_remarks(found, patients), *said],
        "note": NOTE,
    }
    if output is not None:
        from hevesy.reports.drl_plot import drl_plot

        contents = {
            "sample.csv": _export(where, patients, found),
            "drl.png": drl_plot(facts | {"points": _points(patients, found)}),
        }
        facts["files"] = [str(output / name) for name in (*contents, "drl.json")]
        contents["drl.json"] = (json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
        write_whole(output, contents)
    return facts


def listed_reference_levels(own: Path | None = None) -> dict[str, Any]:
    """Every level with country, procedure, people and the days on which it holds."""
    rows = [
        {
            "country": row["country"],
            "procedure": row["procedure"],
            "people": row["people"],
            "rule": row["rule"],
            **row.provenance(),
        }
        for row in listed_levels(own)
    ]
    return {"schema": "hevesy-reference-levels/1", "hevesy": __version__, "levels": rows}


def _read(sample: Path, against: Level) -> tuple[tuple[Patient, ...], tuple[str, ...], tuple[str, ...]]:
    """Patients, where each stands, and what has to be said of the sample."""
    if sample.is_dir():
        from hevesy.app.drl_folder import folder_sample

        return folder_sample(sample, against)
    table = read_columns(sample, needed=("activity_MBq",), known=("weight_kg", "age_years"))
    return _patients(table), tuple(f"line {line}" for line in table.lines), ()


def _patients(table: Columns) -> tuple[Patient, ...]:
    nothing = (None,) * len(table.lines)
    weights, ages = table.numbers.get("weight_kg", nothing), table.numbers.get("age_years", nothing)
    activities = table.filled("activity_MBq")
    for row, (activity, weight, age) in enumerate(zip(activities, weights, ages, strict=True)):
        if not 0 < activity <= 10_000:
            raise DataError(
                f"{table.where(row, 'activity_MBq')}: got {activity:g} MBq; above 0 and up to 10 000 is plausible. Correct it."
            )
        if weight is not None and not PLAUSIBLE_WEIGHT[0] <= weight * kg <= PLAUSIBLE_WEIGHT[1]:
            raise DataError(f"{table.where(row, 'weight_kg')}: got {weight:g} kg; 0.3 to 350 is plausible. Correct it.")
        if age is not None and not 0 <= age <= 120:
            raise DataError(f"{table.where(row, 'age_years')}: got {age:g} years; 0 to 120 is plausible. Correct it.")
    return tuple(
        Patient(activity=activity * MBq, weight=None if weight is None else weight * kg, age=age)
        for activity, weight, age in zip(activities, weights, ages, strict=True)
    )


def _check_units(found: Compared, sample: Path) -> None:
    low, high = PLAUSIBLE_RATIO
    if not low <= found.ratio.value <= high:
        raise InputError(
            f"{sample.name}: the median is {found.ratio.value:.3g} times the level; {low:g} to {high:g} is plausible. "
            "Are the activities in MBq, and is it this procedure?"
        )


def _level_facts(against: Level) -> dict[str, Any]:
    row = against.rows[0]
    grid = [
        {
            "weight_kg": r.number_or_none("weight_kg"),
            "age_years": r.number_or_none("age_years"),
            "level_MBq": r.number("level_MBq"),
        }
        for r in against.rows
        if len(against.rows) > 1
    ]
    return {
        "rule": against.rule,
        "rule_text": RULES[against.rule],
        "level_MBq": None if grid else row.number_or_none("level_MBq"),
        "level_MBq_per_kg": row.number_or_none("level_MBq_per_kg"),
        "slope_MBq_per_kg": row.number_or_none("slope_MBq_per_kg"),
        "reference_weight_kg": row.number_or_none("weight_kg") if against.rule == LINEAR else None,
        "levels": grid or None,
        "level_is": row["level_is"],
        "test": row["test"],
        "minimum_number": against.minimum,
    }


def _sample_facts(found: Compared) -> dict[str, Any]:
    per_kg = found.per_weight
    return {
        "verdict": found.verdict,
        "near_the_level": found.near,
        "said": _said(found),
        "n": len(found.ratios),
        "n_used": found.ratio.n,
        "n_left_out": len(found.ratios) - found.ratio.n,
        "median_ratio": _tidy(found.ratio.value),
        "ratio_interval": _interval(found.ratio, 1.0),
        "median_MBq": _tidy(found.activity.value / MBq),
        "median_interval_MBq": _interval(found.activity, MBq),
        "median_MBq_per_kg": None if per_kg is None else _tidy(per_kg.value / (MBq / kg)),
        "median_interval_MBq_per_kg": None if per_kg is None else _interval(per_kg, MBq / kg),
        "interval_coverage": None if found.ratio.coverage is None else _tidy(found.ratio.coverage),
        "why_no_interval": found.ratio.why_none or None,
    }


def _said(found: Compared) -> str:
    n, least = found.ratio.n, found.level.minimum
    side = f"the median is {found.ratio.value:.3g} times the level"
    if found.verdict == TOO_FEW:
        return f"{n} patients, and {least} are asked for: no verdict; {side}"
    where = "not above" if found.verdict == NOT_ABOVE else "above"
    if found.near is None:
        return f"{where}: {side}; {found.ratio.why_none}, so that chance is not bounded"
    near = "; the interval of the median holds the level, and another sample may fall on its other side" if found.near else ""
    return f"{where}: {side}{near}"


def _remarks(found: Compared, patients: Sequence[Patient]) -> list[str]:
    out = list(dict.fromkeys(row["remark"] for row in found.level.rows if row["remark"]))
    if found.level.minimum is None:
        out.append("the source states no minimum number of patients.")
    if all(patient.age is None for patient in patients):
        out.append(f"no ages are given: all patients are taken for {found.level.people}.")
    if found.level.rule == PER_KG:
        out.append("each activity was divided by the patient's weight before the median was taken.")
    reasons = [why for why in found.left_out if why]
    out += [f"left out, {reasons.count(why)}: {why}." for why in dict.fromkeys(reasons)]
    return out


def _points(patients: Sequence[Patient], found: Compared) -> list[dict[str, float | None]]:
    return [
        {
            "activity_MBq": p.activity / MBq,
            "weight_kg": None if p.weight is None else p.weight / kg,
            "age_years": p.age,
            "level_MBq": L / MBq,
            "ratio": p.activity / L,
        }
        for p, L in zip(patients, found.levels, strict=True)
        if L is not None
    ]


def _export(where: Sequence[str], patients: Sequence[Patient], found: Compared) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for place, p, L, ratio, why in zip(where, patients, found.levels, found.ratios, found.left_out, strict=True):
        cells = (
            p.activity / MBq,
            None if p.weight is None else p.weight / kg,
            p.age,
            None if L is None else L / MBq,
            ratio,
        )
        writer.writerow([place, *("" if cell is None else f"{cell:.6g}" for cell in cells), why])
    return out.getvalue().encode()


def _interval(found: SampleMedian, unit: float) -> list[float] | None:
    return None if found.low is None or found.high is None else [_tidy(found.low / unit), _tidy(found.high / unit)]


def _tidy(value: float) -> float:
    return float(f"{value:.6g}")
