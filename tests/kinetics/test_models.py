import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.kinetics import MODELS, time_integrated_activity
from hevesy.kinetics.models import WITHOUT_A_PHASE, integral_gradient, jacobian, model_named, values

P = {
    "mono": [2.0, 0.1],
    "uptake": [2.0, 0.1, 0.9],
    "bi": [2.0, 0.1, 1.5, 0.7],
    "bi-uptake": [2.0, 0.1, 1.5, 0.7, 2.5],
    "tri": [2.0, 0.1, 1.5, 0.7, 0.4, 3.0],
}
T = np.array([0.0, 0.5, 3.0, 20.0])


@pytest.mark.parametrize("name", list(MODELS))
def test_derivatives_against_differences(name):
    model, p = MODELS[name], np.array(P[name])
    for i in range(model.size):
        step = np.zeros_like(p)
        step[i] = 1e-6
        slope = (values(model, p + step, T) - values(model, p - step, T)) / 2e-6
        assert jacobian(model, p, T)[:, i] == pytest.approx(slope, abs=1e-8)
        whole = [time_integrated_activity(model.to_amplitudes @ q, model.to_rates @ q) for q in (p + step, p - step)]
        assert integral_gradient(model, p)[i] == pytest.approx((whole[0] - whole[1]) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("name", list(MODELS))
def test_a_model_says_what_it_is(name):
    model = MODELS[name]
    assert model.size == len(P[name]) == model.phases + len(model.rates)
    start = values(model, np.array(P[name]), np.zeros(1))[0]
    assert start == pytest.approx(0, abs=1e-12) if model.uptake else start > 0


def test_a_lost_phase_leaves_a_known_model():
    for name, simpler in WITHOUT_A_PHASE.items():
        assert simpler.phases == MODELS[name].phases - 1
        assert simpler.uptake == MODELS[name].uptake


def test_an_unknown_model_names_the_known():
    with pytest.raises(InputError, match="auto, mono, uptake, bi, bi-uptake, tri"):
        model_named("quad")
