"""Single scatter against closed form and Monte Carlo; randoms and dead time against closed forms."""

import math

import numpy as np
import pytest
from tests.imaging.pet.bodies import DETECTION, FIELD, RINGS, block, body

from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.randoms import (
    mean_square_factor,
    merged,
    non_paralysable,
    pair_live_share,
    paralysable,
    peak_dead_time,
    random_events,
    randoms_rate,
    total_randoms,
)
from hevesy.imaging.pet.rings import sinogram_layout
from hevesy.imaging.pet.simulate import coincidences, poisson
from hevesy.imaging.pet.single_scatter import ScatterSampling, by_cosine, klein_nishina_total, single_scatter, tail_fit
from hevesy.imaging.pet.sinogram import SinogramModel
from hevesy.materials import load_material, photon_cross_sections


def test_total_cross_section_is_that_of_the_tables():
    """Binding hardly matters for incoherent scattering in water above 150 keV."""
    E = np.array([0.2, 0.3, 0.4, 0.511])
    table = photon_cross_sections(load_material("water"), E).incoherent
    ours = klein_nishina_total(E / 0.51099895)
    assert ours / ours[-1] == pytest.approx(table / table[-1], rel=0.005)


def test_chance_of_scattering_adds_to_one_without_a_window():
    from dataclasses import replace

    chance, _ = by_cosine(replace(DETECTION, window=(0.01, 4.0)), samples=4001)
    cosine = np.linspace(-1, 1, chance.size)
    assert 2 * math.pi * np.trapezoid(chance, cosine) == pytest.approx(1, abs=1e-3)


def test_a_small_scatterer_beside_a_point_source():
    """One voxel that scatters, one that emits: the closed form of one term, without attenuation to speak of."""
    field = Field(shape=(40, 40, 24), side=8.0, thickness=10.0)
    x, y, z = field.centres()
    activity, mu = np.zeros((24, 40, 40), np.float32), np.zeros((24, 40, 40), np.float32)
    activity[12, 20, 24], mu[12, 20, 16] = 1e6, 0.002
    source, scatterer = np.array([x[24], y[20], z[12]]), np.array([x[16], y[20], z[12]])
    from dataclasses import replace

    detection = replace(DETECTION, tof_fwhm=0.0)
    estimate = single_scatter(field, activity, mu, detection, sampling=ScatterSampling(spacing=8.0, places=160, rings=12))
    # crystal A lies on the line from the scatterer through the source, B 30 degrees off straight on
    a = 5 * 160
    b = 5 * 160 + 70
    one, two = RINGS.positions(np.array([a, b])).astype(float)
    to_a, to_b = one - scatterer, two - scatterer
    ra, rb = np.linalg.norm(to_a), np.linalg.norm(to_b)
    cosine = -(to_a @ to_b) / (ra * rb)
    chance, _ = by_cosine(detection)
    p = np.interp(cosine, np.linspace(-1, 1, chance.size), chance)
    normal = [end * [1, 1, 0] / RINGS.radius for end in (one, two)]
    area = RINGS.pitch * 2 * math.pi * RINGS.radius / RINGS.per_ring
    face = (normal[0] @ to_a / ra) * (normal[1] @ to_b / rb) * area**2 / (ra**2 * rb**2)
    line = 1e6 * 8.0  # the ray crosses the whole voxel of the source
    expected = 1e-3 * 0.5 / (2 * math.pi) * 0.002 * field.voxel_volume * 1000 * p * face * line
    assert estimate.at(np.array([[a, b]]))[0] == pytest.approx(expected, rel=0.02)
    assert estimate.at(np.array([[b, a]]))[0] == pytest.approx(expected, rel=0.02)
    assert source[0] > scatterer[0]


@pytest.fixture(scope="module")
def played():
    return coincidences(FIELD, block(), body(), DETECTION, duration=4.0, seed=4)


def test_trues_of_the_monte_carlo_are_those_of_the_lines(played):
    layout = sinogram_layout(RINGS, radial=81)
    expected = SinogramModel(FIELD, layout, mu=body(), gain=4.0 * 0.967 * 0.5, resolution=(4.0, 4.0)).forward(block()).sum()
    found = layout.histogram(played.events.pairs[played.events.kind == 0]).sum()
    # 0.5 %: voxels of the attenuation map are sharp here and linear there
    assert abs(found - expected) < 4 * math.sqrt(expected) + 0.005 * expected


def test_single_scatter_is_that_of_the_monte_carlo(played):
    layout = sinogram_layout(RINGS, radial=81)
    pairs = layout.pairs().reshape(-1, 2)
    ours = 4.0 * single_scatter(FIELD, block(), body(), DETECTION, gain=0.967).at(pairs).reshape(layout.shape)
    theirs = layout.histogram(played.events.pairs[played.events.kind == 1])
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.05)
    one, two = ours.sum(axis=(0, 1)), theirs.sum(axis=(0, 1))
    groups = [part[28:56].reshape(-1, 7).sum(axis=1) for part in (one, two)]
    assert groups[0] == pytest.approx(groups[1], rel=0.10)


