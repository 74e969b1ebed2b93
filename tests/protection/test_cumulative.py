"""Sums stay within one weight set and one method; alerts come from a stated policy."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError, ScopeError
from hevesy.model.exposure import EffectiveDose
from hevesy.protection.cumulative import alert_policy, alerts, dose_sums, sum_over_sets
from hevesy.protection.record import Exposure

START = date(2024, 3, 4)
POLICY = alert_policy(date(2026, 1, 1))
HEAD = "rule,quantity,threshold,window_d,say,source,page,edition,valid_from,valid_until,how\n"


def exposure(mSv=None, authority="ICRP Publication 128", *, day=0, kind="administration", label="F-18 FDG", **more):
    dose = () if mSv is None else (EffectiveDose(value=mSv * 1e-3, authority=authority),)
    return Exposure(
        kind=kind, day=START + timedelta(days=day), start=None, label=label, study_uid="1", files=("a",), sources=("RRDSR",),
        nuclide="F-18" if kind == "administration" else "", effective_doses=dose, **more,
    )  # fmt: skip


def test_weight_sets_and_methods_are_kept_apart():
    exposures = [
        exposure(7.0), exposure(5.0, day=9), exposure(6.3, "ICRP Publication 103", day=20),
        exposure(12.0, "ICRP Pub 103", kind="CT", label="CT"), exposure(), exposure(1.0, "package insert"),
    ]  # fmt: skip
    sums = {(s.weights, s.method): (round(s.value * 1e3, 9), s.count) for s in dose_sums(exposures)}
    assert sums == {
        ("ICRP 60", "radiopharmaceutical"): (12.0, 2), ("ICRP 103", "radiopharmaceutical"): (6.3, 1),
        ("ICRP 103", "CT"): (12.0, 1), ("not stated", "radiopharmaceutical"): (1.0, 1),
    }  # fmt: skip


def test_a_sum_over_different_sets_is_refused():
    with pytest.raises(ScopeError, match="ICRP 103, ICRP 60 are different quantities and are not added"):
        sum_over_sets(dose_sums([exposure(7.0), exposure(6.3, "ICRP 103")]))
    with pytest.raises(ScopeError, match="not stated"):
        sum_over_sets(dose_sums([exposure(7.0, "package insert")]))


def test_a_sum_within_one_set_may_cross_methods():
    sums = dose_sums([exposure(6.3, "ICRP 103"), exposure(12.0, "ICRP 103", kind="CT", label="CT")])
    assert sum_over_sets(sums) == pytest.approx(18.3e-3)


@given(st.lists(st.floats(min_value=0.0, max_value=50.0), max_size=12))
def test_the_sum_is_that_of_the_parts(values):
    found = dose_sums([exposure(v, day=i) for i, v in enumerate(values)])
    assert sum(s.value for s in found) == pytest.approx(sum(values) * 1e-3, abs=1e-15)
    assert sum(s.count for s in found) == len(values)


def test_the_cumulative_alert_looks_at_its_window():
    near = [exposure(60.0, label="a"), exposure(45.0, day=400, label="b")]
    far = [exposure(60.0, label="a"), exposure(45.0, day=1200, label="b")]
    found = alerts(near, POLICY)
    assert [a.rule for a in found] == ["cumulative-100"]
    assert found[0].value == pytest.approx(105.0)
    assert found[0].day == START + timedelta(days=400)
    assert "Weights: ICRP 60" in found[0].text
    assert alerts(far, POLICY) == ()


def test_the_cumulative_alert_adds_no_different_sets():
    assert alerts([exposure(60.0, label="alpha"), exposure(60.0, "ICRP 103", label="beta")], POLICY) == ()


def test_the_same_radiopharmaceutical_within_a_week():
    found = alerts([exposure(label="F-18 FDG"), exposure(label="f-18 fdg", day=5)], POLICY)
    assert [(a.rule, a.value) for a in found] == [("repeat-7-days", 5.0)]
    assert alerts([exposure(label="F-18 FDG -- fluorodeoxyglucose"), exposure(label="F-18 Fluorodeoxyglucose", day=5)], POLICY)
    assert alerts([exposure(label="F-18"), exposure(label="F-18 FDG", day=5)], POLICY)
    assert alerts([exposure(label="F-18 PSMA-1007"), exposure(label="F-18 FDG", day=5)], POLICY) == ()
    assert alerts([exposure(), exposure(day=8)], POLICY) == ()
    assert alerts([exposure(), exposure(day=5, label="Tc-99m DPD")], POLICY) == ()


def test_a_ctdi_alert_of_an_unverified_threshold_says_so():
    found = alerts([exposure(kind="CT", label="CT", ctdi_vol=1.2)], POLICY)
    assert [a.rule for a in found] == ["ctdi-1000"]
    assert "unverified" in found[0].text
    assert found[0].value == pytest.approx(1200.0)


def test_exposures_without_a_day_raise_no_alert_of_time():
    undated = Exposure(
        kind="administration", day=None, start=None, label="F-18 FDG", study_uid="1", files=(), sources=(), nuclide="F-18",
        effective_doses=(EffectiveDose(value=0.2, authority="ICRP 128"),),
    )  # fmt: skip
    assert alerts([undated, undated], POLICY) == ()


def own(tmp_path: Path, row: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + row + "\n", "utf-8")
    return path


def test_a_hospital_lays_its_own_policy_over_ours(tmp_path):
    row = "cumulative-100,effective_dose_mSv,20,365,Our own level.,St. Elsewhere,p. 3,1,2024-01-01,,local"
    policy = alert_policy(date(2026, 1, 1), overlay=own(tmp_path, row))
    found = alerts([exposure(25.0)], policy)
    assert [a.threshold for a in found] == [20.0]
    assert found[0].row.theirs


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("x,moon_phase,1,1,a,St. Elsewhere,,1,2024-01-01,,local", "moon_phase.*allowed are effective_dose_mSv"),
        ("x,ctdi_vol_mGy,0,1,a,St. Elsewhere,,1,2024-01-01,,local", "threshold is 0"),
    ],
)
def test_a_senseless_policy_is_refused(tmp_path, row, word):
    with pytest.raises(DataError, match=word):
        alert_policy(date(2026, 1, 1), overlay=own(tmp_path, row))
