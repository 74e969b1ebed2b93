import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.protocols.first_order import exact
from hevesy.protocols.i131_benign_thyroid import (
    DISEASES,
    goal_of,
    thyroid_activity,
    thyroid_dose,
    two_point_integral,
    uptake_integral,
)

DECAY = load_nuclide("I-131").decay_constant


@given(goal=st.floats(50, 400), mass=st.floats(0.001, 0.2), hours=st.floats(20, 200))
def test_activity_and_dose_are_inverse(goal, mass, hours):
    args = {"mass": exact(mass), "integral": exact(hours * u.h)}
    assert thyroid_dose(activity=thyroid_activity(goal=goal, **args), **args).value == pytest.approx(goal)


def test_marinelli_by_hand():
    """24.68 M D / (U T) with grams, Gy, per cent and days."""
    integral = uptake_integral(uptake=exact(0.5), effective_half_life=exact(5.5 * u.d))
    found = thyroid_activity(goal=150, mass=exact(0.025), integral=integral)
    assert found.value / u.MBq == pytest.approx(24.685 * 25 * 150 / (50 * 5.5), rel=1e-4)


@given(half_life=st.floats(2, 8.0), uptake=st.floats(0.1, 0.9), first=st.floats(10, 48), later=st.floats(48, 150))
def test_two_points_of_one_exponential_give_its_integral(half_life, uptake, first, later):
    rate = math.log(2) / (half_life * u.d)

    def measured(t):
        return exact(uptake * math.exp(-(rate - DECAY) * t))

    t1, t2 = first * u.h, (first + later) * u.h
    found = two_point_integral(early=(t1, measured(t1)), late=(t2, measured(t2)))
    assert found.value == pytest.approx(uptake / rate, rel=1e-6)


def test_uncertainty_adds_mass_and_uptake():
    integral = uptake_integral(uptake=Measured(value=0.5, u=0.03), effective_half_life=exact(5 * u.d))
    found = thyroid_activity(goal=150, mass=Measured(value=0.025, u=0.004), integral=integral)
    assert found.relative == pytest.approx(math.hypot(0.06, 0.16), rel=1e-4)


def test_each_disease_has_a_goal_that_can_be_given():
    for disease in DISEASES:
        found = goal_of(disease)
        assert 100 <= found.value <= (found.upper or found.value) <= 400


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: goal_of("hashimoto"), "allowed: graves"),
        (lambda: uptake_integral(uptake=exact(50.0), effective_half_life=exact(5 * u.d)), "forget the %"),
        (lambda: uptake_integral(uptake=exact(0.5), effective_half_life=exact(5.0)), "Is it in days"),
        (lambda: uptake_integral(uptake=exact(0.5), effective_half_life=exact(60 * u.d)), "biological"),
        (lambda: two_point_integral(early=(48 * u.h, exact(0.5)), late=(24 * u.h, exact(0.4))), "before the second"),
        (lambda: two_point_integral(early=(24 * u.h, exact(0.4)), late=(96 * u.h, exact(0.5))), "not rise"),
        (lambda: thyroid_activity(goal=150, mass=exact(25.0), integral=exact(1e5)), "forget"),
        (lambda: thyroid_activity(goal=0.15, mass=exact(0.025), integral=exact(1e5)), "Is it in Gy"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
