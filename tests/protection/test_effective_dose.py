"""Effective dose: coefficients by set and date, sums of like weights, and what is refused."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.protection.effective_dose import EffectiveDose, ct_dose, effective_dose, refuse_therapy, sets, summed
from hevesy.protection.tracers import tracer
from hevesy.units import MBq, cm, mGy

TODAY = date(2026, 11, 21)
mSv = 1e-3


def _of(text: str, activity: float, age: float = 40, **more: object) -> EffectiveDose:
    return effective_dose(tracer(text), activity * MBq, age, on=TODAY, **more)  # type: ignore[arg-type]


def test_fdg_of_a_dose_report():
    found = _of("FDG", 394)
    assert found.value / mSv == pytest.approx(7.486)
    assert found.organs["bladder"] / mGy == pytest.approx(51.22)
    assert found.weights == "icrp-60"
    assert "uterus" not in _of("FDG", 394, sex="male").organs
    assert "testes" not in _of("FDG", 394, sex="female").organs
    assert _of("FDG", 100, 7).organs == {}


def test_the_erratum_and_not_the_first_print():
    found = _of("FDG", 370, set_name="andersson-2014")
    assert found.coefficient * MBq / mSv == pytest.approx(0.0171)
    assert found.weights == "icrp-103"
    assert "mean of the sexes" in found.remarks[0]
    assert _of("FDG", 370, set_name="andersson-2014", sex="female").coefficient * MBq / mSv == pytest.approx(0.0188)
    then = effective_dose(tracer("FDG"), 370 * MBq, 40, on=date(2015, 1, 1), set_name="andersson-2014")
    assert then.coefficient * MBq / mSv == pytest.approx(0.0159)


def test_what_the_erratum_replaced_is_not_applied_today():
    with pytest.raises(ScopeError, match=r"superseded, it held until 2015-09-29"):
        _of("MIBI", 400, set_name="andersson-2014", condition="rest")


def test_iodide_depends_on_the_thyroid():
    with pytest.raises(InputError, match="thyroid blocked or absent"):
        _of("I-131 iodide", 5)
    blocked, high = (_of("I-131 iodide", 5, condition=c) for c in ("thyroid blocked", "thyroid uptake high"))
    assert high.value / blocked.value == pytest.approx(29 / 0.28)
    assert not blocked.rows[0].verified
    assert any("thyroid" in text for text in high.remarks)


@pytest.mark.parametrize("text", ["Lu-177 DOTATATE", "177Lu-PSMA-617", "Y-90 microspheres", "Ra-223 dichloride", "[223Ra]RaCl2"])
def test_therapy_is_refused_with_the_reason(text: str):
    with pytest.raises(ScopeError, match=r"given for therapy.*tissue reactions"):
        refuse_therapy(text, 6 * MBq)


def test_iodine_is_therapy_above_diagnostic_activities():
    with pytest.raises(ScopeError, match="above 200 MBq is therapy"):
        _of("I-131 iodide", 3700, condition="thyroid blocked")
    refuse_therapy("I-131 iodide", 100 * MBq)
    refuse_therapy("FDG", 400 * MBq)


@pytest.mark.parametrize("activity", [394e3, 0.394, 0.0])
def test_a_slip_of_a_thousand_is_asked_back(activity: float):
    with pytest.raises(InputError, match="Check the unit"):
        _of("FDG", activity)


def test_unknown_names_are_answered():
    with pytest.raises(InputError, match="there are icrp-128"):
        _of("FDG", 300, set_name="icrp-60")
    # Of Andersson et al. only what the erratum replaced: it is named as long as it held.
    with pytest.raises(InputError, match=r"These sets have it: label\."):
        _of("MIBI", 300)
    with pytest.raises(InputError, match="These sets have it: andersson-2014, label"):
        effective_dose(tracer("MIBI"), 300 * MBq, 40, on=date(2015, 7, 2))
    with pytest.raises(InputError, match="'rest', 'exercise'"):
        _of("tetrofosmin", 300)
    with pytest.raises(InputError, match="male and female"):
        _of("FDG", 300, sex="m")
    with pytest.raises(ScopeError, match="the source gives 1 y"):
        _of("FDG", 26, 0.5)
    assert _of("Ga-68 DOTATATE", 20, 0.5, set_name="label").ages == "newborn"


def test_ct_is_kept_apart_and_only_like_weights_add_up():
    pet = _of("FDG", 300)
    ct = ct_dose(800 * mGy * cm, "trunk", 40, on=TODAY, weights=pet.weights)
    assert (ct.value / mSv, pet.value / mSv) == pytest.approx((12.0, 5.7))
    total, said = summed([pet, ct])
    assert total / mSv == pytest.approx(17.7)
    assert said == ""
    other = ct_dose(800 * mGy * cm, "trunk", 40, on=TODAY, weights=pet.weights, set_name="lee-2012")
    with pytest.raises(InputError, match=r"icrp-103, icrp-60; only the same ones add up.*--mix-weights"):
        summed([pet, other])
    assert "mixes tissue weights" in summed([pet, other], mix_weights=True)[1]
    psma = _of("Ga-68 PSMA-11", 150, set_name="label")
    with pytest.raises(InputError, match="not stated"):
        summed([psma, psma])


def test_ct_refuses_what_it_does_not_know():
    dlp = 800 * mGy * cm
    with pytest.raises(InputError, match="head, chest, abdomen and pelvis, trunk"):
        ct_dose(dlp, "knee", 40, on=TODAY, weights="icrp-60")
    with pytest.raises(InputError, match="shrimpton-2004, lee-2012"):
        ct_dose(dlp, "trunk", 40, on=TODAY, weights="not stated")
    with pytest.raises(InputError, match="Check the unit"):
        ct_dose(1e3 * dlp, "trunk", 40, on=TODAY, weights="icrp-60")
    with pytest.raises(ScopeError, match="the source gives newborn, 1 y, 5 y, 10 y, adult"):
        ct_dose(dlp, "trunk", 15, on=TODAY, weights="icrp-60")


@given(st.floats(10, 500), st.floats(1, 90))
def test_linear_in_activity_and_never_less_for_the_young(activity: float, age: float):
    one, two = _of("FDG", activity, age), _of("FDG", 2 * activity, age)
    assert two.value == pytest.approx(2 * one.value)
    assert one.coefficient >= _of("FDG", activity, 40).coefficient


def test_an_own_table_is_laid_over(tmp_path: Path):
    path = tmp_path / "ours.csv"
    path.write_text(
        "set,weights,phantom,tracer,condition,age,sex,coefficient_mSv_per_MBq,remark,source,page,edition,valid_from,valid_until,how\n"
        "andersson-2014,icrp-103,voxels,Tc-99m MIBI,rest,adult,mean,0.0071,,our reading of the erratum,,2015,2015-09-30,,read\n",
        "utf-8",
    )
    found = _of("MIBI rest", 400, set_name="andersson-2014", own=path)
    assert found.rows[0].theirs
    assert found.value / mSv == pytest.approx(2.84)


def test_every_set_has_weights_and_rows_have_sources():
    assert sets() == ("icrp-128", "icrp-106", "label", "andersson-2014")


@pytest.mark.parametrize(
    ("age", "region", "phantom", "says"),
    [
        (5.0, "trunk", 32, "16 cm phantom; this one is of the 32 cm phantom"),
        (40.0, "trunk", 16, "32 cm phantom; this one is of the 16 cm phantom"),
        (40.0, "head", 32, "16 cm phantom"),
    ],
)
def test_a_ct_of_the_other_phantom_is_refused(age, region, phantom, says):
    with pytest.raises(ScopeError, match=says):
        ct_dose(100 * mGy * cm, region, age, on=TODAY, weights="icrp-60", phantom_cm=phantom)


@pytest.mark.parametrize(("age", "region", "phantom"), [(5.0, "trunk", 16), (40.0, "trunk", 32), (40.0, "head", 16)])
def test_a_ct_says_which_phantom_it_is_of(age, region, phantom):
    found = ct_dose(100 * mGy * cm, region, age, on=TODAY, weights="icrp-60", phantom_cm=phantom)
    assert found.phantom_cm == ct_dose(100 * mGy * cm, region, age, on=TODAY, weights="icrp-60").phantom_cm == phantom


def test_no_ct_coefficient_lies_between_two_phantoms():
    with pytest.raises(ScopeError, match="16 and 32 cm; nothing lies between"):
        ct_dose(100 * mGy * cm, "trunk", 16.0, on=TODAY, weights="icrp-103", ages="linear")
    with pytest.raises(InputError, match="16 .head. and 32 .body."):
        ct_dose(100 * mGy * cm, "trunk", 40.0, on=TODAY, weights="icrp-60", phantom_cm=20)
