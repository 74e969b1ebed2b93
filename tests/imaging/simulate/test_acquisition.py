"""When and where views are taken, and what decays meanwhile."""

import math

import numpy as np
import pytest
from tests.imaging.simulate.cameras import CAMERA, setup

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.simulate import imaged_energy, step_and_shoot, triple_windows
from hevesy.imaging.systems import Collimator, ring_camera
from hevesy.model import EnergyWindow


def test_heads_share_the_circle_and_start_together():
    found = setup(views=12, duration=720.0, pause=5.0)
    assert np.allclose(found.orbit.angles, 30 * np.arange(12))
    assert np.allclose(found.starts, np.tile(120 * np.arange(6), 2))
    assert np.allclose(found.durations, 115.0)
    assert found.starts.max() + 115 + 5 == pytest.approx(720)


def test_decays_of_a_view_are_the_integral_over_it():
    found = setup(views=4, duration=7200.0)
    lam = math.log(2) / found.half_life
    t = np.linspace(0, 3600, 100001)
    expected = np.trapezoid(np.exp(-lam * (3600 + t)), t)
    assert found.decays()[1] == pytest.approx(expected, rel=1e-8)
    assert found.decays()[0] > found.decays()[1]


def test_lines_that_count():
    assert [round(1000 * e, 1) for e, _ in setup().lines()] == [140.5]
    camera = CAMERA
    medium = Collimator(name="MELP", hole=2.94, septum=1.14, length=40.64)
    found = step_and_shoot(
        camera, medium, nuclide="Lu-177", windows=triple_windows(imaged_energy("Lu-177")), duration=600.0, views=4, radius=200.0
    )  # fmt: skip
    energies = [round(1000 * e) for e, _ in found.lines()]
    assert 208 in energies
    assert 321 in energies
    assert min(energies) > 150


def test_refusals():
    with pytest.raises(InputError, match="multiple of 2"):
        setup(views=7)
    with pytest.raises(InputError, match="Scan longer"):
        setup(duration=10.0, pause=60.0)
    with pytest.raises(ScopeError, match="swivel_and_count"):
        step_and_shoot(
            ring_camera("ge-starguide"), CAMERA.collimators[0], nuclide="Tc-99m", windows=triple_windows(0.14), duration=60.0,
            views=2, radius=100.0,
        )  # fmt: skip
    far = (EnergyWindow(name="Peak", lower=900, upper=1000),)
    with pytest.raises(InputError, match="reaches the windows"):
        step_and_shoot(CAMERA, CAMERA.collimators[0], nuclide="Tc-99m", windows=far, duration=60.0, views=2, radius=1.0).lines()
