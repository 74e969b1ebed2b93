"""A course that follows its measurements keeps the same chance with more activity, or a steadier one."""

import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.planning.activity import MAXIMUM, largest_activity, outlook
from hevesy.planning.adapted import adapted_course
from hevesy.planning.forecast import Forecast, RegionForecast
from hevesy.planning.limits import Limit


def region(name="KL", d=0.8, change=0.15, u_systematic=0.03, u_random=0.02):
    return RegionForecast(
        name=name,
        mass=0.16,
        dose_per_activity=d * un.Gy / un.GBq,
        u_systematic=u_systematic,
        u_random=u_random,
        change=change,
        amplitudes=np.array([1.0]),
        rates=np.array([math.log(2) / (50 * un.h)]),
    )


LIMIT = Limit(region="KL", quantity="dose", value=23.0)


def test_the_chance_is_kept():
    made = outlook(Forecast(regions=(region(),)), [LIMIT], tissues={}, cycles=4)
    plan = adapted_course(made)
    assert plan.limited[0].exceeds == pytest.approx(0.05, abs=0.003)
    assert plan.limiting == "KL"
    low, high = zip(*[(a, b) for _, a, b in plan.activities], strict=True)
    assert low[0] == high[0]
    assert all(a < b for a, b in zip(low[1:], high[1:], strict=True))


def test_one_cycle_has_nothing_to_adapt():
    made = outlook(Forecast(regions=(region(),)), [LIMIT], tissues={})
    assert adapted_course(made).activity == pytest.approx(largest_activity(made).activity, rel=1e-3)


def test_without_error_it_is_the_fixed_course():
    made = outlook(Forecast(regions=(region(change=0.0, u_systematic=0.0, u_random=0.0),)), [LIMIT], tissues={}, cycles=3)
    plan = adapted_course(made)
    assert plan.activity == pytest.approx(23 / 0.8 / 3 * un.GBq, rel=1e-3)
    assert plan.total_activity == pytest.approx(23 / 0.8 * un.GBq, rel=1e-3)


def test_a_badly_known_forecast_gains_from_adapting():
    """A random error of the plan is seen in the first cycle and made good in those that follow."""
    made = outlook(Forecast(regions=(region(u_random=0.25, change=0.02),)), [LIMIT], tissues={}, cycles=4)
    fixed, adapted = largest_activity(made), adapted_course(made)
    assert adapted.total_activity > 1.1 * fixed.total_activity


def test_several_limits_and_a_maximum():
    regions = (region(), region("Liver", 0.75))
    limits = [LIMIT, Limit(region="Liver", quantity="dose", value=23.0)]
    plan = adapted_course(outlook(Forecast(regions=regions), limits, tissues={}, cycles=3))
    assert all(outcome.exceeds <= 0.052 for outcome in plan.limited)
    capped = adapted_course(outlook(Forecast(regions=regions), limits, tissues={}, cycles=3), most=2 * un.GBq)
    assert capped.limiting == MAXIMUM
    assert capped.total_activity == pytest.approx(6 * un.GBq)


def test_without_limits_there_is_no_allowance():
    with pytest.raises(InputError, match="allowance"):
        adapted_course(outlook(Forecast(regions=(region(),)), [], tissues={}))
