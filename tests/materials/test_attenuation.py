import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.materials import load_material, material_names, photon_cross_sections
from hevesy.materials.attenuation import photoelectric_jump
from hevesy.materials.composition import Material
from hevesy.tables import load_table

ENERGIES = st.floats(min_value=1e-3, max_value=100)


def alone(Z):
    return Material(name=f"Z{Z}", title="", density=1.0, mean_excitation_energy=100.0, composition=((Z, 1.0),), source="")


@pytest.mark.parametrize("Z", [1, 8, 20, 53, 82])
def test_the_table_itself_comes_back(Z):
    rows = [row for row in load_table("hevesy.materials", "photon_cross_sections").rows if int(row["Z"]) == Z]
    E = np.array([float(row["energy_MeV"]) for row in rows])
    found = photon_cross_sections(alone(Z), E)
    for name in ("photoelectric", "pair", "triplet"):
        expected = np.array([float(row[f"{name}_b"]) for row in rows])
        ratio = getattr(found, name)[expected > 0] / expected[expected > 0]
        assert ratio == pytest.approx(ratio[0], rel=2e-6)
        # The table puts a zero at the threshold itself, rounded up by 1 eV.
        assert np.all(getattr(found, name)[expected == 0] < 1e-15)


@given(energy=ENERGIES)
def test_mixtures_are_linear_in_mass(energy):
    H, O, both = alone(1), alone(8), load_material("water")
    w = dict(both.composition)
    mixed = w[1] * photon_cross_sections(H, energy).total + w[8] * photon_cross_sections(O, energy).total
    assert float(photon_cross_sections(both, energy).total) == pytest.approx(float(mixed), rel=1e-12)


@given(energy=ENERGIES, name=st.sampled_from(material_names()))
def test_cross_sections_are_positive_and_pairs_have_a_threshold(energy, name):
    found = photon_cross_sections(load_material(name), energy)
    assert found.coherent > 0
    assert found.incoherent > 0
    assert found.photoelectric > 0
    assert (found.pair > 0) == (energy > 1.0219979)
    assert (found.triplet > 0) == (energy > 2.0439958)


def test_photoelectric_effect_falls_between_edges_and_jumps_at_them():
    E = np.geomspace(4.039e-3, 10, 3000)
    assert np.all(np.diff(photon_cross_sections(alone(20), E).photoelectric) < 0)
    below, above = photon_cross_sections(alone(20), [4.0380e-3, 4.0381e-3]).photoelectric
    assert above / below == pytest.approx(67970 / 7763, rel=1e-4)  # the two rows of the edge
    assert photoelectric_jump(20) == pytest.approx(1 - 7763 / 67970)
    assert photoelectric_jump(8) == 0


def test_pairs_rise_smoothly_from_their_threshold():
    E = np.linspace(1.0220, 2, 2000)
    pair = photon_cross_sections(load_material("water"), E).pair
    assert np.all(np.diff(pair) > 0)
    assert pair[0] < 1e-9


@pytest.mark.parametrize("process", ["coherent", "incoherent", "photoelectric"])
def test_interpolation_between_rows(process):
    """Leave every second row out and interpolate it from the others: 1.2 % there is 0.08 % on the full table, whose
    steps are half as wide and whose error falls with their fourth power."""
    from scipy.interpolate import CubicSpline

    E = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0])
    known = getattr(photon_cross_sections(load_material("water"), E), process)
    thinned = CubicSpline(np.log(E[::2]), np.log(known[::2]))
    assert np.exp(thinned(np.log(E[1::2]))) == pytest.approx(known[1::2], rel=0.012)


@pytest.mark.parametrize("energy", [0.9e-3, 101.0])
def test_energies_beyond_the_table_are_refused(energy):
    with pytest.raises(ScopeError, match="photons in water: energies are .* MeV; the tables hold 0.001 to 100 MeV"):
        photon_cross_sections(load_material("water"), energy)


def test_an_energy_that_is_none_is_refused():
    with pytest.raises(InputError, match="photons in water: an energy is not finite"):
        photon_cross_sections(load_material("water"), [0.1, np.nan])


def test_an_element_without_table_is_named():
    with pytest.raises(ScopeError, match="element 92 has no shipped photon cross sections. Known are Z = 1, 2, 5"):
        photon_cross_sections(alone(92), 0.1)


def test_shape_is_kept_and_nothing_can_be_changed():
    found = photon_cross_sections(load_material("soft"), np.full((2, 3), 0.1))
    assert found.total.shape == (2, 3)
    with pytest.raises(ValueError, match="read-only"):
        found.pair[0, 0] = 1
