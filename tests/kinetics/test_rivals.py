"""The interval of a model that "auto" chose covers, though the points may be too few to choose."""

import math

import numpy as np
import pytest
from tests.kinetics.test_intervals import LAMBDA, SCANS, truth

from hevesy.kinetics import average, fit, intervals
from hevesy.kinetics.rivals import hold_rivals, rivals
from hevesy.model import TimeActivityCurve
from hevesy.rng import stream

N = 80


def noisy(name, n, random, *, relative, known=False):
    A, whole = truth(name, SCANS[n])
    u = np.full(n, relative * A.mean())
    return TimeActivityCurve(region="R", t=SCANS[n], A=A + u * random.standard_normal(n), u=u if known else None), whole


def said(curve):
    found = fit(curve, decay_constant=LAMBDA)
    return hold_rivals(intervals(found, curve, decay_constant=LAMBDA), found, curve, decay_constant=LAMBDA)[0]


@pytest.mark.parametrize(("name", "n", "relative"), [("bi", 8, 0.03), ("bi", 8, 0.06), ("mono", 5, 0.05), ("uptake", 8, 0.05)])
def test_the_interval_of_auto_covers_where_u_is_unknown(name, n, relative):
    """Not below 95 % by more than four standard deviations of the count; one curve of two phases in four is taken for one."""
    random, hits = stream(61, n), []
    for _ in range(N):
        curve, whole = noisy(name, n, random, relative=relative)
        low, high = said(curve).time_integrated_activity
        hits.append(low <= whole <= high)
    assert np.mean(hits) > 0.95 - 4 * math.sqrt(0.05 * 0.95 / N)


def test_the_model_alone_does_not_cover():
    """What the rivals are for: without them a fifth and more is missed."""
    random, hits = stream(61, 8), []
    for _ in range(60):
        curve, whole = noisy("bi", 8, random, relative=0.06)
        low, high = intervals(fit(curve, decay_constant=LAMBDA), curve, decay_constant=LAMBDA).time_integrated_activity
        hits.append(low <= whole <= high)
    assert np.mean(hits) < 0.8


def test_a_rival_makes_intervals_wider_and_changes_no_value():
    random = stream(61, 8)
    for _ in range(40):
        curve, _ = noisy("bi", 8, random, relative=0.06)
        found = fit(curve, decay_constant=LAMBDA)
        if others := rivals(found, curve, decay_constant=LAMBDA):
            break
    assert found.model == "mono"
    assert "bi" in others
    alone = intervals(found, curve, decay_constant=LAMBDA)
    wide, p = hold_rivals(alone, found, curve, decay_constant=LAMBDA)
    assert wide.time_integrated_activity[0] <= alone.time_integrated_activity[0]
    assert wide.time_integrated_activity[1] > alone.time_integrated_activity[1]
    assert wide.method.endswith("and of bi") or "and of bi," in wide.method
    assert 0 <= p["bi"] <= 0.25
    assert wide.parameters == alone.parameters
    averaged = average(curve, decay_constant=LAMBDA).interval
    assert averaged[1] >= wide.time_integrated_activity[1] * 0.999 or averaged[1] > alone.time_integrated_activity[1]


def test_known_u_and_few_points_have_no_rivals():
    curve, _ = noisy("bi", 8, stream(1, 1), relative=0.03, known=True)
    assert rivals(fit(curve, decay_constant=LAMBDA), curve, decay_constant=LAMBDA) == {}
    few = TimeActivityCurve(region="R", t=curve.t[-3:], A=[3e7, 2e7, 1.4e7])
    assert rivals(fit(few, decay_constant=LAMBDA), few, decay_constant=LAMBDA) == {}
