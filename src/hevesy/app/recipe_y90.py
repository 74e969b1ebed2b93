"""The recipe of Y-90 radioembolisation from a case file."""

from pathlib import Path

import numpy as np

from hevesy import units as u
from hevesy.app.recipe_chance import ruled_by_limit
from hevesy.app.recipe_y90_case import CompartmentCase, Y90Case, one_ratio
from hevesy.errors import InputError
from hevesy.model import Image, Measured, Quantity
from hevesy.protocols import lung_shunt as shunts
from hevesy.protocols.chance import Held, held
from hevesy.protocols.facts import Fact, fact
from hevesy.protocols.first_order import between, exact, propagated, share, without_u
from hevesy.protocols.prescription import Compliance, Figure, Prescription, RegionDose
from hevesy.protocols.y90_activity import (
    CITATION,
    RECIPE,
    EnergyPerActivity,
    energy_per_activity,
    published_energy_per_activity,
    single_compartment_activity,
    single_compartment_dose,
    surface_activity,
)
from hevesy.protocols.y90_compartments import Compartment, Injection, compartment_doses
from hevesy.protocols.y90_radioembolisation import (
    DOSES,
    LIVER,
    LUNGS,
    MASSES,
    TUMOUR,
    ActivityRatio,
    ConcentrationRatio,
    Partition,
    concentration_ratio,
    partition_activity,
    partition_doses,
)

REQUIRED = "standardised: level 1 by body surface, levels 2 and 3 by absorbed dose; dosimetry optional, advisable at level 2"
LEVEL = {
    "body-surface": (1, "an activity by body size; no dose of this patient enters"),
    "single-compartment": (3, "the activity follows from a dose to the perfused volume of this patient; with verification"),
    "partition": (3, "the activity follows from doses to tumour, normal liver and lungs of this patient; with verification"),
    "multi-compartment": (2, "doses of this patient for activities that were chosen before"),
    "voxel": (3, "the activity follows from dose maps of this patient; with verification"),
}
CHOSEN = (2, "an activity that was chosen before, with the doses of this patient")
GIVEN = "the activity given"
VERIFY = "Verify by Y-90 PET or SPECT after the injection; the doses here are predictions from Tc-99m MAA."
LOBE = "treated_share multiplies the activity of the whole liver; some rules count the tumour by the volume of its lobe."
NO_ATTENUATION = (
    "the planar lung shunt is taken without attenuation, which makes it too large, and the doses in the liver too small. Give "
    "attenuation_ratio, or SPECT/CT."
)
PERFUSED = "Perfused volume"
ACTIVITIES = (10 * u.MBq, 30 * u.GBq)  # Bq, of one injection


def plan_y90(case: Y90Case, folder: Path) -> Prescription:
    """Activity and doses by the method of the case."""
    for each in (case.activity, *(i.activity for i in case.injection)):
        if each is not None:
            between(each.value, ACTIVITIES, "activity", "GBq", u.GBq)
    if case.residual is not None:
        share(case.residual.value, "residual")
    energy = energy_per_activity() if case.constant == "icrp107" else published_energy_per_activity()
    known = {
        "partition": _partition, "body-surface": _surface, "single-compartment": _single, "multi-compartment": _several,
        "voxel": _voxel,
    }  # fmt: skip
    return known[case.method](case, energy, folder)


def _shunt(case: Y90Case) -> Measured:
    if case.planar is not None:
        return shunts.planar_lung_shunt(
            lung=case.planar.lung, liver=case.planar.liver, attenuation_ratio=case.planar.attenuation_ratio
        )
    if case.spect is not None:
        return shunts.tomographic_lung_shunt(lung=case.spect.lung, liver=case.spect.liver)
    if case.lung_shunt is None:
        raise InputError("no lung shunt is given. Give lung_shunt, [planar] or [spect].")
    return case.lung_shunt


