"""The table of criteria: complete, cited, and refused where a row is not understood."""

import copy
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from hevesy.errors import DataError, InputError
from hevesy.planning.criteria import HOW, Criterion, Score, criteria_of, find, liver_excreted, load_criteria


def table() -> dict[str, Any]:
    return tomllib.loads(files("hevesy.planning").joinpath("data", "criteria.toml").read_text("utf-8"))


def test_every_row_is_cited_and_says_how_it_is_known() -> None:
    known = load_criteria()
    for row in (*known.criteria.values(), *known.scores.values()):
        assert row.source
        assert row.valid_from
        assert row.doi or "abstract" in row.source
    for criterion in known.criteria.values():
        assert all(rule.how in HOW and rule.page for rule in criterion.rules)
        assert criterion.kind in ("eligibility", "prognostic")
    assert all(score.how in HOW and score.operational for score in known.scores.values())


def test_what_the_trials_ask() -> None:
    assert {"vision", "therap", "netter-1", "psma-suvmean-10"} <= set(load_criteria().criteria)
    therap = find("TheraP")
    assert isinstance(therap, Criterion)
    assert [rule.threshold for rule in therap.rules] == [20.0, 10.0, 10.0]
    vision = find("vision")
    assert isinstance(vision, Criterion)
    assert vision.rules[1].least_axis_mm == {"node": 25.0, "organ": 10.0, "bone": 10.0}
    promise = find("promise-v2")
    assert isinstance(promise, Score)
    assert [level.score for level in promise.levels] == [0, 1, 2, 3]


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(InputError, match="vision, therap, netter-1"):
        find("visoin")


def test_ligands_that_the_liver_excretes() -> None:
    found = liver_excreted("[18F]PSMA-1007")
    assert found is not None
    assert found.name == "F-18 PSMA-1007"
    assert liver_excreted("68Ga-PSMA-11") is None
    assert liver_excreted("") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t["criterion"][0]["rule"][0].update(relation="about"), "relation is 'about'"),
        (lambda t: t["criterion"][0]["rule"][0].update(threshold=3.0), "one of both"),
        (lambda t: t["criterion"][0]["rule"][0].update(reference="brain"), "reference is 'brain'"),
        (lambda t: t["criterion"][0]["rule"][0].update(page_number=3), "unknown key page_number"),
        (lambda t: t["criterion"][0]["rule"][0].pop("how"), "how"),
        (lambda t: t["criterion"][0]["rule"][1]["least_axis_mm"].update(brain=1.0), "site is 'brain'"),
        (lambda t: t["criterion"][0].update(kind="advice"), "kind is 'advice'"),
        (lambda t: t["criterion"][0].update(scores=["none"]), "no score none"),
        (lambda t: t["criterion"][0].pop("rule"), "no rule"),
        (lambda t: t["score"][0]["level"].reverse(), "levels must rise"),
        (lambda t: t["score"][0].update(how="guessed"), "how is 'guessed'"),
    ],
)
def test_a_row_that_is_not_understood_is_refused(change: Any, said: str) -> None:
    altered = copy.deepcopy(table())
    change(altered)
    with pytest.raises(DataError, match=said):
        criteria_of(altered)
