"""The images a dosimetry makes on the dose grid: density, corrected activity, time-integrated activity, dose."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.dose import engine
from hevesy.materials import density_from_hounsfield, hounsfield_remarks
from hevesy.model import Image, Quantity, Remark
from hevesy.model.result import Level
from hevesy.nuclides import Nuclide
from hevesy.protocols import voxel_map
from hevesy.protocols.alignment import AlignedPoint
from hevesy.protocols.case import Choices
from hevesy.protocols.regions import POINT_U, OutlinedRegion, Region
from hevesy.protocols.voxel_map import Shares
from hevesy.quantify import compartments, corrected, transfer_matrix
from hevesy.registration import resample
from hevesy.units import ml

# ICRP Publication 89: soft tissue of the adult, for where no CT tells the density [g/ml].
SOFT_TISSUE_DENSITY = 1.04


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """Mass density [g/ml] on the dose grid, and as fine as the CT has it; CT [HU] on the dose grid for pictures."""

    coarse: Image
    fine: Image
    ct: Image | None
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activity:
    """Activity concentration of each time point on the dose grid.

    ``own`` holds for each time point the activity of each region [Bq] as the correction for resolution attributes it,
    and is None where no correction was asked for.
    """

    images: tuple[Image, ...]
    own: tuple[dict[str, float], ...] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maps:
    """Time-integrated activity and absorbed dose by voxel."""

    density: Density
    tia: Image
    dose: Image
    activity: Activity
    shares: Shares
    remarks: tuple[Remark, ...]


def density_map(home: AlignedPoint, choices: Choices) -> Density:
    """Mass density from the reference CT, else the assumed one everywhere."""
    grid = home.activity.grid
    if home.point.ct is None:
        assumed = choices.density_without_ct
        value = SOFT_TISSUE_DENSITY if assumed is None else assumed
        origin = "ICRP 89 soft tissue, assumed" if assumed is None else "from the settings"
        values = np.full(grid.shape, value, dtype=np.float32)
        text = (
            f"no CT: mass density is {value} g/ml everywhere ({origin}). Lung doses would be four times too low, bone doses too "
            "high by up to a half; masses are volumes times this density."
        )
        flat = Image(values=values, grid=grid, quantity=Quantity.DENSITY)
        return Density(coarse=flat, fine=flat, ct=None, remarks=(Remark(level=Level.WARNING, text=text),))
    ct = home.point.ct
    fine = Image(values=density_from_hounsfield(ct.values), grid=ct.grid, quantity=Quantity.DENSITY)
    ratio = np.maximum(1, np.ceil(np.array(grid.spacing) / np.array(ct.grid.spacing) - 0.05)).astype(int)
    samples = (int(ratio[0]), int(ratio[1]), int(ratio[2]))
    return Density(
        coarse=resample(fine, grid, samples=samples),
        fine=fine,
        ct=resample(ct, grid),
        remarks=tuple(Remark(level=Level.NOTE, text=text) for text in hounsfield_remarks(ct.values)),
    )


def activity_maps(
    aligned: tuple[AlignedPoint, ...],
    outlines: tuple[OutlinedRegion, ...],
    shares: Shares,
    density: Density,
    choices: Choices,
) -> Activity:
    """The activity images as they are, or corrected for their resolution if that was asked for."""
    if choices.partial_volume == "none" or choices.resolution is None:
        return Activity(images=tuple(each.activity for each in aligned), own=None)
    grid = aligned[0].activity.grid
    parts = compartments(
        [(o.name, o.mask.box, shares.taken[o.name]) for o in outlines],
        shares.left,
        fwhm=choices.resolution,
        spacing=grid.spacing,
        density=None if density.ct is None else density.coarse.values,
    )
    G = transfer_matrix(parts)
    images, own = [], []
    for each in aligned:
        found = corrected(each.activity.values, parts, G)
        images.append(Image(values=found.values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION))
        own.append({name: total * grid.voxel_volume / ml for name, total in found.own.items()})
    return Activity(images=tuple(images), own=tuple(own))


def dose_maps(
    activity: Activity, times: npt.NDArray[np.float64], found: tuple[Region, ...], shares: Shares, density: Density, *,
    nuclide: Nuclide, choices: Choices,
) -> Maps:  # fmt: skip
    """Time-integrated activity voxel by voxel, and the engine's dose of it."""
    remarks: list[Remark] = []
    rest = voxel_map.remainder(
        activity.images, times, found, shares, decay_constant=nuclide.decay_constant,
        point_u=POINT_U if choices.point_u is None else choices.point_u,
    )  # fmt: skip
    for warning in rest.warnings:
        remarks.append(Remark(level=Level.NOTE, text=f"outside all regions the map follows a curve of its own: {warning}"))
    tia = voxel_map.time_integrated_activity_map(activity.images, times, found, shares, rest)
    dose = engine(choices.engine).absorbed_dose(tia, density.coarse, nuclide)
    remarks += [Remark(level=Level.WARNING, text=text) for text in dose.remarks]
    return Maps(density=density, tia=tia, dose=dose.dose, activity=activity, shares=shares, remarks=tuple(remarks))
