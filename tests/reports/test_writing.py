"""All four files, each whole, or none."""

import json

import pytest

from hevesy.errors import InputError
from hevesy.reports import write_reports, writing


@pytest.fixture
def quick(monkeypatch):
    """Pictures and pages left out: here only the writing is asked."""
    monkeypatch.setattr(writing, "figures", lambda result: ())
    monkeypatch.setattr(writing, "content", lambda result, pictures: {})
    monkeypatch.setattr(writing, "html_page", lambda said, pictures: b"page")
    monkeypatch.setattr(writing, "pdf_document", lambda said, pictures: b"%PDF")


def test_writes_four_files_and_says_what_it_does(result, tmp_path, quick):
    said = []
    paths = write_reports(result, tmp_path / "new" / "out", progress=said.append)
    assert [path.name for path in paths] == ["doses.csv", "report.html", "report.pdf", "result.json"]
    assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == sorted(p.name for p in paths)
    assert said[0] == "drawing the pictures"
    assert said[-1] == "writing result.json"
    assert json.loads(paths[3].read_bytes())["schema"] == "hevesy-dose-result/1"


@pytest.mark.parametrize("stop", [RuntimeError("typst fell over"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_nothing(result, tmp_path, quick, monkeypatch, stop):
    def fails(said, pictures):
        raise stop

    monkeypatch.setattr(writing, "pdf_document", fails)
    with pytest.raises(type(stop)):
        write_reports(result, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_earlier_reports_as_they_were(result, tmp_path, quick, monkeypatch):
    (tmp_path / "result.json").write_text("earlier")
    monkeypatch.setattr(writing, "result_json", lambda result: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_reports(result, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]
    assert (tmp_path / "result.json").read_text() == "earlier"


def test_a_file_that_cannot_be_replaced_is_named(result, tmp_path, quick):
    (tmp_path / "report.pdf").mkdir()
    (tmp_path / "report.pdf" / "inside").write_text("")
    with pytest.raises(InputError, match=r"report\.pdf cannot be written.*another folder"):
        write_reports(result, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.pdf"]
