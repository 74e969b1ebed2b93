"""The exposure record from folders: real objects of one visit, and made ones with every kind of answer."""

import csv
import importlib.util
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from hevesy.app.protect_record import record
from hevesy.cli.protect_record import record as command
from hevesy.dicom.write_rrdsr import write_rrdsr
from hevesy.errors import InputError
from hevesy.model.exposure import EffectiveDose

spec = importlib.util.spec_from_file_location("made_dose_reports", Path(__file__).parents[1] / "dicom" / "made_dose_reports.py")
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
ON = date(2026, 1, 1)
EVENTS = (("2.25.51", 0.04, 6.58, "113691"), ("2.25.52", 4.59, 661.14, "113691"))


@pytest.fixture
def folder(tmp_path):
    """A PET/CT visit, and a second one after five days with doses of another weight set."""
    where = tmp_path / "in"
    where.mkdir()
    write_rrdsr(where / "a.dcm", made.administration(), made.frame())
    made.ct_dataset(EVENTS).save_as(where / "c.dcm", enforce_file_format=True)
    later = made.administration(
        start=made.GIVEN + timedelta(days=5),
        event_uid="2.25.78",
        effective_doses=(EffectiveDose(value=5.1e-3, authority="ICRP Publication 103"),),
    )
    write_rrdsr(where / "b.dcm", later, replace(made.frame("2.25.31", "2.25.12"), study_date=date(2024, 3, 9)))
    return where


def test_sums_alerts_and_exposures(folder):
    facts = record([folder], on=ON)
    (patient,) = facts["patients"]
    assert [e["kind"] for e in patient["exposures"]] == ["administration", "CT", "CT", "administration"]
    assert {s["weights"]: s["effective_dose_mSv"] for s in patient["effective_dose_sums"]} == {
        "ICRP 60": pytest.approx(5.7),
        "ICRP 103": pytest.approx(5.1),
    }
    assert patient["sum_over_sets_mSv"] is None
    assert "different quantities" in patient["why_no_sum"]
    assert patient["without_effective_dose"] == 2
    assert patient["dlp_sums"] == [{"phantom": "body", "dlp_mGy_cm": pytest.approx(667.72), "events": 2}]
    assert [a["rule"] for a in patient["alerts"]] == ["repeat-7-days"]
    assert patient["alerts"][0]["source"]
    assert all(rule["source"] and rule["edition"] for rule in facts["policy"])
    json.dumps(facts, allow_nan=False)


def test_the_files(folder, tmp_path):
    facts = record([folder], output=tmp_path / "out", on=ON)
    names = sorted(Path(p).name for p in facts["files"])
    assert names == ["exposures.csv", "observations.json", "record-1.html", "record.json"]
    with (tmp_path / "out" / "exposures.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["activity_MBq"] for row in rows] == ["300.0", "", "", "300.0"]
    assert rows[0]["weights"] == "ICRP 60"
    page = (tmp_path / "out" / "record-1.html").read_text("utf-8")
    for word in ("Exposures of a patient", "Bladder", "ICRP 103", "different quantities", "lower bound", "661"):
        assert word in page


def test_a_text_that_a_spreadsheet_would_compute_is_marked(folder, tmp_path):
    write_rrdsr(
        folder / "d.dcm",
        made.administration(
            radiopharmaceutical="=HYPERLINK(1)", event_uid="2.25.80", start=made.GIVEN + timedelta(days=30), nuclide="Ga-68",
        ),
        made.frame("2.25.35", "2.25.15"),
    )  # fmt: skip
    record([folder], output=tmp_path / "out", on=ON)
    with (tmp_path / "out" / "exposures.csv").open(encoding="utf-8", newline="") as lines:
        assert "'=HYPERLINK(1)" in [row["radiopharmaceutical"] for row in csv.DictReader(lines)]


def test_folders_without_exposures_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match="none of 1 files is a dose report"):
        record([tmp_path], on=ON)
    with pytest.raises(InputError, match="no such folder"):
        record([tmp_path / "nowhere"], on=ON)
    with pytest.raises(InputError, match="no folder was given"):
        record([], on=ON)


