"""Reconstruction of a PET bed position from its events one by one, with their time of flight."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_lines import OUTSIDE, efficiency_of, off_axis, random_rates, resolution_of, transmitted
from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_solved import Last, Solved, prior_of
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.app.simulate_pet_events import random_pairs
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.listmode_osem import ListModeSettings, listmode_map, listmode_osem
from hevesy.imaging.pet.randoms import MM_PER_S
from hevesy.imaging.pet.single_scatter import ScatterEstimate, tail_fit
from hevesy.imaging.pet.uncertainty import listmode_course, listmode_map_course
from hevesy.imaging.pet.voxel_sensitivity import voxel_sensitivity

Floats = npt.NDArray[np.float32]

CHUNK = 500_000  # events worked on at once
FIRST = 1_000_000  # events of the first images, which only serve the scatter
SAMPLED = 400_000  # pairs at random for what all lines expect
SEED = 511


class ListData:
    """Events one by one."""

    def __init__(self, bed: Bed, events: ListMode, settings: PetSettings) -> None:
        """Sensitivity, and what attenuation and geometry leave of each event's line."""
        self.bed, self.settings, self.events = bed, settings, events
        if not settings.time_of_flight and events.tof_fwhm > 0:
            self.events = replace(events, offset=np.empty(0, np.float32), tof_fwhm=0.0)
        self.tof, self.counts = self.events.tof_fwhm > 0, len(self.events)
        self.live = bed.duration * bed.header.live_share
        self.gain = bed.detection.pair_efficiency * bed.positrons * bed.seconds
        e = bed.header.crystal_efficiency
        share = voxel_sensitivity(bed.field, bed.rings, mu=bed.mu, crystal_efficiency=e if e.size else None)
        self.sensitivity = share * np.float32(bed.field.voxel_volume * self.gain)
        self.randoms = settings.randoms == "auto" and bed.header.singles.size > 0 and bed.header.coincidence_window > 0
        self.remarks: list[str] = []
        if settings.randoms == "auto" and not self.randoms:
            self.remarks.append("the file holds no singles or no coincidence window: randoms are not corrected.")
        self.lost = self._through()

    def _through(self) -> Floats:
        found = np.empty(self.counts, np.float32)
        for start in range(0, self.counts, CHUNK):
            found[start : start + CHUNK] = transmitted(self.bed, self.events.pairs[start : start + CHUNK])
        return found

    def background(self, events: ListMode, lost: Floats, scatter: ScatterEstimate | None, scale: float) -> Floats | None:
        """Scatter and randoms of each event over its weight: [Bq/ml] with time of flight, [Bq/ml mm] without."""
        if scatter is None and not self.randoms:
            return None
        found = np.zeros(len(events), np.float32)
        window = self.bed.header.coincidence_window * MM_PER_S
        for start in range(0, len(events), CHUNK):
            part = slice(start, start + CHUNK)
            pairs = events.pairs[part]
            offset = events.offset[part] if self.tof else None
            rate = np.zeros(len(pairs))
            if scatter is not None:
                rate += scale * scatter.at(pairs, offset) * efficiency_of(self.bed, pairs)
            if self.randoms:
                rate += random_rates(self.bed, pairs) / (window if self.tof else 1.0)
            weight = self.bed.rings.geometric_weight(pairs) * self.gain * lost[part] * efficiency_of(self.bed, pairs)
            found[part] = rate * self.live / np.maximum(weight, 1e-30)
        return found

    def first(self, scatter: ScatterEstimate | None, scale: float) -> Floats:
        """An image of some of the events, for the scatter."""
        step = max(1, self.counts // FIRST)
        events, lost = self.events.some(np.arange(0, self.counts, step)), self.lost[::step]
        back = self.background(events, lost, scatter, scale)
        return listmode_osem(
            events, self.bed.field, self.sensitivity / np.float32(step),
            settings=ListModeSettings(iterations=2, subsets=4), background=None if back is None else back / np.float32(step),
        )  # fmt: skip

    def tails(self, scatter: ScatterEstimate) -> float:
        """Factor of the scatter from the events whose line misses the body but not the field.  DataError: too few."""
        near = self.bed.field.side * self.bed.field.shape[0] / math.sqrt(2)
        tail = (self.lost > OUTSIDE) & (off_axis(self.bed, self.events.pairs) < near)
        pairs, whole = random_pairs(self.bed.rings, SAMPLED, seed=SEED)
        chosen = pairs[off_axis(self.bed, pairs) < near]
        chosen = chosen[transmitted(self.bed, chosen) > OUTSIDE]
        each = whole / len(pairs) * self.live
        expected = float((scatter.at(chosen) * efficiency_of(self.bed, chosen)).sum()) * each
        randoms = float(random_rates(self.bed, chosen).sum()) * each if self.randoms else 0.0
        one = np.ones(1)
        return tail_fit(one * int(tail.sum()), one * randoms, one * expected, transmission=one, outside=OUTSIDE)

    def image(self, scatter: ScatterEstimate | None, scale: float, *, progress: Callable[[float], None]) -> Solved:
        """The reconstruction of all events."""
        s = self.settings
        asked = ListModeSettings(iterations=s.iterations, subsets=s.subsets, resolution=resolution_of(self.bed, s))
        back = self.background(self.events, self.lost, scatter, scale)
        given = (self.events, self.bed.field, self.sensitivity)
        if s.algorithm == "map":
            last = Last(self.sensitivity)
            prior = prior_of(self.bed, s, self.sensitivity, counts=float(self.counts), tof_fwhm=self.events.tof_fwhm)
            keep: dict[str, Any] = {"settings": asked, "background": back, "progress": progress, "on_iteration": last}
            if not s.uncertainty:
                return Solved(image=listmode_map(*given, prior, **keep), change=last.change)
            way = listmode_map_course(*given, prior, **keep)
            return Solved(image=way.image, answer=way, change=last.change)
        if not s.uncertainty:
            return Solved(image=listmode_osem(*given, settings=asked, background=back, progress=progress))
        course = listmode_course(*given, settings=asked, background=back, progress=progress)
        return Solved(image=course.image, answer=course)

    def expected(self, values: Floats, scatter: ScatterEstimate | None, scale: float) -> dict[str, float]:
        """Counts that the image, scatter and randoms explain."""
        pairs, whole = random_pairs(self.bed.rings, SAMPLED, seed=SEED)
        each = whole / len(pairs) * self.live
        scattered = 0.0
        if scatter is not None:
            scattered = scale * each * float((scatter.at(pairs) * efficiency_of(self.bed, pairs)).sum())
        return {
            "trues": float((values * self.sensitivity).sum(dtype=np.float64)),
            "scatters": scattered,
            "randoms": each * float(random_rates(self.bed, pairs).sum()) if self.randoms else 0.0,
        }
