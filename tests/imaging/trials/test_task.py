"""Patients, places and targets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.imaging.phantoms import body_named, grid_around, tracer_named
from hevesy.imaging.trials import PLACES, Lesion, Target, Task, make_scene, patient
from hevesy.imaging.trials.protocol import Protocol
from hevesy.imaging.trials.scene import sphere_shares
from hevesy.imaging.trials.target import KINDS, default_target


@given(st.floats(3, 200))
def test_a_patient_of_any_weight_has_a_plausible_height(weight):
    body = patient(weight)
    assert body.mass == weight
    assert 450 <= body.height <= 1800


def test_named_bodies_are_met():
    assert patient(73.0).height == pytest.approx(1760, abs=0.1)
    with pytest.raises(InputError, match="3 to 200 kg"):
        patient(0.07)


@pytest.mark.parametrize("place", PLACES)
def test_lesion_and_background_lie_in_even_tissue(place):
    body = body_named("adult-male")
    task = Task(lesion=Lesion(place=place), factors=(1.0, 1.0, 1.0))
    scene = make_scene(body, tracer_named("fdg"), task, duration=60.0, voxel=4.0, margin=8.0)
    for sphere in (task.liver, task.target, task.background):
        inside = scene.activity.values[scene.weights(sphere) > 0.5]
        assert inside.std() < 1e-3 * inside.mean()


def test_the_lesion_adds_its_contrast():
    body = body_named("adult-male")
    task = Task(lesion=Lesion(diameter=20, contrast=4), factors=(1.0, 1.0, 1.0))
    scene = make_scene(body, tracer_named("fdg"), task, duration=60.0, voxel=4.0, margin=8.0)
    middle = scene.weights(task.target) > 0.99
    plain = scene.activity.values[middle]
    assert np.allclose((plain + scene.lesion[middle]) / plain, 4, rtol=1e-3)
    added = float(scene.lesion.sum()) * 0.064
    assert added == pytest.approx(3 * plain.mean() * 4.18879, rel=5e-3)  # voxels filled to 1 at most


def test_shares_of_a_sphere_hold_its_volume():
    shares = sphere_shares(grid_around((16, 16, 16), 4.0), (1.3, -0.7, 2.0), 13.0)
    assert float(shares.sum()) * 64 == pytest.approx(np.pi / 6 * 13**3, rel=2e-2)
    with pytest.raises(InputError, match="outside the grid"):
        sphere_shares(grid_around((16, 16, 16), 4.0), (100.0, 0.0, 0.0), 13.0)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Lesion(place="livr"), "Did you mean liver"),
        (lambda: Lesion(diameter=0.01), "2 to 60 mm"),
        (lambda: Lesion(contrast=1), "contrast"),
        (lambda: Target(kind="covv", limit=0.1), "Did you mean cov"),
        (lambda: Target(kind="cov", limit=15), "15 % is 0.15"),
        (lambda: Target(kind="cov", limit=0.15, band=(0.1, 0.2)), "recovery alone"),
        (lambda: Protocol(voxel=0, views=4, iterations=1, subsets=1, filter_fwhm=5, margin=10), "plausible mm"),
    ],
)
def test_what_makes_no_sense_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_every_kind_has_a_default_limit_with_its_source():
    for kind in KINDS:
        assert default_target(kind).source != "asked for"
