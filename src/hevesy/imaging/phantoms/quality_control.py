"""Phantoms of quality control: uniform cylinder, NEMA IEC body, Jaszczak, thyroid, point and line.

Dimensions are inner ones in mm; the axis of the phantom is z, the front of the body is -y.
"""

import math
from collections.abc import Callable

from hevesy.errors import InputError
from hevesy.imaging.clearance import Clearance
from hevesy.imaging.phantoms.subject import Sphere, Subject
from hevesy.imaging.phantoms.tissues import FOAM, PMMA, WATER
from hevesy.imaging.phantoms.vessels import BodyVessel, Cylinder, Rods, sector_of_rods
from hevesy.imaging.shapes import Ellipsoid, Grown, Point, Solid
from hevesy.imaging.torso import AIR, Layer, Piece, Tissue, Torso

NEMA = "NEMA NU 2-2018, section 7 (IEC 61675-1 body phantom); dimensions as in the geometry of GATE's NEMA IEC phantom"
JASZCZAK = "Data Spectrum flangeless Deluxe Jaszczak phantom; rods and spheres as listed by Wikipedia, Jaszczak phantom"

IEC_SPHERES = (37.0, 28.0, 22.0, 17.0, 13.0, 10.0)
_IEC_CIRCLE = 114.4 / 2
_IEC_BEHIND = 35.0  # the flat line lies so far behind the axis of the lung insert
_IEC_LENGTH, _IEC_ABOVE = 194.0, 70.0
_SPHERE_WALL = 1.0
JASZCZAK_SPHERES = (31.8, 25.4, 19.1, 15.9, 12.7, 9.5)
JASZCZAK_RODS = (12.7, 11.1, 9.5, 7.9, 6.4, 4.8)
_JASZCZAK = {"diameter": 216.0, "height": 186.0, "rods": 88.0, "spheres": 127.0, "circle": 57.0, "centre": 12.0}
_WALL = 3.2


def uniform_cylinder(activity: float, half_life: float, *, diameter: float = 200.0, length: float = 200.0) -> Subject:
    """A cylinder of water with even activity in an acrylic wall of 3.2 mm."""
    r, h = diameter / 2, length / 2
    inside = Cylinder(centre=(0, 0), radius=r, low=-h, high=h)
    outside = Cylinder(centre=(0, 0), radius=r + _WALL, low=-h - _WALL, high=h + _WALL)
    volume = math.pi * r * r * length
    return Subject(
        name="cylinder",
        title=f"Uniform cylinder, {diameter:g} mm by {length:g} mm",
        torso=_filled([_part("Water", inside, WATER), _part("Wall", outside, PMMA)], {"Water": 1.0}, activity, half_life),
        volumes={"Water": volume, "Wall": math.pi * (r + _WALL) ** 2 * (length + 2 * _WALL) - volume},
    )


