"""Swivelling columns: where they stand, what they see, and the transpose."""

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.projectors import ParallelHole, adjoint_error, centred_grid
from hevesy.imaging.projectors.swivel import SwivelColumns, swivel_orbit

GRID = centred_grid((12, 40, 40), (5.0, 5.0, 5.0))


def twelve(steps=5, reach=20.0):
    swivels = np.tile(np.linspace(-reach, reach, steps), (12, 1))
    return SwivelColumns(
        positions=np.arange(12) * 30.0, rings=np.full(12, 220.0), swivels=swivels, arm=30.0, rows=24, columns=16,
        pixel=(2.5, 2.5),
    )  # fmt: skip


def spread(distance):
    return 3.0 + 0.05 * distance


def test_face_lies_an_arm_from_the_pivot_along_the_view():
    columns = twelve()
    orbit = swivel_orbit(columns)
    a = np.deg2rad(orbit.angles)
    n, u = np.stack([np.sin(a), np.cos(a)], axis=1), np.stack([-np.cos(a), np.sin(a)], axis=1)
    face = orbit.radii[:, None] * n + orbit.shifts[:, None] * u
    p = np.deg2rad(np.repeat(columns.positions, 5))
    pivot = 220 * np.stack([np.sin(p), np.cos(p)], axis=1)
    assert face == pytest.approx(pivot - 30 * n)


def test_a_column_sees_a_point_only_where_it_looks_at_it():
    """A narrow detector of 40 mm: a point in the middle is in view for swivels below asin(20 / 220) = 5.2 degrees."""
    columns = SwivelColumns(
        positions=[0.0], rings=[220.0], swivels=[[-12.0, -4.0, 0.0, 4.0, 12.0]], arm=30.0, rows=24, columns=16,
        pixel=(2.5, 2.5),
    )  # fmt: skip
    image = np.zeros(GRID.shape, np.float32)
    image[5:7, 19:21, 19:21] = 1
    counts = ParallelHole(GRID, swivel_orbit(columns), 1.0).forward(image)
    seen = counts.sum(axis=(1, 2))
    assert seen[[0, 4]] == pytest.approx(0)
    assert seen[1:4] == pytest.approx(image.sum() * 125 / 1000, rel=0.05)  # four voxels, sampled obliquely
    middles = (counts.sum(axis=1) * (np.arange(16) - 7.5) * 2.5).sum(axis=1)[1:4] / seen[1:4]
    assert middles == pytest.approx([-220 * np.sin(np.deg2rad(s)) for s in (-4, 0, 4)], abs=0.5)


def test_line_source_has_the_counts_and_width_of_the_closed_form():
    """Variance: source 8^2, response, interpolation 5^2 / 6, and lines of 5 mm shared out to pixels of 2.5 mm 5^2 / 12."""
    z, y, x = np.indices(GRID.shape) - np.array([5.5, 19.5, 19.5])[:, None, None, None]
    image = np.exp(-(x**2 + y**2) * 25 / (2 * 8**2)).astype(np.float32)
    columns = SwivelColumns(positions=[45.0], rings=[220.0], swivels=[[0.0]], arm=30.0, rows=40, columns=60, pixel=(2.5, 2.5))
    counts = ParallelHole(GRID, swivel_orbit(columns), 1.0, fwhm=spread).forward(image)
    assert counts.sum() == pytest.approx(image.sum() * 125 / 1000, rel=0.01)
    profile = counts[0].sum(axis=0)
    u = (np.arange(60) - 29.5) * 2.5
    expected = 8**2 + (spread(190.0) / 2.3548) ** 2 + 5**2 / 6 + 5**2 / 12
    assert (profile * u**2).sum() / profile.sum() == pytest.approx(expected, rel=0.015)


def test_adjoint():
    orbit = swivel_orbit(twelve())
    engine = ParallelHole(GRID, orbit, 1.0, fwhm=spread, mu=np.full(GRID.shape, 0.01))
    assert engine.out_shape == (60, 24, 16)
    assert adjoint_error(engine, seed=1) < 1e-6


def test_refusals():
    with pytest.raises(InputError, match="one row of swivels"):
        SwivelColumns(positions=[0.0, 1.0], rings=[200.0], swivels=[[0.0]], arm=0, rows=1, columns=1, pixel=(1.0, 1.0))
    with pytest.raises(InputError, match="below 90"):
        SwivelColumns(positions=[0.0], rings=[200.0], swivels=[[95.0]], arm=0, rows=1, columns=1, pixel=(1.0, 1.0))
