"""Tumour control: closed forms and limits."""

import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.radiobiology import Clonogens, control_interval, tumour_control


def clonogens(**changed):
    given = {"alpha": Measured(value=0.3, u=0.03), "density": 1e7 / un.ml, "source": "own"}
    return Clonogens(**(given | changed))


def test_a_uniform_dose_is_poisson():
    B = 60.0
    expected = math.exp(-1e7 * 10 * math.exp(-0.3 * B))
    assert tumour_control([B], [10 * un.ml], clonogens()) == pytest.approx(expected)


def test_voxels_multiply():
    one = tumour_control([55.0], [1 * un.ml], clonogens())
    two = tumour_control([60.0], [2 * un.ml], clonogens())
    assert tumour_control([55.0, 60.0], [1 * un.ml, 2 * un.ml], clonogens()) == pytest.approx(one * two)


def test_a_spread_flattens_the_curve_and_none_is_its_limit():
    V = [10 * un.ml]
    sharp = [tumour_control([B], V, clonogens()) for B in (50.0, 80.0)]
    flat = [tumour_control([B], V, clonogens(spread=0.08)) for B in (50.0, 80.0)]
    assert sharp[0] < flat[0]
    assert flat[1] < sharp[1]
    assert tumour_control([60.0], V, clonogens(spread=1e-5)) == pytest.approx(tumour_control([60.0], V, clonogens()), rel=1e-3)


def test_a_spread_meets_samples():
    rng = np.random.default_rng(5)
    alphas = rng.normal(0.3, 0.05, 200000)
    expected = np.mean(np.exp(-1e8 * np.exp(-alphas * 65.0)))
    assert tumour_control([65.0], [10 * un.ml], clonogens(spread=0.05)) == pytest.approx(expected, abs=0.004)


def test_the_interval_holds_the_value_and_stays_a_probability():
    V, c = [10 * un.ml], clonogens()
    low, high = control_interval([62.0], V, c, relative_u=0.1)
    assert 0 <= low < tumour_control([62.0], V, c) < high <= 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"alpha": Measured(value=30.0, u=0.0)}, "alpha is 30"),
        ({"density": 1e20}, "clonogen density"),
        ({"spread": 0.4}, "below alpha"),
        ({"source": ""}, "no source"),
    ],
)
def test_refusals(changed, said):
    with pytest.raises(InputError, match=said):
        clonogens(**changed)


def test_volumes_and_doses_must_match():
    with pytest.raises(InputError, match="one volume each"):
        tumour_control([1.0, 2.0], [1.0], clonogens())
    with pytest.raises(InputError, match="finite"):
        tumour_control([-1.0], [1.0], clonogens())
