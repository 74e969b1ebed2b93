"""Sums of relative differences over the 26 neighbours of each voxel, a line along z at a time."""

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors._kernels.compiler import compiled

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Number = float | np.float32


@compiled
def _differences(
    f: Floats, c: Floats, x: int, y: int, u: int, v: int, below: int, above: int, weight: Number, shape: Floats, out: Floats
) -> None:
    """Adds the gradient of one neighbour (u, v, z - below + above) to out (z); shape holds gamma, epsilon, c the neighbour's
    share of the weight; the voxel's own is a factor of the sum."""
    gamma, epsilon = shape[0], shape[1]
    for z in range(f.shape[2] - below - above):
        a, b = f[x, y, z + below], f[u, v, z + above]
        d = a - b
        size = abs(d)
        D = a + b + gamma * size + epsilon
        out[z + below] += (
            weight * c[u, v, z + above] * d * (gamma * size + a + np.float32(3) * b + np.float32(2) * epsilon) / (D * D)
        )


@compiled
def _curvatures(
    f: Floats, c: Floats, x: int, y: int, u: int, v: int, below: int, above: int, weight: Number, shape: Floats, out: Floats
) -> None:
    gamma, epsilon = shape[0], shape[1]
    for z in range(f.shape[2] - below - above):
        a, b = f[x, y, z + below], f[u, v, z + above]
        D = a + b + gamma * abs(a - b) + epsilon
        g = np.float32(2) * b + epsilon
        out[z + below] += weight * c[u, v, z + above] * np.float32(2) * g * g / (D * D * D)


@compiled
def _products(
    f: Floats,
    c: Floats,
    p: Floats,
    x: int,
    y: int,
    u: int,
    v: int,
    below: int,
    above: int,
    weight: Number,
    shape: Floats,
    out: Floats,
) -> None:
    gamma, epsilon = shape[0], shape[1]
    for z in range(f.shape[2] - below - above):
        a, b = f[x, y, z + below], f[u, v, z + above]
        D = a + b + gamma * abs(a - b) + epsilon
        g, h = np.float32(2) * b + epsilon, np.float32(2) * a + epsilon
        out[z + below] += (
            weight * c[u, v, z + above] * np.float32(2) * g * (g * p[x, y, z + below] - h * p[u, v, z + above]) / (D * D * D)
        )


@compiled
def _sizes(f: Floats, c: Floats, x: int, y: int, u: int, v: int, below: int, above: int, weight: Number, shape: Floats) -> float:
    gamma, epsilon, total = shape[0], shape[1], 0.0
    for z in range(f.shape[2] - below - above):
        a, b = f[x, y, z + below], f[u, v, z + above]
        d = a - b
        D = a + b + gamma * abs(d) + epsilon
        total += weight * c[x, y, z + below] * c[u, v, z + above] * d * d / D if D > 0 else 0.0
    return total


@compiled
def relative_differences(
    f: Floats,
    c: Floats,
    p: Floats,
    weights: Floats,
    shape: Floats,
    start: int,
    stop: int,
    what: int,
    out: Floats,
    sums: Doubles,
) -> None:
    """Sums over the 26 neighbours for x from ``start`` to ``stop``; ``weights`` (3, 3, 3) with none for the middle, ``c`` the
    root of the strength at each voxel.

    ``what`` 0: puts the sums over ordered pairs into ``sums`` by x; 1: adds the gradient to out; 2: the diagonal of the
    Hessian; 3: the Hessian times ``p``.
    """
    for x in range(start, stop):
        for y in range(f.shape[1]):
            for u in range(max(x - 1, 0), min(x + 2, f.shape[0])):
                for v in range(max(y - 1, 0), min(y + 2, f.shape[1])):
                    for k in range(3):
                        w = weights[u - x + 1, v - y + 1, k]
                        if w == 0:
                            continue
                        below, above = max(1 - k, 0), max(k - 1, 0)
                        if what == 0:
                            sums[x] += _sizes(f, c, x, y, u, v, below, above, w, shape)
                        elif what == 1:
                            _differences(f, c, x, y, u, v, below, above, w, shape, out[x, y])
                        elif what == 2:
                            _curvatures(f, c, x, y, u, v, below, above, w, shape, out[x, y])
                        else:
                            _products(f, c, p, x, y, u, v, below, above, w, shape, out[x, y])
            if what > 0:
                for z in range(f.shape[2]):
                    out[x, y, z] *= c[x, y, z]
