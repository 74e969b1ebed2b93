"""The main job end to end: numbers that follow by hand, files that are whole or not there, no name in any of them."""

import csv
import errno
import json
import math
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pydicom
import pytest

from hevesy.app.dose import DoseOutcome, run
from hevesy.app.inspect import inspect, save_settings
from hevesy.dicom.dose import read_rtdose
from hevesy.dicom.nifti import read_nifti, write_nifti
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.units import JOULE_PER_MEV, MBq, h

FILES = {"result.json", "doses.csv", "report.html", "report.pdf", "dose.dcm", "dose.nii.gz", "tia.nii.gz"}
BIOLOGICAL = 0.01 / h  # of the tiny study, beside physical decay


def only_json(result: Any, folder: Path, *, progress: Any = None) -> tuple[Path, ...]:
    """In place of `write_reports`: pictures and pages have tests of their own."""
    from hevesy.reports.writing import result_json

    path = folder / "result.json"
    path.write_bytes(result_json(result))
    return (path,)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hevesy.reports.write_reports", only_json)


@pytest.fixture(scope="module")
def plain_study(tmp_path_factory: pytest.TempPathFactory, tiny: ModuleType) -> Path:
    """The tiny study; do not change it."""
    return tiny.study(tmp_path_factory.mktemp("plain") / "study")


@pytest.fixture(scope="module")
def plain(plain_study: Path) -> dict[str, Any]:
    """Its result without settings; do not change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hevesy.reports.write_reports", only_json)
        return dosed(plain_study, plain_study.with_name("out"), engine="local")


def told(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "result.json").read_text("utf-8"))
    return found


def dosed(study: Path, out: Path, settings: str = "", **more: Any) -> dict[str, Any]:
    path = None
    if settings:
        path = out.with_name("settings.toml")
        path.write_text(settings, "utf-8")
    run(study, out, settings_path=path, **{"registration": "none", **more})
    return told(out)


def by_hand(tiny: ModuleType) -> dict[str, float]:
    """TIA = A0 / lambda_eff of 200 MBq, mass of 12 ml, D = TIA E / m."""
    rate = tiny.LAM + BIOLOGICAL
    energy = load_nuclide("Lu-177").electron_energy
    tia = 200 * MBq / rate
    return {"tia_MBq_h": tia / MBq / h, "effective_half_life_h": math.log(2) / rate / h, "energy_J": tia * energy * JOULE_PER_MEV}


# --- the small virtual patient


@pytest.fixture(scope="module")
def small(small_study: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DoseOutcome]:
    """Two of its time points, organs and lesions, with a patient's name in headers and file names."""
    root = tmp_path_factory.mktemp("dose")
    study = root / "study Beeblebrox"
    for point in ("T2_24h", "T4_168h"):
        shutil.copytree(small_study.folder / point, study / f"{point} Zaphodius")
    for path in study.rglob("*.dcm"):
        ds = pydicom.dcmread(path)
        ds.PatientName = "Beeblebrox^Zaphodius"
        ds.save_as(path)
    return root / "out", run(study, root / "out", registration="none")


def test_all_files_are_there_and_nothing_else(small: tuple[Path, DoseOutcome]) -> None:
    out, outcome = small
    assert {path.name for path in out.iterdir()} == FILES
    assert {path.name for path in outcome.files} == FILES
    assert all(path.stat().st_size > 500 for path in outcome.files)


def test_result_follows_its_schema(small: tuple[Path, DoseOutcome]) -> None:
    from hevesy.reports.schema import result_schema

    jsonschema.validate(told(small[0]), result_schema())


def test_rtdose_reads_back_within_its_scaling(small: tuple[Path, DoseOutcome], small_study: Any) -> None:
    out = small[0]
    dose = read_rtdose(out / "dose.dcm")
    values, grid = read_nifti(out / "dose.nii.gz")
    header = pydicom.dcmread(out / "dose.dcm", stop_before_pixels=True)
    np.testing.assert_allclose(dose.grid.affine, grid.affine, atol=1e-3)
    off = np.abs(np.asarray(dose.values) - np.maximum(values, 0))
    assert off.max() <= 0.5 * float(header.DoseGridScaling) + 1e-6 * values.max()
    ct = pydicom.dcmread(next((small_study.folder / "T2_24h" / "CT").glob("*.dcm")), stop_before_pixels=True)
    assert header.FrameOfReferenceUID == ct.FrameOfReferenceUID
    assert header.StudyInstanceUID == ct.StudyInstanceUID
    assert header.DoseUnits == "GY"


