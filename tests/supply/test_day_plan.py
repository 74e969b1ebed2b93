"""What a plan may not do is found without the solver."""

from dataclasses import replace

import pytest
from tests.supply.days import day, patient

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.supply.day_plan import DayPlan, Visit, at_once, faults


def test_a_sound_plan_has_no_fault_and_each_fault_is_found():
    one = day([patient("P1", 300)])
    p = one.patients[0]
    good = Visit(
        patient=p, vial="A", scanner="PET 1", injection=9 * un.h, scan=10 * un.h, activity=p.activity, at_calibration=450 * un.MBq
    )
    plan = DayPlan(visits=(good,), refused=(), ordered={"A": 450 * un.MBq}, bound=0.0, status="feasible")
    assert faults(one, plan) == ()
    for change, said in (
        ({"activity": 200 * un.MBq}, "activity"),
        ({"scan": 9.5 * un.h}, "uptake"),
        ({"injection": 7 * un.h, "scan": 8 * un.h}, "outside the allowed hours"),
        ({"injection": 16.5 * un.h, "scan": 17.5 * un.h}, "hours of the scanner"),
        ({"at_calibration": 500 * un.MBq}, "holds"),
    ):
        found = faults(one, replace(plan, visits=(replace(good, **change),)))
        assert any(said in fault for fault in found), (change, found)
    twice = (good, replace(good, patient=replace(p, name="P2")))
    assert any("two patients" in fault for fault in faults(one, replace(plan, visits=twice, ordered={"A": 900 * un.MBq})))


def test_refusals():
    with pytest.raises(InputError, match="must lie between"):
        replace(patient("P", 300), lowest=400 * un.MBq)
    with pytest.raises(InputError, match="Put them in order"):
        replace(patient("P", 300), shortest=90 * un.min_)
    with pytest.raises(InputError, match="each its own name"):
        day([patient("P", 300), patient("P", 300)])
    assert at_once([(0, 2), (1, 3), (2, 4)]) == 2
