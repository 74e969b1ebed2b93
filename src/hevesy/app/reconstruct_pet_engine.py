"""One bed position of a PET scanner to its image: sensitivity, randoms, scatter, and the events or sinograms."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_list import ListData
from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_sinogram import SinogramData
from hevesy.app.reconstruct_pet_solved import Solved
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.app.simulate_pet_events import single_scatter_of
from hevesy.errors import DataError
from hevesy.imaging.pet.single_scatter import ScatterEstimate
from hevesy.imaging.reconstruct.uncertainty import Answer
from hevesy.model import Grid, Image, Quantity

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

FIRST_SMOOTHING = 8.0  # mm FWHM
SCATTER_ROUNDS = 2
SEED = 511  # of the uncertainty's combs
TEETH = 24.0  # mm between voxels of a comb: several times the resolution
SETTLED = 0.02
SIGMA_PER_FWHM = 1 / 2.354820045


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PetComputed:
    """A reconstruction.

    Attributes
    ----------
    image : Image                       Bq/ml at the start of the acquisition.
    u : Image or None                   Standard uncertainty from the noise of the counts.
    u_activity : float or None          That of the activity in view [Bq].
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
    u: Image | None
    u_activity: float | None
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
    share = _image_share(settings)
    solved = data.image(scatter, factor, progress=lambda done: progress("reconstructing", 0.35 + 0.65 * share * done))
    values = solved.image
    expected = data.expected(values, scatter, factor)
    shown = smoothed(values, settings.smoothing_mm, bed) if settings.smoothing_mm > 0 else values
    image = _placed(shown, bed)
    u, u_activity = None, None
    if solved.answer is not None:
        start = 0.35 + 0.65 * share

        def tell(done: float) -> None:
            progress("uncertainty of the voxels", start + (1 - start) * done)

        found = _uncertainty(solved.answer, data.sensitivity, bed, settings, tell)
        u, u_activity = _placed(found[0], bed), found[1]
    remarks += _settled(solved, settings)
    if data.tof and scale is not None and not 0.5 < scale < 2.5:
        remarks.append(f"scatter was scaled by {scale:.2f}, more or less than is usual. Check that the CT fits the emission.")
    return PetComputed(
        image=image, u=u, u_activity=u_activity, unsmoothed=values, scatter=scatter, scatter_scale=scale, expected=expected,
        counts=data.counts,
        corrections=_corrections(bed, scatter, expected), method=_method(bed, settings, tof=data.tof),
        smoothing=settings.smoothing_mm, remarks=tuple(remarks),
    )  # fmt: skip


def _corrections(bed: Bed, scatter: ScatterEstimate | None, expected: dict[str, float]) -> tuple[str, ...]:
    """Words of (0028,0051)."""
    done = {
        "DECY": True, "RADL": True, "ATTN": bed.mu is not None, "SCAT": scatter is not None, "RAN": expected["randoms"] > 0,
        "DTIM": bed.header.live_share < 1, "NORM": bed.header.crystal_efficiency.size > 0,
    }  # fmt: skip
    return tuple(word for word, there in done.items() if there)


def _method(bed: Bed, settings: PetSettings, *, tof: bool) -> str:
    data = "list mode" if bed.events is not None else "sinogram"
    said = f"{data} {settings.algorithm.upper()} {settings.iterations}i{settings.subsets}s"
    said += (" TOF" if tof else "") + (" PSF" if settings.response else "")
    return said + (f" beta {settings.prior_beta:g}" if settings.algorithm == "map" else "")


def _image_share(settings: PetSettings) -> float:
    """Of the time of the reconstruction that the image takes."""
    if not settings.uncertainty:
        return 1.0
    return 1 / (2 + 2 * settings.uncertainty_combs)


def _placed(values: npt.NDArray[Any], bed: Bed) -> Image:
    """What lies within the scanner, in the patient."""
    seen = np.ascontiguousarray(values[bed.beyond : values.shape[0] - bed.beyond])
    affine = bed.grid.affine.copy()
    affine[:3, 3] += affine[:3, 2] * bed.beyond
    grid = Grid(shape=seen.shape, affine=affine, frame_of_reference=bed.grid.frame_of_reference)
    return Image(values=seen, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)


def _uncertainty(
    answer: Answer, sensitivity: Floats, bed: Bed, settings: PetSettings, tell: Callable[[float], None]
) -> tuple[Floats, float]:
    """Of each voxel [Bq/ml] and of the activity in view [Bq]."""
    from hevesy.imaging.reconstruct.smoothed import Smoothed
    from hevesy.imaging.reconstruct.uncertainty import covariance_of_sums, uncertainty_image

    volume = np.zeros(answer.image.shape, np.float32)
    volume[bed.beyond : bed.field.shape[2] - bed.beyond] = bed.field.voxel_volume
    total = float(np.sqrt(covariance_of_sums(answer, [volume])[0, 0]))
    field, fwhm = bed.field, settings.smoothing_mm
    behind = Smoothed(sharp=answer, fwhm=fwhm, spacing=(field.side, field.side, field.thickness)) if fwhm > 0 else answer
    teeth = max(4, math.ceil(max(TEETH, 4 * fwhm) / field.side))
    u = uncertainty_image(
        behind, seed=SEED, combs=settings.uncertainty_combs, spacing=teeth, sensitivity=sensitivity, progress=tell
    )  # fmt: skip
    return u, total


def _settled(solved: Solved, settings: PetSettings) -> list[str]:
    said = []
    if settings.algorithm == "map" and settings.smoothing_mm > 0:
        said.append(f"the image was smoothed by {settings.smoothing_mm:g} mm after the prior; smoothing_mm = 0 leaves that.")
    if solved.change > SETTLED:
        said.append(
            f"the last pass still changed the image by {100 * solved.change:.1f} %: more iterations bring it nearer to the "
            "optimum, for which its uncertainty holds."
        )
    return said


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
