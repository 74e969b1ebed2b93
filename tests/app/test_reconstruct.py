"""From files to activity: what was put into a simulated study comes out, and what stands in the way is named."""

import json
import re

import numpy as np
import pydicom
import pytest
import typer
from tests.app.reconstruct_study import study
from tests.dicom.test_write_objects import dciodvfy
from typer.testing import CliRunner

from hevesy.app.inspect import as_dict, inspect
from hevesy.app.reconstruct import Options, reconstruct
from hevesy.cli.reconstruct import reconstruct as command
from hevesy.dicom.nifti import read_nifti
from hevesy.errors import DataError, InputError

SENSITIVITY = "9.3 cps/MBq ± 3 %"
QUICK = "[reconstruction]\niterations = 2\nsubsets = 6\nuncertainty = false\n"


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A study, its activity [MBq], what came out, and where."""
    folder = tmp_path_factory.mktemp("case")
    activity = study(folder / "in")
    protocol = folder / "p.toml"
    protocol.write_text("[reconstruction]\niterations = 4\nuncertainty_combs = 1\n")
    told: list[float] = []
    facts = reconstruct(
        folder / "in", folder / "out", options=Options(sensitivity=SENSITIVITY, protocol=protocol),
        progress=lambda text, share: told.append(share),
    )  # fmt: skip
    return activity / 1e6, facts, folder, told


def quick(folder, **options):
    protocol = folder / "quick.toml"
    if not protocol.exists():
        protocol.write_text(QUICK)
    return Options(**{"protocol": protocol, "sensitivity": SENSITIVITY, **options})


def test_the_activity_comes_out(case):
    activity, facts, folder, told = case
    (image,) = facts["images"]
    figures = image["figures"]
    assert figures["activity_MBq"] == pytest.approx(activity, rel=0.01)  # 3.8 million counts; edges blur out of view
    assert figures["fitted_by_measured"] == pytest.approx(1, abs=0.01)
    assert figures["chi_square"] == pytest.approx(1, abs=0.1)
    assert figures["scatter_fraction"] == pytest.approx(0.1 / 1.1, rel=0.02)
    assert figures["corrections"] == ["ATTN", "SCAT", "DECY"]
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_was_not_corrected_is_said(case):
    lines = dict(case[1]["images"][0]["lines"])
    assert lines["dead time"] == "not corrected"
    assert "by the CT" in lines["attenuation"]
    assert "9.3 cps/MBq" in lines["sensitivity of a head"]
    assert any("dead time" in remark for remark in case[1]["images"][0]["remarks"])


def test_files_are_whole_and_readable(case):
    activity, facts, folder, _ = case
    out = folder / "out"
    assert (
        sorted(p.name for p in out.iterdir())
        == facts["files"]
        == sorted(["report.html", "result.json", "spect.dcm", "spect.png", "spect_noise.h5", "spect_u.nii.gz"])
    )
    assert dciodvfy(out / "spect.dcm") == []
    assert json.loads((out / "result.json").read_text())["images"][0]["figures"] == facts["images"][0]["figures"]
    page = (out / "report.html").read_text()
    assert "data:image/png;base64," in page
    assert "not corrected" in page
    assert "VIRTUAL" not in page  # a name
    found = as_dict(inspect(out))
    assert found["scans"][0]["total_activity_MBq"] == pytest.approx(facts["images"][0]["figures"]["activity_MBq"], rel=1e-3)
    assert found["problems"] == []
    assert found["administration"]["activity_MBq"] == 7400.0


def test_the_uncertainty_lies_beside_the_image(case):
    import nibabel

    _, facts, folder, _ = case
    both = np.asarray(nibabel.load(folder / "out" / "spect_u.nii.gz").dataobj)
    image, u = both[..., 0], both[..., 1]
    seen = image > 0.5 * image.max()
    assert 0.01 < float(np.median(u[seen] / image[seen])) < 0.3
    with pytest.raises(DataError, match="one volume"):
        read_nifti(folder / "out" / "spect_u.nii.gz")


def test_an_interrupted_run_leaves_what_was_there(case):
    _, _, folder, _ = case
    out = folder / "out"
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def stop(text, share):
        if "writing" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reconstruct(folder / "in", out, options=quick(folder), progress=stop)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def test_counts_need_no_sensitivity(case):
    activity, _, folder, _ = case
    facts = reconstruct(folder / "in", folder / "counts", options=quick(folder, counts=True, sensitivity=""))
    figures = facts["images"][0]["figures"]
    # Counts of both heads over all views: A S sum of durations.
    assert figures["sum"] == pytest.approx(activity * 9.3 * 1200, rel=0.02)
    assert figures["activity_MBq"] is None
    assert not (folder / "counts" / "spect_u.nii.gz").exists()


def test_map_with_a_prior(case):
    activity, _, folder, _ = case
    (folder / "map.toml").write_text(
        '[reconstruction]\nalgorithm = "map"\niterations = 3\nsubsets = 6\nprior_beta = 1e-4\nuncertainty_combs = 1\n'
    )
    options = Options(sensitivity=SENSITIVITY, protocol=folder / "map.toml")
    facts = reconstruct(folder / "in", folder / "map", options=options)
    assert facts["images"][0]["figures"]["activity_MBq"] == pytest.approx(activity, rel=0.03)
    figures = facts["images"][0]["figures"]
    assert 0.01 < figures["u_max"] / figures["max"] < 0.5
    assert (folder / "map" / "spect_noise.h5").is_file()


def test_beds_and_another_frame_of_the_ct(tmp_path):
    activity = study(tmp_path / "in", beds=(120.0, -120.0)) / 1e6
    facts = reconstruct(tmp_path / "in", tmp_path / "out", options=quick(tmp_path))
    (image,) = facts["images"]
    assert image["figures"]["beds"] == 2
    assert image["figures"]["activity_MBq"] == pytest.approx(activity, rel=0.02)
    assert any("2 bed positions" in r for r in image["remarks"])


def test_without_ct_it_says_so_and_with_an_unplaced_axis_it_refuses(tmp_path):
    study(tmp_path / "in", ct=True)
    path = tmp_path / "in" / "tomo_0.dcm"
    ds = pydicom.dcmread(path)
    for item in ds.DetectorInformationSequence:
        item.ImagePositionPatient, item.ImageOrientationPatient = [0, 0, -200], [1, 0, 0, 0, 1, 0]
    ds.save_as(path, enforce_file_format=True)
    with pytest.raises(DataError, match="centre_mm"):
        reconstruct(tmp_path / "in", tmp_path / "out", options=quick(tmp_path))
    assert not (tmp_path / "out").exists()
    (tmp_path / "none.toml").write_text(QUICK + '[attenuation]\nsource = "none"\n')
    facts = reconstruct(tmp_path / "in", tmp_path / "out", options=quick(tmp_path, protocol=tmp_path / "none.toml"))
    assert dict(facts["images"][0]["lines"])["attenuation"] == "not corrected"
    assert any("not corrected for attenuation" in r for r in facts["images"][0]["remarks"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scanner": "siemens-intevoo"}, "Did you mean siemens-intevo"),
        ({"collimator": "HELP"}, "none of camera siemens-intevo"),
        ({"counts": True}, "Leave one of them out"),
        ({"ct": True}, "no such folder"),
        ({"sensitivity": "9 MBq"}, "cps/MBq"),
    ],
)
def test_options_that_make_no_sense(case, options, words):
    _, _, folder, _ = case
    if "ct" in options:
        options = {"ct": folder / "nowhere"}
    with pytest.raises(InputError, match=re.escape(words)):
        reconstruct(folder / "in", folder / "bad", options=quick(folder, **options))
    assert not (folder / "bad").exists()


def test_the_folder_of_the_projections_is_not_filled(case):
    _, _, folder, _ = case
    with pytest.raises(InputError, match="folder of the projections"):
        reconstruct(folder / "in", folder / "in", options=quick(folder))


def test_an_unknown_camera_without_a_sensitivity(tmp_path, case):
    path = tmp_path / "in" / "t.dcm"
    path.parent.mkdir()
    ds = pydicom.dcmread(case[2] / "in" / "tomo_0.dcm")
    ds.Manufacturer, ds.ManufacturerModelName = "ACME", "Roundabout"
    ds.save_as(path, enforce_file_format=True)
    with pytest.raises(InputError, match=r"\(0008,1090\)"):
        reconstruct(path, tmp_path / "out", options=Options())


def test_the_command(case):
    _, _, folder, _ = case
    app = typer.Typer()
    app.command()(command)
    runner = CliRunner()
    said = runner.invoke(
        app,
        [
            str(folder / "in"),
            "-o",
            str(folder / "cli"),
            "--sensitivity",
            SENSITIVITY,
            "--protocol",
            str(quick(folder).protocol),
            "--json",
        ],
    )
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["schema"] == "hevesy-reconstruction/1"
    wrong = runner.invoke(app, [str(folder / "in")])
    assert wrong.exit_code == 1
    written = runner.invoke(app, ["--write-protocol", str(folder / "new.toml")])
    assert written.exit_code == 0
    assert (folder / "new.toml").is_file()
