"""How an image that was smoothed answers to its counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM
from hevesy.imaging.reconstruct.layout import laid_out
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.imaging.reconstruct.uncertainty import Answer

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """An image after a Gaussian S: S f, whose derivatives are those of f with S before or behind.

    Attributes
    ----------
    sharp : Answer                      Of the image before.
    fwhm : float                        [mm].
    spacing : (x, y, z)                 Voxel sides [mm].
    """

    sharp: Answer
    fwhm: float
    spacing: tuple[float, float, float]

    @property
    def image(self) -> Floats:
        """The smoothed image."""
        return self._blurred(self.sharp.image)

    @property
    def scatter(self) -> WindowScatter | None:
        """Where the additive term came from."""
        return self.sharp.scatter

    def variance(self) -> Floats:
        """Of the counts."""
        return self.sharp.variance()

    def gradient(self, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Derivatives of w' S f: S is its own transpose."""
        return self.sharp.gradient(self._blurred(np.asarray(weights, np.float32)))

    def response_to(self, change: npt.NDArray[Any]) -> Floats:
        """Change of the smoothed image where the counts change by ``change``."""
        return self._blurred(self.sharp.response_to(change))

    def _blurred(self, image: Floats) -> Floats:
        return laid_out(smoothed(image, self.fwhm, self.spacing), self.sharp.image)


def smoothed(image: npt.NDArray[Any], fwhm: float, spacing: tuple[float, float, float]) -> Floats:
    """A Gaussian of full width at half maximum ``fwhm`` [mm] over an image; mirrored at its edges, so that sums stay."""
    from scipy.ndimage import gaussian_filter

    sigma = [fwhm * SIGMA_PER_FWHM / side for side in spacing[::-1]]
    return np.asarray(gaussian_filter(image, sigma), dtype=np.float32)
