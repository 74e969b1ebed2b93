import importlib.util
import sys
from pathlib import Path

import pytest

from hevesy import units as u
from hevesy.errors import DataError
from hevesy.protocols.facts import RECALLED, TABLE, UNITS, fact, facts_of
from hevesy.tables import load_table

TOOLS = Path(__file__).parents[2] / "tools" / "data"


def test_the_table_is_what_its_script_writes(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("make_recipe_facts", TOOLS / "make_recipe_facts.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    shipped = Path(__file__).parents[2] / "src" / "hevesy" / "protocols" / "data" / "recipes.csv"
    assert shipped.read_bytes().replace(b"\r\n", b"\n").decode("utf-8") == module.content()


def test_every_row_has_unit_source_and_how():
    for row in load_table(*TABLE).rows:
        assert row["unit"] in UNITS, row
        assert row["source"], row
        assert row["how"] in {"read", "secondary", "derived", RECALLED}, row
        assert 1900 <= int(row["valid_from"]) <= 2030, row
        if row["upper"]:
            assert float(row["upper"]) > float(row["value"]), row


def test_facts_come_in_the_units_of_the_house():
    assert fact("y90-radioembolisation", "energy per activity").value == pytest.approx(49.67e-9)
    assert fact("i131-mibg", "first activity by mass").value == pytest.approx(444e6)
    assert fact("i131-benign-thyroid", "graves ablative").upper == 300
    kidneys = fact("lu177-dotatate", "Kidneys").measured
    assert (kidneys.value * u.GBq, kidneys.u * u.GBq) == pytest.approx((0.654, 0.295))
    # 2.808 Gy g/(MBq d) is 0.203 MeV a decay: the beta energy of I-131 and some of its photons.
    per_decay = fact("i131-benign-thyroid", "mean energy").value / u.JOULE_PER_MEV
    assert 0.19 < per_decay < 0.21


def test_what_was_not_opened_says_so():
    recalled, read = fact("i131-mibg", "whole-body S at 1 kg"), fact("i131-mibg", "whole-body goal, course")
    assert not recalled.verified
    assert "UNVERIFIED" in recalled.said
    assert read.verified
    assert "UNVERIFIED" not in read.said


def test_an_unknown_fact_is_no_number():
    with pytest.raises(DataError, match="no fact 'kidney'"):
        fact("lu177-psma", "kidney")
    with pytest.raises(DataError, match="no facts of recipe"):
        facts_of("y91")
