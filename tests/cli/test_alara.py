"""`hevesy alara` as people and programs call it."""

import json

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli import alara as room
from hevesy.cli.alara import alara

PET = ("--scanner", "siemens-vision-600", "--target", "cov", "--analytic", "--weight", "70 kg")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def call(*arguments: object) -> Result:
    program = typer.Typer()
    program.command()(alara)
    result: Result = CliRunner().invoke(program, [str(a) for a in arguments])
    return result


def test_people_read_the_answer_what_was_modelled_and_what_was_not():
    result = call(*PET, "--compare", "siemens-quadra")
    assert result.exit_code == 0
    for text in ("siemens-quadra", "least MBq", "guideline eanm-fdg-2015", "unverified", "not modelled", "prescription"):
        assert text in result.stdout


def test_programs_read_json():
    facts = json.loads(call(*PET, "--json").stdout)
    assert facts["schema"] == "hevesy-alara/1"
    assert facts["least_activity_MBq"] > 0


def test_refusals_go_to_standard_error():
    result = call("--scanner", "siemens-vision-600", "--target", "sharpness")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "cov, cnr, recovery" in result.stderr


def test_scan_times_are_shown(capsys):
    room._show_times(
        {
            "organ": "kidney", "activity_MBq": 7400.0, "tracer": "Lu-177 DOTATATE", "scanner": "siemens-intevo",
            "collimator": "MELP", "bound_relative": 0.05, "other_relative": 0.03, "files": ["a.png"],
            "budget": [{"term": "calibration", "u_relative": 0.03, "source": "asked for"}],
            "model": "mono", "total_least_s": 300.0,
            "equal_time_s": 150.0, "total_equal_s": 450.0, "remarks": ["made."], "note": "counting noise.",
            "modelled": {"model": "analytic", "neglected": ["motion"]},
            "scans": [
                {"time_h": 4.0, "organ_activity_MBq": 363.0, "u_relative_after_600_s": 0.0023, "share_of_integral": 0.07,
                 "shortest_time_s": 100.0, "u_relative_then": 0.006},
            ],
        }
    )  # fmt: skip
    said = capsys.readouterr().out
    assert "kidney" in said
    assert "calibration 3 %: asked for" in said
    assert "wrote a.png" in said
    assert "1.67 min" in said
    assert "mono" in said


def test_intervals_and_times_in_words():
    assert room._interval(None) == ""
    assert room._interval([1.0, None]) == "1 to no limit"
    assert [room._seconds(s) for s in (12.34, 600.0, 10000.0)] == ["12.3 s", "10 min", "2.78 h"]
