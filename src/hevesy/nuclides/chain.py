"""Decay chains: which daughters count with their parent, how often each member decays."""

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.nuclides.daughters import daughters
from hevesy.nuclides.decay_data import available, load_nuclide

# Digits of the sums of exponentials: their terms are of order one, a late member of a long chain can be at 1e-100.
DIGITS = 300
NEARLY = Decimal("1e-20")  # two equal decay constants are set this far apart, relatively
SPANS = (("a", u.year), ("d", u.d), ("h", u.h), ("min", u.min_), ("s", u.s), ("ms", 1e-3), ("us", 1e-6))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMember:
    """One nuclide of a decay chain.

    Attributes
    ----------
    name : str                          Nuclide.
    half_life : float                   [s]; infinite for a stable one.
    decays_per_parent_decay : float     Over all time; only by way of counted members for one that counts. 0 if stable.
    counted : bool                      Whether its radiations count with the parent's.
    reason : str                        Why, or why not.
    """

    name: str
    half_life: float
    decays_per_parent_decay: float
    counted: bool
    reason: str


@cache
def _chain(parent: str) -> tuple[ChainMember, ...]:
    order = _descendants(parent)
    own = load_nuclide(parent).half_life
    ways = dict.fromkeys(order, 0.0) | {parent: 1.0}  # by all members
    fast = dict(ways)  # by counted members
    before: dict[str, str] = {}
    members = []
    for name in order:
        half_life = _half_life(name)
        counted = name == parent or (fast[name] > 0 and half_life <= own)
        members.append(
            ChainMember(
                name=name,
                half_life=half_life,
                decays_per_parent_decay=0.0 if math.isinf(half_life) else (fast if counted else ways)[name],
                counted=counted,
                reason=_reason(name, parent, counted=counted, reached=fast[name] > 0, before=before.get(name, "")),
            )
        )
        for daughter, fraction in _branches(name):
            ways[daughter] += ways[name] * fraction
            fast[daughter] += fast[name] * fraction if counted else 0.0
            before.setdefault(daughter, name)
    return tuple(members)


def chain(name: str) -> tuple[ChainMember, ...]:
    """The nuclide and everything that comes of it, parents before daughters, the likeliest branch first.

        n_i = sum_p n_p b_pi

    n_i is the number of decays of member i for each decay of the parent over all time, b the branching fraction.
    A daughter counts if neither its half-life nor that of any member before it is longer than the parent's: then most of
    its decays follow within a few half-lives of the parent. So Y-90 counts with Sr-90 and Tc-99m with Mo-99; Bi-207
    does not with At-211, nor Xe-131m with I-131. Spontaneous fission has no member: its fragments are no nuclides
    of the table.

    Neglected: time. A counted daughter decays later than its parent, by up to its own half-life and more, and may
    have moved. For a finite time see :func:`chain_decays`.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide.
    """
    return _chain(load_nuclide(name).name)


def chain_decays(name: str, time: float) -> dict[str, float]:
    """Decays of each radioactive member of a chain within a finite time, per atom of the parent at its start.

        dN_i/dt = sum_p b_pi lambda_p N_p - lambda_i N_i,   N_parent(0) = 1,   n_i = lambda_i integral_0^time N_i dt

    Parameters
    ----------
    name : str                          Parent; its daughters are absent at the start.
    time : float                        [s]; ``math.inf`` for all decays.

    Returns
    -------
    dict                                Decays by member, the parent first [1]. All members, counted or not.

    An activity A0 of the parent at the start has A0 / lambda_parent atoms. The sums of exponentials (Bateman 1910) are
    taken with 300 decimal digits, so that equal half-lives and half-lives of 1e-7 s next to 1e17 s do no harm.
    Neglected: a loss by any other way than decay.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide, or the time is negative or not a number.
    """
    if not time >= 0:
        raise InputError(f"time is {time} s; it must be 0 or more. Give the seconds that the decays are counted in.")
    parent = load_nuclide(name).name
    order = [member for member in _descendants(parent) if not math.isinf(_half_life(member))]
    with localcontext() as context:
        context.prec = DIGITS
        rate = _decay_constants(order)
        return {member: _decays(terms, rate, member, time) for member, terms in _bateman(order, rate).items()}


def _bateman(order: list[str], rate: dict[str, Decimal]) -> dict[str, dict[str, Decimal]]:
    """Amplitudes c of N_i(t) = sum_j c_ij exp(-lambda_j t), members in topological order."""
    feeds: dict[str, list[tuple[str, Decimal]]] = {member: [] for member in order}
    for member in order:
        for daughter, fraction in _branches(member):
            if daughter in feeds:
                feeds[daughter].append((member, Decimal(fraction)))
    amplitudes: dict[str, dict[str, Decimal]] = {order[0]: {order[0]: Decimal(1)}}
    for member in order[1:]:
        terms: dict[str, Decimal] = {}
        for before, share in feeds[member]:
            for j, c in amplitudes[before].items():
                terms[j] = terms.get(j, Decimal(0)) + share * rate[before] * c / (rate[member] - rate[j])
        terms[member] = -sum(terms.values(), Decimal(0))
        amplitudes[member] = terms
    return amplitudes


def _decays(terms: dict[str, Decimal], rate: dict[str, Decimal], member: str, time: float) -> float:
    result = Decimal(0)
    for j, c in terms.items():
        left = Decimal(0) if math.isinf(time) else (-rate[j] * Decimal(time)).exp()
        result += c * (1 - left) / rate[j]
    return float(rate[member] * result)


def _decay_constants(order: list[str]) -> dict[str, Decimal]:
    rate: dict[str, Decimal] = {}
    for member in order:
        found = Decimal(2).ln() / Decimal(_half_life(member))
        while found in rate.values():
            found *= 1 + NEARLY
        rate[member] = found
    return rate


@cache
def _descendants(parent: str) -> list[str]:
    """The parent and all after it, each after everything that decays to it."""
    done: list[str] = []

    def visit(name: str) -> None:
        for daughter, _ in reversed(_branches(name)):
            if daughter not in done:
                visit(daughter)
        done.append(name)

    visit(parent)
    return done[::-1]


@cache
def _branches(name: str) -> list[tuple[str, float]]:
    if name not in _radioactive():
        return []
    return [(daughter.name, daughter.fraction) for daughter in daughters(name) if daughter.name != "SF"]


@cache
def _radioactive() -> frozenset[str]:
    return frozenset(available())


def _half_life(name: str) -> float:
    return load_nuclide(name).half_life if name in _radioactive() else math.inf


def _reason(name: str, parent: str, *, counted: bool, reached: bool, before: str) -> str:
    if name == parent:
        return "the parent"
    if math.isinf(_half_life(name)):
        return "stable"
    spans = f"{span(_half_life(name))} against {span(_half_life(parent))} of {parent}"
    if counted:
        return f"counted: {spans}"
    return f"not counted: {spans}" if reached else f"not counted: comes after {before}, which is not counted"


def span(seconds: float) -> str:
    """A time in the unit that suits it, with four digits: "11.43 d"."""
    unit, size = next(((unit, size) for unit, size in SPANS if seconds >= size), SPANS[-1])
    return f"{seconds / size:.4g} {unit}"
