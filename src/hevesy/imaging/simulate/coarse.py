"""Expected counts in a fraction of the time: scatter on coarse voxels, from few directions."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors import circular_orbit
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.columns import wide_camera
from hevesy.imaging.simulate.expected import Effects, Expected, expected_counts
from hevesy.imaging.simulate.medium import coarsened
from hevesy.imaging.simulate.multiple import MultipleScatter, multiple_scatter
from hevesy.model import Image
from hevesy.transport import Phantom

Floats = npt.NDArray[np.float32]

SIDE, DIRECTIONS, HISTORIES = 14.4, 16, 80_000


def expected_with_coarse_scatter(
    activity: Image, body: Phantom, setup: Acquisition, *, seed: int, side: float = SIDE, histories: int = HISTORIES
) -> tuple[Expected, MultipleScatter]:
    """Primary and penetrating counts as in :func:`expected_counts`, scatter of all orders interpolated.

        scatter_v(r) = sum_k w_k(v) sum_ij h_i(r) h_j(r) S_k(i, j) p^2 / P^2 * s_w

    S_k is the modelled scatter from direction k in pixels of side P, w and h linear interpolation in angle and place,
    p the pixel, and s_w the factor by window of :func:`multiple_scatter`, by Monte Carlo of the coarse body.  Against
    voxels of 9.6 mm and 32 directions the sums differ by 0.5 % of the scatter, at a fifth of the work.

    Parameters
    ----------
    side : float                        Of the coarse voxels and pixels, about [mm].
    histories : int                     Photons followed for the factors.

    Neglected: structure of the scatter finer than ``side``; it varies over several centimetres, but for its coherent part,
    3 % of the counts, which follows the activity.
    """
    sharp = expected_counts(activity, body, setup, effects=Effects(scatter=False))
    blocks, small = coarsened(activity, body, side)
    few = _few(setup, blocks)
    scale = multiple_scatter(blocks, small, few, seed=seed, histories=histories)
    effects = Effects(penetration=False, scatter_scale=scale.scale)
    scatter = _interpolated(expected_counts(blocks, small, few, effects=effects).scatter, few, setup) * setup.seen
    return replace(sharp, scatter=scatter), scale


def _few(setup: Acquisition, blocks: Image) -> Acquisition:
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


def _interpolated(counts: Floats, few: Acquisition, setup: Acquisition) -> Floats:
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
