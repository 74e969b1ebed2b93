"""Rules of countries, and the one that decides."""

from datetime import date

import pytest
from tests.protection.published import curve_of

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.protection.distance import DistanceLaw
from hevesy.protection.rules import constraint_of, countries, decide, rules_of

DAY = date(2026, 1, 1)
LAW = DistanceLaw(name="point")
CURVE = curve_of(100.0, (1,), (24,))


def test_switzerland_waits_for_its_dose_rate():
    found = decide(rules_of("CH", "I-131", on=DAY), CURVE, law=LAW)
    assert found.decided_by.row["quantity"] == "dose rate"
    assert found.release_after / u.h == pytest.approx(24 * 3.3219, abs=0.01)


def test_germany_holds_two_days_at_least():
    weak = curve_of(1.0, (1,), (24,))
    found = decide(rules_of("DE", "I-131", on=DAY), weak, law=LAW)
    assert found.release_after == 48 * u.h
    assert found.decided_by.row["quantity"] == "time"


def test_one_rule_of_a_group_suffices():
    found = decide(rules_of("JP", "I-131", on=DAY), CURVE, law=LAW, activity=600 * u.MBq)
    assert found.decided_by.row["quantity"] == "activity"  # 500 MBq is reached before 30 uSv/h
    without = decide(rules_of("JP", "I-131", on=DAY), CURVE, law=LAW)
    assert without.release_after > found.release_after


def test_the_united_states_ask_for_instructions():
    found = decide(rules_of("US", "I-131", on=DAY), CURVE, law=LAW, activity=1e9)
    assert found.release_after == 0
    assert found.decided_by is None
    assert found.instructions is False
    strong = decide(rules_of("US", "I-131", on=DAY), curve_of(200.0, (1,), (60,)), law=LAW, activity=4e9)
    assert strong.instructions is True


def test_what_cannot_be_decided_is_said():
    with pytest.raises(InputError, match="needs the administered activity"):
        decide(rules_of("UK", "I-131", on=DAY), CURVE, law=LAW)
    with pytest.raises(InputError, match="rules are known for"):
        rules_of("Swizerland", "I-131", on=DAY)
    with pytest.raises(ScopeError, match="no rule is known for Lu-177"):
        rules_of("UK", "Lu-177", on=DAY)
    with pytest.raises(ScopeError, match="holds from"):
        rules_of("CH", "I-131", on=date(2010, 1, 1))
    assert "DE" in countries()


def test_constraints_fall_back_to_europe_and_own_tables_go_before_ours(tmp_path):
    assert constraint_of("CH", "carer", on=DAY).number("constraint_mSv") == 5
    assert constraint_of("DE", "carer", on=DAY)["country"] == "EU"
    own = tmp_path / "own.csv"
    own.write_text(
        "country,kind,constraint_mSv,per,source,page,edition,valid_from,valid_until,how\n"
        "CH,carer,3,episode,our hospital,,2025,2025-01-01,,local\n"
    )
    assert constraint_of("CH", "carer", on=DAY, overlay=own).number("constraint_mSv") == 3
    with pytest.raises(InputError, match="kind of person"):
        constraint_of("CH", "cat", on=DAY)
