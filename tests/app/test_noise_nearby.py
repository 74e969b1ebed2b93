"""What is left out of a noise model does not move the uncertainty of its regions."""

import numpy as np
import pytest

from hevesy.app.noise_nearby import MARGIN, about, within_body
from hevesy.imaging.phantoms import grid_around
from hevesy.imaging.projectors import ParallelHole, circular_orbit
from hevesy.imaging.reconstruct.noise_model import NoiseModel, answer_of
from hevesy.imaging.reconstruct.spect import SpectProtocol
from hevesy.imaging.reconstruct.uncertainty import region_covariance
from hevesy.rng import stream

SIDE, SLICES, ACROSS = 10.0, 30, 28


@pytest.fixture(scope="module")
def model() -> tuple[NoiseModel, np.ndarray]:
    """A tall cylinder of water with a hot ball at a height that is not the middle; the ball's voxels."""
    grid = grid_around((SLICES, ACROSS, ACROSS), SIDE)
    z, y, x = (SIDE * (np.indices(grid.shape)[k] - (n - 1) / 2) for k, n in enumerate(grid.shape))
    body = np.hypot(x, y) < 80
    ball = (x - 20) ** 2 + y**2 + (z - 60) ** 2 < 25**2
    orbit = circular_orbit(16, radius=140.0, rows=SLICES, columns=ACROSS, pixel=(SIDE, SIDE), centre=(0.0, 0.0, 0.0))
    mu = (0.014 * body).astype(np.float32)
    distance = np.arange(0.0, 600.0, 2.0)
    response = np.stack([distance, 5 + 0.05 * distance])
    factors = np.full(16, 0.02)
    support = np.ones((ACROSS, ACROSS), bool)
    operator = ParallelHole(grid, orbit, factors, fwhm=lambda d: np.interp(d, *response), mu=mu, support=support)
    expected = np.maximum(operator.forward((10.0 * body + 90.0 * ball).astype(np.float32)), 0)
    counts = stream(5, 0).poisson(expected).astype(np.float32)
    settings = SpectProtocol(iterations=3, subsets=4)
    return NoiseModel(
        grid=grid, orbit=orbit, factors=factors, counts=counts, beside=(), weights=(), additive=np.zeros_like(counts),
        response=response, mu=mu, support=support, settings=settings,
    ), ball.astype(np.float32)  # fmt: skip


def relative(model: NoiseModel, weights: np.ndarray) -> float:
    answer = answer_of(model)
    mean = float((answer.image * weights).sum() / weights.sum())
    return float(np.sqrt(region_covariance(answer, [weights])[0, 0])) / mean


def test_uncertainty_stays_with_fewer_columns_and_slices(model: tuple[NoiseModel, np.ndarray]) -> None:
    noise, ball = model
    whole = relative(noise, ball)
    slim = within_body(noise, [ball])
    assert slim.support.sum() < 0.5 * noise.support.sum()
    few, (there,) = about(slim, [ball])
    kept = few.counts.shape[1]
    assert few.grid.shape[0] == kept == there.shape[0] < 0.6 * SLICES
    low = few.grid.affine[2, 3]
    high = low + SIDE * (kept - 1)
    assert high - low <= 2 * 25 + 2 * MARGIN
    assert few.orbit.centre[2] == pytest.approx((low + high) / 2)
    assert there.sum() == ball.sum()
    # What differs is the noise that the lost ends would have answered with: next to nothing.
    assert relative(slim, ball) == pytest.approx(whole, rel=5e-3)
    assert relative(few, there) == pytest.approx(whole, rel=5e-3)


def test_a_region_beside_the_body_is_kept(model: tuple[NoiseModel, np.ndarray]) -> None:
    noise, ball = model
    beside = np.zeros_like(ball)
    beside[SLICES // 2, 0, 0] = 1
    assert within_body(noise, [beside]).support[0, 0]
    assert not within_body(noise, [ball]).support[0, 0]
