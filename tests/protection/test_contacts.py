"""Contacts over day and night, and their dose."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.protection.contacts import DAY, Contact, Pattern, dose, starts
from hevesy.protection.distance import METRE, DistanceLaw, relative_dose_rate
from hevesy.protection.dose_rate import USV_PER_H, DoseRateCurve, dose_rate

LAW = DistanceLaw(name="power-1.5")
CURVE = DoseRateCurve(
    amplitudes=np.array([40.0, 20.0]) * USV_PER_H,
    rates=math.log(2) / (np.array([8.0, 60.0]) * u.h),
    covariance=np.zeros((4, 4)),
    u_shared=0.1,
    basis="test",
)


def pattern(once=False):
    night = Contact(start=22 * u.h, duration=8 * u.h, distance=0.5 * METRE)
    return Pattern(name="night and noon", contacts=(Contact(start=12 * u.h, duration=u.h, distance=METRE), night), once=once)


def by_sum(held, *, clock, delay, days=60):
    """The same by adding minute after minute."""
    total = 0.0
    for contact, first in zip(held.parts, starts(held, clock, delay), strict=True):
        for day in range(1 if held.once else days):
            t = first + day * DAY + (np.arange(600) + 0.5) * contact.duration / 600
            rate = np.array([dose_rate(CURVE, float(x)).value for x in t[:: 600 // 60]])
            total += relative_dose_rate(contact.distance, LAW) * float(np.mean(rate)) * contact.duration
    return total


def test_closed_form_and_sum_agree():
    for once in (False, True):
        held = pattern(once)
        found = dose(held, CURVE, law=LAW, clock=10.5 * u.h, delay=30 * u.h)
        assert found.value == pytest.approx(by_sum(held, clock=10.5 * u.h, delay=30 * u.h), rel=0.01)
        assert found.relative == pytest.approx(0.1)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 24), st.floats(0, 300), st.floats(0, 100))
def test_waiting_never_brings_more(clock, delay, longer):
    first = dose(pattern(), CURVE, law=LAW, clock=clock % 24 * u.h, delay=delay * u.h)
    later = dose(pattern(), CURVE, law=LAW, clock=clock % 24 * u.h, delay=(delay + longer) * u.h)
    assert later.value <= first.value * (1 + 1e-9)


def test_contacts_begin_at_or_after_the_delay():
    begins = starts(pattern(), 10.5 * u.h, 30 * u.h)
    assert np.all(begins >= 30 * u.h)
    assert ((begins + 10.5 * u.h) % DAY / u.h).tolist() == pytest.approx([12, 22, 23, 0, 1, 2, 3, 4, 5], abs=1e-9)


def test_the_gradient_is_that_of_differences():
    held, covariance = pattern(), np.diag([1e-24, 1e-24, 1e-14, 1e-15])
    known = DoseRateCurve(amplitudes=CURVE.amplitudes, rates=CURVE.rates, covariance=covariance, basis="test")
    found = dose(held, known, law=LAW, clock=0.0, delay=u.h)
    variance = 0.0
    for i in range(4):
        step = math.sqrt(covariance[i, i]) * 1e-3
        moved = np.concatenate([CURVE.amplitudes, CURVE.rates])
        moved[i] += step
        other = DoseRateCurve(amplitudes=moved[:2], rates=moved[2:], covariance=covariance, basis="test")
        variance += ((dose(held, other, law=LAW, clock=0.0, delay=u.h).value - found.value) * 1e3) ** 2
    assert found.u == pytest.approx(math.sqrt(variance), rel=1e-2)


def test_senseless_contacts_are_refused():
    with pytest.raises(InputError, match="0 up to 24 h"):
        Contact(start=25 * u.h, duration=u.h, distance=METRE)
    with pytest.raises(InputError, match="one place at a time"):
        Pattern(
            name="x",
            contacts=(Contact(start=0, duration=2 * u.h, distance=METRE), Contact(start=u.h, duration=u.h, distance=METRE)),
        )
    with pytest.raises(InputError, match="no contact"):
        Pattern(name="x", contacts=())


def test_a_long_contact_is_taken_up_by_the_hour():
    held = pattern()
    assert [part.start / u.h for part in held.parts] == [12, 22, 23, 0, 1, 2, 3, 4, 5]
    assert sum(part.duration for part in held.parts) == pytest.approx(held.hours_a_day)
    odd = Pattern(name="odd", contacts=(Contact(start=16 * u.h, duration=3.5 * u.h, distance=METRE),))
    assert [part.duration / u.h for part in odd.parts] == [1, 1, 1, 0.5]
    once = Pattern(name="trip", contacts=(Contact(start=0, duration=24 * u.h, distance=METRE),), once=True)
    assert once.parts == once.contacts
