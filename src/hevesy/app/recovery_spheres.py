"""Spheres in a body of water, simulated on a camera as a patient is scanned and reconstructed as a patient is."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.clearance import Clearance
from hevesy.imaging.phantoms import Sphere, Subject, activity_map, body_map, concentrations, grid_around, hounsfield_map
from hevesy.imaging.phantoms.tissues import WATER
from hevesy.imaging.phantoms.vessels import BodyVessel
from hevesy.imaging.reconstruct.spect import grid_of
from hevesy.imaging.shapes import Ellipsoid, Solid
from hevesy.imaging.simulate import Acquisition, drawn, expected_of_columns, expected_with_coarse_scatter, projections_of
from hevesy.imaging.torso import Layer, Piece, Torso
from hevesy.model import Grid, Image, Projections
from hevesy.nuclides import load_nuclide
from hevesy.units import GBq

Array = npt.NDArray[np.float64]
Progress = Callable[[float], None]
Reconstruct = Callable[[Projections, Image], Image]

# The cross section is that of the NEMA IEC body; spheres of up to six sizes lie in one plane, as there.
ARCH, CORNER, BEHIND, REACH = 147.0, 77.0, 35.0, 155.0  # mm
CIRCLE, PLANES, LENGTH = 57.2, (0.0, 75.0, -75.0), 280.0  # mm
DIAMETERS = (10.0, 13.0, 17.0, 22.0, 28.0, 37.0, 60.0)  # mm
CLEAR = 5.0  # mm between body and camera
LEFT = 5.0  # mm at least between two spheres, and between one and the body's skin
SUB = 6  # sub-voxels a side of the spheres' shares of voxels
CORE = 0.5  # of a sphere's diameter: the inner ball in which edges that overshoot show
ADDED = 60.0  # mm of body above and below the spheres from which photons come


@dataclass(frozen=True, slots=True, kw_only=True)
class SpheresAsked:
    """Which spheres, in what, how often.

    Attributes
    ----------
    diameters : tuple of float          [mm]; three at least.
    contrast : float                    Concentration in the spheres over that around; inf: nothing around.
    circle : float                      Radius about the axis on which the spheres lie [mm].
    realisations : int                  Of the noise; their spread makes the uncertainty.
    counts : float                      In the photopeak window of the whole scan.
    seed : int
    histories : int                     Photons followed for the factors of multiple scatter.
    """

    counts: float
    diameters: tuple[float, ...] = DIAMETERS
    contrast: float = 10.0
    circle: float = CIRCLE
    realisations: int = 4
    seed: int = 1
    histories: int = 50_000

    def __post_init__(self) -> None:
        if not (3 <= len(self.diameters) <= 6 * len(PLANES) and min(self.diameters) > 2):
            raise InputError(
                f"spheres of {', '.join(f'{d:g}' for d in self.diameters)} mm; allowed are 3 to {6 * len(PLANES)} above 2 mm."
            )
        if not (self.contrast > 1 and self.counts > 0 and self.realisations >= 2 and self.circle > 0):
            raise InputError(
                f"contrast {self.contrast:g}, {self.counts:g} counts, {self.realisations} realisations, circle {self.circle:g} "
                "mm; allowed are a contrast above 1, counts and circle above 0, and 2 realisations or more."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpheresSeen:
    """What the images showed of the spheres.

    Attributes
    ----------
    diameters : ndarray (n,)            [mm].
    recovery, u : ndarray (n,)          Mean concentration in the sphere by the true one, mean over realisations, and u of it [1].
    spread : ndarray (n,)               Standard deviation of a single scan [1].
    core : ndarray (n,)                 The same ratio in the inner half of the diameter, mean over realisations [1].
    normalisation : float               Activity in the images by the true one, before all ratios were divided by it [1].
    image : Image                       Of the first realisation [Bq/ml].
    true : float                        Concentration in the spheres [Bq/ml].
    """

    diameters: Array
    recovery: Array
    u: Array
    spread: Array
    core: Array
    normalisation: float
    image: Image
    true: float


def spheres_phantom(asked: SpheresAsked, nuclide: str, *, radius: float) -> Subject:
    """The body of water with its spheres, no wider than the orbit of smallest ``radius`` [mm] allows; 1 GBq."""
    scale = min(1.0, (radius - CLEAR) / REACH)
    balls = []
    for n, diameter in enumerate(sorted(asked.diameters)):
        angle = math.pi + (n % 6) * math.pi / 3
        at = (asked.circle * math.cos(angle), -asked.circle * math.sin(angle), PLANES[n // 6])
        balls.append(Sphere(name=f"Sphere {n + 1}", centre=at, diameter=diameter))
    body = BodyVessel(y=BEHIND * scale, arch=ARCH * scale, corner=CORNER * scale, low=-LENGTH / 2, high=LENGTH / 2)
    _apart(balls, body)
    solids: list[tuple[str, Solid]] = [
        (b.name, Ellipsoid(center=b.centre, axes=(b.diameter / 2, b.diameter / 2, b.diameter / 2))) for b in balls
    ]
    pieces = [Piece(solid=s, layers=(Layer(region=name, tissue=WATER),)) for name, s in (*solids, ("Water", body))]
    volumes = {b.name: math.pi / 6 * b.diameter**3 for b in balls}
    volumes["Water"] = body.area * LENGTH - sum(volumes.values())
    weights = dict.fromkeys((b.name for b in balls), 1.0) | {"Water": 1 / asked.contrast}
    decay = Clearance(amplitudes=(1 * GBq,), rates=(math.log(2) / load_nuclide(nuclide).half_life,))
    torso = Torso(pieces=tuple(pieces), clearances={}, remainder=decay, lesions=(), weights=weights)
    return Subject(name="spheres", title="Spheres in water", torso=torso, volumes=volumes, spheres=tuple(balls))


def _apart(balls: list[Sphere], body: BodyVessel) -> None:
    for n, a in enumerate(balls):
        x, y, z = (np.array([[[c]]], np.float32) for c in a.centre)
        if float(body.depth(x, y, z).max()) < a.diameter / 2 + LEFT:
            raise InputError(
                f"the sphere of {a.diameter:g} mm at {math.hypot(*a.centre[:2]):g} mm from the axis reaches out of the body, "
                f"which is {2 * body.arch:.0f} mm wide inside this orbit. Choose a smaller circle or smaller spheres."
            )
        for b in balls[:n]:
            if math.dist(a.centre, b.centre) < (a.diameter + b.diameter) / 2 + LEFT:
                raise InputError(f"spheres of {a.diameter:g} and {b.diameter:g} mm overlap. Choose fewer, or a larger circle.")


def see_spheres(
    setup: Acquisition, reconstruct: Reconstruct, asked: SpheresAsked, *, progress: Progress | None = None
) -> SpheresSeen:
    """Recovery coefficients of spheres under an acquisition and a reconstruction.

        R = c_image / (n c_true),   n = A_image / A_true over all that is in view

    The counts are simulated on voxels half as wide as the pixels, with attenuation, response, scatter and penetration, and scaled
    to those asked for; each realisation draws Poisson noise and is reconstructed.  n takes the calibration out, which
    has a term of its own in the budget.

    Parameters
    ----------
    setup : Acquisition                 Its orbit is put about the middle of the spheres.
    reconstruct : callable              Projections and the CT of the phantom to activity concentration or counts.

    Neglected: motion, walls of spheres, where a sphere lies between voxels (all have one place).
    """
    setup = replace(setup, orbit=replace(setup.orbit, centre=(0.0, 0.0, 0.0)))
    who = spheres_phantom(asked, setup.nuclide, radius=float(setup.orbit.radii.min()))
    scene = _scene(setup)
    count = expected_of_columns if setup.is_narrow else expected_with_coarse_scatter
    expected, _ = count(
        activity_map(who, scene, start=0.0), body_map(who, scene), setup, seed=asked.seed, histories=asked.histories
    )
    scale = asked.counts / max(float(expected.total[0].sum(dtype=np.float64)), 1e-9)
    counts = np.asarray(np.maximum(expected.total, 0) * np.float32(scale), np.float32)
    empty = projections_of(counts, setup)
    place = grid_of(empty)
    ct = hounsfield_map(who, place)
    true = {name: c * scale for name, c in concentrations(who, 0.0).items()}
    images = []
    for n in range(asked.realisations):
        projections = replace(empty, counts=drawn(counts, setup, seed=asked.seed, replicate=n).counts)
        images.append(reconstruct(projections, ct))
        if progress is not None:
            progress((n + 1) / asked.realisations)
    return _measured(who, images, true)


def _scene(setup: Acquisition) -> Grid:
    """Voxels of half a pixel in which photons start: across all that the orbit holds, along the spheres and beyond."""
    side = setup.orbit.pixel[1] / 2
    across = 2 * math.ceil(REACH * 2 / side / 2)
    along = 2 * math.ceil(min(LENGTH, setup.orbit.rows * setup.orbit.pixel[0] + 2 * ADDED) / side / 2)
    return grid_around((along, across, across), side)


def _measured(who: Subject, images: list[Image], true: dict[str, float]) -> SpheresSeen:
    grid = images[0].grid
    weights = [_shares(grid, s, s.diameter) for s in who.spheres]
    cores = [_shares(grid, s, CORE * s.diameter) for s in who.spheres]
    held = activity_map(who, grid, start=0.0).values
    first = who.spheres[0].name
    hot, unit = true[first], true[first] / concentrations(who, 0.0)[first]
    mean = np.mean([float(image.values.sum(dtype=np.float64)) for image in images])
    n = float(mean / (held.sum(dtype=np.float64) * unit))
    parts = [[float(np.average(i.values, weights=w)) / (n * hot) for w in weights] for i in images]
    inner = [[float(np.average(i.values, weights=w)) / (n * hot) for w in cores] for i in images]
    found = np.array(parts)
    spread = found.std(axis=0, ddof=1)
    return SpheresSeen(
        diameters=np.array([s.diameter for s in who.spheres]),
        recovery=found.mean(axis=0),
        u=spread / math.sqrt(len(images)),
        spread=spread,
        core=np.array(inner).mean(axis=0),
        normalisation=n,
        image=images[0],
        true=hot * n,
    )


def _shares(grid: Grid, ball: Sphere, diameter: float) -> npt.NDArray[np.float32]:
    """Share of each voxel inside the sphere."""
    steps = (np.arange(SUB) + 0.5) / SUB - 0.5
    x, y, z = (
        (grid.affine[a, a] * (np.arange(n)[:, None] + steps) + grid.affine[a, 3] - c).ravel()
        for a, n, c in zip(range(3), grid.shape[::-1], ball.centre, strict=True)
    )
    out = np.zeros(grid.shape, np.float32)
    box = tuple(_near(axis, diameter / 2) for axis in (z, y, x))
    r2 = (
        z[_fine(box[0])][:, None, None] ** 2 + y[_fine(box[1])][:, None] ** 2 + x[_fine(box[2])] ** 2
    )  # fmt: skip
    inside = (r2 <= (diameter / 2) ** 2).astype(np.float32)
    parts = [m for s in box for m in (s.stop - s.start, SUB)]
    out[box] = inside.reshape(parts).mean(axis=(1, 3, 5))
    return out


def _near(axis: Array, radius: float) -> slice:
    (at,) = np.nonzero(np.abs(axis) <= radius + abs(axis[1] - axis[0]) * SUB)
    return slice(int(at[0]) // SUB, int(at[-1]) // SUB + 1)


def _fine(box: slice) -> slice:
    return slice(box.start * SUB, box.stop * SUB)
