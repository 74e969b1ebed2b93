"""The biological dose of a region, and its propagation against samples."""

import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.radiobiology import Repair, biological_dose, lea_catcheside_map, tissue_named
from hevesy.rng import stream

LN2 = math.log(2)
RATES = np.array([LN2 / (50 * un.h)])


def kidney_dose(**given):
    options = {"half_life_u": 0.05, **given}
    return biological_dose(Measured(value=5.0, u=0.5), [1.0], RATES, tissue_named("kidney"), **options)


def lognormal(rng, value, relative, size):
    """Samples of that mean and relative standard deviation that cannot fall below zero."""
    s = math.sqrt(math.log(1 + relative**2))
    return value * np.exp(s * rng.standard_normal(size) - s**2 / 2)


@pytest.mark.parametrize("rbe", [None, Measured(value=5.0, u=1.0)])
def test_the_budget_agrees_with_samples(rbe):
    """Second order is what may differ: a twentieth of u here."""
    tissue = tissue_named("kidney")
    found = kidney_dose(rbe=rbe, cycles=4)
    rng, n = stream(2024, 0), 40000
    D = lognormal(rng, 5.0, 0.1, n)
    ab = lognormal(rng, tissue.alpha_beta.value, tissue.alpha_beta.relative, n)
    # A slower repair is the same as a faster wash-out: G takes the ratio alone.
    ratio = lognormal(rng, 1.0, tissue.repair_u, n) / lognormal(rng, 1.0, 0.05, n)
    R = 1.0 if rbe is None else lognormal(rng, rbe.value, rbe.u / rbe.value, n)
    G = lea_catcheside_map(np.ones((n, 1)), (RATES[0] * ratio)[:, None], tissue.repair)
    B = 4 * D * (R + G * D / ab)
    E = B / (1 + 2 / ab)
    assert found.bed.u == pytest.approx(B.std(), rel=0.06)
    assert found.eqd2.u == pytest.approx(E.std(), rel=0.06)
    assert found.G.u == pytest.approx(G.std(), rel=0.06)
    assert found.bed.value == pytest.approx(B.mean(), rel=0.02)


def test_the_terms_make_up_the_u_and_the_plain_dose_stays_beside():
    found = kidney_dose(rbe=Measured(value=5.0, u=1.0), cycles=3)
    assert found.bed.u == pytest.approx(found.bed.value * math.hypot(*found.terms_bed.values()))
    assert set(found.terms_bed) == {"dose", "half-life", "alpha/beta", "repair", "RBE"}
    assert found.dose.value == 15.0
    assert found.bed_per_cycle.value * 3 == pytest.approx(found.bed.value)
    assert found.missing == ()


def test_the_alpha_beta_of_an_eqd2_is_in_it_twice():
    """A large BED per Gy cancels: at D G = 2 Gy it does so wholly."""
    tissue = tissue_named("kidney")
    G = 2.8 / 52.8
    found = biological_dose(Measured(value=2 / G, u=0.0), [1.0], RATES, tissue)
    assert found.terms_eqd2["alpha/beta"] == pytest.approx(0.0, abs=1e-12)
    assert found.terms_bed["alpha/beta"] > 0.05


def test_what_nobody_states_is_named():
    found = biological_dose(Measured(value=5.0, u=None, why_no_u="one scan"), [1.0], RATES, tissue_named("kidney"))
    assert found.bed.u is None
    assert "one scan" in found.bed.why_no_u
    assert found.missing == ("dose", "half-life")


def test_no_dose_no_effect():
    found = biological_dose(Measured(value=0.0, u=0.0), [1.0], RATES, tissue_named("kidney"))
    assert (found.bed.value, found.eqd2.value, found.bed.u) == (0.0, 0.0, 0.0)


def test_two_repair_times():
    found = biological_dose(Measured(value=5.0, u=0.1), [1.0], RATES, tissue_named("spinal cord"))
    single = [biological_dose_of(T) for T in tissue_named("spinal cord").repair.half_times]
    assert found.G.value == pytest.approx(np.mean(single))


def biological_dose_of(half_time):
    mu = Repair(half_times=(half_time,)).rates[0]
    return RATES[0] / (RATES[0] + mu)


@pytest.mark.parametrize(
    ("cycles", "dose", "said"), [(0, 5.0, "cycles is 0"), (1.5, 5.0, "whole number"), (1, -1.0, "below zero")]
)
def test_refusals(cycles, dose, said):
    with pytest.raises(InputError, match=said):
        biological_dose(Measured(value=dose, u=0.1), [1.0], RATES, tissue_named("kidney"), cycles=cycles)
