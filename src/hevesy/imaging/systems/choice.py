"""Which collimator of a camera suits an energy."""

from hevesy.errors import InputError
from hevesy.imaging.systems.collimator import Collimator, geometric_efficiency, septal_penetration
from hevesy.imaging.systems.crystal import attenuation
from hevesy.imaging.systems.gamma_camera import Camera

# A collimator is made for an energy where fewer photons than this cross a wall on the shortest way (the usual rule), and
# where it is longer than so many mean free paths.
STOPS, PATHS = 0.05, 2.0


def suits(collimator: Collimator, energy: float) -> bool:
    """Whether parallel holes stop all but few photons of ``energy`` [MeV] outside them."""
    return collimator.shape != "pinhole" and septal_penetration(collimator, energy) < STOPS and is_long_enough(collimator, energy)


def is_long_enough(collimator: Collimator, energy: float) -> bool:
    """Whether few photons of ``energy`` [MeV] come through the whole length of its walls."""
    return collimator.length > PATHS / attenuation(collimator.material, energy)


def suited(camera: Camera, energy: float) -> Collimator:
    """The most sensitive collimator that :func:`suits` the ``energy`` [MeV].

    Raises
    ------
    InputError
        None does.
    """
    fit = [one for one in camera.collimators if suits(one, energy)]
    if not fit:
        known = ", ".join(one.name for one in camera.collimators)
        raise InputError(
            f"{camera.name} has no collimator for {1000 * energy:.4g} keV. Name one of {known} with --collimator, or choose "
            "another scanner."
        )
    return max(fit, key=lambda one: geometric_efficiency(one, energy))
