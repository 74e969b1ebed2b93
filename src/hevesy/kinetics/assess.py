"""From a least-squares solution to a result that explains itself: covariance, integral, verdict."""

import math

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import ConvergenceError
from hevesy.kinetics.integrate import integral, time_integrated_activity
from hevesy.kinetics.models import BI, MONO, Model, integral_gradient, jacobian, values
from hevesy.kinetics.solve import CLOSEST, Points, Solution
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.measured import Measured

Vector = npt.NDArray[np.float64]

# A phase that is down to this at the scan that should see it is seen by none.
UNSEEN = 1e-3
LARGEST_RELATIVE_U = 0.5
REJECTED = 0.01
# Share of an integral that may rest on physical decay alone where no clearance was seen.
MOST_ASSUMED = 0.5


def assess(model: Model, solution: Solution, points: Points, curve: TimeActivityCurve) -> CurveFit:
    """The fit in SI units with covariance, integral, effective half-life and verdict.

    C = (J^T W J)^-1, times chi2/nu where that exceeds one (Birge), or times RSS/nu where u is not known
    u(A_tilde)^2 = g^T C g,   T_eff = ln 2 / l1
    """
    p = _in_si(model, solution, curve)
    n_free = model.size - int(solution.at_decay)
    freedom = curve.t.size - n_free
    cost = solution.cost * (float(np.max(np.abs(curve.A))) ** 2 if curve.u is None else 1.0)
    ill = _ill_posed(model, solution, points, curve)
    covariance, why = (None, "the fit is ill-posed") if ill else _covariance(model, p, solution, curve, cost)
    if why == "singular":
        ill = ["ill-posed: the covariance is singular; the points do not determine all parameters."]
        why = "the fit is ill-posed"
    tia = _integral(model, p, covariance, why, curve.region)
    enlarged = covariance is not None
    warnings = _remarks(model, solution, p, curve, (cost, freedom, enlarged))
    if covariance is not None:
        ill += _undetermined(model, p, covariance)
    if tia.relative is not None and tia.relative > LARGEST_RELATIVE_U:
        ill.append(f"ill-posed: the standard uncertainty of the integral is {tia.relative:.0%} of it.")
    amplitudes, rates = model.to_amplitudes @ p, model.to_rates @ p
    extrapolated = integral(amplitudes, rates, float(curve.t[-1]), math.inf) / tia.value
    if solution.at_decay and extrapolated > MOST_ASSUMED:
        ill.append(
            f"ill-posed: no clearance is seen and {extrapolated:.0%} of the integral lies after the last scan: it rests on "
            "physical decay alone, which makes that part an upper bound. A later scan is needed."
        )
    return CurveFit(
        region=curve.region,
        model=model.name,
        parameters=dict(zip(model.parameters, (float(x) for x in p), strict=True)),
        covariance=covariance,
        amplitudes=amplitudes,
        rates=rates,
        amplitudes_jacobian=model.to_amplitudes,
        rates_jacobian=model.to_rates,
        time_integrated_activity=tia,
        effective_half_life=_half_life(model, p, covariance, why, solution),
        extrapolated_fraction=extrapolated,
        chi2=cost,
        degrees_of_freedom=freedom,
        well_posed=not ill,
        warnings=(*ill, *warnings),
    )


def _in_si(model: Model, solution: Solution, curve: TimeActivityCurve) -> Vector:
    largest, last = float(np.max(np.abs(curve.A))), float(curve.t[-1])
    scale = np.array([largest if name[0] == "A" else 1 / last for name in model.parameters])
    return np.asarray(solution.p * scale, dtype=float)


def _ill_posed(model: Model, solution: Solution, points: Points, curve: TimeActivityCurve) -> list[str]:
    """Reasons in the parameters themselves: rates that run away, rates that are one, phases that vanish."""
    t, last = points.t, float(curve.t[-1])
    gap = float(t[1] - t[0])
    ill = []
    if model is MONO or not solution.vanished:
        unseen = math.exp(-(points.decay + solution.b) * gap) < UNSEEN and points.decay * gap < 1
        if unseen or solution.b > 0.99 * points.widest:
            ill.append(
                "ill-posed: the clearance rate runs away: nothing is left at the second scan, so that one "
                "scan alone determines the curve. An earlier second scan is needed."
            )
    if model is MONO:
        return ill
    if solution.vanished:
        return [*ill, "ill-posed: the second phase vanishes; these points hold one exponential. Choose mono."]
    if solution.d <= 2 * CLOSEST or solution.d < 0.01 * (points.decay + solution.b):
        ill.append("ill-posed: the two rates cannot be told apart; neither phase is determined. Choose mono.")
    l2 = (points.decay + solution.b + solution.d) / last * u.h
    if model is BI and (math.exp(-solution.d * gap) < UNSEEN or solution.d > 0.99 * points.widest_difference(model)):
        ill.append(
            f"ill-posed: the fast rate runs away (l2 = {l2:.3g} per h): the first scan alone sees that "
            "phase, and its share of the integral is not determined. An earlier scan or mono is needed."
        )
    first = float(t[t > 0][0])
    if model is not BI and math.exp(-solution.d * first) < UNSEEN:
        ill.append(
            f"ill-posed: the uptake rate runs away (l2 = {l2:.3g} per h): uptake is over before the first "
            f"scan at {first * last / u.h:.3g} h, and these points do not determine it. Choose mono or bi, "
            "or add an earlier scan."
        )
    return ill


