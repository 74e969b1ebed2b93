"""However a grid was stored, it is drawn with the same side on the same side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.model import Grid
from hevesy.reports.views import turned, upright, window_around

STEP = (2.0, 3.0, 5.0)  # along L, P, S [mm]
TRUTH = np.arange(4 * 5 * 6, dtype=float).reshape(4, 5, 6)  # (S, P, L)


def stored(order, flips):
    """TRUTH stored with array axes in another order and direction, and the affine that says so."""
    values = np.transpose(TRUTH, order)
    affine = np.eye(4)
    for array_axis, lps in enumerate(2 - np.array(order)):
        column, n = 2 - array_axis, values.shape[array_axis]
        affine[:3, column] = 0
        affine[lps, column] = -STEP[lps] if flips[array_axis] else STEP[lps]
        affine[lps, 3] = 10.0 + (STEP[lps] * (n - 1) if flips[array_axis] else 0.0)
    return values[tuple(slice(None, None, -1 if f else 1) for f in flips)], affine


@given(st.permutations([0, 1, 2]), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_any_axis_order_and_direction_comes_out_upright(order, flips):
    values, affine = stored(order, flips)
    frame = upright(Grid(shape=values.shape, affine=affine))
    np.testing.assert_array_equal(turned(values, frame), TRUTH)
    assert frame.step == pytest.approx(STEP)
    assert frame.start == pytest.approx((10.0, 10.0, 10.0))


def test_slices_that_go_downwards_are_turned_round():
    affine = np.diag([1.0, 1.0, -3.0, 1.0])
    frame = upright(Grid(shape=(4, 5, 6), affine=affine))
    assert frame.flips == (True, False, False)
    assert frame.start[2] == pytest.approx(-9.0)


def test_small_obliquity_is_kept_and_told():
    a = np.radians(4.0)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    frame = upright(Grid(shape=(4, 5, 6), affine=affine))
    assert frame.axes == (0, 1, 2)
    assert frame.obliquity == pytest.approx(a)


def test_window_holds_the_region_and_a_margin():
    inside = np.zeros((20, 20, 20), bool)
    inside[8:10, 5, 19] = True
    frame = upright(Grid(shape=(20, 20, 20), affine=np.eye(4)))
    window = window_around(inside, frame, margin=3.0)
    assert (window.z, window.y, window.x) == (slice(5, 13), slice(2, 9), slice(16, 20))
    assert window.edges(0) == (15.5, 19.5)
    assert window_around(np.zeros((2, 3, 4), bool), frame).x == slice(0, 4)
