"""The anatomy and the kinetics of the virtual patient: solids, tissues and clearances by region.

The anatomy is that of an adult man; kidneys and spleen are larger than the reference man of ICRP Publication
89 has them, as they are in many patients.  Tissue densities are those of Woodard and White, Br. J. Radiol.
59 (1986) 1209; CT numbers lie on the line that Schneider, Bortfeld and Schlegel, Phys. Med. Biol. 45 (2000)
459 draw through such tissues.  Half-lives and uptakes are round values of the size reported for Lu-177
DOTATATE; they describe no real patient.  From cycle to cycle its lesions shrink and take up less.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from hevesy import units as u
from hevesy.imaging.clearance import Clearance, washout
from hevesy.imaging.shapes import Column, Ellipsoid, Field, Grown, Half, Layered, Point, Solid, Solids, Trunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """Density [g/ml] and CT number [HU]."""

    density: float
    hounsfield: float


AIR = Tissue(density=0.0012, hounsfield=-1000.0)
LUNG = Tissue(density=0.26, hounsfield=-741.0)
ADIPOSE = Tissue(density=0.95, hounsfield=-98.0)
MUSCLE = Tissue(density=1.05, hounsfield=42.0)
BLOOD = Tissue(density=1.06, hounsfield=55.0)
LIVER = Tissue(density=1.06, hounsfield=53.0)
SPLEEN = Tissue(density=1.06, hounsfield=53.0)
KIDNEY = Tissue(density=1.05, hounsfield=43.0)
URINE = Tissue(density=1.02, hounsfield=12.0)
BOWEL = Tissue(density=1.03, hounsfield=25.0)
SPONGIOSA = Tissue(density=1.18, hounsfield=260.0)
COMPACT = Tissue(density=1.41, hounsfield=657.0)
TUMOUR = Tissue(density=1.05, hounsfield=43.0)
SCLEROTIC = Tissue(density=1.33, hounsfield=529.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What a piece is made of from ``below`` mm under its surface inwards, up to the next layer."""

    region: str
    tissue: Tissue
    below: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A solid and its layers, outermost first.  Earlier pieces of a torso take space from later ones."""

    solid: Solid
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Torso:
    """Anatomy and kinetics.

    Attributes
    ----------
    pieces : tuple of Piece             In order: where two overlap, the first has the space.
    clearances : dict                   Clearance by region; one without shares the remainder by weight.
    remainder : Clearance               All that is in no region of its own.
    weights : dict                      Relative concentration of the remainder's parts, by region.
    lesions : tuple of str              Regions that are drawn as masks.
    """

    pieces: tuple[Piece, ...]
    clearances: dict[str, Clearance]
    remainder: Clearance
    weights: dict[str, float]
    lesions: tuple[str, ...]

    @property
    def bounds(self) -> tuple[Point, Point]:
        """A box that holds all pieces [mm]."""
        return Solids(joined=tuple(p.solid for p in self.pieces)).bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What one cycle makes of a lesion: factors of its diameters, of its uptake and of its effective half-life."""

    size: float
    uptake: float
    half_life: float


RESPONSES = {
    "Lesion 1": Response(size=0.90, uptake=0.60, half_life=0.92),
    "Lesion 2": Response(size=0.97, uptake=0.85, half_life=0.96),
    "Lesion 3": Response(size=0.85, uptake=0.50, half_life=0.95),
}
REMAINDER = "Remainder"
LESIONS = ("Lesion 1", "Lesion 2", "Lesion 3")
ORGANS = (
    "Kidney_Left", "Kidney_Right", "Liver", "Spleen", "Urinary bladder", "Lung_Left", "Lung_Right",
)  # fmt: skip


