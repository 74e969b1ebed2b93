"""Quality control from files to a verdict."""

import importlib.util
import json
import math
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from hevesy.app.qc import qc
from hevesy.app.qc_asked import Asked
from hevesy.errors import DataError, InputError


def _module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


phantoms = _module("qc_phantoms", Path(__file__).parents[1] / "quantify" / "phantoms.py")
files = _module("qc_files", Path(__file__).with_name("qc_files.py"))
FILLED = Asked(background="2 kBq/ml", ratio=10.0)
SPACING = (4.0, 4.0, 4.0)


@pytest.fixture(scope="module")
def pet(tmp_path_factory):
    values, centres = phantoms.iec(fwhm=5.5, shape=(30, 70, 86))
    noisy = 2100 * values + np.random.default_rng(3).normal(0, 160, values.shape)
    folder = files.write_pet(tmp_path_factory.mktemp("pet"), np.clip(noisy, 0, None), SPACING)
    return folder, centres


def criteria(facts):
    return {c["name"]: c for c in facts["criteria"]}


def test_earl_judges_each_sphere(pet, tmp_path):
    facts = qc(pet[0], standard="earl-2", asked=FILLED, output=tmp_path / "out")
    found = criteria(facts)
    assert facts["verdict"] == "pass", [c for c in facts["criteria"] if not c["passed"]]
    assert len(found) == 20
    assert found["background by stated"]["value"] == pytest.approx(1.05, abs=0.01)
    assert found["background COV, %"]["value"] == pytest.approx(100 * 160 / 2100, abs=0.4)
    assert found["RCpeak 10 mm"]["unverified"]
    assert any("not confirmed" in text for text in facts["remarks"])
    assert json.loads((tmp_path / "out" / "qc.json").read_text("utf-8"))["verdict"] == "pass"
    for name in ("recovery.png", "regions.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")


def test_the_older_standard_fails_a_sharp_image(pet):
    facts = qc(pet[0], standard="earl-1", asked=FILLED)
    assert facts["verdict"] == "fail"
    c = criteria(facts)["RCmean 37 mm"]
    assert c["margin"] < 0
    assert not c["unverified"]


def test_stated_concentrations_decay_to_the_scan(pet):
    lam, hour = math.log(2) / files.HALF_LIFE, 3600.0
    before = (files.START - timedelta(hours=1)).isoformat()
    asked = Asked(background=f"{2 * math.exp(lam * hour):.6f} kBq/ml", ratio=10.0, at=before)
    a, b = (criteria(qc(pet[0], standard="earl-2", asked=x)) for x in (FILLED, asked))
    assert b["RCmax 37 mm"]["value"] == pytest.approx(a["RCmax 37 mm"]["value"], rel=2e-3)


def test_positions_may_be_stated(pet, tmp_path):
    folder, centres = pet
    shape = np.array((86, 70, 30))
    rows = [
        ",".join(f"{v:.3f}" for v in (d, *(c - shape / 2 * 4.0))) for d, c in zip((37, 28, 22, 17, 13, 10), centres, strict=True)
    ]
    path = tmp_path / "spheres.csv"
    path.write_text("diameter_mm,x_mm,y_mm,z_mm\n" + "\n".join(rows) + "\n", "utf-8")
    stated = qc(folder, standard="earl-2", asked=Asked(background="2 kBq/ml", ratio=10.0, spheres=path))
    assert stated["details"]["positions"] == "stated"
    found = criteria(qc(folder, standard="earl-2", asked=FILLED))
    assert criteria(stated)["RCpeak 22 mm"]["value"] == pytest.approx(found["RCpeak 22 mm"]["value"], rel=1e-3)
    path.write_text("diameter_mm,x_mm,y_mm,z_mm\n37,0,0,0\n", "utf-8")
    with pytest.raises(InputError, match="one each"):
        qc(folder, standard="earl-2", asked=Asked(background="2 kBq/ml", ratio=10.0, spheres=path))


def test_nema_needs_limits_of_somebody(pet, tmp_path):
    facts = qc(pet[0], standard="nema-nu2-2018", asked=Asked(ratio=10.0))
    assert facts["verdict"] == "no limits"
    limits = tmp_path / "limits.csv"
    limits.write_text('name,low,high,source\n"lung residual, %",,1,vendor\n', "utf-8")
    judged = qc(pet[0], standard="nema-nu2-2018", asked=Asked(ratio=10.0, limits=limits))
    assert criteria(judged)["lung residual, %"]["source"] == "vendor"
    assert judged["verdict"] == "fail"


def test_what_was_filled_must_be_known(pet):
    with pytest.raises(InputError, match="--background"):
        qc(pet[0], standard="earl-2")
    with pytest.raises(InputError, match="one of both"):
        qc(pet[0], standard="earl-2", asked=Asked(background="2 kBq/ml", sphere="20 kBq/ml", ratio=10.0))
    with pytest.raises(InputError, match="write the time"):
        qc(pet[0], standard="earl-2", asked=Asked(background="2 kBq/ml", ratio=10.0, at="yesterday"))
    with pytest.raises(InputError, match="known are"):
        qc(pet[0], standard="earl-3")


