"""`hevesy renogram` as people and programs call it."""

import json
import math
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program


@pytest.fixture
def curves(tmp_path: Path) -> Path:
    path = tmp_path / "curves.csv"
    rows = ["time_s,left,right,background_left,background_right,heart"]
    for t in range(5, 1300, 10):
        shape = t / 200 * math.exp(1 - t / 200)
        rows.append(f"{t},{3000 * shape + 200:.0f},{2000 * shape + 200:.0f},100,100,{4000 * math.exp(-t / 300):.0f}")
    path.write_text("\n".join(rows), "utf-8")
    return path


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, ["renogram", *(str(a) for a in arguments)])
    return result


def test_as_json(curves: Path) -> None:
    result = call(curves, "--area-left", 2, "--area-right", 2, "--window", "60,110", "--json")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts["split"]["area_60_to_110_s"]["left_percent"] == pytest.approx(60, abs=0.5)


def test_as_text_with_a_picture(curves: Path, tmp_path: Path) -> None:
    result = call(curves, "--nuclide", "Tc-99m", "-o", tmp_path / "plot.svg")
    assert result.exit_code == 0, result.stderr
    for text in ("T_max", "NORA", "Rutland-Patlak"):
        assert text in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert (tmp_path / "plot.svg").stat().st_size > 1000


@pytest.mark.parametrize("window", ["60", "60,120,180", "one,two"])
def test_wrong_use(curves: Path, window: str) -> None:
    result = call(curves, "--window", window)
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--window", "120,60"], "Its end"), (["-o", "plot.pdf"], "Change its ending"), (["--area-left", "0"], "from 0.01")],
)
def test_what_is_refused(curves: Path, options: list[str], said: str) -> None:
    result = call(curves, *options)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
