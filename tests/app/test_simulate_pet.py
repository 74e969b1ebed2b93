"""A simulated PET study: files that can be read back, the truth beside them, and one seed for one result."""

import importlib.util
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from tests.app.pet_study import asked
from tests.imaging.pet.bodies import DETECTION, FIELD, block, body

from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_study import copied_events, pet_files, read_bed
from hevesy.app.simulate_pet import is_pet, run
from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.hdf5 import read_listmode
from hevesy.imaging.pet.scan_header import content_of, read_header
from hevesy.imaging.pet.simulate import coincidences
from hevesy.imaging.pet.single_scatter import single_scatter
from hevesy.imaging.pet.whole_scan import scattered, unscattered


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    petsird = importlib.util.find_spec("petsird") is not None
    return folder / "out", run(asked(folder, duration=3.0, petsird=petsird), folder / "out", seed=7)


def test_files_and_truth(made):
    folder, facts = made
    assert content_of(folder / "study" / "events.h5") == "listmode"
    events = read_listmode(folder / "study" / "events.h5")
    header = read_header(folder / "study" / "events.h5", events.rings.crystals)
    assert len(events) == facts["events"]["prompts"] == sum(facts["events"][k] for k in ("trues", "scatters", "randoms"))
    assert header.nuclide == "F-18"
    assert header.live_share == pytest.approx(facts["live_share"])
    assert header.singles.shape == (events.rings.crystals,)
    assert events.time.max() <= 3.0
    assert np.all(np.diff(events.time) >= 0)
    assert len(list((folder / "study" / "CT").glob("*.dcm"))) > 20
    assert json.loads((folder / "truth.json").read_text("utf-8")) == facts
    held = np.load(folder / "truth_activity.npz")
    assert held["values"].sum() * abs(np.linalg.det(held["affine"])) / 1000 == pytest.approx(6.3e6, rel=0.01)


def test_randoms_are_those_of_the_singles(made):
    from hevesy.imaging.pet.randoms import total_randoms

    folder, facts = made
    header = read_header(folder / "study" / "events.h5", 15 * 192)
    rings = read_listmode(folder / "study" / "events.h5").rings
    expected = 3.0 * facts["live_share"] * total_randoms(rings, header.singles, header.coincidence_window)
    assert (facts["events"]["randoms"] - expected) / math.sqrt(expected) == pytest.approx(0, abs=4)


def test_petsird_holds_what_the_reconstruction_needs(made):
    """The same events, scanner, place, times, losses and singles as the HDF5 file."""
    pytest.importorskip("petsird", reason="the library petsird is not installed")
    folder, facts = made
    assert "study/events.petsird" in facts["files"]
    study, scanner = folder / "study", str(folder.parent / "small.toml")
    asked_for = {"cts": (), "settings": PetSettings(), "scanner": scanner, "attenuation": "none"}
    ours, again = (read_bed(study / f"events.{kind}", **asked_for) for kind in ("h5", "petsird"))
    assert again.rings == ours.rings
    assert again.duration == ours.duration
    # Which of the two comes first is not kept.
    sorted_pairs = [np.sort(bed.events.pairs, axis=1) for bed in (again, ours)]
    assert np.array_equal(*(np.unique(pairs, axis=0) for pairs in sorted_pairs))
    turned = np.sign(again.events.pairs[:, 1] - again.events.pairs[:, 0]) * again.events.offset
    theirs = np.sign(ours.events.pairs[:, 1] - ours.events.pairs[:, 0]) * ours.events.offset
    assert np.sort(turned) == pytest.approx(np.sort(theirs), abs=2.0)  # bins of a thirty-second of 60 mm
    assert again.header.activity == pytest.approx(ours.header.activity, rel=1e-6)  # single precision
    for name in ("nuclide", "start", "administered", "radiopharmaceutical", "frame_of_reference"):
        assert getattr(again.header, name) == getattr(ours.header, name)
    for name, close in (("live_share", 1e-6), ("coincidence_window", 1e-15), ("singles", 0.2), ("crystal_efficiency", 1e-6)):
        assert getattr(again.header, name) == pytest.approx(getattr(ours.header, name), abs=close)
    assert again.header.centre == pytest.approx(ours.header.centre, abs=1e-3)
    assert pet_files(study) == (study / "events.h5",)  # one of the two forms
    assert copied_events(study, pet_files(study)) == (study / "events.petsird",)


