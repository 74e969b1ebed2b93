"""Biologically effective dose, its equivalent in fractions, and back."""

import math
from typing import overload

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError

Vector = npt.NDArray[np.float64]
Number = float | Vector

STANDARD_FRACTION = 2.0 * un.Gy


@overload
def bed(dose: float, G: float, alpha_beta: float, *, rbe: float = 1.0, loss: float = 0.0) -> float: ...
@overload
def bed(dose: Vector, G: Number, alpha_beta: float, *, rbe: float = 1.0, loss: float = 0.0) -> Vector: ...
def bed(dose: Number, G: Number, alpha_beta: float, *, rbe: float = 1.0, loss: float = 0.0) -> Number:
    """Biologically effective dose, of one region or voxel by voxel.

        BED = D (RBE + G D / (alpha/beta)) - loss

    Parameters
    ----------
    dose : float or array               D, of one administration [Gy].
    G : float or array                  Lea-Catcheside factor; 1 for one acute fraction [1].
    alpha_beta : float                  Of the reference radiation, at low linear energy transfer [Gy].
    rbe : float                         RBE_max: ratio of the initial slopes alpha; 1 for beta particles and photons [1].
    loss : float                        What repopulation takes, see :func:`repopulation_loss` [Gy]. BED does not fall below 0.

    Returns
    -------
    float or array                      [Gy]

    Neglected: an RBE that changes with dose beyond what RBE_max says, the beta term of high-LET radiation, re-sensitisation,
    hyper-radiosensitivity below some 0.5 Gy, validity of the linear-quadratic model above some 10 Gy acute.
    Reference: R. G. Dale, B. Jones, Int. J. Radiat. Oncol. Biol. Phys. 43 (1999) 639; for radionuclides R. G. Dale, Phys. Med.
    Biol. 41 (1996) 1871.
    """
    _check(dose, "dose")
    _check(G, "G", most=1.0)
    _positive(alpha_beta, "alpha/beta")
    _positive(rbe, "RBE_max")
    _check(loss, "loss by repopulation")
    # In place where there is a map: a 128^3 map is 17 MB, and each spare copy costs as much time as the sum.
    effect = np.multiply(dose, np.asarray(G) / alpha_beta)
    effect = (effect + rbe) * dose - loss
    if isinstance(dose, np.ndarray) or isinstance(G, np.ndarray):
        return effect if loss == 0 else np.maximum(effect, 0.0)
    return max(float(effect), 0.0)


@overload
def eqd(bed: float, alpha_beta: float, *, per_fraction: float = STANDARD_FRACTION) -> float: ...
@overload
def eqd(bed: Vector, alpha_beta: float, *, per_fraction: float = STANDARD_FRACTION) -> Vector: ...
def eqd(bed: Number, alpha_beta: float, *, per_fraction: float = STANDARD_FRACTION) -> Number:
    """Dose in acute fractions of X that has the same effect: EQDX, and EQD2 with X = 2 Gy.

        EQDX = BED / (1 + X / (alpha/beta))

    Parameters
    ----------
    bed : float or array                [Gy].
    alpha_beta : float                  [Gy].
    per_fraction : float                X; 0 gives BED itself [Gy].

    Neglected: repopulation during the fractions. Reference: S. M. Bentzen et al., Radiother. Oncol. 105 (2012) 266.
    """
    _check(bed, "BED")
    _positive(alpha_beta, "alpha/beta")
    _check(per_fraction, "dose per fraction")
    return bed / (1 + per_fraction / alpha_beta)


@overload
def dose_from_bed(bed: float, G: float, alpha_beta: float, *, rbe: float = 1.0) -> float: ...
@overload
def dose_from_bed(bed: Vector, G: Number, alpha_beta: float, *, rbe: float = 1.0) -> Vector: ...
def dose_from_bed(bed: Number, G: Number, alpha_beta: float, *, rbe: float = 1.0) -> Number:
    """The absorbed dose of one administration that has a given BED: the inverse of :func:`bed`.

        D = 2 BED / (RBE + sqrt(RBE^2 + 4 G BED / (alpha/beta)))

    Parameters, what is neglected, reference : as there.
    """
    _check(bed, "BED")
    _check(G, "G", most=1.0)
    _positive(alpha_beta, "alpha/beta")
    _positive(rbe, "RBE_max")
    # This form of the root does not cancel where the quadratic term is small.
    root = 2 * np.asarray(bed) / (rbe + np.sqrt(rbe**2 + 4 * np.asarray(G) * bed / alpha_beta))
    return root if isinstance(bed, np.ndarray) or isinstance(G, np.ndarray) else float(root)


def fractionated_bed(fractions: float, dose_per_fraction: Number, alpha_beta: float) -> Number:
    """BED of equal acute fractions with complete repair between them.

        BED = n d (1 + d / (alpha/beta))

    Parameters
    ----------
    fractions : float                   n [1].
    dose_per_fraction : float or array  d [Gy].
    alpha_beta : float                  [Gy].

    Neglected: incomplete repair, repopulation. Reference: J. F. Fowler, Br. J. Radiol. 62 (1989) 679.
    """
    if not (math.isfinite(fractions) and fractions > 0):
        raise InputError(f"number of fractions is {fractions:g}; it must be above zero.")
    return fractions * bed(dose_per_fraction, 1.0, alpha_beta)


def repopulation_loss(time: float, *, alpha: float, doubling_time: float, delay: float = 0.0) -> float:
    """BED that a growing tumour takes back.

        loss = ln 2 (T - T_delay) / (alpha T_d),   0 before T_delay

    Parameters
    ----------
    time : float                        T, over which dose rate kills more than grows [s].
    alpha : float                       Of the linear-quadratic model [1/Gy].
    doubling_time : float               T_d of the clonogens [s].
    delay : float                       T_delay, until repopulation sets in [s].

    Returns
    -------
    float                               [Gy]

    Neglected: growth that quickens; the time at which a falling dose rate kills less than grows is the caller's. Reference:
    R. G. Dale, Br. J. Radiol. 62 (1989) 241.
    """
    _positive(alpha, "alpha")
    _positive(doubling_time, "doubling time")
    _check(time, "time")
    _check(delay, "delay of repopulation")
    return math.log(2) * max(time - delay, 0.0) / (alpha * doubling_time)


def _check(value: Number, name: str, *, most: float = math.inf) -> None:
    """Zero or more and finite, by the extremes: one pass each, no copy of a map."""
    values = np.asarray(value)
    if values.size == 0:
        return
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= most and math.isfinite(high)):
        allowed = "from zero upwards" if math.isinf(most) else f"from 0 to {most:g}"
        raise InputError(f"{name} is {low:g}{'' if low == high else f' to {high:g}'}; {allowed} is allowed.")


def _positive(value: float, name: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} is {value:g}; it must be above zero.")
