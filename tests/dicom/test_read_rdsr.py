"""CT dose reports of four vendors, and totals that contradict their events."""

import importlib.util
from datetime import datetime
from pathlib import Path

import pytest

from hevesy.dicom.read_rdsr import ct_report, read_rdsr
from hevesy.dicom.sr_document import CONTAINS, PROPERTY, dcm, number_item, text_item
from hevesy.errors import DataError
from hevesy.units import mGy, mm

spec = importlib.util.spec_from_file_location("made_dose_reports", Path(__file__).with_name("made_dose_reports.py"))
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
mGy_cm = mGy * 10 * mm
EVENTS = (("2.25.51", 0.04, 6.58, "113691"), ("2.25.52", 4.59, 661.14, "113691"))

# Values as the files print them: DLP total in mGy cm, events, phantom, largest CTDIvol in mGy.
REAL = (
    ("NM-CT-RDSR-Siemens.dcm", 667.72, 2, "body", 4.59),
    ("CT-RDSR-GEPixelMed.dcm", 586.34, 2, "head", 222.59),
    ("CT-RDSR-Philips_BigBore4DCT.dcm", 541.1, 1, "body", 23.7),
    ("CT-RDSR-SpectrumDynamics.dcm", 187.339, 5, "body", 16.2604),
)


@pytest.mark.data
@pytest.mark.parametrize(("name", "dlp", "events", "phantom", "ctdi"), REAL)
def test_real_reports(real_data, name, dlp, events, phantom, ctdi):
    found = read_rdsr(real_data / "dose-reports" / name)
    assert found.dlp_total == pytest.approx(dlp * mGy_cm, rel=1e-9)
    assert (found.events_total, len(found.events)) == (events, events)
    assert {e.phantom for e in found.events if e.dlp is not None} == {phantom}
    assert max(e.ctdi_vol for e in found.events if e.ctdi_vol is not None) == pytest.approx(ctdi * mGy, rel=1e-9)
    assert not any("contradict" in text for text in found.remarks)


@pytest.mark.data
def test_real_quirks_are_said(real_data):
    spectrum = " ".join(read_rdsr(real_data / "dose-reports" / "CT-RDSR-SpectrumDynamics.dcm").remarks)
    assert "mGycm" in spectrum
    assert "PERSON NAME" in spectrum
    assert "1 of 5 events has no DLP" in spectrum
    for name in ("CT-RDSR-GEPixelMed.dcm", "CT-RDSR-Philips_BigBore4DCT.dcm"):
        assert "Target Region" in " ".join(read_rdsr(real_data / "dose-reports" / name).remarks)
    siemens = read_rdsr(real_data / "dose-reports" / "NM-CT-RDSR-Siemens.dcm")
    assert siemens.start == datetime(2022, 2, 24, 11, 53, 10, 777999)


def test_totals_and_events():
    found = ct_report(made.ct_dataset(EVENTS), "x.dcm")
    assert found.dlp_total == pytest.approx(667.72 * mGy_cm)
    assert [e.phantom for e in found.events] == ["body", "body"]
    assert found.remarks == ()


def test_contradicting_totals_are_said():
    found = ct_report(made.ct_dataset(EVENTS, total=700.0, count=3), "x.dcm")
    said = " ".join(found.remarks)
    assert "counts 3 irradiation events and describes 2" in said
    assert "667.72 mGy cm, the report accumulates 700 mGy cm" in said


def test_phantoms_in_one_sum_repeated_and_missing_uids_are_said():
    events = (("", 1.0, 10.0, "113690"), ("2.25.7", 1.0, 10.0, "113691"), ("2.25.7", 1.0, 10.0, "113691"))
    said = " ".join(ct_report(made.ct_dataset(events), "x.dcm").remarks)
    assert "different phantoms (body, head)" in said
    assert "no (113769, DCM) UID" in said
    assert "more than once" in said


def test_a_topogram_without_dose_is_an_event():
    found = ct_report(made.ct_dataset((("2.25.51", None, None, "113691"), EVENTS[1])), "x.dcm")
    assert [e.dlp is None for e in found.events] == [True, False]
    assert any("1 of 2 events has no DLP" in text for text in found.remarks)


def test_a_report_of_projection_x_ray_is_refused():
    ds = made.ct_dataset(())
    ds.ContentSequence = ds.ContentSequence[:1]
    with pytest.raises(DataError, match="Only CT reports"):
        ct_report(ds, "x.dcm")


def test_effective_doses_of_events_and_of_the_whole_are_kept_apart():
    ds = made.ct_dataset(EVENTS)
    totals, event = ds.ContentSequence[1], ds.ContentSequence[3]
    dose = event.ContentSequence[-1]
    authority = text_item(PROPERTY, dcm("121406", "Reference Authority"), "ICRP Pub 103")
    dose.ContentSequence.append(number_item(CONTAINS, dcm("113839", "Effective Dose"), 9.9, "mSv", [authority]))
    totals.ContentSequence.append(number_item(CONTAINS, dcm("113839", "Effective Dose"), 10.0, "mSv"))
    found = ct_report(ds, "x.dcm")
    assert [e.effective_doses for e in found.events][0] == ()
    assert found.events[1].effective_doses[0].value == pytest.approx(9.9e-3)
    assert found.events[1].effective_doses[0].authority == "ICRP Pub 103"
    assert [d.value for d in found.effective_doses] == [pytest.approx(10e-3)]
