"""The program as people and programs call it: what goes to which stream, and which code it ends with."""

import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy import __version__
from hevesy.cli.main import program


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, [str(a) for a in arguments])
    return result


def refused(result: Result, *said: str, code: int = 1) -> None:
    """A message on standard error, nothing on standard output, no traceback."""
    assert result.exit_code == code
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert all(line.startswith("error: ") for line in result.stderr.splitlines())
    assert "Traceback" not in result.stderr
    for text in said:
        assert text in result.stderr


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, tiny: ModuleType) -> Path:
    return tiny.study(tmp_path_factory.mktemp("cli") / "study")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only result.json of the reports."""
    from hevesy.reports import writing

    def write(result: Any, folder: Path, *, progress: Any = None) -> tuple[Path, ...]:
        (folder / "result.json").write_bytes(writing.result_json(result))
        return ()

    monkeypatch.setattr("hevesy.reports.write_reports", write)


def test_version_and_help() -> None:
    assert call("--version").stdout.strip() == f"hevesy {__version__}"
    shown = call("--help")
    assert shown.exit_code == 0
    for command in ("demo", "inspect", "dose", "nuclide", "fit"):
        assert command in shown.stdout
        assert call(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["dose"], ["inspect", "--nonsense"], ["dose", "x", "-o", "y", "--engine", "z"]]
)
def test_wrong_use_ends_with_two(arguments: list[str]) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


# --- nuclide and fit


def test_nuclide() -> None:
    shown = call("nuclide", "177Lu")
    assert shown.exit_code == 0
    assert "Lu-177" in shown.stdout
    facts = json.loads(call("nuclide", "Lu-177", "--json").stdout)
    assert facts["name"] == "Lu-177"
    refused(call("nuclide", "Xx-1", "--json"), "Xx-1")


def test_fit(tmp_path: Path) -> None:
    table = tmp_path / "tac.csv"
    table.write_text("region,time_h,activity_MBq\nLiver,4,100\nLiver,24,80\nLiver,72,40\nLiver,168,10\n")
    facts = json.loads(call("fit", table, "--nuclide", "Lu-177", "--json").stdout)
    assert {"model", "tia_MBq_h", "u_tia_MBq_h", "effective_half_life_h", "warnings"} <= set(facts["regions"]["Liver"])
    assert call("fit", table, "--nuclide", "Lu-177").exit_code == 0
    refused(call("fit", tmp_path / "none.csv", "--nuclide", "Lu-177"), "none.csv")
    refused(call("fit", tmp_path, "--nuclide", "Lu-177"))
    table.write_bytes(b"\xff\xfe\0\1")
    refused(call("fit", table, "--nuclide", "Lu-177"), "tac.csv")


# --- inspect


def test_inspect(study: Path) -> None:
    shown = call("inspect", study)
    assert shown.exit_code == 0
    assert "ready for dosimetry" in shown.stdout
    result = call("inspect", study, "--json")
    facts = json.loads(result.stdout)
    assert result.stderr == ""
    assert [scan["time_h"] for scan in facts["scans"]] == [4.0, 24.0, 72.0]


def test_inspect_prints_all_and_ends_with_one_where_something_is_wrong(study: Path, tmp_path: Path) -> None:
    copy = tmp_path / "study"
    shutil.copytree(study, copy)
    (copy / "V1" / "SPECT" / "lost.dcm").write_bytes(b"")
    result = call("inspect", copy, "--json")
    assert result.exit_code == 1
    facts = json.loads(result.stdout)
    assert "lost.dcm" in facts["problems"][0]["where"]
    assert len(facts["scans"]) == 3
    assert "lost.dcm" in call("inspect", copy).stdout


def test_inspect_writes_settings_once(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    result = call("inspect", study, "--write-settings", path, "--json")
    assert result.exit_code == 0
    json.loads(result.stdout)
    path.write_text("# mine\n")
    refused(call("inspect", study, "--write-settings", path), "--force")
    assert path.read_text() == "# mine\n"
    assert call("inspect", study, "--write-settings", path, "--force").exit_code == 0
    assert call("inspect", study, "--settings", path, "--json").exit_code == 0
    refused(call("inspect", study, "--write-settings", tmp_path / "no" / "such.toml"), "such.toml")


def test_inspect_of_nothing(tmp_path: Path) -> None:
    refused(call("inspect", tmp_path / "nowhere"), "no such folder")
    (tmp_path / "file").write_text("x")
    refused(call("inspect", tmp_path / "file"), "no such folder")
    (tmp_path / "empty").mkdir()
    result = call("inspect", tmp_path / "empty", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"]


def test_settings_that_are_refused(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("nucleide = 'Lu-177'\n")
    refused(call("inspect", study, "--settings", path), "nucleide")
    refused(call("dose", study, "-o", tmp_path / "out", "--settings", path), "nucleide")
    refused(call("dose", study, "-o", tmp_path / "out", "--settings", tmp_path), "settings")
    assert not (tmp_path / "out").exists()


def test_a_name_in_files_and_folders_is_not_printed(study: Path, tmp_path: Path, tiny: ModuleType) -> None:
    """Names stand in paths and descriptions too; what is printed of them is blanked."""
    copy = tmp_path / "study"
    shutil.copytree(study, copy)
    (copy / "V1").rename(copy / "V1 Zaphodius")
    (copy / "V2" / "RT" / "organs.dcm").rename(copy / "V2" / "RT" / "organs_Beeblebrox.dcm")
    spect = copy / "V1 Zaphodius" / "SPECT"
    tiny.change(spect / "SPECT.dcm", lambda ds: setattr(ds, "SeriesDescription", "SPECT of Beeblebrox"))
    (spect / "SPECT.dcm").rename(spect / "Beeblebrox.dcm")
    settings = tmp_path / "s.toml"
    for text in ("", "[administration]\ntime = 2024-03-05T00:00:00\n", "nuclide = 'I-131'\n"):
        settings.write_text(text)
        for arguments in (["inspect", copy], ["inspect", copy, "--json"], ["dose", copy, "-o", tmp_path / "out"]):
            if arguments[0] == "dose" and not text:
                continue
            result = call(*arguments, "--settings", settings)
            for name in ("Beeblebrox", "Zaphodius"):
                assert name.lower() not in (result.stdout + result.stderr).lower(), (text, arguments[0])


# --- dose


@pytest.mark.usefixtures("quick")
def test_dose(study: Path, tmp_path: Path) -> None:
    result = call("dose", study, "-o", tmp_path / "out", "--registration", "none", "--engine", "local", "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    facts = json.loads(result.stdout)
    assert {**json.loads((tmp_path / "out" / "result.json").read_text()), "files": 0, "timings_s": 0}.keys() == facts.keys()
    shown = call("dose", study, "-o", tmp_path / "out", "--registration", "none")
    assert shown.exit_code == 0
    assert "Kidney_Left" in shown.stdout


@pytest.mark.usefixtures("quick")
def test_dose_where_it_cannot_write(study: Path, tmp_path: Path) -> None:
    refused(call("dose", study, "-o", study), "study folder itself")
    (tmp_path / "file").write_text("x")
    refused(call("dose", study, "-o", tmp_path / "file"), "is a file")
    refused(call("dose", study, "-o", tmp_path / "file" / "below", "--registration", "none"), "file")
    refused(call("dose", tmp_path / "nowhere", "-o", tmp_path / "out"), "no such folder")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (OSError(28, "No space left on device"), "No space left", 1),
        (MemoryError(), "memory", 1),
        (KeyboardInterrupt(), "interrupted", 130),
    ],
)
def test_dose_that_does_not_come_to_its_end(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str, code: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("hevesy.dicom.write_rtdose.write_rtdose", fail)
    refused(call("dose", study, "-o", tmp_path / "out", "--registration", "none"), said, code=code)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_dose_names_every_problem(study: Path, tmp_path: Path, tiny: ModuleType) -> None:
    copy = tmp_path / "study"
    shutil.copytree(study, copy)
    shutil.rmtree(copy / "V2" / "RT")
    (copy / "lost.dcm").write_bytes(b"")
    refused(call("dose", copy, "-o", tmp_path / "out", "--json"), "lost.dcm", "regions")


# --- demo


def test_demo_refuses_what_it_would_overwrite(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(call("demo", tmp_path / "file"), "is a file")
    (tmp_path / "mine" / "study").mkdir(parents=True)
    (tmp_path / "mine" / "study" / "scan.dcm").write_text("x")
    refused(call("demo", tmp_path / "mine", "--json"), "not a virtual study")
    assert (tmp_path / "mine" / "study" / "scan.dcm").read_text() == "x"
    assert call("demo", tmp_path / "x", "--seed", "-1").exit_code == 2
