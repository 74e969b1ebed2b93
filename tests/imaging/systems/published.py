"""What the reference cases ask of the shipped scanners, by name."""

from dataclasses import replace

import numpy as np

from hevesy.imaging.systems import camera, detector_response, geometric_resolution, pet_scanner, sensitivity
from hevesy.imaging.systems.coincidence import line_sensitivity
from hevesy.imaging.systems.collimator import Collimator
from hevesy.imaging.systems.plausibility import strongest_line


def collimator_resolutions(holes, septa, lengths, energy):
    """R_g at 100 mm of hexagonal holes [mm]."""
    return np.array([float(geometric_resolution(one, 100.0, energy)) for one in _made(holes, septa, lengths)])


def system_resolutions(holes, septa, lengths, energy):
    """With 3.8 mm of a 9.5 mm crystal [mm]."""
    head = camera("siemens-intevo")
    return np.array([float(detector_response(head, one, energy).fwhm(100.0)) for one in _made(holes, septa, lengths)])


def sensitivities(holes, septa, lengths, nuclide):
    """Of one head with a 9.5 mm crystal [counts/(s MBq)]."""
    head = camera("siemens-intevo")
    energy, per_decay = strongest_line(nuclide)
    return np.array([sensitivity(head, one, energy, per_decay) * 1e6 for one in _made(holes, septa, lengths)])


def shipped_sensitivity(name, collimator, nuclide):
    """[counts/(s MBq)]."""
    found = camera(name)
    return sensitivity(found, found.collimator(collimator), *strongest_line(nuclide)) * 1e6


def shipped_resolution(name, collimator, nuclide):
    """At 100 mm [mm]."""
    found = camera(name)
    energy, _ = strongest_line(nuclide)
    return float(detector_response(found, found.collimator(collimator), energy).fwhm(100.0))


def sensitivity_ratio(one, other):
    """Of the expected NEMA sensitivities of two PET scanners [1]."""
    return line_sensitivity(pet_scanner(one)) / line_sensitivity(pet_scanner(other))


def sensitivity_ratio_of_lines(name, length, other, counts=False):
    """Of two lengths of line [mm] in one scanner: counts for each decay, or counts at one activity a length [1]."""
    found = pet_scanner(name)
    ratio = line_sensitivity(found, length=length) / line_sensitivity(found, length=other)
    return ratio * length / other if counts else ratio


def sensitivity_ratio_of_rings(name, rings, other):
    """Of one scanner with two numbers of rings of crystals [1]."""
    found = pet_scanner(name)
    long, short = (replace(found, rings=n, axial_length=found.axial_length * n / found.rings) for n in (rings, other))
    return line_sensitivity(long) / line_sensitivity(short)


def _made(holes, septa, lengths):
    return [Collimator(name=f"{d}", hole=d, septum=t, length=length) for d, t, length in zip(holes, septa, lengths, strict=True)]
