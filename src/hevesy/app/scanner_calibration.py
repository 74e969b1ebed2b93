"""What a physicist would measure of a simulated camera: its sensitivity and the resolution of its images, with a phantom."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy.app.simulated_scan import MARGIN, ScanPlan, acquisition, expected_scan, reconstructed, scene_grid, without_noise
from hevesy.imaging.clearance import Clearance
from hevesy.imaging.phantoms import Sphere, Subject, activity_map, body_map, concentrations, hounsfield_map
from hevesy.imaging.phantoms.tissues import WATER
from hevesy.imaging.phantoms.vessels import BodyVessel
from hevesy.imaging.reconstruct.spect import grid_of
from hevesy.imaging.shapes import Ellipsoid, Solid
from hevesy.imaging.simulate import PEAK, counts_in_air
from hevesy.imaging.spect import smoothed
from hevesy.imaging.systems import Camera, Collimator, GammaCamera
from hevesy.imaging.torso import Layer, Piece, Torso
from hevesy.model import Grid, Image
from hevesy.nuclides import load_nuclide
from hevesy.units import GBq, h

Array = npt.NDArray[np.float64]

# A body of water with two hot balls, one of an organ's size and one of a lesion's: all of it for the sensitivity, the balls for
# the resolution.
# Its cross section is that of the NEMA IEC body; its orbit is that of an adult: on a narrower one every image is sharper.
WIDTH, LENGTH, ORBIT = 294.0, 240.0, 215.0
BALLS = (60.0, 30.0)
_CENTRES = ((-70.0, 35.0, 0.0), (70.0, 35.0, 0.0))
CONTRAST = 10.0
_LASTING = 1 * h
_FINE = 4  # sub-voxels a side
_WIDTHS = (3.0, 30.0)  # mm
_SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCalibration:
    """Measured with the phantom, by the protocol of the scans.

    Attributes
    ----------
    sensitivity : float                 Of one head in the photopeak [counts/(Bq s)].
    computed : float                    The same in air, from hole, septum, length and crystal alone, with what the walls let
                                        through.
    resolution : float                  FWHM of the images [mm], mean of the two balls.
    widths : tuple of float             Of each ball [mm].
    balls : tuple of float              Their diameters [mm].
    """

    sensitivity: float
    computed: float
    resolution: float
    widths: tuple[float, ...]
    balls: tuple[float, ...] = BALLS


def calibrated(
    camera: Camera,
    collimator: Collimator,
    plan: ScanPlan,
    *,
    nuclide: str,
    progress: Callable[[float], None] | None = None,
) -> CameraCalibration:
    """Sensitivity and resolution from a simulated scan of a phantom, without noise.

        S = S_0 A_image / A_true                  all activity of the phantom
        FWHM :  < G(FWHM) * ball > = c_image / c_true      mean in each ball, brought to the measured S

    With scatter computed from the image S is S_0 within 1 %, here as with a cylinder.  S from the ball of 60 mm alone would be
    1 to 2 % higher: after some tens of updates a hot ball stands too high and the water about it too low, scatter or not, and
    large organs would come out low.  Triple windows leave scatter in hot objects that no one sensitivity makes up for.
    Reference for calibration in scatter and with the clinical reconstruction: Dewaraja et al., J. Nucl. Med. 53 (2012) 1310 (MIRD
    Pamphlet 23).
    """
    who = _phantom(nuclide)
    # Nothing is counted beside the phantom: fewer pixels give the same image.
    short: Camera = camera
    if isinstance(camera, GammaCamera):
        axial, across = camera.field_of_view
        short = replace(camera, field_of_view=(min(axial, LENGTH + MARGIN), min(across, WIDTH + MARGIN)))
    grid = scene_grid(short, plan)
    body = body_map(who, grid)
    setup = acquisition(
        short, collimator, plan, nuclide=nuclide, duration=_LASTING, body=body, grid=grid, radius=ORBIT
    )  # fmt: skip
    if plan.scatter == "model":  # the windows beside the peak are not looked at
        setup = replace(setup, windows=tuple(w for w in setup.windows if w.name == PEAK))
    scan = without_noise(expected_scan(activity_map(who, grid, start=0.0), body, setup, plan, seed=_SEED, visit=0))
    computed = sum(counts_in_air(setup))
    ct = hounsfield_map(who, grid_of(scan))
    image = reconstructed(scan, setup, plan, ct=ct, sensitivity=computed, progress=progress).image
    true = concentrations(who, 0.0)
    seen = float(image.values.sum(dtype=np.float64)) * image.grid.voxel_volume
    ratio = seen / sum(true[name] * volume for name, volume in who.volumes.items())
    widths = tuple(_width(image, ball, true[ball.name] * ratio, true["Water"] * ratio) for ball in who.spheres)
    return CameraCalibration(
        sensitivity=computed * ratio, computed=computed, resolution=float(np.mean(widths)), widths=widths
    )  # fmt: skip


def _phantom(nuclide: str) -> Subject:
    balls = tuple(
        Sphere(name=f"Ball {diameter:g} mm", centre=centre, diameter=diameter)
        for diameter, centre in zip(BALLS, _CENTRES, strict=True)
    )
    solids: list[tuple[str, Solid]] = [
        (b.name, Ellipsoid(center=b.centre, axes=(b.diameter / 2, b.diameter / 2, b.diameter / 2))) for b in balls
    ]
    water = BodyVessel(y=35.0, arch=WIDTH / 2, corner=77.0, low=-LENGTH / 2, high=LENGTH / 2)
    pieces = [Piece(solid=s, layers=(Layer(region=n, tissue=WATER),)) for n, s in (*solids, ("Water", water))]
    volumes = {b.name: math.pi / 6 * b.diameter**3 for b in balls}
    volumes["Water"] = water.area * LENGTH - sum(volumes.values())
    decay = Clearance(amplitudes=(1 * GBq,), rates=(math.log(2) / load_nuclide(nuclide).half_life,))
    torso = Torso(
        pieces=tuple(pieces), clearances={}, remainder=decay, lesions=(),
        weights=dict.fromkeys((b.name for b in balls), CONTRAST) | {"Water": 1.0},
    )  # fmt: skip
    return Subject(name="two balls", title="Water with two hot balls", torso=torso, volumes=volumes, spheres=balls)


def _from_centre(grid: Grid, ball: Sphere) -> Array:
    """Distance of each voxel's centre from that of the ball, shape (z, y, x) [mm]."""
    z, y, x = (
        grid.affine[k, k] * np.arange(n) + grid.affine[k, 3] - ball.centre[k] for k, n in zip((2, 1, 0), grid.shape, strict=True)
    )
    return np.asarray(np.sqrt(z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None, :] ** 2))


