"""Figures of NEMA NU 2 of a simulated scanner."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ScopeError
from hevesy.imaging.pet.cylinder import POSITRONS_F18, from_scanner, line_source_share, pair_efficiency
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.randoms import peak_dead_time, total_randoms
from hevesy.imaging.pet.rings import rings_of
from hevesy.imaging.pet.simulate import Detection, coincidences, detection_of
from hevesy.imaging.systems.pet_scanner import PetScanner

# Scatter phantom of NEMA NU 2: polyethylene, 203 mm across, 700 mm long, a line source 45 mm below the axis.
PHANTOM_DIAMETER, PHANTOM_LENGTH, SOURCE_OFFSET = 203.0, 700.0, 45.0
MU_POLYETHYLENE = 0.00925  # 1/mm at 511 keV for 0.96 g/ml
PHANTOM_VOLUME = math.pi * (PHANTOM_DIAMETER / 2) ** 2 * PHANTOM_LENGTH / 1000  # ml
USED_RADIUS = 120.0  # lines farther from the axis are left out by NEMA


def sensitivity_100mm(scanner: PetScanner) -> float:
    """Sensitivity for the line source 100 mm beside the axis, predicted from that on the axis [counts/(Bq s)].

    Lines at all azimuths through a place r from the axis pass it at s = r cos(azimuth); the shares are their mean.
    """
    cylinder, efficiency = from_scanner(scanner), pair_efficiency(scanner)
    azimuths = (np.arange(24) + 0.5) * math.pi / 24
    shares = [line_source_share(cylinder, scanner.sensitivity_line, 100 * abs(math.cos(a))) for a in azimuths]
    return float(np.mean(shares)) * efficiency * POSITRONS_F18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountRates:
    """Rates of the scatter phantom per activity, without dead time.

    Attributes
    ----------
    trues, scatters : float         [1/(s Bq)], lines within 120 mm of the axis.
    randoms : float                 [1/(s Bq2)].
    singles : float                 Of the whole scanner [1/(s Bq)].
    u_scatter_fraction : float      Standard uncertainty of the scatter fraction by the number of events [1].
    """

    trues: float
    scatters: float
    randoms: float
    singles: float
    u_scatter_fraction: float

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


def scatter_phantom(step: float = 9.0) -> tuple[Field, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Field, activity (1 Bq in all, z, y, x) and attenuation map of the scatter phantom; the line fills one voxel across."""
    n, length = 25, round(PHANTOM_LENGTH / 10)
    field = Field(shape=(n, n, length), side=step, thickness=10.0)
    x, y, _ = field.centres()
    disc = x**2 + y[:, None] ** 2 <= (PHANTOM_DIAMETER / 2) ** 2
    mu = np.where(disc, MU_POLYETHYLENE * math.pi * (PHANTOM_DIAMETER / 2) ** 2 / (disc.sum() * step**2), 0)
    activity = np.zeros((length, n, n), np.float32)
    activity[:, np.argmin(np.abs(y + SOURCE_OFFSET)), n // 2] = 1 / (length * field.voxel_volume)
    return field, activity, np.broadcast_to(mu, activity.shape).astype(np.float32)


def count_rates(scanner: PetScanner, *, decays: float = 2e6, seed: int, detection: Detection | None = None) -> CountRates:
    """Play the scatter phantom photon by photon at low activity.

    Parameters
    ----------
    decays : float              Of F-18, about.
    detection : Detection       Instead of the scanner's own, where its table lacks a figure.

    Randoms are 2 tau S S of the singles that the simulation counted in the crystals; scatter is known by its kind and not
    fitted from the tails as NEMA does. Neglected: intrinsic radioactivity of lutetium, scatter in the gantry.
    """
    if scanner.coincidence_window is None:
        raise ScopeError(
            f"scanner {scanner.name} has no coincidence window; randoms cannot be predicted. Give it in your own file."
        )
    detection = detection or detection_of(scanner, rings_of(scanner, mash=4, rings_as_one=4))
    field, activity, mu = scatter_phantom()
    found = coincidences(field, activity, mu, detection, duration=decays, seed=seed)
    ends = detection.rings.ends(found.events.pairs).astype(float)
    along = ends[:, 3:5] - ends[:, :2]
    off = np.abs(ends[:, 0] * along[:, 1] - ends[:, 1] * along[:, 0]) / np.hypot(along[:, 0], along[:, 1])
    inside = off <= USED_RADIUS
    trues = int((inside & (found.events.kind == 0)).sum())
    scatters = int((inside & (found.events.kind > 0)).sum())
    # crystal pairs are even in the angle between them: s = R cos(angle / 2)
    kept = 2 / math.pi * math.asin(USED_RADIUS / detection.rings.radius)
    randoms = total_randoms(detection.rings, found.singles / decays, scanner.coincidence_window) * kept
    share = scatters / max(1, trues + scatters)
    return CountRates(
        trues=trues / decays,
        scatters=scatters / decays,
        randoms=randoms,
        singles=float(found.singles.sum()) / decays,
        u_scatter_fraction=math.sqrt(share * (1 - share) / max(1, trues + scatters)),
    )


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
def figures(name: str, *, decays: float = 1e6, seed: int = 1, energy_fwhm: float | None = None) -> dict[str, Any]:
    """Figures of a scanner of the library by name: for tables and reference cases."""
    from hevesy.imaging.systems import pet_scanner

    scanner = pet_scanner(name)
    rings = rings_of(scanner, mash=4, rings_as_one=4)
    rates = count_rates(scanner, decays=decays, seed=seed, detection=detection_of(scanner, rings, energy_fwhm=energy_fwhm))
    return {
        "scatter_fraction": rates.scatter_fraction,
        "u_scatter_fraction": rates.u_scatter_fraction,
        "peak_necr": peak_necr(scanner, rates),
        "pair_efficiency": pair_efficiency(scanner),
        "sensitivity_100mm": sensitivity_100mm(scanner),
    }
