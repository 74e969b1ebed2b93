import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.planning.draws import log_sigma as sigma_of_plans
from hevesy.protocols.chance import (
    DECISION,
    chance_above,
    chance_of_sum,
    checked_exceed,
    held,
    largest,
    log_sigma,
    percent,
    upper,
)
from hevesy.protocols.first_order import exact
from hevesy.rng import stream

N = 200_000
Z = 4.0  # a right formula fails once in 16 000 seeds

relative = st.floats(0.001, 1.0)
chances = st.floats(0.001, 0.5)


def lognormal(measured, z):
    return measured.value * np.exp(log_sigma(measured) * z)


def z_score(above, chance):
    return (np.mean(above) - chance) / math.sqrt(chance * (1 - chance) / above.size)


@given(spread=relative, limit=st.floats(1, 100), exceed=chances)
def test_at_the_activity_held_the_limit_is_exceeded_with_that_chance(spread, limit, exceed):
    per = Measured(value=0.6 / u.GBq, u=spread * 0.6 / u.GBq)
    found = held(limit, per, exact(limit / per.value), exceed)
    dose = Measured(value=per.value * found.activity, u=per.u * found.activity)
    assert chance_above(dose, limit) == pytest.approx(exceed, rel=1e-6)
    assert found.activity <= found.best.value * (1 + 1e-12)
    # The formula by hand.
    s = math.sqrt(math.log(1 + spread**2))
    assert upper(per, 0.05) == pytest.approx(per.value * math.exp(1.6448536 * s), rel=1e-6)


@given(spread=relative)
def test_the_spread_is_that_of_plans_from_results(spread):
    assert log_sigma(Measured(value=1.0, u=spread)) == pytest.approx(float(sigma_of_plans(spread)))


def test_half_is_the_best_estimate_and_without_u_nothing_changes():
    per = Measured(value=0.6 / u.GBq, u=0.2 / u.GBq)
    best = Measured(value=40 / per.value, u=1e9)
    half = held(40.0, per, best, 0.5)
    assert half.activity == pytest.approx(best.value)
    assert half.chosen is best
    assert held(40.0, per, best, 0.05).chosen.why_no_u == DECISION
    sharp = held(40.0, exact(per.value), best, 0.05)
    assert sharp.activity == pytest.approx(best.value)
    unknown = held(40.0, Measured(value=per.value, u=None, why_no_u="x"), best, 0.05)
    assert unknown.activity == pytest.approx(best.value)
    assert not unknown.known


def test_chances_of_what_is_exact():
    assert chance_above(exact(40.0), 40.0) == 0.0
    assert chance_above(exact(41.0), 40.0) == 1.0
    assert chance_above(exact(0.0), 40.0) == 0.0
    assert chance_above(Measured(value=41.0, u=None, why_no_u="x"), 40.0) is None
    assert chance_of_sum(exact(10.0), exact(31.0), 40.0) == 1.0
    assert chance_of_sum(exact(0.0), Measured(value=40.0, u=4.0), 40.0) == pytest.approx(0.5)


@pytest.mark.parametrize(("before", "after"), [(0.1, 0.1), (0.5, 0.05), (0.0, 0.3), (0.3, 0.0), (0.001, 0.4)])
def test_chance_of_a_sum_by_monte_carlo(before, after):
    first, second = Measured(value=9.0, u=9.0 * before), Measured(value=11.0, u=11.0 * after)
    z = stream(7, 0).standard_normal((2, N))
    for limit in (18.0, 21.0, 24.0):
        found = chance_of_sum(first, second, limit)
        if 1e-3 < found < 1 - 1e-3:
            assert abs(z_score(lognormal(first, z[0]) + lognormal(second, z[1]) > limit, found)) < Z


def test_largest_by_bisection():
    assert largest(lambda a: a / 10, most=8.0, exceed=0.05) == pytest.approx(0.5)
    assert largest(lambda a: 0.0, most=8.0, exceed=0.05) == pytest.approx(8.0)
    with pytest.raises(ScopeError, match="nothing is left"):
        largest(lambda a: 0.2, most=8.0, exceed=0.05)


def test_what_is_refused_and_said():
    for wrong in (0.0, -0.05, 5.0, 0.51, math.nan):
        with pytest.raises(InputError, match="50 % is the best estimate"):
            checked_exceed(wrong)
    with pytest.raises(InputError, match="above 0"):
        held(40.0, exact(0.0), exact(1.0))
    assert [percent(p) for p in (0.0, 0.05, 0.31, 1.0)] == ["below 0.1 %", "5 %", "31 %", "above 99.9 %"]
