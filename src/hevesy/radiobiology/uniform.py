"""Uniform equivalents of a dose that varies over a region."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

Vector = npt.NDArray[np.float64]


def generalised_eud(dose: npt.ArrayLike, a: float, *, volumes: npt.ArrayLike | None = None) -> float:
    """gEUD: the uniform dose of the same effect where the region answers with the exponent a.

        gEUD = (sum_i v_i D_i^a)^(1/a),   sum_i v_i = 1

    Parameters
    ----------
    dose : array, (n,) or any           D_i, by bin of a differential histogram or by voxel [Gy].
    a : float                           1 the mean, above 1 towards the maximum, below 0 towards the minimum; 1/n of Lyman [1].
    volumes : array or None             Volume of each; None where all are equal [any].

    Returns
    -------
    float                               [Gy]

    Neglected: where in the region the dose is. Reference: A. Niemierko, Med. Phys. 26 (1999) 1100.
    """
    if not (np.isfinite(a) and a != 0 and abs(a) <= 1000):
        raise InputError(f"exponent a of gEUD is {a:g}; a number other than zero, at most 1000 in size, is allowed.")
    D, v = _weighted(dose, volumes)
    D, v = D[v > 0], v[v > 0]
    if a < 0 and D.min() == 0:
        return 0.0
    # Powers by the largest term: 200 Gy to the power -50 is no number.
    scale = float(D.max() if a > 0 else D.min())
    return 0.0 if scale == 0 else float(scale * np.sum(v * (D / scale) ** a) ** (1 / a))


def uniform_bed(bed: npt.ArrayLike, alpha: float, *, volumes: npt.ArrayLike | None = None) -> float:
    """EUBED: the uniform BED that leaves as many cells alive.

        EUBED = -ln(sum_i v_i exp(-alpha BED_i)) / alpha

    Parameters
    ----------
    bed : array, (n,) or any            BED_i, by bin or by voxel [Gy].
    alpha : float                       Of the linear-quadratic model [1/Gy].
    volumes : array or None             As for :func:`generalised_eud`.

    Returns
    -------
    float                               [Gy], at most the mean BED.

    Neglected: variation of alpha and of the density of cells. Reference: J. A. O'Donoghue, J. Nucl. Med. 40 (1999) 1337.
    """
    if not (np.isfinite(alpha) and alpha > 0):
        raise InputError(f"alpha is {alpha:g} /Gy; it must be above zero.")
    B, v = _weighted(bed, volumes)
    least = float(B[v > 0].min())
    return least - float(np.log(np.sum(v * np.exp(-alpha * (B - least))))) / alpha


def mean_of(values: npt.ArrayLike, *, volumes: npt.ArrayLike | None = None) -> float:
    """Mean by volume, sum_i v_i x_i; parameters as for :func:`generalised_eud`."""
    x, v = _weighted(values, volumes)
    return float(np.sum(v * x))


def differential(dose: npt.ArrayLike, volume_share: npt.ArrayLike) -> tuple[Vector, Vector]:
    """Bins of a cumulative dose-volume histogram: doses in the middle of each, and their shares of the volume.

    Parameters
    ----------
    dose : array, (n,)                  Increasing [Gy].
    volume_share : array, (n,)          Share that receives at least that dose, falling from 1 [1].

    Returns
    -------
    dose, share : array, (n,)           [Gy], [1]; shares sum to 1. What lies above the last dose is put at it.

    Neglected: how the dose varies inside a bin.
    """
    D, V = np.asarray(dose, dtype=np.float64), np.asarray(volume_share, dtype=np.float64)
    if D.ndim != 1 or D.size < 2 or D.shape != V.shape:
        raise InputError(f"a histogram needs two or more doses and as many shares; got {D.shape} and {V.shape}.")
    # A share that rises by rounding in its last digit is no defect.
    if (np.diff(D) < 0).any() or (np.diff(V) > 1e-6).any() or abs(V[0] - 1) > 1e-3 or (V < -1e-9).any():
        raise InputError(f"a cumulative histogram has rising doses and shares that fall from 1; its first share is {V[0]:.4g}.")
    middle = np.append((D[1:] + D[:-1]) / 2, D[-1])
    share = np.append(np.maximum(V[:-1] - V[1:], 0.0), max(V[-1], 0.0))
    keep = share > 0
    return middle[keep], share[keep] / share[keep].sum()


def _weighted(values: npt.ArrayLike, volumes: npt.ArrayLike | None) -> tuple[Vector, Vector]:
    x = np.asarray(values, dtype=np.float64).ravel()
    v = np.ones_like(x) if volumes is None else np.asarray(volumes, dtype=np.float64).ravel()
    if x.size == 0 or x.shape != v.shape:
        raise InputError(f"got {x.size} doses and {v.size} volumes; give one volume a dose, and at least one.")
    if not (np.isfinite(x).all() and np.isfinite(v).all() and (x >= 0).all() and (v >= 0).all() and v.sum() > 0):
        raise InputError("doses and volumes must be finite and not below zero, and some volume above it.")
    return x, v / v.sum()
