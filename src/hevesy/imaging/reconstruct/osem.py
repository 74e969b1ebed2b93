"""Expectation maximisation with ordered subsets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import flat, laid_out, shaped_like
from hevesy.imaging.reconstruct.subsets import subsets_of

__all__ = ["OrderedData", "log_likelihood", "osem", "subsets_of"]

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]
Progress = Callable[[float], None]

# A voxel seen less than this share of the best seen one holds nothing: its value would be noise without measure.
UNSEEN = 1e-5
# Counts that the model does not expect (penetration, a hot chair) would be divided by next to nothing, and the few voxels on
# their lines would take them all. No bin expects less than this share of the mean.
LEAST_EXPECTED = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrderedData:
    """Counts, additive term and inverse sensitivity of each subset, laid out as the operator likes them.

    Attributes
    ----------
    views : tuple of ndarray            Indices of views, a subset each.
    counts, additive : tuple of ndarray
    inverse : tuple of ndarray          1 / (A_s' 1), 0 where a voxel is not seen.
    least : float                       No bin expects fewer counts.
    """

    views: tuple[Indices, ...]
    counts: tuple[Floats, ...]
    additive: tuple[Floats, ...]
    inverse: tuple[Floats, ...]
    least: float


def osem(
    operator: Operator,
    counts: npt.NDArray[Any],
    *,
    additive: npt.NDArray[Any] | None = None,
    iterations: int,
    subsets: int,
    start: npt.NDArray[Any] | None = None,
    progress: Progress | None = None,
    on_iteration: Callable[[int, Floats], None] | None = None,
) -> Floats:
    """The image after some passes of expectation maximisation, subset by subset.

        f <- f / (A_s' 1) . A_s' [ y_s / (A_s f + r_s) ]          no bin expects less than 1e-3 of the mean counts

    (Hudson and Larkin, IEEE Trans. Med. Imaging 13 (1994) 601; one subset is MLEM, Shepp and Vardi, ibid. 1 (1982) 113,
    which raises the Poisson likelihood at each step.)

    Parameters
    ----------
    operator : Operator
    counts : array, shape (views, ...)  Measured y, as counted: not corrected for decay or scatter.
    additive : array or None            Expected r that does not come through the operator: scatter, randoms.
    iterations, subsets : int
    start : array or None               First image, positive where activity may be; None: even, with the counts' total.
    progress : callable or None         Called with the fraction done.
    on_iteration : callable or None     Called with 1, 2, ... and the image after each pass; copy what is to be kept.

    Returns
    -------
    array, shape of the image           [Bq/ml]; zero where the camera sees next to nothing.

    With more than one subset it ends in a limit cycle near the maximum, not at it; stopped early it is smoother.
    """
    if iterations < 1:
        raise InputError(f"{iterations} iterations; at least 1 is needed.")
    data = ordered(operator, counts, additive=additive, subsets=subsets)
    image = first_image(data, start)
    for n in range(iterations):
        for s in range(len(data.views)):
            em_step(operator, data, s, image)
            if progress is not None:
                progress((n * len(data.views) + s + 1) / (iterations * len(data.views)))
        if on_iteration is not None:
            on_iteration(n + 1, image)
    return image


def em_step(operator: Operator, data: OrderedData, s: int, image: Floats) -> tuple[Floats, Floats]:
    """One update of ``image`` in place by subset ``s``; the expected counts q and the ratio y / q before it."""
    from hevesy.imaging.reconstruct._kernels.elementwise import add_and_divide, multiply_into

    expected = laid_out(operator.forward(image, data.views[s]), data.counts[s])
    ratio = np.empty_like(expected)
    add_and_divide(flat(data.counts[s]), flat(expected), flat(data.additive[s]), np.float32(data.least), flat(ratio))
    back = laid_out(operator.adjoint(ratio, data.views[s]), image)
    multiply_into(flat(image), flat(back), flat(data.inverse[s]))
    return expected, ratio


def ordered(operator: Operator, counts: npt.NDArray[Any], *, additive: npt.NDArray[Any] | None, subsets: int) -> OrderedData:
    """Splits measured data into subsets and computes their sensitivities once."""
    from hevesy.imaging.reconstruct._kernels.elementwise import invert

    _check(operator, counts, "counts")
    if additive is not None:
        _check(operator, additive, "the additive term")
    views = tuple(subsets_of(operator.out_shape[0], subsets))
    one = operator.forward(np.zeros(operator.in_shape, np.float32), views[0][:1])
    y, r, inverse = [], [], []
    for v in views:
        template = shaped_like(one, v.size)
        y.append(laid_out(np.asarray(counts)[v], template))
        r.append(np.zeros_like(template) if additive is None else laid_out(np.asarray(additive)[v], template))
        sensitivity = operator.adjoint(np.ones_like(template), v)
        sensitivity = laid_out(sensitivity, np.empty_like(sensitivity))
        into = np.empty_like(sensitivity)
        invert(flat(sensitivity), np.float32(UNSEEN * float(sensitivity.max(initial=0))), flat(into))
        inverse.append(into)
    least = LEAST_EXPECTED * float(np.mean(counts, dtype=np.float64))
    return OrderedData(views=views, counts=tuple(y), additive=tuple(r), inverse=tuple(inverse), least=least)


def first_image(
    data: OrderedData,
    start: npt.NDArray[Any] | None,
) -> Floats:
    """``start`` checked, or an even image that accounts for the counts; 0 where no view sees a voxel."""
    like = data.inverse[0]
    seen = np.logical_or.reduce([inverse > 0 for inverse in data.inverse])
    if not seen.any():
        raise InputError("no voxel of the image is seen by any view. Check centre, radii and the grid.")
    if start is not None:
        if start.shape != like.shape or not np.all(np.isfinite(start)) or np.any(start < 0):
            raise InputError(f"the first image has shape {start.shape}; allowed is {like.shape}, finite and not negative.")
        return laid_out(np.where(seen, start, 0).astype(np.float32), like)
    total = sum(float(y.sum(dtype=np.float64)) for y in data.counts)
    extra = sum(float(r.sum(dtype=np.float64)) for r in data.additive)
    level = max(total - extra, 1e-3 * total) / float(total_sensitivity(data).sum(dtype=np.float64))
    return laid_out(np.where(seen, np.float32(level if level > 0 else 1.0), np.float32(0)), like)


def total_sensitivity(data: OrderedData) -> Floats:
    """A' 1 from the inverse sensitivities of the subsets."""
    total = np.zeros_like(data.inverse[0])
    for inverse in data.inverse:
        total += np.divide(1, inverse, out=np.zeros_like(inverse), where=inverse > 0)
    return total


def log_likelihood(
    operator: Operator, image: npt.NDArray[Any], counts: npt.NDArray[Any], additive: npt.NDArray[Any] | None = None
) -> float:
    """Poisson log likelihood sum y ln q - q of q = A f + r, without the term of y alone; -inf if counts are impossible."""
    from hevesy.imaging.reconstruct._kernels.elementwise import log_likelihood as kernel

    expected = operator.forward(image)
    expected = laid_out(expected, np.empty_like(expected))
    y = laid_out(counts, expected)
    r = np.zeros_like(expected) if additive is None else laid_out(additive, expected)
    total, lost = kernel(flat(y), flat(expected), flat(r))
    return float(total) if lost == 0 else float("-inf")


def _check(operator: Operator, counts: npt.NDArray[Any], what: str) -> None:
    if counts.shape != operator.out_shape:
        raise InputError(f"{what} have shape {counts.shape}; the projector makes {operator.out_shape}.")
    if not np.all(np.isfinite(counts)) or np.min(counts, initial=0.0) < 0:
        raise InputError(f"{what} must be finite and not negative: counts as measured, without subtraction of scatter.")
