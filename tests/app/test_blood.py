import json
import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.app.blood import Person, blood
from hevesy.errors import DataError, InputError

A0 = 3700 * u.MBq
HOURS = np.array([0.0, 2, 6, 24, 48, 96, 144])
LN2 = math.log(2)


def whole_body(t):
    """Share of the administered activity: 31 h as in the case of the EANM formula."""
    return np.exp(-t / 31)


def sample(t):
    """Bq/ml: 3.2 h in 5.3 l."""
    return A0 / 5300 * 0.2 * np.exp(-t / 16)


def table(path, columns=None, **changes):
    columns = (
        {"time_h": HOURS, "whole_body_counts": 40000 * whole_body(HOURS) + 400, "background_counts": np.full(HOURS.size, 400.0),
         "blood_Bq_per_ml": sample(HOURS)}
        if columns is None else columns
    )  # fmt: skip
    columns = {name: values for name, values in (columns | changes).items() if values is not None}
    rows = zip(*columns.values(), strict=True)
    path.write_text(",".join(columns) + "\n" + "\n".join(",".join(f"{x:.10g}" for x in row) for row in rows), "utf-8")
    return path


def run(path, nuclide="I-131", A=A0, **person):
    return blood(path, nuclide=nuclide, administered_activity=A, person=Person(**person))


def test_the_case_of_the_eanm_formula(tmp_path):
    facts = run(table(tmp_path / "b.csv"), weight=70.0, volume=5300.0, haematocrit=0.47)
    assert facts["whole_body"]["tiac_h"] == pytest.approx(31, rel=1e-3)
    assert facts["whole_body"]["effective_half_life_h"] == pytest.approx(31 * LN2, rel=1e-3)
    assert facts["blood"]["tiac_h"] == pytest.approx(3.2, rel=1e-3)
    assert facts["blood"]["tiac_per_l_h_per_l"] == pytest.approx(3.2 / 5.3, rel=1e-3)
    dose = facts["blood_dose"]
    assert dose["Gy_per_GBq"] == pytest.approx(0.0995, abs=2e-4)
    assert dose["dose_Gy"] == pytest.approx(3.7 * dose["Gy_per_GBq"])
    assert dose["activity_for_2_Gy_GBq"] == pytest.approx(2 / dose["Gy_per_GBq"])
    assert 0 < dose["u_Gy_per_GBq"] < 0.01 * dose["Gy_per_GBq"]
    marrow = facts["marrow"]["from_blood"]
    assert marrow["marrow_to_blood_ratio"] == pytest.approx(0.36, abs=0.005)
    self_dose = 0.19 / 0.53 * 3.2 * 3600 / 5300 * 1e9 * facts["marrow"]["energy_keV_per_decay"] * 1e-3 * 1.602176634e-13 / 1.03e-3
    assert marrow["Gy_per_GBq"] == pytest.approx(self_dose, rel=1e-3)
    json.dumps(facts, allow_nan=False)


def test_every_way_to_write_the_same(tmp_path):
    first = run(table(tmp_path / "a.csv"), weight=70.0)["blood_dose"]["Gy_per_GBq"]
    percent = table(
        tmp_path / "b.csv",
        {"time_h": HOURS, "whole_body_percent": 100 * whole_body(HOURS), "blood_percent_per_l": 100 * 1000 * sample(HOURS) / A0},
    )
    assert run(percent, weight=70.0)["blood_dose"]["Gy_per_GBq"] == pytest.approx(first, rel=1e-3)
    kilo = table(tmp_path / "c.csv", blood_Bq_per_ml=None, blood_kBq_per_ml=sample(HOURS) / 1000)
    assert run(kilo, weight=70.0)["blood_dose"]["Gy_per_GBq"] == pytest.approx(first, rel=1e-3)
    both = table(
        tmp_path / "d.csv", back_counts=10000 * whole_body(HOURS) + 100, back_background_counts=np.full(HOURS.size, 100.0)
    )
    assert run(both, weight=70.0)["whole_body"]["tiac_h"] == pytest.approx(31, rel=1e-3)


def test_empty_cells(tmp_path):
    path = tmp_path / "b.csv"
    rows = [f"{t},{40000 * whole_body(t):.0f}," for t in HOURS] + [f"{t + 0.1},,{sample(t + 0.1):.3f}" for t in HOURS]
    path.write_text("time_h,whole_body_counts,blood_Bq_per_ml\n" + "\n".join(rows), "utf-8")
    facts = run(path, weight=70.0)
    assert len(facts["whole_body"]["points"]) == len(facts["blood"]["points"]) == HOURS.size
    assert any("no background_counts" in text for text in facts["remarks"])


def test_volume_from_the_height(tmp_path):
    facts = run(table(tmp_path / "b.csv"), weight=70.0, height=1760.0, sex="male")
    assert facts["blood_volume_l"] == pytest.approx(4.857, abs=2e-3)


def test_other_nuclides_have_marrow_but_no_blood_dose(tmp_path):
    facts = run(table(tmp_path / "b.csv"), nuclide="Lu-177", ratio=1.0, weight=70.0)
    assert facts["blood_dose"] is None
    assert facts["marrow"]["from_blood"]["Gy_per_GBq"] > 0
    assert any("I-131 alone" in text for text in facts["remarks"])


