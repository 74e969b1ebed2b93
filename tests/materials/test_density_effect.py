from dataclasses import replace

import numpy as np
import pytest

from hevesy.errors import ConvergenceError
from hevesy.materials import load_material, material_names
from hevesy.materials.density_effect import density_correction


@pytest.mark.parametrize("name", material_names())
def test_fast_electrons_meet_the_limit_of_free_electrons(name):
    material = load_material(name)
    # From where the photons of the field reach all shells: in a gas they are far above its plasma energy.
    Y = 1e8 if name != "air" else 1e11
    # delta -> ln(Y) - 2 ln(I/E_p) - 1: ICRU Report 37, chapter 4.
    plasma = 28.81593 * np.sqrt(material.density * material.electrons_per_gram)
    limit = np.log(Y) - 2 * np.log(material.mean_excitation_energy / plasma) - 1
    assert density_correction(material, np.array([Y]))[0] == pytest.approx(limit, abs=5e-3)


def test_none_for_slow_electrons_in_an_insulator_and_never_falling():
    delta = density_correction(load_material("water"), np.geomspace(1e-4, 1e4, 500))
    assert delta[0] == 0
    assert np.all(np.diff(delta) >= -1e-9)


def test_a_metal_has_an_effect_at_any_speed():
    assert density_correction(load_material("aluminium"), np.array([1e-2]))[0] > 0


def test_an_excitation_energy_below_the_plasma_energy_is_refused():
    with pytest.raises(ConvergenceError, match="no shells give back a mean excitation energy of 1 eV"):
        density_correction(replace(load_material("water"), name="odd", mean_excitation_energy=1.0), np.array([1.0]))
