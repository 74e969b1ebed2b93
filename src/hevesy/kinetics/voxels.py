"""Weights that turn a voxel's scans into its time-integrated activity."""

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.kinetics.evaluate import evaluate
from hevesy.kinetics.integrate import moments
from hevesy.model.curve import CurveFit

Vector = npt.NDArray[np.float64]


def voxel_weights(fit: CurveFit, t: npt.ArrayLike) -> Vector:
    """Weights w_i so that a voxel's time-integrated activity is sum_i w_i v(t_i).

    Let f be the fitted curve of the voxel's region and r(t) = v(t) / f(t). Between scans r is linear in time
    from r_i = v(t_i) / f(t_i) to the next; before the first scan it is r_1, after the last r_n:

        A_tilde = r_1 int_0^t1 f + sum_i int_ti^ti+1 r(t) f(t) dt + r_n int_tn^inf f

    So the voxel's own values rule where there are scans, its region's kinetics where there are none, and a
    voxel of its region's shape is integrated exactly: sum_i w_i f(t_i) = int_0^inf f dt.

    Parameters
    ----------
    fit : CurveFit                      Of the region.
    t : array, shape (n,)               Times of the scans, increasing [s].

    Returns
    -------
    ndarray, shape (n,)                 [s].

    Neglected: kinetics of the voxel that differ from its region's before the first and after the last scan.
    """
    times = np.atleast_1d(np.asarray(t, dtype=float))
    if times.ndim != 1 or np.any(times < 0) or np.any(np.diff(times) <= 0):
        raise InputError(f"{fit.region}: scan times must increase from the administration on; got {times / u.h} h.")
    f = evaluate(fit, times)
    if not np.all(f > 0):
        raise ScopeError(
            f"{fit.region}: the fitted curve is {f.min():.3g} Bq at {times[int(np.argmin(f))] / u.h:.3g} h; "
            "voxel by voxel it must be above zero at each scan. Leave that scan out or choose another model."
        )
    share = np.zeros_like(times)
    share[0] += _integrals(fit, 0.0, times[0])[0]
    for i in range(times.size - 1):
        zeroth, first = _integrals(fit, times[i], times[i + 1])
        later = first / (times[i + 1] - times[i])
        share[i] += zeroth - later
        share[i + 1] += later
    share[-1] += _integrals(fit, times[-1], np.inf)[0]
    return share / f


def _integrals(fit: CurveFit, start: float, stop: float) -> tuple[float, float]:
    """int f dt and int (t - start) f dt from ``start`` to ``stop``."""
    zeroth, first = moments(fit.rates, stop - start)
    at_start = fit.amplitudes * np.exp(-fit.rates * start)
    return float(at_start @ zeroth), float(at_start @ first)
