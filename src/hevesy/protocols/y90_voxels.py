"""Y-90 radioembolisation voxel by voxel: dose from an image of where the spheres are."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.dose import DoseEngine, DoseMap, LocalDeposition, dose_at_volume
from hevesy.errors import DataError, InputError
from hevesy.model import Image, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.protocols.first_order import positive, share
from hevesy.protocols.y90_activity import NUCLIDE
from hevesy.units import ml

Mask = npt.NDArray[np.bool_]
SHARES = (0.98, 0.7, 0.5, 0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoxelRegion:
    """Dose of one region from a map.

    Attributes
    ----------
    mean : float                        [Gy].
    at_volume : tuple of float          D98, D70, D50 and D2 [Gy].
    share : float                       Share of the activity in the liver that lies in the region [1].
    """

    mean: float
    at_volume: tuple[float, ...]
    share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoxelPlan:
    """Dose map of radioembolisation, and the regions in it."""

    map: DoseMap
    regions: dict[str, VoxelRegion]
    remarks: tuple[str, ...]


def voxel_doses(
    distribution: Image,
    density: Image,
    *,
    liver: Mask,
    regions: Mapping[str, Mask],
    activity: float,
    lung_shunt: float,
    engine: DoseEngine | None = None,
) -> VoxelPlan:
    """Dose by voxel from the relative distribution of a Tc-99m MAA SPECT or a Y-90 PET.

        c_tilde(v) = A (1 - L) / lambda  I(v) / (sum_liver I V),   D = engine(c_tilde, rho)

    Parameters
    ----------
    distribution : Image                I, counts or Bq/ml at any time: only its shape enters. Not negative.
    density : Image                     rho on the same grid [g/ml].
    liver : mask                        All that holds spheres beside the lungs, tumour included; outside, I counts as 0.
    regions : mapping of masks          Whose dose is wanted: tumour, normal liver.
    activity : float                    A [Bq].
    lung_shunt : float                  L [1].
    engine : DoseEngine                 Local deposition by default, which holds for voxels of some mm: the blur of the image
                                        is larger than the range of the electrons.

    Neglected: that MAA is not spheres; the resolution of the image, which levels small tumours; the dose to the lungs.
    Spheres do not move: decay is physical. Reference: M. Weber et al., EANM guideline (2022), section on voxel dosimetry;
    engine: see :mod:`hevesy.dose`.

    Raises
    ------
    InputError, DataError
        Shapes that differ, an empty liver or region, voxels below zero.
    """
    positive(activity, "activity", "Bq")
    share(lung_shunt, "lung shunt")
    if distribution.quantity not in (Quantity.COUNTS, Quantity.ACTIVITY_CONCENTRATION):
        raise InputError(f"the distribution must hold counts or Bq/ml; got {distribution.quantity.value}.")
    for name, mask in {"liver": liver, **regions}.items():
        if mask.shape != distribution.grid.shape or not mask.any():
            raise InputError(f"{name}: a mask of {distribution.grid.shape} voxels with some in it is needed; got {mask.shape}.")
    inside = np.where(liver, distribution.values, 0).astype(np.float64)
    if inside.min() < 0:
        raise DataError(
            f"the distribution has voxels below zero in the liver, down to {inside.min():.3g}. Reconstruct without filters that "
            "do so, or set them to zero and say so."
        )
    total = float(inside.sum())
    if total <= 0:
        raise DataError("the distribution holds nothing in the liver. Check mask and image.")
    per_voxel = activity * (1 - lung_shunt) / load_nuclide(NUCLIDE).decay_constant / (distribution.grid.voxel_volume / ml)
    tia = Image(
        values=inside / total * per_voxel,
        grid=distribution.grid,
        quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION,
    )
    used = engine or LocalDeposition()
    found = used.absorbed_dose(tia, density, load_nuclide(NUCLIDE), regions=tuple(regions.values()))
    doses = {name: _region(found.dose.values, density.values, mask, inside / total) for name, mask in regions.items()}
    outside = 1 - total / float(np.sum(np.maximum(distribution.values, 0), dtype=np.float64))
    remarks = [*found.remarks, f"engine {used.name}; masses from the density image."]
    if outside > 0.01:
        remarks.append(f"{100 * outside:.1f} % of the image lies outside the liver mask and was left out.")
    return VoxelPlan(map=found, regions=doses, remarks=tuple(remarks))


def _region(
    dose: npt.NDArray[np.float64], density: npt.NDArray[np.float64], mask: Mask, fraction: npt.NDArray[np.float64]
) -> VoxelRegion:
    """Mean by mass: the energy in the region by its mass."""
    weight = density[mask].astype(np.float64)
    mean = float(np.average(dose[mask].astype(np.float64), weights=weight if weight.sum() > 0 else None))
    return VoxelRegion(
        mean=mean,
        at_volume=dose_at_volume(dose, mask.astype(np.float64), SHARES),
        share=float(fraction[mask].sum()),
    )
