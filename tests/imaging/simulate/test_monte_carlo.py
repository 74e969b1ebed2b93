"""The analytic models against photons that are followed one by one, and those against energy balance and literature."""

import numpy as np
import pytest
from tests.imaging.simulate.cameras import setup

from hevesy.errors import InputError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, uniform_cylinder
from hevesy.imaging.simulate import Effects, counting, expected_counts, multiple_scatter, simulated_counts
from hevesy.imaging.simulate.monte_carlo import FIRST, MULTIPLE, PRIMARY

HALF_LIFE = 21624.0


@pytest.fixture(scope="module")
def cylinder():
    grid = grid_around((32, 32, 32), 8.0)
    subject = uniform_cylinder(5e8, HALF_LIFE, diameter=200.0, length=200.0)
    activity, body = activity_map(subject, grid, start=0.0), body_map(subject, grid)
    found = setup(views=4, matrix=32, pixel=8.0)
    model = expected_counts(activity, body, found)
    return activity, body, found, model, simulated_counts(activity, body, found, seed=11, histories=240_000)


def test_primary_meets_the_analytic_projector(cylinder):
    *_, model, photons = cylinder
    total, u = photons.total(PRIMARY, 0)
    # 0.5 %: turning by interpolation moves activity at the surface outwards by a part of a voxel of 8 mm.
    assert abs(total / float(model.primary[0].sum()) - 1) < 4 * u / total + 0.005
    by_row = model.primary[0].sum(axis=(0, 2)), photons.primary[0].sum(axis=(0, 2))
    inside = by_row[0] > 0.98 * by_row[0].max()  # beside an edge the voxel and the pixel of both count differently
    assert np.allclose(by_row[1][inside], by_row[0][inside], rtol=0.05)


def test_single_scatter_meets_the_effective_source(cylinder):
    *_, model, photons = cylinder
    for window in (0, 1):
        once, u = photons.total(FIRST, window)
        # 6 %: voxels of 8 mm, coherent scatter taken as straight, one exit energy a window.
        assert abs(once / float(model.scatter[window].sum()) - 1) < 4 * u / once + 0.06


def test_scatter_of_a_cylinder_is_that_of_the_literature(cylinder):
    *_, photons = cylinder
    primary, _ = photons.total(PRIMARY, 0)
    once, _ = photons.total(FIRST, 0)
    more, _ = photons.total(MULTIPLE, 0)
    # Kojima, Matsumoto, Takahashi, Ann. Nucl. Med. 5 (1991) 139: 30 to 60 % of the primary photons in a 20 % window.
    assert 0.29 < (once + more) / primary < 0.60
    # Cao et al., IEEE Trans. Nucl. Sci. 41 (1994) 1594: scatter beyond the first is 7 % at 6 cm, 27 % at 21.6 cm.
    assert 0.07 < more / once < 0.27


def test_triple_windows_find_the_true_scatter(cylinder):
    *_, found, _, photons = cylinder
    counts = photons.by_batch.mean(axis=0).sum(axis=(0, 2))
    peak, lower, upper = found.windows
    estimate = (counts[1] / lower.width + counts[2] / upper.width) * peak.width / 2
    true = photons.by_batch.mean(axis=0)[1:, 0].sum()
    # 5 %: a trapezium under the peak of a spectrum that is not one.
    assert estimate == pytest.approx(true, rel=0.05)


def test_scatter_scale_makes_up_for_later_scatters(cylinder):
    activity, body, found, model, photons = cylinder
    more = multiple_scatter(activity, body, found, seed=5, histories=160_000)
    assert more.scale[0] == pytest.approx(1.2, abs=0.1)
    scaled = expected_counts(activity, body, found, effects=Effects(scatter_scale=more.scale, penetration=False))
    true = photons.total(FIRST, 0)[0] + photons.total(MULTIPLE, 0)[0]
    assert float(scaled.scatter[0].sum()) == pytest.approx(true, rel=0.03)
    assert float(scaled.penetration.sum()) == 0
    assert np.allclose(scaled.primary, model.primary)


