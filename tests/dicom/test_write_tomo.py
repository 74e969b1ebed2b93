"""Projections are written as the standard wants them, and read back as they were."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dicom.test_write_objects import dciodvfy
from tests.dicom.tomo_files import FRAME, GIVEN, HALF_LIFE, VISIT, projections, series

from hevesy.dicom.read_tomo import read_raw, read_tomo
from hevesy.dicom.write_tomo import write_tomo
from hevesy.errors import DataError, InputError


def written(path, made):
    return write_tomo(path, made, visit=VISIT, series=series(), given=GIVEN, half_life=HALF_LIFE)


def assert_same(a, b):
    np.testing.assert_array_equal(a.counts, b.counts)
    np.testing.assert_allclose((a.angles - b.angles + 180) % 360, 180, atol=1e-6)
    for name in ("radii", "starts", "durations"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), atol=1e-3)
    np.testing.assert_allclose(a.centre, b.centre, atol=1e-4)
    for name in ("windows", "pixel", "nuclide", "start", "collimator", "camera", "frame_of_reference", "gate"):
        assert getattr(a, name) == getattr(b, name), name


def test_it_is_in_order(tmp_path):
    path = written(tmp_path / "t.dcm", projections())
    assert dciodvfy(path) == []
    ds = pydicom.dcmread(path)
    assert list(ds.ImageType) == ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    assert list(ds.EnergyWindowVector[:9]) == [1] * 8 + [2]
    assert list(ds.DetectorVector[:8]) == [1] * 4 + [2] * 4
    assert [float(d.StartAngle) for d in ds.DetectorInformationSequence] == [180.0, 0.0]
    assert ds.RotationInformationSequence[0].RotationDirection == "CC"
    assert float(ds.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose) == 7400.0  # MBq in NM
    assert ds.CountsAccumulated == int(projections().counts.sum())
    # The anterior view is seen with the patient's right on the left: columns run to the left side, rows to the feet.
    assert [float(v) for v in ds.DetectorInformationSequence[0].ImageOrientationPatient] == [1, 0, 0, 0, 0, -1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    heads=st.sampled_from([1, 2, 3]),
    per_head=st.integers(3, 7),
    sign=st.sampled_from([-1, 1]),
    rows=st.integers(2, 7),
    columns=st.integers(2, 9),
    pixel=st.tuples(st.floats(1, 10), st.floats(1, 10)),
    centre=st.tuples(*[st.floats(-900, 900)] * 3),
    pause=st.sampled_from([0.0, 1.5, 3.0]),
    duration=st.floats(1, 60),
    begin=st.floats(0, 359),
    seed=st.integers(0, 2**20),
)
def test_what_is_written_is_read(tmp_path, heads, per_head, sign, rows, columns, pixel, centre, pause, duration, begin, seed):
    made = projections(views=heads * per_head, heads=heads, rows=rows, columns=columns, seed=seed, sign=sign)
    duration = round(duration, 3)
    made = replace(
        made,
        angles=(made.angles + round(begin, 3)) % 360.0,
        pixel=tuple(round(p, 6) for p in pixel),
        centre=tuple(round(c, 3) for c in centre),
        starts=np.tile(np.arange(per_head) * (duration + pause), heads),
        durations=np.full(heads * per_head, duration),
        radii=np.round(np.random.default_rng(seed).uniform(80, 400, heads * per_head), 3),
    )
    (read,) = read_tomo(written(tmp_path / "t.dcm", made))
    assert_same(made, read)


def test_gates(tmp_path):
    gates = [projections(seed=n, gate=n, durations=np.full(8, 7.5), radii=np.full(8, 250.0)) for n in (1, 2, 3, 4)]
    path = written(tmp_path / "g.dcm", gates)
    assert dciodvfy(path) == []
    assert pydicom.dcmread(path).ImageType[2] == "GATED TOMO"
    raw = read_raw(path)
    for a, b in zip(gates, raw, strict=True):
        assert_same(a, b.projections)
    assert {r.gates for r in raw} == {4}
    assert {r.view_duration for r in raw} == {30.0}


def test_two_rotations_are_put_together(tmp_path):
    made = projections(views=8, heads=1)
    twice = replace(
        made,
        counts=np.concatenate([made.counts, projections(views=8, heads=1, seed=7).counts], axis=1),
        angles=np.concatenate([made.angles, made.angles[::-1]]),
        radii=np.full(16, 250.0),
        starts=np.arange(16) * 30.0,
        durations=np.full(16, 30.0),
        shifts=(),
    )
    path = written(tmp_path / "r.dcm", twice)
    assert pydicom.dcmread(path).NumberOfRotations == 2
    (read,) = read_tomo(path)
    assert_same(twice, read)
    assert any("2 rotations" in remark for remark in read.remarks)


def test_it_refuses(tmp_path):
    made = projections()
    path = tmp_path / "t.dcm"
    with pytest.raises(DataError, match="whole numbers from 0 to 65535"):
        written(path, replace(made, counts=made.counts + 0.5))
    with pytest.raises(DataError, match="Draw counts"):
        written(path, replace(made, counts=made.counts + 70000))
    with pytest.raises(InputError, match="unequal"):
        written(path, replace(made, angles=made.angles + np.array([0, 0, 3, 0, 0, 0, 3, 0])))
    with pytest.raises(InputError, match="pauses between the views"):
        written(path, replace(made, starts=np.tile([0.0, 33.0, 70.0, 99.0], 2)))
    with pytest.raises(InputError, match="gates of one bed position"):
        written(path, [made, replace(made, radii=made.radii + 1)])
    with pytest.raises(InputError, match="a file holds equal ones"):
        written(path, [made, replace(made, durations=made.durations / 2)])
    with pytest.raises(InputError, match="one duration|lasts|last"):
        written(path, replace(made, durations=np.linspace(20, 30, 8)))
    with pytest.raises(InputError, match="frames of reference"):
        written(path, replace(made, frame_of_reference=FRAME + ".1"))
    with pytest.raises(InputError, match="no projections"):
        written(path, [])
    assert not path.exists()


def test_a_nuclide_without_a_code_is_named_in_words(tmp_path):
    path = write_tomo(tmp_path / "a.dcm", projections(nuclide="Ac-225"), visit=VISIT, series=series())
    assert dciodvfy(path) == []
    (read,) = read_tomo(path)
    assert read.nuclide == "Ac-225"
