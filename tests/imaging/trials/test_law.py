"""The law between noise and exposure."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.trials.law import (
    MOST_RANDOMS,
    Exposure,
    chi_square_interval,
    greatest_variance,
    line_through,
    misfit,
    pooled_slope,
)

positive = st.floats(1e-3, 1e3)


@given(activity=positive, duration=st.floats(1, 1e4), randoms=st.floats(0, 0.1))
def test_exposure_is_undone_by_activity_and_by_duration(activity, duration, randoms):
    law = Exposure(randoms=randoms)
    x = float(law.x(activity, duration))
    if randoms * activity < 0.99 * MOST_RANDOMS:
        assert law.activity(x, duration) == pytest.approx(activity, rel=1e-6)
    elif randoms * activity > 1.01 * MOST_RANDOMS:
        assert math.isinf(law.activity(x, duration))
    assert law.duration(x, activity) == pytest.approx(duration, rel=1e-9)


def test_randoms_can_leave_no_activity():
    law = Exposure(randoms=0.01)
    assert law.activity(0.01 / 120, 120.0) == np.inf


@given(slope=positive, floor=st.floats(0, 10))
def test_a_line_without_noise_is_found(slope, floor):
    x = np.array([0.5, 1.0, 2.0, 4.0])
    found = line_through(x, slope * x + floor, floor=floor)
    assert found == pytest.approx(slope, rel=1e-6)
    assert misfit(x, slope * x + floor, found, floor) < 1e-6


def test_a_line_below_its_floor_is_refused():
    with pytest.raises(ScopeError, match="does not fall with exposure"):
        line_through([1.0, 2.0], [0.1, 0.1], floor=0.2)
    with pytest.raises(InputError, match="above 0"):
        line_through([1.0], [-1.0])


def test_pooled_variances_cover_the_truth_95_times_in_100():
    rng, x = np.random.default_rng(3), np.array([1.0, 2.0, 4.0])
    inside = 0
    for _ in range(600):
        draws = [rng.normal(0, np.sqrt(2.5 * v), 8) for v in x]
        slope, freedom = pooled_slope(x, [d.var(ddof=1) for d in draws], [7] * 3)
        low, high = chi_square_interval(freedom)
        inside += slope * low <= 2.5 <= slope * high
    assert abs(inside - 570) < 3.5 * np.sqrt(600 * 0.95 * 0.05)


def test_greatest_variance_keeps_its_probability():
    s = np.sqrt(greatest_variance(-0.1, 0.3, probability=0.95))
    assert norm.cdf(0.3 / s) - norm.cdf(-0.1 / s) == pytest.approx(0.95, abs=1e-9)
    even = np.sqrt(greatest_variance(-1.0, 1.0, probability=0.95))
    assert even == pytest.approx(1 / norm.ppf(0.975), rel=1e-9)
    with pytest.raises(InputError, match="does not hold the mean"):
        greatest_variance(0.1, 0.2, probability=0.95)
