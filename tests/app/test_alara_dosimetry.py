"""Scan times that keep a dose's uncertainty under a bound."""

from pathlib import Path

import numpy as np
import pytest

from hevesy.app import alara_dosimetry as room
from hevesy.app.alara_dosimetry import Asked, alara_dosimetry
from hevesy.errors import InputError, ScopeError
from hevesy.imaging.trials import RegionNoise
from hevesy.imaging.trials.region_noise import by_boundary


def noise(u):
    return RegionNoise(mean=1.0, truth=1.0, u_relative=u, duration=600.0, counts=1e5, volume=300.0)


def test_times_meet_the_bound_and_their_sum_is_least():
    h, lam = 3600.0, np.log(2) / 50 / 3600
    times = [4 * h, 24 * h, 96 * h]
    A = 1e8 * np.exp(-lam * np.array(times))
    asked = Asked(scanner="", nuclide="Lu-177", times="", model="mono")
    found = room._solved(times, A, [noise(0.02), noise(0.02), noise(0.04)], 0.01, asked, "Lu-177")
    T, equal, s = found.times, found.equal, found.shares
    assert found.model == "mono"
    assert found.integral == pytest.approx(1e8 / lam, rel=1e-6)
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
        ({"other": "-2 %"}, "is allowed"),
    ):
        with pytest.raises(InputError, match=said):
            alara_dosimetry(Asked(**(given | more)))
    with pytest.raises(ScopeError, match="used up"):
        alara_dosimetry(Asked(**given, bound="5 %", other="6 %"))
    with pytest.raises(ScopeError, match=r"calibration 5 %\): no scan is long enough"):
        alara_dosimetry(Asked(**given, bound="4 %"))
    with pytest.raises(InputError, match=r"a picture \(.png\)"):
        alara_dosimetry(Asked(**given), output=Path("a.html"))


def test_counting_that_asks_for_seconds_says_what_limits_the_dose():
    assert "limited by what no scan time changes" in room._said(0.0, 0.05, np.array([3.0]))[0]
    assert "on one bed is longer" in room._said(0.0, 0.05, np.array([7200.0]))[0]
    assert "misses the true integral" in room._said(0.1, 0.05, np.array([300.0]))[0]


def test_the_whole_budget_stands_beside_counting():
    from hevesy.app.alara_budget import known_terms, left_for_counting, terms_of_scans, together

    scans = [RegionNoise(mean=0.9, truth=1.0, u_relative=0.01, duration=600.0, counts=1e5, volume=300.0, by_boundary=-0.05)]
    terms = known_terms("", "3 %") + terms_of_scans(scans, (4.8, 4.8, 4.8))
    expected = {"calibration": 0.03, "outline": 0.05 * 4.8 / (2 * 6**0.5), "recovery": 0.2 * 0.1, "density": 0.02}
    assert {t.name: t.u for t in terms} == pytest.approx(expected)
    whole = sum(u**2 for u in expected.values()) ** 0.5
    assert together(terms) == pytest.approx(whole)
    assert left_for_counting(0.10, terms) == pytest.approx((0.01 - whole**2) ** 0.5)


def test_the_mean_of_a_sharp_sphere_falls_as_its_outline_grows():
    z, y, x = np.mgrid[-15:16, -15:16, -15:16] * 2.0
    r = np.sqrt(x**2 + y**2 + z**2)
    inside = np.clip((20 - r) / 4 + 0.5, 0, 1).astype(np.float32)  # an edge of 4 mm about 20 mm
    # Mean (R/r)^3 beyond the edge, 1 within: on the edge itself half of the loss, -3/R / 2.
    assert by_boundary((r < 20).astype(np.float32), inside, (2.0, 2.0, 2.0)) == pytest.approx(-1.5 / 20, rel=0.15)