def test_time_of_flight_adds_to_all(played):
    estimate = single_scatter(FIELD, block(), body(), DETECTION, gain=0.967)
    pairs = sinogram_layout(RINGS, radial=81).pairs(np.array([7, 40])).reshape(-1, 2)[::5]
    offsets = np.arange(-500, 500, 10.0)
    timed = sum(estimate.at(pairs, np.full(len(pairs), o)).sum() for o in offsets) * 10.0
    assert timed == pytest.approx(estimate.at(pairs).sum(), rel=0.01)


def test_tails_find_the_factor():
    transmission = np.where(np.arange(100) < 40, 1.0, 0.3)
    scatter = np.full(100, 50.0)
    prompts = poisson(1.3 * scatter + 20 + np.where(transmission < 1, 500, 0), seed=1)
    assert tail_fit(prompts, np.full(100, 20.0), scatter, transmission=transmission) == pytest.approx(1.3, rel=0.05)
    with pytest.raises(DataError, match="tails"):
        tail_fit(prompts, np.full(100, 80.0), scatter, transmission=transmission)


def test_randoms_of_even_singles():
    singles = np.full(RINGS.crystals, 1000.0)
    number = RINGS.crystals * (RINGS.crystals - 1) / 2
    assert total_randoms(RINGS, singles, 2e-9) == pytest.approx(number * 2 * 2e-9 * 1e6)
    events = random_events(RINGS, singles, window=2e-9, duration=1.0, tof_fwhm=214.0, seed=5)
    assert abs(len(events) - total_randoms(RINGS, singles, 2e-9)) < 4 * math.sqrt(len(events))
    assert abs(events.offset.mean()) < 4 * events.offset.std() / math.sqrt(len(events))
    assert events.offset.std() == pytest.approx(2e-9 * 2.998e11 / math.sqrt(12), rel=0.02)
    both = merged(events, events)
    assert len(both) == 2 * len(events)
    assert np.all(np.diff(both.time) >= 0)
    with pytest.raises(InputError, match="Give seconds"):
        randoms_rate(1.0, 1.0, 2.0)


def test_randoms_fall_with_the_square_of_the_activity():
    """O-15 in 5 min: <A^2>/<A>^2 by integration, and the times of the events by their mean."""
    lam, T = math.log(2) / 122.24, 300.0
    t = (np.arange(20_000) + 0.5) / 20_000 * T
    A = np.exp(-lam * t)
    assert mean_square_factor(lam, T) == pytest.approx((A**2).mean() / A.mean() ** 2, rel=1e-6)
    assert mean_square_factor(1e-12, 1.0) == 1.0
    singles = np.full(RINGS.crystals, 30.0)
    events = random_events(RINGS, singles, window=2e-9, duration=T, tof_fwhm=214.0, seed=6, decay_constant=lam)
    mean = (t * A**2).sum() / (A**2).sum()
    spread = math.sqrt(((t - mean) ** 2 * A**2).sum() / (A**2).sum())
    assert abs(events.time.mean() - mean) < 4 * spread / math.sqrt(len(events))
    assert events.time.max() <= T


def test_lower_energies_are_stopped_by_more_crystal():
    """Against the efficiencies themselves; without a crystal only the window counts."""
    from dataclasses import replace

    from hevesy.imaging.systems.crystal import window_efficiency

    detection = replace(DETECTION, crystal=("LSO", 20.0))
    E = np.array([0.3, 0.45, 0.51099895])
    plain, real = DETECTION.taken(E), detection.taken(E)
    assert plain[-1] == pytest.approx(1)
    assert real[-1] == pytest.approx(1)
    assert 1.03 < real[1] / plain[1] < 1.2
    wide = DETECTION.energy_fwhm * math.sqrt(0.51099895 / 0.45)
    one, two = (
        window_efficiency("LSO", 20.0, energy, energy_resolution=fwhm, limits=DETECTION.window)
        for energy, fwhm in ((0.45, wide), (0.51099895, DETECTION.energy_fwhm))
    )
    assert real[1] == pytest.approx(one / two, rel=1e-9)


def test_dead_time():
    assert non_paralysable(1e9, 1e-6) == pytest.approx(1e6, rel=1e-2)
    rates = np.linspace(1e5, 3e6, 2901)
    assert rates[paralysable(rates, 1e-6).argmax()] == pytest.approx(1e6, rel=1e-2)
    assert peak_dead_time(2.0, 5e5) == pytest.approx(1e-6)
    share = pair_live_share(np.full(RINGS.crystals, 10.0), RINGS, np.array([[0, 80]]), dead_time=1e-5, block=(8, 4))
    assert share[0] == pytest.approx(math.exp(-2 * 320 * 1e-5))


def test_batches_do_not_change_with_the_seed_alone():
    one, again, other = (coincidences(FIELD, block(), body(), DETECTION, duration=0.02, seed=seed).events for seed in (1, 1, 2))
    assert np.array_equal(one.pairs, again.pairs)
    assert not np.array_equal(one.pairs[:20], other.pairs[:20])
