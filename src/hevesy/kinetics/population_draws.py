"""Populations that a cohort's curves leave possible: draws from their joint posterior, by Gibbs sampling."""

import math

import numpy as np

from hevesy.kinetics.marginal_likelihood import (
    FLAT,
    RESIDUAL,
    SPREAD,
    Maximum,
    Shares,
    modes_afresh,
    shape,
    variances,
)
from hevesy.kinetics.population import Vector
from hevesy.model.arrays import frozen
from hevesy.rng import stream

CHAINS = 16
BURN_IN = 100  # sweeps before anything is kept
KEPT = 8  # draws of each chain
APART = 20  # sweeps between them
FREEDOM = 2.0  # of the half-t prior of the deviations between patients: tails that let any spread through
BATCH = 1_000_003  # of random numbers: none that nodes use


def draws(model: str, shares: Shares, at: Maximum, *, seed: int) -> Vector:
    """Populations (CHAINS KEPT, p), equally probable, in the order of :func:`packed`.

        p(mean, Omega, sigma | A) ~ p(mean) p(Omega) p(sigma) prod_i int p(A_i | theta_i; sigma) N(log theta_i; mean, Omega)

    The search for a maximum takes the top of this; where scans are hardly more than parameters, the top lies where the
    residual is too small and the curves go through the points, and says nothing of the rest. The prior of each deviation
    between patients is half-t with two degrees of freedom and scale SPREAD, correlations uniform (Huang and Wand 2013);
    those of mean and residual are of :func:`log_prior`.

    Each sweep moves the patients (two random walks at their posterior, one step that keeps the population), mean and
    Omega given the patients (normal, inverse Wishart), the residual, and patients together with the population they make
    (shift and scale): without the last the chains creep where scans say little. All chains start at ``at``.

    Reference: A. Huang, M.P. Wand, Bayesian Anal. 8 (2013) 439; Y. Yu, X.-L. Meng, J. Comput. Graph. Stat. 20 (2011) 531
    (moves of both together).
    """
    chains = _Chains(model, shares, at, stream(seed, BATCH))
    kept = []
    for sweep in range(BURN_IN + KEPT * APART):
        chains.sweep()
        if sweep >= BURN_IN and (sweep - BURN_IN) % APART == APART - 1:
            kept.append(chains.packed())
    return frozen(np.concatenate(kept))


