"""Reconstruction of a PET bed position from sinograms without time of flight."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_lines import OUTSIDE, efficiency_of, random_rates, resolution_of, transmitted
from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_solved import Last, Solved, prior_of
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.imaging.pet.penalised_course import penalised_course
from hevesy.imaging.pet.rings import SinogramLayout
from hevesy.imaging.pet.single_scatter import ScatterEstimate, tail_fit
from hevesy.imaging.pet.sinogram import SinogramModel
from hevesy.imaging.reconstruct.map import CountLikelihood, map_estimate
from hevesy.imaging.reconstruct.osem import first_image, ordered, osem
from hevesy.imaging.reconstruct.uncertainty import osem_course

Floats = npt.NDArray[np.float32]


class SinogramData:
    """Bins of a sinogram."""

    tof = False

    def __init__(self, bed: Bed, layout: SinogramLayout, arrays: dict[str, Floats], settings: PetSettings) -> None:
        """The model of all bins, and their randoms."""
        self.bed, self.settings, self.layout = bed, settings, layout
        self.prompts = arrays["prompts"]
        self.counts = int(self.prompts.sum(dtype=np.float64))
        self.live = bed.duration * bed.header.live_share
        self.gain = bed.detection.pair_efficiency * bed.positrons * bed.seconds
        self.normalisation = arrays.get("normalisation")
        self.remarks: list[str] = []
        self.randoms = self._randoms(arrays)
        self.model = self._model(resolution_of(bed, settings))

    def _model(self, resolution: tuple[float, float]) -> SinogramModel:
        return SinogramModel(
            self.bed.field, self.layout, mu=self.bed.mu, normalisation=self.normalisation, gain=self.gain, resolution=resolution
        )

    def _randoms(self, arrays: dict[str, Any]) -> Floats:
        header = self.bed.header
        if self.settings.randoms == "none":
            return np.zeros(self.layout.shape, np.float32)
        if "randoms" in arrays:
            return np.asarray(arrays["randoms"], np.float32)
        if header.singles.size and header.coincidence_window > 0:
            return self._each(lambda pairs: random_rates(self.bed, pairs) * self.live)
        self.remarks.append("the file holds neither randoms nor singles: randoms are not corrected.")
        return np.zeros(self.layout.shape, np.float32)

    def _each(self, of: Callable[[npt.NDArray[Any]], Any]) -> Floats:
        """A number of each bin, view by view."""
        found = np.empty(self.layout.shape, np.float32)
        for view in range(self.layout.shape[0]):
            pairs = self.layout.pairs(np.array([view])).reshape(-1, 2)
            found[view] = np.asarray(of(pairs)).reshape(self.layout.shape[1:])
        return found

    def _scatter(self, scatter: ScatterEstimate, scale: float) -> Floats:
        return self._each(lambda pairs: scale * self.live * scatter.at(pairs) * efficiency_of(self.bed, pairs))

    def _background(self, scatter: ScatterEstimate | None, scale: float) -> Floats:
        return self.randoms if scatter is None else self.randoms + self._scatter(scatter, scale)

    @cached_property
    def sensitivity(self) -> Floats:
        """Expected counts of 1 Bq/ml in each voxel."""
        return self.model.adjoint(np.ones(self.model.out_shape, np.float32))

    def first(self, scatter: ScatterEstimate | None, scale: float) -> Floats:
        """An image for the scatter."""
        return osem(
            self.model, self.prompts, additive=self._background(scatter, scale), iterations=1, subsets=self.settings.subsets
        )

    def tails(self, scatter: ScatterEstimate) -> float:
        """Factor of the scatter from the bins beside the body.  DataError: they hold too little."""
        simulated = self._scatter(scatter, 1.0)
        through = self._each(lambda pairs: transmitted(self.bed, pairs))
        return tail_fit(self.prompts, self.randoms, simulated, transmission=through, outside=OUTSIDE)

    def image(self, scatter: ScatterEstimate | None, scale: float, *, progress: Callable[[float], None]) -> Solved:
        """The reconstruction."""
        s, back = self.settings, self._background(scatter, scale)
        passes: dict[str, Any] = {"additive": back, "iterations": s.iterations, "subsets": s.subsets, "progress": progress}
        if s.algorithm == "map":
            last = Last(self.sensitivity)
            prior = prior_of(self.bed, s, self.sensitivity, counts=float(self.counts), tof_fwhm=0.0)
            if not s.uncertainty:
                return Solved(
                    image=map_estimate(self.model, self.prompts, prior, on_iteration=last, **passes), change=last.change
                )
            data = ordered(self.model, self.prompts, additive=back, subsets=s.subsets)
            way = penalised_course(
                CountLikelihood(self.model, data), prior, first_image(data, None), iterations=s.iterations, counted=False,
                progress=progress, on_iteration=last,
            )  # fmt: skip
            return Solved(image=way.image, answer=way, change=last.change)
        if not s.uncertainty:
            return Solved(image=osem(self.model, self.prompts, **passes))
        course = osem_course(self.model, self.prompts, **passes)
        return Solved(image=course.image, answer=course)

    def expected(self, values: Floats, scatter: ScatterEstimate | None, scale: float) -> dict[str, float]:
        """Counts that the image, scatter and randoms explain."""
        found = None if scatter is None else self._scatter(scatter, scale)
        return {
            "trues": float(self.model.forward(values).sum(dtype=np.float64)),
            "scatters": 0.0 if found is None else float(found.sum(dtype=np.float64)),
            "randoms": float(self.randoms.sum(dtype=np.float64)),
        }
