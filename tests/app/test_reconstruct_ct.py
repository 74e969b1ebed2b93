"""Which CT corrects the attenuation, and that one which cannot be relied on is refused, not left out."""

import pydicom
import pytest
from tests.app.reconstruct_study import study

from hevesy.app.reconstruct_ct import anatomy_of, find_cts
from hevesy.dicom.read_tomo import read_raw
from hevesy.errors import DataError


@pytest.fixture
def folder(tmp_path):
    study(tmp_path / "in", noise=False)
    return tmp_path / "in"


def anatomy(folder, named=None):
    (raw,) = read_raw(folder)
    return anatomy_of(raw, find_cts(folder, named))


def altered(folder, change, *, only=slice(None)):
    for path in sorted((folder / "CT").iterdir())[only]:
        ds = pydicom.dcmread(path)
        change(ds)
        ds.save_as(path, enforce_file_format=False)


def test_the_ct_of_the_study(folder):
    found = anatomy(folder)
    assert found.remarks == ()
    assert found.image.values.min() < -900


@pytest.mark.parametrize("only", [slice(None), slice(5, 6)])
@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("RescaleIntercept", r"\(0028,1052\)"),
        ("PixelData", r"\(7FE0,0010\)"),
        ("ImagePositionPatient", r"\(0020,0032\)"),
        ("PixelSpacing", r"\(0028,0030\)"),
    ],
)
def test_a_ct_that_cannot_be_used_is_not_left_out(folder, keyword, words, only):
    altered(folder, lambda ds: delattr(ds, keyword), only=only)
    with pytest.raises(DataError, match=words):
        anatomy(folder)


def test_a_slice_that_is_cut_short(folder):
    path = sorted((folder / "CT").iterdir())[7]
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match="source = none"):
        anatomy(folder)


def test_a_ct_of_somebody_else(folder, tmp_path):
    altered(folder, lambda ds: setattr(ds, "PatientID", "V2"))
    with pytest.raises(DataError, match=r"\(0010,0020\)"):
        anatomy(folder)
    (folder / "CT").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"\(0010,0020\) Patient ID: the CT is of another patient"):
        anatomy(folder, tmp_path / "elsewhere")


def test_what_is_harmless_is_said(folder):
    (folder / "broken.dcm").write_bytes(bytes(200))
    assert any("broken.dcm" in remark for remark in anatomy(folder).remarks)
    altered(folder, lambda ds: delattr(ds, "FrameOfReferenceUID"))
    assert any("or none; taken as aligned" in remark for remark in anatomy(folder).remarks)
    for path in sorted((folder / "CT").iterdir())[:20]:
        path.unlink()
    # Which end was lost cannot be told from what is left: the number of slices in the series tells it.
    with pytest.raises(DataError, match=r"\(0020,1002\)"):
        anatomy(folder)
