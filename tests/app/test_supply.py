"""Use cases of supply: what they answer, and what they ask back."""

import json
from datetime import date

import pytest

from hevesy.app.supply_day import day_from_file, read_day
from hevesy.app.supply_generator import generator_facts
from hevesy.app.supply_network import network_facts
from hevesy.app.supply_order import order_from_list
from hevesy.app.supply_produce import produce_facts
from hevesy.errors import DataError, InputError

PLAN = """
nuclide = "F-18"
[patients]
uptake = "60 min"
shortest = "55 min"
longest = "75 min"
scan = "20 min"
lowest = "80 %"
[[vial]]
name = "A"
calibration = "08:00"
[[scanner]]
name = "PET"
opens = "08:00"
closes = "17:00"
[[patient]]
name = "P1"
activity = "300 MBq"
[[patient]]
name = "P2"
activity = "400 MBq"
[[patient]]
name = "P3"
activity = "250 MBq"
"""


def test_generator(tmp_path):
    picture = tmp_path / "g.png"
    facts = generator_facts(
        "Mo-99",
        "20 ± 1 GBq",
        24,
        efficiency="90 ± 3 %",
        breakthrough=["Mo-99=0.05 uCi/mCi"],
        on=date(2026, 11, 21),
        picture=picture,
    )
    assert facts["daughter_MBq"] == pytest.approx(0.9 * 20e3 * 0.689, rel=0.002)
    # 5 % of the activity and 3 points of 90 % together
    assert facts["u_daughter_MBq"] / facts["daughter_MBq"] == pytest.approx((0.05**2 + (3 / 90) ** 2) ** 0.5, rel=1e-6)
    assert facts["carrier_fraction"] + facts["daughter_fraction"] == pytest.approx(1)
    assert facts["mass_ug"] == pytest.approx(facts["mass_core_smpc_ug"], rel=0.008)
    us, eu = facts["limits"]
    assert us["reached_after_h"] == pytest.approx(10.5, abs=0.05)
    assert eu["unverified"]
    assert facts["unverified"] == [eu["source"]]
    assert picture.read_bytes().startswith(b"\x89PNG")
    json.dumps(facts, allow_nan=False)


def test_generator_for_a_day(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("time,activity\n08:00,3 GBq\n11:00,3 GBq\n")
    day = generator_facts("Mo-99", "20 GBq", 24, needs=path)["day"]
    assert day["complete"]
    assert len(day["elutions"]) == 1


def test_strontium_has_limits_of_two_nuclides():
    facts = generator_facts("Sr-82", "3.7 GBq", 24, breakthrough=["Sr-82=0.001 kBq/MBq", "Sr-85=0.3 kBq/MBq"])
    known = {(limit["contaminant"], limit["rule"]): limit for limit in facts["limits"]}
    assert known["Sr-85", "limit"]["exceeded"]
    assert not known["Sr-82", "limit"]["exceeded"]
    assert known["Sr-82", "limit"]["reached_after_h"] < 0.1  # Rb-82 decays with 76 s
    assert facts["carrier_fraction"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parent": "Tc-99m"}, "generators known are"),
        ({"activity": "20 TBq"}, "units"),
        ({"activity": "20 Bq"}, "another unit"),
        ({"hours": -1}, "above 0"),
        ({"earlier": "30 h"}, "before --hours"),
        ({"breakthrough": ["I-131=1 kBq/MBq"]}, "no limit"),
        ({"breakthrough": ["Mo-99=1"]}, "for example Mo-99=0.05 kBq/MBq"),
    ],
)
def test_generator_asks_back(change, said):
    given = {"parent": "Mo-99", "activity": "20 GBq", "hours": 24} | change
    with pytest.raises(InputError, match=said):
        generator_facts(given.pop("parent"), given.pop("activity"), given.pop("hours"), **given)


def test_order(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("patient,activity,injection,uptake,scan\nP1,370 MBq,10:00,,\nP2,300 MBq,,60 min,12:00\n")
    facts = order_from_list(path, nuclide="F18", calibration=["08:00"], late_by="2 h")
    assert facts["patients"][0]["at_calibration_MBq"] == pytest.approx(789, abs=1)
    assert facts["patients"][1]["injection"] == "11:00"
    assert facts["late"]["patients"][0]["same_volume_MBq"] == pytest.approx(370 / 2.1334, rel=1e-3)
    path.write_text("patient,activity,injection\nP1,370 GBq,10:00\n")
    with pytest.raises(InputError, match="another unit"):
        order_from_list(path, nuclide="F-18", calibration=["08:00"])
    path.write_text("patient,dose,injection\nP1,370 MBq,10:00\n")
    with pytest.raises(DataError, match="needed are patient, activity"):
        order_from_list(path, nuclide="F-18", calibration=["08:00"])


def test_network_and_a_table_of_ones_own(tmp_path):
    facts = network_facts(["hfr"], 14, output=tmp_path / "n.png")
    assert facts["outage"] == ["HFR"]
    assert 0 < facts["lowest_share"] < facts["surviving_share"] < 1
    assert any("assumed" in line for line in facts["unverified"])
    assert (tmp_path / "n.png").stat().st_size > 10_000
    json.dumps(facts, allow_nan=False)
    own = tmp_path / "own.csv"
    own.write_text(
        "kind,name,to,six_day_Ci_per_week,weeks_per_year,extra_hours,basis,source,page,edition,valid_from,valid_until,how\n"
        "reactor,PALLAS,,6200,43,,own,our guess,,,,,local\nlink,PALLAS,Curium,,,0,own,our guess,,,,,local\n"
    )
    more = network_facts(["HFR"], 14, table=own)
    assert more["lowest_share"] > facts["lowest_share"]
    with pytest.raises(InputError, match="Did you mean OPAL"):
        network_facts(["OPALL"])


def test_produce():
    facts = produce_facts("F-18", "400 GBq", "109.77 min", chemical_yield="50 %")
    assert facts["delivered_MBq"] == pytest.approx(100e3)


def test_day_and_a_late_patient(tmp_path):
    pytest.importorskip("ortools")
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    facts = day_from_file(path, output=tmp_path / "out")
    assert facts["faults"] == []
    assert facts["visits"][0]["patient"] == "P2"
    assert facts["bound_MBq"] <= facts["ordered_MBq"]
    assert json.loads((tmp_path / "out" / "plan.json").read_text()) == facts
    late = day_from_file(path, late=["P2=25 min"], now="08:02", output=tmp_path / "out")
    assert late["faults"] == []
    assert late["ordered"] == facts["ordered"]
    assert {v["patient"]: v for v in late["visits"]}["P2"]["injection"] >= "08:25"
    assert (tmp_path / "out" / "plan.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('uptake = "60 min"', 'uptak = "60 min"', "Did you mean uptake"),
        ('nuclide = "F-18"', "", "nuclide is missing"),
        ('"300 MBq"', '"300 GBq"', "another unit"),
        ('calibration = "08:00"', 'calibration = "8 h"', "09:30"),
    ],
)
def test_a_plan_that_is_wrong_is_named(tmp_path, old, new, said):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.replace(old, new, 1))
    with pytest.raises((InputError, DataError), match=said):
        read_day(path)


def test_late_needs_now_and_a_known_name(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    with pytest.raises(InputError, match="belong together"):
        day_from_file(path, late=["P2=25 min"])
