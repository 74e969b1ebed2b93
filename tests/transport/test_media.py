import numpy as np
import pytest
from scipy import integrate

from hevesy.errors import InputError
from hevesy.materials import electron_stopping_powers, load_material, mass_energy_transfer, photon_cross_sections, radiation_yield
from hevesy.transport import default_cutoffs
from hevesy.transport._kernels import tables
from hevesy.transport.media import Cutoffs, electron_tables, hard_collisions, photon_tables, without_radiation

M_E, R_E, N_A = 0.51099895, 2.8179403205e-13, 6.02214076e23
WATER = load_material("water")


def moller(W, E):
    """dsigma/dW by the leading constant 2 pi r_e^2 m / (beta^2 E^2) (ICRU Report 37)."""
    t, e = E / M_E, W / E
    return 1 / e**2 + 1 / (1 - e) ** 2 + (t / (t + 1)) ** 2 - (2 * t + 1) / (t + 1) ** 2 / (e * (1 - e))


@pytest.mark.parametrize("energy", [0.15, 0.5, 2.0])
def test_hard_collisions_are_integrals_of_moller(energy):
    cut = 0.04
    gamma = 1 + energy / M_E
    electrons = N_A * WATER.electrons_per_gram
    scale = electrons * 2 * np.pi * R_E**2 * M_E / (1 - 1 / gamma**2) / energy**2

    def moment(power, low, high):
        return scale * integrate.quad(lambda t: moller(np.exp(t), energy) * np.exp((power + 1) * t), np.log(low), np.log(high))[0]

    number, loss, square = (float(found[0]) for found in hard_collisions(WATER, np.array([energy]), np.array([cut]), 0))
    assert number == pytest.approx(moment(0, cut, energy / 2), rel=1e-6)
    assert loss == pytest.approx(moment(1, cut, energy / 2), rel=1e-6)
    assert square == pytest.approx(moment(2, 1e-9, cut), rel=2e-3)


@pytest.mark.parametrize("charge", [0, 1])
def test_slow_particles_make_no_hard_collision(charge):
    number, loss, _ = hard_collisions(WATER, np.array([0.02, 0.039]), np.array([0.04, 0.04]), charge)
    assert number == pytest.approx(0, abs=1e-12)
    assert loss == pytest.approx(0, abs=1e-12)


def grid_of(made):
    return np.exp(made.log_first + np.arange(made.data.shape[-2]) / made.per_log)


@pytest.mark.parametrize("cut", [0.04, 20.0])
def test_soft_and_hard_losses_add_to_the_stopping_power(cut):
    made = electron_tables([WATER], Cutoffs(step=0.05, hard_from=cut))
    E = grid_of(made)
    some = (E > 5e-3) & (E < 5)
    middle = 0.975 * E[some]
    _, hard, _ = hard_collisions(WATER, middle, np.minimum(cut, tables.HARD_SHARE * middle), 0)
    soft = 10 * made.data[0, 0, some, tables.STOPPING]
    assert soft + hard == pytest.approx(electron_stopping_powers(WATER, middle).total, rel=2e-3)


def test_what_is_radiated_is_kept_apart():
    made = electron_tables([WATER], Cutoffs())
    assert made.data[0, 0, :, tables.ABSORBED] == pytest.approx(1 - radiation_yield(WATER, grid_of(made)), rel=1e-12)
    assert np.all(without_radiation(made).data[..., [tables.KEPT, tables.ABSORBED]] == 1)


@pytest.mark.parametrize("charge", [0, 1])
@pytest.mark.parametrize("name", ["air", "lung", "soft", "bone"])
def test_chances_are_chances(name, charge):
    data = electron_tables([load_material(name)], Cutoffs()).data[charge, 0]
    for column in (tables.KEPT, tables.ABSORBED, tables.LOW, tables.SHARE):
        assert np.all((data[:, column] >= 0) & (data[:, column] <= 1))
    assert np.all(np.abs(data[:, tables.EARLY]) <= 1)
    assert np.all(np.diff(data[:, tables.REACH]) > 0)


@pytest.mark.parametrize("side", [1.0, 2.0, 4.8])
@pytest.mark.parametrize("charge", [0, 1])
def test_a_step_makes_one_hard_collision_at_most(charge, side):
    """The loops take the expected number for a chance: it must stay below one for all energies of beta decay."""
    made = electron_tables([load_material("soft")], default_cutoffs((side, side, side)))
    E = grid_of(made)
    assert np.all(made.data[charge, 0, E < 3.3, tables.HARD] < 0.9)


def test_kerma_of_all_electrons_is_the_energy_transferred():
    made = photon_tables([WATER], Cutoffs(follow_from=100.0))
    E = grid_of(made)
    some = (E > 0.01) & (E < 1.0)
    # Fluorescence of oxygen, 0.5 keV, is absorbed where it starts.
    assert 10 * made.data[0, some, tables.KERMA] == pytest.approx(mass_energy_transfer(WATER, E[some]), rel=2e-3)


def test_the_kinds_of_interaction_add_up():
    made = photon_tables([WATER], Cutoffs())
    E = grid_of(made)
    assert 10 * made.data[0, :, tables.TOTAL] == pytest.approx(photon_cross_sections(WATER, E).total)
    kinds = made.data[0][:, [tables.INCOHERENT, tables.COHERENT, tables.PHOTOELECTRIC]]
    assert np.all(np.diff(kinds, axis=1) >= 0)
    assert np.all(kinds[E < 1.02, -1] == pytest.approx(1))
    assert np.all(kinds[E > 1.1, -1] < 1)


def test_electrons_above_the_cutoff_are_not_in_the_kerma():
    slow, fast = (photon_tables([WATER], Cutoffs(follow_from=cut)).data[0, :, tables.KERMA] for cut in (0.05, 5.0))
    E = grid_of(photon_tables([WATER], Cutoffs()))
    assert np.all(slow <= fast * (1 + 1e-12))
    assert slow[E < 0.05] == pytest.approx(fast[E < 0.05])
    assert slow[np.searchsorted(E, 1.0)] < 0.1 * fast[np.searchsorted(E, 1.0)]


def test_steps_too_long_for_the_knock_on_electrons_are_refused():
    with pytest.raises(InputError, match="allowed are 2.5 %"):
        Cutoffs(step=0.06, hard_from=0.005)
