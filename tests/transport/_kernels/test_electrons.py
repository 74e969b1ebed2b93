import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from hevesy.materials import electron_stopping_powers, load_material
from hevesy.rng import stream
from hevesy.transport._kernels.chance import words
from hevesy.transport._kernels.electrons import STACK, nearest_face, next_face, pick, place_in_shell, shell, start, track
from hevesy.transport._kernels.tables import ABSORBED, HARD, HARD_SHARE, KEPT, Voxels
from hevesy.transport.elastic import transport_coefficients
from hevesy.transport.media import Cutoffs, electron_tables, hard_collisions

WATER = load_material("water")


def layers(count, thickness):
    """Layers of water across z, wide in x and y [mm]."""
    return Voxels(1, 1, count, 50.0, 50.0, thickness, np.ones(count), np.zeros(count, np.uint8))


def follow(voxels, tables, energy, histories, *, seed=1, cell_z=None):
    """Mean energy by layer and the places where the particles ended, all started along z in the middle of the grid."""
    tally, ends = np.zeros(voxels.density.size), np.empty((histories, 3))
    state, stack = words(stream(seed, 0)), np.empty((STACK, 10))
    k = voxels.nz // 2 if cell_z is None else cell_z
    for i in range(histories):
        p = np.array([25.0, 25.0, (k + 0.5) * voxels.dz, 0, 0, 1.0])
        track(voxels, tables, tally, p, np.array([0, 0, k]), energy, 0, 1.0, stack, state)
        ends[i] = p[:3] - (25.0, 25.0, (k + 0.5) * voxels.dz)
    return tally / histories, ends


@pytest.mark.parametrize("energy", [0.1, 0.5])
def test_the_mean_depth_of_the_end_is_that_of_lewis(energy):
    """<z> = integral of exp(-integral of G_1 / S) over the path (Lewis 1950), of soft collisions alone."""
    E = np.geomspace(2e-3, energy, 2000)
    cut = np.minimum(0.04, HARD_SHARE * E)
    S = electron_stopping_powers(WATER, E).total - hard_collisions(WATER, E, cut, 0)[1]
    turned = integrate.cumulative_simpson(transport_coefficients(WATER, E, hard_from=cut)[0] / S, x=E, initial=0)
    depth = 10 * integrate.simpson(np.exp(-(turned[-1] - turned)) / S, x=E)  # mm

    tables = electron_tables([WATER], Cutoffs(step=0.1, hard_from=0.04))
    tables.data[..., HARD] = 0.0
    reach = 10 * integrate.simpson(1 / S, x=E)
    _, ends = follow(layers(2001, reach / 900), tables, energy, 6000)
    for axis, expected in ((0, 0.0), (1, 0.0), (2, depth)):
        assert abs(ends[:, axis].mean() - expected) < 3.5 * ends[:, axis].std() / np.sqrt(len(ends))


@pytest.mark.parametrize("hard_from", [0.013, 0.1, 10.0])
def test_energy_is_conserved_whatever_is_followed(hard_from):
    tables = electron_tables([WATER], Cutoffs(hard_from=hard_from))
    data = tables.data.copy()
    data[..., KEPT] = data[..., ABSORBED] = 1.0  # nothing is radiated
    tally, _ = follow(layers(401, 0.05), tables._replace(data=data), 1.0, 300)
    assert tally.sum() == pytest.approx(1.0, rel=1e-9)


def test_hard_collisions_followed_or_not_give_one_depth_dose():
    """Knock-on electrons followed from 10 keV, or from a tenth of the energy: one mean depth."""
    voxels = layers(201, 0.05)
    means = []
    for hard_from in (0.013, 10.0):
        tables = electron_tables([WATER], Cutoffs(hard_from=hard_from))
        energy, _ = follow(voxels, tables, 1.0, 3000)
        means.append(energy @ (np.arange(201) - 100) * voxels.dz / energy.sum())
    # Of a scatter of some 0.9 mm, 3000 histories leave 0.02 mm each.
    assert means[0] == pytest.approx(means[1], abs=0.07)


def test_a_particle_that_reaches_no_face_stays():
    tables = electron_tables([WATER], Cutoffs())
    tally, ends = follow(layers(5, 20.0), tables, 1.0, 3)
    assert ends == pytest.approx(0)
    assert np.flatnonzero(tally).tolist() == [2]
    assert tally[2] == pytest.approx(1.0, rel=0.005)  # less what it radiates


def test_a_particle_that_leaves_the_grid_says_so():
    tables = electron_tables([WATER], Cutoffs())
    p, cell = np.array([25.0, 25.0, 0.01, 0, 0, -1.0]), np.array([0, 0, 0])
    left = track(
        layers(3, 0.1), tables, np.zeros(3), p, cell, 1.0, 0, 1.0, np.empty((STACK, 10)), words(stream(1, 0))
    )  # fmt: skip
    assert not left


sides = st.tuples(*[st.floats(0.1, 10)] * 3)


@settings(deadline=None)  # the first call compiles
@given(sides=sides, reach=st.floats(0.01, 6), point=st.tuples(*[st.floats(0, 0.999)] * 4))
def test_a_place_in_the_shell_is_near_a_face(sides, reach, point):
    voxels = Voxels(1, 1, 1, *sides, np.ones(1), np.zeros(1, np.uint8))
    q = np.array(point[:3])
    place_in_shell(voxels, reach, point[3], q)
    assert np.all((q >= 0) & (q <= 1))
    p, cell = np.zeros(6), np.zeros(3, np.int64)
    start(voxels, 0, *q, p, cell)
    assert nearest_face(voxels, p, cell) <= reach * (1 + 1e-9) + 1e-12


def test_the_shell_is_filled_evenly():
    voxels = Voxels(1, 1, 1, 4.0, 3.0, 2.0, np.ones(1), np.zeros(1, np.uint8))
    reach, draws = 0.4, 20_000
    rng = np.random.default_rng(4)
    places = rng.random((draws, 3))
    for q, which in zip(places, rng.random(draws), strict=True):
        place_in_shell(voxels, reach, which, q)
    inside = rng.random((200_000, 3))
    far = np.min(np.minimum(inside, 1 - inside) * (4, 3, 2), axis=1)
    assert shell(voxels, reach) == pytest.approx(np.mean(far <= reach), abs=0.005)
    even = inside[far <= reach]
    for axis in range(3):
        assert stats.ks_2samp(places[:, axis], even[:, axis]).pvalue > 1e-3


@settings(deadline=None)  # the first call compiles
@given(place=st.tuples(*[st.floats(0.01, 0.99)] * 3), direction=st.tuples(*[st.floats(-1, 1)] * 3))
def test_the_next_face_is_a_face(place, direction):
    length = np.linalg.norm(direction)
    if length < 1e-3:
        return
    voxels = Voxels(3, 3, 3, 1.0, 2.0, 3.0, np.ones(27), np.zeros(27, np.uint8))
    p = np.concatenate([(np.array(place) + 1) * (1, 2, 3), np.array(direction) / length])
    way, axis = next_face(voxels, p, np.array([1, 1, 1]))
    at = (p[:3] + way * p[3:]) / (1, 2, 3)
    assert np.all((at > 1 - 1e-9) & (at < 2 + 1e-9))
    assert min(abs(at[axis] - 1), abs(at[axis] - 2)) < 1e-9


def test_pick_takes_the_bin_that_holds_the_chance():
    cumulative = np.array([0.2, 0.2, 1.0])
    assert [pick(cumulative, chance) for chance in (0.0, 0.19, 0.2, 0.999, 1.0)] == [0, 0, 2, 2, 2]
