"""The virtual patient of a trial on its grid: activity without and with the lesion, the body, and the regions."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.phantoms import Body, Sphere, Subject, Tracer, activity_map, body_map, body_with, grid_around
from hevesy.imaging.torso import LESIONS
from hevesy.imaging.trials.task import Task
from hevesy.model import Grid, Image
from hevesy.nuclides import load_nuclide
from hevesy.transport import Phantom
from hevesy.units import MBq, kg

Floats = npt.NDArray[np.float32]

# Tissue in which the virtual patient's own lesions lie: in a trial they are healthy.
_HEALTHY = {"Lesion 1": "Liver", "Lesion 2": "Bone", "Lesion 3": "Muscle"}
_PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One patient, everything for 1 MBq administered.

    Attributes
    ----------
    body : Body
    tracer : Tracer
    nuclide : str
    wait, duration : float              From the administration to the scan, and of the scan [s].
    task : Task
    activity : Image                    Mean over the scan, without the lesion [Bq/ml for 1 MBq].
    lesion : ndarray (z, y, x)          What the lesion adds to it.
    matter : Phantom                    Density and media on the same grid.
    contents : Subject
    middle : float                      z of the middle of the grid in the body [mm].
    """

    body: Body
    tracer: Tracer
    nuclide: str
    wait: float
    duration: float
    task: Task
    activity: Image
    lesion: Floats
    matter: Phantom
    contents: Subject
    middle: float

    @property
    def grid(self) -> Grid:
        """Its middle is the origin."""
        return self.activity.grid

    @property
    def mean_concentration(self) -> float:
        """What is in the body by its mass, at the start of the scan, voided activity not taken off [Bq/ml for 1 MBq]."""
        return MBq * 2 ** (-self.wait / load_nuclide(self.nuclide).half_life) / (self.body.mass / kg * 1000)

    def weights(self, sphere: Sphere, grid: Grid | None = None) -> Floats:
        """Share of each voxel that lies in a sphere of the task, (z, y, x)."""
        x, y, z = sphere.centre
        return sphere_shares(grid or self.grid, (x, y, z - self.middle), sphere.diameter)

    def place(self, sphere: Sphere) -> tuple[float, float, float]:
        """Centre of a sphere of the task on the grid [mm]."""
        x, y, z = sphere.centre
        return (x, y, z - self.middle)


def make_scene(
    body: Body, tracer: Tracer, task: Task, *, duration: float, voxel: float, margin: float, wait: float | None = None,
    spheres: tuple[Sphere, ...] = (),
) -> Scene:  # fmt: skip
    """The patient around the regions of a task.

    Parameters
    ----------
    duration : float                    Of the scan [s].
    voxel, margin : float               Side of a voxel; how far the grid goes beyond the regions along the axis [mm].
    wait : float or None                After the administration [s]; the tracer's usual one.
    spheres : tuple of Sphere           Regions that the grid must hold; those of the task by default.
    """
    if not duration > 0:
        raise InputError(f"the scan takes {duration:g} s; it must take some time. Give it as 2 min.")
    start = tracer.wait if wait is None else wait
    held = spheres or tuple(s for s in (task.liver, task.target, task.background) if s is not None)
    low = min(s.centre[2] - s.diameter / 2 for s in held) - margin
    high = max(s.centre[2] + s.diameter / 2 for s in held) + margin
    across = 2 * math.ceil((2 * _half_width(body) + 4 * voxel) / voxel / 2)
    along = max(8, 2 * math.ceil((high - low) / voxel / 2))
    grid = grid_around((along, across, across), voxel)
    nuclide = tracer.nuclides[0]
    contents = healthy(body_with(body, tracer, activity=MBq, half_life=load_nuclide(nuclide).half_life))
    middle = (low + high) / 2
    pose = np.eye(4)
    pose[2, 3] = -middle
    activity = activity_map(contents, grid, start=start, duration=duration, pose=pose)
    added = np.zeros(grid.shape, np.float32)
    if task.lesion is not None and task.target is not None:
        x, y, z = task.target.centre
        share = sphere_shares(grid, (x, y, z - middle), task.target.diameter)
        around = float((activity.values * share).sum(dtype=np.float64) / share.sum(dtype=np.float64))
        added = share * np.float32((task.lesion.contrast - 1) * around)
    return Scene(
        body=body, tracer=tracer, nuclide=nuclide, wait=start, duration=duration, task=task, activity=activity,
        lesion=added, matter=body_map(contents, grid, pose=pose), contents=contents, middle=middle,
    )  # fmt: skip


def healthy(subject: Subject) -> Subject:
    """The subject with its own lesions as the tissue around them."""
    pieces = tuple(p for p in subject.torso.pieces if p.layers[0].region not in LESIONS)
    drop = set(LESIONS)
    torso = replace(
        subject.torso, pieces=pieces, lesions=(),
        clearances={k: v for k, v in subject.torso.clearances.items() if k not in drop},
        weights={k: v for k, v in subject.torso.weights.items() if k not in drop},
    )  # fmt: skip
    volumes = dict(subject.volumes)
    for lesion, tissue in _HEALTHY.items():
        volumes[tissue] = volumes.get(tissue, 0.0) + volumes.pop(lesion, 0.0)
    return replace(subject, torso=torso, volumes=volumes)


def sphere_shares(grid: Grid, centre: tuple[float, float, float], diameter: float) -> Floats:
    """Share of each voxel of ``grid`` inside a sphere [mm], from 5 x 5 x 5 points a voxel; scaled to the sphere's volume."""
    part = (np.arange(_PARTS) + 0.5) / _PARTS - 0.5
    sides = grid.spacing
    axes = [
        (grid.affine[k, k] * (np.arange(n)[:, None] + part) + grid.affine[k, 3] - centre[k]).ravel() ** 2
        for k, n in enumerate(grid.shape[::-1])
    ]
    out = np.zeros(grid.shape, np.float32)
    near = [
        np.flatnonzero((a.reshape(-1, _PARTS) <= (diameter / 2 + s) ** 2).any(axis=1)) for a, s in zip(axes, sides, strict=True)
    ]
    if min(len(n) for n in near) == 0:
        raise InputError(f"a sphere of {diameter:g} mm at {centre} mm lies outside the grid. Enlarge the margin.")
    box = [slice(n[0], n[-1] + 1) for n in near]
    x, y, z = (a.reshape(-1, _PARTS)[b].ravel() for a, b in zip(axes, box, strict=True))
    inside = (z[:, None, None] + y[None, :, None] + x[None, None, :] <= (diameter / 2) ** 2).astype(np.float32)
    nz, ny, nx = (n // _PARTS for n in inside.shape)
    share = inside.reshape(nz, _PARTS, ny, _PARTS, nx, _PARTS).mean(axis=(1, 3, 5), dtype=np.float32)
    if not share.sum() > 0:
        raise InputError(f"a sphere of {diameter:g} mm is lost between voxels of {sides[0]:g} mm. Take smaller voxels.")
    out[box[2], box[1], box[0]] = share * np.float32(math.pi / 6 * diameter**3 / grid.voxel_volume / float(share.sum()))
    return np.minimum(out, 1.0, out=out)


def _half_width(body: Body) -> float:
    """Of the trunk, from the axis [mm]."""
    return 184.0 * max(body.factors[0], body.factors[1])
