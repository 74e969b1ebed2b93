"""Hands, body and limits of the staff."""

from datetime import date

import pytest

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.protection.distance import METRE
from hevesy.protection.release_tables import CONSTANT
from hevesy.protection.staff import Spread, category_a, field_dose, hand_dose, hand_rows, limits, ring_ratio

DAY = date(2026, 1, 1)


def test_hands_by_activity():
    found = hand_dose(100 * u.GBq, hand_rows("F-18", "preparation", on=DAY))
    assert found.value == pytest.approx(0.12)
    assert found.least < found.value < found.most


def test_a_field_by_hand():
    found = field_dose(patients=100, activity=1e9, constant=0.05 * CONSTANT, seconds=360, distance=2 * METRE, transmission=0.5)
    assert found * 1e6 == pytest.approx(100 * 1000 * 0.05 * 0.1 * 0.5 / 4)
    with pytest.raises(InputError, match="between 0 and 1"):
        field_dose(patients=1, activity=1, constant=1, seconds=1, distance=METRE, transmission=2)


def test_a_pregnant_worker_keeps_two_sets():
    dose = Spread(value=5e-4, least=None, most=None)
    found = {limit.quantity: limit for limit in limits({"effective": dose, "unborn": dose}, "pregnant", on=DAY)}
    assert found["unborn"].share == pytest.approx(0.5)
    assert found["effective"].share == pytest.approx(0.025)
    assert not found["unborn"].row.verified


def test_apprentices_have_less():
    hand = Spread(value=0.1, least=0.01, most=0.2)
    (found,) = limits({"extremities": hand}, "apprentice", on=DAY)
    assert found.limit == pytest.approx(0.15)
    assert found.share_most == pytest.approx(4 / 3)


def test_unknown_things_are_refused():
    with pytest.raises(InputError, match="preparation and administration"):
        hand_rows("F-18", "cooking", on=DAY)
    with pytest.raises(ScopeError, match="F-18, Tc-99m"):
        hand_rows("Lu-177", "preparation", on=DAY)
    with pytest.raises(InputError, match="category"):
        limits({}, "king", on=DAY)
    assert ring_ratio(on=DAY, statistic="most").number("ratio") == 7


def test_five_years_are_summed_where_they_are_known():
    year = Spread(value=0.019, least=None, most=None)
    assert {limit.years for limit in limits({"effective": year, "eye": year}, "worker", on=DAY)} == {1}
    found = limits({"effective": year, "eye": year}, "worker", on=DAY, earlier={"eye": 0.085})
    (five,) = [limit for limit in found if limit.years == 5]
    assert five.quantity == "eye"
    assert five.share == pytest.approx(104 / 100)


def test_category_a_begins_above_three_tenths():
    def doses(body, hand):
        return {"effective": Spread(value=body, least=None, most=None), "extremities": hand}

    calm = Spread(value=0.1, least=0.01, most=0.2)
    sure, possible = category_a(doses(0.0061, calm), on=DAY)
    assert [one.quantity for one in sure] == ["effective"]
    assert [one.quantity for one in possible] == ["extremities"]
    assert category_a(doses(0.006, Spread(value=0.15, least=None, most=None)), on=DAY) == ((), ())
