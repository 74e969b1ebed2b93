"""`hevesy transfer` as people and programs call it."""

import json
import math
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.transfer import transfer

program = typer.Typer()
program.command()(transfer)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "curves.csv"
    rows = [(t, 5 * math.exp(-0.02 * t)) for t in (4, 24, 48, 96)]
    path.write_text("region,time_h,activity_MBq,u_MBq\n" + "".join(f"Lesion [1],{t},{A},{0.03 * A}\n" for t, A in rows), "utf-8")
    return path


def call(*arguments: object) -> Result:
    result: Result = CliRunner(env={"COLUMNS": "80"}).invoke(program, [str(a) for a in arguments])
    return result


def test_words(table: Path) -> None:
    said = call(table, "--from", "I-124", "--to", "I-131", "--administered", 25)
    assert said.exit_code == 0, said.output
    assert "Lesion [1]" in said.stdout
    assert "the same molecule" in said.stdout
    assert said.stdout.count("does not carry over") == 1


def test_json(table: Path) -> None:
    facts = json.loads(call(table, "--from", "I-124", "--to", "I-131", "--json").stdout)
    assert (
        facts["regions"]["Lesion [1]"]["extrapolated_fraction"]
        > facts["regions"]["Lesion [1]"]["diagnostic_extrapolated_fraction"]
    )


def test_refused(table: Path) -> None:
    said = call(table, "--from", "Ga-68", "--to", "I-131")
    assert said.exit_code == 1
    assert "not in the table" in said.stderr
