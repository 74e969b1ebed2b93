"""Photons through voxels: every flight scores along its whole way out, one point of it is where the photon interacts."""

import math

import numpy as np

from hevesy.transport._kernels.chance import Words, azimuth, exponential, uniform, words
from hevesy.transport._kernels.compiler import compiled
from hevesy.transport._kernels.electrons import GOLDEN, STACK, pick, start, track
from hevesy.transport._kernels.steps import M_E, compton, isotropic, locate, rayleigh, turn
from hevesy.transport._kernels.tables import (
    COHERENT,
    INCOHERENT,
    KERMA,
    PHOTOELECTRIC,
    TOTAL,
    ElectronTables,
    Floats,
    Ints,
    Lines,
    Origins,
    PhotonTables,
    Voxels,
)

FAINT = 0.05  # chance of survival below which a ray is played for
ROW = 11  # x y z u v w, E, weight, cell


@compiled
def to_face(position: float, cell: int, side: float, direction: float) -> tuple[float, float, int]:
    """Way to the first face across an axis, way from face to face, and the sign of the step (infinite where parallel)."""
    if direction > 1e-12:
        return max(0.0, ((cell + 1) * side - position) / direction), side / direction, 1
    if direction < -1e-12:
        return max(0.0, (cell * side - position) / direction), -side / direction, -1
    return math.inf, math.inf, 0


@compiled
def flight(
    voxels: Voxels, tables: PhotonTables, tally: Floats, p: Floats, cell: Ints, E: float, weight: float, rng: Words
) -> bool:
    """Score the expected kerma along the way out of the grid; move to the interaction, False if there is none.

    In each voxel: weight E (kerma/total) survival (1 - exp(-total way)).
    """
    node, f = locate(tables.log_first, tables.per_log, tables.data.shape[1], E)
    left = exponential(rng)
    gain = weight * E  # what the ray still carries
    faint = FAINT * gain
    found, last = False, -1
    mu_1 = kerma = 0.0
    gone_way = 0.0
    i, j, k = cell[0], cell[1], cell[2]
    tx, dtx, sx = to_face(p[0], i, voxels.dx, p[3])
    ty, dty, sy = to_face(p[1], j, voxels.dy, p[4])
    tz, dtz, sz = to_face(p[2], k, voxels.dz, p[5])
    v, ny, nz = (k * voxels.ny + j) * voxels.nx + i, sy * voxels.nx, sz * voxels.nx * voxels.ny
    while True:
        m = voxels.material[v]
        if m != last:
            last = m
            mu_1 = tables.data[m, node, TOTAL] + f * (tables.data[m, node + 1, TOTAL] - tables.data[m, node, TOTAL])
            kerma = tables.data[m, node, KERMA] + f * (tables.data[m, node + 1, KERMA] - tables.data[m, node, KERMA])
            kerma /= mu_1
        mu = mu_1 * voxels.density[v]
        t = min(tx, min(ty, tz))
        depth = mu * (t - gone_way)
        if not found:
            if depth >= left:
                found = True
                s = gone_way + left / mu
                p[0] += s * p[3]
                p[1] += s * p[4]
                p[2] += s * p[5]
                cell[0], cell[1], cell[2] = i, j, k
            left -= depth
        gone_way = t
        if depth < 0.2:
            share = depth * (1.0 - depth * (0.5 - depth * (1.0 / 6.0 - depth * (1.0 / 24.0 - depth * (1.0 / 120.0)))))
        else:
            share = 1.0 - math.exp(-depth)
        tally[v] += gain * kerma * share
        gain -= gain * share
        if t == tx:
            tx += dtx
            i += sx
            v += sx
            if i < 0 or i >= voxels.nx:
                return found
        elif t == ty:
            ty += dty
            j += sy
            v += ny
            if j < 0 or j >= voxels.ny:
                return found
        else:
            tz += dtz
            k += sz
            v += nz
            if k < 0 or k >= voxels.nz:
                return found
        if gain < faint and found:
            if uniform(rng) > 0.1:
                return True
            gain *= 10.0


