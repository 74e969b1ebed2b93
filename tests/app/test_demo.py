"""The demo: its files, its settings, and the known truth beside each result."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hevesy.app import demo, demo_steps
from hevesy.app.dose import run as dose
from hevesy.app.settings import load_settings
from hevesy.errors import InputError
from hevesy.reports.writing import result_json


@pytest.fixture(scope="module")
def made(small_study: Any, small_spec: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo on the small virtual patient, whose files are made already; without registration and pages, for speed."""

    def ready(folder: Path, **_: Any) -> Any:
        return small_study

    def short(study: Path, out: Path, **given: Any) -> Any:
        return dose(study, out, registration="none", **given)

    def only_json(result: Any, folder: Path, **_: Any) -> tuple[Path, ...]:
        (folder / "result.json").write_bytes(result_json(result))
        return ()

    folder = tmp_path_factory.mktemp("demo") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "make_virtual_study", ready)
        patch.setattr(demo_steps, "run_dose", short)
        patch.setattr("hevesy.reports.write_reports", only_json)
        demo.run(folder, seed=3, occasions=demo.Occasions(first=small_spec), whole=False)
    return folder


def test_truth_stands_beside_each_result(made: Path, small_study: Any) -> None:
    result = json.loads((made / "result" / "result.json").read_text("utf-8"))
    assert result["synthetic"] is True
    assert tuple(result["regions"]) == small_study.regions
    for name, region in result["regions"].items():
        truth = region["truth"]
        assert truth["mean_dose_Gy"] == pytest.approx(small_study.truths[name].mean_dose)
        z = (region["mean_dose_Gy"] - truth["mean_dose_Gy"]) / region["u_mean_dose_Gy"]
        assert truth["z_mean_dose"] == pytest.approx(z, rel=1e-3)


def test_its_settings_are_a_settings_file(made: Path, small_spec: Any) -> None:
    settings = load_settings(made / "study.toml")
    assert settings.dosimetry.resolution_mm == small_spec.resolution
    assert set(tomllib.loads((made / "study.toml").read_text("utf-8"))) == {"calibration", "dosimetry"}


def test_what_is_not_a_virtual_study_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        demo.run(tmp_path / "file")
    (tmp_path / "mine" / "study").mkdir(parents=True)
    (tmp_path / "mine" / "study" / "scan.dcm").write_text("x")
    with pytest.raises(InputError, match="not a virtual study"):
        demo.run(tmp_path / "mine")
    assert not (tmp_path / "mine" / "study.toml").exists()
