import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.materials import load_material, mass_energy_absorption, mass_energy_transfer, material_names, photon_cross_sections


@given(energy=st.floats(min_value=1e-3, max_value=20), name=st.sampled_from(material_names()))
def test_absorbed_is_less_than_transferred_is_less_than_attenuated(energy, name):
    material = load_material(name)
    found = photon_cross_sections(material, energy)
    absorbed, transferred = mass_energy_absorption(material, energy), mass_energy_transfer(material, energy)
    assert 0 < absorbed < transferred < found.total


def test_recoil_electrons_take_klein_and_nishina_s_share():
    """In hydrogen above 0.5 MeV binding is nothing: the mean share of free electrons, in closed form.

    sigma_s and sigma after R.D. Evans, The Atomic Nucleus (1955), chapter 23.
    """
    k = np.array([0.5, 1.0, 2.0]) / 0.51099895
    q = 1 + 2 * k
    total = 2 * (1 + k) / k**2 * (2 * (1 + k) / q - np.log(q) / k) * 0.5 * 2 + np.log(q) / k - 2 * (1 + 3 * k) / q**2
    scattered = np.log(q) / k**3 + 2 * (1 + k) * (2 * k**2 - 2 * k - 1) / (k**2 * q**2) + 8 * k**2 / (3 * q**3)
    from hevesy.materials.energy_transfer import _recoil_share

    found = _recoil_share(load_material("polyethylene"), k * 0.51099895)
    assert found == pytest.approx(1 - scattered / total, rel=2e-3)  # carbon's binding, at 0.5 MeV


def test_k_x_rays_carry_energy_off_where_they_are_possible():
    bone = load_material("bone")
    E = np.array([0.0039, 0.0041, 0.010, 0.030])
    lost = 1 - mass_energy_transfer(bone, E) / photon_cross_sections(bone, E).photoelectric
    assert lost[0] < 0.02  # phosphorus and sulphur only
    assert lost[1] > 0.08
    # Theory page: at most 0.169 x 0.886 x 3.73 keV / E, the share of calcium in the photoelectric effect left out.
    assert lost[2] < 0.169 * 0.886 * 3.73 / 10 + 0.002


def test_electrons_radiate_more_in_lead():
    E = [2.0]
    g = [1 - float((mass_energy_absorption(m, E) / mass_energy_transfer(m, E))[0]) for m in map(load_material, ("water", "lead"))]
    assert g[0] == pytest.approx(0.005, abs=0.002)
    assert g[1] > 8 * g[0]


def test_shape_is_kept():
    assert mass_energy_absorption(load_material("air"), np.full((2, 3), 0.1)).shape == (2, 3)
    assert mass_energy_transfer(load_material("air"), 0.1).shape == ()
