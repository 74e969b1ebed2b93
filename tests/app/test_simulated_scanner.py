"""The virtual patient on a simulated gamma camera: its files, its activities, its words, and what is refused."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from hevesy.app import demo, demo_on_scanner
from hevesy.app.companion import companion
from hevesy.app.noise_file import about, instance_of, read_noise
from hevesy.app.reconstruct import Options, reconstruct
from hevesy.app.scanner_calibration import CameraCalibration
from hevesy.app.settings import load_settings
from hevesy.app.simulated_scan import ScanPlan, acquisition, counted, scene_grid
from hevesy.app.simulated_scanner import ChosenScanner, SimulatedScanner, in_view, middle_of, simulated_scanner
from hevesy.app.simulated_study import BegunStudy, at_activity, begin_study, make_simulated_study
from hevesy.app.virtual_study import VirtualStudy, patient_of
from hevesy.dicom import read_study
from hevesy.dicom.read_tomo import read_tomo
from hevesy.errors import InputError
from hevesy.imaging import VirtualPatientSpec, mean_to_start
from hevesy.imaging.clearance import mean_activity
from hevesy.imaging.painting import shares
from hevesy.imaging.phantoms import grid_around
from hevesy.imaging.reconstruct.noise_model import spect_model_of
from hevesy.imaging.reconstruct.osem import osem
from hevesy.imaging.virtual_patient import POSES, random_pose
from hevesy.materials import load_material
from hevesy.model import DecayCorrection, Quantity
from hevesy.rng import stream
from hevesy.transport import Phantom
from hevesy.units import h, min_

SEED = 3
PLAN = ScanPlan(views=16, pixel=9.6, iterations=6, subsets=4, histories=60_000, scatter_histories=60_000)


@pytest.fixture(scope="module")
def spec(small_spec: VirtualPatientSpec) -> VirtualPatientSpec:
    return replace(small_spec, times=(24 * h,), durations=(20 * min_,), reference=0)


@pytest.fixture(scope="module")
def intevo() -> SimulatedScanner:
    return simulated_scanner("siemens-intevo", nuclide="Lu-177", plan=PLAN)


@pytest.fixture(scope="module")
def study(spec: VirtualPatientSpec, intevo: SimulatedScanner, tmp_path_factory: pytest.TempPathFactory) -> VirtualStudy:
    folder = tmp_path_factory.mktemp("simulated") / "study"
    return make_simulated_study(folder, intevo, spec, seed=SEED)


def test_projections_lie_beside_the_image_and_are_not_taken_for_one(study: VirtualStudy) -> None:
    found = read_study(study.folder)
    assert not found.problems
    assert [scan.label for scan in found.scans] == ["T1_24h/SPECT"]
    scan = found.scans[0]
    assert scan.image.quantity is Quantity.ACTIVITY_CONCENTRATION
    assert scan.correction is DecayCorrection.START
    assert scan.duration == pytest.approx(20 * min_)
    assert [text for text in found.other if "TOMO" in text and "not a reconstructed tomogram" in text]
    assert found.administrations[0].nuclide == "Lu-177"


def test_counts_are_whole_and_lie_in_three_windows(study: VirtualStudy, intevo: SimulatedScanner) -> None:
    (counts,) = read_tomo(study.folder / "T1_24h" / "TOMO")
    assert counts.counts.shape[:2] == (3, PLAN.views)
    assert np.array_equal(counts.counts, np.rint(counts.counts))
    rows = counts.counts.shape[2] * counts.pixel[0]
    assert rows <= intevo.camera.field_of_view[0] < rows + 2 * PLAN.pixel
    assert counts.centre[2] == pytest.approx(middle_of(VirtualPatientSpec().torso))


def test_activity_of_organs_is_found_within_the_blur_about_them(study: VirtualStudy, spec: VirtualPatientSpec) -> None:
    image = read_study(study.folder / "T1_24h" / "SPECT").scans[0].image
    pose = random_pose(spec, stream(SEED, POSES))
    torso, decay = spec.torso, mean_to_start(spec.half_life, spec.durations[0])
    held: dict[str, Any] = {}
    for layer, box, share in shares(torso.pieces, image.grid, pose):
        held.setdefault(layer.region, np.zeros(image.grid.shape, np.float32))[box] += share
    for name in ("Kidney_Left", "Kidney_Right", "Spleen"):
        around = binary_dilation(held[name] > 0.5, iterations=2)
        seen = float(image.values[around].sum()) * image.grid.voxel_volume / 1000
        true = mean_activity(torso.clearances[name], spec.times[0], spec.durations[0]) * decay
        # The surroundings are in it too: some per cent; coarse voxels and few views cost the rest.
        assert 0.9 < seen / true < 1.25, name


def test_the_protocol_file_makes_the_same_image(study: VirtualStudy, intevo: SimulatedScanner, tmp_path: Path) -> None:
    file = tmp_path / "reconstruct.toml"
    file.write_text(intevo.protocol().replace("[scanner]", "uncertainty = false\n\n[scanner]"), "utf-8")
    visit = study.folder / "T1_24h"
    reconstruct(visit, tmp_path / "out", options=Options(protocol=file))
    again = read_study(tmp_path / "out").scans[0].image
    ours = read_study(visit / "SPECT").scans[0].image
    assert again.grid.shape == ours.grid.shape
    np.testing.assert_allclose(again.grid.affine, ours.grid.affine, atol=1e-3)
    # Windows of the file are rounded, the sensitivity has six digits; a photon of the scatter model that falls on the other side
    # of a rounded number goes another way from there, and then the noise of so few of them is seen.
    assert float(again.values.sum()) == pytest.approx(float(ours.values.sum()), rel=2e-3)
    assert float(np.abs(again.values - ours.values).max()) < 1e-2 * float(ours.values.max())


def test_organs_beyond_the_field_of_view_are_not_drawn(
    study: VirtualStudy, spec: VirtualPatientSpec, intevo: SimulatedScanner
) -> None:
    assert in_view(intevo.camera, spec) == ("Kidney_Left", "Kidney_Right", "Liver", "Spleen")
    assert study.regions == ("Kidney_Left", "Kidney_Right", "Liver", "Spleen", "Lesion 1", "Lesion 2", "Lesion 3")
    assert "Urinary bladder, Lung_Left, Lung_Right" in " ".join(intevo.words(spec))


def test_calibration_is_near_what_the_geometry_says(intevo: SimulatedScanner) -> None:
    measured = intevo.calibration
    # 5 %: photons of the scatter model are few here, the factors of its Monte Carlo run 1 to 2 % of half the counts uncertain.
    assert measured.sensitivity / measured.computed == pytest.approx(1, abs=0.05)
    assert PLAN.pixel < measured.resolution < 20


def test_the_demo_says_what_it_did(
    study: VirtualStudy, spec: VirtualPatientSpec, intevo: SimulatedScanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def made(part: Path, used: ChosenScanner, *_: Any) -> BegunStudy:
        asked.update(used=used)
        return BegunStudy(patient=patient_of(spec, SEED), expected=())

    monkeypatch.setattr(demo_on_scanner, "measured", lambda *_, **__: intevo)
    monkeypatch.setattr(demo_on_scanner, "begin_study", made)
    monkeypatch.setattr(demo_on_scanner, "finish_study", lambda part, begun, found, **given: asked.update(found=found, **given))
    monkeypatch.setattr(
        demo_on_scanner, "dosimetry", lambda folder, number, study, settings, **given: asked.update(given, s=settings)
    )
    demo.run(tmp_path / "demo", seed=SEED, occasions=demo.Occasions(first=spec), whole=False, scanner="siemens-intevo")
    assert asked["used"].collimator.name == "MELP"
    assert asked["found"] is intevo
    said = " ".join(asked["remarks"])
    for word in (
        "simulated and reconstructed",
        "Intevo",
        "MELP",
        "208 keV, 16 views",
        "a model of it and of penetration",
        "6 iterations and 4 subsets",
    ):
        assert word in said
    (tmp_path / "s.toml").write_text(asked["s"], "utf-8")
    settings = load_settings(tmp_path / "s.toml")
    assert settings.dosimetry.resolution_mm == pytest.approx(intevo.calibration.resolution, abs=0.05)
    protocol = tomllib.loads((tmp_path / "demo" / "reconstruct.toml").read_text("utf-8"))
    assert protocol["scanner"]["collimator"] == "MELP"


def test_the_noise_of_the_image_lies_beside_it(study: VirtualStudy) -> None:
    folder = study.folder / "T1_24h" / "SPECT"
    image, method = about(folder / "SPECT_noise.h5")
    assert image == instance_of(folder / "SPECT.dcm")
    assert method == "OSEM 6x4"
    (bed,) = read_noise(folder / "SPECT_noise.h5")
    ours = read_study(folder).scans[0].image
    assert bed.model.grid.shape == ours.grid.shape
    again = osem(
        (made := spect_model_of(bed.model)).operator, made.counts, additive=made.additive, iterations=6, subsets=4
    )  # fmt: skip
    # Attenuation is kept to 0.05 %, the image in 16-bit numbers.
    assert float(np.abs(again - ours.values).max()) < 2e-3 * float(ours.values.max())


def test_what_a_second_process_makes_ahead_goes_with_the_activity(
    study: VirtualStudy, intevo: SimulatedScanner, spec: VirtualPatientSpec, tmp_path: Path
) -> None:
    given = spec.administered_activity
    with companion(2) as other:
        begun = other.begin(begin_study, tmp_path, intevo, replace(spec, administered_activity=2 * given), SEED, True).result()
    assert (tmp_path / "T1_24h" / "CT").is_dir()
    ahead = at_activity(begun, given)
    assert ahead.patient.spec.administered_activity == given
    assert ahead.patient.total_activities == pytest.approx(study.total_activities)
    assert {n: (t.mean_dose, t.volume) for n, t in ahead.patient.truths.items()} == {
        n: (pytest.approx(t.mean_dose), t.volume) for n, t in study.truths.items()
    }
    (counts,) = read_tomo(study.folder / "T1_24h" / "TOMO")
    drawn = counted(ahead.expected[0], seed=SEED, visit=spec.visit(0)).counts
    assert np.array_equal(drawn, counts.counts)


def test_what_cannot_be_simulated_is_refused_with_what_can(tmp_path: Path) -> None:
    def refused(name: str, collimator: str = "") -> str:
        with pytest.raises(InputError) as error:
            demo.run(tmp_path / "demo", scanner=name, collimator=collimator)
        assert not (tmp_path / "demo").exists()
        return str(error.value)

    assert "siemens-intevo" in refused("siemens-intev")
    assert "is a PET scanner" in (said := refused("siemens-vision-600"))
    assert "siemens-intevo" in said
    assert "ge-870-czt" not in said  # its holes are too wide for Lu-177
    assert "Known are LEHR" in refused("siemens-intevo", "MELPP")
    assert "--simulate-scanner" in refused("", "MELP")


def test_a_ring_images_the_line_that_its_walls_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def measured(camera: Any, collimator: Any, plan: ScanPlan, **more: Any) -> CameraCalibration:
        asked.update(plan=plan, collimator=collimator, **more)
        return CameraCalibration(sensitivity=9e-6, computed=9e-6, resolution=8.0, widths=(8.0, 8.0))

    monkeypatch.setattr("hevesy.app.simulated_scanner.calibrated", measured)
    ring = simulated_scanner("ge-starguide", nuclide="Lu-177", plan=PLAN)
    assert asked["plan"].energy == pytest.approx(0.11295, abs=1e-4)
    assert any("113 keV is imaged" in text for text in ring.remarks)
    assert "12 columns that swivel at 4 places" in ring.said
    assert tomllib.loads(ring.protocol())["reconstruction"]["peak_keV"] == pytest.approx(113, abs=0.2)
    body = Phantom(
        density=np.ones((8, 8, 8)), medium=np.zeros((8, 8, 8), np.uint8), media=(load_material("water"),), voxel=(40.0,) * 3
    )
    about = grid_around((8, 8, 8), 40.0)
    setup = acquisition(
        ring.camera, ring.collimator, ring.plan, nuclide="Lu-177", duration=600.0, body=body, grid=about
    )  # fmt: skip
    assert setup.is_narrow
    assert setup.windows[0].lower < 113 < setup.windows[0].upper
    assert scene_grid(ring.camera, ring.plan).shape[1] * PLAN.pixel == pytest.approx(560, abs=2 * PLAN.pixel)
    with pytest.raises(InputError, match="allowed are model and windows"):
        ScanPlan(scatter="triple")
