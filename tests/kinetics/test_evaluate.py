import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.kinetics import band, evaluate, fit
from hevesy.model import TimeActivityCurve

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([4.0, 24.0, 72.0, 120.0, 168.0]) * u.h
A = 8e7 * (np.exp(-3e-6 * T) - np.exp(-6e-5 * T)) * np.array([1.02, 0.99, 1.01, 0.99, 1.01])


def made(model="uptake", u_A=None):
    return fit(TimeActivityCurve(region="R", t=T, A=A, u=u_A), decay_constant=LAMBDA, model=model)


def test_the_curve_is_its_sum_of_exponentials():
    found = made()
    p = found.parameters
    t = np.array([0.0, 1e4, 1e6])
    assert evaluate(found, t) == pytest.approx(p["A"] * (np.exp(-p["l1"] * t) - np.exp(-p["l2"] * t)), abs=1e-6)


@pytest.mark.parametrize("model", ["mono", "uptake"])
def test_the_band_is_the_delta_method(model):
    """Against numerical derivatives by each parameter."""
    found = made(model, 0.05 * A)
    t = np.array([1e4, 2e5, 1e6])
    names, p = list(found.parameters), np.array(list(found.parameters.values()))

    def at(q):
        amplitudes, rates = found.amplitudes_jacobian @ q, found.rates_jacobian @ q
        return np.exp(-np.outer(t, rates)) @ amplitudes

    columns = []
    for i in range(len(names)):
        step = np.zeros_like(p)
        step[i] = 1e-5 * p[i]
        columns.append((at(p + step) - at(p - step)) / (2 * step[i]))
    J = np.stack(columns, axis=1)
    value, u_value = band(found, t)
    assert value == pytest.approx(evaluate(found, t))
    assert u_value == pytest.approx(np.sqrt(np.diag(J @ found.covariance @ J.T)), rel=1e-6)


def test_no_covariance_no_band():
    exact = fit(TimeActivityCurve(region="R", t=T[:2], A=[5e7, 4e7]), decay_constant=LAMBDA)
    assert band(exact, T) is None
