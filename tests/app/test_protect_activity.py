"""The use case of recommended activities: the keys of its answer, and its refusals."""

import json

import pytest

from hevesy.app.protect_activity import Asked, listed_cards, protect_activity
from hevesy.errors import InputError


def test_the_answer_carries_what_it_rests_on():
    facts = protect_activity(Asked(tracer="Tc-99m MAG3", weight="20", card="eanm-2016"))
    assert facts["activity_MBq"] == 34.272
    assert (facts["class"], facts["multiple"], facts["baseline_MBq"], facts["minimum_MBq"]) == ("A", 2.88, 11.9, 15.0)
    assert facts["source"].startswith("EANM Dosage Card")
    assert (facts["edition"], facts["valid_from"], facts["unverified"]) == ("5.7.2016", "2016-07-05", False)
    assert "last row" in facts["row_policy"]
    assert len(facts["sources"]) == 2
    json.dumps(facts, allow_nan=False)


def test_pounds_and_the_next_row():
    facts = protect_activity(Asked(tracer="MAG3", weight="46.3 lb"))
    assert facts["row_kg"] == [20.0, 20.0]
    assert facts["next_row_activity_MBq"] == 36.414


def test_what_nobody_verified_says_so():
    assert protect_activity(Asked(tracer="Tc-99m ECD", weight="20"))["unverified_sources"]
    facts = protect_activity(Asked(tracer="FDG torso", weight="20", card="na-2024"))
    assert facts["unverified"]
    assert facts["activity_range_MBq"] == [59.2, 104.0]
    assert facts["class"] is None


def test_superseded_and_in_time():
    assert protect_activity(Asked(tracer="DMSA", weight="20", card="na-2010"))["superseded"]
    assert not protect_activity(Asked(tracer="DMSA", weight="20", card="na-2010", on="2015-06-01"))["superseded"]


def test_adults():
    asked = Asked(tracer="FDG", weight="75", card="eanm-fdg-2015", time_per_bed="2 min", overlap="25 %")
    facts = protect_activity(asked)
    assert facts["activity_MBq"] == 525.0
    assert facts["unverified"]
    assert facts["overlap"] == 0.25
    json.dumps(facts, allow_nan=False)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(tracer="FDG", weight="75", card="eanm-fdg-2015"), "needs time per bed and overlap"),
        (Asked(tracer="MAG3", weight="75", card="eanm-fdg-2015"), "for F-18 FDG alone"),
        (Asked(tracer="FDG torso", weight="20", time_per_bed="2 min"), "belong to --card eanm-fdg-2015"),
        (Asked(tracer="MAGG3", weight="20"), "nearest known are Tc-99m MAG3"),
    ],
)
def test_refusals(asked: Asked, says: str):
    with pytest.raises(InputError, match=says):
        protect_activity(asked)


def test_the_list_names_every_card():
    assert set(listed_cards()["cards"]) == {"eanm-2016", "eanm-2022-petmr", "na-2010", "na-2024", "eanm-fdg-2015"}
