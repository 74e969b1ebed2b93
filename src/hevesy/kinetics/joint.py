"""Integrals of several regions with what their errors have in common."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.kinetics.evaluate import evaluate
from hevesy.kinetics.fit import AUTO, fit
from hevesy.kinetics.sensitivity import integral_sensitivity
from hevesy.model.arrays import frozen
from hevesy.model.curve import CurveFit, TimeActivityCurve

Vector = npt.NDArray[np.float64]
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

# Scans of two regions are one where their times differ by no more than this [s].
SAME_SCAN = 1.0
_ROUNDS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointFit:
    """Fits of several regions and the joint covariance of their integrals.

    Attributes
    ----------
    fits : tuple of CurveFit            In the order of the curves; their own u holds all but the calibration.
    curves : tuple of TimeActivityCurve As weighted: u of the scan added to u of the points, where that is known.
    regions : tuple of str              Those that have a covariance, in the order of ``covariance``.
    values : ndarray, shape (k,)        Their integrals [Bq s].
    covariance : ndarray, shape (k, k)  [Bq2 s2]
    left_out : dict                     Why a region has none, by name.
    """

    fits: tuple[CurveFit, ...]
    curves: tuple[TimeActivityCurve, ...]
    regions: tuple[str, ...]
    values: Vector
    covariance: Vector
    left_out: dict[str, str]

    @property
    def u(self) -> Vector:
        """Standard uncertainty of each integral, k = 1 [Bq s]."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def correlation(self) -> Vector:
        """Coefficients of correlation."""
        matrix = self.covariance / np.outer(self.u, self.u)
        np.fill_diagonal(matrix, 1.0)
        return np.asarray(matrix)


def joint(
    curves: Sequence[TimeActivityCurve],
    *,
    decay_constant: float,
    u_calibration: float = 0.0,
    u_scan: float = 0.0,
    model: str = AUTO,
    each: Each = map,
) -> JointFit:
    """Fit several regions whose scans share a calibration, and scan by scan a drift.

        A_ik = A_i(t_k) (1 + c) (1 + s_k) + e_ik,   u(c) = u_calibration,  u(s_k) = u_scan,  u(e_ik) = u_ik
        cov(A~_i, A~_j) = d_ij sum_k g_ik^2 u_ik^2 + u_scan^2 sum_k g_ik A_i(t_k) g_jk A_j(t_k) + u_calibration^2 A~_i A~_j
        g_ik = dA~_i/dA_ik

    The points of one region have the covariance diag(u_ik^2 + u_scan^2 A_ik^2) + u_calibration^2 A A^T. The last part
    lies along the curve itself, so that generalised least squares with it gives the same curve as without: it adds to
    u alone. The second is a weight, taken from the fitted curve, since weights from noisy points pull it down.

    Parameters
    ----------
    curves : sequence of TimeActivityCurve      Regions with names of their own.
    decay_constant : float                      [1/s]
    u_calibration, u_scan : float               Relative, k = 1.
    model : str                                 Of every region.
    each : callable                             How a function is applied to all regions: ``map``, or that of a pool.

    Neglected: what the other regions' residuals say of a scan's drift (regions are fitted one by one). Where u of the
    points is not known, the scatter about the curve already holds the drift; u is then at least what the drift gives.

    Reference: JCGM 102:2011, 6.2 (several output quantities).
    """
    names = [curve.region for curve in curves]
    if len(set(names)) < len(names) or not names:
        raise InputError(f"regions need names of their own; got {', '.join(names) or 'none'}.")
    for what, value in (("calibration", u_calibration), ("scan", u_scan)):
        if not 0 <= value < 1:
            raise InputError(f"the relative u of the {what} is {value:g}; it must be at least 0 and less than 1 (0.03 is 3 %).")
    pairs = list(each(partial(_fitted, decay_constant=decay_constant, u_scan=u_scan, model=model), curves))
    weighted, fits = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    shares, left_out = [], {}
    for curve, one in zip(weighted, fits, strict=True):
        sensitivity, tia = integral_sensitivity(one, curve), one.time_integrated_activity
        if sensitivity is None or tia.u is None:
            left_out[one.region] = tia.why_no_u or "the fit has no covariance"
            continue
        pull = u_scan * sensitivity * evaluate(one, curve.t)
        shares.append(Share(region=one.region, t=curve.t, value=tia.value, u=tia.u, pull=pull))
    return JointFit(
        fits=fits,
        curves=weighted,
        regions=tuple(share.region for share in shares),
        values=frozen(np.array([share.value for share in shares])),
        covariance=frozen(covariance_of(shares, u_calibration=u_calibration)),
        left_out=left_out,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """What the integral of one region has in common with others.

    Attributes
    ----------
    t : ndarray, shape (n,)             Of its scans [s].
    value, u : float                    Integral; u without the calibration, the scans' drift within [Bq s].
    pull : ndarray, shape (n,)          Change of the integral by one standard uncertainty of each scan's drift [Bq s].
    """

    region: str
    t: Vector
    value: float
    u: float
    pull: Vector


def covariance_of(shares: Sequence[Share], *, u_calibration: float) -> Vector:
    """Joint covariance of integrals; see :func:`joint`. Shape (regions, regions) [Bq2 s2]."""
    values = np.array([share.value for share in shares])
    covariance = u_calibration**2 * np.outer(values, values)
    times = np.unique(np.concatenate([share.t for share in shares])) if shares else np.empty(0)
    pulls = np.zeros((len(shares), times.size))
    for row, share in zip(pulls, shares, strict=True):
        row[np.searchsorted(times, share.t)] = share.pull
    same = np.abs(times[:, None] - times) <= SAME_SCAN
    drift = pulls @ same @ pulls.T
    np.fill_diagonal(drift, [max(share.u**2, float(share.pull @ share.pull)) for share in shares])
    return np.asarray(covariance + drift, dtype=float)


def _fitted(curve: TimeActivityCurve, decay_constant: float, u_scan: float, model: str) -> tuple[TimeActivityCurve, CurveFit]:
    """The fit with u of the scans in the weights, and the curve that says so."""
    found = fit(curve, decay_constant=decay_constant, model=model)
    if curve.u is None or u_scan == 0:
        return curve, found
    weighted = curve
    for _ in range(_ROUNDS):
        drift = u_scan * evaluate(found, curve.t)
        weighted = replace(curve, u=np.hypot(curve.u, drift))
        found = fit(weighted, decay_constant=decay_constant, model=model)
    return weighted, found
