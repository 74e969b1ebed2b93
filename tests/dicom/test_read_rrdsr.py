"""RRDSRs are read as they are: real quirks become remarks, what changes a number is refused."""

import contextlib
import importlib.util
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.dicom.content import root
from hevesy.dicom.read_exposures import read_exposures
from hevesy.dicom.read_rrdsr import administration_report, read_rrdsr
from hevesy.dicom.sr_document import CONTAINS, dcm, number_item
from hevesy.dicom.write_rrdsr import Around, rrdsr, write_rrdsr
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.units import MBq

spec = importlib.util.spec_from_file_location("made_dose_reports", Path(__file__).with_name("made_dose_reports.py"))
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


def dataset(**more):
    return rrdsr(made.administration(**more), made.frame(), Around())


def event(ds):
    return next(i for i in ds.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "113502")


def item(ds, code):
    return next(i for i in event(ds).ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == code)


@pytest.mark.data
def test_the_report_of_a_real_scanner(real_data):
    found = read_rrdsr(real_data / "dose-reports" / "NM-RRDSR-Siemens.dcm")
    assert found.activity == 394 * MBq
    assert found.nuclide == "F-18"
    assert found.start == datetime(2022, 2, 24, 10, 40, 30)
    assert found.effective_doses[0].value == pytest.approx(7.486e-3, rel=1e-12)
    assert found.effective_doses[0].authority == "ICRP Publication 128"
    doses = {o.organ: o.dose * 1e3 for o in found.organ_doses}
    # Printed by the scanner with two decimals; the report holds the same digits.
    expected = {"Bladder": 51.22, "Brain": 14.97, "Heart": 26.4, "Liver": 8.27, "Kidney": 6.7, "Breast": 3.47, "Skin": 3.07}
    assert {name: doses[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    assert len(doses) == 22
    assert found.route == "Intravenous route"
    said = " ".join(found.remarks)
    assert "retired scheme SRT" in said
    assert "220001, 99SHS" in said
    assert "same second" in said


def test_an_empty_event_uid_is_said():
    ds = dataset()
    item(ds, "113503").UID = ""
    found = administration_report(ds, "x.dcm")
    assert found.event_uid == ""
    assert any("113503" in text and "empty" in text for text in found.remarks)


def test_other_units_are_converted_and_said():
    ds = dataset()
    event(ds).ContentSequence = [i for i in event(ds).ContentSequence if i.ConceptNameCodeSequence[0].CodeValue != "113507"]
    event(ds).ContentSequence.append(number_item(CONTAINS, dcm("113507", "Administered activity"), 10.0, "mCi"))
    found = administration_report(ds, "x.dcm")
    assert found.activity == pytest.approx(370 * MBq, rel=1e-12)
    assert any("mCi" in text and "MBq" in text for text in found.remarks)


def test_an_unknown_unit_is_refused():
    ds = dataset()
    item(ds, "113507").MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "furlong"
    with pytest.raises(DataError, match=r"Administered activity is 300 in unit 'furlong'; allowed are MBq.*corrected"):
        administration_report(ds, "x.dcm")


def test_more_after_than_before_is_impossible():
    """The extended test object of one vendor: 11 MBq before, 12 MBq after, 250 MBq administered."""
    found = administration_report(dataset(activity=250e6, pre=11e6, post=12e6), "x.dcm")
    assert any("impossible" in text and "11 MBq" in text and "250 MBq" in text for text in found.remarks)


def test_before_less_after_is_held_against_the_administered():
    contradicting = administration_report(dataset(activity=300e6, pre=400e6, post=5e6), "x.dcm")
    assert any("contradiction" in text and "395 MBq" in text for text in contradicting.remarks)
    fitting = administration_report(dataset(activity=395e6, pre=400e6, post=5e6), "x.dcm")
    assert not any("contradiction" in text for text in fitting.remarks)


def test_measured_activities_are_decayed_to_the_start():
    ds = dataset(activity=200e6, pre=400e6)
    item(ds, "113508").ObservationDateTime = (made.GIVEN - timedelta(seconds=6586.2)).strftime("%Y%m%d%H%M%S")
    assert not any("contradiction" in text for text in administration_report(ds, "x.dcm").remarks)


def test_retired_and_present_codes_may_stand_side_by_side():
    ds = dataset()
    name = item(ds, "349358000").ConceptNameCodeSequence[0]
    name.CodeValue, name.CodingSchemeDesignator = "F-61FDB", "SRT"
    found = administration_report(ds, "x.dcm")
    assert found.nuclide == "F-18"
    assert any("side by side" in text for text in found.remarks)


def test_stop_before_start_is_said():
    found = administration_report(dataset(stop=made.GIVEN - timedelta(minutes=3)), "x.dcm")
    assert any("before it starts" in text for text in found.remarks)


def test_two_administrations_in_one_report_are_refused():
    ds = dataset()
    ds.ContentSequence.append(event(ds))
    with pytest.raises(DataError, match="2 containers.*allows one"):
        administration_report(ds, "x.dcm")


def test_what_is_no_report_is_refused(tmp_path):
    (tmp_path / "no.dcm").write_bytes(b"no DICOM")
    with pytest.raises(InputError, match=r"no\.dcm.*Check the path"):
        read_rrdsr(tmp_path / "no.dcm")


def test_broken_reports_are_problems_and_others_are_still_read(tmp_path):
    write_rrdsr(tmp_path / "a.dcm", made.administration(), made.frame())
    ds = rrdsr(made.administration(), made.frame("2.25.4"), Around())
    ds.ContentSequence = []
    ds.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    (tmp_path / "notes.txt").write_text("not DICOM")
    found = read_exposures([tmp_path])
    assert [r.origin.file for r in found.reports] == ["a.dcm"]
    assert [p.where for p in found.problems] == ["b.dcm"]
    assert (found.files, found.others) == (3, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(min_value=0), st.integers(min_value=0)), min_size=1, max_size=4))
def test_whatever_is_missing_a_report_is_read_or_refused_in_words(cuts):
    ds = dataset(stop=made.GIVEN, pre=310e6, post=10e6)
    for which, what in cuts:
        items = [i.ds for i in root(ds).walk()]
        if items:
            item = items[which % len(items)]
            tags = [element.tag for element in item]
            if tags:
                del item[tags[what % len(tags)]]
    with contextlib.suppress(HevesyError):
        assert administration_report(ds, "x.dcm").patient.id == "P-1"
