"""Photons through voxels with forced detection: every place where one starts or scatters sends a part to the detector."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hevesy.transport._kernels.chance import Words, azimuth, exponential, uniform, words
from hevesy.transport._kernels.compiler import compiled
from hevesy.transport._kernels.photons import to_face
from hevesy.transport._kernels.steps import INVERSE_ANGSTROM_PER_MEV, M_E, compton, isotropic, locate, rayleigh
from hevesy.transport._kernels.tables import COHERENT, INCOHERENT, TOTAL, Floats, Ints, PhotonTables, Voxels

PRIMARY, FIRST, MULTIPLE = range(3)
FAINT = 0.05  # of its start: weight below which a photon is played for
EVEN = 0.2  # of the photons to a detector with walls: aimed anywhere on it, the others about straight ahead
Real = npt.NDArray[np.float32]


class Walls(NamedTuple):
    """Square holes over the pixels of a detector, each pixel in the middle of a cell, and what their metal stops.

    ``hole``: open share of a cell's side [1]; ``length`` of the holes [mm], 0: no walls are followed, photons fly straight to
    the detector.  ``reach``: tangent up to which most places on the detector are drawn.  ``mu`` of the metal [1/mm] at
    the nodes of :class:`Windows`.
    """

    hole: float
    length: float
    reach: float
    mu: Floats


class Detector(NamedTuple):
    """Views and pixels in the voxels' own frame, whose origin is the corner of voxel 0 [mm].

    ``across`` (views, 2) and ``towards`` (views, 2): directions u and n in the plane of the orbit; ``middle`` (views, 3):
    where the axis meets the middle of the detector's u and rows; ``radius`` (views,).  ``sigma`` of the response at every
    mm of distance [mm].  ``rows``, ``columns`` of ``dy`` by ``dx`` mm.
    """

    across: Floats
    towards: Floats
    middle: Floats
    radius: Floats
    sigma: Floats
    rows: int
    columns: int
    dy: float
    dx: float
    walls: Walls


class Windows(NamedTuple):
    """Counts (window, node) for a photon given off evenly, at nodes even in ln E; nothing below the first node."""

    log_first: float
    per_log: float
    counts: Floats


class Start(NamedTuple):
    """Voxels with activity, their chance (cumulative); lines, their energy [MeV] and chance (cumulative).

    ``weight`` (view,): decays that one photon of the view stands for.
    """

    voxel: Ints
    cumulative: Floats
    energy: Floats
    line: Floats
    weight: Floats


class Angles(NamedTuple):
    """4 pi / integral of the sampled angular distributions of incoherent and coherent scatter (medium, node of energy).

    ``log_first``, ``per_log``: the nodes.
    """

    log_first: float
    per_log: float
    incoherent: Floats
    coherent: Floats


@compiled
def walk(
    voxels: Voxels, tables: PhotonTables, p: Floats, d: Floats, energies: Floats, left: float, out: Floats, cell: Ints
) -> float:
    """Way [mm] along ``d`` from ``p`` until ``left`` mean free paths at the first energy are behind, or out of the grid: -1.

    ``out``: mean free paths at each of two energies up to there.  ``cell`` ends where the way does.
    """
    n0, f0 = locate(tables.log_first, tables.per_log, tables.data.shape[1], energies[0])
    n1, f1 = locate(tables.log_first, tables.per_log, tables.data.shape[1], energies[1])
    i, j, k = cell[0], cell[1], cell[2]
    tx, dtx, sx = to_face(p[0], i, voxels.dx, d[0])
    ty, dty, sy = to_face(p[1], j, voxels.dy, d[1])
    tz, dtz, sz = to_face(p[2], k, voxels.dz, d[2])
    v, ny, nz = (k * voxels.ny + j) * voxels.nx + i, sy * voxels.nx, sz * voxels.nx * voxels.ny
    out[0] = out[1] = 0.0
    gone, last = 0.0, -1
    a = b = 0.0
    while True:
        m = voxels.material[v]
        if m != last:
            last = m
            a = tables.data[m, n0, TOTAL] + f0 * (tables.data[m, n0 + 1, TOTAL] - tables.data[m, n0, TOTAL])
            b = tables.data[m, n1, TOTAL] + f1 * (tables.data[m, n1 + 1, TOTAL] - tables.data[m, n1, TOTAL])
        t = min(tx, min(ty, tz))
        way = (t - gone) * voxels.density[v]
        if out[0] + a * way >= left:
            cell[0], cell[1], cell[2] = i, j, k
            return float(gone + (left - out[0]) / (a * voxels.density[v]))
        out[0] += a * way
        out[1] += b * way
        gone = t
        if t == tx:
            tx += dtx
            i += sx
            v += sx
            if i < 0 or i >= voxels.nx:
                return -1.0
        elif t == ty:
            ty += dty
            j += sy
            v += ny
            if j < 0 or j >= voxels.ny:
                return -1.0
        else:
            tz += dtz
            k += sz
            v += nz
            if k < 0 or k >= voxels.nz:
                return -1.0


@compiled
def in_cell(shape: int, hole: float, pitch: float, x: float, y: float, cell: Floats) -> bool:
    """Whether (x, y) lies in a hole; ``cell``: the middle of the nearest one.  Shapes 0 square, 1 hexagonal, 2 round."""
    u, v = pitch * math.floor(x / pitch + 0.5), 0.0
    if shape == 0:
        v = pitch * math.floor(y / pitch + 0.5)
        cell[0], cell[1] = u, v
        return max(abs(x - u), abs(y - v)) <= 0.5 * hole
    # Triangular lattice: the nearest of the two rectangular lattices that make it up.
    high = math.sqrt(3.0) * pitch
    v = high * math.floor(y / high + 0.5)
    a, b = pitch * math.floor(x / pitch) + 0.5 * pitch, high * math.floor(y / high) + 0.5 * high
    if (x - a) ** 2 + (y - b) ** 2 < (x - u) ** 2 + (y - v) ** 2:
        u, v = a, b
    cell[0], cell[1] = u, v
    x, y = x - u, y - v
    if shape == 2:
        return math.hypot(x, y) <= 0.5 * hole
    return max(abs(x), abs(0.5 * x) + math.sqrt(0.75) * abs(y)) <= 0.5 * hole


@compiled
def through_cells(
    shape: int, sizes: tuple[float, float, float], mu: float, edges: Floats, rays: int, steps: int, out: Floats
) -> None:  # fmt: skip
    """Mean of exp(-mu l) over place and direction, by tangent of the angle to the holes: ``out`` (0: same cell, 1: another).

    ``sizes``: hole, pitch and length [mm]; ``edges`` of the tangents that are taken together; l is the way in metal, by
    ``steps`` points along each ray.  A ray stays in its cell if one hole is nearest to where it enters and to where it leaves.
    """
    hole, pitch, length = sizes
    tall = pitch if shape == 0 else math.sqrt(3.0) * pitch
    sector = math.pi / 4.0 if shape == 0 else math.pi / 6.0  # the pattern repeats, mirrored, beyond it
    cell = np.empty(2)
    out[:] = 0.0
    for t in range(edges.size - 1):
        for n in range(rays):
            # An even cover of cell, tangent and azimuth by additive recurrence (golden section, plastic number).
            x, y = pitch * ((n + 0.5) / rays), tall * ((n * 0.6180339887498949) % 1.0)
            tangent = edges[t] + (edges[t + 1] - edges[t]) * ((0.5 + n * 0.7548776662466927) % 1.0)
            azimuth = sector * ((0.5 + n * 0.5698402909980532) % 1.0)
            dx, dy = length * tangent * math.cos(azimuth), length * tangent * math.sin(azimuth)
            metal = 0
            for i in range(steps):
                part = (i + 0.5) / steps
                if not in_cell(shape, hole, pitch, x + part * dx, y + part * dy, cell):
                    metal += 1
            in_cell(shape, hole, pitch, x, y, cell)
            u, v = cell[0], cell[1]
            in_cell(shape, hole, pitch, x + dx, y + dy, cell)
            other = abs(cell[0] - u) + abs(cell[1] - v) > 0.1 * pitch
            out[1 if other else 0, t] += math.exp(-mu * metal * length * math.hypot(1.0, tangent) / steps) / rays


@compiled
def to_edge(a: float, da: float, half: float) -> float:
    """Way, in units of ``da``, from ``a`` to the next edge of a hole of half width ``half``; holes stand at n + 1/2."""
    if da == 0.0:
        return math.inf
    r = (a - math.floor(a) - 0.5) * (1.0 if da > 0.0 else -1.0)
    to = -half if r < -half else half if r < half else 1.0 - half
    return (to - r) / abs(da)


@compiled
def in_metal(walls: Walls, x: float, y: float, dx: float, dy: float) -> float:
    """Share of a straight way from (x, y) by (dx, dy) that lies outside square holes [1]; lengths in cells."""
    half, done, clear = 0.5 * walls.hole, 0.0, 0.0
    while done < 1.0:
        a, b = x + done * dx, y + done * dy
        step = min(1.0 - done, min(to_edge(a, dx, half), to_edge(b, dy, half)) + 1e-9)
        u, v = a + 0.5 * step * dx, b + 0.5 * step * dy
        if abs(u - math.floor(u) - 0.5) < half and abs(v - math.floor(v) - 0.5) < half:
            clear += step
        done += step
    return max(0.0, 1.0 - clear)


@compiled
def aim(detector: Detector, view: int, p: Floats, d: Floats, hit: Floats, rng: Words) -> float:
    """Choose the direction ``d`` in which a photon at ``p`` flies to the detector; its solid angle by 4 pi and by its chance.

    Without walls it is straight, and the share is 1.  With walls it goes to a place on the crystal: some even over the
    detector, most even about the place straight ahead.  ``hit``: that place (u, z) and the way across there through the holes.
    """
    walls = detector.walls
    d[0], d[1], d[2] = detector.towards[view, 0], detector.towards[view, 1], 0.0
    if walls.length == 0.0:
        return 1.0
    x, y, z = p[0] - detector.middle[view, 0], p[1] - detector.middle[view, 1], p[2] - detector.middle[view, 2]
    u = x * detector.across[view, 0] + y * detector.across[view, 1]
    deep = detector.radius[view] + walls.length - (x * detector.towards[view, 0] + y * detector.towards[view, 1])
    if deep <= walls.length:
        return 0.0
    wide, long, near = 0.5 * detector.columns * detector.dx, 0.5 * detector.rows * detector.dy, deep * walls.reach
    if uniform(rng) < EVEN:
        du, dz = wide * (2.0 * uniform(rng) - 1.0) - u, long * (2.0 * uniform(rng) - 1.0) - z
    else:
        du, dz = near * (2.0 * uniform(rng) - 1.0), near * (2.0 * uniform(rng) - 1.0)
        if abs(u + du) >= wide or abs(z + dz) >= long:
            return 0.0
    chance = 0.25 * EVEN / (wide * long)
    if abs(du) < near and abs(dz) < near:
        chance += 0.25 * (1.0 - EVEN) / (near * near)
    r2 = du * du + dz * dz + deep * deep
    r = math.sqrt(r2)
    d[0] = (d[0] * deep + detector.across[view, 0] * du) / r
    d[1] = (d[1] * deep + detector.across[view, 1] * du) / r
    d[2] = dz / r
    hit[0], hit[1] = u + du, z + dz
    hit[2], hit[3] = du * walls.length / deep, dz * walls.length / deep
    hit[4] = walls.length * r / deep
    return float(deep / (4.0 * math.pi * r * r2 * chance))


@compiled
def count_behind_walls(
    detector: Detector, windows: Windows, view: int, hit: Floats, E: float, weight: float, order: int, tally: Real
) -> None:
    """Add a photon that flies to ``hit``, by what the metal lets through: to ``order``, or three on where it changed cells."""
    place = (math.log(E) - windows.log_first) * windows.per_log
    if place < 0.0:
        return
    node = min(int(place), windows.counts.shape[1] - 2)
    f = min(1.0, place - node)
    walls = detector.walls
    a, b = hit[0] / detector.dx + 0.5 * detector.columns, 0.5 * detector.rows - hit[1] / detector.dy
    da, db = hit[2] / detector.dx, -hit[3] / detector.dy
    column, row = int(math.floor(a)), int(math.floor(b))
    if not (0 <= column < detector.columns and 0 <= row < detector.rows):
        return
    metal = in_metal(walls, a - da, b - db, da, db)
    if metal > 0.0:
        weight *= math.exp(-metal * hit[4] * (walls.mu[node] + f * (walls.mu[node + 1] - walls.mu[node])))
    if math.floor(a - da) != column or math.floor(b - db) != row:
        order += 3
    for w in range(windows.counts.shape[0]):
        share = windows.counts[w, node] + f * (windows.counts[w, node + 1] - windows.counts[w, node])
        if share > 0.0:
            tally[order, w, view, row, column] += weight * share


@compiled
def count(  # noqa: PLR0913 - a loop's
    detector: Detector, windows: Windows, view: int, p: Floats, hit: Floats, E: float, weight: float, order: int, tally: Real,
    rng: Words,
) -> None:  # fmt: skip
    """Add a photon that leaves ``p`` straight towards the detector; the response moves it at random."""
    if detector.walls.length > 0.0:
        count_behind_walls(detector, windows, view, hit, E, weight, order, tally)
        return
    place = (math.log(E) - windows.log_first) * windows.per_log
    if place < 0.0:
        return
    node = min(int(place), windows.counts.shape[1] - 2)
    f = min(1.0, place - node)
    x, y, z = p[0] - detector.middle[view, 0], p[1] - detector.middle[view, 1], p[2] - detector.middle[view, 2]
    distance = detector.radius[view] - (x * detector.towards[view, 0] + y * detector.towards[view, 1])
    if distance < 0.0:
        return
    sigma = detector.sigma[min(int(distance + 0.5), detector.sigma.size - 1)]
    length = sigma * math.sqrt(2.0 * exponential(rng))
    ca, sa = azimuth(rng)
    u = x * detector.across[view, 0] + y * detector.across[view, 1] + length * ca
    column = int(math.floor(u / detector.dx + 0.5 * detector.columns))
    row = int(math.floor((length * sa - z) / detector.dy + 0.5 * detector.rows))
    if 0 <= column < detector.columns and 0 <= row < detector.rows:
        for w in range(windows.counts.shape[0]):
            share = windows.counts[w, node] + f * (windows.counts[w, node + 1] - windows.counts[w, node])
            if share > 0.0:
                tally[order, w, view, row, column] += weight * share


@compiled
def incoherent_density(tables: PhotonTables, angles: Angles, m: int, E: float, cosine: float) -> float:
    """4 pi times the chance per solid angle that an incoherent scatter goes to ``cosine``."""
    t = 1.0 - cosine
    e = 1.0 / (1.0 + E / M_E * t)
    place = E * INVERSE_ANGSTROM_PER_MEV * math.sqrt(0.5 * max(t, 0.0)) / tables.x_step
    node, s = int(place), 1.0
    if node < tables.scattering.shape[1] - 1:
        s = tables.scattering[m, node]
        s += (place - node) * (tables.scattering[m, node + 1] - s)
    n, f = locate(angles.log_first, angles.per_log, angles.incoherent.shape[1], E)
    norm = angles.incoherent[m, n] + f * (angles.incoherent[m, n + 1] - angles.incoherent[m, n])
    return float(norm * s * e * e * (e + 1.0 / e - t * (2.0 - t)))


@compiled
def coherent_density(tables: PhotonTables, angles: Angles, m: int, E: float, cosine: float) -> float:
    """4 pi times the chance per solid angle that a coherent scatter goes to ``cosine``."""
    x2, total = tables.form[0, m], tables.form[1, m]
    wanted = (E * INVERSE_ANGSTROM_PER_MEV) ** 2 * 0.5 * (1.0 - cosine)
    i = max(1, min(x2.size - 1, np.searchsorted(x2, wanted)))
    n, f = locate(angles.log_first, angles.per_log, angles.coherent.shape[1], E)
    norm = angles.coherent[m, n] + f * (angles.coherent[m, n + 1] - angles.coherent[m, n])
    return float(norm * (total[i] - total[i - 1]) / (x2[i] - x2[i - 1]) * (1.0 + cosine * cosine))


@compiled
def batch(
    histories: int, voxels: Voxels, tables: PhotonTables, angles: Angles, detector: Detector, windows: Windows,
    start: Start, tally: Real, generator: np.random.Generator,
) -> None:  # fmt: skip
    """Score ``histories`` photons into ``tally`` (order, window, view, row, column); with walls the orders again, through metal.

    History h belongs to view h mod views.  At each scatter both kinds send their part to the detector; the photon goes
    on with the share that was not absorbed, and is played for where little is left of it.
    """
    rng = words(generator)
    p, d, keep = np.empty(6), np.empty(3), np.empty(6)
    cell, at = np.empty(3, np.int64), np.empty(3, np.int64)
    energies, depth, hit = np.empty(2), np.empty(2), np.empty(5)
    views = detector.radius.size
    least = math.exp(windows.log_first)
    for h in range(histories):
        view = h % views
        v = start.voxel[np.searchsorted(start.cumulative, uniform(rng))]
        E = start.energy[np.searchsorted(start.line, uniform(rng))]
        cell[0], cell[1], cell[2] = v % voxels.nx, (v // voxels.nx) % voxels.ny, v // (voxels.nx * voxels.ny)
        p[0] = (cell[0] + uniform(rng)) * voxels.dx
        p[1] = (cell[1] + uniform(rng)) * voxels.dy
        p[2] = (cell[2] + uniform(rng)) * voxels.dz
        weight = start.weight[view]
        share = aim(detector, view, p, d, hit, rng)
        if share > 0.0:
            energies[0] = energies[1] = E
            at[:] = cell
            walk(voxels, tables, p, d, energies, math.inf, depth, at)
            count(detector, windows, view, p, hit, E, share * weight * math.exp(-depth[0]), PRIMARY, tally, rng)
        isotropic(p, uniform(rng), uniform(rng))
        order = FIRST
        while True:
            energies[0] = energies[1] = E
            way = walk(voxels, tables, p, p[3:], energies, exponential(rng), depth, cell)
            if way < 0.0:
                break
            for k in range(3):
                p[k] += way * p[3 + k]
            m = voxels.material[(cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]]
            node, f = locate(tables.log_first, tables.per_log, tables.data.shape[1], E)
            inc = tables.data[m, node, INCOHERENT] + f * (tables.data[m, node + 1, INCOHERENT] - tables.data[m, node, INCOHERENT])
            both = tables.data[m, node, COHERENT] + f * (tables.data[m, node + 1, COHERENT] - tables.data[m, node, COHERENT])
            share = aim(detector, view, p, d, hit, rng)
            if share > 0.0:
                cosine = p[3] * d[0] + p[4] * d[1] + p[5] * d[2]
                energies[0], energies[1] = E / (1.0 + E / M_E * (1.0 - cosine)), E
                at[:] = cell
                walk(voxels, tables, p, d, energies, math.inf, depth, at)
                if energies[0] > least:
                    part = share * weight * inc * incoherent_density(tables, angles, m, E, cosine)
                    count(detector, windows, view, p, hit, energies[0], part * math.exp(-depth[0]), order, tally, rng)
                part = share * weight * (both - inc) * coherent_density(tables, angles, m, E, cosine)
                count(detector, windows, view, p, hit, E, part * math.exp(-depth[1]), order, tally, rng)
            weight *= both
            if weight < FAINT * start.weight[view]:
                if uniform(rng) > 0.2:
                    break
                weight *= 5.0
            if uniform(rng) * both < inc:
                keep[:] = p
                E = compton(E, m, tables, keep, rng)
                p[:] = keep
            else:
                rayleigh(E, m, tables, p, rng)
            if least > E:
                break
            order = MULTIPLE
