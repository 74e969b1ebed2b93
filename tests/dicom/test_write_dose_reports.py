"""RRDSR and P-RDSR: what is written reads back equal, holds its template, and a conformance checker finds it in order."""

import importlib.util
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.dicom.read_patient_dose import patient_dose_report, read_patient_dose
from hevesy.dicom.read_rrdsr import administration_report, read_rrdsr
from hevesy.dicom.report_templates import check_template
from hevesy.dicom.sr_codes import ROUTES, SIDES, agent_code, nuclide_code, organ_code
from hevesy.dicom.sr_document import Frame
from hevesy.dicom.write_radiation_dose_sr import METHODS, Source, patient_dose, write_patient_dose
from hevesy.dicom.write_rrdsr import Around, rrdsr, write_rrdsr
from hevesy.errors import DataError, InputError
from hevesy.model.exposure import DoseModel, EffectiveDose, OrganDose, Origin, PatientDoseReport

spec = importlib.util.spec_from_file_location("made_dose_reports", Path(__file__).with_name("made_dose_reports.py"))
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
MODEL = DoseModel(
    patient_model="Patient Segmented Model", transport="Voxelized Radiation Transport Model", method="Monte Carlo Method",
    reference="an engine",
)  # fmt: skip
SOURCE = Source(series_uid="2.25.2", instance_uid="2.25.3")
UNKNOWN_OBJECT = "Error - Information Object Not found"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
ORGANS = ("Bladder", "Kidney", "Liver", "Bone Marrow", "Lesion 1", "Läsion (re.)")

doses = st.floats(min_value=1e-9, max_value=500.0)
masses = st.none() | st.floats(min_value=1e-5, max_value=5.0)
texts = st.sampled_from(["ICRP Publication 128", "Hevesy, engine local; u 6 % (k = 1)", "Ärzteblatt"])
organ_doses = st.builds(
    OrganDose, organ=st.sampled_from(ORGANS), laterality=st.sampled_from(["", *SIDES]), dose=doses, authority=texts, mass=masses,
    mass_method=st.just("drawn"),
)  # fmt: skip
effective_doses = st.builds(EffectiveDose, value=doses, authority=texts, method=st.sampled_from(["", "coefficients"]))
times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2050, 1, 1))


