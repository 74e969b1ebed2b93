"""The pinhole: magnification, sensitivity, width, attenuation, and the transpose."""

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.projectors import Orbit, adjoint_error, centred_grid, circular_orbit
from hevesy.imaging.projectors.pinhole import Pinhole, PinholeAperture

GRID = centred_grid((9, 21, 21), (4.0, 4.0, 4.0))
HOLE = PinholeAperture(diameter=4.0, focal_length=200.0, opening=100.0)


def camera(views=4, *, radius=100.0, rows=80, columns=90, pixel=(4.0, 4.0), **more):
    orbit = circular_orbit(views, radius=radius, rows=rows, columns=columns, pixel=pixel)
    return Pinhole(GRID, orbit, 1.0, HOLE, intrinsic=3.5, **more)


def point(z, y, x):
    image = np.zeros(GRID.shape, np.float32)
    image[4 + z, 10 + y, 10 + x] = 1000.0 / 4.0**3  # 1 Bq
    return image


def mean_and_variance(counts, pixel=4.0):
    row, column = (np.indices(counts.shape) - (np.array(counts.shape) - 1)[:, None, None] / 2) * pixel
    total = counts.sum(dtype=float)
    means = [(axis * counts).sum() / total for axis in (column, row)]
    return means, [((axis - m) ** 2 * counts).sum() / total for axis, m in zip((column, row), means, strict=True)]


def test_points_are_magnified_and_upside_down():
    """From the back (angle 0) the left side lies to the left; through the hole it falls on the right, f/h times as far."""
    engine = camera()
    (column, row), _ = mean_and_variance(engine.forward(point(2, 5, 3))[0])
    h = 100 - 20  # 20 mm towards the back
    assert column == pytest.approx(12 * 200 / h, abs=0.05)
    assert row == pytest.approx(8 * 200 / h, abs=0.05)
    (column, _), _ = mean_and_variance(engine.forward(point(0, 5, 3))[2])
    assert column == pytest.approx(-12 * 200 / 120, abs=0.05)


@pytest.mark.parametrize("place", [(0, 0, 0), (2, 5, 3), (-3, -8, 6)])
def test_counts_are_the_solid_angle_of_the_hole(place):
    counts = camera(rows=200, columns=200).forward(point(*place))
    z, y, x = (4.0 * i for i in place)
    for view, (h, across) in zip(counts, [(100 - y, x), (100 - x, y), (100 + y, x), (100 + x, y)], strict=True):
        cosine = h / np.sqrt(h**2 + across**2 + z**2)
        assert view.sum() == pytest.approx(4**2 * cosine**3 / (16 * h**2), rel=1e-4)


def test_width_is_hole_and_intrinsic_in_quadrature():
    fwhm = np.hypot(4 * (200 + 80) / 80, 3.5)
    _, variances = mean_and_variance(camera(1, rows=160, columns=160, pixel=(2.0, 2.0)).forward(point(0, 5, 0))[0], 2.0)
    assert variances == pytest.approx([(fwhm / 2.3548) ** 2 + 4 / 12] * 2, rel=1e-3)


def test_a_point_is_the_integral_of_its_gaussian_over_each_pixel():
    from scipy.special import ndtr

    counts = camera(1).forward(point(0, 5, 0))[0]
    sigma = np.hypot(4 * (200 + 80) / 80, 3.5) / np.sqrt(8 * np.log(2))
    rows, columns = (np.diff(ndtr((np.arange(n + 1) - n / 2) * 4.0 / sigma)) for n in counts.shape)
    assert counts / counts.sum(dtype=float) == pytest.approx(np.outer(rows, columns), abs=1e-6)


def test_line_source_in_air_integrates_the_closed_form():
    """A line along z at distance h: sum of cos^3 over its length, int h^3 / (h^2 + z^2)^(3/2) dz / h^2."""
    image = np.zeros(GRID.shape, np.float32)
    image[:, 10, 10] = 1000.0 / 4.0**3
    half, h = 18.0, 100.0
    closed = 2 * half / np.sqrt(h**2 + half**2) / h**2 * h / 4.0 * 4**2 / 16
    assert camera(1, rows=200).forward(image).sum() == pytest.approx(closed, rel=1e-3)


def test_attenuation_from_the_middle():
    mu = np.full(GRID.shape, 0.015)
    bare, behind = (camera(1, mu=m).forward(point(0, 0, 0)).sum() for m in (None, mu))
    assert behind / bare == pytest.approx(np.exp(-0.015 * 42), rel=0.01)  # 10.5 voxels of 4 mm to the edge


def test_penetrable_edges_let_more_through():
    hole = PinholeAperture(diameter=4.0, focal_length=200.0, opening=90.0, attenuation=2.5)
    assert hole.effective_diameter == pytest.approx(np.sqrt(4 * (4 + 2 / 2.5)))


@pytest.mark.parametrize("mu", [None, 0.015])
def test_adjoint(mu):
    engine = camera(5, rows=30, columns=33, pixel=(8.0, 9.0), mu=None if mu is None else np.full(GRID.shape, mu))
    assert adjoint_error(engine, seed=2) < 1e-6
    assert adjoint_error(engine, seed=2, views=np.array([3, 0])) < 1e-6


def test_refusals():
    with pytest.raises(InputError, match="opening below 180"):
        PinholeAperture(diameter=4.0, focal_length=200.0, opening=200.0)
    shifted = Orbit(angles=[0], radii=[100], shifts=[5], rows=4, columns=4, pixel=(4.0, 4.0))
    with pytest.raises(InputError, match="no sideways shifts"):
        Pinhole(GRID, shifted, 1.0, HOLE, intrinsic=3.5)
    with pytest.raises(InputError, match="must be positive"):
        Pinhole(GRID, circular_orbit(1, radius=100, rows=4, columns=4, pixel=(4, 4)), 1.0, HOLE, intrinsic=0)
