"""Expectation maximisation against closed forms, its laws, and what it refuses."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.reconstruct import log_likelihood, osem, subsets_of

_spec = importlib.util.spec_from_file_location("small_operators", Path(__file__).with_name("small.py"))
small = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small)


def test_one_step_of_one_bin_a_voxel_is_the_closed_form():
    """For a diagonal operator MLEM is at y / a after one step."""
    a, y = np.array([0.5, 1.0, 2.0]), np.array([[3.0, 0.0, 10.0]])
    image = osem(small.Diagonal(a), y, iterations=1, subsets=1)
    assert image == pytest.approx(y / a, rel=1e-6)


def test_background_is_subtracted_in_the_limit():
    a, y, r = np.array([0.5, 1.0, 2.0]), np.array([[3.0, 4.0, 10.0]]), np.array([[1.0, 1.0, 4.0]])
    image = osem(small.Diagonal(a), y, additive=r, iterations=300, subsets=1)
    assert image == pytest.approx((y - r) / a, rel=1e-4)


def test_two_voxels_two_bins_by_hand():
    """A = [[2, 1], [1, 3]], y = A (3, 5): consistent data are met exactly."""
    operator = small.Dense(2, 1, (1, 1, 2))
    operator.A = np.array([[[2, 1]], [[1, 3]]], np.float32)
    image = osem(operator, np.array([[11.0], [18.0]]), iterations=400, subsets=1)
    assert image.ravel() == pytest.approx([3, 5], rel=1e-4)


def test_likelihood_rises_with_each_iteration_and_totals_are_kept():
    operator = small.Dense()
    y = np.random.default_rng(1).poisson(operator.forward(np.full(operator.in_shape, 20.0))).astype(np.float32)
    found = []
    osem(
        operator, y, iterations=12, subsets=1,
        on_iteration=lambda n, image: found.append((log_likelihood(operator, image, y), operator.forward(image).sum())),
    )  # fmt: skip
    values = [v for v, _ in found]
    assert all(b >= a - 1e-3 for a, b in zip(values, values[1:], strict=False))
    assert all(total == pytest.approx(y.sum(), rel=1e-4) for _, total in found)


def test_mlem_arrives_at_the_optimum_of_a_general_optimiser():
    from scipy.optimize import minimize

    operator = small.Dense(10, 20, (1, 3, 4))
    A = operator.A.reshape(200, -1).astype(float)
    y = np.random.default_rng(2).poisson(A @ np.full(12, 30.0)).astype(float)
    r = np.full(200, 2.0)

    def loss(f):
        q = A @ f + r
        return float(np.sum(q - y * np.log(q))), A.T @ (1 - y / q)

    best = minimize(loss, np.full(12, 10.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * 12, tol=1e-14)
    image = osem(operator, y.reshape(10, 20), additive=r.reshape(10, 20), iterations=3000, subsets=1)
    assert image.ravel() == pytest.approx(best.x, rel=2e-3, abs=0.05)


def test_ordered_subsets_meet_consistent_data_too():
    operator = small.Dense(12, 12)
    truth = np.random.default_rng(3).random(operator.in_shape).astype(np.float32) * 10 + 1
    image = osem(operator, operator.forward(truth), iterations=200, subsets=4)
    assert operator.forward(image) == pytest.approx(operator.forward(truth), rel=2e-3)


def test_progress_goes_to_one():
    operator, seen = small.Dense(), []
    osem(operator, operator.forward(np.ones(operator.in_shape)), iterations=2, subsets=4, progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) == 8
    assert seen[-1] == 1


@pytest.mark.parametrize(("views", "subsets"), [(120, 10), (7, 3), (5, 5), (9, 1)])
def test_subsets_hold_each_view_once(views, subsets):
    groups = subsets_of(views, subsets)
    assert sorted(np.concatenate(groups)) == list(range(views))
    assert len(groups) == subsets
    assert max(g.size for g in groups) - min(g.size for g in groups) <= 1


def test_the_next_subset_is_far_from_the_last():
    first, second = subsets_of(120, 8)[:2]
    assert abs(int(first[0]) - int(second[0])) == 4


def test_refusals():
    operator = small.Dense()
    y = np.ones(operator.out_shape)
    with pytest.raises(InputError, match="at least 1"):
        osem(operator, y, iterations=0, subsets=1)
    with pytest.raises(InputError, match="Choose fewer subsets"):
        osem(operator, y, iterations=1, subsets=99)
    with pytest.raises(InputError, match="not negative"):
        osem(operator, -y, iterations=1, subsets=1)
    with pytest.raises(InputError, match="the projector makes"):
        osem(operator, y[:2], iterations=1, subsets=1)
    with pytest.raises(InputError, match="first image"):
        osem(operator, y, iterations=1, subsets=1, start=-np.ones(operator.in_shape))


def test_counts_that_nothing_explains_do_not_take_over_the_image():
    """A hot pixel beside the body, where the model expects next to nothing: no negative voxel, no voxel out of scale."""
    from hevesy.imaging.projectors import ParallelHole, centred_grid, circular_orbit

    orbit = circular_orbit(24, radius=200, rows=24, columns=24, pixel=(8.0, 8.0))
    grid = centred_grid((24, 24, 24), (8.0, 8.0, 8.0), (0.0, 0.0, 0.0))
    operator = ParallelHole(grid, orbit, np.ones(24), fwhm=lambda d: 4 + 0.04 * d)
    z, y, x = np.indices((24, 24, 24)) - 11.5
    body = ((x**2 + y**2 < 36) & (abs(z) < 8)).astype(np.float32)
    counts = np.maximum(operator.forward(body), 0)
    counts *= np.float32(50 / counts.max())
    clean = osem(operator, counts, iterations=4, subsets=6)
    spoilt = counts.copy()
    spoilt[:, 2, 2] += 5
    image = osem(operator, spoilt, iterations=4, subsets=6)
    assert image.min() >= 0
    assert image.max() < 1.05 * clean.max()
    assert image[body > 0].mean() == pytest.approx(clean[body > 0].mean(), rel=1e-3)
