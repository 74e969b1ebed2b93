import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import ConvergenceError, InputError, ScopeError
from hevesy.quantify import RecoveryCurve, fit_recovery, recovery_at
from hevesy.units import ml

# Spheres of the NEMA IEC body phantom.
VOLUMES = np.pi / 6 * np.array([10.0, 13, 17, 22, 28, 37]) ** 3


def truth(V, alpha=0.9, beta=1.5 * ml):
    return 1 / (1 + (beta / V) ** alpha)


def test_known_parameters_come_back_with_an_honest_covariance():
    rng = np.random.default_rng(2)
    z = []
    for _ in range(300):
        u = np.full(6, 0.03)
        found = fit_recovery(VOLUMES, truth(VOLUMES) + u * rng.standard_normal(6), u)
        off = np.log([found.alpha / 0.9, found.beta / (1.5 * ml)])
        z.append(off @ np.linalg.solve(found.covariance, off))
    # Two parameters: chi2 of 2; the covariance is enlarged where chi2 exceeds its degrees of freedom.
    assert 1.2 < np.mean(z) < 2.4


def test_u_at_a_volume_is_the_spread_of_repeated_phantoms():
    rng = np.random.default_rng(3)
    V, u, values, stated = 3 * ml, np.full(6, 0.02), [], []
    for _ in range(200):
        found = fit_recovery(VOLUMES, truth(VOLUMES) + u * rng.standard_normal(6), u)
        R, _ = recovery_at(found, V)
        values.append(R.value)
        stated.append(R.u)
    assert np.std(values) == pytest.approx(np.mean(stated), rel=0.35)
    assert np.mean(values) == pytest.approx(truth(V), abs=0.005)


@given(alpha=st.floats(0.3, 2.5), beta=st.floats(0.2, 10), V=st.floats(0.3, 200))
def test_it_rises_from_nothing_to_one(alpha, beta, V):
    curve = RecoveryCurve(alpha=alpha, beta=beta * ml, covariance=np.eye(2) * 0.01, smallest=0.3 * ml, largest=200 * ml)
    R, slope = recovery_at(curve, V * ml)
    more, _ = recovery_at(curve, 1.01 * V * ml)
    assert 0 < R.value < more.value < 1
    assert np.log(more.value / R.value) / np.log(1.01) == pytest.approx(slope, rel=0.02, abs=1e-6)


def test_volumes_far_beyond_the_spheres_are_refused():
    curve = fit_recovery(VOLUMES, truth(VOLUMES))
    with pytest.raises(ScopeError, match="measured from 0.524 to 26.5 ml; 0.01 ml is more than ten times beyond"):
        recovery_at(curve, 0.01 * ml)
    with pytest.raises(ScopeError):
        recovery_at(curve, 2000 * ml)
    assert recovery_at(curve, 2000 * ml, beyond=True)[0].value > 0.98


@pytest.mark.parametrize(
    ("V", "R", "error", "said"),
    [
        (VOLUMES[:2], [0.3, 0.5], InputError, "three spheres of two sizes"),
        (VOLUMES, 100 * truth(VOLUMES), InputError, "Are they in per cent"),
        (VOLUMES, truth(VOLUMES)[::-1], ConvergenceError, "they must rise with volume"),
        (-VOLUMES, truth(VOLUMES), InputError, "above zero"),
    ],
)
def test_what_is_no_recovery_is_refused(V, R, error, said):
    with pytest.raises(error, match=said):
        fit_recovery(V, R)
