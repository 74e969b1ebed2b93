"""The search against a general optimiser from many starts."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

from hevesy import units as u
from hevesy.kinetics import MODELS
from hevesy.kinetics.models import values
from hevesy.kinetics.solve import CLOSEST, dimensionless, solve
from hevesy.model import TimeActivityCurve
from hevesy.rng import stream

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([1.0, 4.0, 20.0, 48.0, 96.0, 168.0]) * u.h


def noisy(batch, n=6):
    """Curves of many shapes, with noise that sometimes spoils them."""
    random = stream(23, batch)
    rates = LAMBDA + math.log(2) / (10 ** random.uniform(0.2, 2.2, 2) * u.h)
    A = np.exp(-np.outer(T, rates)) @ random.uniform(0.2, 1, 2)
    if batch % 3 == 0:
        A = A * (1 - np.exp(-T * math.log(2) / (5 * u.h)))
    A = 1e8 * A * (1 + (0.01, 0.05, 0.15)[batch % 3] * random.standard_normal(T.size))
    return TimeActivityCurve(region="R", t=T[:n], A=A[:n], u=0.05 * np.abs(A[:n]) + 1e4)


def brute(model, points):
    """The least sum of squares that Nelder and Mead find from many starts, amplitudes by non-negative least squares."""

    def cost(x):
        rates = np.cumsum([points.decay + abs(x[0]), *(CLOSEST + np.exp(np.clip(x[1:], -7, 9)))])
        terms = np.exp(-np.outer(points.t - points.t[0], rates)) * points.w[:, None]
        m = model.phases
        if model.uptake:
            terms = terms[:, :m] * -np.expm1(np.outer(points.t, rates[:m] - rates[-1]))
        return nnls(terms, points.y * points.w)[1] ** 2

    starts = np.array(np.meshgrid([0.3, 3.0], *[[-0.5, 3.0]] * (len(model.rates) - 1))).reshape(len(model.rates), -1).T
    return min(minimize(cost, x, method="Nelder-Mead", options={"maxiter": 400, "fatol": 1e-9}).fun for x in starts)


@pytest.mark.parametrize("name", ["mono", "uptake", "bi"])
@pytest.mark.parametrize("batch", range(6))
def test_nothing_better_is_found_by_another_search(name, batch):
    points = dimensionless(noisy(batch), LAMBDA)
    found = solve(MODELS[name], points)
    assert found.cost <= brute(MODELS[name], points) * (1 + 1e-3) + 1e-6


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("batch", range(4))
def test_a_richer_model_is_no_worse_and_keeps_its_bounds(name, batch):
    points = dimensionless(noisy(batch), LAMBDA)
    model, solutions = MODELS[name], {}
    for each in MODELS.values():
        solutions[each.name] = solve(each, points, solutions)
    found = solutions[name]
    simpler = {"bi": "mono", "tri": "bi", "bi-uptake": "uptake"}.get(name, name)
    assert found.cost <= solutions[simpler].cost * (1 + 1e-9)
    assert np.all(np.diff(np.concatenate([[points.decay], model.to_rates @ found.p])) >= 0)
    assert np.all((model.to_amplitudes @ found.p)[: model.phases] >= 0)


@pytest.mark.parametrize("name", ["bi-uptake", "tri"])
def test_three_rates_are_recovered(name):
    t = np.array([0.3, 1.0, 3.0, 8.0, 20.0, 48.0, 96.0, 168.0]) * u.h
    rates = math.log(2) / (np.array([100.0, 14.0, 1.0]) * u.h)
    p = np.array([5e7, rates[0], 6e7, rates[1], *([rates[2]] if name == "bi-uptake" else [4e7, rates[2]])])
    curve = TimeActivityCurve(region="R", t=t, A=values(MODELS[name], p, t))
    found = solve(MODELS[name], dimensionless(curve, LAMBDA))
    scale = np.array([np.max(curve.A) if x[0] == "A" else 1 / t[-1] for x in MODELS[name].parameters])
    assert found.p * scale == pytest.approx(p, rel=1e-5)


def test_the_edge_is_met_exactly():
    curve = TimeActivityCurve(region="R", t=T, A=1e8 * np.exp(-LAMBDA * T))
    found = solve(MODELS["mono"], dimensionless(curve, LAMBDA))
    assert found.at_decay
    assert found.b == 0
