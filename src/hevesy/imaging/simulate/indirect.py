"""Counts that did not come straight through a hole: scattered in the body, or through the walls of the collimator."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.counting import counting
from hevesy.imaging.simulate.expected import expected_counts
from hevesy.imaging.simulate.medium import coarsened
from hevesy.imaging.simulate.monte_carlo import FIRST, MULTIPLE, simulated_counts
from hevesy.imaging.simulate.multiple import MultipleScatter
from hevesy.imaging.simulate.penetration import penetration
from hevesy.imaging.simulate.wide import interpolated, seen_by_columns, wide_head, wide_views
from hevesy.model import Image
from hevesy.transport import Phantom

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

SIDE, HISTORIES = 14.4, 160_000
SMOOTH = 8.0  # mm: standard deviation of the filter on later scatters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indirect:
    """Expected counts, each of shape (windows, views, rows, columns).

    ``factors``, by window: scatter of all orders by that of the analytic model, and its relative standard uncertainty.
    """

    scatter: Floats
    penetration: Floats
    factors: MultipleScatter


def indirect_counts(
    activity: Image, body: Phantom, setup: Acquisition, *, seed: int, side: float = SIDE, histories: int = HISTORIES
) -> Indirect:
    """Scattered and penetrating counts of a known activity in some seconds: on coarse voxels, from 32 directions.

        scatter = c s_1 + G * m,     c = sum m_1 / sum s_1

    s_1 is the analytic model's scatter (:func:`hevesy.imaging.simulate.expected_counts`), m_1 and m are photons that
    scattered once and more often, followed one by one, G a Gaussian of 8 mm over each view.  Later scatters gather in the
    middle of a body more than the first, and where photons of a higher line come down into the window (Lu-177 at 113 keV)
    they are more than the first and wider: one factor for all would misplace them.  Interpolated to the views and pixels of
    ``setup``; to each column's place and angle where columns swivel.

    Parameters
    ----------
    activity, body                      On one grid; activity at the start of the acquisition [Bq/ml].
    seed, histories : int               Of the Monte Carlo run.
    side : float                        Of the coarse voxels and pixels, about [mm].

    Neglected: structure finer than ``side``; the coherent part, 3 % of the counts, follows the activity.
    """
    blocks, small = coarsened(activity, body, side)
    few = (wide_head if setup.is_narrow else wide_views)(setup, blocks)
    model = expected_counts(blocks, small, few)
    photons = simulated_counts(blocks, small, few, seed=seed, histories=histories)
    once, more = photons.by_batch[:, FIRST].sum(axis=2), photons.by_batch[:, MULTIPLE].sum(axis=2)
    modelled, whole = model.scatter.sum(axis=(1, 2, 3), dtype=np.float64), (once + more).mean(axis=0)
    u = (once + more).std(axis=0, ddof=1) / math.sqrt(len(once))
    first = _ratio(once.mean(axis=0), modelled).astype(np.float32)[:, None, None, None]
    scatter = model.scatter * first + _smooth(photons.counts[MULTIPLE], few)
    spread = seen_by_columns if setup.is_narrow else interpolated
    return Indirect(
        scatter=np.asarray(spread(scatter, few, setup) * setup.seen),
        penetration=np.asarray(spread(model.penetration, few, setup) * setup.seen),
        factors=MultipleScatter(scale=tuple(map(float, _ratio(whole, modelled))), u=tuple(map(float, _ratio(u, whole)))),
    )


def _ratio(found: Array, by: Array) -> Array:
    """1 where there is nothing to compare with."""
    return np.divide(found, by, out=np.ones_like(by), where=by > 0)


def _smooth(counts: Floats, few: Acquisition) -> Floats:
    """Views (windows, views, rows, columns) smoothed each."""
    from scipy.ndimage import gaussian_filter

    sides = [SMOOTH / side for side in few.orbit.pixel]
    return np.asarray(gaussian_filter(counts, (0.0, 0.0, *sides), mode="constant"), dtype=np.float32)


def counts_in_air(setup: Acquisition, window: int = 0) -> tuple[float, float]:
    """Counts of a head for each decay of a point in air [counts/(Bq s)]: through the holes, and through the walls.

        S = sum_lines Y C_w(E),    S_p = sum_lines Y C_w(E) f_p(E)

    with the fraction f_p of :func:`hevesy.imaging.simulate.penetration.penetration`.  A sensitivity measured in air is
    S + S_p.  Neglected: scatter in the collimator and behind the crystal; lines above the window that leave a part of
    their energy.  Of a pinhole they are for each photon that passes the hole, and S_p is 0.
    """
    table = counting(setup)
    holes = walls = 0.0
    for energy, per_decay in setup.lines():
        counts = per_decay * float(table.at(energy)[window])
        if counts > 0:
            holes += counts
            walls += 0.0 if setup.is_pinhole else counts * penetration(setup.collimator, energy).fraction
    return holes, walls
