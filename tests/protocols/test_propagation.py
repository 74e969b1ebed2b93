"""The analytic budget beside a Monte Carlo propagation."""

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.kinetics import fit
from hevesy.model import BudgetTerm, TimeActivityCurve
from hevesy.nuclides import load_nuclide
from hevesy.protocols.propagation import propagate
from hevesy.units import MBq, h

LAM = load_nuclide("Lu-177").decay_constant
TERMS = {
    "calibration": BudgetTerm(of_tia=0.05, of_dose=0.05, kind="systematic", shared=True),
    "outline": BudgetTerm(of_tia=0.04, of_dose=-0.03, kind="systematic"),
    "density": BudgetTerm(of_tia=0.0, of_dose=-0.02, kind="systematic", shared=True),
}


def curve(rate_h, *, times=(4, 24, 72, 168), relative=0.04):
    t = np.array(times) * h
    A = 120 * MBq * np.exp(-rate_h / h * t)
    return TimeActivityCurve(region="Kidney", t=t, A=A, u=relative * A)


@pytest.mark.parametrize("half_life", [30.0, 50.0, 90.0])
def test_the_budget_agrees_with_drawing_everything(half_life):
    measured = curve(np.log(2) / half_life)
    found = fit(measured, decay_constant=LAM, model="mono")
    drawn = propagate(measured, found, TERMS, decay_constant=LAM, draws=1500, seed=3)
    assert drawn.failed == 0
    of_fit = found.time_integrated_activity.relative
    assert of_fit is not None
    for values, analytic in (
        (drawn.tia / found.time_integrated_activity.value, np.hypot(of_fit, np.hypot(0.05, 0.04))),
        (drawn.dose, np.sqrt(of_fit**2 + 0.05**2 + 0.03**2 + 0.02**2)),
    ):
        # Standard deviation of 1500 draws: 1.8 %; second order of a few per cent squared is far less.
        assert np.std(values, ddof=1) == pytest.approx(analytic, rel=0.06)
        assert np.mean(values) == pytest.approx(1.0, abs=4 * analytic / np.sqrt(1500) + 2 * analytic**2)


def test_a_sum_of_two_phases_agrees_too():
    t = np.array([1, 6, 24, 48, 96, 168]) * h
    A = MBq * (60 * np.exp(-0.2 / h * t) + 90 * np.exp(-0.013 / h * t))
    measured = TimeActivityCurve(region="Liver", t=t, A=A, u=0.02 * A)
    found = fit(measured, decay_constant=LAM, model="bi")
    drawn = propagate(measured, found, {}, decay_constant=LAM, draws=600, seed=5)
    relative = found.time_integrated_activity.relative
    assert np.std(drawn.tia, ddof=1) / found.time_integrated_activity.value == pytest.approx(relative, rel=0.12)


def test_one_seed_one_result():
    measured = curve(0.014)
    found = fit(measured, decay_constant=LAM, model="mono")
    one, two = (propagate(measured, found, TERMS, decay_constant=LAM, draws=20, seed=1) for _ in range(2))
    assert np.array_equal(one.dose, two.dose)


def test_points_without_u_are_refused():
    measured = curve(0.014)
    bare = TimeActivityCurve(region="Kidney", t=measured.t, A=measured.A)
    with pytest.raises(InputError, match="needs points with u"):
        propagate(bare, fit(measured, decay_constant=LAM), {}, decay_constant=LAM, draws=10, seed=1)
