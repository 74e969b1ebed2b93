"""Count rates of a simulated scanner by NEMA NU 2: sensitivity, scatter fraction, noise-equivalent counts."""

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.imaging.pet.cylinder import POSITRONS_F18, from_scanner, line_source_share, pair_efficiency
from hevesy.imaging.pet.pile_up import TRIGGER, PileUp, longest_integration
from hevesy.imaging.pet.randoms import randoms_rate
from hevesy.imaging.pet.shell import Array, Ints, Origins, Shell, coincident, deposits, isotropic, lines, shell_of
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.imaging.systems.plausibility_pet import PHANTOM_LENGTH, PHANTOM_OFFSET, PHANTOM_RADIUS, phantom_attenuation

PHANTOM_VOLUME = 22000.0  # ml, by the standard, to which concentrations refer
USED_RADIUS = 120.0  # mm; lines farther from the axis are left out
USED_HALF = 325.0  # mm; of longer scanners the 65 cm in the middle are used
STRIP = 20.0  # mm; counts within it of the line, above a straight line between its edges, are true
LOADS = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8])
_BIN = 2.0  # mm
_FIT = 6.0  # mm; to either side of an edge, for its height


def sensitivity_100mm(scanner: PetScanner) -> float:
    """Sensitivity for the line source 100 mm beside the axis, predicted from that on the axis [counts/(Bq s)].

    Lines at all azimuths through a place r from the axis pass it at s = r cos(azimuth); the shares are their mean.
    """
    cylinder, efficiency = from_scanner(scanner), pair_efficiency(scanner)
    azimuths = (np.arange(24) + 0.5) * math.pi / 24
    shares = [line_source_share(cylinder, scanner.sensitivity_line, 100 * abs(math.cos(a))) for a in azimuths]
    return float(np.mean(shares)) * efficiency * POSITRONS_F18


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Of a line source in air on the axis, by solid angle and crystals alone [counts/(Bq s)]; u by the number of events."""

    value: float
    u: float


def sensitivity(scanner: PetScanner, *, decays: float = 2e5, seed: int, energy_fwhm: float | None = None) -> Sensitivity:
    """NEMA sensitivity on the axis from the crystals photon by photon; nothing of it is fitted.

    Parameters
    ----------
    decays : float              Of F-18 within the field of view, about.

    Neglected: covers, couch and electronics: the figure is what crystals and blocks can do.
    """
    shell = shell_of(scanner, energy_fwhm=energy_fwhm)
    seen = min(scanner.sensitivity_line, shell.length)
    number = _whole(decays * POSITRONS_F18)
    found = len(coincident(shell, _line(0.0, seen), number, seed=seed).crystals)
    share = found / number
    scale = POSITRONS_F18 * seen / scanner.sensitivity_line
    return Sensitivity(value=share * scale, u=math.sqrt(share * (1 - share) / number) * scale)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountRates:
    """Rates of the scatter phantom per activity as NEMA NU 2 assigns them, by load.

    Attributes
    ----------
    load : array, shape (n,)        Further photons that a unit meets on the mean while it integrates, from 0 on [1].
    trues, scatters : array, shape (n,)     [1/(s Bq)], lines within 120 mm of the axis and 325 mm of the middle.
    randoms : array, shape (n,)     The same [1/(s Bq2)].
    singles : float                 Counted in the whole scanner without load [1/(s Bq)].
    photons : float                 That leave energy in one unit, on the mean [1/(s Bq)].
    integration : float             Longest time over which a unit may add photons up [s].
    u_scatter_fraction : float      Standard uncertainty of the scatter fraction by the number of events [1].
    scattered : float               Share of the events whose photons did scatter in the phantom, without load [1].
    multiple : float                Share of these whose photons scattered more than once in all [1].
    events : int
    sensitivity : Sensitivity       By solid angle and crystals alone.
    """

    load: Array
    trues: Array
    scatters: Array
    randoms: Array
    singles: float
    photons: float
    integration: float
    u_scatter_fraction: float
    scattered: float
    multiple: float
    events: int
    sensitivity: Sensitivity

    def scatter_fraction(self, activity: float = 0.0, dead_time: float = 0.0) -> float:
        """Scattered over true and scattered at an activity [Bq] and dead time of a block [s] [1]."""
        T, S, _ = self.at(activity, dead_time)
        return float(S / (T + S))

    def at(self, activity: npt.ArrayLike, dead_time: float) -> tuple[Array, Array, Array]:
        """True, scattered [1/(s Bq)] and random [1/(s Bq2)] coincidences at an activity [Bq] and dead time of a block [s].

        Photons are added up in no more than the integration time; what a dead time exceeds it by only loses them, one
        before and one after each: exp(-4 load) of pairs. Straight lines through the logarithms of what was simulated at each
        load, beyond the last as on the last stretch.
        """
        met = np.asarray(activity, float) * self.photons
        x = met * min(dead_time, self.integration)
        lost = 4 * met * max(0.0, dead_time - self.integration)
        low = np.clip(np.searchsorted(self.load, x, side="right") - 1, 0, self.load.size - 2)
        share = (x - self.load[low]) / (self.load[low + 1] - self.load[low])
        logs = [np.log(np.maximum(rate, 1e-300)) for rate in (self.trues, self.scatters, self.randoms)]
        true, scattered, random = (np.exp(log[low] + share * (log[low + 1] - log[low]) - lost) for log in logs)
        return np.asarray(true), np.asarray(scattered), np.asarray(random)

    def necr(self, activity: npt.ArrayLike, dead_time: float, *, k: float = 1.0) -> Array:
        """Noise-equivalent count rate at an activity [Bq] in the phantom [1/s].

            NECR = T^2 / (T + S + k R)

        k = 1 for randoms without noise of their own, 2 for delayed ones subtracted. Strother et al., IEEE TNS 1990;37:783.
        """
        A = np.asarray(activity, float)
        T, S, R = self.at(A, dead_time)
        return np.asarray(A * T**2 / (T + S + k * R * A))


def count_rates(scanner: PetScanner, *, decays: float = 2e6, seed: int, energy_fwhm: float | None = None) -> CountRates:
    """Play the scatter phantom photon by photon and read it as NEMA NU 2-2018, section 4, does, at loads up to 0.8.

    Parameters
    ----------
    decays : float              Of F-18, about.
    energy_fwhm : float         Energy resolution where the scanner's file has none [1].

    All rates are scaled by the published over the simulated sensitivity, singles by its root: what covers and electronics
    lose. Randoms are 2 tau S S of the singles counted in the crystals, known without noise. Neglected: intrinsic
    radioactivity of lutetium, and all that `deposits` and `PileUp` neglect.
    """
    if scanner.coincidence_window is None:
        raise ScopeError(
            f"scanner {scanner.name} has no coincidence window; randoms cannot be predicted. Give it in your own file."
        )
    shell = shell_of(scanner, energy_fwhm=energy_fwhm)
    number = _whole(decays * POSITRONS_F18)
    body = (PHANTOM_RADIUS, PHANTOM_LENGTH, phantom_attenuation())
    played = deposits(shell, _line(PHANTOM_OFFSET, PHANTOM_LENGTH), number, seed=seed, body=body, least=TRIGGER)
    in_air = sensitivity(scanner, seed=seed, energy_fwhm=energy_fwhm)
    kept = 1.0 if scanner.sensitivity_centre is None else scanner.sensitivity_centre / in_air.value
    piled = PileUp(shell, played, seed=seed)
    ways = piled.pairs()
    from_line, used = beside_line(shell, ways.crystals)
    profiles = [line_profile(from_line[used], ways.weights(load)[used]) for load in LOADS]
    totals = np.array([profile.sum() for profile in profiles])
    fractions = np.array([strip_scatter(profile) for profile in profiles]) / totals
    per_decay = kept * POSITRONS_F18 * totals / number
    singles = piled.singles(LOADS) * math.sqrt(kept) * POSITRONS_F18
    without = used & (ways.others.sum(axis=1) == 0)
    events, facing = int(without.sum()), piled.facing(USED_RADIUS)
    return CountRates(
        load=LOADS,
        trues=per_decay * (1 - fractions),
        scatters=per_decay * fractions,
        randoms=facing * np.array([used_randoms(shell, one, scanner.coincidence_window) for one in singles]),
        singles=float(singles[0].sum()),
        photons=piled.photons * math.sqrt(kept) * POSITRONS_F18,
        integration=longest_integration(shell.material),
        u_scatter_fraction=_scatter_uncertainty(profiles[0]),
        scattered=float((ways.scatters[without] > 0).mean()),
        multiple=float((ways.scatters[without] > 1).sum() / max(1, (ways.scatters[without] > 0).sum())),
        events=events,
        sensitivity=in_air,
    )


def beside_line(shell: Shell, crystals: Ints) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Distance of lines from the line source [mm], and which of them are used.

    Oblique lines count in the plane of their middle (single-slice rebinning).
    """
    normal, s, z1, z2 = lines(shell, crystals)
    used = (np.abs(s) <= USED_RADIUS) & (np.abs(z1 + z2) / 2 <= USED_HALF)
    return s + PHANTOM_OFFSET * normal[:, 1], used


