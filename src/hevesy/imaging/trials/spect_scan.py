"""A gamma camera in a trial: flat heads or a ring of swivelling columns, triple-window scatter, OSEM and a filter."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors import Orbit, ParallelHole, circular_orbit
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM, Fwhm
from hevesy.imaging.projectors.swivel import SwivelColumns, swivel_orbit
from hevesy.imaging.reconstruct import osem
from hevesy.imaging.reconstruct.scatter import WindowScatter, window_scatter
from hevesy.imaging.simulate import (
    CLEARANCE,
    LOWER,
    PEAK,
    UPPER,
    Acquisition,
    attenuation_map,
    expected_counts,
    imaged_energy,
    projections_of,
    triple_windows,
)
from hevesy.imaging.systems import Camera, Collimator, GammaCamera, RingCamera, window_sensitivity
from hevesy.imaging.trials.protocol import SPECT, Protocol
from hevesy.imaging.trials.scene import Scene
from hevesy.model import Grid, Image

Floats = npt.NDArray[np.float32]

SCATTER_FILTER = 25.0  # mm
# A ring's columns: places of the ring between two columns, steps of the swivel in each, and from the pivot to the face of the
# collimator [mm]; none has been published. One place alone sees each point from 12 sides only, which shows.
PLACES, STEPS, ARM = 3, 10, 40.0
MOST_SWIVEL = 60.0  # degrees


class SpectScan:
    """Expected counts of the whole scene; the slices about the regions are reconstructed.

        counts = A (primary + scatter + penetration),    decays during the scan in it

    by :func:`hevesy.imaging.simulate.expected_counts` (one Compton scatter, septal penetration); reconstruction models
    attenuation and response, takes scatter from the triple windows, and filters by a Gaussian.  The columns of a ring stand
    on a circle about the body and swivel so that each sweeps its width; all count all the time.

    Neglected: dead time, second scatters, room background, errors of map and response, and for a ring its low-energy tail.
    """

    def __init__(self, camera: Camera, collimator: Collimator, scene: Scene, protocol: Protocol = SPECT) -> None:
        self.camera, self.collimator, self.scene, self.protocol = camera, collimator, scene, protocol
        self.randoms = 0.0
        self.energy = imaged_energy(scene.nuclide)
        radius = outline(scene) + CLEARANCE
        windows = triple_windows(self.energy)
        n_z, n, _ = scene.grid.shape
        flat = _flat_views(camera, protocol, radius, (n_z, n))
        views = flat if isinstance(camera, GammaCamera) else _swivelling(camera, protocol, radius, scene)
        self.setup = Acquisition(
            camera=camera, collimator=collimator, nuclide=scene.nuclide, windows=windows,
            orbit=views, starts=_starts(camera, views.views, scene.duration),
            durations=_durations(camera, views.views, scene.duration),
        )  # fmt: skip
        wide = replace(self.setup, orbit=flat, starts=np.zeros(flat.views), durations=np.ones(flat.views))
        plain = self._expected(wide, lesion=False)
        self._counts = {False: plain, True: self._expected(wide, lesion=True) if scene.lesion.any() else plain}
        cut = round(protocol.margin / protocol.voxel / 2)  # of the margin, half is there for scatter and blur alone
        self._rows = slice(cut, n_z - cut)
        self.grid = _cut_grid(scene.grid, cut)
        self._setup = replace(self.setup, orbit=replace(views, rows=n_z - 2 * cut))
        self._projector = self._model()

    def expected(self, activity: float, *, lesion: bool) -> Floats:
        """Expected counts (windows, views, rows, columns) of the whole scan; ``activity`` [MBq]."""
        return self._counts[lesion] * np.float32(activity)

    def image(self, activity: float, duration: float, *, lesion: bool, draw: np.random.Generator | None = None) -> Floats:
        """Reconstructed concentration at the start of the scan for 1 MBq [Bq/ml]; the duration scales the counts."""
        scale = activity * duration / self.scene.duration
        expected = self._counts[lesion][:, :, self._rows] * np.float32(scale)
        counts = expected if draw is None else draw.poisson(expected).astype(np.float32)
        scatter = self.scatter(counts)
        found = osem(
            self._projector, counts[0], additive=scatter.estimate(),
            iterations=self.protocol.iterations, subsets=self.protocol.subsets,
        )  # fmt: skip
        return self.filtered(found) / np.float32(scale)

    def scatter(self, counts: Floats) -> WindowScatter:
        """The triple-window estimate from counts (windows, views, rows, columns)."""
        made = projections_of(counts, self._setup)
        return window_scatter(made, PEAK, (LOWER, UPPER), fwhm=SCATTER_FILTER)

    def filtered(self, image: npt.NDArray[np.float32]) -> Floats:
        """After the Gaussian of the protocol."""
        from scipy.ndimage import gaussian_filter

        width = self.protocol.filter_fwhm * SIGMA_PER_FWHM / self.protocol.voxel
        return np.ascontiguousarray(gaussian_filter(image, width) if width > 0 else image, np.float32)

    @property
    def rows(self) -> slice:
        """Rows of the counts that are reconstructed."""
        return self._rows

    @property
    def projector(self) -> ParallelHole:
        """What reconstruction takes for the scanner; for the duration of the scene."""
        return self._projector

    def described(self) -> dict[str, object]:
        """What was modelled."""
        p, orbit = self.protocol, self.setup.orbit
        facts: dict[str, object] = {
            "model": "analytic projector with attenuation, response, one Compton scatter and septal penetration, Poisson noise; "
            "OSEM with attenuation, response and triple-window scatter",
            "collimator": self.collimator.name,
            "grid": list(self.grid.shape),
            "voxel_mm": p.voxel,
            "views": orbit.views,
            "radius_mm": round(float(orbit.radii.mean()), 1),
            "iterations": p.iterations,
            "subsets": p.subsets,
            "filter_mm": p.filter_fwhm,
            "neglected": ["dead time", "second and later scatters", "errors of the attenuation map", "motion"],
        }
        if isinstance(self.camera, RingCamera):
            facts["swivel_steps"], facts["ring_places"] = STEPS, PLACES
            facts["assumed"] = (
                f"pivots {ARM:g} mm behind the face, on a circle {CLEARANCE:g} mm from the body; a sweep that covers it in "
                f"{STEPS} steps at {PLACES} places of the ring (not published)"
            )
        return facts

    def _expected(self, wide: Acquisition, *, lesion: bool) -> Floats:
        """Counts of 1 MBq; scatter and penetration of a ring are looked up on flat views of the same angle."""
        scene, setup = self.scene, self.setup
        lam = math.log(2) / setup.half_life
        to_start = lam * scene.duration / -math.expm1(-lam * scene.duration)
        values = (scene.activity.values + scene.lesion if lesion else scene.activity.values) * np.float32(to_start)
        activity = replace(scene.activity, values=np.ascontiguousarray(values, np.float32))
        if isinstance(self.camera, GammaCamera):
            return expected_counts(activity, scene.matter, setup).total
        beside = expected_counts(activity, scene.matter, replace(wide, camera=_as_flat(self.camera)))
        rest = _looked_up(beside.scatter + beside.penetration, wide.orbit, setup.orbit)
        rest *= setup.decays()[None, :, None, None].astype(np.float32) / np.float32(wide.decays()[0])
        return rest + self._primary(activity)

    def _primary(self, activity: Image) -> Floats:
        """Unscattered counts of a ring's columns in each window."""
        from hevesy.imaging.simulate import counting

        table, out = counting(self.setup), None
        for energy, per_decay in self.setup.lines():
            counts = (per_decay * table.at(energy))[:, None, None, None].astype(np.float32)
            if not counts.max() > 0:
                continue
            mu = attenuation_map(self.scene.matter, energy)
            seen = ParallelHole(
                activity.grid, self.setup.orbit, self.setup.decays(), fwhm=self._fwhm(energy), mu=mu,
                support=np.asarray(activity.values.max(axis=0) > 0), memory=0.0,
            ).forward(activity.values)  # fmt: skip
            out = counts * seen if out is None else out + counts * seen
        assert out is not None  # noqa: S101 - lines() gives at least one
        return np.asarray(np.maximum(out, 0), np.float32)

    def _model(self) -> ParallelHole:
        sensitivity = window_sensitivity(self.camera, self.collimator, self.scene.nuclide, self.setup.windows[0])
        mu = attenuation_map(self.scene.matter, self.energy)[self._rows]
        body = self.scene.matter.density.max(axis=0) > 0.1
        return ParallelHole(
            self.grid, self._setup.orbit, sensitivity * self.setup.decays(), fwhm=self._fwhm(self.energy), mu=mu, support=body
        )

    def _fwhm(self, energy: float) -> Fwhm:
        widths = self.setup.fwhm(energy)
        return lambda d: np.interp(d, np.arange(widths.size), widths)


