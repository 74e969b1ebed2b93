"""The Lea-Catcheside factor: limits, laws, and quadrature of its definition."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.radiobiology import Repair, lea_catcheside, lea_catcheside_map

LN2 = math.log(2)
NODES, SHARES = np.polynomial.legendre.leggauss(40)


def panels(edges):
    """Nodes and weights of Gauss and Legendre between the edges."""
    edges = np.asarray(edges)
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1] + edges[1:])[:, None] / 2 + half * NODES
    return x.ravel(), (half * SHARES).ravel()


def by_quadrature(a, r, repair, until=math.inf):
    """G from its double integral, without any of the algebra of the closed form; inner integral over s = t - w."""
    a, r = np.asarray(a), np.asarray(r)
    end = until if math.isfinite(until) else 60 / r.min()
    short = min(1 / r.max(), *(1 / mu for mu in repair.rates))
    edges = [0.0, *np.geomspace(min(short * 0.01, end / 10), end, 24)]
    t, weight = panels(edges)

    def rate(x):
        return np.exp(-np.multiply.outer(x, r)) @ a

    total = 0.0
    for i in range(t.size):
        inner_edges = np.unique(np.minimum([0.0, *np.geomspace(short * 0.01, max(t[i], short), 14)], t[i]))
        s, w = panels(inner_edges)
        phi = sum(share * np.exp(-mu * s) for share, mu in zip(repair.weights, repair.rates, strict=True))
        total += weight[i] * rate(t[i]) * np.sum(w * rate(t[i] - s) * phi)
    dose = np.sum(weight * rate(t))
    return 2 * total / dose**2


hours = st.floats(1.0, 200.0)
repairs = st.one_of(
    st.floats(0.2, 10.0).map(lambda T: Repair(half_times=(T * un.h,))),
    st.tuples(st.floats(0.2, 1.0), st.floats(2.0, 8.0), st.floats(0.05, 0.95)).map(
        lambda p: Repair(half_times=(p[0] * un.h, p[1] * un.h), weights=(p[2], 1 - p[2]))
    ),
)


@settings(max_examples=8, deadline=None)
@given(T=st.tuples(hours, hours), share=st.floats(0.05, 0.95), repair=repairs)
def test_two_exponentials_meet_quadrature(T, share, repair):
    a, r = [share, 1 - share], [LN2 / (x * un.h) for x in T]
    assert lea_catcheside(a, r, repair) == pytest.approx(by_quadrature(a, r, repair), rel=1e-6)


@settings(max_examples=6, deadline=None)
@given(wash=st.floats(20, 150), uptake=st.floats(0.3, 10), repair=repairs)
def test_uptake_meets_quadrature(wash, uptake, repair):
    a, r = [1.0, -1.0], [LN2 / (wash * un.h), LN2 / (uptake * un.h)]
    assert lea_catcheside(a, r, repair) == pytest.approx(by_quadrature(a, r, repair), rel=1e-6)


@settings(max_examples=6, deadline=None)
@given(T=hours, until=st.floats(0.5, 300), repair=repairs)
def test_an_end_of_time_meets_quadrature(T, until, repair):
    a, r = [1.0, 0.3], [LN2 / (T * un.h), LN2 / (5 * un.h)]
    assert lea_catcheside(a, r, repair, until=until * un.h) == pytest.approx(
        by_quadrature(a, r, repair, until=until * un.h), rel=1e-6
    )


@given(T=hours, repair=repairs, scale=st.floats(1e-6, 1e9))
def test_one_exponential_is_the_textbook_form_whatever_its_size(T, repair, scale):
    r = LN2 / (T * un.h)
    expected = sum(w * r / (r + mu) for w, mu in zip(repair.weights, repair.rates, strict=True))
    assert lea_catcheside([scale], [r], repair) == pytest.approx(expected, rel=1e-12)


@given(T=st.lists(hours, min_size=1, max_size=3), repair=repairs)
def test_g_lies_between_zero_and_one_and_grows_with_the_repair_time(T, repair):
    r = [LN2 / (x * un.h) for x in T]
    slower = Repair(half_times=tuple(1.3 * x for x in repair.half_times), weights=repair.weights)
    G = lea_catcheside([1.0] * len(r), r, repair)
    assert 0 < G < lea_catcheside([1.0] * len(r), r, slower) <= 1


def test_an_acute_irradiation_has_g_of_one_and_a_long_one_that_of_infinite_time():
    repair = Repair(half_times=(2.8 * un.h,))
    assert lea_catcheside([1.0], [0.0], repair, until=0.1) == pytest.approx(1.0, abs=1e-5)
    r = LN2 / (50 * un.h)
    assert lea_catcheside([1.0], [r], repair, until=5000 * un.h) == pytest.approx(lea_catcheside([1.0], [r], repair), rel=1e-12)


def test_constant_rate_for_a_time_is_dale_1985():
    """G = 2/(mu T) (1 - (1 - exp(-mu T)) / (mu T))."""
    repair, T = Repair(half_times=(1.5 * un.h,)), 10 * un.h
    x = repair.rates[0] * T
    assert lea_catcheside([3.0], [0.0], repair, until=T) == pytest.approx(2 / x * (1 - (1 - math.exp(-x)) / x), rel=1e-12)


@pytest.mark.parametrize("off", [0.0, 1e-14, 1e-9, 1e-6, 1e-3])
def test_no_pole_where_a_rate_equals_that_of_repair(off):
    repair = Repair(half_times=(3 * un.h,))
    r = repair.rates[0] * (1 + off)
    assert lea_catcheside([1.0], [r], repair, until=20 * un.h) == pytest.approx(
        by_quadrature([1.0], [r], repair, until=20 * un.h), rel=1e-9
    )


def test_a_map_is_its_curves_one_by_one():
    repair = Repair(half_times=(2.8 * un.h,))
    a = np.array([[[1.0, 0.5], [2.0, -1.0]], [[1.0, 0.0], [0.1, 3.0]]])
    r = np.array([LN2 / (50 * un.h), LN2 / (4 * un.h)])
    G = lea_catcheside_map(a, r, repair)
    assert G.shape == (2, 2)
    assert G[0, 1] == lea_catcheside(a[0, 1], r, repair)
    assert G[1, 0] == pytest.approx(lea_catcheside([1.0], r[:1], repair))


@pytest.mark.parametrize(
    ("a", "r", "said"),
    [
        ([1.0, -2.0], [1e-5, 1e-4], "starts below zero"),
        ([1.0, -1.0], [1e-4, 1e-5], "integrates to no dose"),
        ([1.0], [0.0], "above zero"),
        ([1.0], [-1e-5], "above zero"),
        ([1.0, 2.0], [1e-5], "last axis"),
        ([[1.0]], [1e-5], "lea_catcheside_map"),
        ([math.nan], [1e-5], "finite"),
        ([], [], "last axis"),
    ],
)
def test_refusals(a, r, said):
    with pytest.raises(InputError, match=said):
        lea_catcheside(a, r, Repair(half_times=(2.8 * un.h,)))
