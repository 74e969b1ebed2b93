"""Dose of the conceptus: listed stages, no interpolation, sources side by side, refusal of what nobody listed."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.protection.conceptus import LARGER, NEAREST, conceptus_dose, known_conceptus_tracers, said_of
from hevesy.protection.tracers import tracer
from hevesy.units import MBq, mGy

TODAY = date(2026, 11, 21)


def dose_mGy(name: str, activity_MBq: float, weeks: float, between: str = LARGER) -> float:
    """The largest dose of the sources [mGy]."""
    return conceptus_dose(tracer(name), activity_MBq * MBq, weeks, on=TODAY, between=between)[0].value / mGy


@pytest.mark.parametrize(
    ("weeks", "between", "coefficient", "listed"),
    [
        (0, LARGER, 0.011, True),
        (13, LARGER, 0.022, True),
        (26, LARGER, 0.014, True),
        (41, LARGER, 0.0093, True),
        (5, LARGER, 0.022, False),
        (5, NEAREST, 0.011, False),
        (6.5, NEAREST, 0.022, False),
        (30, NEAREST, 0.014, False),
        (36, NEAREST, 0.0093, False),
        (36, LARGER, 0.014, False),
    ],
)
def test_stages_of_pertechnetate(weeks: float, between: str, coefficient: float, listed: bool):
    found = conceptus_dose(tracer("pertechnetate"), 1 * MBq, weeks, on=TODAY, between=between)[0]
    assert found.coefficient == pytest.approx(coefficient * mGy / MBq)
    assert found.listed is listed
    assert found.row.verified


def test_the_largest_patient_of_a_week():
    found = conceptus_dose(tracer("FDG"), 100 * MBq, 13, on=TODAY)[0]
    assert found.value == pytest.approx(0.761 * mGy)
    assert found.lowest == pytest.approx(0.00711 * mGy / MBq)


@given(st.sampled_from(known_conceptus_tracers()), st.floats(0, 42), st.sampled_from([LARGER, NEAREST]))
def test_never_a_coefficient_that_is_not_listed(name: str, weeks: float, between: str):
    try:
        found = conceptus_dose(tracer(name), 1 * MBq, weeks, on=TODAY, between=between)
    except ScopeError:
        return
    for each in found:
        listed = [row.number("coefficient_mGy_per_MBq") for row in each.rows]
        assert each.coefficient / (mGy / MBq) == pytest.approx(each.row.number("coefficient_mGy_per_MBq"))
        assert each.lowest <= each.coefficient <= each.highest
        if between == LARGER:
            assert each.coefficient / (mGy / MBq) == pytest.approx(max(listed))
    assert [each.value for each in found] == sorted((each.value for each in found), reverse=True)


def test_what_nobody_opened_is_unverified():
    assert not conceptus_dose(tracer("MDP"), 1 * MBq, 13, on=TODAY)[0].row.verified


@pytest.mark.parametrize(
    ("name", "weeks", "error", "says"),
    [
        ("MIBI", 10, InputError, "Another tracer does not stand for it"),
        ("I-131 iodide", 12, ScopeError, "fetal thyroid"),
        ("FDG", 30, ScopeError, "5 to 19 weeks"),
        ("FDG", 50, InputError, "0 to 42"),
        ("FDG", -1, InputError, "0 to 42"),
        ("FDG", float("nan"), InputError, "0 to 42"),
    ],
)
def test_refusals(name: str, weeks: float, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        dose_mGy(name, 100, weeks)


def test_unknown_policy_and_early_day():
    with pytest.raises(InputError, match="larger, nearest"):
        dose_mGy("FDG", 100, 5, "linear")
    with pytest.raises(ScopeError, match="holds from"):
        conceptus_dose(tracer("FDG"), 1 * MBq, 5, on=date(2000, 1, 1))


def test_iodide_and_effective_dose_are_spoken_of():
    said = " ".join(said_of(tracer("I-131 iodide"), 8.5))
    assert "effective dose of the mother" in said
    assert "near that stage" in said


def test_own_table(tmp_path: Path):
    own = tmp_path / "own.csv"
    own.write_text(
        "set,tracer,stage,weeks_from,weeks_until,coefficient_mGy_per_MBq,remark,source,page,edition,valid_from,valid_until,how\n"
        "ours,Tc-99m MIBI,early,0,12,0.015,,our calculation,,1,,,local\n"
    )
    assert conceptus_dose(tracer("MIBI"), 100 * MBq, 8, on=TODAY, own=own)[0].value == pytest.approx(1.5 * mGy)