def line_profile(from_line: Array, weights: Array) -> Array:
    """Counts by distance from the line source, all angles and planes together, in bins of 2 mm."""
    half = USED_RADIUS + PHANTOM_OFFSET + _BIN
    bins = 2 * math.ceil(half / _BIN)
    return np.histogram(from_line, bins=bins, range=(-bins * _BIN / 2, bins * _BIN / 2), weights=weights)[0]


def strip_scatter(profile: Array, width: float = _BIN) -> float:
    """Counts that NEMA NU 2 takes as scattered: outside the strip of 40 mm, and below the line between its edges within.

    Parameters
    ----------
    profile : array, shape (n,), n even     Counts by distance from the line source, which lies in the middle.
    width : float                           Of its bins [mm].

    The height at an edge is that of a straight line through the 12 mm about it.
    """
    return float(profile @ _strip_weights(profile.size, width))


def _scatter_uncertainty(profile: Array) -> float:
    """Standard uncertainty of the share of scattered counts in a profile of Poisson's numbers [1]."""
    weights, total = _strip_weights(profile.size, _BIN), float(profile.sum())
    share = float(profile @ weights) / total
    return math.sqrt(float(profile @ (weights - share) ** 2)) / total


@cache
def _strip_weights(size: int, width: float) -> Array:
    """What each bin of a profile adds to the scattered counts."""
    x = (np.arange(size) + 0.5) * width - size * width / 2
    if x[-1] < STRIP + _FIT:
        raise InputError(f"the profile reaches {x[-1]:g} mm from the line; {STRIP + _FIT:g} mm are needed. Use a wider one.")
    inside = np.abs(x) < STRIP
    weights = np.where(inside, 0.0, 1.0)
    for edge in (-STRIP, STRIP):
        near = np.flatnonzero(np.abs(x - edge) < _FIT)
        line = np.stack([np.ones(near.size), x[near] - edge], axis=1)
        weights[near] += np.linalg.pinv(line)[0] * (int(inside.sum()) / 2)
    weights.flags.writeable = False
    return weights


