"""Expected counts: totals against sensitivity, linearity, what each effect does, refusals."""

from dataclasses import replace

import numpy as np
import pytest
from tests.imaging.simulate.cameras import TECHNETIUM, setup

from hevesy.errors import InputError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, point_source, uniform_cylinder
from hevesy.imaging.simulate import Effects, counting, expected_counts, expected_with_coarse_scatter
from hevesy.model import Quantity

HALF_LIFE = 21624.0
BARE = Effects(scatter=False, penetration=False)


def test_total_counts_of_a_point_are_sensitivity_times_decays():
    subject, grid = point_source(1e7, HALF_LIFE), grid_around((32, 32, 32), 10.0)
    found = setup()
    model = expected_counts(
        activity_map(subject, grid, start=0.0), body_map(subject, grid), found, effects=replace(BARE, attenuation=False)
    )
    per_decay = 0.890567 * counting(found).at(TECHNETIUM)
    expected = 1e7 * per_decay[:, None] * found.decays()[None]
    assert np.allclose(model.primary.sum(axis=(2, 3)), expected, rtol=3e-3)


def test_the_line_of_sight_widens_with_distance():
    subject, grid = point_source(1e7, HALF_LIFE, at=(0.0, 60.0, 0.0)), grid_around((32, 48, 48), 5.0)
    found = setup(matrix=48, pixel=5.0)
    model = expected_counts(activity_map(subject, grid, start=0.0), body_map(subject, grid), found, effects=BARE)
    x = (np.arange(48) - 23.5) * 5

    def fwhm(view):
        profile = model.primary[0, view].sum(axis=0)
        middle = (profile * x).sum() / profile.sum()
        return 2.3548 * np.sqrt((profile * (x - middle) ** 2).sum() / profile.sum())

    # Angle 0 is behind the back: 90 mm away; 180 is in front: 210 mm.  The pixel and the turning add some 4 mm in quadrature.
    for view, distance in ((0, 90), (2, 210)):
        expected = np.hypot(found.fwhm(TECHNETIUM)[distance], 2.3548 * 5 * np.sqrt(1 / 6 + 1 / 12))
        assert fwhm(view) == pytest.approx(expected, rel=0.08)


def test_linear_and_decaying():
    subject, grid = uniform_cylinder(1e8, HALF_LIFE, diameter=120.0, length=100.0), grid_around((20, 20, 20), 10.0)
    body, once = body_map(subject, grid), activity_map(subject, grid, start=0.0)
    found = setup(matrix=20, duration=7200.0)
    a = expected_counts(once, body, found, effects=Effects(penetration=False))
    b = expected_counts(replace(once, values=3 * once.values), body, found, effects=Effects(penetration=False))
    assert np.allclose(b.total, 3 * a.total, rtol=1e-4, atol=1e-3)
    # Views 90 degrees apart see the same of a cylinder; the later one has decayed for half the scan.
    ratio = a.primary[0, 1].sum() / a.primary[0, 0].sum()
    assert ratio == pytest.approx(found.decays()[1] / found.decays()[0], rel=5e-3)
    assert np.all(a.scatter[1].sum() > 3 * a.primary[1].sum())


def test_penetration_spreads_what_it_adds():
    subject, grid = point_source(1e7, HALF_LIFE), grid_around((32, 32, 32), 10.0)
    model = expected_counts(
        activity_map(subject, grid, start=0.0), body_map(subject, grid), setup(), effects=Effects(scatter=False)
    )
    share = model.penetration[0].sum() / model.primary[0].sum()
    assert 0.002 < share < 0.04
    assert model.penetration[0, 0].max() < 0.02 * model.primary[0, 0].max()


def test_scatter_goes_with_an_orbit_that_is_not_about_the_origin():
    """Patient and camera moved alike see the same: scatter in few directions, on coarse voxels, and by Monte Carlo."""
    move = np.array([70.0, -40.0, 30.0])
    subject, grid = uniform_cylinder(1e8, HALF_LIFE, diameter=120.0, length=100.0), grid_around((20, 20, 20), 10.0)
    affine = grid.affine.copy()
    affine[:3, 3] += move
    there = replace(grid, affine=affine)
    here = setup(views=40, matrix=20)
    moved = replace(here, orbit=replace(here.orbit, centre=tuple(move)))
    activity, body = activity_map(subject, grid, start=0.0), body_map(subject, grid)
    found = [(activity, body, here), (replace(activity, grid=there), body, moved)]
    a, b = (expected_counts(*given, effects=Effects(penetration=False)).scatter for given in found)
    assert np.allclose(a, b, rtol=1e-3, atol=1e-4 * a.max())
    c, d = (expected_with_coarse_scatter(*given, seed=1, histories=4000) for given in found)
    assert np.allclose(c[0].scatter, d[0].scatter, rtol=0.03, atol=1e-3 * c[0].scatter.max())
    assert d[1].scale == pytest.approx(c[1].scale, rel=1e-3)


def test_refusals():
    subject, grid = point_source(1e7, HALF_LIFE), grid_around((16, 16, 16), 10.0)
    image, body = activity_map(subject, grid, start=0.0), body_map(subject, grid)
    with pytest.raises(InputError, match="Bq/ml"):
        expected_counts(replace(image, quantity=Quantity.COUNTS), body, setup())
    with pytest.raises(InputError, match="negative"):
        expected_counts(replace(image, values=image.values - 1), body, setup())
    with pytest.raises(InputError, match="one grid"):
        expected_counts(image, body_map(subject, grid_around((16, 16, 16), 9.0)), setup())
