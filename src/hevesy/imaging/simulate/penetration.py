"""Photons through the walls of a collimator: how many, and how far from where they should be seen."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.imaging.systems import Collimator
from hevesy.imaging.systems.collimator import effective_length
from hevesy.imaging.systems.crystal import attenuation

Array = npt.NDArray[np.float64]

_RAYS, _STEPS = 600, 250  # rays in each step of the tangent, points along each
_NEAR, _FAR = 48, 40  # angles up to twice the acceptance angle, and from there to the widest
_WIDEST = 1.2  # tangent of the greatest angle
_SHAPES = {"square": 0, "hexagonal": 1, "round": 2}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Penetration:
    """Septal penetration at one energy.

    Attributes
    ----------
    fraction : float                    Photons that cross a wall by those that leave by the hole they came in [1].
    tangent : ndarray (n,)              Of the angle to the holes.
    passed : ndarray (n,)               Share of photons at that angle that cross walls, mean over place and azimuth [1].
    length : float                      Of the holes [mm].
    """

    fraction: float
    tangent: Array
    passed: Array
    length: float

    def kernel(self, distance: float, pixel: tuple[float, float], reach: int) -> npt.NDArray[np.float32]:
        """Counts about a point at ``distance`` [mm] from the face, sum = fraction; shape (2 reach + 1, 2 reach + 1).

        k(r) = T(theta) cos^3(theta) / D^2,   tan(theta) = r / D,   D = distance + length
        """
        D = distance + self.length
        y, x = (np.arange(-reach, reach + 1) * side for side in pixel)
        tangent = np.hypot(y[:, None], x[None, :]) / D
        flux = np.interp(tangent, self.tangent, self.passed, left=0.0, right=0.0) * (1 + tangent**2) ** -1.5
        total = float(flux.sum())
        return np.asarray(flux * (self.fraction / total if total > 0 else 0.0), dtype=np.float32)


@cache
def penetration(collimator: Collimator, energy: float) -> Penetration:
    """Septal penetration of parallel holes at ``energy`` [MeV], by rays through the pattern of the holes.

        f = int T_w sin(theta) dtheta / int T_h sin(theta) dtheta,      T = < exp(-mu l) > = T_h + T_w

    l is the way in metal of a straight ray, <> the mean over its place and azimuth.  T_h counts rays that leave by the hole
    through which they came, with what its edges let through (Anger's effective length stands for these), T_w those that
    crossed a wall.  Photons through the corners of a hole come at up to sqrt(2) of its acceptance angle and are no penetration.

    Neglected: scatter and K X-rays of the metal, which at 364 keV are of the same order; the star that hexagonal walls
    draw is averaged over azimuth. Reference for the method: Metz, Atkins, Beck, Phys. Med. Biol. 25 (1980) 1059.
    """
    from hevesy.imaging.simulate._kernels import through_cells

    pitch = collimator.hole + collimator.septum
    limit = 2 * pitch / effective_length(collimator, energy)
    edges = np.concatenate([np.linspace(0, limit, _NEAR, endpoint=False), np.linspace(limit, max(_WIDEST, 2 * limit), _FAR)])
    passed = np.empty((2, edges.size - 1))
    through_cells(
        _SHAPES[collimator.shape], (collimator.hole, pitch, collimator.length), attenuation(collimator.material, energy), edges,
        _RAYS, _STEPS, passed,
    )  # fmt: skip
    holes, walls = passed @ -np.diff((1 + edges**2) ** -0.5)  # int sin(theta) dtheta = -cos(theta)
    return Penetration(
        fraction=float(walls / holes), tangent=(edges[1:] + edges[:-1]) / 2, passed=passed[1], length=collimator.length
    )  # fmt: skip
