import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.kinetics import average, fit
from hevesy.model import TimeActivityCurve
from hevesy.rng import stream

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([0.5, 2.0, 5.0, 10.0, 24.0, 48.0, 96.0, 160.0]) * u.h
RATES = math.log(2) / (np.array([80.0, 9.0]) * u.h)
A = np.exp(-np.outer(T, RATES)) @ np.array([6e7, 3e7])
TRUE = float(np.sum(np.array([6e7, 3e7]) / RATES))


def noisy(random, relative=0.1):
    return TimeActivityCurve(region="R", t=T, A=A * (1 + relative * random.standard_normal(T.size)), u=relative * A)


def test_the_average_is_the_weighted_sum_and_holds_the_spread_of_the_models():
    found = average(noisy(stream(3, 1)), decay_constant=LAMBDA)
    w = np.array([found.weights[name] for name in found.fits])
    values = np.array([one.time_integrated_activity.value for one in found.fits.values()])
    own = np.array([one.time_integrated_activity.u for one in found.fits.values()])
    assert len(w) > 1
    assert found.time_integrated_activity.value == pytest.approx(w @ values)
    assert found.time_integrated_activity.u**2 == pytest.approx(w @ own**2 + w @ (values - w @ values) ** 2)
    assert all(one.well_posed for one in found.fits.values())
    assert set(found.fits) | set(found.left_out) >= {"mono", "uptake", "bi", "bi-uptake", "tri"}


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_points_leave_one_model_and_say_why(n):
    curve = TimeActivityCurve(region="R", t=T[-n:], A=A[-n:], u=0.05 * A[-n:])
    found, best = average(curve, decay_constant=LAMBDA), fit(curve, decay_constant=LAMBDA)
    assert list(found.weights.values()) == [1.0]
    assert found.time_integrated_activity.value == best.time_integrated_activity.value
    if n > 1:
        assert "too few" in found.left_out["tri"]


def test_no_u_no_interval():
    curve = TimeActivityCurve(region="R", t=T[4:6], A=A[4:6])
    assert average(curve, decay_constant=LAMBDA).interval is None


def test_the_interval_covers_the_truth_where_one_model_alone_might_not():
    """95 % nominal, 92 to 98 % allowed, and no less than four standard deviations of the count."""
    random, hits, n = stream(5, 0), 0, 100
    for _ in range(n):
        low, high = average(noisy(random), decay_constant=LAMBDA).interval
        hits += low <= TRUE <= high
    assert 0.92 - 2 * math.sqrt(0.05 / n) < hits / n
