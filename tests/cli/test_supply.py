"""`hevesy supply ...`: each command answers people and programs, and refuses with what to do."""

import json

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.supply_day import day
from hevesy.cli.supply_generator import generator
from hevesy.cli.supply_network import network
from hevesy.cli.supply_order import order
from hevesy.cli.supply_produce import produce

group = typer.Typer()
for command in (day, generator, network, order, produce):
    group.command()(command)


def call(*arguments):
    return CliRunner(env={"COLUMNS": "110"}).invoke(group, [str(a) for a in arguments])


def test_generator_for_people_and_programs():
    given = ("generator", "--parent", "Mo-99", "--activity", "20 GBq", "--hours", "24")
    facts = json.loads(call(*given, "--json").stdout)
    assert facts["daughter_MBq"] == pytest.approx(13790, rel=2e-3)
    said = call(*given, "--breakthrough", "Mo-99=0.05 kBq/MBq").stdout
    assert "eluted: 13787 MBq Tc-99m" in said
    assert "10.5 h" in said
    assert "unverified" in said


def test_an_unknown_generator_is_refused():
    result = call("generator", "--parent", "Tc-99m", "--activity", "20 GBq")
    assert result.exit_code == 1
    assert "Mo-99 (Tc-99m)" in result.stderr


def test_order_network_and_produce(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("patient,activity,injection\nP1,370 MBq,10:00\n")
    said = call("order", path, "--nuclide", "F-18", "--calibration", "08:00", "--late", "2 h").stdout
    assert "789 MBq F-18 at 08:00" in said
    assert "47 %" in said
    said = call("network", "--outage", "HFR", "--days", "14").stdout
    assert "of the world's stock at the end" in said
    assert "unverified or assumed" in said
    facts = json.loads(call("produce", "--nuclide", "F-18", "--saturation", "400 GBq", "--irradiation", "2 h", "--json").stdout)
    assert facts["delivered_MBq"] == facts["end_of_irradiation_MBq"]


def test_day(tmp_path):
    pytest.importorskip("ortools")
    path = tmp_path / "plan.toml"
    path.write_text(
        'nuclide = "F-18"\n[[vial]]\nname = "A"\ncalibration = "08:00"\n[[scanner]]\nname = "PET"\nopens = "08:00"\n'
        'closes = "12:00"\n[[patient]]\nname = "P1"\nactivity = "300 MBq"\nuptake = "60 min"\nscan = "20 min"\n'
    )
    said = call("day", path).stdout
    assert "300 MBq F-18 at 08:00" in said
    assert "optimal" in said