def test_masses_and_volumes_are_those_of_the_patient(small: tuple[Path, DoseOutcome], small_study: Any) -> None:
    for name, region in told(small[0])["regions"].items():
        truth = small_study.truths[name]
        assert region["volume_ml"] == pytest.approx(truth.volume / 1000, rel=0.15), name
        assert region["mass_g"] == pytest.approx(truth.mass * 1000, rel=0.25), name
        assert region["mean_dose_Gy"] > 0
        assert region["u_mean_dose_Gy"] > 0
        assert region["D98_Gy"] <= region["D50_Gy"] <= region["D2_Gy"]


def test_tables_say_the_same(small: tuple[Path, DoseOutcome]) -> None:
    out = small[0]
    rows = {row["region"]: row for row in csv.DictReader((out / "doses.csv").read_text("utf-8-sig").splitlines())}
    regions = told(out)["regions"]
    assert rows.keys() == regions.keys()
    for name, row in rows.items():
        assert float(row["mean_dose_Gy"]) == pytest.approx(regions[name]["mean_dose_Gy"], rel=1e-3)


def test_no_name_in_any_output(small: tuple[Path, DoseOutcome]) -> None:
    """The name stays in DICOM headers: in those that came, and in dose.dcm."""
    out = small[0]
    assert "Beeblebrox" in str(pydicom.dcmread(out / "dose.dcm").PatientName)
    for name in FILES - {"dose.dcm"}:
        raw = (out / name).read_bytes().lower()
        assert b"beeblebrox" not in raw, name
        assert b"zaphodius" not in raw, name


def test_what_is_missing_and_assumed_is_in_the_result(small: tuple[Path, DoseOutcome]) -> None:
    found = told(small[0])
    assert any("time points: 2 of at least 3" in text for text in found["warnings"])
    assert found["assumptions"]
    assert found["provenance"]["parameters"]["registration"] == "none"


# --- the tiny study: numbers by hand


def test_numbers_by_hand(plain: dict[str, Any], tiny: ModuleType) -> None:
    region = plain["regions"]["Kidney_Left"]
    expected = by_hand(tiny)
    assert region["volume_ml"] == pytest.approx(12.0, rel=1e-3)
    assert region["mass_g"] == pytest.approx(12.0, rel=0.03)  # HU 0 is water, within what the density table says
    assert region["tia_MBq_h"] == pytest.approx(expected["tia_MBq_h"], rel=1e-4)
    assert region["effective_half_life_h"] == pytest.approx(expected["effective_half_life_h"], rel=1e-4)
    assert region["mean_dose_Gy"] == pytest.approx(expected["energy_J"] / (region["mass_g"] / 1000), rel=1e-3)


