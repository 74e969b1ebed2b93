"""Whole-body retention from counts of a probe."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.model.curve import TimeActivityCurve

Vector = npt.NDArray[np.float64]

# More than the first measurement by this share cannot be noise: the first was not the whole of the activity.
MOST = 1.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbeCurve:
    """Activity in the whole body from a probe.

    Attributes
    ----------
    curve : TimeActivityCurve           ``u`` is of each measurement alone.
    u_first : float                     Relative standard uncertainty of the first net count rate, which all points share [1].
    remarks : tuple of str
    """

    curve: TimeActivityCurve
    u_first: float
    remarks: tuple[str, ...] = ()


def net_rates(
    counts: npt.ArrayLike, background: npt.ArrayLike, counting_time: npt.ArrayLike, *, what: str
) -> tuple[Vector, Vector]:
    """Net count rates and their standard uncertainties from counting.

        r = (N - B) / T,   u(r)^2 = (N + B) / T^2

    Parameters
    ----------
    counts, background : array, shape (n,)      In the same time, 0 or more [1].
    counting_time : float or array              [s].
    what : str                                  For messages.

    Neglected: dead time, which lowers the first and strongest counts; counts in the background that came from the patient.
    """
    N, B = np.atleast_1d(np.asarray(counts, dtype=float)), np.atleast_1d(np.asarray(background, dtype=float))
    T = np.broadcast_to(np.asarray(counting_time, dtype=float), N.shape)
    if B.shape not in (N.shape, (1,)):
        raise InputError(f"{what}: {N.size} counts and {B.size} counts of background. Give one background for each count.")
    for name, values in (("counts", N), ("background counts", B)):
        if not np.all(np.isfinite(values) & (values >= 0)):
            raise InputError(f"{what}: {name} must be 0 or more; got {values.min():g}. Counts are raw, before any subtraction.")
    if not np.all(np.isfinite(T) & (T > 0)):
        raise InputError(f"{what}: counting times must be above 0 s; got {T.min():g} s.")
    return np.asarray((N - B) / T, dtype=float), np.asarray(np.sqrt(np.maximum(N + B, 1.0)) / T, dtype=float)


def whole_body_curve(
    t: npt.ArrayLike,
    rate: npt.ArrayLike,
    u_rate: npt.ArrayLike,
    *,
    administered_activity: float,
    decay_constant: float,
) -> ProbeCurve:
    """Activity in the whole body over time: net count rates by the first one, which saw all that was administered.

        A(t_i) = A0 exp(-lambda t_1) r_i / r_1

    Parameters
    ----------
    t : array, shape (n,)               Time after the administration, increasing; the first before any voiding [s].
    rate, u_rate : array, shape (n,)    Net count rates of one geometry, or geometric means of two, and their u [1/s].
    administered_activity : float       A0 [Bq].
    decay_constant : float              [1/s].

    Neglected: redistribution in the body, which changes the efficiency of the probe; geometric means of front and back
    reduce it. Reference: M. Lassmann et al., EANM Dosimetry Committee, Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1405.

    Raises
    ------
    InputError
        Fewer than two measurements, times that do not increase.
    DataError
        A net count rate that is not above zero, or a later one above the first by more than 5 %.
    """
    times, r, u_r = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (t, rate, u_rate))
    if times.size < 2:
        raise InputError(f"whole body: {times.size} measurement; the first is 100 %, so at least one more is needed.")
    if r.shape != times.shape or u_r.shape != times.shape:
        raise InputError("whole body: times, count rates and their uncertainties must be vectors of one length.")
    if not np.all(r > 0):
        i = int(np.argmin(r))
        raise DataError(
            f"whole body: the net count rate at {times[i] / u.h:g} h is {r[i]:.3g} per s; it must be above zero. "
            "Check the background, or leave that measurement out."
        )
    retained = r / r[0] * np.exp(decay_constant * (times - times[0]))
    if np.any(retained > MOST):
        i = int(np.argmax(retained))
        raise DataError(
            f"whole body: {100 * retained[i]:.3g} % of the first measurement at {times[i] / u.h:g} h after correction for "
            f"decay; at most {100 * MOST:g} % is allowed. Was something voided before the first measurement, or did it "
            "saturate the probe?"
        )
    remarks = []
    if times[0] > 1 * u.h:
        remarks.append(
            f"the first measurement of the whole body is at {times[0] / u.h:.3g} h: it is 100 % only if nothing was voided "
            "before."
        )
    scale = administered_activity * math.exp(-decay_constant * float(times[0])) / r[0]
    curve = TimeActivityCurve(region="whole body", t=times, A=scale * r, u=scale * np.maximum(u_r, 1e-12 * r))
    return ProbeCurve(curve=curve, u_first=float(u_r[0] / r[0]), remarks=tuple(remarks))


def geometric_mean(front: tuple[Vector, Vector], back: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
    """Geometric mean of net count rates from the front and from the back, with its standard uncertainty.

    r = sqrt(r_f r_b),   u(r) / r = sqrt((u_f / r_f)^2 + (u_b / r_b)^2) / 2
    """
    (a, u_a), (b, u_b) = front, back
    if a.shape != b.shape:
        raise InputError(f"{a.size} count rates from the front and {b.size} from the back; give both at each time.")
    if not (np.all(a > 0) and np.all(b > 0)):
        raise DataError("a net count rate from the front or the back is not above zero. Check the background.")
    r = np.sqrt(a * b)
    return r, r * np.hypot(u_a / a, u_b / b) / 2
