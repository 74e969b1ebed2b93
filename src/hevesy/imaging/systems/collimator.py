"""Collimators: resolution and efficiency from the size of their holes."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.systems.crystal import attenuation
from hevesy.imaging.systems.origin import OWN, Origin

Array = npt.NDArray[np.float64]

SHAPES = ("hexagonal", "square", "round", "pinhole")
# Open area of a hole of width 1 across flats.
_HOLE_AREA = {"hexagonal": math.sqrt(3) / 2, "square": 1.0, "round": math.pi / 4}
# Area of the cell that belongs to a hole, pitch 1; round holes are packed as hexagons.
_CELL_AREA = {"hexagonal": math.sqrt(3) / 2, "square": 1.0, "round": math.sqrt(3) / 2}
_BOUNDS = {"hole": (0.2, 15.0), "septum": (0.0, 5.0), "length": (5.0, 400.0), "gap": (0.0, 50.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collimator:
    """Holes in front of a crystal.

    Attributes
    ----------
    name : str                          "LEHR".
    hole : float                        Width across flats; diameter of a pinhole [mm].
    septum : float                      Wall between two holes [mm]; 0 for a pinhole.
    length : float                      Of the holes; of a pinhole the distance from its aperture to the crystal [mm].
    shape : str                         "hexagonal", "square", "round" or "pinhole".
    material : str                      "lead" or "tungsten".
    opening : float                     Full opening angle of a pinhole [degrees]; 0 for parallel holes.
    gap : float                         From the back of the holes to where the crystal sees [mm].
    highest_energy : float              For which it is made [MeV]; 0 where not stated.
    published_resolution : float or None    FWHM of the system at ``published_distance`` [mm].
    published_distance : float          From the face of the collimator [mm].
    published_sensitivity : float or None   Planar, of the system, for ``published_nuclide`` [counts/(Bq s)].
    published_nuclide : str
    origin, published_origin : Origin
    """

    name: str
    hole: float
    septum: float
    length: float
    shape: str = "hexagonal"
    material: str = "lead"
    opening: float = 0.0
    gap: float = 0.0
    highest_energy: float = 0.0
    published_resolution: float | None = None
    published_distance: float = 100.0
    published_sensitivity: float | None = None
    published_nuclide: str = "Tc-99m"
    origin: Origin = OWN
    published_origin: Origin = OWN

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise InputError(
                f"collimator {self.name}: shape is {self.shape!r}; allowed are {', '.join(SHAPES)}. Use one of them."
            )
        for field, (least, most) in _BOUNDS.items():
            value = getattr(self, field)
            if not least <= value <= most:
                raise InputError(
                    f"collimator {self.name}: {field} is {value} mm; allowed is {least:g} to {most:g} mm. Give millimetres."
                )
        if (self.shape == "pinhole") != (0 < self.opening < 180):
            raise InputError(
                f"collimator {self.name}: a {self.shape} one with an opening angle of {self.opening} degrees; a pinhole has "
                "one between 0 and 180, parallel holes have 0. Correct shape or opening."
            )

    @property
    def source(self) -> str:
        """Where hole, septum and length come from."""
        return self.origin.source

    @property
    def how(self) -> str:
        """How hole, septum and length were obtained."""
        return self.origin.how


def effective_length(collimator: Collimator, energy: float) -> float:
    """Length of parallel holes less what photons cut off at both ends [mm].

        L_e = L - 2 / mu(E)

    Parameters
    ----------
    energy : float                      [MeV].

    Neglected: the angle of the path through the septum. Reference: Anger, J. Nucl. Med. 5 (1964) 515; Cherry,
    Sorenson, Phelps, Physics in Nuclear Medicine, 4th ed., eq. 14-6.
    """
    length = collimator.length - 2 / attenuation(collimator.material, energy)
    if length <= 0:
        raise InputError(
            f"collimator {collimator.name}: holes of {collimator.length} mm do not stop photons of {energy * 1000:.4g} keV; "
            "2/mu is longer. Choose a collimator for this energy."
        )
    return length


def effective_aperture(collimator: Collimator, energy: float) -> float:
    """Diameter of a pinhole with what photons penetrate at its edge [mm].

        d_e = sqrt(d (d + (2/mu) tan(alpha/2)))

    for the sensitivity as for the resolution. Neglected: a channel edge, and the direction of the photon (Metzler,
    IEEE Trans. Med. Imaging 20 (2001) 730, has both). Reference: Anger 1967, in Cherry et al., eq. 14-14.
    """
    edge = 2 / attenuation(collimator.material, energy) * math.tan(math.radians(collimator.opening) / 2)
    return math.sqrt(collimator.hole * (collimator.hole + edge))


def geometric_resolution(collimator: Collimator, distance: npt.ArrayLike, energy: float) -> Array:
    """FWHM of what the collimator alone shows of a point, at the scale of the object [mm].

        parallel   R_g = d (L_e + z + b) / L_e
        pinhole    R_g = d_e (z + f) / f

    Parameters
    ----------
    distance : array, any shape         From the face of the collimator, or from the aperture, to the point [mm].
    energy : float                      [MeV].

    Neglected: penetration beyond L_e or d_e, scatter in the collimator, the pattern of the holes.
    Reference: Anger, J. Nucl. Med. 5 (1964) 515; Cherry et al., eqs. 14-5, 14-13.
    """
    z = _checked(distance, collimator)
    if collimator.shape == "pinhole":
        return np.asarray(effective_aperture(collimator, energy) * (z + collimator.length) / collimator.length)
    length = effective_length(collimator, energy)
    return np.asarray(collimator.hole * (length + z + collimator.gap) / length)


def geometric_efficiency(collimator: Collimator, energy: float, *, distance: float | None = None) -> float:
    """Share of the photons of a point that reach the crystal through the holes [1].

        parallel   g = A_hole / (4 pi L_e^2) * A_hole / A_cell          at any distance
                     = (K d/L_e * d/(d+t))^2                            K = 0.2625 hexagonal, 0.2821 square
        pinhole    g = d_e^2 / (16 z^2)                                 on the axis

    Parameters
    ----------
    energy : float                      [MeV].
    distance : float                    From the aperture of a pinhole [mm]; needed there, not used for parallel holes.

    Neglected: photons through the septa and those scattered in them, which add 1 % at 140 keV with a good
    collimator and the half at 364 keV. Reference: Anger, J. Nucl. Med. 5 (1964) 515; Cherry et al., eqs. 14-7, 14-15.
    """
    if collimator.shape == "pinhole":
        if distance is None or not distance > 0:
            raise InputError(
                f"collimator {collimator.name}: the efficiency of a pinhole falls with the distance; got {distance}. "
                "Give the distance of the point from the aperture [mm]."
            )
        return effective_aperture(collimator, energy) ** 2 / (16 * distance**2)
    open_area = _HOLE_AREA[collimator.shape] * collimator.hole**2
    cell = _CELL_AREA[collimator.shape] * (collimator.hole + collimator.septum) ** 2
    return open_area / (4 * math.pi * effective_length(collimator, energy) ** 2) * open_area / cell


def septal_penetration(collimator: Collimator, energy: float) -> float:
    """Share of photons that cross one septum on the shortest way from hole to hole [1]; 0 for a pinhole.

        w = t L / (2 d + t)          P = exp(-mu w)

    Below 5 % is the usual aim of a design. Reference: Anger 1964; Cherry et al., eq. 14-3.
    """
    if collimator.shape == "pinhole":
        return 0.0
    path = collimator.septum * collimator.length / (2 * collimator.hole + collimator.septum)
    return math.exp(-attenuation(collimator.material, energy) * path)


def _checked(distance: npt.ArrayLike, collimator: Collimator) -> Array:
    z = np.asarray(distance, dtype=np.float64)
    if not np.all(np.isfinite(z)) or np.any(z < 0):
        raise InputError(
            f"collimator {collimator.name}: a distance is {np.min(z):.4g} mm; allowed is 0 and more. Measure from its face."
        )
    return z
