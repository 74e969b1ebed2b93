"""Labels, leaks and contamination of packages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.protection.packages import LEAKING, USV_PER_H, contaminated, label, leaks, transport_index


@given(st.floats(0, 1e4))
def test_the_index_never_says_less_than_was_measured(rate):
    index = transport_index(rate * USV_PER_H)
    assert index >= rate / 10 - 1e-5 or rate <= 0.5 * (1 + 1e-9)
    assert index <= rate / 10 + 0.1 + 1e-9


def test_labels_by_surface_and_index():
    assert label(5 * USV_PER_H, 0.5 * USV_PER_H) == "WHITE-I"
    assert label(5 * USV_PER_H, 0.6 * USV_PER_H) == "YELLOW-II"
    assert label(500 * USV_PER_H, 10 * USV_PER_H) == "YELLOW-II"
    assert label(501 * USV_PER_H, USV_PER_H) == "YELLOW-III"
    with pytest.raises(InputError, match="exclusive use"):
        label(2001 * USV_PER_H, USV_PER_H)


def test_leaks_and_receipt():
    assert pytest.approx(185) == LEAKING
    assert leaks(11_100 / 60)
    assert not leaks(11_000 / 60)
    assert not contaminated(240 / 60 * 300, 300)
    assert contaminated(241 / 60 * 300, 300)
    with pytest.raises(InputError, match="wiped area"):
        contaminated(1, 0)
    with pytest.raises(InputError, match="0 or more"):
        leaks(float("nan"))
