"""Dead time of both models."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.imaging.simulate import MODELS, counted_share


def test_closed_forms():
    assert counted_share(1e5, 1e-6) == pytest.approx(math.exp(-0.1))
    assert counted_share(1e5, 1e-6, model="non-paralysable") == pytest.approx(1 / 1.1)
    with pytest.raises(InputError, match="paralysable"):
        counted_share(1.0, 1e-6, model="parylisable")
    with pytest.raises(InputError, match="dead time"):
        counted_share(1.0, -1e-6)


@given(rate=st.floats(0, 1e6), tau=st.floats(0, 1e-5))
def test_a_paralysable_camera_loses_more(rate, tau):
    lost, least = (float(counted_share(rate, tau, model=model)) for model in MODELS)
    assert 0 <= lost <= least + 1e-12 <= 1 + 1e-12
