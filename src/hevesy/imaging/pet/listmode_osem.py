"""Ordered-subsets reconstruction from the list of events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.lines import integrals, neighbours_first, spread_back
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.resolution import ResolutionModel

Floats = npt.NDArray[np.float32]


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
    progress: Callable[[float], None] | None = None,
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
    if not len(events):
        raise InputError("there are no events to reconstruct. Check the file and the energy window.")
    if background is not None and background.shape != (len(events),):
        raise InputError(f"background has shape {background.shape} for {len(events)} events; one an event is needed.")
    blur = ResolutionModel(field=field, transaxial=settings.resolution[0], axial=settings.resolution[1])
    s = blur.blur(checked(field, np.transpose(sensitivity), "the sensitivity"))
    seen = s > 1e-4 * s.max()
    reciprocal = np.where(seen, settings.subsets / np.where(seen, s, 1), 0).astype(np.float32)
    image = np.where(seen, np.float32(len(events) / s[seen].sum()), np.float32(0))
    if start is not None:
        image = np.maximum(checked(field, np.transpose(start), "the first image"), 0) * seen
    groups = _groups(events, settings.subsets)
    steps = settings.iterations * settings.subsets
    for n in range(steps):
        lines, chosen = groups[n % settings.subsets]
        expected = integrals(field, blur.blur(image), lines)
        if background is not None:
            expected = expected + background[chosen]
        ratio = np.where(expected > 0, 1 / np.where(expected > 0, expected, 1), 0)
        image = image * reciprocal * blur.blur(spread_back(field, ratio, lines))
        if progress is not None:
            progress((n + 1) / steps)
    return np.asarray(image.T)


def _groups(events: ListMode, subsets: int) -> list[tuple[Any, npt.NDArray[np.intp]]]:
    """Lines and indices of each subset, neighbours in the image after each other."""
    found = []
    for k in range(subsets):
        chosen = np.arange(k, len(events), subsets)
        lines = events.some(chosen).lines()
        order = neighbours_first(lines)
        found.append((lines.some(order), chosen[order]))
    return found
