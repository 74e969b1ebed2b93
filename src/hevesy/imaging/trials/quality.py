"""Figures of one image: how even its liver is, how its lesion stands out, what channels see."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.imaging.trials.observer import channels
from hevesy.imaging.trials.scan import Scan

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

# Width of the Laguerre-Gauss channels by that of the lesion as it is seen (its diameter and this resolution [mm] in quadrature).
WIDTH, RESOLUTION = 2.0, 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """Of one image; concentrations for 1 MBq [Bq/ml]. What belongs to a lesion is nan where there is none.

    Attributes
    ----------
    liver_cov : float                   Standard deviation of the liver's voxels by their mean [1].
    lesion, background : float          Means.
    background_sd : float               Standard deviation of what noise alone makes of the background's voxels.
    outputs : ndarray (channels,)
    score : float                       Of the non-prewhitening observer.
    """

    liver_cov: float
    lesion: float
    background: float
    background_sd: float
    outputs: Array
    score: float

    @property
    def cnr(self) -> float:
        """Contrast to noise: (lesion - background) / standard deviation of the noise of the background's voxels."""
        return abs(self.lesion - self.background) / self.background_sd if self.background_sd > 0 else math.inf


class Reader:
    """Regions, channels and template on the grid of a scan; reads images.

    The liver and background are the voxels that lie in their sphere by half or more; the lesion is its sphere with the share
    of each voxel. Noise of the background is what differs from the image without noise: in a vertebra the spill from disc to
    disc is no noise.
    """

    def __init__(self, scan: Scan, activity: float, duration: float, *, count: int = 4) -> None:
        scene, grid = scan.scene, scan.grid
        self._liver = scene.weights(scene.task.liver, grid) >= 0.5
        self.plain = scan.image(activity, duration, lesion=False)
        self.seen = self.plain
        self.truth = math.nan
        self._lesion: Floats | None = None
        target, background = scene.task.target, scene.task.background
        if target is None or background is None:
            self.difference = np.zeros(count)
            return
        self._lesion = scene.weights(target, grid)
        self._background = scene.weights(background, grid) >= 0.5
        self.seen = scan.image(activity, duration, lesion=True)
        whole = scene.weights(target)
        values = scene.activity.values + scene.lesion
        self.truth = float((values * whole).sum(dtype=np.float64) / whole.sum(dtype=np.float64))
        width = WIDTH * math.hypot(target.diameter, RESOLUTION)
        self._channels = channels(grid, scene.place(target), width=width, count=count).reshape(count, -1)
        self.template = (self.seen - self.plain).astype(np.float64).ravel()
        self.difference = self._channels @ self.template

    def figures(self, image: Floats) -> Figures:
        """Of one image."""
        liver = image[self._liver].astype(np.float64)
        cov = float(liver.std(ddof=1) / liver.mean())
        if self._lesion is None:
            return Figures(
                liver_cov=cov, lesion=math.nan, background=math.nan, background_sd=math.nan,
                outputs=np.zeros(0), score=math.nan,
            )  # fmt: skip
        beside = image[self._background].astype(np.float64)
        flat = image.astype(np.float64).ravel()
        return Figures(
            liver_cov=cov,
            lesion=float((image * self._lesion).sum(dtype=np.float64) / self._lesion.sum(dtype=np.float64)),
            background=float(beside.mean()),
            background_sd=float((beside - self.seen[self._background]).std(ddof=1)),
            outputs=self._channels @ flat,
            score=float(self.template @ flat),
        )