@pytest.mark.data
def test_the_real_visit(real_data):
    facts = record([real_data / "dose-reports", real_data / "pet-headers", real_data / "planar-whole-body"], on=ON)
    visit = next(p for p in facts["patients"] if "REMOVED1" in p["patient_ids"])
    fdg = visit["exposures"][0]
    assert (fdg["activity_MBq"], fdg["start"]) == (394.0, "2022-02-24T10:40:30")
    assert fdg["effective_doses"][0]["effective_dose_mSv"] == 7.486
    assert next(o["absorbed_dose_mGy"] for o in fdg["organ_doses"] if o["organ"] == "Bladder") == 51.22
    said = " ".join(fdg["disagreements"])
    assert "10:40:30" in said
    assert "10:48:30" in said
    assert "administration event UID" in said
    assert len(visit["exposures"]) == 3
    assert visit["dlp_sums"][0]["dlp_mGy_cm"] == pytest.approx(667.72)
    # The placeholder REMOVED stands for three different patients here.
    assert sum("REMOVED" in p["patient_ids"] for p in facts["patients"]) == 3
    assert facts["problems"] == []


def test_the_command(folder, tmp_path):
    app = Typer()
    app.command()(command)
    runner = CliRunner()
    shown = runner.invoke(app, [str(folder)])
    assert shown.exit_code == 0, shown.output
    assert "alert" in shown.output
    printed = runner.invoke(app, [str(folder), "--json"])
    assert json.loads(printed.output)["schema"] == "hevesy-exposure-record/1"
    assert runner.invoke(app, [str(tmp_path / "nowhere")]).exit_code == 1


def test_doses_that_no_object_states_are_estimated(folder):
    facts = record([folder], on=ON, sets=["icrp-128", "label"], ct_region="trunk")
    (patient,) = facts["patients"]
    first, topogram, scan, second = patient["exposures"]
    assert first["estimate"]["effective_dose_mSv"] == pytest.approx(first["activity_MBq"] * 0.019)
    assert (scan["estimate"]["set"], scan["estimate"]["weights"]) == ("shrimpton-2004", "ICRP 60")
    assert scan["estimate"]["source"]
    assert scan["estimate"]["unverified"]
    assert topogram["estimate"]["effective_dose_mSv"] < 0.2
    sums = {(s["weights"], s["method"]): s for s in patient["effective_dose_sums"]}
    assert sums["ICRP 60", "radiopharmaceutical"]["estimated"] == 1  # the first one is stated, the second one of other weights
    assert sums["ICRP 60", "CT"]["estimated"] == 2
    assert patient["sum_weights"] == "ICRP 60"
    assert patient["sum_over_sets_mSv"] == pytest.approx(
        sums["ICRP 60", "radiopharmaceutical"]["effective_dose_mSv"] + sums["ICRP 60", "CT"]["effective_dose_mSv"]
    )
    assert second["effective_doses"][0]["weights"] == "ICRP 103"
    assert patient["without_effective_dose"] == 0
    assert any("icrp-128, then label" in text for text in facts["assumptions"])
    assert facts["on"] == "2026-01-01"
    json.dumps(facts, allow_nan=False)


def test_without_a_region_the_ct_says_why(folder):
    (patient,) = record([folder], on=ON, sets=["icrp-128"])["patients"]
    assert {e["why_no_estimate"] for e in patient["exposures"] if e["kind"] == "CT"} == {"no region is stated."}
    assert patient["without_effective_dose"] == 2


def test_the_page_tells_estimates_from_what_is_stated(folder, tmp_path):
    record([folder], output=tmp_path / "out", on=ON, sets=["icrp-128"], ct_region="trunk")
    page = (tmp_path / "out" / "record-1.html").read_text("utf-8")
    for word in ("estimated by shrimpton-2004", "Together", "2 estimated", "(unverified)"):
        assert word in page
    with (tmp_path / "out" / "exposures.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["estimated_by"] for row in rows] == ["icrp-128", "shrimpton-2004", "shrimpton-2004", "icrp-128"]


def test_what_the_reports_state_as_fhir(folder, tmp_path):
    facts = record([folder], output=tmp_path / "out", on=ON)
    made = json.loads((tmp_path / "out" / "observations.json").read_text("utf-8"))
    kinds = [e["resource"]["component"][0]["valueCodeableConcept"]["coding"][0]["code"] for e in made["entry"]]
    assert sorted(kinds) == ["113502", "113502", "77477000"]
    assert len({e["fullUrl"] for e in made["entry"]}) == 3
    assert facts["fhir_remarks"] == []


def test_the_command_estimates_unless_told_not_to(folder):
    app = Typer()
    app.command()(command)
    runner = CliRunner()
    shown = runner.invoke(app, [str(folder), "--ct-region", "trunk", "--on", "2026-01-01"])
    assert shown.exit_code == 0
    assert "est" in shown.output
    assert "unverified" in shown.output
    bare = runner.invoke(app, [str(folder), "--set", "none", "--json"])
    assert json.loads(bare.output)["patients"][0]["exposures"][0]["estimate"] is None
    wrong = runner.invoke(app, [str(folder), "--set", "icrp-12"])
    assert wrong.exit_code != 0
