"""Weight formulas of FDG for adults."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.protection.adult_activity import fdg_activity
from hevesy.units import MBq, min_

TODAY = date(2026, 11, 21)


def test_linear_and_quadratic_meet_at_75_kg():
    linear = fdg_activity(75, 2 * min_, 0.25, on=TODAY)
    quadratic = fdg_activity(75, 2 * min_, 0.25, on=TODAY, formula="quadratic")
    assert linear.activity / MBq == pytest.approx(525)  # 14 x 75 / 2
    assert quadratic.activity == pytest.approx(linear.activity)
    assert not linear.row.verified


@given(st.floats(40, 150), st.floats(1, 10), st.sampled_from(["linear", "quadratic"]))
def test_half_with_a_large_overlap_and_inverse_in_time(weight: float, minutes: float, formula: str):
    small, large, longer = (
        fdg_activity(weight, t * min_, x, on=TODAY, formula=formula).activity
        for t, x in ((minutes, 0.3), (minutes, 0.5), (2 * minutes, 0.3))
    )
    assert large == pytest.approx(small / 2)
    assert longer == pytest.approx(small / 2)


def test_what_is_refused_and_said():
    for weight, t, overlap, says in ((5, 120, 0.2, "weight"), (70, 1, 0.2, "time per bed"), (70, 120, 25, "overlap")):
        with pytest.raises(InputError, match=says):
            fdg_activity(weight, t, overlap, on=TODAY)
    with pytest.raises(InputError, match="linear, quadratic"):
        fdg_activity(70, 120, 0.2, on=TODAY, formula="cubic")
    with pytest.raises(ScopeError, match="holds from"):
        fdg_activity(70, 120, 0.2, on=date(2010, 1, 1))
    assert any("longer time per bed" in text for text in fdg_activity(120, 120, 0.2, on=TODAY).remarks)
