"""The use case of conceptus doses: the keys of its answer, and what it refuses."""

import json

import pytest

from hevesy.app.protect_pregnancy import listed_conceptus_tracers, protect_pregnancy
from hevesy.errors import HevesyError


def test_the_answer_carries_what_it_rests_on():
    facts = protect_pregnancy("FDG", "8 mCi", "5 weeks")
    assert facts["conceptus_dose_mGy"] == pytest.approx(5.1208)
    assert facts["u_conceptus_dose_mGy"] is None
    assert "no uncertainty" in facts["why_no_u"]
    assert facts["source"].startswith("P. Zanotti-Fregonara")
    assert facts["stage_listed"]
    assert any("effective dose of the mother" in text for text in facts["remarks"])
    assert len(facts["questions"]) == 4
    json.dumps(facts, allow_nan=False)


def test_a_stage_between_two_is_said():
    facts = protect_pregnancy("pertechnetate", "100 MBq", "20")
    assert not facts["stage_listed"]
    assert any("does not list 20 weeks" in text for text in facts["remarks"])
    each = facts["by_source"][0]
    assert (each["lowest_neighbour_mGy"], each["highest_neighbour_mGy"]) == (1.4, 2.2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("FDG", "296 GBq", "5"), "Check the unit"),
        (("FDG", "296 kBq", "5"), "Check the unit"),
        (("FDG", "296 MBq", "5 months"), "number of weeks"),
        (("FDG", "296", "5"), "activity"),
        (("fdgg", "296 MBq", "5"), "nearest known"),
    ],
)
def test_refusals(words: tuple[str, str, str], says: str):
    with pytest.raises(HevesyError, match=says):
        protect_pregnancy(*words)


def test_list():
    assert "F-18 FDG" in listed_conceptus_tracers()["tracers"]
