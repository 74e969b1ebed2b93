"""Rotating, attenuating and blurring planes in front of a parallel-hole collimator: one view a call.

Arrays are float32.  ``image`` (x, y, z) has z contiguous, so that every inner loop runs over a whole axial line; each
such loop is a function of its own, because the compiler proves only then that its arrays do not overlap.

A view samples the image at  (x, y) = pose[0:2] + i pose[2:4] + j pose[4:6]  (in voxels), i across the detector, j from
the farthest plane to the nearest.  ``taps`` (planes + 1, 7) holds for each plane how often acc is blurred before the
plane is added, then the weights of a 5-point blur across (centre, first, second) and along z; the last row is the blur
from the nearest plane to the detector.  ``lo``, ``hi`` are the samples of a plane that see the support, ``b0``, ``b1``
those that hold counts after its blur.  acc and spare are (across + 4, z + 4) with two empty lines on each side.
"""

import math

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors._kernels.compiler import compiled
from hevesy.imaging.projectors._kernels.prefetch import LINE, fetch

Floats = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Number = float | np.float32

FULL = 65535.0
# Coefficients of exp as 32-bit numbers.
ONE, HALF, SIXTH, QUARTER_SIXTH, TWENTIETH_SIXTH = (np.float32(1 / n) for n in (1, 2, 6, 24, 120))
# Lines begin with this instead of zero: the far tails of many small blurs would else be subnormal numbers, on which a
# processor takes several times as long.
FLOOR = 1e-25


@compiled
def _blend_across(acc: Floats, s: int, w0: Number, w1: Number, w2: Number, line: Floats) -> None:
    for z in range(line.shape[0]):
        line[z] = w0 * acc[s, z] + w1 * (acc[s - 1, z] + acc[s + 1, z]) + w2 * (acc[s - 2, z] + acc[s + 2, z])


@compiled
def _blend_along(line: Floats, w0: Number, w1: Number, w2: Number, out: Floats, s: int) -> None:
    for z in range(line.shape[0] - 4):
        out[s, z + 2] = w0 * line[z + 2] + w1 * (line[z + 1] + line[z + 3]) + w2 * (line[z] + line[z + 4])


@compiled
def _blur(acc: Floats, taps: Floats, start: int, stop: int, line: Floats, out: Floats) -> None:
    """Five-point blur of lines ``start`` to ``stop`` of acc, across and along z, into out."""
    for s in range(start + 2, stop + 2):
        _blend_across(acc, s, taps[1], taps[2], taps[3], line)
        _blend_along(line, taps[4], taps[5], taps[6], out, s)


@compiled
def _gather(image: Floats, x: int, y: int, w00: Number, w01: Number, w10: Number, w11: Number, acc: Floats, s: int) -> None:
    for z in range(image.shape[2]):
        acc[s, z + 2] += w00 * image[x, y, z] + w01 * image[x, y + 1, z] + w10 * image[x + 1, y, z] + w11 * image[x + 1, y + 1, z]


@compiled
def _gather_attenuated(
    image: Floats,
    x: int,
    y: int,
    w00: Number,
    w01: Number,
    w10: Number,
    w11: Number,
    passed: Words,
    row: int,
    acc: Floats,
    s: int,
) -> None:
    for z in range(image.shape[2]):
        acc[s, z + 2] += (
            w00 * image[x, y, z] + w01 * image[x, y + 1, z] + w10 * image[x + 1, y, z] + w11 * image[x + 1, y + 1, z]
        ) * np.float32(passed[row, z])


@compiled
def _blend_along_and_gather(
    line: Floats,
    v0: Number,
    v1: Number,
    v2: Number,
    image: Floats,
    x: int,
    y: int,
    w00: Number,
    w01: Number,
    w10: Number,
    w11: Number,
    passed: Words,
    row: int,
    out: Floats,
    s: int,
) -> None:
    for z in range(image.shape[2]):
        out[s, z + 2] = (v0 * line[z + 2] + v1 * (line[z + 1] + line[z + 3]) + v2 * (line[z] + line[z + 4])) + (
            w00 * image[x, y, z] + w01 * image[x, y + 1, z] + w10 * image[x + 1, y, z] + w11 * image[x + 1, y + 1, z]
        ) * np.float32(passed[row, z])


