"""Views of an acquisition as DICOM holds them: by detector and rotation, in equal steps from a start angle."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Projections

SAME_ANGLE = 2e-3  # degrees: what is lost when angles are stored as decimals and summed
SHORTEST = 3  # views: a rotation of fewer is a wandering step
SAME_TIME = 1e-3  # s: frame durations are whole milliseconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """One rotation of one detector.

    Attributes
    ----------
    detector, rotation : int            From 1.
    views : ndarray of int (n,)         Places in the `Projections`, in the order of acquisition.
    start_angle, step : float           [degrees]; the step is positive.
    direction : str                     "CW" (decreasing angle) or "CC".
    """

    detector: int
    rotation: int
    views: npt.NDArray[np.intp]
    start_angle: float
    step: float
    direction: str


def turned(degrees: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Angles brought to (-180, 180]."""
    return -((-np.asarray(degrees, dtype=np.float64) + 180.0) % 360.0 - 180.0)


def sweeps(projections: Projections) -> tuple[Sweep, ...]:
    """The views by detector and rotation.

    Views that start together are those of several detectors, in the order in which they stand; a rotation ends where the
    step of the angle changes.

    Raises
    ------
    InputError
        The detectors do not step together, or a step is zero.
    """
    starts = np.round(projections.starts / SAME_TIME).astype(np.int64)
    order = np.lexsort((np.arange(starts.size), starts))
    rank = np.zeros(starts.size, dtype=np.intp)
    for before, at in zip(order, order[1:], strict=False):
        rank[at] = rank[before] + 1 if starts[at] == starts[before] else 0
    heads = [order[rank[order] == n] for n in range(int(rank.max()) + 1)]
    if len({head.size for head in heads}) != 1:
        raise InputError(
            f"of {starts.size} views {', '.join(str(head.size) for head in heads)} belong to detectors 1, 2, ...; every detector "
            "must have a view at every start. Correct the starts."
        )
    made: list[Sweep] = []
    for n, head in enumerate(heads):
        for r, part in enumerate(_rotations(projections.angles[head])):
            made.append(_sweep(projections.angles, head[part], n + 1, r + 1))
    if max(s.rotation for s in made) > 1 and min(s.views.size for s in made) < SHORTEST:
        raise InputError("steps of the angle are unequal; DICOM holds one step a rotation. Give views in equal steps.")
    if len({(s.rotation, s.views.size, round(s.step, 3), s.direction) for s in made}) != max(s.rotation for s in made):
        raise InputError("the detectors do not step together; DICOM holds one step and one direction a rotation.")
    return tuple(made)


def _rotations(angles: npt.NDArray[np.float64]) -> list[slice]:
    steps = turned(np.diff(angles))
    parts, begin = [], 0
    for k in range(1, angles.size):
        if k - begin >= 2 and abs(turned(steps[k - 1] - steps[begin])) > SAME_ANGLE:
            parts.append(slice(begin, k))
            begin = k
    return [*parts, slice(begin, angles.size)]


def _sweep(angles: npt.NDArray[np.float64], views: npt.NDArray[np.intp], detector: int, rotation: int) -> Sweep:
    mine = angles[views]
    if mine.size == 1:
        return Sweep(detector=detector, rotation=rotation, views=views, start_angle=float(mine[0]), step=360.0, direction="CC")
    total = float(np.sum(turned(np.diff(mine))))
    step = total / (mine.size - 1)
    if abs(step) < 10 * SAME_ANGLE:
        raise InputError(f"detector {detector}: its views do not turn; a tomographic acquisition needs a step of the angle.")
    wander = turned(mine - mine[0] - step * np.arange(mine.size))
    if float(np.max(np.abs(wander))) > SAME_ANGLE:
        raise InputError(f"detector {detector}: steps of its angle are unequal; DICOM holds one step a rotation.")
    return Sweep(
        detector=detector,
        rotation=rotation,
        views=views,
        start_angle=float(mine[0] % 360.0),
        step=abs(step),
        direction="CC" if step > 0 else "CW",
    )
