"""The noise of an organ's mean in one SPECT scan, without realisations: from the derivative of the reconstruction."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.painting import shares
from hevesy.imaging.phantoms import Sphere
from hevesy.imaging.reconstruct import osem_course, region_covariance
from hevesy.imaging.trials.scene import Scene
from hevesy.imaging.trials.spect_scan import SpectScan

Floats = npt.NDArray[np.float32]

# Organs of a dosimetry scan: their regions, and a sphere that holds them in the reference man [mm].
ORGANS: dict[str, tuple[tuple[str, ...], Sphere]] = {
    "kidney": (("Kidney_Left", "Kidney_Right"), Sphere(name="kidneys", centre=(0.0, 44.0, 0.0), diameter=140.0)),
    "liver": (("Liver",), Sphere(name="liver", centre=(-50.0, -20.0, 50.0), diameter=170.0)),
    "spleen": (("Spleen",), Sphere(name="spleen", centre=(101.0, 46.0, 68.0), diameter=110.0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionNoise:
    """Of one organ in one scan.

    Attributes
    ----------
    mean, truth : float                 Concentration as reconstructed without noise, and true [Bq/ml].
    u_relative : float                  Standard uncertainty of the mean by counting, in ``duration`` [1].
    duration : float                    [s].
    counts : float                      In the peak, of the whole scan.
    volume : float                      [ml].
    by_boundary : float                 Relative change of the mean as the outline moves outwards [1/mm].
    """

    mean: float
    truth: float
    u_relative: float
    duration: float
    counts: float
    volume: float
    by_boundary: float = 0.0

    def u_after(self, duration: float) -> float:
        """Relative standard uncertainty after another time: it falls with the root of the counts."""
        return self.u_relative * math.sqrt(self.duration / duration)


def organ_sphere(organ: str, factors: tuple[float, float, float]) -> Sphere:
    """A sphere about the organ in a body that is ``factors`` times the reference man."""
    if organ not in ORGANS:
        raise InputError(f"organ {organ!r} is not known. Known are {', '.join(ORGANS)}.")
    held = ORGANS[organ][1]
    x, y, z = (c * f for c, f in zip(held.centre, factors, strict=True))
    return Sphere(name=organ, centre=(x, y, z), diameter=held.diameter * max(factors))


def kidney_noise(scan: SpectScan, activity: float, *, organ: str = "kidney") -> RegionNoise:
    """Noise of an organ's mean with ``activity`` [MBq] administered, in the time of the scene.

    The covariance of :func:`hevesy.imaging.reconstruct.region_covariance` of the expected counts, with the noise of the
    scatter windows; the organ's outline is the true one.
    """
    inside = _organ(scan.scene, organ)[_rows_of(scan)]
    counts = scan.expected(activity, lesion=False)[:, :, scan.rows]
    scatter = scan.scatter(counts)
    course = osem_course(
        scan.projector, counts[0], additive=scatter.estimate(), scatter=scatter,
        iterations=scan.protocol.iterations, subsets=scan.protocol.subsets,
    )  # fmt: skip
    # The mean of the filtered image is that of the image itself under filtered weights.
    weights = scan.filtered(inside)
    variance = float(region_covariance(course, [weights])[0, 0])
    mean = float((course.image * weights).sum(dtype=np.float64) / weights.sum(dtype=np.float64))
    truth = scan.scene.activity.values[_rows_of(scan)]
    true_mean = float((truth * inside).sum(dtype=np.float64) / inside.sum(dtype=np.float64)) * activity
    return RegionNoise(
        mean=mean, truth=true_mean, u_relative=math.sqrt(variance) / mean, duration=scan.scene.duration,
        counts=float(counts[0].sum(dtype=np.float64)), volume=float(inside.sum(dtype=np.float64)) * scan.grid.voxel_volume / 1000,
        by_boundary=by_boundary(scan.filtered(course.image), inside, scan.grid.spacing),
    )  # fmt: skip


def by_boundary(image: Floats, inside: Floats, spacing: tuple[float, float, float]) -> float:
    """Relative change of a region's mean as its outline moves outwards [1/mm].

        d ln m / db = int f |grad s| dV / int f s dV - int |grad s| dV / int s dV

    with the image f and the share s of each voxel that lies inside: its gradient is where the surface is.

    Parameters
    ----------
    image, inside : ndarrays (z, y, x)
    spacing : (x, y, z)                 [mm].
    """
    s = inside.astype(np.float64)
    surface = np.sqrt(sum(g**2 for g in np.gradient(s, *spacing[::-1])))
    return float((image * surface).sum() / (image * s).sum() - surface.sum() / s.sum())


def _rows_of(scan: SpectScan) -> slice:
    n = scan.scene.grid.shape[0]
    cut = (n - scan.grid.shape[0]) // 2
    return slice(cut, n - cut)


def _organ(scene: Scene, organ: str) -> Floats:
    """Share of each voxel that is the organ's, (z, y, x)."""
    names = ORGANS[organ][0]
    pose = np.eye(4)
    pose[2, 3] = -scene.middle
    out = np.zeros(scene.grid.shape, np.float32)
    for layer, box, share in shares(scene.contents.torso.pieces, scene.grid, pose):
        if layer.region in names:
            out[box] += share
    return out
