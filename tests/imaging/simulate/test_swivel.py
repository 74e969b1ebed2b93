"""A ring of columns: where it looks, what it counts of a line in air, and a cylinder that is recovered."""

import numpy as np
import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, line_source, uniform_cylinder
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectSystem, grid_of, reconstruct_spect
from hevesy.imaging.simulate import (
    Effects,
    attenuation_map,
    counting,
    expected_counts,
    outline_of,
    projections_of,
    swivel_and_count,
    triple_windows,
)
from hevesy.imaging.systems import detector_response, ring_camera, window_sensitivity

HALF_LIFE, ENERGY = 21624.0, 0.140511
BARE = Effects(scatter=False, penetration=False)
RING = ring_camera("ge-starguide")


def scan(outline, **more):
    windows = triple_windows(ENERGY)
    return swivel_and_count(RING, nuclide="Tc-99m", windows=windows, duration=1200.0, outline=outline, **more)


def disc(radius):
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_each_column_sweeps_from_edge_to_edge():
    found = scan(disc(150.0))
    each = found.orbit.views // 48
    swivel = found.orbit.angles.reshape(48, each) - np.arange(48)[:, None] * 7.5
    pivot = 150.0 + 25.0 + RING.collimators[0].length
    # A disc of radius r ends where sin s = r / pivot.
    assert swivel[:, 0] == pytest.approx(np.full(48, -np.rad2deg(np.arcsin(150.0 / pivot))), abs=0.1)
    assert np.abs(found.orbit.shifts).max() == pytest.approx(150.0, abs=0.5)
    assert each in (5, 7, 11, 13, 17, 19, 23, 29)


def test_columns_count_together_for_the_whole_time():
    found = scan(disc(100.0), swivels=5)
    assert found.orbit.views == 12 * 4 * 5
    starts = found.starts.reshape(12, 4, 5)
    assert np.all(starts == starts[0])
    assert np.sort(starts[0].ravel()) == pytest.approx(np.arange(20) * 60.0)
    assert found.durations.sum() == pytest.approx(12 * 1200.0)


def test_line_in_air_has_the_counts_and_width_of_the_closed_form():
    """Counts of a column that looks at the line are sensitivity times decays; its width is the response at its distance.

    Voxels of a line are sampled unevenly by turned planes, by up to 4 % in a view: 2 % for the sum.
    Variance of the profile: response, the line's 3^2 / 16, turning 2.46^2 / 6, pixel 2.46^2 / 12.
    """
    line, grid = line_source(1e7, HALF_LIFE, length=60.0), grid_around((40, 24, 24), 2.46)
    found = scan(disc(100.0), swivels=5)
    model = expected_counts(activity_map(line, grid, start=0.0), body_map(line, grid), found, effects=BARE)
    straight = np.flatnonzero(found.orbit.shifts == 0)
    counts = model.primary[0, straight]
    sensitivity = 0.890567 * counting(found).at(ENERGY)[0]
    assert counts.sum() == pytest.approx(1e7 * float(sensitivity) * found.decays()[straight].sum(), rel=0.02)
    assert float(sensitivity) == pytest.approx(
        window_sensitivity(RING, RING.collimators[0], "Tc-99m", found.windows[0]), rel=0.01
    )
    u = (np.arange(16) - 7.5) * 2.46
    profile = counts.sum(axis=(0, 1), dtype=np.float64)
    fwhm = float(detector_response(RING, RING.collimators[0], ENERGY).fwhm(found.orbit.radii[straight[0]]))
    expected = (fwhm / 2.3548) ** 2 + 3**2 / 16 + 2.46**2 / 4
    assert (profile * u**2).sum() / profile.sum() == pytest.approx(expected, rel=0.03)


def test_a_cylinder_is_recovered():
    """Attenuation, response and narrow views, without noise: within 2 % where partial volume does not reach."""
    subject, grid = uniform_cylinder(5e7, HALF_LIFE, diameter=120.0, length=80.0), grid_around((20, 30, 30), 4.92)
    body = body_map(subject, grid)
    found = scan(outline_of(body, grid, length=RING.axial_length), swivels=7)
    counts = expected_counts(activity_map(subject, grid, start=0.0), body, found, effects=BARE).primary
    system = SpectSystem(
        sensitivity=window_sensitivity(RING, RING.collimators[0], "Tc-99m", found.windows[0]), half_life=HALF_LIFE, peak="Peak",
        response=detector_response(RING, RING.collimators[0], ENERGY).fwhm,
    )  # fmt: skip
    projections = projections_of(counts, found)
    made = reconstruct_spect(
        projections, system, mu=attenuation_map(body, ENERGY), grid=grid, settings=SpectProtocol(iterations=4, subsets=8)
    ).image.values
    z, y, x = np.indices(grid.shape) - np.array([9.5, 14.5, 14.5])[:, None, None, None]
    inside = (np.abs(z) * 4.92 < 22) & (np.hypot(x, y) * 4.92 < 40)
    truth = 5e7 / (np.pi * 60**2 * 80 / 1000)
    assert made[inside].mean() == pytest.approx(truth, rel=0.02)
    assert made.sum() * 4.92**3 / 1000 == pytest.approx(5e7, rel=0.02)
    assert grid_of(projections).spacing == pytest.approx((4.92, 4.92, 4.92))


def test_refusals():
    line, grid = line_source(1e7, HALF_LIFE, length=40.0), grid_around((8, 8, 8), 10.0)
    activity, body = activity_map(line, grid, start=0.0), body_map(line, grid)
    with pytest.raises(ScopeError, match="expected_of_columns"):
        expected_counts(activity, body, scan(disc(100.0), swivels=5))
    with pytest.raises(InputError, match="a smaller body"):
        scan(disc(150.0), radius=120.0)
