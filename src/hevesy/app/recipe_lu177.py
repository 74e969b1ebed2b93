"""The recipes of Lu-177 from a case file."""

import math
from pathlib import Path
from types import ModuleType
from typing import Literal, Self

from pydantic import Field, model_validator

from hevesy import units as u
from hevesy.app.amounts import Activity, Dose, DosePerActivity, Time
from hevesy.app.recipe_chance import RecipeCase, ruled_by_limit
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.protocols import lu177_dotatate, lu177_psma
from hevesy.protocols.chance import CHOSEN, chance_above, chance_of_sum, percent
from hevesy.protocols.facts import Fact, fact
from hevesy.protocols.first_order import between, propagated, without_u
from hevesy.protocols.organ_limits import (
    Allowed,
    OrganLimit,
    allowed_activity,
    averages_of,
    checked_doses,
    course_bed,
    limits_of,
)
from hevesy.protocols.prescription import Compliance, Figure, Prescription, RegionDose
from hevesy.radiobiology import tissue_named

# A treatment with more than this above the label is not a standardised one: executive summary of the position paper.
ABOVE_LABEL = 1.25
CYCLE = (0.1 * u.GBq, 40 * u.GBq)  # Bq
HALF_LIVES = (1 * u.h, 160 * u.h)  # effective, to the physical one of Lu-177
AVERAGE, OWN = "average of patients", "this patient"


class LutetiumCase(RecipeCase):
    """recipe = "lu177-dotatate" or "lu177-psma" """

    recipe: Literal["lu177-dotatate", "lu177-psma"]
    prescription: Literal["label", "dose"] = Field(default="label", description="label: fixed activity; dose: by organ limits")
    cycles: int | None = Field(default=None, ge=1, le=12, description="Still to come; the label's number by default")
    cycle_activity: Activity | None = None
    dose_per_activity: dict[str, DosePerActivity] = Field(default_factory=dict)
    delivered: dict[str, Dose] = Field(default_factory=dict)
    limits: dict[str, Dose] = Field(default_factory=dict)
    kidney_half_life: Time | None = Field(default=None, description="Effective; for the BED of the kidneys")
    kidney_risk_factors: bool | None = Field(default=None, description="Hypertension, diabetes: a lower BED is allowed")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.prescription == "dose" and not self.dose_per_activity:
            raise ValueError("prescription by dose needs [dose_per_activity] of this patient; averages of others will not do")
        if self.prescription == "dose" and self.cycle_activity is not None:
            raise ValueError("prescription by dose finds the activity of a cycle: leave cycle_activity out")
        if (self.kidney_half_life is None) != (self.kidney_risk_factors is None):
            raise ValueError("kidney_half_life and kidney_risk_factors (true or false) belong together: the limit needs both")
        return self


