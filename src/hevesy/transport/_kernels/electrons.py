"""Electrons and positrons through voxels by condensed history with a random hinge."""

import math

import numpy as np

from hevesy.transport._kernels.chance import Words, azimuth, uniform, words
from hevesy.transport._kernels.compiler import compiled
from hevesy.transport._kernels.steps import M_E, deflect, hard_loss, isotropic, locate, turn
from hevesy.transport._kernels.tables import (
    ABSORBED,
    EARLY,
    HARD,
    KEPT,
    REACH,
    SPREAD,
    STOPPING,
    ElectronTables,
    Flags,
    Floats,
    Ints,
    Lines,
    Origins,
    Voxels,
)

# Rows for knock-on electrons that wait, and one for where the first particle ended. A particle rarely leaves more than
# ten; one that would not fit is absorbed where it is set free.
STACK = 64
GOLDEN = np.array(
    # Inverse powers of the positive root of x^6 = x + 1: the additive sequence that fills five dimensions evenly.
    [0.8812714616335696, 0.7766393890897682, 0.6844301295853426, 0.6031687406857282, 0.5315553977157913]
)


@compiled
def start(voxels: Voxels, v: int, a: float, b: float, c: float, p: Floats, cell: Ints) -> None:
    """Place a particle in voxel ``v`` at the shares a, b, c of its sides."""
    cell[0] = v % voxels.nx
    cell[1] = (v // voxels.nx) % voxels.ny
    cell[2] = v // (voxels.nx * voxels.ny)
    p[0] = (cell[0] + a) * voxels.dx
    p[1] = (cell[1] + b) * voxels.dy
    p[2] = (cell[2] + c) * voxels.dz


@compiled
def nearest_face(voxels: Voxels, p: Floats, cell: Ints) -> float:
    """Distance to the nearest face of the voxel [mm]."""
    x = p[0] - cell[0] * voxels.dx
    y = p[1] - cell[1] * voxels.dy
    z = p[2] - cell[2] * voxels.dz
    return float(min(min(min(x, voxels.dx - x), min(y, voxels.dy - y)), min(z, voxels.dz - z)))


@compiled
def next_face(voxels: Voxels, p: Floats, cell: Ints) -> tuple[float, int]:
    """Way along the direction to the face where the voxel is left [mm], and its axis."""
    t, axis = math.inf, 0
    if p[3] > 0.0:
        t = ((cell[0] + 1) * voxels.dx - p[0]) / p[3]
    elif p[3] < 0.0:
        t = (cell[0] * voxels.dx - p[0]) / p[3]
    if p[4] != 0.0:
        side = cell[1] + 1 if p[4] > 0.0 else cell[1]
        s = (side * voxels.dy - p[1]) / p[4]
        if s < t:
            t, axis = s, 1
    if p[5] != 0.0:
        side = cell[2] + 1 if p[5] > 0.0 else cell[2]
        s = (side * voxels.dz - p[2]) / p[5]
        if s < t:
            t, axis = s, 2
    return max(t, 0.0), axis


@compiled
def cross(voxels: Voxels, p: Floats, cell: Ints, axis: int) -> bool:
    """Step into the voxel behind the face of that axis; False where the grid ends."""
    if p[3 + axis] > 0.0:
        cell[axis] += 1
    else:
        cell[axis] -= 1
    n = voxels.nx if axis == 0 else (voxels.ny if axis == 1 else voxels.nz)
    return bool(0 <= cell[axis] < n)


@compiled
def spend(
    voxels: Voxels, tables: ElectronTables, tally: Floats, p: Floats, cell: Ints, charge: int, node: int, f: float,
    budget: float, weight: float,
) -> bool:  # fmt: skip
    """Walk straight until ``budget`` [MeV] is lost, scoring what stays; False if the particle has left the grid."""
    while True:
        v = (cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]
        m = voxels.material[v]
        low, high = tables.data[charge, m, node, STOPPING], tables.data[charge, m, node + 1, STOPPING]
        loss = voxels.density[v] * (low + f * (high - low))
        low, high = tables.data[charge, m, node, KEPT], tables.data[charge, m, node + 1, KEPT]
        kept = low + f * (high - low)
        way, axis = next_face(voxels, p, cell)
        if loss * way >= budget:
            tally[v] += weight * budget * kept
            way = budget / loss
            p[0] += way * p[3]
            p[1] += way * p[4]
            p[2] += way * p[5]
            return True
        budget -= loss * way
        tally[v] += weight * loss * way * kept
        p[0] += way * p[3]
        p[1] += way * p[4]
        p[2] += way * p[5]
        if not cross(voxels, p, cell, axis):
            return False


@compiled
def knock_on(
    voxels: Voxels, tally: Floats, p: Floats, cell: Ints, E: float, given: float, ca: float, sa: float, weight: float,
    stack: Floats, waiting: int,
) -> int:  # fmt: skip
    """Let an electron that took ``given`` from one of energy E wait on the stack; how many wait now."""
    if waiting == STACK - 1:
        tally[(cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]] += weight * given
        return waiting
    row = stack[waiting]
    for j in range(6):
        row[j] = p[j]
    turn(row, math.sqrt(given * (E + 2.0 * M_E) / (E * (given + 2.0 * M_E))), ca, sa)
    row[6] = given
    for j in range(3):
        row[7 + j] = cell[j]
    return waiting + 1


@compiled
def track(
    voxels: Voxels, tables: ElectronTables, tally: Floats, p: Floats, cell: Ints, E: float, charge: int, weight: float,
    stack: Floats, rng: Words,
) -> bool:  # fmt: skip
    """Follow one particle and its knock-on electrons to their ends; False if the first one has left the grid.

    ``p`` and ``cell`` are left where the first particle ended.  A particle whose range does not reach the nearest face
    is absorbed where it is, less what it would radiate.
    """
    waiting, nodes = 0, tables.data.shape[2]
    inside, first = True, True
    end = stack[STACK - 1]
    while True:
        while True:
            v = (cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]
            m, rho = voxels.material[v], voxels.density[v]
            node, f = locate(tables.log_first, tables.per_log, nodes, E)
            reach = tables.data[charge, m, node, REACH] + f * (
                tables.data[charge, m, node + 1, REACH] - tables.data[charge, m, node, REACH]
            )
            if tables.lowest >= E or reach <= rho * nearest_face(voxels, p, cell):
                yielded = tables.data[charge, m, node, ABSORBED]
                yielded += f * (tables.data[charge, m, node + 1, ABSORBED] - yielded)
                tally[v] += weight * E * yielded
                break
            mean = tables.step * E
            spread = tables.data[charge, m, node, SPREAD]
            spread = min(spread + f * (tables.data[charge, m, node + 1, SPREAD] - spread), 0.25 * mean)
            loss = mean + spread * 3.4641016151377544 * (uniform(rng) - 0.5)
            hinge = uniform(rng)
            early = tables.data[charge, m, node, EARLY]
            if uniform(rng) < abs(early):
                other = uniform(rng)
                hinge = min(hinge, other) if early > 0.0 else max(hinge, other)
            if not spend(voxels, tables, tally, p, cell, charge, node, f, hinge * mean, weight * loss / mean):
                inside = inside and not first
                break
            m = voxels.material[(cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]]
            deflect(tables, charge, m, node, f, p, rng)
            given = 0.0
            hard = tables.data[charge, m, node, HARD]
            if uniform(rng) < hard + f * (tables.data[charge, m, node + 1, HARD] - hard):
                given = hard_loss(E, tables.hard_from, charge, rng)
                left = E - given
                ca, sa = azimuth(rng)
                waiting = knock_on(voxels, tally, p, cell, E, given, ca, sa, weight, stack, waiting)
                if left <= 2.0 * mean:
                    # A positron may lose nearly all; what is left of it stays here.
                    rest = max(0.0, left - hinge * loss)
                    tally[(cell[2] * voxels.ny + cell[1]) * voxels.nx + cell[0]] += weight * rest
                    break
                turn(p, math.sqrt(left * (E + 2.0 * M_E) / (E * (left + 2.0 * M_E))), -ca, -sa)
                node, f = locate(tables.log_first, tables.per_log, nodes, left)
            if not spend(voxels, tables, tally, p, cell, charge, node, f, (1.0 - hinge) * mean, weight * loss / mean):
                inside = inside and not first
                break
            E -= loss + given
        if first:
            first = False
            for j in range(3):
                end[j] = p[j]
                end[7 + j] = cell[j]
        if waiting == 0:
            for j in range(3):
                p[j] = end[j]
                cell[j] = int(end[7 + j])
            return inside
        waiting -= 1
        row = stack[waiting]
        for j in range(6):
            p[j] = row[j]
        for j in range(3):
            cell[j] = int(row[7 + j])
        E, charge = row[6], 0


@compiled
def shell(voxels: Voxels, reach: float) -> float:
    """Share of a voxel's volume that lies within ``reach`` [mm] of its faces."""
    a = max(0.0, 1.0 - 2.0 * reach / voxels.dx)
    b = max(0.0, 1.0 - 2.0 * reach / voxels.dy)
    c = max(0.0, 1.0 - 2.0 * reach / voxels.dz)
    return 1.0 - a * b * c


@compiled
def place_in_shell(voxels: Voxels, reach: float, which: float, q: Floats) -> None:
    """Map a uniform point q of the unit cube into the shell of that thickness; ``which`` in [0, 1) picks its slab."""
    rx = min(0.5, reach / voxels.dx)
    ry = min(0.5, reach / voxels.dy)
    rz = min(0.5, reach / voxels.dz)
    x_slab, y_slab = 2.0 * rx, (1.0 - 2.0 * rx) * 2.0 * ry
    z_slab = (1.0 - 2.0 * rx) * (1.0 - 2.0 * ry) * 2.0 * rz
    pick = which * (x_slab + y_slab + z_slab)
    if pick < x_slab:
        q[0] = 2.0 * rx * q[0] if q[0] < 0.5 else 1.0 - 2.0 * rx * (1.0 - q[0])
        return
    q[0] = rx + (1.0 - 2.0 * rx) * q[0]
    if pick < x_slab + y_slab:
        q[1] = 2.0 * ry * q[1] if q[1] < 0.5 else 1.0 - 2.0 * ry * (1.0 - q[1])
        return
    q[1] = ry + (1.0 - 2.0 * ry) * q[1]
    q[2] = 2.0 * rz * q[2] if q[2] < 0.5 else 1.0 - 2.0 * rz * (1.0 - q[2])


@compiled
def pick(cumulative: Floats, chance: float) -> int:
    """Bin whose share of the cumulative distribution holds ``chance``."""
    return min(int(np.searchsorted(cumulative, chance, side="right")), cumulative.size - 1)


@compiled
def electron_batch(
    histories: int, voxels: Voxels, tables: ElectronTables, origins: Origins, lines: Lines, classes: Ints, thin: Flags,
    tally: Floats, generator: np.random.Generator,
) -> None:  # fmt: skip
    """Score what ``histories`` charged particles change against local deposition into ``tally`` [MeV].

    Each particle takes its energy from the voxel where it starts and leaves it where it goes: all energy absorbed where
    it is given off is known without chance, and only what crosses faces is left to it. In voxels so ``thin`` that
    nearly all of it leaves, nothing is known beforehand, and all is scored where it goes.

    Voxels are taken in order, evenly; energy, place and direction come from an additive low-discrepancy sequence with a
    random start, so that each batch is unbiased by itself and neighbouring voxels share the space among them.
    Only particles that can reach a face are started: the others are absorbed where they start, without chance.
    """
    rng = words(generator)
    p, cell, q = np.empty(6), np.empty(3, np.int64), np.empty(3)
    stack = np.empty((STACK, 10))
    shift = np.empty(5)
    for k in range(5):
        shift[k] = uniform(rng)
    i, nodes = 0, tables.data.shape[2]
    for h in range(histories):
        wanted = (h + uniform(rng)) / histories
        while origins.cumulative[i] < wanted and i < origins.voxel.size - 1:
            i += 1
        v = origins.voxel[i]
        m, rho, row = voxels.material[v], voxels.density[v], classes[v]
        k = pick(lines.cumulative[row], (shift[0] + h * GOLDEN[0]) % 1.0)
        E = lines.low[k] + (lines.high[k] - lines.low[k]) * uniform(rng)
        charge = lines.charge[k]
        node, f = locate(tables.log_first, tables.per_log, nodes, E)
        reach = tables.data[charge, m, node, REACH] + f * (
            tables.data[charge, m, node + 1, REACH] - tables.data[charge, m, node, REACH]
        )
        reach /= rho
        if thin[v]:
            reach = math.inf
        share = shell(voxels, reach)
        q[0] = (shift[1] + h * GOLDEN[1]) % 1.0
        q[1] = (shift[2] + h * GOLDEN[2]) % 1.0
        q[2] = uniform(rng)
        place_in_shell(voxels, reach, uniform(rng), q)
        start(voxels, v, q[0], q[1], q[2], p, cell)
        isotropic(p, (shift[3] + h * GOLDEN[3]) % 1.0, (shift[4] + h * GOLDEN[4]) % 1.0)
        weight = origins.weight[i] * lines.weight[row, k] * share / histories
        if not thin[v]:
            stays = tables.data[charge, m, node, ABSORBED]
            stays += f * (tables.data[charge, m, node + 1, ABSORBED] - stays)
            tally[v] -= weight * E * stays
        track(voxels, tables, tally, p, cell, E, charge, weight, stack, rng)
