import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.materials import load_material, radiation_yield
from hevesy.transport.bremsstrahlung import photon_shape, thick_target_photons


@pytest.mark.parametrize("name", ["water", "soft", "bone", "lung"])
def test_the_photons_of_a_thick_target_hold_what_the_electron_radiates(name):
    medium, E = load_material(name), np.array([0.5, 0.9, 2.28])
    edges = np.geomspace(1e-3, 3.0, 400)  # what lies below 1 keV is some 2 keV by the electron's energy
    energy = thick_target_photons(medium, E, edges) @ np.sqrt(edges[1:] * edges[:-1])
    assert energy == pytest.approx(E * radiation_yield(medium, E), rel=0.02)


@given(T=st.floats(5e-3, 5), x=st.floats(1e-3, 0.999), Z=st.floats(1, 20))
def test_no_photon_has_more_than_the_electron(T, x, Z):
    assert photon_shape(Z, T, x * T) > 0
    assert photon_shape(Z, T, (1 + x) * T) == 0


def test_at_the_soft_end_the_shape_is_that_of_the_bethe_heitler_logarithm():
    """k -> 0 without screening: k dsigma/dk goes as (16/3) (ln(2 E0^2/k) - 1/2) at high energy (Heitler 1954)."""
    T, m = 20.0, 0.51099895
    E0 = T / m + 1
    k = np.array([2e-3, 4e-3]) * T
    E = E0 - k / m
    high = (1 + (E / E0) ** 2 - 2 / 3 * E / E0) * (np.log(2 * E0 * E / (k / m)) - 0.5) * 4
    seen = photon_shape(1.0, T, k)
    assert seen / high == pytest.approx(np.ones(2), rel=0.01)


def test_a_softer_electron_gives_fewer_photons():
    edges = np.geomspace(1e-3, 3.0, 30)
    made = thick_target_photons(load_material("soft"), np.array([0.2, 0.4, 0.8, 1.6]), edges)
    assert np.all(np.diff(made, axis=0) >= 0)
    assert made[0][edges[:-1] > 0.2].tolist() == [0.0] * int(np.sum(edges[:-1] > 0.2))
