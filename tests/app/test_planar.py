"""From planar files and regions to activities, with verdicts where there is none to give."""

import importlib.util
import json
from datetime import datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hevesy.app.planar import WHOLE, PlanarOptions, planar
from hevesy.app.planar_regions import inside, read_regions
from hevesy.errors import DataError, InputError
from hevesy.units import cm, keV

WINDOWS = [(187.2, 228.8), (166.4, 187.2), (228.8, 249.6)]
SHAPE = (40, 30)
ORGAN, GROUND = [4, 6, 10, 16], [4, 20, 10, 26]  # 60 and 36 pixels
FULL = PlanarOptions(sensitivity=9.0, u_sensitivity=0.03, thickness=20 * cm, u_thickness=cm, mu=0.1 / cm, u_mu=0.005 / cm)


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planar_views", Path(__file__).parents[1] / "dicom" / "planar_views.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn(front: int = 400, back: int = 100, around: int = 20, scatter: int = 0) -> np.ndarray:
    """A box of ``front`` and ``back`` counts a pixel over ``around``, each as its camera sees it; scatter windows flat."""
    views = np.full((2, 3, *SHAPE), around)
    left, top, right, bottom = ORGAN
    for at, value in enumerate((front, back)):
        views[at, 0, top:bottom, left:right] = value
    views[:, 0] += scatter
    views[:, 1:] = scatter // 2
    views[1] = views[1, :, :, ::-1]
    return views


def regions(path: Path, *extra: dict, **changes: object) -> Path:
    organ = {"name": "Organ", "box": ORGAN, "background": "Ground", "background_fraction": 1.0, "u_background_fraction": 0.0}
    entries = [organ | changes, {"name": "Ground", "box": GROUND}, *extra]
    path.write_text(json.dumps({"regions": entries}), "utf-8")
    return path


def test_an_organ_by_hand(make: ModuleType, tmp_path: Path) -> None:
    """Net 380 and 80 a pixel in 60 pixels: sqrt(22800 4800) e^(0.1 20 / 2) / (9 * 40) MBq; scatter is taken off exactly."""
    file = make.planar_file(tmp_path / "a.dcm", drawn(scatter=40), windows=WINDOWS)
    found = planar([file], regions=regions(tmp_path / "r.json"), options=FULL)
    organ = found["regions"]["Organ"]
    assert found["scatter"] == "triple energy window"
    assert organ["pixels"] == 60
    assert organ["area_cm2"] == pytest.approx(60 * 0.04)
    assert (organ["counts_anterior"], organ["counts_posterior"]) == (60 * 440, 60 * 140)
    assert (organ["primary_anterior"], organ["net_anterior"], organ["net_posterior"]) == (24000, 22800, 4800)
    assert organ["geometric_mean"] == pytest.approx(np.sqrt(22800 * 4800))
    assert organ["activity_MBq"] == pytest.approx(np.sqrt(22800 * 4800) * np.e / 360)
    assert organ["u_activity_MBq"] > 0.03 * organ["activity_MBq"]
    assert found["regions"]["Ground"]["activity_MBq"] is None
    assert found["assumed"] == []
    # A pixel of scatter: 20 counts in windows half as wide make 40 in the peak, with 20 + 20 of variance.
    assert organ["u_primary_anterior"] == pytest.approx(np.sqrt(60 * (440 + 40)))


def test_what_is_not_stated_is_said(make: ModuleType, tmp_path: Path) -> None:
    file = make.planar_file(tmp_path / "a.dcm", drawn()[:, :1], windows=WINDOWS[:1])
    table = regions(tmp_path / "r.json")
    counts = planar([file], regions=table, options=PlanarOptions())
    assert counts["regions"]["Organ"]["activity_MBq"] is None
    assert counts["regions"]["Organ"]["geometric_mean"] == pytest.approx(60 * np.sqrt(380 * 80))
    assert any("counts only" in text for text in counts["remarks"])
    assert any("broad beam" in text for text in counts["remarks"])
    found = planar([file], regions=table, options=PlanarOptions(sensitivity=9.0, thickness=20 * cm, mu=0.1 / cm))
    assert found["assumed"] == ["u of mu 5 %", "u of thickness 1 cm"]
    assert any("--u-sensitivity" in text for text in found["remarks"])
    for options, said in (
        (PlanarOptions(sensitivity=9.0, thickness=20 * cm), "--mu"),
        (PlanarOptions(sensitivity=9.0, mu=0.1 / cm), "--thickness"),
        (PlanarOptions(sensitivity=9.0, mu=0.1 / cm, thickness=200 * cm), "unit: cm"),
        (PlanarOptions(scatter="some"), "scatter"),
        (PlanarOptions(background="Nobody"), "not among the regions"),
    ):
        with pytest.raises(InputError, match=said):
            planar([file], regions=table, options=options)


