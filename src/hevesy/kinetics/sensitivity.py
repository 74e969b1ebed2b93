"""How an integral follows from each scan, and what one more scan would add."""

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics.evaluate import evaluate
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.result import NextScan

Vector = npt.NDArray[np.float64]


def integral_sensitivity(fit: CurveFit, curve: TimeActivityCurve) -> Vector | None:
    """Change of the time-integrated activity by the activity of each scan, the model kept [s].

        s = W J (J^T W J)^-1 g,   J = dA(t_i)/dp,   g = dA_tilde/dp

    so that scans with independent uncertainties u_i give u(A_tilde)^2 = sum s_i^2 u_i^2, and errors common to all in
    proportion c give c A_tilde.

    Returns
    -------
    ndarray, shape (n,), or None        None where the fit has no covariance.
    """
    free = _free(fit)
    if free is None:
        return None
    weight = np.ones_like(curve.A) if curve.u is None else 1 / curve.u
    J = _jacobian(fit, curve.t)[:, free] * weight[:, None]
    scale = np.linalg.norm(J, axis=0)
    inner, *_ = np.linalg.lstsq((J / scale).T, _gradient(fit)[free] / scale, rcond=None)
    return np.asarray(weight * inner)


def best_next_scan(
    fit: CurveFit, curve: TimeActivityCurve, *, relative_u: float, latest: float, earliest: float = 0.5 * u.h
) -> NextScan | None:
    """The time of one more scan at which the integral would be known best, by the fitted curve and its covariance.

        C' = (C^-1 + j j^T / u^2)^-1,   j = dA(t)/dp,   u = relative_u A(t)

    Parameters
    ----------
    relative_u : float                  Of the activity that it would measure [1].
    latest, earliest : float            When it may be [s].

    Neglected: what the scan would say of the model itself; a plan for the next cycle, not a reason to doubt this one.
    None where the fit has no covariance.
    """
    if not 0 < relative_u < 1 or not 0 <= earliest < latest:
        raise InputError(
            f"{curve.region}: one more scan needs a relative u between 0 and 1 and a time span; got {relative_u:g}, "
            f"{earliest / u.h:g} to {latest / u.h:g} h."
        )
    free = _free(fit)
    if free is None or fit.covariance is None:
        return None
    C, g = fit.covariance[np.ix_(free, free)], _gradient(fit)[free]
    times = np.geomspace(max(earliest, 0.1 * u.h), latest, 200)
    A = np.maximum(evaluate(fit, times), 1e-12 * float(np.max(curve.A)))
    J = _jacobian(fit, times)[:, free]
    Cj = J @ C
    variance = float(g @ C @ g)
    gain = (Cj @ g) ** 2 / ((relative_u * A) ** 2 + np.sum(Cj * J, axis=1))
    best = int(np.argmax(gain))
    integral = fit.time_integrated_activity.value
    return NextScan(
        time=float(times[best]),
        u_now=float(np.sqrt(variance)) / integral,
        u_then=float(np.sqrt(max(variance - gain[best], 0.0))) / integral,
    )


def _free(fit: CurveFit) -> npt.NDArray[np.bool_] | None:
    """Parameters that were fitted; None where there is no covariance."""
    if fit.covariance is None:
        return None
    free = np.diag(fit.covariance) > 0
    return np.asarray(free) if free.any() else None


def _jacobian(fit: CurveFit, t: Vector) -> Vector:
    terms = np.exp(-np.outer(t, fit.rates))
    return np.asarray(terms @ fit.amplitudes_jacobian - (t[:, None] * terms * fit.amplitudes) @ fit.rates_jacobian)


def _gradient(fit: CurveFit) -> Vector:
    return np.asarray((1 / fit.rates) @ fit.amplitudes_jacobian - (fit.amplitudes / fit.rates**2) @ fit.rates_jacobian)
