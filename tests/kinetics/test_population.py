"""The values of a population: what it refuses, and curves from its parameters."""

import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.kinetics.marginal_likelihood import share
from hevesy.kinetics.population import PARAMETERS, RegionPopulation, curve_parameters

LAM = math.log(2) / (6.647 * 24 * un.h)
THETA = {
    "mono": [0.03, 2e-6],
    "uptake": [0.03, 2e-6, 1e-4],
    "bi": [0.02, 2e-6, 0.015, 2e-5],
}


def population(model="mono", **changes):
    k = len(PARAMETERS.get(model, THETA["mono"]))
    values = {
        "region": "Kidneys",
        "model": model,
        "decay_constant": LAM,
        "mean": np.log(THETA.get(model, THETA["mono"])),
        "covariance": 0.09 * np.eye(k),
        "mean_covariance": 0.002 * np.eye(k),
        "proportional": 0.1,
        "additive": 1e-5,
        "patients": 50,
        "points": 200,
    }
    return RegionPopulation(**(values | changes))


@pytest.mark.parametrize("model", list(PARAMETERS))
def test_the_share_is_the_curve_of_the_parameters(model):
    made = population(model)
    t = np.array([1.0, 20.0, 100.0]) * un.h
    p = curve_parameters(made, made.mean)
    curve = np.exp(-np.outer(t, made.curve_model.to_rates @ p)) @ (made.curve_model.to_amplitudes @ p)
    f, gradient = share(model, made.mean, t, LAM)
    assert f == pytest.approx(curve, rel=1e-12)
    for i in range(made.mean.size):
        step = np.zeros(made.mean.size)
        step[i] = 1e-6
        ahead, behind = (share(model, made.mean + sign * step, t, LAM)[0] for sign in (1, -1))
        assert gradient[:, i] == pytest.approx((ahead - behind) / 2e-6, rel=1e-5, abs=1e-12)


def test_another_nuclide_keeps_the_biological_rate():
    p = curve_parameters(population(), np.log(THETA["mono"]), decay_constant=10 * LAM)
    assert p == pytest.approx([0.03, 10 * LAM + 2e-6])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "tri"}, "no population model"),
        ({"mean": [1.0]}, "mean of model mono"),
        ({"covariance": -np.eye(2)}, "not negative"),
        ({"decay_constant": 0.0}, "decay constant"),
        ({"proportional": 0.0, "additive": 0.0}, "one above zero"),
    ],
)
def test_what_is_refused(changes, said):
    with pytest.raises(InputError, match=said):
        population(**changes)
