"""Sums over batches: mean and standard uncertainty of every voxel and region."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Regions:
    """Sets of voxels whose energies are summed: flat indices, one array a region."""

    def __init__(self, members: Sequence[npt.NDArray[np.int64]]) -> None:
        self.members = tuple(members)

    def sums(self, energy: Array) -> Array:
        """Energy in each region, in the unit of ``energy``."""
        return np.array([float(np.sum(energy[voxels])) for voxels in self.members])


class Tally:
    """Batches of one kind of particle, weighted by their size, by voxel and by region.

        mean = sum s x / sum s,   sigma^2 = (sum s x^2 - (sum s x)^2 / sum s) / (n - 1),   u^2 = sigma^2 / sum s

    x is the result of a batch of size s in units of histories, and sigma^2 the variance of a batch of one unit.
    """

    def __init__(self, voxels: int, regions: Regions) -> None:
        self.batches = 0
        self.units = 0
        self._regions = regions
        self._sum = np.zeros(voxels)
        self._squares = np.zeros(voxels)
        self._region_sum = np.zeros(len(regions.members))
        self._region_squares = np.zeros(len(regions.members))

    def add(self, energy: Array, size: int) -> None:
        """Take the energy by voxel of one more batch; the array is all zeros afterwards."""
        from hevesy.transport._kernels.sums import add_batch

        self.batches += 1
        self.units += size
        by_region = self._regions.sums(energy)
        self._region_sum += size * by_region
        self._region_squares += size * by_region**2
        add_batch(energy, float(size), self._sum, self._squares)

    def mean(self) -> Array:
        """Mean by voxel."""
        return self._sum / max(self.units, 1)

    def region_mean(self) -> Array:
        """Mean by region."""
        return self._region_sum / max(self.units, 1)

    def unit_variance(self) -> Array:
        """Variance of a batch of one unit, by voxel."""
        return self._variance(self._sum, self._squares)

    def region_unit_variance(self) -> Array:
        """Variance of a batch of one unit, by region."""
        return self._variance(self._region_sum, self._region_squares)

    def _variance(self, total: Array, squares: Array) -> Array:
        if self.batches < 2:
            return np.zeros_like(total)
        return np.asarray(np.maximum(squares - total**2 / self.units, 0.0) / (self.batches - 1))
