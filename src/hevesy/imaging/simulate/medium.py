"""What photons meet: linear attenuation and electron density of a body of voxels."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.materials import load_material, photon_cross_sections
from hevesy.model import Grid, Image
from hevesy.transport import Phantom

Floats = npt.NDArray[np.float32]
PER_CM = 0.1
THIN = 0.05  # g/ml: below it is air


def attenuation_map(body: Phantom, energy: float, *, coherent: bool = True) -> Floats:
    """Linear attenuation coefficient at ``energy`` [MeV], shape (z, y, x) [1/mm]; with ``coherent`` scattering or without."""
    sections = [photon_cross_sections(medium, energy) for medium in body.media]
    per_gram = np.array([float(found.total - (0.0 if coherent else found.coherent)) * PER_CM for found in sections])
    return np.asarray(body.density * per_gram[body.medium], dtype=np.float32)


def electrons_by_water(body: Phantom) -> Floats:
    """Electrons per volume by those of water of 1 g/ml, shape (z, y, x) [1]."""
    water = load_material("water").electrons_per_gram
    relative = np.array([medium.electrons_per_gram / water for medium in body.media])
    return np.asarray(body.density * relative[body.medium], dtype=np.float32)


def fitting(body: Phantom, grid: Grid) -> Phantom:
    """``body`` if it lies on ``grid``; refused otherwise."""
    dx, dy, dz = grid.spacing
    if body.density.shape != grid.shape or not np.allclose(body.voxel, (dz, dy, dx), rtol=1e-6):
        raise InputError(
            f"the body has shape {body.density.shape} of voxels {body.voxel} mm, the activity {grid.shape} of {(dz, dy, dx)} mm. "
            "Give both on one grid."
        )
    return body


def coarsened(activity: Image, body: Phantom, side: float) -> tuple[Image, Phantom]:
    """Blocks of voxels of about ``side`` [mm] as one voxel; the grid grows to whole blocks, two at least.

    A block is as many voxels across in x as in y: projectors need square voxels, and two of them.
    """
    by = [max(1, round(side / s)) for s in activity.grid.spacing[::-1]]
    by[1] = by[2] = max(by[1], by[2])
    shape = tuple(max(2, -(-n // k)) for n, k in zip(activity.grid.shape, by, strict=True))
    short = [(0, k * m - n) for n, k, m in zip(activity.grid.shape, by, shape, strict=True)]

    def mean(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        full = np.pad(np.asarray(values, dtype=np.float64), short)
        return np.asarray(full.reshape(shape[0], by[0], shape[1], by[1], shape[2], by[2]).mean(axis=(1, 3, 5)))

    into = np.diag([*map(float, by[::-1]), 1.0])
    into[:3, 3] = [(k - 1) / 2 for k in by[::-1]]
    grid = Grid(shape=(shape[0], shape[1], shape[2]), affine=activity.grid.affine @ into)
    mass = [mean(np.where(body.medium == n, body.density, 0.0)) for n in range(len(body.media))]
    small = Phantom(
        density=np.maximum(mean(body.density), 1e-3),
        medium=np.argmax(mass, axis=0).astype(np.uint8),
        media=body.media,
        voxel=(by[0] * body.voxel[0], by[1] * body.voxel[1], by[2] * body.voxel[2]),
    )
    return Image(values=mean(activity.values).astype(np.float32), grid=grid, quantity=activity.quantity), small


def cropped(activity: Image, body: Phantom) -> tuple[Image, Phantom]:
    """The box that holds all activity and all that is denser than air."""
    held = (activity.values > 0) | (body.density > THIN)
    box = []
    for axis in range(3):
        some = np.flatnonzero(held.any(axis=tuple(k for k in range(3) if k != axis)))
        first, last = (int(some[0]), int(some[-1]) + 1) if some.size else (0, held.shape[axis])
        first = max(0, min(first, held.shape[axis] - 2))  # two voxels at least, for a projector
        box.append(slice(first, max(last, min(first + 2, held.shape[axis]))))
    z, y, x = box
    affine = activity.grid.affine.copy()
    affine[:3, 3] = affine[:3, :3] @ [x.start, y.start, z.start] + affine[:3, 3]
    part = (z, y, x)
    values = np.ascontiguousarray(activity.values[part])
    grid = Grid(shape=values.shape, affine=affine, frame_of_reference=activity.grid.frame_of_reference)
    small = Phantom(density=body.density[part], medium=body.medium[part], media=body.media, voxel=body.voxel)
    return Image(values=values, grid=grid, quantity=activity.quantity), small
