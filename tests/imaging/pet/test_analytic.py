"""Noise in closed form against reconstructions; growth with mass; figures of NEMA."""

import math
import time

import numpy as np
import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.analytic import LIVER, Trunk, activity_for, noise_model, plane_integral, trunk_of
from hevesy.imaging.pet.cylinder import Cylinder, pair_share, pair_share_table
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.rebinned import MM_PER_PS, RebinnedModel
from hevesy.imaging.pet.rebinned_osem import rebinned_osem
from hevesy.imaging.pet.resolution import FWHM, ResolutionModel
from hevesy.imaging.pet.simulate import poisson
from hevesy.imaging.systems import pet_scanner

# Reference woman (60 kg, 163 cm) and man (73 kg, 176 cm) of ICRP Publication 89: how height goes with mass.
HEIGHT_BY_MASS = np.log(176 / 163) / np.log(73 / 60)


def exponent(name, taller=0.0, **given):
    masses = np.array([50.0, 60, 75, 90, 105, 120])
    trunks = [trunk_of(mass, 1760 * (mass / 73) ** taller) for mass in masses]
    models = [noise_model(pet_scanner(name), trunk, filter_fwhm=6.0, place=LIVER, **given) for trunk in trunks]
    activities = [
        activity_for(m, cov=0.10, duration=300.0, mass=mass, uptake=2.2, decay=0.68)
        for m, mass in zip(models, masses, strict=True)
    ]
    return np.polyfit(np.log(masses), np.log(activities), 1)[0]


@pytest.mark.parametrize("name", ["siemens-vision-600", "siemens-quadra", "ge-discovery-mi-4", "siemens-mct-flow"])
def test_activity_grows_about_with_the_square_of_mass(name):
    """Clinics find 2 (de Groot et al., EJNMMI Res 2013;3:63) in patients of whom the heavy are also taller. At one height a
    heavier body is wider only, and the growth is steeper."""
    assert 1.75 < exponent(name, taller=HEIGHT_BY_MASS, updates=24) < 2.25
    assert 1.75 < exponent(name, taller=HEIGHT_BY_MASS) < 2.25
    assert 2.2 < exponent(name, updates=24) < 2.6


@pytest.mark.parametrize(("tof", "iterations"), [(210.0, 3), (500.0, 3), (0.0, 3)])
def test_noise_is_that_of_reconstructions(tof, iterations):
    """Within a quarter: the closed form is stationary, the reconstruction is not."""
    field = Field(shape=(48, 48, 8), side=5.0, thickness=5.0)
    x, y, _ = field.centres()
    disc = (x**2 + y[:, None] ** 2 < 100**2) & np.ones(8, bool)[:, None, None]
    cylinder = Cylinder(diameter=820.0, length=1000.0, acceptance=1000.0, stopping=1.7)
    model = RebinnedModel(field, cylinder, tof_fwhm=tof, views=32, mu=disc * 0.0096, gain=40.0)
    expected = model.forward(disc * 1000.0)
    smooth = ResolutionModel(field=field, transaxial=10.0, axial=10.0)
    core = x**2 + y[:, None] ** 2 < 50**2
    found = []
    for batch in range(5):
        image = rebinned_osem(model, poisson(expected, seed=8, batch=batch), iterations=iterations, subsets=8)
        found.append(smooth.blur(np.ascontiguousarray(image.T)).T[2:6][:, core])
    cov = math.sqrt(np.var(found, axis=0, ddof=1).mean()) / np.mean(found)
    plane = plane_integral(10 / FWHM, tof * MM_PER_PS / FWHM, 200.0, updates=8 * iterations)
    share = float(cylinder.seen(0, 0, 0.0096 * 200)) * 1e-3
    ours = math.sqrt(plane / (2 * math.sqrt(math.pi) * 10 / FWHM) / share / (1000 * 40))
    assert cov == pytest.approx(ours, rel=0.25)


def test_it_takes_milliseconds():
    scanner, trunk = pet_scanner("siemens-quadra"), trunk_of(75)
    noise_model(scanner, trunk, filter_fwhm=6.0)
    start = time.perf_counter()
    for _ in range(5):
        noise_model(scanner, trunk, filter_fwhm=6.0, updates=24)
    assert (time.perf_counter() - start) / 5 < 0.1  # about 15 ms on a quiet machine


def test_noise_model_answers_its_own_questions():
    model = noise_model(pet_scanner("siemens-vision-600"), trunk_of(75), filter_fwhm=6.0, updates=24)
    c = model.concentration_for(0.1, 120.0)
    assert float(model.cov(c, 120.0)) == pytest.approx(0.1)
    assert model.duration_for(0.1, c) == pytest.approx(120.0)
    assert model.tof_gain > 3
    assert model.geometric_sensitivity > 5 * model.sensitivity
    with pytest.raises(ScopeError, match="Scan longer"):
        model.concentration_for(0.001, 1.0)


def test_long_scanner_needs_less():
    short, long = (
        noise_model(pet_scanner(n), trunk_of(75), filter_fwhm=6.0, updates=24) for n in ("siemens-vision-600", "siemens-quadra")
    )
    assert long.per_exposure < 0.7 * short.per_exposure


def test_chords():
    trunk = Trunk(half_width=200.0, half_depth=100.0, length=1000.0)
    chords = trunk.chords()
    assert chords.max() == pytest.approx(400, rel=0.01)
    assert chords.min() == pytest.approx(200, rel=0.01)
    circle = Trunk(half_width=100.0, half_depth=100.0, length=1000.0).chords((0.6, 0.0))
    assert circle.max() == pytest.approx(200, rel=0.01)
    assert circle.min() == pytest.approx(160, rel=0.01)
    with pytest.raises(InputError, match="outside the trunk"):
        trunk.chords((1.0, 0.5))
    with pytest.raises(InputError, match="kg"):
        trunk_of(75000)


def test_a_scanner_without_figures_is_refused():
    with pytest.raises(ScopeError, match="Give scatter_fraction"):
        noise_model(pet_scanner("uih-umi-panorama"), trunk_of(75), filter_fwhm=6.0)


def test_table_of_shares():
    d, L = np.meshgrid(np.linspace(0.01, 1.1, 30), np.linspace(0, 6, 30), indexing="ij")
    assert pair_share_table(d, L, 1.7) == pytest.approx(pair_share(d, L, 1.7), rel=2e-3)
    assert pair_share(0.5, 0.0, 50.0) == pytest.approx(math.sin(0.5), rel=1e-6)
