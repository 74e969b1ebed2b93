"""Factors between instruments."""

import math

import pytest

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.quantify.cross_calibration import cross_factors

READ = {
    "dose calibrator": Measured(value=100.0, u=2.0),
    "camera": Measured(value=95.0, u=1.9),
    "well counter": Measured(value=80.0, u=0.8),
}


def test_factors_and_agreement():
    camera, well = cross_factors(READ, reference="dose calibrator")
    assert camera.factor.value == pytest.approx(100 / 95)
    assert camera.factor.u / camera.factor.value == pytest.approx(math.hypot(0.02, 0.02))
    assert camera.agrees
    assert not well.agrees


def test_without_u_nobody_says_that_they_agree():
    bare = READ | {"pet": Measured(value=99.0, u=None, why_no_u="not stated")}
    assert cross_factors(bare, reference="dose calibrator")[-1].agrees is None


def test_an_unknown_reference_is_refused():
    with pytest.raises(InputError, match="readings are of"):
        cross_factors(READ, reference="pet")
    with pytest.raises(InputError, match="above zero"):
        cross_factors(READ | {"x": Measured(value=0.0, u=1.0)}, reference="camera")
