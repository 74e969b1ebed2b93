"""A fitted curve and its standard uncertainty at any time."""

import numpy as np
import numpy.typing as npt

from hevesy.model import CurveFit

Vector = npt.NDArray[np.float64]


def fitted(fit: CurveFit, t: Vector) -> Vector:
    """A(t) = sum_j a_j exp(-r_j t) at times ``t`` [s]; shape (n,) [Bq]."""
    value: Vector = np.exp(-np.outer(t, fit.rates)) @ np.asarray(fit.amplitudes)
    return value


def standard_uncertainty(fit: CurveFit, t: Vector) -> Vector | None:
    """u of A(t) from the covariance of the parameters p, first order.

        dA/dp = sum_j (da_j/dp - a_j t dr_j/dp) exp(-r_j t),      u^2 = (dA/dp) C (dA/dp)^T

    The law of propagation of uncertainty with correlated inputs (JCGM 100:2008, eq. 13).  Shape (n,) [Bq];
    None where the fit has no covariance.  What the calibration and the outlines add is not in it.
    """
    if fit.covariance is None:
        return None
    decay = np.exp(-np.outer(t, fit.rates))
    slope = decay @ fit.amplitudes_jacobian
    slope -= (decay * np.asarray(fit.amplitudes) * t[:, None]) @ fit.rates_jacobian
    variance = np.einsum("nk,kl,nl->n", slope, fit.covariance, slope)
    u: Vector = np.sqrt(np.clip(variance, 0.0, None))  # round-off may leave a variance just below zero
    return u
