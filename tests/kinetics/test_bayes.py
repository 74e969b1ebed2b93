"""A new patient: intervals that cover, integrals better than without a population, and verdicts."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.kinetics.cohorts import A0, LAM, patients

from hevesy import units as un
from hevesy.errors import DataError, InputError
from hevesy.kinetics.bayes import posterior, quantiles
from hevesy.kinetics.mixed_effects import estimate
from hevesy.kinetics.population import RegionPopulation
from hevesy.kinetics.possible import possible
from hevesy.model import TimeActivityCurve

NEW = 500  # for each of two cohorts


@pytest.fixture(scope="module")
def models():
    made = {}
    for model, seed in (("mono", 11), ("uptake", 12)):
        curves, administered, _ = patients(50, seed, model=model)
        made[model] = estimate(curves, administered, decay_constant=LAM, model=model, seed=4).population
    return made


def kidneys(**changes):
    values = {
        "region": "Kidneys",
        "model": "mono",
        "decay_constant": LAM,
        "mean": np.log([0.03, math.log(2) / (50 * un.h) - LAM]),
        "covariance": np.diag([0.09, 0.08]),
        "mean_covariance": np.diag([0.002, 0.002]),
        "proportional": 0.1,
        "additive": 1e-6,
        "patients": 50,
        "points": 200,
    }
    return RegionPopulation(**(values | changes))


def scans(times, share=0.03, half_life=50.0, u=None):
    t = np.array(times, dtype=float) * un.h
    A = A0 * share * np.exp(-math.log(2) / (half_life * un.h) * t)
    return TimeActivityCurve(region="Kidneys", t=t, A=A, u=None if u is None else u * A)


@pytest.mark.parametrize("times", [(72,), (24, 96)])
def test_intervals_cover(models, times):
    """95 % nominal; 92 to 98 % were asked for, over 1000 patients of two shapes."""
    inside, errors = [], []
    for i, (model, population) in enumerate(models.items()):
        curves, administered, true = patients(NEW, 40 + i, model=model, times=times)
        for curve, given, integral in zip(curves, administered, true, strict=True):
            found = posterior(population, curve, administered=given, seed=4)
            low, high = found.tia_95
            inside.append(low <= integral <= high)
            errors.append(found.time_integrated_activity.value / integral - 1)
    assert 0.92 <= np.mean(inside) <= 0.98
    assert abs(np.mean(errors)) < 0.02


@pytest.mark.parametrize(("model", "patients_each", "hours"), [("bi", 20, (4, 24, 72, 144)), ("uptake", 15, (2, 24, 72))])
def test_intervals_cover_though_scans_are_hardly_more_than_parameters(model, patients_each, hours):
    """Three cohorts, 80 new patients of two scans each; what a cohort misses it misses for all of them: hence 4 sigma."""
    inside = []
    for seed in range(3):
        curves, administered, _ = patients(patients_each, 800 + seed, model=model, times=hours)
        population = estimate(curves, administered, decay_constant=LAM, model=model, seed=4).population
        for curve, given, integral in zip(*patients(80, 900 + seed, model=model, times=(24, 96)), strict=True):
            low, high = posterior(population, curve, administered=given, seed=4).tia_95
            inside.append(low <= integral <= high)
    assert np.mean(inside) > 0.95 - 4 * math.sqrt(0.05 * 0.95 / len(inside))


def test_a_model_of_an_earlier_version_has_draws_made():
    """Of the t distribution that a cohort of that size leaves: wider for few patients."""
    few, many = (possible(kidneys(patients=n, points=4 * n)) for n in (8, 500))
    spread = [np.mean(np.sum(one.root**2, axis=2), axis=0) for one in (few, many)]
    assert spread[1] == pytest.approx([0.09, 0.08], rel=0.05)
    assert np.all(spread[0] > 1.1 * spread[1])


def test_one_good_scan_is_better_than_published_methods():
    """Share of integrals wrong by more than 10 %: 20 % and 17 % without a population, 6 % with one (Devasia et al. 2021).

    That depends on the noise of the one scan: here 4 %; with 10 % no method can be below a quarter.
    """
    curves, administered, _ = patients(50, 13, model="uptake", noise=0.04)
    population = estimate(curves, administered, decay_constant=LAM, model="uptake", seed=4).population
    curves, administered, true = patients(NEW, 43, model="uptake", noise=0.04, times=(72,))
    found = [
        posterior(population, c, administered=a, seed=4).time_integrated_activity.value
        for c, a in zip(curves, administered, strict=True)
    ]
    assert np.mean(np.abs(np.array(found) / true - 1) > 0.1) < 0.06
    haenscheid = [c.A[0] * 2 * c.t[0] / math.log(2) for c in curves]
    assert np.mean(np.abs(np.array(haenscheid) / true - 1) > 0.1) > np.mean(np.abs(np.array(found) / true - 1) > 0.1)


def test_without_spread_the_population_is_the_answer():
    population = kidneys(covariance=1e-6 * np.eye(2), mean_covariance=1e-8 * np.eye(2))
    found = posterior(population, scans((24,), share=0.031), administered=A0, seed=4)
    assert found.time_integrated_activity.value == pytest.approx(A0 * 0.03 * 50 * un.h / math.log(2), rel=2e-3)


def test_precise_scans_are_the_answer():
    population = kidneys(proportional=1e-3, additive=1e-9, covariance=np.eye(2))
    found = posterior(population, scans((4, 24, 72, 144), share=0.05, half_life=70), administered=A0, seed=4)
    tia = found.time_integrated_activity
    assert tia.value == pytest.approx(A0 * 0.05 * 70 * un.h / math.log(2), rel=3e-3)
    assert found.effective_half_life.value == pytest.approx(70 * un.h, rel=5e-3)
    assert tia.u < 5e-3 * tia.value


def test_a_grid_says_the_same():
    """The posterior of two parameters by brute force, with as many patients that t is normal."""
    population = kidneys(patients=100000, points=400000)
    curve = scans((24,), share=0.04)
    x, y = np.meshgrid(np.linspace(-2.5, 2.5, 801), np.linspace(-2.5, 2.5, 801), indexing="ij")
    a, b = np.exp(population.mean[0] + x), np.exp(population.mean[1] + y)
    wide = np.diagonal(population.covariance + population.mean_covariance)
    f = A0 * a * np.exp(-(LAM + b) * curve.t[0])
    sigma = np.hypot(0.1 * f, 1e-6 * A0)
    log_p = -0.5 * (x**2 / wide[0] + y**2 / wide[1]) - 0.5 * ((curve.A[0] - f) / sigma) ** 2 - np.log(sigma)
    w = np.exp(log_p - log_p.max())
    low, median, high = quantiles((A0 * a / (LAM + b)).ravel(), (w / w.sum()).ravel(), (0.025, 0.5, 0.975))
    found = posterior(population, curve, administered=A0, seed=4)
    assert found.time_integrated_activity.value == pytest.approx(median, rel=0.01)
    assert found.tia_95 == pytest.approx((low, high), rel=0.015)


def test_without_administered_activity_the_amplitude_is_free():
    found = posterior(kidneys(), scans((72,), share=3e-6), seed=4)
    known = posterior(kidneys(), scans((72,)), administered=A0, seed=4)
    assert found.well_posed
    assert found.time_integrated_activity.value == pytest.approx(1e-4 * known.time_integrated_activity.value, rel=0.05)
    assert (found.time_integrated_activity.u / found.time_integrated_activity.value) > 0.09


def test_another_nuclide():
    found = posterior(kidneys(), scans((24, 72), half_life=30), administered=A0, decay_constant=2 * LAM, seed=4)
    assert min(found.rates) > 2 * LAM


def test_a_larger_u_of_the_scan_counts():
    plain = posterior(kidneys(), scans((72,)), administered=A0, seed=4)
    noisy = posterior(kidneys(), scans((72,), u=0.3), administered=A0, seed=4)
    assert noisy.time_integrated_activity.u > 1.3 * plain.time_integrated_activity.u


def test_verdicts_and_refusals():
    strange = posterior(kidneys(), scans((4, 24, 96), half_life=6), administered=A0, seed=4)
    assert not strange.well_posed
    assert "outside the population" in " ".join(strange.warnings)
    with pytest.raises(DataError, match="at most all of it"):
        posterior(kidneys(), scans((24,), share=30.0), administered=A0, seed=4)
    with pytest.raises(DataError, match="Check the units"):
        posterior(kidneys(), scans((24,), share=3e-5), administered=A0, seed=4)
    curve = scans((24, 72))
    with pytest.raises(InputError, match="above zero"):
        posterior(kidneys(), replace(curve, A=np.array([-1.0, 1.0])), administered=A0, seed=4)


def test_the_same_again():
    first, second = (posterior(kidneys(), scans((72,)), administered=A0, seed=4) for _ in range(2))
    assert first.tia_95 == second.tia_95
