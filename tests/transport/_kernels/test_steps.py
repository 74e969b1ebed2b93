import numpy as np
import pytest
from scipy import integrate, stats

from hevesy.materials import (
    atomic_weight,
    electron_stopping_powers,
    form_factor,
    incoherent_scattering_function,
    load_material,
    positron_stopping_powers,
)
from hevesy.rng import stream
from hevesy.transport._kernels.chance import words
from hevesy.transport._kernels.steps import compton, deflect, hard_loss, isotropic, locate, rayleigh, turn
from hevesy.transport._kernels.tables import HARD_SHARE
from hevesy.transport.elastic import transport_coefficients
from hevesy.transport.media import Cutoffs, electron_tables, hard_collisions, photon_tables

M_E = 0.51099895
PER_MEV = 80.65544  # 1/(Angstrom MeV)
DRAWS = 20_000
BONE = load_material("bone")


@pytest.fixture
def state():
    return words(stream(7, 0))


@pytest.fixture(scope="module")
def photons():
    return photon_tables([BONE], Cutoffs())


def forward():
    return np.array([0.0, 0, 0, 0, 0, 1.0])


def chi_square(drawn, density, edges):
    """p of the drawn numbers against an unnormalised density."""
    inside = np.linspace(edges[:-1], edges[1:], 65)
    values = np.array([density(x) for x in inside.ravel()]).reshape(inside.shape)
    expected = integrate.simpson(values, x=inside, axis=0)
    counts, _ = np.histogram(drawn, edges)
    assert counts.sum() == len(drawn)
    return stats.chisquare(counts, expected * len(drawn) / expected.sum()).pvalue


def test_locate_is_linear_in_the_logarithm_and_stays_on_the_grid():
    log_first, per_log = np.log(1e-3), 10.0
    assert locate(log_first, per_log, 50, 1e-3 * np.exp(0.725)) == (7, pytest.approx(0.25))
    assert locate(log_first, per_log, 50, 1e-4) == (0, 0.0)
    assert locate(log_first, per_log, 50, 1e9) == (48, 1.0)


def test_turn_keeps_the_polar_angle_and_the_length(state):
    rng = np.random.default_rng(1)
    for axis in (*rng.normal(size=(50, 3)), (0, 0, 1), (0, 0, -1), (1e-9, 0, 1), (1, 0, 0)):
        before = np.array(axis, dtype=float) / np.linalg.norm(axis)
        cosine, phi = rng.uniform(-1, 1), rng.uniform(0, 2 * np.pi)
        p = np.concatenate([np.zeros(3), before])
        turn(p, cosine, np.cos(phi), np.sin(phi))
        assert np.linalg.norm(p[3:]) == pytest.approx(1)
        assert p[3:] @ before == pytest.approx(cosine, abs=1e-8)


def test_turns_of_opposite_azimuth_lie_in_one_plane():
    one, other = (np.array([0, 0, 0, 0.6, 0.0, 0.8]) for _ in range(2))
    turn(one, 0.5, 0.6, 0.8)
    turn(other, 0.5, -0.6, -0.8)
    # Their sum points along the axis: what a collision's two particles take across it cancels.
    assert one[3:] + other[3:] == pytest.approx([0.6, 0.0, 0.8])


def test_isotropic_fills_the_sphere():
    a, b = np.random.default_rng(2).random((2, DRAWS))
    p = np.empty(6)
    directions = np.empty((DRAWS, 3))
    for row, x, y in zip(directions, a, b, strict=True):
        isotropic(p, x, y)
        row[:] = p[3:]
    for component in directions.T:
        assert stats.kstest(component, "uniform", args=(-1, 2)).pvalue > 1e-3


