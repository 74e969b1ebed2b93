"""`hevesy plan` as people and programs call it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import hevesy.app.plan
import hevesy.app.recipe
from hevesy.cli.plan import plan

program = typer.Typer()
program.command()(plan)


def call(*arguments: object) -> Result:
    result: Result = CliRunner(env={"COLUMNS": "80"}).invoke(program, [str(a) for a in arguments])
    return result


LIMIT = {
    "limit_Gy": 23.0, "limit_quantity": "dose", "limit_source": None, "tissue": None, "value_Gy": 20.0,
    "value_95_Gy": [17.0, 23.5],
    "probability_allowed": 0.05, "probability_to_exceed": 0.05, "probability_exceeded_before": 0.0,
    "largest_activity_MBq": 6200.0,
}  # fmt: skip
FACTS = {
    "title": "Lu-177 dosimetry", "activity_MBq": 6200.0, "total_activity_MBq": 24800.0, "cycles": 4, "course": "fixed",
    "activities_MBq": [{"median": 6200.0, "interval_95": [6200.0, 6200.0]}] * 4, "limiting": "Kidney [L]",
    "probability_to_exceed_any_limit": 0.06,
    "regions": {
        "Kidney [L]": {
            "dose_per_activity_Gy_per_GBq": 0.8, "dose_Gy": 20.0, "u_dose_Gy": 1.5, "dose_95_Gy": [17.0, 23.5],
            "limits": [LIMIT, LIMIT | {"limit_quantity": "BED", "tissue": "kidney", "probability_to_exceed": 0.2}],
        },
        "Lesion 1": {"dose_per_activity_Gy_per_GBq": 3.0, "dose_Gy": 75.0, "u_dose_Gy": 9.0, "dose_95_Gy": [60.0, 94.0]},
    },
    "goals": [
        {
            "region": "Lesion 1", "goal_Gy": 100.0, "probability_to_reach": 0.9, "activity_MBq": 11000.0,
            "probability_reached_with_plan": 0.01, "probability_to_exceed": {"Kidney [L], dose": 0.999},
            "probability_to_exceed_any_limit": 0.999,
        }
    ],
    "warnings": ["look"], "assumptions": ["no trend"],
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    seen: list[object] = []

    def fake(path: Path, asked: object, *, out: Path | None = None) -> dict[str, object]:
        seen.append(asked)
        return FACTS

    monkeypatch.setattr(hevesy.app.plan, "plan_result", fake)
    return seen


def test_words(asked: list[object], tmp_path: Path) -> None:
    said = call("result.json", "--limits", "l.toml", "--cycles", 4, "--goal", "Lesion 1=100 Gy", "-o", tmp_path)
    assert said.exit_code == 0, said.output
    assert "6.20 GBq in each of 4 cycles, decided by Kidney [L]" in said.stdout
    assert "17-23.5" in said.stdout
    assert "BED" in said.stdout
    assert "reached with 90 %" in said.stdout
    assert "assumed: no trend" in said.stdout
    assert all(len(line) <= 80 for line in said.stdout.splitlines() if "plan.json" not in line)


def test_json(asked: list[object]) -> None:
    said = call(
        "result.json",
        "--limits",
        "l.toml",
        "--adapted",
        "--json",
        "--max",
        "7.4 GBq",
        "--earlier",
        "a.json",
        "--earlier",
        "b.json",
    )
    assert json.loads(said.stdout)["activity_MBq"] == 6200.0
    assert asked[0].adapted  # type: ignore[attr-defined]
    assert asked[0].earlier == (Path("a.json"), Path("b.json"))  # type: ignore[attr-defined]


def test_an_adapted_course(asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    later = {"median": 6000.0, "interval_95": [4000.0, 8000.0]}
    adapted = FACTS | {"course": "adapted", "activities_MBq": [*FACTS["activities_MBq"][:1], later]}  # type: ignore[index]
    monkeypatch.setattr(hevesy.app.plan, "plan_result", lambda *a, **k: adapted)
    said = call("result.json", "--limits", "l.toml", "--adapted")
    assert "in the next cycle" in said.stdout
    assert "cycle 2 to come: about 6.00 GBq, 95 % 4.00 GBq to 8.00 GBq" in said.stdout


def test_recipes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hevesy.app.recipe, "run", lambda path: SimpleNamespace(path=path))
    monkeypatch.setattr(hevesy.app.recipe, "lines", lambda outcome: ["one", "two"])
    monkeypatch.setattr(hevesy.app.recipe, "as_dict", lambda outcome: {"activity_MBq": 1.0})
    assert call("case.toml").stdout == "one\ntwo\n"
    assert json.loads(call("case.toml", "--json").stdout) == {"activity_MBq": 1.0}
    assert "y90-radioembolisation" in call("--recipes").stdout
    assert "recipe" in call("--example", "y90-radioembolisation").stdout
    refused = call("case.toml", "--limits", "l.toml", "-o", tmp_path)
    assert refused.exit_code == 1
    assert "limits, output" in refused.stderr


def test_nothing_to_plan() -> None:
    refused = call()
    assert refused.exit_code == 1
    assert "nothing to plan" in refused.stderr
