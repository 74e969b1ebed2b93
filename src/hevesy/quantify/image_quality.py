"""Image quality of a PET by NEMA NU 2: contrast recovery, background variability, residual in the lung insert."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.quantify.background_regions import LARGEST, Background, disk, disk_mean
from hevesy.quantify.sphere_finding import Spheres

Array = npt.NDArray[Any]

LUNG_REGION = 30.0  # mm
LUNG_REACH = 50.0  # mm to both sides of the spheres: inside the insert, which is 180 mm long


@dataclass(frozen=True, slots=True, kw_only=True)
class SphereQuality:
    """Figures of one sphere: diameter [mm], whether it is cold, contrast recovery and background variability [1]."""

    diameter: float
    cold: bool
    contrast: float
    variability: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageQuality:
    """Figures of the whole phantom.

    Attributes
    ----------
    spheres : tuple of SphereQuality    From 37 to 10 mm.
    lung : ndarray, shape (slices,)     Residual in the lung insert by slice [1].
    background : float                  Mean of the sixty regions of 37 mm [unit of the image].
    noise : float                       Coefficient of variation of the pixels in them [1].
    """

    spheres: tuple[SphereQuality, ...]
    lung: npt.NDArray[np.float64]
    background: float
    noise: float


def image_quality(
    values: Array,
    spacing: tuple[float, float, float],
    *,
    spheres: Spheres,
    regions: Background,
    ratio: float,
    cold: tuple[float, ...] = (),
) -> ImageQuality:
    """Contrast, variability and lung residual.

        Q_H,j = (C_H,j / C_B,j - 1) / (a_H / a_B - 1),      Q_C,j = 1 - C_C,j / C_B,j
        N_j   = SD_j / C_B,j,    SD_j^2 = sum_k (C_B,j,k - C_B,j)^2 / (K - 1),    K = 60
        lung  = C_lung / C_B,37

    Parameters
    ----------
    values : array, shape (z, y, x)     The phantom, any unit that is proportional to activity concentration.
    spacing : (x, y, z)                 [mm].
    spheres, regions                    Where they lie.
    ratio : float                       a_H / a_B as filled [1].
    cold : tuple of float               Diameters without activity: (37, 28) in the edition of 2007, none in that of 2018.

    Spheres are read in circles of their inner diameter in the slice through the ring's middle, backgrounds in circles of
    the same diameter, twelve in each of five slices. C_B,j is the mean over the sixty.
    Reference: NEMA NU 2-2007 and NU 2-2018, section 7 (image quality, accuracy of corrections).
    """
    if not 1.0 < ratio <= 100:
        raise InputError(
            f"ratio of spheres to background is {ratio:g}; above 1, at most 100, is allowed. Use that of the filling."
        )
    sides = (spacing[0], spacing[1])
    plane = values[regions.slices[0]]
    found = []
    for diameter, centre in zip(spheres.diameters, spheres.centres, strict=True):
        means = np.array([disk_mean(values[k], c, float(diameter), sides) for k in regions.slices for c in regions.centres])
        around = float(means.mean())
        inside = disk_mean(plane, centre[:2], float(diameter), sides)
        is_cold = float(diameter) in cold
        contrast = 1 - inside / around if is_cold else (inside / around - 1) / (ratio - 1)
        found.append(
            SphereQuality(
                diameter=float(diameter), cold=is_cold, contrast=contrast, variability=float(means.std(ddof=1)) / around
            )
        )
    mean, noise = background_noise(values, spacing, regions)
    return ImageQuality(spheres=tuple(found), lung=_lung(values, spacing, spheres, mean), background=mean, noise=noise)


def background_noise(values: Array, spacing: tuple[float, float, float], regions: Background) -> tuple[float, float]:
    """Mean of the sixty regions of 37 mm [unit of the image], and the coefficient of variation of their pixels [1].

    COV = SD of the pixels / mean, over all regions together
    """
    pixels, means = [], []
    for k in regions.slices:
        for centre in regions.centres:
            where, w = disk(centre, LARGEST, (values.shape[1], values.shape[2]), (spacing[0], spacing[1]))
            part = values[k][where]
            means.append(float((part * w).sum() / w.sum()))
            pixels.append(part[w > 0.5])
    joined = np.concatenate(pixels)
    return float(np.mean(means)), float(joined.std(ddof=1) / joined.mean())


def _lung(values: Array, spacing: tuple[float, float, float], spheres: Spheres, background: float) -> npt.NDArray[np.float64]:
    x, y, z = spheres.middle
    slices = [k for k in range(values.shape[0]) if abs(k * spacing[2] - z) <= LUNG_REACH]
    return np.array([disk_mean(values[k], np.array([x, y]), LUNG_REGION, (spacing[0], spacing[1])) / background for k in slices])
