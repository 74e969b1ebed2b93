"""The recipes of I-131 from a case file: benign thyroid, thyroid cancer, mIBG."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from hevesy import units as u
from hevesy.app.amounts import Activity, Dose, DosePerActivity, Fraction, Mass, Time, TimePerVolume, Volume
from hevesy.app.recipe_chance import RecipeCase, ruled_by_limit
from hevesy.dose.marrow import i131_blood_dose
from hevesy.errors import InputError
from hevesy.kinetics import fit
from hevesy.kinetics.thyroid_uptake import Uptake, fit_uptake
from hevesy.model import Measured, TimeActivityCurve
from hevesy.nuclides import load_nuclide
from hevesy.protocols import i131_benign_thyroid as benign
from hevesy.protocols import i131_mibg as mibg
from hevesy.protocols import i131_thyroid_cancer as cancer
from hevesy.protocols.facts import fact
from hevesy.protocols.first_order import between, exact, propagated, without_u
from hevesy.protocols.prescription import Compliance, Figure, Prescription, RegionDose

I131 = "I-131"
BLOOD_BY_BODY = (0.01, 1.0)  # the blood is a part of the body, and holds some 10 % of what is there
LATEST = 60 * u.d  # of a measurement
UNLIKELY = 5 * u.GBq  # for benign disease
RISE, SLACK = 3.0, 0.05  # of a retention from point to point, in u of both, or as a share where there is none
FILLING = "the hours in which the thyroid fills are neglected: a few per cent."
LEAST_UPTAKE, LEAST_RETENTION = 0.01, 0.001
FULL = 18 * u.h  # some hours before the uptake of the next day
BLOOD_VOLUMES = (100 * u.ml, 15e3 * u.ml)  # mm3
THYROID, WHOLE_BODY, BLOOD = "Thyroid target", "Whole body", "Blood"


class BenignCase(RecipeCase):
    """recipe = "i131-benign-thyroid" """

    recipe: Literal["i131-benign-thyroid"]
    mass: Mass
    disease: Literal["graves", "graves ablative", "autonomous nodule", "multinodular", "goitre"] | None = None
    goal: Dose | None = None
    uptake: Fraction | None = None
    effective_half_life: Time | None = None
    uptakes: tuple[tuple[Time, Fraction], ...] = ()
    tiac: Time | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.disease is None and self.goal is None:
            raise ValueError('give goal, for example "150 Gy", or disease')
        if (self.uptake is None) != (self.effective_half_life is None):
            raise ValueError("uptake and effective_half_life belong together. Give both, or uptakes")
        if sum((self.uptake is not None, bool(self.uptakes), self.tiac is not None)) != 1:
            raise ValueError("give uptake with effective_half_life, or uptakes, or tiac; one of the three")
        if len(self.uptakes) == 1:
            raise ValueError("one uptake gives no half-life: give two, or uptake with effective_half_life")
        return self


class CancerCase(RecipeCase):
    """recipe = "i131-thyroid-cancer" """

    recipe: Literal["i131-thyroid-cancer"]
    weight: Mass
    whole_body_tiac: Time | None = None
    blood_tiac_per_ml: TimePerVolume | None = None
    blood_tiac: Time | None = None
    blood_volume: Volume | None = None
    blood_dose_per_activity: DosePerActivity | None = None
    retained_48h: Fraction | None = None
    lung_metastases: bool | None = Field(default=None, description="Diffuse, with uptake")
    blood_limit: Dose | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.blood_tiac is None) != (self.blood_volume is None):
            raise ValueError("blood_tiac of all blood needs blood_volume, and the other way round")
        measured = (self.blood_tiac is not None) + (self.blood_tiac_per_ml is not None)
        if (self.blood_dose_per_activity is not None) + measured != 1:
            raise ValueError("give blood_dose_per_activity, or blood_tiac_per_ml, or blood_tiac with blood_volume; one of them")
        if measured and self.whole_body_tiac is None:
            raise ValueError("the dose to the blood needs whole_body_tiac beside that of the blood")
        if self.retained_48h is not None and self.lung_metastases is None:
            raise ValueError("retained_48h needs lung_metastases = true or false: the limit depends on it")
        return self


class MibgCase(RecipeCase):
    """recipe = "i131-mibg" """

    recipe: Literal["i131-mibg"]
    weight: Mass
    first_activity: Activity | None = None
    retention: tuple[tuple[Time, Fraction], ...] = ()
    whole_body_tiac: Time | None = None
    course_goal: Dose | None = Field(default=None, description="Reached at the best estimate; 4 Gy where nothing is given")
    course_limit: Dose | None = Field(default=None, description="In its place: exceeded with the chance of exceed at most")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        measured = bool(self.retention) + (self.whole_body_tiac is not None)
        if self.course_goal is not None and self.course_limit is not None:
            raise ValueError("give course_goal, which is met at the best estimate, or course_limit, which is held; not both")
        if measured == 0 and self.course_limit is not None:
            raise ValueError("course_limit has no effect on the first administration, which is by weight")
        if measured > 1:
            raise ValueError("give retention or whole_body_tiac, not both")
        if (self.first_activity is None) != (measured == 0):
            raise ValueError(
                "the second administration needs first_activity and its retention; without both, the first is by weight"
            )
        return self


def plan_benign(case: BenignCase, folder: Path) -> Prescription:
    """Activity for a dose to the thyroid or a nodule."""
    found = None if case.disease is None else benign.goal_of(case.disease)
    if case.goal is not None:
        goal, rule = case.goal.value, f"goal of {case.goal.value:g} Gy"
    elif found is not None and found.upper is None:
        goal, rule = found.value, f"goal of {found.value:g} Gy for {case.disease}"
    else:
        raise InputError(f"{case.disease}: the guideline gives {'' if found is None else found.printed}. Choose: give goal.")
    integral, way, remarks = _thyroid_integral(case)
    activity = benign.thyroid_activity(goal=goal, mass=case.mass, integral=integral)
    if activity.value > UNLIKELY:
        remarks.insert(0, f"{activity.value / u.GBq:.3g} GBq is far above what is usual: check mass, goal and uptake.")
    dose = benign.thyroid_dose(activity=Measured(value=activity.value, u=0.0), mass=case.mass, integral=integral)
    if found is not None and not found.value <= goal <= (found.upper or found.value):
        remarks.append(f"the goal of {goal:g} Gy is not what the guideline gives for {case.disease}: {found.printed}.")
    facts = [fact(benign.RECIPE, "mean energy"), *([] if found is None else [found])]
    return Prescription(
        recipe=benign.RECIPE,
        title="I-131, benign thyroid disease",
        activity=activity,
        rule=rule,
        doses=(RegionDose(region=THYROID, dose=dose, basis=way, goal=goal),),
        compliance=Compliance(
            level=3,
            reason="the activity follows from uptake, half-life and mass of this patient; with an uptake after the therapy",
            required="standardised: level 1 by activity, level 3 by absorbed dose; dosimetry optional",
        ),
        citation=benign.CITATION,
        figures=(Figure(name="time-integrated activity coefficient", value=integral, kind="time"),),
        facts=tuple(facts),
        remarks=(
            *remarks,
            *without_u({"mass": case.mass, "coefficient": integral}),
            "Stop of antithyroid drugs changes the uptake.",
        ),
    )


def _thyroid_integral(case: BenignCase) -> tuple[Measured, str, list[str]]:
    if case.tiac is not None:
        return case.tiac, "coefficient given", []
    if case.uptake is not None and case.effective_half_life is not None:
        integral = benign.uptake_integral(uptake=case.uptake, effective_half_life=case.effective_half_life)
        return integral, "uptake and half-life", [FILLING]
    if len(case.uptakes) == 2:
        (t1, first), (t2, second) = case.uptakes
        integral = benign.two_point_integral(early=(t1.value, first), late=(t2.value, second))
        early = [f"the first of two uptakes is at {t1.value / u.h:.3g} h: before about a day the thyroid may not be full."]
        return integral, "two uptakes", [FILLING, *(early if t1.value < FULL else [])]
    t, values, own = _series(case.uptakes)
    if np.any(values < LEAST_UPTAKE) or np.any(values > benign.UPTAKE):
        raise InputError(f"uptakes are from 1 to 120 % of what was given; got {_percents(values)} %. Check the standard.")
    decay = load_nuclide(I131).decay_constant
    # Without u all points weigh alike; a u of 5 % serves for that, and the result then has none.
    used = own if own is not None else 0.05 * values
    found = fit_uptake(Uptake(t=t, value=values, u=used, u_standard=0.0), decay_constant=decay)
    integral = found.tiac if own is not None else Measured(value=found.tiac.value, u=None, why_no_u="the uptakes have none")
    return integral, f"{len(values)} uptakes, model {found.fit.model}", list(found.fit.warnings)


def _series(points: tuple[tuple[Measured, Measured], ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    t = np.array([time.value for time, _ in points])
    if np.any(t < 0) or np.any(t > LATEST) or np.any(np.diff(t) <= 0):
        said = ", ".join(f"{each / u.h:g}" for each in t)
        raise InputError(f"times of the measurements are {said} h; they must grow, from 0 to 60 d. Sort them, check their unit.")
    values = np.array([share.value for _, share in points])
    known = [share.u for _, share in points if share.u]
    return t, values, np.array(known) if len(known) == len(points) else None


def plan_cancer(case: CancerCase, folder: Path) -> Prescription:
    """Largest activity by the dose to the blood and the retention at 48 h."""
    per_activity, missing = _blood_dose(case)
    found = cancer.largest_activity(
        blood_dose_per_activity=per_activity,
        retained=case.retained_48h,
        lung_metastases=bool(case.lung_metastases),
        blood_limit=None if case.blood_limit is None else case.blood_limit.value,
        exceed=case.exceed,
    )
    limit = fact(cancer.RECIPE, "blood limit")
    facts = [
        limit,
        *([] if case.retained_48h is None else [fact(cancer.RECIPE, cancer.retention_fact(bool(case.lung_metastases)))]),
    ]
    remarks = ["This is the largest activity, not the one to give.", *missing]
    if case.retained_48h is None:
        remarks.append(
            "the retention at 48 h was not given: its limit (4.44 GBq, 2.96 GBq with lung metastases) was not looked at."
        )
    prescription = Prescription(
        recipe=cancer.RECIPE,
        title="I-131, differentiated thyroid cancer, largest activity",
        activity=found.activity,
        rule=found.rule,
        doses=(
            RegionDose(
                region=BLOOD,
                dose=found.blood_dose,
                basis="this patient",
                limit=limit.value if case.blood_limit is None else case.blood_limit.value,
            ),
        ),
        compliance=Compliance(
            level=3,
            reason="the activity is held by the dose to the blood of this patient; the dose to the target is not planned",
            required="standardised: level 1 by activity, level 3 by absorbed dose; dosimetry optional",
        ),
        citation=cancer.CITATION,
        figures=(
            Figure(name="dose to the blood per activity", value=per_activity, kind="dose per activity"),
            *(Figure(name=f"activity by {name} alone", value=a.chosen, kind="activity") for name, a in found.candidates.items()),
            *(
                []
                if found.retained is None
                else [Figure(name="in the whole body at 48 h", value=found.retained, kind="activity")]
            ),
        ),
        facts=tuple(facts),
        remarks=tuple(remarks),
    )
    return ruled_by_limit(prescription, found.best, case.exceed)


def _blood_dose(case: CancerCase) -> tuple[Measured, tuple[str, ...]]:
    """Dose to the blood per activity, and a remark on what carries no u."""
    if case.blood_dose_per_activity is not None:
        return case.blood_dose_per_activity, ()
    if case.whole_body_tiac is None:
        raise InputError("the dose to the blood needs coefficients of blood and whole body. Give both.")
    for each in (case.whole_body_tiac, case.blood_tiac, case.blood_tiac_per_ml):
        if each is not None and each.value <= 0:
            raise InputError("a coefficient of blood or whole body is not above 0. Check its sign and unit.")
    body = {"whole-body coefficient": case.whole_body_tiac}
    blood: dict[str, Measured] = {}
    if case.blood_tiac_per_ml is not None:
        blood = {"blood coefficient per ml": case.blood_tiac_per_ml}
    elif case.blood_tiac is not None and case.blood_volume is not None:
        between(case.blood_volume.value, BLOOD_VOLUMES, "blood_volume", "l", 1e3 * u.ml)
        between(case.blood_tiac.value / case.whole_body_tiac.value, BLOOD_BY_BODY, "blood_tiac by whole_body_tiac", "%", 0.01)
        blood = {"blood coefficient": case.blood_tiac, "blood volume": case.blood_volume}

    volume = blood.get("blood volume")

    def formula(x: Mapping[str, float]) -> float:
        per_ml = x["blood coefficient per ml"] if volume is None else x["blood coefficient"] / (x["blood volume"] / u.ml)
        dose = i131_blood_dose(tiac_per_ml=exact(per_ml), tiac_whole_body=exact(x["whole-body coefficient"]), weight=x["weight"])
        return dose.value

    inputs = body | blood
    return propagated(formula, inputs | {"weight": case.weight}), without_u(inputs)


def plan_mibg(case: MibgCase, folder: Path) -> Prescription:
    """First administration by body mass, second by the dose to the whole body."""
    names = ["whole-body S at 1 kg", "whole-body S exponent", "whole-body goal, course"]
    if case.first_activity is None:
        return _mibg(
            mibg.first_activity(mass=case.weight),
            "444 MBq/kg",
            (),
            (2, "an activity by body mass; measure the retention, and the second follows from the dose"),
            (
                (),
                [*names, "first activity by mass"],
                (
                    "444 MBq/kg is of neuroblastoma with stem cells in store; for an adult it is far above the usual.",
                    "Measure the retention of the whole body from before the first voiding on.",
                ),
            ),
        )
    tiac, way, remarks = _retention(case)
    per_activity = mibg.whole_body_dose_per_activity(tiac=tiac, mass=case.weight)
    remarks += without_u({"weight": case.weight, "coefficient": tiac, "first activity": case.first_activity})
    delivered = propagated(lambda x: x["A"] * x["dose"], {"A": case.first_activity, "dose": per_activity})
    activity, best, asked = _second(case, per_activity)
    total = mibg.total_dose(given=case.first_activity, to_come=activity.value, per_activity=per_activity)
    held = case.course_limit is not None
    doses = (
        RegionDose(region=f"{WHOLE_BODY}, first", dose=delivered, basis=way),
        RegionDose(
            region=f"{WHOLE_BODY}, both", dose=total, basis=way, limit=asked if held else None, goal=None if held else asked
        ),
    )
    figures = (
        Figure(name="whole-body time-integrated activity coefficient", value=tiac, kind="time"),
        Figure(name="whole-body dose per activity", value=per_activity, kind="dose per activity"),
    )
    prescription = _mibg(
        activity,
        f"{'limit of' if held else 'goal for'} whole body over both, {asked:g} Gy",
        doses,
        (3, "the activity follows from the whole-body dose of this patient; with retention after the second"),
        (figures, names, tuple(remarks)),
    )
    return ruled_by_limit(prescription, best, case.exceed)


def _second(case: MibgCase, per_activity: Measured) -> tuple[Measured, Measured, float]:
    """Activity of the second administration, that of the best estimate, and the dose that is asked for [Gy]."""
    if case.first_activity is None:
        raise InputError("the second administration needs first_activity.")
    if case.course_limit is not None:
        limit = case.course_limit.value
        found = mibg.next_within_limit(limit=limit, given=case.first_activity, per_activity=per_activity, exceed=case.exceed)
        return found.chosen, found.best, limit
    goal = fact(mibg.RECIPE, "whole-body goal, course").value if case.course_goal is None else case.course_goal.value
    activity = mibg.next_activity(goal=goal, given=case.first_activity, per_activity=per_activity)
    return activity, activity, goal


def _mibg(
    activity: Measured,
    rule: str,
    doses: tuple[RegionDose, ...],
    level: tuple[int, str],
    details: tuple[tuple[Figure, ...], list[str], tuple[str, ...]],
) -> Prescription:
    figures, names, remarks = details
    return Prescription(
        recipe=mibg.RECIPE,
        title="I-131 mIBG, " + ("second administration" if doses else "first administration"),
        activity=activity,
        rule=rule,
        doses=doses,
        compliance=Compliance(
            level=level[0],
            reason=level[1],
            required="neuroblastoma: level 2 by body mass, level 3 by lesion dose; dosimetry advisable. Neuroendocrine: level 1",
        ),
        citation=mibg.CITATION,
        figures=figures,
        facts=tuple(fact(mibg.RECIPE, name) for name in names),
        remarks=(*remarks, "A whole-body dose of this size needs stem cells in store; the dose to red marrow is not computed."),
    )


def _percents(values: np.ndarray) -> str:
    return ", ".join(f"{100 * value:.3g}" for value in values)


def _retention(case: MibgCase) -> tuple[Measured, str, list[str]]:
    if case.whole_body_tiac is not None:
        return case.whole_body_tiac, "coefficient given", []
    if len(case.retention) < 2:
        raise InputError("one retention gives no clearance: give two or more, or whole_body_tiac.")
    t, values, own = _series(case.retention)
    if np.any(values > 1.05) or np.any(values < LEAST_RETENTION):
        raise InputError(f"retention is from 0.1 to 100 %, not corrected for decay; got {_percents(values)} %.")
    slack = SLACK * values[:-1] if own is None else RISE * np.hypot(own[:-1], own[1:])
    if np.any(np.diff(values) > slack):
        raise InputError(f"retention rises: {_percents(values)} %. Not corrected for decay, it can only fall; check the counts.")
    curve = TimeActivityCurve(region="whole body", t=t, A=values, u=own)
    found = fit(curve, decay_constant=load_nuclide(I131).decay_constant)
    remarks = list(found.warnings)
    half_life = math.log(2) / float(np.min(found.rates)) / u.h
    way = f"{len(values)} retentions, model {found.model}, last half-life {half_life:.3g} h"
    return found.time_integrated_activity, way, remarks
