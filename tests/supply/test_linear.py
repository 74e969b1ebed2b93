"""Small linear programmes, against a library."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, minimize

from hevesy.errors import InputError
from hevesy.supply.linear import least_cost, nearest


def drawn(seed, n=6, m=5):
    rng = np.random.Generator(np.random.Philox(seed))
    A, b = np.round(rng.uniform(-1, 2, (m, n)), 2), np.round(rng.uniform(-0.5, 3, m), 2)
    E, e = np.round(rng.uniform(0, 1, (2, n)), 2), np.round(rng.uniform(0, 1, 2), 2)
    return np.round(rng.uniform(0, 1, n), 2), A, b, E, e


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_costs_as_little_as_a_library_finds(seed):
    cost, A, b, E, e = drawn(seed)
    found = least_cost(cost, A, b, E, e)
    theirs = linprog(cost, A_ub=A, b_ub=b, A_eq=E, b_eq=e, bounds=(0, None))
    assert (found is None) == (theirs.status == 2)
    if found is not None:
        assert found.min() >= -1e-9
        assert np.all(A @ found <= b + 1e-7)
        assert E @ found == pytest.approx(e, abs=1e-7)
        assert cost @ found == pytest.approx(theirs.fun, abs=1e-7)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_no_feasible_point_is_nearer(seed):
    _, A, b, E, e = drawn(seed)
    rng = np.random.Generator(np.random.Philox(seed + 1))
    R, r = np.vstack([np.eye(6), rng.uniform(0, 1, (2, 6))]), rng.uniform(0, 1, 8)
    found = nearest((R, r), A, b, E, e)
    feasible = least_cost(np.zeros(6), A, b, E, e)
    assert (found is None) == (feasible is None)
    if found is None:
        return
    assert np.all(A @ found <= b + 1e-6)
    assert E @ found == pytest.approx(e, abs=1e-6)
    theirs = minimize(
        lambda x: float(np.sum((R @ x - r) ** 2)), feasible, method="SLSQP", bounds=[(0, None)] * 6,
        constraints=[LinearConstraint(A, -np.inf, b), LinearConstraint(E, e, e)], options={"ftol": 1e-12},
    )  # fmt: skip
    assert np.sum((R @ found - r) ** 2) <= theirs.fun + 1e-6


def test_equations_that_say_the_same_twice_do_no_harm():
    E = np.array([[1.0, 1.0], [2.0, 2.0]])
    assert least_cost(np.array([1.0, 2.0]), np.eye(2), np.full(2, 0.75), E, np.array([1.0, 2.0])) == pytest.approx([0.75, 0.25])


def test_a_cost_without_end_is_refused():
    with pytest.raises(InputError, match="no least cost"):
        least_cost(np.array([-1.0]), np.empty((0, 1)), np.empty(0))
