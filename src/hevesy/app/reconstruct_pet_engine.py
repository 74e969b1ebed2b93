"""One bed position of a PET scanner to its image: sensitivity, randoms, scatter, and the events or sinograms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_list import ListData
from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_sinogram import SinogramData
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.app.simulate_pet_events import single_scatter_of
from hevesy.errors import DataError
from hevesy.imaging.pet.single_scatter import ScatterEstimate
from hevesy.model import Grid, Image, Quantity

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

FIRST_SMOOTHING = 8.0  # mm FWHM
SCATTER_ROUNDS = 2
SIGMA_PER_FWHM = 1 / 2.354820045


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PetComputed:
    """A reconstruction.

    Attributes
    ----------
    image : Image                       Bq/ml at the start of the acquisition.
    unsmoothed : array, shape (z, y, x)
    scatter : ScatterEstimate or None   As simulated, of a second of live time at the mean activity.
    scatter_scale : float or None       Factor of it from the tails; None where they hold too little.
    expected : dict                     Counts by kind: trues, scatters, randoms.
    counts : int
    corrections : tuple of str          Words of (0028,0051).
    method : str
    smoothing : float                   FWHM [mm].
    remarks : tuple of str
    """

    image: Image
    unsmoothed: Floats
    scatter: ScatterEstimate | None
    scatter_scale: float | None
    expected: dict[str, float]
    counts: int
    corrections: tuple[str, ...]
    method: str
    smoothing: float
    remarks: tuple[str, ...]


def compute(bed: Bed, settings: PetSettings, *, progress: Progress) -> PetComputed:
    """Reconstruct by list mode or sinogram, with all corrections that the file and the CT allow."""
    data = _data(bed, settings)
    remarks = list(data.remarks)
    scatter, scale = None, None
    if settings.scatter != "none" and bed.mu is not None:
        for n in range(SCATTER_ROUNDS):
            progress("estimating scatter", 0.05 + 0.15 * n)
            first = smoothed(data.first(scatter, 1.0 if scale is None else scale), FIRST_SMOOTHING, bed)
            scatter = single_scatter_of(bed.field, first, bed.mu, bed.detection, gain=bed.positrons * bed.decay_factor)
            if settings.scatter == "auto":
                try:
                    scale = data.tails(scatter)
                except DataError as error:
                    remarks += [f"scatter was not scaled: {error}"] if n else []
    factor = 1.0 if scale is None else scale
    values = data.image(scatter, factor, progress=lambda done: progress("reconstructing", 0.35 + 0.65 * done))
    expected = data.expected(values, scatter, factor)
    seen = values[bed.beyond : values.shape[0] - bed.beyond]
    shown = smoothed(seen, settings.smoothing_mm, bed) if settings.smoothing_mm > 0 else np.ascontiguousarray(seen)
    affine = bed.grid.affine.copy()
    affine[:3, 3] += affine[:3, 2] * bed.beyond
    grid = Grid(shape=shown.shape, affine=affine, frame_of_reference=bed.grid.frame_of_reference)
    image = Image(values=shown, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    if data.tof and scale is not None and not 0.5 < scale < 2.5:
        remarks.append(f"scatter was scaled by {scale:.2f}, more or less than is usual. Check that the CT fits the emission.")
    corrections = ["DECY", "RADL"]
    corrections += ["ATTN"] if bed.mu is not None else []
    corrections += ["SCAT"] if scatter is not None else []
    corrections += ["RAN"] if expected["randoms"] > 0 else []
    corrections += ["DTIM"] if bed.header.live_share < 1 else []
    corrections += ["NORM"] if bed.header.crystal_efficiency.size else []
    said = f"{'list mode' if bed.events is not None else 'sinogram'} OSEM {settings.iterations}i{settings.subsets}s"
    said += (" TOF" if data.tof else "") + (" PSF" if settings.response else "")
    return PetComputed(
        image=image, unsmoothed=values, scatter=scatter, scatter_scale=scale, expected=expected, counts=data.counts,
        corrections=tuple(corrections), method=said, smoothing=settings.smoothing_mm, remarks=tuple(remarks),
    )  # fmt: skip


def smoothed(values: npt.NDArray[Any], fwhm: float, bed: Bed) -> Floats:
    """The image behind a Gaussian [mm]; at the ends the last slice goes on."""
    from scipy.ndimage import gaussian_filter

    sigma = fwhm * SIGMA_PER_FWHM
    sides = (bed.field.thickness, bed.field.side, bed.field.side)
    return np.asarray(gaussian_filter(values, [sigma / side for side in sides], mode="nearest"), dtype=np.float32)


def _data(bed: Bed, settings: PetSettings) -> ListData | SinogramData:
    if bed.events is not None:
        return ListData(bed, bed.events, settings)
    if bed.sinogram is None:
        raise DataError(f"{bed.name}: holds neither events nor sinograms. Acquire it again.")
    layout, arrays = bed.sinogram
    return SinogramData(bed, layout, arrays, settings)
