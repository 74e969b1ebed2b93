"""The six spheres are found wherever the phantom lies, and something else is refused."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.quantify.sphere_finding import DIAMETERS, RING, Spheres, background_level, find_spheres

_spec = importlib.util.spec_from_file_location("qc_phantoms", Path(__file__).with_name("phantoms.py"))
phantoms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phantoms)
SPACING = (4.0, 4.0, 4.0)


@settings(max_examples=4)
@given(turn=st.floats(-3.1, 3.1), x=st.floats(-12, 12), y=st.floats(-10, 10), z=st.floats(-9, 9), hand=st.sampled_from([-1, 1]))
def test_the_ring_is_found_however_it_lies(turn, x, y, z, hand):
    values, centres = phantoms.iec(turn=turn, shift=(x, y, z), hand=hand, shape=(36, 76, 90))
    found = find_spheres(values, SPACING)
    np.testing.assert_allclose(found.centres, centres, atol=0.5)
    assert found.residual < 0.5
    assert found.background == pytest.approx(1.0, rel=0.03)


def test_noise_moves_the_spheres_little():
    values, centres = phantoms.iec(hot=4.0, fwhm=8.0)
    noisy = values + np.random.default_rng(1).normal(0, 0.15, values.shape)
    np.testing.assert_allclose(find_spheres(noisy, SPACING).centres, centres, atol=1.0)


def test_two_cold_spheres():
    values, centres = phantoms.iec(hot=4.0, cold=(37.0, 28.0), turn=2.0)
    found = find_spheres(values, SPACING, cold=(37.0, 28.0))
    np.testing.assert_allclose(found.centres, centres, atol=0.6)


def test_voxels_may_have_three_sides():
    spacing = (3.0, 4.0, 5.0)
    values, centres = phantoms.iec(spacing=spacing, shape=(30, 76, 120))
    np.testing.assert_allclose(find_spheres(values, spacing).centres, centres, atol=0.5)


def test_scale_changes_no_position():
    values, _ = phantoms.iec()
    a, b = find_spheres(values, SPACING), find_spheres(2500 * values, SPACING)
    np.testing.assert_allclose(a.centres, b.centres, atol=1e-3)


def test_a_cylinder_has_no_spheres():
    with pytest.raises(DataError, match="spheres"):
        find_spheres(phantoms.cylinder(), SPACING)


def test_an_empty_image_is_refused():
    with pytest.raises(DataError, match="phantom with activity"):
        background_level(np.zeros((4, 4, 4)))


def test_unknown_cold_spheres_are_refused():
    with pytest.raises(InputError, match="cold spheres"):
        find_spheres(np.ones((4, 4, 4)), SPACING, cold=(12.0,))


def test_the_ring_is_that_of_the_phantom():
    assert DIAMETERS == (37.0, 28.0, 22.0, 17.0, 13.0, 10.0)
    assert pytest.approx(114.4) == 2 * RING


def test_spheres_need_a_centre_each():
    with pytest.raises(InputError, match="centre"):
        Spheres(diameters=np.array([10.0]), centres=np.zeros((2, 3)), background=1.0, residual=0.0)
