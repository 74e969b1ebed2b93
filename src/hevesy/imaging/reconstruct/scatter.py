"""Scatter in the photopeak window, estimated from windows beside it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM
from hevesy.model import Projections

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowScatter:
    """Scatter under the peak as a smoothed sum of the counts in windows beside it.

    Attributes
    ----------
    counts : tuple of ndarray           Of each scatter window, (views, rows, columns).
    weights : tuple of float            Of each window.
    sigma : (row, column)               Of the smoothing Gaussian [pixels].
    """

    counts: tuple[Floats, ...]
    weights: tuple[float, ...]
    sigma: tuple[float, float]

    def estimate(self) -> Floats:
        """Expected scatter in the peak, (views, rows, columns)."""
        total = np.zeros(self.counts[0].shape, np.float32)
        for counts, weight in zip(self.counts, self.weights, strict=True):
            total += np.float32(weight) * counts
        return np.maximum(self._smoothed(total), 0)

    def covariance(self, gradients: list[Floats]) -> npt.NDArray[np.float64]:
        """Of numbers with these derivatives by the estimate: from the Poisson noise of the scatter windows."""
        back = [self._smoothed(g) for g in gradients]
        found = np.zeros((len(back), len(back)))
        for counts, weight in zip(self.counts, self.weights, strict=True):
            smooth = self._smoothed(counts)
            for i, a in enumerate(back):
                for j, b in enumerate(back[: i + 1]):
                    found[i, j] += weight**2 * float(np.sum(a * b * smooth, dtype=np.float64))
        return np.tril(found) + np.tril(found, -1).T

    def _smoothed(self, counts: Floats) -> Floats:
        from scipy.ndimage import gaussian_filter

        smooth: Floats = gaussian_filter(counts, (0.0, *self.sigma), mode="reflect")
        return smooth


def window_scatter(projections: Projections, peak: str, beside: tuple[str, ...], *, fwhm: float) -> WindowScatter:
    """Triple energy windows: a trapezium under the peak between the densities of counts on its two sides.

        S = (C_lower / w_lower + C_upper / w_upper) w_peak / 2

    (Ogawa et al., IEEE Trans. Med. Imaging 10 (1991) 408.)  With one window below the peak the other side is taken
    as nothing, the triangle of a single line.  Smoothed by a Gaussian of ``fwhm`` [mm] in each view, because the narrow
    windows count little and scatter varies slowly.

    Parameters
    ----------
    peak : str                          Name of the photopeak window.
    beside : tuple of str               Names of one or two windows, each on one side.
    fwhm : float                        [mm]; 0 for none.
    """
    windows = {w.name: w for w in projections.windows}
    projections.window(peak)
    if not 1 <= len(beside) <= 2:
        raise InputError(f"{len(beside)} scatter windows; allowed are one or two beside the peak {peak}.")
    sides = []
    for name in beside:
        projections.window(name)
        sides.append(windows[name].upper + windows[name].lower > windows[peak].upper + windows[peak].lower)
    if len(beside) == 2 and sides[0] == sides[1]:
        raise InputError(f"scatter windows {beside} lie on one side of {peak}. Name one below and one above.")
    if beside == (beside[0],) and sides[0]:
        raise InputError(f"the only scatter window {beside[0]} lies above {peak}. Name the one below.")
    weights = tuple(windows[peak].width / (2 * windows[name].width) for name in beside)
    row, column = projections.pixel
    sigma = fwhm * SIGMA_PER_FWHM
    return WindowScatter(
        counts=tuple(projections.window(name) for name in beside), weights=weights, sigma=(sigma / row, sigma / column)
    )