def _width(image: Image, ball: Sphere, hot: float, warm: float) -> float:
    """The Gaussian that leaves of a ball's contrast what the image shows of it, mean over its voxels [mm]."""
    from scipy.optimize import brentq

    inside = _from_centre(image.grid, ball) <= ball.diameter / 2
    kept = (float(image.values[inside].mean(dtype=np.float64)) - warm) / (hot - warm)
    box = tuple(slice(max(0, at.min() - 8), at.max() + 9) for at in np.nonzero(inside))
    sub, mask = _subdivided(image.grid, box), inside[box]
    ideal = (_from_centre(sub, ball) <= ball.diameter / 2).astype(np.float32)
    parts = [m for n in mask.shape for m in (n, _FINE)]

    def excess(fwhm: float) -> float:
        blurred = smoothed(ideal, fwhm, sub.spacing).reshape(parts).mean(axis=(1, 3, 5))
        return float(blurred[mask].mean()) - kept

    low, high = _WIDTHS
    if excess(low) <= 0:
        return low
    return high if excess(high) >= 0 else float(brentq(excess, low, high, xtol=0.02))


def _subdivided(grid: Grid, box: tuple[slice, ...]) -> Grid:
    into = np.diag([1 / _FINE, 1 / _FINE, 1 / _FINE, 1.0])
    into[:3, 3] = np.array([s.start for s in box[::-1]]) + (1 / _FINE - 1) / 2
    z, y, x = (_FINE * (s.stop - s.start) for s in box)
    return Grid(shape=(z, y, x), affine=grid.affine @ into)
