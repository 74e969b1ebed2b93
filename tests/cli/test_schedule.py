"""`hevesy schedule` as people and programs call it."""

import json
import math
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.app.population import FORMAT
from hevesy.cli.main import program

LAM = 1.2069409977488195e-06 * 3600
HOURS = "3-6, 20-28, 44-52, 68-76, 92-100, 164-172"


def call(*arguments: object) -> Result:
    result: Result = CliRunner(env={"COLUMNS": "80"}).invoke(program, ["schedule", *(str(a) for a in arguments)])
    return result


def of_region(half_life: float, last: float) -> dict[str, object]:
    return {
        "model": "mono",
        "log_mean": [math.log(0.02), math.log(math.log(2) / half_life - LAM)],
        "log_covariance": [[0.25, 0.0], [0.0, 0.09]],
        "log_mean_covariance": [[0.01, 0.0], [0.0, 0.005]],
        "residual_percent": 6.0,
        "residual_additive_percent_of_administered": 0.01,
        "patients": 30,
        "points": 120,
        "first_time_h": 4.0,
        "last_time_h": last,
    }


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "MODEL.json"
    regions = {"Kidney_Left": of_region(50, 170), "Liver": of_region(70, 100)}
    path.write_text(json.dumps({"format": FORMAT, "decay_constant_per_h": LAM, "regions": regions}))
    return path


def test_json(model: Path) -> None:
    result = call(model, "--region", "Kidney_Left", "--scans", "3", "--hours", HOURS, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    facts = json.loads(result.stdout)
    u = [plan["u_percent"] for plan in facts["plans"]]
    assert len(u) == 3
    assert u == sorted(u, reverse=True)
    assert facts["warnings"] == []


def test_a_table_of_eighty_columns_and_a_picture(model: Path, tmp_path: Path) -> None:
    shown = call(model, "--scans", "1..4", "--hours", HOURS, "--administered", "7400", "-o", tmp_path / "plan.svg").stdout
    folder = str(tmp_path)  # a path of the test may be longer than the screen
    assert max(len(line) for line in shown.splitlines() if folder not in line) <= 80
    for text in ("before any scan", "best times / h", "What a missed day costs, of 4 scans", "MBq h", "plan.svg"):
        assert text in shown
    assert b"<svg" in (tmp_path / "plan.svg").read_bytes()


def test_a_plan_outside_the_hours_of_the_population_warns(model: Path) -> None:
    facts = json.loads(call(model, "--region", "Liver", "--scans", "2", "--hours", HOURS, "--json").stdout)
    assert "Liver: a plan has scans outside the 4 h to 100 h" in facts["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--hours", "6-3"], "end before they start"),
        (["--hours", "-4-3"], "before the administration"),
        (["--hours", HOURS, "--region", "Spleen"], "region Spleen is not in the model"),
        (["--hours", HOURS, "--scans", "9"], "allowed are 1 to 6"),
    ],
)
def test_a_refusal_is_a_message_and_code_one(model: Path, arguments: list[str], said: str) -> None:
    result = call(model, *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in " ".join(result.stderr.split())


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    assert "no population model" in call(path, "--hours", HOURS).stderr
    assert "there is no such file" in call(tmp_path / "none.json", "--hours", HOURS).stderr
