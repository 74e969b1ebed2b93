"""One scan on a simulated gamma camera: how it is taken, what is counted, and the image that is made of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from hevesy.imaging.phantoms import grid_around
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectReconstruction, SpectSystem, reconstruct_spect
from hevesy.imaging.simulate import (
    CLEARANCE,
    LOWER,
    PEAK,
    UPPER,
    Acquisition,
    MultipleScatter,
    drawn,
    expected_with_coarse_scatter,
    imaged_energy,
    projections_of,
    step_and_shoot,
    triple_windows,
)
from hevesy.imaging.systems import Collimator, GammaCamera, detector_response
from hevesy.model import Grid, Image, Projections
from hevesy.transport import Phantom

Progress = Callable[[float], None]

SOLID = 0.1  # g/ml: above it a voxel is body
MARGIN = 60.0  # mm of body above and below the detector from which photons are followed
# Noise and scatter of one visit are two batches; so many visits of one seed never meet.
_SCATTER_SEED = 7919


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """How a simulated camera scans and reconstructs.

    Attributes
    ----------
    views : int                         Over 360 degrees, of all heads together.
    pixel : float                       Of the views, and side of the voxels [mm].
    iterations, subsets : int           Of OSEM.
    scatter_filter : float              FWHM by which the scatter estimate is smoothed [mm].
    histories : int                     Photons followed for the factors of multiple scatter, a scan.
    """

    views: int = 60
    pixel: float = 4.8
    iterations: int = 8
    subsets: int = 10
    scatter_filter: float = 15.0
    histories: int = 50_000


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
class SimulatedScan:
    """Counts of one scan, and how they were made."""

    projections: Projections
    setup: Acquisition
    scatter: MultipleScatter


def acquisition(
    camera: GammaCamera, collimator: Collimator, plan: ScanPlan, *, nuclide: str, duration: float, radius: float
) -> Acquisition:
    """A full circle by steps with three windows about the imaged line; pixels as many as the crystal holds, an even number."""
    rows, columns = (2 * int(length / plan.pixel / 2) for length in camera.field_of_view)
    setup = step_and_shoot(
        camera, collimator, nuclide=nuclide, windows=triple_windows(imaged_energy(nuclide)), duration=duration,
        views=camera.heads * math.ceil(plan.views / camera.heads), radius=radius, matrix=columns, pixel=plan.pixel,
    )  # fmt: skip
    return replace(setup, orbit=replace(setup.orbit, rows=rows))


def scene_grid(camera: GammaCamera, plan: ScanPlan) -> Grid:
    """Voxels about the middle of the orbit in which photons start: as wide as the crystal, longer than it."""
    rows, columns = (2 * int(length / plan.pixel / 2) for length in camera.field_of_view)
    return grid_around((rows + 2 * round(MARGIN / plan.pixel), columns, columns), plan.pixel)


def radius_around(body: Phantom, grid: Grid) -> float:
    """Of an orbit that keeps clear of a body on ``grid`` [mm]."""
    solid = (body.density > SOLID).any(axis=0)
    rows, columns = np.nonzero(solid)
    a = grid.affine
    reach = np.hypot(a[0, 0] * columns + a[0, 3], a[1, 1] * rows + a[1, 3])
    return float(reach.max(initial=100.0)) + CLEARANCE


def scanned(
    activity: Image,
    body: Phantom,
    setup: Acquisition,
    plan: ScanPlan,
    *,
    seed: int,
    visit: int,
    noise: bool = True,
    placed: Placed | None = None,
) -> SimulatedScan:
    """The counts of a known activity at the start of the scan; without noise they are the expected ones.

    Parameters
    ----------
    activity, body                      On one grid about the middle of the orbit.
    placed : Placed or None             None: the middle of the orbit is the origin.
    """
    expected, scatter = expected_with_coarse_scatter(
        activity, body, setup, seed=seed + _SCATTER_SEED * (1 + visit), histories=plan.histories
    )
    at = placed or Placed()
    exact = projections_of(
        expected.total, setup, start=at.start, centre=at.centre, frame_of_reference=at.frame_of_reference
    )  # fmt: skip
    counts = replace(exact, counts=drawn(expected.total, setup, seed=seed, replicate=visit).counts) if noise else exact
    return SimulatedScan(projections=counts, setup=setup, scatter=scatter)


def reconstructed(
    scan: SimulatedScan, plan: ScanPlan, *, ct: Image, sensitivity: float, progress: Progress | None = None
) -> SpectReconstruction:
    """Activity concentration at the start of the scan, corrected for attenuation, response of the detector and scatter.

    Parameters
    ----------
    ct : Image                          [HU], in the frame of the projections.
    sensitivity : float                 Of one head in the photopeak [counts/(Bq s)].
    """
    setup = scan.setup
    energy = imaged_energy(setup.nuclide)
    system = SpectSystem(
        sensitivity=sensitivity,
        response=detector_response(setup.camera, setup.collimator, energy).fwhm,
        half_life=setup.half_life,
        peak=PEAK,
        scatter_windows=(LOWER, UPPER),
        energy=energy,
    )
    settings = SpectProtocol(
        iterations=plan.iterations, subsets=min(plan.subsets, setup.orbit.views), scatter_filter=plan.scatter_filter
    )
    return reconstruct_spect(scan.projections, system, mu=ct, settings=settings, progress=progress)
