"""From the projections of a gamma camera to activity concentration."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors import ParallelHole, Pinhole, PinholeAperture, centred_grid, orbit_of
from hevesy.imaging.projectors.blurs import Fwhm
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.attenuation import attenuation_on, is_attenuation
from hevesy.imaging.reconstruct.map import map_estimate
from hevesy.imaging.reconstruct.modelled_scatter import ModelledScatter, ScatterModel, modelled_scatter
from hevesy.imaging.reconstruct.osem import log_likelihood, osem
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.scatter import WindowScatter, window_scatter
from hevesy.model import Grid, Image, Projections
from hevesy.model.image import Quantity

Floats = npt.NDArray[np.float32]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectProtocol:
    """How a SPECT study is reconstructed.

    Attributes
    ----------
    iterations, subsets : int
    prior : "none" | "relative difference"
    beta : float                        Strength of the prior [counts per Bq/ml].
    gamma : float                       How far the prior spares edges.
    scatter_filter : float              Full width at half maximum of the scatter estimate's smoothing [mm].
    """

    iterations: int = 5
    subsets: int = 10
    prior: str = "none"
    beta: float = 0.0
    gamma: float = 2.0
    scatter_filter: float = 15.0

    def __post_init__(self) -> None:
        if self.prior not in ("none", "relative difference"):
            raise InputError(f'there is no prior "{self.prior}"; there are none and relative difference.')
        if (self.prior == "none") != (self.beta == 0):
            raise InputError(f'prior "{self.prior}" with beta {self.beta:g}; a prior needs beta above 0, none needs 0.')
        if min(self.iterations, self.subsets) < 1 or self.scatter_filter < 0:
            raise InputError("a protocol needs at least one iteration and subset, and a filter that is not negative.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpectSystem:
    """What is known of camera and nuclide.

    Attributes
    ----------
    sensitivity : float                 Counts in the peak per Bq s in air, through holes and walls [counts/(Bq s)].
    response : callable or None         Full width at half maximum [mm] at distance from the collimator's face [mm].
    half_life : float                   [s].
    peak : str                          Name of the photopeak window.
    scatter_windows : tuple of str      One or two windows beside the peak.
    scatter_model : ScatterModel or None    In the place of windows: scatter and penetration computed from the image.  Without
                                        both there is no scatter correction, and that is remarked.
    energy : float or None              Of the photons [MeV]; needed with a CT.
    pinhole : PinholeAperture or None   None is parallel holes.  With one, ``sensitivity`` is counts per Bq s of photons that
                                        pass the hole, and ``response`` is not used.
    intrinsic : float                   Full width at half maximum of the detector behind a pinhole [mm].
    """

    sensitivity: float
    response: Fwhm | None
    half_life: float
    peak: str
    scatter_windows: tuple[str, ...] = ()
    scatter_model: ScatterModel | None = None
    energy: float | None = None
    pinhole: PinholeAperture | None = None
    intrinsic: float = 0.0

    def __post_init__(self) -> None:
        if not (self.sensitivity > 0 and self.half_life > 0 and math.isfinite(self.sensitivity)):
            raise InputError(
                f"sensitivity {self.sensitivity} counts/(Bq s), half-life {self.half_life} s; both must be positive."
            )
        if self.scatter_model is not None and (self.scatter_windows or self.pinhole is not None):
            what = "energy windows" if self.scatter_windows else "a pinhole"
            raise InputError(f"a model of the scatter and {what}: allowed is one of the two. Leave one of them out.")
        if self.scatter_model is not None and self.energy is None:
            raise InputError("a model of the scatter needs the energy of the photons. Give energy in MeV.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpectModel:
    """What a study's counts are expected to be: projector, counts, and what does not come through the projector.

    Attributes
    ----------
    operator : Operator                 Parallel holes, a pinhole, or several of them for several peaks.
    counts : ndarray, shape (views, rows, columns)      In the peak.
    scatter : WindowScatter or None     From windows beside the peak: its noise is part of the image's.
    modelled : ModelledScatter or None  From the image itself.
    additive : ndarray or None          Expected scatter, with the model also penetration.
    grid : Grid                         Of the image.
    """

    operator: Operator
    counts: Floats
    scatter: WindowScatter | None
    additive: Floats | None
    grid: Grid
    modelled: ModelledScatter | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpectReconstruction:
    """Activity concentration at the start of the acquisition.

    Attributes
    ----------
    image : Image                       [Bq/ml].
    counts : float                      In the peak window.
    scatter_fraction : float            Estimated scatter by counts in the peak; 0 without windows beside it.
    log_likelihood : float              Of the image, without the term of the counts alone.
    protocol : SpectProtocol
    remarks : tuple of str
    """

    image: Image
    counts: float
    scatter_fraction: float
    log_likelihood: float
    protocol: SpectProtocol
    remarks: tuple[str, ...] = field(default=())


def reconstruct_spect(
    projections: Projections,
    system: SpectSystem,
    *,
    mu: Image | npt.NDArray[Any] | None,
    grid: Grid | None = None,
    settings: SpectProtocol | None = None,
    progress: Progress | None = None,
) -> SpectReconstruction:
    """A quantitative image by OSEM, or by maximum a posteriori with the relative difference prior.

    Parameters
    ----------
    projections : Projections           Counts as measured.
    system : SpectSystem
    mu : Image of CT numbers, array [1/mm] on the grid, or None    Attenuation; None is none, and is remarked.
    grid : Grid or None                 Of the image; None: the pixels of the projections, centred at their centre.
    settings : SpectProtocol or None    None is 5 iterations of 10 subsets without prior.
    progress : callable or None         Called with the fraction done.
    """
    settings = settings or SpectProtocol()
    model = spect_model(projections, system, mu=mu, grid=grid, scatter_filter=settings.scatter_filter)
    values = np.ascontiguousarray(_estimate(model, settings, progress))
    counts = float(model.counts.sum(dtype=np.float64))
    scattered = 0.0 if model.additive is None else float(model.additive.sum(dtype=np.float64))
    remarks = [*projections.remarks]
    if mu is None:
        remarks.append("not corrected for attenuation: activity inside the body is underestimated several times.")
    if model.additive is None:
        remarks.append("not corrected for scatter: activity is overestimated, by 20 to 40 % in most bodies.")
    if system.response is None and system.pinhole is None:
        remarks.append("without the detector's response: small structures lose activity to their surroundings.")
    return SpectReconstruction(
        image=Image(values=values, grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION),
        counts=counts,
        scatter_fraction=scattered / counts if counts > 0 else 0.0,
        log_likelihood=log_likelihood(model.operator, values, model.counts, model.additive),
        protocol=settings,
        remarks=tuple(remarks),
    )


def spect_model(
    projections: Projections,
    system: SpectSystem,
    *,
    mu: Image | npt.NDArray[Any] | None,
    grid: Grid | None = None,
    scatter_filter: float = 15.0,
) -> SpectModel:
    """The model behind :func:`reconstruct_spect`; uncertainties need it too.

    Voxels beyond what the detector sees across, or beyond the orbit, hold nothing.
    """
    counts = projections.window(system.peak)
    place = grid or grid_of(projections, system.pinhole)
    beside = system.scatter_windows
    scatter = window_scatter(projections, system.peak, beside, fwhm=scatter_filter) if beside else None
    decays = effective_durations(projections, system.half_life)
    attenuation, orbit = _attenuation(mu, place, system.energy), orbit_of(projections)
    if system.pinhole is not None:
        pinhole = Pinhole(
            place, orbit, system.sensitivity * decays, system.pinhole, intrinsic=system.intrinsic, mu=attenuation
        )  # fmt: skip
        return SpectModel(operator=pinhole, counts=counts, scatter=scatter, additive=_windows_say(scatter), grid=place)
    support = field_of_view(projections, place)
    if system.scatter_model is None:
        parallel = ParallelHole(
            place, orbit, system.sensitivity * decays, fwhm=system.response, mu=attenuation, support=support
        )  # fmt: skip
        return SpectModel(operator=parallel, counts=counts, scatter=scatter, additive=_windows_say(scatter), grid=place)
    return _modelled(projections, system, decays=decays, attenuation=attenuation, place=place, support=support)


def _windows_say(scatter: WindowScatter | None) -> Floats | None:
    return None if scatter is None else scatter.estimate()


def _modelled(
    projections: Projections,
    system: SpectSystem,
    *,
    decays: npt.NDArray[np.float64],
    attenuation: npt.NDArray[Any] | None,
    place: Grid,
    support: npt.NDArray[np.bool_],
) -> SpectModel:
    """Photons through holes by the projector, all others as the image and the body say."""
    if system.scatter_model is None or system.energy is None or attenuation is None:
        raise InputError("the model of the scatter needs the body: give a CT, or correct scatter by energy windows.")
    window = next(w for w in projections.windows if w.name == system.peak)
    sensitivity = system.sensitivity * system.scatter_model.through_holes(projections, window)
    operator = ParallelHole(
        place, orbit_of(projections), sensitivity * decays, fwhm=system.response, mu=attenuation, support=support
    )  # fmt: skip
    found = modelled_scatter(
        projections, system.scatter_model, peak=system.peak, energy=system.energy, sensitivity=sensitivity,
        factors=sensitivity * decays, response=system.response, mu=np.asarray(attenuation, np.float32), grid=place,
        support=support,
    )  # fmt: skip
    return SpectModel(
        operator=operator, counts=projections.window(system.peak), scatter=None, additive=found.estimate(), grid=place,
        modelled=found,
    )  # fmt: skip


def effective_durations(projections: Projections, half_life: float) -> npt.NDArray[np.float64]:
    """Decays in each view per Bq at the start of the acquisition [s].

    int 2^(-t / T) dt over the view = 2^(-t0 / T) (1 - 2^(-d / T)) T / ln 2
    """
    rate = math.log(2) / half_life
    return np.exp(-rate * projections.starts) * -np.expm1(-rate * projections.durations) / rate


def grid_of(projections: Projections, pinhole: PinholeAperture | None = None) -> Grid:
    """Voxels as wide as the columns and as high as the rows, around the projections' centre.

    Behind a pinhole they are so by its magnification at the centre.  Columns that swivel have finer pixels than resolution:
    voxels take two pixels each way, and reach as far across as the columns look.
    """
    rows, columns = projections.counts.shape[2:]
    row, column = projections.pixel
    if pinhole is not None:
        smaller = float(projections.radii.mean()) / pinhole.focal_length
        row, column = row * smaller, column * smaller
    elif np.any(projections.shifts != 0):
        columns = 2 * math.ceil(_reach(projections) / (2 * column))
        rows, column, row = math.ceil(rows / 2), 2 * column, 2 * row
    made = centred_grid((rows, columns, columns), (column, column, row), projections.centre)
    return Grid(shape=made.shape, affine=made.affine, frame_of_reference=projections.frame_of_reference)


def field_of_view(projections: Projections, grid: Grid) -> npt.NDArray[np.bool_]:
    """Columns of voxels that the detector reaches across from the axis, inside the orbit, shape (y, x)."""
    half = _reach(projections)
    y, x = np.indices(grid.shape[1:])
    a = grid.affine
    from_axis = np.hypot(a[0, 0] * x + a[0, 3] - projections.centre[0], a[1, 1] * y + a[1, 3] - projections.centre[1])
    inside: npt.NDArray[np.bool_] = from_axis < min(half, float(projections.radii.max()))
    return inside


def _reach(projections: Projections) -> float:
    """How far from the axis the detectors look across [mm]."""
    half = projections.pixel[1] * projections.counts.shape[3] / 2
    return float(half + np.abs(projections.shifts).max(initial=0.0))


def _attenuation(mu: Image | npt.NDArray[Any] | None, grid: Grid, energy: float | None) -> npt.NDArray[Any] | None:
    if mu is None:
        return None
    if isinstance(mu, Image):
        if energy is None:
            raise InputError("a CT needs the energy of the photons to become attenuation. Give energy in MeV.")
        return attenuation_on(mu, grid, energy)
    is_attenuation(mu, grid)
    return mu


def prior_of(model: SpectModel, settings: SpectProtocol) -> RelativeDifference:
    """The prior of a protocol on the scale of an image: smooth at zero below a thousandth of its mean level."""
    level = max(float(model.counts.sum(dtype=np.float64)), 1.0) / float(
        model.operator.forward(np.ones(model.grid.shape, np.float32)).sum(dtype=np.float64)
    )
    return RelativeDifference(beta=settings.beta, gamma=settings.gamma, epsilon=1e-3 * level, spacing=model.grid.spacing)


def _estimate(model: SpectModel, settings: SpectProtocol, progress: Progress | None) -> Floats:
    views = model.operator.out_shape[0]
    subsets = min(settings.subsets, views)
    if settings.prior == "none":
        return osem(
            model.operator, model.counts, additive=model.additive, iterations=settings.iterations, subsets=subsets,
            progress=progress,
        )  # fmt: skip
    return map_estimate(
        model.operator, model.counts, prior_of(model, settings), additive=model.additive, iterations=max(settings.iterations, 2),
        subsets=subsets, progress=progress,
    )  # fmt: skip
