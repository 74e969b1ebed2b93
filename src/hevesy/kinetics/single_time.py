"""Time-integrated activity from one scan, with the uncertainty that the spread of the patients gives it."""

import math
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured

Vector = npt.NDArray[np.float64]

HAENSCHEID, MADSEN, POPULATION, OWN = "haenscheid", "madsen", "population", "own"
METHODS = (HAENSCHEID, MADSEN, POPULATION, OWN)
LN2 = math.log(2.0)
PATIENTS, READINGS = 2001, 101  # quantiles of the half-life and of the reading
CUT = 0.05  # share of the patients beyond physical decay above which it is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Scan times over effective half-lives where a method may be used: ``stated`` inside, ``refused`` outside."""

    stated: tuple[float, float]
    why_stated: str
    refused: tuple[float, float]
    why_refused: str


# A fixed half-life T0:  d ln(estimate) / d ln(T0) = 1 - ln2 t/T0.  It is 1/2 at both ends of the stated window, 0 at
# t = T0/ln2, and -2 at the last time that is not refused.
_FIXED = (0.5 / LN2, 1.5 / LN2), "there, at most half of the error of the half-life reaches the integral"
_LATE = 3.0 / LN2
WINDOWS = {
    HAENSCHEID: Window(
        stated=(0.75, 2.5),
        why_stated="there, a mono-exponential is met within -12 % and +6 %",
        refused=(0.3099069324, 4.0),
        why_refused="beyond, a mono-exponential is missed by more than half",
    ),
    MADSEN: Window(
        stated=_FIXED[0],
        why_stated=_FIXED[1],
        refused=(0.25, _LATE),
        why_refused="before, uptake and first wash-out still rule; after, less than 5 % of the activity is left",
    ),
    POPULATION: Window(
        stated=_FIXED[0],
        why_stated=_FIXED[1],
        refused=(0.25, _LATE),
        why_refused="before, uptake and first wash-out still rule; after, less than 5 % of the activity is left",
    ),
    OWN: Window(
        stated=_FIXED[0],
        why_stated=_FIXED[1],
        refused=(0.05, _LATE),
        why_refused="before, the region still fills; after, less than 5 % of the activity is left",
    ),
}


