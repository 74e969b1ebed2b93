import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.kinetics import fit
from hevesy.kinetics.models import MODELS, values
from hevesy.model import TimeActivityCurve

LAMBDA = math.log(2) / (6.647 * u.d)
NINE = np.array([0.2, 0.7, 2.0, 5.0, 12.0, 24.0, 48.0, 96.0, 168.0]) * u.h
THREE_PHASES = np.array([4e7, math.log(2) / (110 * u.h), 4e7, math.log(2) / (14 * u.h), 8e7, math.log(2) / (0.8 * u.h)])


def nine(relative=0.005):
    A = values(MODELS["tri"], THREE_PHASES, NINE)
    return TimeActivityCurve(region="R", t=NINE, A=A, u=relative * A)


def test_three_phases_are_chosen_where_the_points_bear_them():
    found = fit(nine(), decay_constant=LAMBDA)
    assert found.model == "tri"
    assert set(found.scores) == set(MODELS)


def test_five_and_six_parameters_are_tried_only_with_an_aicc():
    curve = nine()
    few = TimeActivityCurve(region="R", t=curve.t[1:7], A=curve.A[1:7], u=curve.u[1:7])
    assert set(fit(few, decay_constant=LAMBDA).scores) <= {"mono", "uptake", "bi"}


def test_akaike_weights_follow_from_the_scores():
    found = fit(nine(0.1), decay_constant=LAMBDA)
    assert sum(found.weights.values()) == pytest.approx(1)
    assert len(found.weights) > 1
    one, other = list(found.weights)[:2]
    ratio = math.exp(-0.5 * (found.scores[one] - found.scores[other]))
    assert found.weights[one] / found.weights[other] == pytest.approx(ratio)
    assert max(found.weights, key=found.weights.get) == found.model
