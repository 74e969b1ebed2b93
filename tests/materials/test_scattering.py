import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.materials import atomic_weight, form_factor, incoherent_scattering_function, photon_cross_sections
from hevesy.materials.composition import Material
from hevesy.materials.scattering import INVERSE_ANGSTROM_PER_MEV

ELEMENTS = st.sampled_from([1, 6, 7, 8, 11, 15, 20, 26, 53, 82])


@given(Z=ELEMENTS, x=st.lists(st.floats(min_value=0, max_value=8), min_size=2, max_size=20))
def test_factors_run_from_one_limit_to_the_other(Z, x):
    x = np.sort(x)
    F, S = form_factor(Z, x), incoherent_scattering_function(Z, x)
    assert np.all(np.diff(F) <= 1e-9)
    assert np.all(np.diff(S) >= -2e-4 * Z)  # the source itself runs over Z by so much
    assert np.all((F > 0) & (F <= Z * (1 + 1e-3)))
    assert np.all((S >= 0) & (S <= Z * (1 + 1e-3)))


def test_the_limits():
    assert form_factor(8, 0.0) == 8
    assert incoherent_scattering_function(8, 0.0) == 0
    assert incoherent_scattering_function(8, 1e5) == pytest.approx(8, rel=1e-3)
    assert form_factor(8, 1e5) < 1e-6


def test_hydrogen_is_the_closed_form():
    """The 1s electron: F = 1/(1 + (2 pi a0 x)^2)^2 and S = 1 - F^2."""
    x = np.array([0.01, 0.05, 0.1, 0.3, 0.6, 1.0, 2.0])
    F = 1 / (1 + (2 * np.pi * 0.529177 * x) ** 2) ** 2
    assert form_factor(1, x) == pytest.approx(F, rel=2e-3)
    assert incoherent_scattering_function(1, x) == pytest.approx(1 - F**2, rel=2e-2)


@pytest.mark.parametrize("Z", [1, 6, 8, 20])
@pytest.mark.parametrize("energy", [0.01, 0.03, 0.1, 0.3, 1.0])
def test_integrated_factors_give_xcom_s_cross_sections(Z, energy):
    """Two tables of separate origin: within 1 %, by which the form factors of XCOM are of another calculation."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    # Coherent scattering is forward: 1 - cos(theta) = 2 u^3 puts the nodes there.
    u = (nodes + 1) / 2
    t, dt = 2 * u**3, 3 * u**2 * weights
    x = energy * INVERSE_ANGSTROM_PER_MEV * np.sqrt(t / 2)
    per_atom = np.pi * 0.0794078 * 0.602214 / atomic_weight(Z)  # pi r_e^2 N_A / A
    left = 1 / (1 + energy / 0.51099895 * t)
    klein_nishina = left**2 * (left + 1 / left - t * (2 - t))
    element = Material(name="", title="", density=1.0, mean_excitation_energy=50.0, composition=((Z, 1.0),), source="")
    known = photon_cross_sections(element, energy)
    coherent = per_atom * np.sum(dt * (1 + (1 - t) ** 2) * form_factor(Z, x) ** 2)
    incoherent = per_atom * np.sum(dt * klein_nishina * incoherent_scattering_function(Z, x))
    assert coherent == pytest.approx(float(known.coherent), rel=0.01)
    assert incoherent == pytest.approx(float(known.incoherent), rel=0.006)


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="must be finite and at least 0 in 1/Angstrom"):
        form_factor(8, -1.0)
    with pytest.raises(ScopeError, match="element 92 has no shipped form factor"):
        incoherent_scattering_function(92, 1.0)