def _lungs(case: Y90Case) -> tuple[Measured, list[Fact]]:
    if case.lung_mass is not None:
        between(case.lung_mass.value, MASSES["lung_mass"], "lung mass", "kg")
        return case.lung_mass, []
    found = fact(RECIPE, "lung mass")
    return found.measured, [found]


def _ratio(concentration: Measured | None, activity: Measured | None, tumour: Measured, liver: Measured) -> ConcentrationRatio:
    if concentration is not None:
        return ConcentrationRatio(value=concentration)
    if activity is None:
        raise InputError("no ratio of tumour to normal liver is given.")
    return concentration_ratio(ActivityRatio(value=activity), tumour_mass=tumour, liver_mass=liver)


def _partition(case: Y90Case, energy: EnergyPerActivity, folder: Path) -> Prescription:
    tumour, liver = _given(case.tumour_mass), _given(case.liver_mass)
    lung_mass, facts = _lungs(case)
    partition = Partition(
        tumour_mass=tumour,
        liver_mass=liver,
        lung_mass=lung_mass,
        lung_shunt=_shunt(case),
        ratio=_ratio(case.concentration_ratio, case.activity_ratio, tumour, liver),
    )
    figures = [Figure(name="T/N ratio of concentrations", value=partition.ratio.value, kind="number")]
    asked = {LIVER: case.liver_limit, LUNGS: case.lung_limit}
    remarks: tuple[str, ...] = ()
    if case.activity is not None:
        activity, rule, best = case.activity, GIVEN, case.activity
        doses = partition_doses(partition, activity=activity, energy=energy)
    else:
        found = partition_activity(
            partition,
            energy=energy,
            liver_limit=_value(case.liver_limit),
            lung_limit=_value(case.lung_limit),
            tumour_goal=_value(case.tumour_goal),
            exceed=case.exceed,
        )
        activity, rule, best, doses, remarks = found.activity, found.rule, found.best, found.doses, found.remarks
        figures += _alone(found.candidates)
    regions = tuple(
        RegionDose(
            region=name,
            dose=dose,
            basis="partition model",
            limit=_value(asked.get(name)),
            goal=_value(case.tumour_goal) if name == TUMOUR else None,
        )
        for name, dose in doses.items()
    )
    said = (*remarks, *without_u(partition.inputs), *_said_of_lungs(doses[LUNGS]))
    return ruled_by_limit(_made(case, activity, rule, regions, (figures, facts, said), energy), best, case.exceed)


def _surface(case: Y90Case, energy: EnergyPerActivity, folder: Path) -> Prescription:
    shunt = _shunt(case)
    treated = 1.0 if case.treated_share is None else case.treated_share.value
    inputs = {
        "height": _given(case.height), "weight": _given(case.weight), "tumour": _given(case.tumour_volume),
        "liver": _given(case.liver_volume),
    }  # fmt: skip
    found = surface_activity(**inputs, lung_shunt=shunt, treated_share=treated)
    lung_mass, facts = _lungs(case)
    lungs = _lung_dose(found.activity, shunt, lung_mass, energy)
    figures = [
        Figure(name="body surface", value=exact(found.surface), kind="surface"),
        Figure(name="tumour involvement", value=exact(found.involvement), kind="share"),
        Figure(name="reduction for the lung shunt", value=exact(found.reduction), kind="share"),
    ]
    names = ("body surface offset", "shunt of the first reduction", "first reduction", "shunt of the second reduction",
             "second reduction", "largest shunt")  # fmt: skip
    facts += [fact(RECIPE, name) for name in names]
    said = (
        *([LOBE] if treated < 1 else []),
        "By body surface no dose to tumour or liver is known. It is for resin spheres alone.",
        *without_u(inputs),
        *_said_of_lungs(lungs),
    )
    regions = (RegionDose(region=LUNGS, dose=lungs, basis="lung shunt"),)
    return _made(case, found.activity, "body surface area", regions, (figures, facts, said), energy)