@compiled
def push(stack: Floats, waiting: int, p: Floats, cell: Ints, E: float, weight: float) -> int:
    """Put a photon on the stack."""
    row = stack[waiting]
    row[:6] = p
    row[6], row[7] = E, weight
    row[8], row[9], row[10] = cell[0], cell[1], cell[2]
    return waiting + 1


@compiled
def annihilate(stack: Floats, waiting: int, p: Floats, cell: Ints, weight: float, a: float, b: float) -> int:
    """Two photons of 511 keV back to back."""
    isotropic(p, a, b)
    waiting = push(stack, waiting, p, cell, M_E, weight)
    p[3], p[4], p[5] = -p[3], -p[4], -p[5]
    return push(stack, waiting, p, cell, M_E, weight)


@compiled
def secondary(
    voxels: Voxels, tables: ElectronTables, tally: Floats, p: Floats, cell: Ints, E: float, cosine: float, ca: float,
    sa: float, weight: float, stack: Floats, rng: Words, charge: int, q: Floats, there: Ints,
) -> bool:  # fmt: skip
    """Follow a particle set free by a photon at ``p``, in the scratch arrays ``q`` and ``there``; False if it got out."""
    for j in range(6):
        q[j] = p[j]
    for j in range(3):
        there[j] = cell[j]
    turn(q, cosine, ca, sa)
    return track(voxels, tables, tally, q, there, E, charge, weight, stack, rng)


@compiled
def make_pair(
    voxels: Voxels, electrons: ElectronTables, tally: Floats, p: Floats, cell: Ints, E: float, weight: float,
    stack: Floats, photons: Floats, waiting: int, rng: Words,
) -> int:  # fmt: skip
    """Pair production: both particles share the energy evenly at random; annihilation where the positron ends."""
    kinetic = E - 2.0 * M_E
    plus = kinetic * uniform(rng)
    cosine = math.cos(min(math.pi, M_E / E))
    ca, sa = azimuth(rng)
    q, there = np.empty(6), np.empty(3, np.int64)
    if kinetic - plus > electrons.lowest:
        secondary(voxels, electrons, tally, p, cell, kinetic - plus, cosine, ca, sa, weight, stack, rng, 0, q, there)
    if secondary(voxels, electrons, tally, p, cell, max(plus, 1e-9), cosine, -ca, -sa, weight, stack, rng, 1, q, there):
        waiting = annihilate(photons, waiting, q, there, weight, uniform(rng), uniform(rng))
    return waiting


@compiled
def interact(
    voxels: Voxels, tables: PhotonTables, electrons: ElectronTables, tally: Floats, p: Floats, cell: Ints, E: float,
    weight: float, stack: Floats, photons: Floats, waiting: int, rng: Words,
) -> tuple[float, int]:  # fmt: skip
    """Let the photon interact: its new energy, 0 where it is gone, and how many photons wait.

    Electrons that are too slow to be followed have been scored along the flight.
    """
    m = voxels.material[(cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]]
    node, f = locate(tables.log_first, tables.per_log, tables.data.shape[1], E)
    k = node + 1 if uniform(rng) < f else node
    chance = uniform(rng)
    if chance < tables.data[m, k, INCOHERENT]:
        u, v, w = p[3], p[4], p[5]
        scattered = compton(E, m, tables, p, rng)
        given = E - scattered
        if given > tables.follow_from:
            # The electron takes what momentum the photon has lost.
            q, there = p.copy(), cell.copy()
            q[3], q[4], q[5] = E * u - scattered * p[3], E * v - scattered * p[4], E * w - scattered * p[5]
            norm = 1.0 / math.sqrt(q[3] * q[3] + q[4] * q[4] + q[5] * q[5])
            for j in range(3, 6):
                q[j] *= norm
            track(voxels, electrons, tally, q, there, given, 0, weight, stack, rng)
        return scattered, waiting
    if chance < tables.data[m, k, COHERENT]:
        rayleigh(E, m, tables, p, rng)
        return E, waiting
    if chance < tables.data[m, k, PHOTOELECTRIC]:
        if tables.follow_from < E:
            # Sauter's distribution for small energies: sin^2 / (1 - beta cos)^4.
            beta = math.sqrt(E * (E + 2.0 * M_E)) / (E + M_E)
            while True:
                cosine = 2.0 * uniform(rng) - 1.0
                cosine = (cosine + beta) / (1.0 + beta * cosine)
                seen = (1.0 - cosine * cosine) * (1.0 - beta * beta) / (1.0 - beta * cosine) ** 2
                if uniform(rng) <= seen:
                    break
            ca, sa = azimuth(rng)
            q, there = p.copy(), cell.copy()
            secondary(voxels, electrons, tally, p, cell, E, cosine, ca, sa, weight, stack, rng, 0, q, there)
        return 0.0, waiting
    return 0.0, make_pair(voxels, electrons, tally, p, cell, E, weight, stack, photons, waiting, rng)


