"""Ways in which vendors count frames, rotations and tables: each is understood and said, or refused with its tag."""

import copy
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from tests.dicom.tomo_files import VISIT, projections, series, tomo_file

from hevesy.dicom.nuclide_codes import coded_nuclide
from hevesy.dicom.read_tomo import read_raw
from hevesy.dicom.tomo_stated import Stated
from hevesy.dicom.write_tomo import write_tomo
from hevesy.errors import DataError, InputError


def one(path, **stated):
    (raw,) = read_raw(path, stated=Stated(**stated))
    return raw


def said(raw):
    return " ".join(raw.projections.remarks)


def through(ds):
    """Views numbered through both detectors."""
    ds.AngularViewVector = [v + 4 * (d - 1) for v, d in zip(ds.AngularViewVector, ds.DetectorVector, strict=True)]


def from_nought(ds):
    for key in ("AngularViewVector", "DetectorVector", "EnergyWindowVector"):
        setattr(ds, key, [v - 1 for v in getattr(ds, key)])


def item_a_detector(ds):
    """(0054,0052) with one item a detector, which holds its start angle and radii."""
    items = []
    for head in ds.DetectorInformationSequence:
        item = copy.deepcopy(ds.RotationInformationSequence[0])
        item.StartAngle, item.RadialPosition = head.StartAngle, head.RadialPosition
        del head["RadialPosition"]
        items.append(item)
    ds.RotationInformationSequence, ds.NumberOfRotations = items, 2


def rotation_a_detector(ds):
    item_a_detector(ds)
    ds.RotationVector = list(ds.DetectorVector)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (through, "counts on from detector to detector"),
        (from_nought, "(0054,0020) Detector Vector starts at 0"),
        (item_a_detector, "one item a detector"),
        (rotation_a_detector, "one item a detector"),
    ],
)
def test_other_ways_to_count(tmp_path, change, words):
    raw, made = one(tomo_file(tmp_path / "t.dcm", change)), projections()
    assert words in said(raw)
    for name in ("counts", "angles", "radii", "starts"):
        np.testing.assert_allclose(getattr(raw.projections, name), getattr(made, name), atol=1e-6)


def test_numbers_below_one(tmp_path):
    path = tomo_file(tmp_path / "t.dcm", lambda ds: setattr(ds, "DetectorVector", [v * 2 - 2 for v in ds.DetectorVector]))
    with pytest.raises(DataError, match=r"\(0054,0020\) Detector Vector holds 0; numbers start at 1"):
        read_raw(path)


def fan(ds):
    ds.DetectorInformationSequence[1].CollimatorType = "FANB"


def float_pixels(ds):
    values = ds.pixel_array.astype("<f4").tobytes()
    del ds.PixelData
    ds.add_new(0x7FE00008, "OF", values)


def head(keyword, value):
    return lambda ds: setattr(ds.DetectorInformationSequence[0], keyword, value)


def turn(keyword, value):
    return lambda ds: setattr(ds.RotationInformationSequence[0], keyword, value)


def wrapped(ds):
    values = ds.pixel_array.astype(np.int64)
    values[0, 2, 4:6] = (65000, 65536 + 40)
    ds.PixelData = (values % 65536).astype("<u2").tobytes()


@pytest.mark.parametrize(
    ("change", "words", "cure"),
    [
        (fan, r"\(0018,1181\) Collimator Type differs", None),
        (float_pixels, r"\(7FE0,0008\) Float Pixel Data", None),
        (lambda ds: setattr(ds, "SamplesPerPixel", 3), r"\(0028,0002\)", None),
        (lambda ds: setattr(ds, "PixelSpacing", [0.48, 0.48]), "centimetres", {"pixel": (4.8, 4.8)}),
        (head("ZoomFactor", [2, 2]), r"\(0028,0031\)", {"pixel": (4.8, 4.8)}),
        (head("GantryDetectorTilt", "15"), r"\(0018,1120\)", {"accept": "tilt"}),
        (turn("NumberOfFramesInRotation", 1), r"\(0054,0053\)", {"accept": "views"}),
        (turn("ActualFrameDuration", 1800000), "whole rotation", {"view_duration": 30}),
        (wrapped, "began again at 0", {"accept": "saturated"}),
        (lambda ds: setattr(ds, "CountsAccumulated", ds.CountsAccumulated + 65536), r"\(0018,0070\)", {"accept": "saturated"}),
    ],
)  # fmt: skip
def test_what_changes_a_number_is_refused(tmp_path, change, words, cure):
    path = tomo_file(tmp_path / "t.dcm", change)
    with pytest.raises(DataError, match=words):
        read_raw(path)
    if cure is not None:
        raw = one(path, **({"accept": frozenset({cure["accept"]})} if "accept" in cure else cure))
        np.testing.assert_allclose(raw.projections.angles, projections().angles)


