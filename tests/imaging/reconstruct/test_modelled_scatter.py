"""Scatter computed from the image, against counts that photons followed one by one have made."""

from dataclasses import replace

import numpy as np
import pytest
from tests.imaging.simulate.cameras import CAMERA, LEHR, TECHNETIUM, setup

from hevesy.errors import InputError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, hounsfield_map, uniform_cylinder
from hevesy.imaging.projectors import PinholeAperture
from hevesy.imaging.reconstruct.modelled_scatter import ScatterModel
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectSystem, reconstruct_spect, spect_model
from hevesy.imaging.simulate import Effects, counts_in_air, expected_counts, projections_of, simulated_counts
from hevesy.imaging.systems import Collimator, detector_response
from hevesy.model import Image, Quantity

HALF_LIFE, SIDE, N = 21624.0, 8.0, 32
TRUE = 5e8 / (np.pi * 100.0**2 * 200.0 / 1000)
MODEL = ScatterModel(camera=CAMERA, collimator=LEHR, histories=400_000, passes=2)
HOT = 40.0  # mm: radius of the hot ball


def system(**more):
    found = setup(views=12, matrix=N, pixel=SIDE)
    known = {
        "sensitivity": sum(counts_in_air(found)), "response": detector_response(CAMERA, LEHR, TECHNETIUM).fwhm,
        "half_life": HALF_LIFE, "peak": "Peak", "energy": TECHNETIUM, "scatter_model": MODEL,
    }  # fmt: skip
    return SpectSystem(**(known | more))


@pytest.fixture(scope="module")
def scene():
    grid = grid_around((N, N, N), SIDE)
    subject = uniform_cylinder(5e8, HALF_LIFE, diameter=200.0, length=200.0)
    z, y, x = np.indices(grid.shape) * SIDE - (N - 1) / 2 * SIDE
    return (
        activity_map(subject, grid, start=0.0), body_map(subject, grid), hounsfield_map(subject, grid),
        np.sqrt(x**2 + y**2), z, np.sqrt((x - 40) ** 2 + y**2 + z**2),
    )  # fmt: skip


def counts(activity, body):
    """Primary and penetrating counts by the analytic model, scatter by photons: another code than the reconstruction's.

    And the primary counts alone.
    """
    found = setup(views=12, matrix=N, pixel=SIDE)
    plain = expected_counts(activity, body, found, effects=Effects(scatter=False))
    photons = simulated_counts(activity, body, found, seed=7, histories=800_000)
    return (projections_of(np.maximum(part, 0), found) for part in (plain.total + photons.scatter, plain.primary))


def test_a_cylinder_is_flat_and_right(scene):
    activity, body, ct, from_axis, z, _ = scene
    seen, _ = counts(activity, body)
    made = reconstruct_spect(seen, system(), mu=ct, settings=SpectProtocol(iterations=4, subsets=4))
    inside = np.abs(z) < 70
    for low, high in ((0, 40), (40, 75)):
        ring = inside & (from_axis >= low) & (from_axis < high)
        assert float(made.image.values[ring].mean()) == pytest.approx(TRUE, rel=0.02)
    assert 0.2 < made.scatter_fraction < 0.3
    assert not [r for r in made.remarks if "scatter" in r]


def test_a_hot_ball_is_right_with_the_same_sensitivity(scene):
    """Against the image of counts without scatter; windows leave some per cent in the image of a hot source."""
    activity, body, ct, _, _, from_ball = scene
    values = activity.values * np.where(from_ball < HOT, np.float32(10), np.float32(1))
    seen, primary = counts(Image(values=values, grid=activity.grid, quantity=Quantity.ACTIVITY_CONCENTRATION), body)
    holes, _ = counts_in_air(setup(views=12, matrix=N, pixel=SIDE))

    def held(projections, **more):
        made = reconstruct_spect(projections, system(**more), mu=ct, settings=SpectProtocol(iterations=4, subsets=4))
        return float(made.image.values[from_ball < HOT + 24].sum())

    ideal = held(primary, scatter_model=None, sensitivity=holes)
    ours, theirs = held(seen), held(seen, scatter_model=None, scatter_windows=("Lower", "Upper"))
    assert ours / ideal == pytest.approx(1, abs=0.02)
    assert theirs / ideal > ours / ideal + 0.02


def test_what_the_model_needs(scene):
    activity, body, ct, *_ = scene
    found = setup(views=12, matrix=N, pixel=SIDE)
    seen = projections_of(expected_counts(activity, body, found, effects=Effects(scatter=False)).total, found)
    with pytest.raises(InputError, match="give a CT"):
        spect_model(seen, system(), mu=None)
    with pytest.raises(InputError, match="allowed is one of the two"):
        system(scatter_windows=("Lower",))
    with pytest.raises(InputError, match="a pinhole: allowed is one"):
        system(pinhole=PinholeAperture(diameter=4.0, focal_length=150.0))
    with pytest.raises(InputError, match="energy of the photons"):
        system(energy=None)
    with pytest.raises(InputError, match="Use energy windows"):
        replace(MODEL, collimator=Collimator(name="PH", hole=4.0, septum=0.0, length=150.0, shape="pinhole", opening=60.0))
    with pytest.raises(InputError, match="at least 1"):
        replace(MODEL, passes=0)
