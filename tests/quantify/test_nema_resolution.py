"""Widths of points and lines that are Gaussians of known width."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.quantify.nema_resolution import line_widths, point_widths, profile_widths

TENTH = math.sqrt(math.log2(10))


@given(fwhm=st.floats(4.5, 20.0), place=st.floats(-0.5, 0.5))
def test_a_gaussian_has_its_widths(fwhm, place):
    x = np.arange(-60, 61) - place
    w = profile_widths(np.exp(-4 * math.log(2) * (x / fwhm) ** 2), 1.0)
    # straight lines between pixels lie outside of the Gaussian's foot: 2.5 % of the width at 4.5 pixels
    assert w.fwhm == pytest.approx(fwhm, rel=0.02)
    assert w.fwtm == pytest.approx(TENTH * fwhm, rel=0.03)
    assert w.peak == pytest.approx(60 + place, abs=0.05)


def test_a_triangle_has_the_widths_of_its_sides():
    w = profile_widths(np.array([0, 1, 2, 3, 4, 3, 2, 1, 0.0]), 2.0)
    # the parabola through 3, 4, 3 ends at 4; half of it is at 2, a tenth at 0.4
    assert w.fwhm == pytest.approx(8.0)
    assert w.fwtm == pytest.approx(2 * 2 * 3.6)


def test_few_pixels_are_remarked():
    x = np.arange(-20, 21)
    assert "fewer than 3" in profile_widths(np.exp(-4 * math.log(2) * (x / 2.0) ** 2), 1.0).remark


def test_a_point_has_three_widths():
    z, y, x = np.meshgrid(*[np.arange(-24, 25)] * 3, indexing="ij")
    ln16 = 4 * math.log(2)
    image = np.exp(-ln16 * ((z * 2 / 12) ** 2 + (y / 5) ** 2 + (x / 7) ** 2))
    found = point_widths(image, (2.0, 1.0, 1.0))
    assert [w.fwhm for w in found] == pytest.approx([12, 5, 7], rel=0.02)


@given(st.floats(0.1, 1e6))
def test_scale_changes_no_width(factor):
    x = np.arange(-30, 31)
    y = np.exp(-4 * math.log(2) * (x / 8.3) ** 2)
    assert profile_widths(factor * y, 1.0).fwhm == pytest.approx(profile_widths(y, 1.0).fwhm, rel=1e-9)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_line_is_read_across_in_bands(transposed):
    x = np.arange(-50, 51)
    line = np.zeros((120, 101))
    line[20:100] = np.exp(-4 * math.log(2) * (x / 9.0) ** 2)
    image, pixel = (line.T, (1.0, 2.0)) if transposed else (line, (2.0, 1.0))
    found = line_widths(image, pixel)
    assert len(found) >= 3
    assert [w.fwhm for w in found] == pytest.approx([9.0] * len(found), rel=0.02)


def test_what_has_no_whole_peak_is_refused():
    with pytest.raises(DataError, match="border"):
        profile_widths(np.arange(10.0), 1.0)
    with pytest.raises(DataError, match="tenth"):
        profile_widths(np.array([5, 6, 9, 6, 5.0]), 1.0)
    with pytest.raises(InputError, match="five"):
        profile_widths([1, 2, 1], 1.0)
    with pytest.raises(InputError, match="spacings"):
        point_widths(np.ones((3, 3, 3)), (1.0, 1.0))
