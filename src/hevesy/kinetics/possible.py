"""Populations that an estimate leaves possible, equally probable."""

import functools
from dataclasses import dataclass

import numpy as np

from hevesy.kinetics.population import RegionPopulation, Vector
from hevesy.model.arrays import frozen
from hevesy.rng import stream

MADE = 128  # where the population has no draws of its own


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Possible:
    """Populations by row.

    Attributes
    ----------
    mean : ndarray, shape (q, k)        Of log theta.
    root : ndarray, shape (q, k, k)     Lower Cholesky factor of the covariance between patients.
    residual : ndarray, shape (q, 2)    Proportional and additive deviation, as multiples of the population's own.
    """

    mean: Vector
    root: Vector
    residual: Vector

    @property
    def size(self) -> int:
        return int(self.mean.shape[0])


@functools.lru_cache(maxsize=8)
def possible(population: RegionPopulation) -> Possible:
    """The population's own draws; where it has none, draws as from a cohort of its size that was measured well.

        Omega ~ inverse Wishart(nu, nu covariance),  nu = patients - 1;   mean ~ N(mean, mean_covariance)

    so that a new patient's log theta follows a t distribution of nu degrees of freedom (Jeffreys prior). The residual is
    log-normal, of the degrees of freedom that the points leave.
    """
    k = population.mean.size
    own = np.array([population.proportional, population.additive])
    if population.draws is not None:
        mean, root, log_residual = unpack(population.draws, k)
        return Possible(mean=frozen(mean), root=frozen(root), residual=frozen(np.exp(log_residual) / np.where(own > 0, own, 1.0)))
    random = stream(0, MADE)
    freedom = max(population.patients - 1, k + 1)
    factor = np.tril(random.standard_normal((MADE, k, k)), -1)
    factor[:, range(k), range(k)] = np.sqrt(2 * random.standard_gamma((freedom - np.arange(k)) / 2, (MADE, k)))
    whole = np.linalg.cholesky(freedom * population.covariance + 1e-8 * np.eye(k)) @ np.swapaxes(np.linalg.inv(factor), 1, 2)
    root = np.asarray(np.linalg.cholesky(whole @ np.swapaxes(whole, 1, 2) + 1e-12 * np.eye(k)), dtype=float)
    spread = np.linalg.cholesky(population.mean_covariance + 1e-12 * np.eye(k))
    spent = population.patients * min(float(k), 0.8 * population.points / population.patients)
    left = max(population.points - spent, 4.0)
    residual = np.exp(random.standard_normal((MADE, 1)) * np.sqrt(0.5 / left)) * np.ones(2)
    return Possible(
        mean=frozen(population.mean + random.standard_normal((MADE, k)) @ spread.T), root=frozen(root), residual=frozen(residual)
    )


def unpack(draws: Vector, k: int) -> tuple[Vector, Vector, Vector]:
    """Means (q, k), Cholesky factors (q, k, k) and log residuals (q, 2) of packed populations (q, p)."""
    root = np.zeros((draws.shape[0], k, k))
    rows, columns = np.tril_indices(k)
    root[:, rows, columns] = draws[:, k:-2]
    root[:, range(k), range(k)] = np.exp(root[:, range(k), range(k)])
    return draws[:, :k], root, draws[:, -2:]
