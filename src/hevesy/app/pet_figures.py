"""Figures of NEMA NU 2 of a PET scanner, simulated from its design and held against the published ones."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.nema import PHANTOM_VOLUME, CountRates, count_rates, fitted_dead_time
from hevesy.imaging.pet.nema_points import point_images
from hevesy.imaging.pet.shell import Shell, shell_of
from hevesy.imaging.systems import PetScanner, pet_scanner
from hevesy.quantify.nema_resolution import point_widths, profile_widths

# Taken where a scanner's file has no energy resolution; shipped scanners with lutetium crystals lie from 9 to 12.4 %.
USUAL_ENERGY = 0.10
SEED = 1
# Largest axial distance of the lines that images are made of: of the long scanners one says it, 85 rings (Prenosil et al.,
# J Nucl Med 2022;63:476); more oblique lines blur along the axis.
SPAN_OF_IMAGES = 282.0  # mm
# By how much two papers on one detector differ: the verdict's yardstick.
SPREAD: dict[str, tuple[float, str]] = {
    "sensitivity": (
        0.05,
        "two sites on the Discovery MI with 4 rings: 13.3 and 13.7 cps/kBq, 3 %; two positions of the line: 2 %",
    ),
    "scatter fraction": (0.04, "the Discovery MI with 3, 4 and 6 rings of one detector: 41.7, 40.6, 40.2 %"),
    "peak NECR": (
        0.10,
        "taken, not read: sites differ in the calibration of the activity, about 5 %, and in where they find the peak",
    ),
    "resolution": (0.08, "the Discovery MI with 3 and 4 rings, radially at 1 cm: 4.69 and 4.10 mm, 7 % about their mean"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """A full width at half maximum and its standard uncertainty by the number of events [mm]."""

    fwhm: float
    u: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Of a point by filtered backprojection.

    Attributes
    ----------
    radial, tangential, axial : Width
    events : int
    """

    radial: Width
    tangential: Width
    axial: Width
    events: int

    @property
    def transverse(self) -> Width:
        """Mean of radial and tangential."""
        return Width(fwhm=(self.radial.fwhm + self.tangential.fwhm) / 2, u=math.hypot(self.radial.u, self.tangential.u) / 2)


def resolution(shell: Shell, offset: float, *, decays: float = 3e5, seed: int) -> Resolution:
    """Widths of a point source ``offset`` mm beside the axis, as NEMA NU 2 measures them on the reconstructed image.

    Parameters
    ----------
    decays : float              Annihilations, about.

    Lines are at most 282 mm apart at their ends along the axis. What is neglected: see
    :func:`hevesy.imaging.pet.nema_points.point_images`.
    """
    shell = replace(shell, span=min(shell.span, SPAN_OF_IMAGES))
    images = point_images(shell, offset, decays=decays, seed=seed)
    sides = (images.pixel, images.pixel)

    def widths(image: Any, profile: Any) -> list[float]:
        radial, tangential = point_widths(image, sides)
        return [radial.fwhm, tangential.fwhm, profile_widths(profile, images.pixel).fwhm]

    groups = np.array([widths(*pair) for pair in zip(images.transaxial, images.axial, strict=True)])
    u = groups.std(axis=0, ddof=1) / math.sqrt(len(groups))
    whole = widths(images.transaxial.sum(axis=0), images.axial.sum(axis=0))
    made = [Width(fwhm=float(value), u=float(by)) for value, by in zip(whole, u, strict=True)]
    return Resolution(radial=made[0], tangential=made[1], axial=made[2], events=images.events)


@cache
def resolution_of(
    name: str, *, offset: float, decays: float = 2e5, seed: int = 1, energy_fwhm: float | None = None
) -> dict[str, float]:
    """`resolution` of a scanner of the library, for tables and reference cases [mm]."""
    found = resolution(shell_of(pet_scanner(name), energy_fwhm=energy_fwhm), offset, decays=decays, seed=seed)
    return {which: getattr(found, which).fwhm for which in ("radial", "tangential", "transverse", "axial")}


def near_axis(name: str, *, energy_fwhm: float | None = None) -> list[float]:
    """Transverse and axial width 1 cm beside the axis [mm]."""
    found = resolution_of(name, offset=10.0, energy_fwhm=energy_fwhm)
    return [found["transverse"], found["axial"]]


def off_axis(name: str, *, offset: float, energy_fwhm: float | None = None) -> list[float]:
    """Radial and tangential width ``offset`` mm beside the axis [mm]."""
    found = resolution_of(name, offset=offset, energy_fwhm=energy_fwhm)
    return [found["radial"], found["tangential"]]


