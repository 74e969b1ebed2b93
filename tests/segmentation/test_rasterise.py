"""Contours to masks, against closed forms."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.dicom import read_study
from hevesy.dicom.dose import read_rtdose
from hevesy.dose import dose_volume_histogram
from hevesy.errors import DataError
from hevesy.segmentation import contours_to_mask, mask_on

Points = npt.NDArray[np.float64]


def circle(radius: float, z: float, *, centre: tuple[float, float] = (0.0, 0.0), points: int = 400) -> Points:
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.c_[centre[0] + radius * np.cos(t), centre[1] + radius * np.sin(t), np.full(points, z)]


def square(low: float, high: float, z: float) -> Points:
    return np.array([[low, low, z], [high, low, z], [high, high, z], [low, high, z]])


def volume(contours: list[Points]) -> float:
    mask, grid = contours_to_mask(contours, name="R")
    return float(mask.sum(dtype=np.float64)) * grid.voxel_volume


def test_a_cylinder() -> None:
    # Rows are sampled five to a millimetre: relative error of a circle of 20 mm well below 0.1 %.
    assert volume([circle(20, z) for z in np.arange(0, 30, 3.0)]) == pytest.approx(np.pi * 400 * 30, rel=1e-3)


def test_a_square() -> None:
    # Exact along rows; across them to a fifth of a millimetre at each edge.
    assert volume([square(-5.5, 7.25, z) for z in (0.0, 2.0)]) == pytest.approx(12.75**2 * 4, rel=0.2 / 12.75)


def test_an_inner_contour_is_a_hole_and_an_island_in_it_counts_again() -> None:
    planes = [c for z in (0.0, 3.0, 6.0) for c in (circle(20, z), circle(12, z), circle(5, z))]
    assert volume(planes) == pytest.approx(np.pi * (400 - 144 + 25) * 9, rel=2e-3)


def test_several_contours_on_a_slice() -> None:
    planes = [c for z in (0.0, 3.0) for c in (circle(8, z, centre=(-30, 0)), circle(6, z, centre=(25, 4)))]
    assert volume(planes) == pytest.approx(np.pi * (64 + 36) * 6, rel=2e-3)


def test_a_keyhole_is_a_hole() -> None:
    """Systems without inner contours join the hole to the outside by a channel of no width."""
    z = 0.0
    keyhole = [(0, 0), (20, 0), (20, 20), (10, 20), (10, 15), (15, 15), (15, 5), (5, 5), (5, 15), (10, 15), (10, 20), (0, 20)]
    contour = np.array([(x, y, z) for x, y in keyhole], dtype=float)
    assert volume([contour, contour + [0, 0, 2.0]]) == pytest.approx((400 - 100) * 4, rel=5e-3)


def test_direction_and_order_do_not_matter() -> None:
    up = [circle(10, z) for z in (0.0, 2.0, 4.0)]
    down = [c[::-1] for c in up[::-1]]
    assert volume(up) == pytest.approx(volume(down), rel=1e-6)


def test_a_plane_left_out_stays_empty() -> None:
    mask, _ = contours_to_mask([circle(10, z) for z in (0.0, 3.0, 6.0, 12.0, 15.0)], name="R")
    assert [bool(m.any()) for m in mask] == [True, True, True, False, True, True]


def test_unequal_planes_keep_their_slabs() -> None:
    """Slices of 3 mm whose drawing goes on at 5 mm: each plane stands for the usual spacing around it."""
    found = volume([circle(10, z) for z in (0.0, 3.0, 6.0, 10.4, 13.4)])
    assert found == pytest.approx(np.pi * 100 * 15, rel=0.07)  # slabs on a lattice of 1 mm


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_sagittal_and_coronal_planes(axis: int) -> None:
    planes = [np.roll(circle(12, z), axis, axis=1) for z in (0.0, 2.0, 4.0)]
    assert volume(planes) == pytest.approx(np.pi * 144 * 6, rel=2e-3)


def test_oblique_planes() -> None:
    a = np.deg2rad(25)
    turn = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    assert volume([circle(12, z) @ turn.T for z in (0.0, 2.0, 4.0)]) == pytest.approx(np.pi * 144 * 6, rel=5e-3)


def test_a_contour_that_leaves_its_plane_is_refused() -> None:
    bent = circle(10, 0.0)
    bent[0, 2] += 5
    with pytest.raises(DataError, match="leaves its plane"):
        contours_to_mask([bent, circle(10, 8.0)], name="R")


def test_points_are_no_region() -> None:
    with pytest.raises(DataError, match="three points"):
        contours_to_mask([np.zeros((2, 3))], name="R")


@settings(max_examples=25, deadline=None)
@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(3, 25))
def test_twice_the_same_contour_is_nothing_and_moving_keeps_the_volume(x: float, y: float, radius: float) -> None:
    once = [circle(radius, z, centre=(x, y), points=60) for z in (0.0, 2.0)]
    here = volume([circle(radius, z, points=60) for z in (0.0, 2.0)])
    assert volume(once) == pytest.approx(here, rel=0.02)  # where the sampled rows fall
    assert volume([*once, *once]) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.data
def test_the_heart_of_a_real_plan(real_data: Path) -> None:
    """Figures of dicompyler, whose histogram has bins of 0.01 Gy and gives their upper edges as least and largest dose."""
    folder = real_data / "rt-objects"
    heart = next(o for o in read_study(folder).outlines if o.name == "Heart")
    dose = read_rtdose(folder / "rtdose.dcm")
    mask, grid = contours_to_mask(heart.contours, name="Heart")
    region = mask_on(mask, grid, dose.grid, name="Heart")
    values, fraction = dose.values[region.box], region.fraction
    inside = values[fraction >= 0.5]
    assert region.volume == pytest.approx(440.23e3, rel=0.01)
    assert float((values * fraction).sum() / fraction.sum()) == pytest.approx(0.6475, rel=0.01)
    assert float(inside.max()) == pytest.approx(3.10, rel=0.01)
    assert np.ceil(float(inside.min()) * 100) / 100 == pytest.approx(0.03)
    histogram = dose_volume_histogram(values, fraction)
    mean = float(np.trapezoid(histogram.volume, histogram.dose))
    assert mean == pytest.approx(0.6475, rel=0.01)