def lordosis(z: Field) -> Field:
    """y of the middle of the vertebral bodies [mm]: lumbar lordosis, thoracic kyphosis."""
    return np.asarray(44 + 16 * np.sin((np.asarray(z, dtype=np.float32) - 60) / 105), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The axis of the vertebral bodies, moved ``by`` mm towards the back."""

    by: float

    def __call__(self, z: Field) -> Field:
        return lordosis(z) + np.float32(self.by)


def _lesions(cycle: int) -> dict[str, Solid]:
    size = {name: response.size ** (cycle - 1) for name, response in RESPONSES.items()}

    def ellipsoid(name: str, center: Point, axes: Point, *angles: float) -> Solid:
        a, b, c = (size[name] * axis for axis in axes)
        return Ellipsoid(center=center, axes=(a, b, c), angles=(angles[0], angles[1], angles[2]) if angles else (0, 0, 0))

    return {
        "Lesion 1": ellipsoid("Lesion 1", (-88, -28, 52), (21, 24, 22.6)),
        "Lesion 2": ellipsoid("Lesion 2", (62, 52, -158), (14, 15, 16), 0, 0, 20),
        "Lesion 3": ellipsoid("Lesion 3", (-30, 4, -92), (9, 10, 11.1)),
    }


def _kidney(side: int, z: float) -> Solid:
    body = Ellipsoid(center=(side * 70, 44, z), axes=(32, 28, 58), angles=(14, side * 12, side * -24))
    hilum = Ellipsoid(center=(side * 38, 36, z), axes=(16, 13, 19))
    return Solids(joined=(body,), without=(hilum,))


def _abdomen() -> dict[str, Solid]:
    kidney_left, kidney_right = _kidney(1, -33.0), _kidney(-1, -42.0)
    right_lobe = Ellipsoid(center=(-66, -18, 48), axes=(70, 80, 76), angles=(0, 0, 12))
    left_lobe = Ellipsoid(center=(2, -52, 72), axes=(74, 34, 34), angles=(0, 8, 0))
    spine_room = Column(x=0, axis=lordosis, half_widths=(36, 34), low=-250, high=260)
    liver = Solids(joined=(right_lobe, left_lobe), without=(Grown(of=kidney_right, by=9), spine_room))
    spleen = Ellipsoid(center=(101, 46, 68), axes=(25, 40, 45), angles=(12, -14, -28))
    return {
        "Kidney_Left": kidney_left,
        "Kidney_Right": kidney_right,
        "Liver": liver,
        "Spleen": spleen,
        "Urinary bladder": Ellipsoid(center=(0, -34, -222), axes=(42, 34, 33)),
    }


def _chest(organs: dict[str, Solid]) -> dict[str, Solid]:
    cage = Ellipsoid(center=(0, -4, 80), axes=(143, 99, 190))
    heart = Ellipsoid(center=(26, -40, 128), axes=(52, 40, 56), angles=(0, 25, 0))
    vessels = Ellipsoid(center=(4, -12, 190), axes=(27, 30, 62))
    dome = Ellipsoid(center=(62, 0, 22), axes=(82, 92, 84))
    away = (
        Grown(of=heart, by=4), vessels, Grown(of=organs["Liver"], by=9), Grown(of=organs["Spleen"], by=9),
        dome, Column(x=0, axis=lordosis, half_widths=(31, 29), low=-250, high=285),
    )  # fmt: skip
    floor = Half(normal=(0, 0, 1), offset=-30.0)
    lungs: dict[str, Solid] = {}
    for name, side in (("Lung_Left", 1), ("Lung_Right", -1)):
        sac = Ellipsoid(center=(side * 74, 0, 108), axes=(66, 93, 150))
        lungs[name] = Solids(joined=(sac,), without=away, within=(cage, floor))
    return {"Heart": heart, "Vessels": vessels, **lungs}


def _spine() -> Solid:
    bodies = Layered(
        of=Column(x=0, axis=lordosis, half_widths=(22, 16), low=-172, high=279),
        pitch=33,
        thickness=27,
        offset=5,
    )
    arch = Solids(
        joined=(Column(x=0, axis=Behind(by=28), half_widths=(19, 15), low=-172, high=279),),
        without=(Column(x=0, axis=Behind(by=25), half_widths=(11, 9), low=-300, high=300),),
    )
    spinous = Layered(
        of=Column(x=0, axis=Behind(by=46), half_widths=(4.5, 15), low=-172, high=279),
        pitch=33, thickness=18, slope=0.3, offset=5,
    )  # fmt: skip
    transverse = Layered(
        of=Column(x=0, axis=Behind(by=28), half_widths=(38, 6), low=-172, high=279),
        pitch=33,
        thickness=10,
        offset=5,
    )
    canal = Column(x=0, axis=Behind(by=25), half_widths=(11, 9), low=-300, high=300)
    return Solids(
        joined=(bodies, Layered(of=arch, pitch=33, thickness=24, offset=5), spinous, transverse),
        without=(canal,),
    )


def _ribs() -> Solid:
    outer, inner = (Ellipsoid(center=(0, -4, 80), axes=(a, b, c)) for a, b, c in ((154, 110, 201), (147, 103, 194)))
    shell = Solids(
        joined=(outer,),
        without=(inner,),
        within=(
            Half(normal=(0, 0.8, 1), offset=0.8 * 95 - 62, mirrored=False),
            Half(normal=(0.8, 0.8, 1), offset=0.8 * 95 - 70, mirrored=True),
            Half(normal=(0, -0.5, 1), offset=42.0),
            Half(normal=(0, 0, -1), offset=262.0),
        ),
    )
    return Layered(of=shell, pitch=27, thickness=12, slope=-0.5, offset=8)


def _pelvis() -> list[Solid]:
    parts: list[Solid] = [Ellipsoid(center=(0, 62, -208), axes=(46, 15, 46), angles=(-18, 0, 0))]
    for s in (1, -1):
        parts += [
            Ellipsoid(center=(s * 82, 30, -160), axes=(11, 56, 56), angles=(0, s * 22, s * 32)),
            Ellipsoid(center=(s * 62, 56, -170), axes=(15, 22, 32), angles=(0, 0, s * 30)),
            Ellipsoid(center=(s * 88, 8, -232), axes=(27, 27, 30)),
            Ellipsoid(center=(s * 46, -38, -250), axes=(46, 9, 9), angles=(0, 0, s * 26)),
            Ellipsoid(center=(s * 66, 40, -266), axes=(15, 17, 30)),
            Ellipsoid(center=(s * 128, 14, -262), axes=(24, 20, 30)),
        ]
    return parts


def _plain(region: str, solid: Solid, tissue: Tissue) -> Piece:
    return Piece(solid=solid, layers=(Layer(region=region, tissue=tissue),))


def _bony(region: str, solid: Solid, rim: float) -> Piece:
    shell = Layer(region=region, tissue=COMPACT)
    return Piece(solid=solid, layers=(shell, Layer(region=region, tissue=SPONGIOSA, below=rim)))


def _bowel() -> list[Solid]:
    colon = [
        Ellipsoid(center=(-96, -28, -88), axes=(21, 23, 62)),
        Ellipsoid(center=(98, 2, -96), axes=(17, 19, 66)),
        Ellipsoid(center=(0, -66, -36), axes=(92, 18, 19), angles=(0, 4, 0)),
        Ellipsoid(center=(34, -8, -196), axes=(40, 17, 18), angles=(0, 24, 30)),
    ]
    loops = [
        Ellipsoid(center=(x, y, z), axes=(32, 15, 15), angles=(0, 25 * s, 20 * s))
        for x, y, z, s in (
            (-34, -48, -72, 1), (36, -44, -78, -1), (-4, -58, -104, 1), (46, -56, -118, 1),
            (-46, -50, -124, -1), (2, -38, -142, -1), (-40, -34, -164, 1), (44, -40, -158, -1),
            (20, -20, -112, 1),
        )
    ]  # fmt: skip
    stomach = Ellipsoid(center=(56, -38, 62), axes=(38, 34, 46), angles=(0, -24, 0))
    return [*colon, *loops, stomach]


def _fat() -> tuple[list[Solid], list[Solid]]:
    """Fat around bowel and kidneys, and the muscles within and behind it."""
    below = (Half(normal=(0, 0, 1), offset=-60.0),)
    cavity = Ellipsoid(center=(0, -14, -62), axes=(124, 76, 150))
    loins = [Ellipsoid(center=(s * 72, 44, -38), axes=(44, 38, 78)) for s in (1, -1)]
    psoas = [Ellipsoid(center=(s * 34, 40, -70), axes=(20, 22, 95), angles=(-8, 0, 0)) for s in (1, -1)]
    back = [Ellipsoid(center=(s * 46, 88, -20), axes=(30, 13, 260)) for s in (1, -1)]
    return [Solids(joined=(solid,), without=below) for solid in (cavity, *loins)], [*psoas, *back]


def _pieces(cycle: int) -> list[Piece]:
    organs = _abdomen()
    chest = _chest(organs)
    fat, muscles = _fat()
    body = Trunk(axes=(184, 124, 282), waist=0.07, waist_z=-40)
    tissues = {
        "Liver": LIVER,
        "Spleen": SPLEEN,
        "Urinary bladder": URINE,
        "Kidney_Left": KIDNEY,
        "Kidney_Right": KIDNEY,
    }
    lesion_tissues = {"Lesion 1": TUMOUR, "Lesion 2": SCLEROTIC, "Lesion 3": TUMOUR}
    great_vessels = Solids(
        joined=(
            Column(x=9, axis=Behind(by=-28), half_widths=(11, 11), low=-140, high=200),
            Column(x=-16, axis=Behind(by=-26), half_widths=(12, 9), low=-140, high=90),
        )
    )
    canal = Column(x=0, axis=Behind(by=25), half_widths=(11, 9), low=-280, high=280)
    rim = (Layer(region="Fat", tissue=ADIPOSE), Layer(region="Muscle", tissue=MUSCLE, below=12.0))
    return [
        *(_plain(n, s, lesion_tissues[n]) for n, s in _lesions(cycle).items()),
        *(_plain(n, s, tissues[n]) for n, s in organs.items()),
        _bony("Spine", _spine(), 2.0),
        _plain("Muscle", canal, MUSCLE),
        _plain("Bone", _ribs(), COMPACT),
        *(_bony("Bone", part, 2.5) for part in _pelvis()),
        _bony("Bone", Ellipsoid(center=(0, -103, 150), axes=(19, 6, 76), angles=(-8, 0, 0)), 1.5),
        *(_plain(n, s, LUNG if n.startswith("Lung") else BLOOD) for n, s in chest.items()),
        _plain("Vessels", great_vessels, BLOOD),
        *(_plain("Bowel", part, BOWEL) for part in _bowel()),
        *(_plain("Muscle", part, MUSCLE) for part in muscles),
        *(_plain("Fat", part, ADIPOSE) for part in fat),
        Piece(solid=body, layers=rim),
    ]


def _clearances(administered: float, cycle: int) -> tuple[dict[str, Clearance], Clearance]:
    a = administered

    def lesion(name: str, share: float, half_life_h: float, uptake_h: float) -> Clearance:
        change, earlier = RESPONSES[name], cycle - 1
        amount = share * a * change.uptake**earlier
        return washout(amount, (1, half_life_h * change.half_life**earlier), uptake_h=uptake_h)

    curves = {
        "Lesion 1": lesion("Lesion 1", 0.0130, 100.0, 10.0),
        "Lesion 2": lesion("Lesion 2", 0.0062, 92.0, 1.2),
        "Lesion 3": lesion("Lesion 3", 0.0014, 108.0, 1.5),
        "Kidney_Left": washout(0.0270 * a, (1, 52.0), uptake_h=0.5),
        "Kidney_Right": washout(0.0250 * a, (1, 50.0), uptake_h=0.5),
        "Liver": washout(0.0400 * a, (1, 65.0), uptake_h=0.6),
        "Spleen": washout(0.0240 * a, (1, 66.0), uptake_h=0.4),
        "Urinary bladder": washout(0.0090 * a, (1, 20.0), uptake_h=0.4),
        "Lung_Left": washout(0.0040 * a, (0.35, 1.2), (0.65, 48.0)),
        "Lung_Right": washout(0.0041 * a, (0.35, 1.2), (0.65, 48.0)),
        "Spine": washout(0.0028 * a, (0.3, 1.2), (0.7, 60.0)),
        "Bone": washout(0.0040 * a, (0.3, 1.2), (0.7, 60.0)),
    }
    slow = 0.060 * a
    fast = a - slow - sum(sum(c.amplitudes) for c in curves.values())
    return curves, washout(1.0, (fast, 1.2), (slow, 46.0))


@cache
def dotatate_torso(administered: float = 7.4 * u.GBq, cycle: int = 1) -> Torso:
    """The torso of the virtual patient in a cycle, with the kinetics of ``administered`` [Bq] Lu-177 DOTATATE."""
    curves, rest = _clearances(administered, cycle)
    return _torso(cycle, curves, rest)


# Share of Ga-68 DOTATATE in a region an hour after the administration, decay-corrected; the rest is outside the torso.
_DIAGNOSTIC = {
    "Lesion 1": 0.0100, "Lesion 2": 0.0042, "Lesion 3": 0.0010,
    "Kidney_Left": 0.0260, "Kidney_Right": 0.0240, "Liver": 0.0650, "Spleen": 0.0240, "Urinary bladder": 0.0600,
    "Lung_Left": 0.0035, "Lung_Right": 0.0036, "Spine": 0.0060, "Bone": 0.0070, REMAINDER: 0.3200,
}  # fmt: skip


@cache
def diagnostic_torso(administered: float, half_life: float) -> Torso:
    """The torso before the therapy with ``administered`` [Bq] Ga-68 DOTATATE, which decays where it is."""
    curves = {name: washout(share * administered, (1, half_life / u.h)) for name, share in _DIAGNOSTIC.items()}
    rest = curves.pop(REMAINDER)
    return _torso(1, curves, rest)


def _torso(cycle: int, curves: dict[str, Clearance], rest: Clearance) -> Torso:
    return Torso(
        pieces=tuple(_pieces(cycle)),
        clearances=curves,
        remainder=rest,
        weights={"Muscle": 1.0, "Fat": 0.35, "Bowel": 1.8, "Heart": 1.8, "Vessels": 1.8},
        lesions=LESIONS,
    )


def source_of(torso: Torso, region: str) -> tuple[str, float]:
    """The source that a region belongs to, and its relative concentration in it: itself, or the remainder."""
    return (region, 1.0) if region in torso.clearances else (REMAINDER, torso.weights[region])
