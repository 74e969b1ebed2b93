"""`hevesy kernel` as people and programs call it."""

import json
from pathlib import Path

import nibabel
import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.kernel import joined
from hevesy.cli.main import program


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, ["kernel", *(str(a) for a in arguments)])
    return result


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEVESY_CACHE", "")


@pytest.mark.parametrize(
    ("given", "sides"),
    [
        (["Lu-177", "--voxel", "4.8"], "4.8"),
        (["--voxel", "4.8", "Lu-177"], "4.8"),
        (["Lu-177", "--voxel", "4.8", "4.8", "3", "--medium", "soft"], "4.8 4.8 3"),
        (["--voxel", "4.8", "4.8", "3", "Lu-177"], "4.8 4.8 3"),
        (["Lu-177", "--voxel", "1", "2", "3", "4"], "1 2 3"),
    ],
)
def test_numbers_behind_voxel_are_joined(given: list[str], sides: str) -> None:
    after = joined(given)
    assert after[after.index("--voxel") + 1] == sides
    assert "Lu-177" in after


def test_nothing_else_is_touched() -> None:
    given = ["Lu-177", "--voxel=4.8", "--density", "1.04", "-o", "k.nii.gz", "--voxel"]
    assert joined(given) == given


def test_json_is_all_there_is_on_standard_output(tmp_path: Path) -> None:
    result = call("Lu-177", "--voxel", 4.8, "--extent", 40, "-o", tmp_path / "k.nii.gz", "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    facts = json.loads(result.stdout)
    assert {"S000", "S100", "S110", "S111", "S200", "S210", "S300"} <= set(facts)
    assert facts["voxel_mm"] == [4.8, 4.8, 4.8]
    assert nibabel.load(tmp_path / "k.nii.gz").shape == (9, 9, 9)


def test_three_sides(tmp_path: Path) -> None:
    path = tmp_path / "k.nii.gz"
    result = call("Y-90", "--voxel", 2, 3, 4, "--extent", 20, "--density", 1.04, "-o", path)
    assert result.exit_code == 0
    assert nibabel.load(path).header.get_zooms() == pytest.approx((2, 3, 4))
    for text in ("2 x 3 x 4 mm", "S001", "given", "beyond it", str(path.name)):
        assert text in result.stdout
    again = call("Y-90", "--voxel", "2,3,4", "--extent", 20, "--density", 1.04, "-o", path)
    assert again.stdout == result.stdout


@pytest.mark.parametrize("sides", [["4", "5"], ["4", "5", "6", "7"], ["wide"]])
def test_other_numbers_of_sides_are_wrong_use(tmp_path: Path, sides: list[str]) -> None:
    result = call("Lu-177", "--voxel", *sides, "-o", tmp_path / "k.nii")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Xx-1", "--voxel", 3], "Xx-1"),
        (["Lu-177", "--voxel", 3, "--medium", "cheese"], "allowed: "),
        (["Lu-177", "--voxel", 3000], "Are they in mm"),
        (["Lu-177", "--voxel", 3, "--leaving", 0.3], "no daughters"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: list[object], said: str) -> None:
    result = call(*arguments, "-o", tmp_path / "k.nii.gz", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_output_of_another_kind_is_refused(tmp_path: Path) -> None:
    result = call("Lu-177", "--voxel", 3, "-o", tmp_path / "k.dcm")
    assert result.exit_code == 1
    assert ".nii.gz" in result.stderr
