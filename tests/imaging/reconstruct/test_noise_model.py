"""A reconstruction as data: the same image and covariance again, and nearly so on coarser voxels."""

import functools

import numpy as np
import pytest

from hevesy.imaging.projectors import ParallelHole, centred_grid, circular_orbit
from hevesy.imaging.reconstruct import SpectProtocol, SpectSystem, reconstruct_spect, spect_model
from hevesy.imaging.reconstruct.noise_model import answer_of, coarsened, in_blocks, noise_model
from hevesy.imaging.reconstruct.uncertainty import covariance_of_sums
from hevesy.model import EnergyWindow, Projections

N, SLICES, SIDE, VIEWS = 48, 16, 5.0, 24
WINDOWS = (
    EnergyWindow(name="low", lower=166, upper=187), EnergyWindow(name="peak", lower=187, upper=229),
    EnergyWindow(name="high", lower=229, upper=250),
)  # fmt: skip
SYSTEM = SpectSystem(
    sensitivity=1e-5, response=lambda d: np.hypot(4.0, 0.06 * d), half_life=5.7e5, peak="peak", scatter_windows=("low", "high"),
    energy=0.208,
)  # fmt: skip
OSEM = SpectProtocol(iterations=3, subsets=6)
MAP = SpectProtocol(iterations=6, subsets=6, prior="relative difference", beta=1e-4)


@functools.cache
def scan():
    """Projections with noise, attenuation, and regions: two of 40 and 30 mm, all of the body."""
    grid = centred_grid((SLICES, N, N), (SIDE,) * 3)
    z, y, x = ((np.indices(grid.shape)[a] - (grid.shape[a] - 1) / 2) * SIDE for a in range(3))
    body = (x / 100) ** 2 + (y / 75) ** 2 < 1
    large, small = ((x - c) ** 2 + y**2 + z**2 < (d / 2) ** 2 for c, d in ((40, 40), (-40, 30)))
    f = np.where(body, 40e3, 0.0)
    f[large | small] = 400e3
    mu = np.where(body, 0.0135, 0).astype(np.float32)
    orbit = circular_orbit(VIEWS, radius=150, rows=SLICES, columns=N, pixel=(SIDE, SIDE))
    expected = ParallelHole(grid, orbit, np.full(VIEWS, 6e-4), fwhm=SYSTEM.response, mu=mu).forward(f.astype(np.float32))
    counts = np.random.default_rng(1).poisson([s * np.maximum(expected, 0) for s in (0.1, 1.2, 0.1)])
    made = Projections(
        counts=counts.astype(np.float32), windows=WINDOWS, angles=orbit.angles, radii=orbit.radii, starts=np.zeros(VIEWS),
        durations=np.full(VIEWS, 60.0), pixel=(SIDE, SIDE), nuclide="Lu-177",
    )  # fmt: skip
    return made, mu, [m.astype(np.float32) for m in (large, small, body)]


def model_of(settings):
    made, mu, _ = scan()
    return noise_model(spect_model(made, SYSTEM, mu=mu), made, SYSTEM, mu=mu, settings=settings)


def test_the_image_comes_again():
    made, mu, _ = scan()
    image = reconstruct_spect(made, SYSTEM, mu=mu, settings=OSEM).image.values
    again = answer_of(model_of(OSEM)).image
    assert np.abs(again - image).max() < 2e-3 * image.max()  # the response is a table


@pytest.mark.parametrize("settings", [OSEM, MAP])
def test_coarser_voxels_have_nearly_the_relative_uncertainty(settings):
    """Within 10 % for regions of three joined voxels and more."""
    *_, masks = scan()
    found = []
    for times in (1, 2):
        answer = answer_of(coarsened(model_of(settings), times))
        weights = [in_blocks(m, (times,) * 3) for m in masks]
        sums = [float(np.sum(w * answer.image, dtype=float)) for w in weights]
        found.append(covariance_of_sums(answer, weights) / np.outer(sums, sums))
    u = [np.sqrt(np.diag(c)) for c in found]
    assert u[1] == pytest.approx(u[0], rel=0.1)
    correlations = [c / np.outer(v, v) for c, v in zip(found, u, strict=True)]
    assert np.abs(correlations[1] - correlations[0]).max() < 0.1


def test_what_does_not_divide_stays():
    noise = model_of(OSEM)
    assert coarsened(noise, 5) is noise
    half = coarsened(noise, 2)
    assert half.counts.sum() == pytest.approx(noise.counts.sum())
    assert half.grid.spacing == pytest.approx((10.0, 10.0, 10.0))
    ends = [g.affine[:3, :3] @ (np.array(g.shape[::-1]) - 0.5) + g.affine[:3, 3] for g in (noise.grid, half.grid)]
    assert ends[0] == pytest.approx(ends[1])
