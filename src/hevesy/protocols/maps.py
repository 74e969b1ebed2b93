"""The images a dosimetry makes on the dose grid: density, corrected activity, time-integrated activity, dose."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.dose import DoseEngine, DoseMap, EngineSettings, engine
from hevesy.materials import density_from_hounsfield, hounsfield_remarks
from hevesy.model import Grid, Image, Quantity, Remark
from hevesy.model.result import Level
from hevesy.nuclides import Nuclide
from hevesy.protocols import voxel_map
from hevesy.protocols.alignment import AlignedPoint
from hevesy.protocols.case import Choices
from hevesy.protocols.regions import POINT_U, OutlinedRegion, Region
from hevesy.protocols.voxel_map import Shares
from hevesy.quantify import (
    Corrected,
    RecoveryCurve,
    compartments,
    corrected,
    recovery_at,
    richardson_lucy,
    transfer_matrix,
)
from hevesy.registration import resample
from hevesy.units import ml

# ICRP Publication 89: soft tissue of the adult, for where no CT tells the density [g/ml].
SOFT_TISSUE_DENSITY = 1.04

# Statistical u of a voxel's dose from Monte Carlo: as root mean square over each region, by its mean dose. A histogram of
# doses that spread by 30 % is then wider by a twentieth at most.
VOXEL_U = 0.1


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

    ``corrected`` holds for each time point what a correction for resolution by compartments attributes to each region;
    None without one. ``is_corrected`` says whether ``images`` were corrected in any way.
    """

    images: tuple[Image, ...]
    corrected: tuple[Corrected, ...] | None
    is_corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maps:
    """Time-integrated activity and absorbed dose by voxel.

    ``statistical_u``: relative u of each region's mean dose from an engine with chance; empty without.
    ``local_energy``: energy per decay that stays near the decay [MeV]; ``decay_constant``: of the nuclide [1/s].
    """

    density: Density
    tia: Image
    tia_u: Image | None
    voxel_status: Image | None
    dose: Image
    dose_u: Image | None
    statistical_u: dict[str, float]
    local_energy: float
    decay_constant: float
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
    grid = aligned[0].activity.grid
    if choices.partial_volume == "recovery-curve" and choices.recovery_curve is not None:
        factor = _by_recovery(outlines, shares, choices.recovery_curve)
        return _voxelwise(tuple(each.activity.values * factor for each in aligned), grid)
    if choices.partial_volume == "richardson-lucy" and choices.resolution is not None:
        fwhm, n = choices.resolution, choices.iterations
        return _voxelwise(
            tuple(richardson_lucy(each.activity.values, fwhm=fwhm, spacing=grid.spacing, iterations=n) for each in aligned), grid
        )
    if choices.partial_volume == "none" or choices.resolution is None:
        return Activity(images=tuple(each.activity for each in aligned), corrected=None)
    parts = compartments(
        [(o.name, o.mask.box, shares.taken[o.name]) for o in outlines],
        shares.left,
        fwhm=choices.resolution,
        spacing=grid.spacing,
        density=None if density.ct is None else density.coarse.values,
    )
    G = transfer_matrix(parts)
    found = tuple(corrected(each.activity.values, parts, G) for each in aligned)
    images = tuple(Image(values=each.values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION) for each in found)
    return Activity(images=images, corrected=found, is_corrected=True)


def _voxelwise(values: tuple[npt.NDArray[np.float32], ...], grid: Grid) -> Activity:
    images = tuple(Image(values=each, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION) for each in values)
    return Activity(images=images, corrected=None, is_corrected=True)


def _by_recovery(outlines: tuple[OutlinedRegion, ...], shares: Shares, curve: RecoveryCurve) -> npt.NDArray[np.float32]:
    """Factor of each voxel: one by the recovery of the region's volume, in the region's share of it."""
    factor = np.ones(shares.left.shape, dtype=np.float32)
    for outline in outlines:
        R, _ = recovery_at(curve, outline.mask.volume, beyond=True)
        factor[outline.mask.box] += np.float32(1 / R.value - 1) * shares.taken[outline.name]
    return factor


