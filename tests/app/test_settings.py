"""Every key of a settings file has an effect or is refused, and what wins over a header is said."""

import json
import math
import tomllib
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hevesy.app.inspect import as_dict, inspect, save_settings
from hevesy.app.settings import Settings, choices, load_settings
from hevesy.errors import HevesyError, InputError
from hevesy.units import MBq, h


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, tiny: ModuleType) -> Path:
    return tiny.study(tmp_path_factory.mktemp("settings") / "study")


def facts(study: Path, tmp_path: Path, text: str) -> dict[str, Any]:
    return as_dict(inspect(study, settings_path=written(tmp_path / "s.toml", text)))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nucleide = 'Lu-177'", "nucleide"),
        ("[administration]\nactivity_GBq = 7.4", "administration.activity_GBq"),
        ("[calibration]\ncps = 9", "calibration.cps"),
        ("[dosimetry]\npvc = 'yang'", "dosimetry.pvc"),
        ("[[scan]]\nmatch = 'x'\nskip = true", "scan.0.skip"),
        ("[[volume]]\npath = 'x'\nkind = 'ct'\nvisit = '1'\nunits = 'HU'", "volume.0.units"),
        ("[regions.Liver]\nmass_g = 1500", "regions.Liver.mass_g"),
        ("[output]\npdf = false", "output"),
    ],
)
def test_an_unknown_key_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(InputError, match=f"s.toml: {named}"):
        load_settings(written(tmp_path / "s.toml", text))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[administration]\nactivity_MBq = -1", "administration.activity_MBq"),
        ("[administration]\nactivity_MBq = nan", "administration.activity_MBq"),
        ("[administration]\nactivity_MBq = inf", "administration.activity_MBq"),
        ("[administration]\nactivity_MBq = '7.4 GBq'", "administration.activity_MBq"),
        ("[administration]\ntime = 'yesterday'", "administration.time"),
        ("[administration]\ntime = 09:30:00", "administration.time"),
        ("[administration]\nresidual_MBq = -5", "administration.residual_MBq"),
        ("[calibration]\ncps_per_MBq = 0", "calibration.cps_per_MBq"),
        ("[calibration]\nu_percent = 101", "calibration.u_percent"),
        ("[dosimetry]\nengine = 'monte-carlo'", "dosimetry.engine"),
        ("[dosimetry]\nmodel = 'quad'", "dosimetry.model"),
        ("[dosimetry]\nregistration = 'elastic'", "dosimetry.registration"),
        ("[dosimetry]\nresolution_mm = inf", "dosimetry.resolution_mm"),
        ("[[scan]]\nuse = false", "scan.0.match"),
        ("[[scan]]\nmatch = 'x'\ndead_time_factor = 0.9", "scan.0.dead_time_factor"),
        ("[[scan]]\nmatch = 'x'\ndead_time_factor = nan", "scan.0.dead_time_factor"),
        ("[[scan]]\nmatch = 'x'\ndecay_correction = 'YES'", "scan.0.decay_correction"),
        ("[[volume]]\npath = 'x'\nkind = 'mask'\nvisit = '1'", "volume.0.kind"),
        ("[regions.Liver]\nmodel = 'spline'", "regions.Liver.model"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        load_settings(written(tmp_path / "s.toml", text))


def test_files_that_are_no_settings(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such settings file"):
        load_settings(tmp_path / "none.toml")
    with pytest.raises(InputError, match="s.toml: not TOML"):
        load_settings(written(tmp_path / "s.toml", "activity = = 7"))
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\0\0")
    with pytest.raises(InputError, match="b.toml: not TOML"):
        load_settings(tmp_path / "b.toml")
    with pytest.raises((InputError, IsADirectoryError)):
        load_settings(tmp_path)
    assert load_settings(None) == Settings()
    assert load_settings(written(tmp_path / "bom.toml", "\ufeffnuclide = 'Lu-177'")).nuclide == "Lu-177"


# --- what wins


def test_settings_win_over_the_header_and_say_so(study: Path, tmp_path: Path, tiny: ModuleType) -> None:
    found = facts(study, tmp_path, "[administration]\nactivity_MBq = 7000\ntime = 2024-03-04T08:30:00\n")
    a = found["administration"]
    assert a["activity_MBq"] == 7000
    assert a["time"] == "2024-03-04T08:30:00"
    assert a["source"] == "header; activity, time from settings"
    assert [scan["time_h"] for scan in found["scans"]] == pytest.approx([t + 1 for t in tiny.TIMES])
    said = "\n".join(found["remarks"])
    assert "7000 MBq; the header says 7400.00 MBq" in said
    assert "08:30:00; the header says 2024-03-04 09:30:00" in said


def test_the_same_as_the_header_is_the_header(study: Path, tmp_path: Path) -> None:
    found = facts(study, tmp_path, "[administration]\nactivity_MBq = 7400\ntime = 2024-03-04T09:30:00\n")
    assert found["administration"]["source"] == "header"
    assert found["remarks"] == []


def test_all_from_the_settings(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    files = list(study.rglob("SPECT.dcm"))
    tiny.change(files, lambda ds: delattr(ds, "RadiopharmaceuticalInformationSequence"))
    bare = as_dict(inspect(study))
    assert bare["administration"] is None
    assert not bare["ready_for_dosimetry"]
    found = facts(study, tmp_path, "nuclide = '177Lu'\n[administration]\nactivity_MBq = 7400\ntime = 2024-03-04T09:30:00\n")
    assert found["administration"]["source"] == "settings"
    assert found["ready_for_dosimetry"]
    assert [s["total_activity_MBq"] for s in found["scans"]] == pytest.approx([x / MBq for x in tiny.TOTALS], rel=1e-5)


def test_another_nuclide_in_the_settings_contradicts_the_half_life(study: Path, tmp_path: Path) -> None:
    found = facts(study, tmp_path, "nuclide = 'I-131'")
    assert any("(0018,1075)" in p["text"] for p in found["problems"])
    assert any("nuclide from the settings, I-131; the header says Lu-177" in line for line in found["remarks"])


@pytest.mark.parametrize("name", ["Lu-999", "unobtainium", "", "Lu"])
def test_a_nuclide_that_there_is_not(study: Path, tmp_path: Path, name: str) -> None:
    try:
        found = facts(study, tmp_path, f"nuclide = '{name}'")
    except HevesyError:
        return
    assert found["problems"]


def test_residual_is_brought_to_the_administration_and_subtracted(study: Path, tmp_path: Path, tiny: ModuleType) -> None:
    """100 MBq left, measured 10 h later: 100 exp(lambda 10 h) were left at the administration."""
    at = tiny.GIVEN_AT + timedelta(hours=10)
    found = facts(study, tmp_path, f"[administration]\nresidual_MBq = 100\nresidual_time = {at.isoformat()}\n")
    residual = 100 * math.exp(tiny.LAM * 10 * h)
    assert found["administration"]["residual_MBq"] == pytest.approx(residual, rel=1e-6)
    assert found["administration"]["activity_MBq"] == pytest.approx(7400 - residual, rel=1e-6)
    assert "residual" in found["administration"]["source"]
    assert any("residual of" in line for line in found["remarks"])
    plain = facts(study, tmp_path, "[administration]\nresidual_MBq = 100\n")
    assert plain["administration"]["activity_MBq"] == pytest.approx(7300)


def test_a_residual_time_alone_is_refused(study: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="residual_MBq"):
        facts(study, tmp_path, "[administration]\nresidual_time = 2024-03-04T19:30:00\n")


def test_a_residual_as_large_as_the_activity(study: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="residual"):
        facts(study, tmp_path, "[administration]\nresidual_MBq = 7400\n")


def test_a_time_with_a_zone_is_not_moved_in_silence(study: Path, tmp_path: Path) -> None:
    """Scanners write local time without a zone: 07:30 UTC cannot be set beside it."""
    with pytest.raises(InputError, match="zone"):
        facts(study, tmp_path, "[administration]\ntime = 2024-03-04T07:30:00Z\n")


# --- scans


def test_a_scan_left_out(study: Path, tmp_path: Path) -> None:
    found = facts(study, tmp_path, "[[scan]]\nmatch = 'V3/SPECT'\nuse = false\n")
    assert [s["label"] for s in found["scans"]] == ["V1/SPECT", "V2/SPECT"]
    assert "V3/SPECT: left out by the settings." in found["remarks"]


@pytest.mark.parametrize("match", ["V2/SPECT", "V2/SPECT/SPECT.dcm", "1.2.3.5.1.2"])
def test_start_and_duration_of_a_scan(study: Path, tmp_path: Path, tiny: ModuleType, match: str) -> None:
    found = facts(study, tmp_path, f"[[scan]]\nmatch = '{match}'\nstart = 2024-03-05T10:30:00\nduration_s = 2400\n")
    scan = next(s for s in found["scans"] if s["label"] == "V2/SPECT")
    assert scan["time_h"] == pytest.approx(25.0)
    assert scan["duration_s"] == 2400

    def f(t: float) -> float:
        return tiny.LAM * t / -math.expm1(-tiny.LAM * t)

    assert scan["total_activity_MBq"] == pytest.approx(tiny.TOTALS[1] / MBq * f(2400) / f(1200), rel=1e-5)
    assert any("start from the settings" in line and "the header says" in line for line in found["remarks"])
    assert any("duration from the settings" in line for line in found["remarks"])


def test_a_match_that_meets_nothing_names_what_is_there(study: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'V9' meets 0 scans.*V1/SPECT, V2/SPECT, V3/SPECT"):
        facts(study, tmp_path, "[[scan]]\nmatch = 'V9'\n")


def test_numbers_that_only_inspect_of_dosimetry_uses() -> None:
    """Each key of [dosimetry] and [calibration] u_percent reaches the recipe in its own unit."""
    text = """
    [calibration]
    u_percent = 4
    [dosimetry]
    engine = "local"
    registration = "none"
    model = "bi"
    reference = "V2/SPECT"
    partial_volume = "yang"
    resolution_mm = 12.5
    point_u_percent = 2
    registration_u_mm = 1.5
    boundary_u_mm = 0.5
    density_u_percent = 3
    density_without_ct_g_per_ml = 1.06
    [regions.Liver]
    model = "mono"
    """
    made = choices(Settings.model_validate(tomllib.loads(text)))
    assert (made.registration, made.model, made.reference, made.partial_volume) == ("none", "bi", "V2/SPECT", "yang")
    assert (made.resolution, made.registration_u, made.boundary_u, made.density_without_ct) == (12.5, 1.5, 0.5, 1.06)
    assert (made.calibration_u, made.point_u, made.density_u) == pytest.approx((0.04, 0.02, 0.03))
    assert made.models == {"Liver": "mono"}
    asked = choices(Settings.model_validate(tomllib.loads(text)), engine="local", registration="rigid", model="uptake")
    assert (asked.registration, asked.model) == ("rigid", "uptake")


# --- the file that inspect writes


def both(study: Path, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    before = inspect(study)
    save_settings(before, path)
    return as_dict(before), as_dict(inspect(study, settings_path=path))


def test_what_is_written_gives_the_same_again(study: Path, tmp_path: Path) -> None:
    before, after = both(study, tmp_path / "study.toml")
    assert json.dumps(after) == json.dumps(before)


def test_what_is_written_of_the_virtual_patient(small_study: Any, tmp_path: Path) -> None:
    before, after = both(small_study.folder, tmp_path / "study.toml")
    assert json.dumps(after) == json.dumps(before)


def test_names_that_toml_must_quote(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study", region='Niere "links"/a\\b.c=[1] Läsion')
    before, after = both(study, tmp_path / "study.toml")
    assert json.dumps(after) == json.dumps(before)
    assert load_settings(tmp_path / "study.toml").regions.keys() == {r["name"] for r in before["regions"]}


def test_control_characters_in_a_name(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    path = study / "V2" / "RT" / "organs.dcm"
    tiny.change(path, lambda ds: setattr(ds.StructureSetROISequence[0], "ROIName", "Liver\tnew\x1bx"))
    _, after = both(study, tmp_path / "study.toml")
    assert len(after["regions"]) == 1


def test_fractions_of_a_second_survive(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    tiny.change(study / "V2" / "SPECT" / "SPECT.dcm", lambda ds: setattr(ds, "AcquisitionTime", "093000.123456"))
    before, after = both(study, tmp_path / "study.toml")
    assert json.dumps(after) == json.dumps(before)


def test_what_is_missing_is_marked(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    files = list(study.rglob("SPECT.dcm"))

    def spoil(ds: Any) -> None:
        del ds.RadiopharmaceuticalInformationSequence
        del ds.AcquisitionTime
        del ds.RealWorldValueMappingSequence
        ds.CorrectedImage = ["DECY"]

    tiny.change(files, spoil)
    save_settings(inspect(study), tmp_path / "study.toml")
    lines = (tmp_path / "study.toml").read_text("utf-8").splitlines()
    marked = {line.split("=")[0].strip("# ").strip() for line in lines if "MISSING: " in line}
    assert marked == {"nuclide", "activity_MBq", "time", "cps_per_MBq", "start", "decay_correction"}
    assert load_settings(tmp_path / "study.toml").nuclide is None


def test_somebodys_work_is_not_overwritten(study: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "study.toml", "# mine\n")
    found = inspect(study)
    with pytest.raises(InputError, match="--force"):
        save_settings(found, path)
    assert path.read_text() == "# mine\n"
    save_settings(found, path, overwrite=True)
    assert "[administration]" in path.read_text()
    assert list(tmp_path.glob(".part-*")) == []