@compiled
def _line_of(acc: Floats, s: int, line: Floats) -> None:
    for z in range(acc.shape[1] - 4):
        line[z] = acc[s, z + 2]


@compiled
def _attenuated_line_of(acc: Floats, s: int, passed: Words, row: int, line: Floats) -> None:
    for z in range(passed.shape[1]):
        line[z] = acc[s, z + 2] * np.float32(passed[row, z])


@compiled
def _spread(line: Floats, w0: Number, w1: Number, image: Floats, x: int, y: int) -> None:
    for z in range(image.shape[2]):
        image[x, y, z] += w0 * line[z]
        image[x, y + 1, z] += w1 * line[z]


@compiled
def _corner(x: float, y: float, nx: int, ny: int) -> tuple[int, int, Number, Number, Number, Number]:
    """The lower corner of the four voxels around (x, y) and the linear weights of the two lower ones; none outside."""
    ix = min(max(int(math.floor(x)), 0), nx - 2)
    iy = min(max(int(math.floor(y)), 0), ny - 2)
    x0, x1 = np.float32(max(0.0, 1 - abs(x - ix))), np.float32(max(0.0, 1 - abs(x - ix - 1)))
    y0, y1 = np.float32(max(0.0, 1 - abs(y - iy))), np.float32(max(0.0, 1 - abs(y - iy - 1)))
    return ix, iy, x0 * y0, x0 * y1, x1 * y0, x1 * y1


@compiled
def _place(pose: Array, i: int, j: int) -> tuple[float, float]:
    """Where sample i of plane j lies in the image, in voxels."""
    return pose[0] + i * pose[2] + j * pose[4], pose[1] + i * pose[3] + j * pose[5]


@compiled
def _seen(pose: Array, i: int, j: int, support: Floats, scale: Number) -> tuple[int, int, Number, Number, Number, Number]:
    """As _corner of sample i of plane j, times ``scale`` inside the support and none outside."""
    x, y = _place(pose, i, j)
    ix, iy, w00, w01, w10, w11 = _corner(x, y, support.shape[0], support.shape[1])
    w00 *= scale * support[ix, iy]
    w01 *= scale * support[ix, iy + 1]
    w10 *= scale * support[ix + 1, iy]
    w11 *= scale * support[ix + 1, iy + 1]
    return ix, iy, w00, w01, w10, w11


@compiled
def _fetch_column(image: Floats, pose: Array, i: int, j: int) -> None:
    """Has the voxels nearest to sample i of plane j fetched: together the samples of a plane come by nearly all columns."""
    x, y = _place(pose, i, j)
    ix = min(max(int(math.floor(x + 0.5)), 0), image.shape[0] - 1)
    iy = min(max(int(math.floor(y + 0.5)), 0), image.shape[1] - 1)
    first = (ix * image.shape[1] + iy) * image.shape[2]
    for k in range(first, first + image.shape[2], LINE):
        fetch(image, k)


