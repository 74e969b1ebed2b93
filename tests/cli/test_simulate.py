"""`hevesy simulate` from its options to its facts."""

import json

import typer
from typer.testing import CliRunner

from hevesy.cli.simulate import simulate

program = typer.Typer()
program.command()(simulate)
OPTIONS = [
    "point", "--scanner", "siemens-intevo", "--collimator", "LEHR", "--nuclide", "Tc-99m", "--activity", "10 MBq",
    "--duration", "2 min", "--views", "4", "--matrix", "32", "--pixel", "12 mm", "--radius", "10 cm", "--seed", "3",
]  # fmt: skip


def test_facts_as_json_and_as_text(tmp_path):
    found = CliRunner().invoke(program, [*OPTIONS, "-o", str(tmp_path / "a"), "--json"])
    assert found.exit_code == 0, found.output
    facts = json.loads(found.stdout)
    assert facts["radius_mm"] == 100
    assert facts["windows"]["Peak"]["counts"] > 1000
    shown = CliRunner().invoke(program, [*OPTIONS, "-o", str(tmp_path / "a")])
    assert shown.exit_code == 0
    assert "Point source in air" in shown.stdout
    assert "TOMO.dcm" in shown.stdout


def test_what_is_refused(tmp_path):
    def said(*options):
        found = CliRunner().invoke(program, [*OPTIONS, *options, "-o", str(tmp_path / "b")])
        assert found.exit_code == 1
        return found.stderr

    assert "MBq" in said("--activity", "10 kg")
    assert "siemens-intevo" in said("--scanner", "siemens-inteva")
    assert "LEHR" in said("--collimator", "LEHX")
    assert "multiple of" in said("--views", "5")