def plan_lutetium(case: LutetiumCase, folder: Path) -> Prescription:
    """Fixed activity by the label, or by organ limits of this patient."""
    recipe: ModuleType = lu177_dotatate if case.recipe == "lu177-dotatate" else lu177_psma
    averages = averages_of(case.recipe)
    own = dict(case.dose_per_activity)
    per_activity = own if case.prescription == "dose" else {name: f.measured for name, f in averages.items()} | own
    label, number = fact(case.recipe, "activity of a cycle"), fact(case.recipe, "cycles")
    cycles = case.cycles or round(number.value)
    cycle = label.measured if case.cycle_activity is None else case.cycle_activity
    limits = _limits(case.limits, case.recipe, per_activity)
    if missing := set(case.delivered) - set(per_activity):
        raise InputError(f"delivered names {', '.join(missing)}, of which no dose per activity is known. Give it or take it out.")
    between(cycle.value, CYCLE, "cycle_activity", "GBq", u.GBq)
    checked_doses(own, case.delivered)
    allowed = allowed_activity(per_activity, limits, delivered=case.delivered, cycle=cycle.value, exceed=case.exceed)
    activity, rule = _cycle(case, allowed, cycle, cycles)
    basis = {name: OWN if name in own else _average(averages[name]) for name in per_activity}
    doses = _course_doses(per_activity, activity.value * cycles, case.delivered, (limits, basis))
    used = [label, number, *(f for name, f in averages.items() if name in per_activity and name not in own)]
    used += [f for name, f in _limit_facts(case.recipe) if name not in case.limits and name in per_activity]
    used += [fact(case.recipe, "BED of Kidneys"), fact(case.recipe, "BED of Kidneys, risk factors"), *recipe.scan_schedule()]
    bed_figures, bed_remarks = _kidney_bed(case, per_activity, activity.value, cycles)
    above = activity.value / label.value
    if above > ABOVE_LABEL:
        bed_remarks = (
            f"an activity {100 * (above - 1):.0f} % above the label's: more than 25 % is no standardised treatment; article 56 "
            "then asks for level 2 at least.",
            *bed_remarks,
        )
    before = {f"{name} delivered": dose for name, dose in case.delivered.items() if dose.value > 0}
    said = _exceeding(case, allowed, (cycles, activity.value), doses)
    if without := set(recipe.REGIONS) - set(per_activity):
        said.append(f"no dose of {', '.join(sorted(without))} is in this plan, nor its limit; a report of this therapy holds it.")
    found = Prescription(
        recipe=case.recipe,
        title=f"{recipe.TITLE}, {cycles} cycles",
        activity=activity,
        rule=rule,
        doses=doses,
        compliance=_lutetium_level(case, recipe.REQUIRED),
        citation=recipe.CITATION,
        figures=(*_allowed_figures(allowed, cycles, activity, case.exceed), *bed_figures),
        facts=tuple(used),
        remarks=(*said, *bed_remarks, *recipe.NOTES, *without_u(per_activity | before)),
    )
    best = propagated(lambda x: x["all"] / cycles, {"all": allowed.best})
    return ruled_by_limit(found, best, case.exceed)


def _cycle(case: LutetiumCase, allowed: Allowed, cycle: Measured, cycles: int) -> tuple[Measured, str]:
    """Activity of a cycle, and what rules it."""
    if case.prescription == "label":
        label = fact(case.recipe, "activity of a cycle")
        return cycle, f"label, {label.printed}" if case.cycle_activity is None else "the activity given"
    if allowed.activity <= 0:
        before = case.delivered.get(allowed.region)
        raise ScopeError(
            f"{allowed.region}: {0.0 if before is None else before.value:.3g} Gy were given, and the limit may be exceeded with "
            f"more than {100 * case.exceed:g} % without any further cycle; nothing is left for one."
        )
    chosen = allowed.by_region[allowed.region].chosen
    per_cycle = None if chosen.u is None else chosen.u / cycles
    each = Measured(value=chosen.value / cycles, u=per_cycle, why_no_u=chosen.why_no_u)
    between(each.value, CYCLE, "activity of a cycle that the limits allow", "GBq", u.GBq)
    return each, f"limit of {allowed.region.lower()} over {cycles} cycles"


def _kidney_bed(
    case: LutetiumCase, per_activity: dict[str, Measured], activity: float, cycles: int
) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """BED of the kidneys over the cycles to come, against what Bodei and others saw without harm."""
    if case.kidney_half_life is None:
        return (), ("state kidney_half_life and kidney_risk_factors for the BED of the kidneys.",)
    if "Kidneys" not in per_activity:
        raise InputError("kidney_half_life is given and no dose of Kidneys. Give it under [dose_per_activity].")
    between(case.kidney_half_life.value, HALF_LIVES, "kidney_half_life", "h", u.h)
    cycle_dose = propagated(lambda x: activity * x["dose"], {"dose": per_activity["Kidneys"]})
    tissue = tissue_named("kidney")
    found = course_bed(cycle_dose=cycle_dose, cycles=cycles, effective_half_life=case.kidney_half_life, tissue=tissue)
    limit = fact(case.recipe, "BED of Kidneys, risk factors" if case.kidney_risk_factors else "BED of Kidneys")
    remarks = [f"BED of the kidneys with alpha/beta {tissue.alpha_beta.value:g} Gy ({tissue.source}, {tissue.how})."]
    chance = chance_above(found, limit.value)
    if found.value > limit.value or (chance or 0.0) > case.exceed:
        said = "" if chance is None else f"; the chance to exceed it is {percent(chance)}"
        where = "above" if found.value > limit.value else "below"
        remarks.insert(0, f"the BED of the kidneys, {found.value:.3g} Gy, is {where} {limit.value:g} Gy ({limit.note}){said}.")
    before = case.delivered.get("Kidneys")
    if before is not None and before.value > 0:
        remarks.append("the BED of the kidneys is of the cycles to come alone: of what was given, only the dose is known.")
    return (Figure(name="BED of the kidneys", value=found, kind="dose"),), tuple(remarks)


