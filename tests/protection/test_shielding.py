"""Barriers for positron emitters."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.protection.distance import METRE
from hevesy.protection.shielding import Room, shield_row, thickness, transmission_needed, transmission_of, weekly_dose

DAY = date(2026, 1, 1)
ROOM = Room(patients=40, activity=555 * u.MBq, stay=u.h, half_life=109.8 * u.min_)


@given(st.sampled_from(["lead", "concrete", "iron"]), st.floats(1e-3, 0.99))
def test_thickness_and_transmission_are_inverse(material, share):
    row = shield_row(material, on=DAY)
    assert transmission_of(thickness(share, row), row) == pytest.approx(share, rel=1e-6)


def test_lead_beats_iron_beats_concrete():
    depths = [thickness(0.1, shield_row(name, on=DAY)) for name in ("lead", "iron", "concrete")]
    assert depths == sorted(depths)
    assert thickness(1.0, shield_row("lead", on=DAY)) == pytest.approx(0)


def test_far_away_no_barrier_is_needed():
    assert transmission_needed(ROOM, 50 * METRE) == 1
    assert weekly_dose(ROOM, 2 * METRE) == pytest.approx(4 * weekly_dose(ROOM, 4 * METRE))


def test_a_short_stay_does_not_decay():
    brief = Room(patients=1, activity=u.GBq, stay=1.0, half_life=109.8 * u.min_, constant=1e-15)
    assert weekly_dose(brief, METRE) == pytest.approx(1e-6, rel=1e-3)


def test_senseless_rooms_are_refused():
    with pytest.raises(InputError, match="patients"):
        Room(patients=0, activity=1, stay=1, half_life=1)
    with pytest.raises(InputError, match="occupancy"):
        transmission_needed(ROOM, METRE, occupancy=0)
    with pytest.raises(ScopeError, match="lead, concrete, iron"):
        shield_row("cheese", on=DAY)
