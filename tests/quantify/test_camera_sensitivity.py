"""Sensitivity from counts of a known source."""

import math

import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.quantify.camera_sensitivity import mean_sensitivity, sensitivity
from hevesy.units import MBq


def test_counts_by_time_and_activity() -> None:
    found = sensitivity(Measured(value=27000, u=270), activity=Measured(value=10 * MBq, u=0.2 * MBq), duration=300)
    assert found.value == pytest.approx(9.0)
    assert found.relative == pytest.approx(math.hypot(0.01, 0.02))


def test_what_heads_share_does_not_average_out() -> None:
    rows = [Measured(value=9.0, u=9.0 * math.hypot(0.01, 0.02)) for _ in range(4)]
    mean, spread = mean_sensitivity(rows, shared=0.02)
    assert mean.relative == pytest.approx(math.hypot(0.01 / 2, 0.02))
    assert spread == 0
    assert mean_sensitivity(rows[:1])[1] is None


@pytest.mark.parametrize(
    ("counts", "activity", "duration", "error"),
    [
        (-5, 10 * MBq, 300, ScopeError),
        (100, 10.0, 300, InputError),
        (100, 10 * MBq, 0.3, InputError),
    ],
)
def test_what_is_implausible_is_refused(counts: float, activity: float, duration: float, error: type) -> None:
    with pytest.raises(error):
        sensitivity(Measured(value=counts, u=1), activity=Measured(value=activity, u=0), duration=duration)
    with pytest.raises(InputError):
        mean_sensitivity([])
