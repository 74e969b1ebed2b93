"""`hevesy calibrate` and `hevesy planar` as people and programs call them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program

TABLE = (
    "site,detector,source_activity_MBq,pk_lower,pk_upper,pk_counts,low_lower,low_upper,low_counts,up_lower,up_upper,up_counts\n"
    "A,1,10,187.2,228.8,30000,166.4,187.2,2000,228.8,249.6,1000\n"
)


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, [str(a) for a in arguments])
    return result


def test_a_calibration(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(TABLE)
    result = call("calibrate", table, "--time", 300, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["rows"][0]["sensitivity_cps_per_MBq"] == pytest.approx(9)
    shown = call("calibrate", table, "--time", 300, "--u-activity", 2)
    assert "9.0" in shown.stdout
    refused = call("calibrate", table)
    assert refused.exit_code == 1
    assert "--time" in refused.stderr


def test_planar_refuses_in_words(tmp_path: Path) -> None:
    assert call("planar", tmp_path / "none.dcm").exit_code == 1
    assert "no such file" in call("planar", tmp_path / "none.dcm").stderr
    assert call("planar", tmp_path / "none.dcm", "--views", "left,right").exit_code == 2


@pytest.mark.data
def test_the_real_scan(real_data: Path, tmp_path: Path) -> None:
    file = real_data / "planar-whole-body" / "NM-NmIm-Siemens.dcm"
    (tmp_path / "r.json").write_text('{"regions": [{"name": "Head", "box": [95, 130, 160, 230]}]}')
    given = ("--regions", tmp_path / "r.json", "--sensitivity", 91, "--thickness", 15, "--mu", 0.1)
    result = call("planar", file, *given, "--json", "-o", tmp_path / "v.svg")
    assert result.exit_code == 0
    head = json.loads(result.stdout)["regions"]["Head"]
    assert head["activity_MBq"] > head["u_activity_MBq"] > 0
    assert (tmp_path / "v.svg").is_file()
    shown = call("planar", file, *given).stdout
    for text in ("Tc-99m DPD", "Head", "missing", "assumed"):
        assert text in shown
    wrong = call("planar", file, *given[:-4], "--thickness", 150, "--mu", 0.1)
    assert wrong.exit_code == 1
    assert "unit: cm" in wrong.stderr