class _Chains:
    """Where CHAINS chains are: patients x (c, n, k), mean (c, k), Omega (c, k, k), log residual (c, 2)."""

    def __init__(self, model: str, shares: Shares, at: Maximum, random: np.random.Generator) -> None:
        n, k = shares.t.shape[0], at.mean.size
        self.model, self.shares, self.weak, self.random = model, shares, at.weak, random
        residual = np.exp(np.maximum(at.log_residual, at.weak.log_residual - np.array([1.0, FLAT])))
        middle, spread, _ = modes_afresh(model, shares, mean=at.mean, precision=at.precision, residual=residual)
        even = 0.5 * (spread + np.swapaxes(spread, 1, 2)) + 1e-10 * np.eye(k)
        self.walk = np.linalg.cholesky(even) * 2.4 / math.sqrt(k)
        self.x = middle + np.einsum("ikl,cil->cik", self.walk, random.standard_normal((CHAINS, n, k)))
        self.mean = np.tile(at.mean, (CHAINS, 1))
        self.omega = np.tile(at.covariance + 1e-8 * np.eye(k), (CHAINS, 1, 1))
        self.log_residual = np.log(residual) + 0.3 * random.standard_normal((CHAINS, 2))
        self.width = np.full((CHAINS, k), SPREAD**2)
        self.points = int(shares.seen.sum())
        self.f = self._curves(self.x)
        self.fit = self._fit(self.f, self.log_residual)

    def sweep(self) -> None:
        precision = np.asarray(np.linalg.inv(self.omega), dtype=float)
        for size in (1.0, 0.25):
            self._walk(precision, size)
        self._keep_population()
        self._population()
        self._residual()
        self._shift()
        self._scale()

    def packed(self) -> Vector:
        root = np.linalg.cholesky(self.omega)
        k = self.mean.shape[1]
        root[:, range(k), range(k)] = np.log(root[:, range(k), range(k)])
        rows, columns = np.tril_indices(k)
        return np.concatenate([self.mean, root[:, rows, columns], self.log_residual], axis=1)

    def _curves(self, x: Vector) -> Vector:
        return shape(self.model, x, self.shares.t, self.shares.decay_constant)

    def _fit(self, f: Vector, log_residual: Vector) -> Vector:
        """Log density of the points of each patient (c, n)."""
        v = variances(f, np.exp(log_residual).T[:, :, None, None])
        return np.asarray(-0.5 * np.sum(np.where(self.shares.seen, (self.shares.y - f) ** 2 / v + np.log(v), 0.0), axis=-1))

    def _accept(self, log_ratio: Vector) -> np.ndarray:
        return np.asarray(np.log(self.random.random(log_ratio.shape)) < log_ratio)

    def _take(self, yes: np.ndarray, x: Vector, f: Vector, fit: Vector) -> None:
        yes = np.broadcast_to(yes, fit.shape)
        self.x, self.f = np.where(yes[..., None], x, self.x), np.where(yes[..., None], f, self.f)
        self.fit = np.where(yes, fit, self.fit)

    def _walk(self, precision: Vector, size: float) -> None:
        z = size * self.random.standard_normal(self.x.shape)
        x = self.x + np.einsum("ikl,cil->cik", self.walk, z)
        f = self._curves(x)
        fit = self._fit(f, self.log_residual)

        def prior(x: Vector) -> Vector:
            d = x - self.mean[:, None]
            return np.asarray(-0.5 * np.sum((d @ precision) * d, axis=-1))

        self._take(self._accept(fit - self.fit + prior(x) - prior(self.x)), x, f, fit)

    def _keep_population(self) -> None:
        """A step that leaves N(mean, Omega) as it is: along what a patient's scans say nothing of, it goes far."""
        keep = np.sqrt(self.random.random((CHAINS, 1, 1)))
        z = self.random.standard_normal(self.x.shape) @ np.swapaxes(np.linalg.cholesky(self.omega), 1, 2)
        x = self.mean[:, None] + keep * (self.x - self.mean[:, None]) + np.sqrt(1 - keep**2) * z
        f = self._curves(x)
        fit = self._fit(f, self.log_residual)
        self._take(self._accept(fit - self.fit), x, f, fit)

    def _population(self) -> None:
        n, k = self.x.shape[1:]
        d = self.x - self.mean[:, None]
        scale = np.swapaxes(d, 1, 2) @ d + 2 * FREEDOM * np.eye(k) / self.width[:, None]
        self.omega = self._inverse_wishart(n + FREEDOM + k - 1, scale)
        precision = np.linalg.inv(self.omega)
        diagonal = np.einsum("ckk->ck", precision)
        self.width = (FREEDOM * diagonal + SPREAD**-2) / self.random.standard_gamma((FREEDOM + k) / 2, (CHAINS, k))
        information = n * precision + np.eye(k) / FLAT**2
        pull = (precision @ np.sum(self.x, axis=1)[..., None])[..., 0] + self.weak.mean / FLAT**2
        root = np.linalg.cholesky(np.linalg.inv(information))
        middle = np.linalg.solve(information, pull[..., None])
        self.mean = (middle + root @ self.random.standard_normal((CHAINS, k, 1)))[..., 0]

    def _inverse_wishart(self, freedom: float, scale: Vector) -> Vector:
        """Draws by Bartlett's decomposition of the inverse."""
        k = scale.shape[1]
        factor = np.tril(self.random.standard_normal((CHAINS, k, k)), -1)
        factor[:, range(k), range(k)] = np.sqrt(2 * self.random.standard_gamma((freedom - np.arange(k)) / 2, (CHAINS, k)))
        root = np.linalg.cholesky(scale) @ np.swapaxes(np.linalg.inv(factor), 1, 2)
        return np.asarray(root @ np.swapaxes(root, 1, 2) + 1e-10 * np.eye(k))

    def _residual(self) -> None:
        for column, tight in ((0, RESIDUAL), (1, FLAT), (0, RESIDUAL)):
            step = np.zeros((CHAINS, 2))
            size = 2.4 / math.sqrt(2 * self.points) if column == 0 else 1.0
            step[:, column] = size * self.random.standard_normal(CHAINS)
            trial = self.log_residual + step
            fit = self._fit(self.f, trial)
            off, was = (one[:, column] - self.weak.log_residual[column] for one in (trial, self.log_residual))
            yes = self._accept(np.sum(fit - self.fit, axis=1) - 0.5 * (off**2 - was**2) / tight**2)[:, None]
            self.log_residual, self.fit = np.where(yes, trial, self.log_residual), np.where(yes, fit, self.fit)

    def _shift(self) -> None:
        """All patients and their mean by the same."""
        n, k = self.x.shape[1:]
        step = (np.linalg.cholesky(self.omega) @ self.random.standard_normal((CHAINS, k, 1)))[..., 0] / math.sqrt(n)
        step *= self.random.random((CHAINS, 1)) * 2
        x, mean = self.x + step[:, None], self.mean + step
        f = self._curves(x)
        fit = self._fit(f, self.log_residual)
        away = np.sum((mean - self.weak.mean) ** 2 - (self.mean - self.weak.mean) ** 2, axis=1) / FLAT**2
        yes = self._accept(np.sum(fit - self.fit, axis=1) - 0.5 * away)[:, None]
        self._take(yes, x, f, fit)
        self.mean = np.where(yes, mean, self.mean)

    def _scale(self) -> None:
        """The distance of all patients from their mean, and Omega with it, along one parameter."""
        k = self.mean.shape[1]
        step = np.zeros((CHAINS, k))
        step[np.arange(CHAINS), self.random.integers(k, size=CHAINS)] = 0.3 * self.random.standard_normal(CHAINS)
        factor = np.exp(step)
        x = self.mean[:, None] + factor[:, None] * (self.x - self.mean[:, None])
        omega = self.omega * factor[:, :, None] * factor[:, None, :]
        f = self._curves(x)
        fit = self._fit(f, self.log_residual)

        def trace(omega: Vector) -> Vector:
            diagonal = np.einsum("ckk->ck", np.linalg.inv(omega))
            return np.asarray(2 * FREEDOM * np.sum(diagonal / self.width, axis=1))

        prior = -(FREEDOM + k - 1) * np.sum(step, axis=1) - 0.5 * (trace(omega) - trace(self.omega))
        yes = self._accept(np.sum(fit - self.fit, axis=1) + prior)[:, None]
        self._take(yes, x, f, fit)
        self.omega = np.where(yes[..., None], omega, self.omega)
