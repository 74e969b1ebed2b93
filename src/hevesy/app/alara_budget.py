"""What of a dose's uncertainty no scan time changes: calibration, outline, recovery, density."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hevesy.app.quantities import quantity
from hevesy.errors import InputError, ScopeError
from hevesy.imaging.trials import RegionNoise
from hevesy.protocols import budget

AS_REPORTED = "as in reports of dosimetry"
GEAR = "Gear et al., Eur J Nucl Med Mol Imaging 2018;45:2456"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part, relative and k = 1, the same in all scans of a patient."""

    name: str
    u: float
    source: str


def known_terms(other: str, calibration: str) -> list[Term]:
    """What is known before a scan is simulated: all of it where the user says so, else the calibration."""
    if other:
        return [Term(name="all that no scan time changes", u=_fraction(other, "--other"), source="asked for")]
    if calibration:
        return [Term(name="calibration", u=_fraction(calibration, "--calibration"), source="asked for")]
    return [Term(name="calibration", u=budget.CALIBRATION_U, source=f"assumed, {AS_REPORTED}")]


def terms_of_scans(noises: Sequence[RegionNoise], spacing: tuple[float, float, float]) -> list[Term]:
    """Outline, recovery and density of the organ; of the outline and the recovery the largest of the scans.

        outline     |d ln m / db| u(b),   u(b) = a / (2 sqrt 6)        (Gear et al. 2018), drawn on CT
        recovery    0.20 |1 - R|                                       of a correction by R
        density     0.02                                               with CT

    with a the largest voxel side of the image: the numbers and formulas of :mod:`hevesy.protocols.budget`.
    """
    moved = max(spacing) / (2 * math.sqrt(6))
    outline = max(abs(noise.by_boundary) for noise in noises) * moved
    recovered = max(abs(1 - noise.mean / noise.truth) for noise in noises)
    return [
        Term(name="outline", u=outline, source=f"{moved:.2g} mm of its place ({GEAR})"),
        Term(name="recovery", u=budget.CORRECTION_U * recovered, source=f"a fifth of the correction, {AS_REPORTED}"),
        Term(name="density", u=budget.DENSITY_U_CT, source=f"with CT, {AS_REPORTED}"),
    ]


def together(terms: Sequence[Term]) -> float:
    """Of all terms."""
    return math.sqrt(math.fsum(term.u**2 for term in terms))


def left_for_counting(bound: float, terms: Sequence[Term]) -> float:
    """What the bound leaves for counting noise; refused where there is nothing left, whatever the scan time."""
    rest = together(terms)
    if rest >= bound:
        parts = ", ".join(f"{term.name} {100 * term.u:.2g} %" for term in terms)
        raise ScopeError(
            f"the bound of {100 * bound:g} % is used up by the {100 * rest:.3g} % that no scan time changes ({parts}): no scan "
            "is long enough. Raise --bound, or lower these parts and say so with --calibration or --other."
        )
    return math.sqrt(bound**2 - rest**2)


def _fraction(text: str, name: str) -> float:
    found = quantity(text, "fraction", name=name)
    if not 0 <= found < 1:
        raise InputError(f"{name} {text}: 0 % to 100 % is allowed.")
    return found
