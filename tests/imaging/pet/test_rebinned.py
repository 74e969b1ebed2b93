"""The rebinned model: transposes, conservation, agreement with lines of response and with Poisson reconstruction."""

import numpy as np
import pytest
from tests.imaging.pet.bodies import CYLINDER, FIELD, RINGS, block, body

from hevesy.errors import InputError
from hevesy.imaging.pet.cylinder import Cylinder
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.rebinned import RebinnedModel, tof_kernel
from hevesy.imaging.pet.rebinned_osem import rebinned_osem
from hevesy.imaging.pet.rings import sinogram_layout
from hevesy.imaging.pet.simulate import poisson
from hevesy.imaging.pet.sinogram import SinogramModel
from hevesy.imaging.projectors.operator import adjoint_error
from hevesy.imaging.reconstruct.osem import osem


def model(**given):
    return RebinnedModel(FIELD, CYLINDER, **({"tof_fwhm": 214.0, "views": 24, "mu": body(), "resolution": (5.0, 5.0)} | given))


@pytest.mark.parametrize("tof", [0.0, 214.0, 500.0])
def test_the_pair_are_transposes(tof):
    made = model(tof_fwhm=tof)
    assert adjoint_error(made, seed=1) < 1e-6
    assert adjoint_error(made, seed=2, views=np.array([3, 8])) < 1e-6


def test_a_point_is_counted_as_its_solid_angle_says():
    made = model(mu=None, resolution=(0.0, 0.0))
    image = np.zeros(made.in_shape, np.float32)
    image[12, 20, 24] = 1000
    z = FIELD.centres()[2][12]
    assert made.forward(image).sum() == pytest.approx(1000 * FIELD.voxel_volume * float(CYLINDER.seen(36, z)), rel=0.01)


def test_time_of_flight_moves_counts_but_keeps_them():
    counts = [model(tof_fwhm=tof, resolution=(0.0, 0.0)).forward(block()).sum() for tof in (0.0, 214.0)]
    assert counts[0] == pytest.approx(counts[1], rel=1e-4)


@pytest.mark.parametrize(("sigma", "width"), [(0.0, 3), (3.3, 4), (8.0, 1)])
def test_bins_of_a_depth_add_to_one(sigma, width):
    kernel = tof_kernel(sigma, width)
    phase = np.arange(kernel.size) % (32 * width)
    assert np.bincount(phase, weights=kernel) == pytest.approx(1, abs=1e-5)


def test_it_agrees_with_lines_of_response_in_all():
    made = SinogramModel(FIELD, sinogram_layout(RINGS, radial=81), mu=body(), resolution=(5.0, 5.0))
    whole = (body() > 0).astype(np.float32)
    # rebinning moves oblique lines between planes, so that a short object differs a little more than a long one
    for image, tolerance in ((whole, 0.01), (block(), 0.02)):
        assert made.forward(image).sum() == pytest.approx(model().forward(image).sum(), rel=tolerance)


def test_it_agrees_with_lines_of_response_by_profile():
    layout = sinogram_layout(RINGS, radial=81)
    lines = SinogramModel(FIELD, layout, mu=body()).forward(block())
    flat = model(tof_fwhm=0.0, resolution=(0.0, 0.0), views=80)
    ours = flat.forward(block())
    by_view = ours.sum(axis=(1, 2)) / ours.sum(), lines.sum(axis=(1, 2)) / lines.sum()
    # view 0 of the crystals lies along x, that of the rebinned model along y
    assert by_view[0] == pytest.approx(np.roll(by_view[1], 40), rel=0.03)


def test_the_fused_loop_gives_the_iterates_of_osem():
    made = model(gain=50.0)
    counts = poisson(made.forward(block()), seed=3)
    additive = np.full(made.out_shape, 0.01, np.float32)
    start = np.full(made.in_shape, 10, np.float32)
    ours = rebinned_osem(made, counts, additive=additive, iterations=2, subsets=4, start=start)
    theirs = osem(made, counts, additive=additive, iterations=2, subsets=4, start=start)
    inside = body() > 0
    assert np.abs(ours - theirs)[inside].max() < 2e-3 * theirs.max()


def test_an_even_cylinder_comes_back_even():
    made = model(gain=1e4, resolution=(0.0, 0.0))
    truth = (body() > 0).astype(np.float32) * 1000
    found = rebinned_osem(made, made.forward(truth), iterations=8, subsets=8)
    x, y, z = FIELD.centres()
    core = ((x / 80) ** 2 + (y[:, None] / 55) ** 2 < 1) & (np.abs(z) < 100)[:, None, None]
    assert found[core].mean() == pytest.approx(1000, rel=0.005)
    assert found[core].std() < 0.02 * 1000


def test_what_does_not_fit_is_refused():
    made = model()
    with pytest.raises(InputError, match="views 24 to 24 are asked for; the model has 0 to 23"):
        made.forward(block(), np.array([24]))
    with pytest.raises(InputError, match="the image has shape"):
        made.forward(block()[1:])
    with pytest.raises(InputError, match="square"):
        RebinnedModel(Field(shape=(10, 12, 4), side=4.0, thickness=4.0), CYLINDER, tof_fwhm=200.0)
    with pytest.raises(InputError, match="ps"):
        model(tof_fwhm=5000.0)
    with pytest.raises(InputError, match="acceptance"):
        Cylinder(diameter=800.0, length=200.0, acceptance=300.0)
