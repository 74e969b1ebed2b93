"""The decay store and the tanks."""

from datetime import date

import pytest

from hevesy.app.protect_waste import protect_waste
from hevesy.errors import DataError, InputError, ScopeError

LEDGER = """bag,nuclide,activity_MBq,mass_kg,closed,u_percent,contaminant,ratio_percent,left
A1,I-131,50,4,2026-01-05,20,,,
A2,Lu-177,118,1,2026-01-05,10,Lu-177m,0.3,
A3,Tc-99m,200,5,2026-01-05,,,,
A4,Lu-177,5,1,2026-01-05,,,,2026-01-08
"""
ON = date(2026, 2, 1)


def write(tmp_path, text, name="ledger.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_ledger_says_what_may_leave(tmp_path):
    facts = protect_waste(write(tmp_path, LEDGER), on=ON)
    assert facts["may_leave_now"] == ["A3"]
    bags = facts["bags"]
    assert bags["A1"]["free_after_d"] == pytest.approx(8.0207 * 10.288, rel=1e-3)  # 12 500 Bq/g, level 10: log2(1250) half-lives
    assert bags["A1"]["free_after_95_d"] > bags["A1"]["free_after_d"]
    assert bags["A2"]["longest_half_life_d"] == pytest.approx(160.4)
    assert not bags["A2"]["us_decay_in_storage"]
    assert bags["A4"]["left_too_early"]
    assert any("A4 left" in text for text in facts["remarks"])
    assert any("holds Lu-177m" in text for text in facts["remarks"])
    assert any("unverified" in text for text in facts["remarks"])


def test_the_day_it_leaves_it_is_clear(tmp_path):
    path = write(tmp_path, LEDGER)
    leaves = date.fromisoformat(protect_waste(path, on=ON)["bags"]["A1"]["leaves_on"])
    then = protect_waste(path, on=leaves)
    assert "A1" in then["may_leave_now"]
    assert then["bags"]["A1"]["fraction_now"] <= 1


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (LEDGER.replace("A1,I-131,50,", "A1,I-131,5e7,"), InputError, "Is the unit MBq"),
        (LEDGER.replace("2026-01-05,20", "05.01.2026,20"), DataError, "2026-01-31"),
        (LEDGER.replace("Lu-177m,0.3", "Lu-177m,"), DataError, "ratio_percent"),
        (LEDGER.replace("A3,Tc-99m", "A3,Xe-133"), ScopeError, "own table"),
        (LEDGER.replace("A3,Tc-99m,200,5", "A1,Tc-99m,200,5"), DataError, "several days or masses"),
        (LEDGER.replace("2026-01-05,20", "2026-03-05,20"), InputError, "closed on"),
    ],
)
def test_a_wrong_ledger_is_refused(tmp_path, text, error, said):
    with pytest.raises(error, match=said):
        protect_waste(write(tmp_path, text), on=ON)


def test_tanks_take_turns(tmp_path):
    text = """[[tank]]
name = "ward"
nuclide = "I-131"
patients_per_week = 4
activity = "3 GBq"
litres_per_day = 400
volume_m3 = 10
limit_Bq_per_m3 = 5000
longest = "120 d"
"""
    facts = protect_waste(write(tmp_path, text, "tanks.toml"), on=ON)
    tank = facts["tanks"]["ward"]
    assert tank["filling_d"] == pytest.approx(25)
    assert tank["activity_discharged_MBq"] == pytest.approx(0.05)
    assert tank["tanks_needed"] == 7
    assert any("can hold 120 d" in text for text in facts["remarks"])
    with pytest.raises(InputError, match="needs name"):
        protect_waste(write(tmp_path, "[[tank]]\nname = 'x'\n", "tanks.toml"))


def test_exemption_and_daughters_are_told(tmp_path):
    text = LEDGER + "A5,Mo-99,1000,3,2026-01-05,,,,\nA6,Ra-223,1,1,2026-01-05,,,,\n"
    with pytest.raises(ScopeError, match="no clearance level"):  # an alpha emitter without a level is refused, not guessed
        protect_waste(write(tmp_path, text), on=ON)
    facts = protect_waste(write(tmp_path, text.rsplit("A6", 1)[0]), on=ON)
    bags = facts["bags"]
    assert bags["A4"]["exemption"]["exempt_now"]
    assert not bags["A1"]["exemption"]["exempt_now"]
    assert bags["A1"]["exemption"]["activity_fraction"] == pytest.approx(bags["A1"]["activity_now_MBq"])  # of 1 MBq
    assert bags["A5"]["daughters"] == {"Mo-99": ["Tc-99m"]}
    assert bags["A5"]["daughters_that_stay"] == ["Tc-99"]
    assert bags["A5"]["us_decay_in_storage"]
    assert any("leaves Xe-131m" in text for text in facts["remarks"])
    assert any("Tc-99m holds Mo-99" in text for text in facts["remarks"])


def test_the_limit_of_a_tank_may_come_from_the_table(tmp_path):
    text = """[[tank]]
name = "ward"
nuclide = "I-131"
patients_per_week = 4
activity = "3 GBq"
litres_per_day = 400
volume_m3 = 10
limit_from = "strlschv"
"""
    tank = protect_waste(write(tmp_path, text, "tanks.toml"), on=ON)["tanks"]["ward"]
    assert tank["limit_Bq_per_m3"] == 5000
    assert "Annex 11" in tank["limit_source"]["source"]
    with pytest.raises(InputError, match="one of the two"):
        protect_waste(write(tmp_path, text.replace('limit_from = "strlschv"', ""), "tanks.toml"), on=ON)
