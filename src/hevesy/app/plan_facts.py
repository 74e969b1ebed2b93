"""What a plan says, for programs and for the picture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.app.whole_files import made_folder, write_whole
from hevesy.planning.activity import Outcome, Outlook, Plan
from hevesy.planning.burden import Burden

POINTS, BAND_DRAWS = 61, 8000
_per_GBq = un.Gy / un.GBq


def plan_facts(view: Outlook, plan: Plan, *, adapted: bool, decided_by: str) -> dict[str, Any]:
    """The activity, what decides, and each region; the unit is in each key."""
    outcomes = [*plan.limited, *plan.others]
    burdens = [*view.limited, *view.others]
    regions: dict[str, Any] = {}
    for outcome, each in sorted(zip(outcomes, burdens, strict=True), key=lambda pair: _order(pair[0])):
        facts = _region_facts(outcome, each, view)
        first = regions.setdefault(outcome.target.name, facts)
        if outcome.target.limit is not None:
            first.setdefault("limits", []).append(_limit_facts(outcome))
    return {
        "activity_MBq": plan.activity / un.MBq,
        "total_activity_MBq": plan.total_activity / un.MBq,
        "cycles": view.cycles,
        "cycles_delivered": len(view.world.delivered),
        "course": "adapted" if adapted else "fixed",
        "activities_MBq": [
            {"median": middle / un.MBq, "interval_95": [low / un.MBq, high / un.MBq]} for middle, low, high in plan.activities
        ],
        "decided_by": decided_by,
        "limiting": plan.limiting or None,
        "probability_to_exceed_any_limit": plan.any_limit,
        "regions": regions,
    }


def _order(outcome: Outcome) -> tuple[int, float]:
    """Limits first, the tightest before; then lesions; then the rest."""
    if outcome.largest is not None:
        return 0, outcome.largest
    return (1, 0.0) if outcome.target.kind == "lesion" else (2, 0.0)


def _region_facts(outcome: Outcome, each: Burden, view: Outlook) -> dict[str, Any]:
    target = outcome.target
    regions = [view.world.forecast.regions[view.world.index[name]] for name in target.covers]
    facts: dict[str, Any] = {
        "kind": target.kind,
        "covers": list(target.covers),
        "dose_per_activity_Gy_per_GBq": each.d_estimate / _per_GBq,
        "change_between_cycles_percent": 100 * max(region.change for region in regions),
        "delivered_Gy": outcome.delivered.value,
        "u_delivered_Gy": outcome.delivered.u,
        "dose_Gy": outcome.dose.value,
        "u_dose_Gy": outcome.dose.u,
        "dose_95_Gy": list(outcome.dose_95),
    }
    if target.limit is None:
        return facts
    if target.limit.quantity != "dose":
        key = target.limit.quantity.lower()
        facts |= {
            f"{key}_Gy": outcome.quantity.value,
            f"u_{key}_Gy": outcome.quantity.u,
            f"{key}_95_Gy": list(outcome.quantity_95),
        }
    limit = _limit_facts(outcome)
    return facts | {key: limit[key] for key in ("limit_Gy", "limit_quantity", "probability_to_exceed")}


def _limit_facts(outcome: Outcome) -> dict[str, Any]:
    limit = outcome.target.limit
    assert limit is not None  # noqa: S101  (for the type checker)
    return {
        "limit_Gy": limit.value,
        "limit_quantity": limit.quantity,
        "limit_source": limit.source or None,
        "tissue": limit.tissue or None,
        "value_Gy": outcome.quantity.value,
        "value_95_Gy": list(outcome.quantity_95),
        "probability_allowed": limit.probability,
        "probability_to_exceed": outcome.exceeds,
        "probability_exceeded_before": outcome.exceeded_before,
        "largest_activity_MBq": None if outcome.largest is None else outcome.largest / un.MBq,
    }


def goal_facts(*, region: str, dose: float, reach: float, needed: float, then: Plan, chance: float | None) -> dict[str, Any]:
    """A goal: the activity that reaches it, and what that does to the limits."""
    return {
        "region": region,
        "goal_Gy": dose,
        "probability_to_reach": reach,
        "activity_MBq": needed / un.MBq,
        "probability_reached_with_plan": chance,
        "probability_to_exceed": {f"{o.target.name}, {_quantity(o)}": o.exceeds for o in then.limited},
        "probability_to_exceed_any_limit": then.any_limit,
    }


def _quantity(outcome: Outcome) -> str:
    return "dose" if outcome.target.limit is None else outcome.target.limit.quantity


def picture_of(view: Outlook, plan: Plan, facts: dict[str, Any]) -> Any:
    """What :func:`hevesy.reports.plan_plot.plan_plot` draws: limited targets, then lesions."""
    from hevesy.reports.plan_plot import PlanPanel, PlanPicture

    shown = [*view.limited, *(each for each in view.others if each.target.kind == "lesion")]
    goals = {goal["region"]: goal["goal_Gy"] for goal in facts["goals"]}
    needed = [goal["activity_MBq"] * un.MBq for goal in facts["goals"]]
    largest = [o.largest for o in plan.limited if o.largest]
    middle = max(plan.activity, min(largest, default=0.0), 0.1 * un.GBq)
    widest = max(1.7 * middle, min(1.15 * max(needed, default=0.0), 3 * middle))
    activities = np.linspace(0.0, widest, POINTS)
    panels = []
    for each in shown:
        limit = each.target.limit
        bands = np.array([np.quantile(_thin(each).quantity(float(a)), (0.025, 0.5, 0.975)) for a in activities])
        panels.append(
            PlanPanel(
                name=each.target.name,
                quantity="dose" if limit is None else limit.quantity,
                kind=each.target.kind,
                low=bands[:, 0],
                middle=bands[:, 1],
                high=bands[:, 2],
                limit=None if limit is None else limit.value,
                allowed=None if limit is None else limit.probability,
                chance=None if limit is None else _chances(each, activities),
                goal=goals.get(each.target.name) if limit is None else None,
            )
        )
    return PlanPicture(
        title=facts["title"],
        synthetic=facts["synthetic"],
        cycles=view.cycles,
        delivered=len(view.world.delivered),
        adapted=facts["course"] == "adapted",
        activities=activities,
        chosen=plan.activity,
        limiting=plan.limiting,
        panels=tuple(panels),
    )


def _thin(each: Burden) -> Burden:
    from dataclasses import replace

    n = BAND_DRAWS
    return replace(each, d=each.d[:n], q=each.q[:n], s=each.s[:n], given=each.given[:n], given_dose=each.given_dose[:n])


def _chances(each: Burden, activities: Any) -> Any:
    """Chance that the limit is exceeded, at each activity."""
    limit = each.target.limit
    ordered = np.sort(each.reaching(limit.value if limit else np.inf))
    return np.searchsorted(ordered, activities, side="left") / ordered.size


def write_plan(folder: Path, facts: dict[str, Any], picture: Any) -> Sequence[Path]:
    """plan.json and plan.png, both or neither."""
    from hevesy.reports.plan_plot import plan_plot

    made_folder(folder)
    contents = {
        "plan.json": (json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8"),
        "plan.png": plan_plot(picture),
    }
    return write_whole(folder, contents)
