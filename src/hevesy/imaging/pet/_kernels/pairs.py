"""Annihilation photons from voxel to crystal: attenuated, Compton scattered, stopped, timed."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled
from hevesy.transport._kernels.chance import Words, azimuth, exponential, uniform

Floats = npt.NDArray[np.float64]

M_E = 0.51099895
# Entries of ``scanner``: radius, half-length, crystals a ring, rings, largest ring difference, pair efficiency's root,
# mu depth of the crystal at 511 keV, sigma of time of flight [mm].
RADIUS, HALF, PLACES, RINGS, APART, ROOT, STOPPING, SIGMA_T = range(8)
STEP = 0.0025  # MeV between the entries of a table by energy


@compiled
def klein_nishina(E: float) -> float:
    """Total cross section over that at 511 keV [1]. Klein and Nishina, Z Phys 1929;52:853."""
    k = E / M_E
    a = (1 + k) / (k * k) * (2 * (1 + k) / (1 + 2 * k) - math.log(1 + 2 * k) / k)
    total = a + math.log(1 + 2 * k) / (2 * k) - (1 + 3 * k) / (1 + 2 * k) ** 2
    return total / 0.5743042  # its value at k = 1


@compiled
def scattered_cosine(E: float, rng: Words) -> float:
    """Cosine of Compton scattering from free electrons by rejection (Kahn)."""
    k = E / M_E
    while True:
        r1, r2, r3 = uniform(rng), uniform(rng), uniform(rng)
        if r1 <= (1 + 2 * k) / (9 + 2 * k):
            x = 1 + 2 * k * r2
            if r3 <= 4 * (1 / x - 1 / (x * x)):
                return 1 - (x - 1) / k
        else:
            x = (1 + 2 * k) / (1 + 2 * k * r2)
            c = 1 - (x - 1) / k
            if r3 <= 0.5 * (c * c + 1 / x):
                return c


@compiled
def normal(rng: Words) -> float:
    """A number of the standard normal distribution (Marsaglia's polar method)."""
    while True:
        a, b = 2 * uniform(rng) - 1, 2 * uniform(rng) - 1
        s = a * a + b * b
        if 1e-12 < s < 1:
            return a * math.sqrt(-2 * math.log(s) / s)


@compiled
def turn(d: Floats, cosine: float, rng: Words) -> None:
    """Turn the direction by an angle about an even azimuth."""
    c, s = azimuth(rng)
    sine = math.sqrt(max(0.0, 1 - cosine * cosine))
    u, v, w = d[0], d[1], d[2]
    across = math.sqrt(max(0.0, 1 - w * w))
    if across < 1e-9:
        d[0], d[1], d[2] = sine * c, sine * s, cosine * (1.0 if w > 0 else -1.0)
        return
    d[0] = u * cosine + sine * (u * w * c - v * s) / across
    d[1] = v * cosine + sine * (v * w * c + u * s) / across
    d[2] = w * cosine - across * sine * c


@compiled
def leave(
    p: Floats, d: Floats, mu: npt.NDArray[np.float32], sides: Floats, top: float, most: int, rng: Words
) -> tuple[float, int, float]:
    """Follow one photon out of the grid by delta tracking; its energy, number of scatters (-1: given up), and way so far."""
    n_x, n_y, n_z = mu.shape
    E, scatters, way, share = M_E, 0, 0.0, 1.0
    while True:
        step = exponential(rng) / (top * share)
        for a in range(3):
            p[a] += step * d[a]
        way += step
        i = int(math.floor(p[0] / sides[0] + 0.5 * n_x))
        j = int(math.floor(p[1] / sides[0] + 0.5 * n_y))
        k = int(math.floor(p[2] / sides[1] + 0.5 * n_z))
        outside = i < 0 or j < 0 or k < 0 or i >= n_x or j >= n_y or k >= n_z
        if outside:
            # a grid is convex: once out on the side it flies to, it does not come back
            if (i < 0 and d[0] <= 0) or (i >= n_x and d[0] >= 0) or (j < 0 and d[1] <= 0) or (j >= n_y and d[1] >= 0):
                return E, scatters, way
            if (k < 0 and d[2] <= 0) or (k >= n_z and d[2] >= 0):
                return E, scatters, way
            if p[0] * p[0] + p[1] * p[1] > 4e6 or abs(p[2]) > 4e3:
                return E, scatters, way
            continue
        if uniform(rng) * top < mu[i, j, k]:
            if scatters == most:
                return E, -1, way
            cosine = scattered_cosine(E, rng)
            turn(d, cosine, rng)
            E = E / (1 + E / M_E * (1 - cosine))
            scatters += 1
            share = klein_nishina(E)


@compiled
def crystal(p: Floats, d: Floats, scanner: Floats, rng: Words) -> tuple[int, float]:
    """Number of the crystal that the photon meets (-1: none), and the way to it (may be negative: it is a line)."""
    square = d[0] * d[0] + d[1] * d[1]
    if square < 1e-9:
        return -1, 0.0
    b = (p[0] * d[0] + p[1] * d[1]) / square
    c = (p[0] * p[0] + p[1] * p[1] - scanner[RADIUS] ** 2) / square
    if b * b - c < 0:
        return -1, 0.0
    t = -b + math.sqrt(b * b - c)
    z = p[2] + t * d[2]
    if abs(z) >= scanner[HALF]:
        return -1, 0.0
    angle = math.atan2(p[1] + t * d[1], p[0] + t * d[0]) / (2 * math.pi)
    place = int(math.floor((angle % 1.0) * scanner[PLACES] + 0.5)) % int(scanner[PLACES])
    ring = min(int((z + scanner[HALF]) / (2 * scanner[HALF]) * scanner[RINGS]), int(scanner[RINGS]) - 1)
    return ring * int(scanner[PLACES]) + place, t


@compiled
def counted(E: float, d: Floats, scanner: Floats, taken: Floats, rng: Words) -> bool:
    """Whether a crystal stops the photon and its energy is measured in the window; `ROOT` is that of 511 keV at normal entry.

    ``taken`` is the share counted against that at 511 keV, in steps of `STEP` from 0.
    """
    # Oblique entry is weighted by the axial tilt only, as in the analytic models: about the ring neighbours stop the rest.
    flat = math.sqrt(d[0] * d[0] + d[1] * d[1])
    chance = scanner[ROOT] * (1 - math.exp(-scanner[STOPPING] / flat)) / (1 - math.exp(-scanner[STOPPING]))
    if E < 0.999 * M_E:
        row = int(E / STEP)
        chance *= taken[row] + (E / STEP - row) * (taken[row + 1] - taken[row])
    return bool(uniform(rng) < chance)


@compiled
def decays(
    number: int,
    cumulative: Floats,
    mu: npt.NDArray[np.float32],
    sides: Floats,
    blur: Floats,
    scanner: Floats,
    taken: Floats,
    most: int,
    rng: Words,
    pairs: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.float32],
    kinds: npt.NDArray[np.int8],
    singles: npt.NDArray[np.int64],
) -> int:
    """Play ``number`` annihilations; returns how many coincidences were written (stops when the arrays are full).

    kinds: photons' scatters in all. ``singles`` counts the photons of each crystal.
    """
    n_x, n_y, n_z = mu.shape
    top = 1e-12
    for i in range(n_x):
        for j in range(n_y):
            for k in range(n_z):
                top = max(top, float(mu[i, j, k]))
    found = 0
    p, q, d, e, origin = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for _ in range(number):
        voxel = np.searchsorted(cumulative, uniform(rng) * cumulative[-1], side="right")
        i, j, k = voxel // (n_y * n_z), (voxel // n_z) % n_y, voxel % n_z
        origin[0] = (i - 0.5 * n_x + uniform(rng)) * sides[0] + blur[0] * normal(rng)
        origin[1] = (j - 0.5 * n_y + uniform(rng)) * sides[0] + blur[0] * normal(rng)
        origin[2] = (k - 0.5 * n_z + uniform(rng)) * sides[1] + blur[1] * normal(rng)
        d[2] = 2 * uniform(rng) - 1
        c, s = azimuth(rng)
        across = math.sqrt(1 - d[2] * d[2])
        d[0], d[1] = across * c, across * s
        for a in range(3):
            p[a], q[a], e[a] = origin[a], origin[a], -d[a]
        E1, n1, way1 = leave(p, d, mu, sides, top, most, rng)
        E2, n2, way2 = leave(q, e, mu, sides, top, most, rng)
        one, t1 = (-1, 0.0) if n1 < 0 else crystal(p, d, scanner, rng)
        two, t2 = (-1, 0.0) if n2 < 0 else crystal(q, e, scanner, rng)
        seen1 = one >= 0 and counted(E1, d, scanner, taken, rng)
        seen2 = two >= 0 and counted(E2, e, scanner, taken, rng)
        if seen1:
            singles[one] += 1
        if seen2:
            singles[two] += 1
        if not (seen1 and seen2) or one == two:
            continue
        places = int(scanner[PLACES])
        if abs(one // places - two // places) > scanner[APART]:
            continue
        pairs[found, 0], pairs[found, 1] = one, two
        # the second photon late by x: annihilation x/2 nearer to the first crystal
        offsets[found] = 0.5 * ((way1 + t1) - (way2 + t2)) + scanner[SIGMA_T] * normal(rng)
        kinds[found] = n1 + n2
        found += 1
        if found == len(pairs):
            return found
    return found


@compiled
def whole_cumulative(values: npt.NDArray[np.float32]) -> Floats:
    """Running sum of the flat image in double precision."""
    flat = values.reshape(-1)
    out = np.empty(flat.size)
    total = 0.0
    for i in range(flat.size):
        total += flat[i]
        out[i] = total
    return out
