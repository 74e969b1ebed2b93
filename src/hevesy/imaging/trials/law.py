"""The law between noise and exposure, and how well a few realisations settle it."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError

Array = npt.NDArray[np.float64]

# Random to true coincidences, times their weight in the noise, up to which an answer is given: far past where any scanner
# counts best, an activity more gains next to nothing, and dead time, which the trials leave out, takes it away.
MOST_RANDOMS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How noise goes with activity and time.

        x = (1 + r A) / (A T)

    Variances are in proportion to x: counts grow with A T, and the share r A of random coincidences adds noise alone.

    Attributes
    ----------
    randoms : float                     r [1/MBq]; 0 for a gamma camera.
    """

    randoms: float = 0.0

    def x(self, activity: npt.ArrayLike, duration: npt.ArrayLike) -> Array:
        """[1/(MBq s)] of ``activity`` [MBq] and ``duration`` [s]."""
        A, T = np.asarray(activity, float), np.asarray(duration, float)
        return np.asarray((1 + self.randoms * A) / (A * T))

    def activity(self, x: float, duration: float) -> float:
        """Least activity that gets down to x in a time [MBq]; infinite where randoms do not let it (`MOST_RANDOMS`)."""
        left = x * duration - self.randoms
        return 1 / left if left > self.randoms / MOST_RANDOMS else math.inf

    def duration(self, x: float, activity: float) -> float:
        """Least time that gets down to x with an activity [s]."""
        return (1 + self.randoms * activity) / (activity * x)


def line_through(x: npt.ArrayLike, y: npt.ArrayLike, *, floor: float = 0.0) -> float:
    """Slope a of y = a x + b with b known, for y of equal relative uncertainty.

        a = sum (x / y) (1 - b / y) / sum (x / y)^2

    Parameters
    ----------
    x, y : arrays, shape (levels,)
    floor : float                       b: what is left without noise; it comes from an image without noise.
    """
    u, v = np.asarray(x, float), np.asarray(y, float)
    if u.shape != v.shape or u.size < 1 or np.any(u <= 0) or np.any(v <= 0):
        raise InputError("a line needs as many values as exposures, all above 0.")
    slope = float(np.sum(u / v * (1 - floor / v)) / np.sum((u / v) ** 2))
    if not slope > 0:
        raise ScopeError("noise does not fall with exposure in these realisations. Take more of them, or lower activities.")
    return slope


def misfit(x: npt.ArrayLike, y: npt.ArrayLike, slope: float, floor: float) -> float:
    """Greatest relative departure of the levels from their line [1]."""
    u, v = np.asarray(x, float), np.asarray(y, float)
    return float(np.max(np.abs((slope * u + floor) / v - 1)))


def pooled_slope(x: npt.ArrayLike, variances: npt.ArrayLike, freedoms: npt.ArrayLike) -> tuple[float, float]:
    """Slope of variances in proportion to x, and its degrees of freedom.

    a = sum nu_l s_l^2 / x_l / sum nu_l,     nu = sum nu_l
    """
    u, s2, nu = (np.asarray(v, float) for v in (x, variances, freedoms))
    return float(np.sum(nu * s2 / u) / nu.sum()), float(nu.sum())


def chi_square_interval(freedom: float, *, level: float = 0.95) -> tuple[float, float]:
    """Factors between which a variance lies, by its estimate from ``freedom`` degrees of freedom: nu / chi^2_nu quantiles."""
    from scipy.stats import chi2

    tail = (1 - level) / 2
    return float(freedom / chi2.ppf(1 - tail, freedom)), float(freedom / chi2.ppf(tail, freedom))


def greatest_variance(low: float, high: float, *, probability: float) -> float:
    """Largest variance of a normal number of mean 0 that stays in [low, high] (low < 0 < high) with a probability.

    Phi(high / s) - Phi(low / s) = p
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    if not low < 0 < high:
        raise InputError(f"a band from {low:g} to {high:g} does not hold the mean.")
    least, most = min(-low, high) * 1e-3, max(-low, high) * 10
    return float(brentq(lambda s: ndtr(high / s) - ndtr(low / s) - probability, least, most)) ** 2
