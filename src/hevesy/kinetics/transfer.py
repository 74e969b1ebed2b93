"""Kinetics measured with a diagnostic nuclide, carried over to a therapeutic one."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.kinetics.bayes import posterior
from hevesy.kinetics.integrate import integral
from hevesy.kinetics.pairs import Pair
from hevesy.kinetics.population import RegionPopulation
from hevesy.model.arrays import frozen
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.measured import Measured

Vector = npt.NDArray[np.float64]

FIT, HALF_LIFE, POPULATION = "fit", "biological half-life", "population"
# Shares of the therapeutic integral after the last scan, without a prior. Beyond half more is guessed than measured; where
# clearance is slow, physical decay bounds the guess, and MOST_U [1] of the integral may be uncertain by it.
HALF_EXTRAPOLATED, MOST_EXTRAPOLATED, MOST_U = 0.5, 0.8, 0.15
MUCH_EXTRAPOLATED = 0.2
Z95 = 1.959963984540054
RATES, AMPLITUDES = 201, 31  # nodes of the biological rate and of the amplitude
SPAN = (np.arange(101) + 0.5) / 101 * 2  # late biological rates over those of the fit, all as likely
STRANGE = 1e-4  # chance below which points and prior do not belong together
SEED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BiologicalHalfLife:
    """What is known before of a region's biological half-life: log-normal about ``median`` [s].

    ``variation`` is the relative standard deviation between patients [1]; ``source`` who measured it.
    """

    median: float
    variation: float
    source: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.median) and self.median > 0):
            raise InputError(f"the biological half-life is {self.median / un.h:g} h; it must be above zero.")
        if not 0 < self.variation <= 2:
            raise InputError(
                f"the spread of the biological half-life is {100 * self.variation:g} %; above 0 to 200 % is allowed. "
                "A half-life that is known exactly is none of a patient."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transfer:
    """The curve of the therapeutic nuclide, had it been given instead, and its integral.

    Attributes
    ----------
    region, method : str                    "fit", "biological half-life" or "population".
    pair : Pair
    amplitudes, rates : ndarray, (m,)       For the activity that was given of the diagnostic nuclide [Bq], [1/s].
    time_integrated_activity : Measured     [Bq s]
    interval_95 : tuple of float            [Bq s]
    diagnostic_integral : Measured          Of the diagnostic nuclide [Bq s].
    terms : dict                            Relative standard uncertainty by source [1].
    extrapolated, extrapolated_diagnostic : float   Share of each integral after the last scan [1].
    window : float                          Last scan over the physical half-life of the therapeutic nuclide [1].
    effective_half_life : Measured          Of the therapeutic nuclide, last phase [s].
    warnings : tuple of str
    """

    region: str
    method: str
    pair: Pair
    amplitudes: Vector
    rates: Vector
    time_integrated_activity: Measured
    interval_95: tuple[float, float]
    diagnostic_integral: Measured
    terms: dict[str, float]
    extrapolated: float
    extrapolated_diagnostic: float
    window: float
    effective_half_life: Measured
    warnings: tuple[str, ...]


def transferred(
    amplitudes: npt.ArrayLike, rates: npt.ArrayLike, *, diagnostic: float, therapeutic: float
) -> tuple[Vector, Vector]:
    """Amplitudes and rates of the same kinetics with another decay.

        A_ther(t) = A_diag(t) exp(-(lam_t - lam_d) t),   r_i -> r_i + lam_t - lam_d

    Parameters
    ----------
    amplitudes, rates : array, (m,)     Of the diagnostic nuclide [Bq], [1/s].
    diagnostic, therapeutic : float     lam_d, lam_t [1/s].

    Reference: MIRD Pamphlet 21; W. E. Bolch et al., J Nucl Med 50 (2009) 477 (biological rates are those of the compound).
    """
    a, r = np.asarray(amplitudes, dtype=float), np.asarray(rates, dtype=float)
    if np.any(r < diagnostic * (1 - 1e-9)):
        raise InputError("a rate is below the decay of the diagnostic nuclide; check which nuclide it was fitted with.")
    return frozen(a.copy()), frozen(np.maximum(r - diagnostic, 0.0) + therapeutic)


def transferred_integral(amplitudes: npt.ArrayLike, rates: npt.ArrayLike, *, diagnostic: float, therapeutic: float) -> float:
    """Time-integrated activity of the therapeutic nuclide, sum_i a_i / (r_i + lam_t - lam_d) [Bq s]; see :func:`transferred`."""
    a, r = transferred(amplitudes, rates, diagnostic=diagnostic, therapeutic=therapeutic)
    return integral(a, r, 0.0, math.inf)


def transfer(fit: CurveFit, curve: TimeActivityCurve, *, pair: Pair, diagnostic: float, therapeutic: float) -> Transfer:
    """Carry a fit over, with what extrapolation and the change of compound add to its uncertainty.

        A_tilde = sum_i a_i / r'_i,   r'_i = r_i + lam_t - lam_d
        u^2 = g C g + u_tail^2 + (u_uptake A_tilde)^2,   g = dA_tilde/dp
        u_tail^2 = mean over x of (tail(x) - tail(1))^2,   tail(x) = sum_i a_i exp(-r'_i t_n) / (lam_t + x b_i),   0 <= x <= 2

    After the last scan t_n biological rates b_i may be anything from none, which leaves physical decay alone, to twice those of
    the fit, all equally likely. Fit and compound are log-normal; the interval is that of all three together.

    Parameters
    ----------
    fit, curve                          As fitted with ``diagnostic``.
    pair : Pair
    diagnostic, therapeutic : float     lam_d, lam_t [1/s].

    Neglected: a difference of the compounds that changes with time; errors of calibration between two scanners.

    Raises
    ------
    ScopeError
        The pair needs a prior, the fit is ill-posed or without uncertainty, or too much of the therapeutic integral lies after
        the last scan: more than HALF_EXTRAPOLATED with a u_tail above MOST_U, or more than MOST_EXTRAPOLATED.
    """
    name = f"{fit.region}, {pair.diagnostic} to {pair.therapeutic}"
    if pair.needs_prior:
        raise ScopeError(
            f"{name}: {pair.diagnostic} is gone before the clearance that matters can be seen. Give what is known of it: "
            "a population model, or a biological half-life with its spread."
        )
    if not fit.well_posed or fit.covariance is None or fit.time_integrated_activity.u is None:
        why = "; ".join(fit.reasons) or fit.time_integrated_activity.why_no_u
        raise ScopeError(
            f"{name}: the fit is not determined ({why}); nothing can be carried over from it. "
            "Add scans, or give a prior: a population model, or a biological half-life."
        )
    a, r = transferred(fit.amplitudes, fit.rates, diagnostic=diagnostic, therapeutic=therapeutic)
    last = float(curve.t[-1])
    total, tail = integral(a, r, 0.0, math.inf), integral(a, r, last, math.inf)
    share = tail / total
    gradient = (1 / r) @ fit.amplitudes_jacobian - (a / r**2) @ fit.rates_jacobian
    u_fit = math.sqrt(max(float(gradient @ fit.covariance @ gradient), 0.0))
    # x = 1 is the fit itself.
    tails = np.sum(a * np.exp(-r * last) / (therapeutic + SPAN[:, None] * (r - therapeutic)), axis=1)
    terms = {
        "fit": u_fit / total,
        "extrapolation": math.sqrt(float(np.mean((tails - tail) ** 2))) / total,
        "compound": pair.u_uptake,
    }
    if share > MOST_EXTRAPOLATED or (share > HALF_EXTRAPOLATED and terms["extrapolation"] > MOST_U):
        raise ScopeError(
            f"{name}: {100 * share:.0f} % of the integral of {pair.therapeutic} would lie after the last scan at "
            f"{last / un.h:.3g} h, uncertain by {100 * terms['extrapolation']:.0f} % of it; without a prior at most "
            f"{100 * HALF_EXTRAPOLATED:g} % may, or {100 * MOST_EXTRAPOLATED:g} % where that uncertainty is below "
            f"{100 * MOST_U:g} %. Scan later, or give a prior: a population model, or a biological half-life."
        )
    s = math.hypot(float(_log_sigma(terms["fit"])), float(_log_sigma(pair.u_uptake)))
    drawn = np.outer(total - tail + tails, np.exp(s * _normal_nodes(SPAN.size)))
    _, ends = _summary(drawn, np.full(drawn.shape, 1 / drawn.size))
    physical = math.log(2) / therapeutic
    return Transfer(
        region=fit.region,
        method=FIT,
        pair=pair,
        amplitudes=a,
        rates=r,
        time_integrated_activity=Measured(value=total, u=total * math.hypot(*terms.values())),
        interval_95=ends,
        diagnostic_integral=fit.time_integrated_activity,
        terms=terms,
        extrapolated=share,
        extrapolated_diagnostic=fit.extrapolated_fraction,
        window=last / physical,
        effective_half_life=_half_life(fit, float(np.min(r))),
        warnings=(*fit.warnings, *_warnings(pair, share, last / physical, prior=False)),
    )


def transfer_with_half_life(
    curve: TimeActivityCurve, prior: BiologicalHalfLife, *, pair: Pair, diagnostic: float, therapeutic: float
) -> Transfer:
    """Carry over one scan or a few with a known biological half-life: each weighs by what it knows.

        A(t) = a exp(-(b + lam_d) t),   b = ln 2 / T_bio,   ln T_bio ~ N(ln median, ln(1 + variation^2))
        p(a, b | A) ~ p(b) prod_j N(A_j; A(t_j), u_j^2),     A_tilde = a / (b + lam_t)

    The amplitude is flat before the scans; it is integrated in closed form at each b. The value is the posterior median.

    Parameters
    ----------
    curve : TimeActivityCurve           With u, after uptake is over.
    prior : BiologicalHalfLife
    pair, diagnostic, therapeutic       As for :func:`transfer`.

    Neglected: uptake, and a second phase of clearance.

    Raises
    ------
    InputError
        The points have no uncertainty, or no activity.
    ScopeError
        Points and prior do not belong together.
    """
    if curve.u is None or float(np.sum(curve.A)) <= 0:
        raise InputError(f"{curve.region}: a prior is weighed against points with their uncertainty; give u_MBq and activity.")
    b = math.log(2) / (prior.median * np.exp(_log_sigma(prior.variation) * _normal_nodes(RATES)))
    f = np.exp(-np.outer(b + diagnostic, curve.t)) / curve.u
    y = curve.A / curve.u
    norm = np.sum(f * f, axis=1)
    if not (norm > 0).all():
        raise ScopeError(
            f"{curve.region}: at {curve.t[0] / un.h:.3g} h nothing would be left with a biological half-life of "
            f"{prior.median / un.h:.3g} h and the decay of {pair.diagnostic}. Check both half-lives and the times."
        )
    amplitude = f @ y / norm
    chi2 = np.sum((y - amplitude[:, None] * f) ** 2, axis=1)
    _check_chance(curve, prior, float(chi2.min()))
    weight = np.exp(-0.5 * (chi2 - chi2.min())) / np.sqrt(norm)
    drawn = amplitude[:, None] * np.exp(_log_sigma(1 / np.sqrt(norm) / amplitude)[:, None] * _normal_nodes(AMPLITUDES))
    weights = np.repeat((weight / weight.sum() / AMPLITUDES)[:, None], AMPLITUDES, axis=1)
    tia, tia_d = drawn / (b + therapeutic)[:, None], drawn / (b + diagnostic)[:, None]
    values = _summary(tia, weights)
    found_b = float(np.sum(weights * b[:, None]))
    found_a = float(np.interp(found_b, b[::-1], amplitude[::-1]))
    return _with_prior(
        curve,
        pair,
        HALF_LIFE,
        (np.array([found_a]), np.array([found_b + therapeutic])),
        values,
        _summary(tia_d, weights)[0],
        decays=(diagnostic, therapeutic),
        half_life=_summary(np.broadcast_to((math.log(2) / (b + therapeutic))[:, None], weights.shape), weights)[0],
        warnings=(),
    )


def transfer_with_population(
    curve: TimeActivityCurve,
    population: RegionPopulation,
    *,
    pair: Pair,
    diagnostic: float,
    therapeutic: float,
    administered: float | None = None,
) -> Transfer:
    """Carry over one scan or a few with a population model of the compound.

    The points are turned into those of the therapeutic nuclide, A_j exp(-(lam_t - lam_d) t_j) with u_j alike, and the posterior
    of :func:`hevesy.kinetics.bayes.posterior` is taken with its decay: biological rates and residual deviations relative to
    the activity are the same.

    Parameters
    ----------
    curve, population
    pair, diagnostic, therapeutic       As for :func:`transfer`.
    administered : float, optional      Of the diagnostic nuclide [Bq].

    Neglected: that a residual relative to the administered activity does not decay.

    Raises
    ------
    ScopeError
        The points do not belong to the population.
    """
    factor = np.exp(-(therapeutic - diagnostic) * curve.t)
    turned = replace(curve, A=curve.A * factor, u=None if curve.u is None else curve.u * factor)
    found = posterior(population, turned, seed=SEED, administered=administered, decay_constant=therapeutic)
    if found.chance < STRANGE:
        raise ScopeError(
            f"{curve.region}: these scans lie outside the population (chance {found.chance:.1g}); it says nothing of this "
            "patient. Scan the patient later, without a prior."
        )
    before = posterior(population, curve, seed=SEED, administered=administered, decay_constant=diagnostic)
    return _with_prior(
        curve,
        pair,
        POPULATION,
        (found.amplitudes, found.rates),
        (found.time_integrated_activity, found.tia_95),
        before.time_integrated_activity,
        decays=(diagnostic, therapeutic),
        half_life=found.effective_half_life,
        warnings=found.warnings,
    )


def _with_prior(
    curve: TimeActivityCurve,
    pair: Pair,
    method: str,
    made: tuple[Vector, Vector],
    value: tuple[Measured, tuple[float, float]],
    diagnostic_integral: Measured,
    *,
    decays: tuple[float, float],
    half_life: Measured,
    warnings: tuple[str, ...],
) -> Transfer:
    (a, r), (tia, ends), (diagnostic, therapeutic) = made, value, decays
    last, physical = float(curve.t[-1]), math.log(2) / therapeutic
    share = integral(a, r, last, math.inf) / integral(a, r, 0.0, math.inf)
    back = r - therapeutic + diagnostic
    share_d = integral(a, back, last, math.inf) / integral(a, back, 0.0, math.inf)
    terms = {"points and prior": tia.relative or 0.0, "compound": pair.u_uptake}
    s = Z95 * float(_log_sigma(pair.u_uptake))
    low, high = (
        tia.value * math.exp(sign * math.hypot(math.log(end / tia.value), s)) for sign, end in ((-1, ends[0]), (1, ends[1]))
    )
    return Transfer(
        region=curve.region,
        method=method,
        pair=pair,
        amplitudes=frozen(np.array(a)),
        rates=frozen(np.array(r)),
        time_integrated_activity=Measured(value=tia.value, u=tia.value * math.hypot(*terms.values())),
        interval_95=(low, high),
        diagnostic_integral=diagnostic_integral,
        terms=terms,
        extrapolated=share,
        extrapolated_diagnostic=share_d,
        window=last / physical,
        effective_half_life=half_life,
        warnings=(*warnings, *_warnings(pair, share, last / physical, prior=True)),
    )


def _check_chance(curve: TimeActivityCurve, prior: BiologicalHalfLife, chi2: float) -> None:
    from scipy.special import chdtrc

    freedom = curve.t.size - 1
    chance = 1.0 if freedom < 1 else float(chdtrc(freedom, chi2))
    if chance < STRANGE:
        raise ScopeError(
            f"{curve.region}: one exponential with a biological half-life of {prior.median / un.h:.3g} h, spread "
            f"{100 * prior.variation:g} %, does not meet the points (chance {chance:.1g}). Leave out scans before "
            "uptake is over, or check half-life and uncertainties."
        )


def _summary(values: Vector, weights: Vector) -> tuple[Measured, tuple[float, float]]:
    """Median with standard deviation, and 95 %, of weighted values."""
    flat, w = values.ravel(), weights.ravel()
    order = np.argsort(flat)
    ordered = w[order]
    low, middle, high = np.interp((0.025, 0.5, 0.975), np.cumsum(ordered) - 0.5 * ordered, flat[order])
    mean = float(w @ flat)
    return Measured(value=float(middle), u=math.sqrt(float(w @ (flat - mean) ** 2))), (float(low), float(high))


def _normal_nodes(number: int) -> Vector:
    """Mid-points of equal shares of the standard normal distribution."""
    from scipy.special import ndtri

    return np.asarray(ndtri((np.arange(number) + 0.5) / number), dtype=float)


def _log_sigma(u: float | Vector) -> Vector:
    return np.sqrt(np.log1p(np.square(u)))


def _half_life(fit: CurveFit, slowest: float) -> Measured:
    value = math.log(2) / slowest
    known = fit.effective_half_life
    if known.u is None:
        return Measured(value=value, u=None, why_no_u=known.why_no_u)
    # dT/dr = -T^2 / ln 2 for both nuclides.
    return Measured(value=value, u=known.u * (value / known.value) ** 2)


def _warnings(pair: Pair, share: float, window: float, *, prior: bool) -> list[str]:
    said = []
    if share > MUCH_EXTRAPOLATED:
        by = "the prior" if prior else "the fit"
        said.append(
            f"{100 * share:.0f} % of the integral of {pair.therapeutic} lies after the last scan, at {window:.2g} of its "
            f"half-lives, and rests on {by}"
        )
    said.append(f"does not carry over: {pair.not_claimed}")
    return said
