"""Annihilation photons through a cylinder of polyethylene into a shell of single crystals, where they leave their energy."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled
from hevesy.imaging.pet._kernels.pairs import M_E, klein_nishina, normal, scattered_cosine, turn
from hevesy.transport._kernels.chance import Words, exponential, uniform

Floats = npt.NDArray[np.float64]

# Entries of ``shell``: inner radius, depth of crystals, half-length, crystals a ring, rings, sides of a crystal about the
# ring and along it, crystals of a block about the ring and along it, edges of the window [MeV], sigma of energy at
# 511 keV [MeV], radius and half-length of the phantom, its attenuation coefficient at 511 keV [1/mm],
# inner radius of the shields at the ends, sigma of the angle between the photons in each plane.
RADIUS, DEPTH, HALF, PLACES, RINGS, ACROSS, ALONG, BLOCK_ACROSS, BLOCK_ALONG, LOW, HIGH, SIGMA_E = range(12)
BODY, BODY_HALF, MU_BODY, SHIELD, BENT = range(12, 17)
MOST = 16  # interactions of a photon in the crystals; later ones leave less than a tenth of it
STEP = 0.0025  # MeV between the entries of the tables of the crystal


@compiled
def leave_body(p: Floats, d: Floats, shell: Floats, rng: Words) -> tuple[float, int]:
    """Follow a photon out of the phantom; its energy and how often it scattered. The phantom is convex."""
    E, scatters = M_E, 0
    mu = shell[MU_BODY]
    if mu <= 0.0:
        return E, scatters
    square = shell[BODY] ** 2
    while True:
        step = exponential(rng) / mu
        for a in range(3):
            p[a] += step * d[a]
        if p[0] * p[0] + p[1] * p[1] > square or abs(p[2]) > shell[BODY_HALF]:
            return E, scatters
        cosine = scattered_cosine(E, rng)
        turn(d, cosine, rng)
        E = E / (1 + E / M_E * (1 - cosine))
        scatters += 1
        if E < 0.1:
            return 0.0, scatters  # no window begins there
        mu = shell[MU_BODY] * klein_nishina(E)


@compiled
def enter(p: Floats, d: Floats, shell: Floats) -> bool:
    """Move a photon onto the inner face of the shell; false where it misses it or meets the shield at an end."""
    square = d[0] * d[0] + d[1] * d[1]
    if square < 1e-9:
        return False
    b = (p[0] * d[0] + p[1] * d[1]) / square
    apart = (p[0] * p[0] + p[1] * p[1]) / square
    t = -b + math.sqrt(max(0.0, b * b - apart + shell[RADIUS] ** 2 / square))
    z = p[2] + t * d[2]
    half = shell[HALF]
    if abs(z) >= half:
        return False
    if abs(p[2]) > half:
        # from outside the field of view: through the hole of the shield
        u = (math.copysign(half, p[2]) - p[2]) / d[2]
        x, y = p[0] + u * d[0], p[1] + u * d[1]
        if x * x + y * y > shell[SHIELD] ** 2:
            return False
    for a in range(3):
        p[a] += t * d[a]
    return True


@compiled
def crystal_at(p: Floats, shell: Floats) -> tuple[int, int]:
    """Place and ring of the crystal at a point within the shell; -1 in a gap."""
    pitch = 2 * math.pi / shell[PLACES]
    angle = math.atan2(p[1], p[0]) / pitch
    nearest = math.floor(angle + 0.5)
    radius = math.sqrt(p[0] * p[0] + p[1] * p[1])
    if abs(radius * math.sin((angle - nearest) * pitch)) > 0.5 * shell[ACROSS]:
        return -1, -1
    wide = 2 * shell[HALF] / shell[RINGS]
    along = (p[2] + shell[HALF]) / wide
    ring = min(int(along), int(shell[RINGS]) - 1)
    if abs(along - ring - 0.5) * wide > 0.5 * shell[ALONG]:
        return -1, -1
    return int(nearest) % int(shell[PLACES]), ring


@compiled
def absorb(p: Floats, d: Floats, E: float, shell: Floats, mu: Floats, photo: Floats, rng: Words, hits: Floats) -> int:
    """Follow a photon in the shell; ``hits`` takes place, ring and energy of each interaction. How many there were."""
    n = 0
    outer = (shell[RADIUS] + shell[DEPTH]) ** 2
    inner = shell[RADIUS] ** 2 * (1 - 1e-9)
    while n < MOST:
        row = min(max(int(E / STEP + 0.5), 1), mu.size - 1)
        step = exponential(rng) / mu[row]
        for a in range(3):
            p[a] += step * d[a]
        square = p[0] * p[0] + p[1] * p[1]
        if square > outer or square < inner or abs(p[2]) >= shell[HALF]:
            return n
        place, ring = crystal_at(p, shell)
        if place < 0:
            continue
        hits[n, 0], hits[n, 1] = place, ring
        if uniform(rng) < photo[row] or E < 0.01:
            hits[n, 2] = E
            return n + 1
        cosine = scattered_cosine(E, rng)
        turn(d, cosine, rng)
        left = E / (1 + E / M_E * (1 - cosine))
        hits[n, 2] = E - left
        E = left
        n += 1
    return n


@compiled
def read_out(hits: Floats, n: int, shell: Floats, rng: Words) -> tuple[int, int]:
    """Place and ring that a block gives: its energy is the sum, its place the crystal at the centre of energy. -1: none.

    The block with the most energy is read; two cannot both lie in a window above half of 511 keV.
    """
    places, across, along = int(shell[PLACES]), int(shell[BLOCK_ACROSS]), int(shell[BLOCK_ALONG])
    best, most = -1, 0.0
    for i in range(n):
        total = 0.0
        for j in range(n):
            same = int(hits[i, 0]) // across == int(hits[j, 0]) // across and int(hits[i, 1]) // along == int(hits[j, 1]) // along
            if same:
                total += hits[j, 2]
        if total > most:
            best, most = i, total
    if best < 0:
        return -1, -1
    measured = most + shell[SIGMA_E] * math.sqrt(most / M_E) * normal(rng)
    if not shell[LOW] <= measured <= shell[HIGH]:
        return -1, -1
    place, ring = 0.0, 0.0
    for j in range(n):
        if int(hits[best, 0]) // across == int(hits[j, 0]) // across and int(hits[best, 1]) // along == int(hits[j, 1]) // along:
            place += hits[j, 0] * hits[j, 2]
            ring += hits[j, 1] * hits[j, 2]
    return int(place / most + 0.5) % places, int(ring / most + 0.5)


@compiled
def bend(d: Floats, sigma: float, rng: Words) -> None:
    """Turn a direction by a small angle of two normal parts."""
    angle = sigma * math.sqrt(-2 * math.log(1 - uniform(rng)))
    turn(d, math.cos(angle), rng)


@compiled
def play(
    origins: Floats,
    directions: Floats,
    shell: Floats,
    mu: Floats,
    photo: Floats,
    with_singles: int,
    rng: Words,
    events: npt.NDArray[np.int32],
    singles: npt.NDArray[np.int64],
) -> int:
    """Play annihilations at ``origins`` into ``directions`` and back; returns how many coincidences were written.

    ``events`` takes place, ring, place, ring, scatters in the phantom. ``singles`` counts by ring, of the first
    ``with_singles`` annihilations; of the others the second photon is left out where the first was not counted.
    """
    p, d, hits = np.empty(3), np.empty(3), np.empty((MOST, 3))
    found = 0
    for i in range(len(origins)):
        seen = 0
        for side in range(2):
            for a in range(3):
                p[a] = origins[i, a]
                d[a] = directions[i, a] if side == 0 else -directions[i, a]
            if side == 1 and shell[BENT] > 0:
                bend(d, shell[BENT], rng)
            E, scatters = leave_body(p, d, shell, rng)
            place, ring = -1, -1
            if E > 0 and enter(p, d, shell):
                place, ring = read_out(hits, absorb(p, d, E, shell, mu, photo, rng, hits), shell, rng)
            if place >= 0:
                if i < with_singles:
                    singles[ring] += 1
                events[found, 2 * side], events[found, 2 * side + 1] = place, ring
                if side == 0:
                    events[found, 4] = scatters
                else:
                    events[found, 4] += scatters
                seen += 1
            elif i >= with_singles:
                break
        if seen == 2:
            found += 1
            if found == len(events):
                return found
    return found
