"""SUV of regions from whole folders: small ones whose numbers follow by hand, and real ones."""

import json
import math
import shutil
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pydicom
import pytest

from hevesy.app.suv import suv
from hevesy.app.suv_scale import Stated
from hevesy.errors import DataError, InputError
from hevesy.model import DecayCorrection
from hevesy.quantify.body_size import Normalisation
from hevesy.quantify.suv import ScaleUncertainty
from hevesy.units import MBq

TOTAL = 100 * MBq


def study(tiny: ModuleType, folder: Path, correction: DecayCorrection = DecayCorrection.START, **more: Any) -> list[Path]:
    """A PET with one block of activity, outlined as a lesion and, in part, as liver."""
    files: list[Path] = tiny.pt(folder / "pet", tiny.block(TOTAL), correction=correction, **more)
    rings = tiny.block_rings()
    tiny.rtstruct(folder / "rs.dcm", {"Lesion 1": rings, "Liver": rings[:2]}, files)
    return files


def expected(tiny: ModuleType, seconds: float) -> float:
    """SUV of the block whose values refer to ``seconds`` after the administration."""
    z, y, x = (s.stop - s.start for s in tiny.BLOCK)
    concentration = TOTAL / (z * y * x * tiny.VOXEL_ML)
    return concentration * 70000 / (7400 * MBq * math.exp(-tiny.LAM * seconds))  # type: ignore[no-any-return]


def test_values_corrected_to_the_start(tiny: ModuleType, tmp_path: Path) -> None:
    study(tiny, tmp_path)
    found = suv(tmp_path)
    row = found["regions"]["Lesion 1"]
    want = expected(tiny, 24 * 3600)
    for key in ("suv_max", "suv_mean"):
        assert row[key] == pytest.approx(want, rel=1e-4)
        assert row[f"u_{key}"] is None
        assert key in row["why_no_u"]
    assert row["volume_ml"] == pytest.approx(4 * 4 * 6 * tiny.VOXEL_ML)
    assert row["tlg"] == pytest.approx(row["suv_mean"] * row["volume_ml"])
    assert row["auc_csh"] == pytest.approx(1.0, rel=1e-4)
    assert row["percent_per_l"] == pytest.approx(100 * 1000 * want / 70000, rel=1e-4)
    assert found["regions"]["Liver"]["kind"] == "organ"
    said = " ".join(found["corrections"])
    for word in ("BQML", "START", "half-life", "body weight 70.00 kg"):
        assert word in said


def test_a_wrong_unit_of_half_life_activity_or_time_is_caught(tiny: ModuleType, tmp_path: Path) -> None:
    """The image cannot hold more than was given, nor hardly any of it; the half-life is that of the nuclide."""
    files = study(tiny, tmp_path)
    share = math.exp(tiny.LAM * 24 * 3600) * TOTAL / (7400 * MBq)
    assert f"check: the image holds {100 * share:.3g} %" in suv(tmp_path)["corrections"][-1]
    with pytest.raises(DataError, match=r"cannot be. Check \(0018,1074\)"):
        suv(tmp_path, stated=Stated(activity=7.4 * MBq))
    low = suv(tmp_path, stated=Stated(activity=7.4e6 * MBq))
    assert "check the units of activity" in low["warnings"][0]
    for half_life in ("9.57", "-574300"):
        tiny.change(
            files, lambda ds, T=half_life: setattr(ds.RadiopharmaceuticalInformationSequence[0], "RadionuclideHalfLife", T)
        )
        with pytest.raises(DataError, match=r"\(0018,1075\) Radionuclide Half Life is .* Lu-177 has"):
            suv(tmp_path)


