import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hevesy.errors import InputError
from hevesy.quantify import richardson_lucy

FWHM, SIDE = 10.0, 4.0


def sphere(radius=14.0, shape=(24, 24, 24)):
    away = np.sqrt(sum((np.indices(shape)[a] - 11.5) ** 2 for a in range(3))) * SIDE
    return (away < radius).astype(float)


def shown(truth):
    return gaussian_filter(truth, FWHM / 2.3548 / SIDE, mode="nearest")


def test_a_sphere_comes_back_and_more_iterations_bring_more():
    truth = sphere()
    inside = truth > 0
    recovered = [shown(truth)[inside].mean()] + [
        richardson_lucy(shown(truth), fwhm=FWHM, spacing=(SIDE,) * 3, iterations=n)[inside].mean() for n in (2, 10, 50)
    ]
    assert np.all(np.diff(recovered) > 0)
    assert recovered[-1] > 0.93


def test_the_sum_is_kept_and_nothing_is_below_zero():
    observed = shown(sphere()) + 0.01
    found = richardson_lucy(observed, fwhm=FWHM, spacing=(SIDE,) * 3)
    assert found.sum() == pytest.approx(observed.sum(), rel=1e-3)
    assert found.min() >= 0


def test_a_uniform_image_stays_as_it_is():
    even = np.full((10, 10, 10), 3.0)
    assert richardson_lucy(even, fwhm=FWHM, spacing=(SIDE,) * 3) == pytest.approx(even, rel=1e-5)


@pytest.mark.parametrize(("fwhm", "iterations", "said"), [(0.0, 10, "resolution is 0 mm"), (10.0, 0, "0 iterations")])
def test_senseless_settings_are_refused(fwhm, iterations, said):
    with pytest.raises(InputError, match=said):
        richardson_lucy(np.ones((4, 4, 4)), fwhm=fwhm, spacing=(4.0, 4.0, 4.0), iterations=iterations)
