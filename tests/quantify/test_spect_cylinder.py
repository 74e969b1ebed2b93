"""A cylinder of known content calibrates a tomograph."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.quantify.spect_cylinder import filled_concentration, read_cylinder, tomographic_sensitivity
from hevesy.units import MBq, ml

_spec = importlib.util.spec_from_file_location("qc_phantoms", Path(__file__).with_name("phantoms.py"))
phantoms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phantoms)
SPACING = (4.0, 4.0, 4.0)


@settings(max_examples=5)
@given(st.floats(1e-3, 1e5))
def test_the_mean_and_the_size_come_out(value):
    read = read_cylinder(phantoms.cylinder(value=value), SPACING)
    assert read.mean.value == pytest.approx(value, rel=2e-3)
    assert read.diameter == pytest.approx(200, abs=3)
    assert read.length == pytest.approx(160, abs=8)
    assert read.variation < 0.01


def test_noise_and_cupping_are_told():
    image = phantoms.cylinder()
    noisy = image * (1 + np.random.default_rng(1).normal(0, 0.1, image.shape))
    read = read_cylinder(noisy, SPACING)
    assert read.variation == pytest.approx(0.1, rel=0.05)
    assert abs(read.mean.value - 1) < 4 * read.mean.u + 2e-3
    y, x = (np.indices((64, 64)) - 31.5) * 4
    cupped = image * (1 - 0.1 * np.exp(-(x**2 + y**2) / 40**2))[None]
    assert read_cylinder(cupped, SPACING).radial < -0.02


def test_sensitivity_by_hand():
    """100 counts in 0.064 ml, 20 kBq/ml, 1000 s, no decay: 100 / 0.064 / 2e7 = 7.8125e-5 1/(s Bq)."""
    found = tomographic_sensitivity(
        Measured(value=100.0, u=1.0),
        voxel_volume=0.064 * ml,
        concentration=Measured(value=2e4, u=400.0),
        duration=1000.0,
        decay_constant=0.0,
    )
    assert found.value == pytest.approx(7.8125e-5, rel=1e-12)
    assert found.u / found.value == pytest.approx(math.hypot(0.01, 0.02))


def test_decay_during_the_scan_is_counted():
    lam, T = math.log(2) / 600, 600.0
    kw = {"voxel_volume": ml, "concentration": Measured(value=1e4, u=0.0), "duration": T}
    a = tomographic_sensitivity(Measured(value=1.0, u=0.0), **kw, decay_constant=0.0)
    b = tomographic_sensitivity(Measured(value=1.0, u=0.0), **kw, decay_constant=lam)
    assert b.value / a.value == pytest.approx(math.log(2) / 0.5, rel=1e-9)


def test_what_was_filled_decays_to_the_scan():
    lam = math.log(2) / 3600
    found = filled_concentration(
        Measured(value=400 * MBq, u=8 * MBq),
        residual=Measured(value=20 * MBq, u=0.0),
        volume=Measured(value=5000 * ml, u=0.0),
        decay_constant=lam,
        elapsed=3600.0,
        residual_elapsed=0.0,
    )
    assert found.value == pytest.approx(180e6 / 5000)
    assert found.u == pytest.approx(4e6 / 5000)
    with pytest.raises(InputError, match="nothing is left"):
        filled_concentration(
            Measured(value=1.0, u=0.0),
            residual=Measured(value=2.0, u=0.0),
            volume=Measured(value=1.0, u=0.0),
            decay_constant=0.0,
            elapsed=0.0,
            residual_elapsed=0.0,
        )


def test_a_point_is_no_cylinder():
    image = np.zeros((20, 20, 20))
    image[8:12, 8:12, 8:12] = 1
    with pytest.raises(DataError, match="cylinder"):
        read_cylinder(image, SPACING)
