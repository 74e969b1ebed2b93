"""From a least-squares solution to a result that explains itself: covariance, integral, verdict."""

import math

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import ConvergenceError
from hevesy.kinetics.integrate import time_integrated_activity
from hevesy.kinetics.models import MONO, UPTAKE, WITHOUT_A_PHASE, Model, integral_gradient, jacobian, values
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
# Relative u of an integral above which it is weakly determined.
WEAK_RELATIVE_U = 0.2
# A slip of a unit is a factor of 1000; half a decade to either side is taken for one.
_SLIP, _HALF_DECADE = 3.0, 0.5
# Number of a phase and how many there are, in words.
_PHASES = {1: ("only", "one exponential"), 2: ("second", "two exponentials"), 3: ("third", "three exponentials")}


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
    misfit = (cost, freedom, covariance is not None)
    amplitudes, rates = model.to_amplitudes @ p, model.to_rates @ p
    outside = _outside(amplitudes, rates, curve, tia.value)
    warnings = [*_remarks(model, solution, p, curve, misfit), *_extrapolation(outside)]
    if covariance is not None:
        ill += _undetermined(model, p, covariance)
    if tia.relative is not None and tia.relative > LARGEST_RELATIVE_U:
        ill.append(f"ill-posed: the standard uncertainty of the integral is {tia.relative:.0%} of it.")
    ill += implausible(curve, points.decay / float(curve.t[-1]), at_decay=solution.at_decay)
    extrapolated = outside["after the last"]
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
        reasons=(*(text.removeprefix("ill-posed: ") for text in ill), *_weak(tia, solution, curve, misfit, warnings)),
    )


def _in_si(model: Model, solution: Solution, curve: TimeActivityCurve) -> Vector:
    largest, last = float(np.max(np.abs(curve.A))), float(curve.t[-1])
    scale = np.array([largest if name[0] == "A" else 1 / last for name in model.parameters])
    return np.asarray(solution.p * scale, dtype=float)


