"""Events of a PET scanner to Bq/ml: the activity that is true, a PET series that others read, and what is refused."""

import json

import nibabel
import numpy as np
import pydicom
import pytest
from tests.app.pet_study import asked

from hevesy.app.reconstruct import Options, reconstruct
from hevesy.app.simulate_pet import run
from hevesy.dicom import read_study
from hevesy.errors import DataError, InputError
from hevesy.model import Quantity

PROTOCOL = """
[pet]
voxel_mm = 6.0
iterations = 3
subsets = 6
uncertainty_combs = 1
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pet")
    (folder / "protocol.toml").write_text(PROTOCOL, "utf-8")
    truth = run(asked(folder, crystal_spread=0.05, duration=7.5), folder / "scan", seed=3)
    return folder, truth


@pytest.fixture(scope="module")
def made(study):
    folder, _ = study
    options = Options(protocol=folder / "protocol.toml")
    return reconstruct(folder / "scan" / "study", folder / "out", options=options)


def _middle(folder):
    """Mean in the middle of the cylinder [Bq/ml]."""
    (scan,) = [s for s in read_study(folder).scans if s.modality == "PT"]
    assert scan.image.quantity is Quantity.ACTIVITY_CONCENTRATION
    grid = scan.image.grid
    z, y, x = (grid.affine[a, 3] + grid.affine[a, a] * np.arange(grid.shape[2 - a]) for a in (2, 1, 0))
    inside = (x**2 + y[:, None] ** 2 < 75**2) & (np.abs(z) < 40)[:, None, None]
    return float(scan.image.values[inside].mean()), scan


def test_activity_is_that_of_the_truth(study, made):
    """2 %: scatter by its tails has 2 % of its 30 %, counts 0.7 %, attenuation 0.5 % by the CT numbers of water."""
    folder, truth = study
    mean, scan = _middle(folder / "out")
    assert mean == pytest.approx(truth["regions"]["Water"]["concentration_at_start_Bq_per_ml"], rel=0.02)
    figures = made["images"][0]["figures"]
    assert figures["fitted_by_measured"] == pytest.approx(1, abs=0.01)
    assert figures["expected"]["randoms"] == pytest.approx(truth["events"]["randoms"], rel=0.03)
    assert figures["expected"]["scatters"] == pytest.approx(truth["events"]["scatters"], rel=0.08)
    assert scan.administration.nuclide == "F-18"
    assert scan.administration.activity == pytest.approx(6.3e6)


def test_files_and_header(study, made):
    folder, _ = study
    assert json.loads((folder / "out" / "result.json").read_text("utf-8"))["files"] == made["files"]
    assert made["files"] == ["pet", "pet.png", "pet_u.nii.gz", "report.html", "result.json"]
    header = pydicom.dcmread(folder / "out" / "pet" / "PT_0001.dcm")
    assert header.Units == "BQML"
    assert set(header.CorrectedImage) == {"DECY", "RADL", "ATTN", "SCAT", "RAN", "DTIM", "NORM"}
    assert header.DecayCorrection == "START"
    assert header.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence[0].CodeValue == "77004003"
    assert header.PatientID == "SIM-3"
    ct = pydicom.dcmread(next((folder / "scan" / "study" / "CT").glob("*.dcm")))
    assert header.FrameOfReferenceUID == ct.FrameOfReferenceUID
    assert header.StudyInstanceUID == ct.StudyInstanceUID
    said = dict(made["images"][0]["lines"])
    assert not any(words.startswith("not") for words in said.values())


def test_uncertainty_is_written_and_said(study, made):
    """Of the whole by counting: no better than sqrt(prompts) / trues, as for a simple difference of counts."""
    folder, truth = study
    volumes = np.asarray(nibabel.load(folder / "out" / "pet_u.nii.gz").dataobj)
    _, scan = _middle(folder / "out")
    assert volumes[..., 0].transpose(2, 1, 0) == pytest.approx(scan.image.values, rel=1e-3, abs=1)
    figures = made["images"][0]["figures"]
    at = np.unravel_index(np.argmax(volumes[..., 0]), volumes.shape[:3])
    assert volumes[at][1] / 1000 == pytest.approx(figures["u_max"], rel=1e-5)
    least = np.sqrt(truth["events"]["prompts"]) / truth["events"]["trues"]
    assert least < figures["u_activity_MBq"] / figures["activity_MBq"] < 3 * least
    assert "by noise" in dict(made["images"][0]["lines"])["activity in view"]


def test_sinograms(tmp_path):
    """With a prior and without an uncertainty."""
    (tmp_path / "p.toml").write_text(
        '[pet]\nalgorithm = "map"\nuncertainty = false\nvoxel_mm = 10.0\niterations = 2\nsubsets = 8\n', "utf-8"
    )
    truth = run(asked(tmp_path, sinogram=True, duration=3.0), tmp_path / "scan", seed=5)
    made = reconstruct(tmp_path / "scan" / "study", tmp_path / "out", options=Options(protocol=tmp_path / "p.toml"))
    assert made["images"][0]["figures"]["u_max"] is None
    assert "sinogram MAP 2i8s PSF beta 1" in dict(made["images"][0]["lines"])["method"]
    assert not list((tmp_path / "out").glob("*.nii.gz"))
    mean, _ = _middle(tmp_path / "out")
    assert mean == pytest.approx(truth["regions"]["Water"]["concentration_at_start_Bq_per_ml"], rel=0.03)


def test_refusals(study, tmp_path):
    folder, _ = study
    with pytest.raises(InputError, match="for SPECT"):
        reconstruct(folder / "scan" / "study", tmp_path / "o", options=Options(counts=True))
    with pytest.raises(DataError, match="--scanner"):
        reconstruct(folder / "scan" / "study", tmp_path / "o", options=Options(scanner="siemens-vision-600"))
    (tmp_path / "cut.h5").write_bytes((folder / "scan" / "study" / "events.h5").read_bytes()[:100_000])
    with pytest.raises(DataError, match=r"cut.h5: cannot be read"):
        reconstruct(tmp_path / "cut.h5", tmp_path / "o")
    (tmp_path / "p.toml").write_text("[pet]\nvoxel = 3\n", "utf-8")
    with pytest.raises(InputError, match="voxel_mm"):
        reconstruct(folder / "scan" / "study", tmp_path / "o", options=Options(protocol=tmp_path / "p.toml"))
    (tmp_path / "p.toml").write_text('[pet]\nalgorithm = "map"\niterations = 1\n', "utf-8")
    with pytest.raises(InputError, match="at least 2"):
        reconstruct(folder / "scan" / "study", tmp_path / "o", options=Options(protocol=tmp_path / "p.toml"))
