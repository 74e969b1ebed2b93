"""Orders: closed forms, and that no activity appears or is lost."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide
from hevesy.supply.orders import Appointment, Delivery, clock, grown_by, late, order

PEOPLE = st.lists(st.tuples(st.floats(50, 800), st.floats(9, 17)), min_size=1, max_size=12)


def people(rows):
    return [Appointment(name=f"P{i}", activity=a * un.MBq, injection=t * un.h) for i, (a, t) in enumerate(rows)]


def test_needed_two_hours_later():
    assert 370 * grown_by("F-18", 2 * un.h) == pytest.approx(789, abs=1)
    assert grown_by("Tc-99m", 2 * un.h) == pytest.approx(1.26, abs=0.005)


@given(rows=PEOPLE, extra=st.floats(0, 0.3), delay=st.floats(0, 4), gap=st.floats(0, 20))
def test_activity_is_conserved(rows, extra, delay, gap):
    deliveries = [Delivery(calibration=8 * un.h, arrival=8.5 * un.h), Delivery(calibration=13 * un.h, arrival=12 * un.h)]
    planned = order(people(rows), deliveries, nuclide="F-18", extra=extra)
    assert math.fsum(s.at_calibration for s in planned.shares) == pytest.approx(math.fsum(planned.activity), rel=1e-12)
    lam = load_nuclide("F-18").decay_constant
    found = late(planned, delay * un.h, gap=gap * un.min_)
    for n, delivery in enumerate(planned.deliveries):
        for way in ("same_volume", "in_turn"):
            drawn = math.fsum(
                getattr(d, way) * (1 + extra) * math.exp(lam * (d.injection - delivery.calibration))
                for d in found
                if d.share.delivery == n
            )
            assert drawn <= planned.activity[n] * (1 + 1e-9)
    for dose in found:
        assert dose.injection >= planned.deliveries[dose.share.delivery].arrival + delay * un.h - 1e-6
        assert dose.same_volume <= dose.share.appointment.activity * (1 + 1e-9)
        assert dose.in_turn <= dose.share.appointment.activity * (1 + 1e-9)


def test_in_time_everybody_gets_what_is_wanted():
    planned = order(
        people([(370, 10), (300, 11)]), [Delivery(calibration=8 * un.h, arrival=9 * un.h)], nuclide="F-18", extra=0.05
    )
    for dose in late(planned, 0.0):
        assert dose.same_volume == pytest.approx(dose.share.appointment.activity)
        assert dose.in_turn == pytest.approx(dose.share.appointment.activity)


def test_refusals():
    with pytest.raises(InputError, match="first delivery is there at 12:00"):
        order(people([(300, 10)]), [Delivery(calibration=8 * un.h, arrival=12 * un.h)], nuclide="F-18")
    with pytest.raises(InputError, match="0 patients"):
        order([], [Delivery(calibration=0, arrival=0)], nuclide="F-18")
    with pytest.raises(InputError, match="above 0"):
        Appointment(name="P", activity=-1.0, injection=0.0)
    assert clock(25.5 * un.h) == "01:30 +1 d"
