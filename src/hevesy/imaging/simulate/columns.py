"""Expected counts of narrow columns: what comes straight as each sees it, scatter and penetration as a wide head would."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors import circular_orbit
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.expected import Effects, Expected, expected_counts
from hevesy.imaging.simulate.medium import coarsened
from hevesy.imaging.simulate.multiple import MultipleScatter, multiple_scatter
from hevesy.imaging.systems import Camera, GammaCamera
from hevesy.model import Image
from hevesy.transport import Phantom

Floats = npt.NDArray[np.float32]

SIDE, DIRECTIONS, HISTORIES = 9.6, 16, 80_000
_WIDE = 1000.0  # mm: of the head that stands for all columns


def expected_of_columns(
    activity: Image, body: Phantom, setup: Acquisition, *, seed: int, side: float = SIDE, histories: int = HISTORIES
) -> tuple[Expected, MultipleScatter]:
    """Expected counts of an acquisition by :func:`hevesy.imaging.simulate.swivel.swivel_and_count`, with factors of the scatter.

    Scatter and penetration are those of a wide head of the same crystal and holes at the greatest radius, in 16 directions
    and voxels and pixels of about ``side`` [mm], interpolated to the place and angle of each column.

    Parameters
    ----------
    activity, body                      As for :func:`hevesy.imaging.simulate.expected_counts`.
    seed : int                          Of the Monte Carlo run behind the factors of multiple scatter.
    histories : int                     Photons followed for them.

    Neglected: that a nearer face spreads scatter less; tails of the energy response of CZT.
    """
    sharp = expected_counts(activity, body, setup, effects=Effects(scatter=False, penetration=False))
    blocks, small = coarsened(activity, body, side)
    wide = _wide_head(setup, blocks)
    scale = multiple_scatter(blocks, small, wide, seed=seed, histories=histories)
    broad = expected_counts(blocks, small, wide, effects=Effects(scatter_scale=scale.scale))
    scatter, through = (_seen_by_columns(part, wide, setup) * setup.seen for part in (broad.scatter, broad.penetration))
    return replace(sharp, scatter=scatter, penetration=through), scale


def wide_camera(camera: Camera) -> GammaCamera:
    """One flat head of the same detectors that sees all that any column could."""
    return GammaCamera(
        name=camera.name, heads=1, field_of_view=(_WIDE, _WIDE), crystal_material=camera.crystal_material,
        crystal_thickness=camera.crystal_thickness, intrinsic_resolution=camera.intrinsic_resolution,
        energy_resolution=camera.energy_resolution, reference_energy=camera.reference_energy,
        pixel_pitch=camera.pixel_pitch, collimators=camera.collimators,
    )  # fmt: skip


def _wide_head(setup: Acquisition, blocks: Image) -> Acquisition:
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


def _seen_by_columns(counts: Floats, wide: Acquisition, setup: Acquisition) -> Floats:
    """Counts a second (windows, directions, rows, columns) of the wide head in the views of the columns, by linear steps."""
    small, orbit = wide.orbit, setup.orbit
    rows = _linear(_places(orbit.rows, orbit.pixel[0]), small.rows, small.pixel[0]) * np.float32(orbit.pixel[0] / small.pixel[0])
    fine = rows @ counts
    place = (orbit.angles % 360.0) / 360.0 * small.views
    first, share = np.floor(place).astype(int) % small.views, (place % 1.0).astype(np.float32)
    seconds = (setup.decays() / wide.decays()[0] * orbit.pixel[1] / small.pixel[1]).astype(np.float32)
    out = np.empty((len(counts), orbit.views, orbit.rows, orbit.columns), np.float32)
    for v in range(orbit.views):
        turned = fine[:, first[v]] * (1 - share[v]) + fine[:, (first[v] + 1) % small.views] * share[v]
        weights = _linear(_places(orbit.columns, orbit.pixel[1]) + orbit.shifts[v], small.columns, small.pixel[1])
        out[:, v] = turned @ weights.T * seconds[v]
    return out


def _places(count: int, pixel: float) -> npt.NDArray[np.float64]:
    return np.asarray((np.arange(count) - (count - 1) / 2) * pixel, dtype=np.float64)


def _linear(places: npt.NDArray[np.float64], count: int, pixel: float) -> Floats:
    """Weights (places, count) that interpolate between pixels about 0; beyond the last ones nothing."""
    at = places / pixel + (count - 1) / 2
    return np.asarray(np.maximum(0, 1 - np.abs(at[:, None] - np.arange(count))), dtype=np.float32)
