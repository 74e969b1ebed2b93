"""One acquisition to its image, its uncertainty and the counts that the image explains."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_camera import COMPUTED
from hevesy.app.reconstruct_job import Job
from hevesy.errors import ConvergenceError, InputError
from hevesy.model import Image, Quantity
from hevesy.units import mm3

if TYPE_CHECKING:
    from hevesy.imaging.reconstruct.spect import SpectModel, SpectSystem

Progress = Callable[[str, float], None]
Floats = npt.NDArray[np.float32]
SEED = 177  # of the uncertainty's combs
# Of the largest value: below zero by less is nothing, by less than the second is rounding, by more is no convergence.
NOTHING, ROUNDING = 1e-6, 1e-3
IMAGE_SHARE = 0.25  # of the time of a job that makes the uncertainty too
MM3_PER_ML = 1000.0 * mm3
SIGMA_PER_FWHM = 1 / 2.354820045
CORRECTED = ("ATTN", "SCAT", "DECY")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Computed:
    """A reconstruction.

    Attributes
    ----------
    image : Image                       Bq/ml, or counts of the whole acquisition and all heads.
    u : Image or None                   Standard uncertainty from the noise of the counts.
    fitted : ndarray, shape (views, rows, columns)      Expected counts, scatter included.
    scatter_fraction : float or None    Of the counts in the photopeak; None where it is not corrected.
    corrections : tuple of str          Words of (0028,0051).
    method, description : str           Short, and in full.
    remarks : tuple of str
    """

    image: Image
    u: Image | None
    fitted: Floats
    scatter_fraction: float | None
    corrections: tuple[str, ...]
    method: str
    description: str
    remarks: tuple[str, ...]

    @property
    def decay_corrected(self) -> bool:
        """Whether values are those at the start of the acquisition."""
        return "DECY" in self.corrections


def compute(job: Job, *, progress: Progress) -> Computed:
    """Reconstruct by the protocol of the job; attenuation, scatter and response as far as the job has them.

    An image in counts is that of all heads and the whole acquisition at the activity of its start, so that divided by
    the sensitivity of all heads and the time of the scan it becomes activity.
    """
    from hevesy.imaging.reconstruct.spect import spect_model

    asked = job.protocol.reconstruction
    model = spect_model(
        job.raw.projections, _system(job), mu=_hounsfield(job), scatter_filter=asked.scatter_filter_mm
    )  # fmt: skip
    if asked.algorithm == "map":
        found = _by_map(job, model, progress)
    else:
        found = _by_osem(job, model, progress)
    values, u, fitted = found
    values, said = _not_negative(values)
    if asked.smoothing_mm > 0:
        values, u = _smoothed(values, asked.smoothing_mm, model.grid.spacing), None
    image = Image(values=values, grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    noise = None if u is None else Image(values=u, grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    if job.detector.sensitivity is None:
        image, noise = _in_counts(image, job), None if noise is None else _in_counts(noise, job)
    total = max(float(model.counts.sum(dtype=np.float64)), 1.0)
    return Computed(
        image=image,
        u=noise,
        fitted=fitted,
        scatter_fraction=None if model.additive is None else float(model.additive.sum(dtype=np.float64)) / total,
        corrections=_corrections(job),
        method=_method(job),
        description=_description(job),
        remarks=(*said, *_neglected(job, without_u=noise is None)),
    )


def _not_negative(values: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Activity is not negative; what numbers of single precision leave below zero is set to it, and said."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    if low >= -NOTHING * high:
        return np.maximum(values, np.float32(0)), ()
    if low < -ROUNDING * high or not np.isfinite(low + high):
        raise ConvergenceError(
            f"the reconstruction reaches {low:g} where {high:g} is its largest value; it did not converge. Use fewer subsets."
        )
    count = int(np.count_nonzero(values < 0))
    said = f"{count} voxels from {low / 1e3:.2g} kBq/ml on were below zero by rounding of the projector and were set to 0."
    return np.maximum(values, np.float32(0)), (said,)


def _system(job: Job) -> "SpectSystem":
    from hevesy.imaging.reconstruct.spect import SpectSystem
    from hevesy.imaging.systems import detector_response

    camera, collimator = job.detector.camera, job.detector.collimator
    sensitivity = 1.0 if job.detector.sensitivity is None else job.detector.sensitivity.value
    if collimator is not None and collimator.shape == "pinhole":
        return _pinhole_system(job, sensitivity)
    response = None
    if job.protocol.reconstruction.response and camera is not None and collimator is not None:
        response = detector_response(camera, collimator, job.energy).fwhm
    return SpectSystem(
        sensitivity=sensitivity,
        response=response,
        half_life=job.nuclide.half_life,
        peak=job.peak.name,
        scatter_windows=job.scatter_windows,
        energy=job.energy,
    )


def _pinhole_system(job: Job, sensitivity: float) -> "SpectSystem":
    """As `_system`; the sensitivity of a head is that to a point on the axis of rotation, and changes with the place."""
    from hevesy.imaging.projectors import aperture_of
    from hevesy.imaging.reconstruct.spect import SpectSystem
    from hevesy.imaging.systems import geometric_efficiency
    from hevesy.imaging.systems.gamma_camera import intrinsic_resolution

    camera, collimator = job.detector.camera, job.detector.collimator
    if camera is None or collimator is None or job.detector.sensitivity is None:
        raise InputError(
            f"{job.raw.name}: a pinhole sees each place with another sensitivity; an image in counts says nothing. "
            "Leave --counts out."
        )
    radius = float(job.raw.projections.radii.mean())
    return SpectSystem(
        sensitivity=sensitivity / geometric_efficiency(collimator, job.energy, distance=radius),
        response=None,
        half_life=job.nuclide.half_life,
        peak=job.peak.name,
        scatter_windows=job.scatter_windows,
        energy=job.energy,
        pinhole=aperture_of(collimator, job.energy),
        intrinsic=intrinsic_resolution(camera, job.energy),
    )


def _hounsfield(job: Job) -> Image | None:
    """The CT in the frame of the projections: that another frame is the same place was decided before, and remarked."""
    if job.anatomy is None:
        return None
    image = job.anatomy.image
    return replace(image, grid=replace(image.grid, frame_of_reference=job.raw.projections.frame_of_reference))


def _by_osem(job: Job, model: "SpectModel", progress: Progress) -> tuple[Floats, Floats | None, Floats]:
    """Image, its uncertainty where it is wanted, and expected counts."""
    from hevesy.imaging.reconstruct.osem import osem
    from hevesy.imaging.reconstruct.uncertainty import expected_counts, osem_course, uncertainty_image

    asked = job.protocol.reconstruction
    subsets = min(asked.subsets, job.raw.projections.views)
    if not asked.uncertainty or asked.smoothing_mm > 0:
        values = osem(
            model.operator,
            model.counts,
            additive=model.additive,
            iterations=asked.iterations,
            subsets=subsets,
            progress=lambda done: progress("reconstructing", done),
        )
        return np.ascontiguousarray(values), None, _expected(model, values)
    course = osem_course(
        model.operator,
        model.counts,
        additive=model.additive,
        scatter=model.scatter,
        iterations=asked.iterations,
        subsets=subsets,
        progress=lambda done: progress("reconstructing", IMAGE_SHARE * done),
    )

    def tell(done: float) -> None:
        progress("uncertainty of the voxels", IMAGE_SHARE + (1 - IMAGE_SHARE) * done)

    u = uncertainty_image(course, seed=SEED, combs=asked.uncertainty_combs, progress=tell)
    return np.ascontiguousarray(course.image), np.ascontiguousarray(u), expected_counts(course)


def _by_map(job: Job, model: "SpectModel", progress: Progress) -> tuple[Floats, Floats | None, Floats]:
    from hevesy.imaging.reconstruct.spect import SpectProtocol, reconstruct_spect

    asked = job.protocol.reconstruction
    if asked.prior_beta <= 0:
        raise InputError("algorithm = map needs a prior: state prior_beta under [reconstruction], in counts per Bq/ml.")
    settings = SpectProtocol(
        iterations=asked.iterations,
        subsets=min(asked.subsets, job.raw.projections.views),
        prior="relative difference",
        beta=asked.prior_beta,
        gamma=asked.prior_gamma,
        scatter_filter=asked.scatter_filter_mm,
    )
    made = reconstruct_spect(
        job.raw.projections,
        _system(job),
        mu=_hounsfield(job),
        settings=settings,
        progress=lambda done: progress("reconstructing", done),
    )
    return made.image.values, None, _expected(model, made.image.values)


def _expected(model: "SpectModel", values: Floats) -> Floats:
    forward: Floats = model.operator.forward(values)
    return forward if model.additive is None else forward + model.additive


def _corrections(job: Job) -> tuple[str, ...]:
    done = (job.anatomy is not None, bool(job.scatter_windows), True)
    earlier = tuple(word for word in job.raw.corrections if word not in CORRECTED)
    return (*(word for word, there in zip(CORRECTED, done, strict=True) if there), *earlier)


def _smoothed(values: Floats, fwhm: float, spacing: tuple[float, float, float]) -> Floats:
    from scipy.ndimage import gaussian_filter

    sigma = [fwhm * SIGMA_PER_FWHM / side for side in spacing[::-1]]
    return np.asarray(gaussian_filter(values, sigma), dtype=np.float32)


def _in_counts(image: Image, job: Job) -> Image:
    """Counts that each voxel would give in air, over all views and heads."""
    seconds = float(job.raw.projections.durations.sum())
    factor = np.float32(image.grid.voxel_volume / MM3_PER_ML * seconds)
    return Image(values=image.values * factor, grid=image.grid, quantity=Quantity.COUNTS)


def _method(job: Job) -> str:
    asked = job.protocol.reconstruction
    return f"{asked.algorithm.upper()} {asked.iterations} x {min(asked.subsets, job.raw.projections.views)}"


def _description(job: Job) -> str:
    asked = job.protocol.reconstruction
    parts = [
        f"{_method(job)} (iterations x subsets)",
        "attenuation by CT" if job.anatomy else "no attenuation correction",
        f"scatter by windows {', '.join(job.scatter_windows)}" if job.scatter_windows else "no scatter correction",
        f"response of {job.detector.said}" if asked.response else "no response model",
        f"smoothed by {asked.smoothing_mm:g} mm" if asked.smoothing_mm else "not smoothed",
    ]
    return "; ".join(parts)


def _neglected(job: Job, *, without_u: bool) -> list[str]:
    out = []
    asked = job.protocol.reconstruction
    if asked.uncertainty and without_u:
        why = "with a prior" if asked.algorithm == "map" else "of a smoothed image"
        out.append(f"the uncertainty of voxels {why} is not computed here: none was written.")
    if job.anatomy is None:
        out.append("not corrected for attenuation: activity inside the body is underestimated several times.")
    if not job.scatter_windows:
        out.append("not corrected for scatter: activity is overestimated, by 20 to 40 % in most bodies.")
    elif job.beside[1] is None:
        out.append("no window above the photopeak: its counts are taken as zero, right only for the highest line of the nuclide.")
    if not asked.response:
        out.append("without the detector's response: small structures lose activity to their surroundings.")
    if job.detector.sensitivity is not None and job.detector.source == COMPUTED:
        out.append(
            f"the sensitivity was not measured but {COMPUTED}: activity may be wrong by tens of percent. State --sensitivity."
        )
    if "DTIM" not in job.raw.corrections:
        out.append("dead time is not corrected: at high count rates activity is underestimated.")
    return out
