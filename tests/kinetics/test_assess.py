import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.kinetics import fit
from hevesy.kinetics.models import MODELS, values
from hevesy.model import TimeActivityCurve

LAMBDA = math.log(2) / (6.647 * u.d)
T = np.array([4.0, 24.0, 72.0, 168.0]) * u.h
EARLY = np.array([1.0, 4.0, 8.0]) * u.h
A = 1.2e8 * np.exp(-T * math.log(2) / (50 * u.h))


def fitted(activities=A, relative=0.03, model="auto", t=T, lam=LAMBDA):
    activities = np.asarray(activities, dtype=float)
    noise = None if relative is None else relative * np.maximum(np.abs(activities), 1e5)
    return fit(TimeActivityCurve(region="R", t=t, A=activities, u=noise), decay_constant=lam, model=model)


def test_well_determined():
    found = fitted()
    assert (found.verdict, found.reasons) == ("well determined", ())


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"relative": 0.5}, "standard uncertainty of the integral is"),
        ({"activities": A[:2], "t": T[:2]}, "as many parameters as points"),
        ({"activities": A[0] * 2 ** -(EARLY / (50 * u.h)), "t": EARLY, "relative": 1e-4, "model": "mono"}, "after the last scan"),
        ({"activities": 1e8 * np.exp(-LAMBDA * T)}, "check the nuclide"),
        ({"activities": A * [1.2, 0.8, 1.2, 0.8], "relative": 0.02, "model": "mono"}, "scatter far more"),
        ({"activities": [9e7, 3e7, 1e6, -1e5], "relative": None, "model": "mono"}, "at 168 h is negative"),
    ],
)
def test_weakly_determined_and_why(given, reason):
    found = fitted(**given)
    assert found.verdict == "weakly determined"
    assert any(reason in text for text in found.reasons)


def test_one_scan_and_a_rate_that_runs_away_are_ill_posed():
    for found in (fitted(A[:1], t=T[:1]), fitted(A[:2] * [1, 1e-6], t=T[:2])):
        assert (found.verdict, found.well_posed) == ("ill-posed", False)
        assert found.reasons


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("factor", [1000.0, 1e-3])
def test_a_slip_of_a_unit_names_its_point(index, factor):
    activities = A.copy()
    activities[index] *= factor
    found = fitted(activities)
    assert found.verdict == "ill-posed"
    slips = [text for text in found.reasons if "factor of 1000" in text]
    assert len(slips) == 1
    assert f"at {T[index] / u.h:g} h" in slips[0]


@pytest.mark.parametrize(("model", "p"), [("uptake", (1e8, 2e-6, 5e-5)), ("bi", (3e7, 2e-6, 9e8, 9e-5)), ("mono", (1e8, 2e-5))])
def test_an_honest_curve_has_no_slip(model, p):
    """An early scan before uptake, a fast phase, a curve that falls a thousandfold."""
    t = np.array([0.02, 4.0, 24.0, 72.0, 120.0]) * u.h
    found = fitted(values(MODELS[model], np.array(p), t), model=model, t=t)
    assert not any("factor of 1000" in text for text in found.reasons)


def test_another_nuclide_is_found_out():
    found = fitted(lam=math.log(2) / (6.0067 * u.h))
    assert found.verdict == "ill-posed"
    assert any("effective half-life of 50 h" in text and "Check the nuclide" in text for text in found.reasons)


def test_activities_corrected_for_decay_are_found_out():
    found = fitted(A * np.exp(T * math.log(2) / (49 * u.h)))
    assert any("not corrected for decay" in text.replace("are not ", "not ") for text in found.reasons)


def test_far_below_zero_is_ill_posed():
    found = fitted([9e7, 3e7, 1e7, -1e7], relative=None, model="mono")
    assert found.verdict == "ill-posed"
    assert any("below zero by more than noise" in text for text in found.reasons)
