"""Annihilation photons through a cylinder of polyethylene into a shell of single crystals, where they leave their energy."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled
from hevesy.imaging.pet._kernels.pairs import M_E, klein_nishina, scattered_cosine, turn
from hevesy.transport._kernels.chance import Words, exponential, uniform

Floats = npt.NDArray[np.float64]

# Entries of ``shell``: inner radius, depth of crystals, half-length, crystals a ring, rings, sides of a crystal about the
# ring and along it, crystals of a block about the ring and along it, of a unit likewise, radius and half-length of the
# phantom, its attenuation coefficient at 511 keV [1/mm], inner radius of the shields at the ends and of the cover, sigma of
# the angle between the photons in each plane, least energy of a unit that is kept [MeV], cover in mean free paths at 511 keV.
RADIUS, DEPTH, HALF, PLACES, RINGS, ACROSS, ALONG, BLOCK_ACROSS, BLOCK_ALONG, UNIT_ACROSS, UNIT_ALONG = range(11)
BODY, BODY_HALF, MU_BODY, SHIELD, BENT, LEAST, COVER = range(11, 18)
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
        if shell[LEAST] > E:
            return 0.0, scatters
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
def pass_cover(p: Floats, d: Floats, E: float, shell: Floats, rng: Words) -> float:
    """Take a photon through the cover of the bore, which may scatter it once; its energy."""
    square = d[0] * d[0] + d[1] * d[1]
    if shell[COVER] <= 0 or square < 1e-9:
        return E
    b = p[0] * d[0] + p[1] * d[1]
    apart = p[0] * p[0] + p[1] * p[1]
    root = math.sqrt(max(0.0, b * b - square * (apart - shell[SHIELD] ** 2)))
    t = (root - b) / square
    if abs(p[2] + t * d[2]) >= shell[HALF]:
        return E  # outside the field of view
    straight = max(root / shell[SHIELD], 0.05)  # cosine to the cover's normal
    if uniform(rng) >= 1 - math.exp(-shell[COVER] * klein_nishina(E) / straight):
        return E
    for a in range(3):
        p[a] += t * d[a]
    cosine = scattered_cosine(E, rng)
    turn(d, cosine, rng)
    return E / (1 + E / M_E * (1 - cosine))


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
def add_up(hits: Floats, n: int, first: Floats, sides: tuple[int, int], total: Floats) -> None:
    """Centre and sum of the energies in the block of ``sides`` crystals that holds the crystal ``first``, into ``total``."""
    a, b = int(first[0]) // sides[0], int(first[1]) // sides[1]
    place, ring, energy = 0.0, 0.0, 0.0
    for j in range(n):
        if int(hits[j, 0]) // sides[0] == a and int(hits[j, 1]) // sides[1] == b:
            place += hits[j, 0] * hits[j, 2]
            ring += hits[j, 1] * hits[j, 2]
            energy += hits[j, 2]
    total[0], total[1], total[2] = place / max(energy, 1e-30), ring / max(energy, 1e-30), energy


@compiled
def in_units(hits: Floats, n: int, shell: Floats, found: Floats) -> int:
    """Add up each unit; ``found`` takes place and ring of the centre of its block with most energy, and the energy of the whole.

    How many units there are; the one with the most energy comes first.
    """
    block = (int(shell[BLOCK_ACROSS]), int(shell[BLOCK_ALONG]))
    unit = (int(shell[UNIT_ACROSS]), int(shell[UNIT_ALONG]))
    one = np.empty(3)
    units = 0
    for i in range(n):
        a, b, seen = int(hits[i, 0]) // unit[0], int(hits[i, 1]) // unit[1], False
        for j in range(i):
            seen = seen or (int(hits[j, 0]) // unit[0] == a and int(hits[j, 1]) // unit[1] == b)
        if seen:
            continue
        add_up(hits, n, hits[i], unit, found[units])
        whole, most = found[units, 2], 0.0
        for j in range(i, n):
            if int(hits[j, 0]) // unit[0] == a and int(hits[j, 1]) // unit[1] == b:
                add_up(hits, n, hits[j], block, one)
                if one[2] > most:
                    most = one[2]
                    found[units, 0], found[units, 1] = one[0], one[1]
        if whole <= 0:
            continue
        if whole > found[0, 2]:
            for c in range(3):
                found[0, c], found[units, c] = found[units, c], found[0, c]
        units += 1
    return units


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
    events: npt.NDArray[np.float32],
    singles: npt.NDArray[np.float32],
) -> tuple[int, int]:
    """Play annihilations at ``origins`` into ``directions`` and back; how many pairs and how many deposits were written.

    ``events`` takes place, ring and energy of the unit with most of it, twice, and the scatters in the phantom; ``singles``
    place, ring and energy of all units of the first ``with_singles`` annihilations. Of the others the second photon is left
    out where the first left nothing that counts.
    """
    p, d, hits, found = np.empty(3), np.empty(3), np.empty((MOST, 3)), np.empty((MOST, 3))
    pairs, deposits, least = 0, 0, shell[LEAST]
    for i in range(len(origins)):
        seen = 0
        for side in range(2):
            for a in range(3):
                p[a] = origins[i, a]
                d[a] = directions[i, a] if side == 0 else -directions[i, a]
            if side == 1 and shell[BENT] > 0:
                bend(d, shell[BENT], rng)
            E, scatters = leave_body(p, d, shell, rng)
            units = 0
            if least <= E:
                E = pass_cover(p, d, E, shell, rng)
            if least <= E and enter(p, d, shell):
                units = in_units(hits, absorb(p, d, E, shell, mu, photo, rng, hits), shell, found)
            if units > 0 and found[0, 2] >= least:
                for c in range(3):
                    events[pairs, 3 * side + c] = found[0, c]
                events[pairs, 6] = scatters + (events[pairs, 6] if side == 1 else 0)
                seen += 1
                for b in range(units if i < with_singles else 0):
                    if found[b, 2] >= least and deposits < len(singles):
                        for c in range(3):
                            singles[deposits, c] = found[b, c]
                        deposits += 1
            elif i >= with_singles:
                break
        if seen == 2:
            pairs += 1
            if pairs == len(events):
                return pairs, deposits
    return pairs, deposits
