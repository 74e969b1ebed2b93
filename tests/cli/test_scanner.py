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
