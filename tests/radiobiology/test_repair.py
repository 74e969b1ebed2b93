"""Repair is refused where it is none."""

import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.radiobiology import Repair


def test_rates_and_the_slowest():
    repair = Repair(half_times=(0.7 * un.h, 3.8 * un.h), weights=(0.5, 0.5))
    assert repair.slowest == 3.8 * un.h
    assert repair.rates[0] * 0.7 * un.h == pytest.approx(0.6931471805599453)


@pytest.mark.parametrize(
    ("half_times", "weights", "said"),
    [
        ((), (), "give one of each"),
        ((2 * un.h, 3 * un.h), (1.0,), "2 half-times and 1 weights"),
        ((2.8,), (1.0,), "forget"),
        ((2 * un.h, 3 * un.h), (0.5, 0.4), "sum to 1"),
        ((2 * un.h, 3 * un.h), (1.5, -0.5), "above 0"),
    ],
)
def test_refusals(half_times, weights, said):
    with pytest.raises(InputError, match=said):
        Repair(half_times=half_times, weights=weights)
