"""The terms of a region's uncertainty, with sign and kind."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.errors import HevesyError
from hevesy.kinetics import fit as fit_curve
from hevesy.kinetics import integral
from hevesy.kinetics.sensitivity import integral_sensitivity
from hevesy.model import BudgetTerm, RegionResult
from hevesy.protocols import budget
from hevesy.protocols.case import Choices
from hevesy.protocols.regions import Region
from hevesy.quantify import RecoveryCurve, recovery_at

RANDOM, SYSTEMATIC = "random", "systematic"
NEGLIGIBLE = 5e-5  # relative u of a term that nobody needs to read


def of_curve(region: Region, *, decay_constant: float) -> dict[str, BudgetTerm]:
    """What the scans and the fit leave open: by source of the points' u, by their misfit, by the choice of the model.

        u_source^2 = sum_i (s_i u_i,source)^2,   u_fit^2 = g^T C g - sum u_source^2

    Without a covariance there is no term: the integral has no u then.
    """
    fit, curve = region.fit, region.curve
    relative = fit.time_integrated_activity.relative
    s = integral_sensitivity(fit, curve)
    if relative is None or s is None:
        return {}
    A_tilde = fit.time_integrated_activity.value
    parts = {source: float(np.linalg.norm(s * u)) / A_tilde for source, u in region.point_u.items()}
    rest = relative**2 - sum(part**2 for part in parts.values())
    parts["curve fit"] = math.sqrt(max(rest, 0.0))
    found = {source: BudgetTerm(of_tia=u, of_dose=u, kind=RANDOM) for source, u in parts.items() if u > NEGLIGIBLE}
    tail = between_models(region, decay_constant=decay_constant)
    if tail > NEGLIGIBLE:
        found["extrapolation"] = BudgetTerm(of_tia=tail, of_dose=tail, kind=SYSTEMATIC)
    return found


def between_models(region: Region, *, decay_constant: float) -> float:
    """Relative spread of the integral outside the scans among the models that the points bear [1].

        u^2 = sum_m w_m (T_m - T)^2 / A_tilde^2,   w_m ~ exp(-AIC_m / 2),   AIC = chi2 + 2 k

    T is the integral before the first and after the last scan. Akaike's plain criterion, so that models for which AICc has too
    few points have a say. Reference: Burnham and Anderson, Model Selection and Multimodel Inference, 2002, section 4.3.
    """
    fit, curve = region.fit, region.curve
    if curve.u is None:
        return 0.0
    tails, scores = [], []
    for name in ("mono", "uptake", "bi"):
        try:
            other = fit if name == fit.model else fit_curve(curve, decay_constant=decay_constant, model=name)
        except HevesyError:
            continue  # too few points for this model
        if other.well_posed:
            tails.append(_outside(other.amplitudes, other.rates, curve.t))
            scores.append(other.chi2 + 2 * len(other.parameters))
    if len(tails) < 2:
        return 0.0
    weight = np.exp(-0.5 * (np.array(scores) - min(scores)))
    off = np.array(tails) - _outside(fit.amplitudes, fit.rates, curve.t)
    return float(math.sqrt(float(weight @ off**2 / weight.sum()))) / fit.time_integrated_activity.value


def _outside(a: npt.NDArray[np.float64], r: npt.NDArray[np.float64], t: npt.NDArray[np.float64]) -> float:
    return integral(a, r, 0.0, float(t[0])) + integral(a, r, float(t[-1]), math.inf)


def of_outline(region: Region, shape: budget.Geometry, by_recovery: float) -> BudgetTerm:
    """A boundary that lies off, the same on all scans that share one outline.

    Outlines drawn anew lie off by themselves: each counts with the share of the integral that its scans decide. The mass is
    that of the outline which the dose map uses. ``by_recovery``: d ln R / d ln V of a recovery curve, which gives less
    correction to a larger outline.
    """
    by_volume = shape.volume.u / shape.volume.value if shape.volume.u is not None else 0.0
    activity = shape.by_boundary_activity * shape.boundary_u - by_recovery * by_volume
    mass = (shape.by_boundary_activity - shape.by_boundary_dose) * shape.boundary_u
    shares = _shares_by_outline(region)
    own = shares[0]
    others = math.sqrt(sum(share**2 for share in shares[1:]))
    return BudgetTerm(
        of_tia=activity * math.hypot(own, others),
        of_dose=math.copysign(math.hypot(own * activity - mass, others * activity), own * activity - mass),
        kind=SYSTEMATIC,
    )


def _shares_by_outline(region: Region) -> list[float]:
    """Share of the integral that each outline decides by its scans: that of the dose map first."""
    s = integral_sensitivity(region.fit, region.curve)
    carried = region.outlined.carried
    if s is None or sum(not c for c in carried) < 2:
        return [1.0]
    weight = s * region.curve.A / region.fit.time_integrated_activity.value
    home = region.outlined.home
    own = float(sum(w for i, w in enumerate(weight) if i == home or carried[i]))
    return [own, *(float(w) for i, w in enumerate(weight) if i != home and not carried[i])]


def of_recovery(curve: RecoveryCurve, volume: float) -> dict[str, BudgetTerm]:
    """Two independent terms that hold the covariance of the fit of the recovery curve, common to all regions."""
    _, slope = recovery_at(curve, volume, beyond=True)
    # ln R by ln alpha and ln beta; the factor 1/R goes the other way.
    by = -np.array([slope * math.log(volume / curve.beta), -slope])
    columns = by @ _root(curve.covariance)
    names = ("recovery curve", "recovery curve, second")
    return {
        name: BudgetTerm(of_tia=float(x), of_dose=float(x), kind=SYSTEMATIC, shared=True)
        for name, x in zip(names, columns, strict=True)
        if abs(x) > NEGLIGIBLE
    }


def of_resolution(choices: Choices, apparent: float) -> BudgetTerm:
    """Partial volume without a recovery curve: all that is not corrected, or a share of the correction."""
    if choices.partial_volume == "none":
        u = budget.uncorrected_u(apparent)
        return BudgetTerm(of_tia=u, of_dose=u, kind=SYSTEMATIC)
    u = budget.CORRECTION_U * (1 - apparent)
    return BudgetTerm(of_tia=u, of_dose=u, kind=SYSTEMATIC, shared=True)


def correlation(regions: tuple[RegionResult, ...], counting: npt.NDArray[np.float64] | None = None) -> npt.NDArray[np.float64]:
    """Correlation of the mean doses: what is shared moves all regions of the patient together, and so do common counts.

        r_ab = ( sum_shared d_a d_b + c_ab ) / (u_a u_b)

    with the relative covariance c by counting noise, where it is known, of which the diagonal is the term of that name.
    """
    names = sorted({name for region in regions for name, term in region.terms.items() if term.shared})
    shared = np.array([[region.terms[n].of_dose if n in region.terms else 0.0 for n in names] for region in regions])
    total = np.array([math.sqrt(sum(term.of_dose**2 for term in region.terms.values())) for region in regions])
    r = shared.reshape(len(regions), len(names)) @ shared.reshape(len(regions), len(names)).T
    if counting is not None:
        r = r + counting
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(np.outer(total, total) > 0, r / np.outer(total, total), 0.0)
    np.fill_diagonal(r, 1.0)
    return r


def _root(C: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A square root of a covariance matrix, singular ones too."""
    values, vectors = np.linalg.eigh(C)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
