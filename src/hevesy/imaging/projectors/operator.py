"""What every projector is: a linear operator with its exact transpose."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hevesy.rng import stream

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


class Operator(Protocol):
    """Maps an image to expected counts, and back by its transpose.

    ``in_shape`` is that of the image, (z, y, x) for images of the house; ``out_shape`` is (views, ...).  ``views`` picks
    entries of the first axis of ``out_shape``, a subset; None is all of them.  Both ways take any real array and give
    float32.  The order of axes in memory is the projector's own: what it returns may be a transposed view, and
    elementwise arithmetic keeps that order, so that nothing is copied when it comes back.
    """

    in_shape: tuple[int, ...]
    out_shape: tuple[int, ...]

    def forward(self, image: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """Expected counts of ``views`` [1] from ``image`` [Bq/ml]."""
        ...

    def adjoint(self, projections: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """The transpose of :meth:`forward` on ``projections`` of ``views``."""
        ...


def adjoint_error(operator: Operator, *, seed: int, views: Indices | None = None) -> float:
    """How far the pair of an operator is from being transposes of each other [1].

        |<A x, y> - <x, A' y>| / (|<A x, y>| + |<x, A' y>|) * 2

    Parameters
    ----------
    operator : Operator
    seed : int                          Of the uniform random x and y in [0, 1).
    views : array of int or None        A subset.

    Both are positive, so that nothing cancels and the error is that of the weights.  Sums are in float64.
    """
    rng = stream(seed, 0)
    shape = operator.out_shape if views is None else (len(views), *operator.out_shape[1:])
    x = rng.random(operator.in_shape, dtype=np.float32)
    y = rng.random(shape, dtype=np.float32)
    one = float(np.sum(operator.forward(x, views) * y, dtype=np.float64))
    other = float(np.sum(x * operator.adjoint(y, views), dtype=np.float64))
    return abs(one - other) * 2 / (abs(one) + abs(other))
