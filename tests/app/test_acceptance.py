"""The main job on a whole virtual patient and on real scans, held against what is known of them."""

import json
import math
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import pytest
from scipy.ndimage import uniform_filter
from typer.testing import CliRunner

from hevesy.cli.main import program

ORGANS = ("Kidney_Left", "Kidney_Right", "Liver", "Spleen", "Urinary bladder", "Lung_Left", "Lung_Right")


def run(*arguments: str) -> dict[str, Any]:
    """The JSON that a command prints."""
    done = CliRunner().invoke(program, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, run("demo", str(folder))


@pytest.mark.slow
def test_every_truth_lies_within_three_u(demo: tuple[Path, dict[str, Any]]) -> None:
    for name, region in demo[1]["regions"].items():
        truth = region["truth"]
        for value, u, known in (
            ("mean_dose_Gy", "u_mean_dose_Gy", "mean_dose_Gy"),
            ("tia_MBq_h", "u_tia_MBq_h", "tia_MBq_h"),
            ("mass_g", "u_mass_g", "mass_g"),
            ("volume_ml", "u_volume_ml", "volume_ml"),
        ):
            assert abs(region[value] - truth[known]) <= 3 * region[u], (name, value)


@pytest.mark.slow
def test_u_is_small_enough_to_say_something(demo: tuple[Path, dict[str, Any]]) -> None:
    regions = demo[1]["regions"]
    assert set(ORGANS) < set(regions)
    for name in ORGANS:
        assert regions[name]["u_mean_dose_Gy"] < 0.10 * regions[name]["mean_dose_Gy"], name


@pytest.mark.slow
def test_dose_maps_agree_and_lie_on_the_reference_ct(demo: tuple[Path, dict[str, Any]]) -> None:
    result = demo[0] / "result"
    ds = pydicom.dcmread(result / "dose.dcm")
    ct = pydicom.dcmread(next((demo[0] / "study" / "T2_24h" / "CT").glob("*")), stop_before_pixels=True)
    assert ds.FrameOfReferenceUID == ct.FrameOfReferenceUID
    image = nibabel.load(result / "dose.nii.gz")
    map_ = np.asarray(image.dataobj)
    stored = ds.pixel_array.astype(float) * float(ds.DoseGridScaling)
    # float32 in the NIfTI carries 6e-8 of the value beside half a step of the RTDOSE.
    allowed = 0.5 * float(ds.DoseGridScaling) + 1e-6 * map_.max()
    # A voxel of Monte Carlo may lie below zero by its noise, most where it has little mass (skin beside air), not together
    # with its neighbours; an RTDOSE cannot at all.
    assert map_.min() > -3e-3 * map_.max()
    assert uniform_filter(map_, 3, mode="constant").min() > -1e-4 * map_.max()
    assert np.max(np.abs(stored - np.maximum(map_.transpose(2, 1, 0), 0))) <= allowed
    first = image.affine @ np.array([0, 0, 0, 1])
    assert np.allclose(first[:3] * [-1, -1, 1], [float(x) for x in ds.ImagePositionPatient], atol=1e-3)


@pytest.mark.slow
def test_an_organ_gets_the_energy_of_its_own_electrons_and_a_little_of_photons(demo: tuple[Path, dict[str, Any]]) -> None:
    """By hand from the printed figures: dose times mass by the integral of the voxels and the 147.92 keV of electrons a decay."""
    joule = 147.92 * 1.602176634e-16
    assert demo[1]["engine"]["energy_per_decay_keV"] == pytest.approx(147.92 + 35.10, abs=0.01)
    for name, region in demo[1]["regions"].items():
        own = region["tia_voxels_MBq_h"] * 3.6e9 * joule
        share = region["mean_dose_Gy"] * region["mass_g"] / 1000 / own
        # Lungs get photons of the liver, and their edges lie between two densities.
        assert 0.97 < share < (1.3 if "Lung" in name else 1.1), name


@pytest.mark.slow
def test_the_course_of_the_virtual_patient(demo: tuple[Path, dict[str, Any]]) -> None:
    """Eligibility, plan, second cycle with its truth, and the advice after it, in one report."""
    folder, facts = demo
    assert facts["eligible"]["verdict"] == "met"
    plan = facts["plan"]
    assert plan["limiting"] == "Kidney_Left"
    assert plan["regions"]["Kidney_Left"]["probability_to_exceed"] <= 0.0501
    for name, region in facts["second_cycle"]["regions"].items():
        assert abs(region["truth"]["z_mean_dose"]) < 3, name
    course = facts["course"]
    assert course["cycles"][1]["deviation_percent"] == pytest.approx(-2, abs=0.1)
    assert course["suggestion"]["kind"] == "keep"
    assert "physician" in course["suggestion"]["status"]
    # The lesions were made to shrink by 27, 9 and 39 %, and to take up 40, 15 and 50 % less.
    changes = {(t["region"], t["quantity"]): t["changes"][-1] for t in course["response"]["trends"] if t["kind"] == "lesion"}
    for lesion, volume, uptake in (("Lesion 1", -27.1, -40), ("Lesion 2", -8.7, -15), ("Lesion 3", -38.6, -50)):
        for quantity, truth in (("volume", volume), ("uptake", uptake)):
            found = changes[lesion, quantity]
            assert abs(found["change_percent"] - truth) < 3 * found["u_percent"], (lesion, quantity)
    page = (folder / "course" / "course.html").read_text("utf-8")
    for title in ("Eligibility", "Plan, delivery, verification", "Next cycle: suggestion", "Article 56"):
        assert title in page
    assert (folder / "course" / "course.pdf").stat().st_size > 0


@pytest.mark.data
def test_the_real_patient(real_data: Path, tmp_path: Path) -> None:
    facts = run("dose", str(real_data / "lu177-dotatate-spect"), "-o", str(tmp_path / "out"))
    # Activities and times published with the scans; the header says DecayCorrection = ADMIN.
    assert [s["total_activity_MBq"] for s in facts["scans"]] == pytest.approx([1328.78, 883.02], rel=1e-4)
    assert [s["time_h"] for s in facts["scans"]] == pytest.approx([3.7411, 27.7253], abs=2e-4)
    assert len(facts["regions"]) == 2
    assert all(r["mean_dose_Gy"] > 0 and r["u_mean_dose_Gy"] > 0 for r in facts["regions"].values())
    said = " ".join(facts["warnings"])
    assert "CT" in said
    assert "2 of at least 3" in said
    for name in ("result.json", "doses.csv", "report.html", "report.pdf", "dose.dcm", "dose.nii.gz", "tia.nii.gz"):
        assert (tmp_path / "out" / name).stat().st_size > 0


@pytest.mark.data
def test_published_integrals(real_data: Path) -> None:
    """PyTheranostics' unweighted fits of the same model, as printed in the data's description."""
    table = real_data / "time-activity" / "lu177-dotatate-patient-004.csv"
    regions = run("fit", str(table), "--nuclide", "Lu-177", "--model", "uptake")["regions"]
    assert regions["Kidney_Left"]["tia_MBq_h"] == pytest.approx(7593.753, rel=1e-3)
    assert regions["Liver"]["tia_MBq_h"] == pytest.approx(56425.33, rel=1e-3)
    assert regions["Kidney_Left"]["effective_half_life_h"] == pytest.approx(math.log(2) / 0.0140814, rel=1e-3)
    assert any("ill-posed" in text for text in regions["WholeBody"]["warnings"])
    assert not regions["Kidney_Left"]["warnings"]
    assert not regions["Liver"]["warnings"]
