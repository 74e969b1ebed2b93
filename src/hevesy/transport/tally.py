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
    """Sum and sum of squares over the batches of one kind of particle, by voxel and by region."""

    def __init__(self, voxels: int, regions: Regions) -> None:
        self.batches = 0
        self._regions = regions
        self._sum = np.zeros(voxels)
        self._squares = np.zeros(voxels)
        self._region_sums: list[Array] = []

    def add(self, energy: Array) -> None:
        """Take the energy by voxel of one more batch."""
        self.batches += 1
        self._region_sums.append(self._regions.sums(energy))
        self._sum += energy
        np.multiply(energy, energy, out=energy)
        self._squares += energy

    @property
    def mean(self) -> Array:
        """Mean over the batches, by voxel."""
        return self._sum / max(self.batches, 1)

    def variance_of_batch(self) -> Array:
        """Variance of a single batch, by voxel."""
        if self.batches < 2:
            return np.zeros_like(self._sum)
        n = self.batches
        spread = self._squares / n - (self._sum / n) ** 2
        return np.asarray(np.maximum(spread, 0.0) * n / (n - 1))

    def region_mean(self) -> Array:
        """Mean over the batches, by region."""
        if not self._region_sums:
            return np.zeros(len(self._regions.members))
        return np.asarray(np.mean(self._region_sums, axis=0))

    def region_variance_of_batch(self) -> Array:
        """Variance of a single batch, by region."""
        if self.batches < 2:
            return np.zeros(len(self._regions.members))
        return np.asarray(np.var(self._region_sums, axis=0, ddof=1))
