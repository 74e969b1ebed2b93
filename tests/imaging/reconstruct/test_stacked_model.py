"""Models of several photopeaks as one."""

from dataclasses import replace

import numpy as np
import pytest
from tests.imaging.reconstruct.test_noise_model import SYSTEM, scan

from hevesy.errors import InputError
from hevesy.imaging.reconstruct.spect import spect_model
from hevesy.imaging.reconstruct.stacked_model import stacked_model


def test_each_peak_keeps_its_own_scatter_and_its_noise():
    made, mu, _ = scan()
    first = spect_model(made, SYSTEM, mu=mu)
    second = spect_model(made, replace(SYSTEM, scatter_windows=("low",)), mu=mu)
    bare = spect_model(made, replace(SYSTEM, scatter_windows=()), mu=mu)
    whole, views = stacked_model([first, second, bare]), len(first.counts)
    assert stacked_model([first]) is first
    assert len(whole.scatter.counts) == 3
    assert whole.scatter.estimate() == pytest.approx(whole.additive, abs=1e-4)
    assert np.array_equal(whole.additive[:views], first.additive)
    assert np.array_equal(whole.additive[views : 2 * views], second.additive)
    assert not whole.additive[2 * views :].any()
    gradient = np.random.default_rng(1).random(whole.counts.shape).astype(np.float32)
    parts = [m.scatter.covariance([gradient[n * views : (n + 1) * views]])[0, 0] for n, m in enumerate((first, second))]
    assert whole.scatter.covariance([gradient])[0, 0] == pytest.approx(sum(parts), rel=1e-5)
    assert stacked_model([bare, bare]).additive is None


def test_one_filter_for_all():
    made, mu, _ = scan()
    models = [spect_model(made, SYSTEM, mu=mu, scatter_filter=width) for width in (10.0, 15.0)]
    with pytest.raises(InputError, match="one filter for all"):
        stacked_model(models)
