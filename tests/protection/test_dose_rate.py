"""Dose rate at 1 m from activity and from measurements."""

import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured, TimeActivityCurve
from hevesy.protection.dose_rate import FITTED, USV_PER_H, dose_after, dose_rate, from_activity, from_measurements
from hevesy.protection.release_tables import CONSTANT

LAM = math.log(2) / (8.02 * u.d)


def measured(rates, hours, share=0.05):
    values = np.array(rates) * USV_PER_H / FITTED
    return TimeActivityCurve(region="dose rate", t=np.array(hours) * u.h, A=values, u=share * values)


def test_from_activity_is_activity_times_constant():
    constant = Measured(value=0.05 * CONSTANT, u=0.005 * CONSTANT)
    curve = from_activity(1e9, constant=constant, phases=[(1.0, LAM)], decay_constant=LAM)
    now = dose_rate(curve, 0.0)
    assert now.value / USV_PER_H == pytest.approx(50)
    assert now.u / now.value == pytest.approx(0.1)
    assert dose_after(curve, 0.0).value == pytest.approx(now.value / LAM)


def test_nothing_stays_longer_than_it_decays():
    constant = Measured(value=CONSTANT, u=0.0)
    with pytest.raises(InputError, match="nothing stays longer"):
        from_activity(1e9, constant=constant, phases=[(1.0, LAM / 2)], decay_constant=LAM)
    with pytest.raises(InputError, match="add up to 1"):
        from_activity(1e9, constant=constant, phases=[(0.5, LAM)], decay_constant=LAM)
    slow = measured((50, 50.5, 50.2, 49.9), (1, 10, 20, 30))
    assert from_measurements(slow, decay_constant=LAM, model="mono").rates[0] >= LAM * (1 - 1e-9)


def test_a_bi_exponential_is_found_again_with_its_uncertainty():
    hours = np.array([1, 3, 6, 12, 24, 48, 72, 120.0])
    true = 100 * (0.7 * np.exp(-hours * math.log(2) / 6) + 0.3 * np.exp(-hours * math.log(2) / 80))
    curve = from_measurements(measured(true, hours), decay_constant=LAM, model="bi")
    assert sorted(math.log(2) / curve.rates / u.h) == pytest.approx([6, 80], rel=0.02)
    exact = 100 * USV_PER_H * u.h * (0.7 * 6 + 0.3 * 80) / math.log(2)
    total = dose_after(curve, 0.0)
    assert total.value == pytest.approx(exact, rel=0.01)
    assert 0.01 < total.u / total.value < 0.3


def test_the_uncertainty_is_that_of_draws():
    curve = from_measurements(measured((100, 60, 40, 22, 8), (1, 12, 24, 48, 96)), decay_constant=LAM, model="mono")
    rng = np.random.Generator(np.random.Philox(key=3))
    scale = np.array([1 / USV_PER_H, 1e6])
    mean, covariance = np.concatenate([curve.amplitudes, curve.rates]) * scale, curve.covariance * np.outer(scale, scale)
    draws = rng.multivariate_normal(mean, covariance, size=4000)
    total = draws[:, 0] * USV_PER_H / (draws[:, 1] * 1e-6)
    assert dose_after(curve, 0.0).u == pytest.approx(float(np.std(total)), rel=0.1)


def test_one_measurement_is_physical_decay_and_says_so():
    curve = from_measurements(measured((40,), (24,)), decay_constant=LAM, u_meter=0.1)
    assert curve.rates[0] == pytest.approx(LAM)
    assert any("physical decay alone" in text for text in curve.remarks)
    assert any("one measurement" in text and "scan" not in text for text in curve.remarks)


def test_unknown_models_are_refused():
    with pytest.raises(InputError, match="auto, mono and bi"):
        from_measurements(measured((40, 20), (1, 24)), decay_constant=LAM, model="tri")