def test_a_cylinder_is_held_against_what_was_filled(tmp_path):
    values = phantoms.cylinder(value=20e3)
    folder = files.write_pet(tmp_path / "pet", values, SPACING)
    asked = Asked(activity="100 MBq ± 2 %", residual="2 MBq", volume="5 l ± 0.5 %")
    facts = qc(folder, standard="spect-cylinder", asked=asked, output=tmp_path / "out")
    assert criteria(facts)["measured by filled"]["value"] == pytest.approx(20e3 / (98e6 / 5000), rel=0.01)
    assert facts["details"]["u_measured_by_filled"] == pytest.approx(1.02 * math.hypot(2 / 98, 0.005), rel=0.05)
    assert (tmp_path / "out" / "cylinder.png").is_file()
    with pytest.raises(InputError, match="--activity and --volume"):
        qc(folder, standard="spect-cylinder")


def test_both_heads_of_a_flood(tmp_path):
    flood = np.zeros((2, 128, 128))
    flood[:, 20:108, 10:118] = 12000
    flood[1, 60:66, 50:56] *= 0.9
    path = files.write_counts(tmp_path / "flood.dcm", flood, 4.8, heads=2)
    facts = qc(path, standard="nema-nu1-uniformity", output=tmp_path / "out")
    assert criteria(facts)["integral uniformity, useful field, %"]["value"] == pytest.approx(100 * 0.1 / 1.9, rel=1e-6)
    assert [h["integral_useful_percent"] for h in facts["details"]["heads"]] == pytest.approx([0, 100 * 0.1 / 1.9], abs=1e-6)
    assert (tmp_path / "out" / "uniformity-2.png").is_file()
    one = qc(path, standard="nema-nu1-uniformity", asked=Asked(detector=1))
    assert criteria(one)["integral uniformity, useful field, %"]["value"] == pytest.approx(0, abs=1e-9)
    with pytest.raises(InputError, match="--detector 3"):
        qc(path, standard="nema-nu1-uniformity", asked=Asked(detector=3))
    with pytest.raises(DataError, match="no TOMO"):
        qc(path, standard="centre-of-rotation")


def test_the_worse_head_is_judged(tmp_path):
    rng = np.random.default_rng(1)
    heads = [rng.poisson(phantoms.rotation(offset=o)[0]) for o in (0.5, -2.6)]
    path = files.write_counts(tmp_path / "point.dcm", np.concatenate(heads), 4.8, angles=(0.0, 12.0), heads=2)
    facts = qc(path, standard="centre-of-rotation", output=tmp_path / "out")
    assert [h["offset_mm"] for h in facts["details"]["heads"]] == pytest.approx([0.5, -2.6], abs=0.03)
    assert facts["verdict"] == "fail"
    c = criteria(facts)["offset across the axis, mm"]
    assert c["unverified"]
    assert c["margin"] == pytest.approx(-0.6, abs=0.03)
    assert (tmp_path / "out" / "rotation-1.png").is_file()


def test_bars_and_lines(tmp_path):
    image = np.random.default_rng(4).poisson(phantoms.bars(fwhm=3.8, widths=(2.0, 2.5, 3.0, 3.5)))
    path = files.write_counts(tmp_path / "bars.dcm", image[None], 0.6)
    facts = qc(path, standard="bars", asked=Asked(bars="2, 2.5, 3, 3.5"), output=tmp_path / "out")
    assert criteria(facts)["resolution, mm"]["value"] == pytest.approx(3.8, rel=0.03)
    assert criteria(facts)["finest bars seen, mm"]["value"] == 2.5
    assert (tmp_path / "out" / "bars-1.png").is_file()
    with pytest.raises(InputError, match="four widths"):
        qc(path, standard="bars")
    x = np.arange(128) - 63.5
    line = np.zeros((1, 128, 128))
    line[0, 14:114] = 20000 * np.exp(-4 * math.log(2) * (x * 2.0 / 8.0) ** 2)
    path = files.write_counts(tmp_path / "line.dcm", line, 2.0)
    facts = qc(path, standard="resolution", asked=Asked(source="line"), output=tmp_path / "out")
    assert criteria(facts)["FWHM, mm"]["value"] == pytest.approx(8.0, rel=0.02)
    assert (tmp_path / "out" / "resolution-1.png").is_file()