def _single(case: Y90Case, energy: EnergyPerActivity, folder: Path) -> Prescription:
    mass, shunt = _given(case.perfused_mass), _shunt(case)
    lung_mass, facts = _lungs(case)
    between(mass.value, MASSES["liver_mass"], "perfused mass", "kg")
    if case.activity is not None:
        activity, rule, best = case.activity, GIVEN, case.activity
    else:
        activity, rule, best = _single_activity(case, mass, shunt, lung_mass, energy)
    fixed = activity if case.activity is not None else exact(activity.value)
    lungs = _lung_dose(fixed, shunt, lung_mass, energy)
    dose = single_compartment_dose(activity=fixed, lung_shunt=shunt, mass=mass, energy=energy)
    regions = (
        RegionDose(region=PERFUSED, dose=dose, basis="single compartment", goal=_value(case.perfused_goal)),
        RegionDose(region=LUNGS, dose=lungs, basis="lung shunt", limit=_value(case.lung_limit)),
    )
    facts.append(fact(RECIPE, "perfused volume goal, glass"))
    missing = without_u({"perfused mass": mass, "lung shunt": shunt})
    said = ("One compartment: tumour gets more than its mean, normal liver less.", *missing, *_said_of_lungs(lungs))
    return ruled_by_limit(_made(case, activity, rule, regions, ([], facts, said), energy), best, case.exceed)


def _single_activity(
    case: Y90Case, mass: Measured, shunt: Measured, lung_mass: Measured, energy: EnergyPerActivity
) -> tuple[Measured, str, Measured]:
    """Activity for the goal of the perfused volume, or the smaller one that the lungs allow; what rules; the best estimate."""
    if case.perfused_goal is None:
        raise InputError("method 'single-compartment' needs activity or perfused_goal. Give one.")
    goal = case.perfused_goal.value
    activity = single_compartment_activity(dose=goal, lung_shunt=shunt, mass=mass, energy=energy)
    if case.lung_limit is not None and shunt.value > 0:
        limit = between(case.lung_limit.value, DOSES, "limit of the lungs", "Gy")
        per_activity = _lung_dose(exact(1.0), shunt, lung_mass, energy)
        found = held(limit, per_activity, propagated(lambda x: limit / x["dose"], {"dose": per_activity}), case.exceed)
        if found.activity < activity.value:
            best = min(found.best, activity, key=lambda a: a.value)
            return found.chosen, f"limit of lungs, {limit:g} Gy", best
    return activity, f"goal for the perfused volume, {goal:g} Gy", activity


def _alone(candidates: dict[str, Held]) -> list[Figure]:
    """What each limit and goal alone would give."""
    return [Figure(name=f"activity by {name.lower()} alone", value=a.chosen, kind="activity") for name, a in candidates.items()]


def _several(case: Y90Case, energy: EnergyPerActivity, folder: Path) -> Prescription:
    lung_mass, facts = _lungs(case)
    for i in case.injection:
        for part in i.compartment:
            _checked_ratio(part)
    injections = tuple(
        Injection(
            name=i.name,
            activity=i.activity,
            liver_mass=i.liver_mass,
            lung_shunt=i.lung_shunt,
            compartments=tuple(
                Compartment(name=p.name, mass=p.mass, ratio=_ratio(p.concentration_ratio, p.activity_ratio, p.mass, i.liver_mass))
                for p in i.compartment
            ),
        )
        for i in case.injection
    )
    doses = compartment_doses(injections, lung_mass=lung_mass, energy=energy)
    total = propagated(lambda x: sum(x.values()), {i.name: i.activity for i in injections})
    figures = [Figure(name=f"activity of {i.name}", value=i.activity, kind="activity") for i in injections]
    regions = tuple(RegionDose(region=name, dose=dose, basis="several compartments") for name, dose in doses.items())
    given = {f"{p.name} of {i.name}": p.mass for i in injections for p in i.compartments}
    given |= {f"ratio of {p.name} of {i.name}": p.ratio.value for i in injections for p in i.compartments}
    given |= {f"lung shunt of {i.name}": i.lung_shunt for i in injections} | {"lung mass": lung_mass}
    said = (*without_u(given), *_said_of_lungs(doses[LUNGS]))
    return _made(case, total, "the activities given", regions, (figures, facts, said), energy)


