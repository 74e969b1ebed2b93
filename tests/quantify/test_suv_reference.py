"""The time to which PET values refer."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError
from hevesy.model import DecayCorrection
from hevesy.quantify.decay import in_frame_factor
from hevesy.quantify.suv_reference import ScanClock, average_count_rate_time, reference_time

LAM = math.log(2) / 6586.2
START = datetime(2024, 3, 4, 11, 0)
LATER = START + timedelta(hours=2)
CLOCK = ScanClock(correction=DecayCorrection.START, series=START, acquired=START + timedelta(minutes=10), duration=120.0)


def found(clock: ScanClock) -> tuple[datetime, str, str]:
    at = reference_time(clock, administered=START - timedelta(hours=1), decay_constant=LAM)
    return at.time, at.text, " ".join(at.remarks)


def test_the_series_time_is_the_start() -> None:
    assert found(CLOCK)[:2] == (START, "START: (0008,0031) Series Time")


def test_admin_and_the_stated_time_come_before_all() -> None:
    assert found(replace(CLOCK, correction=DecayCorrection.ADMIN))[0] == START - timedelta(hours=1)
    assert found(replace(CLOCK, correction_time=LATER))[0] == LATER


def test_a_decay_factor_that_contradicts_admin_is_remarked_on() -> None:
    admin = replace(CLOCK, correction=DecayCorrection.ADMIN)
    fits = math.exp(LAM * 70 * 60)
    assert found(replace(admin, decay_factor=fits))[2] == ""
    assert "contradicts (0054,1102) ADMIN by 31.5 %" in found(replace(admin, decay_factor=math.exp(LAM * 10 * 60)))[2]


def test_a_series_time_that_was_overwritten() -> None:
    """GE's own tag stands in, else what the frame reference time implies, else the first acquisition."""
    over = replace(CLOCK, series=LATER)
    assert found(replace(over, private_scan=START))[:2] == (START, "START: GE (0009,xx0d) scan time")
    implied = replace(over, frame_reference=600.0 + average_count_rate_time(LAM, 120.0))
    at, text, remark = found(implied)
    assert abs((at - START).total_seconds()) < 1e-3
    assert "Frame Reference Time" in text
    assert "it was not taken" in remark
    assert found(over)[0] == START + timedelta(minutes=10)


def test_the_decay_factor_decides_between_the_times() -> None:
    """A first bed 10 min into the series whose factor is that of decay during the bed alone refers to its own start."""
    own = replace(CLOCK, decay_factor=in_frame_factor(LAM, 120.0))
    at, _, remark = found(own)
    assert at == START + timedelta(minutes=10)
    assert "contradicts" in remark
    whole = replace(CLOCK, decay_factor=math.exp(LAM * 600))
    assert found(whole)[0] == START
    at, _, remark = found(replace(CLOCK, decay_factor=3.0))
    assert at == START
    assert "fits none" in remark


def test_refusals() -> None:
    with pytest.raises(DataError, match="START or ADMIN"):
        found(replace(CLOCK, correction=None))
    with pytest.raises(DataError, match="Acquisition Time"):
        found(replace(CLOCK, series=None, acquired=None))
    with pytest.raises(DataError, match="--administered"):
        reference_time(replace(CLOCK, correction=DecayCorrection.ADMIN), administered=None, decay_constant=LAM)


@given(duration=st.floats(1.0, 7200.0))
def test_the_average_lies_in_the_first_half(duration: float) -> None:
    t = average_count_rate_time(LAM, duration)
    assert 0 < t <= duration / 2 * (1 + 1e-6)
    mean = (1 - math.exp(-LAM * duration)) / (LAM * duration)
    assert math.exp(-LAM * t) == pytest.approx(mean, rel=1e-9)
