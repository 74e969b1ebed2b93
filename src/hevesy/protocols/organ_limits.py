"""What organ limits allow of a therapy with fixed activities per cycle."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import EXCEED, Held, chance_of_sum, checked_exceed, held, largest
from hevesy.protocols.facts import Fact, facts_of
from hevesy.protocols.first_order import between, positive, propagated
from hevesy.radiobiology import Tissue, bed, lea_catcheside

PREFIX = "limit of "
LIMITS = (0.1, 500.0)  # Gy
DELIVERED = (0.0, 1000.0)  # Gy
PER_ACTIVITY = (1e-3 / u.GBq, 100 / u.GBq)  # Gy/Bq, of a region of this patient; lesions have the largest
OF_AN_ORGAN = (1e-3 / u.GBq, 10 / u.GBq)  # Gy/Bq, of what has a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganLimit:
    """A limit on the absorbed dose of a course.

    ``dose``: [Gy]; ``source``: who says so.
    """

    region: str
    dose: float
    source: str

    def __post_init__(self) -> None:
        between(self.dose, LIMITS, f"limit of {self.region}", "Gy")
        if not self.source:
            raise InputError(f"limit of {self.region}: it needs a source. Name the paper or the decision.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the limits allow.

    Attributes
    ----------
    activity : float                    Largest activity of all that is still to come [Bq].
    region : str                        The organ that rules.
    cycles : int                        Whole cycles of the fixed activity.
    by_region : dict of Held            What each organ alone would allow, with the best estimate beside it [Bq].
    """

    activity: float
    region: str
    cycles: int
    by_region: dict[str, Held]

    @property
    def best(self) -> Measured:
        """Largest activity at the best estimate [Bq]."""
        return min((each.best for each in self.by_region.values()), key=lambda a: a.value)


def limits_of(recipe: str) -> tuple[OrganLimit, ...]:
    """The limits on absorbed dose that the facts of a recipe hold."""
    return tuple(
        OrganLimit(region=name.removeprefix(PREFIX), dose=found.value, source=found.source)
        for name, found in facts_of(recipe).items()
        if name.startswith(PREFIX)
    )


def averages_of(recipe: str) -> dict[str, Fact]:
    """Average doses per activity that the facts of a recipe hold, by region."""
    return {name: found for name, found in facts_of(recipe).items() if found.printed.endswith(("Gy/GBq", "Gy/MBq"))}


def allowed_activity(
    per_activity: dict[str, Measured],
    limits: tuple[OrganLimit, ...],
    *,
    delivered: dict[str, Measured],
    cycle: float,
    exceed: float = EXCEED,
) -> Allowed:
    """Largest activity with which no organ exceeds its limit with more than a chosen chance.

        A = min over organs of A_i,   P(D_delivered + A_i D/A0 > D_limit) = exceed

    Parameters
    ----------
    per_activity : dict of Measured     D / A0, dose per activity by region [Gy/Bq].
    limits : tuple of OrganLimit
    delivered : dict of Measured        Dose by earlier therapy by region; none is 0 [Gy].
    cycle : float                       Activity of a cycle [Bq].
    exceed : float                      Chance for each organ [1].

    Both doses are log-normal about their best estimates and independent; for what lies in all cycles alike plan from results
    (`hevesy plan`). Without u the activity is that of the best estimate. Neglected: dose rate and fractionation (BED), a
    patient who changes from cycle to cycle.

    Raises
    ------
    InputError
        A limit of an organ whose dose is not known: it is not passed over. A dose that cannot be.
    """
    positive(cycle, "activity of a cycle", "Bq")
    checked_exceed(exceed)
    if not limits:
        raise InputError("no organ limit is given; the activity of a course has nothing to be held by.")
    for limit in limits:
        if limit.region not in per_activity:
            raise InputError(
                f"{limit.region}: there is a limit and no dose; known are {', '.join(per_activity)}. "
                "Give its dose per activity or take the limit out."
            )
    by_region = {limit.region: _held(limit, per_activity[limit.region], delivered.get(limit.region), exceed) for limit in limits}
    region = min(by_region, key=lambda name: by_region[name].activity)
    # A share of 1e-9 keeps a limit that is met exactly from losing a cycle to rounding.
    cycles = math.floor(by_region[region].activity / cycle * (1 + 1e-9))
    return Allowed(activity=by_region[region].activity, region=region, cycles=cycles, by_region=by_region)


def checked_doses(per_activity: dict[str, Measured], delivered: dict[str, Measured]) -> None:
    """Refuse doses per activity and delivered doses that cannot be: slips of a unit, doses below zero."""
    for name, each in per_activity.items():
        between(each.value, PER_ACTIVITY, f"dose per activity of {name}", "Gy/GBq", 1 / u.GBq)
    for name, each in delivered.items():
        between(each.value, DELIVERED, f"dose delivered to {name}", "Gy")


def _held(limit: OrganLimit, per_activity: Measured, delivered: Measured | None, exceed: float) -> Held:
    between(per_activity.value, OF_AN_ORGAN, f"dose per activity of {limit.region}", "Gy/GBq", 1 / u.GBq)
    before = delivered or Measured(value=0.0, u=0.0)
    inputs = {"delivered": before, "per activity": per_activity}
    best = propagated(lambda x: max(0.0, limit.dose - x["delivered"]) / x["per activity"], inputs)
    if before.value == 0 and not before.u:
        return held(limit.dose, per_activity, best, exceed)

    def chance(activity: float) -> float | None:
        to_come = propagated(lambda x: activity * x["dose"], {"dose": per_activity})
        return chance_of_sum(before, to_come, limit.dose)

    known = chance(best.value) is not None
    if not known:
        return Held(activity=best.value, best=best, known=False)
    if (chance(0.0) or 0.0) > exceed:
        return Held(activity=0.0, best=best, known=True)
    most = limit.dose / per_activity.value
    return Held(activity=largest(chance, most=most, exceed=exceed), best=best, known=True)


def course_bed(*, cycle_dose: Measured, cycles: int, effective_half_life: Measured, tissue: Tissue) -> Measured:
    """Biologically effective dose of equal cycles with an exponential dose rate [Gy].

        BED = n D (1 + G D / (alpha/beta)),   G by Lea and Catcheside for one exponential of T_eff

    Parameters
    ----------
    cycle_dose : Measured               D, of one cycle [Gy].
    cycles : int                        n.
    effective_half_life : Measured      T_eff, of the activity in the organ [s].
    tissue : Tissue                     alpha/beta and repair; see :func:`hevesy.radiobiology.tissue_named`.

    Neglected: uptake, dose rate from elsewhere, repair that is left over from cycle to cycle, u of the repair half-time.
    Reference: see :func:`hevesy.radiobiology.bed`.
    """
    positive(effective_half_life.value, "effective half-life", "s")
    if cycles < 1:
        raise InputError(f"{cycles} cycles; one at least is needed.")

    def total(x: Mapping[str, float]) -> float:
        G = lea_catcheside([1.0], [math.log(2) / x["half-life"]], tissue.repair)
        return cycles * float(bed(x["dose"], G, x["alpha/beta"]))

    inputs = {"dose": cycle_dose, "half-life": effective_half_life, "alpha/beta": tissue.alpha_beta}
    return propagated(total, inputs)
