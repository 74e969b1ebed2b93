"""Criteria, verdicts, and the user's own limits; the tables are those that their script makes."""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.quantify.quality import Criterion, Limit, judged, limits_of, verdict

TOOLS = Path(__file__).parents[2] / "tools" / "data"
DATA = Path(__file__).parents[2] / "src" / "hevesy" / "quantify" / "data"


@given(st.floats(-5, 5))
def test_a_limit_belongs_to_the_allowed(value):
    c = Criterion(name="x", value=value, limit=Limit(low=-1, high=2, source="s"))
    assert c.passed == (-1 <= value <= 2)
    assert c.margin == pytest.approx(min(value + 1, 2 - value))


def test_verdicts():
    good = Criterion(name="a", value=1.0, limit=Limit(low=None, high=2.0, source="s"))
    bad = Criterion(name="b", value=3.0, limit=Limit(low=None, high=2.0, source="s"))
    free = Criterion(name="c", value=3.0)
    assert verdict((good, free)) == "pass"
    assert verdict((good, bad, free)) == "fail"
    assert verdict((free,)) == "no limits"
    assert free.margin is None


def test_own_limits_are_laid_over_ours(tmp_path):
    path = tmp_path / "limits.csv"
    path.write_text('name,low,high,source\n"offset across the axis, mm",-1,1,vendor\n', "utf-8")
    assert limits_of("centre-of-rotation")["offset across the axis, mm"].high == 2
    assert not limits_of("centre-of-rotation")["offset across the axis, mm"].verified
    mine = limits_of("centre-of-rotation", path)["offset across the axis, mm"]
    assert (mine.high, mine.source) == (1, "vendor")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("name,low\nx,1\n", DataError, "heading"),
        ("name,low,high,source\nx,one,2,s\n", DataError, "not a number"),
        ("name,low,high,source\nx,3,2,s\n", DataError, "below"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, error, said):
    path = tmp_path / "limits.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(error, match=said):
        limits_of("bars", path)
    with pytest.raises(InputError, match="no such file"):
        limits_of("bars", tmp_path / "other.csv")


def test_a_misspelt_limit_does_not_pass():
    with pytest.raises(InputError, match="figures of this test"):
        judged({"a": 1.0}, {"b": Limit(low=0, high=1, source="s")})


def test_a_figure_that_is_no_number_is_refused():
    with pytest.raises(DataError, match="Look at the image"):
        Criterion(name="x", value=float("nan"))


def test_the_tables_are_those_of_their_script(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("make_quality_limits", TOOLS / "make_quality_limits.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    module.main()
    for name in ("recovery_bands.csv", "recovery_bands.toml", "quality_limits.csv", "quality_limits.toml"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