def test_dead_time_and_factors_from_tables(tmp_path):
    lines = ["time_h,rate_cps"]
    for t in range(0, 48, 2):
        n = 4e5 * 2 ** (-t / 6.015)
        lines.append(f"{t},{n * math.exp(-2e-6 * n):.3f}")
    path = tmp_path / "rates.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    facts = qc(path, standard="dead-time", asked=Asked(nuclide="Tc-99m"), output=tmp_path / "out")
    assert criteria(facts)["dead time, us"]["value"] == pytest.approx(2.0, rel=2e-3)
    assert criteria(facts)["highest counted rate, 1/s"]["value"] == pytest.approx(1 / (math.e * 2e-6), rel=2e-3)
    assert (tmp_path / "out" / "dead-time.png").is_file()
    path.write_text("source,rate_cps,u_cps\nfirst,45241.87,20\nsecond,53215.21,20\nboth,88277.07,20\n", "utf-8")
    two = qc(path, standard="dead-time")
    assert criteria(two)["dead time, us"]["value"] == pytest.approx(2.0, rel=1e-3)
    path.write_text("instrument,activity_MBq,u_MBq\ncalibrator,100,2\nPET,95,1\n", "utf-8")
    factors = qc(path, standard="cross-calibration", asked=Asked(reference="calibrator"))
    assert criteria(factors)["factor PET"]["value"] == pytest.approx(100 / 95)
    with pytest.raises(InputError, match="--reference"):
        qc(path, standard="cross-calibration")


def test_a_cylinder_in_counts_gives_a_sensitivity(tmp_path):
    import pydicom

    from hevesy.dicom.write_nm import Emission, write_nm
    from hevesy.model import Administration, DecayCorrection, Grid, Image, Quantity

    values = phantoms.cylinder(value=500.0).astype(np.float32)
    grid = Grid(shape=values.shape, affine=np.diag([*SPACING, 1.0]), frame_of_reference=files.VISIT.frame_of_reference)
    image = Image(values=np.clip(values, 0, None), grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    emission = Emission(
        administration=Administration(nuclide="Lu-177", activity=5e8, time=files.START - timedelta(hours=1)),
        half_life=574000.0,
        correction=DecayCorrection.NONE,
    )
    path = write_nm(tmp_path / "nm" / "NM.dcm", image, visit=files.VISIT, series=files.SERIES, emission=emission)
    ds = pydicom.dcmread(path)
    slope = ds.RealWorldValueMappingSequence[0].RealWorldValueSlope
    del ds.RealWorldValueMappingSequence
    ds.save_as(path)
    facts = qc(path, standard="spect-cylinder", asked=Asked(activity="500 MBq ± 2 %", volume="5 l"))
    # 500 counts by the slope in 0.064 ml, 100 kBq/ml, 600 s
    expected = 500 / slope / 0.064 / 1e5 / 600 * 1e6
    assert criteria(facts)["sensitivity, cps/MBq"]["value"] == pytest.approx(expected, rel=3e-3)
    assert facts["details"]["duration_s"] == pytest.approx(600)
    # Counts of the start of the scan are not corrected for decay once more, and the sensitivity of a head is told apart.
    ds = pydicom.dcmread(path)
    ds.CorrectedImage, ds.DecayCorrection = ["DECY"], "START"
    ds.save_as(path)
    again = qc(path, standard="spect-cylinder", asked=Asked(activity="500 MBq ± 2 %", volume="5 l", heads=2))
    left = -math.expm1(-math.log(2) * 600 / 574000) / (math.log(2) * 600 / 574000)
    assert criteria(again)["sensitivity, cps/MBq"]["value"] == pytest.approx(
        criteria(facts)["sensitivity, cps/MBq"]["value"] * left, rel=1e-5
    )
    one = criteria(again)["sensitivity of a head, cps/MBq"]["value"]
    assert one == pytest.approx(criteria(again)["sensitivity, cps/MBq"]["value"] / 2)
    assert any("--heads" in r for r in facts["remarks"])
    ds.DecayCorrection = "ADMIN"
    ds.save_as(path)
    with pytest.raises(DataError, match=r"\(0018,9701\)"):
        qc(path, standard="spect-cylinder", asked=Asked(activity="500 MBq", volume="5 l"))


def test_the_wrong_phantom_is_refused(tmp_path):
    """Views of a rotation are no flood, a body no point, a bare flood no bars."""
    from tests.dicom.tomo_files import tomo_file

    rotation = tomo_file(tmp_path / "t.dcm")
    for standard in ("nema-nu1-uniformity", "bars", "resolution"):
        with pytest.raises(DataError, match="views of a rotation"):
            qc(rotation, standard=standard, asked=Asked(bars="2, 2.5, 3, 3.5"))
    with pytest.raises(InputError, match="holds no emission image that was reconstructed"):
        qc(rotation, standard="spect-cylinder", asked=Asked(activity="1 MBq", volume="1 l"))
    x = (np.arange(128) - 63.5) * 2.4
    wide = 300 * np.exp(-0.5 * (x[:, None] ** 2 + x[None, :] ** 2) / 40**2)
    with pytest.raises(DataError, match="no point or line"):
        qc(files.write_counts(tmp_path / "wide.dcm", wide[None], 2.4), standard="resolution")
    even = np.random.default_rng(1).poisson(np.full((128, 128), 400.0))
    with pytest.raises(DataError, match="bars are seen in no quadrant|no quadrant tells"):
        qc(files.write_counts(tmp_path / "even.dcm", even[None], 2.4), standard="bars", asked=Asked(bars="2, 2.5, 3, 3.5"))
