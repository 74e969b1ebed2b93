import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.kinetics import integral, time_integrated_activity
from hevesy.kinetics.integrate import moments

rates = st.floats(1e-8, 1e-2)
amplitudes = st.floats(-1e10, 1e10)
times = st.floats(0, 1e6)


def test_one_term_and_many():
    assert time_integrated_activity(10.0, 2.0) == 5
    assert time_integrated_activity([10.0, -4.0], [2.0, 1.0]) == 1


@given(amplitudes, rates, times, times, times)
def test_integrals_add_up(a, r, t1, t2, t3):
    start, middle, stop = sorted((t1, t2, t3))
    parts = integral(a, r, start, middle) + integral(a, r, middle, stop)
    scale = abs(time_integrated_activity(a, r))
    assert parts == pytest.approx(integral(a, r, start, stop), rel=1e-9, abs=1e-12 * scale)
    whole = integral(a, r, 0.0, start) + integral(a, r, start, math.inf)
    assert whole == pytest.approx(time_integrated_activity(a, r), rel=1e-9)


@given(amplitudes, rates, st.floats(1e-3, 1e3), times)
def test_linear_in_activity(a, r, factor, stop):
    assert integral(factor * a, r, 0.0, stop) == pytest.approx(factor * integral(a, r, 0.0, stop), rel=1e-9)


@pytest.mark.parametrize("x", [1e-9, 1e-4, 0.0199, 0.0201, 0.5, 3.0, 40.0])
def test_moments_against_numerical_integration(x):
    """Gauss-Legendre with 60 nodes is exact to rounding for these functions."""
    rate, length = 2.0, x / 2.0
    nodes, weights = np.polynomial.legendre.leggauss(60)
    t, w = (nodes + 1) / 2 * length, weights / 2 * length
    zeroth, first = moments(np.array([rate]), length)
    assert zeroth[0] == pytest.approx(np.sum(w * np.exp(-rate * t)), rel=1e-12)
    assert first[0] == pytest.approx(np.sum(w * t * np.exp(-rate * t)), rel=1e-11)


def test_moments_to_the_end_of_time():
    zeroth, first = moments(np.array([2.0]), math.inf)
    assert (zeroth[0], first[0]) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 0.0), "above zero"),
        ((1.0, -1e-6), "above zero"),
        ((1.0, float("nan")), "above zero"),
        ((float("inf"), 1.0), "finite"),
        (([1.0, 2.0], [1.0]), "2 amplitudes and 1 rates"),
    ],
)
def test_what_has_no_integral_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        time_integrated_activity(*arguments)


def test_an_integral_does_not_run_backwards():
    with pytest.raises(InputError, match="stop not before"):
        integral(1.0, 1.0, 2.0, 1.0)
