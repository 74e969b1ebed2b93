"""Energy windows: a peak with a narrow window on each side."""

from collections.abc import Sequence
from dataclasses import replace

from hevesy.errors import InputError
from hevesy.imaging.systems.photons import photon_lines
from hevesy.model import EnergyWindow
from hevesy.nuclides import radiations

PEAK, LOWER, UPPER = "Peak", "Lower", "Upper"
WIDTH, SIDE = 0.20, 0.06
# Lines that are imaged, where it is not the one with the highest yield above 60 keV [MeV].
_IMAGED = {"Lu-177": 0.2084, "In-111": 0.2454, "Ga-67": 0.1846, "Tl-201": 0.0708}
_LEAST_ENERGY = 0.06
_LEAST_YIELD, _NEAR, _SHOWN = 1e-3, 0.05, 8


def triple_windows(energy: float, *, width: float = WIDTH, side: float = SIDE) -> tuple[EnergyWindow, ...]:
    """Lower, peak and upper window about ``energy`` [MeV], next to each other.

    Parameters
    ----------
    width, side : float                 Of the peak and of each side window, by the energy of the line [1].

    Reference: Ogawa, Harata, Ichihara, Kubo, Hashimoto, IEEE Trans. Med. Imaging 10 (1991) 408.
    """
    if not (energy > 0 and 0 < width < 1 and 0 < side < 0.5):
        raise InputError(f"energy {energy} MeV, width {width}, side {side}: allowed are above 0, 0 to 1, 0 to 0.5.")
    keV = 1000 * energy
    low, high = keV * (1 - width / 2), keV * (1 + width / 2)
    return (
        EnergyWindow(name=PEAK, lower=round(low, 3), upper=round(high, 3)),
        EnergyWindow(name=LOWER, lower=round(low - side * keV, 3), upper=round(low, 3)),
        EnergyWindow(name=UPPER, lower=round(high, 3), upper=round(high + side * keV, 3)),
    )


def windows_about(energies: Sequence[float]) -> tuple[EnergyWindow, ...]:
    """Three windows about each of several lines [MeV], named by the line: "Peak 113"; of one line plainly "Peak".

    Raises
    ------
    InputError
        Photopeaks that overlap: their counts would not be independent.
    """
    if len(energies) == 1:
        return triple_windows(energies[0])
    made: list[EnergyWindow] = []
    for energy in energies:
        made += [replace(window, name=f"{window.name} {1000 * energy:.0f}") for window in triple_windows(energy)]
    peaks = sorted(made[::3], key=lambda window: window.lower)
    for low, high in zip(peaks[:-1], peaks[1:], strict=True):
        if low.upper > high.lower:
            raise InputError(
                f"the windows {low.name} and {high.name} overlap, {low.lower:g} to {low.upper:g} and {high.lower:g} to "
                f"{high.upper:g} keV; each line needs a window of its own. Choose lines further apart."
            )
    return tuple(made)


def line_near(nuclide: str, energy: float) -> float:
    """Energy of the line of a nuclide that is meant by about ``energy``, the strongest within 5 % [MeV].

    Raises
    ------
    InputError
        There is none of 0.1 % or more.
    """
    lines = [(float(y), float(e)) for e, y in zip(*photon_lines(nuclide), strict=True) if y >= _LEAST_YIELD]
    near = [(y, e) for y, e in lines if abs(e / energy - 1) <= _NEAR]
    if not near:
        strongest = sorted(e for _, e in sorted((line for line in lines if line[1] >= _LEAST_ENERGY), reverse=True)[:_SHOWN])
        raise InputError(
            f"{nuclide} has no line near {1000 * energy:g} keV; its strongest are at "
            f"{', '.join(f'{1000 * e:.0f}' for e in strongest)} keV. Choose among them."
        )
    return max(near)[1]


def imaged_energy(nuclide: str) -> float:
    """Energy of the line that a gamma camera images [MeV]: a named one, or that of the highest yield above 60 keV."""
    emitted = radiations(nuclide)
    if nuclide in _IMAGED:
        n = abs(emitted.photon_energy - _IMAGED[nuclide]).argmin()
        return float(emitted.photon_energy[n])
    pairs = [(y, e) for e, y in zip(emitted.photon_energy, emitted.photon_yield, strict=True) if e >= _LEAST_ENERGY]
    if not pairs or max(pairs)[0] < 1e-3:
        raise InputError(f"{nuclide} has no photon line above {1000 * _LEAST_ENERGY:g} keV of 0.1 % or more for a gamma camera.")
    return float(max(pairs)[1])
