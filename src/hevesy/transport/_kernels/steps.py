"""What happens to a charged particle or a photon in one place: angles, hard collisions, scattering."""

import math

import numpy as np

from hevesy.transport._kernels.chance import Words, azimuth, uniform
from hevesy.transport._kernels.compiler import compiled
from hevesy.transport._kernels.tables import HARD_SHARE, LOW, SHARE, ElectronTables, Floats, PhotonTables

M_E = 0.51099895  # electron rest energy [MeV], CODATA 2018
INVERSE_ANGSTROM_PER_MEV = 80.65544  # 1/(hc): wavelength = 1 / (80.655 E) Angstrom for E in MeV


@compiled
def locate(log_first: float, per_log: float, n: int, E: float) -> tuple[int, float]:
    """Node below ``E`` on the logarithmic grid and the share of the way to the next one."""
    position = (math.log(E) - log_first) * per_log
    if position <= 0.0:
        return 0, 0.0
    node = int(position)
    if node > n - 2:
        return n - 2, 1.0
    return node, position - node


@compiled
def turn(p: Floats, cosine: float, ca: float, sa: float) -> None:
    """Turn the direction p[3:6] by the polar angle of that ``cosine`` and the azimuth of cosine ``ca``, sine ``sa``."""
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    u, v, w = p[3], p[4], p[5]
    across = u * u + v * v
    if across > 1e-12:
        root = math.sqrt(across)
        p[3] = u * cosine + sine * (u * w * ca - v * sa) / root
        p[4] = v * cosine + sine * (v * w * ca + u * sa) / root
        p[5] = w * cosine - root * sine * ca
    else:
        p[3] = sine * ca
        p[4] = sine * sa
        p[5] = cosine if w > 0 else -cosine
    norm = 1.0 / math.sqrt(p[3] * p[3] + p[4] * p[4] + p[5] * p[5])
    p[3] *= norm
    p[4] *= norm
    p[5] *= norm


@compiled
def isotropic(p: Floats, a: float, b: float) -> None:
    """Direction from two numbers in [0, 1)."""
    w = 2.0 * a - 1.0
    s = math.sqrt(max(0.0, 1.0 - w * w))
    p[3] = s * math.cos(2.0 * math.pi * b)
    p[4] = s * math.sin(2.0 * math.pi * b)
    p[5] = w


@compiled
def deflect(tables: ElectronTables, charge: int, m: int, node: int, f: float, p: Floats, rng: Words) -> None:
    """Multiple scattering of a whole step at its hinge: the distribution has the first two moments of the exact one."""
    k = node + 1 if uniform(rng) < f else node
    low, share = tables.data[charge, m, k, LOW], tables.data[charge, m, k, SHARE]
    if uniform(rng) < share:
        mu = low * uniform(rng)
    else:
        mu = low + (1.0 - low) * uniform(rng)
    ca, sa = azimuth(rng)
    turn(p, 1.0 - 2.0 * mu, ca, sa)


@compiled
def hard_loss(E: float, cut: float, charge: int, rng: Words) -> float:
    """Energy transfer of a collision with a free electron above ``cut`` or a tenth of E: Moller (charge 0) or Bhabha (1)."""
    gamma = 1.0 + E / M_E
    first = min(cut / E, HARD_SHARE)
    if charge == 0:
        a = ((gamma - 1.0) / gamma) ** 2
        b = (2.0 * gamma - 1.0) / (gamma * gamma)
        bound = max(1.0, 2.0 + 0.25 * a - b)
        while True:
            e = first / (1.0 - (1.0 - 2.0 * first) * uniform(rng))
            r = e / (1.0 - e)
            if uniform(rng) * bound <= 1.0 + r * r + a * e * e - b * r:
                return e * E
    c = ((gamma - 1.0) / gamma) ** 2
    g2 = (gamma + 1.0) ** 2
    b1 = c * (2.0 * g2 - 1.0) / (gamma * gamma - 1.0)
    b2 = c * (3.0 * g2 + 1.0) / g2
    b3 = c * 2.0 * gamma * (gamma - 1.0) / g2
    b4 = c * (gamma - 1.0) ** 2 / g2
    while True:
        e = first / (1.0 - (1.0 - first) * uniform(rng))
        if uniform(rng) * (1.0 + b2) <= 1.0 - e * (b1 - e * (b2 - e * (b3 - e * b4))):
            return e * E


@compiled
def compton(E: float, m: int, tables: PhotonTables, p: Floats, rng: Words) -> float:
    """Scatter incoherently: turn the direction, return the photon's new energy [MeV].

    Klein-Nishina by the mixture of Butcher and Messel, times the incoherent scattering function of the material.
    """
    k = E / M_E
    e0 = 1.0 / (1.0 + 2.0 * k)
    a1 = -math.log(e0)
    a2 = 0.5 * (1.0 - e0 * e0)
    nodes = tables.scattering.shape[1]
    while True:
        if uniform(rng) * (a1 + a2) < a1:
            e = math.exp(-a1 * uniform(rng))
        else:
            e = math.sqrt(e0 * e0 + (1.0 - e0 * e0) * uniform(rng))
        t = (1.0 - e) / (k * e)
        if uniform(rng) > 1.0 - e * t * (2.0 - t) / (1.0 + e * e):
            continue
        place = E * INVERSE_ANGSTROM_PER_MEV * math.sqrt(0.5 * t) / tables.x_step
        node = int(place)
        if node < nodes - 1:
            s = tables.scattering[m, node]
            s += (place - node) * (tables.scattering[m, node + 1] - s)
            if uniform(rng) > s:
                continue
        ca, sa = azimuth(rng)
        turn(p, 1.0 - t, ca, sa)
        return e * E


@compiled
def rayleigh(E: float, m: int, tables: PhotonTables, p: Floats, rng: Words) -> None:
    """Scatter coherently: form factor squared times the Thomson distribution."""
    x2, total = tables.form[0, m], tables.form[1, m]
    last = E * INVERSE_ANGSTROM_PER_MEV
    top = last * last
    end = np.searchsorted(x2, top)
    if end >= x2.size:
        most = total[-1]
    else:
        most = total[end - 1] + (total[end] - total[end - 1]) * (top - x2[end - 1]) / (x2[end] - x2[end - 1])
    while True:
        wanted = most * uniform(rng)
        i = max(1, np.searchsorted(total, wanted))
        found = x2[i - 1] + (x2[i] - x2[i - 1]) * (wanted - total[i - 1]) / (total[i] - total[i - 1])
        cosine = max(-1.0, 1.0 - 2.0 * found / top)
        if uniform(rng) <= 0.5 * (1.0 + cosine * cosine):
            ca, sa = azimuth(rng)
            turn(p, cosine, ca, sa)
            return
