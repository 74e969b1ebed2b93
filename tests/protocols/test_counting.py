"""Counting noise carried from scans to integrals, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from hevesy.kinetics import fit
from hevesy.kinetics.sensitivity import integral_sensitivity
from hevesy.model import TimeActivityCurve
from hevesy.protocols import counting
from hevesy.protocols.terms import correlation

T = np.array([4.0, 24.0, 96.0]) * 3600
LAM = 1.2e-6


def region(name, A0):
    A = A0 * np.exp(-4e-6 * T)
    curve = TimeActivityCurve(region=name, t=T, A=A, u=0.03 * A)
    return SimpleNamespace(name=name, curve=curve, fit=fit(curve, decay_constant=LAM, model="mono"))


def test_regions_of_one_curve_share_what_their_scans_share():
    pair = (region("a", 1e8), region("b", 3e8))
    noise = np.array([[[0.04, -0.01], [-0.01, 0.09]]] * 3) * 1e-2
    found = counting.between(pair, noise)
    share = integral_sensitivity(pair[0].fit, pair[0].curve) * pair[0].curve.A / pair[0].fit.time_integrated_activity.value
    assert share.sum() == pytest.approx(1, rel=1e-3)  # twice the activity on all scans is twice the integral
    assert found == pytest.approx(noise[0] * np.sum(share**2), rel=0.02)
    terms = [{"counting": SimpleNamespace(of_dose=np.sqrt(found[k, k]), shared=False)} for k in (0, 1)]
    r = correlation(tuple(SimpleNamespace(terms=each) for each in terms), found)
    assert r[0, 1] == pytest.approx(-0.01 / 0.06, rel=1e-6)


def test_without_a_reconstruction_there_is_nothing():
    aligned = tuple(SimpleNamespace(point=SimpleNamespace(counting=None)) for _ in T)
    assert not counting.relative((None, None), aligned, progress=lambda text, share: None).any()
    assert counting.remarks(SimpleNamespace(points=[each.point for each in aligned])) == ()
