"""The Lea-Catcheside factor: what protraction leaves of the quadratic effect."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.radiobiology.repair import Repair

Vector = npt.NDArray[np.float64]

_NODES, _SHARES = np.polynomial.legendre.leggauss(16)
_NODES, _SHARES = (_NODES + 1) / 2, _SHARES / 2
SERIES = 0.05  # below it (1 - exp(-z)) / z is taken as a series: its derivative would cancel
SLACK = 1e-9  # relative; an uptake curve starts at zero but for rounding


def lea_catcheside(amplitudes: npt.ArrayLike, rates: npt.ArrayLike, repair: Repair, *, until: float = math.inf) -> float:
    """G of a dose rate that is a sum of exponentials.

        Ddot(t) = sum_i a_i exp(-r_i t)
        G = (2 / D^2) int_0^T Ddot(t) int_0^t Ddot(w) phi(t - w) dw dt
        G = (2 / D^2) sum_k w_k sum_ij a_i a_j / ((r_i + r_j) (r_i + mu_k)),  D = sum_i a_i / r_i,   for T = inf

    Parameters
    ----------
    amplitudes, rates : array, (k,)     a_i in any unit, some below zero for uptake; r_i [1/s].
    repair : Repair                     w_k and mu_k.
    until : float                       T, end of the irradiation or of the time that counts [s].

    Returns
    -------
    float                               Above 0, at most 1: 1 is one acute fraction, r / (r + mu) one exponential.

    Neglected: a dose rate whose shape differs from that of the curve given, say by cross-fire from another organ.
    Reference: D. E. Lea, D. G. Catcheside, J. Genet. 44 (1942) 216; R. G. Dale, Br. J. Radiol. 58 (1985) 515; sums of
    exponentials: W. T. Millar, Phys. Med. Biol. 36 (1991) 261; S. Baechler et al., Med. Phys. 35 (2008) 1123.

    Raises
    ------
    InputError
        The curve gives no dose or starts below zero, a rate is no rate.
    """
    a, r = np.asarray(amplitudes, dtype=np.float64), np.asarray(rates, dtype=np.float64)
    if a.ndim != 1:
        raise InputError(f"amplitudes have the shape {a.shape}; one curve has (k,). For a map call lea_catcheside_map.")
    return float(lea_catcheside_map(a, r, repair, until=until))


def lea_catcheside_map(amplitudes: npt.ArrayLike, rates: npt.ArrayLike, repair: Repair, *, until: float = math.inf) -> Vector:
    """G of many curves at once, as :func:`lea_catcheside`.

    Parameters
    ----------
    amplitudes, rates : array, (..., k) Curves; a last axis of rates alone, (k,), serves all [any], [1/s].
    repair, until                       As there.

    Returns
    -------
    array, (...)                        [1]
    """
    a, r = np.asarray(amplitudes, dtype=np.float64), np.asarray(rates, dtype=np.float64)
    if a.shape[-1:] != r.shape[-1:] or a.ndim == 0 or a.shape[-1] == 0:
        raise InputError(
            f"amplitudes have the shape {a.shape}, rates {r.shape}; the last axis of both is the terms of the curve."
        )
    if not (np.isfinite(a).all() and np.isfinite(r).all()):
        raise InputError("amplitudes and rates must be finite numbers; some are not. Leave voxels without a curve out.")
    if not until > 0 or not (r >= 0).all() or (math.isinf(until) and not (r > 0).all()):
        raise InputError(
            f"rates are {_some(r)} 1/s until {until:g} s; each must be above zero (zero itself where there is an end of time)."
        )
    _check_start(a)
    D = _sum(a[..., i] * _share(r[..., i], until) for i in range(a.shape[-1]))
    if not (D > 0).all():
        raise InputError("the dose rate integrates to no dose; expected more than zero. Check the signs of the amplitudes.")
    total: Any = 0.0
    for weight, mu in zip(repair.weights, repair.rates, strict=True):
        for i in range(a.shape[-1]):
            for j in range(a.shape[-1]):
                pair = _pair(r[..., i], r[..., j], mu, until)
                total = total + weight * a[..., i] * a[..., j] * pair
    G: Vector = np.asarray(2 * total / D**2, dtype=np.float64)
    if not ((G > 0) & (G <= 1 + 1e-6)).all():
        raise InputError(
            f"G is {_some(G)}; it lies between 0 and 1 for any dose rate that is never negative. Check amplitudes and rates."
        )
    return np.minimum(G, 1.0)


def _check_start(a: Vector) -> None:
    if (a.sum(axis=-1) < -SLACK * np.abs(a).sum(axis=-1)).any():
        raise InputError("the dose rate starts below zero; expected zero or more. Check the sign of the amplitudes.")


def _some(values: Vector) -> str:
    flat = np.unique(values)
    return ", ".join(f"{value:.4g}" for value in flat[:3]) + (" ..." if flat.size > 3 else "")


def _sum(terms: Any) -> Vector:
    return np.asarray(sum(terms), dtype=np.float64)


def _share(x: Any, T: float) -> Any:
    """int_0^T exp(-x t) dt."""
    if math.isinf(T):
        return 1 / x
    return T * _phi(np.asarray(x * T))


def _pair(ri: Any, rj: Any, mu: float, T: float) -> Any:
    """int_0^T exp(-ri t) int_0^t exp(-rj w - mu (t - w)) dw dt, without the pole at rj = mu."""
    if math.isinf(T):
        return 1 / ((ri + rj) * (ri + mu))
    # (E(ri + rj) - E(ri + mu)) / (mu - rj) with E(x) = int_0^T exp(-x t) dt is a divided difference, -int_0^1 E'.
    x, y = np.asarray((ri + rj) * T), np.asarray((ri + mu) * T)
    apart = np.abs(y - x) > 1.0
    far = (_phi(x) - _phi(y)) / np.where(apart, y - x, 1.0)
    near = _sum(share * -_phi_slope(x + node * (y - x)) for node, share in zip(_NODES, _SHARES, strict=True))
    return T**2 * np.where(apart, far, near)


def _phi(z: Any) -> Any:
    """(1 - exp(-z)) / z."""
    small = z < 1e-8
    return np.where(small, 1 - z / 2, -np.expm1(-z) / np.where(small, 1.0, z))


def _phi_slope(z: Any) -> Any:
    """d/dz of (1 - exp(-z)) / z."""
    small = z < SERIES
    safe = np.where(small, 1.0, z)
    series = _sum((-1) ** n * n / math.factorial(n + 1) * np.asarray(z) ** (n - 1) for n in range(1, 10))
    return np.where(small, series, (safe * np.exp(-safe) + np.expm1(-safe)) / safe**2)
