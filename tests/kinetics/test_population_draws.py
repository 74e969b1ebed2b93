"""Draws of a population against what is known of a case that has a closed form."""

import numpy as np
import pytest
from tests.kinetics.cohorts import LAM, patients

from hevesy.kinetics.marginal_likelihood import Maximum, Weak, shares_of
from hevesy.kinetics.population_draws import CHAINS, KEPT, draws
from hevesy.kinetics.possible import unpack


@pytest.fixture(scope="module")
def found():
    """Nearly without noise, each patient's parameters are known: mean and covariance are those of a normal sample."""
    curves, administered, _ = patients(60, 5, noise=1e-3)
    shares = shares_of(curves, administered, LAM)
    slope = [np.polyfit(c.t, np.log(c.A / a), 1) for c, a in zip(curves, administered, strict=True)]
    x = np.array([[intercept, np.log(-rate - LAM)] for rate, intercept in slope])
    mean = x.mean(axis=0)
    at = Maximum(
        mean=mean,
        root=np.linalg.cholesky(np.cov(x.T)),
        log_residual=np.log([1e-3, 1e-9]),
        weak=Weak(mean=mean, log_residual=np.log([0.1, 1e-6])),
    )
    return x, shares, at, draws("mono", shares, at, seed=3)


def test_mean_and_its_uncertainty_are_those_of_the_sample(found):
    x, _, _, drawn = found
    mean, root, _ = unpack(drawn, 2)
    u = x.std(axis=0, ddof=1) / np.sqrt(len(x))
    assert drawn.shape[0] == CHAINS * KEPT
    assert np.all(np.abs(mean.mean(axis=0) - x.mean(axis=0)) < 4 * u / np.sqrt(len(drawn)) + 0.05 * u)
    assert mean.std(axis=0) == pytest.approx(u, rel=4 / np.sqrt(2 * len(drawn)))
    deviations = np.sqrt(np.sum(root**2, axis=2))
    assert deviations.mean(axis=0) == pytest.approx(x.std(axis=0, ddof=1), rel=0.05)
    assert deviations.std(axis=0) == pytest.approx(x.std(axis=0) / np.sqrt(2 * len(x)), rel=0.35)


def test_the_residual_comes_back(found):
    _, _, _, log_residual = *found[:3], unpack(found[3], 2)[2]
    assert np.exp(log_residual[:, 0].mean()) == pytest.approx(1e-3, rel=0.25)


def test_the_same_again(found):
    assert np.array_equal(draws("mono", found[1], found[2], seed=3), found[3])
