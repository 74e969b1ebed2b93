"""Septal penetration by rays."""

import numpy as np
import pytest
from tests.imaging.simulate.cameras import LEHR, TECHNETIUM

from hevesy.imaging.simulate import penetration
from hevesy.imaging.systems import Collimator

HIGH = Collimator(name="HE", hole=4.0, septum=2.0, length=59.7)


def test_walls_stop_what_they_are_made_for():
    low, through = penetration(LEHR, TECHNETIUM), penetration(LEHR, 0.3645)
    assert 0.002 < low.fraction < 0.04  # 1 to 3 % at 140 keV
    assert through.fraction > 1.0  # a low-energy collimator is open for I-131
    high = penetration(HIGH, 0.3645)
    assert 0.02 < high.fraction < 0.6
    assert high.fraction < through.fraction


def test_the_kernel_holds_the_fraction_and_widens_with_distance():
    found = penetration(HIGH, 0.3645)
    near, far = (found.kernel(d, (5.0, 5.0), 60) for d in (50.0, 300.0))
    assert near.sum() == pytest.approx(found.fraction, rel=1e-4)
    r = np.hypot(*np.meshgrid(np.arange(-60, 61), np.arange(-60, 61)))
    assert (near * r).sum() / near.sum() < (far * r).sum() / far.sum()
