"""Parallel lines of direct planes with time of flight: project, back-project, and one step of OSEM without storing either."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

PER_VOXEL = 32  # steps per voxel side of the tabulated time-of-flight kernel


@compiled
def gather(a: Floats, b: Floats, wa: np.float32, wb: np.float32, row: Floats) -> None:
    """row = wa a + wb b."""
    for z in range(row.size):
        row[z] = wa * a[z] + wb * b[z]


@compiled
def spread(row: Floats, wa: np.float32, wb: np.float32, a: Floats, b: Floats) -> None:
    """Transpose of `gather`."""
    for z in range(row.size):
        a[z] += wa * row[z]
        b[z] += wb * row[z]


@compiled
def add4(row: Floats, w: Floats, tile: Floats) -> None:
    """Four bins at once: the row is loaded once."""
    a, b, c, d = tile[0], tile[1], tile[2], tile[3]
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    for z in range(row.size):
        v = row[z]
        a[z] += w0 * v
        b[z] += w1 * v
        c[z] += w2 * v
        d[z] += w3 * v


@compiled
def sum4(tile: Floats, w: Floats, row: Floats) -> None:
    """Transpose of `add4`."""
    a, b, c, d = tile[0], tile[1], tile[2], tile[3]
    w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
    for z in range(row.size):
        row[z] += w0 * a[z] + w1 * b[z] + w2 * c[z] + w3 * d[z]


@compiled
def scale(row: Floats, factor: Floats, out: Floats) -> None:
    """out = row factor."""
    for z in range(row.size):
        out[z] = row[z] * factor[z]


@compiled
def ratio(expected: Floats, factor: Floats, extra: Floats, counts: Floats) -> None:
    """expected <- factor counts / (factor expected + extra), 0 where nothing is expected."""
    for z in range(expected.size):
        y = factor[z] * expected[z] + extra[z]
        expected[z] = factor[z] * counts[z] / y if y > np.float32(1e-12) else np.float32(0.0)


@compiled
def walk(
    img: Floats, out: Floats, view: Floats, s: float, bins: Floats, lut: Floats, tile: Floats, row: Floats, back: bool
) -> None:
    """One line of all planes, Joseph's way: linear interpolation at each crossing of a voxel plane of the main axis.

    view: cos, sin of the azimuth; bins: centre of bin 0, width, first and past-last kept bin, first and last depth [voxels].
    Forward adds into tile[bin, z]; back adds from it into ``out`` (same shape as ``img``).
    """
    n_x, n_y = img.shape[0], img.shape[1]
    c, sn = view[0], view[1]
    along_y = abs(c) >= abs(sn)  # direction (-sin, cos); position s (cos, sin) + t (-sin, cos)
    n_main, n_side = (n_y, n_x) if along_y else (n_x, n_y)
    centre_main, centre_side = 0.5 * (n_main - 1), 0.5 * (n_side - 1)
    step = 1.0 / (abs(c) if along_y else abs(sn))
    kernel_half = 0.5 * (lut.size - 1) / PER_VOXEL
    first, width, low, high = bins[0], bins[1], int(bins[2]), int(bins[3])
    w = np.zeros(4, np.float32)
    for m in range(n_main):
        main = m - centre_main
        if along_y:
            t = (main - s * sn) / c
            side = s * c - t * sn + centre_side
        else:
            t = -(main - s * c) / sn
            side = s * sn + t * c + centre_side
        j = int(math.floor(side))
        if j < 0 or j + 1 >= n_side or t < bins[4] or t > bins[5]:
            continue
        b0 = max(low, int(math.ceil((t - kernel_half - first) / width)))
        b1 = min(high, int(math.floor((t + kernel_half - first) / width)) + 1)
        if b1 <= b0:
            continue
        f = np.float32(side - j)
        wa, wb = np.float32(step) * (np.float32(1.0) - f), np.float32(step) * f
        if back:
            row[:] = 0
        else:
            gather(img[m, j] if not along_y else img[j, m], img[m, j + 1] if not along_y else img[j + 1, m], wa, wb, row)
        for b in range(b0, b1, 4):
            for q in range(4):
                place = int((first + (b + q) * width - t + kernel_half) * PER_VOXEL + 0.5)
                w[q] = lut[place] if b + q < b1 and 0 <= place < lut.size else np.float32(0.0)
            if back:
                sum4(tile[b - low : b - low + 4], w, row)
            else:
                add4(row, w, tile[b - low : b - low + 4])
        if back:
            spread(row, wa, wb, out[m, j] if not along_y else out[j, m], out[m, j + 1] if not along_y else out[j + 1, m])


@compiled
def forward(
    img: Floats,
    views: Ints,
    turns: Floats,
    radial: Floats,
    rows: Ints,
    spans: Floats,
    lut: Floats,
    factor: Floats,
    first: int,
    past: int,
    out: Floats,
) -> None:
    """out[i, cell, z] for the chosen views; rows[view, s] = first cell and number of cells, spans as in `walk`.

    Of the lines, view by view, those from ``first`` to ``past``.
    """
    n_s, nz = radial.size, img.shape[2]
    tile, row = np.zeros((rows[:, :, 1].max() + 4, nz), np.float32), np.empty(nz, np.float32)
    for job in range(first, past):
        i, s = job // n_s, job % n_s
        v = views[i]
        cells = rows[v, s, 1]
        if cells == 0:
            continue
        tile[:cells] = 0
        walk(img, img, turns[v], radial[s], spans[v, s], lut, tile, row, False)
        for b in range(cells):
            scale(tile[b], factor[v, s], out[i, rows[v, s, 0] + b])


@compiled
def adjoint(
    data: Floats,
    views: Ints,
    turns: Floats,
    radial: Floats,
    rows: Ints,
    spans: Floats,
    lut: Floats,
    factor: Floats,
    first: int,
    past: int,
    parts: Floats,
) -> None:
    """parts[p], p from ``first`` to ``past``, gather what each part of the lines adds; the sum of all is the back-projection."""
    n_s, nz, n_parts = radial.size, parts.shape[3], parts.shape[0]
    tile, row = np.zeros((rows[:, :, 1].max() + 4, nz), np.float32), np.empty(nz, np.float32)
    for p in range(first, past):
        parts[p] = 0
        for job in range(p, views.size * n_s, n_parts):
            i, s = job // n_s, job % n_s
            v = views[i]
            cells = rows[v, s, 1]
            if cells == 0:
                continue
            for b in range(cells):
                scale(data[i, rows[v, s, 0] + b], factor[v, s], tile[b])
            tile[cells : cells + 4] = 0
            walk(parts[p], parts[p], turns[v], radial[s], spans[v, s], lut, tile, row, True)


@compiled
def step(
    img: Floats,
    counts: Floats,
    extra: Floats,
    views: Ints,
    turns: Floats,
    radial: Floats,
    rows: Ints,
    spans: Floats,
    lut: Floats,
    factor: Floats,
    first: int,
    past: int,
    parts: Floats,
) -> None:
    """Back-projection of counts / expected of a subset; each line is projected and back-projected while it is in the cache.

    Into the parts from ``first`` to ``past``, as in `adjoint`. ``extra`` holds one value a cell and z, or is of length 1 where
    nothing is added.
    """
    n_s, nz, n_parts = radial.size, img.shape[2], parts.shape[0]
    most = rows[:, :, 1].max() + 4
    tile, row, none = np.zeros((most, nz), np.float32), np.empty(nz, np.float32), np.zeros(nz, np.float32)
    for p in range(first, past):
        parts[p] = 0
        for job in range(p, views.size * n_s, n_parts):
            v, s = views[job // n_s], job % n_s
            cells = rows[v, s, 1]
            if cells == 0:
                continue
            tile[: cells + 4] = 0
            walk(img, img, turns[v], radial[s], spans[v, s], lut, tile, row, False)
            for b in range(cells):
                cell = rows[v, s, 0] + b
                ratio(tile[b], factor[v, s], extra[v, cell] if extra.shape[0] > 1 else none, counts[v, cell])
            tile[cells : cells + 4] = 0
            walk(img, parts[p], turns[v], radial[s], spans[v, s], lut, tile, row, True)


@compiled
def line_sums(img: Floats, turns: Floats, radial: Floats, reach: Floats, first: int, past: int, out: Floats) -> None:
    """out[view, s, z]: sums along the lines without time of flight [voxels], of those from ``first`` to ``past``."""
    n_s, nz = radial.size, img.shape[2]
    tile, row = np.zeros((4, nz), np.float32), np.empty(nz, np.float32)
    for job in range(first, past):
        v, s = job // n_s, job % n_s
        tile[0] = 0
        plain_walk(img, turns[v], radial[s], reach[s], row, tile[0])
        out[v, s] = tile[0]


@compiled
def plain_walk(img: Floats, view: Floats, s: float, reach: float, row: Floats, total: Floats) -> None:
    """`walk` without time of flight, forward only."""
    n_x, n_y = img.shape[0], img.shape[1]
    c, sn = view[0], view[1]
    along_y = abs(c) >= abs(sn)
    n_main, n_side = (n_y, n_x) if along_y else (n_x, n_y)
    step = 1.0 / (abs(c) if along_y else abs(sn))
    for m in range(n_main):
        main = m - 0.5 * (n_main - 1)
        if along_y:
            t = (main - s * sn) / c
            side = s * c - t * sn + 0.5 * (n_side - 1)
        else:
            t = -(main - s * c) / sn
            side = s * sn + t * c + 0.5 * (n_side - 1)
        j = int(math.floor(side))
        if j < 0 or j + 1 >= n_side or abs(t) > reach:
            continue
        f = np.float32(side - j)
        wa, wb = np.float32(step) * (np.float32(1.0) - f), np.float32(step) * f
        gather(img[m, j] if not along_y else img[j, m], img[m, j + 1] if not along_y else img[j + 1, m], wa, wb, row)
        for z in range(row.size):
            total[z] += row[z]
