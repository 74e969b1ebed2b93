"""Remarks on realisations that leave the law: said where it is sure, silent where noise explains it."""

import numpy as np
import pytest

from hevesy.imaging.trials.departures import Shift, inside, said_of_reach, said_of_shifts, said_of_spread, shift
from hevesy.imaging.trials.law import Exposure


def test_a_shift_is_said_where_it_is_sure_and_matters():
    sure = Shift(activity=20.0, value=-0.06, u=0.01)
    assert "20 MBq is -6.0 % (u 1.0 %)" in said_of_shifts("the mean", [sure, Shift(activity=80.0, value=-0.02, u=0.001)])[0]
    assert said_of_shifts("the mean", [Shift(activity=20.0, value=-0.06, u=0.03)]) == ()
    assert sure.seen == -0.06
    assert Shift(activity=20.0, value=0.01, u=0.01).seen == 0.0
    made = shift(5.0, np.array([0.9, 1.0, 1.1]), 2.0)
    assert made.value == pytest.approx(-0.5)
    assert made.u == pytest.approx(0.1 / 3**0.5 / 2)


def test_a_spread_off_the_law_is_said_by_its_degrees_of_freedom():
    assert said_of_spread("cov", [10.0], [1.5], [19]) == ()  # sqrt(2/19) = 0.32: ln 1.5 is 1.25 of it
    assert "10 MBq is 1.5 times" in said_of_spread("cov", [10.0, 20.0], [1.5, 1.0], [400, 400])[0]


def test_an_answer_outside_is_said():
    x = Exposure().x(100.0, 60.0)
    assert said_of_reach("cov", Exposure(), float(x), [(80.0, 60.0), (160.0, 60.0)]) == ()
    assert "outside" in said_of_reach("cov", Exposure(), float(x), [(200.0, 60.0), (400.0, 60.0)])[0]
    assert inside(100.0, 120.0, 400.0)
