"""When to elute a generator, so that a day's needs are met with the fewest elutions."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide
from hevesy.supply.generator import Eluate, daughter_of, elutions

SHELF_LIFE = 12 * un.h  # of an eluate without preservative: TechneLite label, one working day
MOST_TRIED = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Activity [Bq] that is drawn at ``time`` [s] after the last complete elution before the day."""

    time: float
    activity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ElutionPlan:
    """Times of elution for a day.

    Attributes
    ----------
    eluates : tuple of Eluate           In order.
    reserve : tuple of float            For each need, activity that is left for use after it was drawn [Bq]; below 0: missing.
    complete : bool                     Whether all needs are met.
    """

    eluates: tuple[Eluate, ...]
    reserve: tuple[float, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How eluates are handled: eluted share [1], time from elution to first use [s], shelf life [s]."""

    efficiency: float = 1.0
    preparation: float = 0.0
    shelf_life: float = SHELF_LIFE


def best_elutions(
    parent: str,
    activity: float,
    needs: Sequence[Need],
    allowed: Sequence[float],
    *,
    most: int = 3,
    handling: Handling | None = None,
) -> ElutionPlan:
    """The fewest elutions that meet all needs and, of these, the times that leave the largest reserve.

    The reserve that counts is the smallest, over the needs, of what is left for use by what was needed. Of several eluates
    the one that expires first is used first. All combinations of the allowed times are tried, so nothing on that grid is better.
    Where no combination meets the needs, the one that misses least is returned with ``complete`` false.

    Parameters
    ----------
    parent : str                        Mo-99, Ge-68, Sr-82 or W-188.
    activity : float                    Of the parent at time zero, when the column was eluted completely [Bq].
    needs : sequence of Need            In any order.
    allowed : sequence of float         Times at which may be eluted, after time zero [s].
    most : int                          Largest number of elutions.
    handling : Handling                 Efficiency, preparation, shelf life.

    Raises
    ------
    InputError
        No need, a need without activity, no time allowed, or more combinations than can be tried.
    """
    how = handling or Handling()
    grid = sorted(set(allowed))
    wanted = sorted(needs, key=lambda need: need.time)
    if not wanted or any(not need.activity > 0 for need in wanted):
        raise InputError("needs: there is none, or one without activity. Give time and activity above 0 for each.")
    if not grid or most < 1:
        raise InputError(f"{len(grid)} allowed times and at most {most} elutions; both must be 1 or more. Widen the hours.")
    tried = sum(math.comb(len(grid), k) for k in range(1, most + 1))
    if tried > MOST_TRIED:
        raise InputError(f"{tried} combinations of times; at most {MOST_TRIED} are tried. Allow fewer times or elutions.")
    decay = load_nuclide(daughter_of(parent)).decay_constant

    def scored(times: tuple[float, ...]) -> tuple[tuple[float, float], ElutionPlan]:
        eluates = elutions(parent, activity, times, efficiency=how.efficiency)
        reserve = _drawn(eluates, wanted, decay, how)
        shares = [left / need.activity for left, need in zip(reserve, wanted, strict=True)]
        # Missing shares add up; a surplus at one hour does not make up for a lack at another.
        score = (sum(min(0.0, share) for share in shares), min(shares))
        return score, ElutionPlan(eluates=eluates, reserve=reserve, complete=min(reserve) >= 0)

    best = scored((grid[0],))
    for k in range(1, most + 1):
        for times in itertools.combinations(grid, k):
            best = max(best, scored(times), key=lambda each: each[0])
        if best[1].complete:
            break
    return best[1]


def _drawn(eluates: Sequence[Eluate], needs: Sequence[Need], decay: float, how: Handling) -> tuple[float, ...]:
    left = [eluate.daughter for eluate in eluates]  # each at the time of its own elution
    reserves = []
    for need in needs:
        missing, spare = need.activity, 0.0
        for i, eluate in enumerate(eluates):
            if not eluate.time + how.preparation <= need.time <= eluate.time + how.shelf_life:
                continue
            factor = math.exp(-decay * (need.time - eluate.time))
            taken = min(missing, left[i] * factor)
            left[i] -= taken / factor
            missing -= taken
            spare += left[i] * factor
        reserves.append(-missing if missing > 1e-9 * need.activity else spare)
    return tuple(reserves)
