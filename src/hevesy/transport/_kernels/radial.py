"""Particles from a point in an endless medium: where their energy is absorbed, by distance."""

import math

import numpy as np

from hevesy.transport._kernels.chance import Words, azimuth, exponential, uniform, words
from hevesy.transport._kernels.compiler import compiled
from hevesy.transport._kernels.electrons import STACK
from hevesy.transport._kernels.steps import M_E, compton, deflect, hard_loss, isotropic, locate, rayleigh, turn
from hevesy.transport._kernels.tables import (
    ABSORBED,
    COHERENT,
    EARLY,
    HARD,
    INCOHERENT,
    KEPT,
    PHOTOELECTRIC,
    REACH,
    SPREAD,
    STOPPING,
    TOTAL,
    ElectronTables,
    Floats,
    PhotonTables,
)

NEAR = 0.02  # an electron whose range is below this share of its distance from the point is absorbed where it is
PIECES = 4  # points at which the energy of half a step is scored


@compiled
def score(radii: Floats, tally: Floats, r: float, energy: float) -> None:
    """Add energy to the shell that holds the distance ``r``."""
    tally[min(int(np.searchsorted(radii, r, side="right")), tally.size - 1)] += energy


@compiled
def distance(p: Floats) -> float:
    """Distance from the point [mm]."""
    return math.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])


@compiled
def along(radii: Floats, tally: Floats, p: Floats, way: float, energy: float, rng: Words) -> None:
    """Move by ``way``, scoring the energy evenly over it."""
    piece = way / PIECES
    for _ in range(PIECES):
        t = piece * uniform(rng)
        x, y, z = p[0] + t * p[3], p[1] + t * p[4], p[2] + t * p[5]
        score(radii, tally, math.sqrt(x * x + y * y + z * z), energy / PIECES)
        p[0] += piece * p[3]
        p[1] += piece * p[4]
        p[2] += piece * p[5]


@compiled
def wander(
    radii: Floats,
    tally: Floats,
    tables: ElectronTables,
    p: Floats,
    E: float,
    charge: int,
    weight: float,
    stack: Floats,
    rng: Words,
) -> None:
    """Follow a charged particle and its knock-on electrons; ``p`` is left where the first one ended."""
    waiting, nodes = 0, tables.data.shape[2]
    end, first = stack[STACK - 1], True
    while True:
        while True:
            node, f = locate(tables.log_first, tables.per_log, nodes, E)
            reach = tables.data[charge, 0, node, REACH] + f * (
                tables.data[charge, 0, node + 1, REACH] - tables.data[charge, 0, node, REACH]
            )
            if tables.lowest >= E or reach < NEAR * distance(p) or reach < 0.2 * radii[0]:
                left = tables.data[charge, 0, node, ABSORBED]
                left += f * (tables.data[charge, 0, node + 1, ABSORBED] - left)
                score(radii, tally, distance(p), weight * E * left)
                break
            mean = tables.step * E
            spread = tables.data[charge, 0, node, SPREAD]
            spread = min(spread + f * (tables.data[charge, 0, node + 1, SPREAD] - spread), 0.25 * mean)
            loss = mean + spread * 3.4641016151377544 * (uniform(rng) - 0.5)
            hinge, early = uniform(rng), tables.data[charge, 0, node, EARLY]
            if uniform(rng) < abs(early):
                other = uniform(rng)
                hinge = min(hinge, other) if early > 0.0 else max(hinge, other)
            kept = tables.data[charge, 0, node, KEPT] + f * (
                tables.data[charge, 0, node + 1, KEPT] - tables.data[charge, 0, node, KEPT]
            )
            power = tables.data[charge, 0, node, STOPPING]
            power += f * (tables.data[charge, 0, node + 1, STOPPING] - power)
            along(radii, tally, p, hinge * mean / power, weight * hinge * loss * kept, rng)
            deflect(tables, charge, 0, node, f, p, rng)
            given = 0.0
            hard = tables.data[charge, 0, node, HARD]
            if uniform(rng) < hard + f * (tables.data[charge, 0, node + 1, HARD] - hard):
                given = hard_loss(E, tables.hard_from, charge, rng)
                left = E - given
                ca, sa = azimuth(rng)
                if waiting < STACK - 1:
                    row = stack[waiting]
                    row[:6] = p
                    turn(row, math.sqrt(given * (E + 2.0 * M_E) / (E * (given + 2.0 * M_E))), ca, sa)
                    row[6] = given
                    waiting += 1
                else:
                    score(radii, tally, distance(p), weight * given)
                if left <= 2.0 * mean:
                    score(radii, tally, distance(p), weight * max(0.0, left - hinge * loss))
                    break
                turn(p, math.sqrt(left * (E + 2.0 * M_E) / (E * (left + 2.0 * M_E))), -ca, -sa)
            along(radii, tally, p, (1.0 - hinge) * mean / power, weight * (1.0 - hinge) * loss * kept, rng)
            E -= loss + given
        if first:
            first = False
            end[:3] = p[:3]
        if waiting == 0:
            p[:3] = end[:3]
            return
        waiting -= 1
        p[:] = stack[waiting, :6]
        E, charge = stack[waiting, 6], 0


