"""Production at cyclotron and reactor against its limits."""

import math

import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide
from hevesy.supply.production import Batch, produced, reactor_activity, six_day


def test_one_half_life_is_half_of_saturation_and_another_halves_it():
    T = load_nuclide("F-18").half_life
    found = produced(Batch(nuclide="F-18", saturation=100 * un.GBq, irradiation=T, cooling=T, chemical_yield=0.5, transport=T))
    assert found.end_of_irradiation == pytest.approx(50 * un.GBq)
    assert found.delivered == pytest.approx(6.25 * un.GBq)
    assert produced(Batch(nuclide="F-18", saturation=un.GBq, irradiation=60 * T)).end_of_irradiation == pytest.approx(un.GBq)


def test_a_reactor_with_little_burn_up_saturates():
    lam = load_nuclide("Lu-177").decay_constant
    A = reactor_activity("Lu-177", atoms=1e18, cross_section=1e-26, flux=1e13, irradiation=10 * un.d)
    assert pytest.approx(1e18 * 1e-13 * -math.expm1(-lam * 10 * un.d), rel=1e-6) == A
    # equal rates: the limit of the formula
    equal = reactor_activity("Lu-177", atoms=1e18, cross_section=lam * 1e-13, flux=1e13, irradiation=10 * un.d)
    near = reactor_activity("Lu-177", atoms=1e18, cross_section=lam * 1.0001e-13, flux=1e13, irradiation=10 * un.d)
    assert equal == pytest.approx(near, rel=1e-3)


def test_six_days_and_refusals():
    assert six_day() == pytest.approx(0.2201, abs=5e-5)
    with pytest.raises(InputError, match="above 0"):
        Batch(nuclide="F-18", saturation=0.0, irradiation=1.0)
    with pytest.raises(InputError, match="60 %"):
        Batch(nuclide="F-18", saturation=1.0, irradiation=1.0, chemical_yield=60)
