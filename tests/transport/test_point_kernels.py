import numpy as np
import pytest

from hevesy.materials import load_material, mass_energy_transfer, photon_cross_sections, radiation_yield
from hevesy.transport.point_kernels import ELECTRON_RADII, electron_kernel, photon_kernel

SOFT = load_material("soft")


@pytest.mark.parametrize(("energy", "charge"), [(0.05, 0), (1.0, 0), (0.6, 1)])
def test_an_electron_stays_within_its_range(energy, charge):
    kernel = electron_kernel(SOFT, energy, histories=4000, seed=1, charge=charge)
    assert kernel.radii is ELECTRON_RADII
    assert np.all(np.diff(kernel.absorbed) >= 0)
    assert kernel.absorbed[0] == 0
    assert kernel.radiated == pytest.approx(float(radiation_yield(SOFT, energy)))
    assert kernel.absorbed[-1] == pytest.approx(1 - kernel.radiated, rel=1e-3)
    # Nine tenths lie within 0.7 to 0.9 of the range: scattering keeps it from going straight.
    assert 0.65 < np.interp(0.9, kernel.absorbed, kernel.radii) < 0.92


def test_the_energy_per_length_near_the_start_is_the_stopping_power():
    from hevesy.materials import electron_stopping_powers

    kernel = electron_kernel(SOFT, 2.0, histories=10_000, seed=2)
    at = 3  # 3 % of the range
    per_length = kernel.absorbed[at] * kernel.energy / (kernel.radii[at] * kernel.scale)
    # Knock-on electrons carry a few per cent of it on; the way is a little longer than the distance.
    assert per_length == pytest.approx(float(electron_stopping_powers(SOFT, 2.0).collision), rel=0.12)


@pytest.mark.parametrize("energy", [0.03, 0.364])
def test_a_photon_gives_what_it_transfers_near_its_start_and_all_in_the_end(energy):
    kernel = photon_kernel(SOFT, energy, histories=20_000, seed=3)
    assert np.all(np.diff(kernel.absorbed) >= -1e-12)
    assert kernel.absorbed[-1] == pytest.approx(1, abs=2e-3)
    mu = float(photon_cross_sections(SOFT, energy).total)
    primary = float(mass_energy_transfer(SOFT, energy)) / mu * -np.expm1(-kernel.radii)
    some = (kernel.radii > 0.1) & (kernel.radii < 8)
    # Scattered photons only add to what the first collisions give.
    assert np.all(kernel.absorbed[some] > primary[some] - 4 * kernel.u[some])
    near = np.searchsorted(kernel.radii, 0.1)
    assert kernel.absorbed[near] == pytest.approx(primary[near], rel=0.15)


def test_seeds_repeat():
    one, again, other = (electron_kernel(SOFT, 0.1, histories=500, seed=seed).absorbed for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
