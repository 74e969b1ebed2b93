"""Clearances against numerical integration, and against what physics allows."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.imaging.clearance import Clearance, activity, mean_activity, time_integrated_activity, washout
from hevesy.imaging.torso import dotatate_torso

LAMBDA = math.log(2) / (6.647 * u.d)


def test_integrals_agree_with_quadrature():
    curve = washout(100.0, (0.3, 2.0), (0.7, 60.0), uptake_h=1.0)
    whole, _ = quad(lambda h: activity(curve, h * u.h) * u.h, 0, 2000, limit=400)
    assert time_integrated_activity(curve) == pytest.approx(whole, rel=1e-7)
    part, _ = quad(lambda h: activity(curve, h * u.h), 4.0, 4.5)
    assert mean_activity(curve, 4 * u.h, 0.5 * u.h) == pytest.approx(part / 0.5, rel=1e-9)
    assert mean_activity(curve, 4 * u.h, 0.0) == activity(curve, 4 * u.h)


def test_uptake_starts_at_zero():
    assert activity(washout(5.0, (1, 90.0), uptake_h=10.0), 0.0) == 0.0


def test_a_rate_must_be_positive():
    with pytest.raises(InputError, match="rates above zero"):
        Clearance(amplitudes=(1.0,), rates=(0.0,))


def test_nothing_leaves_slower_than_by_decay_and_nothing_is_created():
    torso = dotatate_torso()
    curves = [*torso.clearances.values(), torso.remainder]
    assert min(min(c.rates) for c in curves) > LAMBDA
    assert math.fsum(activity(c, 0.0) for c in curves) == pytest.approx(7.4 * u.GBq, rel=1e-12)
    for hours in np.concatenate([np.linspace(0, 12, 121), np.linspace(12, 600, 200)]):
        parts = [activity(c, hours * u.h) for c in curves]
        assert min(parts) >= 0
        assert math.fsum(parts) <= 7.4 * u.GBq * math.exp(-LAMBDA * hours * u.h) * (1 + 1e-12)


def test_one_lesion_still_takes_up_at_four_hours():
    curve = dotatate_torso().clearances["Lesion 1"]
    hours = np.arange(0, 200, 0.5)
    peak = max(activity(curve, t * u.h) for t in hours)
    assert activity(curve, 4 * u.h) < 0.4 * peak
