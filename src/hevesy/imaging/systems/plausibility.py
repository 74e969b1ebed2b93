"""Whether the figures of a scanner fit together: what is published against what its own geometry makes of it."""

import numpy as np

from hevesy.errors import InputError
from hevesy.imaging.systems.check import Check
from hevesy.imaging.systems.collimator import Collimator, septal_penetration
from hevesy.imaging.systems.gamma_camera import Camera, detector_response, sensitivity
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.imaging.systems.photons import photon_lines
from hevesy.imaging.systems.plausibility_pet import pet_checks
from hevesy.imaging.systems.reading import Scanner

# Usual FWHM over energy at 140.5 keV, and limits of the ratio to it.
_ENERGY_RESOLUTION = {"NaI": (0.098, (0.80, 1.25)), "CZT": (0.055, (0.40, 1.45))}
_LOW_ENERGY = 0.17  # MeV; up to there collimators of low energy hold what crosses their septa to a few per cent


def plausibility(scanner: Scanner) -> tuple[Check, ...]:
    """Each published figure of ``scanner`` that its other figures allow to check, with the ratio and what is allowed.

    A shipped scanner passes all; a user's own file that does not has a slip, or a unit that is not the one in its key.
    """
    if isinstance(scanner, PetScanner):
        return pet_checks(scanner)
    found = [*_detector(scanner)]
    for collimator in scanner.collimators:
        found += _collimator(scanner, collimator)
    return tuple(found)


def strongest_line(nuclide: str, *, most: float = 0.4) -> tuple[float, float]:
    """Energy [MeV] and yield per decay of the strongest photon line from 60 keV to ``most`` [MeV]: the one imaged."""
    energies, yields = photon_lines(nuclide)
    inside = (energies >= 0.06) & (energies <= most)
    if not inside.any():
        raise InputError(f"{nuclide}: has no photon line from 60 to {most * 1000:g} keV. Choose a nuclide that cameras image.")
    best = int(np.argmax(np.where(inside, yields, 0)))
    return float(energies[best]), float(yields[best])


def _detector(camera: Camera) -> list[Check]:
    checks = []
    if camera.crystal_material in _ENERGY_RESOLUTION:
        usual, allowed = _ENERGY_RESOLUTION[camera.crystal_material]
        at = camera.energy_resolution * (camera.reference_energy / 0.1405) ** 0.5
        why = f"{camera.crystal_material} at 140.5 keV: what cameras on the market reach."
        checks.append(_check("energy resolution", at * 100, usual * 100, "%", allowed, why))
    if camera.pixel_pitch:
        why = "A pixel shows a point as wide as its pitch."
        checks.append(_check("intrinsic resolution", camera.intrinsic_resolution, camera.pixel_pitch, "mm", (0.6, 1.1), why))
    elif camera.crystal_material == "NaI":
        usual = 3.0 + 0.8 * (camera.crystal_thickness / 9.5)
        why = "Cameras with 9.5 mm of NaI reach 3.3 to 4.0 mm at 140 keV; thicker crystals spread the light more."
        at = camera.intrinsic_resolution * (camera.reference_energy / 0.1405) ** 0.5
        checks.append(_check("intrinsic resolution", at, usual, "mm", (0.70, 1.30), why))
    if camera.dead_time is not None:
        why = "Paralysable dead time of a head or column by its rate at 20 % loss: 0.3 to 5 us."
        checks.append(_check("dead time", camera.dead_time * 1e6, 1.5, "us", (0.2, 3.5), why))
    return checks


def _collimator(camera: Camera, collimator: Collimator) -> list[Check]:
    checks = []
    energy, per_decay = strongest_line(collimator.published_nuclide)
    if collimator.published_resolution is not None:
        expected = float(detector_response(camera, collimator, energy).fwhm(collimator.published_distance))
        why = (
            f"Hole and length at {collimator.published_distance:g} mm with the detector in quadrature (Anger). The gap behind "
            "the holes and scatter make it up to 15 % worse."
        )
        what = f"{collimator.name}: resolution"
        checks.append(_check(what, collimator.published_resolution, expected, "mm", (0.90, 1.20), why))
    if collimator.published_sensitivity is not None and collimator.shape != "pinhole":
        expected = sensitivity(camera, collimator, energy, per_decay)
        low = energy <= _LOW_ENERGY
        allowed = (0.80, 1.15) if low else (0.90, 3.5)
        why = "Holes, yield and crystal alone (Anger). " + (
            "Charge sharing and covers lose, septa let through, some per cent each."
            if low
            else "Photons through the septa and scattered in them count as well, more than the holes pass at 364 keV."
        )
        what = f"{collimator.name}: sensitivity, {collimator.published_nuclide}"
        checks.append(_check(what, collimator.published_sensitivity * 1e6, expected * 1e6, "cps/MBq", allowed, why))
    if collimator.highest_energy and collimator.shape != "pinhole":
        through = septal_penetration(collimator, collimator.highest_energy)
        why = f"Photons of {collimator.highest_energy * 1000:g} keV through one septum, shortest way; 5 % is the aim of a design."
        checks.append(_check(f"{collimator.name}: septal penetration", through * 100, 5.0, "%", (0.0, 2.0), why))
    return checks


def _check(what: str, given: float, expected: float, unit: str, allowed: tuple[float, float], why: str) -> Check:
    return Check(what=what, given=given, expected=expected, unit=unit, allowed=allowed, why=why)
