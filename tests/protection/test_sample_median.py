"""Median and its interval by order statistics."""

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.protection.sample_median import sample_median


def ranks(n: int) -> list[int]:
    """Ranks of the lower and upper end for a sample of ``n`` different values."""
    found = sample_median([float(value) for value in range(1, n + 1)])
    assert found.low is not None
    assert found.high is not None
    return [int(found.low), int(found.high)]


@given(st.lists(st.floats(0.1, 1e3), min_size=1, max_size=60))
def test_interval_holds_the_median(values: list[float]):
    found = sample_median(values)
    assert found.value == median(values)
    if found.low is None or found.high is None:
        assert len(values) < 6
        assert found.why_none
    else:
        assert min(values) <= found.low <= found.value <= found.high <= max(values)
        assert found.coverage is not None
        assert found.coverage >= 0.95


def test_coverage_is_as_stated():
    rng = np.random.Generator(np.random.Philox(key=7))
    samples = rng.lognormal(size=(2000, 15))
    held = 0
    for sample in samples:
        found = sample_median([float(x) for x in sample])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1.0 <= found.high
    p = sample_median([float(x) for x in samples[0]]).coverage
    assert p is not None
    assert abs(held - 2000 * p) / math.sqrt(2000 * p * (1 - p)) < 4


def test_refusals():
    with pytest.raises(InputError, match="empty"):
        sample_median([])
    with pytest.raises(InputError, match="between 0 and 1"):
        sample_median([1.0], confidence=95)
