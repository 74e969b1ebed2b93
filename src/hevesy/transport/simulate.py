"""Absorbed dose by Monte Carlo: batches until the asked-for uncertainty is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.nuclides import Radiations
from hevesy.transport import source
from hevesy.transport.batches import PILOT_BATCHES, Goals, Job, Progress, Run, run_until
from hevesy.transport.media import Cutoffs, electron_tables, photon_tables, without_radiation
from hevesy.transport.phantom import Phantom
from hevesy.transport.tally import Regions, Tally
from hevesy.units import JOULE_PER_MEV, g

Array = npt.NDArray[np.float64]

# Histories of the pilot, of charged particles and of photons: by voxel with activity, and at most; after it, goals decide.
PER_VOXEL = (0.4, 0.15)
MOST_PILOT = (200_000, 50_000)
LEAST_BATCH = (1024, 512)
# Share of the greatest activity below which a voxel holds but a trace.
TRACE = 1e-4


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


def simulate(  # noqa: PLR0913 - all but the first three have a name at the call
    phantom: Phantom,
    tia: npt.ArrayLike,
    radiations: Radiations,
    *,
    seed: int,
    uncertainty: float,
    voxel_uncertainty: float | None = None,
    regions: Sequence[npt.ArrayLike] = (),
    threads: int = 1,
    cutoffs: Cutoffs | None = None,
    most_histories: float = 2e9,
    progress: Progress | None = None,
) -> Simulated:
    """Absorbed dose of a time-integrated activity map.

    Charged particles are absorbed where they start without chance; followed are those that can reach a face of their
    voxel, for what they carry across, and photons: in batches, until every region's dose has the relative standard
    uncertainty ``uncertainty``.
    Without regions it is the root mean square over the voxels above half of the greatest dose; air, below a twentieth of the
    greatest density, does not count.

    Parameters
    ----------
    phantom : Phantom
    tia : array, shape (z, y, x)        Time-integrated activity of each voxel [Bq s].
    radiations : Radiations             Of the nuclide, and of its daughters where they count.
    seed : int                          Of the random numbers: one seed, one result, on any number of threads.
    uncertainty : float                 Relative, k = 1, of each region's mean dose.
    voxel_uncertainty : float, optional Relative, of a voxel's dose: its root mean square over each region, by the
                                        region's mean. None: whatever the regions' own uncertainty brings.
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
    local, jobs, emitted = _prepare(phantom, A, radiations, masks, cut, voxels=voxel_uncertainty is not None)
    active = int(np.count_nonzero(TRACE * A.max() < A))
    run = Run(
        seed=seed,
        jobs=jobs,
        unit=(_unit(active, 0), _unit(active, 1)),
        local=local.reshape(-1),
        mass=phantom.density.reshape(-1),
        regions=Regions([np.flatnonzero(mask.reshape(-1)) for mask in masks]),
        threads=max(1, threads),
    )
    goals = Goals(regions=uncertainty, voxels=voxel_uncertainty, most_histories=most_histories)
    return _result(phantom, run, run_until(run, goals, progress), emitted)


def _unit(active: int, kind: int) -> int:
    return max(LEAST_BATCH[kind], int(min(PER_VOXEL[kind] * active, MOST_PILOT[kind]) / PILOT_BATCHES))


def is_compiled() -> bool:
    """Whether the loops have been compiled on this machine; the first time takes half a minute."""
    from hevesy.transport._kernels.compiler import machine_code_folder

    return any(Path(machine_code_folder()).glob("*/*.nbc"))


def default_cutoffs(voxel: Sequence[float]) -> Cutoffs:
    """Cutoffs for voxels of that size [mm]: ranges small against the smallest side, in water of density 1.

    An electron set free by a photon is followed if it can go further than a tenth of the side; a knock-on electron, a
    hundredth of the side in lung, a four-hundredth in soft tissue. The field of the photons changes so little over such
    ways that no voxel's dose changes by 0.2 %.
    """
    side = min(voxel)
    return Cutoffs(step=0.06, hard_from=_energy_of_range(0.0025 * side), follow_from=_energy_of_range(0.1 * side))


def _energy_of_range(length: float) -> float:
    """Energy of an electron with that CSDA range in water [mm]; from 13 keV: below, a step could make two hard collisions."""
    from hevesy.materials import csda_range, load_material

    E = np.geomspace(0.013, 3.0, 200)
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
            f"a region must have the phantom's shape {phantom.density.shape} and hold voxels; got {mask.shape} with "
            f"{mask.sum()} voxels. Resample it, or leave it out."
        )
    return mask


