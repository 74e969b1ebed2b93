"""Lines of response: transposes, closed forms, crystals and sinogram bins, sensitivity, list-mode reconstruction."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.imaging.pet.bodies import CYLINDER, DETECTION, FIELD, RINGS, block, body

from hevesy.errors import InputError
from hevesy.imaging.pet.cylinder import Cylinder
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.lines import LineModel, LineSet, integrals, neighbours_first, spread_back, transmission
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.listmode_osem import ListModeSettings, listmode_osem
from hevesy.imaging.pet.rings import Rings, sinogram_layout
from hevesy.imaging.pet.simulate import coincidences
from hevesy.imaging.pet.sinogram import SinogramModel
from hevesy.imaging.pet.voxel_sensitivity import voxel_sensitivity
from hevesy.imaging.projectors.operator import adjoint_error
from hevesy.rng import stream

NONE = np.empty(0, np.float32)


def some_lines(n, tof, seed=1):
    rng = stream(seed, 0)
    pairs = rng.integers(0, RINGS.crystals, (n, 2))
    pairs[:, 1] = (
        pairs[:, 0] // RINGS.per_ring * RINGS.per_ring + (pairs[:, 0] + rng.integers(60, 100, n)) % RINGS.per_ring + 17
    ) % RINGS.crystals
    offset = rng.normal(0, 50, n).astype(np.float32) if tof else NONE
    return LineSet(ends=RINGS.ends(pairs), offset=offset, tof_fwhm=tof)


@pytest.mark.parametrize("tof", [0.0, 214.0, 550.0])
def test_the_pair_are_transposes(tof):
    made = LineModel(FIELD, some_lines(2000, tof), resolution=(5.0, 5.0))
    assert adjoint_error(made, seed=1) < 1e-6
    assert adjoint_error(made, seed=1, views=np.arange(0, 2000, 7)) < 1e-6


def test_the_pair_of_the_sinogram_are_transposes():
    made = SinogramModel(FIELD, sinogram_layout(RINGS, radial=61, most_rings_apart=3), mu=body())
    assert adjoint_error(made, seed=1) < 1e-6
    assert adjoint_error(made, seed=1, views=np.array([5, 40])) < 1e-6


@pytest.mark.parametrize("way", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0.4, 0.2), (0.3, -1, 0.8), (0.2, 0.3, 1)])
def test_integral_of_a_linear_image(way):
    """Joseph's rule is exact for an image linear in position, up to the ends of the line in the box."""
    field = Field(shape=(41, 41, 41), side=5.0, thickness=4.0)
    x, y, z = field.centres()
    image = (10 + 0.01 * x[:, None, None] + 0.02 * y[:, None] - 0.03 * z).astype(np.float32)
    d = np.array(way, float) / np.linalg.norm(way)
    ends = np.concatenate([[3, -2, 5] - 60 * d, [3, -2, 5] + 60 * d]).astype(np.float32)
    found = integrals(field, image, LineSet(ends=ends[None], offset=np.array([4.0]), tof_fwhm=100.0))[0]
    at = np.array([3, -2, 5]) + 4 * d
    assert found == pytest.approx(10 + 0.01 * at[0] + 0.02 * at[1] - 0.03 * at[2], rel=5e-3)


def test_transmission_of_a_cylinder():
    lines = LineSet(ends=[[-400, 0, 5, 400, 0, 5], [-400, 0, -60, 400, 0, 60]], offset=NONE, tof_fwhm=0.0)
    through = transmission(FIELD, body(), lines)
    assert -np.log(through[0]) == pytest.approx(0.0096 * 220, rel=0.03)  # voxels of 8 mm at the skin
    assert np.log(through[1]) / np.log(through[0]) == pytest.approx(math.hypot(800, 120) / 800, rel=0.01)


def test_order_of_neighbours_is_an_order():
    for tof in (0.0, 214.0):
        assert np.array_equal(np.sort(neighbours_first(some_lines(500, tof))), np.arange(500))


def test_each_pair_of_crystals_has_one_bin():
    layout = sinogram_layout(RINGS, radial=81, most_rings_apart=2)
    pairs = layout.pairs().reshape(-1, 2)
    assert np.all(layout.histogram(pairs) == 1)
    assert np.all(layout.histogram(pairs[:, ::-1]) == 1)