def nema_iec(activity: float, half_life: float, *, contrast: float = 4.0) -> Subject:
    """The NEMA IEC body: six hot spheres of ``contrast`` times the background, and a lung insert without activity.

    The spheres lie in the plane z = 0 on a circle of 114.4 mm about the lung insert, 60 degrees apart; walls of spheres
    are 1 mm acrylic. Neglected: the capillaries, and the outer wall of the body but for 3 mm of acrylic.
    """
    spheres = []
    for n, diameter in enumerate(IEC_SPHERES):
        angle = math.pi + n * math.pi / 3
        centre = (_IEC_CIRCLE * math.cos(angle), -_IEC_CIRCLE * math.sin(angle), 0.0)
        spheres.append(Sphere(name=f"Sphere {diameter:g} mm", centre=centre, diameter=diameter))
    low, high = _IEC_ABOVE - _IEC_LENGTH, _IEC_ABOVE
    body = BodyVessel(y=_IEC_BEHIND, arch=147.0, corner=77.0, low=low, high=high)
    wall = BodyVessel(y=_IEC_BEHIND, arch=150.0, corner=80.0, low=low - 10.0, high=high + 10.0)
    foam = Cylinder(centre=(0, 0), radius=21.0, low=low, high=high)
    tube = Cylinder(centre=(0, 0), radius=25.0, low=low, high=high)
    parts = [_part(s.name, _ball(s), WATER) for s in spheres]
    parts += [_part("Sphere walls", Grown(of=_ball(s), by=_SPHERE_WALL), PMMA) for s in spheres]
    parts += [_part("Lung insert", foam, FOAM), _part("Wall", tube, PMMA)]
    parts += [_part("Background", body, WATER), _part("Wall", wall, PMMA)]
    filled = {s.name: _ball_volume(s.diameter) for s in spheres}
    shells = sum(_ball_volume(s.diameter + 2 * _SPHERE_WALL) for s in spheres)
    column = math.pi * 25.0**2 * _IEC_LENGTH
    lung = math.pi * 21.0**2 * _IEC_LENGTH
    outer = wall.area * (_IEC_LENGTH + 20.0)
    volumes = filled | {
        "Sphere walls": shells - sum(filled.values()),
        "Lung insert": lung,
        "Background": body.area * _IEC_LENGTH - shells - column,
        "Wall": outer - body.area * _IEC_LENGTH + column - lung,
    }
    weights = {"Background": 1.0} | dict.fromkeys(filled, contrast)
    return Subject(
        name="nema-iec",
        title=f"NEMA IEC body, spheres {contrast:g} to 1",
        torso=_filled(parts, weights, activity, half_life),
        volumes=volumes,
        finest=1.7,
        spheres=tuple(spheres),
        sources=(NEMA,),
    )


def jaszczak(activity: float, half_life: float) -> Subject:
    """The Jaszczak phantom: hot water with six cold spheres above six sectors of cold rods.

    Rods stand on a triangular lattice of twice their diameter. Their number depends on how a maker fills the sectors,
    and the circle of the spheres (114 mm) is recalled, not read: both are remarked.
    """
    size = _JASZCZAK
    r, bottom = size["diameter"] / 2, -size["height"] / 2
    top = bottom + size["height"]
    inside = Cylinder(centre=(0, 0), radius=r, low=bottom, high=top)
    outside = Cylinder(centre=(0, 0), radius=r + _WALL, low=bottom - _WALL, high=top + _WALL)
    spheres, rods = [], []
    for n, (diameter, rod) in enumerate(zip(JASZCZAK_SPHERES, JASZCZAK_RODS, strict=True)):
        angle = n * math.pi / 3
        centre = (size["circle"] * math.cos(angle), size["circle"] * math.sin(angle), bottom + size["spheres"])
        spheres.append(Sphere(name=f"Sphere {diameter:g} mm", centre=centre, diameter=diameter))
        centres = sector_of_rods(rod, 60.0 * n, r - 4.0, size["centre"])
        rods.append(Rods(centres=centres, diameter=rod, low=bottom, high=bottom + size["rods"]))
    parts = [_part(s.name, _ball(s), PMMA) for s in spheres]
    parts += [_part(f"Rods {rod.diameter:g} mm", rod, PMMA) for rod in rods]
    parts += [_part("Water", inside, WATER), _part("Wall", outside, PMMA)]
    cold = {s.name: _ball_volume(s.diameter) for s in spheres}
    cold |= {f"Rods {rod.diameter:g} mm": len(rod.centres) * math.pi / 4 * rod.diameter**2 * size["rods"] for rod in rods}
    whole = math.pi * r * r * size["height"]
    volumes = cold | {
        "Water": whole - sum(cold.values()),
        "Wall": math.pi * (r + _WALL) ** 2 * (size["height"] + 2 * _WALL) - whole,
    }
    return Subject(
        name="jaszczak",
        title="Jaszczak phantom with cold rods and spheres",
        torso=_filled(parts, {"Water": 1.0}, activity, half_life),
        volumes=volumes,
        finest=1.3,
        spheres=tuple(spheres),
        sources=(JASZCZAK,),
        remarks=("Jaszczak phantom: heights, the circle of the spheres and the number of rods are unverified.",),
    )