def test_windows_that_are_asked_for_and_missing_are_an_error(make: ModuleType, tmp_path: Path) -> None:
    file = make.planar_file(tmp_path / "a.dcm", drawn()[:, :1], windows=WINDOWS[:1])
    with pytest.raises(DataError, match=r"187.2 to 228.8 keV"):
        planar([file], options=PlanarOptions(scatter="tew"))
    two = make.planar_file(tmp_path / "b.dcm", drawn()[:, :2], windows=[(187.2, 228.8), (101.0, 124.0)])
    with pytest.raises(InputError, match="--peak"):
        planar([two], options=PlanarOptions())
    assert planar([two], options=PlanarOptions(peak=208 * keV))["scatter"] == "none"


def test_no_activity_is_a_verdict_and_not_a_number(make: ModuleType, tmp_path: Path) -> None:
    file = make.planar_file(tmp_path / "a.dcm", drawn(front=19, back=21), windows=WINDOWS)
    organ = planar([file], regions=regions(tmp_path / "r.json"), options=FULL)["regions"]["Organ"]
    assert organ["activity_MBq"] is None
    assert organ["at_most_MBq"] > 0
    assert "anterior view" in organ["verdict"]


def test_more_than_was_given_is_a_verdict(make: ModuleType, tmp_path: Path) -> None:
    file = make.planar_file(tmp_path / "a.dcm", drawn(), windows=WINDOWS, ScanVelocity="100", ActualFrameDuration="18000")
    found = planar([file], options=PlanarOptions(sensitivity=0.02, thickness=20 * cm, mu=0.1 / cm, exposure=40.0))
    assert "more than the administered 7400 MBq" in found["regions"][WHOLE]["verdict"]
    with pytest.raises(InputError, match="--exposure"):
        planar([make.planar_file(tmp_path / "b.dcm", drawn(), windows=WINDOWS, ScanVelocity=None)], options=FULL)


def test_a_course_takes_the_height_of_its_spect(make: ModuleType, tmp_path: Path) -> None:
    days = ("20240305", "20240306", "20240308")
    files = [
        make.planar_file(tmp_path / f"{i}.dcm", drawn(20 + 400 // 2**i, 20 + 100 // 2**i), windows=WINDOWS, AcquisitionDate=day)
        for i, day in enumerate(days)
    ]
    (tmp_path / "spect.csv").write_text("region,time_h,activity_MBq,u_MBq\nOrgan,24,12,0.6\n")
    given = {"regions": regions(tmp_path / "r.json"), "spect": tmp_path / "spect.csv"}
    when = {"sensitivity": 9.0, "thickness": 20 * cm, "mu": 0.1 / cm, "administered": datetime(2024, 3, 5, 9, 30)}
    found = planar(files, options=PlanarOptions(**when), **given)
    curve = found["curves"]["Organ"]
    assert curve["time_h"] == [0, 24, 72]
    assert curve["activity_MBq"] == pytest.approx([24, 12, 6])
    assert curve["u_activity_MBq"][1] == pytest.approx(0.6)
    assert len(found["scans"]) == 3
    with pytest.raises(InputError, match="--administered"):
        planar(files, options=FULL, **given)


def test_a_label_map_of_the_anterior_view(make: ModuleType, tmp_path: Path) -> None:
    nibabel = pytest.importorskip("nibabel")
    labels = np.zeros((SHAPE[1], SHAPE[0], 1), dtype=np.int16)
    labels[ORGAN[0] : ORGAN[2], ORGAN[1] : ORGAN[3], 0] = 1
    labels[GROUND[0] : GROUND[2], GROUND[1] : GROUND[3], 0] = 2
    nibabel.save(nibabel.Nifti1Image(labels, np.diag([2, 2, 2, 1])), tmp_path / "r.nii.gz")
    file = make.planar_file(tmp_path / "a.dcm", drawn(), windows=WINDOWS)
    options = PlanarOptions(sensitivity=9.0, thickness=20 * cm, mu=0.1 / cm, background="2")
    found = planar([file], regions=tmp_path / "r.nii.gz", options=options)
    assert found["regions"]["1"]["net_anterior"] == 22800
    assert any("background fraction 1" in text for text in found["assumed"])
    with pytest.raises(InputError, match="30 columns, 30 rows"):
        read_regions(tmp_path / "r.nii.gz", (30, 30))


def test_polygons_take_the_pixels_whose_middle_is_inside() -> None:
    triangle = inside(np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]), (6, 6))
    assert triangle.sum() in (6, 10)
    assert triangle[0, 0]
    assert not triangle[3, 3]
    box = inside(np.array([[1.0, 2.0], [3.0, 2.0], [3.0, 5.0], [1.0, 5.0]]), (6, 6))
    assert np.array_equal(np.argwhere(box), [[y, x] for y in (2, 3, 4) for x in (1, 2)])


