"""How a gamma camera is set up: windows, orbit, and when each view is taken."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.projectors import Orbit, circular_orbit
from hevesy.imaging.systems import Camera, Collimator, GammaCamera, detector_response
from hevesy.imaging.systems.gamma_camera import energy_resolution
from hevesy.model import EnergyWindow
from hevesy.model.arrays import frozen
from hevesy.nuclides import load_nuclide, radiations

Array = npt.NDArray[np.float64]

# Lines below this share of the strongest one in reach are left out.
FAINT = 5e-3
CLEARANCE = 25.0  # between the body and the collimator [mm]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acquisition:
    """Camera, nuclide, energy windows, orbit and times.

    Attributes
    ----------
    camera : GammaCamera or RingCamera
    collimator : Collimator             With parallel holes, or a pinhole.
    nuclide : str
    windows : tuple of EnergyWindow     The first one is the peak.
    orbit : Orbit
    starts, durations : ndarray (views,)    Of each view, since the start of the acquisition [s].
    """

    camera: Camera
    collimator: Collimator
    nuclide: str
    windows: tuple[EnergyWindow, ...]
    orbit: Orbit
    starts: Array
    durations: Array

    def __post_init__(self) -> None:
        for name in ("starts", "durations"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
            if getattr(self, name).shape != (self.orbit.views,):
                raise InputError(f"acquisition: {name} must be one number for each of {self.orbit.views} views.")
        if not self.windows or np.any(self.durations <= 0) or np.any(self.starts < 0):
            raise InputError("acquisition: give at least one window, durations above 0 and starts from 0.")

    @property
    def is_pinhole(self) -> bool:
        """Whether photons come through one hole."""
        return self.collimator.shape == "pinhole"

    @property
    def is_narrow(self) -> bool:
        """Whether detectors look past the axis: columns that swivel."""
        return bool(np.any(self.orbit.shifts != 0))

    @property
    def half_life(self) -> float:
        """[s]."""
        return load_nuclide(self.nuclide).half_life

    def decays(self) -> Array:
        """Decays in each view per Bq at the start of the acquisition [s], shape (views,).

        integral of e^(-lambda t) over the view = e^(-lambda t_v) (1 - e^(-lambda d)) / lambda
        """
        lam = math.log(2) / self.half_life
        return np.asarray(np.exp(-lam * self.starts) * -np.expm1(-lam * self.durations) / lam)

    def lines(self) -> tuple[tuple[float, float], ...]:
        """Photon lines that can be counted: energy [MeV] and yield per decay.

        Those that reach the lowest window within four standard deviations of their energy resolution, and scatter
        down into the windows from above. Fainter ones than 0.5 % of the strongest are left out.
        """
        emitted = radiations(self.nuclide)
        energies = np.concatenate([emitted.photon_energy, emitted.annihilation_energy])
        yields = np.concatenate([emitted.photon_yield, emitted.annihilation_yield])
        least = lowest_energy(self.camera, self.windows)
        pairs = [(float(e), float(y)) for e, y in zip(energies, yields, strict=True) if e >= least and y > 0]
        if not pairs:
            raise InputError(
                f"{self.nuclide} has no photon line that reaches the windows. Choose windows about one of its lines."
            )
        strongest = max(y for _, y in pairs)
        return tuple((e, y) for e, y in pairs if y >= FAINT * strongest)

    def fwhm(self, energy: float) -> "npt.NDArray[np.float64]":
        """Width of the response at every mm of distance up to the far side [mm]."""
        far = float(self.orbit.radii.max()) * 2 + 500.0
        return detector_response(self.camera, self.collimator, energy).fwhm(np.arange(0.0, far))

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Pixels that lie on the crystal, shape (rows, columns)."""
        (dy, dx), (axial, across) = self.orbit.pixel, self.camera.field_of_view
        y = (np.arange(self.orbit.rows) - (self.orbit.rows - 1) / 2) * dy
        x = (np.arange(self.orbit.columns) - (self.orbit.columns - 1) / 2) * dx
        return np.asarray((np.abs(y) <= axial / 2)[:, None] & (np.abs(x) <= across / 2)[None, :])


def lowest_energy(camera: Camera, windows: tuple[EnergyWindow, ...]) -> float:
    """Below it no photon is counted in any window [MeV]: four standard deviations below the lowest limit."""
    least = min(window.lower for window in windows) / 1000
    return least * (1 - 4 * energy_resolution(camera, least) / math.sqrt(8 * math.log(2)))


def step_and_shoot(  # noqa: PLR0913 - all have a name at the call
    camera: Camera,
    collimator: Collimator,
    *,
    nuclide: str,
    windows: tuple[EnergyWindow, ...],
    duration: float,
    views: int,
    radius: float,
    matrix: int = 128,
    pixel: float = 4.8,
    pause: float = 0.0,
    heads: int | None = None,
) -> Acquisition:
    """A full circle by steps: each of the heads takes its part of the views, all heads at the same times.

        head h takes the views h N/H to (h + 1) N/H - 1; its k-th starts at k (d + pause),   d = T H/N - pause

    Parameters
    ----------
    duration : float                    Of the whole acquisition T [s].
    views : int                         Of all heads together, N, over 360 degrees.
    radius : float                      From the axis to the face of the collimator, or to the pinhole [mm].
    matrix, pixel : int, float          Square views of so many pixels of so many mm.
    pause : float                       While the heads move [s].
    heads : int, optional               Fewer than the camera has.
    """
    if not isinstance(camera, GammaCamera):
        raise ScopeError(
            f"{camera.name} is a ring of columns; steps are those of flat heads. Use swivel_and_count, or choose a gamma camera."
        )
    used = heads or camera.heads
    if views < used or views % used:
        raise InputError(f"{views} views do not divide among {used} heads. Give a multiple of {used}.")
    steps = views // used
    dwell = duration / steps - pause
    if dwell <= 0:
        raise InputError(f"{duration:g} s for {steps} steps leave no time to count beside the pause of {pause:g} s. Scan longer.")
    orbit = circular_orbit(views, radius=radius, rows=matrix, columns=matrix, pixel=(pixel, pixel))
    return Acquisition(
        camera=camera,
        collimator=collimator,
        nuclide=nuclide,
        windows=windows,
        orbit=orbit,
        starts=np.tile(np.arange(steps) * (dwell + pause), used),
        durations=np.full(views, dwell),
    )
