"""Standard uncertainty of a region's dose, term by term.

Terms follow Gear et al., Eur J Nucl Med Mol Imaging 2018;45:2456-2474; each is relative and k = 1.
"""

import math
from dataclasses import dataclass

import numpy as np

from hevesy.model import Image, Measured
from hevesy.protocols.case import Choices
from hevesy.protocols.regions import Region
from hevesy.quantify import Recovery, recovery
from hevesy.segmentation import surface_weight
from hevesy.units import g, ml, mm3

# Assumed where the settings do not say; each is printed in the report.
CALIBRATION_U = 0.05
RESOLUTION = 10.0  # mm
DENSITY_U_CT = 0.02
DENSITY_U_NO_CT = 0.05
# Of the correction for resolution: a resolution known to 10 % moves the correction by about 10 %; uptake that is not uniform and
# registration add as much again and more.
CORRECTION_U = 0.20


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Volume [mm3] and mass [kg] of a region, and how they, its activity and its dose change with its boundary.

    The sensitivities are relative, per mm by which the boundary moves outwards.
    """

    volume: Measured
    mass: Measured
    by_boundary_activity: float
    by_boundary_dose: float
    boundary_u: float


def geometry(
    region: Region,
    *,
    tia: Image,
    dose: Image,
    density: Image,
    mass: float,
    boundary_u: float,
    density_u: float,
) -> Geometry:
    """Integrals over the region and over its surface; ``mass`` [kg] is known better than from the dose grid."""
    box, fraction = region.mask.box, region.mask.fraction
    grown, surface = surface_weight(region.mask)
    voxel = region.mask.grid.voxel_volume

    def inside(values: np.ndarray) -> float:
        return float(np.sum(values[box] * fraction, dtype=np.float64)) * voxel

    def at_surface(values: np.ndarray) -> float:
        return float(np.sum(values[grown] * surface, dtype=np.float64)) * voxel

    volume = region.mask.volume
    area = float(np.sum(surface, dtype=np.float64)) * voxel
    mass_at_surface = at_surface(density.values) * g / ml
    activity, activity_at_surface = inside(tia.values), at_surface(tia.values)
    energy = float(np.sum(dose.values[box] * density.values[box] * fraction, dtype=np.float64)) * voxel
    energy_at_surface = float(np.sum(dose.values[grown] * density.values[grown] * surface, dtype=np.float64)) * voxel
    by_mass = mass_at_surface / mass
    return Geometry(
        volume=Measured(value=volume * mm3, u=area * boundary_u),
        mass=Measured(value=mass, u=mass * math.hypot(by_mass * boundary_u, density_u)),
        by_boundary_activity=activity_at_surface / activity if activity > 0 else 0.0,
        by_boundary_dose=(energy_at_surface / energy if energy > 0 else 0.0) - by_mass,
        boundary_u=boundary_u,
    )


def boundary_u(choices: Choices, *, drawn_on: tuple[float, float, float], by_ct: bool, resolution: float) -> float:
    """u of the place of a boundary: half the u of a diameter [mm].

        u(d)^2 = a^2 / 6 + FWHM^2 / (4 ln 2)        (Gear et al. 2018, outlining)

    with a the largest voxel side of the image it was drawn on and FWHM that image's resolution; for CT the second term
    is left out, as its resolution is that of its voxels.
    """
    if choices.boundary_u is not None:
        return choices.boundary_u
    a = max(drawn_on)
    blur = 0.0 if by_ct else resolution**2 / (4 * math.log(2))
    return math.sqrt(a * a / 6 + blur) / 2


def region_recovery(region: Region, tia: Image, taken_by_others: np.ndarray, *, resolution: float) -> Recovery:
    """Estimate how much of the region's activity the images show inside it, on a box with room for the blur."""
    spacing = tia.grid.spacing
    margin = [math.ceil(3 * resolution / side) for side in spacing[::-1]]
    box = tuple(
        slice(max(0, s.start - m), min(n, s.stop + m)) for s, m, n in zip(region.mask.box, margin, tia.grid.shape, strict=True)
    )
    fraction = np.zeros(tuple(s.stop - s.start for s in box), dtype=np.float32)
    inner = tuple(slice(s.start - b.start, s.stop - b.start) for s, b in zip(region.mask.box, box, strict=True))
    fraction[inner] = region.mask.fraction
    others = np.clip(taken_by_others[box] - fraction, 0, 1)
    return recovery(fraction, tia.values[box], others, fwhm=resolution, spacing=spacing)


def uncorrected_u(apparent: float) -> float:
    """Relative u of an activity that is not corrected for resolution.

    The truth lies between the measured value and measured / recovery; a rectangular distribution over that range, seen
    from the measured value, has a root mean square of |1/R - 1| / sqrt(3).
    """
    return abs(1 / max(apparent, 0.05) - 1) / math.sqrt(3)


def density_u(choices: Choices, *, has_ct: bool) -> float:
    """Relative u of mass density."""
    if choices.density_u is not None:
        return choices.density_u
    return DENSITY_U_CT if has_ct else DENSITY_U_NO_CT
