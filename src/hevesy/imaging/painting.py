"""Solids onto voxels: which part of each voxel belongs to which piece of a torso."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from hevesy.imaging.shapes import Field, Point
from hevesy.imaging.torso import Layer, Piece
from hevesy.model import Grid

Box = tuple[slice, slice, slice]
Pose = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int_]
CACHED = 100_000  # voxels worked on at once


def index_box(grid: Grid, pose: Pose, bounds: tuple[Point, Point], margin: int = 1) -> Box:
    """Part of ``grid`` (z, y, x) that holds a box given in patient coordinates, seen through ``pose``."""
    first, last = reach(grid, pose, bounds, margin)
    sizes = grid.shape[::-1]
    x, y, z = (slice(min(max(a, 0), n), max(min(b, n), 0)) for a, b, n in zip(first, last, sizes, strict=True))
    return z, y, x


def reach(grid: Grid, pose: Pose, bounds: tuple[Point, Point], margin: int) -> tuple[Indices, Indices]:
    """First index and one past the last (x, y, z) of such a box on a grid without ends."""
    low, high = np.array(bounds)
    corners = np.array([[x, y, z, 1.0] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    index = (np.linalg.inv(grid.affine) @ pose @ corners.T)[:3]
    return np.floor(index.min(axis=1)).astype(int) - margin, np.ceil(index.max(axis=1)).astype(int) + margin + 1


def patient_coordinates(grid: Grid, pose: Pose, box: Box) -> tuple[Field, Field, Field]:
    """Where the voxel centres of ``box`` are in the patient who lies at ``pose`` [mm]; float32, (z, y, x)."""
    to_patient = np.linalg.inv(pose) @ grid.affine
    k, j, i = (np.arange(s.start, s.stop, dtype=np.float64) for s in box)
    fields = []
    for row in to_patient[:3]:
        across = (row[0] * i + row[3]).astype(np.float32)
        fields.append(
            (row[2] * k).astype(np.float32)[:, None, None] + ((row[1] * j).astype(np.float32)[:, None] + across[None, :])[None]
        )
    return fields[0], fields[1], fields[2]


def slabs(box: Box) -> Iterator[Box]:
    """The box in slabs that stay in the processor's cache, which is twice as fast as all of it at once."""
    z, y, x = box
    plane = max(1, (y.stop - y.start) * (x.stop - x.start))
    step = max(1, CACHED // plane)
    for first in range(z.start, z.stop, step):
        yield slice(first, min(first + step, z.stop)), y, x


def shares(pieces: tuple[Piece, ...], grid: Grid, pose: Pose) -> Iterator[tuple[Layer, Box, Field]]:
    """Each layer of each piece, a box, and the fraction of each voxel there that is the layer's own.

    The fraction of a voxel inside a surface is 1/2 + depth / side, cut to 0 and 1: exact for a plane face of
    a voxel; for a curved surface the error is of second order in side / radius.  A piece gets its part of
    what the pieces before it left over, so that shares never add up to more than one.
    """
    left = np.ones(grid.shape, dtype=np.float32)
    side = np.float32(grid.voxel_volume ** (1 / 3))
    for piece in pieces:
        whole = index_box(grid, pose, piece.solid.bounds)
        if min(s.stop - s.start for s in whole) <= 0:
            continue
        for box in slabs(whole):
            inside = piece.solid.depth(*patient_coordinates(grid, pose, box)) / side + np.float32(0.5)
            outer = np.clip(inside, 0, 1)
            room = left[box].copy()
            left[box] -= outer * room
            for n, layer in enumerate(piece.layers):
                inner = np.zeros_like(outer)
                if n + 1 < len(piece.layers):
                    inner = np.clip(inside - np.float32(piece.layers[n + 1].below) / side, 0, 1)
                yield layer, box, (outer - inner) * room
                outer = inner


def paint(pieces: tuple[Piece, ...], value: Callable[[Layer], float], grid: Grid, pose: Pose, ground: float) -> Field:
    """Image of ``value(layer)`` over the value ``ground`` of the air, weighted by share; float32."""
    image = np.full(grid.shape, ground, dtype=np.float32)
    for layer, box, share in shares(pieces, grid, pose):
        share *= np.float32(value(layer) - ground)
        image[box] += share
    return image


def volumes(pieces: tuple[Piece, ...], spacing: float) -> dict[Layer, float]:
    """Volume of each kind of layer after earlier pieces took their space, by voxels of ``spacing`` [mm3]."""
    low = np.min([p.solid.bounds[0] for p in pieces], axis=0) - 2 * spacing
    high = np.max([p.solid.bounds[1] for p in pieces], axis=0) + 2 * spacing
    n = np.ceil((high - low) / spacing).astype(int) + 1
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = low
    grid = Grid(shape=(int(n[2]), int(n[1]), int(n[0])), affine=affine)
    sums: dict[Layer, float] = {}
    for layer, _, share in shares(pieces, grid, np.eye(4)):
        sums[layer] = sums.get(layer, 0.0) + float(share.sum(dtype=np.float64)) * spacing**3
    return sums
