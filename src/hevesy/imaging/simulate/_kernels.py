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
Real = npt.NDArray[np.float32]


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
def count(detector: Detector, windows: Windows, view: int, p: Floats, E: float, weight: float, tally: Real, rng: Words) -> None:
    """Add a photon that leaves ``p`` straight towards the detector; the response moves it at random."""
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
                tally[w, view, row, column] += weight * share


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
    """Score ``histories`` photons into ``tally`` (order, window, view, row, column).

    History h belongs to view h mod views.  At each scatter both kinds send their part to the detector; the photon goes
    on with the share that was not absorbed, and is played for where little is left of it.
    """
    rng = words(generator)
    p, d, keep = np.empty(6), np.empty(3), np.empty(6)
    cell, at = np.empty(3, np.int64), np.empty(3, np.int64)
    energies, depth = np.empty(2), np.empty(2)
    views = detector.radius.size
    least = math.exp(windows.log_first)
    d[2] = 0.0
    for h in range(histories):
        view = h % views
        v = start.voxel[np.searchsorted(start.cumulative, uniform(rng))]
        E = start.energy[np.searchsorted(start.line, uniform(rng))]
        cell[0], cell[1], cell[2] = v % voxels.nx, (v // voxels.nx) % voxels.ny, v // (voxels.nx * voxels.ny)
        p[0] = (cell[0] + uniform(rng)) * voxels.dx
        p[1] = (cell[1] + uniform(rng)) * voxels.dy
        p[2] = (cell[2] + uniform(rng)) * voxels.dz
        weight = start.weight[view]
        d[0], d[1] = detector.towards[view, 0], detector.towards[view, 1]
        energies[0] = energies[1] = E
        at[:] = cell
        walk(voxels, tables, p, d, energies, math.inf, depth, at)
        count(detector, windows, view, p, E, weight * math.exp(-depth[0]), tally[PRIMARY], rng)
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
            cosine = p[3] * d[0] + p[4] * d[1]
            energies[0], energies[1] = E / (1.0 + E / M_E * (1.0 - cosine)), E
            at[:] = cell
            walk(voxels, tables, p, d, energies, math.inf, depth, at)
            if energies[0] > least:
                part = weight * inc * incoherent_density(tables, angles, m, E, cosine)
                count(detector, windows, view, p, energies[0], part * math.exp(-depth[0]), tally[order], rng)
            part = weight * (both - inc) * coherent_density(tables, angles, m, E, cosine)
            count(detector, windows, view, p, E, part * math.exp(-depth[1]), tally[order], rng)
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