def used_randoms(shell: Shell, singles: Array, window: float) -> float:
    """Random coincidences within 120 mm of the axis and 325 mm of the middle [1/s], by the singles of each ring [1/s].

    Pairs of crystals of a ring are even in the angle between them: the share within s is (2/pi) asin(s / R).
    """
    z = (np.arange(shell.rings) - (shell.rings - 1) / 2) * shell.pitch
    accepted = (np.abs(z[:, None] - z) <= shell.span) & (np.abs(z[:, None] + z) / 2 <= USED_HALF)
    pairs = float(singles @ accepted @ singles) / 2
    return float(randoms_rate(pairs, 1.0, window)) * 2 / math.pi * math.asin(USED_RADIUS / shell.mean_radius)


def peak_necr(scanner: PetScanner, rates: CountRates, *, k: float = 1.0) -> float:
    """Height of the peak [1/s] with the dead time that puts it at the published concentration.

    The dead time is the one thing fitted; the height is predicted.
    """
    dead_time = block_dead_time(scanner, rates, k=k)
    return float(rates.necr(float(scanner.peak_necr_concentration or 0.0) * PHANTOM_VOLUME, dead_time, k=k))


def block_dead_time(scanner: PetScanner, rates: CountRates, *, k: float = 1.0) -> float:
    """Dead time of a block that puts the peak at the published concentration [s]; 0 where randoms alone do."""
    if scanner.peak_necr_concentration is None:
        raise ScopeError(f"scanner {scanner.name} has no published place of its peak; the dead time cannot be fitted.")
    from scipy.optimize import brentq

    peak = scanner.peak_necr_concentration * PHANTOM_VOLUME

    def slope(load: float) -> float:
        low, high = rates.necr(peak * np.array([0.97, 1.03]), load / (rates.photons * peak), k=k)
        return float(high - low)

    if slope(0.0) <= 0:
        return 0.0
    return float(brentq(slope, 0.0, float(rates.load[-1]))) / (rates.photons * peak)


