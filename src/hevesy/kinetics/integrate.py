"""Integrals of sums of exponentials, in closed form."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

Vector = npt.NDArray[np.float64]


def time_integrated_activity(amplitude: npt.ArrayLike, rate: npt.ArrayLike) -> float:
    """Number of decays of a sum of exponentials from the administration to the end of all time.

        A_tilde = integral_0^inf sum_j A_j exp(-r_j t) dt = sum_j A_j / r_j      (MIRD Pamphlet 21)

    Parameters
    ----------
    amplitude : float or array, shape (m,)      A_j, of any sign [Bq].
    rate : float or array, shape (m,)           r_j, above zero [1/s].

    Returns
    -------
    float                                       [Bq s].
    """
    a, r = _terms(amplitude, rate)
    return float(np.sum(a / r))


def integral(amplitudes: npt.ArrayLike, rates: npt.ArrayLike, start: float, stop: float) -> float:
    """Number of decays of a sum of exponentials between two times.

        integral_start^stop sum_j A_j exp(-r_j t) dt = sum_j A_j exp(-r_j start) (1 - exp(-r_j (stop -
        start))) / r_j

    Parameters
    ----------
    amplitudes, rates : float or array, shape (m,)      [Bq], [1/s].
    start, stop : float                                 [s]; ``stop`` may be infinite.

    Returns
    -------
    float                                               [Bq s].
    """
    a, r = _terms(amplitudes, rates)
    if not (np.isfinite(start) and stop >= start):
        raise InputError(f"an integral needs a finite start and a stop not before it; got {start} s and {stop} s.")
    return float(np.sum(a * np.exp(-r * start) * moments(r, stop - start)[0]))


def moments(rate: Vector, length: float) -> tuple[Vector, Vector]:
    """Zeroth and first moment of exp(-r t) over 0 <= t <= ``length``.

        m_0 = (1 - exp(-x)) / r,   m_1 = (1 - (1 + x) exp(-x)) / r^2,   x = r length

    Parameters
    ----------
    rate : ndarray, shape (m,)          Above zero [1/s].
    length : float                      Not negative; may be infinite [s].

    Returns
    -------
    m_0 [s], m_1 [s2] : ndarray, shape (m,)
    """
    if np.isinf(length):
        return 1 / rate, 1 / rate**2
    x = rate * length
    zeroth = -np.expm1(-x) / rate
    # Below 0.02 the closed form cancels; its series is exact to 1e-13 there.
    series = x**2 * (1 / 2 - x * (1 / 3 - x * (1 / 8 - x * (1 / 30 - x * (1 / 144 - x / 840)))))
    closed = -np.expm1(-x) - x * np.exp(-x)
    return zeroth, np.where(x < 0.02, series, closed) / rate**2


def _terms(amplitude: npt.ArrayLike, rate: npt.ArrayLike) -> tuple[Vector, Vector]:
    a, r = np.atleast_1d(np.asarray(amplitude, dtype=float)), np.atleast_1d(np.asarray(rate, dtype=float))
    if a.shape != r.shape:
        raise InputError(f"each amplitude needs its rate; got {a.size} amplitudes and {r.size} rates.")
    if not np.all(np.isfinite(a)):
        raise InputError(f"amplitudes must be finite; got {a.tolist()} Bq.")
    if not np.all(np.isfinite(r) & (r > 0)):
        raise InputError(f"rates must be finite and above zero; got {r.tolist()} 1/s. Decay alone is above zero.")
    return a, r
