import numpy as np
import pytest

from hevesy.errors import ConvergenceError
from hevesy.transport.batches import PILOT_BATCHES, Goals, Run, run_until
from hevesy.transport.tally import Regions


def coin(mean, spread):
    """A job whose energy in each voxel is normal about ``mean``, with ``spread`` for one history."""

    def job(histories, rng, energy):
        energy += rng.normal(mean, spread / np.sqrt(histories), size=energy.size)

    return job


def made_up(jobs, threads=1):
    return Run(
        seed=1, jobs=jobs, unit=(10, 20), local=np.full(6, 1.0), mass=np.ones(6), regions=Regions([np.array([0, 1])]),
        threads=threads,
    )  # fmt: skip


def goals(regions=0.01, voxels=None, most_histories=1e9):
    return Goals(regions=regions, voxels=voxels, most_histories=most_histories)


def uncertainty(tallies, region=0):
    return np.sqrt(sum(t.region_unit_variance()[region] / max(t.units, 1) for t in tallies))


def test_the_goal_is_reached_with_both_kinds():
    tallies = run_until(made_up((coin(1.0, 5.0), coin(2.0, 3.0))), goals(), None)
    total = 2.0 + sum(t.region_mean()[0] for t in tallies)  # 2 local, 2 and 4 by chance
    assert total == pytest.approx(8.0, abs=0.32)
    assert uncertainty(tallies) <= 0.01 * total
    assert all(t.batches > PILOT_BATCHES for t in tallies)


def test_a_kind_that_is_not_there_is_not_run():
    tallies = run_until(made_up((None, coin(2.0, 3.0))), goals(), None)
    assert tallies[0].units == 0
    assert tallies[1].units > 0


def test_threads_change_nothing():
    one, three = (run_until(made_up((coin(1.0, 5.0), coin(2.0, 3.0)), threads=n), goals(), None) for n in (1, 3))
    for a, b in zip(one, three, strict=True):
        assert a.mean().tobytes() == b.mean().tobytes()
        assert a.units == b.units


def test_more_of_the_kind_that_says_more_for_its_time():
    tallies = run_until(made_up((coin(1.0, 20.0), coin(2.0, 0.5))), goals(0.005), None)
    assert tallies[0].units > 20 * tallies[1].units


def test_voxels_have_a_goal_of_their_own():
    tallies = run_until(made_up((coin(1.0, 5.0), None)), goals(regions=0.2, voxels=0.01), None)
    voxel_u = np.sqrt(tallies[0].unit_variance()[:2] / tallies[0].units)
    assert np.sqrt(np.mean(voxel_u**2)) <= 0.01 * 2.05


def test_what_is_out_of_reach_is_given_up():
    with pytest.raises(ConvergenceError, match="an uncertainty of 0.01 % needs about .* histories, more than the 1e.04 allowed"):
        run_until(made_up((coin(1.0, 50.0), None)), goals(1e-4, most_histories=1e4), None)


def test_progress_grows_to_one():
    seen = []
    run_until(made_up((coin(1.0, 1.0), None)), goals(0.1), lambda share, left: seen.append((share, left)))
    shares = [share for share, _ in seen]
    assert shares[-1] == 1
    assert seen[-1][1] == 0
    assert shares == sorted(shares)
