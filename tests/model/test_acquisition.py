"""Projections are whole once they exist."""

from typing import Any

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.model import EnergyWindow, Projections


def _projections(**other: Any) -> Projections:
    views = 4
    given = {
        "counts": np.ones((1, views, 3, 5), np.float32),
        "windows": (EnergyWindow(name="peak", lower=187.2, upper=228.8),),
        "angles": np.arange(views) * 90.0,
        "radii": np.full(views, 250.0),
        "starts": np.arange(views) * 10.0,
        "durations": np.full(views, 10.0),
        "pixel": (4.8, 4.8),
    }
    return Projections(**{**given, **other})


def test_a_window_is_found_by_name() -> None:
    made = _projections()
    assert made.views == 4
    assert made.window("peak").shape == (4, 3, 5)
    assert made.windows[0].width == pytest.approx(41.6)
    with pytest.raises(InputError, match="there are peak"):
        made.window("scatter")
    with pytest.raises(ValueError, match="read-only"):
        made.counts[:] = 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"counts": np.ones((2, 4, 3, 5), np.float32)},
        {"angles": np.arange(3.0)},
        {"radii": np.full(4, np.nan)},
        {"durations": np.zeros(4)},
        {"pixel": (0.0, 4.8)},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"projections"):
        _projections(**wrong)


def test_window_limits_increase() -> None:
    with pytest.raises(InputError, match="increase"):
        EnergyWindow(name="peak", lower=20, upper=10)
