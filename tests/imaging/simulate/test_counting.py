"""What is counted of a photon."""

import numpy as np
import pytest
from tests.imaging.simulate.cameras import CAMERA, LEHR, TECHNETIUM, setup

from hevesy.imaging.simulate import counting, crystal_efficiency, window_shares
from hevesy.imaging.systems import geometric_efficiency


def test_shares_are_a_gaussians():
    shares = window_shares(CAMERA, setup().windows, TECHNETIUM)
    # 20 % window, FWHM 9.9 %: +-2.38 standard deviations.
    assert shares[0] == pytest.approx(0.9826, abs=5e-4)
    assert shares[1] == pytest.approx(shares[2], rel=1e-3)
    lower, upper = window_shares(CAMERA, setup().windows, np.array([0.126, 0.150]))[0]
    assert lower == pytest.approx(0.47, abs=0.03)
    assert upper > 0.7


def test_counts_are_holes_times_crystal_times_share():
    table = counting(setup())
    expected = geometric_efficiency(LEHR, TECHNETIUM) * crystal_efficiency(CAMERA, TECHNETIUM) * 0.9826
    assert table.at(TECHNETIUM)[0] == pytest.approx(expected, rel=5e-3)
    assert np.all(table.at(0.03) == 0)
