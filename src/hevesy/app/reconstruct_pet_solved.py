"""A PET image as it was solved for, how it answers to its counts, and the prior that was asked for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_lines import resolution_of
from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.imaging.pet.smoothness import pet_prior
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.uncertainty import Answer

Floats = npt.NDArray[np.float32]

WITHOUT_CT = 250.0  # mm: lines through a body that is not known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """Image before smoothing.

    Attributes
    ----------
    image : array, shape (z, y, x)      [Bq/ml].
    answer : Answer or None             Where the uncertainty is wanted.
    change : float                      See `Last`; 0 without a prior.
    """

    image: Floats
    answer: Answer | None = None
    change: float = 0.0


class Last:
    """Watches how much the last pass changed the image.

    sqrt( sum s (f_n - f_{n-1})^2 / sum s f_n^2 )           with the sensitivity s: what is hardly seen hardly counts
    """

    def __init__(self, sensitivity: Floats) -> None:
        """Nothing seen yet."""
        self.change, self._sensitivity, self._before = 0.0, sensitivity, np.zeros(0, np.float32)

    def __call__(self, number: int, image: Floats) -> None:
        """Called with the image after each pass."""
        if self._before.shape == image.shape:
            moved, size = (self._size(each) for each in (image - self._before, image))
            self.change = moved / size if size > 0 else 0.0
        self._before = image.copy(order="K")

    def _size(self, image: Floats) -> float:
        return float(np.sqrt(np.sum(self._sensitivity * np.square(image), dtype=np.float64)))


def prior_of(bed: Bed, settings: PetSettings, sensitivity: Floats, *, counts: float, tof_fwhm: float) -> RelativeDifference:
    """The prior of the protocol for this bed position."""
    level = max(counts, 1.0) / max(float(sensitivity.sum(dtype=np.float64)), 1e-30)
    return pet_prior(
        bed.field, sensitivity, level=level, beta=settings.prior_beta, gamma=settings.prior_gamma, tof_fwhm=tof_fwhm,
        chord=_chord(bed), resolution=resolution_of(bed, settings)[0],
    )  # fmt: skip


def _chord(bed: Bed) -> float:
    """Diameter of a circle of the body's mean cross-section [mm]."""
    if bed.mu is None:
        return WITHOUT_CT
    inside = (bed.mu > 2e-3).sum(axis=(1, 2))
    area = float(inside[inside > 0].mean()) * bed.field.side**2 if inside.any() else 0.0
    return float(np.clip(2 * np.sqrt(area / np.pi), 10.0, 1000.0))
