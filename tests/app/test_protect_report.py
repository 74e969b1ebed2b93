"""Doses of a result as RRDSR, P-RDSR and FHIR: what is not known must be stated, what is written reads back."""

import importlib.util
import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from hevesy.app.protect_report import Stated, report
from hevesy.cli.protect_report import report as command
from hevesy.dicom.read_patient_dose import read_patient_dose
from hevesy.dicom.read_rrdsr import read_rrdsr
from hevesy.errors import DataError, InputError
from hevesy.units import GBq

spec = importlib.util.spec_from_file_location("made_results", Path(__file__).with_name("made_results.py"))
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


@pytest.fixture
def result(tmp_path):
    return made.write(tmp_path / "result", made.result())


def test_an_rrdsr_holds_the_doses(result, tmp_path):
    facts = report(result, "rrdsr", tmp_path / "a.dcm", stated=Stated(performer="CURIE^MARIE", study_uid="2.25.5"))
    found = read_rrdsr(tmp_path / "a.dcm")
    assert found.activity == pytest.approx(7.4 * GBq)
    assert found.nuclide == "Lu-177"
    assert found.radiopharmaceutical == "Lutetium^177^ DOTATATE"
    assert found.intent == "Therapeutic Intent"
    assert found.origin.study_uid == "2.25.5"
    assert [(o.organ, o.laterality) for o in found.organ_doses] == [("Kidney", "left"), ("Kidney", "right"), ("Lesion 1", "")]
    assert [o.dose for o in found.organ_doses] == pytest.approx([6.0, 5.0, 25.0])
    assert [o.mass for o in found.organ_doses] == pytest.approx([0.150, 0.140, 0.020])
    assert "u 6 % (k = 1)" in found.organ_doses[0].authority
    assert facts["effective_dose_mSv"] is None
    assert any("effective dose" in text for text in facts["remarks"])
    assert facts["template"] == "10021"


def test_a_patient_dose_report_refers_to_the_rrdsr(result, tmp_path):
    first = report(result, "rrdsr", tmp_path / "a.dcm")
    second = report(result, "prd", tmp_path / "p.dcm")
    found = read_patient_dose(tmp_path / "p.dcm")
    assert found.source_uids == (first["sop_instance_uid"],)
    assert second["source_uid"] == first["sop_instance_uid"]
    assert first["study_uid"] == second["study_uid"]
    assert [o.dose for o in found.organ_doses] == pytest.approx([6.0, 5.0, 25.0])
    assert found.model.method == "Analytical Algorithm"


def test_the_same_report_again_is_the_same_object(result, tmp_path):
    one = report(result, "rrdsr", tmp_path / "a.dcm")
    two = report(result, "rrdsr", tmp_path / "b.dcm")
    other = report(result, "rrdsr", tmp_path / "c.dcm", stated=Stated(route="oral"))
    assert one["sop_instance_uid"] == two["sop_instance_uid"] != other["sop_instance_uid"]
    assert (tmp_path / "a.dcm").read_bytes() == (tmp_path / "b.dcm").read_bytes()


def test_fhir(result, tmp_path):
    stated = Stated(utc_offset="+01:00", performer="CURIE^MARIE", study_uid="2.25.5")
    facts = report(result, "fhir", tmp_path / "a.json", stated=stated)
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert found["effectiveDateTime"] == "2024-03-04T09:30:00.000+01:00"
    assert facts["profile"] in found["meta"]["profile"]
    assert any("therapy" in text for text in facts["remarks"])
    values = [c["valueQuantity"]["value"] for c in found["component"] if c["code"]["coding"][0]["code"] == "113518"]
    assert values == [6000.0, 5000.0, 25000.0]


def test_what_is_not_clear_must_be_stated(tmp_path):
    folder = made.write(tmp_path / "result", made.result(nuclide="I-131"))
    with pytest.raises(InputError, match="intent is not known.*state --intent, one of diagnostic, therapeutic, both"):
        report(folder, "rrdsr", tmp_path / "a.dcm")
    with pytest.raises(InputError, match="route is not known.*state --route"):
        report(folder, "rrdsr", tmp_path / "a.dcm", stated=Stated(intent="therapeutic"))
    report(folder, "rrdsr", tmp_path / "a.dcm", stated=Stated(intent="therapeutic", route="oral"))
    assert read_rrdsr(tmp_path / "a.dcm").route == "Oral route"


def test_an_ill_posed_region_is_left_out_and_said(tmp_path):
    content = made.result()
    content["regions"]["Kidney_Left"]["fit"]["well_posed"] = False
    facts = report(made.write(tmp_path / "r", content), "rrdsr", tmp_path / "a.dcm")
    assert len(facts["organ_doses"]) == 2
    assert any("Kidney_Left" in text and "ill-posed" in text for text in facts["remarks"])
    for region in content["regions"].values():
        region["fit"]["well_posed"] = False
    with pytest.raises(DataError, match="no region has a dose that may be used"):
        report(made.write(tmp_path / "r2", content), "rrdsr", tmp_path / "b.dcm")


def test_refusals(result, tmp_path):
    with pytest.raises(InputError, match="kind is 'pdf'; allowed are rrdsr, prd, fhir"):
        report(result, "pdf", tmp_path / "a.dcm")
    report(result, "rrdsr", tmp_path / "a.dcm")
    with pytest.raises(InputError, match="not replaced in silence"):
        report(result, "rrdsr", tmp_path / "a.dcm")
    report(result, "rrdsr", tmp_path / "a.dcm", overwrite=True)
    with pytest.raises(InputError, match=r"route is 'tube'; allowed are intravenous"):
        report(result, "rrdsr", tmp_path / "b.dcm", stated=Stated(route="tube"))
    with pytest.raises(InputError, match=r"UTC offset is 'CET'"):
        report(result, "fhir", tmp_path / "b.json", stated=Stated(utc_offset="CET"))
    with pytest.raises(InputError, match="study_uid is 'my study'"):
        report(result, "rrdsr", tmp_path / "b.dcm", stated=Stated(study_uid="my study"))
    with pytest.raises(InputError, match="is no folder"):
        report(result, "rrdsr", tmp_path / "none" / "b.dcm")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.dcm", "result"]


def test_the_command(result, tmp_path):
    app = Typer()
    app.command()(command)
    runner = CliRunner()
    shown = runner.invoke(app, [str(result), "-o", str(tmp_path / "a.dcm")])
    assert shown.exit_code == 0, shown.output
    assert "3 organ doses" in shown.output
    printed = runner.invoke(app, [str(result), "--kind", "fhir", "-o", str(tmp_path / "a.json"), "--json"])
    assert json.loads(printed.output)["kind"] == "fhir"
    assert runner.invoke(app, [str(result), "-o", str(tmp_path / "a.dcm")]).exit_code == 1
