import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.protocols.first_order import exact
from hevesy.protocols.lung_shunt import planar_lung_shunt, tomographic_lung_shunt

sizes = st.floats(1, 1e6)


@given(lung=sizes, liver=sizes)
def test_tomographic_shunt_and_its_uncertainty(lung, liver):
    found = tomographic_lung_shunt(lung=Measured(value=lung, u=0.1 * lung), liver=Measured(value=liver, u=0.05 * liver))
    L = lung / (lung + liver)
    assert found.value == pytest.approx(L)
    assert found.u == pytest.approx(L * (1 - L) * 0.1118034, rel=1e-4)


def test_planar_with_attenuation_is_the_tomographic_truth():
    """Counts that attenuation halves more in the liver: the ratio of the factors brings the truth back."""
    lung, liver = (exact(5000.0), exact(5000.0)), (exact(50000.0), exact(50000.0))
    plain = planar_lung_shunt(lung=lung, liver=liver)
    corrected = planar_lung_shunt(lung=lung, liver=liver, attenuation_ratio=exact(2.0))
    assert plain.value == pytest.approx(1 / 11)
    assert corrected.value == pytest.approx(1 / 21)


def test_no_activity_in_the_lungs_is_zero_with_its_u():
    found = tomographic_lung_shunt(lung=Measured(value=0.0, u=1.0), liver=exact(99.0))
    assert found.value == 0
    assert found.u == pytest.approx(1 / 99, rel=1e-3)


def test_what_is_refused():
    pair = (exact(1.0), exact(1.0))
    with pytest.raises(DataError, match="lung, posterior"):
        planar_lung_shunt(lung=(exact(10.0), exact(-1.0)), liver=pair)
    with pytest.raises(InputError, match="attenuations"):
        planar_lung_shunt(lung=pair, liver=pair, attenuation_ratio=exact(0.0))
    with pytest.raises(DataError, match="0 or more"):
        tomographic_lung_shunt(lung=exact(-1.0), liver=exact(1.0))
