"""Scatter by energy windows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.quantify.windows import WindowCounts, beside, triple_energy_window
from hevesy.units import keV


def window(lower: float, upper: float, counts: float) -> WindowCounts:
    return WindowCounts(lower=lower * keV, upper=upper * keV, counts=counts)


@given(st.floats(0, 100), st.floats(-0.3, 0.3))
def test_a_straight_spectrum_leaves_nothing(height: float, slope: float) -> None:
    """The trapezoid is exact for scatter that is linear in energy: narrow windows at the edges of the peak."""

    def area(a: float, b: float) -> float:
        return (b - a) * (100 + height + slope * ((a + b) / 2 - 208))

    found = triple_energy_window(
        window(187.2, 228.8, area(187.2, 228.8)),
        window(181.2, 187.2, area(181.2, 187.2)),
        window(228.8, 234.8, area(228.8, 234.8)),
    )
    assert found.primary.value == pytest.approx(0, abs=1e-6)


def test_its_variance_is_that_of_poisson_counts() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.poisson((9000, 1500, 700), size=(4000, 3))
    peak, low, up = ((187.2, 228.8), (166.4, 187.2), (228.8, 249.6))
    primary = [triple_energy_window(window(*peak, a), window(*low, b), window(*up, c)).primary.value for a, b, c in drawn]
    found = triple_energy_window(window(*peak, 9000), window(*low, 1500), window(*up, 700)).primary
    # The standard deviation of 4000 draws is known to 1.1 %.
    assert np.std(primary) == pytest.approx(found.u, rel=0.05)
    assert found.u == pytest.approx(math.sqrt(9000 + 1500 + 700))


def test_without_an_upper_window_its_counts_are_zero() -> None:
    peak, low = window(126, 154, 1000), window(112, 126, 100)
    assert triple_energy_window(peak, low, None).scatter.value == pytest.approx(100)


def test_windows_must_touch() -> None:
    peak = window(187.2, 228.8, 10)
    assert beside(peak, window(167.96, 185.64, 1)) == -1
    assert beside(peak, window(229.63, 251.16, 1)) == 1
    assert beside(peak, window(101, 124, 1)) == 0
    with pytest.raises(InputError, match="does not touch the peak"):
        triple_energy_window(peak, window(101, 124, 1), window(229, 250, 1))


@pytest.mark.parametrize("wrong", [(228.8, 187.2, 1), (187.2, 228.8, -1), (187200, 228800, 1)])
def test_windows_that_make_no_sense_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="window"):
        window(*wrong)
