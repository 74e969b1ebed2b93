"""Figures of a region against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.model import Grid
from hevesy.quantify.uptake import PEAK_RADIUS, PEAK_VOLUME, Noise, UptakeFigures, area_under_histogram, peak_mean, uptake_figures

SHAPE = (24, 26, 28)


def grid(side: float = 2.0) -> Grid:
    affine = np.diag([side, side, side, 1.0])
    affine[:3, 3] = (-10.0, 5.0, 100.0)
    return Grid(shape=SHAPE, affine=affine)


BOX = (slice(6, 18), slice(6, 18), slice(6, 18))


def all_of(values: np.ndarray, **more: object) -> UptakeFigures:
    inside = np.ones((12, 12, 12), dtype=bool)
    return uptake_figures(values, inside, BOX, grid(), **more)  # type: ignore[arg-type]


def test_even_uptake() -> None:
    f = all_of(np.full(SHAPE, 3.0), scale_u=0.05, noise=Noise(voxel=0.12), boundary_u=1.0)
    assert (f.maximum.value, f.mean.value, f.deviation) == (3.0, 3.0, 0.0)
    assert f.peak is not None
    assert f.peak.value == pytest.approx(3.0)
    assert f.area_under_histogram == pytest.approx(1.0)
    assert f.volume.value == pytest.approx(12**3 * 8)
    assert f.total.value == pytest.approx(3.0 * 12**3 * 8)
    assert f.maximum.relative == pytest.approx(0.13)
    assert f.mean.relative == pytest.approx(math.hypot(0.05, 0.12 / math.sqrt(12**3)))
    assert f.peak.relative == pytest.approx(math.hypot(0.05, 0.12 / math.sqrt(1000 / 8)))
    assert f.volume.u == pytest.approx((36 * math.pi * f.volume.value**2) ** (1 / 3))
    assert f.total.u is not None


def test_without_statements_there_is_a_reason_in_place_of_u() -> None:
    f = all_of(np.full(SHAPE, 3.0))
    assert f.maximum.u is f.mean.u is f.volume.u is f.total.u is None
    assert "noise" in f.maximum.why_no_u
    assert "boundary" in f.volume.why_no_u


def test_noise_that_goes_together_averages_less() -> None:
    alone, together = Noise(voxel=0.1), Noise(voxel=0.1, resolution=8.0)
    assert alone.of_mean(1e5, 8.0) < together.of_mean(1e5, 8.0) < 0.1  # type: ignore[operator]
    assert together.of_mean(1.0, 8.0) == 0.1
    assert Noise().of_mean(1e5, 8.0) is None


def test_peak_of_a_gaussian() -> None:
    """Mean of exp(-r2 / 2 s2) over a sphere of 1 ml, by its series; the centre lies between voxels."""
    centre = np.array([14.3, 25.9, 123.1])
    index = np.indices(SHAPE).reshape(3, -1)[::-1]
    places = 2.0 * index + np.array([-10.0, 5.0, 100.0])[:, None]
    s = 12.0
    values = np.exp(-np.sum((places - centre[:, None]) ** 2, axis=0) / (2 * s * s)).reshape(SHAPE)
    r = np.linspace(0, PEAK_RADIUS, 4001)
    expected = float(np.trapezoid(np.exp(-(r**2) / (2 * s * s)) * 3 * r**2, r)) / PEAK_RADIUS**3
    peak, at = peak_mean(values, np.ones(SHAPE, dtype=bool), (slice(0, 24), slice(0, 26), slice(0, 28)), grid())
    assert peak == pytest.approx(expected, rel=0.005)
    assert at is not None
    assert np.linalg.norm(np.array(at) - centre) < 1.8


def test_the_sphere_is_one_millilitre_whatever_the_voxel() -> None:
    from hevesy.quantify.uptake import _sphere

    for sides in ((1.0, 1.0, 1.0), (4.07, 4.07, 3.0), (9.0, 9.0, 9.0)):
        g = Grid(shape=SHAPE, affine=np.diag([*sides, 1.0]))
        steps, weights = _sphere((0.0, 0.0, 0.0), tuple(g.affine[:3, :3].ravel()))
        assert weights.sum() == pytest.approx(1.0)
        second = float((weights * np.sum((steps * np.array(sides[::-1])) ** 2, axis=1)).sum())
        assert second == pytest.approx(0.6 * PEAK_RADIUS**2, rel=0.5 if sides[0] > 8 else 0.15)
    assert 4 / 3 * math.pi * PEAK_RADIUS**3 == pytest.approx(PEAK_VOLUME)


def test_peak_at_the_border_of_the_image_is_none() -> None:
    inside = np.ones((1, 26, 28), dtype=bool)
    f = uptake_figures(np.ones(SHAPE), inside, (slice(0, 1), slice(0, 26), slice(0, 28)), grid())
    assert f.peak is None
    assert "reaches out" in f.why_no_peak


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 50))
def test_figures_scale_and_order(seed: int, factor: float) -> None:
    values = np.random.default_rng(seed).uniform(0.1, 5.0, SHAPE)
    a, b = all_of(values), all_of(factor * values)
    assert a.peak is not None
    assert b.peak is not None
    assert b.maximum.value == pytest.approx(factor * a.maximum.value)
    assert b.peak.value == pytest.approx(factor * a.peak.value)
    assert b.area_under_histogram == pytest.approx(a.area_under_histogram)
    assert a.mean.value <= a.peak.value <= values.max()
    assert a.variation == pytest.approx(a.deviation / a.mean.value)


def test_area_under_the_histogram_is_the_integral_of_the_survival() -> None:
    v = np.random.default_rng(2).gamma(2.0, 1.5, 4000)
    shares = np.linspace(0, 1, 20001)
    survival = 1 - np.searchsorted(np.sort(v), shares * v.max(), side="left") / v.size
    assert area_under_histogram(v) == pytest.approx(float(np.trapezoid(survival, shares)), rel=1e-3)


def test_refusals() -> None:
    with pytest.raises(InputError, match="no voxel"):
        uptake_figures(np.ones(SHAPE), np.zeros((12, 12, 12), dtype=bool), BOX, grid())
    values = np.ones(SHAPE)
    values[8, 8, 8] = np.nan
    with pytest.raises(InputError, match="finite"):
        all_of(values)


def test_many_voxels_find_the_same_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(5).uniform(0, 1, SHAPE)
    values[10:14, 10:14, 10:14] += 3.0
    whole = all_of(values).peak
    monkeypatch.setattr("hevesy.quantify.uptake.MANY", 60)
    assert whole is not None
    assert all_of(values).peak == whole
