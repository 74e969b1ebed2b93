"""A cohort's population: what was simulated comes back, within what is stated."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.kinetics.cohorts import A0, LAM, patients

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.kinetics.marginal_likelihood import Maximum, Weak, cost_of, packed, place_nodes, shares_of, unpacked
from hevesy.kinetics.mixed_effects import estimate
from hevesy.kinetics.possible import unpack


def of(n, seed, *, fit="auto", **options):
    curves, administered, _ = patients(n, seed, **options)
    return estimate(curves, administered, decay_constant=LAM, model=fit, seed=4)


@pytest.mark.parametrize("model", ["mono", "uptake", "bi"])
def test_the_shape_is_found(model):
    found = of(50, 1, model=model)
    assert found.population.model == model
    assert found.aicc[model] <= min(found.aicc.values()) + 2
    assert found.left_out == ()


def test_known_parameters_come_back_within_their_uncertainty():
    b1 = math.log(2) / (50 * un.h) - LAM
    z = []
    for seed in range(25):
        found = of(40, 100 + seed, model="mono", fit="mono")
        population = found.population
        u = np.sqrt(np.diagonal(population.mean_covariance))
        z.append([*((population.mean - np.log([0.03, b1])) / u),
                  (math.sqrt(population.covariance[0, 0]) - 0.3) / found.u_log_deviations[0],
                  (math.hypot(population.proportional, 0) - 0.1) / found.u_proportional])  # fmt: skip
    z = np.array(z)
    assert np.all(np.abs(z.mean(axis=0)) < 3.5 / math.sqrt(25) + 0.4)  # log b1 is not quite normal where T_eff is log-normal
    assert np.all((z.std(axis=0) > 0.6) & (z.std(axis=0) < 1.5))


def test_the_gradient_is_that_of_the_likelihood():
    curves, administered, _ = patients(12, 3, model="bi")
    shares = shares_of(curves, administered, LAM)
    mean = np.log([0.03, 1.6e-6, 0.02, 3e-5])
    root = np.linalg.cholesky(0.05 * np.eye(4) + 0.02)
    at = Maximum(mean=mean, root=root, log_residual=np.log([0.1, 1e-5]), weak=Weak(mean=mean, log_residual=np.log([0.1, 1e-5])))
    nodes = place_nodes("bi", shares, at, seed=1)
    p = packed(at)
    gradient = cost_of(nodes, shares, at)[1]
    for i in range(p.size):
        step = np.zeros(p.size)
        step[i] = 1e-5
        ahead, behind = (cost_of(nodes, shares, unpacked(p + sign * step, at))[0] for sign in (1, -1))
        assert gradient[i] == pytest.approx((ahead - behind) / 2e-5, rel=1e-4, abs=1e-3)


def test_missing_points_and_single_scans():
    found = of(40, 5, model="uptake", missing=0.35)
    assert found.population.points < 120
    half_life = math.log(2) / (LAM + math.exp(found.population.mean[1])) / un.h
    assert half_life == pytest.approx(50, rel=0.12)


def test_the_same_again():
    first, second = of(12, 6, fit="mono"), of(12, 6, fit="mono")
    assert np.array_equal(first.population.mean, second.population.mean)
    assert first.log_likelihood == second.log_likelihood


def test_one_who_does_not_belong_is_left_out():
    curves, administered, _ = patients(25, 7)
    odd = curves[4]
    curves[4] = replace(odd, A=A0 * 0.2 * np.exp(-math.log(2) / (10 * un.h) * odd.t))
    found = estimate(curves, administered, decay_constant=LAM, model="mono", seed=4)
    assert found.left_out == (4,)
    assert math.sqrt(found.population.covariance[0, 0]) < 0.5


def test_what_is_refused():
    curves, administered, _ = patients(3, 8)
    with pytest.raises(InputError, match="at least 4 patients; got 3"):
        estimate(curves, administered, decay_constant=LAM, seed=4)
    with pytest.raises(InputError, match="no population model"):
        estimate(curves, administered, decay_constant=LAM, model="tri", seed=4)
    single, given, _ = patients(20, 9, times=(24,))
    with pytest.raises(InputError, match="two scans or more"):
        estimate(single, given, decay_constant=LAM, seed=4)
    with pytest.raises(InputError, match="above zero"):
        estimate(curves, [0.0] * 3, decay_constant=LAM, seed=4)


def test_few_scans_leave_the_residual_at_what_it_is():
    """Two phases, four scans for four parameters: the maximum of the likelihood lies where curves go through the points."""
    ratios = [of(20, 300 + seed, model="bi", fit="bi").population.proportional / 0.1 for seed in range(3)]
    assert 0.7 < np.exp(np.mean(np.log(ratios))) < 1.3


def test_draws_are_of_the_population_that_is_stated():
    found = of(15, 31, model="mono", fit="mono").population
    mean, root, log_residual = unpack(found.draws, 2)
    assert found.mean == pytest.approx(mean.mean(axis=0))
    assert found.mean_covariance == pytest.approx(np.cov(mean.T))
    assert math.log(found.proportional) == pytest.approx(log_residual[:, 0].mean())
    assert found.covariance == pytest.approx(np.mean(root @ np.swapaxes(root, 1, 2), axis=0), rel=0.5, abs=0.02)


def test_three_times_for_four_parameters_are_refused():
    curves, administered, _ = patients(25, 32, model="bi", times=(4, 24, 72))
    with pytest.raises(InputError, match="4 different times"):
        estimate(curves, administered, decay_constant=LAM, model="bi", seed=4)