def test_admin_and_none(tiny: ModuleType, tmp_path: Path) -> None:
    study(tiny, tmp_path / "a", DecayCorrection.ADMIN)
    assert suv(tmp_path / "a")["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(expected(tiny, 0.0), rel=1e-4)
    study(tiny, tmp_path / "n", DecayCorrection.NONE)
    x = tiny.LAM * tiny.DURATION
    in_frame = x / -math.expm1(-x)
    got = suv(tmp_path / "n")
    assert got["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(expected(tiny, 24 * 3600) * in_frame, rel=1e-4)
    assert "NONE" in " ".join(got["corrections"])


def test_spect_takes_the_same_way(tiny: ModuleType, tmp_path: Path) -> None:
    """Quantitative SPECT as an NM object: activity concentration by administered activity."""
    slices = tiny.ct(tmp_path / "ct")
    tiny.nm(tmp_path / "nm", tiny.block(TOTAL), correction=DecayCorrection.START, says_correction=True)
    tiny.rtstruct(tmp_path / "rs.dcm", {"Lesion 1": tiny.block_rings()}, slices)
    found = suv(tmp_path)
    assert found["modality"] == "NM"
    assert found["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(expected(tiny, 24 * 3600), rel=5e-3)


def test_philips(tiny: ModuleType, tmp_path: Path) -> None:
    """CNTS with a SUV factor, and with an activity factor alone; with neither there is no SUV."""
    files = study(tiny, tmp_path)

    def philips(ds: pydicom.Dataset, **tags: str) -> None:
        ds.Units = "CNTS"
        block = ds.private_block(0x7053, "Philips PET Private Group", create=True)
        for element, value in ((0x00, tags.get("suv", "0")), (0x09, tags.get("activity", "0"))):
            block.add_new(element, "DS", value)

    plain = suv(tmp_path)["regions"]["Lesion 1"]["suv_mean"]
    tiny.change(files, lambda ds: philips(ds, activity="2"))
    found = suv(tmp_path)
    assert found["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(2 * plain)
    assert "(7053,xx09)" in found["corrections"][0]
    concentration = TOTAL / (4 * 4 * 6 * tiny.VOXEL_ML)
    tiny.change(files, lambda ds: philips(ds, suv="0.0001", activity="2"))
    found = suv(tmp_path)
    assert found["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(concentration * 1e-4, rel=1e-4)
    assert "(7053,xx00)" in found["corrections"][0]
    bsa = suv(tmp_path, stated=Stated(normalisation=Normalisation.BSA))
    assert bsa["unit"] == "cm2/ml"
    assert "factor" in bsa["corrections"][-2]
    tiny.change(files, philips)
    with pytest.raises(DataError, match=r"neither Philips \(7053,xx00\)"):
        suv(tmp_path)


def test_stored_suv(tiny: ModuleType, tmp_path: Path) -> None:
    """GML is taken as it is, needs no weight, and changes its normalisation by the ratio of sizes."""
    files = study(tiny, tmp_path)
    tiny.change(files, lambda ds: setattr(ds, "Units", "GML"))
    with pytest.raises(DataError, match=r"holds .* % of the administered activity.*cannot be"):
        suv(tmp_path)
    tiny.change(files, lambda ds: setattr(ds, "RescaleSlope", f"{1e-4 * float(ds.RescaleSlope):.8g}"))
    found = suv(tmp_path)
    value = 1e-4 * TOTAL / (4 * 4 * 6 * tiny.VOXEL_ML)
    assert found["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(value, rel=1e-4)
    assert "GML" in found["corrections"][0]
    assert any("SUV Type" in text for text in found["warnings"])
    lean = suv(tmp_path, stated=Stated(normalisation=Normalisation.LBM_JANMA))
    ratio = 9270 / (8780 + 244 * 70 / 1.7**2)
    assert lean["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(ratio * value, rel=1e-4)
    tiny.change(files, lambda ds: setattr(ds, "SUVType", "LBMJANMA"))
    again = suv(tmp_path, stated=Stated(normalisation=Normalisation.LBM_JANMA))
    assert again["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(value, rel=1e-4)
    tiny.change(files, lambda ds: setattr(ds, "SUVType", "IBW"))
    with pytest.raises(DataError, match="SUV Type is IBW"):
        suv(tmp_path)


def test_a_series_time_that_postprocessing_overwrote(tiny: ModuleType, tmp_path: Path) -> None:
    files = study(tiny, tmp_path)
    plain = suv(tmp_path)["regions"]["Lesion 1"]["suv_mean"]
    tiny.change(files, lambda ds: setattr(ds, "SeriesDate", "20240312"))
    found = suv(tmp_path)
    assert found["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(plain, rel=1e-6)
    assert any("not taken" in text for text in found["warnings"])


def test_an_administration_shifted_by_years(tiny: ModuleType, tmp_path: Path) -> None:
    """Anonymised data: the date of (0018,1078) is gone wrong, the time of day of (0018,1072) is right."""
    files = study(tiny, tmp_path, hours=2.0)
    plain = suv(tmp_path)["regions"]["Lesion 1"]["suv_mean"]

    def shifted(ds: pydicom.Dataset) -> None:
        ds.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartDateTime = "20280101093000"

    tiny.change(files, shifted)
    found = suv(tmp_path)
    assert found["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(plain, rel=1e-6)
    assert any("(0018,1072) on the day of the scan" in text for text in found["warnings"])


def test_what_is_missing_is_named_with_its_option(tiny: ModuleType, tmp_path: Path) -> None:
    files = study(tiny, tmp_path)
    plain = suv(tmp_path)["regions"]["Lesion 1"]["suv_mean"]

    def without(ds: pydicom.Dataset) -> None:
        ds.PatientWeight = None
        info = ds.RadiopharmaceuticalInformationSequence[0]
        info.RadionuclideTotalDose = None
        del info.RadiopharmaceuticalStartDateTime, info.RadiopharmaceuticalStartTime

    tiny.change(files, without)
    with pytest.raises(InputError, match="--administered"):
        suv(tmp_path)
    stated = Stated(administered=tiny.GIVEN_AT)
    with pytest.raises(InputError, match=r"\(0018,1074\).*--activity"):
        suv(tmp_path, stated=stated)
    stated = Stated(administered=tiny.GIVEN_AT, activity=7400 * MBq)
    with pytest.raises(InputError, match=r"\(0010,1030\).*--weight"):
        suv(tmp_path, stated=stated)
    stated = Stated(administered=tiny.GIVEN_AT, activity=7400 * MBq, weight=70.0)
    assert suv(tmp_path, stated=stated)["regions"]["Lesion 1"]["suv_mean"] == pytest.approx(plain)
    late = Stated(administered=tiny.GIVEN_AT + timedelta(days=3), activity=7400 * MBq, weight=70.0)
    with pytest.raises(InputError, match="before the administration"):
        suv(tmp_path, stated=late)


def test_refusals(tiny: ModuleType, tmp_path: Path) -> None:
    files = study(tiny, tmp_path)
    with pytest.raises(InputError, match="no such region"):
        suv(tmp_path, regions=("Spleen",))
    with pytest.raises(InputError, match="is a file"):
        suv(tmp_path, output=files[0])
    assert list(suv(tmp_path, regions=("LIVER",))["regions"]) == ["Liver"]
    tiny.pt(tmp_path / "second", tiny.block(TOTAL), n=1, hours=48.0, correction=DecayCorrection.START, frame="1.2.4")
    assert suv(tmp_path)["scan"] == "pet"
    with pytest.raises(InputError, match="meets 0 scans"):
        suv(tmp_path, stated=Stated(scan="none"))
    with pytest.raises(InputError, match="no regions on this scan"):
        suv(tmp_path, stated=Stated(scan="second"))
    tiny.change(files, lambda ds: setattr(ds, "CorrectedImage", ["DECY"]))
    with pytest.raises(DataError, match="without attenuation"):
        suv(tmp_path, stated=Stated(scan="pet"))


def test_files_and_uncertainty(tiny: ModuleType, tmp_path: Path) -> None:
    study(tiny, tmp_path / "in")
    stated = Stated(scale=ScaleUncertainty(calibration=0.03, activity=0.04))
    found = suv(tmp_path / "in", stated=stated, output=tmp_path / "out")
    row = found["regions"]["Lesion 1"]
    assert row["u_suv_mean"] == pytest.approx(0.05 * row["suv_mean"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"suv.csv", "suv.json", "suv.png"}
    header, first, *_ = (tmp_path / "out" / "suv.csv").read_text().splitlines()
    assert header.startswith("region,standard_name")
    assert first.startswith("Lesion 1,Lesion,lesion,")
    assert json.loads((tmp_path / "out" / "suv.json").read_text())["regions"]["Lesion 1"] == row


@pytest.mark.data
def test_real_fdg(real_data: Path) -> None:
    """Shared with the data: SUVmax 7.9107, SUVmean 2.5552, 366.1 ml in GTV_Mass."""
    found = suv(real_data / "fdg-pet" / "sts-001-raw", regions=("GTV_Mass",))
    row = found["regions"]["GTV_Mass"]
    assert row["suv_max"] == pytest.approx(7.9107, abs=5e-5)
    assert row["suv_mean"] == pytest.approx(2.5552, abs=5e-5)
    assert row["volume_ml"] == pytest.approx(366.1, abs=0.05)
    assert row["suv_mean"] < row["suv_peak"] < row["suv_max"]


@pytest.mark.data
def test_real_siemens_and_ge_slices(real_data: Path, tmp_path: Path) -> None:
    """Single slices made whole: the reference time is that of the series, by rule and by decay factor."""
    from hevesy.app.uptake import load_uptake

    want = {"NM-PetIm-GE.dcm": (74.0, 221596288.0, 3055.0), "NM-PetIm-Siemens-3.dcm": (110.0, 394e6, 4050.0)}
    for name, (weight, activity, elapsed) in want.items():
        folder = tmp_path / name
        folder.mkdir()
        ds = pydicom.dcmread(real_data / "pet-headers" / name)
        ds.NumberOfSlices = 1
        ds.save_as(folder / name)
        found = load_uptake(folder)
        stored = ds.pixel_array.astype(float) * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        factor = weight * 1000 / (activity * 2 ** (-elapsed / 6586.2))
        assert found.values[0] == pytest.approx(stored * factor, rel=2e-6)
        assert found.warnings


@pytest.mark.data
def test_a_series_that_is_no_activity_is_refused_with_its_unit(real_data: Path, tmp_path: Path) -> None:
    """Siemens, not attenuation-corrected, in PROPCPS: the reason is said."""
    shutil.copy(real_data / "pet-headers" / "NM-PetIm-Siemens-2.dcm", tmp_path / "nac.dcm")
    with pytest.raises(DataError, match="PROPCPS"):
        suv(tmp_path)


def test_a_peak_that_reaches_beyond_its_region_is_remarked(tiny: ModuleType, tmp_path: Path) -> None:
    """A region of cold voxels beside the hot block: the sphere of 1 ml reaches into it."""
    files = study(tiny, tmp_path)
    x = tuple(tiny.CORNER[0] + i * tiny.SIDE for i in (0.5, 1.5))
    y = tuple(tiny.CORNER[1] + j * tiny.SIDE for j in (1.5, 5.5))
    rings = tuple(tiny.ring(tiny.CORNER[2] + k * tiny.SIDE, x, y) for k in (2, 3))
    tiny.rtstruct(tmp_path / "rs.dcm", {"Beside": rings}, files)
    row = suv(tmp_path)["regions"]["Beside"]
    assert row["suv_max"] == 0
    assert row["suv_peak"] > 0
    assert "beside the region" in row["remarks"][0]
