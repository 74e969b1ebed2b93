"""The parallel-hole projector against projectors written in other ways: within 1 %."""

import numpy as np
import pytest

from hevesy.imaging.projectors import Orbit, ParallelHole, centred_grid, circular_orbit

N, SIDE, RADIUS = 48, 6.0, 200.0


def response(distance):
    return 2.3548 * (0.0232 * distance + 0.816)


def phantom():
    """Smooth blobs in a body with a lighter region: activity and attenuation [1/mm] of one slice, (y, x)."""
    y, x = (np.mgrid[:N, :N] - (N - 1) / 2) * SIDE
    f = np.zeros((N, N))
    for cx, cy, s, c in ((-40, 10, 14, 5.0), (45, 30, 18, 2.0), (0, -50, 25, 1.0), (20, 0, 12, 3.0)):
        f += c * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s**2))
    edge = np.clip((110 - np.hypot(x, 1.2 * y)) / SIDE + 0.5, 0, 1)
    light = np.clip((35 - np.hypot(x + 45, y - 10)) / SIDE + 0.5, 0, 1)
    return f, 0.0154 * edge - 0.010 * light * edge


def by_voxel_matrix(f, mu, angles):
    """Each voxel alone: its ray to the detector sampled finely, its Gaussian integrated over every column by erf."""
    from scipy.ndimage import map_coordinates
    from scipy.special import erf

    y, x = (np.mgrid[:N, :N].reshape(2, -1) - (N - 1) / 2) * SIDE
    edges = (np.arange(N + 1) - N / 2) * SIDE
    views = []
    for a in np.deg2rad(angles):
        n, u = np.array([np.sin(a), np.cos(a)]), np.array([-np.cos(a), np.sin(a)])
        depth, across = x * n[0] + y * n[1], x * u[0] + y * u[1]
        steps = np.arange(0.5, 240.0) * 1.0  # mm
        at = [((c[:, None] + steps * m) / SIDE + (N - 1) / 2) for c, m in ((y, n[1]), (x, n[0]))]
        passed = np.exp(-map_coordinates(mu, at, order=1).sum(axis=1))
        sigma = 0.0232 * (RADIUS - depth) + 0.816
        z = (edges - across[:, None]) / (np.sqrt(2) * sigma[:, None])
        views.append((f.ravel() * passed) @ np.diff(0.5 * erf(z), axis=1))
    return np.array(views) * SIDE**3 / 1000


ANGLES = np.array([0.0, 17.0, 45.0, 100.0, 211.0, 300.0])


def against_rays():
    """What, our profile, the matrix's: attenuation and response in the middle of 25 slices, so that none are lost.

    A Gaussian of the depth by erf against a chain of small blurs. The matrix integrates over a column, ours interpolates
    between voxels: 1/12 and 0 to 1/4 pixel^2.
    """
    f, mu = phantom()
    grid = centred_grid((25, N, N), (SIDE, SIDE, SIDE))
    for angle, theirs in zip(ANGLES, by_voxel_matrix(f, mu, ANGLES), strict=True):
        orbit = circular_orbit(1, radius=RADIUS, rows=25, columns=N, pixel=(SIDE, SIDE), start=float(angle))
        engine = ParallelHole(grid, orbit, 1.0, fwhm=response, mu=np.stack([mu] * 25))
        yield f"{angle:g} degrees", engine.forward(np.stack([f] * 25))[0, 12], theirs


def test_attenuation_and_response_against_a_matrix_by_voxels():
    for _, ours, theirs in against_rays():
        assert np.max(np.abs(ours - theirs)) < 0.01 * theirs.max()
        assert ours.sum() == pytest.approx(theirs.sum(), rel=0.005)


