"""Observers against normal data of known detectability."""

import numpy as np
import pytest
from scipy.stats import norm

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import grid_around
from hevesy.imaging.trials.observer import (
    DIFFERENCE_OF_GAUSSIANS,
    auc_of,
    channelised_hotelling,
    channels,
    d2_of,
    known_difference,
    non_prewhitening,
)

P, N = 4, 20
MIX = np.array([[2.0, 0, 0, 0], [0.5, 1, 0, 0], [0.2, 0.1, 1.5, 0], [0, 0.3, 0.2, 0.7]])
DELTA = np.array([1.5, 0.4, -0.6, 0.3])
TRUE = float(DELTA @ np.linalg.solve(MIX @ MIX.T, DELTA))


def draws(seed, n=N):
    rng = np.random.default_rng(seed)
    return DELTA + rng.normal(size=(n, P)) @ MIX.T, rng.normal(size=(n, P)) @ MIX.T


def test_area_and_detectability_are_one_another():
    assert auc_of(d2_of(0.9)) == pytest.approx(0.9)
    assert d2_of(0.9) == pytest.approx(2 * norm.ppf(0.9) ** 2)
    assert auc_of(0.0) == 0.5


def test_the_bias_of_small_samples_is_taken_off():
    found = [channelised_hotelling(*draws(seed)) for seed in range(200)]
    d2 = np.array([f.d2 * 1.0 for f in found])
    naive = np.array([f.d2 * f.bias_removed for f in found if f.d2 > 0])
    assert abs(d2.mean() - TRUE) < 3.5 * d2.std(ddof=1) / np.sqrt(200) + 0.01  # cut at zero: a hair above
    assert naive.mean() > TRUE * 1.1


def test_intervals_cover_95_times_in_100():
    both = [(channelised_hotelling(*draws(seed)).interval, TRUE) for seed in range(120)]
    known = [(known_difference(DELTA, draws(seed + 1000), [1.0, 1.0]).interval, TRUE) for seed in range(120)]
    for found in (both, known):
        inside = sum(low <= true <= high for (low, high), true in found)
        assert abs(inside - 114) < 3.5 * np.sqrt(120 * 0.95 * 0.05)


def test_a_known_difference_is_unbiased_and_pools_levels_of_other_noise():
    found = []
    for seed in range(300):
        one, none = draws(seed)
        quiet = draws(seed + 5000)[1] / 2  # a quarter of the variance: x = 1/4
        found.append(known_difference(DELTA, [one, none, quiet], [1.0, 1.0, 0.25]).d2)
    assert abs(np.mean(found) - TRUE) < 3.5 * np.std(found, ddof=1) / np.sqrt(300)


def test_non_prewhitening_in_white_noise_is_as_good_as_any():
    rng, t = np.random.default_rng(1), np.array([0.5, 1.0, -0.5])
    found = non_prewhitening(t, rng.normal(size=(4000, 3)))
    assert found.interval[0] < float(t @ t) < found.interval[1]


@pytest.mark.parametrize("kind", ["laguerre-gauss", DIFFERENCE_OF_GAUSSIANS])
def test_channels_are_of_length_one_and_round(kind):
    grid = grid_around((21, 21, 21), 4.0)
    made = channels(grid, (0.0, 0.0, 0.0), width=24.0, count=3, kind=kind)
    assert np.allclose((made**2).sum(axis=(1, 2, 3)), 1)
    assert np.allclose(made, made.transpose(0, 3, 2, 1))


def test_laguerre_gauss_channels_are_orthogonal_in_three_dimensions():
    made = channels(grid_around((35, 35, 35), 3.0), (0.0, 0.0, 0.0), width=24.0, count=4).reshape(4, -1)
    assert np.allclose(made @ made.T, np.eye(4), atol=2e-3)  # cut at the edge of the grid


def test_what_is_too_little_is_refused():
    with pytest.raises(ScopeError, match="Take more realisations"):
        known_difference(DELTA, [np.zeros((4, P))], [1.0])
    with pytest.raises(InputError, match="2 to 10"):
        channels(grid_around((4, 4, 4), 1.0), (0.0, 0.0, 0.0), width=3.0, count=1)
    with pytest.raises(InputError, match="not known"):
        channels(grid_around((4, 4, 4), 1.0), (0.0, 0.0, 0.0), width=3.0, kind="gabor")