def fitted_dead_time(scanner: PetScanner, rates: CountRates, *, k: float = 1.0) -> float:
    """Dead time t of the whole scanner's singles N that gives the share of trues at the published peak [s].

    T(peak) / T(0) = exp(-N t)
    """
    dead_time = block_dead_time(scanner, rates, k=k)
    peak = float(scanner.peak_necr_concentration or 0.0) * PHANTOM_VOLUME
    return -math.log(float(rates.at(peak, dead_time)[0]) / float(rates.trues[0])) / (rates.singles * peak)


@cache
def figures(
    name: str, *, decays: float = 1e6, seed: int = 1, energy_fwhm: float | None = None, window: float | None = None
) -> dict[str, Any]:
    """Figures of a scanner of the library by name, for tables and reference cases; ``window`` is +-tau where it has none [s]."""
    from hevesy.imaging.systems import pet_scanner

    scanner = pet_scanner(name)
    if window is not None:
        scanner = replace(scanner, coincidence_window=window)
    rates = count_rates(scanner, decays=decays, seed=seed, energy_fwhm=energy_fwhm)
    in_air = rates.sensitivity
    dead_time = block_dead_time(scanner, rates)
    peak = float(scanner.peak_necr_concentration or 0) * PHANTOM_VOLUME
    true, _, random = rates.at(peak, dead_time)
    return {
        "sensitivity": in_air.value,
        "u_sensitivity": in_air.u,
        "scatter_fraction": rates.scatter_fraction(peak, dead_time),
        "scatter_fraction_without_load": rates.scatter_fraction(),
        "u_scatter_fraction": rates.u_scatter_fraction,
        "scattered": rates.scattered,
        "multiple": rates.multiple,
        "peak_necr": peak_necr(scanner, rates),
        "dead_time_of_block": dead_time,
        "load_at_peak": dead_time * rates.photons * peak,
        "randoms_over_trues_at_peak": float(random / true) * peak,
        "live_at_peak": float(true / rates.trues[0]),
    }


def _line(offset: float, length: float) -> Origins:
    """Annihilations on a line parallel to the axis, ``offset`` below it."""

    def origins(rng: np.random.Generator, number: int) -> tuple[Array, Array]:
        places = np.zeros((number, 3))
        places[:, 1], places[:, 2] = -offset, rng.uniform(-length / 2, length / 2, number)
        return places, isotropic(rng, number)

    return origins


def _whole(number: float) -> int:
    if not 1000 <= number <= 1e10:
        raise DataError(f"{number:g} annihilations are asked for; 1000 to 1e10 make a simulation. Give another number of decays.")
    return round(number)
