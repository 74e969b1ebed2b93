"""A CT of the virtual patient: tissue numbers, partial volume at edges, correlated noise."""

import numpy as np
import numpy.typing as npt

from hevesy.imaging.painting import Pose, paint
from hevesy.imaging.shapes import Field
from hevesy.imaging.torso import AIR, Torso
from hevesy.model import Grid

LOWEST = -1024.0  # what a 12-bit scanner can store [HU]
_SPREAD = 0.375  # standard deviation that the filter below leaves of white noise: root of its summed squares


def computed_tomography(torso: Torso, grid: Grid, pose: Pose, *, noise: float, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    """CT numbers on ``grid`` of the torso at ``pose``, with noise of standard deviation ``noise`` [HU].

    The noise is Gaussian, the same everywhere, and smoothed by 1-2-1 in both directions of a slice.
    """
    image = paint(torso.pieces, lambda layer: layer.tissue.hounsfield, grid, pose, AIR.hounsfield)
    result = np.empty(grid.shape, dtype=np.int16)
    for k in range(grid.shape[0]):
        plane = image[k] + _grain(grid.shape[1], grid.shape[2], rng) * np.float32(noise / _SPREAD)
        result[k] = np.rint(np.maximum(plane, np.float32(LOWEST)))
    return result


def _grain(rows: int, columns: int, rng: np.random.Generator) -> Field:
    white = rng.standard_normal((rows + 2, columns + 2), dtype=np.float32)
    lines = white[:-2] + 2 * white[1:-1] + white[2:]
    return np.asarray((lines[:, :-2] + 2 * lines[:, 1:-1] + lines[:, 2:]) / np.float32(16))
