"""`hevesy single` as people and programs call it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program

OPTIONS = ("--nuclide", "Lu-177", "--half-life", "50", "--half-life-spread", "20")


def call(*arguments: object) -> Result:
    result: Result = CliRunner(env={"COLUMNS": "80"}).invoke(program, ["single", *(str(a) for a in arguments)])
    return result


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scan.csv"
    path.write_text("region,time_h,activity_MBq,u_MBq\nKidney_Left,72,80,4\nLiver,24,300,15\n")
    return path


@pytest.mark.parametrize("method", ["haenscheid", "Hänscheid", "madsen", "population"])
def test_json(table: Path, method: str) -> None:
    result = call(table, *OPTIONS, "--method", method, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    kidney = json.loads(result.stdout)["regions"]["Kidney_Left"]
    low, high = kidney["tia_95_MBq_h"]
    assert low < kidney["tia_MBq_h"] < high


def test_a_table_of_eighty_columns(table: Path) -> None:
    shown = call(table, *OPTIONS, "--method", "population").stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    for text in ("Kidney_Left", "1.44", "warning Liver", "outside the window"):
        assert text in shown


def test_a_refusal_is_one_line_and_code_one(table: Path) -> None:
    result = call(table, "--nuclide", "Lu-177", "--method", "population", "--half-life", "50")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error: no --half-life-spread for Kidney_Left, Liver" in result.stderr.replace("\n", " ")
    assert "is unknown" in call(table, *OPTIONS, "--method", "guess").stderr
