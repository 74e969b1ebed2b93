"""Lines of response through an image [x, y, z] after Joseph, with or without time of flight; lengths in mm."""

import math

import numba
import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled, threaded

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

CUT = 3.0  # sigma of time of flight beyond which nothing is looked at


@compiled
def prepared(ends: Floats, sides: Floats, shape: tuple[int, int, int], where: Doubles) -> int:
    """The line as position = start + slope n at plane n of its main axis; returns that axis.

    where: start and slope of the two side axes [voxels], length per plane [mm], coordinate along the line of plane 0 from
    its middle [mm], step of it, half-length of the line [mm].
    """
    ax = ends[0] / sides[0]
    ay = ends[1] / sides[0]
    az = ends[2] / sides[1]
    dx, dy, dz = ends[3] / sides[0] - ax, ends[4] / sides[0] - ay, ends[5] / sides[1] - az
    length = math.sqrt((ends[3] - ends[0]) ** 2 + (ends[4] - ends[1]) ** 2 + (ends[5] - ends[2]) ** 2)
    axis = 0
    if abs(dy) > abs(dx):
        axis = 1
    if abs(dz) > max(abs(dx), abs(dy)):
        axis = 2
    ax += 0.5 * (shape[0] - 1)
    ay += 0.5 * (shape[1] - 1)
    az += 0.5 * (shape[2] - 1)
    if axis == 0:
        a, d, p, dp, q, dq = ax, dx, ay, dy, az, dz
    elif axis == 1:
        a, d, p, dp, q, dq = ay, dy, ax, dx, az, dz
    else:
        a, d, p, dp, q, dq = az, dz, ax, dx, ay, dy
    where[0], where[1] = p - a * dp / d, dp / d
    where[2], where[3] = q - a * dq / d, dq / d
    where[4] = length / abs(d)
    where[5] = (-a / d - 0.5) * length
    where[6] = length / d
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
        one, two = (least - start) / slope, (most - start) / slope
        first = max(first, min(one, two))
        last = min(last, max(one, two))
    if last < first:
        return 0, 0
    return int(math.ceil(first)), int(math.floor(last)) + 1


@compiled
def line_sum(img: Floats, ends: Floats, sides: Floats, centre: float, sigma: float, where: Doubles) -> float:
    """Integral along a line, weighted by time of flight where sigma > 0: a Gaussian density of ``centre`` [1/mm]."""
    axis = prepared(ends, sides, img.shape, where)
    n = img.shape[axis]
    n_p = img.shape[1] if axis == 0 else img.shape[0]
    n_q = img.shape[1] if axis == 2 else img.shape[2]
    low, high = (centre - CUT * sigma, centre + CUT * sigma) if sigma > 0 else (-where[7], where[7])
    n0, n1 = planes(where, n, n_p, n_q, max(low, -where[7]), min(high, where[7]))
    if n1 <= n0:
        return 0.0
    stride_n = img.strides[axis] // 4
    stride_p = (img.strides[1] if axis == 0 else img.strides[0]) // 4
    stride_q = (img.strides[1] if axis == 2 else img.strides[2]) // 4
    flat = img.reshape(-1)
    weight, rate, change = gaussian_start(where, n0, centre, sigma)
    total = 0.0
    p, dp, q, dq = where[0] + n0 * where[1], where[1], where[2] + n0 * where[3], where[3]
    for m in range(n0, n1):
        j, k = int(p), int(q)
        f, g = p - j, q - k
        at = m * stride_n + j * stride_p + k * stride_q
        v00, v01 = flat[numba.uintp(at)], flat[numba.uintp(at + stride_q)]
        v10, v11 = flat[numba.uintp(at + stride_p)], flat[numba.uintp(at + stride_p + stride_q)]
        low_row = v00 + g * (v01 - v00)
        high_row = v10 + g * (v11 - v10)
        total += weight * (low_row + f * (high_row - low_row))
        weight *= rate
        rate *= change
        p += dp
        q += dq
    return float(total * where[4])


@compiled
def gaussian_start(where: Doubles, n0: int, centre: float, sigma: float) -> tuple[float, float, float]:
    """Value at plane n0, its ratio to the next, and the ratio of ratios: exp of a quadratic needs no exp in the loop."""
    if sigma <= 0:
        return 1.0, 1.0, 1.0
    x = where[5] + n0 * where[6] - centre
    h = where[6]
    v = 1.0 / (sigma * sigma)
    norm = 0.3989422804014327 / sigma / 0.9973002039367398
    return norm * math.exp(-0.5 * v * x * x), math.exp(-v * (x * h + 0.5 * h * h)), math.exp(-v * h * h)


@compiled
def line_add(img: Floats, ends: Floats, sides: Floats, value: float, centre: float, sigma: float, where: Doubles) -> None:
    """Transpose of `line_sum`: adds ``value`` along the line."""
    axis = prepared(ends, sides, img.shape, where)
    n = img.shape[axis]
    n_p = img.shape[1] if axis == 0 else img.shape[0]
    n_q = img.shape[1] if axis == 2 else img.shape[2]
    low, high = (centre - CUT * sigma, centre + CUT * sigma) if sigma > 0 else (-where[7], where[7])
    n0, n1 = planes(where, n, n_p, n_q, max(low, -where[7]), min(high, where[7]))
    if n1 <= n0:
        return
    stride_n = img.strides[axis] // 4
    stride_p = (img.strides[1] if axis == 0 else img.strides[0]) // 4
    stride_q = (img.strides[1] if axis == 2 else img.strides[2]) // 4
    flat = img.reshape(-1)
    weight, rate, change = gaussian_start(where, n0, centre, sigma)
    weight *= value * where[4]
    p, dp, q, dq = where[0] + n0 * where[1], where[1], where[2] + n0 * where[3], where[3]
    for m in range(n0, n1):
        j, k = int(p), int(q)
        f, g = p - j, q - k
        at = m * stride_n + j * stride_p + k * stride_q
        upper, lower = weight * f, weight * (1.0 - f)
        flat[numba.uintp(at)] += lower * (1.0 - g)
        flat[numba.uintp(at + stride_q)] += lower * g
        flat[numba.uintp(at + stride_p)] += upper * (1.0 - g)
        flat[numba.uintp(at + stride_p + stride_q)] += upper * g
        weight *= rate
        rate *= change
        p += dp
        q += dq


@threaded
def forward(img: Floats, ends: Floats, sides: Floats, centres: Floats, sigma: float, out: Floats) -> None:
    """out[i]: integral along line i; ``centres`` of length 1 where there is no time of flight."""
    for part in numba.prange(64):
        where = np.empty(8, np.float64)
        for i in range(part * out.size // 64, (part + 1) * out.size // 64):
            out[i] = line_sum(img, ends[i], sides, centres[i] if sigma > 0 else 0.0, sigma, where)


@threaded
def adjoint(values: Floats, ends: Floats, sides: Floats, centres: Floats, sigma: float, parts: Floats) -> None:
    """Every part gathers the lines of its share; their sum is the back-projection."""
    n = parts.shape[0]
    for part in numba.prange(n):
        where = np.empty(8, np.float64)
        parts[part] = 0
        for i in range(part * values.size // n, (part + 1) * values.size // n):
            if values[i] != 0:
                line_add(parts[part], ends[i], sides, values[i], centres[i] if sigma > 0 else 0.0, sigma, where)
