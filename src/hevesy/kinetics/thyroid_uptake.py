"""Thyroid uptake over time from counts of the neck, the thigh and a standard."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.kinetics.choose import rises
from hevesy.kinetics.evaluate import band, evaluate
from hevesy.kinetics.fit import AUTO, fit
from hevesy.kinetics.models import UPTAKE, model_named
from hevesy.model.arrays import frozen
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.measured import Measured

Vector = npt.NDArray[np.float64]

GRID = 2000  # times at which the curve is searched for its maximum
MOST = 1.2  # a larger uptake is a slip of the standard or of the units, not noise
FURTHEST = 20 * math.log(2)  # of a measurement from its standard, in mean lives


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Uptake:
    """Share of the administered activity in the thyroid, corrected for decay.

    Attributes
    ----------
    t : ndarray, (n,)                   After the administration [s].
    value, u : ndarray, (n,)            Uptake and what its own counts make uncertain in it [1].
    u_standard : float                  Relative standard uncertainty of the standard where all points share it, else 0 [1].
    """

    t: Vector
    value: Vector
    u: Vector
    u_standard: float

    def __post_init__(self) -> None:
        for name in ("t", "value", "u"):
            object.__setattr__(self, name, frozen(np.array(getattr(self, name), dtype=np.float64)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UptakeFit:
    """A fitted uptake curve.

    Attributes
    ----------
    fit : CurveFit                      Of the share in the thyroid, not corrected for decay, per administered activity.
    maximum : Measured                  Largest uptake of the fitted curve up to the last measurement, corrected for decay [1].
    time_of_maximum : float             [s].
    tiac : Measured                     Time-integrated activity coefficient [s].
    """

    fit: CurveFit
    maximum: Measured
    time_of_maximum: float
    tiac: Measured


def thyroid_uptake(
    t: npt.ArrayLike,
    neck: tuple[npt.ArrayLike, npt.ArrayLike],
    standard: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    standard_share: float = 1.0,
    standard_at: npt.ArrayLike | None = None,
    decay_constant: float,
) -> Uptake:
    """Uptake from net count rates of the neck and of a standard in a neck phantom.

        U(t_i) = f r_neck(t_i) / (r_standard(s_i) exp(-lambda (t_i - s_i)))

    f is the activity of the standard by that administered. A standard that was counted at s_i stands for its activity at t_i.

    Parameters
    ----------
    t : array, (n,)                     After the administration, increasing [s].
    neck : (r, u), arrays (n,)          Net count rate of the neck less that of the thigh [1/s].
    standard : (r, u), arrays (n,)      Of the standard that is used for each time; less that of the room [1/s].
    standard_share : float              f [1]; 1 where the capsule itself was counted.
    standard_at : array, (n,), or None  s_i [s]; None where the standard was counted with each measurement.
    decay_constant : float              [1/s].

    Neglected: the difference in depth and size between thyroid and phantom; activity in the blood of the neck beyond that
    of the thigh. Reference: H. Haenscheid et al., EANM SOP,
    Eur. J. Nucl. Med. Mol. Imaging 40 (2013) 1126.

    Raises
    ------
    InputError, DataError
        Times that do not increase, a standard that counts nothing, an uptake above 120 % or well below zero.
    """
    times = np.atleast_1d(np.asarray(t, dtype=float))
    r, u_r = (np.atleast_1d(np.asarray(x, dtype=float)) for x in neck)
    s, u_s = (np.broadcast_to(np.asarray(x, dtype=float), times.shape) for x in standard)
    since = times if standard_at is None else np.broadcast_to(np.asarray(standard_at, dtype=float), times.shape)
    if np.any(times < 0) or np.any(np.diff(times) <= 0):
        raise InputError(f"thyroid: times must increase from the administration on; got {(times / u.h).tolist()} h. Sort them.")
    if not (math.isfinite(standard_share) and 0 < standard_share <= 10):
        raise InputError(f"thyroid: the standard holds {standard_share:g} of the administered activity; above 0, at most 10.")
    if not np.all(s > 0):
        raise DataError("thyroid: the standard counts no more than the room. Check its counts and their background.")
    if np.any(decay_constant * np.abs(times - since) > FURTHEST):
        raise InputError(
            f"thyroid: the standard was counted {np.max(np.abs(times - since)) * decay_constant / math.log(2):.3g} half-lives "
            "from a measurement; nothing is left to compare with then. Check the nuclide and the times."
        )
    shared = standard_at is not None and np.unique(since).size == 1 and times.size > 1
    factor = standard_share / (s * np.exp(-decay_constant * (times - since)))
    value = factor * r
    own = np.hypot(factor * u_r, 0.0 if shared else value * u_s / s)
    _plausible(times, value, own)
    return Uptake(t=times, value=value, u=own, u_standard=float(u_s[0] / s[0]) if shared else 0.0)


def fit_uptake(uptake: Uptake, *, decay_constant: float, model: str = AUTO) -> UptakeFit:
    """Curve, largest uptake and time-integrated activity coefficient of a thyroid.

    "auto" takes the uptake model where there are three times or more and its fit is well posed, since a thyroid fills before
    it empties; else what :func:`hevesy.kinetics.fit` chooses. The maximum is that of the fitted curve, corrected for decay,
    from 0 to the last measurement; for a curve that never rises (mono), the largest at a measurement.

        R(t) = U(t) exp(-lambda t),   tiac = int_0^inf R dt

    Raises :class:`hevesy.errors.InputError` as :func:`hevesy.kinetics.fit` does.
    """
    if model != AUTO:
        model_named(model)
    left = np.exp(-decay_constant * uptake.t)
    curve = TimeActivityCurve(region="thyroid", t=uptake.t, A=uptake.value * left, u=uptake.u * left)
    found = _fitted(curve, decay_constant, model)
    grid = uptake.t if not _fills(found) else np.union1d(np.linspace(0.0, float(uptake.t[-1]), GRID), uptake.t)
    back = np.exp(decay_constant * grid)
    heights = evaluate(found, grid) * back
    i = int(np.argmax(heights))
    bands = band(found, grid[i : i + 1])
    common = uptake.u_standard
    if bands is None:
        why = found.time_integrated_activity.why_no_u or "the fit is ill-posed"
        maximum = Measured(value=float(heights[i]), u=None, why_no_u=why)
    else:
        maximum = Measured(value=float(heights[i]), u=math.hypot(float(bands[1][0] * back[i]), common * float(heights[i])))
    tia = found.time_integrated_activity
    tiac = tia if tia.u is None else Measured(value=tia.value, u=math.hypot(tia.u, common * tia.value))
    return UptakeFit(fit=found, maximum=maximum, time_of_maximum=float(grid[i]), tiac=tiac)


def _fitted(curve: TimeActivityCurve, decay_constant: float, model: str) -> CurveFit:
    if model == AUTO and curve.t.size >= UPTAKE.size and rises(curve):
        found = fit(curve, decay_constant=decay_constant, model=UPTAKE.name)
        if found.well_posed:
            return found
    return fit(curve, decay_constant=decay_constant, model=model)


def _fills(found: CurveFit) -> bool:
    """Whether the curve rises from zero: one of its exponentials is taken away."""
    return bool(np.any(found.amplitudes < 0))


def _plausible(t: Vector, value: Vector, own: Vector) -> None:
    high, low = int(np.argmax(value)), int(np.argmin(value))
    if value[high] > MOST:
        raise DataError(
            f"thyroid: the uptake at {t[high] / u.h:g} h is {100 * value[high]:.4g} % of the administered activity; at most "
            f"{100 * MOST:g} % is allowed. Check the standard, its share of the administered activity and the counting times."
        )
    if value[low] < -3 * own[low]:
        raise DataError(
            f"thyroid: the thigh counts more than the neck at {t[low] / u.h:g} h (uptake {100 * value[low]:.3g} %). "
            "Are the columns exchanged?"
        )
