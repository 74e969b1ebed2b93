"""A result of `hevesy dose` read again: values in the units of the house, and what is refused."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from hevesy import units as un
from hevesy.app.result_file import read_result
from hevesy.errors import DataError, InputError

spec = importlib.util.spec_from_file_location("made_results", Path(__file__).with_name("made_results.py"))
assert spec is not None
assert spec.loader is not None
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


def test_values_are_in_the_units_of_the_house(tmp_path: Path) -> None:
    folder = made.write(tmp_path / "r", made.result())
    found = read_result(folder)
    kidney = found.regions["Kidney_Left"]
    assert found.administered_activity == pytest.approx(7.4 * un.GBq)
    assert found.half_life == pytest.approx(159.528 * un.h)
    assert found.administered == made.START
    assert kidney.mean_dose.value == pytest.approx(6.0)
    assert kidney.mean_dose.u == pytest.approx(0.36)
    assert kidney.mass.value == pytest.approx(0.150)
    assert kidney.volume.value == pytest.approx(150 / 1.05 * un.ml)
    assert kidney.time_integrated_activity.value == pytest.approx(15000 * un.MBq * un.h)
    assert kidney.effective_half_life.value == pytest.approx(50 * un.h)
    assert float((kidney.amplitudes / kidney.rates).sum()) == pytest.approx(15000 * un.MBq * un.h)
    assert kidney.u_random == pytest.approx(0.06 / np.sqrt(2))
    np.testing.assert_allclose(kidney.volume_share, [1, 0.5, 0])
    assert found.correlation is None


def test_the_file_or_its_folder(tmp_path: Path) -> None:
    folder = made.write(tmp_path / "r", made.result())
    assert read_result(folder / "result.json").path == read_result(folder).path
    assert read_result(folder).dose_map is None
    (folder / "dose.nii.gz").write_bytes(b"")
    assert read_result(folder).dose_map == folder / "dose.nii.gz"


def test_what_has_no_uncertainty_says_why(tmp_path: Path) -> None:
    content = made.result()
    lesion = content["regions"]["Lesion 1"]
    lesion |= {"u_mean_dose_Gy": None, "why_no_u_mean_dose_Gy": "one scan", "u_volume_ml": None, "u_random_percent": None}
    found = read_result(made.write(tmp_path / "r", content)).regions["Lesion 1"]
    assert (found.mean_dose.u, found.mean_dose.why_no_u) == (None, "one scan")
    assert found.volume.why_no_u == "the result states none"
    assert found.u_random is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no JSON"),
        ("[]", "its schema is None; expected 'hevesy-dose-result/1'"),
        ('{"schema": "hevesy-dose-result/9"}', "its schema is 'hevesy-dose-result/9'"),
        ('{"schema": "hevesy-dose-result/1"}', "not a whole dose result .KeyError"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "result.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match=says):
        read_result(tmp_path)


def test_a_region_that_lacks_a_value_is_refused(tmp_path: Path) -> None:
    content = made.result()
    del content["regions"]["Kidney_Left"]["u_mass_g"]
    with pytest.raises(DataError, match="u_mass_g"):
        read_result(made.write(tmp_path / "r", content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Give a result.json of `hevesy dose`"):
        read_result(tmp_path / "nothing")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_result(tmp_path / "binary.json")


def test_no_number_that_is_not_finite(tmp_path: Path) -> None:
    text = json.dumps(made.result()).replace('"mean_dose_Gy": 6.0', '"mean_dose_Gy": NaN')
    (tmp_path / "result.json").write_text(text, "utf-8")
    with pytest.raises((DataError, InputError), match="finite"):
        read_result(tmp_path)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("administration", "activity_MBq"), 0.0, "administered activity is 0 MBq"),
        (("administration", "activity_MBq"), -7400.0, "administered activity is -7400 MBq"),
        (("regions",), [], "must be tables"),
        (("patient",), None, "must be tables"),
        (("regions", "Kidney_Left", "mean_dose_Gy"), -6.0, "a dose below zero"),
        (("regions", "Kidney_Left", "mean_dose_Gy"), 6000.0, "dose per activity times the administered activity is 6 Gy"),
        (("regions", "Kidney_Left", "mass_g"), 0.0, "or no mass"),
        (("regions", "Kidney_Left", "fit", "rates_per_h"), [-0.01], "rates above zero"),
        (("regions", "Kidney_Left", "fit", "amplitudes_MBq"), [], "as many rates above zero as amplitudes"),
        (("regions", "Kidney_Left", "dvh"), {"dose_Gy": [], "volume_percent": []}, "histogram holds 0 doses"),
        (("regions", "Kidney_Left", "u_random_percent"), -5.0, "relative u by kind"),
        (("regions", "Kidney_Left", "budget"), {"x": 5}, "no table of tables"),
        (("regions", "Kidney_Left", "u_mean_dose_Gy"), -1.0, "an uncertainty must be finite"),
    ],
)
def test_numbers_that_no_dosimetry_gives_are_refused(tmp_path: Path, path: tuple[str, ...], value: object, says: str) -> None:
    content = made.result()
    table = content
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    with pytest.raises(DataError, match=says):
        read_result(made.write(tmp_path / "r", content))


def test_times_are_local(tmp_path: Path) -> None:
    """A zone in one of two results would make them incomparable."""
    content = made.result()
    content["administration"]["time"] += "+02:00"
    assert read_result(made.write(tmp_path / "r", content)).administered == made.START
