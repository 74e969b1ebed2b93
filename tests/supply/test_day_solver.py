"""Plans of a day: optimal where it is known, sound always, the past kept."""

import math

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.supply.days import day, patient

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.supply.day_plan import Vial, faults

pytest.importorskip("ortools")
from hevesy.supply.day_solver import Change, Effort, plan_day, replan_day

# without shrinking: each try is a search of its own
QUICK = (Phase.explicit, Phase.generate)
SHORT = Effort(work=0.5, seconds=20.0)


def total(plan):
    return math.fsum(plan.ordered.values())


def test_the_larger_activity_goes_first():
    one = day([patient("small", 200), patient("large", 400)])
    plan = plan_day(one, effort=SHORT)
    lam = one.decay_constant
    # injections at 8:00 and, a scan of 20 min with at most 20 min of play in the uptake, as soon as the injector is free
    expected = un.MBq * (400 + 200 * math.exp(lam * 5 * un.min_))
    assert [visit.patient.name for visit in plan.visits] == ["large", "small"]
    assert total(plan) == pytest.approx(expected, rel=1e-9)
    assert plan.status == "optimal"
    assert plan.bound <= total(plan)
    assert faults(one, plan) == ()


@given(
    activities=st.lists(st.integers(150, 450), min_size=2, max_size=7),
    scanners=st.integers(1, 2),
    rooms=st.integers(0, 3),
    late=st.integers(5, 60),
)
@settings(deadline=None, max_examples=6, phases=QUICK)
def test_plans_and_plans_after_a_delay_keep_all_rules(activities, scanners, rooms, late):
    vials = (
        Vial(name="A", calibration=8 * un.h, available=7.5 * un.h, most=1500 * un.MBq),
        Vial(name="B", calibration=11 * un.h, available=11 * un.h),
    )
    one = day([patient(f"P{i}", a) for i, a in enumerate(activities)], scanners=scanners, vials=vials, rooms=rooms)
    plan = plan_day(one, effort=SHORT)
    assert faults(one, plan) == ()
    assert plan.refused == ()
    assert plan.bound <= total(plan) * (1 + 1e-9)
    victim = plan.visits[len(plan.visits) // 2]
    now = victim.injection
    after = replan_day(one, plan, Change(now=now, late={victim.patient.name: late * un.min_}), effort=SHORT)
    assert faults(one, after) == ()
    assert after.ordered == plan.ordered
    new = {visit.patient.name: visit for visit in after.visits}
    for visit in plan.visits:
        name = visit.patient.name
        if visit.injection < now:  # the past is fixed
            assert (new[name].injection, new[name].vial, new[name].activity) == (visit.injection, visit.vial, visit.activity)
        elif name in new:
            assert new[name].injection >= now
    if victim.patient.name in new:
        assert new[victim.patient.name].injection >= victim.injection + late * un.min_ - 1e-6


def test_the_same_plan_each_time():
    one = day([patient(f"P{i}", 200 + 17 * i) for i in range(8)], scanners=2)
    a, b = plan_day(one, effort=SHORT), plan_day(one, effort=SHORT)
    assert a.visits == b.visits
    assert a.repeatable


def test_who_has_no_place_is_refused_and_not_squeezed_in():
    one = day([patient("P1", 300), patient("P2", 300, earliest=8 * un.h, latest=7.9 * un.h)])
    plan = plan_day(one, effort=SHORT)
    assert plan.refused == ("P2",)
    assert [visit.patient.name for visit in plan.visits] == ["P1"]


def test_unknown_patients_are_not_late():
    one = day([patient("P1", 300)])
    plan = plan_day(one, effort=SHORT)
    with pytest.raises(InputError, match="it has P1"):
        replan_day(one, plan, Change(now=9 * un.h, late={"P9": 600.0}), effort=SHORT)
