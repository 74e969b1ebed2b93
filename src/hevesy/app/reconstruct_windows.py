"""Which energy window is the photopeak, and which lie beside it."""

from collections.abc import Sequence

import numpy as np

from hevesy.errors import InputError
from hevesy.imaging.systems.photons import photon_lines
from hevesy.model import EnergyWindow, Projections
from hevesy.quantify.windows import WindowCounts, beside
from hevesy.units import keV

MINOR = 0.2  # of the best window's photons: a line weaker than that is not what was imaged
NEAR = 0.8  # of a limit: windows nearer than that were meant for the scatter
SAME_LIFE = 0.05
MOST_SCATTER = 0.9
LOWEST = 60.0  # keV: what is softer stays in body and camera


def photopeak(windows: Sequence[EnergyWindow], nuclide: str, *, stated: float | None, name: str) -> EnergyWindow:
    """The window that holds an energy that was stated, else the one about the strongest lines of the nuclide.

    A window is a photopeak's where its lines give at least a fifth of the photons of the best window; among those, one with
    a window just below it goes first.

    Parameters
    ----------
    stated : float or None              An energy inside the window [MeV].

    Raises
    ------
    InputError
        None fits, or several do.
    """
    listed = ", ".join(f"{w.name} {w.lower:g} to {w.upper:g} keV" for w in windows)
    if stated is not None:
        fitting = [w for w in windows if w.lower <= stated / keV <= w.upper]
    else:
        strength = {w: _yield(w, nuclide) for w in windows}
        strong = [w for w in windows if strength[w] > 0 and strength[w] >= MINOR * max(strength.values())]
        if not any(_yield(w, nuclide) >= MINOR * _strongest(nuclide) for w in strong):
            strong = []
        fitting = [w for w in strong if neighbours(w, windows)[0] is not None] or strong
    if len(fitting) != 1:
        why = "none holds a strong line of it" if not fitting else f"{len(fitting)} fit"
        raise InputError(
            f"{name}: which energy window is the photopeak of {nuclide}? The file has {listed}; {why}. State an energy in it, "
            "peak_keV under [reconstruction], or the right nuclide under [acquisition]."
            if stated is None
            else f"{name}: {stated / keV:g} keV lies in {len(fitting)} of the energy windows {listed}. State another peak_keV."
        )
    return fitting[0]


def check_apart(peaks: Sequence[EnergyWindow], name: str) -> None:
    """Several photopeaks make one likelihood only where no count is in two of them.

    Raises
    ------
    InputError
        Two energies lie in one window, or two windows overlap.
    """
    ordered = sorted(peaks, key=lambda w: w.lower)
    for low, high in zip(ordered[:-1], ordered[1:], strict=True):
        if low is high:
            raise InputError(
                f"{name}: two energies of peak_keV lie in one window, {low.lower:g} to {low.upper:g} keV; each peak needs a "
                "window of its own. State one energy for each window."
            )
        if low.upper > high.lower:
            raise InputError(
                f"{name}: the windows {low.lower:g} to {low.upper:g} and {high.lower:g} to {high.upper:g} keV overlap: counts "
                "would enter twice. State one of the two in peak_keV."
            )


def windows_remarks(
    projections: Projections, peak: EnergyWindow, nuclide: str, *, half_life: float | None, expected: float
) -> tuple[str, ...]:
    """What is odd about the photopeak, the windows beside it and the nuclide of the header.

    Parameters
    ----------
    half_life, expected : float         (0018,1075) and that of the nuclide [s].
    """
    said, windows = [], projections.windows
    if _yield(peak, nuclide) == 0:
        said.append(
            f"no line of {nuclide} lies well inside the photopeak window, {peak.lower:g} to {peak.upper:g} keV, as stated."
        )
    below, above = neighbours(peak, windows)
    close = [w for w in windows if w not in (peak, below, above) and w.upper > NEAR * peak.lower and w.lower < peak.upper / NEAR]
    if close and below is None:
        listed = ", ".join(f"{w.lower:g} to {w.upper:g}" for w in close)
        said.append(f"the windows {listed} keV do not touch the photopeak's, or overlap it; they were not used for the scatter.")
    share = _scatter_share(projections, peak, below, above)
    if share > MOST_SCATTER:
        said.append(
            f"the windows beside the photopeak make scatter of {100 * share:.0f} % of its counts: little of the "
            "photopeak is left. Is it the window that was meant? peak_keV under [reconstruction] chooses another."
        )
    if half_life and abs(half_life / expected - 1) > SAME_LIFE:
        said.append(
            f"(0018,1075) Radionuclide Half Life is {half_life:.4g} s, that of {nuclide} {expected:.4g} s, which was used. Check "
            "(0054,0300) Radionuclide Code Sequence."
        )
    return tuple(said)


def _scatter_share(projections: Projections, peak: EnergyWindow, below: EnergyWindow | None, above: EnergyWindow | None) -> float:
    """Of all counts in the photopeak, by the trapezoid of `hevesy.quantify.windows.triple_energy_window`."""
    total = float(projections.window(peak.name).sum(dtype=np.float64))
    if below is None or total <= 0:
        return 0.0
    beside = sum(float(projections.window(w.name).sum(dtype=np.float64)) / w.width for w in (below, above) if w is not None)
    return 0.5 * peak.width * beside / total


def _strongest(nuclide: str) -> float:
    """Photons per decay of the nuclide's strongest line that a camera can image."""
    lines = zip(*photon_lines(nuclide), strict=True)
    return max((float(y) for energy, y in lines if energy / keV >= LOWEST), default=0.0)


def _yield(window: EnergyWindow, nuclide: str) -> float:
    """Photons per decay of lines inside a window, without its outer tenths: scatter windows touch the peak's."""
    if not nuclide:
        return 0.0
    margin = 0.1 * window.width
    return sum(
        float(y)
        for energy, y in zip(*photon_lines(nuclide), strict=True)
        if window.lower + margin <= energy / keV <= window.upper - margin
    )


def neighbours(peak: EnergyWindow, windows: Sequence[EnergyWindow]) -> tuple[EnergyWindow | None, EnergyWindow | None]:
    """The windows just below and above the photopeak, None where there is none."""

    def counts(w: EnergyWindow) -> WindowCounts:
        return WindowCounts(lower=w.lower * keV, upper=w.upper * keV, counts=0)

    sides = {beside(counts(peak), counts(w)): w for w in windows if w is not peak}
    return sides.get(-1), sides.get(1)


def imaged_line(peak: EnergyWindow, nuclide: str) -> float:
    """Energy of the strongest line inside the photopeak window, else its middle [MeV]."""
    inside = [(float(y), float(e)) for e, y in zip(*photon_lines(nuclide), strict=True) if peak.lower <= e / keV <= peak.upper]
    return max(inside)[1] if inside else 0.5 * (peak.lower + peak.upper) * keV
