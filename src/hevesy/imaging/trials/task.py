"""What is looked for: a lesion of a size and contrast at a place, and the region that it is held against."""

import difflib
import math
from dataclasses import dataclass, replace

from hevesy.errors import InputError
from hevesy.imaging.phantoms import Sphere
from hevesy.imaging.shapes import Point
from hevesy.imaging.torso import lordosis

# Diameter of the volume in which the liver's variation is taken [mm], as with a sphere of 3 cm in practice.
LIVER_SPHERE = Sphere(name="liver", centre=(-70.0, 12.0, 45.0), diameter=30.0)
# What the reference man's liver has room for there: a small body takes as much of 3 cm as fits. Noise has a grain; in a sphere
# below LEAST_LIVER it is seen too small.
LIVER_ROOM, LEAST_LIVER = 44.0, 20.0


def _in_spine(z: float) -> Point:
    return (0.0, float(lordosis(z)), z)  # type: ignore[arg-type]


# Centre of the lesion, and the even tissue of the same kind that is its background, in the reference man [mm].
PLACES: dict[str, tuple[Point, Sphere]] = {
    "liver": ((-62.0, -48.0, 45.0), LIVER_SPHERE),
    "lung": ((-78.0, 0.0, 150.0), Sphere(name="other lung", centre=(78.0, 0.0, 150.0), diameter=30.0)),
    "muscle": ((34.0, 40.0, -90.0), Sphere(name="other psoas", centre=(-34.0, 40.0, -90.0), diameter=20.0)),
    # At the outer edge of the left kidney, where a defect of the cortex lies; contrast 0 is one without any uptake.
    "kidney": ((82.0, 52.0, -33.0), Sphere(name="other kidney", centre=(-80.0, 50.0, -42.0), diameter=24.0)),
    # Middles of two vertebral bodies; between them lies a disc.
    "spine": (_in_spine(4.0), Sphere(name="vertebra above", centre=_in_spine(37.0), diameter=20.0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """A sphere in a place of the body.

    Attributes
    ----------
    diameter : float                    [mm].
    contrast : float                    Its concentration over that of the tissue around it [1].
    place : str                         A key of :data:`PLACES`.
    """

    diameter: float = 10.0
    contrast: float = 4.0
    place: str = "liver"

    def __post_init__(self) -> None:
        if self.place not in PLACES:
            near = difflib.get_close_matches(self.place, PLACES, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise InputError(f"place {self.place!r} is not known. {meant}Known are {', '.join(PLACES)}.")
        if not 2 <= self.diameter <= 60:
            raise InputError(f"the lesion is {self.diameter:g} mm wide; 2 to 60 mm is meant. Give its diameter in mm.")
        if not (math.isfinite(self.contrast) and 0 <= self.contrast <= 100) or self.contrast == 1:
            raise InputError(f"the contrast is {self.contrast:g} to 1; 0 to 100, and not 1, is meant. 4 is four times as hot.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Spheres of a trial in a body that is ``factors`` (x, y, z) times the reference man.

    ``lesion`` None: nothing but the liver is looked at.
    """

    lesion: Lesion | None
    factors: Point

    @property
    def liver(self) -> Sphere:
        """Where the variation of the liver is taken."""
        fits = min(LIVER_SPHERE.diameter, LIVER_ROOM * min(self.factors))
        return replace(self._scaled(LIVER_SPHERE, resize=False), diameter=fits)

    @property
    def target(self) -> Sphere | None:
        """The lesion."""
        if self.lesion is None:
            return None
        centre = PLACES[self.lesion.place][0]
        return self._scaled(Sphere(name="lesion", centre=centre, diameter=self.lesion.diameter), resize=False)

    @property
    def background(self) -> Sphere | None:
        """Tissue as it is around the lesion."""
        return None if self.lesion is None else self._scaled(PLACES[self.lesion.place][1], resize=True)

    def _scaled(self, sphere: Sphere, *, resize: bool) -> Sphere:
        x, y, z = (c * f for c, f in zip(sphere.centre, self.factors, strict=True))
        shrunk = min(1.0, *self.factors) if resize else 1.0
        return Sphere(name=sphere.name, centre=(x, y, z), diameter=sphere.diameter * shrunk)
