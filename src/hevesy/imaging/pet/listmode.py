"""List mode: one row a coincidence."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.lines import LineSet
from hevesy.imaging.pet.rings import Rings
from hevesy.model.arrays import handed_over

Floats = npt.NDArray[np.float32]


def _empty() -> Any:
    return np.empty(0, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListMode:
    """Coincidences of one acquisition.

    Attributes
    ----------
    rings : Rings
    pairs : array, shape (n, 2)     Numbers of the crystals.
    offset : array, shape (n,)      Annihilation from the middle of the line towards the second crystal, by time of flight
                                    [mm]; of length 0 without.
    tof_fwhm : float                [ps]; 0 without time of flight.
    duration : float                [s].
    time : array, shape (n,) or 0   After the start [s], where it is kept.
    kind : array, shape (n,) or 0   Of simulated events: number of scatters, -1 for a random.
    """

    rings: Rings
    pairs: npt.NDArray[np.int32]
    offset: Floats
    tof_fwhm: float
    duration: float
    time: Floats = field(default_factory=_empty)
    kind: npt.NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))

    def __post_init__(self) -> None:
        pairs = np.array(self.pairs, dtype=np.int32).reshape(-1, 2)
        if pairs.size and not (pairs.min() >= 0 and pairs.max() < self.rings.crystals):
            raise InputError(
                f"crystals {pairs.min()} to {pairs.max()} in the events; the scanner has 0 to {self.rings.crystals - 1}."
            )
        if np.any(pairs[:, 0] == pairs[:, 1]):
            raise InputError(f"{int(np.sum(pairs[:, 0] == pairs[:, 1]))} events name one crystal twice; a pair of two is needed.")
        if not (np.isfinite(self.duration) and self.duration > 0):
            raise InputError(f"the acquisition lasts {self.duration} s; a time above 0 is needed.")
        for name, kept in (("offset", self.offset), ("time", self.time), ("kind", self.kind)):
            if kept.shape not in ((0,), (len(pairs),)):
                raise InputError(f"{kept.shape} values of {name} for {len(pairs)} events; one an event or none is needed.")
            if not np.isfinite(kept).all():
                raise InputError(f"{name} of {int(np.sum(~np.isfinite(kept)))} events is not finite. Leave these events out.")
        if (self.tof_fwhm > 0) != (self.offset.size > 0) and len(pairs):
            raise InputError(f"time of flight of {self.tof_fwhm} ps with {self.offset.size} offsets; give both or neither.")
        object.__setattr__(self, "pairs", handed_over(pairs))
        object.__setattr__(self, "offset", handed_over(np.array(self.offset, dtype=np.float32)))
        object.__setattr__(self, "time", handed_over(np.array(self.time, dtype=np.float32)))
        object.__setattr__(self, "kind", handed_over(np.array(self.kind, dtype=np.int8)))

    def __len__(self) -> int:
        return len(self.pairs)

    def lines(self) -> LineSet:
        """The line of each event."""
        return LineSet(ends=self.rings.ends(self.pairs), offset=self.offset, tof_fwhm=self.tof_fwhm)

    def some(self, chosen: npt.NDArray[Any]) -> "ListMode":
        """The events with these indices or this mask."""
        return ListMode(
            rings=self.rings,
            pairs=self.pairs[chosen],
            offset=self.offset[chosen] if self.offset.size else self.offset,
            tof_fwhm=self.tof_fwhm,
            duration=self.duration,
            time=self.time[chosen] if self.time.size else self.time,
            kind=self.kind[chosen] if self.kind.size else self.kind,
        )
