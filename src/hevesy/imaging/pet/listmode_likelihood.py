"""Events as the data of ordered subsets: their lines, neighbours after each other, and the steps of an ascent by them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.lines import LineModel, neighbours_first
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.resolution import ResolutionModel
from hevesy.imaging.reconstruct.osem import OrderedData, em_step

Floats = npt.NDArray[np.float32]

# A voxel seen less than this share of the best seen one holds nothing.
UNSEEN = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """Events in subsets, each a bin of its own that was counted once.

    Attributes
    ----------
    operator : LineModel        a_i, one line an event, subset after subset.
    data : OrderedData          Which of them make a subset; background b; the share K / s of the sensitivity of all lines.
    sensitivity : array, shape (z, y, x)    s behind the resolution, 0 where next to nothing is seen.
    """

    operator: LineModel
    data: OrderedData
    sensitivity: Floats

    @property
    def subsets(self) -> int:
        """K."""
        return len(self.data.views)

    def step(self, s: int, image: Floats) -> None:
        """f <- f / (s / K)  sum_{i in k}  a_i / (a_i f + b_i), in place."""
        em_step(self.operator, self.data, s, image)

    def gradient(self, s: int, image: Floats) -> Floats:
        """sum_{i in k}  a_i / (a_i f + b_i)  -  s / K."""
        views, additive = self.data.views[s], self.data.additive[s]
        expected = self.operator.forward(image, views) + additive
        ratio = np.divide(1, expected, out=np.zeros_like(expected), where=expected > 0)
        slope = self.operator.adjoint(ratio, views) - self.sensitivity / np.float32(self.subsets)
        return np.where(self.sensitivity > 0, slope, np.float32(0))

    def value(self, image: Floats) -> float:
        """Log likelihood  sum_i ln(a_i f + b_i) - sum_j s_j f_j; -inf if an event cannot be."""
        total = -float(np.sum(self.sensitivity * image, dtype=np.float64))
        for views, additive in zip(self.data.views, self.data.additive, strict=True):
            expected = (self.operator.forward(image, views) + additive).astype(np.float64)
            total += float(np.log(expected).sum()) if np.all(expected > 0) else float("-inf")
        return total

    def even_image(self) -> Floats:
        """An even image with the counts' total, less the background's share; 0 where nothing is seen."""
        level = self.level()
        return np.where(self.sensitivity > 0, np.float32(level), np.float32(0))

    def level(self) -> float:
        """Activity that accounts for all events, were it even [Bq/ml]."""
        return len(self.operator.lines) / float(self.sensitivity.sum(dtype=np.float64))


def events_in_subsets(
    events: ListMode,
    field: Field,
    sensitivity: npt.NDArray[Any],
    *,
    subsets: int,
    resolution: tuple[float, float] = (0.0, 0.0),
    background: npt.NDArray[Any] | None = None,
) -> Events:
    """Every n-th event makes a subset; arguments as for :func:`hevesy.imaging.pet.listmode_osem.listmode_osem`."""
    if not len(events):
        raise InputError("there are no events to reconstruct. Check the file and the energy window.")
    if subsets > len(events):
        raise InputError(f"{subsets} subsets of {len(events)} events; at most one an event is possible. Choose fewer subsets.")
    if background is not None and background.shape != (len(events),):
        raise InputError(f"background has shape {background.shape} for {len(events)} events; one an event is needed.")
    if background is not None and not (np.all(np.isfinite(background)) and np.min(background) >= 0):
        raise InputError("the background of an event is not finite or below 0. Check scatter, randoms and attenuation.")
    given = checked(field, np.transpose(sensitivity), "the sensitivity")
    if not np.all(np.isfinite(given)) or float(given.max()) <= 0 or float(given.min()) < 0:
        raise InputError("the sensitivity must be finite, not negative, and above 0 somewhere. Check attenuation and crystals.")
    s = ResolutionModel(field=field, transaxial=resolution[0], axial=resolution[1]).blur(given)
    s = np.where(s > UNSEEN * s.max(), s, np.float32(0))
    order = np.concatenate([_ordered(events, k, subsets) for k in range(subsets)])
    sizes = [len(range(k, len(events), subsets)) for k in range(subsets)]
    cuts = np.concatenate([[0], np.cumsum(sizes)])
    views = tuple(np.arange(cuts[k], cuts[k + 1], dtype=np.intp) for k in range(subsets))
    b = np.zeros(len(events), np.float32) if background is None else np.asarray(background, np.float32)[order]
    share = np.divide(subsets, s, out=np.zeros_like(s), where=s > 0).T
    data = OrderedData(
        views=views, counts=tuple(np.ones(n, np.float32) for n in sizes), additive=tuple(b[v] for v in views),
        inverse=(share,) * subsets, least=0.0,
    )  # fmt: skip
    operator = LineModel(field, events.lines().some(order), resolution=resolution)
    return Events(operator=operator, data=data, sensitivity=s.T)


def _ordered(events: ListMode, k: int, subsets: int) -> npt.NDArray[np.intp]:
    chosen = np.arange(k, len(events), subsets, dtype=np.intp)
    return np.asarray(chosen[neighbours_first(events.some(chosen).lines())], dtype=np.intp)
