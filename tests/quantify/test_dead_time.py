"""Dead time: the two models, their fits, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import ConvergenceError, InputError, ScopeError
from hevesy.model import Measured
from hevesy.quantify.dead_time import DeadTime, Kind, corrected_rate, fit_decaying_source, observed_rate, two_sources

TAU = 2e-6
LAM = math.log(2) / (6.0067 * 3600)
KINDS = list(Kind)


def dead(kind, u=0.0):
    return DeadTime(tau=Measured(value=TAU, u=u), kind=kind)


@given(n=st.floats(1.0, 3.5e5), kind=st.sampled_from(KINDS))
def test_the_correction_undoes_the_loss(n, kind):
    m = float(observed_rate(n, TAU, kind))
    assert corrected_rate(Measured(value=m, u=0.0), dead(kind)).value == pytest.approx(n, rel=1e-6)


def test_the_peak_of_a_paralysable_camera_lies_at_one_by_tau():
    n = np.linspace(1e4, 2e6, 100000)
    m = observed_rate(n, TAU, Kind.PARALYSABLE)
    assert n[np.argmax(m)] == pytest.approx(1 / TAU, rel=1e-3)
    assert m.max() == pytest.approx(1 / (math.e * TAU), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_u_is_that_of_differences(kind):
    rate, d = Measured(value=1e5, u=400.0), dead(kind, 3e-8)
    found = corrected_rate(rate, d)
    by_rate = corrected_rate(Measured(value=1e5 + 1, u=0.0), dead(kind)).value - found.value
    longer = DeadTime(tau=Measured(value=TAU + 1e-10, u=0.0), kind=kind)
    by_tau = (corrected_rate(Measured(value=1e5, u=0.0), longer).value - found.value) / 1e-10
    assert found.u == pytest.approx(math.hypot(400 * by_rate, 3e-8 * by_tau), rel=1e-3)


def test_beyond_the_peak_is_refused():
    top = 1 / (math.e * TAU)
    with pytest.raises(ScopeError, match="at most"):
        corrected_rate(Measured(value=1.01 * top, u=0.0), dead(Kind.PARALYSABLE))
    with pytest.raises(ScopeError, match="more activity"):
        corrected_rate(Measured(value=0.9999 * top, u=0.0), dead(Kind.PARALYSABLE))
    with pytest.raises(ScopeError, match="at most"):
        corrected_rate(Measured(value=1 / TAU, u=0.0), dead(Kind.NON_PARALYSABLE))
    with pytest.raises(InputError, match="below zero"):
        corrected_rate(Measured(value=-1.0, u=0.0), dead(Kind.PARALYSABLE))


@pytest.mark.parametrize("kind", KINDS)
def test_a_decaying_source_gives_the_dead_time(kind):
    """z-scores of twenty noisy runs; their mean square is chi2 with 20 degrees of freedom, 4 standard deviations."""
    t = np.arange(0, 48, 2) * 3600.0
    m = observed_rate(4e5 * np.exp(-LAM * t), TAU, kind)
    z = []
    for seed in range(20):
        rates = np.random.default_rng(seed).normal(m, 0.003 * m)
        found = fit_decaying_source(t, rates, decay_constant=LAM, u=0.003 * m, kind=kind)
        z.append((found.tau.value - TAU) / found.tau.u)
        assert found.true_rate.value == pytest.approx(4e5, rel=0.02)
    assert abs(np.mean(z)) < 4 / math.sqrt(20)
    assert np.mean(np.square(z)) < 1 + 4 * math.sqrt(2 / 20)


@given(a=st.floats(2e4, 1.5e5), b=st.floats(2e4, 1.5e5), background=st.floats(0, 500), kind=st.sampled_from(KINDS))
def test_two_sources_give_the_dead_time(a, b, background, kind):
    rates = [
        Measured(value=float(observed_rate(n, TAU, kind)), u=20.0) for n in (a + background, b + background, a + b + background)
    ]
    found = two_sources(*rates, kind=kind, background=background)
    assert found.tau.value == pytest.approx(TAU, rel=1e-5)
    assert found.tau.u > 0


def test_what_shows_no_dead_time_is_refused():
    t = np.arange(0, 24, 2) * 3600.0
    with pytest.raises(ConvergenceError, match="stronger source"):
        fit_decaying_source(t, 100 * np.exp(-LAM * t) * (1 + 1e-3 * np.cos(t)), decay_constant=LAM)
    one = Measured(value=1000.0, u=1.0)
    with pytest.raises(ScopeError, match="nothing is"):
        two_sources(one, one, Measured(value=2000.0, u=1.0), kind=Kind.PARALYSABLE)
    with pytest.raises(InputError, match="three times"):
        fit_decaying_source([0, 1], [1, 2], decay_constant=LAM)
