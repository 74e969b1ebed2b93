"""The penalised image against a general optimiser, and the prior against finite differences."""

import functools
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.imaging.reconstruct.map import map_estimate, objective
from hevesy.imaging.reconstruct.prior import RelativeDifference

_spec = importlib.util.spec_from_file_location("small_operators", Path(__file__).with_name("small.py"))
small = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small)

PRIOR = RelativeDifference(beta=3.0, spacing=(4.0, 4.0, 5.0), epsilon=0.1)


@functools.cache
def pairs(shape, spacing):
    """Flat indices of neighbours, each pair once, and their weight."""
    found = []
    for a in np.ndindex(shape):
        for b in np.ndindex(shape):
            step = np.array(b) - np.array(a)
            if a < b and np.abs(step).max() <= 1:
                weight = min(spacing) / np.linalg.norm(step * np.array(spacing[::-1]))
                found.append((np.ravel_multi_index(a, shape), np.ravel_multi_index(b, shape), weight))
    j, k, w = zip(*found, strict=True)
    return np.array(j), np.array(k), np.array(w)


def by_pairs(f, prior):
    """The prior written out pair by pair."""
    j, k, w = pairs(f.shape, prior.spacing)
    a, b = f.ravel()[j], f.ravel()[k]
    return prior.beta * float(np.sum(w * (a - b) ** 2 / (a + b + prior.gamma * np.abs(a - b) + prior.epsilon)))


def test_value_is_the_sum_over_pairs():
    f = np.random.default_rng(0).random((3, 4, 5)) * 10
    assert PRIOR.value(f) == pytest.approx(by_pairs(f, PRIOR), rel=1e-5)


def test_derivatives_are_those_of_the_sum_over_pairs():
    rng = np.random.default_rng(1)
    f, p = rng.random((2, 3, 3)) * 10 + 1, rng.standard_normal((2, 3, 3))
    h = 1e-4

    def slope(f, at):
        e = np.zeros_like(f)
        e[at] = h
        return (by_pairs(f + e, PRIOR) - by_pairs(f - e, PRIOR)) / (2 * h)

    expected = np.array([slope(f, at) for at in np.ndindex(f.shape)]).reshape(f.shape)
    assert PRIOR.gradient(f) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    moved = [(PRIOR.gradient(f + s * 1e-2 * p).astype(float)) for s in (1, -1)]
    assert PRIOR.hessian_product(f, p) == pytest.approx((moved[0] - moved[1]) / 2e-2, rel=0.01, abs=0.01)
    at = (1, 1, 1)
    e = np.zeros_like(f)
    e[at] = 1
    assert PRIOR.curvature(f)[at] == pytest.approx(PRIOR.hessian_product(f, e)[at], rel=1e-4)


def problem():
    operator = small.Dense(8, 16, (2, 3, 4), seed=5)
    truth = np.full(operator.in_shape, 20.0)
    truth[0, 1, 1:3] = 60
    truth[1, 2, :] = 0
    r = np.full(operator.out_shape, 1.5, np.float32)
    y = np.random.default_rng(6).poisson(operator.forward(truth) + r).astype(np.float32)
    return operator, y, r


def test_the_fixed_point_is_the_optimum_of_a_general_optimiser():
    from scipy.optimize import minimize

    operator, y, r = problem()
    A = operator.A.reshape(-1, 24).astype(float)

    def loss(f):
        q = A @ f + r.ravel()
        image = f.reshape(operator.in_shape)
        slope = A.T @ (1 - y.ravel() / q) + PRIOR.gradient(image).astype(float).ravel()
        return float(np.sum(q - y.ravel() * np.log(q))) + by_pairs(image, PRIOR), slope

    best = minimize(loss, np.full(24, 20.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * 24)
    for subsets, passes in ((1, 400), (4, 600)):
        image = map_estimate(operator, y, PRIOR, additive=r, iterations=passes, subsets=subsets)
        assert image.ravel() == pytest.approx(best.x, rel=0.01, abs=0.15)


def test_objective_rises():
    operator, y, r = problem()
    values = []
    map_estimate(
        operator, y, PRIOR, additive=r, iterations=30, subsets=1,
        on_iteration=lambda n, image: values.append(objective(operator, image, y, PRIOR, additive=r)),
    )  # fmt: skip
    after = values[1:]
    assert all(b >= a - 0.02 for a, b in zip(after, after[1:], strict=False))
    assert after[-1] > values[0]


@settings(max_examples=25)
@given(strength=st.floats(-4, 2), counts=st.floats(-3, 2), subsets=st.sampled_from([1, 2, 4]))
def test_no_strength_of_the_prior_and_no_number_of_counts_ends_below_an_even_image(strength, counts, subsets):
    """An even image costs no prior: whatever is found must be better than the best of them, which first steps can fall below."""
    operator, *_ = problem()
    scale = 10.0**counts
    truth = np.full(operator.in_shape, 20.0 * scale)
    truth[0, 1, 1:3] *= 3
    r = np.full(operator.out_shape, 1.5 * scale, np.float32)
    y = np.random.default_rng(8).poisson(operator.forward(truth) + r).astype(np.float32)
    prior = RelativeDifference(beta=10.0**strength, spacing=PRIOR.spacing, epsilon=0.01 * scale)
    image = map_estimate(operator, y, prior, additive=r, iterations=40, subsets=subsets)
    even = max(
        objective(operator, np.full(operator.in_shape, level * scale), y, prior, additive=r) for level in np.geomspace(2, 80, 24)
    )
    assert objective(operator, image, y, prior, additive=r) > even - 0.1


def test_a_stronger_prior_makes_a_smoother_image():
    operator, y, r = problem()
    roughness = []
    for beta in (0.1, 3.0, 100.0):
        prior = RelativeDifference(beta=beta, spacing=PRIOR.spacing)
        image = map_estimate(operator, y, prior, additive=r, iterations=40, subsets=2)
        roughness.append(image.std() / image.mean())
    assert roughness[0] > roughness[1] > roughness[2]


def test_refusals():
    operator, y, _ = problem()
    with pytest.raises(InputError, match="at least 2"):
        map_estimate(operator, y, PRIOR, iterations=1, subsets=1)
    with pytest.raises(InputError, match="epsilon above 0"):
        RelativeDifference(beta=1, spacing=(1, 1, 1), epsilon=0)
