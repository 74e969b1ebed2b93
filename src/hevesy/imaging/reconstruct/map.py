"""The image of greatest penalised likelihood, by ordered subsets with steps that shrink."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import flat, laid_out
from hevesy.imaging.reconstruct.osem import OrderedData, em_step, first_image, log_likelihood, ordered, total_sensitivity
from hevesy.imaging.reconstruct.prior import RelativeDifference

Floats = npt.NDArray[np.float32]

# Step of the first passes, and how fast it falls: alpha_n = 1 / (1 + n / SLOWING); one subset rises without.
SLOWING = 8.0
# The scale of a step at a voxel is that of at least this share of the mean, so that zero can be left again.
LEAST = 1e-2
# Above that level no update leaves less of a voxel: its curvature grows as 1 / f, and a step that is right at f overshoots far
# below it. Without, a strong prior on few counts pulls nearly all voxels to zero at once, where they stay.
FALL = np.float32(0.1)


class Likelihood(Protocol):
    """What the ascent asks of data in ordered subsets; images are (z, y, x), all in one memory order."""

    @property
    def subsets(self) -> int:
        """How many."""
        ...

    @property
    def sensitivity(self) -> Floats:
        """A'1 of all data, 0 where nothing is seen."""
        ...

    def step(self, s: int, image: Floats) -> None:
        """One update of expectation maximisation by subset ``s``, in place."""
        ...

    def gradient(self, s: int, image: Floats) -> Floats:
        """A_s' (y_s / q_s - 1)."""
        ...


def map_estimate(
    operator: Operator,
    counts: npt.NDArray[Any],
    prior: RelativeDifference,
    *,
    additive: npt.NDArray[Any] | None = None,
    iterations: int,
    subsets: int,
    start: npt.NDArray[Any] | None = None,
    progress: Callable[[float], None] | None = None,
    on_iteration: Callable[[int, Floats], None] | None = None,
) -> Floats:
    """Maximum a posteriori image: the argmax over f >= 0 of  sum y ln q - q - R(f),  q = A f + r.

    Parameters
    ----------
    prior : RelativeDifference
    iterations : int                    Passes over all views; the first is OSEM without prior.
    others                              As for :func:`hevesy.imaging.reconstruct.osem.osem`.

    By :func:`ascend`.
    """
    data = ordered(operator, counts, additive=additive, subsets=subsets)
    of_counts = CountLikelihood(operator, data)
    return ascend(of_counts, prior, first_image(data, start), iterations=iterations, progress=progress, on_iteration=on_iteration)


def ascend(
    likelihood: Likelihood,
    prior: RelativeDifference,
    image: Floats,
    *,
    iterations: int,
    progress: Callable[[float], None] | None = None,
    on_iteration: Callable[[int, Floats], None] | None = None,
) -> Floats:
    """The image of greatest penalised likelihood, from counts or from events one by one; ``image`` is changed.

        f <- max(0, f + alpha_n D ( A_s'(y_s / q_s - 1) - grad R / S )),   D = S / (A'1 / max(f, l) + 2 diag R'')

    but of no voxel above l less than a tenth at once.

    Block-sequential regularised expectation maximisation (De Pierro and Yamagishi, IEEE Trans. Med. Imaging 20 (2001)
    280; Ahn and Fessler, ibid. 22 (2003) 613): with steps alpha_n -> 0, sum alpha_n = inf, the ordered
    subsets converge to the optimum and not to a limit cycle, and the prior's gradient is that of the present image (not of
    the one before, "one step late", which can diverge).  D is renewed at each pass; twice the diagonal bounds a row of the
    prior's Hessian where neighbours are alike, so that a strong prior does not overshoot.  With one subset there is no
    cycle to break, and alpha = 1: where the prior is nought the step is that of expectation maximisation.
    """
    if iterations < 2:
        raise InputError(f"{iterations} iterations; the prior enters after a first pass, so at least 2 are needed.")
    subsets = likelihood.subsets
    for n in range(iterations):
        scale = None if n == 0 else preconditioner(image, likelihood.sensitivity, prior, subsets)
        lowest = np.float32(0 if n == 0 else LEAST * mean_seen(image, likelihood.sensitivity))
        for s in range(subsets):
            if scale is None:
                likelihood.step(s, image)
            else:
                step = likelihood.gradient(s, image)
                step -= prior.gradient(image) / np.float32(subsets)
                step *= scale * np.float32(step_size(n, subsets))
                least = np.where(image > lowest, FALL * image, np.float32(0))
                image += step
                np.maximum(image, least, out=image)
            if progress is not None:
                progress((n * subsets + s + 1) / (iterations * subsets))
        if on_iteration is not None:
            on_iteration(n + 1, image)
    return image


def step_size(n: int, subsets: int) -> float:
    """alpha of pass ``n``, counted from 0; the first with the prior is 1."""
    return 1.0 if subsets == 1 else 1 / (1 + (n - 1) / SLOWING)


class CountLikelihood:
    """Counts in bins of an operator."""

    def __init__(self, operator: Operator, data: OrderedData) -> None:
        self.operator, self.data = operator, data
        self.subsets, self.sensitivity = len(data.views), total_sensitivity(data)

    def step(self, s: int, image: Floats) -> None:
        """One update of expectation maximisation by subset ``s``, in place."""
        em_step(self.operator, self.data, s, image)

    def gradient(self, s: int, image: Floats) -> Floats:
        """A_s' (y_s / q_s - 1)."""
        return subset_gradient(self.operator, self.data, s, image)


def subset_gradient(operator: Operator, data: OrderedData, s: int, image: Floats) -> Floats:
    """A_s' (y_s / q_s - 1)."""
    from hevesy.imaging.reconstruct._kernels.elementwise import divide_for_gradient

    expected = laid_out(operator.forward(image, data.views[s]), data.counts[s])
    ratio = np.empty_like(expected)
    divide_for_gradient(flat(data.counts[s]), flat(expected), flat(data.additive[s]), flat(ratio))
    return laid_out(operator.adjoint(ratio, data.views[s]), image)


def mean_seen(image: Floats, sensitivity: Floats) -> float:
    """Mean of the voxels that are seen; what is a low level in an image goes with it."""
    return float(image[sensitivity > 0].mean(dtype=np.float64))


def preconditioner(image: Floats, sensitivity: Floats, prior: RelativeDifference, subsets: int) -> Floats:
    """D of a pass; 0 where nothing is seen."""
    seen = sensitivity > 0
    level = np.maximum(image, np.float32(LEAST * mean_seen(image, sensitivity)))
    curvature = np.divide(sensitivity, level, out=np.ones_like(sensitivity), where=seen)
    curvature += 2 * prior.curvature(image)
    scale: Floats = np.where(seen, np.float32(subsets) / curvature, np.float32(0))
    return laid_out(scale, image)


def objective(
    operator: Operator,
    image: npt.NDArray[Any],
    counts: npt.NDArray[Any],
    prior: RelativeDifference,
    *,
    additive: npt.NDArray[Any] | None = None,
) -> float:
    """Penalised log likelihood, what :func:`map_estimate` raises."""
    return log_likelihood(operator, image, counts, additive) - prior.value(image)
