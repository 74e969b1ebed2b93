import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.kinetics.thyroid_uptake import fit_uptake, thyroid_uptake

LAMBDA = math.log(2) / (8.0252 * u.d)
T = np.array([2, 6, 24, 48, 96, 168.0]) * u.h
OUT, IN = math.log(2) / (60 * u.d), math.log(2) / (5 * u.h)  # biological
S = 300_000.0
N = 150  # patients of the statistical test


def truth(t):
    return 0.5 * (np.exp(-OUT * t) - np.exp(-IN * t))


def simulated(rng, t=T):
    """Neck less thigh, and one standard before the administration."""
    neck = rng.poisson(truth(t) * np.exp(-LAMBDA * t) * S + 800).astype(float)
    thigh = rng.poisson(800, t.size)
    standard = float(rng.poisson(S + 300) - 300)
    return thyroid_uptake(
        t,
        (neck - thigh, np.sqrt(neck + thigh)),
        (standard, math.sqrt(standard + 600)),
        standard_at=0.0,
        decay_constant=LAMBDA,
    )


def test_simulated_patients():
    rng = np.random.default_rng(77)
    l1, l2 = LAMBDA + OUT, LAMBDA + IN
    tiac = 0.5 * (1 / l1 - 1 / l2)
    top = math.log(IN / OUT) / (IN - OUT)
    z_tiac, z_top, z_half = [], [], []
    for _ in range(N):
        found = fit_uptake(simulated(rng), decay_constant=LAMBDA)
        assert found.fit.model == "uptake"
        assert found.fit.well_posed
        z_tiac.append((found.tiac.value - tiac) / found.tiac.u)
        z_top.append((found.maximum.value - truth(top)) / found.maximum.u)
        half = found.fit.effective_half_life
        z_half.append((half.value - math.log(2) / l1) / half.u)
        assert found.time_of_maximum == pytest.approx(top, rel=0.1)
    for z in (z_tiac, z_top, z_half):
        assert abs(np.mean(z)) < 4 / math.sqrt(N)
        assert 0.8 < np.std(z) < 1.2
        # 95 % nominal, three standard deviations of a share of N
        assert np.mean(np.abs(z) < 1.96) == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / N))


def test_a_standard_with_each_measurement_decays_along():
    neck = S * truth(T) * np.exp(-LAMBDA * T)
    along = S * np.exp(-LAMBDA * T)
    each = thyroid_uptake(T, (neck, np.sqrt(neck)), (along, np.sqrt(along)), decay_constant=LAMBDA)
    once = thyroid_uptake(T, (neck, np.sqrt(neck)), (S, math.sqrt(S)), standard_at=0.0, decay_constant=LAMBDA)
    assert each.value == pytest.approx(truth(T))
    assert once.value == pytest.approx(truth(T))
    assert (each.u_standard, once.u_standard) == (0.0, pytest.approx(1 / math.sqrt(S)))
    assert np.all(each.u > once.u)
    tenth = thyroid_uptake(T, (neck, np.sqrt(neck)), (S / 10, 1.0), standard_share=0.1, standard_at=0.0, decay_constant=LAMBDA)
    assert tenth.value == pytest.approx(truth(T))


def test_few_points():
    """Two late points give a single exponential, with its largest uptake at a measurement."""
    late = T[[2, 4]]
    found = fit_uptake(simulated(np.random.default_rng(1), late), decay_constant=LAMBDA)
    assert found.fit.model == "mono"
    assert found.time_of_maximum in late
    one = fit_uptake(simulated(np.random.default_rng(1), T[2:3]), decay_constant=LAMBDA)
    assert not one.fit.well_posed
    assert one.tiac.u is None
    with pytest.raises(InputError, match="parameters"):
        fit_uptake(simulated(np.random.default_rng(1), late), decay_constant=LAMBDA, model="uptake")
    with pytest.raises(InputError, match="unknown"):
        fit_uptake(simulated(np.random.default_rng(1), late), decay_constant=LAMBDA, model="cubic")


@pytest.mark.parametrize(
    ("t", "neck", "standard", "message"),
    [
        ([2.0, 1.0], [10.0, 20.0], 100.0, "must increase"),
        ([1.0, 2.0], [10.0, 20.0], 0.0, "no more than the room"),
        ([1.0, 2.0], [10.0, 20.0], 0.1, "at most 120 %"),
        ([1.0, 2.0], [-500.0, 20.0], 100.0, "exchanged"),
    ],
)
def test_what_is_refused(t, neck, standard, message):
    with pytest.raises((DataError, InputError), match=message):
        thyroid_uptake(np.array(t) * u.h, (neck, [3.0, 4.0]), (standard, 1.0), decay_constant=LAMBDA)


def test_a_standard_that_cannot_be():
    with pytest.raises(InputError, match="standard holds"):
        thyroid_uptake([1.0], ([1.0], [1.0]), (10.0, 1.0), standard_share=0.0, decay_constant=LAMBDA)
