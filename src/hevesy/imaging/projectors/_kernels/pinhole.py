"""Voxels seen through a pinhole: each leaves a Gaussian on the detector; one view a call.

``eye`` holds the unit vectors n (from the centre through the pinhole to the detector), u (columns) and the pinhole's
distance from the centre, all in LPS; rows run along -z.
"""

import math

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors._kernels.compiler import compiled

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

# The normal distribution from -WIDEST to WIDEST; between its entries it is within 5e-7.
WIDEST, PER_SIGMA = 5.5, 256
BELOW = np.array(
    [0.5 + 0.5 * math.erf((k / PER_SIGMA - WIDEST) / math.sqrt(2.0)) for k in range(int(2 * WIDEST * PER_SIGMA) + 1)]
)


@compiled
def _below(t: float) -> float:
    """Part of a Gaussian below ``t`` standard deviations, interpolated between the entries of BELOW."""
    place = min(max((t + WIDEST) * PER_SIGMA, 0.0), 2.0 * WIDEST * PER_SIGMA - 1.0)
    k = int(place)
    value: float = BELOW[k] + (place - k) * (BELOW[k + 1] - BELOW[k])
    return value


@compiled
def _shares(left: float, middle: float, pixel: float, sigma: float, first: int, last: int, out: Array) -> None:
    """Parts of a Gaussian around ``middle`` on the pixels ``first`` to ``last``, of which pixel 0 begins at ``left``."""
    below = _below((left + first * pixel - middle) / sigma)
    for k in range(first, last):
        above = _below((left + (k + 1) * pixel - middle) / sigma)
        out[k] = above - below
        below = above


@compiled
def _add_row(view: Array, r: int, weight: float, across: Array, first: int, last: int) -> None:
    for c in range(first, last):
        view[r, c] += weight * across[c]


@compiled
def _sum_row(view: Array, r: int, weight: float, line: Array, first: int, last: int) -> None:
    for c in range(first, last):
        line[c] += weight * view[r, c]


@compiled
def _image_of(x: float, y: float, z: float, eye: Array, hole: Array) -> tuple[float, float, float, float]:
    """Where a point falls (column, row) [mm], the sigma there [mm], and the share of photons that pass the hole.

    ``hole``: distance of the detector behind it, geometric diameter, diameter for sensitivity, intrinsic sigma, cosine of
    the largest angle to the axis [mm, 1].
    """
    h = eye[4] - (x * eye[0] + y * eye[1])
    if h <= 0:
        return 0.0, 0.0, 0.0, 0.0
    across, down = x * eye[2] + y * eye[3], -z
    cosine = h / math.sqrt(h * h + across * across + down * down)
    if cosine < hole[4]:
        return 0.0, 0.0, 0.0, 0.0
    f = hole[0]
    passed = hole[2] * hole[2] * cosine**3 / (16.0 * h * h)
    width = hole[1] * (f + h) / h * 0.42466090014400953
    return -across * f / h, -down * f / h, math.sqrt(width * width + hole[3] * hole[3]), passed


@compiled
def transmission(mu: Floats, first: Array, side: Array, eye: Array, step: float, out: Floats) -> None:
    """exp(-int mu dl) from each voxel to the pinhole, by trilinear samples every ``step`` [mm]."""
    nx, ny, nz = mu.shape
    px, py = eye[0] * eye[4], eye[1] * eye[4]
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                x, y, z = first[0] + i * side[0], first[1] + j * side[1], first[2] + k * side[2]
                dx, dy, dz = px - x, py - y, -z
                length = math.sqrt(dx * dx + dy * dy + dz * dz)
                n = max(int(length / step), 1)
                total = 0.0
                for m in range(n):
                    t = (m + 0.5) / n
                    total += _trilinear(mu, i + t * dx / side[0], j + t * dy / side[1], k + t * dz / side[2])
                out[i, j, k] = math.exp(-total * length / n)


@compiled
def _trilinear(mu: Floats, x: float, y: float, z: float) -> float:
    i, j, k = int(math.floor(x)), int(math.floor(y)), int(math.floor(z))
    total = 0.0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                u, v, w = i + a, j + b, k + c
                if 0 <= u < mu.shape[0] and 0 <= v < mu.shape[1] and 0 <= w < mu.shape[2]:
                    total += mu[u, v, w] * (1 - abs(x - u)) * (1 - abs(y - v)) * (1 - abs(z - w))
    return total


@compiled
def project(  # one loop for both ways, so that they are transposes of each other by construction
    image: Floats, passed: Floats, first: Array, side: Array, eye: Array, hole: Array, pixel: Array, back: bool, view: Array
) -> None:
    """Adds the image to the view (rows, columns), or with ``back`` the view to the image, with the same weights."""
    rows, columns = view.shape
    along, across, line = np.empty(rows, np.float64), np.empty(columns, np.float64), np.empty(columns, np.float64)
    left, top = -0.5 * columns * pixel[1], -0.5 * rows * pixel[0]
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            for k in range(image.shape[2]):
                if not back and image[i, j, k] == 0:
                    continue
                x, y, z = first[0] + i * side[0], first[1] + j * side[1], first[2] + k * side[2]
                u, v, sigma, share = _image_of(x, y, z, eye, hole)
                if share == 0.0:
                    continue
                c0, c1 = _span(u - left, sigma, pixel[1], columns)
                r0, r1 = _span(v - top, sigma, pixel[0], rows)
                _shares(left, u, pixel[1], sigma, c0, c1, across)
                _shares(top, v, pixel[0], sigma, r0, r1, along)
                if passed.shape[0] > 0:
                    share *= passed[i, j, k]
                if back:
                    line[c0:c1] = 0
                    for r in range(r0, r1):
                        _sum_row(view, r, along[r], line, c0, c1)
                    total = 0.0
                    for c in range(c0, c1):
                        total += across[c] * line[c]
                    image[i, j, k] += np.float32(share * total)
                else:
                    share *= image[i, j, k]
                    for r in range(r0, r1):
                        _add_row(view, r, share * along[r], across, c0, c1)


@compiled
def _span(middle: float, sigma: float, pixel: float, count: int) -> tuple[int, int]:
    """Pixels within 5 sigma."""
    return max(int(math.floor((middle - 5 * sigma) / pixel)), 0), min(int(math.ceil((middle + 5 * sigma) / pixel)), count)
