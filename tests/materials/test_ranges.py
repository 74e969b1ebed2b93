from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import ScopeError
from hevesy.materials import alpha_range, csda_range, electron_stopping_powers, load_material, material_names, radiation_yield


@given(energy=st.floats(min_value=2e-3, max_value=99), name=st.sampled_from(material_names()))
def test_the_slope_of_the_range_is_one_over_the_stopping_power(energy, name):
    material = load_material(name)
    h = 1e-3 * energy
    slope = float((csda_range(material, energy + h) - csda_range(material, energy - h)) / (2 * h))
    assert slope == pytest.approx(1 / float(electron_stopping_powers(material, energy).total), rel=1e-3)


def test_radiation_yield_rises_with_energy_and_with_z():
    E = np.geomspace(1e-3, 100, 60)
    water, lead = (radiation_yield(load_material(name), E) for name in ("water", "lead"))
    assert np.all(np.diff(water) > 0)
    assert np.all(lead > water)
    assert np.all(lead < 1)


def test_alpha_range_in_air_is_four_centimetres():
    air = load_material("air")
    # Am-241, 5.486 MeV: mean range 4.1 cm in air, as textbooks print it.
    assert float(alpha_range(air, 5.486)) / air.density == pytest.approx(4.1, rel=0.03)


@pytest.mark.parametrize(("name", "within"), [("muscle", 0.01), ("bone", 0.01), ("compact bone", 0.015), ("adipose", 0.04)])
def test_ranges_scaled_from_water_meet_the_tabulated_ones(name, within):
    listed = load_material(name)
    unlisted = replace(listed, name="somebody's own")
    E = np.array([4, 5, 6, 7, 8, 9.0])
    assert alpha_range(unlisted, E) == pytest.approx(alpha_range(listed, E), rel=within)


def test_a_changed_material_of_a_listed_name_is_scaled():
    water = load_material("water")
    changed = replace(water, mean_excitation_energy=100.0)
    assert float(alpha_range(changed, 6.0)) > float(alpha_range(water, 6.0))


def test_alphas_beyond_the_table_are_refused():
    with pytest.raises(ScopeError, match="alpha particles in water: energies are 21 to 21 MeV; the tables hold 0.001 to 20 MeV"):
        alpha_range(load_material("water"), 21.0)
