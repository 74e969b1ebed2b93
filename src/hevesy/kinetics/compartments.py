"""Linear compartment models: first-order transfer, decay, daughters that move on their own."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import ConvergenceError, InputError
from hevesy.model.arrays import frozen
from hevesy.nuclides import chain, daughters, load_nuclide

Array = npt.NDArray[np.float64]

EVERY = "all"  # in the place of a nuclide: the transfer holds for each member of the chain
# A member that lives shorter decays where and when it is born: the matrix need not span microseconds and weeks.
AT_ONCE = 1.0 * u.s
FASTEST = 100.0 / u.s  # a faster transfer is a slip of units
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A path between two compartments.

    Attributes
    ----------
    source, target : str                Compartments.
    rate : float                        Transfer coefficient k: share of the content of the source per time [1/s].
    nuclide : str                       Whose path it is: a member of the chain, "all", or "" for the parent.
    """

    source: str
    target: str
    rate: float
    nuclide: str = ""

    def __post_init__(self) -> None:
        where = f"transfer {self.source or '?'} to {self.target or '?'}"
        if not (self.source and self.target):
            raise InputError(f"{where}: a compartment has no name. Name both ends.")
        if self.source == self.target:
            raise InputError(f"{where}: it ends where it starts. Remove it, or name another compartment.")
        if not (math.isfinite(self.rate) and 0 <= self.rate <= FASTEST):
            raise InputError(
                f"{where}: the coefficient is {self.rate * u.d:.4g} per day; from 0 to {FASTEST * u.d:.3g} per day is allowed. "
                "Check the unit of its column."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompartmentModel:
    """Compartments of one nuclide and its chain, ready to be solved.

    Attributes
    ----------
    compartments : tuple of str         n names, in the order in which the transfers name them.
    members : tuple of str              m radioactive members of the chain, the parent first.
    decay_constants : ndarray, (m,)     [1/s].
    branching : ndarray, (m, m)         b[p, i]: share of the decays of p that give i, members that decay at once passed over.
    rates : ndarray, (m, n, n)          k[i, a, b]: of member i from compartment a to b [1/s].
    at_once : tuple of str              Members below one second: as many decays as their parents feed them, in the same place.
    remarks : tuple of str
    """

    compartments: tuple[str, ...]
    members: tuple[str, ...]
    decay_constants: Array
    branching: Array
    rates: Array
    at_once: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, m = len(self.compartments), len(self.members)
        for name, shape in (("decay_constants", (m,)), ("branching", (m, m)), ("rates", (m, n, n))):
            array = frozen(np.array(getattr(self, name), dtype=np.float64))
            if array.shape != shape or not np.all(np.isfinite(array) & (array >= 0)):
                raise InputError(f"{name} of a compartment model must be {shape} numbers of 0 or more; got {array.shape}.")
            object.__setattr__(self, name, array)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompartmentCurves:
    """What a bolus becomes, per activity of the parent at the start.

    Attributes
    ----------
    members, compartments : tuple of str
    t : ndarray, (k,)                   [s].
    activity : ndarray, (k, m, n)       A(t)/A0 [1].
    tiac : ndarray, (m, n)              Time-integrated activity coefficient from 0 to infinity [s].
    tiac_to : ndarray, (k, m, n)        The same from 0 to each time [s].
    """

    members: tuple[str, ...]
    compartments: tuple[str, ...]
    t: Array
    activity: Array
    tiac: Array
    tiac_to: Array

    def __post_init__(self) -> None:
        for name in ("t", "activity", "tiac", "tiac_to"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def compartment_model(nuclide: str, transfers: Sequence[Transfer], *, alone: bool = False) -> CompartmentModel:
    """The model that a table of transfers describes.

    A transfer without a nuclide is the parent's. A daughter for which there is none stays where it is born. A compartment
    that nothing leaves collects: excreta are compartments too.

    Parameters
    ----------
    nuclide : str                       Parent.
    transfers : sequence of Transfer
    alone : bool                        Leave the daughters out.

    Raises
    ------
    InputError
        The nuclide is unknown, there is no transfer, a path is given twice or for a nuclide that is not in the chain.
    """
    parent = load_nuclide(nuclide).name
    radioactive = [member.name for member in chain(parent) if not math.isinf(member.half_life)]
    names = [parent] if alone else radioactive
    if not transfers:
        raise InputError("a compartment model needs transfers; got none. Give a line for each path between compartments.")
    places = tuple(dict.fromkeys(name for path in transfers for name in (path.source, path.target)))
    rates, moving = _rates(parent, names, places, transfers, known=radioactive)
    # What lives less than a second is followed only where a transfer is its own: "all" does not mean it.
    own = {load_nuclide(path.nuclide).name for path in transfers if path.nuclide not in ("", EVERY)}
    lived = [name for name in names if name in own or load_nuclide(name).half_life >= AT_ONCE or name == parent]
    brief = [name for name in names if name not in lived]
    staying = [name for name in lived if name not in moving and name != parent]
    remarks = []
    if staying:
        remarks.append(f"{', '.join(staying)}: no transfer is given for them, so they decay where they are born.")
    if brief:
        remarks.append(f"{', '.join(brief)}: half-lives below {AT_ONCE:g} s; they decay where and when they are born.")
    order = [*lived, *brief]
    at = [names.index(name) for name in order]
    return CompartmentModel(
        compartments=places,
        members=tuple(order),
        decay_constants=np.array([load_nuclide(name).decay_constant for name in order]),
        branching=_branching(order),
        rates=rates[at],
        at_once=tuple(brief),
        remarks=tuple(remarks),
    )


def solve_compartments(model: CompartmentModel, shares: Mapping[str, float], times: npt.ArrayLike) -> CompartmentCurves:
    """Activity and time-integrated activity coefficients after a bolus at time 0.

        dA_i/dt = (K_i - lambda_i) A_i + lambda_i sum_p b_pi A_p,   A_parent(0) = shares A0

    A_i holds the activity of member i in each compartment, K_i its transfers. With the matrix M of the whole system

        A(t) = exp(M t) A(0),   int_0^t A = (exp([[M, 0], [1, 0]] t))_21 A(0),   int_0^inf A = -M^-1 A(0)

    Parameters
    ----------
    model : CompartmentModel
    shares : mapping                    Share of the administered activity by compartment, together at most 1 [1].
    times : array, shape (k,)           0 or more, increasing [s].

    Neglected: saturation and any other departure from first order; delays; for members below one second, their own time.

    Reference: K. F. Eckerman, R. W. Leggett, L. R. Williams, Health Phys. 62 (1992) 346; MIRD Pamphlet 12 (1977).

    Raises
    ------
    InputError
        A compartment that the model does not have, shares that are no shares, times that do not increase.
    """
    t = np.atleast_1d(np.asarray(times, dtype=float))
    if t.ndim != 1 or t.size == 0 or not np.all(np.isfinite(t)) or np.any(t < 0) or np.any(np.diff(t) <= 0):
        raise InputError(f"times must increase and be 0 or more; got {np.round(t / u.h, 4).tolist()} h. Sort them.")
    n, m = len(model.compartments), len(model.members) - len(model.at_once)
    start = np.zeros((m, n))
    start[0] = _start(model.compartments, shares)
    M = _matrix(model, m, n)
    total = np.asarray(np.linalg.solve(-M, start.ravel()), dtype=float).reshape(1, m, n)
    activity, tiac_to = _march(M, start.ravel(), t)
    shape = (t.size, m, n)
    found = [_with_brief(model, part, m) for part in (activity.reshape(shape), total, tiac_to.reshape(shape))]
    if not all(np.all(np.isfinite(part) & (part > -1e-6 * np.max(np.abs(part)))) for part in found):
        raise ConvergenceError("the compartment model gave activities below zero. Check its coefficients for slips of units.")
    a, whole, partly = (np.maximum(part, 0.0) for part in found)
    return CompartmentCurves(
        members=model.members, compartments=model.compartments, t=t.copy(), activity=a, tiac=whole[0], tiac_to=partly
    )


def _rates(
    parent: str, names: list[str], places: tuple[str, ...], transfers: Sequence[Transfer], *, known: list[str]
) -> tuple[Array, set[str]]:
    """Transfer coefficients by member, and the members that have any."""
    rates = np.zeros((len(names), len(places), len(places)))
    given: set[tuple[str, str, str]] = set()
    for path in transfers:
        whose = _whose(path, parent, known)
        for name in whose:
            key = (name, path.source, path.target)
            if key in given:
                raise InputError(f"{name}: the transfer {path.source} to {path.target} is given twice. Leave one out.")
            given.add(key)
            if name in names:
                rates[names.index(name), places.index(path.source), places.index(path.target)] = path.rate
    return rates, {name for name, _, _ in given}


def _whose(path: Transfer, parent: str, known: list[str]) -> list[str]:
    if path.nuclide in ("", EVERY):
        return known if path.nuclide == EVERY else [parent]
    name = load_nuclide(path.nuclide).name
    if name not in known:
        raise InputError(
            f"transfer {path.source} to {path.target}: {name} is not a radioactive member of the chain of {parent}; allowed "
            f"are {', '.join(known)}, or {EVERY}."
        )
    return [name]


def _branching(order: list[str]) -> Array:
    shares = np.zeros((len(order), len(order)))
    for row, name in enumerate(order):
        for daughter in daughters(name):
            if daughter.name in order:
                shares[row, order.index(daughter.name)] = daughter.fraction
    return shares


def _direct(model: CompartmentModel, m: int) -> tuple[Array, Array]:
    """Decays of each member per decay of a member that is followed, by way of those that decay at once.

    Returned are b' (m, m) among those that are followed, and what the brief ones get from them (m, brief).
    """
    b = model.branching
    among = b[m:, m:]
    if among.size == 0:
        return b[:m, :m], np.zeros((m, 0))
    # 1 + among + among^2 + ...: finitely many steps, since no chain returns.
    brief = b[:m, m:] @ np.linalg.inv(np.eye(among.shape[0]) - among)
    return b[:m, :m] + brief @ b[m:, :m], brief


def _matrix(model: CompartmentModel, m: int, n: int) -> Array:
    b, lam = _direct(model, m)[0], model.decay_constants
    M = np.zeros((m, n, m, n))
    for i in range(m):
        k = model.rates[i]
        M[i, :, i, :] = k.T - np.diag(k.sum(axis=1) + lam[i])
        for p in range(m):
            if b[p, i] > 0:
                M[i, range(n), p, range(n)] += lam[i] * b[p, i]
    return M.reshape(m * n, m * n)


def _march(M: Array, start: Array, t: Array) -> tuple[Array, Array]:
    """Activity and its integral at each time, step by step."""
    from scipy.linalg import expm

    size = start.size
    both = np.zeros((2 * size, 2 * size))
    both[:size, :size] = M
    both[size:, :size] = np.eye(size)
    state = np.concatenate([start, np.zeros(size)])
    states, before, step, length = [], 0.0, np.eye(2 * size), 0.0
    for time in t:
        if not math.isclose(time - before, length, rel_tol=1e-14):
            length = time - before
            step = expm(both * length)
        state = step @ state
        states.append(state)
        before = time
    found = np.array(states)
    return found[:, :size], found[:, size:]


def _with_brief(model: CompartmentModel, values: Array, m: int) -> Array:
    """``values`` (k, m, n) with the members that decay at once behind them."""
    brief = _direct(model, m)[1]
    return np.concatenate([values, np.einsum("pb,kpn->kbn", brief, values)], axis=1)


def _start(places: tuple[str, ...], shares: Mapping[str, float]) -> Array:
    start = np.zeros(len(places))
    for name, share in shares.items():
        if name not in places:
            raise InputError(f"input into {name!r}: there is no such compartment. The model has {', '.join(places)}.")
        if not (math.isfinite(share) and 0 <= share <= 1 + ROUNDING):
            raise InputError(f"input into {name}: the share is {share:g}; a share is from 0 to 1. Is it a percentage?")
        start[places.index(name)] = share
    if not 0 < start.sum() <= 1 + ROUNDING:
        raise InputError(
            f"the shares of the input add up to {start.sum():g}; above 0 and at most 1 is allowed. "
            f"Say where the activity goes: one of {', '.join(places)}."
        )
    return start
