"""From a population and allowed hours to plans, a picture and what they cost."""

import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.app.schedule import allowed_hours, number_of_scans, plan_scans
from hevesy.errors import InputError
from hevesy.kinetics.population import RegionPopulation

LAM = 1.2069409977488195e-06
HOURS = "3-6, 20-28, 44-52, 68-76, 92-100, 164-172"


def region(name, half_life):
    return RegionPopulation(
        region=name,
        model="mono",
        decay_constant=LAM,
        mean=np.log([0.02, math.log(2) / (half_life * un.h) - LAM]),
        covariance=np.diag([0.25, 0.09]),
        mean_covariance=np.diag([0.01, 0.005]),
        proportional=0.06,
        additive=1e-4,
        patients=30,
        points=120,
    )


MODEL = {"Kidney_Left": region("Kidney_Left", 50), "Liver": region("Liver", 70)}


def test_plans_of_one_to_four_scans(tmp_path):
    picture = tmp_path / "plan.png"
    facts = plan_scans(MODEL, regions=["Kidney_Left"], scans="1..4", hours=HOURS, administered=7400, picture=picture)
    assert [plan["scans"] for plan in facts["plans"]] == [1, 2, 3, 4]
    u = [facts["prior_u_percent"], *(plan["u_percent"] for plan in facts["plans"])]
    assert u == sorted(u, reverse=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
    tia = facts["expected_tia"]["Kidney_Left"]
    assert tia["median_MBq_h"] == pytest.approx(7400 * 0.02 * 50 / math.log(2), rel=0.03)
    assert tia["low_MBq_h"] < tia["median_MBq_h"] < tia["high_MBq_h"]
    assert min(facts["single_scan"]["u_percent"]) <= facts["plans"][0]["u_percent"] * 1.001


def test_all_regions_if_none_is_named():
    facts = plan_scans(MODEL, regions=[], scans="1", hours=HOURS)
    assert facts["regions"] == ["Kidney_Left", "Liver"]
    assert set(facts["plans"][0]["u_regions_percent"]) == {"Kidney_Left", "Liver"}
    assert "median_h" in facts["expected_tia"]["Liver"]


def test_weights():
    facts = plan_scans(MODEL, regions=[], scans="1", hours=HOURS, weights=["Kidney_Left=1,Liver=0"])
    alone = plan_scans(MODEL, regions=["Kidney_Left"], scans="1", hours=HOURS)
    assert facts["plans"][0]["times_h"] == alone["plans"][0]["times_h"]
    assert facts["weights"] == {"Kidney_Left": 1.0, "Liver": 0.0}


def test_hours_as_people_write_them():
    spans = [[0.0, 6.0], [20.0, 28.5], [92.0, 92.0]]
    for text in ("0-6, 20-28.5, 92", "20 – 28.5 h; 0..6; 92", "92,0 to 6,20-28.5"):
        assert (np.array(allowed_hours(text)) / un.h).tolist() == spans
    assert [number_of_scans(text) for text in ("3", "1..3", " 2 .. 4 ")] == [3, 3, 4]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"regions": ["Spleen"]}, "region Spleen is not in the model; it has Kidney_Left, Liver"),
        ({"scans": "many"}, "write the largest number"),
        ({"scans": "3..2"}, "write the largest number"),
        ({"scans": "0"}, "allowed are 1 to 6"),
        ({"scans": "5", "hours": "3-6, 20-28"}, "have room for 2 scans"),
        ({"hours": ""}, "--hours is empty"),
        ({"hours": "-3-6"}, "before the administration"),
        ({"hours": "morning"}, "'morning' is no span of hours"),
        ({"hours": "28-20"}, "end before they start"),
        ({"administered": 0.0}, "must be above zero"),
        ({"apart": 0.0}, "above zero"),
        ({"weights": ["Kidney_Left=1"]}, "no weight for Liver"),
        ({"weights": ["Spleen=1"]}, "no region 'Spleen' here"),
        ({"weights": ["Liver"]}, "write REGION=NUMBER"),
        ({"picture": "plan.gif"}, "PNG or an SVG"),
    ],
)
def test_what_cannot_be_planned_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        plan_scans(MODEL, **{"regions": [], "scans": "1", "hours": HOURS, **given})
