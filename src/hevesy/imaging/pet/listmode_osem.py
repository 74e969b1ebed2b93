"""Ordered-subsets reconstruction from the list of events, without and with a prior."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.listmode_likelihood import Events, events_in_subsets
from hevesy.imaging.reconstruct.map import ascend
from hevesy.imaging.reconstruct.prior import RelativeDifference

Floats = npt.NDArray[np.float32]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListModeSettings:
    """How to reconstruct.

    Attributes
    ----------
    iterations, subsets : int           Passes over the events, and parts of a pass (every n-th event).
    resolution : (transaxial, axial)    FWHM of the resolution model [mm]; 0 for none.
    """

    iterations: int = 3
    subsets: int = 8
    resolution: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.iterations < 1 or self.subsets < 1:
            raise InputError(f"got {self.iterations} iterations of {self.subsets} subsets; at least 1 of each is needed.")


def listmode_osem(
    events: ListMode,
    field: Field,
    sensitivity: npt.NDArray[Any],
    *,
    settings: ListModeSettings | None = None,
    background: npt.NDArray[Any] | None = None,
    start: npt.NDArray[Any] | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Activity concentration from the events themselves, with their time of flight.

        f <- f / (s / K)  sum_{i in k}  a_i / (a_i f + b_i),       s = sum over all lines of w a

    Parameters
    ----------
    sensitivity : array, shape (z, y, x)    Expected counts of 1 Bq/ml in each voxel, s: `voxel_sensitivity` times voxel volume
                                            [ml], duration, pair efficiency, positron yield, decay factor.
    background : array, shape (n,)          b, expected scatter and randoms of an event over its weight w (attenuation,
                                            normalisation, geometry): [Bq/ml] with time of flight, [Bq/ml mm] without.
    start : array, shape (z, y, x)          Positive first image [Bq/ml]; even by default.

    Returns
    -------
    array, shape (z, y, x)                  [Bq/ml].

    Parra and Barrett, IEEE Trans Med Imaging 1998;17:228 (list-mode likelihood); the weights w cancel but in s and b.
    """
    settings = settings or ListModeSettings()
    listed = _listed(events, field, sensitivity, settings, background)
    image = first_image(listed, field, start)
    steps = settings.iterations * settings.subsets
    for n in range(steps):
        listed.step(n % settings.subsets, image)
        if progress is not None:
            progress((n + 1) / steps)
    return image


def listmode_map(
    events: ListMode,
    field: Field,
    sensitivity: npt.NDArray[Any],
    prior: RelativeDifference,
    *,
    settings: ListModeSettings,
    background: npt.NDArray[Any] | None = None,
    start: npt.NDArray[Any] | None = None,
    progress: Progress | None = None,
    on_iteration: Callable[[int, Floats], None] | None = None,
) -> Floats:
    """The image of greatest penalised likelihood of the events:  argmax_{f >= 0}  sum_i ln(a_i f + b_i) - s f - R(f).

    Arguments as for :func:`listmode_osem`; the ascent is :func:`hevesy.imaging.reconstruct.map.ascend`, whose first pass is
    OSEM without prior.  `pet_prior` makes a prior whose strength means the same for all scanners and counts.
    """
    listed = _listed(events, field, sensitivity, settings, background)
    image = first_image(listed, field, start)
    return ascend(listed, prior, image, iterations=settings.iterations, progress=progress, on_iteration=on_iteration)


def _listed(events: ListMode, field: Field, sensitivity: npt.NDArray[Any], settings: ListModeSettings, background: Any) -> Events:
    return events_in_subsets(
        events, field, sensitivity, subsets=settings.subsets, resolution=settings.resolution, background=background
    )  # fmt: skip


def first_image(listed: Events, field: Field, start: npt.NDArray[Any] | None) -> Floats:
    """``start`` where the scanner sees something, or an even image; in the memory order [x, y, z]."""
    if start is None:
        return listed.even_image()
    given = np.maximum(checked(field, np.transpose(start), "the first image"), 0).T
    return np.where(listed.sensitivity > 0, given, np.float32(0))