@compiled
def electrons_from_point(
    histories: int, E: float, charge: int, tables: ElectronTables, radii: Floats, tally: Floats, generator: np.random.Generator
) -> None:
    """Energy of a particle of energy E by shells below ``radii`` [mm]; the last shell is all that lies beyond [MeV]."""
    rng = words(generator)
    p, stack = np.empty(6), np.empty((STACK, 10))
    for h in range(histories):
        p[:3] = 0.0
        isotropic(p, (h + uniform(rng)) / histories, uniform(rng))
        wander(radii, tally, tables, p, E, charge, 1.0 / histories, stack, rng)


@compiled
def collide(
    radii: Floats, tally: Floats, tables: PhotonTables, electrons: ElectronTables, p: Floats, E: float, weight: float,
    stack: Floats, rng: Words,
) -> tuple[float, float]:  # fmt: skip
    """Let a photon interact in the endless medium: its new energy and weight, energy 0 where it is gone."""
    node, f = locate(tables.log_first, tables.per_log, tables.data.shape[1], E)
    k = node + 1 if uniform(rng) < f else node
    chance = uniform(rng)
    q = p.copy()
    if chance < tables.data[0, k, INCOHERENT]:
        scattered = compton(E, 0, tables, p, rng)
        given = E - scattered
        for j in range(3, 6):
            q[j] = E * q[j] - scattered * p[j]
        norm = 1.0 / math.sqrt(q[3] * q[3] + q[4] * q[4] + q[5] * q[5] + 1e-300)
        for j in range(3, 6):
            q[j] *= norm
        wander(radii, tally, electrons, q, given, 0, weight, stack, rng)
        return scattered, weight
    if chance < tables.data[0, k, COHERENT]:
        rayleigh(E, 0, tables, p, rng)
        return E, weight
    if chance < tables.data[0, k, PHOTOELECTRIC]:
        wander(radii, tally, electrons, q, E, 0, weight, stack, rng)
        return 0.0, weight
    kinetic = E - 2.0 * M_E
    plus = kinetic * uniform(rng)
    cosine = math.cos(min(math.pi, M_E / E))
    ca, sa = azimuth(rng)
    turn(q, cosine, ca, sa)
    wander(radii, tally, electrons, q, max(kinetic - plus, 1e-9), 0, weight, stack, rng)
    turn(p, cosine, -ca, -sa)
    wander(radii, tally, electrons, p, max(plus, 1e-9), 1, weight, stack, rng)
    # Both photons of the annihilation go on as one of twice the weight: their shells are the same on average.
    isotropic(p, uniform(rng), uniform(rng))
    return M_E, 2.0 * weight


@compiled
def photons_from_point(
    histories: int, E0: float, tables: PhotonTables, electrons: ElectronTables, radii: Floats, tally: Floats,
    generator: np.random.Generator,
) -> None:  # fmt: skip
    """Energy of a photon of energy E0 by shells below ``radii`` [mm]; the last shell is all that lies beyond [MeV].

    Half of the first flights are drawn evenly in the logarithm of their length, so that the shells near the point are
    filled as well as the far ones; weights undo it.
    """
    rng = words(generator)
    p, stack = np.empty(6), np.empty((STACK, 10))
    low, high = 1e-4, 1.0
    span = math.log(high / low)
    for h in range(histories):
        p[:3] = 0.0
        isotropic(p, (h + uniform(rng)) / histories, uniform(rng))
        E, weight, first = E0, 1.0 / histories, True
        while E > 0.0:
            if tables.lowest > E:
                score(radii, tally, distance(p), weight * E)
                break
            node, f = locate(tables.log_first, tables.per_log, tables.data.shape[1], E)
            mu = tables.data[0, node, TOTAL] + f * (tables.data[0, node + 1, TOTAL] - tables.data[0, node, TOTAL])
            depth = exponential(rng)
            if first:
                first = False
                if uniform(rng) < 0.5:
                    depth = low * math.exp(span * uniform(rng))
                even = 1.0 / (depth * span) if low <= depth < high else 0.0
                weight *= math.exp(-depth) / (0.5 * math.exp(-depth) + 0.5 * even)
            for j in range(3):
                p[j] += depth / mu * p[3 + j]
            E, weight = collide(radii, tally, tables, electrons, p, E, weight, stack, rng)
            if weight * histories < 0.02:
                if uniform(rng) < 0.9:
                    break
                weight *= 10.0
