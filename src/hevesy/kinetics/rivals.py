"""Richer models that the points do not exclude, beside the one that was chosen."""

from dataclasses import replace

from hevesy.kinetics.choose import fits_of
from hevesy.kinetics.intervals import Interval, Intervals, intervals
from hevesy.kinetics.models import MODELS
from hevesy.kinetics.solve import dimensionless
from hevesy.model.curve import CurveFit, TimeActivityCurve

SIGN = 0.25  # chance of such a gain by noise alone, up to which it is a sign (Bancroft's level for preliminary tests)


def rivals(chosen: CurveFit, curve: TimeActivityCurve, *, decay_constant: float) -> dict[str, tuple[CurveFit, float]]:
    """Well-posed fits with more parameters than ``chosen`` that the points give a sign of, and the p of that sign.

        F = ((RSS - RSS_r) / (k_r - k)) / (RSS_r / (n - k_r)),   p = P(F' > F) <= SIGN

    Few points of unknown u seldom refute a model that is too simple, and its interval is then one of the wrong curve. A
    test that decides which interval to trust must be a lenient one: at 25 % and not 5 %, and what it leaves standing
    belongs in the interval. Where u is known, chi2 has said so already, and nothing is returned.

    Parameters
    ----------
    chosen : CurveFit                   As "auto" chose it.
    curve : TimeActivityCurve
    decay_constant : float              [1/s]

    Reference: T.A. Bancroft, Biometrics 20 (1964) 427; T.A. Bancroft, C.-P. Han, Int. Stat. Rev. 45 (1977) 117.
    """
    n, k = curve.t.size, MODELS[chosen.model].size
    if curve.u is not None or n <= k + 1:
        return {}
    from scipy.special import fdtrc

    found = {}
    for name, fit in fits_of(dimensionless(curve, decay_constant), curve).items():
        more = MODELS[name].size
        if not k < more < n or not fit.well_posed or fit.covariance is None or not fit.chi2 < chosen.chi2:
            continue
        gain = (chosen.chi2 - fit.chi2) / (more - k)
        p = float(fdtrc(more - k, n - more, gain * (n - more) / fit.chi2)) if fit.chi2 > 0 else 0.0
        if p <= SIGN:
            found[name] = (fit, p)
    return found


def hold_rivals(
    said: Intervals, chosen: CurveFit, curve: TimeActivityCurve, *, decay_constant: float
) -> tuple[Intervals, dict[str, float]]:
    """Intervals of integral and half-life that hold also those of the rivals, and the p of each rival by model.

    Those of parameters, curve and next measurement stay those of the model that was chosen.
    """
    found = rivals(chosen, curve, decay_constant=decay_constant)
    tia, half_life = said.time_integrated_activity, said.effective_half_life
    for one, _ in found.values():
        theirs = intervals(one, curve, decay_constant=decay_constant, level=said.level)
        if theirs is not None:
            tia, half_life = _hull(tia, theirs.time_integrated_activity), _hull(half_life, theirs.effective_half_life)
    method = said.method + "".join(f", and of {name}" for name in found)
    wide = replace(said, method=method, time_integrated_activity=tia, effective_half_life=half_life)
    return wide, {name: p for name, (_, p) in found.items()}


def _hull(one: Interval, other: Interval) -> Interval:
    return min(one[0], other[0]), max(one[1], other[1])
