"""Fit a model of A(t) to the activities of a region."""

import math
from dataclasses import replace

import numpy as np

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics.assess import assess
from hevesy.kinetics.choose import aicc, choose
from hevesy.kinetics.models import MODELS, MONO, model_named
from hevesy.kinetics.solve import FURTHEST, dimensionless, solve
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.measured import Measured

AUTO = "auto"


def fit(curve: TimeActivityCurve, *, decay_constant: float, model: str = AUTO) -> CurveFit:
    """Fit a sum of exponentials to a time-activity curve by least squares.

        mono    A exp(-l1 t)
        uptake  A (exp(-l1 t) - exp(-l2 t)),  l2 > l1
        bi      A1 exp(-l1 t) + A2 exp(-l2 t),  A1, A2 >= 0,  l2 > l1
        bi-uptake  A1 exp(-l1 t) + A2 exp(-l2 t) - (A1 + A2) exp(-l3 t),  A1, A2 >= 0,  l3 > l2 > l1
        tri     A1 exp(-l1 t) + A2 exp(-l2 t) + A3 exp(-l3 t),  A1, A2, A3 >= 0,  l3 > l2 > l1

    No rate is below physical decay. Points are weighted by 1/u^2 where u is known, else equally. "auto"
    chooses as
    :func:`hevesy.kinetics.choose.choose` describes; one point gives physical decay, two give mono.

    Parameters
    ----------
    curve : TimeActivityCurve           Activities not corrected for decay.
    decay_constant : float              lambda_phys [1/s].
    model : str                         "auto", "mono", "uptake", "bi", "bi-uptake" or "tri".

    Returns
    -------
    CurveFit                            ``well_posed`` and ``warnings`` say whether the integral may be used.

    Neglected: correlation between the points of one region, and between regions; see
    :func:`hevesy.kinetics.joint.joint`.

    Raises
    ------
    InputError
        The model is unknown or has more parameters than there are points, or there is no activity to fit.
    """
    wanted = None if model == AUTO else model_named(model)
    check(curve, decay_constant)
    n = curve.t.size
    if n == 1:
        if wanted not in (None, MONO):
            raise _too_few(curve, model)
        return _single(curve, decay_constant)
    points = dimensionless(curve, decay_constant)
    if wanted is None:
        return choose(points, curve)
    if wanted.size > n:
        raise _too_few(curve, model)
    found = assess(wanted, solve(wanted, points), points, curve)
    score = aicc(wanted, found, curve)
    known = {} if score is None else {wanted.name: score}
    return replace(found, scores=known, weights=dict.fromkeys(known, 1.0) if found.well_posed else {})


def check(curve: TimeActivityCurve, decay_constant: float) -> None:
    """Refuse what no curve can be drawn through: no decay, no activity, or scans when nothing is left."""
    if not (math.isfinite(decay_constant) and decay_constant > 0):
        raise InputError(f"{curve.region}: the decay constant is {decay_constant} 1/s; it must be above zero.")
    if float(np.sum(curve.A)) <= 0:
        raise InputError(
            f"{curve.region}: the activities add up to {np.sum(curve.A) / u.MBq:g} MBq; a curve needs more "
            "than zero. Check the region and its scans."
        )
    if decay_constant * float(curve.t[0]) > FURTHEST:
        raise InputError(
            f"{curve.region}: the first scan is {decay_constant * curve.t[0] / math.log(2):.0f} half-lives "
            "after the administration; nothing is left to measure then. Check the nuclide and the times."
        )


def _too_few(curve: TimeActivityCurve, model: str) -> InputError:
    n = curve.t.size
    allowed = [name for name, known in MODELS.items() if known.size <= max(n, MONO.size)]
    return InputError(
        f"{curve.region}: model {model} has {MODELS[model].size} parameters and there are {n} points. "
        f"Choose auto or {' or '.join(allowed)}, or add scans."
    )


def _single(curve: TimeActivityCurve, decay_constant: float) -> CurveFit:
    """One scan: physical decay through it, which is as long as activity can stay."""
    t, A = float(curve.t[0]), float(curve.A[0])
    amplitude = A * math.exp(decay_constant * t)
    variance = None if curve.u is None else (float(curve.u[0]) / A * amplitude) ** 2
    return CurveFit(
        region=curve.region,
        model=MONO.name,
        parameters={"A": amplitude, "l1": decay_constant},
        covariance=None if variance is None else np.array([[variance, 0.0], [0.0, 0.0]]),
        amplitudes=np.array([amplitude]),
        rates=np.array([decay_constant]),
        amplitudes_jacobian=MONO.to_amplitudes,
        rates_jacobian=MONO.to_rates,
        time_integrated_activity=Measured(
            value=amplitude / decay_constant, u=None, why_no_u="one scan does not determine the clearance"
        ),
        effective_half_life=Measured(
            value=math.log(2) / decay_constant,
            u=None,
            why_no_u="one scan: the physical half-life was assumed",
        ),
        extrapolated_fraction=math.exp(-decay_constant * t),
        chi2=0.0,
        degrees_of_freedom=0,
        well_posed=False,
        warnings=(
            "ill-posed: one scan does not determine the clearance; physical decay alone was assumed, which "
            "overstates the integral wherever there is biological clearance.",
        ),
        reasons=("one scan does not determine the clearance; physical decay alone was assumed.",),
    )
