"""Decay correction as the header says."""

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError
from hevesy.model import DecayCorrection, Grid, Image, Quantity, Scan
from hevesy.quantify import in_frame_factor, to_scan_start
from hevesy.units import h

GIVEN = datetime(2024, 3, 4, 9, 30)
LU = math.log(2) / (6.647 * 86400)
F18 = math.log(2) / 6586.2


def scan(**changes: Any) -> Scan:
    image = Image(
        values=np.ones((2, 3, 3), dtype=np.float32),
        grid=Grid(shape=(2, 3, 3), affine=np.eye(4)),
        quantity=Quantity.ACTIVITY_CONCENTRATION,
    )
    values: dict[str, Any] = {
        "label": "S",
        "modality": "PT",
        "image": image,
        "series_uid": "1",
        "start": GIVEN + timedelta(hours=24),
        "duration": 1500.0,
    }
    values.update(changes)
    return Scan(**values)


def factor(decay_constant: float = LU, **changes: Any) -> float:
    return float(to_scan_start(scan(**changes), administered=GIVEN, decay_constant=decay_constant).factor)


def test_admin_is_brought_forward_to_the_scan() -> None:
    assert factor(correction=DecayCorrection.ADMIN) == pytest.approx(math.exp(-LU * 24 * h), rel=1e-12)


def test_start_is_left_alone() -> None:
    assert factor(correction=DecayCorrection.START) == 1.0


def test_none_is_the_mean_over_the_acquisition() -> None:
    # Mean of exp(-lam t) over T is (1 - exp(-lam T)) / (lam T).
    x = F18 * 1500
    assert factor(F18, correction=DecayCorrection.NONE) == pytest.approx(x / (1 - math.exp(-x)), rel=1e-12)


def test_none_of_a_later_bed_is_brought_to_the_common_start() -> None:
    step = to_scan_start(
        scan(correction=DecayCorrection.NONE, slice_starts=np.array([0.0, 600.0])),
        administered=GIVEN,
        decay_constant=F18,
    )
    assert step.factor[1] / step.factor[0] == pytest.approx(math.exp(F18 * 600), rel=1e-12)


def test_start_with_a_factor_that_leaves_out_the_acquisition() -> None:
    assert factor(F18, correction=DecayCorrection.START, decay_factor=1.0) == pytest.approx(in_frame_factor(F18, 1500.0))


def test_start_with_the_whole_factor() -> None:
    stated = round(in_frame_factor(F18, 1500.0), 5)
    assert factor(F18, correction=DecayCorrection.START, decay_factor=stated) == 1.0


def test_start_that_refers_to_the_series_time() -> None:
    """A later bed of a GE or Siemens series read alone: its factor tells that values refer to the start of the series."""
    at = GIVEN + timedelta(hours=24)
    stated = math.exp(F18 * 1200) * in_frame_factor(F18, 150.0)
    found = factor(
        F18,
        correction=DecayCorrection.START,
        decay_factor=stated,
        series_time=at - timedelta(seconds=1200),
        duration=150.0,
    )
    assert found == pytest.approx(math.exp(-F18 * 1200), rel=1e-9)


def test_a_stated_reference_time_wins() -> None:
    at = GIVEN + timedelta(hours=1)
    assert factor(correction=DecayCorrection.START, correction_time=at) == pytest.approx(math.exp(-LU * 23 * h), rel=1e-12)


def test_a_factor_that_fits_nothing_is_remarked() -> None:
    step = to_scan_start(scan(correction=DecayCorrection.ADMIN, decay_factor=1.0), administered=GIVEN, decay_constant=LU)
    assert any("(0054,1321)" in text for text in step.remarks)


def test_unknown_reference_is_refused() -> None:
    with pytest.raises(DataError, match=r"\(0054,1102\)"):
        factor(correction=None)


def test_admin_without_administration_is_refused() -> None:
    with pytest.raises(DataError, match=r"administration\.time"):
        to_scan_start(scan(correction=DecayCorrection.ADMIN), administered=None, decay_constant=LU)


@given(st.floats(1e-7, 1e-3), st.floats(0, 1e4))
def test_in_frame_factor_lies_between_start_and_end(decay_constant: float, duration: float) -> None:
    f = in_frame_factor(decay_constant, duration)
    assert 1 <= f <= math.exp(decay_constant * duration) * (1 + 1e-12)
