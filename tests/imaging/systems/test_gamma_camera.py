"""Cameras: response, sensitivity, dead time, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.systems import (
    camera,
    detector_response,
    gamma_camera,
    geometric_resolution,
    ring_camera,
    sensitivity,
    window_sensitivity,
)
from hevesy.imaging.systems.gamma_camera import energy_resolution, intrinsic_resolution
from hevesy.model.acquisition import EnergyWindow


@pytest.fixture(scope="module")
def intevo():
    return gamma_camera("siemens-intevo")


def test_quadrature(intevo):
    one = intevo.collimator("lehr")
    z = np.array([0.0, 50.0, 200.0])
    both = np.sqrt(geometric_resolution(one, z, 0.1405) ** 2 + 3.8**2)
    assert detector_response(intevo, one, 0.1405).fwhm(z) == pytest.approx(both)


def test_pinhole_magnifies():
    found = gamma_camera("ge-discovery-670")
    one = found.collimator("PH4")
    near, far = detector_response(found, one, 0.1405).fwhm([40.0, 200.0])
    assert near < far
    assert near == pytest.approx(math.hypot(float(geometric_resolution(one, 40, 0.1405)), 3.8 * 40 / 167.5))


def test_energy_dependence(intevo):
    assert intrinsic_resolution(intevo, 0.562) == pytest.approx(1.9)
    assert energy_resolution(intevo, 0.562) == pytest.approx(intevo.energy_resolution / 2)
    assert intrinsic_resolution(camera("ge-870-czt"), 0.3) == 2.46


def test_a_wide_window_counts_all_lines_in_it(intevo):
    one = intevo.collimator("MELP")
    lines = ((112.9, 0.0617), (208.4, 0.1036))
    narrow = [window_sensitivity(intevo, one, "Lu-177", EnergyWindow(name="", lower=0.8 * e, upper=1.2 * e)) for e, _ in lines]
    both = window_sensitivity(intevo, one, "Lu-177", EnergyWindow(name="", lower=85, upper=260))
    assert both == pytest.approx(sum(narrow), rel=0.05)


def test_window_of_one_line_is_the_sensitivity_of_the_line(intevo):
    one = intevo.collimator("LEHR")
    window = EnergyWindow(name="peak", lower=0.9 * 140.5, upper=1.1 * 140.5)
    assert window_sensitivity(intevo, one, "Tc-99m", window) == pytest.approx(sensitivity(intevo, one, 0.1405, 0.891), rel=0.01)
    with pytest.raises(InputError, match="no photon line from"):
        window_sensitivity(intevo, one, "Tc-99m", EnergyWindow(name="", lower=400, upper=450))


def test_dead_time_by_the_loss_of_a_fifth():
    ring = ring_camera("ge-starguide")
    observed = 917e3 / 12
    n = observed / 0.8
    assert n * math.exp(-n * ring.dead_time) == pytest.approx(observed)
    assert gamma_camera("ge-870-dr").dead_time is None


def test_a_ring():
    ring = ring_camera("ge-starguide")
    assert (ring.heads, ring.columns) == (12, 12)
    assert ring.field_of_view == pytest.approx((275.5, 39.36))
    with pytest.raises(InputError, match="made|make"):
        replace(ring, modules=9)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"heads": 12}, "kind = 'ring'"),
        ({"energy_resolution": 9.8}, "energy resolution is 9.8"),
        ({"intrinsic_resolution": 0.38}, "intrinsic resolution"),
        ({"crystal_material": "CsI"}, "known are"),
        ({"collimators": ()}, "at least one"),
        ({"field_of_view": (38.7, 53.3)}, "Give millimetres"),
    ],
)
def test_refusals(intevo, changed, said):
    with pytest.raises(InputError, match=said):
        replace(intevo, **changed)


def test_an_unknown_collimator_is_answered_with_the_known_ones(intevo):
    with pytest.raises(InputError, match=r"Did you mean LE.*HR.*Known are LEHR, LEAP"):
        intevo.collimator("LEHRR")
    with pytest.raises(InputError, match="per decay, not in per cent"):
        sensitivity(intevo, intevo.collimators[0], 0.1405, 89)
