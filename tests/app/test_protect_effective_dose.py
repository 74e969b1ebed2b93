"""The use case of effective dose: the keys of its answer, its CT apart, and its refusals."""

import json

import pytest

from hevesy.app.protect_effective_dose import Asked, protect_effective_dose
from hevesy.errors import HevesyError


def test_the_answer_carries_what_it_rests_on():
    facts = protect_effective_dose(Asked(tracer="F-18 FDG", activity="394 MBq", age="40", set_name="icrp-128"))
    assert facts["effective_dose_mSv"] == 7.486
    assert facts["organ_doses_mGy"]["bladder"] == 51.22
    assert facts["weights"] == "icrp-60"
    assert facts["source"].startswith("ICRP Publication 128")
    assert facts["u_effective_dose_mSv"] is None
    assert "no uncertainty" in facts["u_reason"]
    assert "ICRP Publication 72" in facts["age_policy"]
    assert not facts["unverified"]
    assert "ct" not in facts
    json.dumps(facts, allow_nan=False)


def test_children_are_unverified_and_have_no_organs_here():
    facts = protect_effective_dose(Asked(tracer="FDG", activity="100 MBq", age="7"))
    assert facts["unverified"]
    assert facts["age_taken"] == "5"
    assert facts["organ_doses_mGy"] == {}
    assert any("no organ doses" in text for text in facts["remarks"])


def test_ct_beside_it():
    asked = Asked(tracer="FDG", activity="300 MBq", age="40", ct_dlp="800 mGy cm", ct_region="trunk")
    facts = protect_effective_dose(asked)
    assert facts["effective_dose_mSv"] == 5.7
    assert facts["ct"]["effective_dose_mSv"] == 12.0
    assert facts["ct"]["weights"] == "icrp-60"
    assert facts["sum_mSv"] == 17.7
    assert facts["unverified"]


def test_icrp_103_throughout():
    asked = Asked(tracer="FDG", activity="370 MBq", age="40", set_name="andersson-2014", ct_dlp="800 mGy cm", ct_region="trunk")
    facts = protect_effective_dose(asked)
    assert facts["ct"]["set"] == "lee-2012"
    assert facts["sum_mSv"] == pytest.approx(6.327 + 14.4)


def test_mixed_weights_only_where_asked_for():
    mixed = {
        "tracer": "FDG",
        "activity": "300 MBq",
        "age": "40",
        "ct_dlp": "800 mGy cm",
        "ct_region": "trunk",
        "ct_set": "lee-2012",
    }
    with pytest.raises(HevesyError, match="only the same ones add up"):
        protect_effective_dose(Asked(**mixed))
    facts = protect_effective_dose(Asked(**mixed, mix_weights=True))
    assert any("mixes tissue weights" in text for text in facts["remarks"])


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(tracer="Lu-177 DOTATATE", activity="7.4 GBq", age="60"), "given for therapy"),
        (Asked(tracer="177Lu", activity="7.4 GBq", age="60"), "given for therapy"),
        (Asked(tracer="I-131 iodide", activity="3.7 GBq", age="60"), "is therapy"),
        (Asked(tracer="FDG", activity="394 GBq", age="40"), "Check the unit"),
        (Asked(tracer="FDG", activity="394", age="40"), "number with its unit"),
        (Asked(tracer="FDG", activity="394 MBq", age="40", ct_region="trunk"), "without a dose-length product"),
        (Asked(tracer="FDG", activity="394 MBq", age="40", ct_dlp="800 mGy cm"), "needs its region"),
        (Asked(tracer="FDG", activity="26 MBq", age="6 months"), "the source gives 1 y"),
    ],
)
def test_refusals(asked: Asked, says: str):
    with pytest.raises(HevesyError, match=says):
        protect_effective_dose(asked)
