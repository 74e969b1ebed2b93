import json
import math

import numpy as np
import pytest

from hevesy.app.thyroid import thyroid
from hevesy.errors import DataError, InputError

LAMBDA = math.log(2) / (8.02070 * 24)
HOURS = (2, 6, 24, 48, 96, 168)


def uptake(t):
    return 0.5 * (math.exp(-math.log(2) * t / (60 * 24)) - math.exp(-math.log(2) * t / 5))


def table(path, *, each=False, seconds=300):
    lines = ["time_h,neck_counts,thigh_counts,standard_counts,room_counts,counting_time_s,standard_time_s"]
    if not each:
        lines.append(f"0,,,100300,300,{seconds},100")
    for t in HOURS:
        neck = round(uptake(t) * 300000 * math.exp(-LAMBDA * t) + 800)
        standard = f"{round(100000 * math.exp(-LAMBDA * t) + 300)},300" if each else ","
        lines.append(f"{t},{neck},800,{standard},{seconds},100")
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("each", [False, True])
def test_uptake_is_recovered(tmp_path, each):
    facts = thyroid(table(tmp_path / "t.csv", each=each), nuclide="131I")
    assert facts["nuclide"] == "I-131"
    assert facts["model"] == "uptake"
    assert facts["well_posed"]
    assert [row["uptake_percent"] for row in facts["points"]] == pytest.approx([100 * uptake(t) for t in HOURS], rel=1e-3)
    assert [row["fitted_percent"] for row in facts["points"]] == pytest.approx([100 * uptake(t) for t in HOURS], rel=2e-3)
    top = max(uptake(t) for t in np.linspace(0, 168, 5000))
    assert facts["maximum_uptake_percent"] == pytest.approx(100 * top, rel=1e-3)
    assert facts["effective_half_life_h"] == pytest.approx(1 / (1 / (8.0252 * 24) + 1 / (60 * 24)), rel=5e-3)
    assert facts["u_tiac_h"] > 0
    assert (facts["u_standard_percent_of_value"] == 0) is each
    json.dumps(facts, allow_nan=False)


def test_a_standard_of_a_tenth(tmp_path):
    facts = thyroid(table(tmp_path / "t.csv"), nuclide="I-131", standard_percent=10)
    assert facts["points"][2]["uptake_percent"] == pytest.approx(10 * uptake(24), rel=1e-3)


def test_positioning(tmp_path):
    path = table(tmp_path / "t.csv")
    alone, more = thyroid(path, nuclide="I-131"), thyroid(path, nuclide="I-131", u_position=0.03)
    assert more["points"][2]["u_uptake_percent"] == pytest.approx(0.03 * 100 * uptake(24), rel=0.02)
    assert more["u_tiac_h"] > 3 * alone["u_tiac_h"]
    assert any("--u-position" in text for text in alone["warnings"])


HEAD = "time_h,neck_counts,thigh_counts,standard_counts"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEAD, "24,500,100,"], "no standard at or above"),
        ([HEAD, "0,,,1000"], "no line has counts of the neck"),
        ([HEAD, "24,500,,1000"], "column thigh_counts: it is empty"),
        ([HEAD, "24,-500,100,1000"], "0 or more"),
        ([HEAD, "24,500,100,1000", "6,500,100,1000"], "must increase"),
        ([HEAD, "24,500000,100,1000"], "at most 120 %"),
        ([HEAD, "24,100,5000,10000"], "exchanged"),
        ([HEAD.replace("_h", "_min"), "24,500,100,1000"], "time_min is unknown"),
        ([HEAD + ",standard_time_s", "24,500,100,1000,60"], "needs counting_time_s"),
    ],
)
def test_what_is_refused(tmp_path, lines, message):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises((DataError, InputError), match=message):
        thyroid(path, nuclide="I-131")


def test_one_point_is_no_number_alone(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"{HEAD}\n24,500,100,1000\n", "utf-8")
    facts = thyroid(path, nuclide="I-131")
    assert not facts["well_posed"]
    assert facts["u_tiac_h"] is None
    assert "clearance" in facts["why_no_u"]


def test_options_that_are_refused(tmp_path):
    path = table(tmp_path / "t.csv")
    with pytest.raises(InputError, match="from 0.001 to 1000"):
        thyroid(path, nuclide="I-131", standard_percent=0)
    with pytest.raises(InputError, match="I-999"):
        thyroid(path, nuclide="I-999")
    with pytest.raises(InputError, match="half-lives"):
        thyroid(path, nuclide="N-13")
