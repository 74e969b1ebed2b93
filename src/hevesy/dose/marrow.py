"""Absorbed dose to red marrow and to blood from what blood, probe and images show."""

import math

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.model.measured import Measured

EXTRACELLULAR_FRACTION = 0.19  # of red marrow: G. Sgouros, J. Nucl. Med. 34 (1993) 689
MARROW_DENSITY = 1.03  # g/ml: ICRU Report 46 (1992)
# M. Lassmann et al., Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1405: 108 Gy/GBq for 1 h/ml, 0.0188 Gy/GBq for 1 h in 1 kg^(2/3).
BLOOD_SELF = 108.0 * u.Gy / (u.GBq * u.h)
BODY_TO_BLOOD = 0.0188 * u.Gy / (u.GBq * u.h)
BLOOD_LIMIT = 2.0 * u.Gy
WEIGHTS = (2.0, 350.0)  # kg
HEIGHTS = (300.0, 2500.0)  # mm
ML_PER_L = 1000.0
# S. B. Nadler, J. U. Hidalgo, T. Bloch, Surgery 51 (1962) 224: litres from metres and kilograms, adults.
NADLER = {"male": (0.3669, 0.03219, 0.6041), "female": (0.3561, 0.03308, 0.1833)}


def marrow_to_blood_ratio(haematocrit: float, extracellular_fraction: float = EXTRACELLULAR_FRACTION) -> float:
    """Concentration in red marrow by that in blood, of what stays outside of cells.

        RMBLR = RMECFF / (1 - HCT)          (Sgouros 1993)

    Parameters
    ----------
    haematocrit : float                 HCT [1].
    extracellular_fraction : float      RMECFF, share of extracellular fluid in red marrow [1].

    Not for what binds to cells of the blood or the marrow: there the ratio is 1 or more, from images.

    Raises
    ------
    InputError
        A haematocrit that is none; 40 instead of 0.40.
    """
    if not 0.1 <= haematocrit <= 0.75:
        raise InputError(f"haematocrit is {haematocrit:g}; from 0.1 to 0.75 is allowed. Is it a percentage?")
    if not 0 < extracellular_fraction <= 1:
        raise InputError(f"extracellular fraction of the marrow is {extracellular_fraction:g}; above 0 and at most 1 is allowed.")
    return extracellular_fraction / (1 - haematocrit)


def marrow_dose_from_blood(
    blood_integral: Measured, *, ratio: float, energy_per_decay: float, absorbed_fraction: float = 1.0
) -> Measured:
    """Self-dose of red marrow from the concentration in blood.

        D = RMBLR C_tilde phi Delta / rho,   C_tilde = int_0^inf C_blood dt

    Parameters
    ----------
    blood_integral : Measured           C_tilde [Bq s/ml].
    ratio : float                       RMBLR [1]; see :func:`marrow_to_blood_ratio`.
    energy_per_decay : float            Delta of what is absorbed in the marrow: electrons, and alphas if any [MeV].
    absorbed_fraction : float           phi; 1 is an upper bound: trabecular bone takes some [1].

    Returns
    -------
    Measured                            [Gy].

    Neglected: photons from the rest of the body, activity in bone and on cells; u of ratio and phi. Reference: C. Hindorf
    et al., EANM Dosimetry Committee guideline on bone marrow and whole-body dosimetry, Eur. J. Nucl. Med. Mol. Imaging 37
    (2010) 1238. Where the guideline takes a gram of marrow for a millilitre, this takes its density, 1.03 g/ml.
    """
    if not (math.isfinite(ratio) and 0 < ratio <= 20):
        raise InputError(f"ratio of marrow to blood is {ratio:g}; above 0 and at most 20 is allowed.")
    per_integral = ratio * _energy(energy_per_decay, absorbed_fraction) / (MARROW_DENSITY * u.g)
    return _times(blood_integral, per_integral)


def marrow_dose_from_image(
    integral: Measured, *, marrow_mass: float, energy_per_decay: float, absorbed_fraction: float = 1.0
) -> Measured:
    """Self-dose of red marrow from the activity of a region that holds a known mass of it.

        D = A_tilde phi Delta / m

    Parameters
    ----------
    integral : Measured                 Time-integrated activity in the marrow of the region, say lumbar vertebrae [Bq s].
    marrow_mass : float                 Of the red marrow in that region [kg].
    energy_per_decay, absorbed_fraction     As for :func:`marrow_dose_from_blood`.

    Returns
    -------
    Measured                            [Gy].

    Neglected: activity of the region that is not in marrow, photons from elsewhere, u of mass and phi. Reference: as there.
    """
    if not 1e-4 <= marrow_mass <= 3.0:
        raise InputError(
            f"mass of the red marrow is {marrow_mass / u.g:g} g; from 0.1 to 3000 g is allowed. Did you forget '* g'?"
        )
    return _times(integral, _energy(energy_per_decay, absorbed_fraction) / marrow_mass)


