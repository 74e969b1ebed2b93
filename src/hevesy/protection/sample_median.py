"""Median of a sample and the interval that holds the median of the practice behind it, from order statistics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from hevesy.errors import InputError

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMedian:
    """Median with its interval.

    Attributes
    ----------
    n : int                             Number of values.
    value : float                       Median, in the unit of the values.
    low, high : float or None           Interval of the median; None where the sample is too small for one.
    coverage : float or None            Its probability, at least the one asked for.
    why_none : str                      Why there is no interval; "" where there is one.
    """

    n: int
    value: float
    low: float | None
    high: float | None
    coverage: float | None
    why_none: str


def sample_median(values: Sequence[float], *, confidence: float = CONFIDENCE) -> SampleMedian:
    """Median and its distribution-free interval.

        P(x_(k) <= m <= x_(n+1-k)) >= 1 - 2 sum_{i<k} C(n, i) 2^-n

    with the largest k for which this reaches ``confidence``. Independent patients are assumed; ties only widen it
    (H. A. David, H. N. Nagaraja, Order Statistics, 3rd edition 2003, section 7.1).
    """
    if not values:
        raise InputError("sample: it is empty; at least one patient is needed. Check the filters and the columns.")
    if not 0 < confidence < 1:
        raise InputError(f"confidence: got {confidence:g}; it lies between 0 and 1, for example 0.95.")
    ordered = sorted(values)
    n = len(ordered)
    tail, k = 0.0, 0
    while k < n // 2 and 2 * (tail + math.comb(n, k) / 2**n) <= 1 - confidence:
        tail += math.comb(n, k) / 2**n
        k += 1
    if k == 0:
        why = f"{n} patient{'s are' if n > 1 else ' is'} too few for an interval of {confidence:.0%}"
        return SampleMedian(n=n, value=median(ordered), low=None, high=None, coverage=None, why_none=why)
    return SampleMedian(n=n, value=median(ordered), low=ordered[k - 1], high=ordered[n - k], coverage=1 - 2 * tail, why_none="")
