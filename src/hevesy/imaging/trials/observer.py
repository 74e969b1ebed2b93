"""Observers that know what they look for and where: how well they tell images with the lesion from images without."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.model import Grid

Array = npt.NDArray[np.float64]

LAGUERRE_GAUSS, DIFFERENCE_OF_GAUSSIANS = "laguerre-gauss", "difference-of-gaussians"
# Sparse difference-of-Gaussians channels start at 0.015 cycles a pixel (here of 4 mm): Abbey and Barrett, J. Opt. Soc. Am. A
# 18 (2001) 473 (recalled).
_DOG_START, _DOG_RATIO, _DOG_WIDTH = 0.015 / 4.0, 2.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectability:
    """How well two classes are told apart.

    Attributes
    ----------
    d2 : float                          Squared detectability SNR d', its small-sample bias removed [1].
    interval : (low, high)              Of d2, 95 %.
    freedom : float                     Degrees of freedom of the covariance.
    bias_removed : float                Naive estimate over this one, of d2 [1].
    """

    d2: float
    interval: tuple[float, float]
    freedom: float
    bias_removed: float

    @property
    def auc(self) -> float:
        """Area under the ROC curve."""
        return auc_of(self.d2)


def auc_of(d2: float) -> float:
    """Area under the ROC curve of normal scores of one variance: Phi(d' / sqrt 2)."""
    from scipy.special import ndtr

    return float(ndtr(math.sqrt(max(d2, 0.0) / 2)))


def d2_of(auc: float) -> float:
    """Squared detectability that an area under the curve asks for: 2 (Phi^-1(AUC))^2."""
    from scipy.special import ndtri

    return 2 * float(ndtri(auc)) ** 2


def channels(
    grid: Grid, centre: tuple[float, float, float], *, width: float, count: int = 4, kind: str = LAGUERRE_GAUSS
) -> Array:
    """Spherical channels about a point, shape (count, z, y, x).

        Laguerre-Gauss              u_n(r) = exp(-pi r^2 / a^2) L_n^(1/2)(2 pi r^2 / a^2)
        difference of Gaussians     in frequency  exp(-(q / Q s_n)^2 / 2) - exp(-(q / s_n)^2 / 2),   s_n = s_0 2^n, Q = 2

    Parameters
    ----------
    width : float                       a [mm]; difference-of-Gaussians channels have their own.
    count : int                         2 to 10.

    Each is of length 1. In three dimensions: the observer reads a volume. Gallas and Barrett, J. Opt. Soc. Am. A 20 (2003)
    1725; Abbey and Barrett, ibid. 18 (2001) 473 (both recalled), there in two
    dimensions.
    """
    from scipy.special import eval_genlaguerre

    if not 2 <= count <= 10 or not width > 0:
        raise InputError(f"{count} channels of {width} mm; 2 to 10, of a width above 0, are meant.")
    x, y, z = (grid.affine[k, k] * np.arange(n) + grid.affine[k, 3] - centre[k] for k, n in enumerate(grid.shape[::-1]))
    r2 = z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None, :] ** 2
    if kind == LAGUERRE_GAUSS:
        t = 2 * np.pi * r2 / width**2
        made = [np.exp(-t / 2) * eval_genlaguerre(n, 0.5, t) for n in range(count)]
    elif kind == DIFFERENCE_OF_GAUSSIANS:
        made = []
        for n in range(count):
            s = _DOG_START * _DOG_RATIO**n
            made.append(_gaussian(r2, _DOG_WIDTH * s) - _gaussian(r2, s))
    else:
        raise InputError(f"channels {kind!r} are not known. Known are {LAGUERRE_GAUSS}, {DIFFERENCE_OF_GAUSSIANS}.")
    return np.stack([c / np.linalg.norm(c) for c in made])


def _gaussian(r2: Array, s: float) -> Array:
    """Inverse transform of exp(-(q/s)^2 / 2) in three dimensions."""
    return np.asarray((2 * np.pi) ** 1.5 * s**3 * np.exp(-2 * np.pi**2 * s**2 * r2))


