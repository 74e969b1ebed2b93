"""The chosen probability holds: against closed forms, and against a Monte Carlo of its own."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.planning.activity import (
    MAXIMUM,
    activity_for_goal,
    alone,
    at_activity,
    largest_activity,
    outlook,
    reaches,
)
from hevesy.planning.forecast import DeliveredCycle, DeliveredDose, Forecast, RegionForecast, check_apart
from hevesy.planning.limits import Limit
from hevesy.radiobiology import Repair, Tissue, bed, dose_from_bed, eqd, lea_catcheside

Z95 = 1.6448536269514722
RATE = math.log(2) / (50 * un.h)
KIDNEY = Tissue(
    name="kidney",
    endpoint="late",
    alpha_beta=Measured(value=2.6, u=0.0),
    repair=Repair(half_times=(2.8 * un.h,)),
    repair_u=0.0,
    source="given",
    how="given",
)
DOUBTED = replace(KIDNEY, alpha_beta=Measured(value=2.6, u=0.8), repair_u=0.3)
TISSUES = {"kidney": KIDNEY, "doubted": DOUBTED}


def region(name, d=0.8, **more):
    given = {"mass": 0.16, "u_systematic": 0.05, "u_random": 0.02, "change": 0.0, "kind": "organ"} | more
    return RegionForecast(
        name=name,
        standard_name={"KL": "Left kidney", "KR": "Right kidney"}.get(name, ""),
        dose_per_activity=d * un.Gy / un.GBq,
        amplitudes=np.array([1.0]),
        rates=np.array([RATE]),
        **given,
    )


def limit(name, value, quantity="dose", p=0.05, tissue=""):
    return Limit(region=name, quantity=quantity, value=value, probability=p, tissue=tissue)


def delivered(doses, days=0, **more):
    made = {
        name: DeliveredDose(dose=D, u_systematic=0.05, u_random=0.03, amplitudes=np.array([1.0]), rates=np.array([RATE]))
        for name, D in doses.items()
    }
    when = datetime(2026, 1, 5, 9) + timedelta(days=days)
    return DeliveredCycle(label=f"cycle of day {days}", administered=when, doses=made, **more)


def test_one_cycle_meets_the_closed_form():
    made = outlook(Forecast(regions=(region("KL", change=0.1),)), [limit("KL", 23.0)], tissues={})
    s = math.sqrt(sum(math.log1p(u**2) for u in (0.05, 0.02, 0.1)))
    plan = largest_activity(made)
    assert plan.activity == pytest.approx(23 / 0.8 * un.GBq * math.exp(-Z95 * s), rel=0.01)
    assert plan.limiting == "KL"
    assert plan.limited[0].exceeds == pytest.approx(0.05, abs=1e-4)


def test_four_cycles_of_one_error_share_the_dose():
    one = outlook(Forecast(regions=(region("KL"),)), [limit("KL", 23.0)], tissues={})
    four = outlook(Forecast(regions=(region("KL"),)), [limit("KL", 23.0)], tissues={}, cycles=4)
    assert largest_activity(four).activity == pytest.approx(largest_activity(one).activity / 4, rel=1e-9)


@pytest.mark.parametrize("quantity", ["BED", "EQD2"])
def test_without_uncertainty_the_limit_is_met_exactly(quantity):
    exact = region("KL", u_systematic=0.0, u_random=0.0)
    made = outlook(Forecast(regions=(exact,)), [limit("KL", 30.0, quantity, tissue="kidney")], tissues=TISSUES, cycles=3)
    A = largest_activity(made).activity
    G = lea_catcheside([1.0], [RATE], KIDNEY.repair)
    total = 3 * bed(0.8 * A / un.GBq, G, 2.6)
    assert (total if quantity == "BED" else eqd(total, 2.6)) == pytest.approx(30.0, rel=1e-9)
    if quantity == "BED":
        assert 0.8 * A / un.GBq == pytest.approx(dose_from_bed(10.0, G, 2.6), rel=1e-9)


def test_delivered_bed_is_taken_off_cycle_by_cycle():
    exact = region("KL", u_systematic=0.0, u_random=0.0)
    before = replace(delivered({"KL": 5.0}).doses["KL"], u_systematic=0.0, u_random=0.0)
    cycles = [DeliveredCycle(label=f"{i}", administered=datetime(2026, 1 + i, 5), doses={"KL": before}) for i in range(2)]
    made = outlook(Forecast(regions=(exact,)), [limit("KL", 30.0, "BED", tissue="kidney")], tissues=TISSUES, delivered=cycles)
    G = lea_catcheside([1.0], [RATE], KIDNEY.repair)
    left = 30.0 - 2 * bed(5.0, G, 2.6)
    assert 0.8 * largest_activity(made).activity / un.GBq == pytest.approx(dose_from_bed(left, G, 2.6), rel=1e-9)


def test_the_probability_holds_in_a_monte_carlo_of_its_own():
    """Correlated kidneys, two cycles given (one of them the forecast's), three to come, BED with doubtful tissue."""
    R = np.array([[1.0, 0.8], [0.8, 1.0]])
    us, ur, c = 0.06, 0.04, 0.12
    regions = tuple(region(n, d, u_systematic=us, u_random=ur, change=c) for n, d in (("KL", 0.8), ("KR", 0.75)))
    given = [delivered({"KL": 5.5, "KR": 5.2}), delivered({"KL": 5.0, "KR": 4.9}, 60, is_forecast=True)]
    limits = [limit("Kidney", 32.0, "BED", tissue="doubted")]
    made = outlook(Forecast(regions=regions, correlation=R), limits, tissues=TISSUES, cycles=3, delivered=given)
    plan = largest_activity(made)

    n, rng = 60_000, np.random.default_rng(177)
    s = lambda u: math.sqrt(math.log1p(u**2))  # noqa: E731
    rho = 0.8 * (s(us) ** 2 + s(ur) ** 2) / s(us) ** 2
    z = rng.standard_normal((n, 2))
    sys = np.stack([z[:, 0], rho * z[:, 0] + math.sqrt(1 - rho**2) * z[:, 1]], axis=1) if rho < 1 else z[:, :1] @ np.ones((1, 2))
    here, first = rng.standard_normal((n, 2)), rng.standard_normal((n, 2))
    change = np.exp(s(c) * rng.standard_normal((n, 3)))  # one for both kidneys
    ab = 2.6 * np.exp(s(0.8 / 2.6) * rng.standard_normal(n))
    T = 2.8 * un.h * np.exp(s(0.3) * rng.standard_normal(n))
    G = RATE / (RATE + math.log(2) / T)
    over = []
    for i, d in enumerate((0.8, 0.75)):
        doses = [plan.activity / un.GBq * d * np.exp(s(us) * sys[:, i] + s(ur) * here[:, i]) * change[:, k] for k in range(3)]
        doses.append((5.5, 5.2)[i] * np.exp(s(0.05) * sys[:, i] + s(0.03) * first[:, i]))
        doses.append((5.0, 4.9)[i] * np.exp(s(0.05) * sys[:, i] + s(0.03) * here[:, i]))
        over.append(sum(D * (1 + G * D / ab) for D in doses) > 32.0)
    expected = [plan.limited[0].exceeds, plan.limited[1].exceeds, plan.any_limit]
    assert plan.limited[0].exceeds == pytest.approx(0.05, abs=1e-4)
    for mine, theirs in zip([over[0], over[1], over[0] | over[1]], expected, strict=True):
        p = float(np.mean(mine))
        u = math.sqrt(max(theirs, 1e-3) * (1 / n + 1 / made.world.number))
        assert abs(p - theirs) < 4 * u, (p, theirs, u)


@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.2, 5.0), p=st.floats(0.01, 0.5))
def test_dose_is_linear_and_a_bolder_chance_gives_more(factor, p):
    def A(d, value, p):
        return largest_activity(
            outlook(Forecast(regions=(region("KL", d),)), [limit("KL", value, p=p)], tissues={}, number=2000)
        ).activity

    assert A(0.8, 23.0 * factor, p) == pytest.approx(factor * A(0.8, 23.0, p), rel=1e-9)
    assert A(0.8 * factor, 23.0, p) == pytest.approx(A(0.8, 23.0, p) / factor, rel=1e-9)
    assert A(0.8, 23.0, 0.5) >= A(0.8, 23.0, p)


