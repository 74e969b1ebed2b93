"""Frames of NM objects: which head, which angle, and what is refused."""

import importlib.util
from pathlib import Path

import numpy as np
import pydicom
import pytest

from hevesy.dicom.nm_frames import read_frames
from hevesy.errors import DataError, InputError

_spec = importlib.util.spec_from_file_location("qc_files", Path(__file__).parents[1] / "app" / "qc_files.py")
files = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(files)


def changed(path, **tags):
    ds = pydicom.dcmread(path)
    for name, value in tags.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    ds.save_as(path)
    return path


@pytest.fixture
def tomo(tmp_path):
    return files.write_counts(tmp_path / "t.dcm", np.arange(8 * 16).reshape(8, 4, 4), 4.8, angles=(10.0, 45.0), heads=2)


def test_heads_and_angles(tomo):
    f = read_frames(tomo)
    assert f.detector.tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    np.testing.assert_allclose(f.angles, [10, 55, 100, 145, 190, 235, 280, 325])
    assert f.pixel == (4.8, 4.8)
    assert f.duration == 20.0
    assert f.counts[1, 0, 1] == 17


def test_clockwise_counts_down(tomo):
    ds = pydicom.dcmread(tomo)
    ds.RotationInformationSequence[0].RotationDirection = "CW"
    ds.save_as(tomo)
    np.testing.assert_allclose(read_frames(tomo).angles[:4], [10, -35, -80, -125])


def test_a_static_object_has_no_angles(tmp_path):
    f = read_frames(files.write_counts(tmp_path / "s.dcm", np.ones((2, 4, 4)), 2.4, heads=2))
    assert f.angles is None
    assert f.detector.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"PixelSpacing": None}, "Pixel Spacing"),
        ({"DetectorVector": [1, 2]}, "DetectorVector"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]}, "not reconstructed"),
        ({"Modality": "PT"}, "Modality"),
    ],
)
def test_what_changes_a_number_is_refused(tomo, tags, said):
    with pytest.raises(DataError, match=said):
        read_frames(changed(tomo, **tags))


def test_a_rotation_without_a_direction_is_refused(tomo):
    ds = pydicom.dcmread(tomo)
    del ds.RotationInformationSequence[0].RotationDirection
    ds.save_as(tomo)
    with pytest.raises(DataError, match="where the head stood"):
        read_frames(tomo)


def test_no_file_and_no_dicom(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_frames(tmp_path / "x.dcm")
    (tmp_path / "x.dcm").write_text("no")
    with pytest.raises(DataError, match="no DICOM"):
        read_frames(tmp_path / "x.dcm")
