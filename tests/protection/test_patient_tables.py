"""The tables of advice, conceptus doses, questions and reference levels: each is what its script makes."""

import importlib.util
import sys
from pathlib import Path

import pytest

from hevesy.tables import dated_rows

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    "make_mother_child": ("breastfeeding", "conceptus_dose", "exposure_questions"),
    "make_reference_levels": ("reference_levels",),
}


@pytest.mark.parametrize("name", [name for names in TABLES.values() for name in names])
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


def test_what_one_body_says_in_the_words_of_another_is_unverified():
    for row in dated_rows("hevesy.protection", "breastfeeding"):
        if "as transcribed by" in row.source:
            assert not row.verified