def test_petsird_of_another_scanner_is_refused(made):
    pytest.importorskip("petsird", reason="the library petsird is not installed")
    folder, _ = made
    asked_for = {"cts": (), "settings": PetSettings(), "attenuation": "none"}
    with pytest.raises(DataError, match="calls itself Small PET"):
        read_bed(folder / "study" / "events.petsird", scanner="", **asked_for)
    with pytest.raises(DataError, match="15 rings of 192 crystals, siemens-vision-600 has"):
        read_bed(folder / "study" / "events.petsird", scanner="siemens-vision-600", **asked_for)


def test_refusals(made, tmp_path):
    with pytest.raises(InputError, match="not sinograms"):
        run(asked(tmp_path, petsird=True, sinogram=True), tmp_path / "both", seed=1)
    with pytest.raises(InputError, match="at most 4e\\+07 fit"):
        run(asked(tmp_path, duration=36000.0), tmp_path / "much", seed=1)
    with pytest.raises(InputError, match="emits no positrons"):
        run(asked(tmp_path, nuclide="Tc-99m"), tmp_path / "single", seed=1)
    with pytest.raises(InputError, match="Change --bed"):
        run(asked(tmp_path, bed=500.0), tmp_path / "away", seed=1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="not overwritten"):
        run(asked(tmp_path), tmp_path / "other", seed=1)
    assert is_pet("siemens-vision-600")
    assert not is_pet("siemens-intevo")


@pytest.fixture(scope="module")
def photons():
    return coincidences(FIELD, block(), body(), DETECTION, duration=1.0, seed=4).events


def test_unscattered_pairs_are_those_of_the_monte_carlo(photons):
    """Number, rings and offsets of another way to the same distribution; z-tests."""
    pairs, offset = unscattered(FIELD, block(), body(), DETECTION, pairs_per_Bq=2 * 0.967, seed=3)
    theirs = photons.some(photons.kind == 0)
    assert (len(pairs) / 2 - len(theirs)) / math.sqrt(len(pairs) / 4 + len(theirs)) == pytest.approx(0, abs=4)
    ours, other = (np.bincount(p[:, 0] // 160, minlength=12) for p in (pairs, theirs.pairs))
    z = (ours / 2 - other) / np.sqrt(ours / 4 + other)
    assert np.abs(z).max() < 4
    assert offset.std() == pytest.approx(theirs.offset.std(), rel=0.02)
    again, _ = unscattered(FIELD, block(), body(), DETECTION, pairs_per_Bq=2 * 0.967, seed=3)
    assert np.array_equal(pairs, again)


def test_scattered_pairs_are_those_of_their_estimate():
    estimate = single_scatter(FIELD, block(), body(), replace(DETECTION, tof_fwhm=0.0), gain=0.967)
    pairs, offset = scattered(estimate, duration=20.0, seed=2)
    from hevesy.app.simulate_pet_events import expected_scatter

    expected = expected_scatter(estimate, 20.0)
    assert (len(pairs) - expected) / math.sqrt(expected) == pytest.approx(0, abs=6)  # both are sampled
    some = np.random.default_rng(1).integers(0, DETECTION.rings.crystals, (200_000, 2))
    rate = estimate.at(some)
    ours, theirs = np.bincount(pairs[:, 0] // 160, minlength=12), np.bincount(some[:, 0] // 160, weights=rate, minlength=12)
    assert ours / ours.sum() == pytest.approx(theirs / theirs.sum(), rel=0.05)
    assert np.all(offset == 0) or offset.size == len(pairs)