def _voxel(case: Y90Case, energy: EnergyPerActivity, folder: Path) -> Prescription:
    from hevesy.dicom.nifti import read_nifti
    from hevesy.protocols.y90_voxels import voxel_doses

    values, grid = read_nifti(folder / str(case.distribution))
    masks = {}
    for name, file in (("liver", case.liver_mask), (TUMOUR, case.tumour_mask)):
        mask, own = read_nifti(folder / str(file))
        if own.shape != grid.shape or not np.allclose(own.affine, grid.affine, atol=1e-2):
            raise InputError(f"{file}: it is not on the grid of {case.distribution}. Resample it first.")
        masks[name] = mask > 0.5
    tumour = masks[TUMOUR] & masks["liver"]
    density = Image(values=np.full(grid.shape, 1.06, dtype=np.float32), grid=grid, quantity=Quantity.DENSITY)
    shunt = _shunt(case)
    found = voxel_doses(
        Image(values=values, grid=grid, quantity=Quantity.COUNTS),
        density,
        liver=masks["liver"],
        regions={LIVER: masks["liver"] & ~tumour, TUMOUR: tumour},
        activity=u.GBq,
        lung_shunt=shunt.value,
    )
    lung_mass, facts = _lungs(case)
    # The image has no u: neither have the doses from it, though the shunt has one.
    per = {name: _no_u(region.mean / u.GBq) for name, region in found.regions.items()}
    per[LUNGS] = _lung_dose(exact(1.0), shunt, lung_mass, energy)
    activity, rule, best = _by_limits(case, per)
    fixed = activity if case.activity is not None else exact(activity.value)
    regions = tuple(
        RegionDose(
            region=name,
            dose=_no_u(each.value * activity.value) if each.u is None else _times(fixed, each),
            basis="lung shunt" if name == LUNGS else "voxel by voxel",
            limit=_value({LIVER: case.liver_limit, LUNGS: case.lung_limit}.get(name)),
            goal=_value(case.tumour_goal) if name == TUMOUR else None,
        )
        for name, each in per.items()
    )
    figures = [
        Figure(name=f"{name}, D{part}", value=_no_u(dose * activity.value / u.GBq), kind="dose")
        for name, region in found.regions.items()
        for part, dose in zip((98, 70, 50, 2), region.at_volume, strict=True)
    ]
    said = (
        *found.remarks,
        "mass density of all tissue is taken as 1.06 g/ml.",
        *_said_of_lungs(regions[-1].dose),
    )
    return ruled_by_limit(_made(case, activity, rule, regions, (figures, facts, said), energy), best, case.exceed)


def _by_limits(case: Y90Case, per_activity: dict[str, Measured]) -> tuple[Measured, str, Measured]:
    if case.activity is not None:
        return case.activity, GIVEN, case.activity
    asked = {LIVER: case.liver_limit, LUNGS: case.lung_limit, TUMOUR: case.tumour_goal}
    found: dict[str, Held] = {}
    for name, dose in asked.items():
        per = per_activity[name]
        if dose is None or per.value <= 0:
            continue
        asked_for = between(dose.value, DOSES, f"dose to {name.lower()}", "Gy")
        best = propagated(lambda x, asked_for=asked_for: asked_for / x["dose"], {"dose": per})  # type: ignore[misc]
        known = per.u is not None
        found[name] = (
            Held(activity=best.value, best=best, known=known) if name == TUMOUR else held(asked_for, per, best, case.exceed)
        )
    if not found:
        raise InputError("method 'voxel' needs activity, liver_limit, lung_limit or tumour_goal. Give one.")
    ruling = min(found, key=lambda name: found[name].activity)
    kind = "goal for" if ruling == TUMOUR else "limit of"
    best = min((each.best for each in found.values()), key=lambda a: a.value)
    return found[ruling].chosen, f"{kind} {ruling.lower()}, {_value(asked[ruling]):g} Gy", best


