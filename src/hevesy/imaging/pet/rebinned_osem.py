"""OSEM of the axially rebinned model, each line projected and back-projected while it is in the cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.rebinned import PARTS, RebinnedModel
from hevesy.imaging.projectors.cores import side_by_side
from hevesy.imaging.reconstruct.subsets import subsets_of

Floats = npt.NDArray[np.float32]


def rebinned_osem(
    model: RebinnedModel,
    counts: npt.NDArray[Any],
    *,
    additive: npt.NDArray[Any] | None = None,
    iterations: int = 3,
    subsets: int = 8,
    start: npt.NDArray[Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Floats:
    """Activity concentration by ordered-subsets expectation maximisation.

        f <- f / (A_k' 1)  A_k' [ y_k / (A_k f + r_k) ]         for each subset k of azimuths

    Parameters
    ----------
    model : RebinnedModel
    counts : array, shape (views, cells, z)         y [1].
    additive : array of the same shape, or None     r, expected scatter and randoms [1].
    iterations, subsets : int                       Passes over the data, and parts of a pass.
    start : array, shape (z, y, x), or None         Positive first image [Bq/ml]; even, with the counts' total, by default.
    progress : callable, or None                    Told the share that is done.

    Returns
    -------
    array, shape (z, y, x)                          [Bq/ml].

    The same iterates as `hevesy.imaging.reconstruct` gives with this model, without the passes through memory.
    Hudson and Larkin, IEEE Trans Med Imaging 1994;13:601.
    """
    if counts.shape != model.out_shape:
        raise InputError(f"counts have shape {counts.shape}; the model expects {model.out_shape} as (views, cells, z).")
    if not 1 <= subsets <= model.out_shape[0] or iterations < 1:
        raise InputError(
            f"got {iterations} iterations of {subsets} subsets; at least 1, and at most {model.out_shape[0]} subsets."
        )
    groups = subsets_of(model.out_shape[0], subsets)
    y = np.ascontiguousarray(counts, np.float32)
    r = None if additive is None else np.ascontiguousarray(additive, np.float32)
    reciprocals = [_reciprocal(model, group) for group in groups]
    if start is None:
        image = _even(reciprocals, y, r)
    else:
        seen = reciprocals[0] > 0
        image = np.maximum(np.ascontiguousarray(np.transpose(start), np.float32), 0) * seen
    work = np.empty((PARTS + 2, *model.field.shape), np.float32)
    for n in range(iterations * subsets):
        group = n % subsets
        _grow(image, model.ratio_adjoint(image, y, r, groups[group], work), reciprocals[group])
        if progress is not None:
            progress((n + 1) / (iterations * subsets))
    return image.T


def _grow(image: Floats, update: Floats, reciprocal: Floats) -> None:
    from hevesy.imaging.pet._kernels import blur

    side_by_side(
        lambda first, past: blur.grow(image, update, reciprocal, first, past), image.shape[0], work=image.size
    )  # fmt: skip


def _even(reciprocals: list[Floats], y: Floats, r: Floats | None) -> Floats:
    """An even image that accounts for the counts: from another level the first updates go into finding it."""
    total = float(y.sum(dtype=np.float64))
    extra = 0.0 if r is None else float(r.sum(dtype=np.float64))
    sensitivity = sum(float(np.sum(1 / part[part > 0], dtype=np.float64)) for part in reciprocals)
    level = max(total - extra, 1e-3 * total) / sensitivity if sensitivity > 0 else 0.0
    return np.where(reciprocals[0] > 0, np.float32(level if level > 0 else 1.0), np.float32(0))


def _reciprocal(model: RebinnedModel, group: npt.NDArray[np.intp]) -> Floats:
    """1 / (A_k' 1), 0 where the subset sees (next to) nothing."""
    sensitivity = np.ascontiguousarray(model.adjoint(np.ones((group.size, *model.out_shape[1:]), np.float32), group).T)
    seen = sensitivity > 1e-4 * sensitivity.max()
    return np.where(seen, 1 / np.where(seen, sensitivity, 1), 0).astype(np.float32)
