"""Solids of phantoms against closed forms."""

import math

import numpy as np
import pytest

from hevesy.imaging.painting import volumes
from hevesy.imaging.phantoms.tissues import WATER
from hevesy.imaging.phantoms.vessels import BodyVessel, Cylinder, Rods, Scaled, sector_of_rods
from hevesy.imaging.shapes import Ellipsoid
from hevesy.imaging.torso import Layer, Piece


def volume(solid, spacing=2.0):
    piece = Piece(solid=solid, layers=(Layer(region="a", tissue=WATER),))
    fine, coarse = (sum(volumes((piece,), h).values()) for h in (spacing, 1.5 * spacing))
    return 1.8 * fine - 0.8 * coarse


def test_cylinder_and_body():
    cylinder = Cylinder(centre=(3, -5), radius=40, low=-30, high=50)
    assert volume(cylinder) == pytest.approx(math.pi * 1600 * 80, rel=5e-3)
    body = BodyVessel(y=35, arch=147, corner=77, low=-40, high=40)
    assert volume(body, 4.0) == pytest.approx(body.area * 80, rel=5e-3)


def test_rods_keep_their_distance_and_their_sector():
    centres = np.array(sector_of_rods(6.4, 60.0, 104.0, 12.0))
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2) + np.eye(len(centres)) * 1e3
    assert apart.min() == pytest.approx(12.8)
    angles = np.rad2deg(np.arctan2(centres[:, 1], centres[:, 0]))
    assert np.all(np.abs(angles - 60) <= 30 + 1e-6)
    assert np.hypot(*centres.T).max() + 3.2 <= 104
    rods = Rods(centres=((0, 0), (30, 0)), diameter=12, low=0, high=40)
    assert volume(rods, 1.0) == pytest.approx(2 * math.pi * 36 * 40, rel=1e-2)


def test_scaled_volume_goes_with_the_factors():
    ball = Ellipsoid(center=(0, 0, 0), axes=(30, 30, 30))
    scaled = Scaled(of=ball, factors=(0.8, 0.8, 1.3))
    assert volume(scaled) == pytest.approx(4 / 3 * math.pi * 27000 * 0.8 * 0.8 * 1.3, rel=5e-3)
    assert scaled.bounds[1] == pytest.approx((24, 24, 39))
