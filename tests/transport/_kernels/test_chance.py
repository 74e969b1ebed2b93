import numpy as np
import pytest
from scipy import stats

from hevesy.rng import stream
from hevesy.transport._kernels.chance import azimuth, exponential, uniform, words

DRAWS = 40_000


@pytest.fixture
def state():
    return words(stream(1, 0))


def test_numbers_are_even_and_do_not_follow_each_other(state):
    drawn = np.array([uniform(state) for _ in range(DRAWS)])
    assert drawn.min() >= 0
    assert drawn.max() < 1
    cells, *_ = np.histogram2d(drawn[0::2], drawn[1::2], bins=20, range=[[0, 1], [0, 1]])
    assert stats.chisquare(cells.ravel()).pvalue > 1e-3


def test_the_generator_is_the_published_one():
    # xoshiro256++ from the state 1, 2, 3, 4: the first sums follow by hand from its definition.
    state = np.array([1, 2, 3, 4], dtype=np.uint64)
    first = (5 << 23) + 1
    assert uniform(state) == (first >> 11) * 2.0**-53
    assert state.tolist() == [1 ^ 2 ^ 4, 2 ^ 3 ^ 1, 3 ^ 1 ^ (2 << 17), (4 ^ 2) << 45]


def test_an_angle_is_even_over_the_circle(state):
    cosine, sine = np.array([azimuth(state) for _ in range(DRAWS)]).T
    assert np.hypot(cosine, sine) == pytest.approx(np.ones(DRAWS))
    assert stats.kstest(np.arctan2(sine, cosine) / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3


def test_free_ways_are_exponential(state):
    assert stats.kstest([exponential(state) for _ in range(DRAWS)], "expon").pvalue > 1e-3


def test_batches_have_their_own_numbers():
    assert len({tuple(words(stream(seed, batch)).tolist()) for seed in (1, 2) for batch in (0, 1)}) == 4
    assert words(stream(1, 0)).tolist() == words(stream(1, 0)).tolist()
