"""Radionuclide generators: what grows on the column, what an elution gives, how much of it is carrier."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import chain_decays, daughters, load_nuclide

DAUGHTERS = {"Mo-99": "Tc-99m", "Ge-68": "Ga-68", "Sr-82": "Rb-82", "W-188": "Re-188"}
CARRIERS = {"Mo-99": "Tc-99"}  # daughters of which another nuclide of the same element is eluted with them
AVOGADRO = 6.02214076e23  # CODATA 2018, exact
CORE_SMPC_MASS = 5.161e-3 * 1e-9 / un.GBq  # kg/Bq: mass of technetium = this x activity / fraction of Tc-99m atoms


@dataclass(frozen=True, slots=True, kw_only=True)
class Atoms:
    """Atoms of parent, daughter and carrier, on a column or in an eluate [1]; carrier is 0 where there is none."""

    parent: float
    daughter: float
    carrier: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Eluate:
    """One elution.

    Attributes
    ----------
    time : float                        After time zero [s].
    daughter : float                    Activity of the daughter in the eluate [Bq].
    parent_on_column : float            Activity of the parent that stays [Bq].
    daughter_left : float               Activity of the daughter that stays on the column [Bq].
    atoms : Atoms                       In the eluate.
    fraction : float or None            Daughter atoms of all atoms of its element; None where there is no carrier.
    mass : float                        Of the daughter and its carrier [kg].
    """

    time: float
    daughter: float
    parent_on_column: float
    daughter_left: float
    atoms: Atoms
    fraction: float | None
    mass: float


def daughter_of(parent: str) -> str:
    """The daughter that a generator of ``parent`` gives; unknown parents are refused."""
    name = load_nuclide(parent).name
    if name not in DAUGHTERS:
        raise InputError(f"a generator of {name} is not known; known are {', '.join(DAUGHTERS)}. Name one of these.")
    return DAUGHTERS[name]


@lru_cache(maxsize=4096)
def grown(parent: str, time: float) -> Atoms:
    """Atoms after ``time`` that come of one atom of the parent, by the solution of Bateman.

        N_d(t) = b n_p(t) - n_d(t),   N_c(t) = b_c n_p(t) + c n_d(t),   N_p(t) = 1 - n_p(t)

    n are the decays up to t (:func:`hevesy.nuclides.chain_decays`), b and b_c the branches of the parent to daughter and
    carrier, c that of the daughter to the carrier. Neglected: the decay of the carrier (Tc-99: 2e5 years).

    Parameters
    ----------
    parent : str                        Mo-99, Ge-68, Sr-82 or W-188.
    time : float                        [s], 0 or more.
    """
    daughter = daughter_of(parent)
    decays = chain_decays(parent, time)
    own = {branch.name: branch.fraction for branch in daughters(parent)}
    carrier = CARRIERS.get(parent, "")
    onward = {branch.name: branch.fraction for branch in daughters(daughter)}.get(carrier, 0.0)
    return Atoms(
        parent=1 - decays[parent],
        daughter=max(0.0, own[daughter] * decays[parent] - decays[daughter]),
        carrier=own.get(carrier, 0.0) * decays[parent] + onward * decays[daughter],
    )


def aged(parent: str, atoms: Atoms, time: float) -> Atoms:
    """``atoms`` after ``time`` [s] together in one place: what was there decays, what comes of the parent is added."""
    new = grown(parent, time)
    left = math.exp(-load_nuclide(daughter_of(parent)).decay_constant * time)
    onward = {branch.name: branch.fraction for branch in daughters(daughter_of(parent))}.get(CARRIERS.get(parent, ""), 0.0)
    return Atoms(
        parent=atoms.parent * new.parent,
        daughter=atoms.parent * new.daughter + atoms.daughter * left,
        carrier=atoms.parent * new.carrier + atoms.carrier + onward * atoms.daughter * (1 - left),
    )


def elutions(parent: str, activity: float, times: Sequence[float], *, efficiency: float = 1.0) -> tuple[Eluate, ...]:
    """What each of several elutions gives.

        A_d(t) = b A_p(0) lambda_d / (lambda_d - lambda_p) (exp(-lambda_p t) - exp(-lambda_d t)) for the first one

    At time zero the column holds the parent alone, as after a complete elution. An elution takes the share ``efficiency``
    of all atoms of the daughter's element, so of the carrier too; the rest stays and is there at the next one.

    Parameters
    ----------
    parent : str                        Mo-99, Ge-68, Sr-82 or W-188.
    activity : float                    Of the parent at time zero [Bq].
    times : sequence of float           Of the elutions after time zero, increasing [s].
    efficiency : float                  Share of the daughter that is eluted, above 0 up to 1.

    Neglected: the duration of an elution (for Rb-82 it is not short against 75 s: take the activity as that at the end of
    an instantaneous elution), breakthrough of the parent, radiolysis.

    Raises
    ------
    InputError
        Unknown parent, activity not positive, times not increasing from 0 on, efficiency out of its range.
    """
    daughter = daughter_of(parent)
    parent = load_nuclide(parent).name
    _check(activity, times, efficiency)
    own, other = load_nuclide(parent).decay_constant, load_nuclide(daughter).decay_constant
    column, before, found = Atoms(parent=activity / own, daughter=0.0, carrier=0.0), 0.0, []
    for time in times:
        column = aged(parent, column, time - before)
        eluted = Atoms(parent=0.0, daughter=efficiency * column.daughter, carrier=efficiency * column.carrier)
        column = Atoms(
            parent=column.parent,
            daughter=column.daughter - eluted.daughter,
            carrier=column.carrier - eluted.carrier,
        )
        before = time
        found.append(
            Eluate(
                time=time,
                daughter=other * eluted.daughter,
                parent_on_column=own * column.parent,
                daughter_left=other * column.daughter,
                atoms=eluted,
                fraction=daughter_fraction(parent, eluted),
                mass=element_mass(parent, eluted),
            )
        )
    return tuple(found)


def daughter_fraction(parent: str, atoms: Atoms) -> float | None:
    """F = N(daughter) / (N(daughter) + N(carrier)); None where the generator has no carrier, or nothing was eluted."""
    total = atoms.daughter + atoms.carrier
    return atoms.daughter / total if parent in CARRIERS and total > 0 else None


def element_mass(parent: str, atoms: Atoms) -> float:
    """Mass of the daughter's element [kg], mass numbers for atomic masses (0.1 %)."""
    number = float("".join(c for c in daughter_of(parent).split("-")[1] if c.isdigit()))
    return (atoms.daughter + atoms.carrier) * number * un.g / AVOGADRO


