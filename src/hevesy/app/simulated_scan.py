"""One scan on a simulated gamma camera: how it is taken, what is counted, and the image that is made of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.phantoms import grid_around
from hevesy.imaging.reconstruct.attenuation import attenuation_on
from hevesy.imaging.reconstruct.modelled_scatter import ScatterModel
from hevesy.imaging.reconstruct.noise_model import NoiseModel, noise_model
from hevesy.imaging.reconstruct.osem import osem
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectSystem, grid_of, spect_model
from hevesy.imaging.simulate import (
    CLEARANCE,
    LOWER,
    PEAK,
    UPPER,
    Acquisition,
    MultipleScatter,
    drawn,
    expected_of_columns,
    expected_with_coarse_scatter,
    imaged_energy,
    outline_of,
    projections_of,
    step_and_shoot,
    swivel_and_count,
    triple_windows,
)
from hevesy.imaging.systems import Camera, Collimator, RingCamera, detector_response
from hevesy.model import Grid, Image, Projections, Quantity
from hevesy.transport import Phantom

Progress = Callable[[float], None]

SOLID = 0.1  # g/ml: above it a voxel is body
MARGIN = 60.0  # mm of body above and below the detector from which photons are followed
ACROSS = 560.0  # mm about the axis of a ring in which there may be body
SCATTER = ("model", "windows")
# Noise and scatter of one visit are two batches; so many visits of one seed never meet.
_SCATTER_SEED = 7919


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """How a simulated camera scans and reconstructs.

    Attributes
    ----------
    views : int                         Over 360 degrees, of all heads together, where heads are flat.
    swivels : int or None               Of a column of a ring at each of its places; None: by the body's width.
    pixel : float                       Of the views, and side of the voxels [mm].
    iterations, subsets : int           Of OSEM.
    scatter : str                       "model": computed from the image, with penetration; "windows": from those beside the peak.
    scatter_filter : float              FWHM by which the estimate from windows is smoothed [mm].
    histories : int                     Photons followed for later scatters, a scan.
    scatter_histories : int             Photons followed by the reconstruction that models scatter.
    energy : float                      Of the imaged line [MeV]; 0: that which cameras image of the nuclide.
    """

    views: int = 60
    swivels: int | None = None
    pixel: float = 4.8
    iterations: int = 8
    subsets: int = 10
    scatter: str = "model"
    scatter_filter: float = 15.0
    histories: int = 200_000
    scatter_histories: int = 400_000
    energy: float = 0.0

    def __post_init__(self) -> None:
        if self.scatter not in SCATTER:
            raise InputError(f"scatter by {self.scatter!r}; allowed are {' and '.join(SCATTER)}. Choose one.")

    def line(self, nuclide: str) -> float:
        """Energy of the imaged line [MeV]."""
        return self.energy or imaged_energy(nuclide)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """When and where a scan is taken.

    Attributes
    ----------
    start : datetime or None
    centre : (x, y, z)                  Of the orbit, in the patient [mm].
    frame_of_reference : str
    """

    start: datetime | None = None
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    frame_of_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExpectedScan:
    """Expected counts of one scan (windows, views, rows, columns), and how they were made."""

    counts: npt.NDArray[np.float32]
    setup: Acquisition
    scatter: MultipleScatter

    def times(self, factor: float) -> "ExpectedScan":
        """The same of ``factor`` times the activity."""
        return replace(self, counts=self.counts * np.float32(factor))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReconstructedScan:
    """Activity concentration at the start of a scan [Bq/ml], and what its noise follows from."""

    image: Image
    noise: NoiseModel


def acquisition(
    camera: Camera,
    collimator: Collimator,
    plan: ScanPlan,
    *,
    nuclide: str,
    duration: float,
    body: Phantom,
    grid: Grid,
    radius: float | None = None,
) -> Acquisition:
    """Three windows about the imaged line: a full circle by steps of flat heads, or columns that sweep over the body.

    Pixels of a flat head are as many as the crystal holds, an even number; those of columns are their own.

    Parameters
    ----------
    body, grid                          The scan keeps clear of it.
    radius : float or None              Of the orbit of flat heads [mm]; None: close to the body.
    """
    windows = triple_windows(plan.line(nuclide))
    if isinstance(camera, RingCamera):
        around = outline_of(body, grid, length=camera.axial_length)
        return swivel_and_count(camera, nuclide=nuclide, windows=windows, duration=duration, outline=around, swivels=plan.swivels)
    rows, columns = (2 * int(length / plan.pixel / 2) for length in camera.field_of_view)
    setup = step_and_shoot(
        camera, collimator, nuclide=nuclide, windows=windows, duration=duration,
        views=camera.heads * math.ceil(plan.views / camera.heads), radius=radius or radius_around(body, grid), matrix=columns,
        pixel=plan.pixel,
    )  # fmt: skip
    return replace(setup, orbit=replace(setup.orbit, rows=rows))


def scene_grid(camera: Camera, plan: ScanPlan) -> Grid:
    """Voxels about the middle of the orbit in which photons start: as wide as the crystal or the ring, longer than it."""
    axial, across = camera.field_of_view
    across = ACROSS if isinstance(camera, RingCamera) else across
    rows, columns = (2 * int(length / plan.pixel / 2) for length in (axial, across))
    return grid_around((rows + 2 * round(MARGIN / plan.pixel), columns, columns), plan.pixel)


def radius_around(body: Phantom, grid: Grid) -> float:
    """Of an orbit that keeps clear of a body on ``grid`` [mm]."""
    solid = (body.density > SOLID).any(axis=0)
    rows, columns = np.nonzero(solid)
    a = grid.affine
    reach = np.hypot(a[0, 0] * columns + a[0, 3], a[1, 1] * rows + a[1, 3])
    return float(reach.max(initial=100.0)) + CLEARANCE


def expected_scan(activity: Image, body: Phantom, setup: Acquisition, plan: ScanPlan, *, seed: int, visit: int) -> ExpectedScan:
    """The counts to be expected of a known activity at the start of the scan; they go with it.

    Parameters
    ----------
    activity, body                      On one grid about the middle of the orbit.
    """
    count = expected_of_columns if setup.is_narrow else expected_with_coarse_scatter
    expected, scatter = count(
        activity, body, setup, seed=seed + _SCATTER_SEED * (1 + visit), histories=plan.histories
    )  # fmt: skip
    return ExpectedScan(counts=expected.total, setup=setup, scatter=scatter)


def counted(expected: ExpectedScan, *, placed: Placed | None = None, seed: int, visit: int) -> Projections:
    """Poisson counts of a scan; :func:`without_noise` are the expected ones.

    Parameters
    ----------
    placed : Placed or None             None: the middle of the orbit is the origin.
    """
    exact = without_noise(expected, placed=placed)
    return replace(exact, counts=drawn(expected.counts, expected.setup, seed=seed, replicate=visit).counts)


def without_noise(expected: ExpectedScan, *, placed: Placed | None = None) -> Projections:
    """The expected counts as projections."""
    at = placed or Placed()
    return projections_of(
        expected.counts, expected.setup, start=at.start, centre=at.centre, frame_of_reference=at.frame_of_reference
    )  # fmt: skip


def reconstructed(
    projections: Projections,
    setup: Acquisition,
    plan: ScanPlan,
    *,
    ct: Image,
    sensitivity: float,
    progress: Progress | None = None,
) -> ReconstructedScan:
    """Activity concentration at the start of the scan, corrected for attenuation, response of the detector and scatter.

    Parameters
    ----------
    ct : Image                          [HU], in the frame of the projections.
    sensitivity : float                 Of one head in the photopeak, in air, through holes and walls [counts/(Bq s)].
    """
    energy, modelled = plan.line(setup.nuclide), plan.scatter == "model"
    system = SpectSystem(
        sensitivity=sensitivity,
        response=detector_response(setup.camera, setup.collimator, energy).fwhm,
        half_life=setup.half_life,
        peak=PEAK,
        scatter_windows=() if modelled else (LOWER, UPPER),
        scatter_model=(
            ScatterModel(camera=setup.camera, collimator=setup.collimator, histories=plan.scatter_histories) if modelled else None
        ),
        energy=energy,
    )
    settings = SpectProtocol(
        iterations=plan.iterations, subsets=min(plan.subsets, setup.orbit.views), scatter_filter=plan.scatter_filter
    )
    mu = attenuation_on(ct, grid_of(projections), energy)
    model = spect_model(projections, system, mu=mu, scatter_filter=settings.scatter_filter)
    values = osem(
        model.operator, model.counts, additive=model.additive, iterations=settings.iterations, subsets=settings.subsets,
        progress=progress,
    )  # fmt: skip
    image = Image(values=np.ascontiguousarray(values), grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    return ReconstructedScan(image=image, noise=noise_model(model, projections, system, mu=mu, settings=settings))
