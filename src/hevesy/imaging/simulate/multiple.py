"""How much more scatter there is than the analytic model holds: measured by a short Monte Carlo run of the same object."""

from dataclasses import dataclass, replace

import numpy as np

from hevesy.imaging.projectors import circular_orbit
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.expected import Effects, expected_counts
from hevesy.imaging.simulate.medium import coarsened
from hevesy.imaging.simulate.monte_carlo import FIRST, MULTIPLE, simulated_counts
from hevesy.imaging.systems import Collimator
from hevesy.model import Image
from hevesy.transport import Phantom

# Parallel holes in the place of a pinhole: photons are followed to a detector that all of them fly straight to.
PLAIN = Collimator(name="plain", hole=1.5, septum=0.3, length=35.0, material="tungsten")
VIEWS, HISTORIES, SIDE = 8, 320_000, 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleScatter:
    """By window: all scatter by Monte Carlo over that of the analytic model, and its relative standard uncertainty."""

    scale: tuple[float, ...]
    u: tuple[float, ...]


def multiple_scatter(
    activity: Image, body: Phantom, setup: Acquisition, *, seed: int, histories: int = HISTORIES
) -> MultipleScatter:
    """The factor by window that brings the analytic model's scatter to that of all orders, over eight views.

    The shape of the scatter stays the analytic model's: second scatters are wider than first ones.  For a pinhole the factor is
    that of parallel holes around the same object.
    """
    orbit = circular_orbit(
        VIEWS, radius=float(setup.orbit.radii.mean()), rows=setup.orbit.rows, columns=setup.orbit.columns,
        pixel=setup.orbit.pixel, start=float(setup.orbit.angles[0]), centre=setup.orbit.centre,
    )  # fmt: skip
    few = replace(
        setup, collimator=PLAIN if setup.is_pinhole else setup.collimator, orbit=orbit, starts=np.zeros(VIEWS),
        durations=np.ones(VIEWS),
    )  # fmt: skip
    coarse, small = coarsened(activity, body, SIDE)
    model = expected_counts(coarse, small, few, effects=Effects(penetration=False))
    run = simulated_counts(coarse, small, few, seed=seed, histories=histories)
    scale, u = [], []
    for window in range(len(setup.windows)):
        modelled = float(model.scatter[window].sum(dtype=np.float64))
        sums = run.by_batch[:, FIRST, window].sum(axis=1) + run.by_batch[:, MULTIPLE, window].sum(axis=1)
        found = float(sums.mean())
        scale.append(found / modelled if modelled > 0 else 1.0)
        u.append(float(sums.std(ddof=1) / np.sqrt(sums.size)) / found if found > 0 else 0.0)
    return MultipleScatter(scale=tuple(scale), u=tuple(u))
