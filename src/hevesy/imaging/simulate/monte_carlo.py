"""Projections by Monte Carlo with forced detection: the yardstick of the analytic models."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.counting import Counting, counting, crystal_efficiency, window_shares
from hevesy.imaging.simulate.medium import fitting
from hevesy.imaging.systems.crystal import attenuation
from hevesy.model import Image
from hevesy.rng import stream
from hevesy.transport import Cutoffs, Phantom
from hevesy.transport.media import photon_tables

if TYPE_CHECKING:
    from hevesy.imaging.simulate._kernels import Angles, Detector, Start, Walls, Windows
    from hevesy.transport._kernels.tables import PhotonTables

Array = npt.NDArray[np.float64]
Progress = Callable[[float], None]

PRIMARY, FIRST, MULTIPLE = range(3)
BATCHES = 16
_SIGMA = 1 / np.sqrt(8 * np.log(2))
_INVERSE_ANGSTROM_PER_MEV, _ELECTRON_MASS = 80.65544, 0.51099895


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulated:
    """Expected counts by Monte Carlo.

    Attributes
    ----------
    counts : ndarray, shape (3, windows, views, rows, columns)  Primary, scattered once, more often; coherent scatter counts
                                        as a scatter.
    by_batch : ndarray, shape (batches, 3, windows, views)      Totals of each batch, scaled as ``counts``: their mean is the
                                        total, their spread its uncertainty.
    histories : int
    """

    counts: npt.NDArray[np.float32]
    by_batch: Array
    histories: int

    def total(self, order: int, window: int) -> tuple[float, float]:
        """Counts of all views and their standard uncertainty."""
        sums = self.by_batch[:, order, window].sum(axis=1)
        return float(sums.mean()), float(sums.std(ddof=1) / np.sqrt(len(sums)))

    @property
    def primary(self) -> npt.NDArray[np.float32]:
        """Not scattered."""
        found: npt.NDArray[np.float32] = self.counts[PRIMARY]
        return found

    @property
    def scatter(self) -> npt.NDArray[np.float32]:
        """Scattered, any number of times."""
        return np.asarray(self.counts[FIRST] + self.counts[MULTIPLE])


def simulated_counts(
    activity: Image,
    body: Phantom,
    setup: Acquisition,
    *,
    seed: int,
    histories: int,
    batches: int = BATCHES,
    threads: int = 2,
    progress: Progress | None = None,
) -> Simulated:
    """Expected counts of a known activity by photons that are followed one by one.

    Each history starts one photon for one view; where it starts and at every scatter, coherent and incoherent, the part
    that flies straight to the detector is counted with its chance, attenuated along its way:

        primary    Y C(E) exp(-tau(E))
        scatter    w 4 pi p(Omega) C(E') exp(-tau(E'))

    with C the counts in each window for a photon given off evenly (as in the analytic model) and a Gaussian shift by the
    response at its distance.  Absorption is by weight, faint photons are played for.  Batches have their own random
    stream: one seed, one result, on any number of threads.

    Neglected: that holes accept directions some degrees from straight and penetration (:func:`counts_through_walls` has
    both), scatter in camera and table, polarisation.  Reference for the method: de Jong, Slijpen, Beekman, IEEE Trans. Nucl.
    Sci. 48 (2001) 58.

    Parameters
    ----------
    activity : Image                    Concentration at the start of the acquisition [Bq/ml].
    histories : int                     Of all batches together.
    """
    if setup.is_pinhole or setup.is_narrow:
        raise ScopeError(
            f"{setup.camera.name}, {setup.collimator.name}: photons are followed to flat heads with parallel holes only. Use the "
            "analytic model."
        )
    _checked(activity, body, setup, histories, batches)
    table = counting(setup)
    counts, sums, made = _followed(
        activity, body, setup, table, _straight(table), orders=3, seed=seed, histories=histories, batches=batches,
        threads=threads, progress=progress,
    )  # fmt: skip
    return Simulated(counts=counts, by_batch=sums, histories=made)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BehindWalls:
    """Expected counts by Monte Carlo through the holes of a collimator, and those that crossed metal."""

    holes: Simulated
    walls: Simulated


def counts_through_walls(
    activity: Image,
    body: Phantom,
    setup: Acquisition,
    *,
    seed: int,
    histories: int,
    batches: int = BATCHES,
    threads: int = 2,
) -> BehindWalls:
    """Expected counts behind square holes that stand one over each pixel, hole by hole: the yardstick for narrow columns.

    As :func:`simulated_counts`, but each photon flies to a place on the crystal in its own direction, and is counted with
    exp(-mu l) of the metal on its way, where it lands:

        w 4 pi p(Omega) D(E') exp(-tau(E') - mu l) cos(theta) / (4 pi r^2 q)

    with the density q with which the place was drawn and the chance D that the crystal counts it.  There is no acceptance
    angle, no response and no fraction of penetration in it: all three come out.

    Neglected: scatter and K X-rays of the metal, the sides of a column (its holes go on beyond it), the way on an angle through
    the crystal, what the camera neglects in :func:`simulated_counts`.

    Parameters
    ----------
    activity, body, seed, histories, batches, threads    As for :func:`simulated_counts`.
    setup : Acquisition                 Of any views; each photon is for one of them.
    """
    collimator, (dy, dx) = setup.collimator, setup.orbit.pixel
    pitch = collimator.hole + collimator.septum
    if collimator.shape != "square" or max(abs(dy - pitch), abs(dx - pitch)) > 0.01 * pitch:
        raise ScopeError(
            f"{setup.camera.name}, {collimator.name}: {collimator.shape} holes every {pitch:g} mm before pixels of {dy:g} by "
            f"{dx:g} mm; walls are followed where square holes stand one over each pixel. Use simulated_counts."
        )
    _checked(activity, body, setup, histories, batches)
    table, walls = _behind(setup, counting(setup).energy)
    counts, sums, made = _followed(
        activity, body, setup, table, walls, orders=6, seed=seed, histories=histories, batches=batches, threads=threads
    )  # fmt: skip
    holes, through = (
        Simulated(counts=counts[part], by_batch=sums[:, part], histories=made) for part in (slice(0, 3), slice(3, 6))
    )
    return BehindWalls(holes=holes, walls=through)


def _checked(activity: Image, body: Phantom, setup: Acquisition, histories: int, batches: int) -> None:
    fitting(body, activity.grid)
    if histories < batches * setup.orbit.views or batches < 2:
        raise InputError(f"{histories} histories for {batches} batches of {setup.orbit.views} views; give more, and two batches.")
    if not float(activity.values.max()) > 0 or float(activity.values.min()) < 0:
        raise InputError("the activity must be 0 or more and not 0 everywhere. Is this the right image?")


def _followed(  # noqa: PLR0913 - all have a name at the call
    activity: Image,
    body: Phantom,
    setup: Acquisition,
    table: Counting,
    walls: "Walls",
    *,
    orders: int,
    seed: int,
    histories: int,
    batches: int,
    threads: int,
    progress: Progress | None = None,
) -> tuple[npt.NDArray[np.float32], Array, int]:
    """Counts (orders, windows, views, rows, columns), their totals by batch, and the histories of all batches."""
    from hevesy.imaging.simulate._kernels import batch

    tables = photon_tables(body.media, Cutoffs())
    windows, start, each = _prepared(activity, setup, table, histories, batches)
    angles, detector, voxels = _angles(tables), _detector(activity, setup, walls), body.arrays()
    shape = (orders, len(setup.windows), setup.orbit.views, setup.orbit.rows, setup.orbit.columns)

    def one(number: int) -> npt.NDArray[np.float32]:
        tally = np.zeros(shape, np.float32)
        batch(each, voxels, tables, angles, detector, windows, start, tally, stream(seed, number))
        tally *= setup.seen
        return tally

    total, sums = np.zeros(shape, np.float32), np.empty((batches, *shape[:3]))
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        for first in range(0, batches, max(1, threads)):
            numbers = range(first, min(batches, first + max(1, threads)))
            for number, tally in zip(numbers, pool.map(one, numbers), strict=True):
                total += tally
                sums[number] = tally.sum(axis=(3, 4), dtype=np.float64)
            if progress:
                progress((numbers[-1] + 1) / batches)
    total /= np.float32(batches)
    return total, sums, each * batches


def _straight(table: Counting) -> "Walls":
    """No walls: what holes let through is in the table."""
    from hevesy.imaging.simulate._kernels import Walls

    return Walls(hole=1.0, length=0.0, reach=0.0, mu=np.zeros(table.energy.size))


def _behind(setup: Acquisition, energy: Array) -> "tuple[Counting, Walls]":
    """Counts of photons that have reached the crystal, and the metal before it."""
    from hevesy.imaging.simulate._kernels import Walls

    collimator, camera = setup.collimator, setup.camera
    stops = np.array([crystal_efficiency(camera, float(E)) for E in energy])
    pitch = collimator.hole + collimator.septum
    walls = Walls(
        hole=collimator.hole / pitch, length=collimator.length, reach=1.1 * pitch / collimator.length,
        mu=np.array([attenuation(collimator.material, float(E)) for E in energy]),
    )  # fmt: skip
    return Counting(energy=energy, counts=window_shares(camera, setup.windows, energy) * stops), walls


def _prepared(activity: Image, setup: Acquisition, table: Counting, histories: int, batches: int) -> "tuple[Windows, Start, int]":
    """Window table, start table, histories of a batch: a whole number of rounds of the views."""
    from hevesy.imaging.simulate._kernels import Start, Windows

    flat = np.asarray(activity.values, dtype=np.float64).reshape(-1)
    voxel = np.flatnonzero(flat > 0)
    held = flat[voxel] * activity.grid.voxel_volume / 1000
    lines = np.array(setup.lines())
    rounds = max(1, round(histories / batches / setup.orbit.views))
    weights = setup.decays() * held.sum() * lines[:, 1].sum() / rounds
    windows = Windows(
        log_first=float(np.log(table.energy[0])),
        per_log=(table.energy.size - 1) / float(np.log(table.energy[-1] / table.energy[0])),
        counts=np.ascontiguousarray(table.counts),
    )
    cumulative, line = np.cumsum(held) / held.sum(), np.cumsum(lines[:, 1]) / lines[:, 1].sum()
    cumulative[-1] = line[-1] = 1.0
    start = Start(
        voxel=voxel.astype(np.int64), cumulative=cumulative, energy=np.ascontiguousarray(lines[:, 0]), line=line, weight=weights
    )  # fmt: skip
    return windows, start, rounds * setup.orbit.views


def _detector(activity: Image, setup: Acquisition, walls: "Walls") -> "Detector":
    from hevesy.imaging.simulate._kernels import Detector

    orbit, grid = setup.orbit, activity.grid
    a = np.deg2rad(orbit.angles)
    across, towards = np.stack([-np.cos(a), np.sin(a)], axis=1), np.stack([np.sin(a), np.cos(a)], axis=1)
    corner = grid.affine[:3, 3] - np.array(grid.spacing) / 2
    middle = np.tile(np.array(orbit.centre) - corner, (orbit.views, 1))
    middle[:, :2] += orbit.shifts[:, None] * across
    energy = max(setup.lines(), key=lambda line: line[1])[0]
    return Detector(
        across=np.ascontiguousarray(across), towards=np.ascontiguousarray(towards), middle=np.ascontiguousarray(middle),
        radius=np.array(orbit.radii), sigma=np.ascontiguousarray(setup.fwhm(energy) * _SIGMA),
        rows=orbit.rows, columns=orbit.columns, dy=float(orbit.pixel[0]), dx=float(orbit.pixel[1]), walls=walls,
    )  # fmt: skip


def _angles(tables: "PhotonTables") -> "Angles":
    """Norms of the angular distributions that the loops sample: 4 pi / (2 pi int f dcos), by the very tables they read."""
    from hevesy.imaging.simulate._kernels import Angles

    E = np.geomspace(0.02, 1.5, 80)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    t = (1 - nodes)[None, :]
    e = 1 / (1 + E[:, None] / _ELECTRON_MASS * t)
    klein_nishina = e**2 * (e + 1 / e - t * (2 - t))
    x = E[:, None] * _INVERSE_ANGSTROM_PER_MEV * np.sqrt(t / 2)
    scattering, form = tables.scattering, tables.form
    at = np.arange(scattering.shape[1]) * tables.x_step
    incoherent = np.array([2 / ((np.interp(x, at, S, right=1.0) * klein_nishina) @ weights) for S in scattering])
    return Angles(
        log_first=float(np.log(E[0])),
        per_log=(E.size - 1) / float(np.log(E[-1] / E[0])),
        incoherent=incoherent,
        coherent=np.array([[_coherent_norm(form[0, m], form[1, m], float(k)) for k in E] for m in range(form.shape[1])]),
    )


def _coherent_norm(x2: Array, total: Array, energy: float) -> float:
    """2 / int F^2 (1 + cos^2) dcos with F^2 constant between the nodes: dcos = 2 dx2 / top, cos = 1 - 2 x2 / top."""
    top = (energy * _INVERSE_ANGSTROM_PER_MEV) ** 2
    edges = np.minimum(x2, top)
    steps = np.diff(edges)
    square = np.diff(total) / np.diff(x2)
    c = 1 - 2 * edges / top
    # The mean of 1 + cos^2 over a piece, exactly: cos is even in x2.
    angular = 1 + (c[1:] ** 2 + c[1:] * c[:-1] + c[:-1] ** 2) / 3
    return float(2 / np.sum(square * angular * 2 * steps / top))
