"""From a result and limits to an activity, files and refusals."""

import json
import math
import time

import numpy as np
import pytest

from hevesy.app.plan import PlanAsked, plan_result
from hevesy.errors import DataError, InputError, ScopeError

RATE = math.log(2) / 50


def region(d, standard="", kind="organ", u=5.0, u_random=2.0, mass=160.0, well_posed=True, A0=7400.0):
    dose = d * A0 / 1000
    total = math.hypot(u, u_random) / 100
    return {
        "standard_name": standard, "kind": kind,
        "volume_ml": mass / 1.05, "u_volume_ml": 5.0, "mass_g": mass, "u_mass_g": 8.0,
        "mean_dose_Gy": dose, "u_mean_dose_Gy": total * dose,
        "dose_per_activity_Gy_per_GBq": d, "u_dose_per_activity_Gy_per_GBq": total * d,
        "tia_MBq_h": 15000.0, "u_tia_MBq_h": 700.0, "effective_half_life_h": 50.0, "u_effective_half_life_h": 1.0,
        "u_random_percent": u_random, "u_systematic_percent": u, "budget": {},
        "fit": {"amplitudes_MBq": [200.0], "rates_per_h": [RATE], "well_posed": well_posed},
        "dvh": {"dose_Gy": [0.0, dose], "volume_percent": [100.0, 50.0]},
        "warnings": [],
    }  # fmt: skip


def write(folder, name="result.json", when="2026-01-05T09:00:00", patient="P1", regions=None, **more):
    regions = regions or {
        "Kidney_Left": region(0.8, "Left kidney"),
        "Kidney_Right": region(0.7, "Right kidney"),
        "Liver": region(0.2, "Liver", mass=1800.0),
        "Lesion 1": region(3.0, "Lesion", "lesion", u=8.0, mass=40.0),
    }
    data = {
        "schema": "hevesy-dose-result/1", "title": "Lu-177 dosimetry", "synthetic": False, "patient": {"id": patient},
        "nuclide": {"name": "Lu-177", "half_life_h": 159.528},
        "administration": {"activity_MBq": 7400.0, "time": when, "radiopharmaceutical": "Lu-177 DOTATATE"},
        "engine": {"name": "local"}, "regions": regions,
        "correlation": {"regions": list(regions), "mean_dose": (0.4 + 0.6 * np.eye(len(regions))).tolist()},
        "warnings": [], "provenance": {},
    } | more  # fmt: skip
    path = folder / name
    path.write_text(json.dumps(data))
    return path


def limits(folder, text='[limits.Kidney]\nlimit = "23 Gy"\nsource = "local"\n'):
    path = folder / "limits.toml"
    path.write_text(text)
    return path


