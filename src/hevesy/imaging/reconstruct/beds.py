"""Several bed positions, or several gates, of one study put together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Grid, Image, Projections

Floats = npt.NDArray[np.float32]


def merge_beds(images: Sequence[Image], sensitivities: Sequence[npt.NDArray[Any]]) -> Image:
    """One image from overlapping bed positions, each voxel weighted by how well its bed sees it.

        f = sum_b s_b f_b / sum_b s_b

    The sensitivity s = A' 1 is in proportion to the counts that inform a voxel, and so to the inverse of its variance.

    Parameters
    ----------
    images : sequence of Image          On grids that differ by whole voxels.
    sensitivities : sequence of arrays  ``operator.adjoint(ones)`` of each, of the image's shape.
    """
    grid, starts = _common_grid([image.grid for image in images])
    if len(images) != len(sensitivities):
        raise InputError(f"{len(images)} beds and {len(sensitivities)} sensitivities; give one a bed.")
    total, weight = np.zeros(grid.shape, np.float64), np.zeros(grid.shape, np.float64)
    for image, sensitivity, start in zip(images, sensitivities, starts, strict=True):
        part = tuple(slice(s, s + n) for s, n in zip(start, image.grid.shape, strict=True))
        total[part] += sensitivity * image.values
        weight[part] += sensitivity
    values = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0).astype(np.float32)
    return Image(values=values, grid=grid, quantity=images[0].quantity)


def _common_grid(grids: Sequence[Grid]) -> tuple[Grid, list[tuple[int, int, int]]]:
    """The smallest grid that holds all of them, and where each starts in it (z, y, x)."""
    if not grids:
        raise InputError("no bed was given.")
    first = grids[0]
    offsets = []
    for n, grid in enumerate(grids):
        if not np.allclose(grid.affine[:3, :3], first.affine[:3, :3], rtol=1e-5):
            raise InputError(f"bed {n + 1} has voxels of {grid.spacing} mm, bed 1 of {first.spacing} mm. Reconstruct them alike.")
        apart = np.linalg.solve(first.affine[:3, :3], grid.affine[:3, 3] - first.affine[:3, 3])
        if np.abs(apart - np.round(apart)).max() > 0.02:
            raise InputError(
                f"bed {n + 1} lies {apart.round(2).tolist()} voxels from bed 1; only whole voxels can be merged without "
                "interpolation. Give the reconstruction a grid that fits."
            )
        offsets.append(np.round(apart).astype(int)[::-1])
    lowest = np.min(offsets, axis=0)
    highest = np.max([o + grid.shape for o, grid in zip(offsets, grids, strict=True)], axis=0)
    affine = first.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ lowest[::-1]
    z, y, x = (int(n) for n in highest - lowest)
    starts = [(int(o[0] - lowest[0]), int(o[1] - lowest[1]), int(o[2] - lowest[2])) for o in offsets]
    return Grid(shape=(z, y, x), affine=affine, frame_of_reference=first.frame_of_reference), starts


def sum_of_gates(gates: Sequence[Projections]) -> Projections:
    """The ungated projections: counts and durations of all gates together.

    Each gate counted for its share of the time, so that the sum's durations are those of the whole view.
    """
    if not gates:
        raise InputError("no gate was given.")
    first = gates[0]
    for gate in gates[1:]:
        if gate.counts.shape != first.counts.shape or not np.allclose(gate.angles, first.angles) or gate.bed != first.bed:
            raise InputError(f"gate {gate.gate} is not of the same views as gate {first.gate}. Sum gates of one bed position.")
    counts = np.stack([gate.counts for gate in gates]).sum(axis=0, dtype=np.float32)
    durations = np.sum([gate.durations for gate in gates], axis=0)
    return replace(first, counts=counts, durations=durations, remarks=(*first.remarks, f"sum of {len(gates)} gates."))
