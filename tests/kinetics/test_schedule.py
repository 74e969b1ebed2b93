"""Scan times: what must hold of any plan, the closed forms, and the expected uncertainty against sampling."""

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kinetics.mono_patients import LAM, best_hour, population, uncertainty

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.kinetics.bayes import posterior
from hevesy.kinetics.models import values
from hevesy.kinetics.population import RegionPopulation, curve_parameters
from hevesy.kinetics.schedule import (
    best_schedule,
    candidate_times,
    draw_patients,
    expected_u,
    integral_quantiles,
    single_scan_curve,
)
from hevesy.model import TimeActivityCurve

WINDOWS = [(a * un.h, b * un.h) for a, b in ((3, 6), (20, 28), (44, 52), (68, 76), (92, 100), (164, 172))]
WASH_OUT = math.log(2) / (50 * un.h) - LAM


def of_model(model, theta, spread, **given):
    residual = {"proportional": 0.05, "additive": 1e-4, **given}
    return RegionPopulation(
        region=f"Region_{model}",
        model=model,
        decay_constant=LAM,
        mean=np.log(theta),
        covariance=np.diag(np.square(spread)),
        mean_covariance=np.zeros((len(spread), len(spread))),
        patients=30,
        points=120,
        **residual,
    )


BI = of_model("bi", [0.01, WASH_OUT, 0.015, math.log(2) / (8 * un.h)], [0.4, 0.3, 0.6, 0.5])
UPTAKE = of_model("uptake", [0.02, WASH_OUT, math.log(2) / (3 * un.h)], [0.4, 0.3, 0.6])
MONO = population(additive=1e-4)


def sampled_u(region, times, *, seed, patients=40, draws=60_000):
    """Root of the mean posterior variance of ln(integral), by importance sampling from the prior."""
    rng = np.random.default_rng(seed)
    t, root = np.asarray(times) * un.h, np.linalg.cholesky(region.covariance)
    model = region.curve_model

    def curve(theta):
        p = curve_parameters(region, theta)
        a, r = p @ model.to_amplitudes.T, p @ model.to_rates.T
        return np.einsum("pm,pmn->pn", a, np.exp(-r[..., None] * t)), np.log(np.sum(a / r, axis=-1))

    def noise(f):
        return (region.proportional * f) ** 2 + region.additive**2

    prior, log_integral = curve(region.mean + rng.normal(size=(draws, region.mean.size)) @ root.T)
    variances = []
    for _ in range(patients):
        f, _ = curve((region.mean + root @ rng.normal(size=region.mean.size))[None])
        y = f + rng.normal(size=f.shape) * np.sqrt(noise(f))
        log_weight = -0.5 * np.sum((y - prior) ** 2 / noise(prior) + np.log(noise(prior)), axis=1)
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        variances.append(weight @ (log_integral - weight @ log_integral) ** 2)
    return math.sqrt(np.mean(variances))


@pytest.mark.parametrize("region", [MONO, BI, UPTAKE], ids=lambda r: r.model)
@pytest.mark.parametrize("times", [[24], [72], [24, 100]], ids=str)
def test_expected_uncertainty_agrees_with_sampling(region, times):
    """Ten per cent: the linearisation, and forty sampled patients."""
    linear = expected_u(draw_patients([region]), np.array(times) * un.h)
    assert linear == pytest.approx(sampled_u(region, times, seed=4), rel=0.10)


def test_before_any_scan_there_is_the_prior():
    patients = draw_patients([population(amplitude=0.3, rate=1e-9)])
    assert expected_u(patients, []) == pytest.approx(0.3, rel=1e-6)
    spread = integral_quantiles(patients, [0.5])["Kidney_Left"]
    assert spread[0] == pytest.approx(0.02 * 50 * un.h / math.log(2), rel=0.01)


def test_readings_without_noise_of_alike_patients_leave_nothing():
    assert uncertainty([72.0], rate=0.0, proportional=1e-9) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("half_life", [30.0, 50.0, 80.0])
def test_one_scan_of_a_wide_prior_lies_at_the_mean_life(half_life):
    best = best_hour(3, 200, half_life=half_life, amplitude=3.0, rate=0.2, proportional=0.03)
    assert 1.2 <= best / half_life <= 1.55


@pytest.mark.parametrize("region", [MONO, BI, UPTAKE], ids=lambda r: r.model)
def test_more_scans_are_never_worse_and_lie_in_the_allowed_hours(region):
    found = best_schedule(draw_patients([region]), windows=WINDOWS, scans=4)
    u = [found.prior_u, *(plan.u for plan in found.plans)]
    assert all(after < before for before, after in itertools.pairwise(u))
    for number, plan in enumerate(found.plans, start=1):
        assert len(plan.times) == number
        assert all(any(start <= t <= stop for start, stop in WINDOWS) for t in plan.times)
        assert all(b - a >= 12 * un.h for a, b in itertools.pairwise(plan.times))
        assert min(plan.without) >= plan.u
        assert plan.u_tenth >= plan.u
        assert len(plan.without) == len(plan.day_later) == number
    assert found.plans[0].without == pytest.approx((found.prior_u,))