def dciodvfy(path):
    """Errors that the checker of dicom3tools finds in a file."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (Debian: dicom3tools) is not installed: conformance was not checked")
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    errors = [line for line in lines if line.startswith("Error")]
    if errors == [UNKNOWN_OBJECT]:
        return errors
    assert any(not line.startswith(("Error", "Warning")) for line in lines), lines
    return errors


def patient_report(**more):
    values = {
        "origin": Origin(kind="P-RDSR", file="p.dcm", study_uid="2.25.1"),
        "patient": made.PATIENT,
        "model": MODEL,
        "source_uids": ("2.25.3",),
        "organ_doses": (
            OrganDose(organ="Kidney", laterality="left", dose=5.1, authority="Hevesy", mass=0.22, mass_method="drawn"),
        ),
        "comment": "c",
    }
    return PatientDoseReport(**(values | more))


def close(a, b):
    return a == b or (a is not None and b is not None and abs(a - b) <= 1e-12 * max(abs(a), abs(b)))


def same_organs(meant, read):
    words = [(o.organ, o.laterality, o.authority) for o in meant] == [(o.organ, o.laterality, o.authority) for o in read]
    return words and all(close(a.dose, b.dose) and close(a.mass, b.mass) for a, b in zip(meant, read, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    organs=st.lists(organ_doses, max_size=6), effective=st.lists(effective_doses, max_size=2), start=times,
    nuclide=st.sampled_from(["F-18", "Lu-177", "Tc-99m", "I-131", "Ac-225", "Ga-68"]), route=st.sampled_from(list(ROUTES)),
    activity=st.floats(min_value=1e5, max_value=1e11), half_life=st.floats(min_value=60.0, max_value=1e8),
    length=st.none() | st.integers(min_value=1, max_value=7200),
)  # fmt: skip
def test_an_administration_reads_back_equal(organs, effective, start, nuclide, route, activity, half_life, length):
    meant = made.administration(
        organ_doses=tuple(organs), effective_doses=tuple(effective), start=start, nuclide=nuclide, route=route, activity=activity,
        half_life=half_life, stop=None if length is None else start + timedelta(seconds=length), radiopharmaceutical="a compound",
    )  # fmt: skip
    ds = rrdsr(meant, made.frame(), Around(comment="c"))
    assert check_template(ds, "10021").faults == ()
    read = administration_report(ds, "a.dcm")
    assert (read.nuclide, read.start, read.stop, read.event_uid) == (nuclide, start, meant.stop, meant.event_uid)
    assert close(read.activity, activity)
    assert close(read.half_life, half_life)
    assert same_organs(organs, read.organ_doses)
    assert [(e.authority, e.method) for e in read.effective_doses] == [(e.authority, e.method) for e in effective]
    assert all(close(a.value, b.value) for a, b in zip(effective, read.effective_doses, strict=True))
    assert (read.patient.id, read.patient.sex, read.patient.weight) == (made.PATIENT.id, "F", 61.5)


@settings(max_examples=40, deadline=None)
@given(
    organs=st.lists(organ_doses, min_size=1, max_size=5), effective=st.lists(effective_doses, max_size=1),
    method=st.sampled_from(list(METHODS)),
)  # fmt: skip
def test_a_patient_dose_report_reads_back_equal(organs, effective, method):
    meant = patient_report(
        organ_doses=tuple(organs), effective_doses=tuple(effective), model=replace(MODEL, method=method)
    )  # fmt: skip
    ds = patient_dose(meant, made.frame("2.25.5"), SOURCE)
    assert check_template(ds, "10030").faults == ()
    read = patient_dose_report(ds, "p.dcm")
    assert same_organs(organs, read.organ_doses)
    assert read.model == meant.model
    assert read.source_uids == ("2.25.3",)
    assert read.comment == "c"
    assert all(close(a.value, b.value) for a, b in zip(effective, read.effective_doses, strict=True))


def test_the_checker_finds_an_rrdsr_in_order(tmp_path):
    path = write_rrdsr(tmp_path / "a.dcm", made.administration(), made.frame())
    assert dciodvfy(path) == []
    assert read_rrdsr(path).activity == pytest.approx(300e6)


def test_the_checker_finds_a_patient_dose_report_in_order(tmp_path):
    """The dicom3tools of 2022 do not know this object class: a copy as Comprehensive SR, with the same modules, is checked."""
    path = write_patient_dose(tmp_path / "p.dcm", patient_report(), made.frame("2.25.5"), source=SOURCE)
    errors = dciodvfy(path)
    if errors != [UNKNOWN_OBJECT]:
        assert errors == []
        return
    ds = pydicom.dcmread(path)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = COMPREHENSIVE_SR
    ds.save_as(tmp_path / "c.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "c.dcm") == []
    assert read_patient_dose(path).organ_doses[0].laterality == "left"


@pytest.mark.data
def test_a_real_report_is_written_again_without_loss(real_data, tmp_path):
    meant = read_rrdsr(real_data / "dose-reports" / "NM-RRDSR-Siemens.dcm")
    path = write_rrdsr(tmp_path / "a.dcm", meant, made.frame(patient=meant.patient))
    read = read_rrdsr(path)
    assert replace(read, origin=meant.origin, remarks=()) == replace(meant, remarks=())
    assert dciodvfy(path) == []


@pytest.mark.data
def test_a_real_report_holds_the_template(real_data):
    ds = pydicom.dcmread(real_data / "dose-reports" / "NM-RRDSR-Siemens.dcm")
    assert check_template(ds).faults == ()


def test_the_template_check_finds_what_is_missing_empty_or_in_another_unit():
    ds = rrdsr(made.administration(), made.frame(), Around())
    event = next(i for i in ds.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "113502")
    for item in list(event.ContentSequence):
        value = item.ConceptNameCodeSequence[0].CodeValue
        if value == "113507":
            item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "kBq"
        if value == "113503":
            item.UID = ""
        if value == "123003":
            event.ContentSequence.remove(item)
        if value == "410675002":
            del item.ContentSequence
    said = " ".join(check_template(ds).faults)
    assert "DCM:113507 is in 'kBq'; allowed is MBq" in said
    assert "UIDREF DCM:113503 is empty" in said
    assert "DATETIME DCM:123003 is missing" in said
    assert "SCT:272737002 is missing" in said


def test_the_template_check_names_unread_rows_and_unknown_templates():
    found = check_template(rrdsr(made.administration(), made.frame(), Around()))
    assert any(row.startswith("TID 1020") for row in found.unverified)
    with pytest.raises(InputError, match="template '9999'.*known are 10021"):
        check_template(pydicom.Dataset(), "9999")


@pytest.mark.parametrize(
    ("missing", "word"),
    [("activity", "administered activity"), ("start", "start"), ("half_life", "half-life"), ("event_uid", "event UID")],
)
def test_what_the_template_demands_must_be_known(missing, word, tmp_path):
    value = "" if missing == "event_uid" else None
    with pytest.raises(DataError, match=f"without {word}.*State what is missing"):
        write_rrdsr(tmp_path / "a.dcm", made.administration(**{missing: value}), made.frame())
    assert not list(tmp_path.iterdir())


def test_an_unknown_route_and_an_unknown_model_word_are_refused(tmp_path):
    with pytest.raises(DataError, match="route.*intravenous.*got 'by ship'"):
        write_rrdsr(tmp_path / "a.dcm", made.administration(route="by ship"), made.frame())
    wrong = patient_report(model=replace(MODEL, method="divination"))
    with pytest.raises(DataError, match="method is 'divination'; allowed are Monte Carlo Method"):
        write_patient_dose(tmp_path / "p.dcm", wrong, made.frame(), source=SOURCE)
    with pytest.raises(DataError, match="at least one organ dose"):
        patient_dose(patient_report(organ_doses=()), made.frame(), SOURCE)


def test_a_frame_needs_uids():
    with pytest.raises(InputError, match="study_uid is 'x y'"):
        Frame(patient=made.PATIENT, study_uid="x y", series_uid="1.2", instance_uid="1.3", created=datetime(2024, 1, 1))


@pytest.mark.parametrize(
    ("text", "nuclide", "value"),
    [
        ("Lu-177 DOTATATE", "Lu-177", "781259000"), ("[177Lu]Lu-DOTATATE", "Lu-177", "781259000"),
        ("FDG", "F-18", "35321007"), ("Fluorodeoxyglucose F^18^", "F-18", "35321007"), ("Sodium iodide", "I-131", "111160004"),
        ("Sodium iodide", "I-123", "67690002"),
    ],
)  # fmt: skip
def test_radiopharmaceuticals_are_coded_by_dicom_where_it_can(text, nuclide, value):
    assert agent_code(text, nuclide).CodeValue == value


def test_what_dicom_cannot_code_gets_a_code_of_ours_that_keeps_its_words():
    own = agent_code("Lu-177 somethingnew", "Lu-177")
    assert (own.CodingSchemeDesignator, own.CodeMeaning) == ("99HEVESY", "Lu-177 somethingnew")
    assert len(own.CodeValue) <= 16
    assert nuclide_code("Lu-177").CodeValue == "447553000"
    assert organ_code("bladder").CodeValue == "89837001"
    assert organ_code("Lesion 1").CodingSchemeDesignator == "99HEVESY"
