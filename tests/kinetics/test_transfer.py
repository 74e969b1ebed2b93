"""Kinetics carried over: closed forms, and intervals that hold what they say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.kinetics import fit
from hevesy.kinetics.pairs import pair_of, pairs
from hevesy.kinetics.population import RegionPopulation
from hevesy.kinetics.transfer import (
    MOST_U,
    BiologicalHalfLife,
    transfer,
    transfer_with_half_life,
    transfer_with_population,
    transferred,
    transferred_integral,
)
from hevesy.model import TimeActivityCurve
from hevesy.nuclides import load_nuclide

LAM = {name: load_nuclide(name).decay_constant for name in ("I-124", "I-131", "Ga-68", "Lu-177", "Y-90", "In-111", "I-123")}
IODINE = pair_of("I-124", "I-131")
I124_I131 = {"diagnostic": LAM["I-124"], "therapeutic": LAM["I-131"]}


def curve(t_h, a, b, lam, rng=None, u=0.05):
    t = np.array(t_h) * un.h
    A = a * np.exp(-(b + lam) * t)
    measured = A if rng is None else A * (1 + u * rng.standard_normal(t.size))
    return TimeActivityCurve(region="Lesion 1", t=t, A=measured, u=u * A)


@settings(max_examples=50, deadline=None)
@given(
    a=st.lists(st.floats(1e3, 1e9), min_size=1, max_size=3), b=st.lists(st.floats(1e-8, 1e-4), min_size=3, max_size=3),
    t=st.floats(0.0, 1e6),
)  # fmt: skip
def test_the_ratio_of_the_curves_is_that_of_the_decays(a, b, t):
    a, r = np.array(a), np.array(b[: len(a)]) + LAM["I-124"]
    a2, r2 = transferred(a, r, **I124_I131)
    before, after = np.sum(a * np.exp(-r * t)), np.sum(a2 * np.exp(-r2 * t))
    assert after == pytest.approx(before * math.exp(-(LAM["I-131"] - LAM["I-124"]) * t), rel=1e-9)
    back, rates = transferred(a2, r2, diagnostic=LAM["I-131"], therapeutic=LAM["I-124"])
    np.testing.assert_allclose(rates, r, rtol=1e-9)
    np.testing.assert_array_equal(back, a)


def test_one_exponential_in_closed_form():
    b = math.log(2) / (100 * un.h)
    made = curve([4, 24, 96, 200], 1e7, b, LAM["I-124"])
    found = transfer(fit(made, decay_constant=LAM["I-124"], model="mono"), made, pair=IODINE, **I124_I131)
    truth = 1e7 / (b + LAM["I-131"])
    assert found.time_integrated_activity.value == pytest.approx(truth, rel=1e-6)
    tail = math.exp(-(b + LAM["I-131"]) * 200 * un.h)
    assert found.extrapolated == pytest.approx(tail, rel=1e-5)
    assert found.terms["extrapolation"] == pytest.approx(tail * _u_tail(b, LAM["I-131"]), rel=2e-3)
    assert found.terms["compound"] == IODINE.u_uptake
    assert found.effective_half_life.value == pytest.approx(math.log(2) / (b + LAM["I-131"]), rel=1e-6)
    assert found.extrapolated > found.extrapolated_diagnostic * 0.9


def _u_tail(b, lam):
    """Of lam + b over lam + x b about 1, x equally likely from 0 to 2, in closed form."""
    mean = math.log1p(2 * b / lam) / (2 * b)
    return math.sqrt(1 / (lam * (2 * b + lam)) - 2 * mean / (b + lam) + 1 / (b + lam) ** 2) * (b + lam)


def test_the_same_nuclide_changes_nothing():
    made = curve([4, 24, 48, 96], 1e7, 5e-6, LAM["Lu-177"])
    fitted = fit(made, decay_constant=LAM["Lu-177"], model="mono")
    found = transfer(fitted, made, pair=pair_of("Lu-177", "Lu-177"), diagnostic=LAM["Lu-177"], therapeutic=LAM["Lu-177"])
    assert found.time_integrated_activity.value == pytest.approx(fitted.time_integrated_activity.value, rel=1e-9)
    u = found.terms["fit"] * found.time_integrated_activity.value
    assert u == pytest.approx(fitted.time_integrated_activity.u, rel=1e-9)


def test_intervals_of_fits_hold_what_they_say():
    """Late clearance from none to twice the fit's, compounds apart by the pair's u, points by theirs."""
    rng, inside, n = np.random.default_rng(4), 0, 300
    b, last = math.log(2) / (60 * un.h), 96 * un.h
    lam_t = LAM["I-131"]
    s = math.sqrt(math.log1p(IODINE.u_uptake**2))
    for _ in range(n):
        made = curve([4, 24, 48, 96], 1e7, b, LAM["I-124"], rng)
        found = transfer(fit(made, decay_constant=LAM["I-124"], model="mono"), made, pair=IODINE, **I124_I131)
        whole, tail = 1e7 / (b + lam_t), 1e7 * math.exp(-(b + lam_t) * last) / (b + lam_t)
        late = tail * (b + lam_t) / (rng.uniform(0, 2) * b + lam_t)
        truth = (whole - tail + late) * math.exp(s * rng.standard_normal())
        inside += found.interval_95[0] <= truth <= found.interval_95[1]
    assert 0.92 <= inside / n <= 0.98


def test_intervals_with_a_half_life_hold_what_they_say():
    rng, inside, n = np.random.default_rng(5), 0, 300
    prior = BiologicalHalfLife(median=80 * un.h, variation=0.4)
    pair = replace(pair_of("Ga-68", "Lu-177"), u_uptake=0.2)
    decays = {"diagnostic": LAM["Ga-68"], "therapeutic": LAM["Lu-177"]}
    s, s_u = math.sqrt(math.log1p(0.4**2)), math.sqrt(math.log1p(0.2**2))
    for _ in range(n):
        b = math.log(2) / (80 * un.h * math.exp(s * rng.standard_normal()))
        made = curve([1, 2, 4], 1e7, b, LAM["Ga-68"], rng)
        found = transfer_with_half_life(made, prior, pair=pair, **decays)
        truth = 1e7 / (b + LAM["Lu-177"]) * math.exp(s_u * rng.standard_normal())
        inside += found.interval_95[0] <= truth <= found.interval_95[1]
    assert 0.92 <= inside / n <= 0.98


def test_intervals_with_a_population_hold_what_they_say():
    rng, inside, n = np.random.default_rng(6), 0, 60
    population = RegionPopulation(
        region="Lesion 1", model="mono", decay_constant=LAM["Lu-177"], mean=np.log([0.02, 2e-6]),
        covariance=np.diag([0.09, 0.16]), mean_covariance=np.diag([0.0009, 0.0016]), proportional=0.06, additive=0.0,
        patients=100, points=400,
    )  # fmt: skip
    pair = replace(pair_of("In-111", "Y-90"), u_uptake=0.1)
    decays = {"diagnostic": LAM["In-111"], "therapeutic": LAM["Y-90"]}
    for _ in range(n):
        a, b = np.exp(population.mean + np.sqrt(np.diag(population.covariance)) * rng.standard_normal(2))
        made = replace(curve([24, 72], a * 1e9, b, LAM["In-111"], rng, u=0.06), u=None)
        found = transfer_with_population(made, population, pair=pair, administered=1e9, **decays)
        truth = a * 1e9 / (b + LAM["Y-90"]) * math.exp(math.sqrt(math.log1p(0.01)) * rng.standard_normal())
        inside += found.interval_95[0] <= truth <= found.interval_95[1]
    assert inside / n >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / n)


def test_a_prior_that_the_points_outdo_gives_way():
    b = math.log(2) / (60 * un.h)
    made = curve([4, 24, 48, 96, 168], 1e7, b, LAM["I-124"], u=0.02)
    prior = BiologicalHalfLife(median=50 * un.h, variation=0.5)
    found = transfer_with_half_life(made, prior, pair=IODINE, **I124_I131)
    assert found.time_integrated_activity.value == pytest.approx(1e7 / (b + LAM["I-131"]), rel=0.02)
    assert found.terms["points and prior"] < 0.03


def test_a_half_life_that_does_not_belong():
    made = curve([4, 24, 48, 96, 168], 1e7, 2e-5, LAM["I-124"], u=0.01)
    with pytest.raises(ScopeError, match="does not meet the points"):
        transfer_with_half_life(made, BiologicalHalfLife(median=900 * un.h, variation=0.05), pair=IODINE, **I124_I131)
    with pytest.raises(InputError, match="with their uncertainty"):
        transfer_with_half_life(replace(made, u=None), BiologicalHalfLife(median=1e5, variation=0.1), pair=IODINE, **I124_I131)


def test_too_much_after_the_last_scan_is_refused():
    made = curve([1, 4, 8, 20], 1e7, 3e-6, LAM["I-123"], u=0.01)
    fitted = fit(made, decay_constant=LAM["I-123"], model="mono")
    pair = pair_of("I-123", "I-131")
    with pytest.raises(ScopeError, match=f"below {100 * MOST_U:g} %"):
        transfer(fitted, made, pair=pair, diagnostic=LAM["I-123"], therapeutic=LAM["I-131"])


def test_a_fit_that_is_not_determined_is_refused():
    one = curve([24], 1e7, 3e-6, LAM["I-124"])
    with pytest.raises(ScopeError, match="nothing can be carried over"):
        transfer(fit(one, decay_constant=LAM["I-124"]), one, pair=IODINE, **I124_I131)


def test_pairs():
    assert len({(one.diagnostic, one.therapeutic) for one in pairs()}) == len(pairs())
    assert {one.diagnostic for one in pairs() if one.needs_prior} == {"Ga-68", "F-18"}
    assert all(one.source and one.not_claimed and 0 < one.u_uptake <= 0.5 for one in pairs())
    with pytest.raises(ScopeError, match="I-124 to I-131"):
        pair_of("F-18", "I-131")
    made = curve([1, 2, 4], 1e7, 3e-6, LAM["Ga-68"])
    with pytest.raises(ScopeError, match="Give what is known"):
        transfer(
            fit(made, decay_constant=LAM["Ga-68"]), made, pair=pair_of("Ga-68", "Lu-177"),
            diagnostic=LAM["Ga-68"], therapeutic=LAM["Lu-177"],
        )  # fmt: skip


@pytest.mark.parametrize("given", [{"median": 0.0, "variation": 0.2}, {"median": 1e5, "variation": 0.0}])
def test_half_lives_that_are_none(given):
    with pytest.raises(InputError, match="above"):
        BiologicalHalfLife(**given)


def test_rates_of_another_nuclide_are_refused():
    with pytest.raises(InputError, match="below the decay"):
        transferred_integral([1.0], [0.5 * LAM["I-124"]], **I124_I131)
