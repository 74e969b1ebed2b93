"""Which energy window is the photopeak, and which lie beside it."""

from collections.abc import Sequence

from hevesy.errors import InputError
from hevesy.imaging.systems.photons import photon_lines
from hevesy.model import EnergyWindow
from hevesy.quantify.windows import WindowCounts, beside
from hevesy.units import keV


def photopeak(windows: Sequence[EnergyWindow], nuclide: str, *, stated: float | None, name: str) -> EnergyWindow:
    """The window that holds an energy that was stated, else the one about the strongest lines of the nuclide.

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
    elif len(windows) == 1:
        fitting = list(windows)
    else:
        strength = {w: _yield(w, nuclide) for w in windows}
        full = [w for w in windows if strength[w] > 0 and neighbours(w, windows)[0] is not None]
        fitting = full or [w for w in windows if strength[w] > 0]
    if len(fitting) != 1:
        raise InputError(
            f"{name}: which energy window is the photopeak? The file has {listed}; {len(fitting)} fit. State an energy in "
            "it, peak_keV "
            "under [reconstruction]."
        )
    return fitting[0]


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