def test_totals_behind_attenuation_against_a_matrix_by_voxels():
    f, mu = phantom()
    angles = np.arange(24) * 15.0 + 4
    grid = centred_grid((2, N, N), (SIDE, SIDE, SIDE))
    orbit = circular_orbit(24, radius=RADIUS, rows=2, columns=N, pixel=(SIDE, SIDE), start=4)
    engine = ParallelHole(grid, orbit, 1.0, mu=np.stack([mu] * 2))
    ours = engine.forward(np.stack([f] * 2)).sum(axis=(1, 2)) / 2
    theirs = by_voxel_matrix(f, mu, angles).sum(axis=1)
    assert ours == pytest.approx(theirs, rel=0.01)
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.003)


def test_boundaries_between_voxels_absorb_as_much_as_both_sides():
    """Two light regions with hard edges: 0.05 %. Interpolating exp(-mu d) instead of mu would let 0.12 % more through."""
    f, _ = phantom()
    y, x = (np.mgrid[:N, :N] - (N - 1) / 2) * SIDE
    mu = 0.0154 * (np.hypot(x, 1.2 * y) < 110) - 0.0109 * (np.hypot(np.abs(x) - 45, y) < 32)
    grid = centred_grid((2, N, N), (SIDE, SIDE, SIDE))
    orbit = circular_orbit(24, radius=RADIUS, rows=2, columns=N, pixel=(SIDE, SIDE), start=4)
    ours = ParallelHole(grid, orbit, 1.0, mu=np.stack([mu] * 2)).forward(np.stack([f] * 2)).sum(dtype=float) / 2
    assert ours == pytest.approx(by_voxel_matrix(f, mu, orbit.angles).sum(), rel=8e-4)


def bare_slice():
    """Blobs without matter and angles of radon: an odd size, so that its centre is a voxel."""
    n = 47
    y, x = (np.mgrid[:n, :n] - (n - 1) / 2) * SIDE
    f = sum(
        c * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s**2))
        for cx, cy, s, c in ((-40, 10, 14, 5.0), (45, 30, 18, 2.0), (0, -50, 25, 1.0))
    )
    f[np.hypot(x, y) > (n // 2) * SIDE] = 0
    return f, np.arange(12) * 30.0 + 7


def ours_without_attenuation(f, theta):
    """radon(theta) looks from our angle 180 + theta: same pixels, same centre."""
    n = f.shape[0]
    grid = centred_grid((2, n, n), (SIDE, SIDE, SIDE))
    angles = theta + 180
    orbit = Orbit(
        angles=angles, radii=np.full(angles.size, RADIUS), shifts=np.zeros(angles.size), rows=2, columns=n, pixel=(SIDE, SIDE)
    )
    return ParallelHole(grid, orbit, 1000 / SIDE**3).forward(np.stack([f] * 2))[:, 0]


def by_scikit_image(f, theta):
    from skimage.transform import radon

    return radon(f, theta, circle=True).T


def by_astra(f, theta):
    """Lines through voxels with linear interpolation, on the processor; its angles run the other way round."""
    import astra

    n = f.shape[0]
    volume = astra.create_vol_geom(n, n)
    views = astra.create_proj_geom("parallel", 1.0, n, np.deg2rad(theta))
    projector = astra.create_projector("linear", views, volume)
    number, counts = astra.create_sino(f.astype(np.float32), projector)
    astra.data2d.delete(number)
    astra.projector.delete(projector)
    return np.array(counts)


def test_without_attenuation_against_scikit_image():
    pytest.importorskip("skimage.transform")
    f, theta = bare_slice()
    ours, theirs = ours_without_attenuation(f, theta), by_scikit_image(f, theta)
    assert np.max(np.abs(ours - theirs)) < 0.01 * theirs.max()


def test_scikit_image_reconstructs_our_projections():
    """Filtered back projection of ours beside that of scikit-image's own: within 1 % of the maximum."""
    transform = pytest.importorskip("skimage.transform")
    f, _ = bare_slice()
    theta = np.arange(90) * 2.0
    a, b = (
        transform.iradon(counts.T, theta, circle=True, filter_name="hann")
        for counts in (ours_without_attenuation(f, theta), by_scikit_image(f, theta))
    )
    assert np.max(np.abs(a - b)) < 0.01 * b.max()
