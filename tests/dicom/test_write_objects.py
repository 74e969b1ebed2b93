"""Objects read with plain pydicom hold what was written, and a conformance checker finds them in order."""

import shutil
import subprocess
from datetime import date, datetime

import numpy as np
import pydicom
import pytest

from hevesy.dicom.visit import Series, Visit, decimal, scaled
from hevesy.dicom.write_ct import write_ct
from hevesy.dicom.write_nm import Emission, write_nm
from hevesy.dicom.write_pt import write_pt
from hevesy.dicom.write_rtdose import DoseHeader, write_rtdose
from hevesy.dicom.write_rtstruct import has_holes, write_rtstruct
from hevesy.dicom.write_seg import write_seg
from hevesy.errors import DataError, InputError
from hevesy.model import Administration, DecayCorrection, Grid, Image, Outline, Quantity

GIVEN = datetime(2024, 3, 4, 9, 30)
START = datetime(2024, 3, 5, 9, 30)
FRAME = "2.25.4711"
VISIT = Visit(
    patient_name="VIRTUAL^PATIENT", patient_id="V1", sex="F", birth_date=date(1961, 7, 14), weight=60.5,
    height=1655.0, study_uid="2.25.100", study_id="1", study_start=START, study_description="test",
    frame_of_reference=FRAME,
)  # fmt: skip
EMISSION = Emission(
    administration=Administration(
        nuclide="Lu-177", activity=7.4e9, time=GIVEN, radiopharmaceutical="Lu-177 DOTATATE"
    ),
    half_life=574300.8,
    correction=DecayCorrection.START,
)  # fmt: skip
DOSE_HEADER = DoseHeader(created=datetime(2024, 3, 12, 8), comment="local deposition")


def series(number, duration=1200.0):
    return Series(uid=f"2.25.{200 + number}", number=number, description="t", start=START, duration=duration)


def image(quantity, values, spacing=(4.0, 4.5, 5.0)):
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = (-30.123, 12.5, -7.25)
    return Image(
        values=values,
        grid=Grid(shape=values.shape, affine=affine, frame_of_reference=FRAME),
        quantity=quantity,
    )


def activity(seed=1, shape=(6, 9, 8)):
    values = np.random.default_rng(seed).gamma(0.5, 4e4, shape).astype(np.float32)
    return image(Quantity.ACTIVITY_CONCENTRATION, values)


def hounsfield():
    values = np.random.default_rng(2).integers(-1024, 2000, (6, 9, 8)).astype(np.int16)
    return image(Quantity.HOUNSFIELD, values)


