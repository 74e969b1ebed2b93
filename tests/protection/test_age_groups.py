"""Ages of coefficients: groups, the line between them, and no extension."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.protection.age_groups import GROUPS, LINEAR, age_group, at_age

FDG = {"adult": 0.019, "15": 0.024, "10": 0.037, "5": 0.056, "1": 0.095}


@pytest.mark.parametrize(
    ("age", "group"),
    [(0.5, "newborn"), (1, "1"), (2, "1"), (2.5, "5"), (7, "5"), (8, "10"), (12, "10"), (17, "15"), (17.5, "adult")],
)
def test_groups(age: float, group: str):
    assert age_group(age) == group


def test_line_between_ages():
    assert at_age(FDG, 7.5, LINEAR)[0] == pytest.approx((0.056 + 0.037) / 2)
    assert at_age(FDG, 5, LINEAR) == (0.056, "5")
    assert at_age(FDG, 60, LINEAR) == (0.019, "adult")


@given(st.floats(1, 100), st.sampled_from([GROUPS, LINEAR]))
def test_values_stay_between_the_tabulated_ones(age: float, policy: str):
    value, _ = at_age(FDG, age, policy)
    assert 0.019 <= value <= 0.095


@pytest.mark.parametrize("policy", [GROUPS, LINEAR])
def test_nothing_is_extended(policy: str):
    with pytest.raises(ScopeError, match="the source gives 1 y, 5 y, 10 y, 15 y, adult"):
        at_age(FDG, 0.5, policy)
    with pytest.raises(ScopeError, match="the source gives adult"):
        at_age({"adult": 0.0169}, 10, policy)
    with pytest.raises(InputError, match="year of birth"):
        at_age(FDG, 1986, policy)
    with pytest.raises(InputError, match="groups, linear"):
        at_age(FDG, 10, "nearest")
