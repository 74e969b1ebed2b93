"""Voxel S values by the kernels that ship, as reference cases ask for them."""

from collections.abc import Sequence

import numpy as np

from hevesy.dose.cache import nuclide_voxel_kernel
from hevesy.dose.kernel import s_values


def by_kernel(*, nuclide: str, side: float, offsets: Sequence[str]) -> np.ndarray:
    """S values of cubic voxels in soft tissue of 1 g/ml [mGy/(MBq s)]; ``offsets`` as in "S210"."""
    found = s_values(nuclide_voxel_kernel(nuclide, [side, side, side]))
    return np.array([1e9 * found[offset] for offset in offsets])