@compiled
def photon_batch(
    histories: int, voxels: Voxels, tables: PhotonTables, secondaries: ElectronTables, primaries: ElectronTables,
    origins: Origins, lines: Lines, tally: Floats, generator: np.random.Generator,
) -> None:  # fmt: skip
    """Score ``histories`` photons (a pair where positrons annihilate) into ``tally`` [MeV]."""
    rng = words(generator)
    p, cell = np.empty(6), np.empty(3, np.int64)
    stack, photons = np.empty((STACK, 10)), np.empty((STACK, ROW))
    shift = np.empty(5)
    for k in range(5):
        shift[k] = uniform(rng)
    i = 0
    for h in range(histories):
        wanted = (h + uniform(rng)) / histories
        while origins.cumulative[i] < wanted and i < origins.voxel.size - 1:
            i += 1
        v = origins.voxel[i]
        row = voxels.material[v]
        k = pick(lines.cumulative[row], (shift[0] + h * GOLDEN[0]) % 1.0)
        E = lines.low[k] + (lines.high[k] - lines.low[k]) * uniform(rng)
        start(voxels, v, (shift[1] + h * GOLDEN[1]) % 1.0, (shift[2] + h * GOLDEN[2]) % 1.0, uniform(rng), p, cell)
        a, b = (shift[3] + h * GOLDEN[3]) % 1.0, (shift[4] + h * GOLDEN[4]) % 1.0
        weight = origins.weight[i] * lines.weight[row, k] / histories
        waiting = 0
        if lines.charge[k] == 3:
            # The positron's own energy is scored with the charged particles; here only the place of its end matters.
            isotropic(p, uniform(rng), uniform(rng))
            if primaries.lowest >= E or track(voxels, primaries, tally, p, cell, E, 1, 0.0, stack, rng):
                waiting = annihilate(photons, waiting, p, cell, weight, a, b)
        else:
            # A pair back to back, of half the weight each: the two ways out of an organ make up for each other.
            isotropic(p, a, b)
            waiting = push(photons, waiting, p, cell, E, 0.5 * weight)
            p[3], p[4], p[5] = -p[3], -p[4], -p[5]
            waiting = push(photons, waiting, p, cell, E, 0.5 * weight)
        while waiting > 0:
            waiting -= 1
            top = photons[waiting]
            p[:] = top[:6]
            E, w = top[6], top[7]
            cell[0], cell[1], cell[2] = int(top[8]), int(top[9]), int(top[10])
            while E > 0.0 and flight(voxels, tables, tally, p, cell, E, w, rng):
                E, waiting = interact(voxels, tables, secondaries, tally, p, cell, E, w, stack, photons, waiting, rng)
                if 0.0 < E < tables.lowest:
                    tally[(cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]] += w * E
                    E = 0.0
