from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import ScopeError
from hevesy.materials import electron_stopping_powers, load_material, material_names, positron_stopping_powers


@given(energy=st.floats(min_value=1e-3, max_value=100), name=st.sampled_from(material_names()))
def test_stopping_powers_are_positive_and_add_up(energy, name):
    material = load_material(name)
    for powers in (electron_stopping_powers(material, energy), positron_stopping_powers(material, energy)):
        assert powers.collision > 0
        assert powers.radiative > 0
        assert powers.total == powers.collision + powers.radiative


def test_collisions_have_a_minimum_above_one_mev_in_water():
    E = np.geomspace(0.01, 100, 400)
    S = electron_stopping_powers(load_material("water"), E).collision
    assert 1.2 < E[np.argmin(S)] < 1.8
    assert np.all(np.diff(S)[E[1:] < 1] < 0)


def test_a_lower_excitation_energy_stops_more():
    water = load_material("water")
    vapour = replace(water, name="other", mean_excitation_energy=71.6)
    S = [electron_stopping_powers(m, 0.1).collision for m in (water, vapour)]
    # dS/S = -2 d ln I / (bracket of about 15 at 0.1 MeV): ln(75/71.6) = 0.046 gives 0.6 %.
    assert S[1] / S[0] - 1 == pytest.approx(0.0062, abs=0.001)


def test_density_moves_only_fast_electrons():
    water = load_material("water")
    steam = replace(water, name="steam", density=7.56e-4)
    slow, fast = electron_stopping_powers(steam, [0.05, 10]).collision / electron_stopping_powers(water, [0.05, 10]).collision
    assert slow == pytest.approx(1, abs=1e-3)
    assert fast > 1.1


def test_positrons_lose_more_below_and_less_above_a_few_hundred_kev():
    ratio = [
        positron_stopping_powers(load_material("water"), E).collision
        / electron_stopping_powers(load_material("water"), E).collision
        for E in (0.01, 0.1, 1.0)
    ]
    assert ratio[0] == pytest.approx(1.10, abs=0.01)  # Rohrlich and Carlson, Phys. Rev. 93 (1954) 38
    assert ratio[1] > 1 > ratio[2]
    assert ratio[2] == pytest.approx(0.98, abs=0.005)


def test_positrons_radiate_less_than_electrons_and_as_much_when_fast():
    water = load_material("water")
    ratio = (
        positron_stopping_powers(water, [0.01, 0.1, 1, 100]).radiative
        / electron_stopping_powers(water, [0.01, 0.1, 1, 100]).radiative
    )
    assert np.all(np.diff(ratio) > 0)
    assert ratio[0] < 0.6
    assert ratio[-1] == pytest.approx(1, abs=0.01)


def test_energies_beyond_are_refused():
    with pytest.raises(ScopeError, match="electrons in water: energies are 0.0005 to 0.0005 MeV"):
        electron_stopping_powers(load_material("water"), 5e-4)
