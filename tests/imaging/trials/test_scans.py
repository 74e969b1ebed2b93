"""Real scanners in small trials: the analytic layer against reconstruction, weight, a ring against flat heads."""

import numpy as np
import pytest
from tests.imaging.trials.weights import exponent

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import body_named, tracer_named
from hevesy.imaging.systems import camera, pet_scanner
from hevesy.imaging.trials import Lesion, PetScan, SpectScan, Target, Task, kidney_noise, make_scene, patient
from hevesy.imaging.trials.analytic import analytic_scan, sphere_recovery
from hevesy.imaging.trials.patient import lean_mass
from hevesy.imaging.trials.protocol import Protocol
from hevesy.imaging.trials.region_noise import organ_sphere
from hevesy.rng import stream

COARSE = Protocol(voxel=9.6, views=24, iterations=3, subsets=4, filter_fwhm=12.0, margin=40.0)
SMALL_PET = Protocol(voxel=5.0, views=32, iterations=3, subsets=8, filter_fwhm=8.0, margin=15.0)
FDG = tracer_named("fdg")


@pytest.mark.parametrize("name", ["ge-discovery-mi-4", "siemens-quadra"])
def test_activity_grows_about_with_the_square_of_weight_at_constant_liver_noise(name):
    # de Groot et al., EJNMMI Res. 3 (2013) 63: quadratic, 46 to 130 kg; for the Siemens mCT and Vision see the cases.
    assert 1.8 < exponent(name, 46.0, 130.0) < 2.3


def test_surplus_weight_is_fat_around_organs_that_grow_with_lean_mass():
    light, man, heavy = (patient(w) for w in (60.0, 73.0, 120.0))
    assert light.organ_mass == 0  # all of it
    assert man.factors == pytest.approx((1, 1, 1))
    # 120 kg, 180 cm, BMI 37.0: 9270 x 120 / (6680 + 216 x 37.04) = 75.8 kg lean; 73 kg, 176 cm: 57.5 kg
    assert lean_mass(120.0, 1800.0) == pytest.approx(75.8, abs=0.1)
    assert heavy.organ_mass == pytest.approx(73 * 75.8 / 57.5, rel=0.003)


@pytest.mark.parametrize(
    ("name", "weight"), [("siemens-vision-600", 70.0), ("ge-discovery-690", 20.0), ("siemens-quadra", 105.0)]
)
def test_the_analytic_layer_agrees_with_reconstructions(name, weight):
    body, scanner = patient(weight), pet_scanner(name)
    inner, _, along = body.factors
    task = Task(lesion=None, factors=(inner, inner, along))
    scene = make_scene(body, FDG, task, duration=120.0, voxel=SMALL_PET.voxel, margin=SMALL_PET.margin)
    scan = PetScan(scanner, scene, SMALL_PET)
    liver, activity = scene.weights(task.liver) >= 0.5, 2 * weight
    layer = analytic_scan(scanner, body, FDG, task, duration=120.0, protocol=SMALL_PET)
    found = [scan.image(activity, 120.0, lesion=False, draw=stream(1, k))[liver] for k in range(4)]
    cov = np.mean([values.std(ddof=1) / values.mean() for values in found])
    # 10 % is what the closed form was found to miss over bodies and scanners; four scans of some ten independent volumes are
    # known to 8 % more.
    assert cov == pytest.approx(float(layer.cov(activity, 120.0)), rel=0.18)
    assert np.mean(found) == pytest.approx(scene.activity.values[liver].mean(), rel=0.05)


def test_a_blurred_sphere():
    assert sphere_recovery(10.0, 0.0) == 1.0
    # A sharp edge loses 3/D <s>/2 of it, <s> = 2 sqrt(2/pi) sigma the mean distance in a Gaussian.
    sigma = 1 / 2.35482
    assert 1 - sphere_recovery(30.0, 1.0) == pytest.approx(1.5 / 30 * 2 * np.sqrt(2 / np.pi) * sigma, rel=1e-3)
    # A small sphere in a wide blur: its volume times the middle of the Gaussian.
    wide = np.pi / 6 * 1000 / (2 * np.pi * (100 / 2.35482) ** 2) ** 1.5
    assert sphere_recovery(10.0, 100.0) == pytest.approx(wide, rel=0.02)


def test_what_the_closed_form_does_not_know_is_refused():
    body = patient(70.0)
    layer = analytic_scan(pet_scanner("siemens-quadra"), body, FDG, Task(lesion=Lesion(), factors=body.factors), duration=120.0)
    with pytest.raises(ScopeError, match="--analytic"):
        layer.activity_for(Target(kind="detectability", limit=0.9), 120.0)
    with pytest.raises(ScopeError, match="no activity meets it"):
        layer.activity_for(Target(kind="cov", limit=0.006), 1.0)
    assert layer.duration_for(Target(kind="cnr", limit=5), 100.0) > 0
    place = Task(lesion=Lesion(place="lung"), factors=body.factors)
    scanner = pet_scanner("siemens-quadra")
    with pytest.raises(InputError, match="knows the liver"):
        analytic_scan(scanner, body, FDG, place, duration=120.0)


def test_a_ring_of_columns_sees_what_flat_heads_see():
    body = body_named("adult-male")
    task = Task(lesion=None, factors=(1.0, 1.0, 1.0))
    scene = make_scene(
        body, tracer_named("dotatate"), task, duration=600.0, voxel=COARSE.voxel, margin=COARSE.margin,
        spheres=(organ_sphere("kidney", (1.0, 1.0, 1.0)),),
    )  # fmt: skip
    made = {}
    for name, collimator in (("siemens-intevo", "MELP"), ("ge-starguide", "integrated")):
        chosen = camera(name)
        scan = SpectScan(chosen, chosen.collimator(collimator), scene, COARSE)
        made[name] = scan.image(7400.0, 600.0, lesion=False)
        cut = (scene.grid.shape[0] - scan.grid.shape[0]) // 2
        truth = scene.activity.values[cut : scene.grid.shape[0] - cut]
        hot = truth > 0.5 * truth.max()
        assert 0.5 < made[name][hot].mean() / truth[hot].mean() < 1.1
        if name == "siemens-intevo":
            noise = kidney_noise(scan, 7400.0)
            draws = []
            for k in range(12):
                image = scan.image(185.0, 600.0, lesion=False, draw=stream(5, k))
                draws.append(float(image[hot].mean()))
            assert noise.u_after(2400.0) == pytest.approx(noise.u_relative / 2)
            assert 250 < noise.volume < 500
            # 40 times the activity, about the same region: sqrt(40) less noise
            assert 0.3 < np.std(draws, ddof=1) / np.mean(draws) / (noise.u_relative * np.sqrt(40)) < 3
    both = np.corrcoef(made["siemens-intevo"].ravel(), made["ge-starguide"].ravel())[0, 1]
    assert both > 0.9
