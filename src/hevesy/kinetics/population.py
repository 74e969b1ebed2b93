"""What is known of the kinetics of a region in a population of patients."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.kinetics.models import MODELS, Model, model_named
from hevesy.model.arrays import frozen

Vector = npt.NDArray[np.float64]

# Parameters of a patient by curve model, all above zero: shares of the administered activity [1], biological rates [1/s]
# and what a second rate has beyond the first [1/s].
PARAMETERS = {
    "mono": ("a", "b1"),
    "uptake": ("a", "b1", "d2"),
    "bi": ("a1", "b1", "a2", "d2"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionPopulation:
    """Patients' parameters in one region, log-normal, and how measurements scatter about a patient's curve.

        log theta_i ~ N(mean, covariance),   A(t) = A0 f(t; theta_i),   u(A)^2 = (proportional A)^2 + (additive A0)^2

        mono     f = a exp(-(lam + b1) t)
        uptake   f = a (exp(-(lam + b1) t) - exp(-(lam + b1 + d2) t))
        bi       f = a1 exp(-(lam + b1) t) + a2 exp(-(lam + b1 + d2) t)

    Attributes
    ----------
    region : str
    model : str                             "mono", "uptake" or "bi".
    decay_constant : float                  lam, of the nuclide it was measured with [1/s].
    mean : ndarray, shape (k,)              Of log theta, in the order of PARAMETERS[model].
    covariance : ndarray, shape (k, k)      Between patients, of log theta.
    mean_covariance : ndarray, shape (k, k) Of ``mean`` as it was estimated.
    proportional : float                    Residual standard deviation relative to the activity [1].
    additive : float                        Residual standard deviation relative to the administered activity [1].
    patients, points : int                  That it was estimated from.
    draws : ndarray or None, shape (q, p)   Populations that the cohort leaves possible, equally probable: mean, rows of the
                                            Cholesky factor of the covariance with the logs of its diagonal, logs of the
                                            proportional and the additive deviation.
    """

    region: str
    model: str
    decay_constant: float
    mean: Vector
    covariance: Vector
    mean_covariance: Vector
    proportional: float
    additive: float
    patients: int
    points: int
    draws: Vector | None = None

    def __post_init__(self) -> None:
        if self.model not in PARAMETERS:
            raise InputError(f"{self.region}: no population model of {self.model!r}; allowed: {', '.join(PARAMETERS)}.")
        k = len(PARAMETERS[self.model])
        for name, shape in (("mean", (k,)), ("covariance", (k, k)), ("mean_covariance", (k, k))):
            array = frozen(np.array(getattr(self, name), dtype=float))
            if array.shape != shape or not np.all(np.isfinite(array)):
                raise InputError(
                    f"{self.region}: {name} of model {self.model} must be {shape} finite numbers; got {array.shape}."
                )
            object.__setattr__(self, name, array)
        for name in ("covariance", "mean_covariance"):
            matrix = getattr(self, name)
            smallest = float(np.linalg.eigvalsh(0.5 * (matrix + matrix.T))[0])
            if not np.allclose(matrix, matrix.T) or smallest < -1e-9 * max(float(np.trace(matrix)), 1e-12):
                raise InputError(
                    f"{self.region}: {name} must be symmetric and not negative; its smallest eigenvalue is {smallest:g}."
                )
        if self.draws is not None:
            draws, width = frozen(np.array(self.draws, dtype=float)), k + k * (k + 1) // 2 + 2
            if draws.ndim != 2 or draws.shape[1] != width or not draws.size or not np.all(np.isfinite(draws)):
                raise InputError(
                    f"{self.region}: draws of model {self.model} must be rows of {width} finite numbers; got {draws.shape}."
                )
            object.__setattr__(self, "draws", draws)
        if not (math.isfinite(self.decay_constant) and self.decay_constant > 0):
            raise InputError(f"{self.region}: the decay constant is {self.decay_constant} 1/s; it must be above zero.")
        if min(self.proportional, self.additive) < 0 or not self.proportional + self.additive > 0:
            raise InputError(
                f"{self.region}: residual deviations are {self.proportional:g} and {self.additive:g}; both must be zero or more, "
                "and one above zero."
            )

    @property
    def curve_model(self) -> Model:
        """The curve model itself."""
        return model_named(self.model)


def curve_parameters(population: RegionPopulation, log_theta: npt.ArrayLike, *, decay_constant: float | None = None) -> Vector:
    """Parameters of the curve model, by unit of administered activity, at log theta: amplitudes [1], rates [1/s].

    Parameters
    ----------
    population : RegionPopulation
    log_theta : array, shape (..., k)
    decay_constant : float, optional    Of another nuclide that moves alike [1/s].

    Returns
    -------
    ndarray, shape (..., k)             In the order of ``MODELS[population.model].parameters``.
    """
    theta = np.exp(np.asarray(log_theta, dtype=float))
    lam = population.decay_constant if decay_constant is None else decay_constant
    names = PARAMETERS[population.model]
    by_name = {name: theta[..., i] for i, name in enumerate(names)}
    slow = lam + by_name["b1"]
    made = {
        "A": by_name.get("a"),
        "A1": by_name.get("a1"),
        "A2": by_name.get("a2"),
        "l1": slow,
        "l2": slow + by_name["d2"] if "d2" in by_name else None,
    }
    columns = [made[name] for name in MODELS[population.model].parameters]
    return np.stack([column for column in columns if column is not None], axis=-1)
