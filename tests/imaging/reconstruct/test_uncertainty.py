"""Uncertainties against finite differences and against repeated noise."""

import functools

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.projectors import ParallelHole, centred_grid, circular_orbit
from hevesy.imaging.reconstruct import osem
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.imaging.reconstruct.uncertainty import gradient, osem_course, region_covariance, response_to, uncertainty_image
from hevesy.rng import stream

N, SIDE, SLICES = 24, 10.0, 10
ITERATIONS, SUBSETS, REALISATIONS = 4, 6, 100


@functools.cache
def scene():
    """A cylinder with a hot and a cold sphere: operator, expected counts, additive term, masks."""
    grid = centred_grid((SLICES, N, N), (SIDE, SIDE, SIDE))
    z, y, x = np.indices(grid.shape) - (np.array(grid.shape) - 1)[:, None, None, None] / 2
    body = (x**2 + y**2 < 9**2) & (np.abs(z) < 4)
    hot, cold = ((x - s * 4) ** 2 + y**2 + z**2 < 5 for s in (1, -1))
    middle, edge = (x**2 + (y - 4) ** 2 + z**2 < 4.5), (x**2 + (y + 6) ** 2 < 4) & (np.abs(z) < 3)
    f = np.where(body, 100.0, 0.0)
    f[hot], f[cold] = 400.0, 20.0
    engine = ParallelHole(
        grid, circular_orbit(30, radius=170, rows=SLICES, columns=N, pixel=(SIDE, SIDE)), 0.1,
        fwhm=lambda d: 2 + 0.05 * d, mu=np.where(body, 0.015, 0.0), support=body, threads=1,
    )  # fmt: skip
    additive = np.full(engine.out_shape, 2.0, np.float32)
    return engine, engine.forward(f.astype(np.float32)) + additive, additive, body, (hot, cold, middle, edge)


@functools.cache
def course():
    engine, expected, additive, _, _ = scene()
    return osem_course(engine, expected, additive=additive, iterations=ITERATIONS, subsets=SUBSETS)


@functools.cache
def realisations():
    engine, expected, additive, _, _ = scene()
    return np.array([
        osem(
            engine, stream(11, n).poisson(expected).astype(np.float32), additive=additive, iterations=ITERATIONS,
            subsets=SUBSETS,
        )
        for n in range(REALISATIONS)
    ])  # fmt: skip


def test_the_course_ends_at_the_image_of_osem():
    engine, expected, additive, _, _ = scene()
    assert np.array_equal(course().image, osem(engine, expected, additive=additive, iterations=ITERATIONS, subsets=SUBSETS))


def test_gradient_is_that_of_finite_differences():
    engine, expected, additive, body, (hot, *_) = scene()
    by_counts, by_additive = gradient(course(), hot / hot.sum())
    rng = np.random.default_rng(0)
    change = (rng.standard_normal(expected.shape) * 0.02 * expected).astype(np.float32)

    def mean(y, r):
        return float(osem(engine, y, additive=r, iterations=ITERATIONS, subsets=SUBSETS)[hot].mean(dtype=np.float64))

    found = (mean(expected + change, additive) - mean(expected - change, additive)) / 2
    # The first image follows the total of the counts; its level is forgotten after a pass, all but 2 %.
    assert float(np.sum(by_counts * change)) == pytest.approx(found, rel=0.02)
    shift = np.full_like(additive, 0.2)
    found = (mean(expected, additive + shift) - mean(expected, additive - shift)) / 2
    assert float(np.sum(by_additive * shift)) == pytest.approx(found, rel=0.02)


def test_the_two_ways_of_the_derivative_are_transposes():
    rng = np.random.default_rng(1)
    weights, change = rng.random(course().image.shape), rng.random(course().operator.out_shape)
    back, _ = gradient(course(), weights)
    one, other = np.sum(back * change, dtype=float), np.sum(weights * response_to(course(), change), dtype=float)
    assert one == pytest.approx(other, rel=1e-4)


