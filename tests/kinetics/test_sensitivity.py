import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.kinetics import fit
from hevesy.kinetics.sensitivity import best_next_scan, integral_sensitivity
from hevesy.model import TimeActivityCurve
from hevesy.nuclides import load_nuclide
from hevesy.units import MBq, d, h

LAM = load_nuclide("Lu-177").decay_constant
T = np.array([4.0, 24.0, 72.0, 168.0]) * h


def measured(A, relative=0.05, t=T):
    return TimeActivityCurve(region="Kidney", t=t, A=A, u=relative * A)


MONO = measured(100 * MBq * np.exp(-0.0139 / h * T) * np.array([1.02, 0.98, 1.01, 0.99]))


def test_it_is_the_derivative_of_the_fit():
    found = fit(MONO, decay_constant=LAM, model="mono")
    s = integral_sensitivity(found, MONO)
    for i in range(T.size):
        step = 1e-3 * MONO.A * (np.arange(T.size) == i)
        up, down = (
            fit(TimeActivityCurve(region="K", t=T, A=MONO.A + sign * step, u=MONO.u), decay_constant=LAM, model="mono")
            for sign in (1, -1)
        )
        slope = (up.time_integrated_activity.value - down.time_integrated_activity.value) / (2 * step[i])
        assert s[i] == pytest.approx(slope, rel=0.03)  # Gauss-Newton leaves out the curvature times the residuals


def test_the_points_make_up_the_u_of_the_integral():
    found = fit(measured(100 * MBq * np.exp(-0.0139 / h * T)), decay_constant=LAM, model="mono")
    s = integral_sensitivity(found, MONO)
    assert np.linalg.norm(s * 0.05 * 100 * MBq * np.exp(-0.0139 / h * T)) == pytest.approx(
        found.time_integrated_activity.u, rel=0.02
    )


def test_a_common_factor_is_a_common_factor():
    found = fit(measured(100 * MBq * np.exp(-0.0139 / h * T)), decay_constant=LAM, model="mono")
    exact = measured(100 * MBq * np.exp(-0.0139 / h * T))
    assert integral_sensitivity(found, exact) @ exact.A == pytest.approx(found.time_integrated_activity.value, rel=1e-6)


def test_one_scan_more_at_the_best_time_does_what_was_said():
    exact = measured(100 * MBq * np.exp(-0.0139 / h * T))
    found = fit(exact, decay_constant=LAM, model="mono")
    best = best_next_scan(found, exact, relative_u=0.05, latest=10 * d)
    t = np.append(T, best.time)
    order = np.argsort(t)
    more = measured(100 * MBq * np.exp(-0.0139 / h * t[order]), t=t[order])
    then = fit(more, decay_constant=LAM, model="mono")
    assert best.u_now == pytest.approx(found.time_integrated_activity.relative, rel=1e-6)
    assert best.u_then == pytest.approx(then.time_integrated_activity.relative, rel=1e-3)
    assert best.u_then < best.u_now


def test_a_fit_without_covariance_has_neither():
    one = TimeActivityCurve(region="K", t=T[:1], A=np.array([1e8]), u=np.array([1e6]))
    found = fit(one, decay_constant=LAM)
    if found.covariance is None or not np.any(np.diag(found.covariance) > 0):
        assert integral_sensitivity(found, one) is None
        assert best_next_scan(found, one, relative_u=0.05, latest=1 * d) is None


def test_senseless_times_are_refused():
    found = fit(MONO, decay_constant=LAM, model="mono")
    with pytest.raises(InputError, match="one more scan needs"):
        best_next_scan(found, MONO, relative_u=0.05, latest=0.1 * h)