def i131_blood_dose(*, tiac_per_ml: Measured, tiac_whole_body: Measured, weight: float, nuclide: str = "I-131") -> Measured:
    """Absorbed dose to the blood per administered activity of I-131.

        D / A0 = 108 tau_ml + 0.0188 tau_wb / w^(2/3)       [Gy/GBq], tau_ml in h/ml, tau_wb in h, w in kg

    Parameters
    ----------
    tiac_per_ml : Measured              Time-integrated activity coefficient of a millilitre of blood [s/ml].
    tiac_whole_body : Measured          Of the whole body [s].
    weight : float                      [kg].
    nuclide : str                       Any other than I-131 is refused: the factors are its own.

    Returns
    -------
    Measured                            [Gy/Bq]; u from both coefficients, as independent of each other.

    Neglected: u of the two factors; correlation of blood and whole body, for which both use one administered activity.
    Reference: M. Lassmann, H. Haenscheid, C. Chiesa, C. Hindorf, G. Flux, M. Luster: EANM Dosimetry Committee series on
    standard operational procedures for pre-therapeutic dosimetry I, Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1405.

    Raises
    ------
    InputError
        A weight that is none.
    ScopeError
        Another nuclide.
    """
    if nuclide != "I-131":
        raise ScopeError(f"blood dose of {nuclide}: the EANM formula holds for I-131 alone. Take the dose to the red marrow.")
    body = BODY_TO_BLOOD / checked_weight(weight) ** (2 / 3)
    value = BLOOD_SELF * tiac_per_ml.value + body * tiac_whole_body.value
    if tiac_per_ml.u is None or tiac_whole_body.u is None:
        return Measured(value=value, u=None, why_no_u=tiac_per_ml.why_no_u or tiac_whole_body.why_no_u)
    return Measured(value=value, u=math.hypot(BLOOD_SELF * tiac_per_ml.u, body * tiac_whole_body.u))


def activity_for_dose(dose: float, per_activity: Measured) -> Measured:
    """Activity that gives a dose: A = D / (D/A0), with the relative uncertainty of the latter [Bq]."""
    if not (math.isfinite(dose) and dose > 0 and per_activity.value > 0):
        raise InputError(f"a dose of {dose:g} Gy at {per_activity.value:g} Gy/Bq gives no activity; both must be above 0.")
    value = dose / per_activity.value
    if per_activity.u is None:
        return Measured(value=value, u=None, why_no_u=per_activity.why_no_u)
    return Measured(value=value, u=value * per_activity.u / per_activity.value)


def blood_volume(*, height: float, weight: float, sex: str) -> float:
    """Volume of blood of an adult [ml].

        V = a h^3 + b w + c     [l], h in m, w in kg        (Nadler, Hidalgo and Bloch 1962)

    Parameters
    ----------
    height : float                      [mm].
    weight : float                      [kg].
    sex : str                           "male" or "female".

    Neglected: age, muscle and fat; children. A standard deviation of some 10 % is usual.
    """
    if sex not in NADLER:
        raise InputError(f"sex {sex!r}: the formula for the volume of blood knows {' and '.join(NADLER)}. Or give the volume.")
    if not HEIGHTS[0] <= height <= HEIGHTS[1]:
        raise InputError(f"height is {height / u.cm:g} cm; from {HEIGHTS[0] / u.cm:g} to {HEIGHTS[1] / u.cm:g} cm is allowed.")
    a, b, c = NADLER[sex]
    return (a * (height / (100 * u.cm)) ** 3 + b * checked_weight(weight) + c) * ML_PER_L


def checked_weight(weight: float) -> float:
    """``weight`` [kg], or an :class:`hevesy.errors.InputError` where no patient weighs that."""
    if not WEIGHTS[0] <= weight <= WEIGHTS[1]:
        raise InputError(f"weight is {weight:g} kg; from {WEIGHTS[0]:g} to {WEIGHTS[1]:g} kg is allowed. Is it in kg?")
    return weight


def _energy(energy_per_decay: float, absorbed_fraction: float) -> float:
    """J per decay."""
    if not (math.isfinite(energy_per_decay) and 0 <= energy_per_decay <= 50):
        raise InputError(f"energy per decay is {energy_per_decay:g} MeV; from 0 to 50 MeV is allowed. Did you forget '* keV'?")
    if not 0 < absorbed_fraction <= 1:
        raise InputError(f"absorbed fraction is {absorbed_fraction:g}; above 0 and at most 1 is allowed.")
    return energy_per_decay * absorbed_fraction * u.JOULE_PER_MEV


def _times(measured: Measured, factor: float) -> Measured:
    if measured.u is None:
        return Measured(value=measured.value * factor, u=None, why_no_u=measured.why_no_u)
    return Measured(value=measured.value * factor, u=measured.u * factor)