@pytest.mark.parametrize(
    ("entry", "error", "said"),
    [
        ({"name": "X", "box": [0, 0, 31, 5]}, InputError, "outside the image"),
        ({"name": "X", "box": [5, 0, 2, 5]}, DataError, "left < right"),
        ({"name": "X", "box": [0.1, 0.1, 0.2, 0.2]}, InputError, "no pixel"),
        ({"name": "X", "circle": [3, 3, 2]}, DataError, "unknown key circle"),
        ({"name": "X"}, DataError, "a box or a polygon"),
        ({"name": "X", "polygon": [[0, 0], [4, 4]]}, DataError, "three points"),
        ({"name": "X", "polygon": "round"}, DataError, "list of"),
        ({"name": "X", "box": [0, 0, 2, 2], "background": "Y"}, InputError, "not among"),
        ({"name": "Ground", "box": [0, 0, 2, 2]}, InputError, "twice"),
        ({"name": "X", "box": [0, 0, 2, 2], "thickness_cm": "20"}, DataError, "a number is needed"),
    ],
)
def test_regions_that_make_no_sense_are_refused(tmp_path: Path, entry: dict, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        read_regions(regions(tmp_path / "r.json", entry), SHAPE)


def test_files_that_hold_no_regions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_regions(tmp_path / "none.json", SHAPE)
    for text, said in (("{", "no JSON"), ("{}", "it needs"), ('{"regions": []}', "it needs")):
        (tmp_path / "r.json").write_text(text)
        with pytest.raises(DataError, match=said):
            read_regions(tmp_path / "r.json", SHAPE)


@pytest.mark.data
def test_the_real_whole_body_scan(real_data: Path, tmp_path: Path) -> None:
    file = real_data / "planar-whole-body" / "NM-NmIm-Siemens.dcm"
    table = tmp_path / "r.json"
    entries = [{"name": "Head", "box": [95, 130, 160, 230]}, {"name": "Air", "box": [2, 300, 14, 330]}]
    table.write_text(json.dumps({"regions": entries}))
    # 91 cps/MBq: a low-energy high-resolution collimator; 15 cm and 0.1 per cm: a mean body with limbs, broad beam.
    options = PlanarOptions(sensitivity=91.0, thickness=15 * cm, mu=0.1 / cm)
    found = planar([file], regions=table, options=options, picture=tmp_path / "views.png")
    whole = found["regions"][WHOLE]
    assert (whole["counts_anterior"], whole["counts_posterior"]) == (1655650, 1343424)
    # An early scan holds what was given, 764 MBq, as well as such crude attenuation can say.
    assert whole["activity_MBq"] == pytest.approx(764, rel=0.15)
    assert found["regions"]["Head"]["activity_MBq"] < 0.2 * whole["activity_MBq"]
    assert (tmp_path / "views.png").read_bytes().startswith(b"\x89PNG")
    assert found["missing"] == ["(0018,1078) Radiopharmaceutical Start DateTime", "(0010,1030) Patient's Weight"]