def test_limits_decide_and_files_are_written(tmp_path):
    result = write(tmp_path)
    started = time.perf_counter()
    asked = PlanAsked(limits=limits(tmp_path), cycles=4, goals=("Lesion 1=100 Gy",))
    facts = plan_result(result, asked, out=tmp_path / "out")
    assert time.perf_counter() - started < 5
    assert facts["limiting"] == "Kidney_Left"
    assert facts["total_activity_MBq"] == pytest.approx(4 * facts["activity_MBq"])
    kidney = facts["regions"]["Kidney_Left"]
    assert kidney["probability_to_exceed"] == pytest.approx(0.05, abs=1e-3)
    assert kidney["limit_Gy"] == 23.0
    assert kidney["dose_per_activity_Gy_per_GBq"] == pytest.approx(0.8)
    assert kidney["dose_95_Gy"][0] < kidney["dose_Gy"] < 23.0 < kidney["dose_95_Gy"][1]
    assert facts["regions"]["Kidney_Right"]["probability_to_exceed"] < 0.05
    assert facts["goals"][0]["probability_reached_with_plan"] < 0.9
    assert facts["goals"][0]["probability_to_exceed"]["Kidney_Left, dose"] > 0.05
    assert json.loads((tmp_path / "out/plan.json").read_text()) == json.loads(json.dumps(facts))
    assert (tmp_path / "out/plan.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["plan.json", "plan.png"]
    assert "not counted under the limits" in " ".join(facts["warnings"])
    said = " ".join(facts["assumptions"])
    assert "from no publication" in said
    assert "holds for each region" in said


def test_the_chance_of_the_command_goes_before_that_of_the_file(tmp_path):
    result, file = write(tmp_path), limits(tmp_path)
    bold = plan_result(result, PlanAsked(limits=file, exceed="20 %"))
    assert bold["regions"]["Kidney_Left"]["probability_to_exceed"] == pytest.approx(0.2, abs=1e-3)
    assert bold["activity_MBq"] > plan_result(result, PlanAsked(limits=file))["activity_MBq"]


def test_bed_of_both_kidneys_together(tmp_path):
    text = '[limits.Kidneys]\nlimit = "28 Gy"\nquantity = "BED"\ntissue = "kidney"\n'
    facts = plan_result(write(tmp_path), PlanAsked(limits=limits(tmp_path, text), cycles=4))
    both = facts["regions"]["Kidneys"]
    assert both["covers"] == ["Kidney_Left", "Kidney_Right"]
    assert both["bed_Gy"] > both["dose_Gy"]
    assert both["bed_95_Gy"][1] == pytest.approx(28, rel=0.1)
    assert any("joint mass" in text for text in facts["assumptions"])
    assert any("unverified" in text for text in facts["assumptions"])


def test_earlier_cycles_count_and_their_own_forecast_is_known(tmp_path):
    result, file = write(tmp_path), limits(tmp_path)
    other = write(tmp_path, "two.json", when="2026-03-05T09:00:00")
    alone = plan_result(result, PlanAsked(limits=file))
    after = plan_result(result, PlanAsked(limits=file, earlier=(result,)))
    both = plan_result(other, PlanAsked(limits=file, earlier=(result, other)))
    assert alone["activity_MBq"] > after["activity_MBq"] > both["activity_MBq"] > 0
    assert after["regions"]["Kidney_Left"]["delivered_Gy"] == pytest.approx(5.92, rel=0.01)
    assert not any("not counted" in text for text in after["assumptions"])
    assert both["cycles_delivered"] == 2


def test_no_activity_is_left(tmp_path):
    result, file = write(tmp_path), limits(tmp_path, '[limits.Kidney]\nlimit = "5.8 Gy"\n')
    facts = plan_result(result, PlanAsked(limits=file, earlier=(result,)), out=tmp_path / "out")
    assert facts["activity_MBq"] == 0
    assert any("no activity is left" in text for text in facts["warnings"])


def test_adapted_and_maximum(tmp_path):
    result, file = write(tmp_path), limits(tmp_path)
    facts = plan_result(result, PlanAsked(limits=file, cycles=3, adapted=True), out=tmp_path / "out")
    assert facts["course"] == "adapted"
    first, *later = facts["activities_MBq"]
    assert first["interval_95"][0] == first["interval_95"][1]
    assert all(one["interval_95"][0] < one["median"] < one["interval_95"][1] for one in later)
    capped = plan_result(result, PlanAsked(limits=file, most="2 GBq"))
    assert (capped["activity_MBq"], capped["limiting"]) == (2000.0, "maximum activity")


def test_a_goal_alone(tmp_path):
    facts = plan_result(write(tmp_path), PlanAsked(goals=("Lesion 1=60 Gy",), reach="50 %"))
    assert facts["activity_MBq"] == pytest.approx(20000, rel=0.01)
    assert facts["limiting"] is None
    assert any("2.7 times the activity" in text for text in facts["warnings"])
    assert facts["goals"][0]["probability_reached_with_plan"] == pytest.approx(0.5, abs=0.01)


def test_own_change_between_cycles(tmp_path):
    result, file = write(tmp_path), limits(tmp_path)
    steady = plan_result(result, PlanAsked(limits=file, change=("0 %",)))
    wild = plan_result(result, PlanAsked(limits=file, change=("0 %", "Kidney_Left=40 %")))
    assert steady["activity_MBq"] > wild["activity_MBq"]
    assert wild["regions"]["Kidney_Left"]["change_between_cycles_percent"] == pytest.approx(40)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "nothing to plan by"),
        ({"goals": ("Lesion 1",)}, "REGION=VALUE"),
        ({"goals": ("Lesion 1=100",)}, "unit"),
        ({"goals": ("Lesion 9=100 Gy",)}, "no such region"),
        ({"goals": ("Lesion 1=100 Gy",), "adapted": True}, "--limits"),
        ({"goals": ("Lesion 1=100 Gy",), "change": ("Heart=3 %",)}, "no such region"),
        ({"goals": ("Lesion 1=100 Gy",), "most": "7.4 Bq"}, "10 kBq"),
        ({"goals": ("Lesion 1=100 Gy",), "interval": "-1 d"}, "above zero"),
    ],
)
def test_what_is_asked_badly_is_refused(tmp_path, asked, said):
    with pytest.raises(InputError, match=said):
        plan_result(write(tmp_path), PlanAsked(**asked))


