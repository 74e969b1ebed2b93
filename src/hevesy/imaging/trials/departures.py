"""Where realisations leave the law: spread that does not go with exposure, means that shift at few counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.imaging.trials.law import Exposure

Array = npt.NDArray[np.float64]

LEAST_RATIO, SURE = 1.2, 3.0  # of a level to its law; in standard uncertainties
LEAST_SHIFT = 0.03  # of a mean or a signal, by its value without noise
LOWER, HIGHER = 0.69, 1.45  # of the simulated activities: beyond them an answer is the law's alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Of a mean over realisations against the image without noise.

    ``value`` and ``u`` are relative to the value without noise; ``activity`` [MBq] is that of the level.
    """

    activity: float
    value: float
    u: float

    @property
    def seen(self) -> float:
        """The shift, or 0 where noise explains it."""
        return self.value if abs(self.value) > 2 * self.u else 0.0


def shift(activity: float, values: Array, still: float) -> Shift:
    """Of the mean of ``values`` at one level."""
    return Shift(
        activity=activity, value=float(values.mean()) / still - 1, u=float(values.std(ddof=1)) / math.sqrt(values.size) / still
    )  # fmt: skip


def said_of_shifts(what: str, shifts: Sequence[Shift]) -> tuple[str, ...]:
    """A remark on the greatest shift that is sure and large enough to matter."""
    sure = [s for s in shifts if abs(s.value) > max(LEAST_SHIFT, SURE * s.u)]
    if not sure:
        return ()
    most = max(sure, key=lambda s: abs(s.value))
    return (
        f"{what} at {most.activity:.3g} MBq is {100 * most.value:+.1f} % (u {100 * most.u:.1f} %) off its value without noise: "
        "so few counts shift what OSEM gives.",
    )


def said_of_spread(kind: str, activities: Sequence[float], ratios: Sequence[float], freedoms: Sequence[float]) -> tuple[str, ...]:
    """A remark on the level whose variance lies surely off the law.

    ln(s^2 / law) has a standard uncertainty of sqrt(2 / nu).
    """
    off = [
        (abs(math.log(r)), a, r)
        for a, r, nu in zip(activities, ratios, freedoms, strict=True)
        if abs(math.log(r)) > max(math.log(LEAST_RATIO), SURE * math.sqrt(2 / nu))
    ]
    if not off:
        return ()
    _, activity, ratio = max(off)
    return (
        f"target {kind}: the variance at {activity:.3g} MBq is {ratio:.2g} times that of the law a (1 + r A)/(A T): the answer "
        "is less sure.",
    )


def said_of_reach(kind: str, exposure: Exposure, x: float, at: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    """A remark where the answer lies outside the levels ``at`` (activity, duration)."""
    least, most = min(a for a, _ in at), max(a for a, _ in at)
    found = exposure.activity(x, at[0][1])
    if not math.isfinite(found) or inside(found, least, most):
        return ()
    return (
        f"target {kind}: the answer lies outside the activities that were simulated ({least:.3g} to {most:.3g} MBq), by the law: "
        "take it for a hint.",
    )


def inside(found: float, least: float, most: float) -> bool:
    """Whether an answer is close enough to what was simulated."""
    return LOWER * least <= found <= HIGHER * most
