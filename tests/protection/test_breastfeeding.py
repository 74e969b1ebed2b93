"""Advice on breast-feeding: every body beside the others, policies with a declared order, nothing guessed."""

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.protection.breastfeeding import LONGEST, SHORTEST, Interruption, bodies, interruption, products
from hevesy.units import h

TODAY = date(2026, 11, 21)


def _of(product: str, **more: object) -> Interruption:
    return interruption(product, on=TODAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("product", "procedure", "body", "said"),
    [
        ("Tc-99m pertechnetate", "thyroid", "naik-2022", "12 h"),
        ("Tc-99m pertechnetate", "thyroid", "stabin-breitz", "4 h"),
        ("Tc-99m pertechnetate", "thyroid", "acmui", "24 h"),
        ("Tc-99m MDP", "", "snmmi-eanm", "4 to 24 h"),
        ("Tc-99m MDP", "", "icrp-106", "no interruption"),
        ("Tc-99m RBC", "vivo", "leide-svegborn", "no interruption"),
        ("Tc-99m WBC", "", "stabin-breitz", "48 h"),
        ("FDG", "", "nrc-8.39", "4 h"),
        ("I-123 iodide", "thyroid", "icrp-106", "more than 21 d"),
        ("I-123 iodide", "", "nrc-8.39", "3 d"),
        ("In-111 octreotide", "", "acmui", "6 d"),
        ("Ga-67 citrate", "", "snmmi-eanm", "14 to 28 d"),
        ("Tl-201 chloride", "", "icrp-106", "48 h"),
        ("Lu-177 DOTATATE", "", "snmmi-eanm", "76 d"),
        ("Zr-89", "", "nrc-8.39", "28 d"),
        ("Rb-82 chloride", "", "nrc-8.39", "no interruption"),
    ],
)
def test_what_a_body_says(product: str, procedure: str, body: str, said: str):
    picked = _of(product, procedure=procedure, policy=body).picked
    assert picked is not None
    assert picked.said == said
    assert picked.row.source


def test_no_policy_picks_nothing():
    assert _of("Tc-99m MAG3").picked is None


def test_longest_and_shortest_of_gallium():
    longest, shortest = _of("Ga-67 citrate", policy=LONGEST), _of("Ga-67 citrate", policy=SHORTEST)
    assert longest.picked is not None
    assert shortest.picked is not None
    assert longest.picked.advice == "stop"
    assert shortest.picked.low == 14 * 24 * h
    assert any("disagree" in text for text in longest.remarks)


def test_more_than_a_time_is_longer_than_any_closed_time():
    picked = _of("I-123 mIBG", policy=LONGEST).picked
    assert picked is not None
    assert (picked.body, picked.more) == ("icrp-106", True)


def test_of_equal_advice_the_verified_one():
    picked = _of("Tc-99m MAG3", policy=LONGEST).picked
    assert picked is not None
    assert (picked.body, picked.said) == ("nrc-8.39", "24 h")


@given(st.sampled_from(products()), st.booleans())
def test_every_advice_lies_between_shortest_and_longest(product: str, therapy: bool):
    found = _of(product, policy=LONGEST, therapy=therapy)
    least = _of(product, policy=SHORTEST, therapy=therapy).picked
    assert found.picked is not None
    assert least is not None
    for advice in found.advice:
        assert least.low <= advice.low
        assert advice.high <= found.picked.high or found.picked.more
        assert (advice.advice == "stop") == math.isinf(advice.low)


def test_therapy_ends_before_the_treatment():
    found = _of("I-131 iodide", therapy=True, policy="nrc-8.39")
    assert {a.body for a in found.before} == {"nrc-8.39", "naik-2022"}
    assert found.picked is not None
    assert found.picked.advice == "stop"
    assert all("therapy" in a.procedure for a in found.advice if a.procedure)
    assert any("ends before" in text for text in found.remarks)


def test_diagnosis_does_not_show_rows_of_treatment():
    found = _of("I-131 iodide")
    assert not found.before
    assert all("therapy" not in a.procedure for a in found.advice)


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"product": "technetium perteknetate"}, InputError, "Tc-99m pertechnetate"),
        ({"product": "Tc-99m flurble"}, InputError, "nearest known"),
        ({"product": "Ga-68 PSMA-11"}, InputError, "--own-table"),
        ({"product": "qqqqqqqq"}, InputError, "nearest known"),
        ({"product": "FDG", "policy": "icrp"}, InputError, "there are longest, shortest"),
        ({"product": "FDG", "policy": "stabin-breitz"}, ScopeError, "says nothing"),
        ({"product": "FDG", "policy": "snmmi-eanm"}, InputError, "depends on the procedure"),
        ({"product": "FDG", "procedure": "heart"}, InputError, "brain, oncology"),
    ],
)
def test_refusals(words: dict[str, str], error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        _of(**words)


def test_a_day_before_every_body():
    with pytest.raises(ScopeError, match="holds from"):
        interruption("Zr-89", on=date(1990, 1, 1))


def test_own_table_takes_the_place_of_a_body(tmp_path: Path):
    own = tmp_path / "own.csv"
    own.write_text(
        "product,procedure,given,when,advice,low_h,high_h,more,body,source,page,edition,valid_from,valid_until,how\n"
        "Ga-68 PSMA-11,,,after,interrupt,6,6,,our hospital,decision 7,,1,2026-01-01,,local\n"
    )
    picked = _of("Ga-68 PSMA-11", policy="our hospital", own=own).picked
    assert picked is not None
    assert picked.said == "6 h"
    assert "our hospital" in bodies(own)