def test_a_side_and_both_together():
    regions = (region("KL", 0.8, mass=0.2), region("KR", 0.5, mass=0.1))
    one = outlook(Forecast(regions=regions), [limit("Left kidney", 23.0)], tissues={})
    assert [each.target.name for each in one.limited] == ["KL"]
    each = outlook(Forecast(regions=regions), [limit("Kidney", 23.0)], tissues={})
    assert [e.target.name for e in each.limited] == ["KL", "KR"]
    both = outlook(Forecast(regions=regions), [limit("Kidneys", 23.0)], tissues={})
    assert [e.target.name for e in both.limited] == ["Kidneys"]
    assert both.limited[0].d_estimate * un.GBq == pytest.approx((0.2 * 0.8 + 0.1 * 0.5) / 0.3)
    assert largest_activity(both).activity > largest_activity(each).activity


def test_independent_regions_exceed_more_often_together():
    regions = (region("KL"), region("Liver", 0.8))
    limits = [limit("KL", 23.0), limit("Liver", 23.0)]
    apart = largest_activity(outlook(Forecast(regions=regions), limits, tissues={}))
    alike = largest_activity(outlook(Forecast(regions=regions, correlation=np.ones((2, 2))), limits, tissues={}))
    assert apart.any_limit == pytest.approx(1 - 0.95**2, abs=0.01)
    assert 0.05 <= alike.any_limit < 0.075  # the random share stays apart