def _limits(given: dict[str, Measured], recipe: str, per_activity: dict[str, Measured]) -> tuple[OrganLimit, ...]:
    """Those of the case, and of the recipe's own those that it does not replace; one without a dose is said in a remark."""
    stated = tuple(OrganLimit(region=name, dose=dose.value, source="stated in the case") for name, dose in given.items())
    return stated + tuple(limit for limit in limits_of(recipe) if limit.region not in given and limit.region in per_activity)


def _limit_facts(recipe: str) -> list[tuple[str, Fact]]:
    return [(limit.region, fact(recipe, f"limit of {limit.region}")) for limit in limits_of(recipe)]


def _course_doses(
    per_activity: dict[str, Measured],
    activity: float,
    delivered: dict[str, Measured],
    known: tuple[tuple[OrganLimit, ...], dict[str, str]],
) -> tuple[RegionDose, ...]:
    limits, basis = known
    by_region = {limit.region: limit.dose for limit in limits}
    zero = Measured(value=0.0, u=0.0)
    found = []
    for name, each in per_activity.items():
        before, to_come = delivered.get(name, zero), propagated(lambda x: activity * x["dose"], {"dose": each})
        limit = by_region.get(name)
        found.append(
            RegionDose(
                region=name,
                dose=propagated(lambda x: x["before"] + x["to come"], {"before": before, "to come": to_come}),
                basis=basis[name],
                limit=limit,
                chance=None if limit is None or before.value == 0 else chance_of_sum(before, to_come, limit),
            )
        )
    return tuple(found)


def _average(found: Fact) -> str:
    return AVERAGE if found.verified else f"{AVERAGE}, unverified"


def _lutetium_level(case: LutetiumCase, required: str) -> Compliance:
    if case.prescription == "dose":
        return Compliance(level=3, reason="the activity follows from organ doses of this patient; with scans", required=required)
    if case.dose_per_activity:
        return Compliance(level=2, reason="a fixed activity, with doses of this patient", required=required)
    return Compliance(level=1, reason="a fixed activity and average doses of other patients", required=required)


def _allowed_figures(allowed: Allowed, cycles: int, activity: Measured, exceed: float) -> tuple[Figure, ...]:
    total = Measured(value=activity.value * cycles, u=None, why_no_u=CHOSEN)
    whole = Measured(value=float(allowed.cycles), u=None, why_no_u="a count")
    chosen = allowed.by_region[allowed.region].chosen
    return (
        Figure(name="activity of all cycles", value=total, kind="activity"),
        Figure(name=f"activity that the limits allow at {100 * exceed:g} %", value=chosen, kind="activity"),
        Figure(name="activity that the limits allow at the best estimate", value=allowed.best, kind="activity"),
        Figure(name="cycles that the limits allow", value=whole, kind="number"),
    )


def _exceeding(case: LutetiumCase, allowed: Allowed, course: tuple[int, float], doses: tuple[RegionDose, ...]) -> list[str]:
    """A remark for each organ that the course brings above its limit with more than the chosen chance, this patient's first."""
    cycles, activity = course
    found: list[str] = []
    for dose in sorted(doses, key=lambda d: d.basis != OWN):
        alone = allowed.by_region.get(dose.region)
        if alone is None or activity * cycles <= alone.activity * (1 + 1e-9):
            continue
        at = f"a chance of {100 * case.exceed:g} %" if alone.known else "the best estimate"
        whole = math.floor(alone.activity / activity * (1 + 1e-9))
        text = (
            f"{cycles} cycles of {activity / u.GBq:.3g} GBq exceed what {dose.region.lower()} allows at {at}: "
            f"{alone.activity / u.GBq:.3g} GBq, {whole} whole cycles."
        )
        if dose.exceeds is not None:
            text += f" The chance to exceed its limit is {percent(dose.exceeds)}."
        if dose.basis != OWN:
            text += " That is the share among other patients: measure this one."
        found.append(text)
    return found
