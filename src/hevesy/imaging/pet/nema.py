"""Count rates of a simulated scanner by NEMA NU 2: sensitivity, scatter fraction, noise-equivalent counts."""

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.imaging.pet.cylinder import POSITRONS_F18, from_scanner, line_source_share, pair_efficiency
from hevesy.imaging.pet.randoms import peak_dead_time, randoms_rate
from hevesy.imaging.pet.shell import Array, Origins, Pairs, Shell, coincident, isotropic, lines, shell_of
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.imaging.systems.plausibility_pet import PHANTOM_LENGTH, PHANTOM_OFFSET, PHANTOM_RADIUS, phantom_attenuation

PHANTOM_VOLUME = 22000.0  # ml, by the standard, to which concentrations refer
USED_RADIUS = 120.0  # mm; lines farther from the axis are left out
USED_HALF = 325.0  # mm; of longer scanners the 65 cm in the middle are used
STRIP = 20.0  # mm; counts within it of the line, above a straight line between its edges, are true
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
    """Rates of the scatter phantom per activity, without dead time, as NEMA NU 2 assigns them.

    Attributes
    ----------
    trues, scatters : float         [1/(s Bq)], lines within 120 mm of the axis and 325 mm of the middle.
    randoms : float                 The same [1/(s Bq2)].
    singles : float                 Of the whole scanner [1/(s Bq)].
    u_scatter_fraction : float      Standard uncertainty of the scatter fraction by the number of events [1].
    scattered : float               Share of the events whose photons did scatter in the phantom [1].
    multiple : float                Share of these whose photons scattered more than once in all [1].
    events : int
    sensitivity : Sensitivity       By solid angle and crystals alone.
    """

    trues: float
    scatters: float
    randoms: float
    singles: float
    u_scatter_fraction: float
    scattered: float
    multiple: float
    events: int
    sensitivity: Sensitivity

    @property
    def scatter_fraction(self) -> float:
        """Scattered over true and scattered [1]."""
        return self.scatters / (self.trues + self.scatters)

    def necr(self, activity: npt.ArrayLike, dead_time: float, *, k: float = 1.0) -> npt.NDArray[np.float64]:
        """Noise-equivalent count rate at an activity [Bq] in the phantom [1/s].

            NECR = T^2 / (T + S + k R) l,      l = exp(-N t)

        with the share l of the time in which neither side of the scanner is dead (paralysable, N its singles), k = 1 for
        randoms without noise of their own, 2 for delayed ones subtracted. Strother et al., IEEE TNS 1990;37:783.
        """
        A = np.asarray(activity, float)
        T, S, R = self.trues * A, self.scatters * A, self.randoms * A**2
        return np.asarray(T**2 / (T + S + k * R) * np.exp(-self.singles * A * dead_time))


def count_rates(scanner: PetScanner, *, decays: float = 2e6, seed: int, energy_fwhm: float | None = None) -> CountRates:
    """Play the scatter phantom photon by photon at low activity and read it as NEMA NU 2-2018, section 4, does.

    Parameters
    ----------
    decays : float              Of F-18, about.
    energy_fwhm : float         Energy resolution where the scanner's file has none [1].

    All rates are scaled by the published over the simulated sensitivity, singles by its root: what covers and electronics
    lose. Randoms are 2 tau S S of the singles counted in the crystals, known without noise. Neglected: intrinsic
    radioactivity of lutetium, and all that `coincident` neglects.
    """
    if scanner.coincidence_window is None:
        raise ScopeError(
            f"scanner {scanner.name} has no coincidence window; randoms cannot be predicted. Give it in your own file."
        )
    shell = shell_of(scanner, energy_fwhm=energy_fwhm)
    number = _whole(decays * POSITRONS_F18)
    body = (PHANTOM_RADIUS, PHANTOM_LENGTH, phantom_attenuation())
    played = coincident(shell, _line(PHANTOM_OFFSET, PHANTOM_LENGTH), number, seed=seed, body=body)
    profile, used = strip_profile(shell, played)
    fraction = strip_scatter(profile) / profile.sum()
    in_air = sensitivity(scanner, seed=seed, energy_fwhm=energy_fwhm)
    kept = 1.0 if scanner.sensitivity_centre is None else scanner.sensitivity_centre / in_air.value
    per_decay = kept * POSITRONS_F18 * used.sum() / number
    singles = played.singles * math.sqrt(kept) * POSITRONS_F18
    return CountRates(
        trues=per_decay * (1 - fraction),
        scatters=per_decay * fraction,
        randoms=used_randoms(shell, singles, scanner.coincidence_window),
        singles=float(singles.sum()),
        u_scatter_fraction=math.sqrt(fraction * (1 - fraction) / profile.sum()),
        scattered=float((played.scatters[used] > 0).mean()),
        multiple=float((played.scatters[used] > 1).sum() / max(1, (played.scatters[used] > 0).sum())),
        events=int(used.sum()),
        sensitivity=in_air,
    )