def dciodvfy(path):
    """Errors that the checker of dicom3tools finds in a file."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed: conformance was not checked")
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert any(not line.startswith(("Error", "Warning")) for line in lines), lines
    return [line for line in lines if line.startswith("Error")]


def test_ct_slices(tmp_path):
    ct = hounsfield()
    files = write_ct(tmp_path / "CT", ct, visit=VISIT, series=series(1))
    assert len(files) == 6
    read = [pydicom.dcmread(f) for f in files]
    values = np.stack([ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in read])
    np.testing.assert_array_equal(values, ct.values)
    for k, ds in enumerate(read):
        assert [float(v) for v in ds.ImagePositionPatient] == [-30.123, 12.5, -7.25 + 5 * k]
        assert [float(v) for v in ds.PixelSpacing] == [4.5, 4.0]
        assert ds.ImagesInAcquisition == 6
    assert len({ds.SOPInstanceUID for ds in read}) == 6
    assert not list((tmp_path / "CT").glob(".*"))
    assert dciodvfy(files[2]) == []


def test_ct_refuses_what_it_cannot_hold(tmp_path):
    with pytest.raises(DataError, match="a CT holds HU"):
        write_ct(tmp_path, activity(), visit=VISIT, series=series(1))
    low = image(Quantity.HOUNSFIELD, np.full((2, 2, 2), -2000, dtype=np.int16))
    with pytest.raises(DataError, match="allowed is -1024"):
        write_ct(tmp_path, low, visit=VISIT, series=series(1))


def test_nm_tomogram(tmp_path):
    spect = activity()
    path = write_nm(tmp_path / "n.dcm", spect, visit=VISIT, series=series(2), emission=EMISSION)
    ds = pydicom.dcmread(path)
    assert ds.ImageType[2] == "RECON TOMO"
    mapping = ds.RealWorldValueMappingSequence[0]
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "Bq/ml"
    values = ds.pixel_array * mapping.RealWorldValueSlope + mapping.RealWorldValueIntercept
    assert np.abs(values - spect.values).max() <= mapping.RealWorldValueSlope * 0.501
    assert values.sum() == pytest.approx(spect.values.sum(dtype=float), rel=1e-4)
    detector = ds.DetectorInformationSequence[0]
    assert [float(v) for v in detector.ImagePositionPatient] == [-30.123, 12.5, -7.25]
    assert float(ds.SpacingBetweenSlices) == 5.0
    assert list(ds.SliceVector) == [1, 2, 3, 4, 5, 6]
    rotation = ds.RotationInformationSequence[0]
    assert rotation.ActualFrameDuration * rotation.NumberOfFramesInRotation == 1_200_000
    info = ds.RadiopharmaceuticalInformationSequence[0]
    assert float(info.RadionuclideTotalDose) == 7400.0  # MBq in NM
    assert info.RadiopharmaceuticalStartDateTime.startswith("20240304093000")
    assert list(ds.CorrectedImage) == ["ATTN", "SCAT", "DECY"]
    assert dciodvfy(path) == []


def test_nm_without_decay_correction_does_not_claim_one(tmp_path):
    emission = Emission(
        administration=EMISSION.administration, half_life=EMISSION.half_life, correction=DecayCorrection.NONE,
        says_correction=False,
    )  # fmt: skip
    ds = pydicom.dcmread(write_nm(tmp_path / "n.dcm", activity(), visit=VISIT, series=series(2), emission=emission))
    assert "DECY" not in ds.CorrectedImage
    assert "DecayCorrection" not in ds


def test_pt_slices(tmp_path):
    spect = activity()
    emission = Emission(
        administration=EMISSION.administration, half_life=EMISSION.half_life,
        correction=DecayCorrection.ADMIN, decay_factor=1.11, frame_reference_time=600.123,
    )  # fmt: skip
    files = write_pt(tmp_path / "PT", spect, visit=VISIT, series=series(3), emission=emission)
    read = [pydicom.dcmread(f) for f in files]
    values = np.stack([ds.pixel_array * float(ds.RescaleSlope) for ds in read])
    assert values.sum() == pytest.approx(spect.values.sum(dtype=float), rel=1e-4)
    ds = read[0]
    assert (ds.Units, ds.DecayCorrection, float(ds.DecayFactor)) == ("BQML", "ADMIN", 1.11)
    assert float(ds.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose) == 7.4e9  # Bq in PET
    assert (ds.NumberOfSlices, int(ds.ActualFrameDuration)) == (6, 1_200_000)
    assert dciodvfy(files[0]) == []


def test_negative_activity_is_refused(tmp_path):
    bad = image(Quantity.ACTIVITY_CONCENTRATION, np.full((2, 2, 2), -1.0, dtype=np.float32))
    for write, where in ((write_nm, tmp_path / "n.dcm"), (write_pt, tmp_path / "pt")):
        with pytest.raises(DataError, match="finite numbers from 0 on"):
            write(where, bad, visit=VISIT, series=series(2), emission=EMISSION)
    assert not list(tmp_path.glob("*.dcm"))


@pytest.mark.parametrize(("nuclide", "scheme"), [("I-131", "SCT"), ("F-18", "SCT"), ("Th-234", "99HEVESY")])
def test_a_nuclide_outside_the_groups_of_dicom_gets_a_code_of_our_own(tmp_path, nuclide, scheme):
    other = Emission(
        administration=Administration(nuclide=nuclide, activity=1e9, time=GIVEN), half_life=7e5,
        correction=DecayCorrection.START,
    )  # fmt: skip
    write_nm(tmp_path / "n.dcm", activity(), visit=VISIT, series=series(2), emission=other)
    item = pydicom.dcmread(tmp_path / "n.dcm").RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence[0]
    assert item.CodingSchemeDesignator == scheme
    assert nuclide.split("-")[1] in item.CodeMeaning


def square(x, y, half, z):
    return np.array([[x - half, y - half, z], [x + half, y - half, z], [x + half, y + half, z], [x - half, y + half, z]])


def test_rtstruct_keeps_contours_and_holes(tmp_path):
    files = write_ct(tmp_path / "CT", hounsfield(), visit=VISIT, series=series(1))
    ring = Outline(name="Ring", frame_of_reference=FRAME, contours=(square(0, 30, 10, -2.25), square(0, 30, 4, -2.25)))
    pair = Outline(name="Pair", frame_of_reference=FRAME, contours=(square(-20, 30, 4, 2.75), square(0, 30, 4, 2.75)))
    path = write_rtstruct(tmp_path / "rs.dcm", [ring, pair], visit=VISIT, series=series(11), slices=files)
    ds = pydicom.dcmread(path)
    assert [roi.ROIName for roi in ds.StructureSetROISequence] == ["Ring", "Pair"]
    first, second = ds.ROIContourSequence
    assert {c.ContourGeometricType for c in first.ContourSequence} == {"CLOSEDPLANAR_XOR"}
    assert {c.ContourGeometricType for c in second.ContourSequence} == {"CLOSED_PLANAR"}
    data = np.array(first.ContourSequence[1].ContourData, dtype=float).reshape(-1, 3)
    np.testing.assert_allclose(data, ring.contours[1], atol=5e-4)
    named = first.ContourSequence[0].ContourImageSequence[0].ReferencedSOPInstanceUID
    assert named == pydicom.dcmread(files[1]).SOPInstanceUID  # z = -2.25 is the second slice
    references = ds.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0]
    assert len(references.RTReferencedSeriesSequence[0].ContourImageSequence) == 6
    # The checker's tables are older than CLOSEDPLANAR_XOR (PS3.3 C.8.8.6).
    assert [e for e in dciodvfy(path) if "CLOSEDPLANAR_XOR" not in e] == []


def test_holes_are_told_from_neighbours():
    assert has_holes([square(0, 0, 10, 0), square(1, 1, 2, 0)])
    assert not has_holes([square(0, 0, 10, 0), square(1, 1, 2, 5)])
    assert not has_holes([square(0, 0, 3, 0), square(20, 1, 2, 0)])


def test_rtstruct_refuses_masks(tmp_path):
    grid = hounsfield().grid
    outline = Outline(name="a", frame_of_reference=FRAME, mask=np.ones(grid.shape), grid=grid)
    with pytest.raises(InputError, match="masks go into a SEG"):
        write_rtstruct(tmp_path / "rs.dcm", [outline], visit=VISIT, series=series(11), slices=[tmp_path])


def test_seg_keeps_masks(tmp_path):
    import highdicom as hd

    ct = hounsfield()
    files = write_ct(tmp_path / "CT", ct, visit=VISIT, series=series(1))
    masks = [np.zeros(ct.grid.shape, dtype=np.uint8) for _ in range(2)]
    masks[0][1:3, 2:5, 3:6] = 1
    masks[1][4, 6:8, 1:2] = 1
    outlines = [Outline(name=f"Lesion {n}", frame_of_reference=FRAME, mask=m, grid=ct.grid) for n, m in enumerate(masks, 1)]
    path = write_seg(tmp_path / "seg.dcm", outlines, series=series(12), slices=files)
    seg = hd.seg.segread(path)
    assert [seg.get_segment_description(n).segment_label for n in (1, 2)] == ["Lesion 1", "Lesion 2"]
    assert seg.FrameOfReferenceUID == FRAME
    for n, mask in enumerate(masks, 1):
        volume = seg.get_volume(segment_numbers=[n], allow_missing_positions=True)
        array = volume.array[..., 0]
        assert array.sum() == mask.sum()
        read = {tuple(np.round((volume.affine @ [*zyx, 1])[:3], 6)) for zyx in np.argwhere(array)}
        drawn = {tuple(np.round((ct.grid.affine @ [i, j, k, 1])[:3], 6)) for k, j, i in np.argwhere(mask)}
        assert read == drawn
    assert dciodvfy(path) == []


def test_seg_refuses_contours_and_nothing(tmp_path):
    ct = hounsfield()
    files = write_ct(tmp_path / "CT", ct, visit=VISIT, series=series(1))
    drawn = Outline(name="a", frame_of_reference=FRAME, contours=(square(0, 0, 3, 0),))
    with pytest.raises(InputError, match="go into an RTSTRUCT"):
        write_seg(tmp_path / "s.dcm", [drawn], series=series(12), slices=files)
    empty = Outline(name="a", frame_of_reference=FRAME, mask=np.zeros(ct.grid.shape), grid=ct.grid)
    with pytest.raises(InputError, match="all masks are empty"):
        write_seg(tmp_path / "s.dcm", [empty], series=series(12), slices=files)


def oblique_dose():
    values = (np.random.default_rng(4).random((5, 7, 6)) ** 4 * 60).astype(np.float32)
    values[0] = 0
    angle = np.deg2rad(17)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([4.8, 4.7, -4.6])
    affine[:3, 3] = (-100.123456, 3.0, 5.0)
    grid = Grid(shape=values.shape, affine=affine, frame_of_reference=FRAME)
    return Image(values=values, grid=grid, quantity=Quantity.ABSORBED_DOSE)


def test_rtdose_reads_back_within_half_its_scaling(tmp_path):
    files = write_ct(tmp_path / "CT", hounsfield(), visit=VISIT, series=series(1))
    dose = oblique_dose()
    scaling = write_rtdose(tmp_path / "d.dcm", dose, reference_file=files[0], header=DOSE_HEADER)
    ds = pydicom.dcmread(tmp_path / "d.dcm")
    assert float(ds.DoseGridScaling) == scaling
    values = ds.pixel_array.astype(float) * float(ds.DoseGridScaling)
    assert np.abs(values - dose.values).max() <= scaling / 2 * (1 + 1e-6)
    assert (ds.DoseUnits, ds.DoseType, ds.TissueHeterogeneityCorrection) == ("GY", "PHYSICAL", "IMAGE")
    assert (ds.PatientName, ds.StudyInstanceUID, ds.FrameOfReferenceUID) == (
        "VIRTUAL^PATIENT",
        "2.25.100",
        FRAME,
    )
    cosines = np.array(ds.ImageOrientationPatient, dtype=float).reshape(2, 3)
    normal = np.cross(*cosines)
    for k, j, i in ((0, 0, 0), (4, 6, 5)):
        place = np.array(ds.ImagePositionPatient, dtype=float) + float(ds.GridFrameOffsetVector[k]) * normal
        place += cosines[0] * float(ds.PixelSpacing[1]) * i + cosines[1] * float(ds.PixelSpacing[0]) * j
        np.testing.assert_allclose(place, (dose.grid.affine @ [i, j, k, 1])[:3], atol=1e-6)


def test_rtdose_is_in_order_but_for_the_plan_that_does_not_exist(tmp_path):
    files = write_ct(tmp_path / "CT", hounsfield(), visit=VISIT, series=series(1))
    write_rtdose(tmp_path / "d.dcm", oblique_dose(), reference_file=files[0], header=DOSE_HEADER)
    ds = pydicom.dcmread(tmp_path / "d.dcm")
    # dciodvfy aborts on 32-bit pixels: a 16-bit copy is checked.
    half = (ds.pixel_array >> 8).astype("<u2").tobytes()
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelData = half
    ds.save_as(tmp_path / "d16.dcm")
    errors = dciodvfy(tmp_path / "d16.dcm")
    assert [e for e in errors if "ReferencedRTPlanSequence" not in e] == []


def test_rtdose_refuses(tmp_path):
    files = write_ct(tmp_path / "CT", hounsfield(), visit=VISIT, series=series(1))
    dose = oblique_dose()
    path = tmp_path / "d.dcm"
    negative = Image(values=dose.values - 1, grid=dose.grid, quantity=Quantity.ABSORBED_DOSE)
    with pytest.raises(DataError, match="cannot store values from -1"):
        write_rtdose(path, negative, reference_file=files[0], header=DOSE_HEADER)
    elsewhere = Grid(shape=dose.grid.shape, affine=dose.grid.affine, frame_of_reference="2.25.1")
    moved = Image(values=dose.values, grid=elsewhere, quantity=Quantity.ABSORBED_DOSE)
    with pytest.raises(InputError, match=r"\(0020,0052\)"):
        write_rtdose(path, moved, reference_file=files[0], header=DOSE_HEADER)
    skewed = np.array(dose.grid.affine)
    skewed[0, 1] += 0.5
    crooked = Image(values=dose.values, grid=Grid(shape=dose.grid.shape, affine=skewed), quantity=Quantity.ABSORBED_DOSE)
    with pytest.raises(DataError, match="right angles"):
        write_rtdose(path, crooked, reference_file=files[0], header=DOSE_HEADER)
    with pytest.raises(InputError, match="written from Gy"):
        write_rtdose(path, activity(), reference_file=files[0], header=DOSE_HEADER)
    assert not path.exists()


@pytest.mark.parametrize("value", [0.0, 1 / 3, -1234.56789012345, 1.23456789e-15, 7.4e9, -0.000123456789])
def test_decimals_fit_and_keep_their_value(value):
    text = decimal(value)
    assert len(text) <= 16
    assert float(text) == pytest.approx(value, rel=1e-8)


def test_scaling_of_nothing():
    stored, slope = scaled(np.zeros((2, 2)), 65535)
    assert (stored.max(), slope) == (0, 1.0)
    with pytest.raises(DataError, match="finite"):
        scaled(np.array([1.0, np.nan]), 65535)
