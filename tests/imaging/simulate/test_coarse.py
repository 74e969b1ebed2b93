"""Scatter on coarse voxels from few directions against scatter on fine ones from every view."""

import numpy as np
from tests.imaging.simulate.cameras import setup

from hevesy.imaging.phantoms import activity_map, body_map, grid_around, uniform_cylinder
from hevesy.imaging.simulate import expected_counts, expected_with_coarse_scatter


def test_coarse_scatter_is_that_of_fine_voxels_times_the_factors():
    subject, grid = uniform_cylinder(1e8, 21624.0, diameter=140.0, length=120.0), grid_around((32, 32, 32), 7.0)
    body, activity = body_map(subject, grid), activity_map(subject, grid, start=0.0)
    found = setup(matrix=32, pixel=7.0)
    quick, scale = expected_with_coarse_scatter(activity, body, found, seed=1, histories=100_000)
    exact = expected_counts(activity, body, found)
    np.testing.assert_array_equal(quick.primary, exact.primary)
    np.testing.assert_array_equal(quick.penetration, exact.penetration)
    by_window = np.array(scale.scale)[:, None]
    ratio = quick.scatter.sum(axis=(2, 3)) / (by_window * exact.scatter.sum(axis=(2, 3)))
    # Voxels of 14 mm in a cylinder of 140 mm: 3 % of its scatter, 1 % of the counts. A torso loses 0.5 %.
    assert np.all(np.abs(ratio[:2] - 1) < 0.04)
    # Later scatters have a shape of their own, wider in the middle: single ones times the factor are 3 % off.
    peak, smooth = exact.scatter[0] * scale.scale[0], quick.scatter[0]
    assert float(np.sqrt(np.mean((peak - smooth) ** 2))) < 0.05 * float(peak.max())
