import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.app.fit import read_table
from hevesy.errors import InputError
from hevesy.kinetics import trapezoid
from hevesy.model import TimeActivityCurve
from hevesy.rng import stream

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([4.0, 24.0, 72.0, 168.0]) * u.h
A = 1e8 * np.exp(-T * math.log(2) / (50 * u.h))


def made(activities=A, t=T, noise=None, **options):
    curve = TimeActivityCurve(region="R", t=t, A=activities, u=noise)
    return trapezoid(curve, decay_constant=LAMBDA, **options)


@pytest.mark.parametrize("tail", ["effective", "last-two"])
def test_the_tail_of_one_exponential_is_exact(tail):
    found = made(tail=tail)
    assert found.after == pytest.approx(A[-1] * 50 * u.h / math.log(2), rel=1e-9)
    assert found.effective_half_life.value == pytest.approx(50 * u.h, rel=1e-9)


def test_many_scans_approach_the_closed_form():
    t = np.linspace(0, 400, 4000) * u.h
    found = made(1e8 * np.exp(-t * math.log(2) / (50 * u.h)), t, tail="effective")
    assert found.time_integrated_activity.value == pytest.approx(1e8 * 50 * u.h / math.log(2), rel=1e-6)


@settings(deadline=None, max_examples=30)
@given(
    activities=st.lists(st.floats(1e6, 1e8), min_size=4, max_size=4),
    factor=st.floats(1e-3, 1e3),
    tail=st.sampled_from(["physical", "effective", "last-two"]),
)
def test_linear_in_activity_and_the_sum_of_its_parts(activities, factor, tail):
    one, many = made(np.array(activities), tail=tail), made(factor * np.array(activities), tail=tail)
    assert many.time_integrated_activity.value == pytest.approx(factor * one.time_integrated_activity.value, rel=1e-9)
    assert one.before + one.between + one.after == pytest.approx(one.time_integrated_activity.value)
    # Homogeneous of the first degree (Euler).
    assert one.sensitivity @ np.array(activities) == pytest.approx(one.time_integrated_activity.value, rel=1e-9)


@pytest.mark.parametrize("tail", ["physical", "effective", "last-two"])
def test_u_against_monte_carlo(tail):
    n, random = 1500, stream(2, 0)
    said = made(noise=0.02 * A, tail=tail).time_integrated_activity
    drawn = [made(A * (1 + 0.02 * random.standard_normal(4)), tail=tail).time_integrated_activity.value for _ in range(n)]
    assert np.std(drawn) == pytest.approx(said.u, rel=4 / math.sqrt(2 * n))


def test_heads():
    linear, constant = made(head="linear"), made(head="constant")
    assert constant.before == 2 * linear.before == pytest.approx(A[0] * T[0])


def test_a_tail_slower_than_decay_is_held_and_said():
    found = made(np.array([80.0, 82.0, 84.0, 86.0]) * u.MBq, tail="last-two")
    assert found.effective_half_life.value == pytest.approx(6.647 * u.d)
    assert not found.well_posed
    assert any("held at physical decay" in text for text in found.reasons)


def test_what_it_cannot_know_is_said():
    found = made()
    assert found.time_integrated_activity.u is None
    assert found.verdict == "weakly determined"
    assert any("upper bound" in text for text in found.reasons)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tail": "none"}, "choose a tail of physical, effective, last-two"),
        ({"head": "round"}, "head of linear, constant"),
        ({"activities": A[:1], "t": T[:1], "tail": "last-two"}, "needs two scans"),
        ({"activities": [5e7, 2e7, 1e6, -1.0]}, "last activity"),
        ({"activities": [5e7, 2e7, -1e6, 1e5], "tail": "last-two"}, "above zero"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        made(**options)


@pytest.mark.data
def test_a_physical_tail_on_the_published_patient(real_data):
    """30 to 43 % above the published integrals of the uptake model."""
    published = {"Kidney_Left": 7593.753, "Liver": 56425.33}
    curves = read_table(real_data / "time-activity" / "lu177-dotatate-patient-004.csv")
    above = {
        curve.region: trapezoid(curve, decay_constant=LAMBDA).time_integrated_activity.value
        / (published[curve.region] * u.MBq * u.h)
        for curve in curves
        if curve.region in published
    }
    assert above == {"Kidney_Left": pytest.approx(1.43, abs=0.005), "Liver": pytest.approx(1.30, abs=0.005)}
