"""Uncertainty of penalised and of smoothed images, against finite differences and repeated noise."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import ConvergenceError, InputError
from hevesy.imaging.projectors import ParallelHole, centred_grid, circular_orbit
from hevesy.imaging.reconstruct import optimum as module
from hevesy.imaging.reconstruct import osem, osem_course, region_covariance, uncertainty_image
from hevesy.imaging.reconstruct.map import map_estimate
from hevesy.imaging.reconstruct.optimum import optimum_at
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.smoothed import Smoothed, smoothed
from hevesy.rng import stream

SIDE, SPACING = 12.0, (12.0, 12.0, 12.0)
PRIOR = RelativeDifference(beta=0.02, spacing=SPACING, epsilon=0.1)
ITERATIONS, SUBSETS, REALISATIONS = 8, 4, 40


@functools.cache
def scene():
    """A cylinder with a hot sphere: operator, expected counts, additive term, masks of hot, warm, body."""
    grid = centred_grid((6, 16, 16), SPACING)
    z, y, x = np.indices(grid.shape) - (np.array(grid.shape) - 1)[:, None, None, None] / 2
    body = x**2 + y**2 < 6.5**2
    hot, warm = (x - 2.5) ** 2 + y**2 + z**2 < 4, (x + 3) ** 2 + y**2 < 4
    f = np.where(body, 100.0, 0.0)
    f[hot] = 400.0
    engine = ParallelHole(
        grid, circular_orbit(16, radius=140, rows=6, columns=16, pixel=(SIDE, SIDE)), 0.1,
        fwhm=lambda d: 2 + 0.05 * d, mu=np.where(body, 0.012, 0.0), support=body, threads=1,
    )  # fmt: skip
    additive = np.full(engine.out_shape, 1.0, np.float32)
    return engine, engine.forward(f.astype(np.float32)) + additive, additive, (hot, warm, body)


def penalised(counts):
    engine, _, additive, _ = scene()
    return map_estimate(engine, counts, PRIOR, additive=additive, iterations=ITERATIONS, subsets=SUBSETS)


@functools.cache
def optimum():
    engine, expected, additive, _ = scene()
    return optimum_at(engine, penalised(expected), PRIOR, additive=additive)


@functools.cache
def realisations():
    _, expected, _, _ = scene()
    return np.array([penalised(stream(7, n).poisson(expected).astype(np.float32)) for n in range(REALISATIONS)])


def test_the_gradient_is_that_of_finite_differences():
    engine, expected, additive, (hot, *_) = scene()
    image = map_estimate(engine, expected, PRIOR, additive=additive, iterations=60, subsets=SUBSETS)
    by_counts, by_additive = optimum_at(engine, image, PRIOR, additive=additive).gradient(hot / hot.sum())
    change = (np.random.default_rng(0).standard_normal(expected.shape) * 0.02 * expected).astype(np.float32)

    def mean(y):
        image = map_estimate(engine, y, PRIOR, additive=additive, iterations=60, subsets=SUBSETS)
        return float(image[hot].mean(dtype=np.float64))

    found = (mean(expected + change) - mean(expected - change)) / 2
    assert float(np.sum(by_counts * change, dtype=float)) == pytest.approx(found, rel=0.03)  # conjugate gradients stop at 3e-3
    assert np.array_equal(by_additive, -by_counts)


def test_a_strong_prior_on_few_counts_does_not_empty_the_image():
    """Its first steps once took all voxels but one to zero, and the uncertainty with them.

    At the optimum f . A'(y / q - 1) = f . R'(f), and that is between 0 and 2 R: expected counts are what was counted, less that.
    """
    engine, expected, additive, (hot, _, body) = scene()
    few = stream(3, 0).poisson(0.01 * expected).astype(np.float32)
    thin = ParallelHole(
        engine.grid, engine.orbit, 0.001, fwhm=lambda d: 2 + 0.05 * d, mu=np.where(body, 0.012, 0.0), support=body, threads=1
    )  # fmt: skip
    prior = RelativeDifference(beta=0.01, spacing=SPACING, epsilon=0.1)
    image = map_estimate(thin, few, prior, additive=0.01 * additive, iterations=40, subsets=SUBSETS)
    expects = thin.forward(image)
    explained = float(np.sum(expects * (few / (expects + 0.01 * additive) - 1)))
    assert explained == pytest.approx(float(np.sum(image * prior.gradient(image))), abs=0.05 * float(few.sum()))
    assert optimum_at(thin, image, prior, additive=0.01 * additive).free[hot].all()


@settings(max_examples=25)
@given(strength=st.floats(-6, 2), counts=st.floats(-2, 3), seed=st.integers(0, 100))
def test_uncertainties_are_those_of_the_inverted_matrix(strength, counts, seed):
    """Whatever the prior and the counts: u of a region is within 1 % of the closed form."""
    rng = np.random.default_rng(seed)
    matrix = (rng.random((60, 48)) ** 4).astype(np.float32)
    operator = Matrix(matrix, (3, 4, 4))
    image = (10.0 ** rng.uniform(0, 2, operator.in_shape) * 10.0**counts).astype(np.float32)
    prior = RelativeDifference(beta=10.0**strength, spacing=(4.0, 4.0, 4.0), epsilon=0.1 * 10.0**counts)
    region = np.zeros(operator.in_shape, np.float32)
    region[1, 1:3, 1:3] = 0.25
    q = (matrix.astype(float) @ image.ravel()).astype(float)
    H = matrix.T.astype(float) @ (matrix.astype(float) / q[:, None])
    units = np.eye(48, dtype=np.float32).reshape(48, *operator.in_shape)
    hessian = np.array([prior.hessian_product(image, e).astype(float).ravel() for e in units])
    K = np.linalg.inv(H + (hessian + hessian.T) / 2)
    w = K @ region.ravel()
    found = region_covariance(optimum_at(operator, image, prior), [region])[0, 0]
    assert np.sqrt(found) == pytest.approx(np.sqrt(w @ H @ w), rel=0.01)


class Matrix:
    """A x with A (bins, voxels); images (z, y, x)."""

    def __init__(self, A, shape):
        self.A, self.in_shape, self.out_shape = A, shape, (len(A),)

    def forward(self, image, views=None):
        return (self.A @ np.asarray(image, np.float32).ravel()).astype(np.float32)

    def adjoint(self, projections, views=None):
        return (self.A.T @ np.asarray(projections, np.float32)).astype(np.float32).reshape(self.in_shape)


def test_both_ways_are_transposes():
    rng = np.random.default_rng(1)
    weights, change = rng.random(optimum().image.shape), rng.random(optimum().operator.out_shape)
    one = np.sum(optimum().gradient(weights)[0] * change, dtype=float)
    assert one == pytest.approx(np.sum(weights * optimum().response_to(change), dtype=float), rel=0.01)


def test_regions_and_voxels_are_those_of_repeated_noise():
    """u of n realisations scatters by 1 / sqrt(2 (n - 1)), 11 %; root mean square over voxels of a region within 15 %."""
    *_, masks = scene()
    means = np.array([[image[m].mean() for m in masks] for image in realisations()])
    ratio = np.sqrt(np.diag(region_covariance(optimum(), masks))) / means.std(axis=0, ddof=1)
    assert np.all(np.abs(ratio - 1) < 3.3 / np.sqrt(2 * (REALISATIONS - 1)))
    uncertainty = uncertainty_image(optimum(), seed=3, combs=8, spacing=5)
    reference = realisations().std(axis=0, ddof=1)
    for mask in masks:
        assert np.sqrt((uncertainty[mask] ** 2).mean() / (reference[mask] ** 2).mean()) == pytest.approx(1, abs=0.15)


def test_a_smoothed_image_has_the_noise_of_its_smoothing():
    engine, expected, additive, masks = scene()
    wanted = {"additive": additive, "iterations": 3, "subsets": SUBSETS}
    answer = Smoothed(sharp=osem_course(engine, expected, **wanted), fwhm=20.0, spacing=SPACING)
    images = [
        smoothed(osem(engine, stream(9, n).poisson(expected).astype(np.float32), **wanted), 20.0, SPACING)
        for n in range(REALISATIONS)
    ]
    means = np.array([[image[m].mean() for m in masks] for image in images])
    ratio = np.sqrt(np.diag(region_covariance(answer, masks))) / means.std(axis=0, ddof=1)
    assert np.all(np.abs(ratio - 1) < 3.3 / np.sqrt(2 * (REALISATIONS - 1)))
    change = np.random.default_rng(2).random(engine.out_shape)
    one = np.sum(answer.gradient(masks[0])[0] * change, dtype=float)
    assert one == pytest.approx(np.sum(masks[0] * answer.response_to(change), dtype=float), rel=1e-3)


def test_what_cannot_be_done_is_said(monkeypatch):
    engine, expected, additive, masks = scene()
    with pytest.raises(InputError, match="must hold activity"):
        optimum_at(engine, np.zeros(engine.in_shape, np.float32), PRIOR, additive=additive)
    monkeypatch.setattr(module, "STEPS", 1)
    with pytest.raises(ConvergenceError, match="stronger prior"):
        optimum().gradient(masks[0])
