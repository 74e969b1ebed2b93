"""The largest activity that keeps limits, and the activity that reaches a goal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model.measured import Measured
from hevesy.planning.burden import Burden, burden, spread
from hevesy.planning.draws import DRAWS, SEED, World
from hevesy.planning.forecast import DeliveredCycle, Forecast
from hevesy.planning.limits import Limit
from hevesy.planning.targets import Target, check_usable, lone, targets_of
from hevesy.radiobiology import Tissue

Vector = npt.NDArray[np.float64]

MAXIMUM = "maximum activity"
RAREST = 0.001  # of 40 000 draws 40 are then above a limit
MOST_CYCLES = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """The draws of all targets of a course: those with a limit first, then the others.

    Attributes
    ----------
    world : World
    limited, others : tuple of Burden
    unknown : dict                      Why a region without a limit is not among ``others``.
    """

    world: World
    limited: tuple[Burden, ...]
    others: tuple[Burden, ...]
    unknown: dict[str, str]

    @property
    def cycles(self) -> int:
        """To come."""
        return self.world.cycles


def outlook(
    forecast: Forecast,
    limits: Sequence[Limit],
    *,
    tissues: Mapping[str, Tissue],
    cycles: int = 1,
    delivered: Sequence[DeliveredCycle] = (),
    number: int = DRAWS,
    seed: int = SEED,
) -> Outlook:
    """Draw what may be true of a course of ``cycles`` to come after those ``delivered``.

    Parameters
    ----------
    forecast : Forecast                 Dose by activity of the cycles to come.
    limits : sequence of Limit          Of the whole course, with what was delivered.
    tissues : mapping                   Tissue by the name that limits use.
    cycles : int                        To come.
    delivered : sequence                Cycles given so far.
    number, seed : int                  Of the draws.

    Raises
    ------
    InputError, ScopeError
        A region is absent, its dose is ill-posed or has no uncertainty, a tissue has no parameters.
    """
    if not (isinstance(cycles, int) and 1 <= cycles <= MOST_CYCLES):
        raise InputError(f"cycles to come: {cycles}; a whole number from 1 to {MOST_CYCLES} is allowed.")
    rare = [limit for limit in limits if not RAREST <= limit.probability <= 1 - RAREST]
    if rare:
        raise InputError(
            f"limit of {rare[0].region}: a chance of {100 * rare[0].probability:g} % cannot be told from the draws; "
            f"{100 * RAREST:g} % to {100 - 100 * RAREST:g} % is allowed."
        )
    world = World(forecast=forecast, delivered=tuple(delivered), cycles=cycles, number=number, seed=seed)
    targets = targets_of(limits, forecast.regions, tissues=tissues)
    order = {name: i for i, name in enumerate(sorted({t.tissue.name for t in targets if t.tissue is not None}))}
    limited = tuple(burden(t, world, order=order[t.tissue.name] if t.tissue else 0) for t in targets)
    others, unknown = [], {}
    covered = {name for target in targets for name in target.covers}
    for region in forecast.regions:
        if region.name in covered:
            continue
        missing = [cycle.label for cycle in delivered if region.name not in cycle.doses]
        if not region.well_posed or region.u_systematic is None:
            unknown[region.name] = "its curve is ill-posed" if not region.well_posed else "its dose has no uncertainty"
        elif missing:
            unknown[region.name] = f"its dose in {', '.join(missing)} is not known"
        else:
            others.append(burden(lone(region), world))
    return Outlook(world=world, limited=limited, others=tuple(others), unknown=unknown)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What a target receives over the course, delivered and to come.

    Attributes
    ----------
    target : Target
    dose, quantity : Measured           Absorbed dose; the limited quantity, dose itself where none is [Gy].
    dose_95, quantity_95 : tuple        [Gy]
    delivered : Measured                Dose of the earlier cycles [Gy].
    largest : float or None             Activity of each cycle that this limit alone allows [Bq].
    exceeds : float or None             Chance that the limit is exceeded [1].
    exceeded_before : float or None     Chance that the earlier cycles alone have exceeded it [1].
    """

    target: Target
    dose: Measured
    dose_95: tuple[float, float]
    quantity: Measured
    quantity_95: tuple[float, float]
    delivered: Measured
    largest: float | None = None
    exceeds: float | None = None
    exceeded_before: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """An activity and what follows from it.

    Attributes
    ----------
    activity : float                    Of each cycle to come; of an adapted course, of the next one [Bq].
    limiting : str                      The target whose limit decides, MAXIMUM, or "" where nothing limits.
    limited, others : tuple of Outcome
    any_limit : float or None           Chance that any limit is exceeded, errors of regions correlated as stated [1].
    activities : tuple                  Of each cycle to come: median and 95 % [Bq].
    total_activity : float              Median over the course to come [Bq].
    """

    activity: float
    limiting: str
    limited: tuple[Outcome, ...]
    others: tuple[Outcome, ...]
    any_limit: float | None
    activities: tuple[tuple[float, float, float], ...]
    total_activity: float


