"""Planar NM objects: which view is which, which way up, for how long a point was seen."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from hevesy.dicom.planar import read_planar
from hevesy.errors import DataError, InputError
from hevesy.units import MBq, keV

WINDOWS = [(187.2, 228.8), (166.4, 187.2), (228.8, 249.6)]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planar_views", Path(__file__).parent / "planar_views.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def frames(windows: int = 1) -> np.ndarray:
    """No two pixels alike: a wrong order or mirror shows."""
    return np.arange(2 * windows * 6 * 4).reshape(2, windows, 6, 4)


def test_the_posterior_view_is_mirrored_onto_the_anterior(make: ModuleType, tmp_path: Path) -> None:
    found = read_planar(make.planar_file(tmp_path / "a.dcm", frames(3), windows=WINDOWS))
    assert np.array_equal(found.counts[0], frames(3)[0])
    assert np.array_equal(found.counts[1], frames(3)[1][:, :, ::-1])
    assert found.windows[0] == pytest.approx((187.2 * keV, 228.8 * keV))
    assert found.spacing == (2.0, 2.0)
    assert (found.nuclide, found.administered_activity) == ("Lu-177", 7400 * MBq)
    # 200 s less 1600 mm at 10 mm/s.
    assert found.exposure == pytest.approx(40.0)
    assert "400 mm" in found.remarks[0]


def test_detectors_the_other_way_round_and_upside_down(make: ModuleType, tmp_path: Path) -> None:
    swapped = make.planar_file(
        tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], directions=[make.BACK, make.FRONT], words=["", ""]
    )
    found = read_planar(swapped)
    assert np.array_equal(found.counts[0, 0], frames()[1, 0])
    assert np.array_equal(found.counts[1, 0], frames()[0, 0, :, ::-1])
    feet_up = make.planar_file(
        tmp_path / "b.dcm", frames(), windows=WINDOWS[:1], directions=[[-1, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 1]], words=["", ""]
    )
    turned = read_planar(feet_up)
    assert np.array_equal(turned.counts[0, 0], frames()[0, 0, ::-1, ::-1])
    assert np.array_equal(turned.counts[1, 0], frames()[1, 0, ::-1])


def test_words_where_there_is_no_direction(make: ModuleType, tmp_path: Path) -> None:
    path = make.planar_file(
        tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], directions=[None, None], words=["L DORSAL R", "R VENTRAL L"]
    )
    found = read_planar(path)
    assert np.array_equal(found.counts[1, 0], frames()[0, 0, :, ::-1])
    assert sum("no direction" in text for text in found.remarks) == 2


def test_words_against_directions_are_reported(make: ModuleType, tmp_path: Path) -> None:
    path = make.planar_file(tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], words=["POSTERIOR", "ANTERIOR"])
    found = read_planar(path)
    assert np.array_equal(found.counts[0, 0], frames()[0, 0])
    assert sum("the direction was followed" in text for text in found.remarks) == 2


def test_silent_headers_need_a_statement(make: ModuleType, tmp_path: Path) -> None:
    path = make.planar_file(tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], directions=[None, None], words=["", ""])
    with pytest.raises(DataError, match=r"--views anterior,posterior"):
        read_planar(path)
    found = read_planar(path, views=("posterior", "anterior"))
    assert np.array_equal(found.counts[0, 0], frames()[1, 0])


def test_what_is_missing_has_its_tag(make: ModuleType, tmp_path: Path) -> None:
    path = make.planar_file(tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], ScanVelocity=None, PixelSpacing=None)
    found = read_planar(path)
    assert found.exposure is None
    assert found.spacing is None
    assert {"(0018,1300) Scan Velocity", "(0028,0030) Pixel Spacing"} <= set(found.missing)


def test_a_sweep_that_cannot_be_is_not_believed(make: ModuleType, tmp_path: Path) -> None:
    found = read_planar(make.planar_file(tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], ScanLength="1990"))
    assert found.exposure is None
    assert "no camera's field" in found.remarks[0]


def test_a_static_view_was_seen_all_the_time(make: ModuleType, tmp_path: Path) -> None:
    kind = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
    assert read_planar(make.planar_file(tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], ImageType=kind)).exposure == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]}, "Image Type"),
        ({"EnergyWindowVector": [1, 2]}, "Energy Window Vector"),
        ({"DetectorVector": [1, 1]}, "anterior and one posterior"),
        ({"RescaleSlope": "2.0"}, "Rescale Slope"),
        ({"Rows": 60}, "truncated"),
    ],
)
def test_what_is_no_pair_of_views_is_refused(make: ModuleType, tmp_path: Path, changes: dict, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_planar(make.planar_file(tmp_path / "a.dcm", frames(), windows=WINDOWS[:1], **changes))


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_planar(tmp_path / "none.dcm")
    (tmp_path / "text.dcm").write_text("no DICOM")
    with pytest.raises(DataError, match="no DICOM file"):
        read_planar(tmp_path / "text.dcm")


@pytest.mark.data
def test_the_real_whole_body_scan(real_data: Path) -> None:
    found = read_planar(real_data / "planar-whole-body" / "NM-NmIm-Siemens.dcm")
    # What the vendor's own tag (7FE3,1016) says of the two frames.
    assert found.counts[:, 0].sum(axis=(1, 2)).tolist() == [1655650, 1343424]
    assert (found.nuclide, found.administered_activity) == ("Tc-99m", 764 * MBq)
    # The two views see one patient: mirrored as read they agree better than not mirrored.
    front, back = (view.ravel() for view in found.counts[:, 0])
    unmirrored = found.counts[1, 0, :, ::-1].ravel()
    assert np.corrcoef(front, back)[0, 1] > np.corrcoef(front, unmirrored)[0, 1] + 0.02
    # Rows that hold counts cover the scan length, so the detector's passage is what the sweep took beyond it.
    rows = np.flatnonzero(found.counts[:, 0].sum(axis=(0, 2)))
    assert (rows[-1] - rows[0] + 1) * found.spacing[0] == pytest.approx(found.scan_length, abs=5)
    assert found.exposure == pytest.approx(47.085, abs=0.01)
    assert found.missing == ("(0018,1078) Radiopharmaceutical Start DateTime", "(0010,1030) Patient's Weight")
