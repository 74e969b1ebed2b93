"""Whether the figures of a PET scanner fit together: NEMA NU 2 against geometry and crystals."""

import math
from functools import cache

import numpy as np

from hevesy.imaging.systems.check import Check
from hevesy.imaging.systems.coincidence import ANNIHILATION, limits, line_sensitivity, packing, photon_efficiency
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.materials import Material, atomic_weight, mean_excitation_energy, photon_cross_sections

# NEMA NU 2: a cylinder of polyethylene, 203 mm across and 700 mm long, its line source 45 mm below the axis.
PHANTOM_RADIUS = 101.5
PHANTOM_OFFSET = 45.0
PHANTOM_LENGTH = 700.0
PHANTOM_VOLUME = 22000.0  # ml, by the standard
_POLYETHYLENE = 0.96  # g/ml, by the standard

_LIGHT = 299.792458e9  # mm/s
_RECONSTRUCTION = 1.25
_POSITRON_RANGE = 0.54  # mm, F-18
_ACOLLINEARITY = 0.0044  # of the radius
_NODES = 12
_PLANES = 60


def pet_checks(scanner: PetScanner) -> tuple[Check, ...]:
    """All questions that the published figures of ``scanner`` allow to ask, in the order of its file."""
    asked = (_packing, _sensitivity, _beside, _resolution, _scatter, _necr, _coincidence, _energy)
    return tuple(check for ask in asked for check in ask(scanner))


def expected_resolution(crystal: float, radius: float) -> float:
    """FWHM on the axis by crystal and ring [mm].

        R = 1.25 sqrt( (d/2)^2 + s^2 + (0.0044 R)^2 )

    Parameters
    ----------
    crystal : float                     Its side d [mm].
    radius : float                      Of the ring, R [mm].

    s = 0.54 mm is the range of F-18 positrons, 1.25 what filtered backprojection adds. Neglected: errors in finding the
    crystal (the paper's b), depth of interaction. Reference: Moses, Nucl. Instrum. Methods A 648 (2011) S236, eq. 1.
    """
    return _RECONSTRUCTION * math.sqrt((crystal / 2) ** 2 + _POSITRON_RANGE**2 + (_ACOLLINEARITY * radius) ** 2)


def phantom_transmission(scanner: PetScanner) -> float:
    """Share of the pairs of NEMA's scatter phantom, otherwise counted, that leave it unscattered [1].

        f = int eps^2 exp(-mu c(phi) / sin theta) / int eps^2

    over the directions and the length of the line, c the chord through the line across the cylinder. Neglected: the ends.
    """
    half = min(PHANTOM_LENGTH, scanner.axial_length) / 2
    z = (np.arange(_PLANES) + 0.5) / _PLANES * half
    most = limits(scanner, z, PHANTOM_OFFSET)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    cosine = 0.5 * (x + 1) * most[..., None]
    weight = photon_efficiency(scanner, cosine) ** 2 * w * most[..., None]
    azimuths = most.shape[1]
    phi = (np.arange(azimuths) + 0.5) * (math.pi / azimuths)
    chord = 2 * np.sqrt(PHANTOM_RADIUS**2 - (PHANTOM_OFFSET * np.sin(phi)) ** 2)
    path = chord[None, :, None, None] / np.sqrt(1 - cosine**2)
    return float((weight * np.exp(-phantom_attenuation() * path)).sum() / weight.sum())


def _packing(scanner: PetScanner) -> tuple[Check, ...]:
    across, along, _ = scanner.crystal
    checks = []
    why = "Crystals side by side must fit, and blocks leave gaps of 2 to 20 %."
    if along is not None and scanner.ring_pitch is not None:
        checks.append(_check("axial side of a crystal", along, scanner.ring_pitch, "mm", (0.80, 1.02), why))
    if across is not None and scanner.crystal_pitch is not None:
        checks.append(_check("transaxial side of a crystal", across, scanner.crystal_pitch, "mm", (0.80, 1.02), why))
    return tuple(checks)


def _sensitivity(scanner: PetScanner) -> tuple[Check, ...]:
    if scanner.sensitivity_centre is None:
        return ()
    _, known = packing(scanner)
    guess = "" if known else " The share of crystal in the ring was taken as usual, for want of the numbers of crystals."
    why = (
        "Solid angle of the cylinder, positron yield of F-18, and efficiency of the crystals squared: a bound, of which covers, "
        f"edges of blocks, electronics and triggers take a tenth to a half. Shipped scanners lie from 0.46 to 0.90.{guess}"
    )
    expected = line_sensitivity(scanner)
    return (_check("sensitivity on the axis", scanner.sensitivity_centre * 1e3, expected * 1e3, "cps/kBq", (0.38, 1.05), why),)


