"""Tables of the loops from the data of the media."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.materials import (
    Material,
    atomic_weight,
    csda_range,
    electron_stopping_powers,
    form_factor,
    incoherent_scattering_function,
    photon_cross_sections,
    positron_stopping_powers,
    radiation_yield,
)
from hevesy.transport._kernels import tables
from hevesy.transport.elastic import AVOGADRO, CLASSICAL_RADIUS, ELECTRON_REST_ENERGY, transport_coefficients

Array = npt.NDArray[np.float64]

PER_CM = 0.1  # 1/cm for 1 g/ml is 0.1/mm
LOWEST = 1e-3  # MeV: where the tables begin
HIGHEST = 15.0  # MeV: where they end
STEP_BY_CUT = 5.0  # share of energy that a step may lose, by the energy of knock-on electrons [1/MeV]
STOP = 2e-3  # MeV: an electron below this is absorbed where it is; its range is 0.2 um in water
ELECTRON_NODES = 160
PHOTON_NODES = 400
_X_STEP, _X_NODES = 0.02, 401  # 1/Angstrom; the scattering function is one above 8/Angstrom for light elements
_INVERSE_ANGSTROM_PER_MEV = 80.65544
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """What is followed by itself.

    Attributes
    ----------
    step : float            Share of its energy that an electron loses in a step.
    hard_from : float       Energy that an electron gives to another one above which both are followed [MeV]; a tenth of its
                            own energy, where that is less.
    follow_from : float     Energy of an electron set free by a photon above which it is followed [MeV].
    """

    step: float = 0.06
    hard_from: float = 0.02
    follow_from: float = 0.2

    def __post_init__(self) -> None:
        # A step makes one hard collision at most: with shorter cuts and long steps some would be lost.
        if self.step > STEP_BY_CUT * self.hard_from:
            raise InputError(
                f"steps of {100 * self.step:g} % of the energy are too long for knock-on electrons from "
                f"{1000 * self.hard_from:g} keV; allowed are {100 * STEP_BY_CUT * self.hard_from:.3g} %. "
                "Take shorter steps or a higher energy."
            )


def electron_tables(media: Sequence[Material], cutoffs: Cutoffs) -> tables.ElectronTables:
    """Tables of electrons and positrons in each medium.

    The energy of bremsstrahlung is taken out of what is absorbed, for a source that gives these photons off by itself
    (:func:`hevesy.transport.bremsstrahlung.thick_target_photons`); :func:`without_radiation` leaves it in.
    """
    E = np.geomspace(LOWEST, HIGHEST, ELECTRON_NODES)
    data = np.array([[_charged(medium, E, charge, cutoffs) for medium in media] for charge in (0, 1)])
    return tables.ElectronTables(
        log_first=float(np.log(E[0])),
        per_log=(E.size - 1) / float(np.log(E[-1] / E[0])),
        step=cutoffs.step,
        lowest=STOP,
        hard_from=cutoffs.hard_from,
        data=np.ascontiguousarray(np.moveaxis(data, 2, -1)),
    )


def without_radiation(made: tables.ElectronTables) -> tables.ElectronTables:
    """The same tables where the energy of bremsstrahlung is absorbed where it is lost."""
    data = made.data.copy()
    data[..., tables.KEPT] = data[..., tables.ABSORBED] = 1.0
    return made._replace(data=data)


def _charged(medium: Material, E: Array, charge: int, cutoffs: Cutoffs) -> Array:
    """Rows of ElectronTables.data, in its order."""
    cut = np.minimum(cutoffs.hard_from, tables.HARD_SHARE * E)
    number, energy, square = hard_collisions(medium, E, cut, charge)
    first, second = transport_coefficients(medium, E, charge=charge, hard_from=cut)
    powers = electron_stopping_powers(medium, E) if charge == 0 else positron_stopping_powers(medium, E)
    soft = powers.collision - energy + powers.radiative
    nodes = [(1 - share * cutoffs.step, weight) for share, weight in ((0.0, 1 / 6), (0.5, 4 / 6), (1.0, 1 / 6))]

    def along(values: Array) -> Array:
        """Integral over the step's path, g/cm2, by Simpson's rule in the energy that it loses."""
        per_loss = np.log(values / soft)
        means = [weight * np.exp(np.interp(np.log(E * left), np.log(E), per_loss)) for left, weight in nodes]
        return np.asarray(cutoffs.step * E * sum(means))

    path = along(np.ones_like(E))
    slope = np.interp(np.log(E * (1 - cutoffs.step)), np.log(E), np.log(first / soft)) - np.log(first / soft)
    first, second = along(first), along(second)
    mean = 0.5 * -np.expm1(-first)
    # The hinge that gives Lewis's mean way along the first direction, (1 - exp(-K)) / K of the path, and lies late where
    # scattering grows along the step.
    hinge = 1 / first - 1 / np.expm1(first) + slope / 12
    square_mean = mean + np.expm1(-second) / 6
    low = np.clip((2 * mean - 3 * square_mean) / np.maximum(1 - 2 * mean, 1e-9), 0.0, 1.0)
    rows = {
        tables.STOPPING: cutoffs.step * E / path * PER_CM,
        tables.KEPT: 1 - along(powers.radiative) / (cutoffs.step * E),
        tables.ABSORBED: 1 - radiation_yield(medium, E),
        tables.REACH: csda_range(medium, E) / PER_CM,
        tables.EARLY: 6 * (0.5 - hinge),
        tables.LOW: low,
        tables.SHARE: np.clip(1 - 2 * mean + low, 0.0, 1.0),
        tables.HARD: along(np.maximum(number, 1e-30)),
        tables.SPREAD: np.sqrt(along(square)),
    }
    return np.array([rows[column] for column in sorted(rows)])


def hard_collisions(medium: Material, energy: Array, cut: Array, charge: int) -> tuple[Array, Array, Array]:
    """Collisions with electrons that transfer more than ``cut``: number and energy loss; and the square of softer losses.

        n(E) = n_e integral_cut^max dsigma/dW dW   [cm2/g],   likewise W dW [MeV cm2/g] and, up to the cut, W^2 dW

    Møller (charge 0, transfers up to E/2) and Bhabha (charge 1, up to E) cross sections: ICRU Report 37, section 2.
    """
    electrons = AVOGADRO * medium.electrons_per_gram
    m = ELECTRON_REST_ENERGY
    gamma = 1 + energy / m
    beta2 = 1 - 1 / gamma**2
    most = energy * (0.5 if charge == 0 else 1.0)
    scale = electrons * 2 * np.pi * CLASSICAL_RADIUS**2 * m / beta2
    c = np.minimum(cut, most)

    def moments(low: Array, high: Array, power: int) -> Array:
        t = 0.5 * np.log(high / low)[:, None] * (_NODES + 1) + np.log(low)[:, None]
        W = np.exp(t)
        e = W / energy[:, None]
        density = _moller(e, gamma[:, None]) if charge == 0 else _bhabha(e, gamma[:, None])
        return np.asarray(np.sum(0.5 * np.log(high / low)[:, None] * _WEIGHTS * density * W ** (power - 1), axis=1))

    number, loss = scale * moments(c, most, 0), scale * moments(c, most, 1)
    # Losses below a keV add nothing to the square: it grows evenly with the cut.
    square = scale * moments(np.minimum(1e-5, 0.1 * c), c, 2)
    return number, loss, square


def _moller(e: Array, gamma: Array) -> Array:
    """W^2 dsigma/dW by its leading factor, e = W/E."""
    r = e / (1 - e)
    return np.asarray(1 + r**2 + ((gamma - 1) / gamma) ** 2 * e**2 - (2 * gamma - 1) / gamma**2 * r)


def _bhabha(e: Array, gamma: Array) -> Array:
    c, g2 = ((gamma - 1) / gamma) ** 2, (gamma + 1) ** 2
    b1 = c * (2 * g2 - 1) / (gamma**2 - 1)
    b2 = c * (3 * g2 + 1) / g2
    b3 = c * 2 * gamma * (gamma - 1) / g2
    b4 = c * (gamma - 1) ** 2 / g2
    return np.asarray(1 - e * (b1 - e * (b2 - e * (b3 - e * b4))))


def photon_tables(media: Sequence[Material], cutoffs: Cutoffs) -> tables.PhotonTables:
    """Tables of photons in each medium."""
    E = np.geomspace(LOWEST, HIGHEST, PHOTON_NODES)
    x = np.arange(_X_NODES, dtype=np.float64) * _X_STEP
    x2 = np.concatenate([[0.0], np.geomspace(1e-5, (1.01 * HIGHEST * _INVERSE_ANGSTROM_PER_MEV) ** 2, 399)])
    data, scattering, form = [], [], []
    for medium in media:
        mu = photon_cross_sections(medium, E)
        S = _scattering_function(medium, x)
        given = _mean_share(E, S, x, cutoffs.follow_from)
        photo = np.where(cutoffs.follow_from < E, 0.0, mu.photoelectric)
        rows = {
            tables.TOTAL: mu.total * PER_CM,
            tables.KERMA: (photo + mu.incoherent * given) * PER_CM,
            tables.INCOHERENT: mu.incoherent / mu.total,
            tables.COHERENT: (mu.incoherent + mu.coherent) / mu.total,
            tables.PHOTOELECTRIC: (mu.incoherent + mu.coherent + mu.photoelectric) / mu.total,
        }
        data.append(np.stack([rows[column] for column in sorted(rows)], axis=1))
        scattering.append(S)
        F2 = np.sum([w / atomic_weight(Z) * form_factor(Z, np.sqrt(x2)) ** 2 for Z, w in medium.composition], axis=0)
        form.append([x2, np.concatenate([[0.0], np.cumsum(0.5 * (F2[1:] + F2[:-1]) * np.diff(x2))])])
    return tables.PhotonTables(
        log_first=float(np.log(E[0])),
        per_log=(E.size - 1) / float(np.log(E[-1] / E[0])),
        lowest=LOWEST,
        follow_from=cutoffs.follow_from,
        x_step=_X_STEP,
        data=np.array(data),
        scattering=np.array(scattering),
        form=np.ascontiguousarray(np.moveaxis(np.array(form), 1, 0)),
    )


def _scattering_function(medium: Material, x: Array) -> Array:
    """S(x) of the medium by its electrons: 0 forward, 1 where all electrons are as if free."""
    S = np.sum([w / atomic_weight(Z) * incoherent_scattering_function(Z, x) for Z, w in medium.composition], axis=0)
    return np.asarray(np.minimum(S / medium.electrons_per_gram, 1.0))


def _mean_share(E: Array, S: Array, x: Array, most: float) -> Array:
    """Share of the photon's energy that incoherent scattering gives to electrons of up to ``most``, on average."""
    t = _NODES + 1  # 1 - cos
    k = (E / ELECTRON_REST_ENERGY)[:, None]
    e = 1 / (1 + k * t)
    klein_nishina = e**2 * (e + 1 / e - t * (2 - t))
    sampled = np.interp(E[:, None] * _INVERSE_ANGSTROM_PER_MEV * np.sqrt(0.5 * t), x, S, right=1.0)
    density = klein_nishina * sampled * _WEIGHTS
    given = np.where(E[:, None] * (1 - e) <= most, 1 - e, 0.0)
    return np.asarray(np.sum(density * given, axis=1) / np.sum(density, axis=1))