def point_source(activity: float, half_life: float, *, at: Point = (0.0, 0.0, 0.0), diameter: float = 3.0) -> Subject:
    """A drop in air: a sphere of 3 mm."""
    sphere = Sphere(name="Point", centre=at, diameter=diameter)
    return Subject(
        name="point",
        title="Point source in air",
        torso=_filled([_part("Point", _ball(sphere), AIR)], {"Point": 1.0}, activity, half_life),
        volumes={"Point": _ball_volume(diameter)},
        finest=diameter / 3,
        spheres=(sphere,),
    )


def line_source(
    activity: float, half_life: float, *, at: tuple[float, float] = (0.0, 0.0), length: float = 200.0, diameter: float = 3.0
) -> Subject:
    """A filled capillary in air along z: a cylinder of 3 mm."""
    line = Cylinder(centre=at, radius=diameter / 2, low=-length / 2, high=length / 2)
    return Subject(
        name="line",
        title=f"Line source in air, {length:g} mm",
        torso=_filled([_part("Line", line, AIR)], {"Line": 1.0}, activity, half_life),
        volumes={"Line": math.pi / 4 * diameter**2 * length},
        finest=diameter / 3,
    )


def thyroid(activity: float, half_life: float) -> Subject:
    """Two lobes in a neck: ellipsoids of 18 mm by 18 mm by 50 mm, 15 mm beside the axis, in water 120 mm wide and high.

    Made for pinholes: lobes have the size of an adult's, 17 ml together; the neck has no windpipe, spine or isthmus.
    """
    half = (9.0, 9.0, 25.0)
    lobes = {name: Ellipsoid(center=(x, 0.0, 0.0), axes=half) for name, x in (("Left lobe", 15.0), ("Right lobe", -15.0))}
    r = 60.0
    neck = Cylinder(centre=(0, 0), radius=r, low=-r, high=r)
    volume = 4 / 3 * math.pi * half[0] * half[1] * half[2]
    parts = [*(_part(name, lobe, WATER) for name, lobe in lobes.items()), _part("Neck", neck, WATER)]
    return Subject(
        name="thyroid",
        title="Two lobes in a neck of water",
        torso=_filled(parts, dict.fromkeys(lobes, 1.0), activity, half_life),
        volumes=dict.fromkeys(lobes, volume) | {"Neck": math.pi * r * r * 2 * r - 2 * volume},
        finest=4.0,
        remarks=("The thyroid phantom is made: sizes are round values.",),
    )


PHANTOMS: dict[str, Callable[[float, float], Subject]] = {
    "cylinder": uniform_cylinder,
    "nema-iec": nema_iec,
    "jaszczak": jaszczak,
    "thyroid": thyroid,
    "point": point_source,
    "line": line_source,
}


def _ball(sphere: Sphere) -> Ellipsoid:
    r = sphere.diameter / 2
    return Ellipsoid(center=sphere.centre, axes=(r, r, r))


def _ball_volume(diameter: float) -> float:
    return math.pi / 6 * diameter**3


def _part(region: str, solid: Solid, tissue: Tissue) -> Piece:
    return Piece(solid=solid, layers=(Layer(region=region, tissue=tissue),))


def _filled(parts: list[Piece], weights: dict[str, float], activity: float, half_life: float) -> Torso:
    """Parts with one activity that only decays, shared by relative concentration; what has no weight is cold."""
    if not (math.isfinite(activity) and activity > 0 and half_life > 0):
        raise InputError(f"a phantom needs an activity and a half-life above 0; got {activity} Bq and {half_life} s.")
    regions = {layer.region for part in parts for layer in part.layers}
    return Torso(
        pieces=tuple(parts),
        clearances={},
        remainder=Clearance(amplitudes=(activity,), rates=(math.log(2) / half_life,)),
        weights={region: weights.get(region, 0.0) for region in regions},
        lesions=(),
    )
