"""Recovery coefficients of the spheres of an IEC phantom, and the bands of the EANM's accreditation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model import Grid
from hevesy.quantify.quality import Criterion, Limit
from hevesy.quantify.sphere_finding import Spheres
from hevesy.quantify.uptake import peak_mean
from hevesy.tables import dated_rows

Array = npt.NDArray[Any]

STANDARDS = ("earl-1", "earl-2")
METRICS = ("mean", "max", "peak")
REACH = 10.0  # mm beyond the sphere in which its brightest voxel and its contour may lie


@dataclass(frozen=True, slots=True, kw_only=True)
class SphereRecovery:
    """Recovery of one sphere [1]; ``voxels`` is the size of the contour, ``diameter`` the inner one [mm]."""

    diameter: float
    mean: float
    max: float
    peak: float
    voxels: int


def recovery_coefficients(
    values: Array, grid: Grid, *, spheres: Spheres, background: float, true: float
) -> tuple[SphereRecovery, ...]:
    """Recovery by mean in the contour A50, by the highest voxel and by the highest mean in 1 ml.

        contour:  connected voxels above  B + (max - B) / 2  around the highest voxel
        RC = measured concentration / concentration as filled

    Parameters
    ----------
    values : array, shape (z, y, x)     [Bq/ml].
    grid : Grid
    spheres : Spheres
    background : float                  B, mean of the background regions of the same image [Bq/ml].
    true : float                        Concentration in the spheres as filled, at the time of the values [Bq/ml].

    Neglected: that the highest voxel of a noisy image is too high.
    Reference: EARL accreditation manual; A. Kaalep et al., Eur J Nucl Med Mol Imaging 2018;45:1344-1361.

    Raises
    ------
    DataError
        A sphere does not stand out from the background.
    """
    if not (np.isfinite(true) and true > 0):
        raise InputError(f"concentration in the spheres is {true:g} Bq/ml; it must be above zero.")
    return tuple(
        _sphere(values, grid, float(d), c, (background, true)) for d, c in zip(spheres.diameters, spheres.centres, strict=True)
    )


def _sphere(values: Array, grid: Grid, diameter: float, centre: Array, levels: tuple[float, float]) -> SphereRecovery:
    from scipy.ndimage import label

    background, true = levels
    reach, steps = diameter / 2 + REACH, np.array(grid.spacing)
    low = np.maximum(np.floor((centre - reach) / steps).astype(int), 0)
    high = np.minimum(np.ceil((centre + reach) / steps).astype(int) + 1, values.shape[::-1])
    box = (slice(int(low[2]), int(high[2])), slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    x, y, z = (np.arange(a, b) * s - c for a, b, s, c in zip(low, high, steps, centre, strict=True))
    ball = z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None, :] ** 2 <= reach**2
    part = np.where(ball, values[box], -np.inf)
    top = float(part.max())
    if not top > background:
        raise DataError(
            f"the {diameter:.0f} mm sphere has a maximum of {top:.4g} Bq/ml, not above the background of {background:.4g}. "
            "Recovery needs hot spheres."
        )
    parts, _ = label(part >= background + 0.5 * (top - background))
    inside = parts == parts[np.unravel_index(int(np.argmax(part)), part.shape)]
    peak, _ = peak_mean(values, ball, box, grid)
    if peak is None:
        raise DataError(f"the {diameter:.0f} mm sphere lies at the border of the image. Include more of the phantom.")
    return SphereRecovery(
        diameter=diameter,
        mean=float(part[inside].mean()) / true,
        max=top / true,
        peak=peak / true,
        voxels=int(inside.sum()),
    )


def earl_bands(standard: str) -> dict[tuple[str, float], Limit]:
    """Bands by metric ("mean", "max", "peak") and diameter [mm] of "earl-1" or "earl-2".

    Edition 1 has no band for the peak.
    """
    if standard not in STANDARDS:
        raise InputError(f"standard {standard!r}: bands are known for {', '.join(STANDARDS)}.")
    return {
        (row["metric"], row.number("diameter_mm")): Limit(
            low=row.number("low"), high=row.number("high"), source=row.citation, verified=row.verified
        )
        for row in dated_rows("hevesy.quantify", "recovery_bands", keys=("standard", "metric", "diameter_mm"))
        if row["standard"] == standard
    }


def earl_criteria(found: tuple[SphereRecovery, ...], standard: str) -> tuple[Criterion, ...]:
    """A criterion for each sphere and metric of which the standard has a band."""
    bands = earl_bands(standard)
    by_size = {s.diameter: s for s in found}
    if missing := sorted({d for _, d in bands} - set(by_size), reverse=True):
        raise InputError(f"{standard} needs spheres of {', '.join(f'{d:g}' for d in missing)} mm, too. State all six.")
    return tuple(
        Criterion(name=f"RC{metric} {diameter:.0f} mm", value=getattr(by_size[diameter], metric), limit=limit)
        for (metric, diameter), limit in bands.items()
    )
