"""Plan activity from a dose result: limits of organs, goals of tumours, cycles given and to come."""

import math
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy import units as un
from hevesy.anatomy import standard_name
from hevesy.app.limits import read_limits
from hevesy.app.plan_course import delivered_of, forecast_of, sha256_of
from hevesy.app.plan_facts import goal_facts, picture_of, plan_facts, write_plan
from hevesy.app.quantities import quantity
from hevesy.app.result_file import ResultFile, read_result
from hevesy.app.tissue_file import read_tissues
from hevesy.errors import InputError, ScopeError
from hevesy.planning.activity import (
    MAXIMUM,
    Outlook,
    Plan,
    activity_for_goal,
    at_activity,
    check_most,
    largest_activity,
    outlook,
    reaches,
)
from hevesy.planning.adapted import adapted_course
from hevesy.planning.draws import DRAWS, SEED
from hevesy.planning.forecast import DeliveredCycle, Forecast, check_apart
from hevesy.planning.limits import Limit
from hevesy.radiobiology import Tissue, tissues

REACH = 0.9
BEYOND = 1.5  # times the measured activity, above which proportion is a guess
SCHEMA = "hevesy-plan/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAsked:
    """What is to be planned, as people write it.

    Attributes
    ----------
    limits : path or None               TOML with [limits.REGION].
    exceed : str                        "5 %": chance for all limits, instead of those in the file; "" leaves those.
    cycles : int                        To come.
    adapted : bool                      Each cycle is planned again from what was measured.
    earlier : tuple of path             Results of the cycles that were delivered.
    goals : tuple of str                "Lesion 1=100 Gy".
    reach : str                         Probability to reach a goal.
    most : str                          "7.4 GBq" by cycle; "" is none.
    interval : str                      Least time between cycles, "4 weeks"; "" lets the curves decide.
    tissues : path or None              Tissues file of ``hevesy biology``, for tissues of one's own.
    change : tuple of str               Standard deviation from cycle to cycle: "10 %" or "Kidney_Left=10 %".
    """

    limits: Path | None = None
    exceed: str = ""
    cycles: int = 1
    adapted: bool = False
    earlier: tuple[Path, ...] = ()
    goals: tuple[str, ...] = ()
    reach: str = ""
    most: str = ""
    interval: str = ""
    tissues: Path | None = None
    change: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was asked, in the units of the house."""

    limits: tuple[Limit, ...]
    goals: tuple[tuple[str, float], ...]
    reach: float
    most: float | None
    interval: float | None
    change: dict[str, float]


def plan_result(path: Path, asked: PlanAsked, *, out: Path | None = None) -> dict[str, Any]:
    """Plan from a ``result.json``.

    Parameters
    ----------
    path : path                         result.json of ``hevesy dose``, or its folder.
    asked : PlanAsked
    out : path, optional                Folder to write plan.json and plan.png to.

    Returns
    -------
    dict                                ``activity_MBq``, ``total_activity_MBq``, ``limiting``, ``regions``, ``goals``,
                                        ``assumptions``, ``warnings``, ``provenance``.

    Raises
    ------
    InputError, ScopeError, DataError
        What is asked cannot be planned; the message says what to do.
    """
    read = _read(asked)
    result = read_result(path)
    known = {tissue.name: tissue for tissue in tissues()} | _own_tissues(asked.tissues, result)
    forecast, left_out = forecast_of(result, change=read.change)
    delivered = delivered_of(asked.earlier, result)
    view = outlook(forecast, read.limits, tissues=known, cycles=asked.cycles, delivered=delivered)
    covered = sorted({name for each in view.limited for name in each.target.covers})
    check_apart(delivered, regions=covered, least=read.interval)
    if asked.adapted:
        plan = adapted_course(view, most=read.most)
    elif read.limits or read.most is not None:
        plan = largest_activity(view, most=read.most)
    else:
        needed = [(activity_for_goal(view, name, dose, reach=read.reach), name) for name, dose in read.goals]
        plan = at_activity(view, max(needed)[0])
    goals = [_goal(view, plan, name, dose, read) for name, dose in read.goals]
    facts = {
        "schema": SCHEMA,
        "title": result.title,
        "synthetic": result.synthetic,
        "nuclide": result.nuclide,
        "radiopharmaceutical": result.radiopharmaceutical,
        **plan_facts(view, plan, adapted=asked.adapted, decided_by="goal" if not (read.limits or read.most) else "limits"),
        "goals": goals,
        "assumptions": _assumptions(view, asked, result, delivered),
        "warnings": [*_of_others(asked.earlier, result), *_warnings(view, plan, result, delivered, left_out)],
        "provenance": _provenance(asked, result, read),
    }
    if out is not None:
        write_plan(out, facts, picture_of(view, plan, facts))
    return facts


def _read(asked: PlanAsked) -> _Read:
    limits = read_limits(asked.limits) if asked.limits is not None else ()
    if asked.exceed:
        p = quantity(asked.exceed, "fraction", name="--exceed")
        limits = tuple(replace(limit, probability=p) for limit in limits)
    goals = tuple(_pair(text, "dose", "--goal") for text in asked.goals)
    if not limits and not goals:
        raise InputError('nothing to plan by: give --limits limits.toml, or --goal "Lesion 1=100 Gy".')
    if asked.adapted and not limits:
        raise InputError("--adapted spreads what is left under a limit over the cycles to come. Give --limits.")
    change: dict[str, float] = {}
    for text in asked.change:
        name, share = _pair(text, "fraction", "--change") if "=" in text else ("", quantity(text, "fraction", name="--change"))
        change[name] = share
    most = quantity(asked.most, "activity", name="--max") if asked.most else None
    check_most(most)
    interval = quantity(asked.interval, "time", name="--interval") if asked.interval else None
    if interval is not None and not interval > 0:
        raise InputError(f"--interval {asked.interval}: it must be above zero.")
    return _Read(
        limits=limits,
        goals=goals,
        reach=quantity(asked.reach, "fraction", name="--reach") if asked.reach else REACH,
        most=most,
        interval=interval,
        change=change,
    )


def _own_tissues(path: Path | None, result: ResultFile) -> dict[str, Tissue]:
    if path is None:
        return {}
    chosen = read_tissues(path, result.regions.values())
    weighted = [name for name, choice in chosen.items() if choice.rbe is not None]
    if weighted:
        raise ScopeError(
            f"{path.name}: an RBE is given for {', '.join(weighted)}; planning takes RBE 1, for beta particles and photons. "
            "Limit the absorbed dose instead, or take the RBE out."
        )
    return {choice.tissue.name: choice.tissue for choice in chosen.values()}


def _pair(text: str, kind: str, option: str) -> tuple[str, float]:
    found = re.fullmatch(r"\s*(.+?)\s*=\s*([^=]+?)\s*", text)
    if not found:
        example = '"Lesion 1=100 Gy"' if kind == "dose" else '"Kidney_Left=10 %"'
        raise InputError(f"{option} {text!r}: write REGION=VALUE, such as {example}.")
    return found[1], quantity(found[2], kind, name=f"{option} {found[1]}")


def _goal(view: Outlook, plan: Plan, name: str, dose: float, read: _Read) -> dict[str, Any]:
    needed = activity_for_goal(view, name, dose, reach=read.reach)
    return goal_facts(
        region=name,
        dose=dose,
        reach=read.reach,
        needed=needed,
        then=at_activity(view, needed),
        chance=reaches(view, name, dose, plan.activity) if len({a for a, _, _ in plan.activities}) == 1 else None,
    )


def _assumptions(view: Outlook, asked: PlanAsked, result: ResultFile, delivered: Sequence[DeliveredCycle]) -> list[str]:
    forecast = view.world.forecast
    said = [
        f"each cycle to come gives the dose by activity that this result measured ({result.administered:%Y-%m-%d}), in "
        "proportion to the activity; no trend over the cycles",
        "errors of doses are log-normal about the measured dose; systematic ones are the same in all cycles, random ones "
        "differ; the correlation between regions is that of the result"
        if forecast.correlation is not None
        else "errors of doses are log-normal about the measured dose; systematic ones are the same in all cycles, random ones "
        "differ; regions are taken as independent, because the result states no correlation",
        _change_said(forecast, given=bool(asked.change)),
    ]
    together = [each.target for each in view.limited if len(each.target.covers) > 1]
    said += [f"{t.name}: {', '.join(t.covers)} together, the mean dose to their joint mass" for t in together]
    singly = {
        each.target.limit.region for each in view.limited if each.target.limit and each.target.limit.region != each.target.name
    }
    said += [f"limit of {name}: it holds for each region of that organ" for name in sorted(singly - {t.name for t in together})]
    for tissue in {each.target.tissue.name: each.target.tissue for each in view.limited if each.target.tissue}.values():
        ab, T = tissue.alpha_beta, ", ".join(f"{t / un.h:g}" for t in tissue.repair.half_times)
        doubts = [
            *([f"u of {' and '.join(tissue.assumed)} assumed by Hevesy"] if tissue.assumed else []),
            *(["its numbers are unverified"] if tissue.how == "recalled" else []),
        ]
        said.append(
            f"tissue {tissue.name}: alpha/beta {ab.value:g} Gy (u {100 * (ab.relative or 0):.2g} %), repair half-time {T} h "
            f"(u {100 * (tissue.repair_u or 0):.2g} %), {tissue.source}"
            + (f"; {'; '.join(doubts)}" if doubts else "")
            + "; RBE 1; dose rate in proportion to the activity in the region"
        )
    if asked.adapted:
        said.append(
            "each later cycle is planned again from the dose measured in the one before, with random errors like this one's"
        )
    return said


def _change_said(forecast: Forecast, *, given: bool) -> str:
    kinds: dict[float, list[str]] = {}
    for region in forecast.regions:
        kinds.setdefault(region.change, []).append(region.name)
    listed = "; ".join(f"{100 * share:g} % for {', '.join(names)}" for share, names in kinds.items())
    return f"standard deviation of the dose by activity from cycle to cycle, independent: {listed}" + (
        "" if given else " (assumed by Hevesy, from no publication; state your own with --change)"
    )


def _warnings(
    view: Outlook, plan: Plan, result: ResultFile, delivered: Sequence[DeliveredCycle], left_out: Mapping[str, str]
) -> list[str]:
    said = _left_uncounted(view, result, delivered)
    for outcome in plan.limited:
        limit = outcome.target.limit
        if limit is None or outcome.largest is None or outcome.largest > 0:
            continue
        before = 100 * (outcome.exceeded_before or 0)
        said.append(
            f"{outcome.target.name}: the earlier cycles have passed the limit of {limit.value:g} Gy {limit.quantity} with a "
            f"chance of {before:.3g} %, above {100 * limit.probability:g} %: no activity is left under it"
        )
    if plan.limiting == MAXIMUM:
        said.append("the maximum activity decides, not a limit of an organ")
    largest = max(high for _, _, high in plan.activities)
    if largest > BEYOND * result.administered_activity:
        said.append(
            f"{largest / un.GBq:.3g} GBq is {largest / result.administered_activity:.2g} times the activity that was "
            "measured; that dose stays in proportion so far is not shown: set --max"
        )
    said += [f"{name}: not planned for: {why}" for name, why in {**left_out, **view.unknown}.items()]
    later = [cycle.label for cycle in delivered if cycle.administered > result.administered]
    if later:
        said.append(f"{', '.join(later)} came after the result that the forecast rests on: plan with the newest result")
    return said + list(result.warnings)


def _left_uncounted(view: Outlook, result: ResultFile, delivered: Sequence[DeliveredCycle]) -> list[str]:
    """What no limit counts although it may have been given, or may be there."""
    said = []
    if not any(cycle.is_forecast for cycle in delivered):
        said.append(
            f"the dose that this result itself delivered ({result.administered_activity / un.GBq:.3g} GBq on "
            f"{result.administered:%Y-%m-%d}) is not counted under the limits; if it was a cycle of this course, "
            "name it in --earlier"
        )
    sides: dict[str, dict[str, str]] = {}
    for target in (each.target for each in view.limited):
        for name in target.covers:
            region = view.world.forecast.regions[view.world.index[name]]
            known = standard_name(region.standard_name or name)
            if target.limit is not None and target.limit.region != name and known is not None:
                sides.setdefault(target.limit.region, {})[known.side] = name
    for limit, found in sides.items():
        meant = standard_name(limit)
        if len(found) == 1 and "" not in found and meant is not None and not meant.side:
            said.append(
                f"limit of {limit}: only {next(iter(found.values()))} is in the result; the other side is under no limit. If the "
                "patient has it, draw it under a name that is known"
            )
    return said


def _of_others(paths: Sequence[Path], result: ResultFile) -> list[str]:
    """Earlier results that were not checked for the patient, or are of another nuclide."""
    said = []
    for number, path in enumerate(paths, start=1):
        given = read_result(path)
        if not (given.patient.get("id") and result.patient.get("id")):
            said.append(f"earlier cycle {number}: that it is of this patient was not checked, because a patient ID is missing")
        if given.synthetic != result.synthetic:
            raise InputError(
                f"earlier cycle {number}: one result is of a virtual patient, the other is not. Give results of one."
            )
        if given.nuclide != result.nuclide:
            said.append(
                f"earlier cycle {number} was given with {given.nuclide}, this result with {result.nuclide}: doses are added "
                "without weighting (RBE 1)"
            )
    return said


def _provenance(asked: PlanAsked, result: ResultFile, read: _Read) -> dict[str, Any]:
    files = {"result": result.path, **{f"earlier {i}": path for i, path in enumerate(asked.earlier, start=1)}}
    files |= {name: path for name, path in (("limits", asked.limits), ("tissues", asked.tissues)) if path is not None}
    whole = {name: path / "result.json" if path.is_dir() else path for name, path in files.items()}
    return {
        "hevesy": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "inputs": [{"what": name, "file": path.name, "sha256": sha256_of(path)} for name, path in whole.items()],
        "parameters": {
            "draws": DRAWS,
            "seed": SEED,
            "cycles": asked.cycles,
            "adapted": asked.adapted,
            "probability_to_reach": read.reach,
            "most_MBq": None if read.most is None else read.most / un.MBq,
            "interval_d": None if read.interval is None or math.isinf(read.interval) else read.interval / un.d,
        },
    }
