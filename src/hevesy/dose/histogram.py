"""Dose-volume histograms and the figures read from them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import DoseVolumeHistogram

Values = npt.NDArray[Any]


def _sorted(dose: Values, fraction: Values) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Doses in falling order and the share of the volume that receives at least each."""
    inside = fraction > 0
    if not inside.any():
        raise InputError("a dose-volume histogram needs a region with a volume on the dose grid.")
    d, f = dose[inside].astype(np.float64), fraction[inside].astype(np.float64)
    order = np.argsort(-d, kind="stable")
    volume = np.cumsum(f[order])
    return d[order], volume / volume[-1]


def dose_at_volume(dose: Values, fraction: Values, shares: tuple[float, ...]) -> tuple[float, ...]:
    """D_x: the dose that the hottest x of the volume receives at least, for each share x (0.98 for D98) [Gy].

        D_x = max{ d : V(d) >= x }

    ``dose`` [Gy] and ``fraction`` [1] are arrays of one shape; a voxel counts by its fraction, with one dose in it.
    Reference: ICRU Report 83, section 3.4.
    """
    d, volume = _sorted(dose, fraction)
    found = np.searchsorted(volume, np.array(shares) - 1e-12, side="left")
    return tuple(float(d[min(i, d.size - 1)]) for i in found)


def dose_volume_histogram(dose: Values, fraction: Values, *, bins: int = 200) -> DoseVolumeHistogram:
    """Cumulative histogram from 0 to the largest dose, ``bins`` + 1 points: V(d), the share that receives at least d."""
    d, volume = _sorted(dose, fraction)
    edges = np.linspace(0.0, max(float(d[0]), 1e-12), bins + 1)
    # d falls, so that the number of voxels with dose >= edge is found from the reversed order.
    count = d.size - np.searchsorted(d[::-1], edges, side="left")
    share = np.where(count > 0, volume[np.maximum(count, 1) - 1], 0.0)
    return DoseVolumeHistogram(dose=edges, volume=share)
