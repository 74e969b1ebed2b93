"""`hevesy compartments` as people and programs call it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program

MODEL = "from,to,half_time_d,fraction\nBlood,Thyroid,0.25,0.3\nBlood,Urine,0.25,0.7\nThyroid,Rest,80,\nRest,Blood,12,0.9\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "iodine.csv"
    path.write_text(MODEL, "utf-8")
    return path


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, ["compartments", *(str(a) for a in arguments)])
    return result


def test_as_json(model: Path) -> None:
    result = call(model, "--nuclide", "I-131", "--into", "Blood=0.9", "--into", "Thyroid=0.1", "--hours", "24,48", "--json")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts["input"] == {"Blood": 0.9, "Thyroid": 0.1}
    assert facts["hours"] == [24, 48]


def test_as_text(model: Path) -> None:
    result = call(model, "--nuclide", "I-131", "--into", "Blood", "--alone")
    assert result.exit_code == 0, result.stderr
    assert "TIAC" in result.stdout
    assert "Thyroid" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_wrong_use(model: Path) -> None:
    for options in (["--hours", "1;2"], ["--into", "Blood=all"]):
        result = call(model, "--nuclide", "I-131", *options)
        assert result.exit_code == 2
        assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [([], "no nuclide"), (["--nuclide", "I-131"], "where the activity enters"), (["--nuclide", "X-1", "--into", "Blood"], "X-1")],
)
def test_what_is_refused(model: Path, options: list[str], said: str) -> None:
    result = call(model, *options)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
