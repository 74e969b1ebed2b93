"""The virtual patient: images hold what the truth says."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.imaging import VirtualPatientSpec, dotatate_torso, known_truths, virtual_patient
from hevesy.imaging.ct import computed_tomography
from hevesy.imaging.outlining import contoured, masked
from hevesy.imaging.spect import concentration, noisy, smoothed
from hevesy.imaging.torso import REMAINDER
from hevesy.imaging.true_maps import dose_by_local_deposition
from hevesy.model import Grid, Quantity
from hevesy.rng import stream

E_ELECTRON = 0.1479  # MeV, any value serves
SMALL = VirtualPatientSpec(
    ct_shape=(100, 128, 128), ct_spacing=(3.90625, 3.90625, 6.0), spect_shape=(64, 64, 64),
    spect_spacing=(9.6,) * 3, truth_spacing=4.0,
)  # fmt: skip
POSE = np.eye(4)


@pytest.fixture(scope="module")
def patient():
    return virtual_patient(SMALL, seed=3, energy_per_decay=E_ELECTRON)


def grid_of(shape, spacing):
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = [-(n - 1) / 2 * s for n, s in zip(shape[::-1], spacing, strict=True)]
    return Grid(shape=shape, affine=affine)


def area(ring):
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def test_each_image_holds_the_true_activity(patient):
    for point in patient.points:
        measured = point.spect.values.sum(dtype=float) * point.spect.grid.voxel_volume / u.ml
        truth = sum(point.activities.values())
        events = measured * SMALL.sensitivity * point.duration * SMALL.events_per_count
        # Poisson: the sum of n events has the relative standard deviation 1 / sqrt(n).
        assert abs(measured / truth - 1) < 4 / math.sqrt(events) + 1e-5
        assert point.spect.values.min() >= 0
        assert point.spect.quantity is Quantity.ACTIVITY_CONCENTRATION
        assert point.ct.grid.frame_of_reference == point.spect.grid.frame_of_reference == point.frame_of_reference


def test_each_visit_has_its_own_frame_of_reference_and_position(patient):
    assert len({point.frame_of_reference for point in patient.points}) == 4
    for point in patient.points:
        rotation = point.pose[:3, :3]
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
        assert 0.5 < np.linalg.norm(point.pose[:3, 3]) < math.sqrt(3) * SMALL.shift
        assert math.degrees(math.acos((np.trace(rotation) - 1) / 2)) > 0.1


def test_the_body_moves_as_its_pose_says():
    torso, grid = dotatate_torso(), grid_of((64, 64, 64), (9.6, 9.6, 9.6))
    activities = dict.fromkeys([*torso.clearances, REMAINDER], 1.0)
    pose = np.eye(4)
    angle = math.radians(2)
    pose[:2, :2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    pose[:3, 3] = (5, -4, 3)
    centres = []
    for where in (POSE, pose):
        image = concentration(torso, activities, grid, where)
        sums = [image.sum(axis=tuple({0, 1, 2} - {a}), dtype=float) for a in (2, 1, 0)]
        index = [(sum_ * np.arange(64)).sum() / sum_.sum() for sum_ in sums]
        centres.append(grid.affine @ [*index, 1.0])
    np.testing.assert_allclose(centres[1], pose @ centres[0], atol=0.05)  # mm; voxels are 9.6 mm


def test_a_grid_that_cuts_the_body_shows_its_part_of_it():
    """What lies beyond the grid is not pressed into it: a part of a grid is that part of the image on the whole."""
    torso = dotatate_torso()
    activities = dict.fromkeys([*torso.clearances, REMAINDER], 1.0)
    whole = grid_of((64, 64, 64), (9.6, 9.6, 9.6))
    into = np.eye(4)
    into[:3, 3] = (0, 10, 25)
    part = Grid(shape=(20, 40, 64), affine=whole.affine @ into)
    for blur in (0.0, 12.0):
        all_of_it = concentration(torso, activities, whole, POSE, blur=blur)
        cut = concentration(torso, activities, part, POSE, blur=blur)
        np.testing.assert_allclose(cut, all_of_it[25:45, 10:50], rtol=1e-4, atol=1e-6 * all_of_it.max())


def test_the_same_seed_gives_the_same_patient(patient):
    again = virtual_patient(replace(SMALL, times=SMALL.times[:1], durations=SMALL.durations[:1], reference=0),
                            seed=3, energy_per_decay=E_ELECTRON)  # fmt: skip
    np.testing.assert_array_equal(again.points[0].ct.values, patient.points[0].ct.values)
    np.testing.assert_array_equal(again.points[0].spect.values, patient.points[0].spect.values)


def test_truth_is_energy_by_mass(patient):
    for name, truth in patient.truths.items():
        curve = dotatate_torso().clearances.get(name) or dotatate_torso().remainder
        tia = sum(a / r for a, r in zip(curve.amplitudes, curve.rates, strict=True))
        assert truth.time_integrated_activity == pytest.approx(tia, rel=1e-12)
        energy = tia * E_ELECTRON * 1.602176634e-13
        assert truth.mean_dose == pytest.approx(energy / truth.mass * dose_by_local_deposition()[name], rel=1e-9)


def test_true_volumes_of_ellipsoids():
    truths = known_truths(VirtualPatientSpec(), energy_per_decay=E_ELECTRON)
    for name, axes in {
        "Lesion 1": (21, 24, 22.6), "Lesion 2": (14, 15, 16), "Lesion 3": (9, 10, 11.1),
        "Spleen": (25, 40, 45), "Urinary bladder": (42, 34, 33),
    }.items():  # fmt: skip
        exact = 4 / 3 * math.pi * math.prod(axes)
        assert truths[name].volume == pytest.approx(exact, rel=2e-3), name
    assert truths["Lesion 1"].mass == pytest.approx(truths["Lesion 1"].volume * 1.05e-6, rel=1e-6)
    for kidney in ("Kidney_Left", "Kidney_Right"):
        assert 180 < truths[kidney].volume / u.ml < 220


@pytest.mark.parametrize("region", ["Kidney_Left", "Liver", "Lung_Right", "Spine"])
def test_contours_enclose_the_true_volume(region):
    truth = known_truths(VirtualPatientSpec(), energy_per_decay=E_ELECTRON)[region].volume
    spec = VirtualPatientSpec()
    outline = contoured(dotatate_torso(), region, grid_of(spec.ct_shape, spec.ct_spacing), POSE)
    # contourpy turns rings around holes the other way: signed areas add up to the area by exclusive or.
    total = abs(sum(area(ring) for ring in outline.contours)) * 3.0
    assert total == pytest.approx(truth, rel=1e-2)


def test_the_lesion_is_a_hole_in_the_liver():
    spec = VirtualPatientSpec()
    outline = contoured(dotatate_torso(), "Liver", grid_of(spec.ct_shape, spec.ct_spacing), POSE)
    near = [ring for ring in outline.contours if abs(ring[0, 2] - 52.5) < 1.0]
    assert len(near) == 2
    inner = min(near, key=lambda ring: abs(area(ring)))
    assert abs(area(inner)) == pytest.approx(math.pi * 21 * 24, rel=0.01)
    assert area(near[0]) * area(near[1]) < 0


@pytest.mark.parametrize(("region", "tolerance"), [("Lesion 1", 0.01), ("Lesion 2", 0.02), ("Lesion 3", 0.03)])
def test_masks_have_the_true_volume_within_their_voxels(region, tolerance):
    truth = known_truths(VirtualPatientSpec(), energy_per_decay=E_ELECTRON)[region].volume
    spec = VirtualPatientSpec()
    outline = masked(dotatate_torso(), region, grid_of(spec.ct_shape, spec.ct_spacing), POSE)
    assert outline.mask.sum() * outline.grid.voxel_volume == pytest.approx(truth, rel=tolerance)


def test_ct_numbers_and_their_noise():
    grid = grid_of((3, 256, 256), (1.953125, 1.953125, 3.0))
    affine = grid.affine.copy()
    affine[2, 3] = 37.0
    image = computed_tomography(dotatate_torso(), replace(grid, affine=affine), POSE, noise=12.0, rng=stream(1, 1))
    assert image.dtype == np.int16
    assert image[:, 5:40, 5:40].mean() == pytest.approx(-1000, abs=1)
    liver = image[:, 105:125, 85:105].astype(float)
    # 1-2-1 in both directions averages over 7.1 pixels: 1200 of them tell the mean to 0.93 HU.
    assert liver.mean() == pytest.approx(53, abs=3 * 0.93)
    assert liver.std() == pytest.approx(12, rel=0.2)


def test_noise_is_unbiased_and_as_wide_as_stated():
    grid = Grid(shape=(48, 48, 48), affine=np.diag([4.8, 4.8, 4.8, 1.0]))
    flat = np.full(grid.shape, 1000.0, dtype=np.float32)
    image = noisy(flat, events_per_unit=0.02, fwhm=12.0, grid=grid, rng=stream(5, 0))[10:-10, 10:-10, 10:-10]
    sigma = 12.0 / math.sqrt(8 * math.log(2)) / 4.8
    expected = 1 / math.sqrt(0.02 * 1000 * (2 * math.sqrt(math.pi) * sigma) ** 3)
    assert image.std() / image.mean() == pytest.approx(expected, rel=0.06)  # few independent volumes
    assert abs(image.mean() / 1000 - 1) < 4 * expected * math.sqrt((2 * math.sqrt(math.pi) * sigma) ** 3 / image.size)
    assert image.min() >= 0


def test_blur_keeps_what_is_there():
    grid = Grid(shape=(30, 30, 30), affine=np.diag([4.8, 4.8, 4.8, 1.0]))
    point = np.zeros(grid.shape, dtype=np.float32)
    point[15, 15, 15] = 1.0
    blurred = smoothed(point, 12.0, grid.spacing)
    assert blurred.sum() == pytest.approx(1.0, rel=1e-6)
    x = (np.arange(30) - 15) * 4.8
    variance = (blurred.sum(axis=(0, 1)) * x**2).sum()
    assert variance == pytest.approx((12.0 / math.sqrt(8 * math.log(2))) ** 2, rel=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"durations": (60.0,)}, "4 times and 1 durations"),
        ({"times": (4 * u.h, 3 * u.h, 72 * u.h, 168 * u.h)}, "must increase"),
        ({"reference": 4}, "allowed is 0 to 3"),
        ({"noise_width": 10.0}, "noise width"),
    ],
)
def test_senseless_specs_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(SMALL, **change)