def test_limits_that_do_not_fit(tmp_path):
    result = write(tmp_path)
    for text, said in (
        ('[limits.Pancreas]\nlimit = "5 Gy"\n', "it holds Kidney_Left"),
        ("[limits.Kidney]\nlimit = 23\n", "unit"),
        ('[limits.Kidney]\nlimit = "23 Gy"\nquantity = "BED"\n', "needs a tissue"),
        ('[limits.Kidney]\nlimit = "23 Gy"\nquantity = "BED"\ntissue = "cheese"\n', "has no parameters"),
    ):
        with pytest.raises(InputError, match=said):
            plan_result(result, PlanAsked(limits=limits(tmp_path, text)))


def test_cycles_that_do_not_fit(tmp_path):
    result, file = write(tmp_path), limits(tmp_path)
    soon = write(tmp_path, "soon.json", when="2026-01-12T09:00:00")
    with pytest.raises(ScopeError, match="still to come"):
        plan_result(result, PlanAsked(limits=file, earlier=(result, soon)))
    with pytest.raises(InputError, match="given twice"):
        plan_result(result, PlanAsked(limits=file, earlier=(result, result)))
    stranger = write(tmp_path, "stranger.json", patient="P2", when="2025-10-05T09:00:00")
    with pytest.raises(InputError, match="one patient") as refused:
        plan_result(result, PlanAsked(limits=file, earlier=(stranger,)))
    assert "P2" not in str(refused.value)
    less = write(tmp_path, "less.json", when="2025-10-05T09:00:00", regions={"Liver": region(0.2, "Liver")})
    with pytest.raises(InputError, match="never taken as zero"):
        plan_result(result, PlanAsked(limits=file, earlier=(less,)))


def test_a_dose_that_is_not_to_be_used(tmp_path):
    file = limits(tmp_path)
    ill = {"Kidney_Left": region(0.8, "Left kidney", well_posed=False), "Liver": region(0.2, "Liver")}
    with pytest.raises(ScopeError, match="ill-posed"):
        plan_result(write(tmp_path, regions=ill), PlanAsked(limits=file))
    facts = plan_result(write(tmp_path, regions=ill), PlanAsked(limits=limits(tmp_path, '[limits.Liver]\nlimit = "20 Gy"\n')))
    assert any("Kidney_Left: not planned for" in text for text in facts["warnings"])
    with pytest.raises(DataError, match="schema"):
        plan_result(write(tmp_path, schema="else"), PlanAsked(limits=file))
    with pytest.raises(InputError, match="cannot be read"):
        plan_result(tmp_path / "none.json", PlanAsked(limits=file))