@pytest.mark.usefixtures("quick")
def test_without_ct_the_density_is_assumed_and_said(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    for path in study.glob("V*/CT"):
        shutil.rmtree(path)
    found = dosed(study, tmp_path / "out")
    assert found["regions"]["Kidney_Left"]["mass_g"] == pytest.approx(12.0 * 1.04, rel=1e-3)
    assert any("1.04" in text for text in found["warnings"] + found["assumptions"])
    stated = dosed(study, tmp_path / "out", "[dosimetry]\ndensity_without_ct_g_per_ml = 1.10\n")
    assert stated["regions"]["Kidney_Left"]["mass_g"] == pytest.approx(12.0 * 1.10, rel=1e-3)


@pytest.mark.usefixtures("quick")
def test_twice_gives_the_same(tmp_path: Path, plain_study: Path) -> None:
    once, again = (dosed(plain_study, tmp_path / out) for out in ("once", "again"))
    assert once["engine"]["name"] == "montecarlo"
    again["provenance"]["created"] = once["provenance"]["created"]
    assert json.dumps(again) == json.dumps(once)


@pytest.mark.usefixtures("quick")
def test_written_settings_change_no_number(tmp_path: Path, plain_study: Path, plain: dict[str, Any]) -> None:
    save_settings(inspect(plain_study), tmp_path / "written.toml")
    run(plain_study, tmp_path / "out", settings_path=tmp_path / "written.toml", registration="none", engine="local")
    again = {**told(tmp_path / "out"), "provenance": plain["provenance"]}
    assert json.dumps(again) == json.dumps(plain)


@pytest.mark.usefixtures("quick")
def test_region_names_reach_the_result(tmp_path: Path, tiny: ModuleType) -> None:
    names = ["Niere links/rechts", '"quoted" <b>&amp;', "Läsion №3 病変", "=SUM(A1)", "L" * 64, "../../etc/passwd", "[bold]x[/]"]
    study = tiny.study(tmp_path / "study")
    path = study / "V2" / "RT" / "organs.dcm"
    slices = sorted((study / "V2" / "CT").glob("*"))
    tiny.rtstruct(path, dict.fromkeys("abcdefg", tiny.block_rings()), slices, n=1, hours=24.0, frame="1.2.3.2")

    def rename(ds: Any) -> None:
        ds.SpecificCharacterSet = "ISO_IR 192"
        for roi, name in zip(ds.StructureSetROISequence, names, strict=True):
            roi.ROIName = name

    tiny.change(path, rename)
    found = dosed(study, tmp_path / "out")
    assert list(found["regions"]) == names
    assert not (tmp_path / "etc").exists()


def test_strange_names_reach_every_page(tmp_path: Path, tiny: ModuleType) -> None:
    """One whole run, pages included, with names that markup, spreadsheets and typesetters would stumble over."""
    names = ["Niere <b>links</b>/rechts & mehr", "=cmd|' /C calc'!A0", "#strong[x] $a_b$ @ref\\*", "x" * 64]
    study = tiny.study(tmp_path / "study")
    slices = sorted((study / "V2" / "CT").glob("*"))
    path = study / "V2" / "RT" / "organs.dcm"
    tiny.rtstruct(path, dict.fromkeys("abcd", tiny.block_rings()), slices, n=1, hours=24.0, frame="1.2.3.2")

    def rename(ds: Any) -> None:
        for roi, name in zip(ds.StructureSetROISequence, names, strict=True):
            roi.ROIName = name

    tiny.change(path, rename)
    found = dosed(study, tmp_path / "out")
    assert list(found["regions"]) == names
    html = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<b>links</b>" not in html
    rows = list(csv.reader((tmp_path / "out" / "doses.csv").read_text("utf-8-sig").splitlines()))
    assert not any(cell.startswith("=") for row in rows for cell in row)


# --- NIfTI


VOLUME = """
nuclide = "Lu-177"
[administration]
activity_MBq = 7400
time = 2024-03-04T09:30:00
"""


def as_nifti(tiny: ModuleType, folder: Path, *, counts: bool = False, turned: bool = False) -> str:
    """The tiny study as NIfTI, and the settings that describe it."""
    folder.mkdir()
    flip = np.diag([-1.0, -1.0, -1.0, 1.0])
    flip[:3, 3] = [n - 1 for n in tiny.SHAPE[::-1]]

    def put(name: str, values: np.ndarray, quantity: Quantity) -> None:
        affine = tiny.affine() @ flip if turned else tiny.affine()
        array = np.array(values[::-1, ::-1, ::-1] if turned else values, dtype=np.float32)
        write_nifti(folder / name, Image(values=array, grid=Grid(shape=array.shape, affine=affine), quantity=quantity))

    text = VOLUME
    f = tiny.LAM * tiny.DURATION / -math.expm1(-tiny.LAM * tiny.DURATION)
    for n, (hours, total) in enumerate(zip(tiny.TIMES, tiny.TOTALS, strict=True), start=1):
        start = tiny.GIVEN_AT + tiny.timedelta(hours=hours)
        concentration = tiny.block(total / f)
        as_stored = concentration * tiny.VOXEL_ML / MBq * 9.0 * tiny.DURATION if counts else concentration / 1000
        put(f"v{n}.nii.gz", as_stored, Quantity.COUNTS)
        put(f"ct{n}.nii.gz", np.zeros(tiny.SHAPE), Quantity.HOUNSFIELD)
        kind = 'kind = "counts"' if counts else 'kind = "activity"\nunit = "kBq/ml"'
        text += (
            f'[[volume]]\npath = "v{n}.nii.gz"\n{kind}\nvisit = "{n}"\nstart = {start.isoformat()}\n'
            f'duration_s = 1200\ndecay_correction = "NONE"\n[[volume]]\npath = "ct{n}.nii.gz"\nkind = "ct"\nvisit = "{n}"\n'
        )
    labels = np.zeros(tiny.SHAPE)
    labels[tiny.BLOCK] = 7
    put("labels.nii.gz", labels, Quantity.FRACTION)
    text += '[[volume]]\npath = "labels.nii.gz"\nkind = "labels"\nvisit = "2"\nlabels = { 7 = "Kidney_Left" }\n'
    return text + ("[calibration]\ncps_per_MBq = 9.0\n" if counts else "")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("counts", [False, True], ids=["activity", "counts"])
@pytest.mark.parametrize("turned", [False, True], ids=["straight", "turned"])
def test_nifti_gives_the_numbers_of_dicom(
    tmp_path: Path, tiny: ModuleType, plain: dict[str, Any], counts: bool, turned: bool
) -> None:
    settings = as_nifti(tiny, tmp_path / "study", counts=counts, turned=turned)
    found = dosed(tmp_path / "study", tmp_path / "out", settings, engine="local")
    assert found["administration"]["source"] == "settings"
    ours, theirs = found["regions"]["Kidney_Left"], plain["regions"]["Kidney_Left"]
    for key in ("volume_ml", "mass_g", "tia_MBq_h", "effective_half_life_h", "mean_dose_Gy", "D98_Gy", "D2_Gy"):
        assert ours[key] == pytest.approx(theirs[key], rel=1e-4), key
    assert [s["total_activity_MBq"] for s in found["scans"]] == pytest.approx([x / MBq for x in tiny.TOTALS], rel=1e-5)
    assert not (tmp_path / "out" / "dose.dcm").exists()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('decay_correction = "NONE"\n', "", "needs start and decay_correction"),
        ("{ 7 = ", "{ 8 = ", "label 8 is named but not in the file"),
        ('path = "v1.nii.gz"', 'path = "v9.nii.gz"', "no such file"),
        ('path = "v1.nii.gz"', 'path = "../elsewhere.nii.gz"', "no such file"),
        ('visit = "2"\nlabels', 'visit = "9"\nlabels', "Kidney_Left"),
        ('unit = "kBq/ml"', 'unit = "kBq/cc"', "volume.0.unit"),
        ("{ 7 = ", '{ seven = "x", 7 = ', "seven"),
    ],
)
def test_nifti_settings_that_are_refused(tmp_path: Path, tiny: ModuleType, old: str, new: str, said: str) -> None:
    settings = as_nifti(tiny, tmp_path / "study").replace(old, new, 1)
    with pytest.raises(HevesyError, match=said):
        dosed(tmp_path / "study", tmp_path / "out", settings)


