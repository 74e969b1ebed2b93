"""Which model: AICc where it is defined, tests where it is not, no ill-posed fit while there is another."""

import math
from dataclasses import replace

import numpy as np

from hevesy.errors import ConvergenceError
from hevesy.kinetics.assess import REJECTED, assess, rejection
from hevesy.kinetics.models import BI, MODELS, MONO, UPTAKE, Model
from hevesy.kinetics.solve import Points, Solution, solve
from hevesy.model.curve import CurveFit, TimeActivityCurve

# Nobody measures activity to a part in a million: below this a curve is met exactly, and rounding must not
# choose.
_EXACT = 1e-6


def choose(points: Points, curve: TimeActivityCurve) -> CurveFit:
    """The fit that the points bear.

        known u:    AICc = chi2 + 2 k + 2 k (k + 1) / (n - k - 1)
        unknown u:  AICc = n ln(RSS/n) + 2 K + 2 K (K + 1) / (n - K - 1),  K = k + 1   (Hurvich and Tsai 1989)

    A model for which the last denominator is not positive has no score. The best well-posed score wins. Where
    the winner is mono and the points refute it, a richer model without a score may take its place: with known
    u, mono by its chi2 and the gain by the chi2 of the difference (p < 0.01); with unknown u, by the F test
    (p < 0.01), or because the activity rises, which mono cannot. The result says so. The tests need no
    correction for few points.
    """
    n = curve.t.size
    fits = fits_of(points, curve)
    scores = {name: score for name, fit in fits.items() if (score := aicc(MODELS[name], fit, curve)) is not None}
    ranked = sorted(scores, key=lambda name: (scores[name], MODELS[name].size))
    sound = [name for name in ranked if fits[name].well_posed]
    best = sound[0] if sound else (ranked[0] if ranked else MONO.name)
    if best not in fits:
        raise ConvergenceError(f"{curve.region}: no model fits these activities. Check them, scan by scan.")
    notes = []
    if ranked and best != ranked[0]:
        notes.append(f"{ranked[0]} has the better AICc but is ill-posed here; {best} was taken.")
    elif not ranked and n > MONO.size:
        notes.append(f"{n} points are too few to compare models by AICc; {best} is the simplest.")
    heir, why = _heir(fits, best, [name for name in fits if name not in scores], curve)
    if heir is not None:
        notes = [f"{heir} was taken without an AICc, for which {n} points are too few: {why}."]
        best = heir
    elif why:
        notes.append(why)
    chosen = fits[best]
    return replace(chosen, scores=scores, weights=akaike_weights(fits, scores), warnings=(*chosen.warnings, *notes))


def akaike_weights(fits: dict[str, CurveFit], scores: dict[str, float]) -> dict[str, float]:
    """Weights of the well-posed models that have an AICc.

    w_i = exp(-D_i/2) / sum_j exp(-D_j/2),   D_i = AICc_i - min AICc      (Burnham and Anderson 2002, eq. 2.9)
    """
    sound = {name: score for name, score in scores.items() if fits[name].well_posed}
    if not sound:
        return {}
    least = min(sound.values())
    raw = {name: math.exp(-0.5 * (score - least)) for name, score in sound.items()}
    return {name: value / sum(raw.values()) for name, value in raw.items()}


def aicc(model: Model, fit: CurveFit, curve: TimeActivityCurve) -> float | None:
    """The corrected criterion of Akaike, or None where the points are too few for it."""
    n = curve.t.size
    k = model.size + (1 if curve.u is None else 0)
    if not has_aicc(model, curve):
        return None
    misfit = fit.chi2 if curve.u is not None else n * math.log(_mean_square(fit, curve))
    return misfit + 2 * k + 2 * k * (k + 1) / (n - k - 1)


def rises(curve: TimeActivityCurve) -> bool:
    """Whether the largest activity is not the first."""
    return int(np.argmax(curve.A)) > 0


def fits_of(points: Points, curve: TimeActivityCurve) -> dict[str, CurveFit]:
    """Every fit that may be compared, by model, from the simplest.

    Up to four parameters: all that the points determine. With more: those alone that have an AICc, since nothing
    else could choose them.
    """
    fits: dict[str, CurveFit] = {}
    known: dict[str, Solution] = {}
    for model in MODELS.values():
        if model.size > curve.t.size or (model.size > BI.size and not has_aicc(model, curve)):
            continue
        try:
            known[model.name] = solve(model, points, known)
            fits[model.name] = assess(model, known[model.name], points, curve)
        except ConvergenceError:
            continue  # a model that gives these points no activity is no candidate
    return fits


def has_aicc(model: Model, curve: TimeActivityCurve) -> bool:
    """Whether the points are enough for the criterion."""
    return curve.t.size - model.size - (1 if curve.u is None else 0) - 1 > 0


def _mean_square(fit: CurveFit, curve: TimeActivityCurve) -> float:
    return max(fit.chi2 / curve.t.size, _EXACT**2 * float(np.mean(curve.A**2)))


def _heir(fits: dict[str, CurveFit], best: str, others: list[str], curve: TimeActivityCurve) -> tuple[str | None, str]:
    """A richer model to take the place of ``best`` and why, or None and what is wrong with ``best``."""
    n = curve.t.size
    fit = fits[best]
    refuted = fit.degrees_of_freedom > 0 and rejection(fit.chi2, fit.degrees_of_freedom) < REJECTED
    if best != MONO.name or (curve.u is not None and not refuted):
        return None, ""
    richer = [name for name in others if name != best and fits[name].well_posed]
    preferred = [UPTAKE.name, BI.name] if rises(curve) else [BI.name, UPTAKE.name]
    richer.sort(key=lambda name: (MODELS[name].size == n, preferred.index(name)))
    for name in richer:
        if why := _better(fits[name], fit, curve):
            return name, why
    if curve.u is None and rises(curve):
        return (
            None,
            "the activity rises at first, which mono cannot follow; these points determine no other model.",
        )
    return None, ""


def _better(candidate: CurveFit, fit: CurveFit, curve: TimeActivityCurve) -> str:
    """Why ``candidate`` must replace ``fit``, which is mono; empty where it need not."""
    n = curve.t.size
    k, k_fit = MODELS[candidate.model].size, MONO.size
    if curve.u is not None:
        chance = rejection(max(fit.chi2 - candidate.chi2, 0.0), k - k_fit)
        refuted = rejection(fit.chi2, fit.degrees_of_freedom)
        return f"{fit.model} is refuted by chi2 (p = {refuted:.2g})" if chance < REJECTED else ""
    if rises(curve) and candidate.model == UPTAKE.name and candidate.chi2 < fit.chi2:
        return f"the activity rises at first, which {fit.model} cannot follow"
    if n > k:
        from scipy.special import fdtrc

        rest = _mean_square(candidate, curve) * n / (n - k)
        gain = (_mean_square(fit, curve) - _mean_square(candidate, curve)) * n / (k - k_fit)
        chance = float(fdtrc(k - k_fit, n - k, max(gain, 0.0) / rest))
        return f"{fit.model} is refuted by the F test (p = {chance:.2g})" if chance < REJECTED else ""
    return ""
