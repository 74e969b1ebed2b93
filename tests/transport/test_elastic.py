import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.materials import load_material, material_names
from hevesy.transport.elastic import _moments, screening, transport_coefficients

M_E, R_E = 0.51099895, 2.8179403205e-13
energies = st.floats(2e-3, 10)


@given(energy=energies, Z=st.integers(1, 20))
def test_moments_of_screened_rutherford_meet_their_closed_forms(energy, Z):
    """integral 2 mu/(mu+eta)^2 = 2 [ln(1 + 1/eta) - 1/(1 + eta)], 6 mu (1-mu)/(mu+eta)^2: 6 [(1+2 eta) ln(1 + 1/eta) - 2]."""
    E = np.array([energy])
    eta = screening(Z, E)
    one, two = _moments(0, E, eta, np.ones(1), 0)
    pc2 = energy * (energy + 2 * M_E)
    beta2 = pc2 / (energy + M_E) ** 2
    scale = np.pi * (R_E * M_E) ** 2 / (beta2 * pc2)
    log = np.log1p(1 / eta)
    assert one == pytest.approx(scale * 2 * (log - 1 / (1 + eta)), rel=1e-6)
    assert two == pytest.approx(scale * 6 * ((1 + 2 * eta) * log - 2), rel=1e-6)


@given(energy=energies, name=st.sampled_from(material_names()))
def test_the_second_coefficient_is_between_the_first_and_three_times_it(energy, name):
    first, second = transport_coefficients(load_material(name), energy)
    assert np.all(second < 3 * first)
    assert np.all(second > first)


@given(energy=st.floats(0.02, 5), name=st.sampled_from(["water", "lung", "bone"]))
def test_positrons_turn_less_than_electrons(energy, name):
    material = load_material(name)
    assert transport_coefficients(material, energy, charge=1)[0] < transport_coefficients(material, energy)[0]


def test_directions_are_kept_longer_at_high_energy_and_less_in_bone():
    E = np.geomspace(5e-3, 10, 80)
    water, bone = (transport_coefficients(load_material(name), E)[0] for name in ("water", "bone"))
    assert np.all(np.diff(water) < 0)
    assert np.all(bone > water)


def test_followed_collisions_are_left_out_once():
    """What collisions above the cut turn is 2 mu of each: for E much above the cut, mu = W m / (E (E + 2 m)) nearly."""
    water, E = load_material("water"), np.array([2.0])
    all_soft, some_hard = (transport_coefficients(water, E, hard_from=cut)[0] for cut in (10.0, 0.05))
    assert some_hard < all_soft
    assert some_hard > 0.93 * all_soft
