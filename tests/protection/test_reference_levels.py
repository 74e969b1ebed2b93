"""Reference levels as rules, and a sample against them: too few, above, near; nothing superseded in silence."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.protection.reference_levels import ABOVE, NOT_ABOVE, TOO_FEW, Patient, compared, level, listed_levels
from hevesy.units import MBq, kg

TODAY = date(2026, 11, 21)
THEN = date(2015, 6, 1)
HEAD = (
    "country,procedure,people,tracer,rule,level_MBq,level_MBq_per_kg,slope_MBq_per_kg,weight_kg,age_years,level_is,test,"
    "minimum_number,remark,source,page,edition,valid_from,valid_until,how\n"
)


def french_levels_MBq(procedure: str, weights) -> list[float]:
    """The level of the French order for children of these weights [MBq]."""
    against = level("FR", procedure, on=THEN, people="children")
    found = compared([Patient(activity=1 * MBq, weight=float(w) * kg) for w in weights], against)
    return [L / MBq for L in found.levels if L is not None]


def _own(folder: Path, *lines: str) -> Path:
    path = folder / "own.csv"
    path.write_text(HEAD + "".join(line + "\n" for line in lines))
    return path


def test_per_kg_is_compared_patient_by_patient():
    against = level("de", "Bone", on=TODAY)
    assert against.minimum == 10
    found = compared([Patient(activity=8 * w * MBq, weight=w * kg) for w in range(50, 70)], against)
    assert found.ratio.value == pytest.approx(1)
    assert found.verdict == NOT_ABOVE
    assert found.near
    assert found.per_weight is not None
    assert found.per_weight.value == pytest.approx(8 * MBq / kg)


@given(st.lists(st.floats(100, 1500), min_size=1, max_size=50))
def test_verdict_follows_the_median_and_the_minimum(activities: list[float]):
    found = compared([Patient(activity=a * MBq) for a in activities], level("FR", "bone", on=THEN))
    if len(activities) < 30:
        assert found.verdict == TOO_FEW
    else:
        assert found.verdict == (ABOVE if found.activity.value > 700 * MBq else NOT_ABOVE)
        assert found.near is not None
    assert found.ratio.value == pytest.approx(found.activity.value / (700 * MBq))


def test_clearly_above_is_not_near():
    found = compared([Patient(activity=(900 + n) * MBq) for n in range(30)], level("FR", "bone", on=THEN))
    assert (found.verdict, found.near) == (ABOVE, False)


def test_who_lacks_what_the_rule_needs_is_left_out():
    sample = [
        Patient(activity=500 * MBq, weight=60 * kg),
        Patient(activity=500 * MBq),
        Patient(activity=90 * MBq, weight=20 * kg, age=6),
    ]
    found = compared(sample, level("DE", "bone", on=TODAY))
    assert found.left_out == ("", "the weight is missing", "age 6 years is not of adults")
    assert found.ratios[1:] == (None, None)
    assert found.ratio.n == 1
    with pytest.raises(InputError, match="every patient was left out"):
        compared(sample[1:], level("DE", "bone", on=TODAY))
    with pytest.raises(InputError, match="empty"):
        compared([], level("DE", "bone", on=TODAY))


def test_weights_between_and_outside_the_rows():
    assert french_levels_MBq("bone", [6.75, 6.8, 15, 15.1]) == pytest.approx([40, 95, 95, 170])
    children = level("FR", "bone", on=THEN, people="children")
    found = compared([Patient(activity=1 * MBq, weight=w * kg) for w in (10, 60)], children)
    assert found.left_out[1] == "it lies outside the rows of the level"


def test_linear_rule_of_an_own_table(tmp_path: Path):
    own = _own(tmp_path, "BE,bone,adults,Tc-99m MDP,linear,600,,5,70,,level,median,3,,our reading,,1,2020-02-19,,local")
    against = level("BE", "bone", on=TODAY, own=own)
    found = compared([Patient(activity=650 * MBq, weight=w * kg) for w in (60, 80, 100)], against)
    assert [L / MBq for L in found.levels if L is not None] == pytest.approx([550, 650, 750])
    assert found.verdict == NOT_ABOVE
    assert found.near is None


def test_ages_of_an_own_table(tmp_path: Path):
    lines = [f"XX,bone,children,Tc-99m MDP,ages,{L},,,,{a},level,median,,,our reading,,1,,,local" for a, L in ((1, 80), (5, 160))]
    against = level("XX", "bone", on=TODAY, people="children", own=_own(tmp_path, *lines))
    found = compared([Patient(activity=100 * MBq, age=a) for a in (1, 3, 4)], against)
    assert [L / MBq for L in found.levels if L is not None] == pytest.approx([80, 80, 160])


def test_what_replaced_a_level_is_taken(tmp_path: Path):
    own = _own(tmp_path, "FR,bone,adults,Tc-99m MDP,fixed,600,,,,,level,median,30,,decision,,2019,2019-07-01,,local")
    assert level("FR", "bone", on=TODAY, own=own).rows[0].number("level_MBq") == 600
    assert level("FR", "bone", on=THEN, own=own).rows[0].number("level_MBq") == 700


def test_a_level_that_came_back_after_a_gap():
    """The survey of 2015 and the levels of 2025 stand in one table; between them nothing is applied."""
    was, now = (level("JP", "bone MDP", on=day).rows[0] for day in (date(2016, 1, 1), date(2026, 1, 1)))
    assert (was.number("level_MBq"), now.number("level_MBq")) == (932, 930)
    assert was.verified
    assert not now.verified  # one transcription


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"country": "FR", "procedure": "bone", "on": TODAY}, ScopeError, "superseded, it held until 2019"),
        ({"country": "JP", "procedure": "bone MDP", "on": date(2023, 1, 1)}, ScopeError, "superseded"),
        ({"country": "DE", "procedure": "bone", "on": THEN}, ScopeError, "holds from 2021"),
        ({"country": "ZZ", "procedure": "bone", "on": TODAY}, InputError, "there are FR, DE"),
        ({"country": "FR", "procedure": "bones", "on": THEN}, InputError, "nearest are bone"),
        ({"country": "FR", "procedure": "kidney", "on": THEN}, InputError, "has several"),
        ({"country": "FR", "procedure": "", "on": THEN}, InputError, "no level of it"),
        ({"country": "FR", "procedure": "bone", "on": THEN, "people": "dogs"}, InputError, "adults, children"),
    ],
)
def test_refusals(words: dict, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        level(**words)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("XX,bone,adults,,cubic,600,,,,,level,median,3,,s,,1,,,local", "rules cubic"),
        ("XX,bone,adults,,fixed,600,,,,,level,mean,3,,s,,1,,,local", "only median"),
        ("XX,bone,adults,,fixed,0,,,,,level,median,3,,s,,1,,,local", "must be positive"),
        ("XX,bone,adults,,per_kg,600,,,,,level,median,3,,s,,1,,,local", "is empty"),
    ],
)
def test_a_wrong_own_table(line: str, says: str, tmp_path: Path):
    with pytest.raises(DataError, match=says):
        level("XX", "bone", on=TODAY, own=_own(tmp_path, line))


def test_every_listed_level_is_usable_on_its_first_day():
    for row in listed_levels():
        assert row.valid_from is not None
        assert level(row["country"], row["procedure"], on=row.valid_from, people=row["people"]).rows
