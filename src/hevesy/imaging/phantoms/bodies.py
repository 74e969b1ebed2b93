"""Bodies from newborn to large adult: the virtual patient's torso, scaled to a mass and a height.

    along z:        h = H / 176 cm
    across:         t = sqrt((m / 73 kg) / h)

so that volume goes with mass.  Masses and heights are those of ICRP Publication 89, table 2.9; the large adult and the
size of the pregnant uterus are made.  A body with more mass than its organs' reference has it as fat under the skin.

Neglected: a child has a greater head and shorter legs than a scaled man, so that its true trunk is a little longer and
thinner; organs do not keep the adult's share of mass in children; a woman has the organs of a man, smaller.
"""

import difflib
from dataclasses import dataclass, replace
from functools import cache

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.imaging.painting import volumes
from hevesy.imaging.phantoms.subject import Subject
from hevesy.imaging.phantoms.tracers import Distribution, Tracer
from hevesy.imaging.phantoms.vessels import Scaled
from hevesy.imaging.shapes import Ellipsoid, Point, Trunk
from hevesy.imaging.torso import (
    LESIONS,
    MUSCLE,
    REMAINDER,
    URINE,
    Layer,
    Piece,
    Torso,
    dotatate_torso,
)

ICRP_89 = "ICRP Publication 89, Ann. ICRP 32 (3-4) (2002), table 2.9: masses and heights"
REFERENCE_MASS, REFERENCE_HEIGHT = 73.0 * u.kg, 1760.0 * u.mm
_AP = 124.0  # half the torso's depth [mm]
_TRUE = 4.0  # voxels for the true volumes of an adult [mm]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Size of a body.

    Attributes
    ----------
    name, title : str
    mass, height : float                [kg], [mm].
    organ_mass : float                  Mass of the body whose organs it has [kg]; the rest is fat.
    sex : str                           As DICOM writes it: "M", "F" or "O".
    pregnant : bool
    made : bool                         Its size is made, not ICRP 89's.
    """

    name: str
    title: str
    mass: float
    height: float
    organ_mass: float = 0.0
    sex: str = "M"
    pregnant: bool = False
    made: bool = False

    @property
    def factors(self) -> tuple[float, float, float]:
        """Across for organs, across for the outline, along: by the reference man's."""
        h = self.height / REFERENCE_HEIGHT
        inner, outer = (((mass / REFERENCE_MASS) / h) ** 0.5 for mass in (self.organ_mass or self.mass, self.mass))
        return inner, outer, h


BODIES = {
    body.name: body
    for body in (
        Body(name="newborn", title="newborn", mass=3.5, height=510.0, sex="O"),
        Body(name="child-1", title="child of 1 year", mass=10.0, height=760.0, sex="O"),
        Body(name="child-5", title="child of 5 years", mass=19.0, height=1090.0, sex="O"),
        Body(name="child-10", title="child of 10 years", mass=32.0, height=1380.0, sex="O"),
        Body(name="child-15", title="boy of 15 years", mass=56.0, height=1670.0),
        Body(name="adult-male", title="adult man", mass=73.0, height=1760.0),
        Body(name="adult-female", title="adult woman", mass=60.0, height=1630.0, sex="F"),
        Body(name="pregnant", title="woman in the 24th week", mass=60.0, height=1630.0, sex="F", pregnant=True),
        Body(name="large-adult", title="large adult", mass=120.0, height=1800.0, organ_mass=73.0, made=True),
    )
}

# Uterus of the 24th week with conceptus, half axes of an ellipsoid [mm]: made; content 1.5 l, wall 0.75 l, less what bones take.
_UTERUS_AT = (0.0, -50.0, -112.0)
_UTERUS, _CONTENT = (72.0, 68.0, 110.0), (62.0, 58.0, 100.0)


def body_named(name: str) -> Body:
    """The body ``name``; an unknown one is an :class:`InputError` that names the nearest."""
    if name.lower() not in BODIES:
        near = difflib.get_close_matches(name.lower(), BODIES, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"body {name!r} is not known. {meant}Known are {', '.join(BODIES)}.")
    return BODIES[name.lower()]


