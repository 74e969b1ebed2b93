"""A ring of columns and a pinhole from simulation to Bq/ml, by the files between."""

from dataclasses import replace

import pydicom
import pytest

from hevesy.app.reconstruct import Options, reconstruct
from hevesy.app.simulate import Asked, run
from hevesy.errors import InputError

RING = Asked(
    phantom="cylinder", scanner="ge-starguide", nuclide="Tc-99m", activity=4e8, duration=600.0, views=240, matrix=28, pixel=9.84
)
# counts/(s MBq) of a column in air, all through the holes: of 140 keV 1e-4 cross a wall.
IN_AIR = 112.9


def protocol(folder):
    path = folder / "protocol.toml"
    text = '[reconstruction]\niterations = 4\nsubsets = 8\nuncertainty = false\nscatter = "model"\nscatter_histories = 150000\n'
    path.write_text(text, "utf-8")
    return path


def test_columns_from_counts_to_activity(tmp_path):
    facts = run(RING, tmp_path / "made", seed=3)
    assert facts["files"][0] == "study/projections.h5"
    assert facts["swivels"] == 5
    assert any("trapped" in text for text in facts["remarks"])
    sensitivity = f"{IN_AIR * facts['counted_share']} cps/MBq"
    options = Options(protocol=protocol(tmp_path), sensitivity=sensitivity)
    found = reconstruct(tmp_path / "made" / "study", tmp_path / "out", options=options)
    figures = found["images"][0]["figures"]
    assert figures["activity_MBq"] == pytest.approx(400, rel=0.02)
    assert figures["fitted_by_measured"] == pytest.approx(1, abs=0.01)
    header = pydicom.dcmread(tmp_path / "out" / "spect.dcm")
    assert header.PatientID == "SIM-3"
    assert "SourceImageSequence" not in header


def test_a_pinhole_is_written_as_one(tmp_path):
    asked = Asked(
        phantom="point", scanner="ge-discovery-670", collimator="PH4", nuclide="Tc-99m", activity=1e7, duration=60.0, views=2,
        matrix=16, pixel=12.0,
    )  # fmt: skip
    facts = run(asked, tmp_path / "made", seed=1)
    header = pydicom.dcmread(tmp_path / "made" / "study" / "TOMO.dcm", stop_before_pixels=True)
    item = header.DetectorInformationSequence[0]
    assert (item.CollimatorType, int(item.FocalDistance)) == ("PINH", 168)
    assert facts["collimator"] == "PH4"


def test_refusals(tmp_path):
    with pytest.raises(InputError, match="multiple of 48"):
        run(replace(RING, views=120), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="flat heads"):
        run(replace(RING, monte_carlo=True), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="small bodies"):
        run(replace(RING, scanner="ge-discovery-670", collimator="PH4", pixel=2.0, views=4), tmp_path / "a", seed=1)
