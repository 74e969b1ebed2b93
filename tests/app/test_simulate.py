"""A simulated study: files that can be read back, the truth beside them, and one seed for one result."""

import json
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from hevesy.app.simulate import Asked, run
from hevesy.dicom.read_tomo import read_raw
from hevesy.errors import InputError

SMALL = Asked(
    phantom="cylinder", scanner="siemens-intevo", collimator="LEHR", nuclide="Tc-99m", activity=4e8, duration=600.0,
    views=8, matrix=32, pixel=12.0,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def few_photons():
    """Later scatters of fewer photons: their noise is not what these tests ask for."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("hevesy.app.simulate.SCATTER_HISTORIES", 60_000)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "study"
    return folder, run(SMALL, folder, seed=7)


def test_files_and_truth(made):
    folder, facts = made
    header = pydicom.dcmread(folder / "study" / "TOMO.dcm")
    assert list(header.ImageType)[:3] == ["ORIGINAL", "PRIMARY", "TOMO"]
    assert header.NumberOfFrames == 3 * 8
    assert header.pixel_array.sum() == sum(window["counts"] for window in facts["windows"].values())
    assert len(list((folder / "study" / "CT").glob("*.dcm"))) == 32
    assert json.loads((folder / "truth.json").read_text("utf-8")) == facts
    held = np.load(folder / "truth_activity.npz")
    water = facts["regions"]["Water"]
    assert held["values"].sum() * 12.0**3 / 1000 == pytest.approx(4e8, rel=1e-4)
    assert held["values"].max() == pytest.approx(water["concentration_at_start_Bq_per_ml"], rel=0.01)


def test_counts_follow_what_was_expected(made):
    _, facts = made
    peak = facts["windows"]["Peak"]
    expected = sum(peak[f"expected_{part}"] for part in ("primary", "scatter", "penetration")) * facts["counted_share"]
    assert (peak["counts"] - expected) / np.sqrt(expected) == pytest.approx(0, abs=4)
    assert 0.25 < peak["scatter_by_primary"] < 0.5
    assert facts["model"]["scatter_scale"]["Peak"] > 1
    assert (made[0] / "simulated.png").read_bytes().startswith(b"\x89PNG")


def test_same_seed_same_files(made, tmp_path, monkeypatch):
    folder, _ = made
    again = tmp_path / "again"
    run(SMALL, again, seed=7)
    for name in ("study/TOMO.dcm", "study/CT/CT_0016.dcm", "truth.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
    # a point, whose body is one voxel wide; fewer slices of CT than before
    point = replace(
        SMALL, phantom="point", nuclide="Lu-177", collimator="", activity=1e6, matrix=16, pixel=9.0, radius=150.0, views=4,
        peaks=(0.113, 0.208),
    )  # fmt: skip

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("hevesy.app.simulate.write_tomo", full)
        with pytest.raises(OSError, match="No space"):
            run(point, again, seed=8)
    assert (again / "truth.json").read_bytes() == (folder / "truth.json").read_bytes()
    assert len(list((again / "study" / "CT").iterdir())) == 32
    facts = run(point, again, seed=8)
    assert len(list((again / "study" / "CT").iterdir())) == 16
    assert facts["collimator"] == "MELP"  # the walls have to stop the higher line
    (raw,) = read_raw(again / "study")
    assert [window.name for window in raw.projections.windows] == list(facts["windows"])
    assert list(facts["windows"])[::3] == ["Peak 113", "Peak 208"]
    assert all(row["counts"] > 0 for row in facts["windows"].values())
    assert sorted(path.name for path in again.iterdir()) == ["simulated.png", "study", "truth.json", "truth_activity.npz"]


def test_refusals(made, tmp_path):
    folder, _ = made
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="not overwritten"):
        run(SMALL, tmp_path / "other", seed=1)
    with pytest.raises(InputError, match="no collimator for 364"):
        run(replace(SMALL, nuclide="I-131", collimator="", scanner="ge-870-czt"), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="nema-iec"):
        run(replace(SMALL, phantom="nema"), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="Choose among them"):
        run(replace(SMALL, peaks=(0.3,)), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="one line twice"):
        run(replace(SMALL, peaks=(0.14, 0.141)), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="1 to 15 mm"):
        run(replace(SMALL, pixel=20.0), tmp_path / "a", seed=1)
    with pytest.raises(InputError, match="before"):
        run(replace(SMALL, wait=-1.0), tmp_path / "a", seed=1)
    assert folder.exists()
