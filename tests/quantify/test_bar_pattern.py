"""Resolution from bars that were blurred by a known width."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import DataError, InputError
from hevesy.quantify.bar_pattern import bar_pattern, mean_resolution

_spec = importlib.util.spec_from_file_location("qc_phantoms", Path(__file__).with_name("phantoms.py"))
phantoms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phantoms)
BARS = (2.0, 2.5, 3.0, 3.5)
PIXEL = (0.6, 0.6)


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(4).poisson(phantoms.bars(fwhm=3.8, widths=BARS))


def test_the_resolution_comes_out(image):
    found = bar_pattern(image, BARS, PIXEL)
    mean = mean_resolution(found)
    assert mean.value == pytest.approx(3.8, rel=0.03)
    for q in found:
        if q.fwhm is not None:
            assert q.fwhm.value == pytest.approx(3.8, rel=0.06)


def test_modulation_is_that_of_the_gaussian(image):
    for q in bar_pattern(image, BARS, PIXEL)[1:]:
        sigma, f = 3.8 / 2.3548, 1 / (2 * q.bar)
        assert q.modulation == pytest.approx(np.exp(-2 * (np.pi * sigma * f) ** 2), abs=0.03)


def test_the_finest_bars_are_lost_and_the_widest_seen(image):
    assert [q.visible for q in bar_pattern(image, BARS, PIXEL)] == [False, True, True, True]


def test_the_direction_of_the_bars_does_not_matter(image):
    turned = bar_pattern(image.T, (BARS[0], BARS[2], BARS[1], BARS[3]), PIXEL)
    assert sorted(q.modulation for q in turned) == pytest.approx(
        sorted(q.modulation for q in bar_pattern(image, BARS, PIXEL)), abs=0.02
    )


def test_a_flat_image_tells_nothing():
    flat = np.random.default_rng(5).poisson(np.full((300, 300), 60.0))
    with pytest.raises(DataError, match="no quadrant"):
        mean_resolution(bar_pattern(flat, BARS, PIXEL))


def test_what_is_no_pattern_is_refused():
    with pytest.raises(InputError, match="plausible"):
        bar_pattern(np.ones((100, 100)), (0.002, 2, 3, 4), PIXEL)
    with pytest.raises(DataError, match="one image"):
        bar_pattern(np.zeros((3, 64, 64)), BARS, PIXEL)
    small = np.zeros((100, 100))
    small[40:60, 40:60] = 50
    with pytest.raises(DataError, match="32 pixels"):
        bar_pattern(small, BARS, PIXEL)
