"""The sum of Gaussians beside the kernel that it stands for."""

import numpy as np
import pytest

from hevesy.dose.kernel import VoxelKernel, octant, voxel_kernel
from hevesy.dose.long_range import FACTORS, long_range, long_range_octant
from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import radial_kernel
from hevesy.nuclides import radiations


def kernel_of(kernels: PointKernels, name: str, sides: tuple[float, float, float] = (4.0, 4.0, 4.0)) -> VoxelKernel:
    return voxel_kernel(radial_kernel(radiations(name), kernels), sides, density=1.0)


def test_it_is_the_kernel_at_a_distance_and_has_no_peak(kernels: PointKernels) -> None:
    kernel = kernel_of(kernels, "I-131")
    part = long_range(kernel, 400.0)
    assert part is not None
    first = int(part.reach / 4.0) + 1
    found, exact = long_range_octant(part, kernel.sides, (0, 0, 80)), octant(kernel, (0, 0, 80), charged=False)
    assert found[0, 0, first:] == pytest.approx(exact[0, 0, first:], rel=3e-3)
    assert found[0, 0, 0] < 0.05 * exact[0, 0, 0]


def test_cells_are_near_to_cubes_where_voxels_are_not(kernels: PointKernels) -> None:
    sides = (5.0, 2.4, 2.4)
    part = long_range(kernel_of(kernels, "I-131", sides), 300.0)
    assert part is not None
    cell = np.multiply(part.factors, sides)
    assert cell.max() / cell.min() < 1.5
    assert min(part.factors) >= 1
    assert max(part.factors) <= max(FACTORS)
