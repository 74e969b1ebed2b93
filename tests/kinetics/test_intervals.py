"""Every interval that is printed, against how often it covers the truth."""

import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics import MODELS, fit, intervals
from hevesy.kinetics.models import values
from hevesy.model import TimeActivityCurve
from hevesy.rng import stream

N = 120  # curves of each kind; a larger run is in the theory page
LAMBDA = math.log(2) / (6.647 * u.d)
SCANS = {
    4: np.array([3.0, 24.0, 72.0, 150.0]) * u.h,
    5: np.array([2.0, 6.0, 24.0, 72.0, 150.0]) * u.h,
    8: np.array([0.5, 2.0, 5.0, 10.0, 24.0, 48.0, 96.0, 160.0]) * u.h,
}


def half(hours):
    return math.log(2) / (hours * u.h)


TRUTH = {
    "mono": np.array([1e8, half(50)]),
    "uptake": np.array([1.2e8, half(60), half(4)]),
    "bi": np.array([5e7, half(90), 8e7, half(8)]),
}
KINDS = [
    (name, n, known)
    for name in TRUTH
    for n in SCANS
    for known in (True, False)
    if MODELS[name].size < n or (known and MODELS[name].size == n)
]


def truth(name, t):
    model, p = MODELS[name], TRUTH[name]
    whole = float(np.sum((model.to_amplitudes @ p) / (model.to_rates @ p)))
    return values(model, p, t), whole


def check(name, n, known, random):
    """Which intervals of one noisy curve cover the truth."""
    t, later = SCANS[n], np.array([36.0]) * u.h
    A, whole = truth(name, t)
    deviation = 0.03 * A if known else np.full(n, 0.03 * A.mean())
    curve = TimeActivityCurve(region="R", t=t, A=A + deviation * random.standard_normal(n), u=deviation if known else None)
    found = fit(curve, decay_constant=LAMBDA, model=name)
    at = truth(name, later)[0]
    spread = 0.03 * at if known else np.array([deviation[0]])
    said = intervals(found, curve, decay_constant=LAMBDA, times=later, u_measurement=spread if known else None)
    measured = at + spread * random.standard_normal(1)
    pairs = {
        "integral": (said.time_integrated_activity, whole),
        "half-life": (said.effective_half_life, math.log(2) / TRUTH[name][1]),
        "curve": ((said.low[0], said.high[0]), at[0]),
        "measurement": ((said.predicted_low[0], said.predicted_high[0]), measured[0]),
    } | {key: (said.parameters[key], p) for key, p in zip(MODELS[name].parameters, TRUTH[name], strict=True)}
    return {key: low <= value <= high for key, ((low, high), value) in pairs.items()}


def test_95_percent_is_95_percent():
    """Pooled over models, each with 4, 5 and 8 points, u known and unknown: 92 to 98 %; each kind within 4 sigma of that."""
    pooled: dict[tuple[str, bool], list[bool]] = {}
    for batch, (name, n, known) in enumerate(KINDS):
        random = stream(29, batch)
        drawn = [check(name, n, known, random) for _ in range(N)]
        for key in drawn[0]:
            hits = [each[key] for each in drawn]
            assert np.mean(hits) > 0.92 - 4 * math.sqrt(0.05 * 0.95 / N), (name, n, known, key)
            pooled.setdefault((key if len(key) > 2 else key[0], known), []).extend(hits)
    for kind, hits in pooled.items():
        assert 0.92 < np.mean(hits) < 0.98, kind


def test_mono_with_small_u_is_a_straight_line_in_the_logarithm():
    A, whole = truth("mono", SCANS[4])
    curve = TimeActivityCurve(region="R", t=SCANS[4], A=A, u=1e-4 * A)
    found = fit(curve, decay_constant=LAMBDA, model="mono")
    said = intervals(found, curve, decay_constant=LAMBDA)
    low, high = said.time_integrated_activity
    assert (high - low) / 2 == pytest.approx(1.959964 * found.time_integrated_activity.u, rel=0.01)
    assert (high + low) / 2 == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_intervals_scale_with_activity(factor):
    A, _ = truth("uptake", SCANS[5])
    A = A * np.array([1.02, 0.98, 1.01, 0.99, 1.01])
    ends = []
    for scale in (1.0, factor):
        curve = TimeActivityCurve(region="R", t=SCANS[5], A=scale * A, u=0.03 * scale * A)
        said = intervals(fit(curve, decay_constant=LAMBDA, model="uptake"), curve, decay_constant=LAMBDA)
        ends.append(np.array(said.time_integrated_activity) / scale)
    assert ends[1] == pytest.approx(ends[0], rel=1e-6)


def test_a_half_life_never_exceeds_the_physical_one_and_an_open_end_is_infinite():
    t = SCANS[4]
    A = 1e8 * np.exp(-half(150) * t) * (1 - np.exp(-half(0.6) * t))
    curve = TimeActivityCurve(region="R", t=t, A=A, u=0.05 * A)
    said = intervals(fit(curve, decay_constant=LAMBDA, model="uptake"), curve, decay_constant=LAMBDA)
    assert said.effective_half_life[1] <= 6.647 * u.d * (1 + 1e-9)
    assert said.parameters["l2"][1] == math.inf


def test_no_covariance_no_interval():
    curve = TimeActivityCurve(region="R", t=SCANS[4][:2], A=[5e7, 4e7])
    assert intervals(fit(curve, decay_constant=LAMBDA), curve, decay_constant=LAMBDA) is None


def test_a_level_is_a_share():
    curve = TimeActivityCurve(region="R", t=SCANS[4], A=truth("mono", SCANS[4])[0])
    with pytest.raises(InputError, match="got 95"):
        intervals(fit(curve, decay_constant=LAMBDA), curve, decay_constant=LAMBDA, level=95)