def test_exchange_finds_what_trying_everything_finds():
    patients = draw_patients([BI])
    windows = [(a * un.h, b * un.h) for a, b in ((4, 6), (22, 26), (48, 50), (96, 98), (168, 170))]
    times = candidate_times(windows, step=2 * un.h)
    every = [c for c in itertools.combinations(times, 3) if min(np.diff(c)) >= 12 * un.h]
    best = min(every, key=lambda c: expected_u(patients, c))
    found = best_schedule(patients, windows=windows, scans=3, step=2 * un.h).plans[2]
    assert found.u == pytest.approx(expected_u(patients, best), rel=1e-9)


def test_the_curve_is_the_uncertainty_of_each_time_alone():
    patients = draw_patients([UPTAKE])
    t = np.array([5.0, 30.0, 90.0]) * un.h
    assert single_scan_curve(patients, t) == pytest.approx([expected_u(patients, [x]) for x in t], rel=1e-9)


def test_a_weight_of_zero_leaves_the_other_region_alone():
    alone = best_schedule(draw_patients([BI]), windows=WINDOWS, scans=2)
    both = best_schedule(draw_patients([BI, UPTAKE], weights=[2.0, 0.0]), windows=WINDOWS, scans=2)
    assert [p.times for p in both.plans] == [p.times for p in alone.plans]
    assert both.plans[1].u == pytest.approx(alone.plans[1].u, rel=1e-9)


def test_a_sum_of_two_regions_is_better_known_than_each():
    regions = [population(region="Kidney_Left"), population(region="Kidney_Right")]
    plan = best_schedule(draw_patients(regions, weights=[1.0, 1.0]), windows=WINDOWS, scans=1).plans[0]
    assert plan.u < min(plan.u_regions.values())


def test_a_parameter_without_spread_is_no_trouble():
    fixed = of_model("uptake", [0.02, WASH_OUT, 6e-5], [0.4, 0.3, 0.0])
    assert best_schedule(draw_patients([fixed]), windows=WINDOWS, scans=2).plans[1].u < 0.1


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0.0, 300.0), min_size=1, max_size=5), st.floats(0.0, 300.0))
def test_one_scan_more_never_takes_knowledge_away(times, more):
    patients = draw_patients([UPTAKE])
    t = np.array(times) * un.h
    assert expected_u(patients, np.append(t, more * un.h)) <= expected_u(patients, t) * (1 + 1e-9)


def test_the_same_question_has_the_same_answer():
    first, second = (best_schedule(draw_patients([BI]), windows=WINDOWS, scans=3) for _ in range(2))
    assert first == second


def test_four_scans_take_seconds():
    start = time.perf_counter()
    best_schedule(draw_patients([BI]), windows=WINDOWS, scans=4)
    assert time.perf_counter() - start < 10  # about 1 s; the machine may be busy


@pytest.mark.parametrize(
    ("windows", "given", "said"),
    [
        ([], {}, "no allowed hours"),
        ([(-2.0, 6.0)], {}, "count from administration"),
        ([(6.0, 3.0)], {}, "end before they start"),
        ([(3.0, 6.0)], {"scans": 2}, "room for 1 scans that are 12 h apart, not for 2"),
        ([(3.0, 6.0)], {"scans": 0}, "allowed are 1 to 6"),
        ([(3.0, 6.0)], {"step": 0.0}, "must be above zero"),
        ([(3.0, 6.0)], {"step": 0.001 * un.h}, "more than 1000 possible scan times"),
    ],
)
def test_what_cannot_be_planned_is_refused(windows, given, said):
    spans = [(a * un.h, b * un.h) for a, b in windows]
    with pytest.raises(InputError, match=said):
        best_schedule(draw_patients([MONO]), windows=spans, **{"scans": 1, **given})


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 1.0], [0.0, 0.0]])
def test_weights_must_fit(weights):
    with pytest.raises(InputError, match="give one a region"):
        draw_patients([BI, UPTAKE], weights=weights)


def test_no_region_is_refused():
    with pytest.raises(InputError, match="one region or more"):
        draw_patients([])


@pytest.mark.parametrize("region", [MONO, BI, UPTAKE], ids=lambda r: r.model)
def test_patients_are_then_known_as_well_as_was_expected(region):
    """Posteriors of simulated patients; a quarter: twenty patients, some of whom are known twice as well as others."""
    rng = np.random.default_rng(8)
    t, root, given, u2 = np.array([6.0, 92.0]) * un.h, np.linalg.cholesky(region.covariance), 7.4 * un.GBq, []
    for seed in range(20):
        p = curve_parameters(region, region.mean + root @ rng.normal(size=region.mean.size))
        f = values(region.curve_model, p, t)
        read = f + rng.normal(size=2) * np.hypot(region.proportional * f, region.additive)
        curve = TimeActivityCurve(region=region.region, t=t, A=given * read)
        found = posterior(region, curve, seed=seed, administered=given, decay_constant=LAM)
        u2.append(found.time_integrated_activity.relative**2)
    assert math.sqrt(np.mean(u2)) == pytest.approx(expected_u(draw_patients([region]), t), rel=0.25)
