import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.first_order import exact, positive, propagated, share, without_u

sizes = st.floats(1e-3, 1e3)
shares = st.floats(0.0, 0.3)


@given(a=sizes, b=sizes, p=shares, q=shares)
def test_a_quotient_adds_relative_uncertainties_in_squares(a, b, p, q):
    found = propagated(lambda x: x["a"] / x["b"], {"a": Measured(value=a, u=p * a), "b": Measured(value=b, u=q * b)})
    assert found.value == pytest.approx(a / b)
    assert found.relative == pytest.approx(math.hypot(p, q), rel=1e-6, abs=1e-12)


def test_a_value_of_zero_with_u_counts():
    found = propagated(lambda x: 2 * x["a"], {"a": Measured(value=0.0, u=0.5)})
    assert found.u == pytest.approx(1.0)


def test_an_exact_input_does_not_make_the_result_certain():
    unknown = Measured(value=2.0, u=None, why_no_u="none was given")
    assert propagated(lambda x: x["a"] * x["b"], {"a": exact(3.0), "b": unknown}).u is None
    assert propagated(lambda x: x["a"], {"a": exact(3.0)}).u == 0
    some = propagated(lambda x: x["a"] * x["b"], {"a": Measured(value=3.0, u=0.3), "b": unknown})
    assert some.u == pytest.approx(0.6)


def test_what_has_no_u_is_named():
    unknown = Measured(value=2.0, u=None, why_no_u="none was given")
    assert "weight" in without_u({"weight": unknown, "height": exact(1.0)})[0]
    assert without_u({"height": exact(1.0)}) == ()


def test_doors():
    with pytest.raises(InputError, match="above 0"):
        positive(0.0, "mass", "kg")
    with pytest.raises(InputError, match="percentage"):
        share(5.0, "lung shunt")
