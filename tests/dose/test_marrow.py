import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.dose.marrow import (
    BLOOD_SELF,
    activity_for_dose,
    blood_volume,
    i131_blood_dose,
    marrow_dose_from_blood,
    marrow_dose_from_image,
    marrow_to_blood_ratio,
)
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide

NO_U = {"u": None, "why_no_u": "none"}


def blood(tau_ml=3.2 * u.h / 5300, tau_wb=31 * u.h, u_ml=0.0, u_wb=0.0, **rest):
    return i131_blood_dose(
        tiac_per_ml=Measured(value=tau_ml, u=u_ml), tiac_whole_body=Measured(value=tau_wb, u=u_wb), **({"weight": 70.0} | rest)
    )


def test_blood_dose():
    assert blood().value * u.GBq == pytest.approx(0.0995, abs=5e-5)
    assert blood(tau_wb=0.0).value * u.GBq == pytest.approx(108 * 3.2 / 5300)
    assert blood(tau_ml=0.0).value * u.GBq == pytest.approx(0.0188 * 31 / 70 ** (2 / 3))
    assert blood(u_ml=0.1 * 3.2 * u.h / 5300).u * u.GBq == pytest.approx(0.1 * 108 * 3.2 / 5300)
    assert blood(u_ml=1e-4, u_wb=1e3).u == pytest.approx(math.hypot(blood(u_ml=1e-4).u, blood(u_wb=1e3).u))
    known = Measured(value=1.0, u=0.1)
    assert i131_blood_dose(tiac_per_ml=known, tiac_whole_body=Measured(value=1.0, **NO_U), weight=70).u is None


def test_the_published_factor_is_the_energy_of_the_electrons():
    """108 Gy/GBq for 1 h/ml: all electrons of I-131 stay in 1.06 g, and photons add some."""
    electrons = load_nuclide("I-131").electron_energy * u.JOULE_PER_MEV / (1.06 * u.g)
    assert electrons == pytest.approx(BLOOD_SELF, rel=0.05)


@given(weight=st.floats(3, 300), factor=st.floats(0.1, 10))
def test_blood_dose_is_linear(weight, factor):
    one, more = blood(weight=weight), blood(tau_ml=factor * 3.2 * u.h / 5300, tau_wb=factor * 31 * u.h, weight=weight)
    assert more.value == pytest.approx(factor * one.value)


def test_activity_for_two_gray():
    dose = blood(u_ml=1e-5)
    most = activity_for_dose(2 * u.Gy, dose)
    assert most.value / u.GBq == pytest.approx(2 / 0.09952, rel=1e-3)
    assert most.relative == pytest.approx(dose.relative)
    assert activity_for_dose(2.0, Measured(value=1e-10, **NO_U)).u is None
    with pytest.raises(InputError, match="no activity"):
        activity_for_dose(0.0, dose)


def test_marrow_to_blood():
    assert marrow_to_blood_ratio(0.47) == pytest.approx(0.36, abs=0.005)
    assert marrow_to_blood_ratio(0.47, 0.38) == pytest.approx(2 * marrow_to_blood_ratio(0.47))


def test_marrow_from_blood_and_from_its_image_agree():
    """The same activity in the same marrow, seen in blood or in an image of 100 g of it."""
    energy = load_nuclide("Lu-177").electron_energy
    in_blood = Measured(value=2e6 * 3600, u=1e7)
    ratio, mass = 0.32, 100 * u.g
    in_marrow = Measured(value=in_blood.value * ratio * 100 / 1.03, u=in_blood.u * ratio * 100 / 1.03)
    one = marrow_dose_from_blood(in_blood, ratio=ratio, energy_per_decay=energy)
    two = marrow_dose_from_image(in_marrow, marrow_mass=mass, energy_per_decay=energy)
    assert one.value == pytest.approx(two.value)
    assert one.u == pytest.approx(two.u)
    assert one.value == pytest.approx(ratio * in_blood.value * 147.9e-3 * 1.602176634e-13 / 1.03e-3, rel=2e-3)
    half = marrow_dose_from_blood(in_blood, ratio=ratio, energy_per_decay=energy, absorbed_fraction=0.5)
    assert half.value == pytest.approx(one.value / 2)
    assert marrow_dose_from_blood(Measured(value=1.0, **NO_U), ratio=1.0, energy_per_decay=energy).u is None


def test_blood_volume():
    # By hand from the coefficients of Nadler et al.
    assert blood_volume(height=1760, weight=70, sex="male") == pytest.approx(1000 * (0.3669 * 1.76**3 + 0.03219 * 70 + 0.6041))
    assert blood_volume(height=1650, weight=60, sex="female") == pytest.approx(1000 * (0.3561 * 1.65**3 + 0.03308 * 60 + 0.1833))


MEASURED = Measured(value=1.0, u=0.1)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: blood(weight=70_000.0), InputError, "Is it in kg"),
        (lambda: blood(nuclide="Lu-177"), ScopeError, "I-131 alone"),
        (lambda: marrow_to_blood_ratio(40.0), InputError, "percentage"),
        (lambda: marrow_to_blood_ratio(0.4, 19.0), InputError, "extracellular"),
        (lambda: marrow_dose_from_blood(MEASURED, ratio=0.0, energy_per_decay=0.1), InputError, "ratio"),
        (lambda: marrow_dose_from_blood(MEASURED, ratio=1.0, energy_per_decay=147.9), InputError, "keV"),
        (lambda: marrow_dose_from_blood(MEASURED, ratio=1.0, energy_per_decay=0.1, absorbed_fraction=2), InputError, "fraction"),
        (lambda: marrow_dose_from_image(MEASURED, marrow_mass=100.0, energy_per_decay=0.1), InputError, "forget"),
        (lambda: blood_volume(height=1.76, weight=70, sex="male"), InputError, "height"),
        (lambda: blood_volume(height=1760, weight=70, sex="m"), InputError, "male and female"),
    ],
)
def test_what_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
