"""Solids against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.imaging.painting import index_box, shares, volumes
from hevesy.imaging.shapes import Column, Ellipsoid, Grown, Half, Layered, Solids, Trunk, turned
from hevesy.imaging.torso import MUSCLE, Layer, Piece
from hevesy.model import Grid


def piece(solid, region="a"):
    return Piece(solid=solid, layers=(Layer(region=region, tissue=MUSCLE),))


def volume(*solids, spacing=1.0):
    """Richardson from two voxel sides, as the virtual patient does it."""
    pieces = tuple(piece(s) for s in solids)
    fine, coarse = (sum(volumes(pieces, h).values()) for h in (spacing, 1.5 * spacing))
    return 1.8 * fine - 0.8 * coarse


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, -30, 50)])
def test_volume_of_an_ellipsoid(angles):
    solid = Ellipsoid(center=(3, -2, 5.5), axes=(14, 20, 27), angles=angles)
    assert volume(solid) == pytest.approx(4 / 3 * math.pi * 14 * 20 * 27, rel=1e-3)


def test_volume_of_a_column_and_of_its_plates():
    column = Column(x=1, axis=lambda z: 0.1 * np.asarray(z, dtype=np.float32), half_widths=(12, 9), low=-30, high=30)
    assert volume(column) == pytest.approx(math.pi * 12 * 9 * 60, rel=3e-3)
    plates = Layered(of=column, pitch=20, thickness=8)
    assert volume(plates) == pytest.approx(math.pi * 12 * 9 * 3 * 8, rel=1e-2)


def test_difference_and_cut():
    ball, hole = (
        Ellipsoid(center=(0, 0, 0), axes=(20, 20, 20)),
        Ellipsoid(center=(0, 0, 0), axes=(10, 10, 10)),
    )
    half = Half(normal=(0, 0, 1), offset=0.0)
    solid = Solids(joined=(ball,), without=(hole,), within=(half,))
    assert volume(solid) == pytest.approx(2 / 3 * math.pi * (8000 - 1000), rel=3e-3)


def test_pieces_never_overlap_and_the_first_has_the_space():
    inner, outer = Ellipsoid(center=(4, 0, 0), axes=(9, 9, 9)), Ellipsoid(center=(0, 0, 0), axes=(20, 20, 20))
    grid = Grid(shape=(50, 50, 50), affine=np.array([[1, 0, 0, -25], [0, 1, 0, -25], [0, 0, 1, -25], [0, 0, 0, 1.0]]))
    total = np.zeros(grid.shape)
    sums = {"a": 0.0, "b": 0.0}
    for layer, box, share in shares((piece(inner, "a"), piece(outer, "b")), grid, np.eye(4)):
        total[box] += share
        sums[layer.region] += float(share.sum())
    assert total.max() <= 1 + 1e-6
    assert sums["a"] == pytest.approx(4 / 3 * math.pi * 9**3, rel=1e-2)
    assert sums["a"] + sums["b"] == pytest.approx(4 / 3 * math.pi * 20**3, rel=5e-3)


@settings(max_examples=25, deadline=None)
@given(
    axes=st.tuples(*[st.floats(8, 40)] * 3),
    angles=st.tuples(*[st.floats(-90, 90)] * 3),
    along=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
)
def test_depth_grows_by_one_a_millimetre_at_the_surface(axes, angles, along):
    solid = Ellipsoid(center=(0, 0, 0), axes=axes, angles=angles)
    rotation = turned(*angles)
    unit = np.array(along) / np.linalg.norm(along)
    surface = rotation @ (unit * axes)
    normal = rotation @ (unit / axes)
    normal /= np.linalg.norm(normal)
    points = [surface + step * normal for step in (-0.02, 0.0, 0.02)]
    deep, on, out = (float(solid.depth(*(np.array([c], dtype=np.float32) for c in p))[0]) for p in points)
    assert on == pytest.approx(0, abs=2e-4)
    assert deep == pytest.approx(0.02, abs=2e-3)
    assert out == pytest.approx(-0.02, abs=2e-3)


def test_bounds_hold_the_solid():
    for solid in (
        Ellipsoid(center=(1, 2, 3), axes=(5, 20, 9), angles=(10, 40, 70)),
        Grown(of=Ellipsoid(center=(0, 0, 0), axes=(12, 14, 16)), by=5),
        Trunk(axes=(40, 30, 50), waist=0.1, waist_z=0),
    ):
        axis = np.linspace(-70, 70, 71, dtype=np.float32)
        z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
        inside = solid.depth(x, y, z) > 0
        low, high = solid.bounds
        for c, a, b in zip((x, y, z), low, high, strict=True):
            assert a <= c[inside].min()
            assert c[inside].max() <= b


def test_index_box_follows_the_pose():
    grid = Grid(shape=(40, 50, 60), affine=np.diag([2.0, 2.0, 3.0, 1.0]))
    pose = np.eye(4)
    pose[:3, 3] = (10, 0, 0)
    z, y, x = index_box(grid, pose, ((20, 20, 30), (40, 60, 60)), margin=0)
    assert (x.start, x.stop, y.start, y.stop, z.start, z.stop) == (15, 26, 10, 31, 10, 21)
