"""A reconstruction is written as the standard wants it, of the patient of its projections, and is read as what it is."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dicom.test_write_objects import activity, dciodvfy, image
from tests.dicom.tomo_files import START, tomo_file

from hevesy.dicom import read_study
from hevesy.dicom.write_recon import ReconHeader, write_recon
from hevesy.errors import DataError, InputError
from hevesy.model import DecayCorrection, EnergyWindow, Image, Quantity

HEADER = ReconHeader(
    created=datetime(2024, 3, 6), description="OSEM", method="OSEM 5 x 10; attenuation by CT", start=START,
    view_duration=30.0, views=4,
    start_angle=180.0, step=45.0, radius=260.0, corrections=("ATTN", "SCAT", "DECY"),
    window=EnergyWindow(name="208", lower=187.2, upper=228.8), collimator="MELP",
)  # fmt: skip


def read(folder):
    study = read_study(folder)
    assert study.problems == ()
    (scan,) = study.scans
    return scan


def test_it_is_in_order_and_read_as_activity(tmp_path):
    source = tomo_file(tmp_path / "t.dcm")
    made = activity()
    path = tmp_path / "out" / "r.dcm"
    slope = write_recon(path, made, sources=[source], header=HEADER)
    assert dciodvfy(path) == []
    ds, raw = pydicom.dcmread(path), pydicom.dcmread(source)
    assert list(ds.ImageType) == ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    assert (ds.PatientName, ds.PatientID, ds.StudyInstanceUID) == (raw.PatientName, raw.PatientID, raw.StudyInstanceUID)
    assert ds.SourceImageSequence[0].ReferencedSOPInstanceUID == raw.SOPInstanceUID
    assert ds.RealWorldValueMappingSequence[0].RealWorldValueSlope == slope
    assert ds.SeriesInstanceUID != raw.SeriesInstanceUID
    scan = read(path.parent)
    assert np.abs(scan.image.values - made.values).max() <= 0.501 * slope
    np.testing.assert_allclose(scan.image.grid.affine, made.grid.affine, atol=1e-6)
    assert (scan.correction, scan.correction_time, scan.start, scan.duration) == (DecayCorrection.START, START, START, 120.0)
    assert scan.administration.activity == 7.4e9
    assert scan.image.quantity is Quantity.ACTIVITY_CONCENTRATION


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scale=st.floats(1e-6, 1e12), seed=st.integers(0, 1000), empty=st.booleans())
def test_any_scale_survives(tmp_path, scale, seed, empty):
    source = tmp_path / "t.dcm"
    if not source.exists():
        tomo_file(source)
    values = np.zeros((3, 4, 5)) if empty else np.random.default_rng(seed).gamma(0.3, scale, (3, 4, 5))
    made = image(Quantity.ACTIVITY_CONCENTRATION, values.astype(np.float32))
    slope = write_recon(tmp_path / "out" / "r.dcm", made, sources=[source], header=HEADER)
    assert np.abs(read(tmp_path / "out").image.values - made.values).max() <= 0.51 * slope + 1e-6 * made.values.max()


def test_counts_are_read_as_counts(tmp_path):
    source = tomo_file(tmp_path / "t.dcm")
    made = replace(activity(), quantity=Quantity.COUNTS)
    path = tmp_path / "out" / "r.dcm"
    slope = write_recon(path, made, sources=[source], header=HEADER)
    assert dciodvfy(path) == []
    scan = read(path.parent)
    assert scan.image.quantity is Quantity.COUNTS
    assert np.abs(scan.image.values - made.values).max() <= 0.501 * slope


def test_without_decay_correction_it_does_not_claim_one(tmp_path):
    source = tomo_file(tmp_path / "t.dcm")
    header = replace(HEADER, corrections=("ATTN",))
    write_recon(tmp_path / "out" / "r.dcm", activity(), sources=[source], header=header)
    assert "DecayCorrectionDateTime" not in pydicom.dcmread(tmp_path / "out" / "r.dcm")
    assert read(tmp_path / "out").correction is DecayCorrection.NONE


def test_it_refuses(tmp_path):
    source = tomo_file(tmp_path / "t.dcm")
    path = tmp_path / "out" / "r.dcm"
    with pytest.raises(InputError, match="Bq/ml or counts"):
        write_recon(
            path,
            Image(values=activity().values, grid=activity().grid, quantity=Quantity.ABSORBED_DOSE),
            sources=[source],
            header=HEADER,
        )
    with pytest.raises(InputError, match="the file of its projections"):
        write_recon(path, activity(), sources=[], header=HEADER)
    with pytest.raises(DataError, match="finite numbers from 0 on"):
        write_recon(path, replace(activity(), values=activity().values - 5e5), sources=[source], header=HEADER)
    assert not path.exists()
