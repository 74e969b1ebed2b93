import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.protocols.first_order import exact
from hevesy.protocols.ra223 import decay_factor, injection_activity, injection_volume


def test_activity_by_mass():
    assert injection_activity(mass=exact(70.0)).value == pytest.approx(3.85 * u.MBq)


@given(first=st.floats(-20, 20), second=st.floats(-20, 20))
def test_decay_factors_multiply(first, second):
    assert decay_factor((first + second) * u.d) == pytest.approx(decay_factor(first * u.d) * decay_factor(second * u.d))


def test_volume_grows_as_the_vial_decays():
    activity = injection_activity(mass=exact(70.0))
    fresh = injection_volume(activity=activity, concentration=1100 * u.kBq, elapsed=0.0)
    later = injection_volume(activity=activity, concentration=1100 * u.kBq, elapsed=11.43 * u.d)
    assert fresh.value == pytest.approx(3.5 * u.ml)
    assert later.value == pytest.approx(7.0 * u.ml, rel=1e-3)


def test_what_is_refused():
    with pytest.raises(InputError, match="60 d"):
        decay_factor(90 * u.d)
    with pytest.raises(InputError, match="Check the number and its unit"):
        injection_volume(activity=exact(3.85e6), concentration=0.0, elapsed=0.0)
