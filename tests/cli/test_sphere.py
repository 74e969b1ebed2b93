"""`hevesy sphere` as people and programs call it."""

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, ["sphere", *(str(a) for a in arguments)])
    return result


def test_masses_and_volumes() -> None:
    result = call("Lu-177", "--mass", 1, "--mass", 10, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert [row["mass_g"] for row in json.loads(result.stdout)["spheres"]] == pytest.approx([1, 10])
    by_volume = json.loads(call("Lu-177", "--volume", 10, "--density", 1.04, "--json").stdout)
    assert by_volume["spheres"][0]["mass_g"] == pytest.approx(10.4)


def test_a_table_that_says_what_it_is() -> None:
    shown = call("Lu-177").stdout
    for text in ("Tissue, soft (ICRP)", "ESTAR", "endless medium", "1000"):
        assert text in shown


def test_a_dose_over_a_time() -> None:
    result = call("Th-227", "--volume", 10, "--activity", "1 MBq", "--time", "80 d", "--json")
    facts = json.loads(result.stdout)
    assert (facts["activity_MBq"], facts["time_d"]) == (1, 80)
    assert facts["spheres"][0]["dose_Gy"] > 4 * facts["spheres"][0]["dose_of_parent_Gy"]
    shown = call("Th-227", "--volume", 10, "--activity", "1000kBq", "--time", "1920h").stdout
    assert "Ra-223" in shown
    assert "by Th-227 alone" in shown


@pytest.mark.parametrize(
    "quantities",
    [
        ["--activity", "1", "--time", "80 d"],
        ["--activity", "1 mCi", "--time", "80 d"],
        ["--activity", "1 MBq", "--time", "eighty days"],
        ["--activity", "-1 MBq", "--time", "80 d"],
        ["--activity", "1.2.3 MBq", "--time", "80 d"],
    ],
)
def test_a_quantity_without_a_known_unit_is_wrong_use(quantities: list[str]) -> None:
    result = call("Th-227", "--mass", 1, *quantities)
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Xx-1"], "Xx-1"),
        (["Lu-177", "--mass", 1, "--volume", 1], "got both"),
        (["Lu-177", "--activity", "1 MBq"], "got one of them"),
        (["Lu-177", "--mass", 0], "mass of a sphere"),
        (["Lu-177", "--medium", "cheese"], "allowed: "),
    ],
)
def test_what_is_refused(arguments: list[object], said: str) -> None:
    result = call(*arguments, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
