"""Photons followed one by one through a slab of crystal: the yardstick of the share whose energy is kept."""

import math

import numpy as np

from hevesy.imaging.systems.crystal import _coefficients
from hevesy.rng import stream

ELECTRON_MASS = 0.51099895


def share_kept(material: str, thickness: float, energy: float, *, least: float, histories: int, seed: int) -> tuple[float, float]:
    """Share of the photons that interact whose deposits add up to ``least`` [MeV], and its standard uncertainty.

    Photons come at right angles onto a slab without sides. Photoelectric effect on the spot, free electrons, no coherent
    scattering, no X-rays: the interactions that the formula knows, followed to the end.
    """
    rng = stream(seed, 0)
    table_energy = np.linspace(0.01, energy, 200)
    table = np.array([_coefficients(material, float(e))[1:] for e in table_energy])
    mu0 = sum(_coefficients(material, energy)[1:])
    # The first interaction lies inside: an exponential cut off at the thickness.
    depth = -np.log(1 - rng.random(histories) * -math.expm1(-mu0 * thickness)) / mu0
    cosine, left, deposit = np.ones(histories), np.full(histories, energy), np.zeros(histories)
    alive = np.arange(histories)
    while alive.size:
        e = left[alive]
        photo = np.interp(e, table_energy, table[:, 0])
        compton = np.interp(e, table_energy, table[:, 1])
        absorbed = (rng.random(alive.size) < photo / (photo + compton)) | (e < 0.02)
        deposit[alive[absorbed]] += e[absorbed]
        alive, e = alive[~absorbed], e[~absorbed]
        angle = _klein_nishina(e, rng)
        after = e / (1 + e / ELECTRON_MASS * (1 - angle))
        deposit[alive] += e - after
        left[alive] = after
        turn = np.sqrt((1 - cosine[alive] ** 2) * (1 - angle**2)) * np.cos(2 * math.pi * rng.random(alive.size))
        cosine[alive] = np.clip(cosine[alive] * angle + turn, -1, 1)
        mu = np.interp(after, table_energy, table.sum(axis=1))
        depth[alive] += cosine[alive] * rng.exponential(size=alive.size) / mu
        alive = alive[(depth[alive] > 0) & (depth[alive] < thickness)]
    share = float(np.mean(deposit >= least))
    return share, math.sqrt(share * (1 - share) / histories)


def _klein_nishina(energy: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    angle = np.empty(energy.size)
    open_ = np.arange(energy.size)
    while open_.size:
        trial = 2 * rng.random(open_.size) - 1
        ratio = 1 / (1 + energy[open_] / ELECTRON_MASS * (1 - trial))
        weight = ratio**2 * (ratio + 1 / ratio - (1 - trial**2)) / 2
        taken = rng.random(open_.size) < weight
        angle[open_[taken]] = trial[taken]
        open_ = open_[~taken]
    return angle
