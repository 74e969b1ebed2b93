"""Planar course, SPECT height."""

import numpy as np
import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.quantify.hybrid import scaled_to_spect
from hevesy.units import MBq, h

T = np.array([2.0, 24.0, 48.0, 120.0]) * h
TRUE = 100 * MBq * np.exp(-T / (60 * h))


def test_a_common_factor_cancels() -> None:
    found = scaled_to_spect(T, 1.7 * TRUE, 0.02 * TRUE, spect=Measured(value=TRUE[1], u=0.05 * TRUE[1]), spect_time=24 * h)
    assert pytest.approx(TRUE) == found.A
    assert found.factor.value == pytest.approx(1 / 1.7)
    # At the time of the SPECT only the SPECT's own uncertainty is left.
    assert found.u[1] == pytest.approx(0.05 * TRUE[1])
    assert found.remarks == ()


def test_between_two_scans_the_course_is_exponential() -> None:
    at = 36 * h
    S = 100 * MBq * np.exp(-36 / 60)
    found = scaled_to_spect(T, TRUE, 0.01 * TRUE, spect=Measured(value=S, u=0), spect_time=at)
    assert found.factor.value == pytest.approx(1)
    assert "interpolated" in found.remarks[0]


def test_its_covariance_is_that_of_a_simulation() -> None:
    rng = np.random.default_rng(2)
    S, at = 100 * MBq * np.exp(-0.6), 36 * h
    drawn = []
    for _ in range(4000):
        P = 0.5 * TRUE * (1 + 0.02 * rng.standard_normal(4))
        drawn.append(scaled_to_spect(T, P, P, spect=Measured(value=S * (1 + 0.03 * rng.standard_normal()), u=0), spect_time=at).A)
    found = scaled_to_spect(T, 0.5 * TRUE, 0.01 * TRUE, spect=Measured(value=S, u=0.03 * S), spect_time=at)
    share = np.sqrt(np.diag(np.cov(np.array(drawn).T)))
    # Standard deviations of 4000 draws are known to 1.1 %.
    assert found.u == pytest.approx(share, rel=0.06)
    assert np.corrcoef(np.array(drawn).T)[0, 3] == pytest.approx(found.covariance[0, 3] / found.u[0] / found.u[3], abs=0.05)


def test_a_spect_a_little_outside_takes_the_nearest_scan_and_says_so() -> None:
    found = scaled_to_spect(T, TRUE, 0.01 * TRUE, spect=Measured(value=TRUE[-1], u=None, why_no_u="no table"), spect_time=121 * h)
    assert found.factor.value == pytest.approx(1)
    assert "1.00 h from the SPECT" in found.remarks[0]
    assert "no table" in found.remarks[1]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"t": T[::-1]}, InputError),
        ({"planar": TRUE[:3]}, InputError),
        ({"planar": -TRUE}, ScopeError),
        ({"spect": Measured(value=0.0, u=0)}, InputError),
        ({"spect_time": 150 * h}, ScopeError),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict, error: type) -> None:
    given = {"t": T, "planar": TRUE, "u_planar": TRUE / 50, "spect": Measured(value=1e6, u=0), "spect_time": 24 * h} | change
    with pytest.raises(error, match="hybrid"):
        scaled_to_spect(given.pop("t"), given.pop("planar"), given.pop("u_planar"), **given)