def method_named(name: str) -> str:
    """The method ``name``, written with or without its umlaut; an unknown one is an :class:`InputError`."""
    # The umlaut is written a + e or left away; both are heard.
    plain = unicodedata.normalize("NFKD", name.strip().lower().replace("ä", "ae"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = HAENSCHEID if plain == "hanscheid" else plain
    if plain not in METHODS:
        raise InputError(f"single-scan method {name!r} is unknown. Choose {', '.join(METHODS)}.")
    return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLives:
    """Effective half-lives that a patient's may be: log-normal, none above the physical half-life.

        ln T ~ N(ln(mean) - s^2/2, s),   s^2 = ln(1 + variation^2),   T <= ln 2 / decay_constant

    For a population, its mean and spread.  For the patient's own half-life of an earlier cycle, that half-life, and
    its standard uncertainty and the change between cycles together: see :func:`own_half_life`.

    Attributes
    ----------
    mean : float            Arithmetic mean [s], before the limit of physical decay.
    variation : float       Coefficient of variation [1].
    decay_constant : float  Of the nuclide [1/s].
    """

    mean: float
    variation: float
    decay_constant: float

    def __post_init__(self) -> None:
        physical = LN2 / self.decay_constant
        if not (math.isfinite(self.mean) and self.mean > 0):
            raise InputError(f"the effective half-life is {self.mean / un.h:g} h; it must be above zero.")
        if self.mean > 1.001 * physical:
            raise InputError(
                f"the effective half-life is {self.mean / un.h:g} h, longer than the physical one of {physical / un.h:.4g} h. "
                "Check the nuclide; give the effective half-life, not the biological one."
            )
        if not 0 <= self.variation <= 2:
            raise InputError(
                f"the spread of the half-life is {100 * self.variation:g} %; allowed is 0 to 200 %. "
                "It is the standard deviation as a share of the mean."
            )

    @property
    def beyond_decay(self) -> float:
        """Share of the log-normal that lies above the physical half-life and is left out [1]."""
        if self.variation == 0:
            return 0.0
        z = (math.log(LN2 / self.decay_constant / self.mean) + 0.5 * self._s**2) / self._s
        return 0.5 * math.erfc(z / math.sqrt(2))

    @property
    def _s(self) -> float:
        return math.sqrt(math.log1p(self.variation**2))

    def quantiles(self, number: int = PATIENTS) -> Vector:
        """Half-lives at the mid-points of ``number`` equal shares of the patients [s], increasing."""
        from scipy.special import ndtri

        if self.variation == 0:
            return np.full(number, self.mean)
        shares = (np.arange(number) + 0.5) / number * (1 - self.beyond_decay)
        return np.asarray(self.mean * np.exp(self._s * ndtri(shares) - 0.5 * self._s**2), dtype=float)


def own_half_life(*, half_life: float, u: float, change: float, decay_constant: float) -> HalfLives:
    """The half-lives that the patient's may be now, after one of ``half_life`` was measured in an earlier cycle.

        variation^2 = (u / half_life)^2 + change^2

    Parameters
    ----------
    half_life, u : float    Measured then, and its standard uncertainty [s].
    change : float          Standard deviation of the half-life of one patient from cycle to cycle [1].
    decay_constant : float  [1/s].
    """
    if not (u >= 0 and change >= 0):
        raise InputError(f"the uncertainty ({u / un.h:g} h) and the change between cycles ({100 * change:g} %) are zero or more.")
    variation = math.hypot(u / half_life, change) if half_life > 0 else 0.0
    return HalfLives(mean=half_life, variation=variation, decay_constant=decay_constant)


def scale(*, method: str, t: npt.ArrayLike, half_lives: HalfLives) -> Vector:
    """Time-integrated activity by activity measured at ``t`` [s].

        haenscheid        2 t / ln 2                            Haenscheid et al., J Nucl Med 2018;59:75
        madsen            exp(k t) / k,  k = mean of ln 2 / T   Madsen et al., Med Phys 2013;40:112501
        population, own   exp(k t) / k,  k = ln 2 / mean T

    Neglected: everything but one exponential from the administration on.
    """
    method, t = method_named(method), np.asarray(t, dtype=float)
    if method == HAENSCHEID:
        return np.asarray(2 * t / LN2, dtype=float)
    k = float(np.mean(LN2 / half_lives.quantiles())) if method == MADSEN else LN2 / half_lives.mean
    return np.asarray(np.exp(k * t) / k, dtype=float)


def estimate_over_truth(*, method: str, t: npt.ArrayLike, half_life: npt.ArrayLike, half_lives: HalfLives) -> Vector:
    """What the method finds over what is true, in patients who wash out with one exponential of ``half_life`` [1].

        r(T) = scale(t) ln 2 / (T 2^(t/T))

    ``t`` and ``half_life`` [s] broadcast.  For the method of Haenscheid, r = 2 (t/T) 2^(-t/T).
    """
    t, T = np.asarray(t, dtype=float), np.asarray(half_life, dtype=float)
    return np.asarray(scale(method=method, t=t, half_lives=half_lives) * LN2 / T * np.exp2(-t / T), dtype=float)


def error_quantiles(*, method: str, t: float, half_lives: HalfLives, shares: npt.ArrayLike) -> Vector:
    """Relative error of the integral, estimate over truth less 1, below which ``shares`` of the patients lie [1]."""
    ratios = estimate_over_truth(method=method, t=t, half_life=half_lives.quantiles(), half_lives=half_lives)
    return np.asarray(np.quantile(ratios, np.asarray(shares, dtype=float)) - 1, dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleScan:
    """What one scan says of the integral.

    Attributes
    ----------
    method : str
    time_integrated_activity : Measured     [Bq s]; u holds bias, spread and the reading.
    interval_95 : tuple of float            That the truth lies in with 95 % [Bq s].
    bias : float                            Typical (geometric mean) estimate over truth, less 1 [1].
    spread : float                          Standard deviation of ln(truth / estimate) over the half-lives [1].
    ratio : float                           Scan time over mean effective half-life [1].
    window : Window
    inside : bool                           The ratio is in the stated window.
    warnings : tuple of str
    """

    method: str
    time_integrated_activity: Measured
    interval_95: tuple[float, float]
    bias: float
    spread: float
    ratio: float
    window: Window
    inside: bool
    warnings: tuple[str, ...]


def single_scan(*, method: str, t: float, activity: Measured, half_lives: HalfLives, region: str = "region") -> SingleScan:
    """The integral from one measured activity.

        A_tilde = scale(t) A,   x_i = ln(truth / estimate) of a patient with half-life T_i
        u(A_tilde)^2 / A_tilde^2 = mean(x)^2 + var(x) + u(A)^2 / A^2

    The reading says nothing of the half-life, so the truth is spread like the half-lives: numerically over their
    quantiles.  The deviation is taken of the logarithm, because truth / estimate grows like exp(t/T) for short
    half-lives and has no finite variance (J. Gustafsson, J. Taprogge, Phys Med Biol 2022;67:025003 show the tail of
    underestimates).  The interval holds bias, spread and reading.

    Parameters
    ----------
    method : str                "haenscheid", "madsen", "population" or "own".
    t : float                   Time of the scan after administration [s].
    activity : Measured         At ``t``, not corrected for decay [Bq].
    half_lives : HalfLives
    region : str                For messages.

    Raises
    ------
    ScopeError
        The scan lies where the method is refused.
    """
    method = method_named(method)
    window, ratio = WINDOWS[method], t / half_lives.mean
    if activity.value <= 0:
        raise InputError(f"{region}: the activity is {activity.value / un.MBq:g} MBq; one scan needs one above zero.")
    if not (window.refused[0] <= ratio <= window.refused[1]):
        limits = [f * half_lives.mean / un.h for f in window.refused]
        raise ScopeError(
            f"{region}: a scan at {t / un.h:g} h is {ratio:.2f} effective half-lives after administration; method {method} "
            f"is refused outside {window.refused[0]:.2f} to {window.refused[1]:.2f} ({limits[0]:.0f} to {limits[1]:.0f} h): "
            f"{window.why_refused}. "
            "Scan again in that time, or fit several scans."
        )
    A_tilde = float(scale(method=method, t=t, half_lives=half_lives)) * activity.value
    ratios = estimate_over_truth(method=method, t=t, half_life=half_lives.quantiles(), half_lives=half_lives)
    x = -np.log(ratios)
    bias, spread = float(np.mean(x)), float(np.std(x))
    reading = activity.relative or 0.0
    return SingleScan(
        method=method,
        time_integrated_activity=Measured(value=A_tilde, u=A_tilde * math.sqrt(bias**2 + spread**2 + reading**2)),
        interval_95=_interval(A_tilde / ratios, reading),
        bias=math.expm1(-bias),
        spread=spread,
        ratio=ratio,
        window=window,
        inside=window.stated[0] <= ratio <= window.stated[1],
        warnings=_warnings(method, t, activity, half_lives),
    )


def _interval(truths: Vector, reading: float) -> tuple[float, float]:
    """2.5 % and 97.5 % of the truths, each also spread log-normally by the reading."""
    if reading > 0:
        from scipy.special import ndtri

        z = ndtri((np.arange(READINGS) + 0.5) / READINGS)
        truths = np.outer(truths[::5], np.exp(math.sqrt(math.log1p(reading**2)) * z))
    low, high = np.quantile(truths, (0.025, 0.975))
    return float(low), float(high)


def _warnings(method: str, t: float, activity: Measured, half_lives: HalfLives) -> tuple[str, ...]:
    window, ratio = WINDOWS[method], t / half_lives.mean
    found = []
    if not window.stated[0] <= ratio <= window.stated[1]:
        limits = [f * half_lives.mean / un.h for f in window.stated]
        found.append(
            f"the scan at {t / un.h:g} h lies outside the window of {limits[0]:.0f} to {limits[1]:.0f} h "
            f"({window.stated[0]:.2f} to {window.stated[1]:.2f} half-lives): {window.why_stated}"
        )
    if activity.u is None:
        found.append("the activity has no uncertainty; u holds the spread of the half-life alone")
    if half_lives.variation == 0:
        found.append("a spread of 0 % says that the half-life is known exactly")
    if half_lives.beyond_decay > CUT:
        found.append(
            f"{100 * half_lives.beyond_decay:.0f} % of the stated half-lives lie above the physical one and are left out; "
            "check the spread"
        )
    return tuple(found)
