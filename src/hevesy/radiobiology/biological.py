"""The biological dose of a region: BED and EQD2 with what makes them uncertain."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model.measured import Measured
from hevesy.radiobiology.effect import bed, eqd
from hevesy.radiobiology.protraction import lea_catcheside
from hevesy.radiobiology.repair import Repair
from hevesy.radiobiology.tissues import Tissue

STEP = 1e-4  # relative step of the derivative of G by the repair half-time
TERMS = ("dose", "half-life", "alpha/beta", "repair", "RBE")


@dataclass(frozen=True, slots=True, kw_only=True)
class BiologicalDose:
    """BED and EQD2 of one region over equal cycles.

    Attributes
    ----------
    tissue : Tissue
    cycles : int
    dose : Measured                     Absorbed dose over all cycles, not weighted by any RBE [Gy].
    rbe : Measured or None              RBE_max that was given; None where there was none and 1 was taken [1].
    G : Measured                        Lea-Catcheside factor of a cycle [1].
    bed_per_cycle, bed, eqd2 : Measured [Gy].
    terms_bed, terms_eqd2 : Mapping     Relative u by term of :data:`TERMS`; a term that nobody states is absent [1].
    missing : tuple of str              Terms without a stated uncertainty, which u leaves out.
    """

    tissue: Tissue
    cycles: int
    dose: Measured
    rbe: Measured | None
    G: Measured
    bed_per_cycle: Measured
    bed: Measured
    eqd2: Measured
    terms_bed: Mapping[str, float]
    terms_eqd2: Mapping[str, float]
    missing: tuple[str, ...]


def biological_dose(
    dose: Measured,
    amplitudes: npt.ArrayLike,
    rates: npt.ArrayLike,
    tissue: Tissue,
    *,
    rbe: Measured | None = None,
    cycles: int = 1,
    half_life_u: float | None = None,
) -> BiologicalDose:
    """BED and EQD2 of ``cycles`` equal administrations with complete repair between them.

        BED = n D (RBE + G D / (alpha/beta)),   EQD2 = BED / (1 + 2 Gy / (alpha/beta))
        u^2 = sum over D, T_eff, alpha/beta, T_rep, RBE of (derivative times u)^2

    Parameters
    ----------
    dose : Measured                     D of one cycle [Gy].
    amplitudes, rates : array, (k,)     Of the curve that the dose rate follows [any], [1/s]; see :func:`lea_catcheside`.
    tissue : Tissue
    rbe : Measured or None              RBE_max as somebody chose it; None is 1, for beta particles and photons [1].
    cycles : int                        n.
    half_life_u : float or None         Relative u of the effective half-life, here of G alone [1].

    Neglected: the correlation of D with T_eff, which would make u smaller: a longer half-life gives more dose and a lower G;
    differences of the cycles, so that all u is shared by them; second order of the propagation. Reference: JCGM 100:2008,
    5.1; for the formula see :func:`bed`.
    """
    if not (isinstance(cycles, int) and 1 <= cycles <= 100):
        raise InputError(f"number of cycles is {cycles}; a whole number from 1 to 100 is allowed.")
    if dose.value < 0:
        raise InputError(f"absorbed dose is {dose.value:g} Gy; it must not be below zero.")
    a, r = np.asarray(amplitudes, dtype=np.float64), np.asarray(rates, dtype=np.float64)
    G = lea_catcheside(a, r, tissue.repair)
    # G depends on the ratios of the rates alone: its slope in ln T_rep is that in -ln T_eff.
    slope = _slope(lambda factor: lea_catcheside(a, r, _slower(tissue.repair, factor)))
    ab, D, R = tissue.alpha_beta.value, dose.value, 1.0 if rbe is None else rbe.value
    one = bed(D, G, ab, rbe=R)
    u = _uncertainties(dose, tissue, rbe, half_life_u)
    by_bed = {"dose": R + 2 * G * D / ab, "half-life": -slope * D**2 / ab, "alpha/beta": -G * D**2 / ab**2}
    by_bed |= {"repair": slope * D**2 / ab, "RBE": D}
    per_eqd2 = one / eqd(one, ab) if one else 1 + 2 / ab
    by_eqd2 = {term: value / per_eqd2 for term, value in by_bed.items()}
    # alpha/beta stands in the denominator of EQD2 as well: (R D ab + G D^2) / (ab + 2).
    by_eqd2["alpha/beta"] = (2 * R * D - G * D**2) / (ab + 2) ** 2
    terms_bed, terms_eqd2 = _terms(by_bed, u, one), _terms(by_eqd2, u, eqd(one, ab))
    reason = dose.why_no_u if dose.u is None else ""
    u_G = math.hypot(slope * (u["half-life"] or 0), slope * (u["repair"] or 0))
    return BiologicalDose(
        tissue=tissue,
        cycles=cycles,
        dose=_times(dose, cycles),
        rbe=rbe,
        G=Measured(value=G, u=u_G) if u["repair"] is not None else Measured(value=G, u=None, why_no_u="no u of the repair time"),
        bed_per_cycle=_total(one, terms_bed, reason),
        bed=_times(_total(one, terms_bed, reason), cycles),
        eqd2=_times(_total(eqd(one, ab), terms_eqd2, reason), cycles),
        terms_bed=MappingProxyType(terms_bed),
        terms_eqd2=MappingProxyType(terms_eqd2),
        missing=tuple(term for term in TERMS if u[term] is None),
    )


def _uncertainties(dose: Measured, tissue: Tissue, rbe: Measured | None, half_life_u: float | None) -> dict[str, float | None]:
    """u in the unit of each term; relative for both times; 0 for an RBE that was not given."""
    return {
        "dose": dose.u,
        "half-life": half_life_u,
        "alpha/beta": tissue.alpha_beta.u,
        "repair": tissue.repair_u,
        "RBE": 0.0 if rbe is None else rbe.u,
    }


def _terms(slopes: dict[str, float], u: dict[str, float | None], value: float) -> dict[str, float]:
    found = {}
    for term in TERMS:
        known = u[term]
        if known is not None and not (term == "RBE" and known == 0):
            found[term] = abs(slopes[term]) * known / value if value else 0.0
    return found


def _total(value: float, terms: Mapping[str, float], reason: str) -> Measured:
    if reason:
        return Measured(value=value, u=None, why_no_u=f"the absorbed dose has none: {reason}")
    return Measured(value=value, u=value * math.hypot(*terms.values()))


def _times(value: Measured, factor: float) -> Measured:
    return replace(value, value=value.value * factor, u=None if value.u is None else value.u * factor)


def _slower(repair: Repair, factor: float) -> Repair:
    return replace(repair, half_times=tuple(T * factor for T in repair.half_times))


def _slope(G: Callable[[float], float]) -> float:
    """dG / d ln T_rep by a central difference."""
    return (G(1 + STEP) - G(1 - STEP)) / (2 * STEP)
