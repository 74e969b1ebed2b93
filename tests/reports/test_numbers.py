"""Numbers as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.reports.numbers import MINUS, fixed, percent, signed, significant, with_u


@pytest.mark.parametrize(
    ("value", "u", "shown"),
    [
        (2.3456, 0.0321, ("2.346", "± 0.032")),
        (11103.2, 888.0, ("11100", "± 890")),
        (38433.0, 11900.0, ("38000", "± 12000")),
        (9.996, 0.0996, ("10.00", "± 0.10")),
        (0.0, 0.5, ("0.00", "± 0.50")),
        (-1.234, 0.2, (f"{MINUS}1.23", "± 0.20")),
        (1.234567, None, ("1.23", "no u")),
        (5.0, 0.0, ("5.000", "± 0")),
    ],
)
def test_value_has_the_digits_of_its_u(value, u, shown):
    assert with_u(value, u) == shown


@pytest.mark.parametrize(
    ("x", "digits", "shown"),
    [(0.00123456, 3, "0.00123"),
     (9.996, 3, "10.0"), (0, 3, "0"), (1.5e-7, 2, f"1.5e{MINUS}7"), (None, 3, "–"),
     (math.nan, 3, "–"), (123456.0, 3, "123000"),
     (2.5e9, 2, "2.5e9")],
)  # fmt: skip
def test_significant_digits(x, digits, shown):
    assert significant(x, digits) == shown


@given(st.floats(1e-9, 1e12), st.floats(1e-3, 0.9))
def test_shown_value_lies_within_u(value, relative):
    shown, _ = with_u(value, value * relative)
    assert abs(float(shown.replace(MINUS, "-")) - value) <= 0.051 * value * relative  # half of u's last digit


def test_signs_and_percentages():
    assert signed(2.04) == "+2.0"
    assert signed(-2.06) == f"{MINUS}2.1"
    assert fixed(-0.0001, 2) == "0.00"
    assert [percent(x) for x in (0.31, 0.05, 0.004, None)] == ["31 %", "5.0 %", "0.40 %", "–"]
