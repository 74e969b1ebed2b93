import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.kinetics import evaluate, fit, integral, voxel_weights
from hevesy.model import TimeActivityCurve

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([4.0, 24.0, 72.0, 168.0]) * u.h


def region(A, model, t=T):
    return fit(TimeActivityCurve(region="R", t=t, A=A), decay_constant=LAMBDA, model=model)


ACTIVITY = st.lists(st.floats(1e6, 1e8), min_size=4, max_size=4)


@settings(deadline=None, max_examples=30)
@given(A=ACTIVITY, model=st.sampled_from(["mono", "uptake"]))
def test_a_voxel_of_its_regions_shape_is_integrated_exactly(A, model):
    found = region(np.sort(A)[::-1], model)
    weights = voxel_weights(found, T)
    assert np.all(weights > 0)
    assert np.sum(weights * evaluate(found, T)) == pytest.approx(found.time_integrated_activity.value, rel=1e-9)


@settings(deadline=None, max_examples=20)
@given(A=ACTIVITY, voxel=st.lists(st.floats(0, 1e4), min_size=4, max_size=4))
def test_against_numerical_integration_of_the_definition(A, voxel):
    found = region(np.sort(A)[::-1], "mono")
    v = np.array(voxel)
    ratio = v / evaluate(found, T)
    nodes, w = np.polynomial.legendre.leggauss(40)
    total = ratio[0] * integral(found.amplitudes, found.rates, 0.0, T[0])
    total += ratio[-1] * integral(found.amplitudes, found.rates, T[-1], math.inf)
    for i in range(3):
        s = T[i] + (nodes + 1) / 2 * (T[i + 1] - T[i])
        total += np.sum(w / 2 * (T[i + 1] - T[i]) * np.interp(s, T, ratio) * evaluate(found, s))
    assert np.sum(voxel_weights(found, T) * v) == pytest.approx(total, rel=1e-9)


def test_one_scan_scales_the_regions_curve():
    found = region([5e7], "mono", T[:1])
    assert voxel_weights(found, T[:1]) * 5e7 == pytest.approx([found.time_integrated_activity.value])


def test_a_curve_that_is_zero_at_a_scan_is_refused():
    t = np.array([0.0, 4.0, 24.0, 72.0]) * u.h
    found = region(np.array([0.0, 50.0, 70.0, 40.0]) * u.MBq, "uptake", t)
    with pytest.raises(ScopeError, match="at 0 h"):
        voxel_weights(found, t)


@pytest.mark.parametrize("t", [[2.0, 1.0], [1.0, 1.0], [-1.0, 1.0]])
def test_scans_are_in_order(t):
    with pytest.raises(InputError, match="increase"):
        voxel_weights(region([5e7, 4e7], "mono", T[:2]), np.array(t) * u.h)
