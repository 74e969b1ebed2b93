"""How far the noise of the counts moves an image: regions exactly to first order, voxels on a sample of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import laid_out
from hevesy.imaging.reconstruct.osem import UNSEEN, OrderedData, em_step, first_image, ordered
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]
# Power of the image with which its variance grows from voxel to voxel.
GROWTH = 1.5

Progress = Callable[[float], None]


class Answer(Protocol):
    """How an image answers to its counts, to first order: a :class:`Course` of OSEM, or an optimum with a prior."""

    @property
    def image(self) -> Floats:
        """The reconstruction."""
        ...

    @property
    def scatter(self) -> WindowScatter | None:
        """Where the additive term came from; None: it is without noise."""
        ...

    def variance(self) -> Floats:
        """Of the counts, of the projections' shape."""
        ...

    def gradient(self, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Derivatives of sum_j w_j f_j by the counts and by the additive term."""
        ...

    def response_to(self, change: npt.NDArray[Any]) -> Floats:
        """Change of the image where the counts change by ``change``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """The way an OSEM image was made: what its derivatives need.

    Attributes
    ----------
    operator : Operator
    data : OrderedData
    images : tuple of ndarray           Before each update, and the last.
    expected : tuple of ndarray         Counts q expected before each update, by subset.
    scatter : WindowScatter or None     Where the additive term came from; None: it is without noise.
    """

    operator: Operator
    data: OrderedData
    images: tuple[Floats, ...]
    expected: tuple[Floats, ...]
    scatter: WindowScatter | None

    @property
    def image(self) -> Floats:
        """The reconstruction."""
        return self.images[-1]

    def variance(self) -> Floats:
        """Of the counts: those that the image expects."""
        return expected_counts(self)

    def gradient(self, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """As the function of this name."""
        return gradient(self, weights)

    def response_to(self, change: npt.NDArray[Any]) -> Floats:
        """As the function of this name."""
        return response_to(self, change)


def osem_course(
    operator: Operator,
    counts: npt.NDArray[Any],
    *,
    additive: npt.NDArray[Any] | None = None,
    scatter: WindowScatter | None = None,
    iterations: int,
    subsets: int,
    progress: Progress | None = None,
) -> Course:
    """The image of :func:`hevesy.imaging.reconstruct.osem.osem`, with every step kept.

    It takes iterations x subsets images of memory: 0.4 GB for 50 updates of 128^3 voxels.
    """
    data = ordered(operator, counts, additive=additive, subsets=subsets)
    image = first_image(data, None)
    images, expected = [image.copy(order="K")], []
    for n in range(iterations * len(data.views)):
        q, _ = em_step(operator, data, n % len(data.views), image)
        images.append(image.copy(order="K"))
        expected.append(q)
        if progress is not None:
            progress((n + 1) / (iterations * len(data.views)))
    return Course(operator=operator, data=data, images=tuple(images), expected=tuple(expected), scatter=scatter)


def region_covariance(
    answer: Answer, weights: Sequence[npt.NDArray[Any]], *, progress: Progress | None = None
) -> npt.NDArray[np.float64]:
    """Covariance of region means (or any weighted sums of voxels) from the Poisson noise of the counts.

        cov = G diag(q) G',   G_k = d m_k / d y,   m_k = sum_j w_kj f_j / sum_j w_kj

    G is the derivative of the image that was made, after its number of updates and with its subsets, not of the limit:
    the recursion of Barrett, Wilson and Tsui (Phys. Med. Biol. 39 (1994) 833) without its averaging over the noise, run
    backwards once a region (reverse accumulation).  The variance of a bin is the count expected from the image.  With
    windows beside the peak, the noise of the scatter estimate is part of it.

    Parameters
    ----------
    answer : Course or another Answer
    weights : sequence of arrays, each of the image's shape     Masks, or shares of voxels.

    Returns
    -------
    array, shape (regions, regions)     [(Bq/ml)^2].

    Neglected: terms of higher order in the noise (they matter where single voxels are counted in a few events), errors of
    the attenuation map, sensitivity and response, which belong to the budget of the quantity that follows.
    """
    if not weights:
        raise InputError("no region was given; at least one mask or array of weights is needed.")
    for n, w in enumerate(weights):
        if w.shape != answer.image.shape or not np.sum(w) > 0:
            raise InputError(
                f"region {n} has shape {w.shape} and weight {np.sum(w)}; allowed is {answer.image.shape}, not empty."
            )
    means = [np.asarray(w, np.float32) / np.float32(np.sum(w, dtype=np.float64)) for w in weights]
    return covariance_of_sums(answer, means, progress=progress)


def covariance_of_sums(
    answer: Answer, weights: Sequence[npt.NDArray[Any]], *, progress: Progress | None = None
) -> npt.NDArray[np.float64]:
    """Covariance of sum_j w_kj f_j, weights of any sign and sum, shape (sums, sums); see :func:`region_covariance`."""
    by_counts, by_additive = [], []
    for n, w in enumerate(weights):
        y, r = answer.gradient(w)
        by_counts.append(y)
        by_additive.append(r)
        if progress is not None:
            progress((n + 1) / len(weights))
    variance = answer.variance()
    found = np.zeros((len(weights), len(weights)))
    for i, a in enumerate(by_counts):
        scaled = a * variance
        for j, b in enumerate(by_counts[: i + 1]):
            found[i, j] = found[j, i] = np.sum(scaled * b, dtype=np.float64)
    return found if answer.scatter is None else found + answer.scatter.covariance(by_additive)


def gradient(course: Course, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    """Derivatives of sum_j w_j f_j by the counts and by the additive term, each of the projections' shape.

    Backwards through  f' = f b / s,  b = A'(y / q),  q = A f + r:

        c = l f / s;  d/dy += A c / q;  d/dq = -A c y / q^2;  l <- l f' / f + A' d/dq
    """
    by_counts = np.zeros(course.operator.out_shape, np.float32)
    by_additive = np.zeros(course.operator.out_shape, np.float32)
    sensitivity = laid_out(weights, course.image)
    for n in range(len(course.expected) - 1, -1, -1):
        s = n % len(course.data.views)
        views, image, q, y = course.data.views[s], course.images[n], course.expected[n], course.data.counts[s]
        through = laid_out(course.operator.forward(sensitivity * image * course.data.inverse[s], views), q)
        through = np.divide(through, q, out=np.zeros_like(q), where=q > 0)
        by_counts[views] += through
        through *= -np.divide(y, q, out=np.zeros_like(q), where=q > 0)
        by_additive[views] += through
        growth = np.divide(course.images[n + 1], image, out=np.zeros_like(image), where=image > 0)
        sensitivity = sensitivity * growth + laid_out(course.operator.adjoint(through, views), image)
    return by_counts, by_additive


def response_to(course: Course, change: npt.NDArray[Any]) -> Floats:
    """How the image changes to first order where the counts change by ``change``; the transpose of :func:`gradient`."""
    moved = np.zeros_like(course.image)
    for n in range(len(course.expected)):
        s = n % len(course.data.views)
        views, image, q, y = course.data.views[s], course.images[n], course.expected[n], course.data.counts[s]
        dq = laid_out(course.operator.forward(moved, views), q)
        ratio = laid_out(np.asarray(change)[views], q) - np.divide(y, q, out=np.zeros_like(q), where=q > 0) * dq
        back = laid_out(course.operator.adjoint(np.divide(ratio, q, out=np.zeros_like(q), where=q > 0), views), image)
        growth = np.divide(course.images[n + 1], image, out=np.zeros_like(image), where=image > 0)
        moved = moved * growth + image * course.data.inverse[s] * back
    return moved


def expected_counts(course: Course) -> Floats:
    """Counts expected from the image, the additive term included."""
    found = np.zeros(course.operator.out_shape, np.float32)
    forward = course.operator.forward(course.image)
    for views, additive in zip(course.data.views, course.data.additive, strict=True):
        found[views] = forward[views] + additive
    return found


def uncertainty_image(
    answer: Answer,
    *,
    seed: int,
    combs: int = 4,
    spacing: int = 8,
    sensitivity: npt.NDArray[Any] | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Standard uncertainty of each voxel from the noise of the counts [Bq/ml].

    A comb is a set of voxels ``spacing`` apart with random signs e.  One pass back and one forth give Cov e, and

        u_k^2 = e_k (Cov e)_k + noise of the covariances with voxels ``spacing`` and more away

    exact to first order at the comb's voxels but for that last term, which has mean zero.  Between them u^2 = c f^1.5 with

        c = G * (e_k (Cov e)_k) / G * f_k^1.5           sums over the teeth nearby, weighted by a Gaussian G

    The ratio of the sums and not the mean of ratios, which dim voxels beside a bright body would rule.  The noise of OSEM
    goes with the image in the first iterations (u^2 with f^2, Barrett, Wilson and Tsui) and depends on it less and less
    after; of 1, 1.5 and 2, 1.5 held best against repeated noise of OSEM and of three strengths of a prior in one phantom.

    Parameters
    ----------
    seed : int                          Of signs and places.
    combs : int                         Passes; each takes about twice the time of the reconstruction.
    spacing : int                       Voxels between the teeth of a comb; several times the resolution.
    sensitivity : array or None         s of each voxel where it falls off steeply, as towards the ends of a PET scanner: between
                                        the teeth u^2 = c f^1.5 / s, since noise goes with the counts.

    Neglected: what :func:`region_covariance` neglects, and the noise of the scatter estimate.
    """
    from scipy.ndimage import gaussian_filter

    image, variance = answer.image, answer.variance()
    held = image > 1e-3 * float(image.max())
    above, below = np.zeros(image.shape, np.float32), np.zeros(image.shape, np.float32)
    model = image**GROWTH
    if sensitivity is not None:
        s = laid_out(np.asarray(sensitivity, np.float32), image)
        model = np.divide(model * s.max(), s, out=np.zeros_like(model), where=s > UNSEEN * s.max())
    for n in range(combs):
        rng = stream(seed, n)
        teeth = np.zeros(image.shape, np.float32)
        cut = tuple(slice(int(start), None, spacing) for start in rng.integers(0, spacing, 3))
        teeth[cut] = rng.choice(np.array([-1, 1], np.float32), teeth[cut].shape)
        teeth[~held] = 0
        by_counts, _ = answer.gradient(teeth)
        covariance = answer.response_to(by_counts * variance)
        at = teeth != 0
        above[at] += covariance[at] * teeth[at]
        below[at] += model[at]
        if progress is not None:
            progress((n + 1) / combs)
    width = 0.6 * spacing / max(combs, 1) ** (1 / 3)
    smooth, weight = gaussian_filter(above, width), gaussian_filter(below, width)
    relative = np.divide(smooth, weight, out=np.zeros_like(smooth), where=weight > 1e-6 * weight.max())
    uncertainty: Floats = np.sqrt(np.maximum(relative, 0) * model)
    return uncertainty
