"""Exposures of a patient: one exposure told by several objects is one, two exposures stay two, contradictions are said."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.model.exposure import (
    AdministrationReport,
    CtEvent,
    CtReport,
    DoseModel,
    EffectiveDose,
    OrganDose,
    Origin,
    PatientDoseReport,
)
from hevesy.model.study import Patient
from hevesy.protection.record import patient_records, weight_set

DAY = datetime(2024, 3, 4, 9, 30)


def origin(kind="RRDSR", file="a.dcm", study="2.25.1", day=DAY):
    return Origin(kind=kind, file=file, study_uid=study, instance_uid=f"{study}.{len(file)}", study_date=day.date())


def given_by(kind="RRDSR", *, file="a.dcm", study="2.25.1", patient="P-1", sex="F", age=50.0, day=DAY, **more):
    values = {"event_uid": "2.25.7", "nuclide": "F-18", "radiopharmaceutical": "FDG", "activity": 300e6, "start": day}
    return AdministrationReport(
        origin=origin(kind, file, study, day), patient=Patient(id=patient, sex=sex, age_years=age), **(values | more)
    )


def ct(*events, file="c.dcm", study="2.25.1", day=DAY):
    made = tuple(CtEvent(uid=uid, dlp=dlp, ctdi_vol=0.01, phantom="body") for uid, dlp in events)
    return CtReport(
        origin=origin("RDSR", file, study, day), patient=Patient(id="P-1", sex="F", age_years=50.0), start=day, events=made
    )


def one(*reports):
    records = patient_records(reports)
    assert len(records) == 1
    return records[0]


def test_header_and_report_are_one_administration_and_their_contradictions_are_said():
    """As in the real pair: 10:40:30 in the dose report, 10:48:30 in the image header, two event UIDs."""
    report = given_by(start=datetime(2022, 2, 24, 10, 40, 30), event_uid="1.1")
    header = given_by("PET header", file="b.dcm", start=datetime(2022, 2, 24, 10, 48, 30), event_uid="1.2")
    found = one(header, report)
    assert len(found.exposures) == 1
    exposure = found.exposures[0]
    assert exposure.start == report.start
    assert exposure.files == ("a.dcm", "b.dcm")
    said = " ".join(exposure.disagreements)
    assert "8 min apart: RRDSR says 2022-02-24 10:40:30, PET header 10:48:30" in said
    assert "administration event UID" in said


def test_the_same_event_uid_is_one_administration_whatever_else_differs():
    found = one(given_by(), given_by("PET header", file="b.dcm", activity=250e6))
    assert len(found.exposures) == 1
    assert "300 MBq, PET header 250 MBq; the first is kept" in " ".join(found.exposures[0].disagreements)


def test_two_reports_with_two_event_uids_are_two_administrations():
    assert len(one(given_by(event_uid="1.1"), given_by(file="b.dcm", event_uid="1.2")).exposures) == 2


def test_another_nuclide_activity_or_a_distant_time_is_another_administration():
    base = given_by("PET header", event_uid="")
    for other in (
        given_by("PET header", file="b.dcm", event_uid="", nuclide="Ga-68"),
        given_by("PET header", file="b.dcm", event_uid="", activity=600e6),
        given_by("PET header", file="b.dcm", event_uid="", start=DAY + timedelta(hours=3)),
        given_by("PET header", file="b.dcm", event_uid="", study="2.25.2"),
    ):
        assert len(one(base, other).exposures) == 2


def test_two_series_of_one_injection_are_one():
    assert len(one(given_by("PET header"), given_by("PET header", file="b.dcm")).exposures) == 1


def test_an_identifier_that_is_a_placeholder_joins_nobody():
    a, b = given_by(patient="REMOVED", study="1.1"), given_by(patient="REMOVED", study="1.2", event_uid="3.3", file="b.dcm")
    records = patient_records([a, b])
    assert len(records) == 2
    assert all("placeholder" in " ".join(r.remarks) for r in records)


def test_one_study_under_two_identifiers_is_one_patient_and_said():
    found = one(given_by(patient="REMOVED1"), given_by("PET header", file="b.dcm", patient="REMOVED"))
    assert found.ids == ("REMOVED", "REMOVED1")
    assert "one study is known under the identifiers" in found.remarks[0]
    assert "patient identifier" in " ".join(found.exposures[0].disagreements)


@pytest.mark.parametrize("other", [{"sex": "M"}, {"age": 20.0}])
def test_a_contradicting_sex_or_age_keeps_patients_apart(other):
    assert len(patient_records([given_by(), given_by(study="2.25.9", file="b.dcm", **other)])) == 2


def test_a_birthday_between_two_studies_joins():
    later = given_by(study="2.25.9", file="b.dcm", age=53.0, day=DAY + timedelta(days=2 * 365), event_uid="9.9")
    assert len(patient_records([given_by(), later])) == 1


def test_an_event_uid_counts_once_and_a_different_dlp_is_said():
    found = one(
        ct(("1.1", 4.0), ("1.2", 5.0)), ct(("1.1", 4.0), ("1.2", 6.0), ("1.3", 1.0), file="d.dcm", day=DAY + timedelta(hours=1))
    )
    assert [e.dlp for e in found.exposures] == [4.0, 5.0, 1.0]
    assert "DLP: c.dcm 500 mGy cm, d.dcm 600 mGy cm." in found.exposures[1].disagreements


def test_events_without_uid_are_not_taken_for_one():
    assert len(one(ct(("", 4.0), ("", 4.0))).exposures) == 2


def test_an_administration_without_a_time_stands_on_the_day_of_its_study():
    found = one(given_by("NM header", start=None))
    assert found.exposures[0].day == date(2024, 3, 4)
    assert found.exposures[0].start is None


def test_a_patient_dose_report_is_no_exposure_of_its_own():
    model = DoseModel(patient_model="a", transport="b", method="Monte Carlo Method")
    told = PatientDoseReport(
        origin=origin("P-RDSR", "p.dcm"), patient=Patient(id="P-1", sex="F", age_years=50.0), model=model,
        organ_doses=(OrganDose(organ="Kidney", dose=5.0),),
    )  # fmt: skip
    found = one(given_by(), told)
    assert len(found.exposures) == 1
    assert "p.dcm estimates 1 organ doses (Monte Carlo Method)" in " ".join(found.remarks)


@given(st.permutations(range(6)))
def test_the_order_of_the_files_does_not_matter(order):
    reports = [
        given_by(), given_by("PET header", file="b.dcm"), ct(("1.1", 4.0), ("1.2", 5.0)),
        ct(("1.1", 4.0), file="d.dcm", day=DAY + timedelta(hours=1)),
        given_by(file="e.dcm", study="2.25.2", event_uid="8.8", day=DAY + timedelta(days=40)),
        given_by(patient="P-2", study="2.25.3", file="f.dcm", event_uid="8.9"),
    ]  # fmt: skip
    found = patient_records([reports[i] for i in order])
    assert found == patient_records(reports)
    assert sum(len(r.exposures) for r in found) == 5
    assert all([e.day for e in r.exposures] == sorted(e.day for e in r.exposures) for r in found)


@pytest.mark.parametrize(
    ("authority", "weights"),
    [
        ("ICRP Publication 128", "ICRP 60"), ("ICRP Publication 106", "ICRP 60"), ("ICRP Publication 53", "ICRP 26"),
        ("ICRP Publication 128 with weights of ICRP Publication 103", "ICRP 103"), ("ICRP Pub 103", "ICRP 103"),
        ("package insert", "not stated"), ("", "not stated"), ("Andersson 2014", "not stated"),
    ],
)  # fmt: skip
def test_weights_are_those_of_the_publication(authority, weights):
    assert weight_set(EffectiveDose(value=1e-3, authority=authority)) == weights
