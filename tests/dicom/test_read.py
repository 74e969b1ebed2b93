"""Files of every form are read to the same study; what was lost or doubled is said."""

import os
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from hevesy.dicom import read_study, require
from hevesy.errors import DataError, InputError
from hevesy.model import Quantity, Study


def only(study: Study) -> np.ndarray:
    assert study.problems == ()
    assert len(study.scans) == 1
    return np.asarray(study.scans[0].image.values)


def rewritten(path: Path, syntax: Any) -> None:
    """The same object in another transfer syntax."""
    ds = pydicom.dcmread(path)
    if syntax == JPEG2000Lossless:
        from openjpeg.utils import encode_array

        frames = np.atleast_3d(ds.pixel_array.reshape(-1, ds.Rows, ds.Columns))
        ds.PixelData = encapsulate([encode_array(frame, compression_ratios=[1]) for frame in frames])
        ds["PixelData"].is_undefined_length = True
    elif syntax == RLELossless:
        ds.compress(syntax, generate_instance_uid=False)
    elif syntax == ExplicitVRBigEndian:
        ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
    ds.file_meta.TransferSyntaxUID = syntax
    little = syntax != ExplicitVRBigEndian
    if syntax in (ExplicitVRBigEndian, ImplicitVRLittleEndian):
        for element in ds.iterall():
            element.value  # noqa: B018 - decodes each element before it is encoded otherwise
        pydicom.dcmwrite(path, ds, implicit_vr=syntax.is_implicit_VR, little_endian=little, enforce_file_format=True)
    else:
        ds.save_as(path, enforce_file_format=True)


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless, JPEG2000Lossless],
    ids=lambda uid: str(uid.name),
)
@pytest.mark.parametrize("kind", ["PT", "NM"])
def test_transfer_syntax_changes_no_value(tmp_path: Path, tiny: ModuleType, syntax: Any, kind: str) -> None:
    values = np.random.default_rng(1).uniform(10, 1000, (3, 40, 48)).astype(np.float32)
    files = tiny.pt(tmp_path, values) if kind == "PT" else [tiny.nm(tmp_path, values)]
    before = only(read_study(tmp_path)).copy()
    np.testing.assert_allclose(before, values, atol=1000 / 65535)
    for path in files:
        rewritten(path, syntax)
    assert pydicom.dcmread(files[0]).file_meta.TransferSyntaxUID == syntax
    np.testing.assert_array_equal(only(read_study(tmp_path)), before)


def test_slices_have_slopes_of_their_own(tmp_path: Path, tiny: ModuleType) -> None:
    values = tiny.uneven() * np.geomspace(1, 1e4, tiny.SHAPE[0], dtype=np.float32)[:, None, None]
    files = tiny.pt(tmp_path, values)
    assert len({float(pydicom.dcmread(f).RescaleSlope) for f in files}) == len(files)
    np.testing.assert_allclose(only(read_study(tmp_path)), values, rtol=2e-3)


def test_form_of_the_files_does_not_matter(tmp_path: Path, tiny: ModuleType) -> None:
    """No suffix, no order of names, folders in folders, a DICOMDIR, hidden files, no preamble."""
    files = tiny.pt(tmp_path / "straight", tiny.uneven())
    expected = only(read_study(tmp_path / "straight")).copy()
    messy = tmp_path / "messy"
    for k, path in enumerate(files):
        target = messy / f"{(k * 5) % 7}" / "deeper" / f"IM{(k * 5) % 7}"
        target.parent.mkdir(parents=True)
        raw = path.read_bytes()
        target.write_bytes(raw[132:] if k == 3 else raw)
    (messy / "DICOMDIR").write_bytes(b"not read")
    (messy / ".DS_Store").write_bytes(b"\0\1\2")
    (messy / "._IM0").write_bytes(b"\0\5\26\7")
    np.testing.assert_array_equal(only(read_study(messy)), expected)


def test_a_hidden_folder_is_not_searched(tmp_path: Path, tiny: ModuleType) -> None:
    tiny.nm(tmp_path / "SPECT", tiny.uneven())
    tiny.nm(tmp_path / ".Trash" / "SPECT", tiny.uneven(2), n=1)
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "._SPECT.dcm").write_bytes(b"\0\5\26\7")
    only(read_study(tmp_path))


def test_a_link_that_points_nowhere_is_named(tmp_path: Path, tiny: ModuleType) -> None:
    tiny.nm(tmp_path, tiny.uneven())
    (tmp_path / "lost.dcm").symlink_to(tmp_path / "gone")
    assert [p.where for p in read_study(tmp_path).problems] == ["lost.dcm"]


def test_an_unreadable_file_is_named(tmp_path: Path, tiny: ModuleType) -> None:
    path = tiny.nm(tmp_path, tiny.uneven())
    other = shutil.copy(path, tmp_path / "locked.dcm")
    os.chmod(other, 0)
    if os.access(other, os.R_OK):
        pytest.skip("files are readable for this user whatever their mode")
    assert [p.where for p in read_study(tmp_path).problems] == ["locked.dcm"]


