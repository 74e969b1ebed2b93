"""Fits of many voxels: the right minimum, no bias, an honest uncertainty, a map of what was done."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.kinetics import fit
from hevesy.kinetics.voxel_fits import MEANING, Status, VoxelNoise, voxel_fits
from hevesy.model import CurveFit, TimeActivityCurve

LAM = math.log(2) / (6.647 * un.d)
T = np.array([4.0, 24.0, 72.0, 120.0]) * un.h
RATE, FAST = math.log(2) / (50 * un.h), math.log(2) / (4 * un.h)
CURVES = {"mono": [(1.0, RATE)], "bi": [(1.0, RATE), (1.0, FAST)], "uptake": [(1.0, RATE), (-1.0, FAST)]}


def region(model: str = "mono", t: np.ndarray = T) -> CurveFit:
    A = 1e8 * sum(a * np.exp(-r * t) for a, r in CURVES[model])
    return fit(TimeActivityCurve(region="K", t=t, A=A, u=0.01 * A), decay_constant=LAM, model=model)


def voxels(model: str, n: int, *, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Curves of ``n`` voxels at ``T`` and their integrals; slow rate and share of the second phase vary."""
    rng = np.random.default_rng(seed)
    l1 = np.maximum(RATE * np.exp(spread * rng.standard_normal(n)), LAM)
    values, integral = 1e3 * np.exp(-l1 * T[:, None]), 1e3 / l1
    if model != "mono":
        second = 1e3 * (np.exp(spread * rng.standard_normal(n)) if model == "bi" else -np.ones(n))
        values, integral = values + second * np.exp(-FAST * T[:, None]), integral + second / FAST
    return values, integral


@pytest.mark.parametrize("model", CURVES)
def test_voxels_without_noise_come_out_exactly(model: str) -> None:
    values, integral = voxels(model, 500, spread=0.0, seed=1)
    found = voxel_fits(values, T, region=region(model), noise=1e-4 * values.max(axis=1), decay_constant=LAM)
    assert found.time_integrated_activity == pytest.approx(integral, rel=2e-4)
    assert not np.any(np.isin(found.status, [Status.EMPTY, Status.FAILED, Status.REGION]))


@pytest.mark.parametrize("model", CURVES)
def test_the_minimum_is_that_of_an_independent_program(model: str) -> None:
    """scipy's least squares with the prior as further residuals, on a random subset."""
    spread = 0.4
    values, _ = voxels(model, 4000, spread=spread, seed=2)
    u = 0.1 * values + 20
    rng = np.random.default_rng(3)
    values = values + u * rng.standard_normal(values.shape)
    shape = region(model)
    found = voxel_fits(values, T, region=shape, noise=u, decay_constant=LAM, spread=spread)
    order = np.argsort(shape.rates)
    slow, fast = shape.rates[order[0]], shape.rates[order[-1]]
    ratio = 0.0 if model == "mono" else shape.amplitudes[order[1]] / shape.amplitudes[order[0]]
    for i in rng.choice(values.shape[1], 12, replace=False):

        def residuals(p: np.ndarray, i: int = i) -> np.ndarray:
            second = ratio * (np.exp(p[2]) if model == "bi" else 1.0) * np.exp(-fast * T)
            curve = p[0] * (np.exp(-slow * np.exp(p[1]) * T) + second)
            prior = p[1:] / spread if model == "bi" else p[1:2] / spread
            return np.concatenate([(curve - values[:, i]) / u[:, i], prior])

        low = [-np.inf, math.log(LAM / slow), -np.inf]
        best = min((least_squares(residuals, [1e3, b, 0.0], bounds=(low, np.inf), x_scale=[1e3, 1, 1], xtol=1e-12, ftol=1e-12)
                    for b in (-0.3, 0.0, 0.8)), key=lambda s: s.cost)  # fmt: skip
        assert found.rate[i] == pytest.approx(slow * math.exp(best.x[1]), rel=1e-3)
        assert found.chi2[i] == pytest.approx(np.sum(best.fun[:4] ** 2), rel=1e-2, abs=1e-3)