def test_one_seed_one_result_on_any_number_of_threads(cylinder):
    activity, body, found, *_ = cylinder
    one, two = (simulated_counts(activity, body, found, seed=3, histories=2000, batches=4, threads=n) for n in (1, 2))
    assert np.array_equal(one.counts, two.counts)
    other = simulated_counts(activity, body, found, seed=4, histories=2000, batches=4)
    assert not np.array_equal(one.counts, other.counts)
    with pytest.raises(InputError, match="give more"):
        simulated_counts(activity, body, found, seed=3, histories=10)


def test_energy_that_leaves_is_what_the_dose_engine_does_not_absorb():
    """With counts in proportion to energy, forced detection adds up to the energy that leaves a sphere."""
    from hevesy.imaging.simulate._kernels import Windows, batch
    from hevesy.imaging.simulate.monte_carlo import _angles, _detector, _prepared, _straight
    from hevesy.materials import load_material
    from hevesy.model import Image, Quantity
    from hevesy.nuclides import Radiations
    from hevesy.rng import stream
    from hevesy.transport import Cutoffs, Phantom, simulate
    from hevesy.transport.media import photon_tables

    grid = grid_around((25, 25, 25), 10.0)
    z, y, x = np.meshgrid(*(np.arange(25) - 12,) * 3, indexing="ij")
    share = np.clip(10.5 - np.sqrt(z**2 + y**2 + x**2), 0.0, 1.0)  # of each voxel in a ball of 100 mm
    body = Phantom(
        density=np.maximum(share, 0.0012), medium=np.zeros(share.shape, np.uint8), media=(load_material("water"),),
        voxel=(10.0, 10.0, 10.0),
    )  # fmt: skip
    values = np.zeros(grid.shape, np.float32)
    values[12, 12, 12] = 1.0
    found = setup(views=8, matrix=64, pixel=20.0, radius=200.0)
    tables = photon_tables(body.media, Cutoffs())
    image = Image(values=values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    table = counting(found)
    _, start, each = _prepared(image, found, table, 40_000 * 8, 8)
    detector = _detector(image, found, _straight(table))
    start = start._replace(weight=np.full(8, 8.0 / each))
    E = np.geomspace(0.02, 0.141, 200)
    windows = Windows(log_first=float(np.log(E[0])), per_log=199 / float(np.log(E[-1] / E[0])), counts=E[None] / 0.140511)
    leaving = []
    for number in range(8):
        tally = np.zeros((3, 1, 8, 64, 64), np.float32)
        batch(each, body.arrays(), tables, _angles(tables), detector, windows, start, tally, stream(5, number))
        leaving.append(float(tally.sum(dtype=np.float64)) / 8)
    none = np.zeros(0)
    line = Radiations(
        name="line", electron_energy=none, electron_yield=none, photon_energy=np.array([0.140511]),
        photon_yield=np.array([1.0]), annihilation_energy=none, annihilation_yield=none, alpha_energy=none, alpha_yield=none,
        recoil_energy=none, recoil_yield=none, beta_minus=None, beta_plus=None,
        energies={"gamma": 0.140511, "alpha": 0.0, "alpha recoil": 0.0, "fission fragment": 0.0, "neutron": 0.0},
        member_energies={}, members=(("line", 1.0),), remarks=(),
    )  # fmt: skip
    dose = simulate(body, values, line, seed=2, uncertainty=0.008, regions=[share > 0])
    expected = 1 - dose.absorbed / dose.emitted
    u = np.hypot(np.std(leaving, ddof=1) / np.sqrt(8), 0.008 * (1 - expected))
    # The directions of the views lie in one plane; a ball of voxels is not quite a ball: 0.3 %.
    assert abs(np.mean(leaving) - expected) < 4 * u + 0.003