def test_region_uncertainties_are_those_of_repeated_noise():
    """Variance ratios of n realisations scatter by sqrt(2 / (n - 1)): z-scores below 3.3 for four regions."""
    *_, masks = scene()
    covariance = region_covariance(course(), masks)
    means = np.array([[image[m].mean() for m in masks] for image in realisations()])
    sample = np.cov(means.T)
    ratio = np.diag(sample) / np.diag(covariance)
    assert np.all(np.abs(ratio - 1) < 3.3 * np.sqrt(2 / (REALISATIONS - 1)))
    correlation, seen = (c / np.sqrt(np.outer(np.diag(c), np.diag(c))) for c in (covariance, sample))
    off = ~np.eye(4, dtype=bool)
    assert np.all(np.abs(seen - correlation)[off] < 3.3 / np.sqrt(REALISATIONS))


def test_voxel_uncertainties_are_those_of_repeated_noise():
    """Root mean square over regions within 15 % (25 % for spheres of a few voxels); scatter of the reference 1 to 4 %."""
    *_, body, (hot, cold, middle, edge) = scene()
    uncertainty = uncertainty_image(course(), seed=3, combs=6, spacing=5)
    reference = realisations().std(axis=0, ddof=1)
    for mask, tolerance in ((body, 0.15), (middle, 0.15), (edge, 0.15), (hot, 0.3), (cold, 0.3)):
        ratio = np.sqrt((uncertainty[mask] ** 2).mean() / (reference[mask] ** 2).mean())
        assert ratio == pytest.approx(1, abs=tolerance)
    assert np.all(uncertainty[:, ~body.any(axis=0)] == 0)


def test_noise_of_the_scatter_windows_adds():
    """Exact for what is linear: covariance of sums of the estimate itself."""
    rng = np.random.default_rng(2)
    level = np.full((2, 12, 12), 9.0, np.float32)
    estimate = WindowScatter(counts=(level, 2 * level), weights=(0.5, 0.8), sigma=(1.0, 1.5))
    weights = [np.zeros(level.shape, np.float32) for _ in range(2)]
    weights[0][:, 5:8, 5:8], weights[1][:, 6:9, 5:8] = 1, 1
    found = estimate.covariance(weights)
    sums = []
    for _ in range(1500):
        noisy = tuple(rng.poisson(c).astype(np.float32) for c in estimate.counts)
        scatter = WindowScatter(counts=noisy, weights=(0.5, 0.8), sigma=(1.0, 1.5)).estimate()
        sums.append([float((w * scatter).sum()) for w in weights])
    sample = np.cov(np.array(sums).T)
    assert sample == pytest.approx(found, rel=4 * np.sqrt(2 / 1500))


def test_regions_are_checked():
    with pytest.raises(InputError, match="no region"):
        region_covariance(course(), [])
    with pytest.raises(InputError, match="not empty"):
        region_covariance(course(), [np.zeros(course().image.shape)])


class Falling:
    """One bin a voxel, seen ten times worse at the ends of the axis than in its middle."""

    def __init__(self):
        z = np.abs(np.arange(16) - 7.5)
        self.a = np.broadcast_to((1 - 0.9 * z / 7.5)[:, None, None], (16, 12, 12)).astype(np.float32)
        self.in_shape, self.out_shape = self.a.shape, (1, self.a.size)

    def forward(self, image, views=None):
        return (self.a * image).reshape(1, -1).astype(np.float32)

    def adjoint(self, projections, views=None):
        return self.a * projections.reshape(self.a.shape)


def test_voxels_near_the_ends_of_a_scanner_have_their_own_noise():
    """One update of one bin a voxel is y / a, with the variance f / a: to 5 % (float32 and the rim of the Gaussian)."""
    operator = Falling()
    course = osem_course(operator, operator.forward(np.full(operator.in_shape, 100.0)), iterations=1, subsets=1)
    found = uncertainty_image(course, seed=1, combs=2, spacing=4, sensitivity=operator.a)
    assert found == pytest.approx(np.sqrt(100 / operator.a), rel=0.05)