def test_marrow_from_an_image(tmp_path):
    path = table(tmp_path / "b.csv", {"time_h": HOURS, "marrow_MBq": 2 * np.exp(-HOURS / 60)})
    facts = run(path, nuclide="Lu-177", marrow_mass=50 * u.g)
    expected = 2e6 * 60 * 3600 * 147.9e-3 * 1.602176634e-13 / 0.05
    assert facts["marrow"]["from_image"]["dose_Gy"] == pytest.approx(expected, rel=2e-3)
    assert facts["whole_body"] is None
    with pytest.raises(InputError, match="--marrow-mass"):
        run(path, nuclide="Lu-177")


def test_positioning(tmp_path):
    path = table(tmp_path / "b.csv")
    alone = run(path)
    assert any("--u-position" in text for text in alone["remarks"])
    more = blood(path, nuclide="I-131", administered_activity=A0, u_position=0.05)
    assert more["whole_body"]["u_tiac_h"] > 5 * alone["whole_body"]["u_tiac_h"]
    assert not any("--u-position" in text for text in more["remarks"])
    with pytest.raises(InputError, match="from 0 to 50 %"):
        blood(path, nuclide="I-131", administered_activity=A0, u_position=5.0)


def test_what_is_missing_is_said(tmp_path):
    facts = run(table(tmp_path / "b.csv", blood_Bq_per_ml=None), weight=70.0)
    assert facts["blood_dose"] is None
    assert any("it needs blood" in text for text in facts["remarks"])
    facts = run(table(tmp_path / "b.csv"))
    assert any("--weight" in text for text in facts["remarks"])
    assert any("haematocrit" in text for text in facts["remarks"])


def test_little_blood_is_remarkable(tmp_path):
    facts = run(table(tmp_path / "b.csv", blood_Bq_per_ml=sample(HOURS) / 1000), weight=70.0)
    assert any("very little" in text for text in facts["remarks"])


def test_one_sample_is_no_number_alone(tmp_path):
    facts = run(table(tmp_path / "b.csv", {"time_h": HOURS[3:4], "blood_Bq_per_ml": sample(HOURS[3:4])}), ratio=1.0)
    assert not facts["blood"]["well_posed"]
    assert facts["blood"]["u_tiac_per_l_h_per_l"] is None
    assert facts["marrow"]["from_blood"]["why_no_u"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"blood_Bq_per_ml": sample(HOURS) * 1000}, "Check the units of both"),
        ({"blood_Bq_per_ml": None, "blood_kBq_per_ml": sample(HOURS)}, "Check the units of both"),
        ({"blood_Bq_per_ml": -sample(HOURS)}, "below zero"),
        ({"blood_MBq_per_ml": sample(HOURS)}, "blood_MBq_per_ml is unknown"),
        ({"blood_kBq_per_ml": sample(HOURS)}, "both give blood"),
        ({"whole_body_percent": 100 * whole_body(HOURS)}, "both give the whole body"),
        ({"whole_body_counts": None, "background_counts": None, "whole_body_percent": whole_body(HOURS)}, "per cent"),
        ({"whole_body_counts": None, "background_counts": None, "whole_body_percent": 1000 * whole_body(HOURS)}, "per cent"),
        ({"whole_body_counts": 40000 * whole_body(HOURS)[::-1] + 400}, "saturate"),
        ({"whole_body_counts": -whole_body(HOURS)}, "0 or more"),
        ({"background_counts": np.full(HOURS.size, 5e4)}, "above zero"),
        ({"time_h": HOURS[::-1]}, "must increase|saturate"),
        ({"counting_time_s": np.zeros(HOURS.size)}, "above 0 s"),
    ],
)
def test_tables_that_are_refused(tmp_path, changes, message):
    with pytest.raises((DataError, InputError), match=message):
        run(table(tmp_path / "b.csv", **changes), weight=70.0)


def test_a_table_of_nothing(tmp_path):
    with pytest.raises(DataError, match="no column of the whole body"):
        run(table(tmp_path / "b.csv", {"time_h": HOURS}))


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ({"volume": 5.3}, "Is it in litres"),
        ({"volume": 5300.0, "height": 1700.0, "sex": "male", "weight": 70.0}, "Leave one out"),
        ({"height": 1700.0, "weight": 70.0}, "needs the sex"),
        ({"height": 1700.0, "sex": "male"}, "needs the weight"),
        ({"haematocrit": 0.4, "ratio": 0.3}, "Leave one out"),
        ({"haematocrit": 40.0}, "percentage"),
        ({"weight": 70000.0}, "Is it in kg"),
    ],
)
def test_persons_that_are_refused(tmp_path, person, message):
    with pytest.raises(InputError, match=message):
        run(table(tmp_path / "b.csv"), **person)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"A": 3.7}, "Is it in MBq"),
        ({"A": 3.7 * u.MBq}, "Check the units of both"),
        ({"nuclide": "I-999"}, "I-999"),
        ({"nuclide": "Tc-99m"}, "saturate|after correction"),
    ],
)
def test_options_that_are_refused(tmp_path, options, message):
    with pytest.raises((InputError, DataError), match=message):
        run(table(tmp_path / "b.csv"), weight=70.0, **options)
