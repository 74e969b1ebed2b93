"""Shipped scanners fit together; slips of a unit are seen."""

import math
from dataclasses import replace

import pytest

from hevesy.imaging.systems import camera, pet_scanner, scanner, scanners
from hevesy.imaging.systems.plausibility import plausibility, strongest_line
from hevesy.imaging.systems.plausibility_pet import PHANTOM_RADIUS, expected_resolution, phantom_transmission


@pytest.mark.parametrize("name", scanners())
def test_shipped_scanners_are_plausible(name):
    checks = plausibility(scanner(name))
    assert checks
    assert not [check.what for check in checks if not check.passed]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"sensitivity_centre": 0.164}, "sensitivity on the axis"),
        ({"sensitivity_centre": 0.0164 / 3.7}, "sensitivity on the axis"),
        ({"ring_diameter": 410.0}, "transaxial side of a crystal"),
        ({"resolution_transverse": 1.8}, "transverse resolution"),
        ({"peak_necr": 3060e3}, "peak NECR"),
        ({"peak_necr_concentration": 32.6e3 / 3.7}, "peak NECR"),
        ({"scatter_fraction": 0.61}, "scatter fraction"),
        ({"coincidence_window": 4.73e-9}, "reach of the coincidence window"),
        ({"tof_resolution": 89e-12}, "time-of-flight resolution"),
        ({"energy_resolution": 0.30}, "lower threshold below the peak"),
        ({"sensitivity_100mm": 0.0140}, "sensitivity 100 mm off"),
    ],
)
def test_slips_are_seen(changed, what):
    checks = plausibility(replace(pet_scanner("siemens-vision-600"), **changed))
    assert what in [check.what for check in checks if not check.passed]


def test_slips_of_a_camera_are_seen():
    found = camera("siemens-intevo")
    lehr = found.collimator("LEHR")
    for changed, what in (
        ({"published_sensitivity": 202e-6}, "LEHR: sensitivity, Tc-99m"),
        ({"published_resolution": 9.4}, "LEHR: resolution"),
        ({"highest_energy": 0.364}, "LEHR: septal penetration"),
    ):
        checks = plausibility(replace(found, collimators=(replace(lehr, **changed),)))
        assert what in [check.what for check in checks if not check.passed]


def test_strongest_lines():
    assert strongest_line("Tc-99m")[0] == pytest.approx(0.1405, abs=1e-4)
    assert strongest_line("Lu-177")[0] == pytest.approx(0.2084, abs=1e-4)
    assert strongest_line("I-131")[0] == pytest.approx(0.3645, abs=1e-4)


def test_resolution_of_a_point_crystal_is_range_and_angle():
    assert expected_resolution(0.0, 0.0) == pytest.approx(1.25 * 0.54)


def test_the_phantom_lets_through_what_its_chords_let_through():
    shortest, longest = (2 * math.sqrt(PHANTOM_RADIUS**2 - d**2) for d in (45, 0))
    flat = replace(pet_scanner("siemens-vision-600"), axial_length=10.0, rings=None, crystals_per_ring=None)
    assert math.exp(-0.0095 * longest) < phantom_transmission(flat) < math.exp(-0.0088 * shortest)
    assert phantom_transmission(pet_scanner("siemens-quadra")) < phantom_transmission(flat)
