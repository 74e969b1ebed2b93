"""A point by filtered backprojection: a Gaussian comes back as itself, and a real one widens towards the crystals."""

import numpy as np
import pytest

from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.nema_points import PIXEL, REACH, backprojected, point_images
from hevesy.imaging.pet.shell import shell_of
from hevesy.imaging.systems import pet_scanner
from hevesy.rng import stream

SHELL = shell_of(pet_scanner("siemens-vision-600"))


@pytest.mark.parametrize("offset", [0.0, 97.3])
def test_a_gaussian_comes_back(offset):
    """Second moments of its profile: sigma, and what two linear interpolations add, w^2/6 each."""
    rng, sigma = stream(1, 0), 3.0
    phi = rng.uniform(-np.pi, np.pi, 400_000)
    normal = np.stack([np.cos(phi), np.sin(phi)], axis=1)
    image = backprojected(normal, rng.normal(0, sigma, phi.size), SHELL, offset)
    middle = image.shape[0] // 2
    assert np.unravel_index(image.argmax(), image.shape) == pytest.approx((middle, middle), abs=1)
    x = (np.arange(image.shape[0]) - middle) * PIXEL
    near = np.abs(x) < 4.0
    width = np.pi * SHELL.mean_radius / SHELL.per_ring
    for profile in (image[middle], image[:, middle]):
        curve = np.polyfit(x[near], np.log(profile[near]), 2)[0]
        assert -0.5 / curve == pytest.approx(sigma**2 + width**2 / 3, rel=0.06)


def test_it_widens_off_the_axis_and_along_the_radius():
    near, far = (point_images(SHELL, offset, decays=4e4, groups=1, seed=2) for offset in (10.0, 200.0))
    assert near.transaxial.shape == (1, *2 * (round(2 * REACH / PIXEL) + 1,))
    middle = near.transaxial.shape[1] // 2
    band = slice(middle - 6, middle + 7)

    def spread(profile):
        return int((profile > 0.5 * profile.max()).sum())

    radial, tangential = far.transaxial[0][:, band].sum(axis=1), far.transaxial[0][band].sum(axis=0)
    assert spread(radial) > 1.2 * spread(tangential)
    assert spread(radial) > 1.2 * spread(near.transaxial[0][:, band].sum(axis=1))


def test_too_little_is_refused():
    with pytest.raises(DataError, match="Ask for more decays"):
        point_images(SHELL, 10.0, decays=5000, seed=1)
    with pytest.raises(InputError, match="beside the axis"):
        point_images(SHELL, 500.0, seed=1)
