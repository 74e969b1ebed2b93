"""The activity of a scan at its start, as the header means it; each expected value is a closed form."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pydicom
import pytest

from hevesy.app.inspect import as_dict, inspect
from hevesy.units import MBq, h

TOTAL = 100.0  # MBq, as stored
HOURS = 24.0
F18 = 6586.2  # s


def facts(folder: Path, settings: str = "") -> dict[str, Any]:
    path = None
    if settings:
        path = folder.parent / "settings.toml"
        path.write_text(settings, "utf-8")
    return as_dict(inspect(folder, settings_path=path))


def text(found: dict[str, Any]) -> str:
    return "\n".join(f"{p['where']} {p['text']}" for p in found["problems"])


def in_frame(lam: float, duration: float) -> float:
    return lam * duration / -math.expm1(-lam * duration)


@pytest.fixture
def one(tmp_path: Path, tiny: ModuleType) -> Callable[..., dict[str, Any]]:
    """Facts of one scan of 100 MBq as stored, 24 h after the administration, its tags edited."""

    def make(
        kind: str, correction: str = "NONE", edit: Callable[[Any], None] | None = None, settings: str = "", **more: Any
    ) -> dict[str, Any]:
        folder = tmp_path / "study"
        word = tiny.DecayCorrection(correction)
        values = tiny.block(TOTAL * MBq)
        if kind == "PT":
            files = tiny.pt(folder, values, correction=word, hours=HOURS, **more)
        else:
            files = [tiny.nm(folder, values, correction=word, hours=HOURS, **more)]
        if edit is not None:
            tiny.change(files, edit)
        return facts(folder, settings)

    return make


def factors(tiny: ModuleType) -> dict[str, float]:
    f = in_frame(tiny.LAM, tiny.DURATION)
    administration = math.exp(tiny.LAM * HOURS * h)
    return {"f": f, "admin": administration, "1": 1.0}


@pytest.mark.parametrize(
    ("correction", "stated", "expected"),
    [
        # (0054,1102), (0054,1321) as written, and the factor from stored values to those at the start.
        ("NONE", lambda f, a: 1.0, lambda f, a: f),
        ("START", lambda f, a: f, lambda f, a: 1.0),  # decay during the scan is in the factor
        ("START", lambda f, a: 1.0, lambda f, a: f),  # and is not: then it is still to be done
        ("ADMIN", lambda f, a: a * f, lambda f, a: 1 / a),
        ("ADMIN", lambda f, a: a, lambda f, a: f / a),
        ("ADMIN", lambda f, a: 1.0, lambda f, a: 1 / a),  # contradicts the word, which is followed
    ],
)
def test_pt_follows_the_word_and_its_factor(
    one: Callable[..., dict[str, Any]], tiny: ModuleType, correction: str, stated: Any, expected: Any
) -> None:
    x = factors(tiny)
    found = one("PT", correction, decay_factor=stated(x["f"], x["admin"]))
    assert found["problems"] == []
    scan = found["scans"][0]
    assert scan["time_h"] == pytest.approx(HOURS)
    assert scan["decay_correction"] == correction
    assert scan["total_activity_MBq"] == pytest.approx(TOTAL * expected(x["f"], x["admin"]), rel=2e-5)


def test_a_factor_that_contradicts_the_word_is_told(one: Callable[..., dict[str, Any]]) -> None:
    assert any("(0054,1321) Decay Factor 1 is not that" in line for line in one("PT", "ADMIN", decay_factor=1.0)["remarks"])


@pytest.mark.parametrize("kind", ["PT", "NM"])
@pytest.mark.parametrize("word", ["START", "ADMIN"])
def test_a_stated_reference_time_wins_over_the_word(
    one: Callable[..., dict[str, Any]], tiny: ModuleType, kind: str, word: str
) -> None:
    """(0018,9701) is the time to which values are corrected, whatever (0054,1102) says."""
    at = tiny.GIVEN_AT + timedelta(hours=HOURS - 10)
    more = {"says_correction": True} if kind == "NM" else {"decay_factor": math.exp(tiny.LAM * 10 * h)}

    def edit(ds: Any) -> None:
        ds.DecayCorrectionDateTime = at.strftime("%Y%m%d%H%M%S")

    found = one(kind, word, edit, **more)
    f = in_frame(tiny.LAM, tiny.DURATION) if kind == "PT" else 1.0
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(TOTAL * math.exp(-tiny.LAM * 10 * h) * f, rel=2e-5)


def test_nm_without_decay_correction_is_a_mean_over_the_rotation(one: Callable[..., dict[str, Any]], tiny: ModuleType) -> None:
    found = one("NM")
    assert found["scans"][0]["duration_s"] == tiny.DURATION
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(TOTAL * in_frame(tiny.LAM, tiny.DURATION), rel=2e-5)


def test_nm_corrected_to_an_untold_time_needs_the_settings(one: Callable[..., dict[str, Any]], tiny: ModuleType) -> None:
    found = one("NM", "START")
    assert "(0018,9701)" in text(found)
    assert found["scans"][0]["total_activity_MBq"] is None
    assert found["scans"][0]["decay_correction"] == "unknown"
    x = factors(tiny)
    for word, factor in (("START", 1.0), ("ADMIN", 1 / x["admin"]), ("NONE", x["f"])):
        said = one("NM", "START", settings=f'[[scan]]\nmatch = "NM SC"\ndecay_correction = "{word}"\n')
        assert said["problems"] == []
        assert said["scans"][0]["total_activity_MBq"] == pytest.approx(TOTAL * factor, rel=2e-5)
        assert any("decay correction from the settings" in line for line in said["remarks"])


def test_a_word_that_dicom_does_not_know(one: Callable[..., dict[str, Any]]) -> None:
    found = one("PT", "START", lambda ds: setattr(ds, "DecayCorrection", "YES"))
    assert "(0054,1102)" in text(found)
    assert found["scans"][0]["total_activity_MBq"] is None


def test_decay_corrected_although_the_list_says_not(one: Callable[..., dict[str, Any]]) -> None:
    found = one("PT", "START", lambda ds: setattr(ds, "CorrectedImage", ["ATTN"]), decay_factor=1.0)
    assert any("(0028,0051)" in line for line in found["remarks"])


def short_lived(ds: Any) -> None:
    """F-18, given one hour before; all of a twenty-minute scan."""
    info = ds.RadiopharmaceuticalInformationSequence[0]
    info.RadionuclideCodeSequence[0].CodeMeaning = "^18^Fluorine"
    info.RadionuclideHalfLife = str(F18)
    del info.RadiopharmaceuticalCodeSequence
    info.Radiopharmaceutical = "FDG"
    start = datetime.strptime(ds.AcquisitionDate + ds.AcquisitionTime[:6], "%Y%m%d%H%M%S") - timedelta(hours=1)
    info.RadiopharmaceuticalStartDateTime = start.strftime("%Y%m%d%H%M%S")
    info.RadiopharmaceuticalStartTime = start.strftime("%H%M%S")


def test_decay_during_a_long_scan_of_a_short_lived_nuclide(one: Callable[..., dict[str, Any]], tiny: ModuleType) -> None:
    """20 min of F-18: the mean is 6.2 % below the start."""
    found = one("PT", "NONE", short_lived)
    assert found["problems"] == []
    assert found["scans"][0]["time_h"] == pytest.approx(1.0)
    lam = math.log(2) / F18
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(TOTAL * in_frame(lam, tiny.DURATION), rel=2e-4)


def test_duration_unknown_is_told(one: Callable[..., dict[str, Any]]) -> None:
    def edit(ds: Any) -> None:
        short_lived(ds)
        del ds.ActualFrameDuration

    found = one("PT", "NONE", edit)
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(TOTAL, rel=1e-5)
    assert any("duration" in line for line in found["remarks"])


def test_beds_scanned_one_after_the_other(one: Callable[..., dict[str, Any]], tiny: ModuleType) -> None:
    """Without decay correction each bed is brought to the common start by its own factor."""

    def edit(ds: Any) -> None:
        short_lived(ds)
        if float(ds.ImagePositionPatient[2]) > tiny.CORNER[2] + 2.5 * tiny.SIDE:
            at = datetime.strptime(ds.AcquisitionDate + ds.AcquisitionTime[:6], "%Y%m%d%H%M%S") + timedelta(seconds=1200)
            ds.AcquisitionTime = at.strftime("%H%M%S")
            info = ds.RadiopharmaceuticalInformationSequence[0]
            del info.RadiopharmaceuticalStartDateTime
            first = at - timedelta(seconds=1200 + 3600)
            info.RadiopharmaceuticalStartDateTime = first.strftime("%Y%m%d%H%M%S")
            info.RadiopharmaceuticalStartTime = first.strftime("%H%M%S")

    found = one("PT", "NONE", edit)
    lam = math.log(2) / F18
    late = TOTAL / 2 * math.exp(lam * 1200)
    expected = (TOTAL / 2 + late) * in_frame(lam, tiny.DURATION)
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(expected, rel=2e-4)


# --- administration and units


@pytest.mark.parametrize(
    ("kind", "stated", "activity"),
    [("NM", "7400", 7400.0), ("NM", "7.4e9", 7400.0), ("PT", "7.4e9", 7400.0), ("PT", "7400", 7400.0), ("NM", "185", 185.0)],
)
def test_administered_activity_in_the_unit_of_its_object(
    one: Callable[..., dict[str, Any]], kind: str, stated: str, activity: float
) -> None:
    def edit(ds: Any) -> None:
        ds.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose = stated

    found = one(kind, "NONE", edit)
    assert found["administration"]["activity_MBq"] == pytest.approx(activity)
    usual = (kind == "NM") == (float(stated) < 1e6)
    assert any("(0018,1074)" in line for line in found["remarks"]) is not usual


def test_an_activity_that_nobody_gives(one: Callable[..., dict[str, Any]]) -> None:
    def edit(ds: Any) -> None:
        ds.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose = "7.4e12"

    assert "(0018,1074)" in text(one("PT", "NONE", edit))


def test_time_of_day_alone_is_not_a_time_for_a_long_lived_nuclide(one: Callable[..., dict[str, Any]]) -> None:
    def edit(ds: Any) -> None:
        del ds.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartDateTime

    found = one("PT", "NONE", edit)
    assert found["administration"] is None
    assert any("(0018,1072)" in line for line in found["remarks"])


@pytest.mark.parametrize(("unit", "per_bq_ml"), [("Bq/ml", 1.0), ("kBq/ml", 1e-3), ("MBq/ml", 1e-6), ("Bq/cm3", 1.0)])
def test_real_world_value_map_in_other_units(
    one: Callable[..., dict[str, Any]], tiny: ModuleType, unit: str, per_bq_ml: float
) -> None:
    def edit(ds: Any) -> None:
        item = ds.RealWorldValueMappingSequence[0]
        item.RealWorldValueSlope = item.RealWorldValueSlope * per_bq_ml
        item.MeasurementUnitsCodeSequence[0].CodeValue = unit

    expected = TOTAL * in_frame(tiny.LAM, tiny.DURATION)
    assert one("NM", "NONE", edit)["scans"][0]["total_activity_MBq"] == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda ds: setattr(ds.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence[0], "CodeValue", "g/ml"), "g/ml"),
        (lambda ds: delattr(ds.RealWorldValueMappingSequence[0], "RealWorldValueSlope"), "(0040,9225)"),
        (lambda ds: setattr(ds.RealWorldValueMappingSequence[0], "RealWorldValueLastValueMapped", 100), "leave the range"),
    ],
)
def test_real_world_value_maps_that_are_refused(one: Callable[..., dict[str, Any]], edit: Any, said: str) -> None:
    found = one("NM", "NONE", edit)
    assert found["scans"] == []
    assert "(0040,9096)" in text(found)
    assert said in text(found)


# --- counts


def as_counts(ds: Any) -> None:
    """What is stored, as it is, in counts."""
    del ds.RealWorldValueMappingSequence


def stored_sum(path: Path) -> float:
    return float(pydicom.dcmread(path).pixel_array.sum(dtype=float))


def test_counts_need_a_calibration(one: Callable[..., dict[str, Any]]) -> None:
    found = one("NM", "NONE", as_counts)
    assert "cps_per_MBq" in text(found)
    assert found["scans"][0]["stored_as"] == "counts"
    assert found["scans"][0]["total_activity_MBq"] is None


def test_counts_become_activity(one: Callable[..., dict[str, Any]], tiny: ModuleType, tmp_path: Path) -> None:
    """A = N f_dead / (T K), times decay during the scan; a factor of the scan wins over the common one."""
    common = "[calibration]\ncps_per_MBq = 8.5\n"
    single = '[[scan]]\nmatch = "SPECT.dcm"\ndead_time_factor = 1.2\n'
    for settings, factor in ((common, 1 / 8.5), (common + single, 1.2 / 8.5), (common + single + "cps_per_MBq = 10\n", 1.2 / 10)):
        found = one("NM", "NONE", as_counts, settings)
        assert found["problems"] == []
        counts = stored_sum(tmp_path / "study" / "SPECT.dcm")
        expected = counts * factor / tiny.DURATION * in_frame(tiny.LAM, tiny.DURATION)
        assert found["scans"][0]["total_activity_MBq"] == pytest.approx(expected, rel=1e-5)
        assert any("counts turned into activity" in line for line in found["remarks"])


@pytest.mark.parametrize(("unit", "seconds"), [("CNTS", 1.0), ("CPS", 1200.0)])
def test_pt_in_counts_and_in_counts_per_second(
    one: Callable[..., dict[str, Any]], tiny: ModuleType, unit: str, seconds: float
) -> None:
    found = one("PT", "NONE", lambda ds: setattr(ds, "Units", unit), "[calibration]\ncps_per_MBq = 1000\n")
    counts = TOTAL * MBq / tiny.VOXEL_ML * seconds  # values were written as Bq/ml
    expected = counts / tiny.DURATION / 1000 * in_frame(tiny.LAM, tiny.DURATION)
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(expected, rel=2e-5)


def test_a_calibration_for_an_image_that_has_one_is_told(one: Callable[..., dict[str, Any]], tiny: ModuleType) -> None:
    """A key without effect is not passed over in silence."""
    found = one("NM", "NONE", None, '[[scan]]\nmatch = "NM SC"\ncps_per_MBq = 9.0\ndead_time_factor = 1.3\n')
    assert any("no effect" in line and "Bq/ml" in line for line in found["remarks"])
    expected = TOTAL * in_frame(tiny.LAM, tiny.DURATION)
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(expected, rel=2e-5)


# --- folders


def test_two_reconstructions_of_one_scan(tmp_path: Path, tiny: ModuleType) -> None:
    """The same counts twice would count twice in a fit: somebody must choose."""
    study = tiny.study(tmp_path / "study")
    tiny.nm(study / "V3" / "other reconstruction", tiny.block(1e8), n=30, hours=72.0, frame="1.2.3.3")
    found = facts(study)
    said = text(found)
    assert "V3/SPECT" in said
    assert "V3/other reconstruction" in said
    assert "use = false" in said
    chosen = facts(study, '[[scan]]\nmatch = "V3/other reconstruction"\nuse = false\n')
    assert chosen["problems"] == []
    assert [scan["label"] for scan in chosen["scans"]] == ["V1/SPECT", "V2/SPECT", "V3/SPECT"]
    assert any("left out by the settings" in line for line in chosen["remarks"])


def test_two_time_points_of_one_description(tmp_path: Path, tiny: ModuleType) -> None:
    """All files in one folder, all series called the same: labels still name one scan each."""
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in tiny.study(tmp_path / "study").rglob("*.dcm"):
        path.rename(flat / "_".join(path.relative_to(tmp_path / "study").parts))
    found = facts(flat)
    assert found["problems"] == []
    labels = [scan["label"] for scan in found["scans"]]
    assert len(set(labels)) == 3
    assert [len(scan["regions"]) for scan in found["scans"]] == [0, 1, 0]


def test_ct_of_another_frame_of_reference(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    tiny.change((study / "V1" / "CT").glob("*"), lambda ds: setattr(ds, "FrameOfReferenceUID", "1.2.9"))
    found = facts(study)
    assert found["problems"] == []
    assert found["scans"][0]["ct"] == "V1/CT"
    assert any("another (0020,0052)" in line for line in found["remarks"])


def test_scans_are_ordered_by_time(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    (study / "V1").rename(study / "Z1")
    assert [scan["time_h"] for scan in facts(study)["scans"]] == pytest.approx(list(tiny.TIMES))


def test_total_activity_of_the_virtual_patient(small_study: Any) -> None:
    """Four ways to store decay correction; noise and what lies beyond the edge are below one per cent."""
    found = as_dict(inspect(small_study.folder))
    assert found["ready_for_dosimetry"]
    for scan, truth in zip(found["scans"], small_study.total_activities, strict=True):
        assert scan["total_activity_MBq"] == pytest.approx(truth / MBq, rel=0.01)


# --- real scans


@pytest.mark.data
def test_real_lu177_spect(real_data: Path) -> None:
    found = facts(real_data / "lu177-dotatate-spect")
    assert [s["time_h"] for s in found["scans"]] == pytest.approx([3.7411, 27.7253], abs=1e-3)
    assert [s["total_activity_MBq"] for s in found["scans"]] == pytest.approx([1328.78, 883.02], rel=1e-4)
    assert found["administration"]["activity_MBq"] == pytest.approx(7210.43, rel=1e-6)
    assert found["ready_for_dosimetry"]
    assert {m["what"] for m in found["missing"]} == {"CT", "time points: 2 of at least 3"}
    assert found["regions"]


@pytest.mark.data
def test_real_fdg_pet(real_data: Path) -> None:
    found = facts(real_data / "fdg-pet")
    assert found["problems"] == []
    assert found["nuclide"]["name"] == "F-18"
    assert found["scans"][0]["files"] == 267
    assert {r["name"] for r in found["regions"]} == {"GTV_Mass", "GTV_Edema"}


@pytest.mark.data
def test_real_fdg_pet_standardised_uptake(real_data: Path) -> None:
    """SUV of GTV_Mass as shared with the data: mean 2.5552, volume 366.1 mL; by body weight, decayed to the scan."""
    import numpy as np

    from hevesy.segmentation import contours_to_mask, mask_on

    found = inspect(real_data / "fdg-pet")
    reading, a = found.readings[0], found.known.administration
    assert reading.activity is not None
    assert reading.time is not None
    assert found.known.nuclide is not None
    assert a is not None
    outline = next(o for o in found.study.outlines if o.name == "GTV_Mass")
    region = mask_on(*contours_to_mask(outline.contours, name="x"), reading.activity.grid, name="x")
    decayed = a.activity * math.exp(-found.known.nuclide.decay_constant * reading.time)
    suv = np.asarray(reading.activity.values)[region.box] * found.study.patient.weight * 1000 / decayed
    assert region.volume / 1000 == pytest.approx(366.1, rel=0.02)
    assert float((suv * region.fraction).sum() / region.fraction.sum()) == pytest.approx(2.5552, rel=0.02)


@pytest.mark.data
def test_real_rt_objects(real_data: Path) -> None:
    """Organs without an emission scan: all named, the dose and the plan are listed, dosimetry is refused."""
    found = facts(real_data / "rt-objects")
    assert {r["name"] for r in found["regions"]} >= {"Heart", "Lt Lung", "BODY"}
    assert len(found["other"]) == 2
    assert "no quantitative PET or SPECT" in text(found)
    assert not found["ready_for_dosimetry"]


@pytest.mark.data
def test_real_planar_is_not_a_volume(real_data: Path) -> None:
    found = facts(real_data / "planar-whole-body")
    assert found["scans"] == []
    assert len(found["other"]) == 1
    assert "WHOLE BODY" in found["other"][0]


@pytest.mark.data
def test_real_single_slices(real_data: Path) -> None:
    found = facts(real_data / "pet-headers")
    assert found["scans"] == []
    said = text(found)
    assert "'PROPCPS'" in said
    assert said.count("(0054,0081) Number of Slices") == 3
