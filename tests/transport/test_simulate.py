from functools import cache

import numpy as np
import pytest
from scipy import stats

from hevesy.errors import ConvergenceError, InputError
from hevesy.materials import csda_range, load_material
from hevesy.nuclides import radiations
from hevesy.transport import Phantom, default_cutoffs, simulate, source

SHAPE = (7, 8, 9)


@pytest.fixture(scope="module")
def body(phantoms):
    """A box of 4 mm voxels with an active block and two regions."""
    tia = np.zeros(SHAPE)
    tia[2:5, 2:5, 2:6] = 1e6
    tia[3, 6, 7] = 5e6
    near, far = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    near[2:5, 2:5, 2:6] = True
    far[:, 6:, :] = True
    return phantoms.box(SHAPE, 4.0, density=1.04), tia, (near, far)


@pytest.fixture(scope="module")
def run(body):
    phantom, tia, regions = body

    @cache
    def made(seed=1, threads=1, uncertainty=0.02, nuclide="I-131"):
        return simulate(
            phantom, tia, radiations(nuclide), seed=seed, uncertainty=uncertainty, regions=regions, threads=threads
        )  # fmt: skip

    return made


@pytest.mark.parametrize("nuclide", ["I-131", "F-18"])
def test_one_thread_and_two_give_the_same_bits(run, nuclide):
    one, two = run(threads=1, nuclide=nuclide), run(threads=2, nuclide=nuclide)
    for name in ("dose", "u", "region_dose", "region_u"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert (one.histories, one.batches, one.absorbed) == (two.histories, two.batches, two.absorbed)


def test_a_seed_is_a_result(body, run):
    phantom, tia, regions = body
    again = simulate(phantom, tia, radiations("I-131"), seed=1, uncertainty=0.02, regions=regions)
    assert again.dose.tobytes() == run().dose.tobytes()
    other = run(seed=2)
    assert not np.array_equal(other.dose, again.dose)
    z = (other.region_dose - again.region_dose) / np.hypot(other.region_u, again.region_u)
    assert np.all(np.abs(z) < 4)


def test_the_result_is_linear_in_the_activity(body, run):
    phantom, tia, regions = body
    ten = simulate(phantom, 10 * tia, radiations("I-131"), seed=1, uncertainty=0.02, regions=regions)
    assert ten.dose == pytest.approx(10 * run().dose, rel=1e-9)
    assert ten.emitted == pytest.approx(10 * run().emitted)


def test_the_goal_is_met_and_more_histories_meet_a_harder_one(run):
    loose, tight = run(uncertainty=0.02), run(uncertainty=0.002)
    assert np.all(loose.region_u <= 0.02 * loose.region_dose)
    assert np.all(tight.region_u <= 0.002 * tight.region_dose)
    assert tight.histories > loose.histories


def test_region_doses_are_the_mean_of_their_voxels(body, run):
    for region, dose in zip(body[2], run().region_dose, strict=True):
        assert run().dose[region].mean() == pytest.approx(dose, rel=1e-9)


def test_no_more_is_absorbed_than_is_given_off(run):
    found = run(uncertainty=0.002)
    assert 0.3 * found.emitted < found.absorbed < found.emitted


def test_the_uncertainties_are_honest(run):
    """Twenty seeds: their scatter is what each of them says."""
    runs = [run(seed=seed) for seed in range(1, 21)]
    doses = np.array([r.region_dose for r in runs])
    u2 = np.mean([r.region_u**2 for r in runs], axis=0)
    scatter = np.sum((doses - doses.mean(axis=0)) ** 2, axis=0) / u2
    assert np.all(stats.chi2.sf(scatter, len(runs) - 1) > 1e-3)
    assert np.all(stats.chi2.cdf(scatter, len(runs) - 1) > 1e-3)
    voxels = np.array([r.dose for r in runs])
    expected = np.mean([r.u**2 for r in runs], axis=0)
    ratio = voxels.var(axis=0, ddof=1)[expected > 0] / expected[expected > 0]
    # 504 voxels with 19 degrees of freedom each, not all independent: some 2 %.
    assert ratio.mean() == pytest.approx(1, abs=0.06)
    assert np.quantile(ratio, [0.05, 0.95]) == pytest.approx(stats.chi2.ppf([0.05, 0.95], 19) / 19, rel=0.2)


def test_two_seeds_differ_by_what_they_say_in_every_voxel(run):
    one, two = run(seed=1), run(seed=2)
    z = (one.dose - two.dose) / np.hypot(one.u, two.u)
    assert np.mean(z**2) == pytest.approx(1, abs=0.25)
    assert np.max(np.abs(z)) < 6.5  # 504 of Student's t with 15 degrees of freedom at least


def test_what_a_nuclide_absorbs_locally_needs_no_chance(phantoms):
    """An alpha particle stays in its voxel; so does a beta of tritium, of 6 um range."""
    phantom, tia = phantoms.box((3, 3, 3), 5.0), phantoms.middle((3, 3, 3))
    made = simulate(phantom, tia, radiations("Po-210"), seed=1, uncertainty=0.01)
    assert made.dose[1, 1, 1] == pytest.approx(made.emitted / 0.125e-3, rel=2e-4)  # the rest is a rare gamma
    tritium = simulate(phantom, tia, radiations("H-3"), seed=1, uncertainty=0.01)
    assert tritium.dose[1, 1, 1] == pytest.approx(tritium.emitted / 0.125e-3, rel=1e-3)


def test_progress_ends_at_one(body):
    seen = []
    phantom, tia, regions = body
    simulate(
        phantom, tia, radiations("Lu-177"), seed=1, uncertainty=0.05, regions=regions,
        progress=lambda share, left: seen.append((share, left)),
    )  # fmt: skip
    assert seen[-1][0] == pytest.approx(1)
    assert all(0 <= share <= 1 + 1e-9 and left >= -1e-9 for share, left in seen)


def test_without_regions_the_hot_voxels_count(body):
    phantom, tia, _ = body
    made = simulate(phantom, tia, radiations("Y-90"), seed=1, uncertainty=0.02)
    hot = made.dose > 0.5 * made.dose.max()
    assert np.sqrt(np.mean(made.u[hot] ** 2)) <= 0.02 * made.dose[hot].mean()


def test_a_voxel_may_have_its_own_goal(body):
    phantom, tia, regions = body
    made = simulate(
        phantom, tia, radiations("Y-90"), seed=1, uncertainty=0.1, voxel_uncertainty=0.02, regions=regions[:1]
    )  # fmt: skip
    assert np.sqrt(np.mean(made.u[regions[0]] ** 2)) <= 0.02 * made.dose[regions[0]].mean()


def test_cutoffs_follow_the_smallest_side():
    small, large = default_cutoffs((1.0, 4.0, 4.0)), default_cutoffs((4.0, 4.0, 4.0))
    assert small == default_cutoffs((4.0, 4.0, 1.0))
    assert small.follow_from < large.follow_from
    water = load_material("water")
    assert 10 * csda_range(water, large.follow_from) == pytest.approx(0.4, rel=0.01)
    assert 10 * csda_range(water, large.hard_from) == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tia": np.ones((2, 2, 2))}, r"has shape \(2, 2, 2\), the phantom \(7, 8, 9\). Resample one"),
        ({"tia": np.full(SHAPE, -1.0)}, "must be finite and not negative. Set what is noise below zero to zero"),
        ({"tia": np.full(SHAPE, np.nan)}, "must be finite and not negative"),
        ({"tia": np.zeros(SHAPE)}, "zero everywhere. Is this the right file?"),
        ({"uncertainty": 1.0}, "must lie between 0.00001 and 0.5; got 1.0. 0.01 is 1 %"),
        ({"uncertainty": 0.0}, "must lie between"),
        ({"regions": [np.zeros(SHAPE)]}, "a region must have the phantom's shape .* and hold voxels; got .* 0 voxels"),
        ({"regions": [np.ones((2, 2, 2))]}, "a region must have the phantom's shape"),
    ],
)
def test_what_is_senseless_is_refused(body, changed, message):
    phantom, tia, _ = body
    asked = {"tia": tia, "uncertainty": 0.1, **changed}
    with pytest.raises(InputError, match=message):
        simulate(phantom, asked.pop("tia"), radiations("Lu-177"), seed=1, **asked)