def odd(ds):
    ds.CountsAccumulated = int(ds.CountsAccumulated) * 2
    ds.LossyImageCompression = "01"
    ds.DetectorInformationSequence[0].FocalDistance = "600"
    item = pydicom.Dataset()
    item.RealWorldValueSlope = 0.5
    ds.RealWorldValueMappingSequence = [item]
    code = ds.RadiopharmaceuticalInformationSequence[0]
    code.Radiopharmaceutical, code.RadionuclideCodeSequence[0].CodeMeaning = "", "Lutetium"


def test_what_is_odd_is_said(tmp_path):
    raw = one(tomo_file(tmp_path / "t.dcm", odd))
    for tag in ("(0018,0070)", "(0028,2110)", "(0018,1182)", "(0040,9096)"):
        assert tag in said(raw), tag
    assert raw.projections.nuclide == "Lu-177"  # by its code


def test_codes_of_nuclides():
    assert coded_nuclide("C-163A8", "SRT") == coded_nuclide("72454006", "SCT") == "Tc-99m"
    assert coded_nuclide("C-163A8", "SCT") == coded_nuclide("", "") == ""


def test_signed_and_short_pixels_have_their_own_most(tmp_path):
    def signed(ds):
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, 1
        values = ds.pixel_array.copy()
        values[3, 2, 2] = 2047
        ds.PixelData = values.astype("<i2").tobytes()

    with pytest.raises(DataError, match="1 pixels hold 2047"):
        read_raw(tomo_file(tmp_path / "t.dcm", signed))


@pytest.mark.parametrize(("lying", "to_gantry"), [("HFP", lambda a: a - 180), ("FFS", lambda a: -a), ("FFP", lambda a: 180 - a)])
def test_views_of_the_gantry_are_turned_to_the_patient(tmp_path, lying, to_gantry):
    """A patient who lies otherwise, stored as if on the back with the head first, comes out as he is."""

    def change(ds):
        if lying != "HFP":
            ds.PixelData = np.ascontiguousarray(ds.pixel_array[:, ::-1, ::-1]).tobytes()
            ds.RotationInformationSequence[0].RotationDirection = "CW"
        ds.PatientPosition = lying
        for head in ds.DetectorInformationSequence:
            head.StartAngle = f"{to_gantry(float(head.StartAngle)) % 360:g}"
            del head["ImageOrientationPatient"], head["ImagePositionPatient"]
        ds.RotationInformationSequence[0].StartAngle = ds.DetectorInformationSequence[0].StartAngle

    path = tomo_file(tmp_path / "t.dcm", change)
    assert "state lying" in said(one(path))
    raw = one(path, lying=lying, centre=(1.0, 2.0, 3.0))
    np.testing.assert_array_equal(raw.projections.counts, projections().counts)
    np.testing.assert_allclose(raw.projections.angles, projections().angles, atol=1e-9)
    assert raw.projections.centre == (1.0, 2.0, 3.0)
    with pytest.raises(InputError, match="allowed: HFP"):
        Stated(lying="HFS")


def two_rotations(path, *, moved):
    """Two rotations of one head, the second 12 mm further to the feet where ``moved``."""
    made = projections(views=8, heads=1)
    second = np.roll(made.counts, -3, axis=2) if moved else made.counts
    twice = replace(
        made, counts=np.concatenate([made.counts, second[:, ::-1]], axis=1),
        angles=np.concatenate([made.angles, made.angles[::-1]]),
        radii=np.full(16, 250.0), starts=np.arange(16) * 30.0, durations=np.full(16, 30.0), shifts=(),
    )  # fmt: skip
    return write_tomo(path, twice, visit=VISIT, series=series())


def test_bed_positions_of_one_file_are_stated(tmp_path):
    path = two_rotations(tmp_path / "t.dcm", moved=True)
    with pytest.raises(DataError, match="at other heights.*bed_offsets_mm"):
        read_raw(path)
    with pytest.raises(DataError, match="1 bed offsets are stated for 2"):
        read_raw(path, stated=Stated(bed_offsets=(0.0,)))
    upper, lower = read_raw(path, stated=Stated(bed_offsets=(5.0, -7.0)))
    assert (upper.projections.bed, lower.projections.bed) == (1, 2)
    assert upper.projections.centre[2] - lower.projections.centre[2] == pytest.approx(12.0)
    assert (lower.start - upper.start).total_seconds() == pytest.approx(8 * 30.0)
    assert upper.passage == lower.passage
    assert upper.projections.views == lower.projections.views == 8
    still = two_rotations(tmp_path / "u.dcm", moved=False)
    assert "2 rotations at one place" in said(one(still))


def test_a_copy_of_a_file_counts_once(tmp_path):
    first = tomo_file(tmp_path / "a.dcm")
    (tmp_path / "b.dcm").write_bytes(first.read_bytes())
    (raw,) = read_raw(tmp_path)
    assert "b.dcm is a copy of a.dcm" in said(raw)
    ds = pydicom.dcmread(first)
    ds.PixelData = (ds.pixel_array + 1).astype("<u2").tobytes()
    ds.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    with pytest.raises(DataError, match=r"\(0008,0018\)"):
        read_raw(tmp_path)
