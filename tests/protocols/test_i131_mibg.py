import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.protocols.chance import chance_above
from hevesy.protocols.first_order import exact
from hevesy.protocols.i131_mibg import (
    first_activity,
    next_activity,
    next_within_limit,
    total_dose,
    whole_body_dose_per_activity,
    whole_body_s_value,
)


@given(mass=st.floats(4, 120))
def test_s_value_lies_between_electrons_alone_and_all_energy(mass):
    """Energy closes: no less than the electrons, no more than everything."""
    nuclide = load_nuclide("I-131")
    per_mass = u.JOULE_PER_MEV / mass
    assert nuclide.electron_energy * per_mass < whole_body_s_value(mass)
    assert whole_body_s_value(mass) < (nuclide.electron_energy + nuclide.photon_energy) * per_mass


@given(goal=st.floats(2, 6), share=st.floats(0.1, 0.9), hours=st.floats(15, 60))
def test_both_administrations_reach_the_goal(goal, share, hours):
    per_activity = whole_body_dose_per_activity(tiac=exact(hours * u.h), mass=exact(20.0))
    first = exact(share * goal / per_activity.value)
    second = next_activity(goal=goal, given=first, per_activity=per_activity)
    assert (first.value + second.value) * per_activity.value == pytest.approx(goal)


def test_one_measurement_serves_both():
    per_activity = Measured(value=0.3 / u.GBq, u=0.03 / u.GBq)
    second = next_activity(goal=4.0, given=exact(8 * u.GBq), per_activity=per_activity)
    assert second.u == pytest.approx(0.1 * 4 / 0.3 * u.GBq, rel=1e-6)


def test_first_by_mass():
    assert first_activity(mass=exact(20.0)).value == pytest.approx(8.88 * u.GBq)


def test_what_is_refused():
    per_activity = exact(0.3 / u.GBq)
    with pytest.raises(ScopeError, match="nothing is left"):
        next_activity(goal=4.0, given=exact(14 * u.GBq), per_activity=per_activity)
    with pytest.raises(InputError, match="Is it in hours"):
        whole_body_dose_per_activity(tiac=exact(30.0), mass=exact(20.0))
    with pytest.raises(InputError, match="weight"):
        whole_body_s_value(20000.0)


@pytest.mark.parametrize("given_u", [0.0, 0.5])
def test_as_a_limit(given_u):
    per_activity = Measured(value=0.3 / u.GBq, u=0.03 / u.GBq)
    first = Measured(value=6 * u.GBq, u=given_u * u.GBq)
    found = next_within_limit(limit=4.0, given=first, per_activity=per_activity)
    total = total_dose(given=first, to_come=found.activity, per_activity=per_activity)
    assert chance_above(total, 4.0) == pytest.approx(0.05)
    if not given_u:
        by_hand = 4 / 0.3 / math.exp(1.6448536 * math.sqrt(math.log1p(0.01))) - 6
        assert found.activity == pytest.approx(by_hand * u.GBq, rel=1e-6)
    assert found.best.value == pytest.approx((4 / 0.3 - 6) * u.GBq)
    assert next_within_limit(limit=4.0, given=exact(6 * u.GBq), per_activity=exact(0.3 / u.GBq)).activity == pytest.approx(
        found.best.value
    )


def test_nothing_is_left_within_a_limit():
    per_activity = Measured(value=0.3 / u.GBq, u=0.06 / u.GBq)
    with pytest.raises(ScopeError, match="nothing is left"):
        next_within_limit(limit=4.0, given=exact(12 * u.GBq), per_activity=per_activity)


@pytest.mark.parametrize("goal", [-4.0, 0.004, 400.0])
def test_goals_that_nobody_has(goal):
    with pytest.raises(InputError, match="Check the number and its unit"):
        next_activity(goal=goal, given=exact(6 * u.GBq), per_activity=exact(0.3 / u.GBq))