def test_an_uncertainty_out_of_reach_is_given_up(body):
    phantom, tia, regions = body
    with pytest.raises(ConvergenceError, match="an uncertainty of 0.01 % needs about .* histories, more than the 1e.05 allowed"):
        simulate(phantom, tia, radiations("Y-90"), seed=1, uncertainty=1e-4, regions=regions, most_histories=1e5)


def test_air_with_activity_gets_what_it_stops_whatever_is_known_beforehand(phantoms, monkeypatch):
    """Air on a body with activity in both: scored as a difference to local deposition or as it is, the dose is one."""
    density = np.ones((6, 6, 8))
    air = np.zeros(density.shape, bool)
    air[:3] = True
    density[air] = 0.0012
    phantom = Phantom(
        density=density, medium=air.astype(np.uint8), media=(load_material("soft"), load_material("air")), voxel=(4.8, 4.8, 4.8)
    )

    def run():
        return simulate(phantom, np.ones(density.shape), radiations("Lu-177"), seed=4, uncertainty=0.01, regions=[air])

    as_it_is = run()
    monkeypatch.setattr(source, "THIN", 0.0)
    as_difference = run()
    off = as_it_is.region_dose[0] - as_difference.region_dose[0]
    assert abs(off) < 4 * np.hypot(as_it_is.region_u[0], as_difference.region_u[0])
    assert as_it_is.dose.min() >= 0


def test_a_trace_of_activity_leaves_no_mark_on_the_map(phantoms):
    """A history from where nearly nothing is would weigh as much as one from a lesion, if it could start there so rarely."""
    shape = (20, 20, 20)
    rng = np.random.default_rng(8)
    tia = 10.0 ** rng.uniform(-9, -5, shape)
    tia[8:12, 8:12, 8:12] = 1.0
    phantom = phantoms.box(shape, 4.8)
    done = simulate(phantom, tia, radiations("Y-90"), seed=2, uncertainty=0.01, regions=[tia == 1.0])
    far = np.ones(shape, bool)
    far[4:16, 4:16, 4:16] = False  # Y-90's electrons end before
    top = done.dose.max()
    assert done.dose.min() > -1e-4 * top
    assert done.dose[far].max() < 1e-3 * top