def _prepare(
    phantom: Phantom, A: Array, radiations: Radiations, masks: Sequence[npt.NDArray[np.bool_]], cut: Cutoffs, *, voxels: bool
) -> tuple[Array, tuple[Job | None, Job | None], float]:
    """Energy absorbed without chance [MeV], the jobs of both kinds, the energy given off [J]."""
    from hevesy.transport._kernels.electrons import electron_batch
    from hevesy.transport._kernels.photons import photon_batch

    primaries = electron_tables(phantom.media, cut)
    charged, slow = source.charged_particles(radiations, primaries.lowest)
    lines, dim, photon_energy = source.photon_lines(radiations, charged, phantom.media)
    energies = radiations.energies
    heavy = energies["alpha"] + energies["alpha recoil"] + energies["fission fragment"]
    here = heavy + slow + dim
    local = A * here
    emitted = float(A.sum()) * (radiations.energy - energies["neutron"]) * JOULE_PER_MEV
    medium = _commonest(phantom)
    leaving = source.leaving_share(charged, primaries, medium, phantom) if charged.mean.size else np.ones_like(A)
    starts = source.origins(phantom, A, _chances(A, masks, leaving, voxels=voxels))
    arrays = phantom.arrays()
    classes = source.density_class(phantom.density)
    jobs: list[Job | None] = [None, None]
    if charged.mean.size:
        start_lines = source.electron_lines(charged, primaries, medium, phantom)
        thin = source.thin_voxels(charged, primaries, medium, phantom)
        stays = source.absorbed_locally(charged, primaries, len(phantom.media))[phantom.medium]
        local += A * np.where(thin.reshape(A.shape), 0.0, stays)
        jobs[0] = lambda n, rng, tally: electron_batch(n, arrays, primaries, starts, start_lines, classes, thin, tally, rng)
    if float(photon_energy.max()) > 1e-9:
        photons = photon_tables(phantom.media, cut)
        secondaries = without_radiation(primaries)
        jobs[1] = lambda n, rng, tally: photon_batch(n, arrays, photons, secondaries, primaries, starts, lines, tally, rng)
    return local, (jobs[0], jobs[1]), emitted


def _commonest(phantom: Phantom) -> int:
    return int(np.argmax(np.bincount(phantom.medium.reshape(-1))))


def _active(A: Array) -> Array:
    """1 for voxels that hold more than a trace of the greatest activity; what a trace holds is a part of 1."""
    return np.asarray(np.minimum(1.0, A / (TRACE * A.max())))


def _chances(A: Array, masks: Sequence[npt.NDArray[np.bool_]], leaving: Array, *, voxels: bool) -> Array:
    """Chance of each voxel to start a particle: a mean of parts that each serve something.

    By activity; over what is active and, if single ``voxels`` must be certain, over the voxels of regions, by the share of energy
    that leaves them and so is left to chance; evenly over each region.
    Where there is but a trace, the chance goes with the activity: no particle from there weighs more than one from a voxel
    that is just active.
    """
    parts = [A, _active(A) * leaving]
    each = np.zeros_like(A)
    for mask in masks:
        mine = mask & (A > 0)
        each[mine] += 1.0 / max(1, int(mine.sum()))
    parts.append(each)
    if voxels:
        parts.append(np.where(each > 0, parts[1], 0.0))
    return np.asarray(np.mean([part / part.sum() for part in parts if part.any()], axis=0))


def _result(phantom: Phantom, run: Run, tallies: tuple[Tally, Tally], emitted: float) -> Simulated:
    shape, sets = phantom.density.shape, run.regions
    mass = phantom.density * (phantom.voxel_volume * g)
    energy = run.local + tallies[0].mean() + tallies[1].mean()
    variance = sum(tally.unit_variance() / max(tally.units, 1) for tally in tallies)
    region_energy = sets.sums(run.local) + sum(tally.region_mean() for tally in tallies)
    region_variance = sum(tally.region_unit_variance() / max(tally.units, 1) for tally in tallies)
    masses = sets.sums(mass.reshape(-1))
    return Simulated(
        dose=energy.reshape(shape) * JOULE_PER_MEV / mass,
        u=np.sqrt(np.reshape(variance, shape)) * JOULE_PER_MEV / mass,
        region_dose=region_energy * JOULE_PER_MEV / masses,
        region_u=np.sqrt(region_variance) * JOULE_PER_MEV / masses,
        histories=sum(unit * tally.units for unit, tally in zip(run.unit, tallies, strict=True)),
        batches=(tallies[0].batches, tallies[1].batches),
        absorbed=float(energy.sum()) * JOULE_PER_MEV,
        emitted=emitted,
    )
