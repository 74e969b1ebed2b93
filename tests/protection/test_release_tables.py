"""The tables of release, staff, waste and audit are rebuilt from their scripts, and found by name."""

import importlib
import sys
from datetime import date
from pathlib import Path

import pytest

from hevesy.dose.air_kerma import air_kerma_rate_constant
from hevesy.errors import InputError, ScopeError
from hevesy.protection.release_tables import CONSTANT, constant_of, patient_constant, pattern_of, pattern_rows, retention_of
from hevesy.tables import load_table

TOOLS = Path(__file__).parents[2] / "tools" / "data"
DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (
            "make_release",
            (
                "contact_patterns",
                "release_rules",
                "dose_constraints",
                "retention",
                "dose_rate_constants",
                "published_restrictions",
            ),
        ),
        ("make_staff_waste", ("staff_hands", "fingertip_ratio", "dose_limits", "shields", "waste_levels", "audit_checks")),
    ],
)
def test_scripts_rebuild_the_tables(script, names, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    made = importlib.import_module(script)
    assert set(names) == {path.stem for path in made.FOLDER.glob("*.csv") if _made_by(path, script)}
    for name in names:
        assert load_table("hevesy.protection", name).rows
    source = Path(made.__file__).read_text("utf-8").replace("FOLDER = Path(__file__)", "FOLDER = Path(HERE)")
    space = {"__name__": "__main__", "HERE": str(tmp_path / "tools" / "data" / "x.py")}
    (tmp_path / "tools" / "data").mkdir(parents=True)
    exec(compile(source, script, "exec"), space)  # the script itself, in another folder
    for name in names:
        rebuilt = tmp_path / "src" / "hevesy" / "protection" / "data" / f"{name}.csv"
        assert rebuilt.read_bytes() == (made.FOLDER / f"{name}.csv").read_bytes()
    sys.modules.pop(script, None)


def _made_by(path, script):
    return f"{script}.py" in path.with_suffix(".toml").read_text("utf-8")


def test_each_pattern_is_one():
    for rows in pattern_rows(on=DAY).values():
        assert 0 < pattern_of(rows).hours_a_day <= 24 * 3600


def test_constants_of_the_table_are_those_that_are_computed():
    for name in ("I-131", "Lu-177", "Tc-99m"):
        value, said = patient_constant(name, on=DAY)
        assert value == pytest.approx(air_kerma_rate_constant(name), rel=1e-5)
        assert "air kerma" in said
    assert patient_constant("F-18", on=DAY)[0] == pytest.approx(0.092 * CONSTANT)
    assert "computed" in patient_constant("Co-60", on=DAY)[1]


def test_fractions_add_up():
    for therapy in ("I-131 thyroid cancer", "Lu-177 DOTATATE"):
        assert sum(row.number("fraction") for row in retention_of(therapy, on=DAY)) == pytest.approx(1)


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(InputError, match="Did you mean I-131 thyroid cancer"):
        retention_of("I-131 thyroid cancr", on=DAY)
    with pytest.raises(InputError, match="not in the table"):
        constant_of("Xx-99", on=DAY)


def test_the_constant_of_the_patient_goes_first_and_no_row_is_used_before_its_day():
    assert constant_of("F-18", on=DAY)["kind"] == "patient"
    with pytest.raises(ScopeError, match="holds from"):
        constant_of("F-18", on=date(1999, 1, 1))
