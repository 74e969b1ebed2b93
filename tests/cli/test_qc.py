"""The command prints what was found and exits as it says."""

import json

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.qc import qc
from hevesy.cli.qc_options import Standard

program = typer.Typer()
program.command()(qc)
run = CliRunner()


@pytest.fixture
def readings(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text("instrument,activity_MBq,u_MBq\ncalibrator,100,2\nPET,80,1\n", "utf-8")
    limits = tmp_path / "limits.csv"
    limits.write_text("name,low,high,source\nfactor PET,0.9,1.1,the hospital\n", "utf-8")
    return path, limits


def test_the_figures_are_printed(readings):
    said = run.invoke(program, [str(readings[0]), "--standard", "cross-calibration", "--reference", "calibrator"])
    assert said.exit_code == 0
    assert "factor PET" in said.output
    assert "1.25" in said.output
    assert "no limits" in said.output


def test_a_failed_criterion_is_an_answer_unless_strict(readings):
    command = [str(readings[0]), "--standard", "cross-calibration", "--reference", "calibrator", "--limits", str(readings[1])]
    said = run.invoke(program, command)
    assert said.exit_code == 0
    assert "FAIL" in said.output
    strict = run.invoke(program, [*command, "--strict", "--json"])
    assert strict.exit_code == 1
    facts = json.loads(strict.stdout)
    assert facts["verdict"] == "fail"
    assert set(facts["criteria"][0]) == {"name", "value", "u", "low", "high", "passed", "margin", "source", "unverified"}


def test_a_refusal_says_what_to_do(tmp_path):
    said = run.invoke(program, [str(tmp_path / "nothing"), "--standard", "bars"])
    assert said.exit_code == 1
    assert "no such file" in said.output


def test_the_command_knows_the_standards_of_the_use_case():
    from hevesy.app.qc import STANDARDS

    assert {s.value for s in Standard} == set(STANDARDS)