def simulated_figures(scanner: PetScanner, *, decays: float = 2e6, seed: int = SEED) -> dict[str, Any]:
    """Computed beside published figures, with a verdict for each that was published.

    Parameters
    ----------
    decays : float              Of the scatter phantom, about.

    Only the place of the peak of NECR is taken from the published figures, as a dead time, and the sensitivity as a factor on
    the count rates; everything else follows from crystals, blocks, rings and energy window.
    """
    if not 1e5 <= decays <= 1e9:
        raise InputError(f"{decays:g} decays are asked for; 1e5 to 1e9 are allowed. The default is 2e6.")
    remarks, energy_fwhm = [], scanner.energy_resolution
    if energy_fwhm is None:
        energy_fwhm = USUAL_ENERGY
        remarks.append(f"No energy resolution is known; {100 * USUAL_ENERGY:g} % is assumed.")
    if scanner.block is None:
        remarks.append("Which crystals are read as one is not known; blocks of 8 x 8 are assumed.")
    try:
        shell = shell_of(scanner, energy_fwhm=energy_fwhm)
    except ScopeError as error:
        return {"rows": [], "remarks": [str(error)], "seed": seed, "decays": decays}
    window = scanner.coincidence_window
    known = scanner if window else replace(scanner, coincidence_window=2.5e-9)  # of no effect on sensitivity and scatter
    rates = count_rates(known, decays=decays, seed=seed, energy_fwhm=energy_fwhm)
    rows = _rate_rows(scanner, rates)
    if window is None:
        remarks.append("No coincidence window is known; count rates with randoms are not predicted.")
    elif scanner.peak_necr_concentration is None:
        remarks.append("Where its count rate peaks is not known; the height of the peak is not predicted.")
    else:
        rows.append(_peak_row(scanner, rates))
        remarks.append("The place of the peak is taken over, as one dead time; its height is predicted.")
    if shell.span > SPAN_OF_IMAGES:
        remarks.append(f"Widths are those of lines at most {SPAN_OF_IMAGES:g} mm apart along the axis.")
    rows += _width_rows(scanner, lambda offset: resolution(shell, offset, seed=seed))
    return {"rows": rows, "remarks": remarks, "seed": seed, "decays": decays}


def _rate_rows(scanner: PetScanner, rates: CountRates) -> list[dict[str, Any]]:
    per_kbq = None if scanner.sensitivity_centre is None else scanner.sensitivity_centre * 1e3
    fraction = None if scanner.scatter_fraction is None else scanner.scatter_fraction * 100
    air = rates.sensitivity
    return [
        _row("sensitivity, axis", "sensitivity", "cps/kBq", (air.value * 1e3, air.u * 1e3), per_kbq),
        _row(
            "scatter fraction",
            "scatter fraction",
            "%",
            (rates.scatter_fraction * 100, rates.u_scatter_fraction * 100),
            fraction,
        ),
    ]


def _peak_row(scanner: PetScanner, rates: CountRates) -> dict[str, Any]:
    dead_time = fitted_dead_time(scanner, rates)
    peak = float(rates.necr(float(scanner.peak_necr_concentration or 0.0) * PHANTOM_VOLUME, dead_time))
    # trues enter squared over all counts
    u = peak * 2 / math.sqrt(rates.events)
    published = None if scanner.peak_necr is None else scanner.peak_necr / 1e3
    return _row("peak NECR", "peak NECR", "kcps", (peak / 1e3, u / 1e3), published)


def _width_rows(scanner: PetScanner, at: Callable[[float], Resolution]) -> list[dict[str, Any]]:
    rows = []
    for offset in (10.0, 100.0, 200.0):
        found = at(offset)
        where = f"{offset / 10:g} cm"
        if offset == 10.0:
            pair = found.transverse
            rows.append(_row(f"FWHM transverse {where}", "resolution", "mm", (pair.fwhm, pair.u), scanner.resolution_transverse))
        else:
            for which, width in (("radial", found.radial), ("tangential", found.tangential)):
                rows.append(_row(f"FWHM {which} {where}", "resolution", "mm", (width.fwhm, width.u), None))
        published = scanner.resolution_axial if offset == 10.0 else None
        rows.append(_row(f"FWHM axial {where}", "resolution", "mm", (found.axial.fwhm, found.axial.u), published))
    return rows


def _row(figure: str, kind: str, unit: str, computed: tuple[float, float], published: float | None) -> dict[str, Any]:
    spread, why = SPREAD[kind]
    value, u = computed
    ratio = None if published is None else value / published
    verdict = "not published"
    if published is not None:
        verdict = "within" if abs(value / published - 1) <= spread + 2 * u / published else "outside"
    return {
        "figure": figure,
        "kind": kind,
        "unit": unit,
        "computed": float(f"{value:.4g}"),
        "u": float(f"{u:.2g}"),
        "published": None if published is None else float(f"{published:.6g}"),
        "ratio": None if ratio is None else float(f"{ratio:.3g}"),
        "spread": spread,
        "why": why,
        "verdict": verdict,
    }
