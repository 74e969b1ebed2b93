"""Solid angles of a cylinder against closed forms and random directions."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.imaging.systems import PetScanner, pet_scanner
from hevesy.imaging.systems.coincidence import (
    USUAL_COUNTED,
    counted_share,
    geometric_share,
    line_sensitivity,
    packing,
    pair_share,
    photon_efficiency,
)
from hevesy.rng import stream

TUBE = PetScanner(name="tube", ring_diameter=800, axial_length=260, crystal=(None, None, 20), crystal_material="LSO")


@given(st.floats(-200, 200))
def test_on_the_axis_the_closed_form(z):
    h = max(0.0, 130 - abs(z))
    assert geometric_share(TUBE, z)[0] == pytest.approx(h / math.hypot(h, 400), abs=1e-12)


def test_a_line_in_closed_form():
    """2/l (sqrt(R^2 + (L/2)^2) - R), times the positron yield."""
    line = 2 / 700 * (math.hypot(400, 130) - 400)
    assert line_sensitivity(TUBE, geometric=True) == pytest.approx(0.9673 * line, rel=1e-4)


@pytest.mark.parametrize(("offset", "z", "span"), [(0, 40, None), (100, 0, None), (250, -60, None), (100, 20, 150)])
def test_off_the_axis_by_random_directions(offset, z, span):
    found = replace(TUBE, max_axial_span=span)
    rng, n = stream(3, 0), 400_000
    cosine, phi = 2 * rng.random(n) - 1, 2 * math.pi * rng.random(n)
    cot = cosine / np.sqrt(1 - cosine**2)
    chord = np.sqrt(400**2 - (offset * np.sin(phi)) ** 2)
    one, other = z + (chord - offset * np.cos(phi)) * cot, z - (chord + offset * np.cos(phi)) * cot
    met = (np.abs(one) <= 130) & (np.abs(other) <= 130) & (np.abs(one - other) <= (span or math.inf))
    share, u = met.mean(), met.std() / math.sqrt(n)
    assert abs(geometric_share(found, z, offset=offset)[0] - share) < 4 * u


@settings(max_examples=20)
@given(st.floats(-129, 129), st.floats(0, 300))
def test_counted_pairs_are_fewer_than_those_that_meet_crystals(z, offset):
    assert 0 < pair_share(TUBE, z, offset=offset)[0] < geometric_share(TUBE, z, offset=offset)[0]


def test_oblique_ways_are_longer():
    right, oblique = photon_efficiency(TUBE, [0.0, 0.8])
    assert right < oblique


def test_share_of_crystal():
    assert packing(TUBE) == (0.90, False)
    share, known = packing(pet_scanner("siemens-vision-600"))
    assert known
    assert share == pytest.approx(80 * 3.2 / 263.3 * 760 * 3.2 / (math.pi * 820))


def test_counted_share_of_a_scanner_without_a_figure():
    assert counted_share(TUBE) == (USUAL_COUNTED, False)
    value, published = counted_share(pet_scanner("siemens-vision-600"))
    assert published
    assert value == pytest.approx(0.0164 / line_sensitivity(pet_scanner("siemens-vision-600")))


def test_no_point_in_the_crystals():
    with pytest.raises(InputError, match="Move it inside"):
        geometric_share(TUBE, 0.0, offset=450)
