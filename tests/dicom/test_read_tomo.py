"""What vendors write differently is understood or named; what would change a number is refused with its tag."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from tests.dicom.tomo_files import FRAME, VISIT, WINDOWS, projections, series, tomo_file

from hevesy.dicom.read_tomo import read_raw, read_tomo
from hevesy.dicom.tomo_stated import Stated
from hevesy.dicom.visit import Series
from hevesy.dicom.write_tomo import write_tomo
from hevesy.errors import DataError, InputError
from hevesy.model import EnergyWindow


def detectors(ds):
    return ds.DetectorInformationSequence


def turn(ds):
    return ds.RotationInformationSequence[0]


def without(keyword, *, heads=True, rotation=True):
    def change(ds):
        for item in (*(detectors(ds) if heads else ()), *(ds.RotationInformationSequence if rotation else ())):
            if keyword in item:
                del item[keyword]

    return change


def siemens(ds):
    """Start angles and radii by detector, place and directions as those of slices."""
    ds.Manufacturer = "SIEMENS NM"
    for item in detectors(ds):
        item.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        item.ImagePositionPatient = [3 - 4.5 * 4.8, -20 - 4.5 * 4.8, -400 + 2.5 * 4.8]
    for key in ("StartAngle", "RadialPosition"):
        del turn(ds)[key]


def ge(ds):
    """Radii in the rotation, one list for both heads; the place is 0, 0 and a height."""
    ds.Manufacturer = "GE MEDICAL SYSTEMS"
    turn(ds).RadialPosition = [v for item in detectors(ds) for v in item.RadialPosition]
    turn(ds).ScanArc = "360"
    for item in detectors(ds):
        item.ImagePositionPatient = [0, 0, -388]
        item.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        del item["RadialPosition"]


def no_range(ds):
    del ds.EnergyWindowInformationSequence[0].EnergyWindowRangeSequence


def one(path, **stated):
    (raw,) = read_raw(path, stated=Stated(**stated))
    return raw


@pytest.mark.parametrize("form", [siemens, ge])
def test_forms_of_vendors(tmp_path, form):
    raw = one(tomo_file(tmp_path / "t.dcm", form))
    made = projections()
    np.testing.assert_array_equal(raw.projections.counts, made.counts)
    np.testing.assert_allclose(raw.projections.radii, made.radii)
    np.testing.assert_allclose(raw.projections.angles, made.angles)
    if form is siemens:
        assert raw.placed
        np.testing.assert_allclose(raw.projections.centre, made.centre, atol=1e-6)
        assert any("as Siemens writes them" in r for r in raw.projections.remarks)
    else:
        assert not raw.placed
        assert any("is 0, 0 and a height" in r for r in raw.projections.remarks)
        assert one(tmp_path / "t.dcm", centre=(1.0, 2.0, 3.0)).placed


@pytest.mark.parametrize(
    ("change", "tag", "cure"),
    [
        (without("StartAngle"), "(0054,0200)", {"start_angles": (180.0, 0.0)}),
        (without("StartAngle", rotation=False), "is given once, 180, for 2 detectors", {"start_angles": (180.0, 0.0)}),
        (without("RadialPosition"), "(0018,1142)", {"radius": 250.0}),
        (without("RotationDirection"), "(0018,1140)", {"direction": "CC"}),
        (without("AngularStep"), "(0018,1144)", {"step": 45.0}),
        (without("ActualFrameDuration"), "(0018,1242)", {"view_duration": 30.0}),
        (lambda ds: setattr(turn(ds), "ActualFrameDuration", 30), "in ms", {"view_duration": 30.0}),
        (lambda ds: setattr(turn(ds), "AngularStep", "-45"), "one of them is wrong", {"direction": "CC", "step": 45.0}),
        (lambda ds: setattr(turn(ds), "ScanArc", "300"), "(0018,1143)", {"accept": frozenset({"arc"})}),
        (lambda ds: delattr(ds, "PixelSpacing"), "(0028,0030)", {"pixel": (4.8, 4.8)}),
        (lambda ds: setattr(ds, "RescaleSlope", "2"), "(0028,1053)", {"accept": frozenset({"rescale"})}),
        (lambda ds: setattr(ds, "CorrectedImage", ["DECY"]), "(0028,0051)", {"accept": frozenset({"decayed"})}),
        (no_range, "(0054,0012)", {"windows": WINDOWS}),
    ],
)  # fmt: skip
def test_what_changes_a_number_is_refused_and_may_be_stated(tmp_path, change, tag, cure):
    path = tomo_file(tmp_path / "t.dcm", change)
    with pytest.raises(DataError) as caught:
        read_tomo(path)
    assert tag in str(caught.value)
    assert "tate" in str(caught.value)
    raw = one(path, **cure)
    np.testing.assert_allclose(raw.projections.angles, projections().angles)
    assert raw.projections.durations[0] == 30.0


def pixels(ds, values):
    ds.PixelData = values.astype("<u2").tobytes()


def test_radii_in_centimetres(tmp_path):
    def change(ds):
        for item in detectors(ds):
            item.RadialPosition = [f"{float(v) / 10:.3f}" for v in item.RadialPosition]

    with pytest.raises(DataError, match="centimetres"):
        read_tomo(tomo_file(tmp_path / "t.dcm", change))


def test_saturated_counts(tmp_path):
    def change(ds):
        values = ds.pixel_array.copy()
        values[3, 2, 2] = 65535
        pixels(ds, values)

    path = tomo_file(tmp_path / "t.dcm", change)
    with pytest.raises(DataError, match="1 pixels hold 65535"):
        read_tomo(path)
    assert any("saturated" in r for r in one(path, accept=frozenset({"saturated"})).projections.remarks)


def test_negative_counts(tmp_path):
    def change(ds):
        values = ds.pixel_array.astype("<i2")
        values[0, 0, 0] = -3
        ds.PixelRepresentation = 1
        ds.PixelData = values.tobytes()

    with pytest.raises(DataError, match="down to -3"):
        read_tomo(tomo_file(tmp_path / "t.dcm", change))


def copied_view(ds):
    values = ds.pixel_array.copy()
    values[9] = values[8]
    pixels(ds, values)


def empty_view(ds):
    values = ds.pixel_array.copy()
    values[[1, 9, 17]] = 0
    pixels(ds, values)


@pytest.mark.parametrize(
    ("change", "words", "accept"), [(copied_view, "stored twice", "duplicates"), (empty_view, "no counts", "empty")]
)
def test_views_that_were_lost(tmp_path, change, words, accept):
    path = tomo_file(tmp_path / "t.dcm", change)
    with pytest.raises(DataError, match=words):
        read_tomo(path)
    assert any("accepted as stated" in r for r in one(path, accept=frozenset({accept})).projections.remarks)


def test_vectors_that_do_not_fit(tmp_path):
    def twice(ds):
        vector = list(ds.AngularViewVector)
        vector[1] = 1
        ds.AngularViewVector = vector

    with pytest.raises(DataError, match="is there twice"):
        read_tomo(tomo_file(tmp_path / "a.dcm", twice))
    with pytest.raises(DataError, match=r"\(0054,0020\) Detector Vector is missing"):
        read_tomo(tomo_file(tmp_path / "b.dcm", lambda ds: delattr(ds, "DetectorVector")))
    with pytest.raises(DataError, match="has 3 entries for 24 frames"):
        read_tomo(tomo_file(tmp_path / "c.dcm", lambda ds: setattr(ds, "EnergyWindowVector", [1, 2, 3])))
    with pytest.raises(DataError, match=r"\(0054,0053\)"):
        read_tomo(tomo_file(tmp_path / "d.dcm", lambda ds: setattr(turn(ds), "NumberOfFramesInRotation", 5)))
    path = tomo_file(tmp_path / "e.dcm", lambda ds: delattr(ds, "AngularViewVector"))
    np.testing.assert_array_equal(one(path).projections.counts, projections().counts)
    assert any("in which they are stored" in r for r in one(path).projections.remarks)


def test_frames_in_another_order(tmp_path):
    """View by view, both heads and all windows of each."""

    def change(ds):
        order = np.lexsort((ds.EnergyWindowVector, ds.DetectorVector, ds.AngularViewVector))
        pixels(ds, ds.pixel_array[order])
        for key in ("EnergyWindowVector", "DetectorVector", "RotationVector", "AngularViewVector"):
            setattr(ds, key, [int(v) for v in np.asarray(getattr(ds, key))[order]])

    np.testing.assert_array_equal(one(tomo_file(tmp_path / "t.dcm", change)).projections.counts, projections().counts)


def test_mirrored_columns_and_flipped_rows(tmp_path):
    def change(ds):
        pixels(ds, ds.pixel_array[:, ::-1, ::-1])
        for item in detectors(ds):
            cosines, first = np.array(item.ImageOrientationPatient, float), np.array(item.ImagePositionPatient, float)
            last = first + 4.8 * (9 * cosines[:3] + 5 * cosines[3:])
            item.ImageOrientationPatient, item.ImagePositionPatient = list(-cosines), [f"{v:.6f}" for v in last]

    path = tomo_file(tmp_path / "t.dcm", change)
    with pytest.raises(DataError, match="wrong by half a turn, or the columns are mirrored"):
        read_tomo(path)
    raw = one(path, accept=frozenset({"mirrored"}))
    np.testing.assert_array_equal(raw.projections.counts, projections().counts)
    np.testing.assert_allclose(raw.projections.centre, projections().centre, atol=1e-4)
    assert any("mirrored" in r for r in raw.projections.remarks)
    assert any("feet to the head" in r for r in raw.projections.remarks)


def test_one_direction_for_all_detectors_is_a_copy(tmp_path):
    def change(ds):
        detectors(ds)[1].ImageOrientationPatient = detectors(ds)[0].ImageOrientationPatient

    raw = one(tomo_file(tmp_path / "t.dcm", change))
    np.testing.assert_array_equal(raw.projections.counts, projections().counts)
    assert raw.placed
    np.testing.assert_allclose(raw.projections.centre, projections().centre, atol=1e-4)
    assert any("same for all detectors" in r for r in raw.projections.remarks)


def test_directions_that_contradict_the_angle(tmp_path):
    def change(ds):
        detectors(ds)[0].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        detectors(ds)[1].ImageOrientationPatient = [0, -1, 0, 0, 0, -1]

    raw = one(tomo_file(tmp_path / "t.dcm", change))
    assert not raw.placed
    assert any("contradict each other" in r and "90, 270" in r for r in raw.projections.remarks)


def test_a_head_at_a_wrong_angle_is_suspected(tmp_path):
    def wrong(ds):
        detectors(ds)[1].StartAngle = "180"
        del detectors(ds)[1].ImageOrientationPatient

    path = tomo_file(tmp_path / "t.dcm", wrong, views=40, rows=12, columns=16)
    said = [r for r in one(path).projections.remarks if "do not fit those of detector 1" in r]
    assert said
    assert "180 degrees more" in said[0]
    good = tomo_file(tmp_path / "u.dcm", views=40, rows=12, columns=16)
    assert not any("do not fit" in r for r in one(good).projections.remarks)


def test_a_patient_who_lies_otherwise(tmp_path):
    def prone(ds):
        siemens(ds)
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1240000", "SCT", "prone"
        ds.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = [item]

    raw = one(tomo_file(tmp_path / "t.dcm", prone))
    assert not raw.placed
    assert any("the patient lay prone" in r for r in raw.projections.remarks)


def test_zoom_motion_and_offsets(tmp_path):
    def change(ds):
        for item in detectors(ds):
            item.ZoomFactor = ["1.45", "1.45"]
            item.CenterOfRotationOffset = "1.2"
        ds.TypeOfDetectorMotion = "CONTINUOUS"
        ds.CorrectedImage = ["UNIF", "DTIM"]
        ds.ImageType = ["DERIVED", "PRIMARY", "TOMO", "EMISSION"]

    remarks = " ".join(one(tomo_file(tmp_path / "t.dcm", change)).projections.remarks)
    for word in ("Zoom Factor is 1.45", "smeared over 45 degrees", "(0018,1145)", "DTIM", "DERIVED"):
        assert word in remarks
    with pytest.raises(DataError, match=r"\(0028,0032\)"):
        read_tomo(tomo_file(tmp_path / "z.dcm", lambda ds: setattr(detectors(ds)[0], "ZoomCenter", ["20", "0"])))


def test_windows_that_were_stored_apart(tmp_path):
    made = projections()
    for n, window in enumerate(WINDOWS):
        part = replace(made, counts=made.counts[n : n + 1], windows=(window,))
        write_tomo(tmp_path / f"{n}.dcm", part, visit=VISIT, series=series(n))
    (raw,) = read_raw(tmp_path)
    np.testing.assert_array_equal(raw.projections.counts, made.counts)
    assert raw.projections.windows == WINDOWS
    assert len(raw.paths) == 3
    assert any("3 files" in r for r in raw.projections.remarks)


def test_bed_positions_are_numbered_from_the_head(tmp_path):
    from datetime import timedelta

    made = projections()
    for n, z in enumerate((-400.0, -100.0)):
        bed = replace(made, centre=(3.0, -20.0, z), start=made.start + timedelta(minutes=20 * n))
        write_tomo(tmp_path / f"{n}.dcm", bed, visit=VISIT, series=series(n))
    later = replace(made, start=made.start + timedelta(days=1))
    write_tomo(tmp_path / "later.dcm", later, visit=VISIT, series=series(7))
    raw = read_raw(tmp_path)
    assert [(r.projections.bed, r.projections.centre[2], r.passage) for r in raw] == [
        (2, -400.0, 1),
        (1, -100.0, 1),
        (1, -400.0, 2),
    ]


def test_two_bed_positions_in_one_file(tmp_path):
    made = projections(views=8, heads=1)
    twice = replace(
        made, counts=np.concatenate([made.counts] * 2, axis=1), angles=np.concatenate([made.angles, made.angles[::-1]]),
        radii=np.full(16, 250.0), starts=np.arange(16) * 30.0, durations=np.full(16, 30.0), shifts=(),
    )  # fmt: skip
    path = write_tomo(tmp_path / "t.dcm", twice, visit=VISIT, series=series())
    ds = pydicom.dcmread(path)
    for n, item in enumerate(ds.RotationInformationSequence):
        item.TableTraverse = str(300 * n)
    ds.save_as(path, enforce_file_format=True)
    with pytest.raises(DataError, match=r"\(0018,1131\)"):
        read_tomo(path)


def test_what_is_no_acquisition(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_tomo(tmp_path / "nothing.dcm")
    with pytest.raises(InputError, match="no tomographic acquisition"):
        read_tomo(tmp_path)
    text = tmp_path / "t.txt"
    text.write_text("x" * 500)
    with pytest.raises(DataError, match="no DICOM file"):
        read_tomo(text)
    path = tomo_file(tmp_path / "w.dcm", lambda ds: setattr(ds, "ImageType", ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]))
    with pytest.raises(DataError, match=r"\(0008,0008\)"):
        read_tomo(path)


@pytest.mark.parametrize("encoding", ["big-endian", "run-length", "deflated"])
def test_other_transfer_syntaxes_hold_the_same_counts(tmp_path, encoding):
    path = tomo_file(tmp_path / "a.dcm")
    (before,) = read_tomo(path)
    ds = pydicom.dcmread(path)
    if encoding == "run-length":
        ds.compress(pydicom.uid.RLELossless)
    elif encoding == "deflated":
        ds.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    else:
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRBigEndian
        ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        ds["PixelData"].VR = "OW"
    pydicom.dcmwrite(path, ds, implicit_vr=False, little_endian=encoding != "big-endian", force_encoding=True)
    (after,) = read_tomo(path)
    assert np.array_equal(after.counts, before.counts)
    assert after.remarks == before.remarks


def test_a_damaged_file(tmp_path):
    path = tomo_file(tmp_path / "t.dcm")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError):
        read_tomo(path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(DataError):
        read_tomo(path)


def test_patients_do_not_mix(tmp_path):
    tomo_file(tmp_path / "a.dcm")
    tomo_file(tmp_path / "b.dcm", lambda ds: (setattr(ds, "PatientID", "V2"), setattr(ds, "SOPInstanceUID", "2.25.9")))
    with pytest.raises(DataError, match=r"\(0010,0020\)"):
        read_raw(tmp_path)


def test_names_do_not_reach_remarks(tmp_path):
    path = tomo_file(tmp_path / "Virtual_Patient_7.dcm", without("RadialPosition"))
    with pytest.raises(DataError) as caught:
        read_tomo(path)
    assert "irtual" not in str(caught.value)
    path.unlink()
    raw = one(tomo_file(tmp_path / "t.dcm", siemens))
    assert "VIRTUAL" not in repr(raw.projections.remarks)
    assert raw.patient.id == "V1"


def test_gates_of_unequal_length(tmp_path):
    gates = [projections(seed=n, gate=n, durations=np.full(8, 15.0), radii=np.full(8, 250.0)) for n in (1, 2)]
    path = write_tomo(tmp_path / "g.dcm", gates, visit=VISIT, series=series())
    ds = pydicom.dcmread(path)
    slots = []
    for time in ("20000", "10000"):
        slot = Dataset()
        slot.TimeSlotTime = time
        slots.append(slot)
    ds.GatedInformationSequence[0].DataInformationSequence[0].TimeSlotInformationSequence = slots
    ds.save_as(path, enforce_file_format=True)
    assert [p.durations[0] for p in read_tomo(path)] == pytest.approx([20.0, 10.0])
    del ds.GatedInformationSequence
    ds.save_as(path, enforce_file_format=True)
    read = read_tomo(path)
    assert [p.durations[0] for p in read] == pytest.approx([15.0, 15.0])
    assert any("shared equally" in r for r in read[0].remarks)


@pytest.mark.parametrize(
    ("stated", "words"),
    [({"accept": frozenset({"everything"})}, "allowed: rescale"), ({"direction": "left"}, "CW"), ({"radius": -1.0}, "above zero"),
     ({"pixel": (0.0, 1.0)}, "above zero")],
)  # fmt: skip
def test_statements_that_make_no_sense(stated, words):
    with pytest.raises(InputError, match=words):
        Stated(**stated)


def test_a_statement_for_each_detector(tmp_path):
    with pytest.raises(DataError, match="1 start angles are stated for 2 detectors"):
        one(tomo_file(tmp_path / "t.dcm"), start_angles=(1.0,))
    with pytest.raises(DataError, match="State all of them"):
        one(tmp_path / "t.dcm", windows=(EnergyWindow(name="a", lower=1, upper=2),))


def test_series_is_a_value():
    assert Series(uid="1", number=1, description="", start=projections().start).duration == 0.0
    assert projections().frame_of_reference == FRAME


def _keys(ds, place=()):
    """The place of each element: keywords, and numbers of items."""
    for element in ds:
        yield (*place, element.keyword)
        if element.VR == "SQ":
            for n, item in enumerate(element.value):
                yield from _keys(item, (*place, element.keyword, n))


def _counted(raw):
    """All that the image and its activity depend on."""
    p = raw.projections
    arrays = {name: getattr(p, name) for name in ("counts", "angles", "radii", "starts", "durations", "pixel", "centre")}
    return arrays | {"windows": np.array([(w.lower, w.upper) for w in p.windows])}


# What is said when it is asked for: the nuclide, the camera and the collimator by the reconstruction, the start by its report.
ASKED_LATER = {"RadiopharmaceuticalInformationSequence", "ManufacturerModelName", "Manufacturer", "CollimatorGridName"}


def _without(path, place):
    """What is read where the element at ``place`` is taken out: a value, or the words of the refusal."""
    ds = pydicom.dcmread(path)
    item = ds
    for key in place[:-1]:
        item = item[key] if isinstance(key, int) else getattr(item, key)
    delattr(item, place[-1])
    less = path.with_name("less.dcm")
    ds.save_as(less, enforce_file_format=False)
    try:
        return one(less)
    except DataError as error:
        return str(error)


def _tag(keyword):
    tag = pydicom.tag.Tag(keyword)
    return f"({tag.group:04X},{tag.element:04X})"


def test_no_tag_is_missed_in_silence(tmp_path):
    """Each element is taken out in turn: the counts, angles, places and times are the same, or it is said, or refused."""
    path = tomo_file(tmp_path / "t.dcm")
    whole = one(path)
    refused, said = set(), set()
    for place in _keys(pydicom.dcmread(path)):
        found, keyword = _without(path, place), place[-1]
        if isinstance(found, str):
            refused.add(keyword)
            # A sequence is missed by the first of its tags that is needed.
            named = [_tag(keyword), _tag(place[0]), *SEQUENCES.get(keyword, ())]
            assert any(tag in found for tag in named), (place, found)
            continue
        p, q = found.projections, whole.projections
        if p.remarks != q.remarks:
            said.add(keyword)
            assert any(_tag(keyword) in r or "how long the head moves" in r for r in p.remarks), place
        for name, value in _counted(whole).items():
            if keyword != "PauseBetweenFrames":
                np.testing.assert_allclose(_counted(found)[name], value, atol=1e-9, err_msg=f"{place}: {name}")
        if (p.nuclide, p.camera, p.collimator) != (q.nuclide, q.camera, q.collimator):
            assert ASKED_LATER & set(place), place
    assert {"Rows", "BitsStored", "PixelData", "EnergyWindowVector", "StartAngle", "AngularStep"} <= refused
    assert {"AcquisitionDate", "FrameOfReferenceUID", "CollimatorType", "AngularViewVector", "PauseBetweenFrames"} <= said


SEQUENCES = {
    "DetectorInformationSequence": ("(0054,0200)",),
    "RotationInformationSequence": ("(0018,1140)",),
    "Modality": ("(0008,0060)",),
}
