"""From activity concentration to SUV."""

import math

import pytest

from hevesy.errors import InputError
from hevesy.quantify.body_size import Normalisation, body_size
from hevesy.quantify.suv import ScaleUncertainty, decayed_activity, suv_factor
from hevesy.units import MBq, kg

LAM = math.log(2) / 6586.2


def test_uniform_uptake_has_suv_one() -> None:
    """The whole activity spread evenly over the whole body of 1 g/ml."""
    size = body_size(Normalisation.BW, weight=70 * kg)
    factor = suv_factor(activity=350 * MBq, size=size)
    assert factor.value * (350 * MBq / 70000) == pytest.approx(1.0)
    assert factor.u is None
    assert "not stated" in factor.why_no_u


def test_uncertainties_add_in_quadrature() -> None:
    size = body_size(Normalisation.BW, weight=70 * kg)
    factor = suv_factor(activity=1 * MBq, size=size, uncertainty=ScaleUncertainty(calibration=0.03, activity=0.04))
    assert factor.relative == pytest.approx(0.05)
    with pytest.raises(InputError, match="percent"):
        ScaleUncertainty(calibration=3)


def test_decay_to_the_reference_time() -> None:
    assert decayed_activity(100.0, 6586.2, decay_constant=LAM) == pytest.approx(50.0)
    with pytest.raises(InputError, match="before the administration"):
        decayed_activity(100.0, -60.0, decay_constant=LAM)
    with pytest.raises(InputError, match="half-lives"):
        decayed_activity(100.0, 1e6, decay_constant=LAM)
    with pytest.raises(InputError, match="above zero"):
        suv_factor(activity=0.0, size=body_size(Normalisation.BW, weight=70 * kg))