def test_goal_and_what_it_costs():
    regions = (region("KL"), region("Lesion 1", 3.0, kind="lesion", u_systematic=0.1, change=0.2))
    made = outlook(Forecast(regions=regions), [limit("KL", 23.0)], tissues={})
    A = activity_for_goal(made, "Lesion 1", 100.0, reach=0.9)
    s = math.sqrt(sum(math.log1p(u**2) for u in (0.1, 0.02, 0.2)))
    assert pytest.approx(100 / 3 * un.GBq * math.exp(1.2815515655446004 * s), rel=0.01) == A
    assert reaches(made, "Lesion 1", 100.0, A) == pytest.approx(0.9, abs=1e-3)
    assert at_activity(made, A).limited[0].exceeds > 0.99


def test_a_maximum_decides():
    made = outlook(Forecast(regions=(region("KL"),)), [limit("KL", 23.0)], tissues={})
    plan = largest_activity(made, most=7.4 * un.GBq)
    assert (plan.activity, plan.limiting) == (7.4 * un.GBq, MAXIMUM)
    with pytest.raises(InputError, match="unit"):
        largest_activity(made, most=7.4)


def test_nothing_is_left_after_too_much():
    made = outlook(Forecast(regions=(region("KL"),)), [limit("KL", 23.0)], tissues={}, delivered=[delivered({"KL": 22.5})])
    plan = largest_activity(made)
    assert plan.activity == 0.0
    assert plan.limited[0].exceeded_before == pytest.approx(0.36, abs=0.03)


def test_lesions_follow_with_their_band():
    made = outlook(
        Forecast(regions=(region("KL"), region("Lesion 1", 3.0, kind="lesion", u_systematic=0.2))),
        [limit("KL", 23.0)],
        tissues={},
    )
    plan = largest_activity(made)
    lesion = plan.others[0]
    assert lesion.dose.value == pytest.approx(3 * plan.activity / un.GBq, rel=0.01)
    assert lesion.dose_95[0] < lesion.dose.value < lesion.dose_95[1]


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"limits": [limit("Pancreas", 5.0)]}, InputError, "holds KL, KR"),
        ({"limits": [limit("KL", 5.0, "BED", tissue="bone")]}, InputError, "there are kidney, doubted"),
        ({"limits": [limit("KL", 5.0, p=1e-5)]}, InputError, "cannot be told"),
        ({"limits": [limit("KL", 5.0)], "cycles": 0}, InputError, "whole number"),
        ({"limits": [limit("KL", 5.0)], "delivered": [delivered({"KR": 3.0})]}, InputError, "never taken as zero"),
        ({"limits": [limit("KR", 5.0)], "regions": {"well_posed": False}}, ScopeError, "ill-posed"),
        ({"limits": [limit("KR", 5.0)], "regions": {"u_systematic": None}}, ScopeError, "no uncertainty"),
    ],
)
def test_what_cannot_be_planned_is_refused(given, error, said):
    regions = (region("KL"), region("KR", **given.get("regions", {})))
    more = {key: value for key, value in given.items() if key not in ("limits", "regions")}
    with pytest.raises(error, match=said):
        outlook(Forecast(regions=regions), given["limits"], tissues=TISSUES, **more)


def test_without_bound_or_with_a_foolish_goal():
    made = outlook(Forecast(regions=(region("KL"), region("L", kind="lesion", well_posed=False))), [], tissues={})
    with pytest.raises(InputError, match="nothing bounds"):
        largest_activity(made)
    with pytest.raises(InputError, match="above zero"):
        activity_for_goal(made, "KL", -1.0, reach=0.9)
    with pytest.raises(InputError, match="holds KL, L"):
        activity_for_goal(made, "M", 1.0, reach=0.9)
    with pytest.raises(ScopeError, match="ill-posed"):
        activity_for_goal(made, "L", 1.0, reach=0.9)
    assert made.unknown == {"L": "its curve is ill-posed"}


def test_values_that_are_none_are_refused():
    with pytest.raises(InputError, match="dose per activity"):
        region("KL", d=0.0)
    with pytest.raises(InputError, match="0 to 200 %"):
        region("KL", change=-0.1)
    with pytest.raises(InputError, match="once"):
        Forecast(regions=(region("KL"), region("KL")))
    with pytest.raises(InputError, match="correlation"):
        Forecast(regions=(region("KL"),), correlation=np.eye(2))


def test_cycles_that_overlap():
    check_apart([delivered({"KL": 5.0}), delivered({"KL": 5.0}, 56)], regions=["KL"])
    near = [delivered({"KL": 5.0}), delivered({"KL": 5.0}, 7)]
    with pytest.raises(ScopeError, match="still to come"):
        check_apart(near, regions=["KL"])
    check_apart(near, regions=["KL"], least=6 * un.d)
    with pytest.raises(ScopeError, match="at least 42 d"):
        check_apart(near, regions=["KL"], least=42 * un.d)
    with pytest.raises(InputError, match="given twice"):
        check_apart([near[0], near[0]], regions=["KL"])


def test_alone_is_the_smallest():
    regions = (region("KL"), region("KR", 0.5))
    made = outlook(Forecast(regions=regions), [limit("KL", 23.0), limit("KR", 23.0)], tissues={})
    assert largest_activity(made).activity == min(alone(each) for each in made.limited)