def body_with(body: Body, tracer: Tracer, *, activity: float, half_life: float) -> Subject:
    """A body that was given ``activity`` [Bq] of a tracer at time zero."""
    if not (activity > 0 and half_life > 0):
        raise InputError(f"a body needs an activity and a half-life above 0; got {activity} Bq and {half_life} s.")
    spread = tracer.spread(activity, half_life)
    size = "made" if body.made else "recalled from ICRP Publication 89, unverified"
    remarks = [f"Mass {body.mass:g} kg and height {body.height / 10:g} cm: {size}.", *spread.remarks]
    if body.pregnant:
        remarks.append("The uterus of the 24th week is made: 1.5 l of content, 0.75 l of wall.")
    return Subject(
        name=body.name,
        title=f"{body.title[0].upper()}{body.title[1:]}, {tracer.title}",
        torso=_torso(body, spread),
        volumes=dict(_true_volumes(body)),
        finest=2.5 * min(1.0, *body.factors),
        sources=(ICRP_89,),
        remarks=tuple(remarks),
    )


def _torso(body: Body, spread: Distribution) -> Torso:
    pieces = scaled_pieces(body)
    regions = {layer.region for piece in pieces for layer in piece.layers}
    clearances = {name: curve for name, curve in spread.curves.items() if name != REMAINDER}
    weights = {region: spread.weights.get(region, 1.0) for region in regions if region not in clearances}
    return Torso(
        pieces=pieces, clearances=clearances, remainder=spread.curves[REMAINDER], weights=weights, lesions=LESIONS
    )  # fmt: skip


@cache
def scaled_pieces(body: Body) -> tuple[Piece, ...]:
    """The solids of a body, in order."""
    inner, outer, along = body.factors
    pieces = [_scaled(piece, (inner, inner, along)) for piece in dotatate_torso().pieces[:-1]]
    if body.pregnant:
        at = next(n for n, piece in enumerate(pieces) if piece.layers[0].region == "Heart")
        pieces[at:at] = _uterus()
    outline = dotatate_torso().pieces[-1]
    skin = _scaled(outline, (outer, outer, along))
    fat = outline.layers[1].below * inner + max(0.0, outer - inner) * _AP
    rim = (replace(skin.layers[0], below=0.0), replace(skin.layers[1], below=fat))
    return (*pieces, replace(skin, layers=rim))


def _scaled(piece: Piece, factors: Point) -> Piece:
    layers = tuple(replace(layer, below=layer.below * factors[0]) for layer in piece.layers)
    if isinstance(piece.solid, Ellipsoid) and piece.solid.angles == (0.0, 0.0, 0.0):
        c, a = piece.solid.center, piece.solid.axes
        solid = Ellipsoid(
            center=(c[0] * factors[0], c[1] * factors[1], c[2] * factors[2]),
            axes=(a[0] * factors[0], a[1] * factors[1], a[2] * factors[2]),
        )
        return Piece(solid=solid, layers=layers)
    if isinstance(piece.solid, Trunk) and factors == (1.0, 1.0, 1.0):
        return Piece(solid=piece.solid, layers=layers)
    return Piece(solid=Scaled(of=piece.solid, factors=factors), layers=layers)


def _uterus() -> list[Piece]:
    return [
        Piece(solid=Ellipsoid(center=_UTERUS_AT, axes=axes), layers=(Layer(region=region, tissue=tissue),))
        for region, axes, tissue in (("Conceptus", _CONTENT, URINE), ("Uterus", _UTERUS, MUSCLE))
    ]


@cache
def _true_volumes(body: Body) -> tuple[tuple[str, float], ...]:
    """Volume of each region [mm3]: Richardson from two voxel sides, V = 9/5 V_h - 4/5 V_1.5h, h by the body's width."""
    side = _TRUE * min(1.0, body.factors[0], body.factors[2])
    found: dict[str, float] = {}
    for h, weight in ((side, 9 / 5), (1.5 * side, -4 / 5)):
        for layer, volume in volumes(scaled_pieces(body), h).items():
            found[layer.region] = found.get(layer.region, 0.0) + weight * volume
    return tuple(found.items())
