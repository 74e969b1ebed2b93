"""One acquisition to its image, its uncertainty and the counts that the image explains."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_camera import COMPUTED
from hevesy.app.reconstruct_job import Job
from hevesy.app.reconstruct_scatter import MODELLED, scatter_in_words, scatter_model
from hevesy.errors import ConvergenceError, InputError
from hevesy.model import Image, Quantity
from hevesy.units import mm3

if TYPE_CHECKING:
    from hevesy.imaging.reconstruct.noise_model import NoiseModel
    from hevesy.imaging.reconstruct.spect import SpectModel, SpectProtocol, SpectSystem
    from hevesy.imaging.reconstruct.uncertainty import Answer

Progress = Callable[[str, float], None]
Floats = npt.NDArray[np.float32]
SEED = 177  # of the uncertainty's combs
# Of the largest value: below zero by less is nothing, by less than the second is rounding, by more is no convergence.
NOTHING, ROUNDING = 1e-6, 1e-3
EXPLAINED = 0.05  # OSEM explains all counts after its first pass, within a percent
IMAGE_SHARE = 0.25  # of the time of a job that makes the uncertainty too
MM3_PER_ML = 1000.0 * mm3
CORRECTED = ("ATTN", "SCAT", "DECY")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Computed:
    """A reconstruction.

    Attributes
    ----------
    image : Image                       Bq/ml, or counts of the whole acquisition and all heads.
    u : Image or None                   Standard uncertainty from the noise of the counts.
    noise : NoiseModel                  What the covariance of any regions follows from.
    fitted : ndarray, shape (views, rows, columns)      Expected counts, scatter included.
    scatter_fraction : float or None    Of the counts in the photopeak; None where it is not corrected.
    corrections : tuple of str          Words of (0028,0051).
    method, description : str           Short, and in full.
    remarks : tuple of str
    """

    image: Image
    u: Image | None
    noise: "NoiseModel"
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

    Several photopeaks make one image, of the likelihood of all their counts.

    An image in counts is that of all heads and the whole acquisition at the activity of its start, so that divided by
    the sensitivity of all heads and the time of the scan it becomes activity.
    """
    from hevesy.imaging.reconstruct.noise_model import noise_model
    from hevesy.imaging.reconstruct.smoothed import Smoothed, smoothed
    from hevesy.imaging.reconstruct.spect import spect_model
    from hevesy.imaging.reconstruct.stacked_model import stacked_model

    asked, settings, mu = job.protocol.reconstruction, _settings(job), _hounsfield(job)
    systems = [_system(each) for each in job.peaks]
    scans = [spect_model(job.raw.projections, system, mu=mu, scatter_filter=asked.scatter_filter_mm) for system in systems]
    model = stacked_model(scans)
    by = _by_map if asked.algorithm == "map" else _by_osem
    values, answer = by(job, model, progress)
    fitted = _expected(model, values)
    values, said = _not_negative(values)
    if asked.smoothing_mm > 0:
        values = smoothed(values, asked.smoothing_mm, model.grid.spacing)
        answer = answer and Smoothed(sharp=answer, fwhm=asked.smoothing_mm, spacing=model.grid.spacing)
    sigma, failed = (None, ()) if answer is None else _uncertainty(job, answer, progress)
    image = Image(values=values, grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    u = None if sigma is None else Image(values=sigma, grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    if job.detector.sensitivity is None:
        image, u = _in_counts(image, job), None if u is None else _in_counts(u, job)
    total = max(float(model.counts.sum(dtype=np.float64)), 1.0)
    noises = [
        noise_model(scan, job.raw.projections, system, mu=mu, settings=settings, smoothing=asked.smoothing_mm)
        for scan, system in zip(scans, systems, strict=True)
    ]
    return Computed(
        image=image,
        u=u,
        noise=replace(noises[0], further=tuple(noises[1:])),
        fitted=fitted,
        scatter_fraction=None if model.additive is None else float(model.additive.sum(dtype=np.float64)) / total,
        corrections=_corrections(job),
        method=_method(job),
        description=_description(job),
        remarks=(*said, *failed, *_unexplained(float(fitted.sum(dtype=np.float64)) / total, job), *_neglected(job)),
    )


def _unexplained(share: float, job: Job) -> tuple[str, ...]:
    """Counts that the image does not stand for: its activity is wrong by about as much."""
    if abs(share - 1) <= EXPLAINED:
        return ()
    why = (
        "the prior is too strong for these counts (prior_beta)"
        if job.protocol.reconstruction.algorithm == "map"
        else ("CT, angles or scatter do not belong to them, or the iterations are too few")
    )
    return (f"the image explains {100 * share:.0f} % of the counts: {why}. Its activity is wrong by about as much.",)


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

    camera, collimator, modelled = job.detector.camera, job.detector.collimator, scatter_model(job)
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
        scatter_model=modelled,
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


def _by_osem(job: Job, model: "SpectModel", progress: Progress) -> tuple[Floats, "Answer | None"]:
    """Image, and how it answers to its counts where that is wanted."""
    from hevesy.imaging.reconstruct.osem import osem
    from hevesy.imaging.reconstruct.uncertainty import osem_course

    asked = job.protocol.reconstruction
    subsets = min(asked.subsets, job.raw.projections.views)
    if not asked.uncertainty:
        values = osem(
            model.operator,
            model.counts,
            additive=model.additive,
            iterations=asked.iterations,
            subsets=subsets,
            progress=lambda done: progress("reconstructing", done),
        )
        return np.ascontiguousarray(values), None
    course = osem_course(
        model.operator,
        model.counts,
        additive=model.additive,
        scatter=model.scatter,
        iterations=asked.iterations,
        subsets=subsets,
        progress=lambda done: progress("reconstructing", IMAGE_SHARE * done),
    )
    return np.ascontiguousarray(course.image), course


def _by_map(job: Job, model: "SpectModel", progress: Progress) -> tuple[Floats, "Answer | None"]:
    """As :func:`_by_osem`."""
    from hevesy.imaging.reconstruct.map import map_estimate
    from hevesy.imaging.reconstruct.optimum import optimum_at
    from hevesy.imaging.reconstruct.spect import prior_of

    settings, wanted = _settings(job), job.protocol.reconstruction.uncertainty
    prior = prior_of(model, settings)
    image = map_estimate(
        model.operator,
        model.counts,
        prior,
        additive=model.additive,
        iterations=max(settings.iterations, 2),
        subsets=settings.subsets,
        progress=lambda done: progress("reconstructing", (IMAGE_SHARE if wanted else 1.0) * done),
    )
    if not wanted:
        return np.ascontiguousarray(image), None
    answer = optimum_at(model.operator, image, prior, additive=model.additive, scatter=model.scatter)
    return np.ascontiguousarray(image), answer


def _settings(job: Job) -> "SpectProtocol":
    """The protocol in the words of the reconstruction."""
    from hevesy.imaging.reconstruct.spect import SpectProtocol

    asked = job.protocol.reconstruction
    subsets = min(asked.subsets, job.raw.projections.views)
    if asked.algorithm != "map":
        return SpectProtocol(iterations=asked.iterations, subsets=subsets, scatter_filter=asked.scatter_filter_mm)
    if asked.prior_beta <= 0:
        raise InputError("algorithm = map needs a prior: state prior_beta under [reconstruction], in counts per Bq/ml.")
    return SpectProtocol(
        iterations=asked.iterations,
        subsets=subsets,
        prior="relative difference",
        beta=asked.prior_beta,
        gamma=asked.prior_gamma,
        scatter_filter=asked.scatter_filter_mm,
    )


def _uncertainty(job: Job, answer: "Answer", progress: Progress) -> tuple[Floats | None, tuple[str, ...]]:
    """Of each voxel of the finished image, smoothed or not; the image stands without it where it did not converge."""
    from hevesy.imaging.reconstruct.uncertainty import uncertainty_image

    def tell(done: float) -> None:
        progress("uncertainty of the voxels", IMAGE_SHARE + (1 - IMAGE_SHARE) * done)

    try:
        u = uncertainty_image(answer, seed=SEED, combs=job.protocol.reconstruction.uncertainty_combs, progress=tell)
    except ConvergenceError as error:
        return None, (f"no uncertainty of the voxels: {error}",)
    return np.ascontiguousarray(u), ()


def _expected(model: "SpectModel", values: Floats) -> Floats:
    forward: Floats = model.operator.forward(values)
    return forward if model.additive is None else forward + model.additive


def _corrections(job: Job) -> tuple[str, ...]:
    done = (job.anatomy is not None, all(each.scatter_windows or each.models_scatter for each in job.peaks), True)
    earlier = tuple(word for word in job.raw.corrections if word not in CORRECTED)
    return (*(word for word, there in zip(CORRECTED, done, strict=True) if there), *earlier)


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
        *dict.fromkeys(scatter_in_words(each) for each in job.peaks),
        f"response of {job.detector.said}" if asked.response else "no response model",
        f"smoothed by {asked.smoothing_mm:g} mm" if asked.smoothing_mm else "not smoothed",
    ]
    return "; ".join(parts)


def _neglected(job: Job) -> list[str]:
    out = []
    asked = job.protocol.reconstruction
    if job.anatomy is None:
        out.append("not corrected for attenuation: activity inside the body is underestimated several times.")
    for each in job.peaks:
        of = f"{each.peak.name}: " if job.further else ""
        if each.models_scatter:
            out += [] if MODELLED in out else [MODELLED]
        elif not each.scatter_windows:
            out.append(f"{of}not corrected for scatter: activity is overestimated, by 20 to 40 % in most bodies.")
        elif each.beside[1] is None:
            out.append(
                f"{of}no window above the photopeak: its counts are taken as zero, right only for the highest line of the "
                "nuclide."
            )
    if not asked.response:
        out.append("without the detector's response: small structures lose activity to their surroundings.")
    if job.detector.sensitivity is not None and job.detector.source == COMPUTED:
        out.append(
            f"the sensitivity was not measured but {COMPUTED}: activity may be wrong by tens of percent. State --sensitivity."
        )
    if "DTIM" not in job.raw.corrections:
        out.append("dead time is not corrected: at high count rates activity is underestimated.")
    return out
