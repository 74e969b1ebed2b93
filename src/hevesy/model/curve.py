"""Activity in a region over time, measured and fitted."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model.arrays import frozen
from hevesy.model.measured import Measured

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeActivityCurve:
    """Activity A(r_S, t) measured in one source region.

    Attributes
    ----------
    region : str
    t : ndarray, shape (n,)             Time after administration [s], increasing.
    A : ndarray, shape (n,)             Activity at ``t``, not decay-corrected [Bq].
    u : ndarray, shape (n,), or None    Standard uncertainty of ``A``, k = 1, of what differs from scan to scan [Bq];
                                        None where it is not known.
    """

    region: str
    t: Vector
    A: Vector
    u: Vector | None = None

    def __post_init__(self) -> None:
        t, A = frozen(np.array(self.t, dtype=float)), frozen(np.array(self.A, dtype=float))
        u = None if self.u is None else frozen(np.array(self.u, dtype=float))
        if t.ndim != 1 or t.size == 0 or t.shape != A.shape or (u is not None and u.shape != t.shape):
            raise InputError(f"{self.region}: times, activities and uncertainties must be vectors of one length.")
        if not (np.all(np.isfinite(t)) and np.all(np.isfinite(A)) and (u is None or np.all(np.isfinite(u)))):
            raise InputError(f"{self.region}: times, activities and uncertainties must be finite numbers.")
        if np.any(t < 0):
            raise InputError(f"{self.region}: a time is before the administration ({t.min() / 3600:g} h).")
        if np.any(np.diff(t) <= 0):
            raise InputError(
                f"{self.region}: times must increase; got {np.round(t / 3600, 4).tolist()} h. "
                "Sort the scans by acquisition start and give each time once."
            )
        if u is not None and np.any(u <= 0):
            raise InputError(f"{self.region}: each uncertainty must be above zero; leave the column out if unknown.")
        object.__setattr__(self, "t", t)
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "u", u)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurveFit:
    """A model of A(t) fitted to a curve: a sum of exponentials, whatever its name.

        A(t) = sum_j amplitudes[j] exp(-rates[j] t)

    Attributes
    ----------
    model : str                         "mono", "uptake", "bi", "bi-uptake" or "tri".
    parameters : dict                   Model parameters by name: amplitudes [Bq], rates [1/s].
    covariance : ndarray or None        Of the parameters in the order of ``parameters``; None where ill-posed.
    amplitudes, rates : ndarray         The same curve as a sum of exponentials [Bq], [1/s].
    amplitudes_jacobian, rates_jacobian : ndarray, shape (m, k)
                                        Their derivatives by the parameters, to propagate the covariance anywhere.
    time_integrated_activity : Measured From 0 to infinity [Bq s]; u from the fit alone.
    effective_half_life : Measured      Of the terminal phase [s].
    extrapolated_fraction : float       Share of the integral after the last point [1].
    chi2, degrees_of_freedom            Weighted by ``u`` where it is known, otherwise the sum of squares [Bq^2].
    scores : dict                       AICc by model; a model that was not eligible is absent.
    weights : dict                      Akaike weights of the well-posed models among them; they add up to 1.
    well_posed : bool                   False: the integral must not be used without thinking.
    warnings : tuple of str
    reasons : tuple of str              Why it is not well determined; empty where it is.
    """

    region: str
    model: str
    parameters: dict[str, float]
    covariance: Vector | None
    amplitudes: Vector
    rates: Vector
    amplitudes_jacobian: Vector
    rates_jacobian: Vector
    time_integrated_activity: Measured
    effective_half_life: Measured
    extrapolated_fraction: float
    chi2: float
    degrees_of_freedom: int
    scores: dict[str, float] = field(default_factory=dict)
    well_posed: bool = True
    warnings: tuple[str, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """ "well determined", "weakly determined" or "ill-posed"."""
        if not self.well_posed:
            return "ill-posed"
        return "weakly determined" if self.reasons else "well determined"
