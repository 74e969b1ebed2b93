"""The recipes of Ra-223 and Ac-225 from a case file."""

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from hevesy.app.amounts import Amounts, Concentration, Dose, Fraction, Mass, Number, Time
from hevesy.app.recipe_chance import RecipeCase
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols import ac225_psma, ra223
from hevesy.protocols.alpha_dose import EnergyAtPlace, checked_rbe, energy_at_place
from hevesy.protocols.chance import CHOSEN
from hevesy.protocols.facts import Fact, fact
from hevesy.protocols.first_order import between
from hevesy.protocols.organ_limits import LIMITS
from hevesy.protocols.prescription import Compliance, Figure, Prescription, RegionDose

AVERAGE, OWN = "average of patients", "this patient"


class RadiumCase(RecipeCase):
    """recipe = "ra223" """

    recipe: Literal["ra223"]
    weight: Mass
    injections: int | None = Field(default=None, ge=1, le=12)
    concentration: Concentration | None = None
    reference_time: datetime | None = None
    injection_time: datetime | None = None
    rbe: Number | None = None

    @field_validator("reference_time", "injection_time", mode="before")
    @classmethod
    def _with_hour(cls, value: object) -> object:
        # A day alone would mean midnight: up to 3 % of the activity beside the vial's noon.
        if isinstance(value, date) and not isinstance(value, datetime):
            raise ValueError("a day without a time; write 2026-03-01T12:00:00+01:00")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.reference_time is None) != (self.injection_time is None):
            raise ValueError("reference_time and injection_time belong together. Give both, in one time zone, or none")
        if self.reference_time and self.injection_time:
            zones = {self.reference_time.tzinfo is None, self.injection_time.tzinfo is None}
            if len(zones) > 1:
                raise ValueError("one of reference_time and injection_time has a time zone and the other has none")
        if self.concentration is not None and self.reference_time is None:
            raise ValueError("a concentration needs reference_time and injection_time")
        return self


class ActiniumRegion(Amounts):
    """[[region]]"""

    name: str = Field(min_length=1)
    tiac: Time
    mass: Mass


class ActiniumCase(RecipeCase):
    """recipe = "ac225-psma" """

    recipe: Literal["ac225-psma"]
    weight: Mass
    rbe: Number
    retained: dict[str, Fraction] = Field(default_factory=dict)
    region: tuple[ActiniumRegion, ...] = ()
    limits: dict[str, Dose] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.retained and not self.region:
            raise ValueError("[retained] has no effect without [[region]]: the averages take every daughter as retained")
        names = [region.name for region in self.region]
        if len(set(names)) < len(names):
            raise ValueError(f"two [[region]] have one name; got {', '.join(names)}. Name each once")
        return self


def plan_radium(case: RadiumCase, folder: Path) -> Prescription:
    """Activity, volume and average doses."""
    activity = ra223.injection_activity(mass=case.weight)
    number = fact(ra223.RECIPE, "injections")
    n = case.injections or round(number.value)
    rbe = None if case.rbe is None else checked_rbe(case.rbe.value)
    total = activity.value * n
    to_give = Measured(value=total, u=None, why_no_u=CHOSEN)
    doses = _radium_doses(total, rbe, n)
    facts = [
        fact(ra223.RECIPE, name) for name in ("activity by mass", *ra223.ALPHA_REGIONS.values(), *ra223.LABEL_REGIONS.values())
    ]
    figures, remarks = [Figure(name=f"activity of {n} injections", value=to_give, kind="activity")], [ra223.INDIVIDUAL]
    if case.reference_time is not None and case.injection_time is not None:
        elapsed = (case.injection_time - case.reference_time).total_seconds()
        known = fact(ra223.RECIPE, "concentration")
        concentration = known.value if case.concentration is None else case.concentration.value
        facts += [known] if case.concentration is None else []
        volume = ra223.injection_volume(activity=activity, concentration=concentration, elapsed=elapsed)
        figures += [
            Figure(name="volume to draw", value=volume, kind="volume"),
            Figure(name="decay factor", value=Measured(value=ra223.decay_factor(elapsed), u=0.0), kind="number"),
        ]
    if rbe is None:
        remarks.append('doses are not weighted; state rbe, for example "5", for weighted ones beside them.')
    return Prescription(
        recipe=ra223.RECIPE,
        title=f"Ra-223 dichloride, injection of {n}",
        activity=activity,
        rule=f"label, {fact(ra223.RECIPE, 'activity by mass').printed}",
        doses=tuple(doses),
        compliance=Compliance(
            level=1,
            reason="an activity by body mass and average doses",
            required="standardised: level 1 (activity); dosimetry optional, by Tc-99m or F-18",
        ),
        citation=ra223.CITATION,
        figures=tuple(figures),
        facts=(*facts, number),
        remarks=tuple(remarks),
    )


