"""I-131 mIBG by the dose to the whole body: the second administration from the first."""

from hevesy import units as u
from hevesy.dose.marrow import checked_weight
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.protocols.chance import EXCEED, Held, chance_above, largest
from hevesy.protocols.facts import fact
from hevesy.protocols.first_order import between, positive, propagated

RECIPE = "i131-mibg"
NUCLIDE = "I-131"
CITATION = (
    "J. Gear et al., EANM Dosimetry Committee series on standard operational procedures for internal dosimetry for 131I mIBG "
    "treatment of neuroendocrine tumours, EJNMMI Phys. 7 (2020) 15; M. N. Gaze et al., Cancer Biother. Radiopharm. 20 (2005) 195"
)
GOALS = (0.1, 10.0)  # Gy
ACTIVITIES = (10 * u.MBq, 60 * u.GBq)  # Bq


def whole_body_s_value(mass: float) -> float:
    """S value of the whole body for itself, I-131, scaled to the patient [Gy/(Bq s)].

        S = 1.34e-4 m^-0.921 Gy/(MBq h),   m in kg

    Parameters
    ----------
    mass : float                        [kg].

    A fit to phantoms from newborn to adult. Neglected: shape, where in the body the activity is.
    Reference: S. E. Buckley et al., J. Nucl. Med. 50 (2009) 1518.
    """
    at_1_kg, exponent = fact(RECIPE, "whole-body S at 1 kg").value, fact(RECIPE, "whole-body S exponent").value
    return float(at_1_kg * checked_weight(mass) ** exponent)


def whole_body_dose_per_activity(*, tiac: Measured, mass: Measured) -> Measured:
    """Absorbed dose to the whole body per administered activity, D / A0 = a_tilde S(m) [Gy/Bq].

    Parameters
    ----------
    tiac : Measured                     Time-integrated activity coefficient of the whole body, from retention [s].
    mass : Measured                     [kg].
    """
    # Nothing stays longer than the mean life of the nuclide; 0.1 % is rounding of half-lives.
    most = 1.001 / load_nuclide(NUCLIDE).decay_constant
    if not 0.5 * u.h <= tiac.value <= most:
        raise InputError(
            f"whole-body coefficient is {tiac.value / u.h:g} h; from 0.5 h to the mean life, {most / u.h:.4g} h, is allowed. "
            "Is it in hours?"
        )
    return propagated(lambda x: x["tiac"] * whole_body_s_value(x["mass"]), {"tiac": tiac, "mass": mass})


def first_activity(*, mass: Measured) -> Measured:
    """Activity of the first administration by body mass, 444 MBq/kg [Bq]."""
    checked_weight(mass.value)
    per_mass = fact(RECIPE, "first activity by mass").value
    return propagated(lambda x: per_mass * x["mass"], {"mass": mass})


def next_activity(*, goal: float, given: Measured, per_activity: Measured) -> Measured:
    """Activity that brings the whole body to the goal of the course [Bq].

        A_2 = D_goal / (D / A0) - A_1

    Parameters
    ----------
    goal : float                        Over the whole course [Gy].
    given : Measured                    A_1, activity that was given before [Bq].
    per_activity : Measured             Of this patient, from the retention after the first [Gy/Bq].

    The retention of the first is taken for the second. One measurement serves both, so that the total dose has the relative u
    of ``per_activity``.

    Raises
    ------
    ScopeError
        The goal has been reached.
    """
    between(goal, GOALS, "whole-body dose of the course", "Gy")
    between(given.value, ACTIVITIES, "activity given before", "GBq", u.GBq)
    positive(per_activity.value, "dose per activity", "Gy/Bq")
    delivered = given.value * per_activity.value
    if delivered >= goal:
        raise ScopeError(f"whole body: {delivered:.3g} Gy were given of a goal of {goal:g} Gy; nothing is left for another one.")
    inputs = {"given": given, "per activity": per_activity}
    found = propagated(lambda x: goal / x["per activity"] - x["given"], inputs)
    if found.value > ACTIVITIES[1]:
        raise ScopeError(
            f"{found.value / u.GBq:.3g} GBq would follow, more than the {ACTIVITIES[1] / u.GBq:g} GBq that were ever near use. "
            "Check retention, weight and the activity given."
        )
    return found


def total_dose(*, given: Measured, to_come: float, per_activity: Measured) -> Measured:
    """Absorbed dose to the whole body over both, D = (A_1 + A_2) (D / A0) [Gy]; ``to_come``: A_2, taken as exact [Bq].

    One retention measurement gives both parts: their errors are one error.
    """
    inputs = {"given": given, "per activity": per_activity}
    return propagated(lambda x: (x["given"] + to_come) * x["per activity"], inputs)


def next_within_limit(*, limit: float, given: Measured, per_activity: Measured, exceed: float = EXCEED) -> Held:
    """Activity with which the whole body exceeds a limit of the course with a chosen chance.

        P((A_1 + A_2) D / A0 > D_limit) = exceed

    Parameters are those of :func:`next_activity`, with the limit [Gy] in place of the goal and the chance [1]. The dose is
    log-normal about its best estimate. Without u of ``per_activity`` the activity is that of the best estimate.

    Raises
    ------
    ScopeError
        The limit has been reached, or may have been with more than that chance.
    """
    best = next_activity(goal=limit, given=given, per_activity=per_activity)
    if per_activity.u is None:
        return Held(activity=best.value, best=best, known=False)

    def chance(activity: float) -> float | None:
        return chance_above(total_dose(given=given, to_come=activity, per_activity=per_activity), limit)

    return Held(activity=largest(chance, most=best.value, exceed=exceed), best=best, known=True)