def time_of_maximum(parent: str) -> float:
    """Time after a complete elution at which most of the daughter is on the column [s].

    t_max = ln(lambda_d / lambda_p) / (lambda_d - lambda_p)
    """
    own, other = load_nuclide(parent).decay_constant, load_nuclide(daughter_of(parent)).decay_constant
    return math.log(other / own) / (other - own)


def equilibrium_ratio(parent: str) -> float:
    """A_d / A_p long after the last elution: b lambda_d / (lambda_d - lambda_p)."""
    daughter = daughter_of(parent)
    own, other = load_nuclide(parent).decay_constant, load_nuclide(daughter).decay_constant
    return {d.name: d.fraction for d in daughters(parent)}[daughter] * other / (other - own)


def ratio_after(ratio: float, time: float, *, contaminant: str, daughter: str) -> float:
    """Activity of a contaminant by that of the daughter, ``time`` [s] after it was ``ratio``.

    r(t) = r(0) exp((lambda_d - lambda_c) t)
    """
    return ratio * math.exp((load_nuclide(daughter).decay_constant - load_nuclide(contaminant).decay_constant) * time)


def time_to_limit(ratio: float, limit: float, *, contaminant: str, daughter: str) -> float:
    """Time after which ``ratio`` reaches ``limit`` [s]; 0 where it is there already, infinite where it never gets there.

    t = ln(limit / r(0)) / (lambda_d - lambda_c)
    """
    if not (ratio >= 0 and limit > 0):
        raise InputError(f"ratio {ratio:g} and limit {limit:g}; both are activity by activity. Give 0 or more, and above 0.")
    if ratio == 0:
        return math.inf
    if ratio >= limit:
        return 0.0
    rate = load_nuclide(daughter).decay_constant - load_nuclide(contaminant).decay_constant
    return math.log(limit / ratio) / rate if rate > 0 else math.inf


def _check(activity: float, times: Sequence[float], efficiency: float) -> None:
    if not (math.isfinite(activity) and activity > 0):
        raise InputError(f"the parent's activity is {activity:g} Bq; it must be above 0. Give that at time zero.")
    if not (0 < efficiency <= 1):
        raise InputError(f"the efficiency is {efficiency:g}; it is a share above 0 up to 1. Write it as 90 %.")
    if not times:
        raise InputError("there is no time of elution. Give at least one, in time after the last complete elution.")
    if not all(math.isfinite(t) and t >= 0 for t in times) or any(b <= a for a, b in zip(times, times[1:], strict=False)):
        said = ", ".join(f"{t / un.h:g}" for t in times)
        raise InputError(f"times of elution are {said} h; they must be 0 or more and increase. Sort them.")