def strip_profile(shell: Shell, played: Pairs) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Counts by distance from the line source, all angles and planes together, in bins of 2 mm; and which events they hold.

    Oblique lines count in the plane of their middle (single-slice rebinning).
    """
    normal, s, z1, z2 = lines(shell, played.crystals)
    used = (np.abs(s) <= USED_RADIUS) & (np.abs(z1 + z2) / 2 <= USED_HALF)
    from_line = (s + PHANTOM_OFFSET * normal[:, 1])[used]
    half = USED_RADIUS + PHANTOM_OFFSET + _BIN
    bins = 2 * math.ceil(half / _BIN)
    return np.histogram(from_line, bins=bins, range=(-bins * _BIN / 2, bins * _BIN / 2))[0].astype(np.float64), used


def strip_scatter(profile: Array, width: float = _BIN) -> float:
    """Counts that NEMA NU 2 takes as scattered: outside the strip of 40 mm, and below the line between its edges within.

    Parameters
    ----------
    profile : array, shape (n,), n even     Counts by distance from the line source, which lies in the middle.
    width : float                           Of its bins [mm].

    The height at an edge is that of a straight line through the 12 mm about it.
    """
    x = (np.arange(profile.size) + 0.5) * width - profile.size * width / 2
    if x[-1] < STRIP + _FIT:
        raise InputError(f"the profile reaches {x[-1]:g} mm from the line; {STRIP + _FIT:g} mm are needed. Use a wider one.")
    inside = np.abs(x) < STRIP
    ends = []
    for edge in (-STRIP, STRIP):
        near = np.abs(x - edge) < _FIT
        ends.append(float(np.polyval(np.polyfit(x[near] - edge, profile[near], 1), 0.0)))
    return float(profile[~inside].sum()) + sum(ends) / 2 * int(inside.sum())


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
    dead_time = fitted_dead_time(scanner, rates, k=k)
    return float(rates.necr(float(scanner.peak_necr_concentration or 0.0) * PHANTOM_VOLUME, dead_time, k=k))


def fitted_dead_time(scanner: PetScanner, rates: CountRates, *, k: float = 1.0) -> float:
    """Dead time of the whole scanner's singles that puts the peak at the published concentration [s]; 0 where randoms do."""
    if scanner.peak_necr_concentration is None:
        raise ScopeError(f"scanner {scanner.name} has no published place of its peak; the dead time cannot be fitted.")
    from scipy.optimize import brentq

    peak = scanner.peak_necr_concentration * PHANTOM_VOLUME

    def slope(t: float) -> float:
        a = peak * np.array([0.999, 1.001])
        low, high = rates.necr(a, t, k=k)
        return float(high - low)

    return 0.0 if slope(0.0) <= 0 else float(brentq(slope, 0.0, 3 * peak_dead_time(rates.singles, peak)))


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
    dead_time = fitted_dead_time(scanner, rates)
    blocks = shell_of(scanner, energy_fwhm=energy_fwhm)
    number = blocks.per_ring * blocks.rings / math.prod(blocks.block)
    return {
        "sensitivity": in_air.value,
        "u_sensitivity": in_air.u,
        "scatter_fraction": rates.scatter_fraction,
        "u_scatter_fraction": rates.u_scatter_fraction,
        "scattered": rates.scattered,
        "multiple": rates.multiple,
        "peak_necr": peak_necr(scanner, rates),
        "dead_time_of_block": dead_time * number / 2,
        "randoms_over_trues_at_peak": rates.randoms / rates.trues * float(scanner.peak_necr_concentration or 0) * PHANTOM_VOLUME,
        "live_at_peak": math.exp(-rates.singles * float(scanner.peak_necr_concentration or 0) * PHANTOM_VOLUME * dead_time),
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
