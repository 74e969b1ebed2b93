"""Elementwise steps of reconstruction in one pass over memory: flat float32 arrays in, arrays out."""

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors._kernels.compiler import compiled

Floats = npt.NDArray[np.float32]
Number = float | np.float32


@compiled
def add_and_divide(counts: Floats, expected: Floats, additive: Floats, least: float | np.float32, ratio: Floats) -> None:
    """expected += additive, at least ``least``;  ratio = counts / expected, 0 where nothing is expected."""
    for i in range(counts.shape[0]):
        q = max(expected[i] + additive[i], np.float32(least))
        expected[i] = q
        ratio[i] = counts[i] / q if q > 0 else np.float32(0)


@compiled
def multiply_into(image: Floats, back: Floats, inverse: Floats) -> None:
    """image *= back * inverse, never below 0: five-point blurs have a small negative weight."""
    for i in range(image.shape[0]):
        image[i] *= max(back[i], np.float32(0)) * inverse[i]


@compiled
def invert(sensitivity: Floats, least: float | np.float32, inverse: Floats) -> None:
    """1 / sensitivity above ``least``, 0 elsewhere."""
    for i in range(sensitivity.shape[0]):
        inverse[i] = np.float32(1) / sensitivity[i] if sensitivity[i] > least else np.float32(0)


@compiled
def log_likelihood(counts: Floats, expected: Floats, additive: Floats) -> tuple[float, float]:
    """sum y ln q - q, and the counts where nothing is expected."""
    total, lost = 0.0, 0.0
    for i in range(counts.shape[0]):
        q = expected[i] + additive[i]
        if q > 0:
            total += counts[i] * np.log(np.float64(q)) - q
        else:
            lost += counts[i]
    return total, lost


@compiled
def divide_for_gradient(counts: Floats, expected: Floats, additive: Floats, ratio: Floats) -> None:
    """expected += additive;  ratio = counts / expected - 1, 0 where nothing is expected nor counted."""
    for i in range(counts.shape[0]):
        q = expected[i] + additive[i]
        expected[i] = q
        ratio[i] = counts[i] / q - np.float32(1) if q > 0 else np.float32(0)
