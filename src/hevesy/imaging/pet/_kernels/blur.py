"""Gaussian of an image [x, y, z] along its three axes; zero outside, so that it is its own transpose."""

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled

Floats = npt.NDArray[np.float32]


@compiled
def add_row(row: Floats, w: float | np.float32, out: Floats) -> None:
    """out += w row."""
    for z in range(row.size):
        out[z] += w * row[z]


@compiled
def along(row: Floats, kernel: Floats, out: Floats) -> None:
    """out = row * kernel, the half kernel from its centre outwards."""
    n = row.size
    for z in range(n):
        out[z] = kernel[0] * row[z]
    for k in range(1, kernel.size):
        w = kernel[k]
        for z in range(k, n):
            out[z] += w * row[z - k]
        for z in range(0, n - k):
            out[z] += w * row[z + k]


@compiled
def across(img: Floats, kernel: Floats, axis: int, first: int, past: int, out: Floats) -> None:
    """Blur along x (axis 0) or y (axis 1) for x from ``first`` to ``past``; whole z-rows at a time."""
    n_x, n_y, _ = img.shape
    n = n_x if axis == 0 else n_y
    for x in range(first, past):
        for y in range(n_y):
            row = out[x, y]
            row[:] = 0
            add_row(img[x, y], kernel[0], row)
            here = x if axis == 0 else y
            for k in range(1, kernel.size):
                if here - k >= 0:
                    add_row(img[x - k, y] if axis == 0 else img[x, y - k], kernel[k], row)
                if here + k < n:
                    add_row(img[x + k, y] if axis == 0 else img[x, y + k], kernel[k], row)


@compiled
def lengthwise(img: Floats, kernel: Floats, first: int, past: int, out: Floats) -> None:
    """Blur along z for x from ``first`` to ``past``."""
    for x in range(first, past):
        for y in range(img.shape[1]):
            along(img[x, y], kernel, out[x, y])


@compiled
def total(parts: Floats, first: int, past: int, out: Floats) -> None:
    """out = sum of the parts for x from ``first`` to ``past``."""
    for x in range(first, past):
        for y in range(out.shape[1]):
            out[x, y] = parts[0, x, y]
            for p in range(1, parts.shape[0]):
                add_row(parts[p, x, y], np.float32(1.0), out[x, y])


@compiled
def grow(img: Floats, update: Floats, reciprocal: Floats, first: int, past: int) -> None:
    """img <- img update reciprocal for x from ``first`` to ``past``."""
    for x in range(first, past):
        for y in range(img.shape[1]):
            for z in range(img.shape[2]):
                img[x, y, z] *= update[x, y, z] * reciprocal[x, y, z]