def test_weights_of_crystals_add_to_the_solid_angle():
    made = SinogramModel(FIELD, sinogram_layout(RINGS, radial=31))
    _, _, z = FIELD.centres()
    image = np.zeros(made.in_shape, np.float32)
    image[:, 18:22, 18:22] = 1
    expected = 16 * FIELD.voxel_volume * CYLINDER.seen(10, z).sum()
    assert made.forward(image).sum() == pytest.approx(expected, rel=0.01)


def test_sensitivity_of_voxels_is_that_of_all_lines():
    exact = SinogramModel(FIELD, sinogram_layout(RINGS, radial=81), mu=body())
    whole = exact.adjoint(np.ones(exact.out_shape, np.float32)) / FIELD.voxel_volume
    ours = voxel_sensitivity(FIELD, RINGS, mu=body())
    x, y, z = FIELD.centres()
    inside = (x**2 + y[:, None] ** 2 < 120**2) & (np.abs(z) < 80)[:, None, None]
    assert (ours / whole)[inside].mean() == pytest.approx(1, abs=0.01)
    assert (ours / whole)[inside].std() < 0.08  # the crystals' own grain in the sum over lines


def test_efficiency_of_crystals_scales_sensitivity():
    half = voxel_sensitivity(FIELD, RINGS, crystal_efficiency=np.full(RINGS.crystals, 0.5))
    whole = voxel_sensitivity(FIELD, RINGS)
    assert half == pytest.approx(0.25 * whole, rel=1e-4)


def test_list_mode_finds_the_activity():
    """Rings as fine as the voxels: the sensitivity knows a cylinder, coarser rings would show their grain along z."""
    fine = Rings(radius=410.0, per_ring=160, rings=24, pitch=10.0, most_rings_apart=23, stopping=1.7)
    found = coincidences(FIELD, block(), body(), replace(DETECTION, rings=fine), duration=3.0, seed=2)
    trues = found.events.some(found.events.kind == 0)
    sensitivity = voxel_sensitivity(FIELD, fine, mu=body()) * (3.0 * 0.967 * 0.5 * FIELD.voxel_volume)
    expected = float((block() * sensitivity).sum())
    assert abs(len(trues) - expected) < 4 * math.sqrt(expected) + 0.005 * expected
    settings = ListModeSettings(iterations=5, subsets=5, resolution=(4.0, 4.0))
    image = listmode_osem(trues, FIELD, sensitivity, settings=settings)
    assert (image * sensitivity).sum() == pytest.approx(len(trues), rel=0.02)
    assert image.sum() == pytest.approx(block().sum(), rel=0.02)
    x, y, z = FIELD.centres()
    core = (np.abs(x - 40) < 14) & (np.abs(y)[:, None] < 40) & (np.abs(z) < 60)[:, None, None]
    # the tents of linear interpolation cannot show the sharp skin of the slab: they overshoot beside it
    assert image[core].mean() == pytest.approx(1000, rel=0.03)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="offset for each line"):
        LineSet(ends=np.zeros((2, 6)), offset=NONE, tof_fwhm=200.0)
    with pytest.raises(InputError, match="even number"):
        Rings(radius=400.0, per_ring=25, rings=1, pitch=4.0, most_rings_apart=0)
    given = {"rings": RINGS, "pairs": [[0, 80], [5, 90]], "tof_fwhm": 200.0, "duration": 1.0}
    with pytest.raises(InputError, match="offset of 1 events is not finite"):
        ListMode(offset=np.array([0.0, np.nan]), **given)
    with pytest.raises(InputError, match="1 events name one crystal twice"):
        ListMode(offset=np.zeros(2), **(given | {"pairs": [[0, 80], [5, 5]]}))
    with pytest.raises(InputError, match="lasts nan s"):
        ListMode(offset=np.zeros(2), **(given | {"duration": math.nan}))
    made = LineModel(FIELD, some_lines(10, 0.0))
    with pytest.raises(InputError, match="shape"):
        made.forward(np.zeros((2, 2, 2)))
    assert spread_back(FIELD, np.zeros(10), some_lines(10, 0.0)).max() == 0
    with pytest.raises(InputError, match="mm"):
        Cylinder(diameter=0.8, length=0.2, acceptance=0.2)
