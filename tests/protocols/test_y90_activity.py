import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.protocols.first_order import exact
from hevesy.protocols.y90_activity import (
    body_surface,
    energy_per_activity,
    published_energy_per_activity,
    shunt_reduction,
    single_compartment_activity,
    single_compartment_dose,
    surface_activity,
)


def surface(**other):
    given = {
        "height": exact(1760.0), "weight": exact(70.0), "tumour": exact(200.0), "liver": exact(1500.0), "lung_shunt": exact(0.05),
    }  # fmt: skip
    return surface_activity(**(given | other))


def test_both_constants():
    assert energy_per_activity() * u.GBq == pytest.approx(49.771, abs=1e-3)
    assert published_energy_per_activity() * u.GBq == pytest.approx(49.67)


def test_body_surface_rule():
    found = surface()
    by_hand = 0.20247 * 1.76**0.725 * 70**0.425 - 0.2 + 200 / 1500
    assert found.activity.value / u.GBq == pytest.approx(by_hand, rel=3e-4)
    assert found.involvement == pytest.approx(2 / 15)
    assert surface(treated_share=0.6).activity.value == pytest.approx(0.6 * found.activity.value)


def test_the_shunt_reduces_and_forbids():
    assert [shunt_reduction(x) for x in (0.0, 0.10, 0.11, 0.15, 0.16, 0.20)] == [0, 0, 0.2, 0.2, 0.4, 0.4]
    assert surface(lung_shunt=exact(0.12)).activity.value == pytest.approx(0.8 * surface().activity.value)
    with pytest.raises(ScopeError, match="partition"):
        surface(lung_shunt=exact(0.21))


@given(dose=st.floats(1, 500), shunt=st.floats(0, 0.9), mass=st.floats(0.05, 5))
def test_one_compartment_there_and_back(dose, shunt, mass):
    args = {"lung_shunt": exact(shunt), "mass": exact(mass), "energy": energy_per_activity()}
    activity = single_compartment_activity(dose=dose, **args)
    assert single_compartment_dose(activity=activity, **args).value == pytest.approx(dose)


def test_uncertainty_of_one_compartment():
    found = single_compartment_dose(
        activity=Measured(value=2e9, u=0.1e9),
        lung_shunt=exact(0.0),
        mass=Measured(value=1.5, u=0.15),
        energy=energy_per_activity(),
    )
    assert found.relative == pytest.approx(0.1118, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: body_surface(height=1.76, weight=70), "metres"),
        (lambda: body_surface(height=1760, weight=7000), "350 kg"),
        (lambda: surface(tumour=exact(1600.0)), "below the liver"),
        (lambda: surface(treated_share=60), "at most 1"),
        (lambda: surface(lung_shunt=exact(5.0)), "percentage"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
