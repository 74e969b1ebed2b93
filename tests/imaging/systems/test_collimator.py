"""Holes against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.imaging.systems import Collimator, geometric_efficiency, geometric_resolution
from hevesy.imaging.systems.collimator import effective_aperture, effective_length, septal_penetration
from hevesy.imaging.systems.crystal import attenuation

LEHR = Collimator(name="LEHR", hole=1.11, septum=0.16, length=24.05)
PINHOLE = Collimator(name="pin", hole=4.43, septum=0, length=167.5, shape="pinhole", material="tungsten", opening=90)


@given(st.floats(0, 500), st.floats(0, 500))
def test_resolution_is_a_line_in_the_distance(a, b):
    both, mean = geometric_resolution(LEHR, [a, b], 0.1405), geometric_resolution(LEHR, (a + b) / 2, 0.1405)
    assert both.mean() == pytest.approx(float(mean))
    assert geometric_resolution(LEHR, 0, 0.1405) == pytest.approx(LEHR.hole)


def test_at_twice_the_effective_length_three_holes_wide():
    assert geometric_resolution(LEHR, 2 * effective_length(LEHR, 0.1405), 0.1405) == pytest.approx(3 * LEHR.hole)


@pytest.mark.parametrize(("shape", "constant"), [("hexagonal", 0.2625), ("square", 0.2821), ("round", 0.2380)])
def test_efficiency_is_anger_s_with_the_constant_of_the_shape(shape, constant):
    one = Collimator(name="x", hole=2.0, septum=0.3, length=40, shape=shape)
    anger = (constant * one.hole / effective_length(one, 0.2) * one.hole / (one.hole + one.septum)) ** 2
    assert geometric_efficiency(one, 0.2) == pytest.approx(anger, rel=1e-3)


def test_efficiency_by_tracing_rays():
    """Shares of a grid of directions from points over one cell that pass a hexagonal hole from front to back."""
    hole, length, pitch = 2.0, 20.0, 2.4
    one = Collimator(name="x", hole=hole, septum=pitch - hole, length=length)
    inside_length = effective_length(one, 0.03)  # lead is opaque there: the holes keep their length
    assert inside_length == pytest.approx(length, rel=0.01)
    side = np.linspace(-pitch, pitch, 81)[:-1] + pitch / 80
    x, y = (axis.ravel() for axis in np.meshgrid(side, side))

    def within(px, py):
        turned = [np.abs(px * math.cos(a) + py * math.sin(a)) for a in (0, math.pi / 3, 2 * math.pi / 3)]
        return np.max(turned, axis=0) <= hole / 2

    back = within(x, y)
    # Area of hole seen through hole, for each shift between front and back, over all shifts: A_hole^2.
    step = side[1] - side[0]
    shifts = np.arange(-hole * 1.2, hole * 1.2, 0.1)
    passed = sum((back & within(x + dx, y + dy)).sum() * step**2 * 0.1**2 for dx in shifts for dy in shifts)
    cell = math.sqrt(3) / 2 * pitch**2
    assert passed / cell / (4 * math.pi * inside_length**2) == pytest.approx(geometric_efficiency(one, 0.03), rel=0.02)


def test_a_pinhole():
    wide = effective_aperture(PINHOLE, 0.1405)
    edge = 2 / attenuation("tungsten", 0.1405)
    assert wide == pytest.approx(math.sqrt(4.43 * (4.43 + edge)))
    assert geometric_resolution(PINHOLE, 167.5, 0.1405) == pytest.approx(2 * wide)
    assert geometric_efficiency(PINHOLE, 0.1405, distance=100) == pytest.approx(wide**2 / 16e4)
    assert septal_penetration(PINHOLE, 0.1405) == 0
    with pytest.raises(InputError, match="Give the distance"):
        geometric_efficiency(PINHOLE, 0.1405)


def test_higher_energy_cuts_holes_shorter_and_crosses_septa():
    energies = (0.1, 0.14, 0.2, 0.3)
    lengths = [effective_length(LEHR, e) for e in energies]
    crossed = [septal_penetration(LEHR, e) for e in energies]
    assert lengths == sorted(lengths, reverse=True)
    assert crossed == sorted(crossed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"shape": "oval"}, "allowed are hexagonal"),
        ({"hole": 0.0111}, "Give millimetres"),
        ({"opening": 60}, "parallel holes have 0"),
        ({"shape": "pinhole"}, "a pinhole has one"),
    ],
)
def test_refusals(changed, said):
    with pytest.raises(InputError, match=said):
        Collimator(**({"name": "x", "hole": 1.5, "septum": 0.2, "length": 35.0} | changed))


def test_no_negative_distance_and_no_transparent_collimator():
    with pytest.raises(InputError, match="Measure from its face"):
        geometric_resolution(LEHR, [-1.0], 0.1405)
    with pytest.raises(InputError, match="Choose a collimator"):
        effective_length(Collimator(name="x", hole=1, septum=0.1, length=5), 1.0)
