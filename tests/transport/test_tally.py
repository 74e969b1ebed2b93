import numpy as np
import pytest

from hevesy.transport.tally import Regions, Tally

SETS = (np.array([0, 3, 4]), np.array([11]))


def test_means_and_variances_of_even_batches_are_those_of_numpy():
    batches = np.random.default_rng(5).gamma(2.0, size=(9, 12))
    tally = Tally(12, Regions(SETS))
    for batch in batches:
        tally.add(batch.copy(), 1)
    assert (tally.batches, tally.units) == (9, 9)
    assert tally.mean() == pytest.approx(batches.mean(axis=0))
    assert tally.unit_variance() == pytest.approx(batches.var(axis=0, ddof=1))
    sums = np.stack([batches[:, members].sum(axis=1) for members in SETS])
    assert tally.region_mean() == pytest.approx(sums.mean(axis=1))
    # A region's variance holds the covariance of its voxels.
    assert tally.region_unit_variance() == pytest.approx(sums.var(axis=1, ddof=1))


def test_batches_of_any_size_estimate_the_same_mean_and_unit_variance():
    rng = np.random.default_rng(6)
    means, variances, region_variances = [], [], []
    for _ in range(400):
        tally = Tally(12, Regions(SETS))
        for size in (1, 1, 4, 9, 25):
            tally.add(rng.normal(3.0, 2.0 / np.sqrt(size), size=12), size)
        means.append(tally.mean())
        variances.append(tally.unit_variance())
        region_variances.append(tally.region_unit_variance())
    assert np.mean(means) == pytest.approx(3.0, abs=4 * 2.0 / np.sqrt(40 * 12 * 400))
    # chi2 of 4 degrees of freedom, 4800 of them: 1 %.
    assert np.mean(variances) == pytest.approx(4.0, rel=0.04)
    assert np.mean(region_variances, axis=0) == pytest.approx([12.0, 4.0], rel=0.15)


def test_without_batches_there_is_nothing():
    tally = Tally(3, Regions([np.array([0])]))
    assert tally.mean().tolist() == [0, 0, 0]
    assert tally.region_mean().tolist() == [0]
    assert tally.unit_variance().tolist() == [0, 0, 0]
    assert tally.region_unit_variance().tolist() == [0]
