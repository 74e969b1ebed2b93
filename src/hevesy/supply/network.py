"""What an outage of a reactor does to the world's stock of molybdenum-99: reactors, processors, generator makers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import load_nuclide
from hevesy.supply.linear import least_cost, nearest

Vector = npt.NDArray[np.float64]
NUCLIDE = "Mo-99"
SIX_DAY_CI_PER_WEEK = 37 * un.GBq / (7 * un.d)  # Bq/s, as the activity that is left after six days


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A reactor, processor or maker: what it can give or wants, on the mean over a year [Bq/s in six-day activity]."""

    kind: str
    name: str
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way from reactor to processor or processor to maker; ``time`` [s] of transport that the capacities do not hold yet."""

    start: str
    end: str
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Sites and links; checked when made."""

    sites: tuple[Site, ...]
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        kinds = {site.name: site.kind for site in self.sites}
        if len(kinds) != len(self.sites):
            raise InputError("the network has two sites of one name. Give each its own.")
        for site in self.sites:
            if site.kind not in ("reactor", "processor", "maker") or not (math.isfinite(site.capacity) and site.capacity > 0):
                raise InputError(
                    f"site {site.name}: kind {site.kind!r} with capacity {site.capacity:g}; allowed are reactor, processor "
                    "and maker with a capacity above 0. Correct its row."
                )
        for link in self.links:
            way = (kinds.get(link.start), kinds.get(link.end))
            if way not in (("reactor", "processor"), ("processor", "maker")) or not link.time >= 0:
                raise InputError(
                    f"link {link.start} to {link.end}: links run from a reactor to a processor or from a processor to a maker, "
                    "with 0 h or more. Correct its row."
                )

    def of(self, kind: str) -> tuple[Site, ...]:
        """The sites of a kind."""
        return tuple(site for site in self.sites if site.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How the network answers.

    Attributes
    ----------
    lag : float                         From a reactor to the makers: processing and transport [s].
    replan : float                      Until the others give what they can [s]; before that they give what they always give.
    restart : float                     From the end of the outage to the first targets that are irradiated [s].
    """

    lag: float = 2 * un.d
    replan: float = 7 * un.d
    restart: float = 6 * un.d


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outage:
    """Course of an outage.

    Attributes
    ----------
    time : ndarray, shape (n,)          After its beginning [s].
    stock : ndarray, shape (n,)         World's stock by that before [1].
    makers : tuple of str
    delivered : ndarray, shape (m, n)   What each maker gets by what it wants [1].
    stock_makers : ndarray, shape (m, n)    Stock of each maker by that before [1].
    at_end : float                      World's stock at the end of the outage, by that before [1].
    lowest : float                      Least over all times [1].
    lost : float                        Deliveries missed, in days of the world's demand.
    """

    time: Vector
    stock: Vector
    makers: tuple[str, ...]
    delivered: Vector
    stock_makers: Vector
    at_end: float
    lowest: float
    lost: float


def outage(
    network: Network,
    names: Sequence[str],
    duration: float,
    *,
    response: Response | None = None,
    usual: Mapping[tuple[str, str], float] | None = None,
) -> Outage:
    """The stock while the reactors ``names`` are out for ``duration`` [s].

        dS/dt = G(t) - lambda S,   S(0) = G_0 / lambda,   so with no deliveries S(t) = S(0) exp(-lambda t)

    S is the activity of Mo-99 in the generators that makers have delivered, G what they get. G changes only when the outage
    reaches the makers, when the others have been rescheduled, and when the reactor is back, each after ``lag``. Before the
    rescheduling each of the others gives its usual share; after it a linear programme gives the makers as equal a share of
    what they want as can be, and then as much as can be.

    ``usual`` are the flows of :func:`usual_flows`, if they are at hand.

    Neglected: cycles of single reactors (capacities are means over a year), generators that are used less when they are
    scarce, exchange between makers, other ways to Tc-99m.

    Raises
    ------
    InputError
        Unknown reactor or a duration that is not positive.
    ScopeError
        The network does not meet the demand even with all reactors.
    """
    how = response or Response()
    reactors = [site.name for site in network.of("reactor")]
    for name in names:
        if name not in reactors:
            raise InputError(f"reactor {name!r} is not in the network; it has {', '.join(reactors)}. Name one of these.")
    if not (math.isfinite(duration) and duration > 0):
        raise InputError(f"the outage lasts {duration / un.d:g} d; it must be above 0.")
    usual = usual_flows(network) if usual is None else usual
    without = frozenset(names)
    phases = [(0.0, _delivered(network, usual))]
    phases.append((how.lag, _delivered(network, _cut(network, usual, without))))
    back = duration + how.restart
    if how.replan < back:
        phases.append((how.replan + how.lag, best_deliveries(network, without)))
    phases.append((back + how.lag, _delivered(network, usual)))
    return _course(network, phases, duration)


def surviving_share(network: Network, names: Sequence[str], duration: float, *, response: Response | None = None) -> float:
    """Share of the world's stock at the end of an outage of ``duration`` [s]."""
    return outage(network, names, duration, response=response).at_end


def demand(network: Network) -> float:
    """What all makers want [Bq/s]."""
    return math.fsum(site.capacity for site in network.of("maker"))


def usual_flows(network: Network) -> dict[tuple[str, str], float]:
    """What runs over each link in a usual week [Bq/s]: all demand is met, capacities are used as evenly as can be.

    Least squares of flow - even flow: that of a reactor is its share of all capacity, and a link's that of its start among those
    which serve the same end. Reactors count ten times as much as links. There is one such week alone.
    """
    reactors, makers, wanted = network.of("reactor"), network.of("maker"), demand(network)
    links, gains, A, b = _limits(network, frozenset())
    capacity = {site.name: site.capacity for site in network.sites}
    rows, right, weight = [], [], []
    for reactor in reactors:
        rows.append(np.array([1.0 if link.start == reactor.name else 0.0 for link in links]))
        right.append(reactor.capacity / math.fsum(site.capacity for site in reactors))
        weight.append(1.0)
    for j, link in enumerate(links):
        serving = math.fsum(capacity[other.start] for other in links if other.end == link.end)
        end = min(capacity[link.end], wanted) / wanted
        rows.append(np.eye(len(links))[j])
        right.append(end * capacity[link.start] / serving)
        weight.append(0.1)
    meets = np.zeros((len(makers), len(links)))
    for k, maker in enumerate(makers):
        into = [j for j, link in enumerate(links) if link.end == maker.name]
        meets[k, into] = gains[into]
    by = np.sqrt(weight)
    even = (np.array(rows) * by[:, None], np.array(right) * by)
    found = nearest(even, A, b, meets, np.array([maker.capacity / wanted for maker in makers]))
    if found is None:
        raise ScopeError(
            "the network does not meet its demand even with all reactors; a usual week does not exist. "
            "Give more capacity, fewer hours or less demand."
        )
    return {(link.start, link.end): float(found[j]) * wanted for j, link in enumerate(links)}


def best_deliveries(network: Network, without: frozenset[str]) -> dict[str, float]:
    """What each maker gets at best [Bq/s] with the reactors ``without`` out: the least share as large as can be, then the sum."""
    makers = network.of("maker")
    links, gains, A, b = _limits(network, without)
    n = len(links)
    into = [[j for j, link in enumerate(links) if link.end == maker.name] for maker in makers]
    capped, top = np.zeros((len(makers), n + 1)), np.array([maker.capacity for maker in makers]) / demand(network)
    share = np.zeros((len(makers), n + 1))
    for k, columns in enumerate(into):
        capped[k, columns] = gains[columns]
        share[k, columns] = -gains[columns]
        share[k, n] = top[k]
    above = np.vstack([np.hstack([A, np.zeros((A.shape[0], 1))]), capped, share])
    right = np.r_[b, top, np.zeros(len(makers))]
    whole = np.eye(n + 1)[n]  # the share itself: at most 1
    first = least_cost(np.r_[np.zeros(n), -1.0], np.vstack([above, whole]), np.r_[right, 1.0])
    if first is None:  # zero flow is always allowed
        raise ScopeError("the linear programme of the network has no solution. Check capacities and links.")
    held = np.r_[right, -float(first[n]) * (1 - 1e-9)]
    second = least_cost(np.r_[-capped[:, :n].sum(axis=0), 0.0], np.vstack([above, -whole]), held)
    flows = first if second is None else second
    return {
        maker.name: float(flows[columns] @ gains[columns]) * demand(network) for maker, columns in zip(makers, into, strict=True)
    }


def _limits(network: Network, without: frozenset[str]) -> tuple[list[Link], Vector, Vector, Vector]:
    """Links, what is left at the end of each, and the rows A x <= b of reactors and processors, by the world's demand."""
    links = list(network.links)
    lam = load_nuclide(NUCLIDE).decay_constant
    gains = np.array([math.exp(-lam * link.time) for link in links])
    rows, right, world = [], [], demand(network)
    for site in network.sites:
        out = np.array([1.0 if link.start == site.name else 0.0 for link in links])
        came = np.array([gains[j] if link.end == site.name else 0.0 for j, link in enumerate(links)])
        if site.kind == "reactor":
            rows.append(out)
            right.append(0.0 if site.name in without else site.capacity / world)
        elif site.kind == "processor":
            rows += [came, out - came]
            right += [site.capacity / world, 0.0]
    return links, gains, np.array(rows), np.array(right)


def _cut(network: Network, flows: Mapping[tuple[str, str], float], without: frozenset[str]) -> dict[tuple[str, str], float]:
    """The flows when some reactors give nothing and each processor sends on what it has in the usual shares."""
    lam = load_nuclide(NUCLIDE).decay_constant
    time = {(link.start, link.end): link.time for link in network.links}
    cut = {way: 0.0 if way[0] in without else flow for way, flow in flows.items()}
    for processor in network.of("processor"):
        came = {way for way in flows if way[1] == processor.name}
        before = math.fsum(flows[way] * math.exp(-lam * time[way]) for way in came)
        now = math.fsum(cut[way] * math.exp(-lam * time[way]) for way in came)
        for way in flows:
            if way[0] == processor.name:
                cut[way] = flows[way] * (now / before if before > 0 else 0.0)
    return cut


def _delivered(network: Network, flows: Mapping[tuple[str, str], float]) -> dict[str, float]:
    lam = load_nuclide(NUCLIDE).decay_constant
    time = {(link.start, link.end): link.time for link in network.links}
    return {
        maker.name: math.fsum(flow * math.exp(-lam * time[way]) for way, flow in flows.items() if way[1] == maker.name)
        for maker in network.of("maker")
    }


def _course(network: Network, phases: list[tuple[float, dict[str, float]]], duration: float) -> Outage:
    lam = load_nuclide(NUCLIDE).decay_constant
    makers = network.of("maker")
    starts = np.array([start for start, _ in phases])
    G = np.array([[phase[maker.name] for _, phase in phases] for maker in makers])
    last = float(starts[-1] + 14 * un.d)
    # the steps are seen too, and the end of the outage
    time = np.unique(np.r_[np.arange(0.0, last, 0.25 * un.d), starts, duration, last])
    stock = np.empty((len(makers), time.size))
    stock[:, 0] = G[:, 0] / lam
    phase = np.clip(np.searchsorted(starts, time, side="right") - 1, 0, None)
    for i in range(1, time.size):
        left = math.exp(-lam * (time[i] - time[i - 1]))
        stock[:, i] = stock[:, i - 1] * left + G[:, phase[i - 1]] / lam * (1 - left)
    wanted = np.array([maker.capacity for maker in makers])
    world = stock.sum(axis=0) / stock[:, 0].sum()
    missed = float(((G[:, [0]] - G[:, phase[:-1]]).sum(axis=0) * np.diff(time)).sum() / wanted.sum())
    return Outage(
        time=time,
        stock=world,
        makers=tuple(maker.name for maker in makers),
        delivered=G[:, phase] / wanted[:, None],
        stock_makers=stock / stock[:, [0]],
        at_end=float(world[np.searchsorted(time, duration)]),
        lowest=float(world.min()),
        lost=max(0.0, missed / un.d),
    )
