"""Absorbed dose by Monte Carlo: batches until the asked-for uncertainty is reached."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError
from hevesy.nuclides import Radiations
from hevesy.rng import stream
from hevesy.transport import source
from hevesy.transport.media import Cutoffs, electron_tables, photon_tables, without_radiation
from hevesy.transport.phantom import Phantom
from hevesy.transport.tally import Regions, Tally
from hevesy.units import JOULE_PER_MEV, g

Array = npt.NDArray[np.float64]
Progress = Callable[[float, float], None]

PILOT_BATCHES = 16
LEAST_BATCH = 4096
# Time of a photon's history by that of an electron's; a constant, so that no clock has a say in the result.
COST = (1.0, 2.5)
ELECTRONS, PHOTONS = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulated:
    """Result of :func:`simulate`.

    Attributes
    ----------
    dose, u : ndarray, shape (z, y, x)      Mean absorbed dose of each voxel and its standard uncertainty [Gy].
    region_dose, region_u : ndarray         Energy by mass of each region, and its standard uncertainty [Gy].
    histories : int                         Charged particles and photons that were followed.
    batches : tuple of 2 ints               Of charged particles, of photons.
    absorbed, emitted : float               Energy absorbed in the phantom and given off in it [J].
    """

    dose: Array
    u: Array
    region_dose: Array
    region_u: Array
    histories: int
    batches: tuple[int, int]
    absorbed: float
    emitted: float


@dataclass(slots=True)
class _Run:
    """What a run needs to compute a batch of either kind."""

    phantom: Phantom
    seed: int
    jobs: tuple[Callable[[Any, Array], None] | None, Callable[[Any, Array], None] | None]
    tallies: tuple[Tally, Tally]
    per_batch: int
    threads: int
    done: list[int] = field(default_factory=lambda: [0, 0])

    def batch(self, kind: int, number: int) -> Array:
        """Energy by voxel of batch ``number`` of a kind: the same whoever computes it [MeV]."""
        tally = np.zeros(self.phantom.density.size)
        job = self.jobs[kind]
        if job is not None:
            job(stream(self.seed, 2 * number + kind), tally)
        return tally

    def add(self, wanted: tuple[int, int], pool: ThreadPoolExecutor) -> Iterator[None]:
        """Compute batches up to ``wanted`` of each kind and add them in order."""
        todo = [
            (kind, number) for kind in (ELECTRONS, PHOTONS) if self.jobs[kind]
            for number in range(self.done[kind], wanted[kind])
        ]  # fmt: skip
        running: list[Future[Array]] = []
        for place, (kind, _) in enumerate(todo):
            while len(running) < self.threads + 1 and place + len(running) < len(todo):
                running.append(pool.submit(self.batch, *todo[place + len(running)]))
            self.tallies[kind].add(running.pop(0).result())
            self.done[kind] += 1
            yield


def simulate(
    phantom: Phantom,
    tia: npt.ArrayLike,
    radiations: Radiations,
    *,
    seed: int,
    uncertainty: float,
    regions: Sequence[npt.ArrayLike] = (),
    threads: int = 1,
    cutoffs: Cutoffs | None = None,
    most_histories: float = 2e9,
    progress: Progress | None = None,
) -> Simulated:
    """Absorbed dose of a time-integrated activity map.

    Charged particles that cannot reach a face of their voxel are absorbed there without chance; the others, and the
    photons, are followed in batches until every region's dose has the relative standard uncertainty ``uncertainty``.
    Without regions it is the root mean square over the voxels above half of the greatest dose.

    Parameters
    ----------
    phantom : Phantom
    tia : array, shape (z, y, x)        Time-integrated activity of each voxel [Bq s].
    radiations : Radiations             Of the nuclide, and of its daughters where they count.
    seed : int                          Of the random numbers: one seed, one result, on any number of threads.
    uncertainty : float                 Relative, k = 1.
    regions : sequence of bool arrays   Shape (z, y, x) each.
    threads : int                       Batches computed at once.
    cutoffs : Cutoffs, optional         What is followed; by default from the voxel size (:func:`default_cutoffs`).
    most_histories : float              Beyond it the run is given up.
    progress : callable, optional       Called with the share done (0 to 1) and the seconds left.

    Raises
    ------
    InputError
        An array does not fit the phantom, or an activity is negative or not finite.
    ConvergenceError
        The uncertainty would need more than ``most_histories``.
    """
    A = _checked_tia(phantom, tia)
    if not 1e-5 <= uncertainty <= 0.5:
        raise InputError(f"the relative uncertainty must lie between 0.00001 and 0.5; got {uncertainty}. 0.01 is 1 %.")
    masks = [_checked_region(phantom, region) for region in regions]
    cut = cutoffs or default_cutoffs(phantom.voxel)
    local, jobs, emitted, per_batch = _prepare(phantom, A, radiations, masks, cut)
    sets = Regions([np.flatnonzero(mask.reshape(-1)) for mask in masks])
    run = _Run(
        phantom=phantom, seed=seed, jobs=jobs, per_batch=per_batch, threads=max(1, threads),
        tallies=(Tally(A.size, sets), Tally(A.size, sets)),
    )  # fmt: skip
    _until(run, local.reshape(-1), sets, uncertainty, most_histories, progress)
    return _result(run, local, sets, emitted)


def default_cutoffs(voxel: Sequence[float]) -> Cutoffs:
    """Cutoffs for voxels of that size [mm]: ranges small against the smallest side, in water of density 1.

    An electron set free by a photon is followed if it can go further than a tenth of the side; a knock-on electron, a
    hundredth. The field of the photons changes so little over such ways that no voxel's dose changes by 0.2 %.
    """
    side = min(voxel)
    return Cutoffs(step=0.1, hard_from=_energy_of_range(0.01 * side), follow_from=_energy_of_range(0.1 * side))


def _energy_of_range(length: float) -> float:
    """Energy of an electron with that CSDA range in water [mm], between 10 keV and 3 MeV."""
    from hevesy.materials import csda_range, load_material

    E = np.geomspace(0.01, 3.0, 200)
    return float(np.interp(length, 10 * csda_range(load_material("water"), E), E))


def _checked_tia(phantom: Phantom, tia: npt.ArrayLike) -> Array:
    A = np.array(tia, dtype=np.float64, order="C")
    if A.shape != phantom.density.shape:
        raise InputError(f"time-integrated activity has shape {A.shape}, the phantom {phantom.density.shape}. Resample one.")
    if not np.all(np.isfinite(A)) or float(A.min()) < 0:
        raise InputError("time-integrated activity must be finite and not negative. Set what is noise below zero to zero.")
    if not A.any():
        raise InputError("the time-integrated activity is zero everywhere. Is this the right file?")
    return A


def _checked_region(phantom: Phantom, region: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    mask = np.asarray(region, dtype=bool)
    if mask.shape != phantom.density.shape or not mask.any():
        raise InputError(
            f"a region must have the phantom's shape {phantom.density.shape} and hold voxels; got {mask.shape}, {mask.sum()} voxels."
        )
    return mask


def _prepare(
    phantom: Phantom, A: Array, radiations: Radiations, masks: Sequence[npt.NDArray[np.bool_]], cut: Cutoffs
) -> tuple[Array, Any, float, int]:
    """Energy absorbed without chance [MeV], the two batch jobs, the energy given off [J], histories per batch."""
    from hevesy.transport._kernels.electrons import electron_batch
    from hevesy.transport._kernels.photons import photon_batch

    primaries = electron_tables(phantom.media, cut)
    charged, slow = source.charged_particles(radiations, primaries.lowest)
    lines, dim, photon_energy = source.photon_lines(radiations, charged, phantom.media)
    energies = radiations.energies
    heavy = energies["alpha"] + energies["alpha recoil"] + energies["fission fragment"]
    here = heavy + slow + dim
    local = A * (here + source.absorbed_inside(charged, primaries, phantom))
    emitted = float(A.sum()) * (radiations.energy - energies["neutron"]) * JOULE_PER_MEV
    starts = source.origins(phantom, A, _chances(A, masks))
    per_batch = max(LEAST_BATCH, A.size // 16)
    voxels = phantom.arrays()
    classes = source.density_class(phantom.density)
    jobs: list[Callable[[Any, Array], None] | None] = [None, None]
    if charged.mean.size:
        start_lines = source.electron_lines(charged, primaries, _commonest(phantom), phantom)
        jobs[ELECTRONS] = lambda rng, tally: electron_batch(
            per_batch, voxels, primaries, starts, start_lines, classes, tally, rng
        )
    if float(photon_energy.max()) > 1e-9:
        photons = photon_tables(phantom.media, cut)
        secondaries = without_radiation(primaries)
        jobs[PHOTONS] = lambda rng, tally: photon_batch(
            per_batch, voxels, photons, secondaries, primaries, starts, lines, tally, rng
        )
    return local, tuple(jobs), emitted, per_batch


def _commonest(phantom: Phantom) -> int:
    return int(np.argmax(np.bincount(phantom.medium.reshape(-1))))


def _chances(A: Array, masks: Sequence[npt.NDArray[np.bool_]]) -> Array:
    """Chance of each voxel to start a particle: by activity, evenly over what is active, and evenly over the regions."""
    parts = [A / A.sum()]
    active = 1e-4 * A.max() < A
    parts.append(active / active.sum())
    share = np.zeros_like(A)
    for mask in masks:
        mine = mask & (A > 0)
        if mine.any():
            share[mine] += 1.0 / mine.sum()
    if share.any():
        parts.append(share / share.sum())
    return np.asarray(np.mean(parts, axis=0))


def _until(run: _Run, local: Array, sets: Regions, uncertainty: float, most_histories: float, progress: Progress | None) -> None:
    """Add batches until the criterion holds; how many is decided from batch results alone, never from a clock."""
    wanted = (PILOT_BATCHES, PILOT_BATCHES)
    begun = time.monotonic()
    with ThreadPoolExecutor(run.threads) as pool:
        while True:
            before = sum(run.done)
            total = before + sum(max(0, w - d) for w, d in zip(wanted, run.done, strict=True))
            for _ in run.add(wanted, pool):
                if progress is not None:
                    share = sum(run.done) / max(total, 1)
                    progress(share, (time.monotonic() - begun) * (1 / share - 1))
            needed = _needed(run, local, sets, uncertainty)
            if all(n <= d or not job for n, d, job in zip(needed, run.done, run.jobs, strict=True)):
                return
            if run.per_batch * sum(needed) > most_histories:
                raise ConvergenceError(
                    f"an uncertainty of {100 * uncertainty:g} % needs about {run.per_batch * sum(needed):.2g} histories, more than the "
                    f"{most_histories:.2g} allowed. Ask for less, or name fewer or larger regions."
                )
            # A pilot's variance may be off by a quarter: go on in steps of at most eight times what is known.
            wanted = tuple(max(d, min(n, 8 * d)) for n, d in zip(needed, run.done, strict=True))  # type: ignore[assignment]


def _needed(run: _Run, local: Array, sets: Regions, uncertainty: float) -> tuple[int, int]:
    """Batches of each kind for the asked-for uncertainty, at least time."""
    if sets.members:
        mean = sets.sums(local) + sum(tally.region_mean() for tally in run.tallies)
        variances = np.array([tally.region_variance_of_batch() for tally in run.tallies])
        relative = variances / np.where(mean > 0, mean, np.inf) ** 2
    else:
        mass = run.phantom.density.reshape(-1)
        dose = (local + run.tallies[0].mean + run.tallies[1].mean) / mass
        high = dose > 0.5 * dose.max()
        energy = dose[high] * mass[high]
        relative = np.array([[np.mean(tally.variance_of_batch()[high] / energy**2)] for tally in run.tallies])
    cost = np.array(COST)[:, None]
    # Least cost at a given variance: n_k proportional to sqrt(v_k / c_k).
    n = np.sqrt(relative / cost) * np.sum(np.sqrt(relative * cost), axis=0) / uncertainty**2
    least = np.ceil(n.max(axis=1)) if n.size else np.zeros(2)
    return max(PILOT_BATCHES, int(least[0])), max(PILOT_BATCHES, int(least[1]))


def _result(run: _Run, local: Array, sets: Regions, emitted: float) -> Simulated:
    shape = run.phantom.density.shape
    mass = run.phantom.density * (run.phantom.voxel_volume * g)
    energy = local + sum(tally.mean.reshape(shape) for tally in run.tallies)
    variance = np.zeros(shape)
    region_variance = np.zeros(len(sets.members))
    for tally in run.tallies:
        if tally.batches:
            variance += tally.variance_of_batch().reshape(shape) / tally.batches
            region_variance += tally.region_variance_of_batch() / tally.batches
    masses = np.maximum(sets.sums(mass.reshape(-1)), 1e-300)
    return Simulated(
        dose=energy * JOULE_PER_MEV / mass,
        u=np.sqrt(variance) * JOULE_PER_MEV / mass,
        region_dose=sets.sums(energy.reshape(-1)) * JOULE_PER_MEV / masses,
        region_u=np.sqrt(region_variance) * JOULE_PER_MEV / masses,
        histories=run.per_batch * sum(run.done),
        batches=(run.done[0], run.done[1]),
        absorbed=float(energy.sum()) * JOULE_PER_MEV,
        emitted=emitted,
    )