def outline(scene: Scene) -> float:
    """Greatest distance of the body from the axis [mm]."""
    solid = (scene.matter.density > 0.1).any(axis=0)
    rows, columns = np.nonzero(solid)
    a = scene.grid.affine
    return float(np.hypot(a[0, 0] * columns + a[0, 3], a[1, 1] * rows + a[1, 3]).max())


def _flat_views(camera: Camera, protocol: Protocol, radius: float, shape: tuple[int, int]) -> Orbit:
    heads = camera.heads if isinstance(camera, GammaCamera) else 1
    views = heads * max(1, round(protocol.views / heads))
    side = protocol.voxel
    columns = shape[1]
    if isinstance(camera, GammaCamera):
        columns = min(columns, 2 * int(camera.field_of_view[1] / side / 2))
    return circular_orbit(views, radius=radius, rows=shape[0], columns=columns, pixel=(side, side))


def _swivelling(camera: RingCamera, protocol: Protocol, radius: float, scene: Scene) -> Orbit:
    """Columns on a circle, each of which sweeps the body in even steps at each of a few places of the ring."""
    ring = radius + ARM
    most = min(math.degrees(math.asin(min(outline(scene) / ring, 0.99))), MOST_SWIVEL)
    if camera.swivel is not None:
        most = min(most, camera.swivel[1])
    step = 2 * most / STEPS
    even = (np.arange(STEPS) - (STEPS - 1) / 2) * step
    places = camera.columns * PLACES
    shift = (np.arange(places) % PLACES - (PLACES - 1) / 2) * step / PLACES
    side = protocol.voxel
    return swivel_orbit(
        SwivelColumns(
            positions=np.arange(places) * 360 / places,
            rings=np.full(places, ring),
            swivels=even[None, :] + shift[:, None],
            arm=ARM, rows=scene.grid.shape[0], columns=max(2, round(camera.width / side)),
            pixel=(side, camera.width / max(2, round(camera.width / side))),
        )
    )  # fmt: skip


