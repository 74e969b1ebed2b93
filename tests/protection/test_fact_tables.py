"""The tables for patients: each row says where it comes from, and each table is what its script makes."""

import importlib.util
import sys
from pathlib import Path

import pytest

from hevesy.tables import dated_rows

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    "make_activity_cards": ("card_multiples", "card_activities", "adult_formulas", "tracer_names"),
    "make_dose_coefficients": ("effective_dose", "organ_dose", "ct_effective_dose", "tissue_weights", "therapy_nuclides"),
    "make_mother_child": ("breastfeeding", "conceptus_dose", "exposure_questions"),
    "make_reference_levels": ("reference_levels",),
}
DATED = [name for names in TABLES.values() for name in names if name != "tracer_names"]


@pytest.mark.parametrize("name", DATED)
def test_every_row_has_a_source_and_says_how_it_was_obtained(name: str):
    rows = dated_rows("hevesy.protection", name)
    assert rows
    assert all(row.source and row.how for row in rows)


@pytest.mark.parametrize("script", TABLES)
def test_the_script_makes_the_table(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = ROOT / "tools" / "data"
    monkeypatch.syspath_prepend(str(folder))
    spec = importlib.util.spec_from_file_location(script, folder / f"{script}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, script, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    module.main()
    certified = ROOT / "src" / "hevesy" / "protection" / "data"
    for name in TABLES[script]:
        assert (tmp_path / f"{name}.csv").read_bytes() == (certified / f"{name}.csv").read_bytes()
        assert (tmp_path / f"{name}.toml").read_bytes() == (certified / f"{name}.toml").read_bytes()


def test_multiples_grow_with_weight_in_each_class():
    rows = dated_rows("hevesy.protection", "card_multiples")
    for name in "ABC":
        multiples = [row.number("multiple") for row in rows if row["class"] == name]
        assert len(multiples) == 30
        assert multiples == sorted(multiples)


def test_younger_is_never_less_by_activity():
    rows = dated_rows("hevesy.protection", "effective_dose")
    order = ("adult", "15", "10", "5", "1", "newborn")
    for key in {(row["set"], row["tracer"], row["condition"]) for row in rows}:
        same = [r for r in rows if (r["set"], r["tracer"], r["condition"]) == key and r["sex"] == "both"]
        values = [r.number("coefficient_mSv_per_MBq") for age in order for r in same if r["age"] == age]
        assert values == sorted(values)