def _radium_doses(total: float, rbe: float | None, injections: int) -> list[RegionDose]:
    """By alpha particles alone, which an RBE may weigh, and by the label with all radiations, which it may not."""
    doses = []
    for names, radiations, factor in (
        (ra223.ALPHA_REGIONS, "alpha particles", rbe),
        (ra223.LABEL_REGIONS, "all radiations", None),
    ):
        for region, name in names.items():
            found = fact(ra223.RECIPE, name)
            doses.append(
                RegionDose(
                    region=region,
                    dose=_no_u(found.value * total),
                    basis=f"{_average(found)}; {radiations}, {injections} injections",
                    weighted=None if factor is None else _no_u(found.value * total * factor),
                    rbe=factor,
                )
            )
    return doses


def plan_actinium(case: ActiniumCase, folder: Path) -> Prescription:
    """Activity, and doses by averages or of this patient with daughters that leave."""
    activity = ac225_psma.injection_activity(mass=case.weight)
    rbe = checked_rbe(case.rbe.value)
    for name, dose in case.limits.items():
        between(dose.value, LIMITS, f"limit of {name}", "Gy")
    own = _actinium_own(case, activity, rbe)
    facts, remarks, doses = [fact(ac225_psma.RECIPE, "activity by mass")], [], list(own)
    whole = energy_at_place(ac225_psma.NUCLIDE, {})
    others = _actinium_averages(case, activity.value, whole, {dose.region for dose in own})
    doses += others
    facts += [fact(ac225_psma.RECIPE, dose.region) for dose in others]
    facts.append(fact(ac225_psma.RECIPE, "RBE of the coefficients"))
    if strange := set(case.limits) - {dose.region for dose in doses}:
        raise InputError(f"limits name {', '.join(strange)}, of which there is no dose. Give its [[region]] or take it out.")
    over = [d.region for d in doses if d.limit is not None and d.weighted is not None and d.weighted.value > d.limit]
    if over:
        remarks.append(f"{', '.join(over)}: the weighted dose is above the limit stated.")
    often = [d.region for d in doses if d.region not in over and (d.exceeds or 0.0) > case.exceed]
    if often:
        remarks.append(f"{', '.join(often)}: the weighted dose is above the limit with more than {100 * case.exceed:g} %.")
    remarks += [
        "Salivary glands limit this therapy: dryness of the mouth grew with activity and led to 100 kBq/kg.",
        f"weighted with RBE {rbe:g} for alpha particles and 1 for electrons; a limit is compared with the weighted dose.",
        "no dose to tumours is planned.",
    ]
    if case.retained:
        remarks.append("what leaves goes elsewhere in the body, Bi-213 much to the kidneys: that dose is not in these.")
    return Prescription(
        recipe=ac225_psma.RECIPE,
        title="Ac-225 PSMA, one administration",
        activity=activity,
        rule=f"{fact(ac225_psma.RECIPE, 'activity by mass').printed}",
        doses=tuple(doses),
        compliance=Compliance(
            level=2 if own else 1,
            reason="an activity by body mass, with doses of this patient"
            if own
            else "an activity by body mass and average doses",
            required="not standardised, not in the paper's table: level 2, doses of the patient",
        ),
        citation=ac225_psma.CITATION,
        figures=(
            Figure(
                name="weighted by unweighted dose, all daughters retained",
                value=Measured(value=whole.weighting(rbe), u=0.0),
                kind="number",
            ),
        ),
        facts=tuple(facts),
        remarks=tuple(remarks),
    )


def _actinium_averages(case: ActiniumCase, activity: float, whole: EnergyAtPlace, known: set[str]) -> list[RegionDose]:
    doses = []
    for region, (plain, _) in ac225_psma.average_doses().items():
        if region in known:
            continue
        dose = plain.value * activity
        doses.append(
            RegionDose(
                region=region,
                dose=_no_u(dose),
                basis=_average(fact(ac225_psma.RECIPE, region)),
                weighted=_no_u(dose * whole.weighting(case.rbe.value)),
                rbe=case.rbe.value,
                limit=_limit_of(case, region),
            )
        )
    return doses


def _actinium_own(case: ActiniumCase, activity: Measured, rbe: float) -> tuple[RegionDose, ...]:
    found = []
    for region in case.region:
        find = partial(ac225_psma.region_dose, tiac=region.tiac, mass=region.mass, activity=activity, retained=case.retained)
        (dose, energy), (weighted, _) = find(), find(rbe=rbe)
        lost = energy.leaving / (energy.alpha + energy.electron + energy.leaving)
        found.append(
            RegionDose(
                region=region.name,
                dose=dose,
                basis=f"{OWN}; {100 * lost:.3g} % of the energy leaves with daughters",
                weighted=weighted,
                rbe=rbe,
                limit=_limit_of(case, region.name),
            )
        )
    return tuple(found)


def _average(found: Fact) -> str:
    return AVERAGE if found.verified else f"{AVERAGE}, unverified"


def _limit_of(case: ActiniumCase, region: str) -> float | None:
    return case.limits[region].value if region in case.limits else None


def _no_u(value: float) -> Measured:
    return Measured(value=value, u=None, why_no_u="the source gives no spread among patients")
