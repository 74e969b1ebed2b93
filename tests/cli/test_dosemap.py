"""`hevesy dosemap` as people and programs call it."""

import json
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program

SHAPE = (9, 9, 9)


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEVESY_CACHE", "")


@pytest.fixture
def maps(tmp_path: Path) -> dict[str, Path]:
    lesion = np.zeros(SHAPE, np.float32)
    lesion[3:6, 3:6, 3:6] = 1
    made = {"tia": 1e8 * lesion + 1e6, "density": np.ones(SHAPE, np.float32), "regions": lesion}
    for name, values in made.items():
        nibabel.save(nibabel.Nifti1Image(values, np.diag([4.0, 4.0, 4.0, 1.0])), tmp_path / f"{name}.nii.gz")
    return {name: tmp_path / f"{name}.nii.gz" for name in made}


def call(maps: dict[str, Path], *arguments: object, nuclide: str = "Lu-177") -> Result:
    given: list[Any] = ["dosemap", "--nuclide", nuclide]
    for name, path in maps.items():
        given += [f"--{name}", path]
    result: Result = CliRunner().invoke(program, [str(a) for a in (*given, *arguments)])
    return result


def test_the_contract_of_each_engine(maps: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "dose.nii.gz"
    for name, options in (("montecarlo", ["--uncertainty", 0.05, "--seed", 3]), ("kernel", []), ("local", [])):
        result = call(maps, "--engine", name, *options, "-o", out, "--json")
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        facts = json.loads(result.stdout)
        assert {"regions", "cpu_s", "wall_s", "compile_s", "histories"} <= set(facts)
        assert list(facts["regions"]) == ["1"]
        assert facts["regions"]["1"]["mean_Gy"] > 0
        chance = name == "montecarlo"
        assert (facts["regions"]["1"]["u_Gy"] is not None) == (facts["histories"] is not None) == chance
        assert nibabel.load(out).shape == ((*SHAPE, 2) if chance else SHAPE)


def test_what_is_shown(maps: dict[str, Path], tmp_path: Path) -> None:
    shown = call(maps, "-o", tmp_path / "dose.nii")
    assert shown.exit_code == 0
    for text in ("montecarlo", "lung below 0.6 g/ml", "label", "u / Gy", "seed 177", "compiling", "standard uncertainty"):
        assert text in shown.stdout
    without = call({key: maps[key] for key in ("tia", "density")}, "--engine", "local", "-o", tmp_path / "dose.nii")
    assert "greatest dose" in without.stdout


def test_a_material_map_with_names(maps: dict[str, Path], tmp_path: Path) -> None:
    given = maps | {"material": maps["regions"]}
    result = call(given, "--materials", "water, soft", "-o", tmp_path / "dose.nii", "--json")
    assert json.loads(result.stdout)["materials"] == "from the map: 0 water, 1 soft"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--engine", "magic"], 2, "magic"),
        (["--engine", "local", "--seed", 1], 1, "no use for seed"),
        (["--engine", "kernel", "--uncertainty", 0.01], 1, "no use for uncertainty"),
        (["--uncertainty", 2], 1, "0.01 is 1 %"),
        (["--materials", "air"], 1, "no map of them"),
        (["--leaving", 0.5], 1, "no daughters"),
        (["--engine", "local", "--leaving", 0.5], 1, "no daughters"),
    ],
)
def test_what_is_refused(maps: dict[str, Path], tmp_path: Path, arguments: list[object], code: int, said: str) -> None:
    result = call(maps, *arguments, "-o", tmp_path / "dose.nii.gz", "--json")
    assert result.exit_code == code
    assert result.stdout == ""
    assert said in result.stderr
    assert not (tmp_path / "dose.nii.gz").exists()


def test_files_that_are_refused(maps: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "dose.nii.gz"
    for given, said in (
        (maps | {"tia": tmp_path / "none.nii"}, "no such file"),
        (maps | {"density": maps["tia"]}, "Are these HU"),
    ):
        result = call(given, "-o", out)
        assert result.exit_code == 1
        assert said in result.stderr
    assert "end with .nii" in call(maps, "-o", tmp_path / "dose.dcm").stderr
    assert "Xx-1" in call(maps, "-o", out, nuclide="Xx-1").stderr
    assert not out.exists()


def test_an_interrupted_run_leaves_nothing(maps: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hevesy.app.dosemap.timed_dose", stop)
    result = call(maps, "-o", tmp_path / "dose.nii.gz")
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in maps.values()}