@compiled
def forward_view(
    image: Floats,
    support: Floats,
    pose: Array,
    lo: Ints,
    hi: Ints,
    b0: Ints,
    b1: Ints,
    taps: Floats,
    passed: Words,
    rows: Longs,
    acc: Floats,
    spare: Floats,
) -> bool:
    """Marches from far to near; says whether the counts are in acc (True) or in spare.

    ``passed`` (rows, z) is the transmission to each sample in 1/65535, ``rows`` (planes,) where each plane starts in
    it; an empty ``passed`` means no attenuation.  The slices of image and ``passed`` are the lines along z of acc.
    """
    planes = lo.shape[0]
    acc[:, :] = 0
    acc[2:-2, 2:-2] = np.float32(FLOOR)
    spare[:, :] = acc
    line = np.zeros(acc.shape[1], np.float32)
    attenuated = passed.shape[0] > 0
    scale = np.float32(1 / FULL) if attenuated else np.float32(1)
    here, there, first = acc, spare, True
    for j in range(planes + 1):
        blurs = int(taps[j, 0]) if b1[j] > b0[j] else 0
        for n in range(blurs):
            if n == blurs - 1 and j < planes and attenuated:
                _blur_and_add(here, taps[j], b0[j], b1[j], line, image, support, pose, lo, hi, j, passed, rows, there)
            else:
                _blur(here, taps[j], b0[j], b1[j], line, there)
            here, there, first = there, here, not first
        if j == planes:
            break
        for i in range(lo[j], hi[j]):
            if blurs > 0 and attenuated and b0[j] <= i < b1[j]:
                continue  # added while it was blurred
            ix, iy, w00, w01, w10, w11 = _seen(pose, i, j, support, scale)
            if attenuated:
                _gather_attenuated(image, ix, iy, w00, w01, w10, w11, passed, rows[j] + i - lo[j], here, i + 2)
            else:
                _gather(image, ix, iy, w00, w01, w10, w11, here, i + 2)
    return first


@compiled
def _blur_and_add(
    here: Floats,
    taps: Floats,
    start: int,
    stop: int,
    line: Floats,
    image: Floats,
    support: Floats,
    pose: Array,
    lo: Ints,
    hi: Ints,
    j: int,
    passed: Words,
    rows: Longs,
    there: Floats,
) -> None:
    """As _blur, and adds the attenuated samples of plane j to each line while it is at hand; fetches those of the next."""
    scale = np.float32(1 / FULL)
    for i in range(start, stop):
        if j + 1 < lo.shape[0] and lo[j + 1] <= i < hi[j + 1]:
            _fetch_column(image, pose, i, j + 1)
        _blend_across(here, i + 2, taps[1], taps[2], taps[3], line)
        if lo[j] <= i < hi[j]:
            ix, iy, w00, w01, w10, w11 = _seen(pose, i, j, support, scale)
            row = rows[j] + i - lo[j]
            _blend_along_and_gather(
                line, taps[4], taps[5], taps[6], image, ix, iy, w00, w01, w10, w11, passed, row, there, i + 2
            )  # fmt: skip
        else:
            _blend_along(line, taps[4], taps[5], taps[6], there, i + 2)


@compiled
def adjoint_view(
    acc: Floats,
    support: Floats,
    pose: Array,
    lo: Ints,
    hi: Ints,
    b0: Ints,
    b1: Ints,
    taps: Floats,
    passed: Words,
    rows: Longs,
    image: Floats,
    spare: Floats,
) -> None:
    """The steps of :func:`forward_view` transposed and in reverse order: adds to ``image``; overwrites acc.

    Lines outside b0 to b1 go stale on the way; the ranges shrink so that they never reach a sample that is read.
    """
    planes = lo.shape[0]
    acc[2:-2, 2:-2] += np.float32(FLOOR)
    spare[:, :] = 0
    line = np.zeros(acc.shape[1], np.float32)
    attenuated = passed.shape[0] > 0
    scale = np.float32(1 / FULL) if attenuated else np.float32(1)
    here, there = acc, spare
    for j in range(planes, -1, -1):
        blurs = int(taps[j, 0]) if b1[j] > b0[j] else 0
        start, stop = (lo[j], hi[j]) if j < planes else (0, 0)
        first, last = (b0[j], b1[j]) if blurs > 0 else (start, start)
        # Each line is spread and then blurred while it is at hand; the samples of the next plane are fetched meanwhile.
        for i in range(min(start, first) if stop > start else first, max(stop, last)):
            if j > 0 and lo[j - 1] <= i < hi[j - 1]:
                _fetch_column(image, pose, i, j - 1)
            if start <= i < stop:
                ix, iy, w00, w01, w10, w11 = _seen(pose, i, j, support, scale)
                if attenuated:
                    _attenuated_line_of(here, i + 2, passed, rows[j] + i - lo[j], line)
                else:
                    _line_of(here, i + 2, line)
                _spread(line, w00, w01, image, ix, iy)
                _spread(line, w10, w11, image, ix + 1, iy)
            if first <= i < last:
                _blend_across(here, i + 2, taps[j, 1], taps[j, 2], taps[j, 3], line)
                _blend_along(line, taps[j, 4], taps[j, 5], taps[j, 6], there, i + 2)
        for n in range(blurs):
            if n > 0:
                _blur(here, taps[j], b0[j], b1[j], line, there)
            here, there = there, here


