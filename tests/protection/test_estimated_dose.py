"""Estimates of a record: the set of each, refusals with their reason, and sums that stay within one set of weights."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.model.exposure import EffectiveDose
from hevesy.model.study import Patient
from hevesy.protection.cumulative import alert_policy, alerts, dose_sums, doses_of, whole_sum
from hevesy.protection.estimated_dose import USUAL_SETS, Choice, estimated, named_tracer, stated_region
from hevesy.protection.record import Exposure, PatientRecord
from hevesy.units import MBq, mGy, mm

ON = date(2026, 1, 1)
USUAL = Choice(on=ON)
NEWER = Choice(on=ON, sets=("andersson-2014",))
START = date(2024, 3, 4)


def fdg(activity=394.0, *, name="Fluorodeoxyglucose F^18^", nuclide="F-18", age=63.0, day=0, **more):
    return Exposure(
        kind="administration", day=START + timedelta(days=day), start=None, label=f"{nuclide} {name}", study_uid="1",
        files=("a",), sources=("RRDSR",), nuclide=nuclide, radiopharmaceutical=name,
        activity=None if activity is None else activity * MBq,
        age_years=age, **more,
    )  # fmt: skip


def ct(dlp=800.0, *, region="Chest, Abdomen and Pelvis", phantom="body", age=63.0, day=0):
    return Exposure(
        kind="CT", day=START + timedelta(days=day), start=None, label="CT", study_uid="1", files=("c",), sources=("RDSR",),
        dlp=None if dlp is None else dlp * mGy * 10 * mm, region=region, phantom=phantom, age_years=age,
    )  # fmt: skip


def made(*exposures, choice=USUAL):
    return estimated(PatientRecord(ids=("1",), patient=Patient(id="1"), exposures=exposures), choice).exposures


def test_the_report_of_a_manufacturer_is_met():
    (found,) = made(fdg())
    assert found.estimate.value * 1e3 == pytest.approx(7.486, abs=1e-9)
    assert (found.estimate.set_name, found.estimate.weights, found.estimate.ages) == ("icrp-128", "ICRP 60", "adult")
    assert found.estimate.rows[0].source


def test_pet_and_ct_are_kept_apart_and_add_up_within_one_set():
    exposures = made(fdg(300.0), ct())
    assert {(s.weights, s.method): round(s.value * 1e3, 9) for s in dose_sums(exposures)} == {
        ("ICRP 60", "radiopharmaceutical"): 5.7,
        ("ICRP 60", "CT"): 12.0,
    }
    value, weights = whole_sum(exposures)
    assert (round(value * 1e3, 9), weights) == (17.7, "ICRP 60")


def test_the_ct_follows_the_weights_of_the_set():
    exposures = made(fdg(370.0), ct(), choice=NEWER)
    assert [e.estimate.weights for e in exposures] == ["ICRP 103", "ICRP 103"]
    assert exposures[0].estimate.value * 1e3 == pytest.approx(6.327)
    assert exposures[1].estimate.set_name == "lee-2012"


def test_the_age_at_the_exposure_decides():
    young, old = made(fdg(100.0, age=5.0), fdg(100.0, age=40.0, day=4000))
    assert young.estimate.value > 2.5 * old.estimate.value
    assert (young.estimate.ages, old.estimate.ages) == ("5", "adult")


def test_the_next_set_is_taken_where_the_first_has_no_such_tracer():
    (found,) = made(fdg(100.0, name="MAG3", nuclide="Tc-99m"))
    assert found.estimate.set_name == "label"
    assert found.estimate.remarks is not None


@pytest.mark.parametrize(
    ("exposure", "why"),
    [
        (fdg(None), "no activity"),
        (fdg(age=None), "the age at the exposure is not stated"),
        (fdg(7400.0, name="PSMA-617", nuclide="Lu-177"), "is given for therapy"),
        (fdg(3700.0, name="iodide", nuclide="I-131"), "is therapy"),
        (fdg(name="Teststoff"), "none of the tracers"),
        (fdg(300.0, name="", nuclide=""), "none of the tracers"),
        (fdg(0.3), "plausible"),
        (fdg(500.0, name="tetrofosmin", nuclide="Tc-99m"), "depends on it"),
        (fdg(300.0, name="PSMA-1007"), "no coefficient|none of the tracers"),
        (ct(None), "no dose-length product"),
        (ct(region=""), "no region is stated"),
        (ct(region="Foot"), "none that has coefficients"),
        (ct(phantom=""), "phantom of the dose-length product is not stated"),
        (ct(phantom="head"), "32 cm phantom"),
        (ct(100.0, age=5.0), "16 cm phantom"),
        (ct(age=None), "age at the exposure"),
    ],
)
def test_what_cannot_be_estimated_says_why(exposure, why):
    (found,) = made(exposure)
    assert found.estimate is None

    assert re.search(why, found.why_no_estimate), found.why_no_estimate
    assert "--" not in found.why_no_estimate
    assert doses_of(found) == {}


def test_a_stated_region_helps_only_where_none_is_said():
    helped, own = made(ct(region=""), ct(region="Chest"), choice=replace(USUAL, ct_region="trunk"))
    assert helped.estimate.about.startswith("CT of the trunk")
    assert any("not by the report" in text for text in helped.estimate.remarks)
    assert own.estimate.about.startswith("CT of the chest")


@pytest.mark.parametrize(
    ("text", "nuclide", "name"),
    [("Fluorodeoxyglucose F^18^", "F-18", "F-18 FDG"), ("FDG -- fluorodeoxyglucose", "F-18", "F-18 FDG"),
     ("FDG F18", "F-18", "F-18 FDG"), ("[18F]FDG", "F-18", "F-18 FDG"), ("Fluoro-L-dopa F^18^", "F-18", "F-18 DOPA"),
     ("MAG3", "Tc-99m", "Tc-99m MAG3"), ("Technetium^99m Mercaptoacetyl triglycine MAG3", "Tc-99m", "Tc-99m MAG3"),
     ("Technetium Tc^99m^ medronate", "Tc-99m", "Tc-99m MDP"), ("Technetium Tc^99m^Tetrofosmin", "Tc-99m", "Tc-99m tetrofosmin"),
     ("Technetium Tc^99m^ aggregated albumin", "Tc-99m", "Tc-99m MAA"), ("99mTc-MDP", "Tc-99m", "Tc-99m MDP"),
     ("Technetium^99m Galactosyl Human Serum Albumin Diethylenetriamine", "Tc-99m", ""),
     ("Iodine^123 3-Iodobenzylguanidine MIBG", "I-123", "I-123 mIBG"), ("Sodium iodide I^131^", "I-131", "I-131 iodide"),
     ("Indium^111 Pentetreotide", "In-111", "In-111 octreotide"), ("PSMA-11 Ga^68^", "Ga-68", "Ga-68 PSMA-11"),
     ("PSMA-617 Ga^68^", "Ga-68", ""), ("PSMA-617", "Ga-68", ""), ("", "F-18", ""), ("FDG", "", "")],
)  # fmt: skip
def test_names_of_tracers(text, nuclide, name):
    assert named_tracer(fdg(name=text, nuclide=nuclide)) == name


@pytest.mark.parametrize(
    ("text", "region"),
    [("Head", "head"), ("Thorax", "chest"), ("Abdomen", "abdomen and pelvis"), ("Abdomen and Pelvis", "abdomen and pelvis"),
     ("Chest, Abdomen and Pelvis", "trunk"), ("Entire Chest", "chest"), ("Head and Neck", ""), ("Entire body", ""), ("", "")],
)  # fmt: skip
def test_regions(text, region):
    assert stated_region(text) == region


def test_what_an_object_states_counts_before_an_estimate():
    (found,) = made(fdg(300.0, effective_doses=(EffectiveDose(value=6.0e-3, authority="ICRP Publication 128"),)))
    (only,) = dose_sums([found])
    assert (round(only.value * 1e3, 9), only.count, only.estimated) == (6.0, 1, 0)


def test_different_weights_are_refused_unless_one_set_covers_all():
    stated = EffectiveDose(value=5.1e-3, authority="ICRP Publication 103")
    plain = [fdg(300.0, effective_doses=(stated,)), fdg(300.0, day=200)]
    with pytest.raises(ScopeError, match="different quantities"):
        whole_sum([plain[0], *made(plain[1])])
    value, weights = whole_sum(made(*plain))
    assert (round(value * 1e3, 9), weights) == (11.4, "ICRP 60")


def test_estimates_raise_the_cumulative_alert():
    many = made(*(fdg(394.0, day=60 * n) for n in range(16)))
    found = alerts(many, alert_policy(ON))
    assert found[0].rule == "cumulative-100"
    assert found[0].value == pytest.approx(7.486 * 16)


def test_choices_are_checked():
    with pytest.raises(InputError, match="is not known"):
        Choice(on=ON, sets=("icrp-999",))
    with pytest.raises(InputError, match="CT region"):
        Choice(on=ON, ct_region="leg")
    assert made(fdg(), choice=Choice(on=ON, sets=()))[0].estimate is None
    assert USUAL.sets == USUAL_SETS


@given(st.lists(st.floats(min_value=10.0, max_value=900.0), min_size=1, max_size=8))
def test_the_sum_is_activity_by_coefficient(activities):
    exposures = made(*(fdg(a, day=n) for n, a in enumerate(activities)))
    assert whole_sum(exposures)[0] == pytest.approx(sum(activities) * 0.019e-3)
    assert dose_sums(exposures)[0].estimated == len(activities)


def test_a_hospital_lays_its_own_coefficients_over_ours(tmp_path):
    head = "set,weights,phantom,tracer,condition,age,sex,coefficient_mSv_per_MBq,remark"
    closing = "source,page,edition,valid_from,valid_until,how"
    row = "ours,icrp-103,voxel,F-18 PSMA-1007,,adult,both,0.022,,our computation,,2026,,,local"
    own = tmp_path / "own.csv"
    own.write_text(f"{head},{closing}\n{row}\n", "utf-8")
    choice = Choice(on=ON, sets=("icrp-128", "ours"), own=own)
    (found,) = made(fdg(250.0, name="PSMA-1007"), choice=choice)
    assert found.estimate.value * 1e3 == pytest.approx(5.5)
    assert (found.estimate.set_name, found.estimate.weights) == ("ours", "ICRP 103")
    with pytest.raises(InputError, match="ours"):
        Choice(on=ON, sets=("ours",))
