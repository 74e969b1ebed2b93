"""Articles as checks, and records of incidents."""

from datetime import date, datetime

import pytest

from hevesy.errors import InputError
from hevesy.protection.checklist import SITUATIONS, checks, incident, value_at

DAY = date(2026, 1, 1)


def test_every_article_has_a_check_and_every_situation_is_known():
    found = checks(lambda key: None, SITUATIONS, on=DAY)
    assert {row.row["article"] for row in found} == {str(n) for n in range(55, 65)}
    assert all(check.state == "no evidence" or check.row["applies"] == "diagnostic" for check in found)
    assert {check.row["applies"] for check in found} <= {*SITUATIONS, "always"}


def test_evidence_satisfies():
    found = {c.row["check"]: c for c in checks(lambda key: "seen" if key == "justification.by" else None, (), on=DAY)}
    assert found["55-justified"].state == "satisfied"
    assert found["56-verified"].state == "does not apply"
    assert found["56-drl"].state == "no evidence"  # not a therapy: diagnostic


def test_unknown_situations_are_refused():
    with pytest.raises(InputError, match="known are therapy"):
        checks(lambda key: None, ("theraphy",), on=DAY)


def test_values_lie_in_nested_tables():
    assert value_at({"a": {"b": 3}}, "a.b") == 3
    for empty in ({}, {"a": 3}, {"a": {"b": ""}}, {"a": {"b": False}}):
        assert value_at(empty, "a.b") is None


def test_an_incident_says_what_it_lacks():
    record = {
        "happened": datetime(2026, 1, 5, 10),
        "found": "2026-01-05T12:00",
        "kind": "near miss",
        "authority_informed": date(2026, 1, 7),
    }
    found = incident(record)
    assert found.days_to_authority == pytest.approx(1.5)
    assert any(text.startswith("cause") for text in found.missing)
    assert not any(text.startswith("dose_estimate") for text in found.missing)
    with pytest.raises(InputError, match="known are wrong patient"):
        incident(record | {"kind": "bad luck"})
    with pytest.raises(InputError, match="before it happened"):
        incident(record | {"found": "2026-01-04"})
    with pytest.raises(InputError, match="unknown"):
        incident(record | {"patient_name": "x"})
