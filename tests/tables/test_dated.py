"""Dated facts: sources, days, and a user's own table laid over ours."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.tables import dated
from hevesy.tables.certified import Certificate, Table
from hevesy.tables.dated import DatedRow, dated_rows, in_force

HEAD = "procedure,country,value_MBq,source,page,edition,valid_from,valid_until,how"
OURS = (
    "bone,FR,700,arrete 2011,annex,2011,2011-03-01,2019-06-30,read",
    "bone,FR,600,decision 2019,table 1,2019,2019-07-01,,recalled",
    "lung,FR,240,arrete 2011,annex,2011,2011-03-01,,read",
)


def _table(*lines: str) -> Table:
    names = HEAD.split(",")
    rows = tuple(dict(zip(names, line.split(","), strict=True)) for line in lines)
    own = Certificate(title="t", source="s", edition="1", licence="l", made_by="tools/data/make_t.py", sha256="0")
    return Table(name="t", rows=rows, certificate=own)


@pytest.fixture(autouse=True)
def _ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dated, "load_table", lambda package, name: _table(*OURS))


def _own(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "own.csv"
    path.write_text("\n".join((head, *lines)), "utf-8")
    return path


def _rows(overlay: Path | None = None) -> tuple[DatedRow, ...]:
    return dated_rows("hevesy.protection", "t", overlay=overlay, keys=("procedure", "country"))


def _bone(rows: tuple[DatedRow, ...]) -> tuple[DatedRow, ...]:
    return tuple(row for row in rows if row["procedure"] == "bone")


def test_a_row_knows_its_numbers_and_its_origin():
    first = _rows()[0]
    assert first.number("value_MBq") == 700.0
    assert first.citation == "arrete 2011, annex"
    assert first.verified
    assert not first.theirs
    assert first.provenance()["valid_until"] == "2019-06-30"
    assert [row.verified for row in _rows()] == [True, False, True]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("bone,FR,700,,annex,2011,2011-03-01,,read", "no source"),
        ("bone,FR,700,s,,2011,2011-03-01,,guessed", "read, secondary2"),
        ("bone,FR,700,s,,2011,01.03.2011,,read", "2026-01-31"),
        ("bone,FR,700,s,,2011,2011-03-01,2010-01-01,read", "before it begins"),
    ],
)
def test_a_row_that_is_not_whole_is_refused(monkeypatch: pytest.MonkeyPatch, line: str, says: str):
    monkeypatch.setattr(dated, "load_table", lambda package, name: _table(line))
    with pytest.raises(DataError, match=says):
        _rows()


def test_numbers_are_numbers():
    row = DatedRow(fields={"a": "x", "b": ""}, source="s", page="", edition="", valid_from=None, valid_until=None, how="read")
    for column, says in (("a", "finite number"), ("b", "is empty"), ("c", "has a, b")):
        with pytest.raises(DataError, match=says):
            row.number(column)
    assert row.number_or_none("b") is None


def test_what_is_superseded_is_not_applied_to_a_later_day():
    old = _bone(_rows())[:1]
    assert in_force(old, date(2019, 6, 30)) == old
    with pytest.raises(ScopeError, match=r"held until 2019-06-30; asked for 2019-07-01.*own table"):
        in_force(old, date(2019, 7, 1))
    with pytest.raises(ScopeError, match="holds from 2011-03-01"):
        in_force(old, date(2010, 1, 1))
    assert in_force((), date(2010, 1, 1)) == ()


@given(st.dates(date(2011, 3, 1), date(2040, 1, 1)))
def test_each_day_has_one_edition(on: date):
    (row,) = in_force(_bone(_rows()), on)
    assert row.number("value_MBq") == (700.0 if on < date(2019, 7, 1) else 600.0)


def test_an_own_row_ends_ours_and_is_marked(tmp_path: Path):
    rows = _rows(_own(tmp_path, "Bone,fr,500,our decision,p. 2,3,2026-01-01,2026-12-31,local"))
    (before,) = in_force(_bone(rows), date(2025, 12, 31))
    assert (before.number("value_MBq"), before.theirs) == (600.0, False)
    (after,) = in_force(tuple(r for r in rows if r["procedure"].casefold() == "bone"), date(2026, 5, 1))
    assert (after.number("value_MBq"), after.theirs, after.verified) == (500.0, True, True)
    assert after.citation == "our decision, p. 2 (your own table own.csv)"
    with pytest.raises(ScopeError, match="held until 2026-12-31"):  # ours does not come back in silence
        in_force(tuple(r for r in rows if r["procedure"].casefold() == "bone"), date(2027, 1, 1))
    assert sum(row["procedure"] == "lung" for row in rows) == 1


def test_an_own_row_without_a_first_day_replaces_ours_wholly(tmp_path: Path):
    rows = _rows(_own(tmp_path, "bone,FR,500,our decision,,3,,,local", "heart,FR,1,our decision,,3,,,local"))
    assert [row.number("value_MBq") for row in _bone(rows)] == [500.0]
    assert len(rows) == 3  # lung of ours, and two of theirs


def test_an_own_table_of_another_form_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match=r"its columns are procedure, value; needed are procedure, country"):
        _rows(_own(tmp_path, "bone,1", head="procedure,value"))
    with pytest.raises(DataError, match=r"row 1: .*no source"):
        _rows(_own(tmp_path, "bone,FR,500,,,3,,,local"))
    with pytest.raises(DataError, match="more or fewer cells"):
        _rows(_own(tmp_path, "bone,FR"))
    with pytest.raises(DataError, match="hold on the same day"):
        _rows(_own(tmp_path, "bone,FR,500,s,,3,,,local", "bone,FR,400,s,,3,2026-01-01,,local"))
    with pytest.raises(InputError, match="no such file"):
        _rows(tmp_path / "none.csv")
    with pytest.raises(InputError, match="keys organ"):
        dated_rows("hevesy.protection", "t", overlay=_own(tmp_path), keys=("organ",))