def _checked_ratio(part: CompartmentCase) -> None:
    try:
        one_ratio(part.concentration_ratio, part.activity_ratio)
    except ValueError as error:
        raise InputError(f"compartment {part.name}: {error}.") from error


def _made(
    case: Y90Case,
    activity: Measured,
    rule: str,
    regions: tuple[RegionDose, ...],
    details: tuple[list[Figure], list[Fact], tuple[str, ...]],
    energy: EnergyPerActivity,
) -> Prescription:
    figures, facts, remarks = details
    level, reason = CHOSEN if case.activity is not None else LEVEL[case.method]
    name = "ICRP 107" if case.constant == "icrp107" else "the published constant"
    remarks = (f"{energy * u.GBq:.5g} J/GBq of Y-90, by {name}.", *remarks, VERIFY)
    if case.spheres is not None and case.method != "body-surface":
        known = fact(RECIPE, f"liver limit, {case.spheres}")
        facts = [*facts, known]
        hot = [f"{d.region} {d.dose.value:.3g} Gy" for d in regions if d.region.startswith(LIVER) and d.dose.value > known.value]
        if hot:
            remarks = (f"{', '.join(hot)}: above {known.value:g} Gy, the guideline's mean for {case.spheres} spheres.", *remarks)
    if case.constant == "published":
        facts = [*facts, fact(RECIPE, "energy per activity")]
    if case.planar is not None and case.planar.attenuation_ratio is None:
        remarks = (*remarks, NO_ATTENUATION)
    if case.residual is not None:
        drawn = propagated(lambda x: x["activity"] / (1 - x["residual"]), {"activity": activity, "residual": case.residual})
        figures = [*figures, Figure(name="activity to dispense, with the residual", value=drawn, kind="activity")]
    facts = [*facts, fact(RECIPE, "lung limit, one treatment"), fact(RECIPE, "lung limit, all treatments")]
    return Prescription(
        recipe=RECIPE,
        title=f"Y-90 radioembolisation, {case.method}",
        activity=activity,
        rule=rule,
        doses=regions,
        compliance=Compliance(level=level, reason=reason, required=REQUIRED),
        citation=CITATION,
        figures=tuple(figures),
        facts=tuple(facts),
        remarks=remarks,
    )


def _lung_dose(activity: Measured, shunt: Measured, mass: Measured, energy: EnergyPerActivity) -> Measured:
    return propagated(
        lambda x: energy * x["activity"] * x["shunt"] / x["mass"], {"activity": activity, "shunt": shunt, "mass": mass}
    )


def _times(activity: Measured, per_activity: Measured) -> Measured:
    return propagated(lambda x: x["activity"] * x["dose"], {"activity": activity, "dose": per_activity})


def _said_of_lungs(dose: Measured) -> tuple[str, ...]:
    limit = fact(RECIPE, "lung limit, one treatment").value
    if dose.value <= limit:
        return ()
    return (f"the lungs receive {dose.value:.3g} Gy, above {limit:g} Gy of one treatment.",)


def _given(value: Measured | None) -> Measured:
    if value is None:
        raise InputError("a value that this method needs is missing.")
    return value


def _value(dose: Measured | None) -> float | None:
    return None if dose is None else dose.value


def _no_u(value: float) -> Measured:
    return Measured(value=value, u=None, why_no_u="the uncertainty of the image is not known")
