"""Recovery coefficients against closed forms, and the bands of the accreditation."""

import importlib.util
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import DataError, InputError
from hevesy.model import Grid
from hevesy.quantify.earl import earl_bands, earl_criteria, recovery_coefficients
from hevesy.quantify.sphere_finding import find_spheres

_spec = importlib.util.spec_from_file_location("qc_phantoms", Path(__file__).with_name("phantoms.py"))
phantoms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phantoms)


def rows(*, spacing=(2.0, 2.0, 2.0), shape=(28, 118, 152), fwhm=7.0, scale=1.0, **kw):
    values, _ = phantoms.iec(spacing=spacing, shape=shape, fwhm=fwhm, **kw)
    grid = Grid(shape=values.shape, affine=np.diag([*spacing, 1.0]))
    spheres = find_spheres(values, spacing)
    return recovery_coefficients(scale * values, grid, spheres=spheres, background=scale, true=10.0 * scale)


def centre(diameter, fwhm):
    """Value in the middle of a unit ball of that diameter, blurred by a Gaussian: erf(x) - 2 x exp(-x^2) / sqrt(pi)."""
    x = diameter / 2 / (math.sqrt(2) * fwhm / 2.3548)
    return math.erf(x) - 2 * x * math.exp(-x * x) / math.sqrt(math.pi)


@pytest.fixture(scope="module")
def found():
    return rows()


def test_the_maximum_is_that_of_the_closed_form(found):
    for r in found:
        assert r.max == pytest.approx(0.1 + 0.9 * centre(r.diameter, 7.0), abs=0.03)


def test_recovery_falls_with_size_and_peak_lies_below_max(found):
    for name in ("mean", "max", "peak"):
        values = [getattr(r, name) for r in found]
        assert values == sorted(values, reverse=True)
    assert all(r.peak <= r.max + 1e-6 and r.mean <= r.max for r in found)


def test_the_contour_of_a_large_sphere_has_its_volume(found):
    # the half level of a blurred ball lies sigma^2 / R inside of its edge, in the first order
    sigma = 7.0 / 2.3548
    volume = 4 / 3 * math.pi * (18.5 - sigma**2 / 18.5) ** 3
    assert found[0].voxels * 8.0 == pytest.approx(volume, rel=0.02)


def test_scale_changes_no_recovery():
    coarse = {"spacing": (4.0, 4.0, 4.0), "shape": (24, 70, 86)}
    for a, b in zip(rows(**coarse), rows(**coarse, scale=3000.0), strict=True):
        assert (b.mean, b.max, b.peak) == pytest.approx((a.mean, a.max, a.peak), rel=1e-4)


def test_the_bands_are_the_published_ones():
    bands = earl_bands("earl-1")
    assert (bands["mean", 10.0].low, bands["mean", 10.0].high) == (0.27, 0.43)
    assert (bands["max", 37.0].low, bands["max", 37.0].high) == (0.95, 1.16)
    assert bands["mean", 10.0].verified
    assert ("peak", 37.0) not in bands
    second = earl_bands("earl-2")
    assert len(second) == 18
    assert not second["peak", 10.0].verified


def test_each_sphere_is_judged_with_its_margin(found):
    criteria = {c.name: c for c in earl_criteria(found, "earl-2")}
    c = criteria["RCmax 10 mm"]
    assert c.passed == (0.52 <= c.value <= 0.88)
    assert c.margin == pytest.approx(min(c.value - 0.52, 0.88 - c.value))
    assert len(earl_criteria(found, "earl-1")) == 12


def test_five_spheres_are_refused(found):
    with pytest.raises(InputError, match="10 mm"):
        earl_criteria(found[:5], "earl-1")


def test_unknown_standards_are_refused():
    with pytest.raises(InputError, match="earl-1, earl-2"):
        earl_bands("earl-3")


def test_a_sphere_below_the_background_is_refused():
    values, _ = phantoms.iec()
    spacing = (4.0, 4.0, 4.0)
    spheres = find_spheres(values, spacing)
    grid = Grid(shape=values.shape, affine=np.diag([*spacing, 1.0]))
    with pytest.raises(DataError, match="not above the background"):
        recovery_coefficients(values, grid, spheres=spheres, background=20.0, true=10.0)
    with pytest.raises(InputError, match="above zero"):
        recovery_coefficients(values, grid, spheres=replace(spheres), background=1.0, true=0.0)
