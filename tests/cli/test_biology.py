"""`hevesy biology` as people and programs call it."""

import json
import math
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program

HAND = ("--dose", 5, "--cycles", 4, "--t-eff", 50, "--t-repair", 2.8, "--alpha-beta", 2.6)


def call(*arguments: object) -> Result:
    result: Result = CliRunner(env={"COLUMNS": "80"}).invoke(program, ["biology", *(str(a) for a in arguments)])
    return result


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A result with a kidney and a spleen."""
    regions = {}
    for name, standard in (("Kidney_Left", "Left kidney"), ("Spleen", "Spleen")):
        values = {"volume_ml": 150.0, "mass_g": 156.0, "mean_dose_Gy": 5.0, "dose_per_activity_Gy_per_GBq": 5.0 / 7.4}
        values |= {"tia_MBq_h": 9000.0, "effective_half_life_h": 50.0}
        regions[name] = {
            "standard_name": standard, "kind": "organ", **values, **{f"u_{key}": 0.05 * v for key, v in values.items()},
            "fit": {"amplitudes_MBq": [200.0], "rates_per_h": [math.log(2) / 50], "well_posed": True},
            "dvh": {"dose_Gy": [0.0, 4.9, 5.1, 6.0], "volume_percent": [100.0, 100.0, 0.0, 0.0]}, "warnings": [],
        }  # fmt: skip
    data = {
        "schema": "hevesy-dose-result/1", "title": "Dosimetry", "synthetic": True, "patient": {}, "regions": regions,
        "nuclide": {"name": "Lu-177", "half_life_h": 159.5}, "engine": {"name": "local"}, "warnings": [], "provenance": {},
        "administration": {"radiopharmaceutical": "Lu-177 DOTATATE", "activity_MBq": 7400.0, "time": "2024-03-04T09:30:00"},
    }  # fmt: skip
    path = tmp_path / "result.json"
    path.write_text(json.dumps(data), "utf-8")
    return path


def test_by_hand_as_json() -> None:
    result = call(*HAND, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    facts = json.loads(result.stdout)
    assert facts["G"] == pytest.approx(0.0530303, rel=1e-6)
    assert facts["bed_per_cycle_Gy"] == pytest.approx(5.509907, rel=1e-6)
    assert facts["bed_Gy"] == pytest.approx(22.03963, rel=1e-6)
    assert facts["eqd2_Gy"] == pytest.approx(12.45718, rel=1e-6)


def test_by_hand_for_people() -> None:
    assert "EQD2         12.457 Gy" in call(*HAND).stdout
    with_u = call(*HAND, "--t-uptake", 2, "--u-dose", 0.5, "--rbe", 5).stdout
    assert "±" in with_u
    assert "unweighted dose 20 Gy" in with_u


def test_a_result_in_eighty_columns(written: Path) -> None:
    result = call(written)
    assert result.exit_code == 0
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    shown = " ".join(result.stdout.split())
    for text in ("Virtual patient", "Kidney_Left", "kidney", "Spleen: no BED", "is assumed", "unverified", "external beam"):
        assert text in shown


def test_a_result_as_json(written: Path) -> None:
    result = call(written, "--json")
    assert result.stderr == ""
    assert json.loads(result.stdout)["regions"]["Kidney_Left"]["eqd2_Gy"] == pytest.approx(12.45718 / 4, rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--dose, --t-eff, --t-repair, --alpha-beta missing"),
        ((*HAND, "--tissues", "x.toml"), "need a RESULT.json"),
        (("RESULT", "--dose", 5), "--dose is for a check by hand"),
        (("RESULT", "--u-rbe", 5), "--u-rbe is for a check by hand"),
        (("RESULT", "--map", "Kidney"), "Give -o FOLDER"),
        (("nowhere.json",), "cannot be read"),
    ],
)
def test_refusals_have_one_exit_code(arguments: tuple[object, ...], said: str, written: Path) -> None:
    result = call(*(written if a == "RESULT" else a for a in arguments))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in " ".join(result.stderr.split())
