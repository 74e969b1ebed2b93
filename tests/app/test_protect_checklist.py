"""A study's record against the Directive."""

import json

import pytest

from hevesy.app.protect_checklist import protect_checklist
from hevesy.errors import DataError, InputError

STUDY = """situations = ["therapy", "childbearing"]
[justification]
by = "Dr. A"
[pregnancy]
asked = "2026-01-05, not pregnant"
[[incident]]
happened = 2026-01-05T10:30:00
found = 2026-01-05T11:00:00
kind = "extravasation"
description = "swelling of the arm"
"""


def test_evidence_is_named(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    facts = protect_checklist(path)
    rows = {row["check"]: row for row in facts["checks"]}
    assert rows["55-justified"]["evidence"] == "study.toml: justification.by = Dr. A"
    assert rows["56-verified"]["state"] == "no evidence"
    assert rows["56-drl"]["state"] == "does not apply"
    assert rows["63-system"]["state"] == "satisfied"
    assert not facts["incidents"][0]["complete"]
    assert sum(facts["counts"].values()) == len(rows)


def test_a_course_is_evidence_of_plan_and_delivery(tmp_path):
    path, course = tmp_path / "study.toml", tmp_path / "course.json"
    path.write_text('situations = ["therapy"]\n')
    course.write_text(json.dumps({"cycles": [{"label": "cycle 1", "planned_activity_GBq": 7.4}]}))
    rows = {row["check"]: row for row in protect_checklist(path, course=course)["checks"]}
    assert "cycle 1" in rows["56-planned"]["evidence"]
    course.write_text("{}")
    with pytest.raises(DataError, match="no cycles"):
        protect_checklist(path, course=course)


def test_what_is_no_record_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        protect_checklist(tmp_path / "none.toml")
    path = tmp_path / "study.toml"
    path.write_text('situations = ["theraphy"]\n')
    with pytest.raises(InputError, match="known are"):
        protect_checklist(path)