@compiled
def _half_steps(
    depth: Floats,
    x: int,
    y: int,
    w00: Number,
    w01: Number,
    w10: Number,
    w11: Number,
    along: Floats,
    i: int,
    passed: Words,
    row: int,
) -> None:
    for z in range(depth.shape[2]):
        t = (
            w00 * depth[x, y, z] + w01 * depth[x, y + 1, z]
            + w10 * depth[x + 1, y, z] + w11 * depth[x + 1, y + 1, z]
        )  # fmt: skip
        # exp(-t): within 1e-6 up to t = 0.3, and between 0 and 1 for any.
        q = ONE / (ONE + t * (ONE + t * (HALF + t * (SIXTH + t * (QUARTER_SIXTH + t * TWENTIETH_SIXTH)))))
        half = along[i, z] * q
        along[i, z] = half * q
        passed[row, z] = np.uint16(half * np.float32(FULL) + np.float32(0.5))


@compiled
def transmission_view(
    depth: Floats,
    pose: Array,
    nearest: int,
    lo: Ints,
    hi: Ints,
    mu_lo: Ints,
    mu_hi: Ints,
    rows: Longs,
    along: Floats,
    passed: Words,
) -> None:
    """Transmission from each sample straight to the detector, into ``passed``, in 1/65535.

    ``depth`` (x, y, z) is mu d / 2 for the distance d of planes: half a step to the sample, half a step out of it.  mu is
    interpolated, not its exponential, which would let too much through at every boundary.  Planes behind ``nearest`` lie
    in front of the collimator's face and are left out.  ``mu_lo``, ``mu_hi`` are the samples of a plane that may meet
    matter; ``along`` (across, z) is a buffer; the last row of ``passed`` is spare.
    """
    along[:, :] = 1
    spare = passed.shape[0] - 1
    for j in range(nearest, -1, -1):
        for i in range(min(lo[j], mu_lo[j]), max(hi[j], mu_hi[j])):
            x, y = _place(pose, i, j)
            ix, iy, w00, w01, w10, w11 = _corner(x, y, depth.shape[0], depth.shape[1])
            row = rows[j] + i - lo[j] if lo[j] <= i < hi[j] else spare
            _half_steps(depth, ix, iy, w00, w01, w10, w11, along, i, passed, row)


@compiled
def ranges_view(support: Floats, pose: Array, across: int, planes: int, nearest: int, lo: Ints, hi: Ints) -> None:
    """First sample and one behind the last of each plane that see the support; none beyond ``nearest``."""
    for j in range(planes):
        lo[j], hi[j] = 0, 0
        if j > nearest:
            continue
        for i in range(across):
            _, _, w00, w01, w10, w11 = _seen(pose, i, j, support, np.float32(1))
            if w00 + w01 + w10 + w11 > 0:
                if hi[j] == 0:
                    lo[j] = i
                hi[j] = i + 1


@compiled
def gather_lanes(lanes: Floats, support: Floats, start: int, stop: int, out: Floats) -> None:
    """Sums ``lanes`` (lanes, x, y, z) into out for x from ``start`` to ``stop`` and empties them, inside the support."""
    for x in range(start, stop):
        for y in range(lanes.shape[2]):
            if support[x, y] > 0:
                _sum_line(lanes, x, y, out)


@compiled
def _sum_line(lanes: Floats, x: int, y: int, out: Floats) -> None:
    for z in range(out.shape[2]):
        out[x, y, z] = lanes[0, x, y, z]
        lanes[0, x, y, z] = 0
    for n in range(1, lanes.shape[0]):
        for z in range(out.shape[2]):
            out[x, y, z] += lanes[n, x, y, z]
            lanes[n, x, y, z] = 0
