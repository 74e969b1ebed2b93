import numpy as np
import pytest

from hevesy.nuclides import beta_spectra, load_nuclide
from hevesy.nuclides.allowed import allowed_shape, end_point_of


def test_without_charge_it_is_phase_space():
    """F = 1: n(E) ~ p W (W0 - W)^2."""
    energy = np.linspace(0, 0.5, 2001)
    W = 1 + energy / 0.51099895
    expected = np.sqrt(W**2 - 1) * W * (0.5 - energy) ** 2
    expected /= np.trapezoid(expected, energy)
    assert np.allclose(allowed_shape(energy, end_point=0.5, charge=0, mass_number=20)[1:], expected[1:], rtol=1e-9)


@pytest.mark.parametrize("charge", [30, -28])
@pytest.mark.parametrize("end_point", [0.02, 0.6, 3.0])
def test_the_end_point_is_found_again(charge, end_point):
    energy = np.linspace(0, end_point, 401)
    density = allowed_shape(energy, end_point=end_point, charge=charge, mass_number=64)
    assert end_point_of(np.trapezoid(density * energy, energy), charge=charge, mass_number=64) == pytest.approx(
        end_point, rel=1e-9
    )


def test_attraction_makes_electrons_slow_and_repulsion_positrons_fast():
    """At rest the density is finite for electrons and zero for positrons."""
    energy = np.linspace(0, 0.6, 2001)
    minus = allowed_shape(energy, end_point=0.6, charge=30, mass_number=64)
    plus = allowed_shape(energy, end_point=0.6, charge=-28, mass_number=64)
    assert minus[0] == pytest.approx(minus[1], rel=0.01)
    assert plus[0] < 1e-6
    assert np.trapezoid(minus * energy, energy) < np.trapezoid(plus * energy, energy)


@pytest.mark.parametrize(
    ("name", "charge", "end_point"),
    [("S-35", 17, 0.16732), ("P-32", 16, 1.71066), ("F-18", -8, 0.63393), ("C-11", -5, 0.95970)],
)
def test_allowed_decays_of_the_table_have_this_shape(name, charge, end_point):
    """Allowed transitions with one branch: the tabulated shape and end point are those of the closed form within 1 %."""
    spectrum = next(s for s in beta_spectra(name) if s is not None)
    mass = int(name.split("-")[1])
    shape = allowed_shape(spectrum.energy, end_point=end_point, charge=charge, mass_number=mass) * spectrum.per_decay
    assert spectrum.end_point == pytest.approx(end_point, rel=2e-3)
    assert np.max(np.abs(spectrum.per_MeV - shape)) < 0.012 * np.max(shape)
    mean = load_nuclide(name).beta_branches[0].energy
    assert end_point_of(mean, charge=charge, mass_number=mass) == pytest.approx(end_point, rel=6e-3)
