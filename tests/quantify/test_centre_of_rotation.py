"""The offset of a rotation whose offset is known."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.quantify.centre_of_rotation import centre_of_rotation

_spec = importlib.util.spec_from_file_location("qc_phantoms", Path(__file__).with_name("phantoms.py"))
phantoms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phantoms)
PIXEL = (4.8, 4.8)


@settings(max_examples=6)
@given(offset=st.floats(-8, 8), radius=st.floats(5, 150), axial=st.floats(-60, 60))
def test_the_offset_comes_out(offset, radius, axial):
    views, angles = phantoms.rotation(offset=offset, radius=radius, axial=axial)
    found = centre_of_rotation(views, angles, PIXEL)
    assert found.offset == pytest.approx(offset, abs=0.02)
    assert found.radius == pytest.approx(radius, abs=0.03)
    assert found.y.mean() == pytest.approx(axial, abs=0.02)
    assert found.rms < 0.03


def test_its_uncertainty_is_that_of_the_noise():
    """z-scores of twenty noisy rotations; their mean square is chi2 with 20 degrees of freedom, 4 standard deviations."""
    views, angles = phantoms.rotation(offset=1.5, counts=300.0)
    z = []
    for seed in range(20):
        r = centre_of_rotation(np.random.default_rng(seed).poisson(views), angles, PIXEL)
        z.append((r.offset - 1.5) / r.u_offset)
    assert 1 - 4 * np.sqrt(2 / 20) < np.mean(np.square(z)) < 1 + 4 * np.sqrt(2 / 20)


def test_half_a_rotation_is_enough():
    views, angles = phantoms.rotation(offset=-2.0, angles=np.arange(0, 180, 6.0))
    assert centre_of_rotation(views, angles, PIXEL).offset == pytest.approx(-2.0, abs=0.05)


def test_a_jump_shows_in_the_residual():
    views, angles = phantoms.rotation(offset=0.0)
    views[10] = np.roll(views[10], 1, axis=1)
    found = centre_of_rotation(views, angles, PIXEL)
    assert found.largest == pytest.approx(4.8, rel=0.15)
    assert int(np.argmax(np.abs(found.x - found.fitted))) == 10


def test_too_few_views_are_refused():
    views, angles = phantoms.rotation(offset=0.0, angles=np.arange(0, 90, 6.0))
    with pytest.raises(InputError, match="whole rotation"):
        centre_of_rotation(views, angles, PIXEL)
    with pytest.raises(InputError, match="an angle for each view"):
        centre_of_rotation(views, angles[:-1], PIXEL)


def test_a_view_without_a_source_is_refused():
    views, angles = phantoms.rotation(offset=0.0)
    views[3] = 0
    with pytest.raises(DataError, match="view 4"):
        centre_of_rotation(views, angles, PIXEL)


def test_a_body_is_no_point():
    x = (np.arange(64) - 31.5) * 4.8
    wide = np.where(x[None, :] ** 2 + x[:, None] ** 2 < 100**2, 200.0, 0.0)
    with pytest.raises(DataError, match="no point source"):
        centre_of_rotation(np.repeat(wide[None], 12, axis=0), np.arange(0, 360, 30.0), PIXEL)
