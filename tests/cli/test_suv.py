"""`hevesy suv` and `hevesy eligible` as people and programs call them."""

import json
from pathlib import Path
from types import ModuleType

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.eligible import eligible
from hevesy.cli.suv import suv
from hevesy.cli.suv_options import ACTIVITY, HEIGHT, WEIGHT, quantity
from hevesy.errors import InputError
from hevesy.model import DecayCorrection

PROGRAM = typer.Typer()
PROGRAM.command()(suv)
PROGRAM.command()(eligible)


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(PROGRAM, [str(a) for a in arguments])
    return result


def study(tiny: ModuleType, folder: Path) -> Path:
    files = tiny.pt(folder / "pet", tiny.block(1e8), correction=DecayCorrection.START)
    rings = tiny.block_rings()
    tiny.rtstruct(folder / "rs.dcm", {"Lesion 1": rings, "Liver": rings[:2]}, files)
    return folder


def test_suv_in_words_and_json(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path)
    shown = call("suv", folder)
    assert shown.exit_code == 0, shown.stderr
    for text in ("Lesion 1", "Liver", "START", "body weight", "without u"):
        assert text in shown.stdout
    options = ("--weight", "80 kg", "--activity", "7.4 GBq", "--u-calibration", 5, "--u-activity", 2, "--noise", 10)
    facts = json.loads(call("suv", folder, "--json", "--region", "Lesion 1", *options).stdout)
    assert list(facts["regions"]) == ["Lesion 1"]
    assert facts["regions"]["Lesion 1"]["u_suv_mean"] > 0
    assert "80.00 kg" in " ".join(facts["corrections"])
    assert "stated" in " ".join(facts["corrections"])


def test_units_are_part_of_a_number() -> None:
    assert quantity("70 kg", WEIGHT, "--weight") == 70.0
    assert quantity("172cm", HEIGHT, "--height") == quantity("1.72 m", HEIGHT, "--height") == 1720.0
    assert quantity("10 mCi", ACTIVITY, "--activity") == pytest.approx(370e6)
    assert quantity(None, ACTIVITY, "--activity") is None
    for wrong in ("70", "kg", "-3 kg", "nan kg", "inf kg", "70 lb", ""):
        with pytest.raises(InputError, match="with its unit"):
            quantity(wrong, WEIGHT, "--weight")


def test_suv_refuses_in_words(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path)
    for wrong, said in ((("--weight", "70"), "with its unit"), (("--noise", "-1"), "positive"), (("--scan", "x"), "meets 0")):
        refused = call("suv", folder, *wrong)
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert "no such folder" in call("suv", tmp_path / "none").stderr


def test_eligible_in_words_and_json(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path)
    shown = call("eligible", folder, "--criteria", "vision", "--lesion", "Lesion 1", "--size", "Lesion 1=node:28 mm")
    assert shown.exit_code == 0, shown.stderr
    for text in ("VISION", "unverified", "assumed", "whole tumour", "physician"):
        assert text in shown.stdout
    facts = json.loads(call("eligible", folder, "--criteria", "promise-v1", "--json").stdout)
    assert facts["criteria"] == "promise-v1"
    assert facts["rules"] == []


def test_eligible_list() -> None:
    shown = call("eligible", "--list")
    assert "Sartor" in shown.stdout
    assert "unverified" in shown.stdout
    assert {row["name"] for row in json.loads(call("eligible", "--list", "--json").stdout)["criteria"]} >= {"vision", "therap"}


def test_eligible_refuses_in_words(tmp_path: Path) -> None:
    for wrong, said in (
        ((), "--list"),
        ((tmp_path, "--criteria", "vision", "--size", "A:3"), "NAME=SITE:LENGTH"),
        ((tmp_path, "--criteria", "vision", "--reference", "liver"), "NAME=VALUE"),
    ):
        refused = call("eligible", *wrong)
        assert refused.exit_code == 1
        assert said in refused.stderr