def _ill_posed(model: Model, solution: Solution, points: Points, curve: TimeActivityCurve) -> list[str]:
    """Reasons in the parameters themselves: rates that run away, rates that are one, phases that vanish."""
    t, last, m = points.t, float(curve.t[-1]), model.phases
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
    without = WITHOUT_A_PHASE[model.name].name if model.name in WITHOUT_A_PHASE else MONO.name
    if solution.vanished:
        which, left = _PHASES[m], _PHASES[m - 1]
        return [*ill, f"ill-posed: the {which[0]} phase vanishes; these points hold {left[1]}. Choose {without}."]
    rates = model.to_rates @ solution.p
    if any(d <= 2 * CLOSEST or d < 0.01 * below for d, below in zip(solution.d, rates, strict=False)):
        which_rates = "the two rates" if len(rates) == 2 else "two of the rates"
        ill.append(f"ill-posed: {which_rates} cannot be told apart; neither phase is determined. Choose {without}.")
    fast = float(rates[m - 1] - rates[0])
    widest = points.widest_differences(model)
    if m > 1 and (math.exp(-fast * gap) < UNSEEN or solution.d[m - 2] > 0.99 * widest[m - 2]):
        ill.append(
            f"ill-posed: the fast rate runs away (l{m} = {rates[m - 1] / last * u.h:.3g} per h): the first scan alone sees "
            f"that phase, and its share of the integral is not determined. An earlier scan or {without} is needed."
        )
    first = float(t[t > 0][0])
    still = float(np.exp(-rates[-1] * first) * -solution.p @ model.to_amplitudes[-1]) if model.uptake else 0.0
    if model.uptake and still < UNSEEN * float(np.exp(-rates[:m] * first) @ (model.to_amplitudes @ solution.p)[:m]):
        heirs = "mono or bi" if model is UPTAKE else "bi"
        ill.append(
            f"ill-posed: the uptake rate runs away (l{m + 1} = {rates[-1] / last * u.h:.3g} per h): uptake is over before the "
            f"first scan at {first * last / u.h:.3g} h, and these points do not determine it. Choose {heirs}, "
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
    reasons = []
    for slow, fast in zip(model.rates, model.rates[1:], strict=False):
        i, j = model.parameters.index(slow), model.parameters.index(fast)
        u_difference = math.sqrt(max(C[i, i] + C[j, j] - 2 * C[i, j], 0.0))
        if u_difference >= p[j] - p[i]:
            reasons.append(
                f"ill-posed: {fast} - {slow} = {(p[j] - p[i]) * u.h:.3g} per h with a standard uncertainty of "
                f"{u_difference * u.h:.3g} per h: the points do not tell the two phases apart."
            )
    return reasons


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
    return remarks


def _outside(amplitudes: Vector, rates: Vector, curve: TimeActivityCurve, whole: float) -> dict[str, float]:
    """Shares of the integral that lie outside the scans: sum_j a_j/r_j exp(-r_j t_n), sum_j a_j/r_j (1 - exp(-r_j t_1))."""
    first, last = float(curve.t[0]), float(curve.t[-1])
    terms = list(zip(amplitudes.tolist(), rates.tolist(), strict=True))
    return {
        "after the last": math.fsum(a / r * math.exp(-r * last) for a, r in terms) / whole,
        "before the first": math.fsum(-a / r * math.expm1(-r * first) for a, r in terms) / whole,
    }


def _extrapolation(outside: dict[str, float]) -> list[str]:
    return [
        f"{share:.0%} of the integral lies {where} scan: it is extrapolated, not measured."
        for where, share in outside.items()
        if share > 0.5
    ]


def _weak(
    tia: Measured, solution: Solution, curve: TimeActivityCurve, misfit: tuple[float, int, bool], warnings: list[str]
) -> list[str]:
    """Reasons for which an integral is weakly determined though the fit is well-posed."""
    chi2, freedom, _ = misfit
    weak = []
    if tia.relative is not None and WEAK_RELATIVE_U < tia.relative <= LARGEST_RELATIVE_U:
        weak.append(f"the standard uncertainty of the integral is {tia.relative:.0%} of it.")
    if freedom <= 0:
        weak.append("as many parameters as points: nothing tests the curve.")
    elif curve.u is not None and rejection(chi2, freedom) < REJECTED:
        weak.append("the points scatter far more than their uncertainties say.")
    if solution.at_decay:
        weak.append(
            "no biological clearance is seen. If that is not expected, check the nuclide and that the activities are not "
            "corrected for decay."
        )
    if np.any(curve.A < 0):
        lowest = int(np.argmin(curve.A))
        weak.append(f"the activity at {curve.t[lowest] / u.h:g} h is negative ({curve.A[lowest] / u.MBq:g} MBq).")
    return weak + [text for text in warnings if "it is extrapolated" in text or "misses the points" in text]


def implausible(curve: TimeActivityCurve, decay_constant: float, *, at_decay: bool) -> list[str]:
    """What is wrong with the points themselves: a unit that slipped, another nuclide, activities below zero."""
    return [*_slips(curve), *_below_zero(curve), *(_too_slow(curve, decay_constant) if at_decay else [])]


def _slips(curve: TimeActivityCurve) -> list[str]:
    """Points some 1000 times off the line, in the logarithm, through their neighbours.

    Sums of decaying exponentials are convex in the logarithm: a last point cannot lie far below the line through the
    two before it. A first point may be low, for uptake, but hardly by more than a straight rise from zero.
    """
    t, A, n = curve.t.tolist(), curve.A.tolist(), curve.t.size
    if n < 3 or min(A) <= 0:
        return []
    found = []
    for i in range(n):
        j, k = (1, 2) if i == 0 else (n - 2, n - 3) if i == n - 1 else (i - 1, i + 1)
        slope = math.log10(A[k] / A[j]) / (t[k] - t[j])
        off = math.log10(A[i] / A[j]) - slope * (t[i] - t[j])
        if 0 < i < n - 1:
            # One neighbour may itself be the point that is off: the point must be far from both.
            steps = [math.copysign(1.0, off) * math.log10(A[i] / A[other]) for other in (j, k)]
            off = off if min(steps) > _SLIP - 2 * _HALF_DECADE else 0.0
        elif i == n - 1 and slope > 0:
            off = min(off, math.log10(A[i] / A[j])) if off > 0 else 0.0
        elif i == 0 and off < 0 and A[0] > 0.1 * A[1] * t[0] / t[1]:
            off = 0.0
        if abs(abs(off) - _SLIP) < _HALF_DECADE:
            found.append(
                f"ill-posed: the activity at {t[i] / u.h:g} h ({A[i] / u.MBq:.3g} MBq) is {10 ** abs(off):.0f} times "
                f"{'above' if off > 0 else 'below'} what its neighbours say. Check its unit: a factor of 1000."
            )
    return found


def _below_zero(curve: TimeActivityCurve) -> list[str]:
    limit = 0.05 * float(np.max(curve.A)) if curve.u is None else 3 * curve.u
    low = np.flatnonzero(curve.A + limit < 0)
    return [
        f"ill-posed: the activity at {curve.t[i] / u.h:g} h is {curve.A[i] / u.MBq:g} MBq, below zero by more than noise. "
        "Check the background of that scan."
        for i in low
    ]


def _too_slow(curve: TimeActivityCurve, decay_constant: float) -> list[str]:
    """Activity that falls more slowly than the nuclide decays, from its peak (or from the first scan) to the last scan."""
    t, A = curve.t, curve.A
    peak = int(np.argmax(A))
    first = peak if peak < t.size - 1 else 0
    if t.size < 2 or min(A[first], A[-1]) <= 0:
        return []
    span = float(t[-1] - t[first])
    if decay_constant * span + math.log(A[-1] / A[first]) < math.log(2):
        return []
    rate = math.log(A[first] / A[-1]) / span
    effective = f"an effective half-life of {math.log(2) / rate / u.h:.3g} h" if rate > 0 else "activity that does not fall"
    return [
        f"ill-posed: the points have {effective} from {t[first] / u.h:g} to {t[-1] / u.h:g} h, and the physical half-life is "
        f"{math.log(2) / decay_constant / u.h:.3g} h: nothing stays longer than it decays. Check the nuclide, and that the "
        "activities are not corrected for decay."
    ]


def rejection(chi2: float, freedom: int) -> float:
    """Probability of a larger chi2 by chance alone."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi2))
