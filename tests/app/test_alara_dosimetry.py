"""Scan times that keep a dose's uncertainty under a bound."""

import numpy as np
import pytest

from hevesy.app import alara_dosimetry as room
from hevesy.app.alara_dosimetry import Asked, alara_dosimetry
from hevesy.errors import InputError, ScopeError
from hevesy.imaging.trials import RegionNoise


def noise(u):
    return RegionNoise(mean=1.0, truth=1.0, u_relative=u, duration=600.0, counts=1e5, volume=300.0)


def test_times_meet_the_bound_and_their_sum_is_least():
    h, lam = 3600.0, np.log(2) / 50 / 3600
    times = [4 * h, 24 * h, 96 * h]
    A = 1e8 * np.exp(-lam * np.array(times))
    asked = Asked(scanner="", nuclide="Lu-177", times="", model="mono")
    T, equal, s, model, integral = room._solved(times, A, [noise(0.02), noise(0.02), noise(0.04)], 0.01, asked)
    assert model == "mono"
    assert integral == pytest.approx(1e8 / lam, rel=1e-6)
    assert s.sum() == pytest.approx(1, abs=1e-3)  # all activities twice as high: the integral too
    v = np.array([0.02, 0.02, 0.04]) ** 2 * 600
    assert np.sum(s**2 * v / T) == pytest.approx(0.01**2, rel=0.02)
    assert T.sum() <= 3 * equal * 1.001


def test_words_that_make_no_sense_are_refused():
    given = {"scanner": "siemens-intevo", "nuclide": "Lu-177", "times": "4 h, 24 h"}
    for more, said in (
        ({"times": "24 h, 4 h"}, "that grow"),
        ({"nuclide": "Y-90"}, "Known are"),
        ({"bound": "500 %"}, "is allowed"),
        ({"scanner": "siemens-quadra"}, "cannot image"),
        ({"organ": "kidny"}, "kidney"),
    ):
        with pytest.raises(InputError, match=said):
            alara_dosimetry(Asked(**(given | more)))
    with pytest.raises(ScopeError, match="used up"):
        alara_dosimetry(Asked(**given, bound="5 %", other="6 %"))


def test_counting_that_asks_for_seconds_says_what_limits_the_dose():
    assert "limited by what --other stands for" in room._said(0.0, 0.05, np.array([3.0]))[0]
    assert "misses the true integral" in room._said(0.1, 0.05, np.array([300.0]))[0]