@pytest.mark.parametrize("energy", [0.02, 0.1, 0.662, 2.5])
def test_compton_follows_klein_nishina_and_the_binding_of_the_medium(energy, photons, state):
    k = energy / M_E
    x = np.arange(401) * 0.02
    S = np.sum([w / atomic_weight(Z) * incoherent_scattering_function(Z, x) for Z, w in BONE.composition], axis=0)
    S = S / BONE.electrons_per_gram

    def density(cosine):
        e = 1 / (1 + k * (1 - cosine))
        return e**2 * (e + 1 / e - 1 + cosine**2) * np.interp(energy * PER_MEV * np.sqrt(0.5 * (1 - cosine)), x, S)

    cosines = np.empty(DRAWS)
    for i in range(DRAWS):
        p = forward()
        scattered = compton(energy, 0, photons, p, state)
        cosines[i] = p[5]
        assert scattered == pytest.approx(energy / (1 + k * (1 - p[5])), rel=1e-9)
    assert chi_square(cosines, density, np.linspace(-1, 1, 31)) > 1e-3


@pytest.mark.parametrize("energy", [0.01, 0.06, 0.364])
def test_rayleigh_follows_the_form_factors(energy, photons, state):
    def density(cosine):
        x = energy * PER_MEV * np.sqrt(0.5 * (1 - cosine))
        F2 = sum(w / atomic_weight(Z) * float(form_factor(Z, x)) ** 2 for Z, w in BONE.composition)
        return (1 + cosine**2) * F2

    cosines = np.empty(DRAWS)
    for i in range(DRAWS):
        p = forward()
        rayleigh(energy, 0, photons, p, state)
        cosines[i] = p[5]
    edges = np.unique(np.concatenate([[-1.0], np.quantile(cosines, np.linspace(0, 1, 21))[1:-1], [1.0]]))
    assert chi_square(cosines, density, edges) > 1e-3


def moller(e, energy):
    t = energy / M_E
    return 1 / e**2 + 1 / (1 - e) ** 2 + (t / (t + 1)) ** 2 - (2 * t + 1) / (t + 1) ** 2 / (e * (1 - e))


def bhabha(e, energy):
    gamma = 1 + energy / M_E
    y, beta2 = 1 / (gamma + 1), 1 - 1 / gamma**2
    b4 = (1 - 2 * y) ** 3
    b3 = b4 + (1 - 2 * y) ** 2
    return (1 / (e * beta2) - (2 - y**2)) / e + (1 - 2 * y) * (3 + y**2) + e * (e * b4 - b3)


@pytest.mark.parametrize(("charge", "formula", "most"), [(0, moller, 0.5), (1, bhabha, 1.0)])
@pytest.mark.parametrize("energy", [0.1, 0.8, 2.2])
def test_hard_losses_follow_moller_and_bhabha(energy, charge, formula, most, state):
    cut = 0.02
    drawn = np.array([hard_loss(energy, cut, charge, state) for _ in range(DRAWS)]) / energy
    edges = np.geomspace(min(cut / energy, HARD_SHARE) * (1 - 1e-12), most * (1 + 1e-12), 21)
    assert chi_square(drawn, lambda e: formula(e, energy), edges) > 1e-3


@pytest.mark.parametrize(("charge", "energy"), [(0, 0.05), (0, 0.5), (0, 2.0), (1, 0.5)])
def test_a_step_scatters_with_the_first_two_moments_of_the_exact_distribution(charge, energy, state):
    step = 0.1
    tables = electron_tables([BONE], Cutoffs(step=step, hard_from=0.04))
    node = round((np.log(energy) - tables.log_first) * tables.per_log)
    E0 = np.exp(tables.log_first + node / tables.per_log)
    powers = electron_stopping_powers if charge == 0 else positron_stopping_powers

    def per_loss(E, order):
        E = np.array([E])
        cut = np.minimum(0.04, HARD_SHARE * E)
        G = transport_coefficients(BONE, E, charge=charge, hard_from=cut)[order - 1]
        soft = powers(BONE, E).total - hard_collisions(BONE, E, cut, charge)[1]
        return float(G[0] / soft[0])

    cosines = np.empty(DRAWS)
    for i in range(DRAWS):
        p = forward()
        deflect(tables, charge, 0, node, 0.0, p, state)
        cosines[i] = p[5]
    for order, seen in ((1, cosines), (2, 1.5 * cosines**2 - 0.5)):
        exact = np.exp(-integrate.quad(per_loss, E0 * (1 - step), E0, args=(order,))[0])
        assert abs(seen.mean() - exact) < 3.5 * seen.std() / np.sqrt(DRAWS)
