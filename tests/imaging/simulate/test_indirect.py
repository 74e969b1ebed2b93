"""Scatter on coarse voxels against photons that are followed one by one, and what a camera counts of a point in air."""

import numpy as np
import pytest
from tests.imaging.simulate.cameras import TECHNETIUM, setup

from hevesy.imaging.phantoms import activity_map, body_map, grid_around, uniform_cylinder
from hevesy.imaging.simulate import counts_in_air, indirect_counts, penetration, simulated_counts
from hevesy.imaging.systems import window_sensitivity

HALF_LIFE = 21624.0


def test_scatter_has_the_sum_and_the_shape_that_photons_have():
    grid = grid_around((32, 32, 32), 8.0)
    subject = uniform_cylinder(5e8, HALF_LIFE, diameter=200.0, length=200.0)
    activity, body = activity_map(subject, grid, start=0.0), body_map(subject, grid)
    found = setup(views=4, matrix=32, pixel=8.0)
    made = indirect_counts(activity, body, found, seed=4, histories=100_000)
    photons = simulated_counts(activity, body, found, seed=11, histories=200_000)
    true = photons.by_batch[:, 1:, 0].sum(axis=(1, 2))
    u = np.hypot(true.std(ddof=1) / np.sqrt(true.size) / true.mean(), made.factors.u[0])
    assert abs(float(made.scatter[0].sum()) / true.mean() - 1) < 4 * u
    seen = photons.scatter[0].sum(axis=0)
    for part in (slice(14, 18), slice(10, 22)):  # 32 and 96 mm in the middle of a view
        ratio = float(made.scatter[0].sum(axis=0)[8:24, part].sum()) / float(seen[8:24, part].sum())
        # 2 %: interpolation between pixels of 16 mm, and the photons of the smaller part alone.
        assert abs(ratio - 1) < 4 * u + 0.02
    assert float(made.penetration[0].sum()) > 0


def test_in_air_walls_add_what_penetrates():
    found = setup()
    holes, walls = counts_in_air(found)
    collimator = found.camera.collimators[0]
    assert walls / holes == pytest.approx(penetration(collimator, TECHNETIUM).fraction)
    # 1 %: the crystal's efficiency is taken at nodes.
    assert holes == pytest.approx(window_sensitivity(found.camera, collimator, "Tc-99m", found.windows[0]), rel=0.01)
