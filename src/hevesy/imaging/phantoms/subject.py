"""What lies on the couch: its parts, its tissues, and how much activity each part holds at a time."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.clearance import mean_activity
from hevesy.imaging.painting import Box, Pose, index_box, shares
from hevesy.imaging.phantoms.tissues import material_of
from hevesy.imaging.shapes import Field, Point
from hevesy.imaging.torso import AIR, REMAINDER, Layer, Torso, source_of
from hevesy.materials import load_material
from hevesy.model import Grid, Image, Quantity
from hevesy.transport import Phantom

MOST_SUBVOXELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sphere:
    """A sphere to be looked for: its region, centre [mm] and inner diameter [mm]."""

    name: str
    centre: Point
    diameter: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """A phantom or a body with its activity.

    Attributes
    ----------
    name, title : str
    torso : Torso                       Parts in their order, activity over time of each source.
    volumes : dict                      True volume of each region, parts before it cut out [mm3].
    finest : float                      Greatest side of the sub-voxels on which it is painted [mm].
    spheres : tuple of Sphere           Those whose recovery may be asked for.
    sources : tuple of str              Where its numbers come from.
    remarks : tuple of str              What a reader must know.
    """

    name: str
    title: str
    torso: Torso
    volumes: dict[str, float]
    finest: float = 2.5
    spheres: tuple[Sphere, ...] = ()
    sources: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())


def concentrations(subject: Subject, start: float, duration: float = 0.0) -> dict[str, float]:
    """True mean activity concentration of each region over an acquisition [Bq/ml].

        c_r = w_r A_s / sum_r' w_r' V_r'

    with the activity A_s of the region's source and the relative concentrations w_r of its regions.

    Parameters
    ----------
    start, duration : float             After the administration, and length [s]; 0 is one moment.
    """
    torso = subject.torso
    curves = {**torso.clearances, REMAINDER: torso.remainder}
    held = {name: mean_activity(curve, start, duration) for name, curve in curves.items()}
    weighted = dict.fromkeys(held, 0.0)
    for region, volume in subject.volumes.items():
        source, weight = source_of(torso, region)
        weighted[source] += weight * volume / 1000
    found = {}
    for region in subject.volumes:
        source, weight = source_of(torso, region)
        found[region] = weight * held[source] / weighted[source] if weighted[source] > 0 else 0.0
    return found


def activity_map(subject: Subject, grid: Grid, *, start: float, duration: float = 0.0, pose: Pose | None = None) -> Image:
    """Activity concentration on ``grid``, the mean over each voxel and over the acquisition [Bq/ml].

    A region that lies on the grid whole holds exactly its activity: its concentration is that activity by the volume
    that its own sub-voxels add up to.  One that the grid cuts has its true concentration (:func:`concentrations`); what
    lies outside the grid is not on it.
    """
    at = _pose(pose)
    values = concentrations(subject, start, duration)
    box, sub, fine = _fine_grid(subject, grid, at)
    image = np.zeros(grid.shape, dtype=np.float32)
    if sub is None:
        return Image(values=image, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    parts: list[tuple[str, Box, Field]] = []
    painted = dict.fromkeys(subject.volumes, 0.0)
    for layer, part, share in shares(subject.torso.pieces, sub, at):
        painted[layer.region] += float(share.sum(dtype=np.float64)) * sub.voxel_volume
        if values[layer.region] > 0:
            parts.append((layer.region, part, share))
    whole = _whole_regions(subject, grid, at)
    seen = np.zeros(sub.shape, dtype=np.float32)
    for region, part, share in parts:
        exact = subject.volumes[region] / painted[region] if region in whole and painted[region] > 0 else 1.0
        share *= np.float32(values[region] * exact)
        seen[part] += share
    image[box] = _means(seen, fine)
    return Image(values=image, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)


def hounsfield_map(subject: Subject, grid: Grid, *, pose: Pose | None = None) -> Image:
    """CT numbers on ``grid`` without noise [HU], int16."""
    numbers = {layer: layer.tissue.hounsfield for layer in _layers(subject)}
    painted = _painted(subject, numbers, grid, pose, AIR.hounsfield)
    return Image(values=np.rint(painted).astype(np.int16), grid=grid, quantity=Quantity.HOUNSFIELD)


def body_map(subject: Subject, grid: Grid, *, pose: Pose | None = None) -> Phantom:
    """Density and medium of each voxel, as photons meet them.

    The density is the mean over the voxel; the medium is that with the greatest mass in it.
    """
    layers = _layers(subject)
    density = _painted(subject, {layer: layer.tissue.density for layer in layers}, grid, pose, AIR.density)
    names = ["air", *dict.fromkeys(material_of(layer.tissue) for layer in layers if material_of(layer.tissue) != "air")]
    most, medium = np.zeros(grid.shape, dtype=np.float32), np.zeros(grid.shape, dtype=np.uint8)
    # The medium needs no sub-voxels: its own share only decides who has most.
    mass = {name: np.zeros(grid.shape, dtype=np.float32) for name in names}
    for layer, box, share in shares(subject.torso.pieces, grid, _pose(pose)):
        mass[material_of(layer.tissue)][box] += share * np.float32(layer.tissue.density)
    for n, name in enumerate(names):
        more = mass[name] > np.maximum(most, np.float32(AIR.density))
        medium[more] = n
        most = np.maximum(most, mass[name])
    dx, dy, dz = grid.spacing
    return Phantom(
        density=np.maximum(density, AIR.density),
        medium=medium,
        media=tuple(load_material(name) for name in names),
        voxel=(dz, dy, dx),
    )


def grid_around(shape: tuple[int, int, int], spacing: float | tuple[float, float, float], *, frame: str = "") -> Grid:
    """A grid of ``shape`` (z, y, x) whose middle is the origin; ``spacing`` (x, y, z) or one side [mm]."""
    sides = (spacing, spacing, spacing) if isinstance(spacing, int | float) else spacing
    if min(sides) <= 0:
        raise InputError(f"voxel sides must be positive; got {sides} mm.")
    affine = np.diag([*sides, 1.0])
    affine[:3, 3] = [-(n - 1) / 2 * side for n, side in zip(shape[::-1], sides, strict=True)]
    return Grid(shape=shape, affine=affine, frame_of_reference=frame)


def _pose(pose: Pose | None) -> npt.NDArray[np.float64]:
    return np.eye(4) if pose is None else pose


def _layers(subject: Subject) -> list[Layer]:
    return list(dict.fromkeys(layer for piece in subject.torso.pieces for layer in piece.layers))


def _fine_grid(subject: Subject, grid: Grid, pose: Pose) -> tuple[Box, Grid | None, int]:
    """Where on ``grid`` the subject lies, the grid of sub-voxels there (None: nowhere), and how many a side."""
    fine = min(MOST_SUBVOXELS, max(1, math.ceil(max(grid.spacing) / subject.finest - 1e-6)))
    box = index_box(grid, pose, subject.torso.bounds, margin=2)
    if min(s.stop - s.start for s in box) <= 0:
        return box, None, fine
    return box, _subdivided(grid, box, fine), fine


def _whole_regions(subject: Subject, grid: Grid, pose: Pose) -> set[str]:
    """Regions all of whose pieces lie inside the grid."""
    cut = set()
    for piece in subject.torso.pieces:
        inside = index_box(grid, pose, piece.solid.bounds, margin=0)
        z, y, x = (s.stop - s.start for s in inside)
        wide = Grid(shape=(3 * grid.shape[0], 3 * grid.shape[1], 3 * grid.shape[2]), affine=_three_times(grid))
        if (z, y, x) != tuple(s.stop - s.start for s in index_box(wide, pose, piece.solid.bounds, margin=0)):
            cut |= {layer.region for layer in piece.layers}
    return set(subject.volumes) - cut


def _three_times(grid: Grid) -> npt.NDArray[np.float64]:
    into = np.eye(4)
    into[:3, 3] = [-n for n in grid.shape[::-1]]
    return np.asarray(grid.affine @ into)


def _painted(subject: Subject, value: dict[Layer, float], grid: Grid, pose: Pose | None, ground: float) -> Field:
    """Mean of ``value`` over each voxel of ``grid``, painted on sub-voxels where the subject lies."""
    at = _pose(pose)
    box, sub, fine = _fine_grid(subject, grid, at)
    image = np.full(grid.shape, ground, dtype=np.float32)
    if sub is None:
        return image
    painted = np.full(sub.shape, ground, dtype=np.float32)
    for layer, part, share in shares(subject.torso.pieces, sub, at):
        share *= np.float32(value[layer] - ground)
        painted[part] += share
    image[box] = _means(painted, fine)
    return image


def _means(painted: Field, fine: int) -> Field:
    z, y, x = (n // fine for n in painted.shape)
    return np.asarray(painted.reshape(z, fine, y, fine, x, fine).mean(axis=(1, 3, 5), dtype=np.float32))


def _subdivided(grid: Grid, box: Box, fine: int) -> Grid:
    """The grid of ``fine``^3 sub-voxels in each voxel of ``box``."""
    z, y, x = box
    into = np.diag([1 / fine, 1 / fine, 1 / fine, 1.0])
    into[:3, 3] = np.array([x.start, y.start, z.start]) + (1 / fine - 1) / 2
    return Grid(
        shape=((z.stop - z.start) * fine, (y.stop - y.start) * fine, (x.stop - x.start) * fine),
        affine=grid.affine @ into,
    )