def channelised_hotelling(present: npt.ArrayLike, absent: npt.ArrayLike) -> Detectability:
    """From channel outputs of images with and without the lesion alone.

        D2 = (v1 - v0)' S^-1 (v1 - v0),    d2 = D2 (nu - p - 1) / nu - p (n1 + n0) / (n1 n0),   nu = n1 + n0 - 2

    with S pooled: the naive D2 is too large, the more channels p and the fewer images; d2 is without bias for normal
    outputs. The interval inverts the noncentral F of Hotelling's T2. Fukunaga, Introduction to Statistical Pattern
    Recognition, 2nd ed. (1990); Wunderlich, Noo, Gallas and Heilbrun, IEEE Trans. Med. Imaging 34 (2015) 453.

    Parameters
    ----------
    present, absent : arrays, shape (images, channels)
    """
    one, none = np.asarray(present, float), np.asarray(absent, float)
    (n1, p), (n0, _) = one.shape, none.shape
    nu = n1 + n0 - 2
    _enough(nu, p)
    S = (_scatter(one) + _scatter(none)) / nu
    difference = one.mean(axis=0) - none.mean(axis=0)
    D2 = float(difference @ np.linalg.solve(S, difference))
    scale = n1 * n0 / (n1 + n0)
    d2 = D2 * (nu - p - 1) / nu - p / scale
    F = scale * D2 * (nu - p + 1) / (nu * p)
    low, high = (_noncentrality(F, p, nu - p + 1, tail) / scale for tail in (0.975, 0.025))
    return Detectability(d2=max(d2, 0.0), interval=(low, high), freedom=nu, bias_removed=D2 / d2 if d2 > 0 else math.inf)


def known_difference(difference: npt.ArrayLike, groups: Sequence[npt.ArrayLike], scales: Sequence[float]) -> Detectability:
    """From the difference of the mean outputs, known without noise, and outputs of groups with one mean each.

        d2 = D2 (nu - p - 1) / nu,   D2 = delta' S^-1 delta,   nu d2 / D2 ~ chi^2 with nu - p + 1 degrees of freedom

    (Wunderlich and Noo, IEEE Trans. Med. Imaging 28 (2009) 1198: known difference of class means.) S pools the groups, each
    group's covariance divided by its scale: that of exposure where covariance goes with it.

    Parameters
    ----------
    difference : array, shape (channels,)
    groups : sequence of arrays, shape (images, channels)
    scales : sequence of float          x of each group; d2 is that of x = 1.
    """
    delta = np.asarray(difference, float)
    p = delta.size
    nu = sum(len(np.asarray(g)) - 1 for g in groups)
    _enough(nu, p)
    S = sum(_scatter(np.asarray(g, float)) / s for g, s in zip(groups, scales, strict=True)) / nu
    D2 = float(delta @ np.linalg.solve(S, delta))
    from scipy.stats import chi2

    low, high = (D2 * float(chi2.ppf(q, nu - p + 1)) / nu for q in (0.025, 0.975))
    return Detectability(d2=D2 * (nu - p - 1) / nu, interval=(low, high), freedom=nu, bias_removed=nu / (nu - p - 1))


def non_prewhitening(template: npt.ArrayLike, images: npt.ArrayLike) -> Detectability:
    """Of the observer whose template is the lesion as it is seen without noise.

        d2 = (t' t)^2 / var(t' f),    t the difference of the images without noise

    Parameters
    ----------
    template : array, any shape
    images : array, shape (images, ...)     Of one class, or of both less their means.

    Reference: Barrett and Myers, Foundations of Image Science (2004), section 13.2.13 (recalled).
    """
    t = np.asarray(template, float).ravel()
    scores = np.asarray(images, float).reshape(len(np.asarray(images)), -1) @ t
    nu = scores.size - 1
    _enough(nu, 1)
    d2 = float(t @ t) ** 2 / float(scores.var(ddof=1))
    from scipy.stats import chi2

    low, high = (d2 * float(chi2.ppf(q, nu)) / nu for q in (0.025, 0.975))
    return Detectability(d2=d2 * (nu - 2) / nu, interval=(low, high), freedom=nu, bias_removed=nu / (nu - 2))


def _scatter(v: Array) -> Array:
    centred = v - v.mean(axis=0)
    return np.asarray(centred.T @ centred)


def _enough(freedom: int, channels: int) -> None:
    if freedom < channels + 3:
        raise ScopeError(
            f"{freedom} degrees of freedom are too few for {channels} channels; at least {channels + 3} are needed. "
            "Take more realisations."
        )


def _noncentrality(F: float, p: int, n: int, tail: float) -> float:
    """lambda for which F lies at that quantile of the noncentral F; 0 where even lambda = 0 puts it lower."""
    from scipy.optimize import brentq
    from scipy.stats import ncf

    if float(ncf.cdf(F, p, n, 1e-9)) < tail:
        return 0.0
    high = 10.0 + 4 * p * F
    while float(ncf.cdf(F, p, n, high)) > tail:
        high *= 2
    return float(brentq(lambda nc: float(ncf.cdf(F, p, n, nc)) - tail, 1e-9, high))
