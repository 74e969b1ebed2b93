"""Scatter under a photopeak, estimated from the energy windows beside it."""

import math
from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.units import keV

# Windows of one set touch; their printed limits may be apart by this share of the peak's energy.
TOUCHING = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCounts:
    """Counts in one energy window.

    Attributes
    ----------
    lower, upper : float                Limits [MeV].
    counts : float                      [1]
    u : float or None                   Standard uncertainty; None is that of Poisson counts [1].
    """

    lower: float
    upper: float
    counts: float
    u: float | None = None

    def __post_init__(self) -> None:
        if not (0 < self.lower < self.upper < 3.0):
            raise InputError(
                f"energy window is {self.lower / keV:g} to {self.upper / keV:g} keV; limits must rise and lie between 0 and "
                "3000 keV."
            )
        if not (math.isfinite(self.counts) and self.counts >= 0):
            raise InputError(f"{self.said}: counts are {self.counts:g}; they cannot be below zero. Check the columns.")

    @property
    def width(self) -> float:
        """Upper less lower limit [MeV]."""
        return self.upper - self.lower

    @property
    def centre(self) -> float:
        """Middle of the window [MeV]."""
        return 0.5 * (self.lower + self.upper)

    @property
    def variance(self) -> float:
        """Of the counts [1]."""
        return self.counts if self.u is None else self.u**2

    @property
    def said(self) -> str:
        """For people."""
        return f"window {self.lower / keV:.1f} to {self.upper / keV:.1f} keV"


@dataclass(frozen=True, slots=True, kw_only=True)
class Separated:
    """Counts of a photopeak window: scattered, and not scattered in patient or camera [1]."""

    scatter: Measured
    primary: Measured


def beside(peak: WindowCounts, other: WindowCounts) -> int:
    """-1 where ``other`` touches ``peak`` from below, 1 from above, 0 elsewhere."""
    near = TOUCHING * peak.centre
    if abs(peak.lower - other.upper) <= near and other.lower < peak.lower:
        return -1
    return int(abs(other.lower - peak.upper) <= near and other.upper > peak.upper)


def triple_energy_window(peak: WindowCounts, lower: WindowCounts, upper: WindowCounts | None) -> Separated:
    """Scatter as the trapezoid below the line through the two scatter windows.

        C_s = (C_low / W_low + C_up / W_up) W_peak / 2,      C_p = C_peak - C_s
        u^2(C_s) = (W_peak / 2)^2 (u_low^2 / W_low^2 + u_up^2 / W_up^2),    u^2(C_p) = u_peak^2 + u^2(C_s)

    Parameters
    ----------
    peak, lower, upper : WindowCounts   Counts C in windows of width W. Without ``upper`` its counts are taken as zero, which
                                        is right only for the highest line of a nuclide.

    Neglected: septal penetration, spectra that are not straight across the peak. C_p may come out negative where there is
    next to no activity: the caller must judge it.
    Reference: Ogawa et al., IEEE Trans Med Imaging 1991;10:408-412.

    Raises
    ------
    InputError
        A window that does not touch the peak.
    """
    for other, side, name in ((lower, -1, "lower"), (upper, 1, "upper")):
        if other is not None and beside(peak, other) != side:
            raise InputError(
                f"triple energy window: the {name} {other.said} does not touch the peak's {peak.said}. "
                "Give the windows directly below and above the peak."
            )
    half = 0.5 * peak.width
    pair = [each for each in (lower, upper) if each is not None]
    scatter = half * sum(each.counts / each.width for each in pair)
    variance = half**2 * sum(each.variance / each.width**2 for each in pair)
    return Separated(
        scatter=Measured(value=scatter, u=math.sqrt(variance)),
        primary=Measured(value=peak.counts - scatter, u=math.sqrt(peak.variance + variance)),
    )
