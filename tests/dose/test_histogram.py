"""Dose-volume histograms: closed forms and what must hold for any dose."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hevesy.dose import dose_at_volume, dose_volume_histogram
from hevesy.errors import InputError

DOSES = arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 100))


def test_a_ramp() -> None:
    """Doses spread evenly from 0 to 100 Gy: D_x = 100 - x."""
    dose = (np.arange(10000) + 0.5) / 100
    found = dose_at_volume(dose, np.ones_like(dose), (0.98, 0.90, 0.50, 0.02))
    assert found == pytest.approx((2.0, 10.0, 50.0, 98.0), abs=0.011)
    histogram = dose_volume_histogram(dose, np.ones_like(dose))
    assert np.interp(30.0, histogram.dose, histogram.volume) == pytest.approx(0.70, abs=0.005)


def test_voxels_count_by_their_share() -> None:
    dose, fraction = np.array([10.0, 1.0]), np.array([0.25, 0.75])
    assert dose_at_volume(dose, fraction, (0.2, 0.25, 0.3)) == (10.0, 10.0, 1.0)


def test_no_volume_is_refused() -> None:
    with pytest.raises(InputError, match="volume"):
        dose_volume_histogram(np.ones(3), np.zeros(3))


@given(DOSES)
def test_laws(dose: npt.NDArray[np.float64]) -> None:
    fraction = np.linspace(0.1, 1.0, dose.size)
    histogram = dose_volume_histogram(dose, fraction)
    assert histogram.volume[0] == pytest.approx(1.0)
    assert np.all(np.diff(histogram.volume) <= 1e-12)
    D98, D90, D50, D2 = dose_at_volume(dose, fraction, (0.98, 0.90, 0.50, 0.02))
    assert dose.min() <= D98 <= D90 <= D50 <= D2 <= dose.max()


@given(DOSES)
def test_splitting_voxels_changes_nothing(dose: npt.NDArray[np.float64]) -> None:
    whole = dose_at_volume(dose, np.ones_like(dose), (0.9, 0.5, 0.1))
    halves = dose_at_volume(np.repeat(dose, 2), np.full(2 * dose.size, 0.5), (0.9, 0.5, 0.1))
    assert whole == halves
