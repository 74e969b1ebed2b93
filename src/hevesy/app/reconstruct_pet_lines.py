"""What the lines of a PET bed position let through, and what else is counted on them."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.imaging.pet.lines import LineSet, transmission
from hevesy.imaging.pet.randoms import randoms_rate

Floats = npt.NDArray[np.float32]

OUTSIDE = 0.98  # transmission above which a line misses the body


def resolution_of(bed: Bed, settings: PetSettings) -> tuple[float, float]:
    """Transaxial and axial FWHM of the model [mm]."""
    return bed.detection.resolution if settings.response else (0.0, 0.0)


def transmitted(bed: Bed, pairs: npt.NDArray[Any]) -> Floats:
    """Share of each pair's photons that leave the body [1]."""
    if bed.mu is None:
        return np.ones(len(pairs), np.float32)
    lines = LineSet(ends=bed.rings.ends(pairs), offset=np.empty(0, np.float32), tof_fwhm=0.0)
    return transmission(bed.field, bed.mu, lines)


def off_axis(bed: Bed, pairs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Distance of each line from the axis [mm]: R cos(half the angle between its crystals)."""
    n = bed.rings.per_ring
    between = np.abs(pairs[:, 0] % n - pairs[:, 1] % n).astype(np.float64)
    return np.asarray(bed.rings.radius * np.abs(np.cos(math.pi * between / n)))


def random_rates(bed: Bed, pairs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Expected randoms of pairs [1/s]; crystals' efficiencies are in the singles."""
    s = bed.header.singles
    return randoms_rate(s[pairs[:, 0]], s[pairs[:, 1]], bed.header.coincidence_window)


def efficiency_of(bed: Bed, pairs: npt.NDArray[Any]) -> Any:
    """Normalisation of pairs [1]."""
    e = bed.header.crystal_efficiency
    return e[pairs].prod(axis=1) if e.size else np.float32(1)
