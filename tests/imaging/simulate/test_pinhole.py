"""A pinhole: counts by the place of a point, a line in air against the closed form, an activity that is recovered."""

import numpy as np
import pytest

from hevesy.errors import ScopeError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, point_source, uniform_cylinder
from hevesy.imaging.projectors import aperture_of
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectSystem, grid_of, reconstruct_spect
from hevesy.imaging.simulate import (
    Effects,
    attenuation_map,
    counting,
    expected_counts,
    projections_of,
    simulated_counts,
    step_and_shoot,
    triple_windows,
)
from hevesy.imaging.systems import detector_response, gamma_camera, geometric_efficiency, window_sensitivity
from hevesy.imaging.systems.gamma_camera import intrinsic_resolution

HALF_LIFE, ENERGY = 21624.0, 0.140511
CAMERA = gamma_camera("ge-discovery-670")
HOLE = CAMERA.collimator("PH4")
BARE = Effects(scatter=False)


def scan(views=4, radius=80.0, matrix=24, pixel=8.0):
    return step_and_shoot(
        CAMERA, HOLE, nuclide="Tc-99m", windows=triple_windows(ENERGY), duration=600.0, views=views, radius=radius,
        matrix=matrix, pixel=pixel,
    )  # fmt: skip


def test_a_point_counts_by_its_distance_and_is_magnified():
    """20 mm towards the back: 60 mm from the hole of view 0 (angle 0), 100 mm from that of view 2."""
    point, grid = point_source(1e7, HALF_LIFE, at=(0.0, 20.0, 0.0)), grid_around((12, 24, 24), 2.0)
    found = scan()
    counts = expected_counts(activity_map(point, grid, start=0.0), body_map(point, grid), found, effects=BARE).primary[0]
    per_photon = 0.890567 * float(counting(found).at(ENERGY)[0])
    x = (np.arange(24) - 11.5) * 8.0
    for view, distance in ((0, 60.0), (2, 100.0)):
        expected = 1e7 * per_photon * geometric_efficiency(HOLE, ENERGY, distance=distance) * found.decays()[view]
        assert counts[view].sum() == pytest.approx(expected, rel=0.01)
        profile = counts[view].sum(axis=0, dtype=np.float64)
        width = float(detector_response(CAMERA, HOLE, ENERGY).fwhm(distance)) * HOLE.length / distance
        # On the detector: the response enlarged, the drop's 3^2 / 20 and a voxel's 2^2 / 12 enlarged, the pixel.
        enlarged = (HOLE.length / distance) ** 2 * (3**2 / 20 + 2**2 / 12)
        assert (profile * x**2).sum() / profile.sum() == pytest.approx((width / 2.3548) ** 2 + enlarged + 8**2 / 12, rel=0.05)
    total = window_sensitivity(CAMERA, HOLE, "Tc-99m", found.windows[0], distance=60.0)
    assert counts[0].sum() == pytest.approx(1e7 * total * found.decays()[0], rel=0.02)


def test_a_small_cylinder_is_recovered():
    """With attenuation and without noise: the middle within 2 %, and all of the activity."""
    subject, grid = uniform_cylinder(1e7, HALF_LIFE, diameter=50.0, length=50.0), grid_around((20, 20, 20), 3.5)
    body, found = body_map(subject, grid), scan(views=12)
    counts = expected_counts(activity_map(subject, grid, start=0.0), body, found, effects=BARE).primary
    at_axis = window_sensitivity(CAMERA, HOLE, "Tc-99m", found.windows[0], distance=80.0)
    system = SpectSystem(
        sensitivity=at_axis / geometric_efficiency(HOLE, ENERGY, distance=80.0), response=None, half_life=HALF_LIFE, peak="Peak",
        pinhole=aperture_of(HOLE, ENERGY), intrinsic=intrinsic_resolution(CAMERA, ENERGY),
    )  # fmt: skip
    projections = projections_of(counts, found)
    made = reconstruct_spect(
        projections, system, mu=attenuation_map(body, ENERGY), grid=grid, settings=SpectProtocol(iterations=20, subsets=4)
    ).image.values
    z, y, x = (np.indices(grid.shape) - 9.5) * 3.5
    inside = (np.abs(z) < 12) & (np.hypot(x, y) < 12)
    assert made[inside].mean() == pytest.approx(1e7 / (np.pi * 25**2 * 50 / 1000), rel=0.02)
    assert made.sum() * 3.5**3 / 1000 == pytest.approx(1e7, rel=0.02)
    side = 8.0 * 80.0 / HOLE.length
    assert grid_of(projections, system.pinhole).spacing == pytest.approx((side, side, side))


def test_scatter_is_less_than_what_comes_straight():
    subject, grid = uniform_cylinder(1e7, HALF_LIFE, diameter=60.0, length=60.0), grid_around((12, 12, 12), 8.0)
    model = expected_counts(activity_map(subject, grid, start=0.0), body_map(subject, grid), scan(views=2))
    assert 0.05 < model.scatter[0].sum() / model.primary[0].sum() < 0.3
    assert model.scatter[1].sum() > 3 * model.primary[1].sum()
    assert model.penetration.max() == 0


def test_refusals():
    point, grid = point_source(1e7, HALF_LIFE), grid_around((8, 8, 8), 4.0)
    activity, body = activity_map(point, grid, start=0.0), body_map(point, grid)
    with pytest.raises(ScopeError, match="flat heads"):
        simulated_counts(activity, body, scan(), seed=1, histories=1000)
    with pytest.raises(ScopeError, match="leave it in"):
        expected_counts(activity, body, scan(), effects=Effects(response=False, scatter=False))