@pytest.mark.parametrize("model", CURVES)
def test_uncertainties_cover_what_they_say(model: str) -> None:
    """A share of 68.3 and 95.4 % within u and 2 u; 2 points of slack stand for what is not linear at 10 % noise."""
    values, integral = voxels(model, 40000, spread=0.3, seed=4)
    u = np.sqrt((0.1 * values) ** 2 + 10**2)
    noisy = values + u * np.random.default_rng(5).standard_normal(values.shape)
    found = voxel_fits(noisy, T, region=region(model), noise=VoxelNoise(floor=10, relative=0.1), decay_constant=LAM)
    off = np.abs(found.time_integrated_activity - integral) / found.u
    assert np.mean(off < 1) == pytest.approx(0.683, abs=0.02)
    assert np.mean(off < 2) == pytest.approx(0.954, abs=0.02)
    # What does not average out stays below a fifth of one voxel's uncertainty.
    assert abs(np.mean((found.time_integrated_activity - integral) / integral)) < 0.2 * np.median(found.u / integral)
    assert np.all(found.status == np.where(found.rate <= LAM * (1 + 1e-6), Status.HELD, found.status))


def test_the_mean_over_noise_is_the_truth_where_voxels_are_alike() -> None:
    """z-test of the mean integral of 30 000 voxels, Poisson-like noise: bias below a fifth of a percent of it."""
    values, integral = voxels("mono", 30000, spread=0.0, seed=6)
    noise = VoxelNoise(floor=1.0, scale=2.0)
    noisy = values + np.sqrt(noise.variance(values)) * np.random.default_rng(7).standard_normal(values.shape)
    found = voxel_fits(noisy, T, region=region(), noise=noise, decay_constant=LAM)
    off = found.time_integrated_activity / integral - 1
    assert abs(np.mean(off)) < 0.002 + 4 * np.std(off) / math.sqrt(off.size)


def test_no_rate_is_below_decay_and_the_map_says_so() -> None:
    values = 1e3 * np.exp(-0.3 * LAM * T[:, None]) * np.ones((1, 5))
    found = voxel_fits(values, T, region=region(), noise=20.0, decay_constant=LAM)
    assert np.all(found.status == Status.HELD)
    assert found.rate == pytest.approx(LAM, rel=1e-6)
    assert np.all(found.u > 0)


def test_noise_leaves_the_region_s_shape() -> None:
    values, _ = voxels("mono", 2000, spread=0.0, seed=8)
    noisy = values + 300 * np.random.default_rng(9).standard_normal(values.shape)
    found = voxel_fits(noisy, T, region=region(), noise=300.0, decay_constant=LAM)
    assert np.mean(found.status == Status.REGION) > 0.5
    shape = voxel_fits(noisy, T, region=region(), noise=300.0, decay_constant=LAM, spread=0.01)
    assert shape.rate == pytest.approx(RATE, rel=0.01)


def test_an_empty_voxel_is_zero_on_average_and_may_be_negative() -> None:
    noise = 10 * np.random.default_rng(10).standard_normal((4, 4000))
    found = voxel_fits(noise, T, region=region(), noise=10.0, decay_constant=LAM)
    empty = found.status == Status.EMPTY
    assert np.mean(empty) > 0.95
    assert np.any(found.time_integrated_activity < 0)
    mean = float(np.mean(found.time_integrated_activity))
    assert abs(mean) < 4 * float(np.std(found.time_integrated_activity)) / math.sqrt(4000)


def test_a_fast_rate_that_may_vary_is_found() -> None:
    t = np.array([1.0, 3.0, 8.0, 24.0, 72.0, 120.0]) * un.h
    values = (1e3 * np.exp(-RATE * t) + 2e3 * np.exp(-1.5 * FAST * t))[:, None]
    shape = region("bi", t)
    held, free = (
        voxel_fits(values, t, region=shape, noise=5.0, decay_constant=LAM, spread=1.0, fast_spread=f) for f in (0.0, 0.5)
    )
    assert free.chi2[0] < 1 < held.chi2[0]
    assert free.time_integrated_activity[0] == pytest.approx(1e3 / RATE + 2e3 / (1.5 * FAST), rel=0.01)


