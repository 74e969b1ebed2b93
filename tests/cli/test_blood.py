"""`hevesy blood` as people and programs call it."""

import json
import math
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "samples.csv"
    rows = ["time_h,whole_body_counts,background_counts,blood_Bq_per_ml"]
    for t in (0.0, 2, 6, 24, 48, 96, 144):
        rows.append(f"{t},{40000 * math.exp(-t / 31) + 400:.0f},400,{3.7e9 / 5300 * 0.2 * math.exp(-t / 16):.6g}")
    path.write_text("\n".join(rows), "utf-8")
    return path


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, ["blood", *(str(a) for a in arguments)])
    return result


I131 = ("--nuclide", "I-131", "--administered", 3700)


def test_as_json(table: Path) -> None:
    result = call(table, *I131, "--weight", 70, "--blood-volume", 5.3, "--haematocrit", 0.4, "--json")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts["blood_dose"]["Gy_per_GBq"] == pytest.approx(0.0995, abs=5e-4)
    assert facts["blood"]["tiac_h"] == pytest.approx(3.2, rel=0.01)


def test_as_text(table: Path) -> None:
    result = call(table, *I131, "--weight", 70, "--height", 176, "--sex", "male", "--marrow-to-blood", 0.3)
    assert result.exit_code == 0, result.stderr
    for text in ("whole body", "Gy/GBq", "2 Gy at", "red marrow"):
        assert text in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--nuclide", "I-131", "--administered", 3.7], "Check the units of both"),
        (["--nuclide", "I-131", "--administered", 3.7e9], "Is it in MBq"),
        ([*I131, "--weight", 70000], "Is it in kg"),
        ([*I131, "--weight", 70, "--height", 1.76, "--sex", "male"], "height is 1.76 cm"),
        ([*I131, "--blood-volume", 5300], "Is it in litres"),
        (["--nuclide", "X-1", "--administered", 3700], "X-1"),
    ],
)
def test_what_is_refused(table: Path, options: list[object], said: str) -> None:
    result = call(table, *options)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
