"""The parallel-hole projector: directions, totals, response, attenuation, and the transpose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.projectors import Orbit, ParallelHole, adjoint_error, centred_grid, circular_orbit
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM, five_points
from hevesy.model import Grid

N, SIDE = 32, 8.0
GRID = centred_grid((N, N, N), (SIDE, SIDE, SIDE))


def response(distance):
    return (0.0232 * distance + 0.816) / SIGMA_PER_FWHM


def ring(views=8, *, rows=N, columns=N, pixel=(SIDE, SIDE), radius=180.0, **more):
    return circular_orbit(views, radius=radius, rows=rows, columns=columns, pixel=pixel, **more)


def body(radius=90.0, mu=0.0154):
    y, x = (np.mgrid[:N, :N] - (N - 1) / 2) * SIDE
    return np.broadcast_to(np.where(x**2 + y**2 < radius**2, mu, 0.0), (N, N, N)).astype(np.float32)


def centroid(counts):
    """Mean column and row of one view, from 0."""
    row, column = np.indices(counts.shape)
    return float((column * counts).sum() / counts.sum()), float((row * counts).sum() / counts.sum())


def voxel_at(grid, x, y, z):
    index = np.linalg.solve(grid.affine, [x, y, z, 1])[:3]
    return tuple(int(round(i)) for i in index[::-1])


# Where a point at the patient's left (x > 0), back (y > 0) and head (z > 0) must appear, in mm right of and below the middle
# of the view, seen from the detector: from the back the patient's left lies left, from the front it lies right.
@pytest.mark.parametrize("x", [-60.0, 36.0])
@pytest.mark.parametrize("y", [-44.0, 68.0])
@pytest.mark.parametrize("z", [-52.0, 84.0])
def test_points_appear_where_one_who_looks_from_the_detector_sees_them(x, y, z):
    right_of_middle = {0.0: -x, 90.0: y, 180.0: x, 270.0: -y}
    image = np.zeros(GRID.shape, np.float32)
    image[voxel_at(GRID, x, y, z)] = 1
    engine = ParallelHole(GRID, ring(4), 1.0)
    for angle, counts in zip(engine.orbit.angles, engine.forward(image), strict=True):
        column, row = centroid(counts)
        assert (column - (N - 1) / 2) * SIDE == pytest.approx(right_of_middle[float(angle)], abs=1e-3)
        assert (row - (N - 1) / 2) * SIDE == pytest.approx(-z, abs=1e-3)


@settings(max_examples=15)
@given(angle=st.floats(-720, 720), x=st.integers(-9, 9), y=st.integers(-9, 9))
def test_any_angle_projects_a_point_by_its_cosine(angle, x, y):
    orbit = Orbit(angles=[angle], radii=[200.0], shifts=[0.0], rows=N, columns=N, pixel=(SIDE, SIDE), centre=(3.0, -5.0, 2.0))
    image = np.zeros(GRID.shape, np.float32)
    image[16, 16 + y, 16 + x] = 1
    place = (GRID.affine @ [16 + x, 16 + y, 16, 1])[:3] - [3.0, -5.0, 2.0]
    a = np.deg2rad(angle)
    column, row = centroid(ParallelHole(GRID, orbit, 1.0).forward(image)[0])
    assert (column - (N - 1) / 2) * SIDE == pytest.approx(-np.cos(a) * place[0] + np.sin(a) * place[1], abs=0.1 * SIDE)
    assert (row - (N - 1) / 2) * SIDE == pytest.approx(-place[2], abs=0.5)


def test_the_nearer_detector_counts_more_behind_matter():
    image = np.zeros(GRID.shape, np.float32)
    image[voxel_at(GRID, 60.0, 0.0, 4.0)] = 1  # at the patient's left
    counts = ParallelHole(GRID, ring(4), 1.0, mu=body()).forward(image).sum(axis=(1, 2))
    assert np.argmax(counts) == 1  # 90 degrees: the detector at the patient's left
    assert np.argmin(counts) == 3


def blob(grid, sigma, *, along_z=True):
    """A smooth source around the middle; a single voxel would be sampled unevenly by planes that are turned."""
    z, y, x = (np.arange(n) - (n - 1) / 2 for n in grid.shape)
    sx, _, sz = grid.spacing
    flat = np.exp(-((y[:, None] * sx) ** 2 + (x * sx) ** 2) / (2 * sigma**2))
    axial = np.exp(-((z * sz) ** 2) / (2 * sigma**2)) if along_z else np.ones(z.size)
    return (axial[:, None, None] * flat).astype(np.float32)


def test_total_counts_are_activity_times_sensitivity_without_losses():
    """Sampling by turned planes scatters by 0.4 % from view to view for so small a source, and not on the mean."""
    image = blob(GRID, 1.5 * SIDE) * 500
    factors = np.linspace(0.5, 1.5, 24)
    counts = ParallelHole(GRID, ring(24, start=3), factors, fwhm=response).forward(image).sum(axis=(1, 2))
    activity = image.sum() * SIDE**3 / 1000
    assert counts == pytest.approx(activity * factors, rel=6e-3)
    assert np.mean(counts / factors) == pytest.approx(activity, rel=1e-3)


def test_attenuation_to_the_middle_of_a_cylinder_is_that_of_the_closed_form():
    """exp(-mu R) times exp((mu s)^2 / 2 + mu s^2 / (2 R)) for a source of width s in the middle; voxels of 8 mm: 0.5 %."""
    R, mu, s, fine = 90.0, 0.0154, 8.0, 4
    y, x = (np.mgrid[: N * fine, : N * fine] - (N * fine - 1) / 2) * SIDE / fine
    share = (x**2 + y**2 < R**2).reshape(N, fine, N, fine).mean(axis=(1, 3))
    image = blob(GRID, s)
    bare, behind = (
        ParallelHole(GRID, ring(32), 1.0, mu=m).forward(image).sum() for m in (None, np.broadcast_to(mu * share, GRID.shape))
    )
    assert behind / bare == pytest.approx(np.exp(-mu * R + (mu * s) ** 2 / 2 + mu * s**2 / (2 * R)), rel=0.005)


def test_transmission_table_and_making_it_each_time_agree():
    image = np.random.default_rng(0).random(GRID.shape, dtype=np.float32)
    kept, made = (ParallelHole(GRID, ring(), 1.0, mu=body(), memory=m).forward(image) for m in (1e9, 0.0))
    assert np.array_equal(kept, made)


def test_width_of_a_point_is_that_of_the_response_plus_interpolation():
    """Variance sigma^2, on the axes without interpolation: two half pixels of distance 1 make s^2 / 4 each way."""
    fine = centred_grid((48, 49, 49), (2.0, 2.0, 2.0))
    image = np.zeros(fine.shape, np.float32)
    image[24, 24, 24] = 1
    orbit = Orbit(angles=[0, 90], radii=[100, 200], shifts=[0, 0], rows=48, columns=49, pixel=(2.0, 2.0), centre=(0, 0, 0))
    for counts, radius in zip(ParallelHole(fine, orbit, 1.0, fwhm=response).forward(image), (100, 200), strict=True):
        row, column = np.indices(counts.shape)
        for axis in (row, column):
            mean = (axis * counts).sum() / counts.sum()
            variance = ((axis - mean) ** 2 * counts).sum() / counts.sum() * 4
            assert variance == pytest.approx((0.0232 * radius + 0.816) ** 2, rel=2e-3)


def test_line_source_in_air_has_the_analytic_profile():
    """A line of width s along z: across it a Gaussian of variance s^2 + sigma^2(distance), within 1.5 % of its peak.

    Interpolation adds 1/6 pixel^2, here 2 % of the variance and half of that of the peak.
    """
    grid, s = centred_grid((8, 65, 65), (2.0, 2.0, 2.0)), 4.0
    image = blob(grid, s, along_z=False)
    orbit = circular_orbit(6, radius=150, rows=8, columns=65, pixel=(2.0, 2.0), start=10)
    counts = ParallelHole(grid, orbit, 1.0, fwhm=response).forward(image).sum(axis=1)
    counts /= counts.sum(axis=1, keepdims=True)
    total = np.hypot(s, 0.0232 * 150 + 0.816)
    u = (np.arange(65) - 32) * 2.0
    expected = np.exp(-(u**2) / (2 * total**2)) / (np.sqrt(2 * np.pi) * total) * 2
    assert np.max(np.abs(counts - expected)) < 0.015 * expected.max()


def test_five_points_have_the_moments_of_a_gaussian():
    for v in (0.05, 0.3, 0.75):
        centre, first, second = five_points(np.array(v))
        assert centre + 2 * first + 2 * second == pytest.approx(1)
        assert 2 * first + 8 * second == pytest.approx(v)
        assert 2 * first + 32 * second == pytest.approx(3 * v**2)


CASES = {
    "plain": (ring(), {}),
    "response": (ring(), {"fwhm": response}),
    "all": (ring(), {"fwhm": response, "mu": body()}),
    "support": (ring(), {"fwhm": response, "mu": body(), "support": body() > 0}),
    "wide response": (ring(), {"fwhm": lambda d: 0.2 * d + 20}),
    "other pixels": (ring(5, rows=41, columns=23, pixel=(5.5, 9.1), start=33, arc=-180), {"fwhm": response, "mu": body()}),
    "more rows": (ring(3, rows=60, columns=40), {"fwhm": response, "mu": body()}),
    "fewer rows": (ring(3, rows=20, columns=20), {"fwhm": response, "mu": body()}),
    "close": (ring(3, radius=70.0), {"fwhm": response, "mu": body()}),
}


@pytest.mark.parametrize("name", CASES)
def test_adjoint(name):
    orbit, more = CASES[name]
    engine = ParallelHole(GRID, orbit, np.linspace(1, 2, orbit.views), **more)
    assert adjoint_error(engine, seed=3) < 1e-6
    assert adjoint_error(engine, seed=4, views=np.array([2, 0])) < 1e-6


def test_adjoint_voxel_by_voxel():
    """Random positive vectors hide an error of a few voxels; point by point nothing hides."""
    orbit = ring(3, rows=30, columns=26, start=17)
    engine = ParallelHole(GRID, orbit, 1.0, fwhm=response, mu=body(), support=body() > 0)
    rng = np.random.default_rng(5)
    y = rng.random(engine.out_shape, dtype=np.float32)
    back = engine.adjoint(y)
    for _ in range(12):
        at = tuple(rng.integers(6, 26, 3))
        point = np.zeros(GRID.shape, np.float32)
        point[at] = 1
        assert float(np.sum(engine.forward(point) * y, dtype=np.float64)) == pytest.approx(float(back[at]), rel=2e-5, abs=1e-9)


def test_subset_of_views_and_any_number_of_threads_give_the_same():
    image = np.random.default_rng(1).random(GRID.shape, dtype=np.float32)
    one, two = (ParallelHole(GRID, ring(), 1.0, fwhm=response, mu=body(), threads=n) for n in (1, 2))
    whole = one.forward(image)
    assert np.array_equal(whole, two.forward(image))
    assert np.array_equal(whole[[5, 1]], two.forward(image, np.array([5, 1])))
    assert np.array_equal(one.adjoint(whole), two.adjoint(whole))


def test_detector_of_other_pixels_counts_the_same_total():
    image = np.zeros(GRID.shape, np.float32)
    image[12:20, 12:20, 12:20] = 1
    one = ParallelHole(GRID, ring(4), 1.0, fwhm=response).forward(image).sum()
    other = ParallelHole(GRID, ring(4, rows=50, columns=47, pixel=(4.8, 5.3)), 1.0, fwhm=response).forward(image).sum()
    assert other == pytest.approx(float(one), rel=1e-3)


def test_shift_of_the_detector_moves_the_picture_against_it():
    image = np.zeros(GRID.shape, np.float32)
    image[16, 16, 16] = 1
    still, moved = (
        Orbit(angles=[0], radii=[180], shifts=[shift], rows=N, columns=N, pixel=(SIDE, SIDE)) for shift in (0.0, 2 * SIDE)
    )
    (a, _), (b, _) = (centroid(ParallelHole(GRID, orbit, 1.0).forward(image)[0]) for orbit in (still, moved))
    assert b - a == pytest.approx(-2, abs=1e-4)


def test_what_lies_behind_the_collimator_is_not_seen():
    image = np.zeros(GRID.shape, np.float32)
    image[16, 28, 16] = 1  # 100 mm towards the back
    orbit = Orbit(angles=[0, 180], radii=[60, 180], shifts=[0, 0], rows=N, columns=N, pixel=(SIDE, SIDE))
    near, far = ParallelHole(GRID, orbit, 1.0).forward(image).sum(axis=(1, 2))
    assert near == 0
    assert far > 0


def test_outside_the_support_nothing_is_projected():
    engine = ParallelHole(GRID, ring(), 1.0, fwhm=response, support=body()[0] > 0)
    image = np.where(body() > 0, 0, 1).astype(np.float32)
    assert engine.forward(image).max() == 0
    assert engine.adjoint(np.ones(engine.out_shape))[body() == 0].max() == 0


@pytest.mark.parametrize(("image", "near"), [("smooth", 3e-4), ("noise", 3e-3)])
def test_a_support_that_holds_everything_changes_next_to_nothing(image, near):
    """It leaves out lines and planes; the way from the last plane to the detector is then made in a few larger blurs."""
    inside = body(60.0) > 0
    f = {"smooth": blob(GRID, 2 * SIDE), "noise": np.random.default_rng(6).random(GRID.shape)}[image] * inside
    whole, cut = (
        ParallelHole(GRID, ring(6, start=8), 1.0, fwhm=response, mu=body(), support=s).forward(f) for s in (None, inside)
    )
    assert np.max(np.abs(cut - whole)) < near * whole.max()
    assert cut.sum(dtype=float) == pytest.approx(whole.sum(dtype=float), rel=1e-4)


def test_refusals():
    turned = Grid(shape=(N, N, N), affine=np.diag([-SIDE, SIDE, SIDE, 1.0]))
    with pytest.raises(InputError, match="Resample the image"):
        ParallelHole(turned, ring(), 1.0)
    with pytest.raises(InputError, match="square across"):
        ParallelHole(centred_grid((N, N, N), (8.0, 7.0, 8.0)), ring(), 1.0)
    with pytest.raises(InputError, match="attenuation map"):
        ParallelHole(GRID, ring(), 1.0, mu=np.zeros((3, 3, 3)))
    with pytest.raises(ScopeError, match="sharper with distance"):
        ParallelHole(GRID, ring(), 1.0, fwhm=lambda d: 20 - 0.01 * d)
    with pytest.raises(InputError, match="takes images of shape"):
        ParallelHole(GRID, ring(), 1.0).forward(np.zeros((2, 2, 2)))
    with pytest.raises(InputError, match="one finite number a view"):
        Orbit(angles=[0, 1], radii=[1.0], shifts=[0, 0], rows=1, columns=1, pixel=(1.0, 1.0))