def own_activity(activity: Activity, region: OutlinedRegion, shares: Shares) -> tuple[float, ...] | None:
    """Activity of a region at each time point as the correction for resolution has it [Bq]; None without one.

    Where a smaller region lies inside, its voxels count with what they hold: an organ as drawn keeps its lesions.
    """
    volume = region.mask.grid.voxel_volume / ml
    if activity.corrected is None:
        if not activity.is_corrected:
            return None
        box, fraction = region.mask.box, region.mask.fraction
        return tuple(volume * float(np.sum(image.values[box] * fraction, dtype=np.float64)) for image in activity.images)
    lent = region.mask.fraction - shares.taken[region.name]
    return tuple(
        volume * (each.own[region.name] + float(np.sum(each.values[region.mask.box] * lent, dtype=np.float64)))
        for each in activity.corrected
    )


def own_concentration(
    activity: Activity, region: OutlinedRegion, weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32] | None:
    """Weighted sum over the time points of the concentration in the region's own part of each voxel of its box."""
    if activity.corrected is None:
        return None
    box = region.mask.box
    return sum(  # type: ignore[return-value]
        np.float32(w * each.means[region.name]) * each.relative[box] for w, each in zip(weights, activity.corrected, strict=True)
    )


def dose_maps(
    activity: Activity, times: npt.NDArray[np.float64], found: tuple[Region, ...], shares: Shares, density: Density, *,
    nuclide: Nuclide, choices: Choices, chosen: DoseEngine,
) -> Maps:  # fmt: skip
    """Time-integrated activity voxel by voxel, and the engine's dose of it."""
    remarks: list[Remark] = []
    rest = voxel_map.remainder(
        activity.images, times, found, shares, decay_constant=nuclide.decay_constant,
        point_u=POINT_U if choices.point_u is None else choices.point_u,
    )  # fmt: skip
    for warning in rest.warnings:
        remarks.append(Remark(level=Level.NOTE, text=f"outside all regions the map follows a curve of its own: {warning}"))
    made = voxel_map.VoxelMap(tia=voxel_map.time_integrated_activity_map(activity.images, times, found, shares, rest))
    if choices.voxel_kinetics == "fits" and choices.voxel_noise is not None:
        made = voxel_map.fitted_map(
            made.tia, activity.images, times, found, shares, noise=choices.voxel_noise, decay_constant=nuclide.decay_constant
        )
    remarks += [Remark(level=Level.NOTE, text=text) for text in made.said]
    tia = made.tia
    dose = chosen.absorbed_dose(tia, density.coarse, nuclide, regions=[_whole(region, tia.values.shape) for region in found])
    remarks += [Remark(level=Level.WARNING, text=text) for text in dose.remarks]
    return Maps(
        density=density,
        tia=tia,
        tia_u=made.u,
        voxel_status=made.status,
        dose=dose.dose,
        dose_u=dose.u,
        statistical_u=_statistical(dose, found),
        local_energy=dose.local_energy,
        decay_constant=nuclide.decay_constant,
        activity=activity,
        shares=shares,
        remarks=tuple(remarks),
    )


def dose_engine(choices: Choices, *, threads: int, progress: Callable[[str, float], None]) -> DoseEngine:
    """The engine that was chosen, with what it may be told."""

    def tell(share: float, left: float) -> None:
        progress(f"computing dose, about {left:.0f} s left" if left >= 1 else "computing dose", share)

    settings = EngineSettings(
        uncertainty=choices.uncertainty,
        voxel_uncertainty=VOXEL_U,
        seed=choices.seed,
        threads=threads,
        leaving=choices.daughters_leaving,
        progress=tell,
    )
    return engine(choices.engine, settings)


def _whole(region: Region, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Voxels that lie mostly in the region; of a region smaller than that, all that it touches."""
    mask = np.zeros(shape, dtype=bool)
    mostly = region.mask.fraction >= 0.5
    mask[region.mask.box] = mostly if mostly.any() else region.mask.fraction > 0
    return mask


def _statistical(dose: DoseMap, found: tuple[Region, ...]) -> dict[str, float]:
    if dose.ensemble is None:
        return {}
    return {region.name: u for region, u in zip(found, dose.region_u, strict=True)}