def test_maps_have_the_shape_of_the_image_and_repeat() -> None:
    values, _ = voxels("bi", 20000, spread=0.2, seed=11)
    values = values * (1 + 0.1 * np.random.default_rng(12).standard_normal(values.shape))
    image = values.reshape(4, 20, 100, 10).astype(np.float32)
    noise = VoxelNoise(floor=5, relative=0.1)
    one = voxel_fits(image, T, region=region("bi"), noise=noise, decay_constant=LAM, threads=1)
    two = voxel_fits(image, T, region=region("bi"), noise=noise, decay_constant=LAM, threads=2)
    assert one.status.shape == (20, 100, 10)
    for name in ("time_integrated_activity", "u", "rate", "chi2", "status"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert sum(one.counts().values()) == 20000
    assert set(one.counts()) == set(MEANING.values())


def test_no_voxels_give_empty_maps() -> None:
    found = voxel_fits(np.zeros((4, 0)), T, region=region(), noise=1.0, decay_constant=LAM)
    assert found.time_integrated_activity.shape == (0,)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"t": T[::-1]}, "increase"),
        ({"t": T[:3]}, "3 scans"),
        ({"values": np.full((4, 2), np.nan)}, "finite"),
        ({"noise": 0.0}, "above zero"),
        ({"noise": np.ones(7)}, "must fit"),
        ({"noise": VoxelNoise(floor=np.ones(3))}, "4 scans"),
        ({"decay_constant": -1.0}, "decay constant"),
        ({"spread": 0.0}, "spread"),
        ({"decay_constant": 1e-3}, "below physical decay"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict, said: str) -> None:
    given = {"values": np.ones((4, 2)), "t": T, "region": region(), "noise": 1.0, "decay_constant": LAM} | change
    with pytest.raises(InputError, match=said):
        voxel_fits(given.pop("values"), given.pop("t"), **given)


@pytest.mark.parametrize("wrong", [{"floor": 0.0}, {"floor": 1.0, "scale": -1.0}, {"floor": 1.0, "relative": math.nan}])
def test_noise_that_makes_no_sense_is_refused(wrong: dict) -> None:
    with pytest.raises(InputError, match="voxel noise"):
        VoxelNoise(**wrong)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8), st.sampled_from([0.01, 0.3, 10.0]), st.floats(-6, 6))
def test_any_values_give_finite_numbers_that_scale_with_them(seed: int, n: int, spread: float, power: float) -> None:
    rng = np.random.default_rng(seed)
    t = np.sort(rng.choice(np.arange(1, 200), n, replace=False)) * un.h
    values = (
        1e3 * np.exp(-RATE * t)[:, None] * np.exp(rng.normal(0, 1, 40)) * (1 + rng.normal(0, rng.choice([0.01, 0.3, 3]), (n, 40)))
    )
    shape = region("mono", t)
    one = voxel_fits(values, t, region=shape, noise=VoxelNoise(floor=5, relative=0.1), decay_constant=LAM, spread=spread)
    assert np.all(np.isfinite(one.time_integrated_activity) & (one.u > 0) & (one.rate >= LAM * (1 - 1e-6)))
    factor = 10.0**power
    scaled = VoxelNoise(floor=5 * factor, relative=0.1)
    other = voxel_fits(factor * values, t, region=shape, noise=scaled, decay_constant=LAM, spread=spread)
    same = one.status == other.status
    assert np.mean(same) > 0.9
    found = other.time_integrated_activity[same] / factor
    # The search ends where the cost is level: a thousandth of the uncertainty.
    assert np.all(np.abs(found - one.time_integrated_activity[same]) <= 2e-3 * one.u[same] + 1e-5 * np.abs(found))
