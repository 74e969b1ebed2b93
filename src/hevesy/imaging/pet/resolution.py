"""The resolution of the scanner as a Gaussian of the image."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field
from hevesy.imaging.projectors.cores import side_by_side

Floats = npt.NDArray[np.float32]

FWHM = 2.3548200450309493


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionModel:
    """Gaussian blur of the image, the same everywhere and its own transpose.

    Attributes
    ----------
    field : Field
    transaxial, axial : float       Full width at half maximum [mm]; 0 for none.

    Neglected: that resolution worsens off the centre (parallax), and the shape of the detector's blur along lines.
    Reference: Reader et al., IEEE Trans Nucl Sci 2003;50:1392 (blur of the image inside OSEM).
    """

    field: Field
    transaxial: float
    axial: float

    def __post_init__(self) -> None:
        for name, width in (("transaxial", self.transaxial), ("axial", self.axial)):
            if not 0 <= width <= 50:
                raise InputError(f"{name} resolution is {width} mm; a width from 0 to 50 mm is meant. Give the FWHM in mm.")

    def blur(self, image: Floats, out: Floats | None = None, work: Floats | None = None) -> Floats:
        """The image as the scanner's resolution shows it, shape (x, y, z).

        ``out`` and ``work`` are arrays to use again, none of them ``image``: fresh memory costs as much as the blur.
        """
        if self.transaxial <= 0 and self.axial <= 0:
            return image
        from hevesy.imaging.pet._kernels import blur

        across = half_kernel(self.transaxial / FWHM / self.field.side)
        along = half_kernel(self.axial / FWHM / self.field.thickness)
        one = np.empty_like(image) if out is None else out
        two = np.empty_like(image) if work is None else work
        n, size = image.shape[0], image.size
        side_by_side(lambda first, past: blur.across(image, across, 0, first, past, one), n, work=size)
        side_by_side(lambda first, past: blur.across(one, across, 1, first, past, two), n, work=size)
        side_by_side(lambda first, past: blur.lengthwise(two, along, first, past, one), n, work=size)
        return one


def half_kernel(sigma: float) -> Floats:
    """Right half of a Gaussian averaged over voxels, from its centre to 3.5 sigma [1]; its sum with its mirror is 1."""
    from scipy.special import ndtr

    if sigma <= 0:
        return np.ones(1, np.float32)
    edges = np.arange(int(np.ceil(3.5 * sigma)) + 2) - 0.5
    kernel = np.diff(ndtr(edges / sigma))
    return np.asarray(kernel / (kernel[0] + 2 * kernel[1:].sum()), dtype=np.float32)
