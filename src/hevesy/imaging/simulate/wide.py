"""One wide head in a few directions that stands for all views of a scan: how it looks, and what each view sees of it."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors import circular_orbit
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.systems import Camera, GammaCamera
from hevesy.model import Image

Floats = npt.NDArray[np.float32]

DIRECTIONS = 32
_WIDE = 1000.0  # mm: of the head that stands for all columns


def wide_views(setup: Acquisition, blocks: Image) -> Acquisition:
    """Few views of coarse pixels that reach half a pixel beyond the detector, each for a second."""
    orbit = setup.orbit
    across, _, high = blocks.grid.spacing
    (dy, dx), views = orbit.pixel, min(DIRECTIONS, orbit.views)
    rows, columns = (int(np.ceil(n * fine / wide)) + 2 for n, fine, wide in ((orbit.rows, dy, high), (orbit.columns, dx, across)))
    return replace(
        setup,
        camera=wide_camera(setup.camera),
        orbit=circular_orbit(
            views,
            radius=float(orbit.radii.mean()),
            rows=rows,
            columns=columns,
            pixel=(high, across),
            start=float(orbit.angles[0]),
            centre=orbit.centre,
        ),
        starts=np.zeros(views),
        durations=np.ones(views),
    )


def interpolated(counts: Floats, few: Acquisition, setup: Acquisition) -> Floats:
    """Coarse counts (windows, directions, rows, columns) on the views and pixels of ``setup``."""
    small, orbit = few.orbit, setup.orbit
    rows = _linear(small.rows, small.pixel[0], orbit.rows, orbit.pixel[0])
    columns = _linear(small.columns, small.pixel[1], orbit.columns, orbit.pixel[1])
    fine = rows @ counts @ columns.T
    place = ((orbit.angles - small.angles[0]) % 360.0) / 360.0 * small.views
    first = np.floor(place).astype(int) % small.views
    share = (place % 1.0)[None, :, None, None].astype(np.float32)
    turned = fine[:, first] * (1 - share) + fine[:, (first + 1) % small.views] * share
    seconds = setup.decays() / few.decays()[0]
    return np.asarray(turned * seconds[None, :, None, None], dtype=np.float32)


def _linear(few: int, wide: float, many: int, fine: float) -> Floats:
    """Weights (many, few) that take counts in pixels of side ``wide`` to pixels of side ``fine`` about the same middle."""
    place = (np.arange(many) - (many - 1) / 2) * fine / wide + (few - 1) / 2
    first = np.clip(np.floor(place).astype(int), 0, few - 2)
    share = place - first
    weights = np.zeros((many, few), dtype=np.float32)
    weights[np.arange(many), first] = (1 - share) * fine / wide
    weights[np.arange(many), first + 1] += share * fine / wide
    return weights


def wide_camera(camera: Camera) -> GammaCamera:
    """One flat head of the same detectors that sees all that any column could."""
    return GammaCamera(
        name=camera.name, heads=1, field_of_view=(_WIDE, _WIDE), crystal_material=camera.crystal_material,
        crystal_thickness=camera.crystal_thickness, intrinsic_resolution=camera.intrinsic_resolution,
        energy_resolution=camera.energy_resolution, reference_energy=camera.reference_energy,
        pixel_pitch=camera.pixel_pitch, collimators=camera.collimators,
    )  # fmt: skip


def wide_head(setup: Acquisition, blocks: Image) -> Acquisition:
    orbit = setup.orbit
    across, _, high = blocks.grid.spacing
    (dy, dx) = orbit.pixel
    half = float(np.abs(orbit.shifts).max()) + orbit.columns * dx / 2
    rows, columns = int(np.ceil(orbit.rows * dy / high)) + 2, 2 * int(np.ceil(half / across)) + 2
    return replace(
        setup,
        camera=wide_camera(setup.camera),
        orbit=circular_orbit(
            DIRECTIONS, radius=float(orbit.radii.max()), rows=rows, columns=columns, pixel=(high, across), centre=orbit.centre
        ),
        starts=np.zeros(DIRECTIONS),
        durations=np.ones(DIRECTIONS),
    )


def seen_by_columns(counts: Floats, wide: Acquisition, setup: Acquisition) -> Floats:
    """Counts a second (windows, directions, rows, columns) of the wide head in the views of the columns, by linear steps."""
    small, orbit = wide.orbit, setup.orbit
    rows = _between(_places(orbit.rows, orbit.pixel[0]), small.rows, small.pixel[0]) * np.float32(orbit.pixel[0] / small.pixel[0])
    fine = rows @ counts
    place = (orbit.angles % 360.0) / 360.0 * small.views
    first, share = np.floor(place).astype(int) % small.views, (place % 1.0).astype(np.float32)
    seconds = (setup.decays() / wide.decays()[0] * orbit.pixel[1] / small.pixel[1]).astype(np.float32)
    out = np.empty((len(counts), orbit.views, orbit.rows, orbit.columns), np.float32)
    for v in range(orbit.views):
        turned = fine[:, first[v]] * (1 - share[v]) + fine[:, (first[v] + 1) % small.views] * share[v]
        weights = _between(_places(orbit.columns, orbit.pixel[1]) + orbit.shifts[v], small.columns, small.pixel[1])
        out[:, v] = turned @ weights.T * seconds[v]
    return out


def _places(count: int, pixel: float) -> npt.NDArray[np.float64]:
    return np.asarray((np.arange(count) - (count - 1) / 2) * pixel, dtype=np.float64)


def _between(places: npt.NDArray[np.float64], count: int, pixel: float) -> Floats:
    """Weights (places, count) that interpolate between pixels about 0; beyond the last ones nothing."""
    at = places / pixel + (count - 1) / 2
    return np.asarray(np.maximum(0, 1 - np.abs(at[:, None] - np.arange(count))), dtype=np.float32)
