"""Septal penetration by rays, against closed forms and against photons that are followed through each wall."""

from dataclasses import replace

import numpy as np
import pytest
from tests.imaging.simulate.cameras import LEHR, TECHNETIUM

from hevesy.errors import ScopeError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, point_source, uniform_cylinder
from hevesy.imaging.projectors import Orbit
from hevesy.imaging.simulate import Acquisition, counts_in_air, counts_through_walls, penetration, triple_windows, wide_camera
from hevesy.imaging.simulate.monte_carlo import FIRST, PRIMARY
from hevesy.imaging.systems import Collimator, geometric_efficiency, ring_camera

HIGH = Collimator(name="HE", hole=4.0, septum=2.0, length=59.7)
RING = ring_camera("ge-starguide")
SQUARE = RING.collimators[0]


def test_walls_stop_what_they_are_made_for():
    low, through = penetration(LEHR, TECHNETIUM), penetration(LEHR, 0.3645)
    assert 0.002 < low.fraction < 0.04  # 1 to 3 % at 140 keV
    assert through.fraction > 1.0  # a low-energy collimator is open for I-131
    high = penetration(HIGH, 0.3645)
    assert 0.02 < high.fraction < 0.6
    assert high.fraction < through.fraction


def test_corners_of_a_square_hole_are_no_wall():
    # Two walls of 0.2 mm on the shortest way at 113 keV: exp(-mu w) is 1e-6.
    assert penetration(SQUARE, 0.113).fraction < 1e-4
    assert penetration(SQUARE, TECHNETIUM).fraction < 1e-3


@pytest.mark.parametrize("collimator", [LEHR, SQUARE])
def test_rays_that_stay_in_their_hole_are_what_the_effective_length_says(collimator):
    """Anger's L - 2/mu against rays with the edges they pass; 2 %: rays, and that his formula has no pattern."""
    from hevesy.imaging.simulate._kernels import through_cells
    from hevesy.imaging.systems.crystal import attenuation

    pitch = collimator.hole + collimator.septum
    edges, passed = np.linspace(0, 3 * pitch / collimator.length, 40), np.empty((2, 39))
    sizes = (collimator.hole, pitch, collimator.length)
    mu, shape = attenuation(collimator.material, TECHNETIUM), {"square": 0, "hexagonal": 1}[collimator.shape]
    through_cells(shape, sizes, mu, edges, 600, 250, passed)
    same = 0.5 * passed[0] @ -np.diff((1 + edges**2) ** -0.5)
    assert same == pytest.approx(geometric_efficiency(collimator, TECHNETIUM), rel=0.02)


def test_the_kernel_holds_the_fraction_and_widens_with_distance():
    found = penetration(HIGH, 0.3645)
    near, far = (found.kernel(d, (5.0, 5.0), 60) for d in (50.0, 300.0))
    assert near.sum() == pytest.approx(found.fraction, rel=1e-4)
    r = np.hypot(*np.meshgrid(np.arange(-60, 61), np.arange(-60, 61)))
    assert (near * r).sum() / near.sum() < (far * r).sum() / far.sum()


def looking(energy, *, camera=RING, columns=16, rows=112, radius=100.0, collimator=SQUARE):
    orbit = Orbit(
        angles=np.zeros(1), radii=np.full(1, radius), shifts=np.zeros(1), rows=rows, columns=columns, pixel=(2.46, 2.46)
    )
    return Acquisition(
        camera=camera, collimator=collimator, nuclide="Lu-177", windows=triple_windows(energy)[:1], orbit=orbit,
        starts=np.zeros(1), durations=np.ones(1),
    )  # fmt: skip


def test_photons_through_each_wall_add_up_to_the_model():
    """A point in air before a head that is wide enough for all that crosses walls: 208 keV, where a fifth does."""
    found = looking(0.2084, camera=wide_camera(RING), columns=160, rows=160)
    point, grid = point_source(1e6, found.half_life), grid_around((3, 3, 3), 2.0)
    photons = counts_through_walls(activity_map(point, grid, start=0.0), body_map(point, grid), found, seed=2, histories=160_000)
    holes, walls = counts_in_air(found)
    decays = 1e6 * found.decays()[0]
    for part, modelled in ((photons.holes, holes), (photons.walls, walls)):
        total, u = part.total(PRIMARY, 0)
        # 2 %: the crystal's efficiency at nodes, Anger's formula; of the walls 4 %: rays by steps, what lands beside the head.
        assert abs(total / decays / modelled - 1) < 4 * u / total + (0.02 if part is photons.holes else 0.04)


def test_scatter_comes_through_holes_too_and_hexagons_are_refused():
    found = looking(0.113, radius=60.0)
    subject, grid = uniform_cylinder(1e7, found.half_life, diameter=80.0, length=80.0), grid_around((12, 12, 12), 8.0)
    activity, body = activity_map(subject, grid, start=0.0), body_map(subject, grid)
    photons = counts_through_walls(activity, body, found, seed=3, histories=20_000)
    assert photons.holes.total(FIRST, 0)[0] > 0.1 * photons.holes.total(PRIMARY, 0)[0]
    assert photons.walls.total(PRIMARY, 0)[0] < 1e-3 * photons.holes.total(PRIMARY, 0)[0]
    with pytest.raises(ScopeError, match="square holes"):
        counts_through_walls(activity, body, replace(found, collimator=LEHR), seed=3, histories=20_000)
