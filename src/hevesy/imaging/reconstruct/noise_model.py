"""What the noise of a SPECT image follows from: its counts, geometry and corrections, and how it was reconstructed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors import Orbit, ParallelHole, Pinhole, PinholeAperture, orbit_of
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM
from hevesy.imaging.reconstruct.attenuation import attenuation_on
from hevesy.imaging.reconstruct.map import map_estimate
from hevesy.imaging.reconstruct.optimum import optimum_at
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.imaging.reconstruct.smoothed import Smoothed
from hevesy.imaging.reconstruct.spect import (
    SpectModel,
    SpectProtocol,
    SpectSystem,
    effective_durations,
    field_of_view,
    prior_of,
)
from hevesy.imaging.reconstruct.stacked_model import stacked_model
from hevesy.imaging.reconstruct.uncertainty import Answer, Progress, osem_course
from hevesy.model import Grid, Image, Projections

Floats = npt.NDArray[np.float32]

# Distances at which the response is kept [mm]; between them it is linear, which is closer than 0.01 mm.
REACH, STEP = 1200.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseModel:
    """A reconstruction as data: enough to make it again, and the covariance of any of its regions.

    Attributes
    ----------
    grid : Grid                         Of the image.
    orbit : Orbit
    factors : ndarray (views,)          Sensitivity x duration x decay [counts/Bq].
    counts : ndarray (views, rows, columns)     In the peak.
    beside : tuple of ndarray           In the scatter windows, each of that shape.
    weights : tuple of float            Of each of them in the estimate of scatter under the peak.
    additive : ndarray or None          Expected counts beside the projector that are taken as without noise: modelled scatter.
    response : ndarray (2, n) or None   Distance from the face [mm] and FWHM [mm]; None is a sharp detector.
    mu : ndarray or None                Attenuation on the grid [1/mm].
    support : ndarray (y, x)            Where the camera sees.
    settings : SpectProtocol
    smoothing : float                   FWHM of a Gaussian over the finished image [mm].
    pinhole : PinholeAperture or None   Instead of parallel holes.
    intrinsic : float                   Behind a pinhole [mm].
    further : tuple of NoiseModel       Of the other photopeaks, where several made the image.
    """

    grid: Grid
    orbit: Orbit
    factors: npt.NDArray[np.float64]
    counts: Floats
    beside: tuple[Floats, ...]
    weights: tuple[float, ...]
    additive: Floats | None
    response: npt.NDArray[np.float64] | None
    mu: Floats | None
    support: npt.NDArray[np.bool_]
    settings: SpectProtocol
    smoothing: float = 0.0
    pinhole: PinholeAperture | None = None
    intrinsic: float = 0.0
    further: tuple["NoiseModel", ...] = ()


def noise_model(
    model: SpectModel,
    projections: Projections,
    system: SpectSystem,
    *,
    mu: Image | npt.NDArray[Any] | None,
    settings: SpectProtocol,
    smoothing: float = 0.0,
) -> NoiseModel:
    """The noise model of an image of :func:`hevesy.imaging.reconstruct.spect.spect_model` of the same arguments.

    Scatter from windows keeps their counts and so their noise; scatter that was computed from the image is taken as it is.
    """
    if isinstance(mu, Image):
        if system.energy is None:
            raise InputError("a CT needs the energy of the photons to become attenuation. Give energy in MeV.")
        mu = attenuation_on(mu, model.grid, system.energy)
    response = None
    if system.response is not None and system.pinhole is None:
        distance = np.arange(0.0, REACH + STEP, STEP)
        response = np.stack([distance, np.asarray(system.response(distance), dtype=float)])
    sensitivity = system.sensitivity
    if system.scatter_model is not None:
        window = next(w for w in projections.windows if w.name == system.peak)
        sensitivity *= system.scatter_model.through_holes(projections, window)
    return NoiseModel(
        grid=model.grid,
        orbit=orbit_of(projections),
        factors=sensitivity * effective_durations(projections, system.half_life),
        counts=model.counts,
        beside=() if model.scatter is None else model.scatter.counts,
        weights=() if model.scatter is None else model.scatter.weights,
        additive=model.additive if model.scatter is None else None,
        response=response,
        mu=None if mu is None else np.asarray(mu, np.float32),
        support=field_of_view(projections, model.grid),
        settings=settings,
        smoothing=smoothing,
        pinhole=system.pinhole,
        intrinsic=system.intrinsic,
    )


def spect_model_of(noise: NoiseModel) -> SpectModel:
    """Projector, counts and scatter; of several photopeaks all together."""
    return stacked_model([_of_peak(each) for each in (noise, *noise.further)])


def _of_peak(noise: NoiseModel) -> SpectModel:
    operator: ParallelHole | Pinhole
    if noise.pinhole is not None:
        operator = Pinhole(noise.grid, noise.orbit, noise.factors, noise.pinhole, intrinsic=noise.intrinsic, mu=noise.mu)
    else:
        table = noise.response
        fwhm = None if table is None else lambda d: np.interp(d, table[0], table[1])
        operator = ParallelHole(noise.grid, noise.orbit, noise.factors, fwhm=fwhm, mu=noise.mu, support=noise.support)
    row, column = noise.orbit.pixel
    sigma = noise.settings.scatter_filter * SIGMA_PER_FWHM
    scatter = (
        WindowScatter(counts=noise.beside, weights=noise.weights, sigma=(sigma / row, sigma / column)) if noise.beside else None
    )
    additive = noise.additive if scatter is None else scatter.estimate()
    return SpectModel(operator=operator, counts=noise.counts, scatter=scatter, additive=additive, grid=noise.grid)


def answer_of(noise: NoiseModel, *, progress: Progress | None = None) -> Answer:
    """The image again, and how it answers to its counts."""
    model, settings = spect_model_of(noise), noise.settings
    answer: Answer
    if settings.prior == "none":
        answer = osem_course(
            model.operator, model.counts, additive=model.additive, scatter=model.scatter, iterations=settings.iterations,
            subsets=min(settings.subsets, noise.orbit.views), progress=progress,
        )  # fmt: skip
    else:
        prior = prior_of(model, settings)
        image = map_estimate(
            model.operator, model.counts, prior, additive=model.additive, iterations=max(settings.iterations, 2),
            subsets=min(settings.subsets, noise.orbit.views), progress=progress,
        )  # fmt: skip
        answer = optimum_at(model.operator, image, prior, additive=model.additive, scatter=model.scatter)
    if noise.smoothing <= 0:
        return answer
    return Smoothed(sharp=answer, fwhm=noise.smoothing, spacing=noise.grid.spacing)


def coarsened(noise: NoiseModel, times: int) -> NoiseModel:
    """The same scan in pixels and voxels ``times`` as wide, where all of them divide; a pinhole stays as it is.

    Counts are summed, so that they stay Poisson; attenuation is averaged.  With a prior, neighbours lie further apart: its
    strength is multiplied by times^2, which leaves the penalty of a smooth image as it was.
    """
    if times == 1 or not joins(noise, times):
        return noise
    z, y, x = noise.grid.shape
    rows, columns = noise.counts.shape[1:]
    affine = noise.grid.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.full(3, (times - 1) / 2)
    affine[:3, :3] *= times
    row, column = noise.orbit.pixel
    orbit = replace(
        noise.orbit, rows=rows // times, columns=columns // times, pixel=(row * times, column * times)
    )  # fmt: skip
    settings = noise.settings
    return replace(
        noise,
        grid=Grid(shape=(z // times, y // times, x // times), affine=affine, frame_of_reference=noise.grid.frame_of_reference),
        orbit=orbit,
        counts=in_blocks(noise.counts, (1, times, times)),
        beside=tuple(in_blocks(each, (1, times, times)) for each in noise.beside),
        additive=None if noise.additive is None else in_blocks(noise.additive, (1, times, times)),
        mu=None if noise.mu is None else in_blocks(noise.mu, (times,) * 3) / np.float32(times**3),
        support=in_blocks(noise.support, (times, times)) > 0,
        settings=settings if settings.prior == "none" else replace(settings, beta=settings.beta * times**2),
        further=tuple(coarsened(each, times) for each in noise.further),
    )


def joins(noise: NoiseModel, times: int) -> bool:
    """Whether pixels and voxels divide by ``times``."""
    return noise.pinhole is None and not any(n % times for n in (*noise.grid.shape, *noise.counts.shape[1:]))


def in_blocks(values: npt.NDArray[Any], times: tuple[int, ...]) -> Floats:
    """Sums over blocks of ``times`` elements along each axis."""
    parts = [m for n, k in zip(values.shape, times, strict=True) for m in (n // k, k)]
    return np.asarray(values.reshape(parts).sum(axis=tuple(range(1, 2 * values.ndim, 2)), dtype=np.float64), dtype=np.float32)