def largest_activity(outlook: Outlook, *, most: float | None = None) -> Plan:
    """The largest equal activity of the cycles to come that keeps each limit with its probability.

        A = min over limits of the p-quantile of A_i,   A_i: activity at which draw i meets the limit

    because what a target receives grows with the activity in every draw.

    Parameters
    ----------
    outlook : Outlook                     With at least one limit, or with ``most``.
    most : float, optional              Activity by cycle that is never passed [Bq].

    References: JCGM 101:2008 (propagation of distributions); for adding BED of cycles R. G. Dale, Phys Med Biol 41 (1996) 1871.
    Neglected: change of the dose by activity that goes one way over the cycles, as of shrinking tumours.
    """
    check_most(most)
    allowed = [(alone(each), each.target.name) for each in outlook.limited]
    if most is not None:
        allowed.append((most, MAXIMUM))
    if not allowed:
        raise InputError("no limit and no maximum: nothing bounds the activity. Give limits, or a goal for a tumour.")
    activity, limiting = min(allowed)
    return at_activity(outlook, activity, limiting=limiting)


def alone(each: Burden) -> float:
    """Activity of each cycle that the limit of one target allows by itself [Bq]."""
    limit = each.target.limit
    if limit is None:
        raise InputError(f"{each.target.name} has no limit.")
    return float(np.quantile(each.reaching(limit.value), limit.probability, method="lower"))


def at_activity(outlook: Outlook, activity: float | Vector, *, limiting: str = "") -> Plan:
    """What follows from an activity by cycle [Bq]: one for all, or draws of each (n, N)."""
    values = np.broadcast_to(np.asarray(activity, dtype=float), (outlook.world.number, outlook.cycles))
    limited = tuple(_outcome(each, values) for each in outlook.limited)
    over = [each.quantity(values) > each.target.limit.value for each in outlook.limited if each.target.limit is not None]
    if np.ndim(activity) == 0:
        one = float(np.asarray(activity))
        ends, total = ((one, one, one),) * outlook.cycles, one * outlook.cycles
    else:
        low, middle, high = np.quantile(values, (0.025, 0.5, 0.975), axis=0)
        ends = tuple(zip(middle.tolist(), low.tolist(), high.tolist(), strict=True))
        total = float(np.median(values.sum(axis=1)))
    return Plan(
        activity=ends[0][0],
        limiting=limiting,
        limited=limited,
        others=tuple(_outcome(each, values) for each in outlook.others),
        any_limit=float(np.mean(np.any(over, axis=0))) if over else None,
        activities=ends,
        total_activity=total,
    )


def activity_for_goal(outlook: Outlook, region: str, dose: float, *, reach: float) -> float:
    """Equal activity of the cycles to come with which a region's dose reaches a goal with a chosen probability [Bq].

    Parameters
    ----------
    outlook : Outlook
    region : str                        As drawn.
    dose : float                        Absorbed dose over the whole course, with what was delivered [Gy].
    reach : float                       Probability to reach it [1].
    """
    if not (math.isfinite(dose) and dose > 0):
        raise InputError(f"goal of {region}: {dose:g} Gy; it must be above zero.")
    if not RAREST <= reach <= 1 - RAREST:
        raise InputError(f"goal of {region}: to be reached with {100 * reach:g} %; allowed is {100 * RAREST:g} % to 99.9 %.")
    known = {r.name: r for r in outlook.world.forecast.regions}
    if region not in known:
        raise InputError(f"goal of {region}: the dose holds no such region; it holds {', '.join(known)}.")
    check_usable(known[region], why="a goal")
    if region in outlook.unknown:
        raise InputError(f"goal of {region}: {outlook.unknown[region]}. Name regions alike in all cycles.")
    plain = burden(lone(known[region]), outlook.world)
    return float(np.quantile(plain.reaching(dose), reach, method="higher"))


def reaches(outlook: Outlook, region: str, dose: float, activity: float | Vector) -> float:
    """Chance that a region's dose reaches a goal at an activity by cycle [1]."""
    known = {r.name: r for r in outlook.world.forecast.regions}
    return float(np.mean(burden(lone(known[region]), outlook.world).dose(activity) >= dose))


def check_most(most: float | None) -> None:
    """Refuse a maximum that is none."""
    if most is not None and not (math.isfinite(most) and most >= 10 * un.kBq):
        raise InputError(f"the maximum activity is {most:g} Bq; it must be above 10 kBq. Did you forget the unit?")


def _outcome(each: Burden, activity: Vector) -> Outcome:
    quantity, dose, limit = each.quantity(activity), each.dose(activity), each.target.limit
    middle, ends = spread(dose)
    q_middle, q_ends = spread(quantity)
    return Outcome(
        target=each.target,
        dose=middle,
        dose_95=ends,
        quantity=q_middle,
        quantity_95=q_ends,
        delivered=spread(each.given_dose)[0],
        largest=None if limit is None else alone(each),
        exceeds=None if limit is None else float(np.mean(quantity > limit.value)),
        exceeded_before=None if limit is None else float(np.mean(each.given >= limit.value)),
    )
