"""Lines of response through an image [x, y, z] after Joseph, with or without time of flight; lengths in mm.

A line is laid out first: which voxels are around it at each plane of its main axis and how they are weighted, in blocks of
planes that the vector units take. Then its voxels are read, or added to, one plane after the other.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled, in_order

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
Shape = tuple[int, int, int]
Number = float | np.float32

CUT = 3.0  # sigma of time of flight beyond which nothing is looked at
INSIDE = 0.9973002039367398  # of a Gaussian within it
BLOCK = 16  # planes that are laid out at once
ONE, HALF, SIXTH, C4, C5, C6, C7 = (np.float32(1 / math.factorial(n)) for n in range(1, 8))


@compiled
def prepared(ends: Floats, sides: Floats, shape: Shape, where: Doubles) -> int:
    """The line as position = start + slope n at plane n of its main axis; returns that axis.

    where: start and slope of the two side axes [voxels], length per plane [mm], coordinate along the line of plane 0 from
    its middle [mm], step of it, half-length of the line [mm].
    """
    per_side, per_slice = 1 / float(sides[0]), 1 / float(sides[1])
    dx, dy, dz = float(ends[3]) - ends[0], float(ends[4]) - ends[1], float(ends[5]) - ends[2]
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx * per_side, dy * per_side, dz * per_slice
    ax, ay = ends[0] * per_side + 0.5 * (shape[0] - 1), ends[1] * per_side + 0.5 * (shape[1] - 1)
    az = ends[2] * per_slice + 0.5 * (shape[2] - 1)
    axis = 0
    if abs(dy) > abs(dx):
        axis = 1
    if abs(dz) > max(abs(dx), abs(dy)):
        axis = 2
    if axis == 0:
        a, d, p, dp, q, dq = ax, dx, ay, dy, az, dz
    elif axis == 1:
        a, d, p, dp, q, dq = ay, dy, ax, dx, az, dz
    else:
        a, d, p, dp, q, dq = az, dz, ax, dx, ay, dy
    per_plane = 1 / d
    dp, dq = dp * per_plane, dq * per_plane
    where[0], where[1] = p - a * dp, dp
    where[2], where[3] = q - a * dq, dq
    where[6] = length * per_plane
    where[4] = abs(where[6])
    where[5] = -a * where[6] - 0.5 * length
    where[7] = 0.5 * length
    return axis


@compiled
def planes(where: Doubles, n: int, n_p: int, n_q: int, low: float, high: float) -> tuple[int, int]:
    """First and past-last plane with the line inside the image and its coordinate within [low, high]."""
    first, last = 0.0, float(n - 1)
    for k in range(3):
        if k < 2:
            start, slope, least, most = where[2 * k], where[2 * k + 1], 0.0, (n_p if k == 0 else n_q) - 1.00001
        else:
            start, slope, least, most = where[5], where[6], low, high
        if abs(slope) < 1e-9:
            if start < least or start > most:
                return 0, 0
            continue
        per = 1 / slope
        one, two = (least - start) * per, (most - start) * per
        first = max(first, min(one, two))
        last = min(last, max(one, two))
    if last < first:
        return 0, 0
    return int(math.ceil(first)), int(math.floor(last)) + 1


@compiled
def crossings(
    p0: Number,
    dp: Number,
    q0: Number,
    dq: Number,
    most: tuple[int, int],
    stride: tuple[int, int],
    at: Places,
    f: Floats,
    g: Floats,
) -> None:
    """A block of planes: element of the first of four voxels around the line, and the shares f, g of their neighbours."""
    j_most, k_most, s_p, s_q = np.int32(most[0]), np.int32(most[1]), np.int32(stride[0]), np.int32(stride[1])
    for m in range(BLOCK):
        p, q = p0 + np.float32(m) * dp, q0 + np.float32(m) * dq
        j, k = min(np.int32(p), j_most), min(np.int32(q), k_most)
        f[m], g[m] = p - np.float32(j), q - np.float32(k)
        at[m] = np.int32(j * s_p) + np.int32(k * s_q)


@compiled
def bell(x0: Number, h: Number, top: Number, w: Floats) -> None:
    """top exp(-8 x^2) at a block of planes, x from ``x0`` in steps of ``h`` up to 3/4; the series is within 3e-6."""
    for m in range(BLOCK):
        x = x0 + np.float32(m) * h
        t = x * x
        e = ONE - t * (ONE - t * (HALF - t * (SIXTH - t * (C4 - t * (C5 - t * (C6 - t * C7))))))
        e *= e
        e *= e
        w[m] = top * e * e


@compiled
def laid_out(
    shape: Shape, ends: Floats, sides: Floats, centre: float, sigma: float, scale: float, where: Doubles, at: Places, fgw: Floats
) -> tuple[int, int, int, int, int]:
    """Planes that a line crosses within the image, the element of the first, and the strides along the three axes.

    ``at``, ``fgw`` are filled with the crossings in each plane and the weights there: ``scale`` times the length per plane
    and, where sigma > 0, a Gaussian density of ``centre`` [1/mm].
    """
    axis = prepared(ends, sides, shape, where)
    p_axis, q_axis = (1 if axis == 0 else 0), (1 if axis == 2 else 2)
    n_p, n_q, timed = shape[p_axis], shape[q_axis], sigma > 0
    low, high = (centre - CUT * sigma, centre + CUT * sigma) if timed else (-where[7], where[7])
    first, past = planes(where, shape[axis], n_p, n_q, max(low, -where[7]), min(high, where[7]))
    count = past - first
    if count <= 0:
        return 0, 0, 0, 0, 0
    strides = (shape[1] * shape[2], shape[2], 1)
    most, stride = (n_p - 2, n_q - 2), (strides[p_axis], strides[q_axis])
    per = 0.25 / sigma if timed else 0.0
    top = np.float32(scale * where[4] * (0.3989422804014327 / (sigma * INSIDE) if timed else 1.0))
    dp, dq, h = np.float32(where[1]), np.float32(where[3]), np.float32(where[6] * per)
    for b in range(0, count, BLOCK):
        p0, q0 = np.float32(where[0] + (first + b) * where[1]), np.float32(where[2] + (first + b) * where[3])
        crossings(p0, dp, q0, dq, most, stride, at[b : b + BLOCK], fgw[0, b : b + BLOCK], fgw[1, b : b + BLOCK])
        x0 = np.float32((where[5] + (first + b) * where[6] - centre) * per)
        bell(x0, h, top, fgw[2, b : b + BLOCK])
    return count, first * strides[axis], strides[axis], stride[0], stride[1]


@in_order
def line_sum(
    img: Floats, base: int, step: int, s_p: int, s_q: int, at: Places, f: Floats, g: Floats, w: Floats, count: int
) -> float:
    """Sum of weighted voxels along a line that is laid out; ``img`` is flat."""
    total = np.float32(0)
    for m in range(count):
        a = base + at[m]
        v00, v01 = img[numba.uintp(a)], img[numba.uintp(a + s_q)]
        v10, v11 = img[numba.uintp(a + s_p)], img[numba.uintp(a + s_p + s_q)]
        low = v00 + g[m] * (v01 - v00)
        high = v10 + g[m] * (v11 - v10)
        total += w[m] * (low + f[m] * (high - low))
        base += step
    return float(total)


@in_order
def line_add(
    img: Floats, base: int, step: int, s_p: int, s_q: int, at: Places, f: Floats, g: Floats, w: Floats, count: int
) -> None:
    """Transpose of `line_sum`: adds the weights to the voxels."""
    for m in range(count):
        a = base + at[m]
        upper = w[m] * f[m]
        lower = w[m] - upper
        upper_next, lower_next = upper * g[m], lower * g[m]
        img[numba.uintp(a)] += lower - lower_next
        img[numba.uintp(a + s_q)] += lower_next
        img[numba.uintp(a + s_p)] += upper - upper_next
        img[numba.uintp(a + s_p + s_q)] += upper_next
        base += step


@compiled
def forward(
    img: Floats, shape: Shape, ends: Floats, sides: Floats, centres: Floats, sigma: float, first: int, past: int, out: Floats
) -> None:
    """out[i]: integral along line i from ``first`` to ``past``; ``centres`` of length 1 where there is no time of flight."""
    where, most = np.empty(8, np.float64), max(shape) + BLOCK
    at, fgw = np.empty(most, np.int32), np.empty((3, most), np.float32)
    for i in range(first, past):
        centre = float(centres[i]) if sigma > 0 else 0.0
        count, base, step, s_p, s_q = laid_out(shape, ends[i], sides, centre, sigma, 1.0, where, at, fgw)
        out[i] = line_sum(img, base, step, s_p, s_q, at, fgw[0], fgw[1], fgw[2], count)


@compiled
def adjoint(
    values: Floats, shape: Shape, ends: Floats, sides: Floats, centres: Floats, sigma: float, first: int, past: int, img: Floats
) -> None:
    """The transpose for the lines from ``first`` to ``past``, into ``img``, which is emptied before."""
    where, most = np.empty(8, np.float64), max(shape) + BLOCK
    at, fgw = np.empty(most, np.int32), np.empty((3, most), np.float32)
    img[:] = 0
    for i in range(first, past):
        if values[i] != 0:
            centre = float(centres[i]) if sigma > 0 else 0.0
            count, base, step, s_p, s_q = laid_out(shape, ends[i], sides, centre, sigma, values[i], where, at, fgw)
            line_add(img, base, step, s_p, s_q, at, fgw[0], fgw[1], fgw[2], count)
