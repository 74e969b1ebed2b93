"""The band of a curve against a Monte Carlo propagation and a closed form."""

import math

import numpy as np

from hevesy.model import CurveFit, Measured
from hevesy.reports.band import fitted, standard_uncertainty


def fit(**changes):
    given = {
        "region": "r", "model": "mono", "parameters": {"A": 5.0, "l1": 0.1},
        "covariance": np.diag([0.04, 0.0]), "amplitudes": np.array([5.0]), "rates": np.array([0.1]),
        "amplitudes_jacobian": np.array([[1.0, 0.0]]),
        "rates_jacobian": np.array([[0.0, 1.0]]), "time_integrated_activity": Measured(value=50.0, u=2.0),
        "effective_half_life": Measured(value=7.0, u=0.1), "extrapolated_fraction": 0.1, "chi2": 1.0,
        "degrees_of_freedom": 2,
    }  # fmt: skip
    return CurveFit(**(given | changes))


def test_amplitude_alone_scales_the_curve():
    t = np.linspace(0, 30, 7)
    u = standard_uncertainty(fit(), t)
    np.testing.assert_allclose(u, 0.2 * np.exp(-0.1 * t), rtol=1e-12)
    np.testing.assert_allclose(fitted(fit(), t), 5 * np.exp(-0.1 * t), rtol=1e-12)


def test_uptake_band_agrees_with_sampled_parameters():
    p, C = np.array([5.0, 0.05, 0.8]), np.array([[0.01, 2e-5, 0], [2e-5, 1e-6, 0], [0, 0, 4e-4]])
    uptake = fit(
        covariance=C, amplitudes=np.array([p[0], -p[0]]), rates=p[1:],
        amplitudes_jacobian=np.array([[1.0, 0, 0], [-1, 0, 0]]),
        rates_jacobian=np.array([[0.0, 1, 0], [0, 0, 1]]),
    )  # fmt: skip
    t = np.array([0.5, 2.0, 10.0, 40.0])
    A, slow, fast = np.random.default_rng(5).multivariate_normal(p, C, 40000).T[:, :, None]
    sampled = (A * (np.exp(-slow * t) - np.exp(-fast * t))).std(axis=0)
    # 40000 samples know a standard deviation to 0.35 %; four times that, and 1 % for what is not linear.
    np.testing.assert_allclose(standard_uncertainty(uptake, t), sampled, rtol=0.024)


def test_no_covariance_no_band():
    assert standard_uncertainty(fit(covariance=None), np.array([1.0])) is None
    assert math.isclose(fitted(fit(covariance=None), np.array([0.0]))[0], 5.0)
