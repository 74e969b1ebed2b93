"""The penalised image of events: a general optimiser's, that of the same counts in bins; what beta means."""

import functools

import numpy as np
import pytest
from tests.imaging.pet.bodies import CYLINDER
from tests.imaging.pet.tiny import FIELD, SETTINGS, TOF, events, scene

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.listmode_likelihood import events_in_subsets
from hevesy.imaging.pet.listmode_osem import ListModeSettings, listmode_map
from hevesy.imaging.pet.rebinned import RebinnedModel
from hevesy.imaging.pet.smoothness import pet_prior
from hevesy.imaging.reconstruct.map import map_estimate
from hevesy.imaging.reconstruct.optimum import optimum_at


@functools.cache
def prior():
    return pet_prior(FIELD, scene().sensitivity, level=700.0, beta=300.0, tof_fwhm=TOF)


@functools.cache
def listed():
    found, background, _ = events(1)
    return events_in_subsets(
        found, FIELD, scene().sensitivity, subsets=1, resolution=SETTINGS["resolution"], background=background
    )  # fmt: skip


def objective(image):
    return listed().value(image) - prior().value(image)


@functools.cache
def penalised(subsets, passes):
    found, background, _ = events(1)
    settings = ListModeSettings(iterations=passes, subsets=subsets, **SETTINGS)
    values = []
    image = listmode_map(
        found, FIELD, scene().sensitivity, prior(), settings=settings, background=background,
        on_iteration=lambda n, image: values.append(objective(image)),
    )  # fmt: skip
    return image, values


def test_the_fixed_point_is_the_optimum_of_a_general_optimiser():
    from scipy.optimize import minimize

    seen = listed().sensitivity > 0
    start, operator, (background,) = listed().even_image(), listed().operator, listed().data.additive

    def loss(f):
        image = np.zeros_like(start)
        image[seen] = f
        expected = operator.forward(image) + background
        value = np.log(expected.astype(float)).sum() - np.sum(listed().sensitivity * image, dtype=float)
        slope = operator.adjoint(1 / expected) - listed().sensitivity - prior().gradient(image)
        return prior().value(image) - value, -slope[seen].astype(float)

    best = minimize(loss, start[seen].astype(float), jac=True, method="L-BFGS-B", bounds=[(0, None)] * int(seen.sum()),
                    options={"maxiter": 100, "ftol": 1e-12, "gtol": 1e-6})  # fmt: skip
    for subsets, passes, short in ((1, 150, 0.02), (4, 60, 0.5)):
        image, _ = penalised(subsets, passes)
        assert objective(image) >= -best.fun - short  # of a log likelihood: 0.5 is a standard deviation of one parameter
        if subsets == 1:  # 100 steps of either still move voxels at the rim, which few lines see, by some parts in a thousand
            assert image[seen] == pytest.approx(best.x, abs=0.01 * 1000, rel=0.01)


def test_the_objective_rises_and_stands():
    for subsets, passes, rounding in ((1, 150, 0.1), (4, 60, 0.5)):
        _, values = penalised(subsets, passes)
        after = values[1:]
        assert all(b >= a - rounding for a, b in zip(after, after[1:], strict=False))
        assert after[-1] - after[-10] < 0.1


def test_events_and_bins_have_the_same_optimum():
    made = scene()
    _, _, y = events(1)
    additive = made.b * made.model.factor * (made.expected > 0)
    binned = map_estimate(made.model, y, prior(), additive=additive, iterations=150, subsets=1)
    image, _ = penalised(1, 150)
    seen = listed().sensitivity > 0
    assert image[seen] == pytest.approx(binned[seen], abs=0.01 * 1000, rel=0.01)


def test_counts_and_units_do_not_change_the_smoothness():
    """Ten times the counts at the same image: the same optimum, because the prior goes with the sensitivity."""
    made = scene()
    found, additive = [], made.b * made.model.factor * (made.expected > 0)
    for gain in (1.0, 10.0):
        factor = made.model.factor
        try:
            made.model.factor = factor * np.float32(gain)
            strength = pet_prior(FIELD, made.sensitivity * gain, level=700.0, beta=300.0, tof_fwhm=TOF)
            found.append(
                map_estimate(made.model, made.expected * gain, strength, additive=additive * gain, iterations=10, subsets=4)
            )
        finally:
            made.model.factor = factor
    assert found[1] == pytest.approx(found[0], rel=2e-3, abs=1)


def test_what_does_not_fit_is_refused():
    found, background, _ = events(1)
    with pytest.raises(InputError, match="at least 2"):
        listmode_map(found, FIELD, scene().sensitivity, prior(), settings=ListModeSettings(iterations=1))
    with pytest.raises(InputError, match="not finite or below 0"):
        events_in_subsets(found, FIELD, scene().sensitivity, subsets=2, background=-background)
    with pytest.raises(InputError, match="one an event is possible"):
        events_in_subsets(found.some(np.arange(3)), FIELD, scene().sensitivity, subsets=4)
    with pytest.raises(InputError, match="mean activity"):
        pet_prior(FIELD, scene().sensitivity, level=0.0)


@pytest.mark.parametrize("tof", [0.0, 214.0])
def test_beta_means_the_same_with_and_without_time_of_flight(tof):
    """A wave that 6 mm FWHM would halve is halved in an even disc: to 0.07 for the pixels and the edge of the disc."""
    field = Field(shape=(40, 40, 4), side=4.0, thickness=4.0)
    x, y, _ = field.centres()
    disc = np.broadcast_to(np.hypot(x, y[:, None]) < 72, (4, 40, 40)).astype(np.float32) * 1000
    made = RebinnedModel(field, CYLINDER, tof_fwhm=tof, views=30, mu=disc * 9.6e-6, gain=1e3)
    sensitivity = made.adjoint(np.ones(made.out_shape, np.float32))
    strength = pet_prior(field, sensitivity, level=1000.0, tof_fwhm=tof, chord=144.0)
    point = np.zeros_like(disc)
    point[:, 20, 20] = 1
    shown = optimum_at(made, disc, strength).response_to(made.forward(point))[2]
    q = 2 * np.log(2) / (np.pi * 6)
    assert float(np.sum(shown * np.cos(2 * np.pi * q * (x - x[20])))) / shown.sum() == pytest.approx(0.5, abs=0.07)
