"""How an image from a list of events answers to the noise of the events, without and with a prior."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.lines import LineModel
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.listmode_likelihood import Events, events_in_subsets
from hevesy.imaging.pet.listmode_osem import ListModeSettings, first_image
from hevesy.imaging.pet.penalised_course import PenalisedCourse, penalised_course
from hevesy.imaging.reconstruct.optimum import Optimum, optimum_at
from hevesy.imaging.reconstruct.osem import em_step
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.imaging.reconstruct.uncertainty import Course

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListModeCourse:
    """The way an OSEM image was made from events; `region_covariance` and `uncertainty_image` take it as they take a Course.

        var m = sum_i (d m / d y_i)^2

    The events are a Poisson process: the sum of g(i)^2 over those that came estimates without bias the integral of g^2 over
    all that might have come, so that no bins and no expected counts are needed (Barrett, White and Parra, J Opt Soc Am A
    1997;14:2914, the list-mode likelihood; Campbell's theorem for the variance).

    Attributes
    ----------
    course : Course             Each event a bin that was counted once.
    """

    course: Course

    @property
    def image(self) -> Floats:
        """The reconstruction."""
        return self.course.image

    @property
    def scatter(self) -> WindowScatter | None:
        """The background is without noise."""
        return None

    def variance(self) -> Floats:
        """Of each event's count: 1."""
        return np.ones(self.course.operator.out_shape, np.float32)

    def gradient(self, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Derivatives of sum_j w_j f_j by the count of each event and by its background."""
        return self.course.gradient(weights)

    def response_to(self, change: npt.NDArray[Any]) -> Floats:
        """Change of the image where the events' counts change by ``change``."""
        return self.course.response_to(change)


def listmode_course(
    events: ListMode,
    field: Field,
    sensitivity: npt.NDArray[Any],
    *,
    settings: ListModeSettings,
    background: npt.NDArray[Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> ListModeCourse:
    """The image of :func:`hevesy.imaging.pet.listmode_osem.listmode_osem`, with every step kept.

    It takes iterations x subsets images of memory, and 4 bytes an event and iteration.
    """
    listed = _listed(events, field, sensitivity, settings, background)
    image = first_image(listed, field, None)
    images, expected = [image.copy(order="K")], []
    steps = settings.iterations * settings.subsets
    for n in range(steps):
        q, _ = em_step(listed.operator, listed.data, n % settings.subsets, image)
        images.append(image.copy(order="K"))
        expected.append(q)
        if progress is not None:
            progress((n + 1) / steps)
    made = Course(operator=listed.operator, data=listed.data, images=tuple(images), expected=tuple(expected), scatter=None)
    return ListModeCourse(course=made)


def listmode_map_course(
    events: ListMode,
    field: Field,
    sensitivity: npt.NDArray[Any],
    prior: RelativeDifference,
    *,
    settings: ListModeSettings,
    background: npt.NDArray[Any] | None = None,
    progress: Callable[[float], None] | None = None,
    on_iteration: Callable[[int, Floats], None] | None = None,
) -> PenalisedCourse:
    """The image of :func:`hevesy.imaging.pet.listmode_osem.listmode_map`, with every step kept."""
    listed = _listed(events, field, sensitivity, settings, background)
    return penalised_course(
        listed, prior, first_image(listed, field, None), iterations=settings.iterations, counted=True, progress=progress,
        on_iteration=on_iteration,
    )  # fmt: skip


def listmode_optimum(
    events: ListMode,
    field: Field,
    sensitivity: npt.NDArray[Any],
    prior: RelativeDifference,
    image: npt.NDArray[Any],
    *,
    settings: ListModeSettings,
    background: npt.NDArray[Any] | None = None,
) -> Optimum:
    """How the ``image`` of :func:`hevesy.imaging.pet.listmode_osem.listmode_map` answers to its events, at the optimum.

        cov = K H K,   K = [H + R'']^-1,   H = sum_i a_i a_i' / q_i^2,   q_i = a_i f + b_i

    It is that of counts in bins for lines that are divided by q_i: each is then expected, and counted, once.
    """
    listed = _listed(events, field, sensitivity, settings, background)
    b = np.concatenate(listed.data.additive)
    expected = listed.operator.forward(image) + b
    share = np.divide(1, expected, out=np.zeros_like(expected), where=expected > 0)
    scaled = LineModel(field, listed.operator.lines, factor=share, resolution=settings.resolution)
    return optimum_at(scaled, image, prior, additive=b * share)


def _listed(events: ListMode, field: Field, sensitivity: npt.NDArray[Any], settings: ListModeSettings, background: Any) -> Events:
    return events_in_subsets(
        events, field, sensitivity, subsets=settings.subsets, resolution=settings.resolution, background=background
    )  # fmt: skip
