"""Sums over batches in one pass."""

from hevesy.transport._kernels.compiler import compiled
from hevesy.transport._kernels.tables import Floats


@compiled
def add_batch(energy: Floats, size: float, total: Floats, squares: Floats) -> None:
    """Add size x and size x^2 of a batch's result x to the sums, and set the batch to zero for the next one."""
    for i in range(energy.size):
        x = energy[i]
        if x != 0.0:
            total[i] += size * x
            squares[i] += size * x * x
            energy[i] = 0.0
