"""`hevesy course` on the terminal and as JSON."""

import importlib.util
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.course import course

place = Path(__file__).parents[1] / "app" / "made_results.py"
spec = importlib.util.spec_from_file_location("made_results", place)
assert spec is not None
assert spec.loader is not None
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)

program = typer.Typer()
program.command()(course)
run = CliRunner()


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text('[limits.Kidney]\nquantity = "BED"\nlimit = "20 Gy"\ntissue = "kidney"\n', "utf-8")
    return path


def test_it_says_what_to_do_and_who_decides(tmp_path: Path, limits: Path) -> None:
    found = run.invoke(program, [*(str(path) for path in made.course(tmp_path, 2)), "--limits", str(limits)])
    assert found.exit_code == 0, found.output
    for words in ("Left kidney", "Suggestion: reduce", "For decision by the physician", "RECIP 1.0", "thresholds unverified"):
        assert words in found.output.replace("\n", " ")


def test_json_is_one_document(tmp_path: Path, limits: Path) -> None:
    found = run.invoke(program, [*(str(path) for path in made.course(tmp_path, 2)), "--limits", str(limits), "--json"])
    facts = json.loads(found.stdout)
    assert facts["schema"] == "hevesy-course/1"
    assert facts["suggestion"]["kind"] == "reduce"
    assert facts["suggestion"]["activity_GBq"] == pytest.approx(facts["limits"][0]["largest_activity_GBq"])


def test_files_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    found = run.invoke(program, [str(made.course(tmp_path, 1)[0]), "-o", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    assert (tmp_path / "out" / "course.html").is_file()
    assert "none" in found.output


def test_a_refusal_is_a_message_and_exit_code_1(tmp_path: Path) -> None:
    found = run.invoke(program, [str(path) for path in made.course(tmp_path, 2, interval=3.0)])
    assert found.exit_code == 1
    assert "overlap" in found.stderr
    assert "Traceback" not in found.output
