"""Workloads of the staff, and rooms."""

import pytest

from hevesy.app.protect_shielding import ShieldingAsked, protect_shielding
from hevesy.app.protect_staff import protect_staff
from hevesy.errors import DataError, InputError

WORK = """person,category,nuclide,task,handled_GBq_per_year,patients_per_year,patient_MBq,minutes,distance_m
radiographer,worker,F-18,administration,300,1000,300,5,1
radiographer,worker,F-18,preparation,300,,,,
trainee,apprentice,Tc-99m,administration,100,300,600,5,1
B,pregnant,Tc-99m,,,500,600,5,1
"""
ROOM = ShieldingAsked(room="uptake", patients_per_week=40, activity="555 MBq", stay="60 min", distance="4 m")


def test_a_year_of_work(tmp_path):
    path = tmp_path / "work.csv"
    path.write_text(WORK)
    facts = protect_staff(path)
    first = facts["persons"]["radiographer"]
    assert first["hand_mSv"] == pytest.approx(300 * (0.93 + 1.2))
    assert first["body_mSv"] == pytest.approx(1000 * 300 * 0.092 / 12 * 1e-3)
    verdicts = {limit["quantity"]: limit["verdict"] for limit in first["limits"]}
    assert verdicts == {"effective": "below", "eye": "below", "skin": "above", "extremities": "above"}
    assert {limit["quantity"] for limit in facts["persons"]["B"]["limits"]} >= {"unborn", "effective"}
    assert first["ring_reading_mSv"]["most"] < first["ring_reading_mSv"]["least"] < first["hand_mSv"]
    path.write_text(WORK.replace("500,600,5,1", "500,,5,1"))
    with pytest.raises(DataError, match="patient_MBq"):
        protect_staff(path)


def test_a_room():
    facts = protect_shielding(ROOM)
    assert facts["transmission"] == pytest.approx(0.189, rel=6e-3)
    assert facts["thickness_mm"]["lead"] == pytest.approx(12, abs=0.5)
    assert any("unverified" in text for text in facts["remarks"])


@pytest.mark.parametrize(
    ("change", "said"),
    [({"room": "kitchen"}, "uptake or imaging"), ({"nuclide": "Tc-99m"}, "511 keV"), ({"distance": "4"}, "with its unit")],
)
def test_what_is_no_room_is_refused(change, said):
    from dataclasses import replace

    with pytest.raises(InputError, match=said):
        protect_shielding(replace(ROOM, **change))


def test_five_years_constraint_and_category(tmp_path):
    path = tmp_path / "work.csv"
    path.write_text(
        "person,category,nuclide,patients_per_year,patient_MBq,minutes,distance_m,constraint_mSv,earlier_4_years_mSv\n"
        "T,worker,F-18,3000,300,10,1,2,90\n"
    )
    person = protect_staff(path)["persons"]["T"]
    assert person["body_mSv"] == pytest.approx(3000 * 300 * 0.092 / 6 * 1e-3)  # 13.8
    five = next(limit for limit in person["limits"] if limit["years"] == 5)
    assert five["verdict"] == "above"
    assert person["class"] == "A"
    assert person["class_A_by"] == ["effective"]
    assert person["constraint"]["verdict"] == "above"
    path.write_text(path.read_text() + "T,apprentice,F-18,1,300,10,1,,\n")
    with pytest.raises(DataError, match="one category"):
        protect_staff(path)
