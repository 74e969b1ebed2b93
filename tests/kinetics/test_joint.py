"""Covariance of integrals against a Monte Carlo of the errors themselves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics import fit, joint
from hevesy.kinetics.models import MODELS, jacobian, values
from hevesy.model import TimeActivityCurve
from hevesy.rng import stream

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([4.0, 24.0, 72.0, 168.0]) * u.h
TRUTH = {
    "Kidney": 1.2e8 * np.exp(-T * math.log(2) / (50 * u.h)),
    "Liver": 3.4e8 * np.exp(-T * math.log(2) / (76 * u.h)),
    "Lesion": 0.4e8 * np.exp(-T * math.log(2) / (100 * u.h)),
}


def curves(factor=1.0, random=None, relative=0.02):
    made = []
    for name, A in TRUTH.items():
        noise = 0.0 if random is None else random.standard_normal(T.size)
        made.append(TimeActivityCurve(region=name, t=T, A=A * factor * (1 + relative * noise), u=relative * A))
    return made


def test_against_monte_carlo():
    u_calibration, u_scan, n = 0.04, 0.03, 300
    said = joint(curves(), decay_constant=LAMBDA, u_calibration=u_calibration, u_scan=u_scan, model="mono")
    random, drawn = stream(17, 0), []
    for _ in range(n):
        common = (1 + u_calibration * random.standard_normal()) * (1 + u_scan * random.standard_normal(T.size))
        fits = joint(curves(common, random), decay_constant=LAMBDA, u_scan=u_scan, model="mono")
        drawn.append([one.time_integrated_activity.value for one in fits.fits])
    seen = np.cov(np.array(drawn).T)
    assert np.sqrt(np.diag(seen)) == pytest.approx(said.u, rel=4 / math.sqrt(2 * n))
    seen_correlation = seen / np.sqrt(np.outer(np.diag(seen), np.diag(seen)))
    z = (np.arctanh(seen_correlation[np.triu_indices(3, 1)]) - np.arctanh(said.correlation[np.triu_indices(3, 1)])) * math.sqrt(n)
    assert np.max(np.abs(z)) < 4
    assert said.values == pytest.approx(np.mean(drawn, axis=0), rel=0.01)


def test_generalised_least_squares_with_the_whole_covariance_gives_the_same_curve():
    """Gauss and Newton with V = diag + u_c^2 f f^T; what lies along the curve moves nothing but u."""
    random = stream(4, 0)
    A = TRUTH["Kidney"] * (1 + 0.02 * random.standard_normal(T.size))
    curve = TimeActivityCurve(region="R", t=T, A=A, u=0.02 * TRUTH["Kidney"])
    plain = fit(curve, decay_constant=LAMBDA, model="mono")
    p = np.array(list(plain.parameters.values()))
    for _ in range(30):
        f = values(MODELS["mono"], p, T)
        V = np.diag(curve.u**2) + 0.04**2 * np.outer(f, f)
        J = jacobian(MODELS["mono"], p, T)
        C = np.linalg.inv(J.T @ np.linalg.solve(V, J))
        p = p + C @ J.T @ np.linalg.solve(V, A - f)
    assert p == pytest.approx(list(plain.parameters.values()), rel=1e-8)
    gradient = np.array([1 / p[1], -p[0] / p[1] ** 2])
    birge = max(1.0, plain.chi2 / plain.degrees_of_freedom)
    random_part = gradient @ np.linalg.inv(J.T @ (J / curve.u[:, None] ** 2)) @ gradient
    whole = joint([curve], decay_constant=LAMBDA, u_calibration=0.04, model="mono").u[0]
    assert whole**2 - (birge - 1) * random_part == pytest.approx(gradient @ C @ gradient, rel=1e-6)


@settings(deadline=None, max_examples=10)
@given(order=st.permutations(range(3)), calibration=st.floats(0, 0.2), scan=st.floats(0, 0.1))
def test_the_order_of_regions_does_not_matter_and_the_matrix_is_one_of_covariances(order, calibration, scan):
    given_curves = curves(random=stream(8, 0))
    one = joint(given_curves, decay_constant=LAMBDA, u_calibration=calibration, u_scan=scan)
    other = joint([given_curves[i] for i in order], decay_constant=LAMBDA, u_calibration=calibration, u_scan=scan)
    assert other.regions == tuple(one.regions[i] for i in order)
    assert other.covariance == pytest.approx(one.covariance[np.ix_(order, order)], rel=1e-12)
    scaled = one.covariance / np.outer(one.u, one.u)
    assert np.linalg.eigvalsh(scaled).min() > -1e-12
    assert np.all(np.abs(one.correlation) <= 1)


def test_scans_of_other_times_share_the_calibration_alone():
    first, second = curves()[:2]
    moved = TimeActivityCurve(region="Liver", t=T + u.h, A=second.A, u=second.u)
    apart = joint([first, moved], decay_constant=LAMBDA, u_scan=0.05)
    assert apart.covariance[0, 1] == 0
    assert joint([first, second], decay_constant=LAMBDA, u_scan=0.05).covariance[0, 1] > 0


def test_a_region_without_u_is_left_out_and_said():
    lone = TimeActivityCurve(region="Lone", t=T[:1], A=[5e7], u=[1e6])
    found = joint([*curves(), lone], decay_constant=LAMBDA, u_calibration=0.05)
    assert "Lone" not in found.regions
    assert "one scan" in found.left_out["Lone"]
    assert len(found.fits) == 4


def test_unknown_u_of_points_still_has_the_calibration():
    curve = TimeActivityCurve(region="R", t=T, A=TRUTH["Kidney"] * [1.01, 0.99, 1.01, 0.99])
    without = joint([curve], decay_constant=LAMBDA)
    found = joint([curve], decay_constant=LAMBDA, u_calibration=0.05)
    assert found.u[0] == pytest.approx(math.hypot(without.u[0], 0.05 * found.values[0]))


@pytest.mark.parametrize(
    ("given_curves", "options", "message"),
    [
        ([], {}, "names of their own"),
        (2 * [TimeActivityCurve(region="R", t=T, A=TRUTH["Kidney"])], {}, "names of their own; got R, R"),
        (curves(), {"u_calibration": 3.0}, "0.03 is 3 %"),
        (curves(), {"u_scan": -0.1}, "at least 0"),
    ],
)
def test_what_is_refused(given_curves, options, message):
    with pytest.raises(InputError, match=message):
        joint(given_curves, decay_constant=LAMBDA, **options)
