"""Background, dead time and Poisson noise."""

import numpy as np
import pytest
from tests.imaging.simulate.cameras import setup

from hevesy.errors import InputError
from hevesy.imaging.simulate import Electronics, drawn, recorded


def test_background_and_dead_time():
    found = setup()
    expected = np.full((3, 4, 32, 32), 10.0, np.float32)
    with_room = recorded(expected, found, Electronics(background=5.0))
    assert with_room[1, 2].sum() - expected[1, 2].sum() == pytest.approx(5.0 * found.durations[2], rel=1e-4)
    slow = recorded(expected, found, Electronics(dead_time=1e-4))
    rate = 10240 / found.durations[0]
    assert np.allclose(slow / expected, np.exp(-rate * 1e-4), rtol=1e-5)
    with pytest.raises(InputError, match="background"):
        Electronics(background=-1.0)


def test_poisson_by_seed():
    found = setup()
    expected = np.full((3, 4, 32, 32), 20.0, np.float32)
    a, b, c = (drawn(expected, found, seed=s, replicate=r) for s, r in ((1, 0), (1, 0), (1, 1)))
    assert np.array_equal(a.counts, b.counts)
    assert not np.array_equal(a.counts, c.counts)
    n = a.counts.size
    assert (a.counts.mean() - 20) / np.sqrt(20 / n) == pytest.approx(0, abs=4)
    # Var of a sample variance of Poisson counts: (mean + 2 mean^2) / n.
    assert (a.counts.var() - 20) / np.sqrt((20 + 2 * 400) / n) == pytest.approx(0, abs=4)
    assert a.windows[0].name == "Peak"
    assert a.nuclide == "Tc-99m"
    with pytest.raises(InputError, match="must fit"):
        drawn(expected[:, :2], found, seed=1)
