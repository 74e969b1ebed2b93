"""Dose rate at 1 m from a patient over time, from the activity or from measurements."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.measured import Measured

Vector = npt.NDArray[np.float64]

USV_PER_H = 1e-6 / un.h  # Sv/s
# Fits see the dose rate in nSv/h, so that their numbers are of order one and more.
FITTED = 1e-9 / un.h
SLOWEST_FALL = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseRateCurve:
    """Dose rate at 1 m, a sum of exponentials, with what is not known of it.

        H(t) = sum_j amplitudes[j] exp(-rates[j] t)

    Attributes
    ----------
    amplitudes, rates : ndarray (n,)    [Sv/s], [1/s].
    covariance : ndarray (2n, 2n)       Of amplitudes, then rates; zeros where nothing random is known.
    u_shared : float                    Relative u common to the whole curve: meter, constant, activity [1].
    basis : str                         What it rests on.
    remarks : tuple of str
    fit : CurveFit or None              Of measurements [nSv/h].
    """

    amplitudes: Vector
    rates: Vector
    covariance: Vector
    u_shared: float = 0.0
    basis: str
    remarks: tuple[str, ...] = ()
    fit: CurveFit | None = None

    def __post_init__(self) -> None:
        n = self.amplitudes.size
        if n == 0 or self.rates.size != n or self.covariance.shape != (2 * n, 2 * n):
            raise InputError("dose rate curve: amplitudes, rates and covariance must belong together.")
        if np.any(self.rates <= 0) or not np.all(np.isfinite(self.amplitudes)):
            raise InputError(f"dose rate curve: rates must be above zero; got {self.rates.tolist()} 1/s.")
        if not (math.isfinite(self.u_shared) and self.u_shared >= 0):
            raise InputError(f"shared uncertainty is {self.u_shared}; it must be zero or more.")
        for name in ("amplitudes", "rates", "covariance"):
            held = np.array(getattr(self, name), dtype=float)
            held.setflags(write=False)
            object.__setattr__(self, name, held)


def weighted(curve: DoseRateCurve, weight: Vector, slope: Vector) -> Measured:
    """sum_j a_j w(r_j) with its standard uncertainty, for a weight and its derivative by the rate at each rate."""
    value = float(curve.amplitudes @ weight)
    gradient = np.concatenate([weight, curve.amplitudes * slope])
    variance = float(gradient @ curve.covariance @ gradient) + (value * curve.u_shared) ** 2
    if variance <= 0:
        return Measured(value=value, u=None, why_no_u="no uncertainty of dose rate, activity or constant was given")
    return Measured(value=value, u=math.sqrt(variance))


def dose_rate(curve: DoseRateCurve, t: float) -> Measured:
    """Dose rate at 1 m at the time ``t`` after the administration [Sv/s]."""
    w = np.exp(-curve.rates * t)
    return weighted(curve, w, -t * w)


def dose_after(curve: DoseRateCurve, t: float) -> Measured:
    """Dose at 1 m from ``t`` to infinity, without leaving [Sv].

    integral_t^inf H dt = sum_j a_j exp(-r_j t) / r_j
    """
    w = np.exp(-curve.rates * t) / curve.rates
    return weighted(curve, w, -w * (t + 1 / curve.rates))


def from_activity(
    activity: float,
    *,
    constant: Measured,
    phases: Sequence[tuple[float, float]],
    decay_constant: float,
    u_activity: float = 0.0,
) -> DoseRateCurve:
    """Dose rate at 1 m from the administered activity.

        H(t) = Gamma A0 sum_j f_j exp(-l_j t) / (1 m)^2

    Parameters
    ----------
    activity : float                    A0 [Bq].
    constant : Measured                 Gamma, dose rate of the patient by activity [Sv m2/(Bq s)].
    phases : (fraction, rate)           What stays: fractions that add up to 1, effective rates [1/s].
    decay_constant : float              [1/s]; no phase is slower.

    Neglected: attenuation in the patient where Gamma is that of a point in vacuum (then the dose is too high), and the
    difference between air kerma and ambient dose equivalent where Gamma is air kerma.
    """
    if not (math.isfinite(activity) and activity > 0):
        raise InputError(f"administered activity is {activity} Bq; it must be above zero.")
    fractions, rates = np.array([f for f, _ in phases]), np.array([r for _, r in phases])
    if fractions.size == 0 or np.any(fractions < 0) or abs(float(fractions.sum()) - 1) > 1e-3:
        raise InputError(f"fractions of the phases are {fractions.tolist()}; they must add up to 1. State all of them.")
    if np.any(rates < decay_constant * SLOWEST_FALL):
        half = math.log(2) / float(rates.min()) / un.h
        raise InputError(
            f"a phase has a half-life of {half:.4g} h; nothing stays longer than the physical "
            f"{math.log(2) / decay_constant / un.h:.4g} h. State effective half-lives."
        )
    n = fractions.size
    return DoseRateCurve(
        amplitudes=constant.value * activity * fractions,
        rates=rates,
        covariance=np.zeros((2 * n, 2 * n)),
        u_shared=math.hypot(constant.relative or 0.0, u_activity),
        basis="administered activity and dose rate constant",
        remarks=("the dose rate is computed, not measured: measure the patient before release.",),
    )


def from_measurements(
    curve: TimeActivityCurve, *, decay_constant: float, model: str = "auto", u_meter: float = 0.0
) -> DoseRateCurve:
    """Dose rate at 1 m fitted to measurements of the patient.

    Parameters
    ----------
    curve : TimeActivityCurve           Dose rates at 1 m in nSv/h as its values, at times after the administration [s].
    decay_constant : float              No fitted rate is below it [1/s].
    model : str                         "auto", "mono" or "bi"; see :func:`hevesy.kinetics.fit.fit`.
    u_meter : float                     Relative u of the meter's calibration, common to all points [1].

    The uncertainty is that of the fit and the meter; distance and posture at the measurement belong into that of the points.
    """
    from hevesy.kinetics.fit import fit

    if model not in ("auto", "mono", "bi"):
        raise InputError(f"model {model!r}: auto, mono and bi are known for dose rates. Choose one.")
    if model == "auto" and 1 < curve.t.size < 4:
        model = "mono"
    found = fit(curve, decay_constant=decay_constant, model=model)
    if np.any(found.amplitudes < 0):
        found = fit(curve, decay_constant=decay_constant, model="bi" if curve.t.size > 4 else "mono")
    n = found.amplitudes.size
    covariance = np.zeros((2 * n, 2 * n))
    if found.covariance is not None:
        J = np.vstack([found.amplitudes_jacobian, found.rates_jacobian])
        scale = np.concatenate([np.full(n, FITTED), np.ones(n)])
        covariance = (J @ found.covariance @ J.T) * np.outer(scale, scale)
    said = {"mono": "mono-exponential", "bi": "bi-exponential", "tri": "tri-exponential"}[found.model]
    points = "1 measurement" if curve.t.size == 1 else f"{curve.t.size} measurements"
    remarks = tuple(_of_dose_rate(text) for text in found.warnings)
    if found.covariance is None:
        remarks += ("the fit has no uncertainty: restrictions rest on its best values alone.",)
    return DoseRateCurve(
        amplitudes=found.amplitudes * FITTED,
        rates=np.array(found.rates),
        covariance=covariance,
        u_shared=u_meter,
        basis=f"{points} of the patient, {said}",
        remarks=remarks,
        fit=found,
    )


def _of_dose_rate(text: str) -> str:
    """A remark of the curve fit in the words of a dose rate."""
    return text.replace("activity", "dose rate").replace("scan", "measurement").replace("MBq", "mSv/h")
