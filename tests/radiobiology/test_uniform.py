"""Uniform equivalents: limits and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hevesy.errors import InputError
from hevesy.radiobiology import differential, generalised_eud, mean_of, uniform_bed

doses = hnp.arrays(float, st.integers(1, 30), elements=st.floats(0.01, 300))
exponents = st.floats(-50, 50).filter(lambda a: abs(a) > 0.05)


@given(D=doses, a=exponents)
def test_it_lies_between_least_and_most(D, a):
    found = generalised_eud(D, a)
    assert D.min() * (1 - 1e-9) <= found <= D.max() * (1 + 1e-9)


@given(D=doses, a=exponents, step=st.floats(0.1, 5))
def test_it_grows_with_the_exponent(D, a, step):
    upper = a + step if abs(a + step) > 0.05 else 0.1
    assert generalised_eud(D, a) <= generalised_eud(D, upper) * (1 + 1e-9)


@given(D=doses, a=exponents, c=st.floats(0.01, 100))
def test_it_scales_with_the_dose(D, a, c):
    assert generalised_eud(c * D, a) == pytest.approx(c * generalised_eud(D, a), rel=1e-9)


@given(D=doses)
def test_an_exponent_of_one_is_the_mean(D):
    assert generalised_eud(D, 1.0) == pytest.approx(D.mean())


@given(D=doses, alpha=st.floats(0.01, 2))
def test_a_uniform_bed_lies_between_the_least_and_the_mean(D, alpha):
    assert D.min() - 1e-9 <= uniform_bed(D, alpha) <= D.mean() + 1e-9


def test_a_uniform_bed_leaves_as_many_cells():
    B, v, alpha = np.array([10.0, 20.0, 200.0]), np.array([1.0, 2.0, 1.0]), 0.3
    alive = np.sum(v / 4 * np.exp(-alpha * B))
    assert np.exp(-alpha * uniform_bed(B, alpha, volumes=v)) == pytest.approx(alive)


def test_a_histogram_is_its_voxels():
    rng = np.random.default_rng(3)
    D = rng.gamma(9, 2.0, 50000)
    edges = np.linspace(0, D.max(), 401)
    bins, share = differential(edges, [(edge <= D).mean() for edge in edges])
    assert mean_of(bins, volumes=share) == pytest.approx(D.mean(), rel=2e-3)
    for a in (-10, 1.43, 8):
        assert generalised_eud(bins, a, volumes=share) == pytest.approx(generalised_eud(D, a), rel=5e-3)


def test_a_cold_voxel_leaves_no_minimum():
    assert generalised_eud([0.0, 10.0], -5) == 0.0
    assert generalised_eud([0.0, 0.0], 3) == 0.0
    assert generalised_eud([0.0, 10.0], -5, volumes=[0, 1]) == 10.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: generalised_eud([1.0], 0), "other than zero"),
        (lambda: generalised_eud([], 1), "got 0 doses"),
        (lambda: generalised_eud([1.0, 2.0], 1, volumes=[1.0]), "one volume a dose"),
        (lambda: generalised_eud([-1.0], 1), "not below zero"),
        (lambda: uniform_bed([1.0], 0.0), "alpha is 0"),
        (lambda: differential([0.0, 1.0], [0.5, 0.2]), "first share is 0.5"),
        (lambda: differential([0.0, 1.0], [1.0, 1.1]), "fall from 1"),
        (lambda: differential([0.0], [1.0]), "two or more"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(InputError, match=said):
        call()
