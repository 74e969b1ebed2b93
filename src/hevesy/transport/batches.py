"""Batches of histories until goals are reached: how many is decided by results alone, never by a clock."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError
from hevesy.rng import stream
from hevesy.transport.tally import Regions, Tally

Array = npt.NDArray[np.float64]
Progress = Callable[[float, float], None]
# Adds the energy by voxel [MeV] of so many histories of one kind to an array, with a generator of its own.
Job = Callable[[int, np.random.Generator, Array], None]

PILOT_BATCHES = 16
ROUND_BATCHES = 24  # of a later round: each as large as it must be
# Time of a photon's history by that of a charged particle's: a constant, so that no clock has a say in the result.
COST = (1.0, 2.0)
KINDS = (0, 1)  # charged particles, photons
# Of the greatest density: below it is air, whose dose by so little mass says nothing of what a map is looked at for.
THIN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """Relative uncertainties to reach: of each region's mean dose, and of a voxel's (None: no goal of its own)."""

    regions: float
    voxels: float | None
    most_histories: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """What there is to run.

    Attributes
    ----------
    seed : int
    jobs : tuple                    Of charged particles and of photons; None where there are none.
    unit : tuple of 2 ints          Histories of a batch of size one, of each kind.
    local : ndarray                 Energy by voxel that needs no chance [MeV].
    mass : ndarray                  Anything proportional to the voxels' mass.
    regions : Regions               Whose doses must be certain.
    threads : int
    spare : list                    Arrays of zeros for the next batches: to get new ones from the system takes longer.
    """

    seed: int
    jobs: tuple[Job | None, Job | None]
    unit: tuple[int, int]
    local: Array
    mass: Array
    regions: Regions
    threads: int
    spare: list[Array] = field(default_factory=list)

    def batch(self, kind: int, number: int, size: int) -> Array:
        """Energy by voxel of batch ``number`` of a kind: the same whoever computes it [MeV]."""
        try:
            energy = self.spare.pop()
        except IndexError:
            energy = np.zeros(self.local.size)
        job = self.jobs[kind]
        if job is not None:
            job(size * self.unit[kind], stream(self.seed, 2 * number + kind), energy)
        return energy


def run_until(run: Run, goals: Goals, progress: Progress | None) -> tuple[Tally, Tally]:
    """Tallies of both kinds once the goals are reached.

    Raises
    ------
    ConvergenceError
        They would need more than ``goals.most_histories``.
    """
    tallies = (Tally(run.local.size, run.regions), Tally(run.local.size, run.regions))
    todo = [(kind, number, 1) for kind in KINDS if run.jobs[kind] for number in range(PILOT_BATCHES)]
    since, done = time.monotonic(), 0.0
    with ThreadPoolExecutor(run.threads) as pool:
        while todo:
            ahead = _work(run, todo)
            for kind, size, energy in _computed(run, todo, pool):
                tallies[kind].add(energy, size)
                run.spare.append(energy)
                done += COST[kind] * run.unit[kind] * size
                ahead -= COST[kind] * run.unit[kind] * size
                if progress is not None:
                    progress(done / (done + ahead), (time.monotonic() - since) * ahead / done)
            todo = _next(run, tallies, goals)
    return tallies


def _work(run: Run, todo: list[tuple[int, int, int]]) -> float:
    return sum(COST[kind] * run.unit[kind] * size for kind, _, size in todo)


def _computed(run: Run, todo: list[tuple[int, int, int]], pool: ThreadPoolExecutor) -> Iterator[tuple[int, int, Array]]:
    """Batches in order, a few computed ahead."""
    running: list[Future[Array]] = []
    for place, (kind, _, size) in enumerate(todo):
        while len(running) <= run.threads and place + len(running) < len(todo):
            running.append(pool.submit(run.batch, *todo[place + len(running)]))
        yield kind, size, running.pop(0).result()


def _next(run: Run, tallies: tuple[Tally, Tally], goals: Goals) -> list[tuple[int, int, int]]:
    """The batches of the next round; none where the goals are reached."""
    todo = []
    needed = _needed(run, tallies, goals)
    histories = float(sum(run.unit[kind] * needed[kind] for kind in KINDS))
    if histories > goals.most_histories:
        raise ConvergenceError(
            f"an uncertainty of {100 * goals.regions:g} % needs about {histories:.2g} histories, more "
            f"than the {goals.most_histories:.2g} allowed. Ask for less, or name fewer or larger regions."
        )
    for kind in KINDS:
        done = tallies[kind].units
        # The variance of few batches may be off by a quarter: never go further than to ten times what is known.
        ahead = min(needed[kind], 10 * done) - done
        if run.jobs[kind] is None or ahead <= 0:
            continue
        size = -(-ahead // ROUND_BATCHES)
        first = tallies[kind].batches
        todo += [(kind, first + n, size) for n in range(-(-ahead // size))]
    return todo


def _needed(run: Run, tallies: tuple[Tally, Tally], goals: Goals) -> tuple[int, int]:
    """Units of each kind that the goals need, at least time."""
    wanted: list[tuple[Array, float]] = []
    if run.regions.members:
        mean = run.regions.sums(run.local) + sum(tally.region_mean() for tally in tallies)
        variances = np.array([tally.region_unit_variance() for tally in tallies])
        wanted.append((variances / np.where(mean > 0, mean, np.inf) ** 2, goals.regions))
    if goals.voxels is not None or not run.regions.members:
        wanted.append((_voxel_variances(run, tallies), goals.voxels or goals.regions))
    cost = np.array([[c * unit] for c, unit in zip(COST, run.unit, strict=True)])
    least = np.zeros(2)
    for relative, target in wanted:
        # Least cost at a given variance: n_k proportional to sqrt(v_k / c_k).
        n = np.sqrt(relative / cost) * np.sum(np.sqrt(relative * cost), axis=0) / target**2
        least = np.maximum(least, np.ceil(n.max(axis=1)))
    return int(least[0]), int(least[1])


def _voxel_variances(run: Run, tallies: tuple[Tally, Tally]) -> Array:
    """Mean variance of a voxel's dose in a batch of one unit, by the square of the mean dose: shape (2, regions).

    Without regions, over the voxels above half of the greatest dose (AAPM TG 105: I. J. Chetty et al., Med Phys
    2007;34:4818), air left out.
    """
    dose = (run.local + tallies[0].mean() + tallies[1].mean()) / run.mass
    members = run.regions.members or (_highest(np.where(run.mass >= THIN * run.mass.max(), dose, 0.0)),)
    out = np.zeros((2, len(members)))
    for kind, tally in enumerate(tallies):
        variance = tally.unit_variance()
        for place, voxels in enumerate(members):
            mean = float(np.mean(dose[voxels]))
            out[kind, place] = float(np.mean(variance[voxels] / run.mass[voxels] ** 2)) / mean**2 if mean > 0 else 0.0
    return out


def _highest(dose: Array) -> npt.NDArray[np.intp]:
    return np.flatnonzero(dose > 0.5 * dose.max())