def _starts(camera: Camera, views: int, duration: float) -> npt.NDArray[np.float64]:
    """Heads and columns count side by side: the views of one come one after the other."""
    each = views // camera.heads
    return np.tile(np.arange(each) * (duration / each), camera.heads)


def _durations(camera: Camera, views: int, duration: float) -> npt.NDArray[np.float64]:
    return np.full(views, duration * camera.heads / views)


def _as_flat(camera: RingCamera) -> GammaCamera:
    """A flat head with the crystal and the holes of the columns, wide enough for the body: for what varies slowly."""
    return GammaCamera(
        name=camera.name, heads=1, field_of_view=(camera.axial_length, 1000.0), crystal_material=camera.crystal_material,
        crystal_thickness=camera.crystal_thickness, intrinsic_resolution=camera.intrinsic_resolution,
        energy_resolution=camera.energy_resolution, reference_energy=camera.reference_energy,
        pixel_pitch=camera.pixel_pitch, collimators=camera.collimators,
    )  # fmt: skip


def _looked_up(counts: Floats, flat: Orbit, orbit: Orbit) -> Floats:
    """Flat views (windows, views, rows, columns) at the angles and shifts of ``orbit``, linear in both."""
    windows, _, rows, _ = counts.shape
    across = (np.arange(orbit.columns) - (orbit.columns - 1) / 2) * orbit.pixel[1]
    place = (orbit.shifts[:, None] + across) / flat.pixel[1] + (flat.columns - 1) / 2
    first = np.clip(np.floor(place).astype(int), 0, flat.columns - 2)
    share = np.clip(place - first, 0, 1).astype(np.float32)
    turn = ((orbit.angles - flat.angles[0]) % 360) / 360 * flat.views
    before = np.floor(turn).astype(int)
    weight = (turn - before).astype(np.float32)
    out = np.empty((windows, orbit.views, rows, orbit.columns), np.float32)
    for v in range(orbit.views):
        a, b = before[v] % flat.views, (before[v] + 1) % flat.views
        both = counts[:, a] * (1 - weight[v]) + counts[:, b] * weight[v]
        out[:, v] = both[:, :, first[v]] * (1 - share[v]) + both[:, :, first[v] + 1] * share[v]
    return out * np.float32(orbit.pixel[1] / flat.pixel[1])


def _cut_grid(grid: Grid, cut: int) -> Grid:
    affine = grid.affine.copy()
    affine[2, 3] += cut * affine[2, 2]
    z, y, x = grid.shape
    return Grid(shape=(z - 2 * cut, y, x), affine=affine, frame_of_reference=grid.frame_of_reference)


def counts_of(scan: SpectScan, activity: float) -> float:
    """Expected in the peak of the whole scan; ``activity`` [MBq]."""
    return float(scan.expected(activity, lesion=False)[0].sum(dtype=np.float64))