def test_regions_are_found_in_earlier_cycles_by_their_standard_name(tmp_path):
    result, file = write(tmp_path), limits(tmp_path)
    named = {
        "left kidney": region(0.8, "Left kidney"),
        "right kidney": region(0.7, "Right kidney"),
        "Liver": region(0.2, "Liver"),
    }
    other = write(tmp_path, "other.json", when="2025-10-05T09:00:00", regions=named)
    facts = plan_result(result, PlanAsked(limits=file, earlier=(other,)))
    assert facts["regions"]["Kidney_Left"]["delivered_Gy"] == pytest.approx(5.92, rel=0.01)
    assert any("Lesion 1: not planned for" in text for text in facts["warnings"])


def test_tissues_of_ones_own(tmp_path):
    text = '[limits.Kidney]\nlimit = "28 Gy"\nquantity = "BED"\ntissue = "{}"\n'
    own = (
        '[regions.Kidney]\ntissue = "mine"\n{}[tissues.mine]\nalpha_beta = "1.0 Gy"\nrepair_half_time = "5 h"\nsource = "local"\n'
    )
    file = tmp_path / "tissues.toml"
    file.write_text(own.format(""))
    result = write(tmp_path)
    mine = plan_result(result, PlanAsked(limits=limits(tmp_path, text.format("mine")), tissues=file))
    table = plan_result(result, PlanAsked(limits=limits(tmp_path, text.format("kidney")), tissues=file))
    assert mine["activity_MBq"] < table["activity_MBq"]
    file.write_text(own.format("rbe = 5.0\n"))
    with pytest.raises(ScopeError, match="RBE 1"):
        plan_result(result, PlanAsked(limits=limits(tmp_path), tissues=file))


def test_what_no_limit_counts_is_said(tmp_path):
    """One kidney under a name that nobody knows, an earlier cycle without a patient ID and of another nuclide."""
    odd = {"Kidney_Left": region(0.8, "Left kidney"), "ROI 7": region(0.7, "")}
    result = write(tmp_path, regions=odd)
    earlier = write(
        tmp_path, "old.json", "2025-10-01T09:00:00", patient=None, regions=odd,
        nuclide={"name": "Y-90", "half_life_h": 64.05},
    )  # fmt: skip
    said = plan_result(result, PlanAsked(limits=limits(tmp_path), earlier=(earlier,)))["warnings"]
    assert any("limit of Kidney: only Kidney_Left is in the result; the other side is under no limit" in text for text in said)
    assert any("not checked, because a patient ID is missing" in text for text in said)
    assert any("given with Y-90" in text and "RBE 1" in text for text in said)
    whole = plan_result(write(tmp_path, "two.json"), PlanAsked(limits=limits(tmp_path)))["warnings"]
    assert not any("other side" in text for text in whole)


def test_a_limit_that_was_meant_otherwise_is_refused(tmp_path):
    result = write(tmp_path)
    for text, said in (
        ('limit = "23000 Gy"', "0.01 to 2000 Gy is plausible"),
        ('limit = "23 Gy"\nprobability = "95 %"', "chance to exceed the limit: 5 %, not 95 %"),
        ('limit = "23 Gy"\ntissue = "kidney"', "a tissue has no meaning for a limit of dose"),
    ):
        with pytest.raises(InputError, match=said):
            plan_result(result, PlanAsked(limits=limits(tmp_path, f"[limits.Kidney]\n{text}\n")))
    capital = limits(tmp_path, '[limits.Kidney]\nlimit = "23 Gy"\nquantity = "BED"\ntissue = "Kidney"\n')
    assert plan_result(result, PlanAsked(limits=capital))["limiting"] == "Kidney_Left"


def test_a_virtual_cycle_is_none_of_a_real_patient(tmp_path):
    earlier = write(tmp_path, "old.json", "2025-10-01T09:00:00", synthetic=True)
    with pytest.raises(InputError, match="virtual patient"):
        plan_result(write(tmp_path), PlanAsked(limits=limits(tmp_path), earlier=(earlier,)))
