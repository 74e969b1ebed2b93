"""Uniformity of floods whose blemish is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.quantify.uniformity import uniformity


def flood(counts=12000.0, rows=(10, 90), columns=(8, 92)):
    image = np.zeros((100, 100))
    image[slice(*rows), slice(*columns)] = counts
    return image


def test_a_flat_flood_is_uniform():
    u = uniformity(flood(), (6.4, 6.4))
    assert (u.integral_useful, u.integral_central, u.differential_useful) == pytest.approx((0, 0, 0), abs=1e-12)
    assert u.counts == 12000
    assert u.remarks == ()


def test_the_fields_have_their_sizes():
    u = uniformity(flood(), (6.4, 6.4))
    # the rim goes, since a pixel at the border has a neighbour outside; the central field has 75 % of either side
    assert np.isfinite(u.smoothed).sum() == 78 * 82
    assert u.central.sum() == pytest.approx(0.75**2 * 78 * 82, rel=0.03)


def test_a_single_dim_pixel_reads_by_the_kernel():
    image = flood()
    image[50, 50] *= 0.8
    u = uniformity(image, (6.4, 6.4))
    low = 1 - 0.2 * 4 / 16
    assert u.integral_useful == pytest.approx((1 - low) / (1 + low), rel=1e-9)
    assert u.differential_central == pytest.approx(u.integral_useful, rel=1e-9)


def test_a_wide_blemish_reads_in_full_and_outside_of_the_centre_only_in_the_useful_field():
    image = flood()
    image[14:20, 12:18] *= 0.9
    u = uniformity(image, (6.4, 6.4))
    assert u.integral_useful == pytest.approx(0.1 / 1.9, rel=1e-9)
    assert u.integral_central == pytest.approx(0, abs=1e-12)


def test_a_slope_reads_its_ends_and_its_step():
    image = flood() * (1 + 0.001 * np.arange(100))[None, :]
    u = uniformity(image, (6.4, 6.4))
    first, last = 1.009 + 1e-9, 1.090
    # the kernel's weights at the border of the field are one-sided: 1 : 2 there moves the value by a third of a step
    assert u.integral_useful == pytest.approx((last - first) / (last + first), abs=0.0006)
    assert u.differential_useful == pytest.approx(0.004 / 2.02, rel=0.02)


def test_pixels_are_joined():
    fine = np.kron(flood(1000.0), np.ones((3, 3)))
    u = uniformity(fine, (2.2, 2.2))
    assert u.pixel == pytest.approx((6.6, 6.6))
    assert u.counts == 9000
    assert "10000" in u.remarks[0]


def test_the_field_may_be_stated():
    u = uniformity(flood(), (6.4, 6.4), field=(400.0, 400.0))
    rows, columns = np.nonzero(np.isfinite(u.smoothed))
    assert np.ptp(rows) + 1 == pytest.approx(400 / 6.4 - 2, abs=2)
    assert np.ptp(columns) + 1 == pytest.approx(400 / 6.4 - 2, abs=2)


def test_noise_is_what_the_remark_says():
    rng = np.random.default_rng(11)
    u = uniformity(rng.poisson(flood(4000.0)), (6.4, 6.4))
    said = float(u.remarks[0].split("about ")[1].split(" %")[0]) / 100
    assert u.integral_useful == pytest.approx(said, rel=0.3)


@settings(max_examples=10)
@given(st.floats(0.5, 50.0))
def test_scale_changes_nothing(factor):
    image = flood()
    image[40:44, 40:44] *= 1.05
    assert uniformity(factor * image, (6.4, 6.4)).integral_useful == pytest.approx(
        uniformity(image, (6.4, 6.4)).integral_useful, rel=1e-9
    )


@pytest.mark.parametrize(
    ("image", "pixel", "error", "said"),
    [
        (np.zeros((9, 9)), (6.4, 6.4), DataError, "flood"),
        (np.ones((2, 9, 9)), (6.4, 6.4), DataError, "shape"),
        (flood(), (64.0, 6.4), InputError, "plausible"),
        (flood(rows=(40, 46), columns=(40, 46)), (6.4, 6.4), DataError, "field"),
    ],
)
def test_what_is_no_flood_is_refused(image, pixel, error, said):
    with pytest.raises(error, match=said):
        uniformity(image, pixel)
