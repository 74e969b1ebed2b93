"""The way a penalised image was made, update by update, and how the image that was reached answers to its counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet.listmode_likelihood import Events
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import laid_out
from hevesy.imaging.reconstruct.map import FALL, CountLikelihood, Likelihood, ascend, preconditioner, step_size
from hevesy.imaging.reconstruct.osem import OrderedData
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.scatter import WindowScatter

Floats = npt.NDArray[np.float32]


class Recorded:
    """A likelihood that keeps a copy of each image it is asked about."""

    def __init__(self, likelihood: Likelihood) -> None:
        """Nothing kept yet."""
        self.likelihood, self.images = likelihood, list[Floats]()
        self.subsets, self.sensitivity = likelihood.subsets, likelihood.sensitivity

    def step(self, s: int, image: Floats) -> None:
        """As of the likelihood."""
        self.images.append(image.copy(order="K"))
        self.likelihood.step(s, image)

    def gradient(self, s: int, image: Floats) -> Floats:
        """As of the likelihood."""
        self.images.append(image.copy(order="K"))
        return self.likelihood.gradient(s, image)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PenalisedCourse:
    """What `region_covariance` and `uncertainty_image` ask of an image with a prior that was stopped after some passes.

    With D and alpha as in :func:`hevesy.imaging.reconstruct.map.ascend` and M the voxels that an update left above 0:

        d f' = M [ d f + alpha D A_s'( dy / q - (y / q^2) A_s d f ) - alpha D R''(f) d f / S ]

    and its transpose, run backwards; the first pass is that of expectation maximisation, and a voxel that was left a tenth of
    itself has a tenth of d f.

    Attributes
    ----------
    operator : Operator
    data : OrderedData
    sensitivity : ndarray               A'1 of all data.
    prior : RelativeDifference
    images : tuple of ndarray           Before each update, and the last.
    counted : bool                      Each datum is an event that was counted: the variance of its count is 1, and not what the
                                        image expects of a bin.

    What each update divides by is computed when it is first asked for, and kept.
    Neglected: that D changes with the image, which vanishes at the optimum; terms of higher order in the noise.
    """

    operator: Operator
    data: OrderedData
    sensitivity: Floats
    prior: RelativeDifference
    images: tuple[Floats, ...]
    counted: bool
    _expected: list[Floats] = field(default_factory=list)

    @property
    def image(self) -> Floats:
        """The reconstruction."""
        return self.images[-1]

    @property
    def scatter(self) -> WindowScatter | None:
        """The additive term is without noise."""
        return None

    def variance(self) -> Floats:
        """Of the counts."""
        if self.counted:
            return np.ones(self.operator.out_shape, np.float32)
        found = self.operator.forward(self.image)
        for views, additive in zip(self.data.views, self.data.additive, strict=True):
            found[views] += additive
        return np.asarray(found)

    def gradient(self, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Derivatives of sum_j w_j f_j by the counts and by the additive term."""
        by_counts = np.zeros(self.operator.out_shape, np.float32)
        by_additive = np.zeros(self.operator.out_shape, np.float32)
        sensitivity = laid_out(np.asarray(weights, np.float32), self.image)
        scale: Floats | None = None
        for n in range(len(self.images) - 2, -1, -1):
            s, image, after = n % self._subsets, self.images[n], self.images[n + 1]
            if scale is None or s == self._subsets - 1:
                scale = self._scale(n)
            views, inverse = self.data.views[s], self._inverse(n)
            kept, carried, taken = self._factors(n, scale)
            sensitivity = sensitivity * kept
            through = laid_out(self.operator.forward(sensitivity * taken, views), inverse) * inverse
            by_counts[views] += through
            through *= -self.data.counts[s] * inverse
            by_additive[views] += through
            back = laid_out(self.operator.adjoint(through, views), image)
            if n >= self._subsets:
                back -= self.prior.hessian_product(image, sensitivity * taken) / np.float32(self._subsets)
            sensitivity = sensitivity * carried(after, image) + back
        return by_counts, by_additive

    def response_to(self, change: npt.NDArray[Any]) -> Floats:
        """How the image changes to first order where the counts change by ``change``."""
        moved = np.zeros_like(self.image)
        scale: Floats | None = None
        for n in range(len(self.images) - 1):
            s, image, after = n % self._subsets, self.images[n], self.images[n + 1]
            if scale is None or s == 0:
                scale = self._scale(n)
            views, inverse = self.data.views[s], self._inverse(n)
            kept, carried, taken = self._factors(n, scale)
            dq = laid_out(self.operator.forward(moved, views), inverse)
            ratio = (laid_out(np.asarray(change)[views], inverse) - self.data.counts[s] * inverse * dq) * inverse
            back = laid_out(self.operator.adjoint(ratio, views), image)
            if n >= self._subsets:
                back -= self.prior.hessian_product(image, moved) / np.float32(self._subsets)
            moved = kept * (moved * carried(after, image) + taken * back)
        return moved

    @property
    def _subsets(self) -> int:
        return len(self.data.views)

    def _scale(self, n: int) -> Floats:
        """alpha D of the pass of update ``n``; 1 in the first, which has none."""
        before = n // self._subsets
        if before == 0:
            return np.ones_like(self.image)
        scale = preconditioner(self.images[before * self._subsets], self.sensitivity, self.prior, self._subsets)
        return np.asarray(scale * np.float32(step_size(before, self._subsets)))

    def _factors(self, n: int, scale: Floats) -> tuple[Any, Callable[[Floats, Floats], Any], Floats]:
        """What an update keeps of a change, carries on from before it, and takes of what is projected back."""
        one = np.float32(1)
        if n < self._subsets:
            return one, _growth, self.images[n] * self.data.inverse[n]
        image, after = self.images[n], self.images[n + 1]
        kept = (after > 0).astype(np.float32)
        fallen = (after > 0) & (after == FALL * image)
        if not fallen.any():
            return kept, lambda after, image: one, scale
        return kept, lambda after, image: np.where(fallen, FALL, one), np.where(fallen, np.float32(0), scale)

    def _inverse(self, n: int) -> Floats:
        """1 / q before update ``n``; all of them are kept once the first is asked for."""
        if not self._expected:
            for k in range(len(self.images) - 1):
                s = k % self._subsets
                q = laid_out(self.operator.forward(self.images[k], self.data.views[s]), self.data.counts[s])
                q = np.maximum(q + self.data.additive[s], self.data.least if k < self._subsets else 0)
                self._expected.append(np.divide(1, q, out=np.zeros_like(q), where=q > 0))
        return self._expected[n]


def _growth(after: Floats, image: Floats) -> Floats:
    return np.divide(after, image, out=np.zeros_like(image), where=image > 0)


def penalised_course(
    likelihood: CountLikelihood | Events,
    prior: RelativeDifference,
    image: Floats,
    *,
    iterations: int,
    counted: bool,
    progress: Callable[[float], None] | None = None,
    on_iteration: Callable[[int, Floats], None] | None = None,
) -> PenalisedCourse:
    """The image of :func:`hevesy.imaging.reconstruct.map.ascend`, with every step kept; ``image`` is changed.

    ``likelihood`` has an ``operator`` and ``data``: `CountLikelihood` of bins, or `Events` (then ``counted``).  It takes
    iterations x subsets images of memory, and 4 bytes a datum and pass.
    """
    recorded = Recorded(likelihood)
    ascend(recorded, prior, image, iterations=iterations, progress=progress, on_iteration=on_iteration)
    return PenalisedCourse(
        operator=likelihood.operator, data=likelihood.data, sensitivity=likelihood.sensitivity, prior=prior,
        images=(*recorded.images, image), counted=counted,
    )  # fmt: skip
