"""The integral averaged over the models that the points bear."""

import math
from dataclasses import dataclass

import numpy as np

from hevesy.errors import ConvergenceError
from hevesy.kinetics.choose import aicc, akaike_weights, choose, fits_of
from hevesy.kinetics.fit import check
from hevesy.kinetics.intervals import LEVEL, intervals
from hevesy.kinetics.models import MODELS
from hevesy.kinetics.rivals import rivals
from hevesy.kinetics.solve import dimensionless
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurveAverage:
    """Several models of one curve, weighted.

    Attributes
    ----------
    region : str
    best : CurveFit                     What "auto" would have chosen.
    fits : dict                         The fits that were averaged, by model.
    weights : dict                      Their Akaike weights; they add up to 1.
    left_out : dict                     Why, by model.
    time_integrated_activity : Measured [Bq s]
    interval : tuple or None            95 % interval of the integral [Bq s]; None where there is no u.
    """

    region: str
    best: CurveFit
    fits: dict[str, CurveFit]
    weights: dict[str, float]
    left_out: dict[str, str]
    time_integrated_activity: Measured
    interval: tuple[float, float] | None


def average(curve: TimeActivityCurve, *, decay_constant: float, level: float = LEVEL) -> CurveAverage:
    """Model averaging by Akaike weights.

        A_tilde = sum_i w_i A_tilde_i,   u^2 = sum_i w_i (u_i^2 + (A_tilde_i - A_tilde)^2)

    so that u holds what the choice of the model adds. The interval has equal tails of the weighted mixture of the
    models' own distributions of ln A_tilde (normal where u is known, else Student's t); where u is unknown it holds also
    the intervals of the rivals of "auto" (:func:`hevesy.kinetics.rivals.rivals`): with few points AICc leaves a richer
    model no weight whatever the points say.

    Ill-posed models are left out, and those for whose AICc the points are too few. Where none is left, the choice
    of "auto" stands alone, and ``left_out`` says why.

    Parameters
    ----------
    curve : TimeActivityCurve
    decay_constant : float              [1/s]
    level : float                       Of the interval.

    Neglected: models that nobody tried.

    References: K.P. Burnham, D.R. Anderson, Model Selection and Multimodel Inference (2002), ch. 4.3; D. Turek,
    D. Fletcher, Comput. Stat. Data Anal. 56 (2012) 2809 (interval).
    """
    check(curve, decay_constant)
    if curve.t.size == 1:
        from hevesy.kinetics.fit import fit

        return _alone(fit(curve, decay_constant=decay_constant), {}, curve, level)
    points = dimensionless(curve, decay_constant)
    tried = fits_of(points, curve)
    scores = {name: score for name, one in tried.items() if (score := aicc(MODELS[name], one, curve)) is not None}
    weights = akaike_weights(tried, scores)
    left_out = {name: _why(name, tried, scores, curve) for name in MODELS if name not in weights}
    best = choose(points, curve)
    if not weights:
        return _alone(best, left_out, curve, level)
    fits = {name: tried[name] for name in weights}
    values = np.array([one.time_integrated_activity.value for one in fits.values()])
    w = np.array(list(weights.values()))
    mean = float(w @ values)
    own = [one.time_integrated_activity.u for one in fits.values()]
    why = next((one.time_integrated_activity.why_no_u for one in fits.values() if one.time_integrated_activity.u is None), "")
    known = [each for each in own if each is not None]
    if len(known) < len(own):
        tia, interval = Measured(value=mean, u=None, why_no_u=why), None
    else:
        u = math.sqrt(float(w @ (np.array(known) ** 2 + (values - mean) ** 2)))
        tia, interval = Measured(value=mean, u=u), _interval(fits, weights, curve, level)
        for one, _ in rivals(best, curve, decay_constant=decay_constant).values():
            theirs = intervals(one, curve, decay_constant=decay_constant, level=level)
            if theirs is not None:
                low, high = theirs.time_integrated_activity
                interval = min(interval[0], low), max(interval[1], high)
    return CurveAverage(
        region=curve.region,
        best=best,
        fits=fits,
        weights=weights,
        left_out=left_out,
        time_integrated_activity=tia,
        interval=interval,
    )


def _alone(best: CurveFit, left_out: dict[str, str], curve: TimeActivityCurve, level: float) -> CurveAverage:
    fits, weights = {best.model: best}, {best.model: 1.0}
    return CurveAverage(
        region=curve.region,
        best=best,
        fits=fits,
        weights=weights,
        left_out={name: why for name, why in left_out.items() if name != best.model},
        time_integrated_activity=best.time_integrated_activity,
        interval=_interval(fits, weights, curve, level) if best.time_integrated_activity.u else None,
    )


def _why(name: str, tried: dict[str, CurveFit], scores: dict[str, float], curve: TimeActivityCurve) -> str:
    if name in tried and name in scores:
        return "; ".join(tried[name].reasons) or "ill-posed"
    if name in tried or name in scores or curve.t.size <= MODELS[name].size + 2:
        return f"{curve.t.size} points are too few for its AICc"
    return "it gives these points no activity"


def _interval(
    fits: dict[str, CurveFit], weights: dict[str, float], curve: TimeActivityCurve, level: float
) -> tuple[float, float]:
    """Both ends at which the mixture of the models' distributions leaves half of the rest."""
    from scipy.optimize import brentq
    from scipy.special import ndtr, stdtr

    parts = []
    for name, one in fits.items():
        tia = one.time_integrated_activity
        relative = (tia.u or 0.0) / tia.value
        parts.append((weights[name], math.log(tia.value), max(relative, 1e-12), one.degrees_of_freedom))

    def below(x: float) -> float:
        return sum(
            w * float(ndtr((x - centre) / s) if curve.u is not None else stdtr(freedom, (x - centre) / s))
            for w, centre, s, freedom in parts
        )

    rest = 0.5 * (1 - level)
    span = max(s for _, _, s, _ in parts)
    low, high = min(c for _, c, _, _ in parts), max(c for _, c, _, _ in parts)
    for _ in range(200):
        if below(low - span) < rest and below(high + span) > 1 - rest:
            break
        span *= 2
    else:
        raise ConvergenceError(f"{curve.region}: the interval of the averaged integral has no end.")
    ends = [brentq(lambda x, level=q: below(x) - level, low - span, high + span, xtol=1e-12) for q in (rest, 1 - rest)]
    return math.exp(ends[0]), math.exp(ends[1])