@pytest.mark.usefixtures("quick")
def test_labels_without_a_name_are_not_dropped(tmp_path: Path, tiny: ModuleType) -> None:
    settings = as_nifti(tiny, tmp_path / "study").replace('labels = { 7 = "Kidney_Left" }\n', "")
    assert list(dosed(tmp_path / "study", tmp_path / "out", settings)["regions"]) == ["label 7"]


@pytest.mark.parametrize("key", ["unit = 'kBq/ml'", "start = 2024-03-04T09:30:00", "duration_s = 5", "labels = { 1 = 'x' }"])
def test_a_key_that_a_ct_has_no_use_for(tmp_path: Path, tiny: ModuleType, key: str) -> None:
    as_nifti(tiny, tmp_path / "study")
    with pytest.raises(InputError, match=key.split(" ")[0]):
        dosed(tmp_path / "study", tmp_path / "out", f'[[volume]]\npath = "ct1.nii.gz"\nkind = "ct"\nvisit = "1"\n{key}\n')


# --- the folder of the output


@pytest.mark.usefixtures("quick")
def test_refused_before_anything_is_written(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    with pytest.raises(InputError, match="study folder itself"):
        run(study, study)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        run(study, tmp_path / "file")
    shutil.rmtree(study / "V2" / "RT")
    with pytest.raises(DataError, match="regions"):
        run(study, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("quick")
def test_output_below_the_study_is_not_read_as_part_of_it(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    first = dosed(study, study / "result")
    again = dosed(study, study / "result")
    assert again["regions"] == first["regions"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("hevesy.dicom.nifti.write_nifti", OSError(errno.ENOSPC, "No space left on device")),
        ("hevesy.reports.write_reports", KeyboardInterrupt()),
        ("hevesy.dicom.write_rtdose.write_rtdose", MemoryError()),
    ],
)
def test_an_older_whole_result_stays_whole(
    tmp_path: Path, tiny: ModuleType, monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    study, out = tiny.study(tmp_path / "study"), tmp_path / "out"
    dosed(study, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(place, fail)
    with pytest.raises(type(error)):
        dosed(study, out, model="mono")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.usefixtures("quick")
def test_interrupted_while_files_are_put_in_place(tmp_path: Path, tiny: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some files are new and some old then: no result.json says that they belong together."""
    study, out = tiny.study(tmp_path / "study"), tmp_path / "out"
    dosed(study, out)
    whole = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.parent.name.startswith(".part-") and Path(target).name == "tia.nii.gz" and Path(target).parent == out:
            raise KeyboardInterrupt
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        dosed(study, out)
    assert not (out / "result.json").exists()
    assert list(out.glob(".*")) == []


@pytest.mark.usefixtures("quick")
def test_a_file_of_an_older_result_that_this_one_does_not_make(tmp_path: Path, tiny: ModuleType) -> None:
    """dose.dcm of another run must not lie beside a result without one."""
    out = tmp_path / "out"
    dosed(tiny.study(tmp_path / "dicom"), out)
    assert (out / "dose.dcm").exists()
    dosed(tmp_path / "study", out, as_nifti(tiny, tmp_path / "study"))
    assert not (out / "dose.dcm").exists()


@pytest.mark.usefixtures("quick")
def test_choices_that_meet_nothing(tmp_path: Path, tiny: ModuleType) -> None:
    study = tiny.study(tmp_path / "study")
    with pytest.raises(HevesyError, match="Liver"):
        dosed(study, tmp_path / "out", '[regions.Liver]\nmodel = "mono"\n')
    with pytest.raises(HevesyError, match="V1/SPECT, V2/SPECT, V3/SPECT"):
        dosed(study, tmp_path / "out", '[dosimetry]\nreference = "V8"\n')
    with pytest.raises(HevesyError, match="resolution_mm"):
        dosed(study, tmp_path / "out", '[dosimetry]\npartial_volume = "yang"\n')


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "key",
    ["model = 'bi'", "reference = 'V1/SPECT'", "partial_volume = 'yang'\nresolution_mm = 8", "resolution_mm = 14",
     "point_u_percent = 11", "boundary_u_mm = 3", "density_u_percent = 15"],
)  # fmt: skip
def test_every_key_of_dosimetry_has_an_effect(tmp_path: Path, plain_study: Path, plain: dict[str, Any], key: str) -> None:
    found = dosed(plain_study, tmp_path / "out", f"[dosimetry]\n{key}\n")
    assert (found["regions"], found["scans"], found["reference_scan"]) != (
        plain["regions"], plain["scans"], plain["reference_scan"],
    )  # fmt: skip


@pytest.mark.data
@pytest.mark.slow
def test_real_lu177_spect_to_the_end(real_data: Path, tmp_path: Path) -> None:
    run(real_data / "lu177-dotatate-spect", tmp_path / "out", registration="none")
    found = told(tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert [s["total_activity_MBq"] for s in found["scans"]] == pytest.approx([1328.78, 883.02], rel=1e-4)
    assert all(r["mean_dose_Gy"] > 0 for r in found["regions"].values())
    warnings = "\n".join(found["warnings"])
    assert "CT" in warnings
    assert "2 time points" in warnings