def _covariance(model: Model, p: Vector, solution: Solution, curve: TimeActivityCurve, cost: float) -> tuple[Vector | None, str]:
    """Covariance of all parameters, those held in zero rows; or None and why."""
    free = np.array([not (solution.at_decay and name == "l1") for name in model.parameters])
    freedom = curve.t.size - int(free.sum())
    if curve.u is None and freedom <= 0:
        return (
            None,
            "as many parameters as points and no uncertainty of the points: nothing to estimate it from",
        )
    weights = np.ones_like(curve.A) if curve.u is None else 1 / curve.u
    J = (jacobian(model, p, curve.t) * weights[:, None])[:, free]
    norms = np.linalg.norm(J, axis=0)
    if not np.all(np.isfinite(norms) & (norms > 0)):
        return None, "singular"
    _, singular, right = np.linalg.svd(J / norms, full_matrices=False)
    if singular[-1] < 1e-10 * singular[0]:
        return None, "singular"
    inner = (right.T / singular**2) @ right / np.outer(norms, norms)
    if curve.u is None:
        inner = inner * cost / freedom
    elif freedom > 0:
        inner = inner * max(1.0, cost / freedom)
    covariance = np.zeros((model.size, model.size))
    covariance[np.ix_(free, free)] = inner
    return covariance, ""


def _undetermined(model: Model, p: Vector, C: Vector) -> list[str]:
    """Rates whose own uncertainty says that the points do not determine them."""
    if model is MONO:
        return []
    i, j = model.parameters.index("l1"), model.parameters.index("l2")
    u_difference = math.sqrt(max(C[i, i] + C[j, j] - 2 * C[i, j], 0.0))
    if u_difference < p[j] - p[i]:
        return []
    return [
        f"ill-posed: l2 - l1 = {(p[j] - p[i]) * u.h:.3g} per h with a standard uncertainty of "
        f"{u_difference * u.h:.3g} per h: the points do not tell the two phases apart."
    ]


def _integral(model: Model, p: Vector, C: Vector | None, why: str, region: str) -> Measured:
    value = time_integrated_activity(model.to_amplitudes @ p, model.to_rates @ p)
    if not (math.isfinite(value) and value > 0):
        raise ConvergenceError(
            f"{region}: the fit of {model.name} ended at an integral of {value:g} Bq s; it must be above "
            "zero. Check the activities or choose another model."
        )
    if C is None:
        return Measured(value=value, u=None, why_no_u=why)
    gradient = integral_gradient(model, p)
    return Measured(value=value, u=math.sqrt(max(float(gradient @ C @ gradient), 0.0)))


def _half_life(model: Model, p: Vector, C: Vector | None, why: str, solution: Solution) -> Measured:
    i = model.parameters.index("l1")
    value = math.log(2) / float(p[i])
    if solution.at_decay:
        return Measured(value=value, u=None, why_no_u="held at the physical half-life")
    if C is None:
        return Measured(value=value, u=None, why_no_u=why)
    return Measured(value=value, u=value / float(p[i]) * math.sqrt(C[i, i]))


def _remarks(model: Model, solution: Solution, p: Vector, curve: TimeActivityCurve, misfit: tuple[float, int, bool]) -> list[str]:
    """What must be known of a fit; ``misfit`` is chi2, degrees of freedom, whether u was enlarged by them."""
    remarks = []
    chi2, freedom, enlarged = misfit
    if solution.at_decay:
        remarks.append(
            "the points show no biological clearance: the slow rate was held at physical decay, which u does not cover."
        )
    if freedom <= 0:
        remarks.append(f"{model.name} has as many parameters as there are points: nothing tests whether it holds.")
    if curve.u is not None and freedom > 0 and chi2 > freedom:
        chance = rejection(chi2, freedom)
        verdict = f", p = {chance:.2g}: {model.name} or the uncertainties do not hold" if chance < REJECTED else ""
        factor = f"; u was enlarged by {math.sqrt(chi2 / freedom):.2f}" if enlarged else ""
        remarks.append(
            f"the points scatter more than their uncertainties say (chi2 = {chi2:.3g}, degrees of freedom "
            f"{freedom}"
            f"{verdict}){factor}."
        )
    missed = float(np.sqrt(np.mean((values(model, p, curve.t) - curve.A) ** 2)) / np.mean(np.abs(curve.A)))
    if curve.u is None and missed > 0.05:
        remarks.append(f"{model.name} misses the points by {missed:.0%} of their mean (root mean square).")
    return remarks + _extrapolation(model, p, curve)


def _extrapolation(model: Model, p: Vector, curve: TimeActivityCurve) -> list[str]:
    a, r = model.to_amplitudes @ p, model.to_rates @ p
    whole = time_integrated_activity(a, r)
    shares = {
        "after the last": integral(a, r, float(curve.t[-1]), math.inf) / whole,
        "before the first": integral(a, r, 0.0, float(curve.t[0])) / whole,
    }
    return [
        f"{share:.0%} of the integral lies {where} scan: it is extrapolated, not measured."
        for where, share in shares.items()
        if share > 0.5
    ]


def rejection(chi2: float, freedom: int) -> float:
    """Probability of a larger chi2 by chance alone."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi2))
