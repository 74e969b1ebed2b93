"""A fitted curve at any time, with its uncertainty."""

import numpy as np
import numpy.typing as npt

from hevesy.model.curve import CurveFit

Vector = npt.NDArray[np.float64]


def evaluate(fit: CurveFit, t: npt.ArrayLike) -> Vector:
    """Activity of a fitted curve.

        A(t) = sum_j a_j exp(-r_j t)

    Parameters
    ----------
    fit : CurveFit
    t : array, shape (n,)               Time after administration [s].

    Returns
    -------
    ndarray, shape (n,)                 [Bq].
    """
    return np.asarray(_terms(fit, t) @ fit.amplitudes, dtype=float)


def band(fit: CurveFit, t: npt.ArrayLike) -> tuple[Vector, Vector] | None:
    """Activity of a fitted curve and its standard uncertainty (k = 1) from the covariance of the parameters.

        u(A(t))^2 = j C j^T,   j = dA(t)/dp

    Parameters
    ----------
    fit : CurveFit
    t : array, shape (n,)               [s].

    Returns
    -------
    (A, u) : ndarrays, shape (n,)       [Bq]; None where the fit has no covariance.
    """
    if fit.covariance is None:
        return None
    times, terms = np.atleast_1d(np.asarray(t, dtype=float)), _terms(fit, t)
    J = terms @ fit.amplitudes_jacobian - (times[:, None] * terms * fit.amplitudes) @ fit.rates_jacobian
    variance = np.einsum("ij,jk,ik->i", J, fit.covariance, J)
    return terms @ fit.amplitudes, np.sqrt(np.maximum(variance, 0.0))


def _terms(fit: CurveFit, t: npt.ArrayLike) -> Vector:
    return np.asarray(np.exp(-np.outer(np.asarray(t, dtype=float), fit.rates)), dtype=float)
