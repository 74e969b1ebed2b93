"""The pages of a course: all is said, nothing is signed, hostile texts stay texts."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from hevesy.app.course import course_report
from hevesy.reports.canvas import PNG
from hevesy.reports.course_page import HEADLINES, course_content, write_course_pages
from hevesy.reports.course_plot import lesion_trends, limit_bars

place = Path(__file__).parents[1] / "app" / "made_results.py"
spec = importlib.util.spec_from_file_location("made_results", place)
assert spec is not None
assert spec.loader is not None
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("course")
    limits = folder / "limits.toml"
    limits.write_text('[limits.Kidney]\nquantity = "BED"\nlimit = "20 Gy"\ntissue = "kidney"\nsource = "a test"\n', "utf-8")
    return course_report(made.course(folder, 3), limits=limits)


def test_both_pages_are_written(facts: dict[str, Any], tmp_path: Path) -> None:
    html, pdf = write_course_pages(facts, tmp_path)
    assert pdf.read_bytes().startswith(b"%PDF")
    page = html.read_text("utf-8")
    assert "course report of Hevesy" in page
    assert "a suggestion, not an order" in page
    assert "not stated" in page  # justification: never made up
    assert "<script" not in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course.html", "course.pdf"]


def test_who_signs_is_left_blank(facts: dict[str, Any]) -> None:
    said = course_content(facts, ())
    assert said["signatures"] == [["medical physics expert", "date", "signature"], ["physician", "date", "signature"]]
    record = next(part for part in said["sections"] if part["key"] == "article56")["table"]["rows"]
    blank = {row["cells"][0]["text"]: row["cells"][1]["text"] for row in record}
    assert (blank["Medical physics expert"], blank["Physician"]) == ("", "")


def test_texts_are_never_markup(facts: dict[str, Any], tmp_path: Path) -> None:
    hostile = facts | {"title": "<b>#evil[$x$]</b>", "warnings": ["</p><script>alert(1)</script>"]}
    page = write_course_pages(hostile, tmp_path)[0].read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_every_kind_of_suggestion_has_a_headline(facts: dict[str, Any]) -> None:
    for kind in HEADLINES:
        said = facts | {"suggestion": facts["suggestion"] | {"kind": kind}}
        assert course_content(said, ())["boxes"][0]["lead"]


def test_a_limit_that_is_reached_is_marked(facts: dict[str, Any]) -> None:
    passed = [each | {"exceeded_percent": 60.0, "largest_activity_GBq": 0.0} for each in facts["limits"]]
    rows = next(p for p in course_content(facts | {"limits": passed}, ())["sections"] if p["key"] == "limits")["table"]["rows"]
    assert all(row["tone"] == "alarm" for row in rows)


def test_pictures_are_the_same_each_time_and_of_both_kinds(facts: dict[str, Any]) -> None:
    assert limit_bars(facts) == limit_bars(facts)
    assert lesion_trends(facts, kind=PNG).startswith(b"\x89PNG")
    assert re.search(rb"<svg", limit_bars(facts))


def test_one_cycle_without_limits_has_no_pictures(tmp_path: Path) -> None:
    facts = course_report(made.course(tmp_path, 1))
    write_course_pages(facts, tmp_path)
    keys = [part["key"] for part in course_content(facts, ())["sections"]]
    assert keys == ["plan", "article56"]