@pytest.mark.parametrize("kind", ["PT", "NM", "RTSTRUCT"])
def test_a_file_that_lies_there_twice_counts_once(tmp_path: Path, tiny: ModuleType, kind: str) -> None:
    values = tiny.uneven()
    study = tiny.study(tmp_path / "study")
    scans, regions = len(read_study(study).scans), len(read_study(study).outlines)
    if kind == "PT":
        files = tiny.pt(study / "PT", values, n=7, hours=100.0, frame="1.2.3.2")
        scans += 1
        shutil.copy(files[2], study / "copy of a slice.dcm")
    elif kind == "NM":
        shutil.copy(study / "V1" / "SPECT" / "SPECT.dcm", study / "copy.dcm")
    else:
        shutil.copy(study / "V2" / "RT" / "organs.dcm", study / "V2" / "RT" / "organs copy.dcm")
    found = read_study(study)
    assert found.problems == ()
    assert (len(found.scans), len(found.outlines)) == (scans, regions)
    assert any("copy" in text and "same" in text for text in found.remarks)


def test_two_files_of_one_uid_and_other_content_are_refused(tmp_path: Path, tiny: ModuleType) -> None:
    path = tiny.nm(tmp_path, tiny.uneven())
    tiny.nm(tmp_path / "again", tiny.uneven(2))
    problems = read_study(tmp_path).problems
    assert len(problems) == 1
    assert "(0008,0018)" in problems[0].text
    assert path.name in problems[0].text


def test_a_dynamic_series_is_refused(tmp_path: Path, tiny: ModuleType) -> None:
    for frame in range(2):
        files = tiny.pt(tmp_path / str(frame), tiny.uneven(frame))
        tiny.change(files, lambda ds, k=frame: setattr(ds, "SOPInstanceUID", f"{ds.SOPInstanceUID}.{k}"))
    text = read_study(tmp_path).problems[0].text
    assert "(0020,0032)" in text
    assert "dynamic" in text


def test_localizer_is_left_aside(tmp_path: Path, tiny: ModuleType) -> None:
    files = tiny.ct(tmp_path / "scout")
    tiny.change(files, lambda ds: setattr(ds, "ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]))
    study = read_study(tmp_path)
    assert study.cts == ()
    assert study.problems == ()
    assert len(study.other) == 1


def test_ct_of_a_modality_that_makes_no_volume_is_said(tmp_path: Path, tiny: ModuleType) -> None:
    files = tiny.ct(tmp_path / "CT")
    tiny.change(files, lambda ds: setattr(ds, "RescaleType", "MGML"))
    assert "(0028,1054)" in read_study(tmp_path).problems[0].text


def test_ct_stored_with_sign_and_padding(tmp_path: Path, tiny: ModuleType) -> None:
    values = np.random.default_rng(0).integers(-1000, 2000, tiny.SHAPE).astype(np.float32)
    files = tiny.ct(tmp_path / "CT", values)

    def signed(ds: Any) -> None:
        hu = ds.pixel_array.astype(np.int32) * int(ds.RescaleSlope) + int(ds.RescaleIntercept)
        ds.PixelRepresentation, ds.RescaleIntercept = 1, "0"
        ds.PixelData = hu.astype("<i2").tobytes()

    tiny.change(files, signed)
    np.testing.assert_array_equal(read_study(tmp_path).cts[0].image.values, values)


def test_unsigned_ct_without_intercept_is_refused(tmp_path: Path, tiny: ModuleType) -> None:
    """As stored, air would be 0 HU and the body steel."""
    files = tiny.ct(tmp_path / "CT")
    tiny.change(files[:1], lambda ds: delattr(ds, "RescaleIntercept"))
    assert "(0028,1052)" in read_study(tmp_path).problems[0].text


def test_no_folder_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_study(tmp_path / "nowhere")
    empty = read_study(tmp_path)
    assert (empty.scans, empty.problems) == ((), ())


def test_require_lists_every_problem(tmp_path: Path, tiny: ModuleType) -> None:
    one, two = tiny.nm(tmp_path / "a", tiny.uneven()), tiny.pt(tmp_path / "b", tiny.uneven(), n=1)
    tiny.change(one, lambda ds: delattr(ds, "PixelSpacing"))
    tiny.change(two, lambda ds: setattr(ds, "Units", "GML"))
    with pytest.raises(DataError) as refused:
        require(read_study(tmp_path))
    assert "(0028,0030)" in str(refused.value)
    assert "(0054,1001)" in str(refused.value)


def test_garbled_tags_are_problems_not_crashes(tmp_path: Path, tiny: ModuleType) -> None:
    """A file with any one tag missing is read or refused with a message, never a crash."""
    path = tiny.nm(tmp_path / "whole", tiny.uneven())
    whole = pydicom.dcmread(path)
    for element in list(whole):
        if element.tag.is_private:
            continue
        ds = pydicom.dcmread(path)
        del ds[element.tag]
        (tmp_path / "part").mkdir(exist_ok=True)
        ds.save_as(tmp_path / "part" / "SPECT.dcm")
        study = read_study(tmp_path / "part")
        assert study.scans or study.problems or study.other, element.keyword


def test_quantities(tmp_path: Path, tiny: ModuleType) -> None:
    study = read_study(tiny.study(tmp_path))
    assert {scan.image.quantity for scan in study.scans} == {Quantity.ACTIVITY_CONCENTRATION}
    assert {ct.image.quantity for ct in study.cts} == {Quantity.HOUNSFIELD}
    assert [outline.name for outline in study.outlines] == ["Kidney_Left"]
