"""Contrast, variability and lung residual of phantoms whose answer is known."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hevesy.errors import DataError, InputError
from hevesy.quantify.background_regions import disk, disk_mean, place_background
from hevesy.quantify.image_quality import background_noise, image_quality
from hevesy.quantify.sphere_finding import find_spheres

_spec = importlib.util.spec_from_file_location("qc_phantoms", Path(__file__).with_name("phantoms.py"))
phantoms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phantoms)
SPACING = (4.0, 4.0, 4.0)


def quality(values, *, ratio, spacing=SPACING, cold=()):
    spheres = find_spheres(values, spacing, cold=cold)
    regions = place_background(values, spacing, spheres)
    return image_quality(values, spacing, spheres=spheres, regions=regions, ratio=ratio, cold=cold)


def test_a_circle_has_its_area_and_mean():
    _, w = disk(np.array([21.3, 18.9]), 17.0, (20, 20), (2.0, 2.5))
    assert w.sum() * 5.0 == pytest.approx(np.pi * 8.5**2, rel=0.02)
    plane = np.indices((20, 20))[1] * 2.0
    assert disk_mean(plane, np.array([21.3, 18.9]), 17.0, (2.0, 2.5)) == pytest.approx(21.3, abs=0.1)


def test_a_sharp_phantom_recovers_its_contrast():
    values, _ = phantoms.iec(spacing=(2.0, 2.0, 4.0), shape=(24, 140, 172), hot=4.0, fwhm=0.5, shift=(0, 0, 0))
    q = quality(values, ratio=4.0, spacing=(2.0, 2.0, 4.0))
    # pixels of 2 mm blur the edge: half of the pixels on a circle of 37 mm, a tenth of its area, lose a half
    assert q.spheres[0].contrast == pytest.approx(1.0, abs=0.06)
    assert q.spheres[0].variability < 1e-3
    assert q.lung.mean() < 1e-3
    assert q.background == pytest.approx(1.0, abs=1e-3)


def test_a_cold_sphere_and_a_hot_one_lose_the_same_share():
    hot, _ = phantoms.iec(hot=4.0, fwhm=8.0)
    cold, _ = phantoms.iec(hot=4.0, fwhm=8.0, cold=(37.0, 28.0))
    a, b = quality(hot, ratio=4.0), quality(cold, ratio=4.0, cold=(37.0, 28.0))
    assert [s.cold for s in b.spheres] == [True, True, False, False, False, False]
    for i in (0, 1):
        assert b.spheres[i].contrast == pytest.approx(a.spheres[i].contrast, abs=0.02)


def test_a_sphere_blurred_in_the_plane_reads_as_by_the_closed_form():
    """Mean in the circle of a Gaussian-blurred ball, by a fine numerical convolution that knows no pixels of the image."""
    fwhm, d = 8.0, 22.0
    n, step = 81, 0.5
    x = (np.arange(n) - n // 2) * step
    ball = (x[:, None, None] ** 2 + x[None, :, None] ** 2 + x[None, None, :] ** 2 <= (d / 2) ** 2).astype(float)
    plane = gaussian_filter(np.pad(ball, 30), fwhm / 2.3548 / step)[30 + n // 2, 30:-30, 30:-30]
    expected = plane[x[:, None] ** 2 + x[None, :] ** 2 <= (d / 2) ** 2].mean()
    values, _ = phantoms.iec(spacing=(2.0, 2.0, 4.0), shape=(23, 126, 158), hot=10.0, fwhm=fwhm, shift=(0, 0, 0))
    assert quality(values, ratio=10.0, spacing=(2.0, 2.0, 4.0)).spheres[2].contrast == pytest.approx(expected, abs=0.02)


def test_scale_changes_no_figure_and_turning_little():
    values, _ = phantoms.iec(hot=4.0)
    a, b = quality(values, ratio=4.0), quality(7e3 * values, ratio=4.0)
    turned, _ = phantoms.iec(hot=4.0, turn=1.4)
    c = quality(turned, ratio=4.0)
    for one, scaled, other in zip(a.spheres, b.spheres, c.spheres, strict=True):
        assert scaled.contrast == pytest.approx(one.contrast, abs=1e-4)
        assert other.contrast == pytest.approx(one.contrast, abs=0.04)


def test_variability_is_that_of_the_noise():
    """White noise of 20 %: in a circle of n pixels the means scatter by 20 % / sqrt(n); z-test with 59 degrees of freedom."""
    values, _ = phantoms.iec(hot=4.0, fwhm=4.0)
    noisy = values + np.random.default_rng(5).normal(0, 0.2, values.shape)
    spheres = find_spheres(values, SPACING)
    regions = place_background(values, SPACING, spheres)
    q = image_quality(noisy, SPACING, spheres=spheres, regions=regions, ratio=4.0)
    for s in q.spheres[:2]:
        expected = 0.2 / np.sqrt(np.pi * s.diameter**2 / 4 / 16)
        assert abs(s.variability / expected - 1) < 4 / np.sqrt(2 * 59) + 0.05
    assert background_noise(noisy, SPACING, regions)[1] == pytest.approx(0.2, rel=0.03)


def test_regions_keep_off_spheres_and_each_other():
    values, _ = phantoms.iec()
    spheres = find_spheres(values, SPACING)
    regions = place_background(values, SPACING, spheres)
    assert regions.centres.shape == (12, 2)
    apart = np.linalg.norm(regions.centres[:, None] - regions.centres[None], axis=-1)[np.triu_indices(12, 1)]
    assert apart.min() >= 37.0
    for centre, d in zip(spheres.centres, spheres.diameters, strict=True):
        assert np.linalg.norm(regions.centres - centre[:2], axis=1).min() >= d / 2 + 18.5 + regions.margin - 1e-6


def test_a_ratio_of_one_is_no_contrast():
    values, _ = phantoms.iec()
    with pytest.raises(InputError, match="ratio"):
        quality(values, ratio=1.0)


def test_too_short_a_phantom_is_refused():
    values, _ = phantoms.iec()
    spheres = find_spheres(values, SPACING)
    moved = replace(spheres, centres=spheres.centres - np.array([0.0, 0.0, 70.0]))
    with pytest.raises(DataError, match="2 cm"):
        place_background(values, SPACING, moved)
