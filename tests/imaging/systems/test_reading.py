"""A user's own file: short where it may be, refused where it is not what it says."""

import pytest

from hevesy.errors import DataError, HevesyError, InputError
from hevesy.imaging.systems.reading import read_scanner

PET = """
name = "mine"
kind = "pet"
[figures]
ring_diameter_mm = 800
axial_length_mm = 250
crystal_mm = ["unknown", "unknown", 20]
crystal_material = "LYSO"
sensitivity_centre_cps_per_kBq = 12.5
peak_necr_kcps = { value = 200, from = "test" , how = "read", note = "acceptance" }
[sources]
test = { text = "acceptance test, 2026-01-31", how = "local" }
"""
CAMERA = """
name = "mine"
kind = "gamma-camera"
[figures]
heads = 2
field_of_view_mm = [400, 540]
crystal_material = "NaI"
crystal_thickness_mm = 9.5
intrinsic_resolution_mm = 3.6
energy_resolution_percent = 9.6
[[collimators]]
name = "LEHR"
hole_mm = 1.5
septum_mm = 0.2
length_mm = 35
published_sensitivity_cps_per_MBq = 75
"""


def test_units_end_at_the_door():
    found = read_scanner(PET, "own.toml")
    assert found.sensitivity_centre == pytest.approx(0.0125)
    assert found.peak_necr == pytest.approx(200e3)
    assert found.crystal == (None, None, 20)
    assert found.origins["ring_diameter"].how == "local"
    assert found.origins["peak_necr"].how == "read"
    assert found.origins["peak_necr"].source.startswith("acceptance")
    assert found.origins["ring_diameter"].verified


def test_a_camera():
    found = read_scanner(CAMERA, "own.toml")
    assert found.energy_resolution == pytest.approx(0.096)
    assert found.collimators[0].published_sensitivity == pytest.approx(75e-6)
    assert found.collimators[0].how == "local"


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        (PET, 'kind = "pet"', 'kind = "petct"', "allowed are gamma-camera"),
        (PET, "ring_diameter_mm = 800", "", "have no ring_diameter_mm"),
        (PET, "ring_diameter_mm = 800", "ring_diameter_cm = 80", "Did you mean ring_diameter_mm"),
        (PET, "ring_diameter_mm = 800", 'ring_diameter_mm = "800"', "a number is needed"),
        (PET, "ring_diameter_mm = 800", "ring_diameter_mm = 8000", "allowed is 80 to 1200"),
        (PET, '"unknown", "unknown", 20]', '"unknown", 20]', "3 numbers in brackets"),
        (PET, 'from = "test" ', 'from = "tset" ', "Did you mean test"),
        (PET, 'how = "local"', 'how = "sure"', "allowed are read"),
        (PET, "[sources]", "[sources", "is not TOML"),
        (PET, 'name = "mine"', "", "has no name"),
        (PET, "{ value = 200,", "{ valeu = 200,", "Did you mean value"),
        (PET, "axial_length_mm = 250", "axial_length_mm = 250\nrings = 50.5", "whole numbers"),
        (PET, 'kind = "pet"', 'kind = "gamma-camera"', "not known there"),
        (PET, 'kind = "pet"', 'kind = "pet"\ncollimators = []', "has no collimators"),
        (CAMERA, "hole_mm = 1.5", "", "hole_mm, septum_mm and length_mm are needed"),
        (CAMERA, 'name = "LEHR"', "", "a collimator has no name"),
        (CAMERA, "[[collimators]]", "[collimators]", "is not a list"),
        (CAMERA, "hole_mm = 1.5", "hole_mm = 0.15", "Give millimetres"),
    ],
)
def test_refusals_name_the_file(text, old, new, said):
    assert old in text
    with pytest.raises(HevesyError, match=said) as refusal:
        read_scanner(text.replace(old, new), "own.toml")
    assert isinstance(refusal.value, InputError | DataError)
    assert "own.toml" in str(refusal.value)
