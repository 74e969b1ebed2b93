"""A planar time course brought to the scale of one SPECT scan."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.units import h

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaled:
    """A scaled time course.

    Attributes
    ----------
    factor : Measured                   SPECT by planar activity at the time of the SPECT [1].
    A, u : ndarray, shape (n,)          Activity and its full standard uncertainty [Bq].
    covariance : ndarray, shape (n, n)  The scale is common to all points [Bq2].
    remarks : tuple of str
    """

    factor: Measured
    A: Vector
    u: Vector
    covariance: Vector
    remarks: tuple[str, ...]


def scaled_to_spect(
    t: npt.ArrayLike, planar: npt.ArrayLike, u_planar: npt.ArrayLike, *, spect: Measured, spect_time: float
) -> Scaled:
    """Shape by the planar views, height by one SPECT.

        A_i = k P_i,   k = S / P(t_S),   ln P(t_S) linear between the planar points around t_S
        cov(A_i, A_j) / A_i A_j = u^2(S) / S^2 + cov(e_i, e_j),   e_i = d_i - sum_m w_m d_m,   d_i = dP_i / P_i

    Parameters
    ----------
    t : array, shape (n,)               Times of the planar scans, increasing [s].
    planar, u_planar : array, shape (n,)
                                        Planar activity and what differs from scan to scan (counting, background) [Bq]:
                                        sensitivity, mu and thickness are the same in all and cancel.
    spect : Measured                    S, activity of the same region in the SPECT [Bq].
    spect_time : float                  t_S [s].

    Neglected: planar errors that change between the scans, as emptying bowel in front of a kidney.
    Reference: Dewaraja et al., MIRD Pamphlet 23, J Nucl Med 2012;53:1310-1325 (hybrid planar and SPECT).

    Raises
    ------
    InputError
        Shapes or times that make no sense, a SPECT activity that is not above zero.
    ScopeError
        A planar activity that is not above zero, or a SPECT more than 2 h outside the planar scans.
    """
    times, P, uP = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (t, planar, u_planar))
    if not (times.ndim == 1 and times.shape == P.shape == uP.shape and np.all(np.diff(times) > 0)):
        raise InputError(
            f"hybrid: planar times must increase, with an activity and a u each; got times {(times / h).tolist()} h."
        )
    if not spect.value > 0:
        raise InputError(f"hybrid: the SPECT activity is {spect.value:g} Bq; it must be above zero to scale by it.")
    if not np.all(P > 0):
        raise ScopeError("hybrid: a planar activity is not above zero; leave that scan or that region out.")
    weights, remarks = _weights(times, spect_time)
    at = math.exp(float(weights @ np.log(P)))
    k = spect.value / at
    own = np.diag((uP / P) ** 2)
    to_errors = np.eye(times.size) - weights[None, :]
    relative = to_errors @ own @ to_errors.T + (spect.relative or 0.0) ** 2
    A = k * P
    covariance = np.outer(A, A) * relative
    u_k = k * math.hypot(spect.relative or 0.0, math.sqrt(float(weights @ own @ weights)))
    if spect.u is None:
        remarks = (*remarks, f"the SPECT activity has no uncertainty ({spect.why_no_u}); that of the scale is too small.")
    return Scaled(factor=Measured(value=k, u=u_k), A=A, u=np.sqrt(np.diag(covariance)), covariance=covariance, remarks=remarks)


def _weights(times: Vector, at: float) -> tuple[Vector, tuple[str, ...]]:
    """Weights of ln P around ``at``, and what must be said of them."""
    weights = np.zeros(times.size)
    nearest = int(np.argmin(np.abs(times - at)))
    outside = at < times[0] or at > times[-1]
    if outside or abs(times[nearest] - at) < 60:
        if abs(times[nearest] - at) > 2 * h:
            raise ScopeError(
                f"hybrid: the SPECT at {at / h:.2f} h lies more than 2 h outside the planar scans "
                f"({times[0] / h:.2f} to {times[-1] / h:.2f} h). Take planar views on the day of the SPECT."
            )
        weights[nearest] = 1.0
        apart = abs(times[nearest] - at) / h
        return weights, ((f"the planar scan {apart:.2f} h from the SPECT stands for its time.",) if apart > 0.1 else ())
    i = int(np.searchsorted(times, at)) - 1
    share = (at - times[i]) / (times[i + 1] - times[i])
    weights[i], weights[i + 1] = 1 - share, share
    return weights, ("the planar activity at the time of the SPECT was interpolated between two scans.",)
