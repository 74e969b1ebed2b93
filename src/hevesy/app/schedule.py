"""Choose scan times for patients of a population."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.kinetics.population import RegionPopulation
from hevesy.kinetics.schedule import (
    Patients,
    Plan,
    Schedule,
    Span,
    best_schedule,
    draw_patients,
    integral_quantiles,
    single_scan_curve,
)

STEP_H, APART_H = 1.0, 12.0
SHARES = (0.025, 0.5, 0.975)
NUMBER = r"\d+(?:\.\d+)?"


def schedule_from_file(path: str | Path, **options: Any) -> dict[str, Any]:
    """:func:`plan_scans` for the population model of a file, with a warning where a plan leaves its hours.

    Parameters
    ----------
    path : path                 JSON of :func:`hevesy.app.population.population_from_table`.
    **options                   Those of :func:`plan_scans`.
    """
    from hevesy.app.population import read_model

    populations = read_model(path)
    facts = plan_scans(populations, **options)
    measured = json.loads(Path(path).read_text("utf-8"))["regions"]
    for name in facts["regions"]:
        first, last = (measured[name].get(key) for key in ("first_time_h", "last_time_h"))
        times = [t for plan in facts["plans"] for t in plan["times_h"]]
        if first is not None and last is not None and not (0.5 * first <= min(times) and max(times) <= 1.5 * last):
            facts["warnings"].append(
                f"{name}: a plan has scans outside the {first:.3g} h to {last:.3g} h in which the population was measured; "
                "there the curve model is a guess"
            )
    return facts


def plan_scans(
    populations: Mapping[str, RegionPopulation],
    *,
    regions: Sequence[str],
    scans: str,
    hours: str,
    weights: Sequence[str] = (),
    administered: float | None = None,
    step: float = STEP_H,
    apart: float = APART_H,
    picture: str | Path | None = None,
) -> dict[str, Any]:
    """The scan times that leave the least expected uncertainty, for 1 to n scans.

    Parameters
    ----------
    populations : mapping               Region to :class:`RegionPopulation`.
    regions : sequence of str           That count; none: all of the model.
    scans : str                         "3" or "1..3": up to three.
    hours : str                         Allowed hours after administration, "3-6, 20-28, 92-100".
    weights : sequence of str           "Kidney_Left=0.1": what one unit of integral counts, say S values; then the
                                        goal is the uncertainty of the weighted sum.
    administered : float                [MBq]; then the expected integrals are in MBq h, else by MBq.
    step, apart : float                 Between possible times, and at least between two scans [h].
    picture : path                      PNG or SVG to write.

    Returns
    -------
    dict                                ``prior_u_percent``, ``plans``, ``single_scan``, ``expected_tia``, ``warnings``.
    """
    names = _regions(populations, regions)
    number, windows = number_of_scans(scans), allowed_hours(hours)
    if administered is not None and not (math.isfinite(administered) and administered > 0):
        raise InputError(f"the administered activity is {administered:g} MBq; it must be above zero.")
    if not (apart > 0 and math.isfinite(apart)):
        raise InputError(f"scans {apart:g} h apart; give a time above zero.")
    known = _weights(weights, names)
    chosen = [populations[name] for name in names]
    patients = draw_patients(chosen, weights=None if known is None else [known[name] for name in names])
    schedule = best_schedule(patients, windows=windows, scans=number, step=step * un.h, apart=apart * un.h)
    t = np.arange(0.5, max(stop for _, stop in windows) / un.h * 1.08, 0.5) * un.h
    u = single_scan_curve(patients, t)
    if picture is not None:
        _draw(Path(picture), names, windows, (t, u), schedule)
    return {
        "regions": names,
        "weights": known,
        "goal": "mean relative variance of the integrals" if known is None else "relative variance of the weighted sum",
        "allowed_hours": [[start / un.h, stop / un.h] for start, stop in windows],
        "step_h": step,
        "apart_h": apart,
        "prior_u_percent": 100 * schedule.prior_u,
        "plans": [_facts(plan) for plan in schedule.plans],
        "single_scan": {"time_h": (t / un.h).tolist(), "u_percent": (100 * u).tolist()},
        "expected_tia": _expected(patients, administered),
        "patients_of_model": {name: populations[name].patients for name in names},
        "warnings": [],
    }


def number_of_scans(text: str) -> int:
    """3 from "3" and from "1..3"."""
    found = re.fullmatch(r"\s*(?:(\d+)\s*\.\.\s*)?(\d+)\s*", text)
    if not found or (found[1] is not None and int(found[1]) > int(found[2])):
        raise InputError(f"--scans {text!r}: write the largest number, such as 3, or 1..3.")
    return int(found[2])


def allowed_hours(text: str) -> list[Span]:
    """Spans [s] from "3-6, 20-28"; "24" alone is that hour."""
    spans = []
    for part in (part.strip() for part in re.split(r"[,;]", text)):
        if not part:
            continue
        if part.startswith("-"):
            raise InputError(f"--hours {part!r} is before the administration. Hours count from it, from 0 on.")
        found = re.fullmatch(rf"({NUMBER})(?:\s*(?:-|–|\.\.|to)\s*({NUMBER}))?(?:\s*h)?", part)
        if not found:
            raise InputError(f"--hours {part!r} is no span of hours. Write 3-6, 20-28.")
        start = float(found[1])
        spans.append((start * un.h, (float(found[2]) if found[2] else start) * un.h))
    if not spans:
        raise InputError("--hours is empty. Write the allowed hours after administration, such as 3-6, 20-28.")
    return sorted(spans)


def _regions(populations: Mapping[str, RegionPopulation], wanted: Sequence[str]) -> list[str]:
    for name in wanted:
        if name not in populations:
            raise InputError(f"region {name} is not in the model; it has {', '.join(populations)}.")
    return list(dict.fromkeys(wanted)) or list(populations)


def _weights(texts: Sequence[str], names: Sequence[str]) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for text in (part for whole in texts for part in whole.split(",") if part.strip()):
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"--weights {text.strip()}: write REGION=NUMBER with a number of zero or more.")
        if name.strip() not in names:
            raise InputError(f"--weights {text.strip()}: no region {name.strip()!r} here; there are {', '.join(names)}.")
        found[name.strip()] = value
    missing = [name for name in names if name not in found]
    if found and missing:
        raise InputError(f"no weight for {', '.join(missing)}. Give one for each region, 0 for what does not count.")
    return found or None


def _facts(plan: Plan) -> dict[str, Any]:
    return {
        "scans": len(plan.times),
        "times_h": [t / un.h for t in plan.times],
        "u_percent": 100 * plan.u,
        "u_tenth_percent": 100 * plan.u_tenth,
        "u_regions_percent": {name: 100 * value for name, value in plan.u_regions.items()},
        "u_without_percent": [100 * value for value in plan.without],
        "u_day_later_percent": [100 * value for value in plan.day_later],
        "u_all_later_percent": 100 * plan.all_later,
    }


def _expected(patients: Patients, administered: float | None) -> dict[str, Any]:
    """Median and 95 % of the patients before any scan."""
    unit, factor = ("h", 1.0) if administered is None else ("MBq_h", administered)
    return {
        region: dict(zip((f"low_{unit}", f"median_{unit}", f"high_{unit}"), (q * factor / un.h).tolist(), strict=True))
        for region, q in integral_quantiles(patients, SHARES).items()
    }


def _draw(path: Path, names: Sequence[str], windows: Sequence[Span], curve: tuple[Any, Any], schedule: Schedule) -> None:
    from hevesy.reports.schedule_plot import PlanMarks, SchedulePicture, schedule_plot

    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise InputError(f"{path.name}: the picture is a PNG or an SVG. Name it so, such as plan.png.")
    marks = tuple(PlanMarks(times=p.times, u=p.u, worst_missed=max(p.without)) for p in schedule.plans)
    made = SchedulePicture(
        title=", ".join(names), windows=tuple(windows), times=curve[0], u=curve[1], prior_u=schedule.prior_u, plans=marks
    )
    path.write_bytes(schedule_plot(made, kind=kind))