def _beside(scanner: PetScanner) -> tuple[Check, ...]:
    if scanner.sensitivity_centre is None or scanner.sensitivity_100mm is None:
        return ()
    expected = scanner.sensitivity_centre * line_sensitivity(scanner, offset=100.0) / line_sensitivity(scanner)
    why = (
        "The integral with the line 100 mm beside the axis, times the figure on the axis; shipped scanners lie from 0.94 to 1.02."
    )
    return (_check("sensitivity 100 mm off", scanner.sensitivity_100mm * 1e3, expected * 1e3, "cps/kBq", (0.93, 1.07), why),)


def _resolution(scanner: PetScanner) -> tuple[Check, ...]:
    why = (
        "1.25 sqrt((d/2)^2 + range^2 + (0.0044 R)^2), Moses 2011, without errors of decoding, which add up to half. Less than "
        "0.9 is reached only by modelling the resolution in the reconstruction, which NEMA does not ask for."
    )
    checks = []
    for what, given, side in (
        ("transverse resolution", scanner.resolution_transverse, scanner.crystal[0]),
        ("axial resolution", scanner.resolution_axial, scanner.crystal[1]),
    ):
        if given is not None and side is not None:
            checks.append(_check(what, given, expected_resolution(side, scanner.radius), "mm", (0.90, 1.60), why))
    return tuple(checks)


def _scatter(scanner: PetScanner) -> tuple[Check, ...]:
    if scanner.scatter_fraction is None:
        return ()
    why = "The phantom is the same for all; with thresholds of 400 to 450 keV, shipped scanners lie from 30 to 43 %."
    return (_check("scatter fraction", scanner.scatter_fraction * 100, 37.0, "%", (0.65, 1.35), why),)


def _necr(scanner: PetScanner) -> tuple[Check, ...]:
    peak, at, sensitivity = scanner.peak_necr, scanner.peak_necr_concentration, scanner.sensitivity_centre
    if peak is None or at is None or sensitivity is None:
        return ()
    scatter = 0.37 if scanner.scatter_fraction is None else scanner.scatter_fraction
    trues = sensitivity * at * PHANTOM_VOLUME * phantom_transmission(scanner)
    why = (
        "T (1 - SF), trues T from the sensitivity and what the phantom lets through, without randoms or dead time: a bound. At "
        "the peak both take most of it; shipped scanners keep 0.20 to 0.36."
    )
    if scanner.scatter_fraction is None:
        why += " The scatter fraction was taken as 37 %."
    return (_check("peak NECR", peak / 1e3, trues * (1 - scatter) / 1e3, "kcps", (0.10, 0.50), why),)


def _coincidence(scanner: PetScanner) -> tuple[Check, ...]:
    checks = []
    if scanner.coincidence_window is not None:
        reach = _LIGHT * scanner.coincidence_window / 2
        why = "c tau / 2 is how far off the axis a pair is still in coincidence; it must hold a patient, within the ring."
        checks.append(_check("reach of the coincidence window", reach, scanner.radius, "mm", (0.60, 1.40), why))
    if scanner.tof_resolution is not None:
        why = "Lutetium crystals in whole-body scanners reach 170 to 600 ps."
        checks.append(_check("time-of-flight resolution", scanner.tof_resolution * 1e12, 350.0, "ps", (0.40, 1.80), why))
    return tuple(checks)


def _energy(scanner: PetScanner) -> tuple[Check, ...]:
    if scanner.energy_window is None or scanner.energy_resolution is None:
        return ()
    lower = 511 - scanner.energy_window.lower
    fwhm = 511 * scanner.energy_resolution
    why = "Distance of the lower threshold from 511 keV in FWHM: below 0.6 it cuts the peak, beyond 3 it admits most scatter."
    return (_check("lower threshold below the peak", lower, fwhm, "keV", (0.60, 3.0), why),)


def _check(what: str, given: float, expected: float, unit: str, allowed: tuple[float, float], why: str) -> Check:
    return Check(what=what, given=given, expected=expected, unit=unit, allowed=allowed, why=why)


@cache
def phantom_attenuation() -> float:
    hydrogen, carbon = 2 * atomic_weight(1), atomic_weight(6)
    parts = ((1, hydrogen / (hydrogen + carbon)), (6, carbon / (hydrogen + carbon)))
    material = Material(
        name="polyethylene",
        title="Polyethylene",
        density=_POLYETHYLENE,
        mean_excitation_energy=mean_excitation_energy(parts),
        composition=parts,
        source="formula unit; density by NEMA NU 2",
    )
    return float(photon_cross_sections(material, ANNIHILATION).total) * _POLYETHYLENE / 10
