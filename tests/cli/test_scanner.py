"""`hevesy scanner` as people and programs call it."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.scanner import scanner


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def call(*arguments: object) -> Result:
    program = typer.Typer()
    program.command()(scanner)
    result: Result = CliRunner().invoke(program, [str(a) for a in arguments])
    return result


def refused(result: Result, *said: str) -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    for text in said:
        assert text in result.stderr


def test_all_scanners() -> None:
    shown = call().stdout
    for text in ("gamma cameras", "rings of columns", "PET scanners", "siemens-intevo", "ge-starguide", "uih-uexplorer"):
        assert text in shown
    assert len(json.loads(call("--json").stdout)["scanners"]) >= 29


def test_one_scanner_with_its_sources() -> None:
    shown = call("siemens-vision-600").stdout
    for text in ("van Sluis", "unverified", "sensitivity_centre_cps_per_kBq", "16.4", "0.38 to 1.05", "435 to 585"):
        assert text in shown
    facts = json.loads(call("siemens-vision-600", "--json").stdout)
    assert facts["derived"]["crystal_share_of_ring"] == pytest.approx(0.918, abs=1e-3)


def test_one_collimator() -> None:
    shown = call("siemens-intevo", "--collimator", "HE", "--nuclide", "I-131").stdout
    for text in ("distance mm", "364 keV", "250", "-; 60.8*"):
        assert text in shown
    refused(call("siemens-intevo", "--collimator", "HEGP"), "Did you mean", "Known are LEHR")


def test_own_file(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    template = call("ge-discovery-mi-4", "--template")
    own.write_text(template.stdout, "utf-8")
    good = call("--check", own)
    assert good.exit_code == 0
    assert "plausible" in good.stdout
    own.write_text(template.stdout.replace("value = 13.7", "value = 137"), "utf-8")
    bad = call("--check", own)
    assert bad.exit_code == 1
    assert "not plausible" in bad.stdout
    assert "its unit" in bad.stdout
    facts = json.loads(call("--check", own, "--json").stdout)
    assert facts["plausible"] is False
    assert call(own).exit_code == 0


def test_refusals(tmp_path: Path) -> None:
    refused(call("siemens-vison"), "Did you mean siemens-vision")
    refused(call("--check", tmp_path / "none.toml"), "no such file")
    refused(call("siemens-quadra", "--check", tmp_path / "none.toml"), "has no meaning there")
    refused(call("--collimator", "LEHR"), "has no meaning there")


def test_simulated_figures_beside_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "figure": "scatter fraction", "kind": "scatter fraction", "unit": "%", "computed": 37.1, "u": 0.6, "published": 40.6,
        "ratio": 0.914, "spread": 0.04, "why": "three papers [1]", "verdict": "outside",
    }  # fmt: skip
    new = {"figure": "peak NECR", "unit": "kcps", "computed": 2786.0, "u": 21.0, "published": None, "ratio": None}
    found = {
        "rows": [row, row | new | {"verdict": "not published"}],
        "remarks": ["No window is known."],
        "seed": 1,
        "decays": 1e5,
    }
    monkeypatch.setattr("hevesy.app.pet_figures.simulated_figures", lambda scanner: found)
    monkeypatch.setenv("COLUMNS", "80")
    shown = call("siemens-quadra", "--nema").stdout
    for text in ("37.1 +- 0.6", "0.91", "outside", "2786 +- 21", "three papers [1]", "No window is known."):
        assert text in shown
    assert max(len(line) for line in shown.split("NEMA NU 2 ")[1].splitlines()) <= 80
    assert json.loads(call("siemens-quadra", "--nema", "--json").stdout)["nema"] == found
    refused(call("siemens-intevo", "--nema"), "Leave --nema out")
    refused(call("--nema"), "--nema: has no meaning there")
