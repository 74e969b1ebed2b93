"""The virtual study, read with plain pydicom: what is in the files is what is true."""

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from hevesy import units as u
from hevesy.app.virtual_study import MARKER, make_virtual_study
from hevesy.errors import InputError

LAMBDA = math.log(2) / (6.647 * u.d)


@pytest.fixture
def study(small_study):
    return small_study


def stored_activity(folder):
    """Sum over a SPECT folder as stored [Bq], and one header."""
    total = 0.0
    for path in sorted(folder.glob("*.dcm")):
        ds = pydicom.dcmread(path)
        pixel = ds.pixel_array.astype(float)
        if ds.Modality == "NM":
            mapping = ds.RealWorldValueMappingSequence[0]
            pixel = pixel * mapping.RealWorldValueSlope
            depth = float(ds.SpacingBetweenSlices)
        else:
            pixel = pixel * float(ds.RescaleSlope)
            depth = float(ds.SliceThickness)
        total += pixel.sum() * float(ds.PixelSpacing[0]) * float(ds.PixelSpacing[1]) * depth / 1000
    return total, ds


def test_total_activity_of_each_scan_is_the_true_one(study, small_spec):
    names = ("T1_4h", "T2_24h", "T3_72h", "T4_168h")
    scans = zip(names, small_spec.durations, small_spec.times, study.total_activities, strict=True)
    for name, d, t, truth in scans:
        total, ds = stored_activity(study.folder / name / "SPECT")
        to_start = LAMBDA * d / -math.expm1(-LAMBDA * d)
        back = {"T1_4h": 1.0, "T2_24h": 1.0, "T3_72h": to_start, "T4_168h": math.exp(-LAMBDA * t)}[name]
        events = truth * small_spec.sensitivity * d * small_spec.events_per_count
        # Four standard deviations of the number of Poisson events, and the rounding of 16-bit values.
        assert total * back == pytest.approx(truth, rel=4 / math.sqrt(events) + 1e-4)
        assert ds.PatientName == "VIRTUAL^PATIENT"


def test_each_way_of_storing_decay_occurs(study, small_spec):
    heads = {p.name: stored_activity(p / "SPECT")[1] for p in study.folder.glob("T*")}
    assert heads["T1_4h"].DecayCorrection == "START"
    assert "DECY" in heads["T2_24h"].CorrectedImage
    assert heads["T2_24h"].DecayCorrectionDateTime.startswith("20240305093000")
    assert "DECY" not in heads["T3_72h"].CorrectedImage
    assert (heads["T4_168h"].Modality, heads["T4_168h"].DecayCorrection) == ("PT", "ADMIN")
    # The factor brings the mean over the frame to the administration.
    t, d = small_spec.times[3], small_spec.durations[3]
    factor = math.exp(LAMBDA * t) * LAMBDA * d / -math.expm1(-LAMBDA * d)
    assert float(heads["T4_168h"].DecayFactor) == pytest.approx(factor, rel=1e-6)


def test_one_patient_and_one_frame_of_reference_a_visit(study):
    frames = defaultdict(set)
    patients = set()
    for path in study.folder.rglob("*.dcm"):
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        patients.add((str(ds.PatientName), ds.PatientID))
        frame = ds.get("FrameOfReferenceUID") or ds.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID
        frames[path.relative_to(study.folder).parts[0]].add(frame)
    assert len(patients) == 1
    assert [len(f) for f in frames.values()] == [1, 1, 1, 1]
    assert len(set.union(*frames.values())) == 4


def test_regions_are_drawn_on_the_reference_visit(study):
    contours = pydicom.dcmread(study.folder / "T2_24h" / "RTSTRUCT" / "organs.dcm")
    masks = pydicom.dcmread(study.folder / "T2_24h" / "SEG" / "lesions.dcm")
    drawn = [roi.ROIName for roi in contours.StructureSetROISequence]
    drawn += [segment.SegmentLabel for segment in masks.SegmentSequence]
    assert tuple(drawn) == study.regions
    assert set(study.regions) < set(study.truths)


def test_the_body_lies_elsewhere_at_each_visit(study):
    centres = []
    for name in ("T1_4h", "T2_24h", "T3_72h", "T4_168h"):
        read = [pydicom.dcmread(p) for p in sorted((study.folder / name / "CT").glob("*.dcm"))]
        body = np.stack([ds.pixel_array for ds in read]) > 600  # stored = HU + 1024
        z, y, x = np.argwhere(body).mean(axis=0)
        centres.append([x * 5.0, y * 5.0, z * 9.0])
    apart = [np.linalg.norm(np.subtract(a, b)) for n, a in enumerate(centres) for b in centres[:n]]
    assert min(apart) > 1.0
    assert max(apart) < 25.0


def test_the_same_seed_gives_the_same_files(study, small_spec, tmp_path):
    again = make_virtual_study(tmp_path / "again", seed=study.seed, spec=small_spec)
    for path in study.folder.rglob("*.dcm"):
        same = (again.folder / path.relative_to(study.folder)).read_bytes()
        assert path.read_bytes() == same, path.name


def test_what_is_not_ours_is_not_overwritten(small_spec, tmp_path):
    (tmp_path / "scan.dcm").write_bytes(b"somebody's")
    with pytest.raises(InputError, match="is not overwritten"):
        make_virtual_study(tmp_path, spec=small_spec)
    assert [p.name for p in tmp_path.iterdir()] == ["scan.dcm"]


def test_what_is_ours_is_made_anew(small_spec, tmp_path):
    spec = replace(small_spec, times=small_spec.times[:2], durations=small_spec.durations[:2])
    one = replace(spec, times=spec.times[:1], durations=spec.durations[:1], reference=0)
    told = []
    make_virtual_study(tmp_path / "s", seed=1, spec=spec)
    make_virtual_study(tmp_path / "s", seed=1, spec=one, progress=lambda text, part: told.append((text, part)))
    assert sorted(p.name for p in (tmp_path / "s").iterdir()) == [MARKER, "T1_4h"]
    assert [part for _, part in told] == sorted(part for _, part in told)
    assert told[-1][1] == 1.0


def test_another_half_life_is_refused(small_spec, tmp_path):
    with pytest.raises(InputError, match="Lu-177 has 6.6"):
        make_virtual_study(tmp_path / "s", spec=replace(small_spec, half_life=8.0 * u.d))
