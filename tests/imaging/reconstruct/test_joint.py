"""Two peaks of one nuclide in one likelihood."""

from dataclasses import replace

import numpy as np
import pytest
from tests.imaging.simulate.cameras import CAMERA

from hevesy.errors import InputError
from hevesy.imaging.phantoms import activity_map, body_map, grid_around, hounsfield_map, uniform_cylinder
from hevesy.imaging.projectors.operator import adjoint_error
from hevesy.imaging.reconstruct.joint import reconstruct_joint
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectSystem, reconstruct_spect, spect_model
from hevesy.imaging.reconstruct.stacked_model import Stacked
from hevesy.imaging.simulate import Effects, counts_in_air, expected_counts, projections_of, step_and_shoot
from hevesy.imaging.systems import Collimator, detector_response
from hevesy.model import EnergyWindow
from hevesy.rng import stream

MELP = Collimator(name="MELP", hole=2.94, septum=1.14, length=40.64)
HALF_LIFE, ENERGIES = 574300.0, (0.11295, 0.208366)
WINDOWS = (EnergyWindow(name="113", lower=101.7, upper=124.3), EnergyWindow(name="208", lower=187.5, upper=229.2))
QUICK = SpectProtocol(iterations=4, subsets=4)


@pytest.fixture(scope="module")
def known():
    grid = grid_around((12, 24, 24), 10.0)
    subject = uniform_cylinder(2e8, HALF_LIFE, diameter=160.0, length=80.0)
    camera = replace(CAMERA, collimators=(MELP,))
    setup = step_and_shoot(
        camera, MELP, nuclide="Lu-177", windows=WINDOWS, duration=1200.0, views=12, radius=130.0, matrix=24, pixel=10.0
    )
    setup = replace(setup, orbit=replace(setup.orbit, rows=12))
    exact = expected_counts(
        activity_map(subject, grid, start=0.0), body_map(subject, grid), setup, effects=Effects(scatter=False, penetration=False)
    )  # fmt: skip
    systems = [
        SpectSystem(
            sensitivity=counts_in_air(setup, n)[0], response=detector_response(camera, MELP, energy).fwhm, half_life=HALF_LIFE,
            peak=window.name, energy=energy,
        )
        for n, (window, energy) in enumerate(zip(WINDOWS, ENERGIES, strict=True))
    ]  # fmt: skip
    return projections_of(exact.total, setup), systems, hounsfield_map(subject, grid)


def test_two_peaks_give_the_activity_and_less_noise(known):
    exact, systems, ct = known
    z, y, x = (np.indices(ct.grid.shape).T * 10.0 - np.array([55.0, 115.0, 115.0])).T
    inside = (np.abs(z) < 25) & (np.hypot(x, y) < 55)
    made = reconstruct_joint(exact, systems, mu=ct, settings=QUICK)
    true = 2e8 / (np.pi * 80.0**2 * 80.0 / 1000)
    assert float(made.image.values[inside].mean()) == pytest.approx(true, rel=0.02)
    assert made.counts == pytest.approx(float(exact.counts.sum()), rel=1e-5)
    few = float(exact.counts[1].max())
    noisy = replace(exact, counts=stream(3, 0).poisson(exact.counts * 20 / few).astype(np.float32))
    both = reconstruct_joint(noisy, systems, mu=ct, settings=QUICK).image.values[inside]
    alone = reconstruct_spect(noisy, systems[1], mu=ct, settings=QUICK).image.values[inside]
    assert both.std() / both.mean() < 0.9 * alone.std() / alone.mean()


def test_stacked_projectors_are_transposes_of_each_other(known):
    exact, systems, ct = known
    parts = [spect_model(exact, system, mu=ct).operator for system in systems]
    whole = Stacked(parts)
    assert whole.out_shape == (24, 12, 24)
    assert adjoint_error(whole, seed=1) < 1e-6
    assert adjoint_error(whole, seed=2, views=np.array([1, 5, 13, 20])) < 1e-6
    image = np.ones(whole.in_shape, np.float32)
    np.testing.assert_allclose(whole.forward(image, np.array([14, 3]))[0], parts[1].forward(image, np.array([2]))[0])


def test_refusals(known):
    exact, systems, ct = known
    with pytest.raises(InputError, match="each of them once"):
        reconstruct_joint(exact, [systems[0], systems[0]], mu=ct)
    with pytest.raises(InputError, match="allowed is none"):
        reconstruct_joint(exact, systems, mu=ct, settings=SpectProtocol(prior="relative difference", beta=0.1))
    with pytest.raises(InputError, match="all of one image"):
        Stacked([])
    assert "not corrected for scatter in 113, 208" in reconstruct_joint(exact, systems, mu=ct, settings=QUICK).remarks[0]
