"""Photons through the walls of a collimator: how many, and how far from where they should be seen."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.imaging.systems import Collimator
from hevesy.imaging.systems.collimator import effective_length
from hevesy.imaging.systems.crystal import attenuation

Array = npt.NDArray[np.float64]

_POSITIONS, _AZIMUTHS, _ANGLES, _STEPS = 96, 6, 64, 160
_WIDEST = 1.2  # tangent of the greatest angle


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Penetration:
    """Septal penetration at one energy.

    Attributes
    ----------
    fraction : float                    Photons through walls by those through holes [1].
    tangent : ndarray (n,)              Of the angle to the holes, from the acceptance angle on.
    passed : ndarray (n,)               Share of photons at that angle that pass, mean over place and azimuth [1].
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

        T(theta) = < exp(-mu l) >,   f = int_beyond T sin(theta) dtheta / int_within T sin(theta) dtheta

    l is the way in metal of a straight ray, <> the mean over its place and azimuth, the limit the acceptance angle
    arctan((d + t) / L_e).

    Neglected: scatter and K X-rays of the metal, which at 364 keV are of the same order; the star that hexagonal walls
    draw is averaged over azimuth. Reference for the method: Metz, Atkins, Beck, Phys. Med. Biol. 25 (1980) 1059.
    """
    mu = attenuation(collimator.material, energy)
    limit = (collimator.hole + collimator.septum) / effective_length(collimator, energy)
    tangent = np.concatenate([np.linspace(0, limit, 24, endpoint=False), np.linspace(limit, _WIDEST, _ANGLES)])
    passed = np.array([_passed(collimator, mu, t) for t in tangent])
    weight = passed * tangent * (1 + tangent**2) ** -1.5
    within, beyond = tangent <= limit, tangent >= limit
    inside = float(np.trapezoid(weight[within], tangent[within]))
    outside = float(np.trapezoid(weight[beyond], tangent[beyond]))
    return Penetration(
        fraction=outside / inside, tangent=tangent[beyond], passed=passed[beyond], length=collimator.length
    )  # fmt: skip


def _passed(collimator: Collimator, mu: float, tangent: float) -> float:
    """Mean of exp(-mu l) over places in a cell and azimuths, from points along each ray."""
    n = np.arange(_POSITIONS)
    pitch = collimator.hole + collimator.septum
    # An even cover of the plane by additive recurrence; the cell is a part of a wide square.
    start = np.stack([(0.5 + n * 0.7548776662466927) % 1, (0.5 + n * 0.5698402909980532) % 1]) * pitch * 24
    depth = (np.arange(_STEPS) + 0.5) / _STEPS * collimator.length
    total = 0.0
    for k in range(_AZIMUTHS):
        azimuth = (k + 0.5) / _AZIMUTHS * math.pi / 3
        x = start[0][:, None] + depth * tangent * math.cos(azimuth)
        y = start[1][:, None] + depth * tangent * math.sin(azimuth)
        metal = ~_in_hole(x, y, collimator)
        way = metal.mean(axis=1) * collimator.length * math.hypot(1.0, tangent)
        total += float(np.exp(-mu * way).mean())
    return total / _AZIMUTHS


def _in_hole(x: Array, y: Array, collimator: Collimator) -> npt.NDArray[np.bool_]:
    pitch, half = collimator.hole + collimator.septum, collimator.hole / 2
    if collimator.shape == "square":
        u, v = (np.abs(c - pitch * np.round(c / pitch)) for c in (x, y))
        return np.asarray((u <= half) & (v <= half))
    # Triangular lattice: the nearest of the two rectangular lattices that make it up.
    high = math.sqrt(3) * pitch
    inside = np.zeros(np.shape(x), dtype=bool)
    for ox, oy in ((0.0, 0.0), (pitch / 2, high / 2)):
        u = x - ox - pitch * np.round((x - ox) / pitch)
        v = y - oy - high * np.round((y - oy) / high)
        if collimator.shape == "round":
            inside |= np.hypot(u, v) <= half
        else:
            a, b = 0.5 * u + math.sqrt(0.75) * v, 0.5 * u - math.sqrt(0.75) * v
            inside |= np.maximum(np.abs(u), np.maximum(np.abs(a), np.abs(b))) <= half
    return inside
