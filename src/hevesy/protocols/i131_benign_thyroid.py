"""I-131 for benign thyroid disease: uptake and half-life method."""

import math

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.protocols.facts import Fact, fact
from hevesy.protocols.first_order import propagated

RECIPE = "i131-benign-thyroid"
NUCLIDE = "I-131"
CITATION = (
    "H. Haenscheid et al., EANM Dosimetry Committee series on standard operational procedures for pre-therapeutic dosimetry II, "
    "Eur. J. Nucl. Med. Mol. Imaging 40 (2013) 1126"
)
DISEASES = ("graves", "graves ablative", "autonomous nodule", "multinodular", "goitre")
UPTAKE = 1.2  # a larger one is a slip of the standard or of the units, not noise
MASSES = (0.5e-3, 0.5)  # kg
GOALS = (20.0, 1000.0)  # Gy


def goal_of(disease: str) -> Fact:
    """Absorbed dose that the guideline aims at, a number or a range.

    Raises
    ------
    InputError
        An unknown disease.
    """
    if disease not in DISEASES:
        raise InputError(f"disease {disease!r} is not known; allowed: {', '.join(DISEASES)}.")
    return fact(RECIPE, disease)


def uptake_integral(*, uptake: Measured, effective_half_life: Measured) -> Measured:
    """Time-integrated activity coefficient of a thyroid that is full at once, by Marinelli [s].

        integral R dt = U T_eff / ln 2

    Parameters
    ----------
    uptake : Measured                   U, largest uptake, corrected for decay, by the activity given [1].
    effective_half_life : Measured      T_eff [s].

    Neglected: the hours in which the thyroid fills: a few per cent too much, and the activity as much too small.
    Reference: L. D. Marinelli, E. H. Quimby, G. J. Hine, Am. J. Roentgenol. 59 (1948) 260.
    """
    if not 0 < uptake.value <= UPTAKE:
        raise InputError(f"uptake is {100 * uptake.value:g} %; above 0 and at most 120 % is allowed. Did you forget the %?")
    checked_half_life(effective_half_life.value)
    inputs = {"uptake": uptake, "effective half-life": effective_half_life}
    return propagated(lambda x: x["uptake"] * x["effective half-life"] / math.log(2), inputs)


def two_point_integral(*, early: tuple[float, Measured], late: tuple[float, Measured]) -> Measured:
    """Time-integrated activity coefficient from two uptakes after the thyroid is full, say at 24 h and at 6 days [s].

        lambda_eff = ln(R_1 / R_2) / (t_2 - t_1),   integral = R_1 exp(lambda_eff t_1) / lambda_eff,   R_i = U_i exp(-lambda t_i)

    Parameters
    ----------
    early, late : (t, U)                Time after the administration [s] and uptake, corrected for decay [1].

    Neglected: as for :func:`uptake_integral`. Three uptakes or more are better fitted:
    :func:`hevesy.kinetics.thyroid_uptake.fit_uptake`. Reference: H. Haenscheid et al. (2013), above.

    Raises
    ------
    InputError
        Times in the wrong order; uptakes that rise, so that no half-life follows.
    """
    (t1, U1), (t2, U2) = early, late
    if not 0 < t1 < t2:
        raise InputError(f"uptakes at {t1 / u.h:g} and {t2 / u.h:g} h; the first must be after 0 h and before the second.")
    decay = load_nuclide(NUCLIDE).decay_constant
    if not 0 < U2.value <= U1.value <= UPTAKE:
        raise InputError(
            f"uptakes of {100 * U1.value:g} and {100 * U2.value:g} %, corrected for decay; they must be above 0, at most 120 %, "
            "and not rise. Measure once more, later, and fit three."
        )
    rate = math.log(U1.value / U2.value) / (t2 - t1) + decay
    checked_half_life(math.log(2) / rate)

    def integral(early_uptake: float, late_uptake: float) -> float:
        eff = math.log(early_uptake / late_uptake) / (t2 - t1) + decay
        return early_uptake * math.exp((eff - decay) * t1) / eff

    return propagated(lambda x: integral(x["early"], x["late"]), {"early": U1, "late": U2})


def thyroid_activity(*, goal: float, mass: Measured, integral: Measured) -> Measured:
    """Activity for an absorbed dose to the thyroid or a nodule [Bq].

        A = D M / (E integral R dt),   E = 2.808 Gy g / (MBq d)

    Parameters
    ----------
    goal : float                        D [Gy].
    mass : Measured                     M, of the target, say by ultrasound [kg].
    integral : Measured                 Time-integrated activity coefficient of the target [s].

    With Marinelli's integral, A [MBq] = 24.7 M [g] D [Gy] / (U [%] T_eff [d]). Neglected: that the mass changes during the
    therapy, that E grows a little with the mass (photons), activity that is not alike. Reference: H. Haenscheid et al. (2013).
    """
    if not GOALS[0] <= goal <= GOALS[1]:
        raise InputError(f"goal is {goal:g} Gy; from {GOALS[0]:g} to {GOALS[1]:g} Gy is allowed. Is it in Gy?")
    checked_target(mass.value)
    checked_integral(integral.value)
    E = fact(RECIPE, "mean energy").value
    return propagated(lambda x: goal * x["mass"] / (E * x["integral"]), {"mass": mass, "integral": integral})


def thyroid_dose(*, activity: Measured, mass: Measured, integral: Measured) -> Measured:
    """Absorbed dose to the target, D = E A integral R dt / M [Gy]; the inverse of :func:`thyroid_activity`."""
    checked_target(mass.value)
    E = fact(RECIPE, "mean energy").value
    inputs = {"activity": activity, "mass": mass, "integral": integral}
    return propagated(lambda x: E * x["activity"] * x["integral"] / x["mass"], inputs)


def checked_half_life(effective: float) -> float:
    """An effective half-life, not above the physical one."""
    physical = load_nuclide(NUCLIDE).half_life
    if not 6 * u.h <= effective <= physical * 1.001:
        raise InputError(
            f"effective half-life is {effective / u.d:g} d; from 0.25 d to the physical {physical / u.d:.4g} d is allowed. "
            "Is it in days? A biological half-life is not an effective one."
        )
    return effective


def checked_integral(integral: float) -> float:
    """A time-integrated activity coefficient that uptake and decay allow [s]."""
    most = UPTAKE / load_nuclide(NUCLIDE).decay_constant
    if not u.h <= integral <= most:
        raise InputError(
            f"time-integrated activity coefficient of the target is {integral / u.h:g} h; from 1 h to {UPTAKE:g} mean lives of "
            f"I-131, {most / u.h:.4g} h, is allowed. Is it in hours? Nothing stays longer than the mean life."
        )
    return integral


def checked_target(mass: float) -> float:
    """A mass that a thyroid or a nodule can have [kg]."""
    if not MASSES[0] <= mass <= MASSES[1]:
        raise InputError(f"mass of the target is {mass / u.g:g} g; from 0.5 to 500 g is allowed. Did you forget '* g'?")
    return mass
