"""Restrictions, and the regulator's equations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protection.test_contacts import CURVE, pattern

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide
from hevesy.protection.contacts import DAY, Contact, Pattern, dose, starts
from hevesy.protection.distance import METRE, DistanceLaw
from hevesy.protection.release import Person, excretion_dose, release_activity, restriction, total_dose
from hevesy.protection.release_tables import CONSTANT

LAW = DistanceLaw(name="power-1.5")


def person(constraint, once=False):
    return Person(name="Partner", kind="partner", constraint=constraint, pattern=pattern(once))


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-5, 2e-3), st.floats(0, 23.9), st.booleans())
def test_the_dose_is_under_the_constraint_and_one_contact_earlier_is_not(constraint, clock, once):
    found = restriction(person(constraint, once), CURVE, law=LAW, clock=clock * u.h)
    assert found.dose.value <= constraint * (1 + 1e-6)
    assert found.safe_delay >= found.delay
    if found.delay > 0:
        held = found.person.pattern
        before = found.delay - 60.0 if once else float(max(starts(held, clock * u.h, found.delay) - DAY))
        earlier = dose(held, CURVE, law=LAW, clock=clock * u.h, delay=before)
        assert earlier.value > constraint * (1 - 1e-4)


def test_a_smaller_constraint_is_never_over_sooner():
    delays = [restriction(person(c), CURVE, law=LAW, clock=0.0).delay for c in (2e-3, 1e-3, 3e-4, 1e-4)]
    assert delays == sorted(delays)


def test_nobody_is_near_before_the_patient_leaves():
    found = restriction(person(1.0), CURVE, law=LAW, clock=0.0, earliest=48 * u.h)
    assert found.delay == 48 * u.h
    assert found.without.value == found.dose.value


def test_the_safe_delay_keeps_the_constraint_at_the_upper_end():
    found = restriction(person(5e-4), CURVE, law=LAW, clock=8 * u.h)
    assert found.safe_dose.value * (1 + 1.645 * 0.1) < 5e-4 * 1.005


def test_a_constraint_of_nothing_is_refused():
    with pytest.raises(InputError, match="above zero"):
        person(0.0)


def test_total_dose_and_release_activity_are_one_equation():
    given = {"constant": 0.0595 * CONSTANT, "half_life": 8.02 * u.d}
    activity = release_activity(5e-3, **given)
    assert total_dose(activity, occupancy=0.25, distance=METRE, **given) == pytest.approx(5e-3)
    short = release_activity(5e-3, constant=CONSTANT, half_life=6 * u.h)
    assert total_dose(short, constant=CONSTANT, half_life=6 * u.h, occupancy=1.0, distance=METRE) == pytest.approx(5e-3)


def test_without_excretion_the_long_equation_is_the_short_one():
    given = {"constant": 0.05 * CONSTANT, "half_life": load_nuclide("I-131").half_life}
    long = excretion_dose(1e9, occupancy=(0.25, 0.25), uptake=((1.0, given["half_life"]),), first=(0.33, 1.0), **given)
    assert long == pytest.approx(total_dose(1e9, occupancy=0.25, distance=METRE, **given))


def test_contacts_all_day_are_the_whole_dose():
    whole = Pattern(name="always", contacts=(Contact(start=0.0, duration=24 * u.h, distance=METRE),))
    found = dose(whole, CURVE, law=LAW, clock=0.0, delay=0.0)
    assert found.value == pytest.approx(float((CURVE.amplitudes / CURVE.rates).sum()))
