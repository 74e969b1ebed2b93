"""Everything about one region: volume, mass, integrals, dose, histogram, uncertainty, remarks."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.anatomy import standard_name
from hevesy.dose import MASS_DENSITY_FLOOR, dose_at_volume, dose_volume_histogram
from hevesy.kinetics import voxel_weights
from hevesy.kinetics.sensitivity import best_next_scan
from hevesy.model import BudgetTerm, Measured, NextScan, RegionResult, Remark
from hevesy.model.result import Level
from hevesy.protocols import budget, terms
from hevesy.protocols.alignment import AlignedPoint
from hevesy.protocols.case import Choices, DosimetryCase
from hevesy.protocols.maps import Maps, own_activity, own_concentration
from hevesy.protocols.regions import Region, between
from hevesy.quantify import recovery_at
from hevesy.segmentation import mask_on
from hevesy.units import JOULE_PER_MEV, d, g, ml

# Later nobody comes back, and Lu-177 gives no counts.
LATEST_SCAN = 10 * d


def region_result(
    region: Region, aligned: tuple[AlignedPoint, ...], reference: int, case: DosimetryCase, maps: Maps
) -> RegionResult:
    """All figures of a region, from its curve and from the maps."""
    mass = _mass(region, aligned, reference, maps)
    shape, apparent = _geometry(region, aligned, case.choices, maps, mass)
    tia_voxels = _own_integral(region, maps)
    found = _terms(region, case.choices, maps, shape, apparent, tia_voxels=tia_voxels, decay_constant=maps.decay_constant)
    A_tilde = region.fit.time_integrated_activity
    why = "" if A_tilde.relative is not None else (A_tilde.why_no_u or "the curve has no uncertainty")
    fraction = region.mask.fraction
    dose = _own_dose(region, maps)
    D = _energy(region, maps) / mass
    mean_dose = _measured(D, [term.of_dose for term in found.values()], why)
    total = _measured(A_tilde.value, [term.of_tia for term in found.values()], why)
    A0 = case.administration.activity
    D98, D90, D50, D2 = dose_at_volume(dose, fraction, (0.98, 0.90, 0.50, 0.02))
    mostly = dose[fraction >= 0.5] if (fraction >= 0.5).any() else dose[fraction > 0]
    known = standard_name(region.name)
    return RegionResult(
        name=region.name,
        standard_name="" if known is None else known.name,
        kind="other" if known is None else known.kind,
        volume=shape.volume,
        mass=shape.mass,
        points=region.points,
        curve=region.curve,
        fit=region.fit,
        time_integrated_activity=total,
        time_integrated_activity_coefficient=_scaled(total, 1 / A0),
        time_integrated_activity_voxels=tia_voxels,
        mean_dose=mean_dose,
        mean_dose_per_activity=_scaled(mean_dose, 1 / A0),
        D98=D98,
        D90=D90,
        D50=D50,
        D2=D2,
        minimum=float(mostly.min()),
        maximum=float(mostly.max()),
        histogram=dose_volume_histogram(dose, fraction),
        budget={name: abs(term.of_dose) for name, term in found.items() if term.of_dose},
        terms=found,
        next_scan=_next_scan(region),
        recovery=apparent,
        remarks=_remarks(region, case.choices, apparent, tia_voxels, D),
    )


def _mass(region: Region, aligned: tuple[AlignedPoint, ...], reference: int, maps: Maps) -> float:
    """Mass [kg]: mean density of the CT's own voxels inside the outline, times the volume.

    Voxels that the outline cuts hold what lies on both sides (a lung would take mass from the chest wall): only whole
    voxels count, unless they make less than half of the region.
    """
    local, mask = maps.density.coarse, region.mask
    if maps.density.ct is not None:
        o, local = region.outlined, maps.density.fine
        mask = mask_on(o.drawn, o.drawn_grid, local.grid, transform=between(aligned, o.home, reference), name=region.name)
    values, weights = local.values[mask.box], mask.fraction
    whole = np.where(weights > 0.999, weights, 0)
    if float(np.sum(whole, dtype=np.float64)) > 0.5 * float(np.sum(weights, dtype=np.float64)):
        weights = whole
    rho = float(np.sum(values * weights, dtype=np.float64)) / float(np.sum(weights, dtype=np.float64))
    return rho * region.mask.volume * g / ml


def _energy(region: Region, maps: Maps) -> float:
    """Energy absorbed in the region [J]: dose times the mass that the engine divided by.

    After a correction for resolution the boundary voxels hold what belongs to both sides. What charged particles leave
    there is the region's by its own activity; what photons leave hardly changes over a voxel.
    """
    box = region.mask.box
    m = maps.density.coarse.values[box] * region.mask.fraction
    energy = float(np.sum(maps.dose.values[box] * m, dtype=np.float64)) * region.mask.grid.voxel_volume * g / ml
    return energy + maps.local_energy * JOULE_PER_MEV * (_own_integral(region, maps) - _integral(region, maps))


def _integral(region: Region, maps: Maps) -> float:
    """Time-integrated activity of the map, weighted by the region's share of each voxel [Bq s]."""
    values = maps.tia.values[region.mask.box] * region.mask.fraction
    return float(np.sum(values, dtype=np.float64)) * region.mask.grid.voxel_volume / ml


def _own_integral(region: Region, maps: Maps) -> float:
    """The region's own part of the map [Bq s]; without a correction by compartments, what its mask holds."""
    own = own_activity(maps.activity, region.outlined, maps.shares)
    if own is None or maps.activity.corrected is None:
        return _integral(region, maps)
    return float(np.dot(voxel_weights(region.fit, region.curve.t), own))


def _own_dose(region: Region, maps: Maps) -> npt.NDArray[np.float32]:
    """Dose in the region's own part of each voxel of its box [Gy], for the histogram.

    Without a correction for resolution this is the dose map. With it, a boundary voxel of the map holds the mean of two
    tissues: the dose of its charged particles is replaced by that of the region's own concentration. Voxels of a smaller
    region inside keep the map's.
    """
    box = region.mask.box
    dose: npt.NDArray[np.float32] = maps.dose.values[box]
    weights = voxel_weights(region.fit, region.curve.t)
    own = own_concentration(maps.activity, region.outlined, weights)
    if own is None:
        return dose
    per_concentration = np.float32(maps.local_energy * JOULE_PER_MEV / g)
    rho = np.maximum(maps.density.coarse.values[box], np.float32(MASS_DENSITY_FLOOR))
    changed = np.maximum(dose + per_concentration * (own - maps.tia.values[box]) / rho, 0)
    lent = region.mask.fraction - maps.shares.taken[region.name] > 0.5 * region.mask.fraction
    return np.where(lent, dose, changed)


def _geometry(
    region: Region, aligned: tuple[AlignedPoint, ...], choices: Choices, maps: Maps, mass: float
) -> tuple[budget.Geometry, float]:
    """What the place of the boundary does, and how much of the region's activity the images show inside it."""
    resolution = choices.resolution or budget.RESOLUTION
    home = aligned[region.outlined.home].point
    shape = budget.geometry(
        region,
        tia=maps.tia,
        dose=maps.dose,
        density=maps.density.coarse,
        mass=mass,
        density_u=budget.density_u(choices, has_ct=maps.density.ct is not None),
        boundary_u=budget.boundary_u(
            choices, drawn_on=(home.ct or home.image).grid.spacing, by_ct=home.ct is not None, resolution=resolution
        ),
    )
    if choices.partial_volume == "none":
        return shape, budget.region_recovery(region, maps.tia, 1 - maps.shares.left, resolution=resolution).apparent
    shown = sum(p.activity / p.resolution_factor for p in region.points)
    return shape, shown / max(sum(p.activity for p in region.points), 1e-9)


def _terms(
    region: Region, choices: Choices, maps: Maps, shape: budget.Geometry, apparent: float, *, tia_voxels: float,
    decay_constant: float,
) -> dict[str, BudgetTerm]:  # fmt: skip
    """All terms of the region's uncertainty, the largest first."""
    calibration = budget.CALIBRATION_U if choices.calibration_u is None else choices.calibration_u
    density_u = budget.density_u(choices, has_ct=maps.density.ct is not None)
    found = {"calibration": BudgetTerm(of_tia=calibration, of_dose=calibration, kind=terms.SYSTEMATIC, shared=True)}
    by_recovery = 0.0
    if choices.recovery_curve is not None and choices.partial_volume == "recovery-curve":
        found |= terms.of_recovery(choices.recovery_curve, region.mask.volume)
        by_recovery = recovery_at(choices.recovery_curve, region.mask.volume, beyond=True)[1]
    else:
        found["partial volume"] = terms.of_resolution(choices, apparent)
    found |= terms.of_curve(region, decay_constant=decay_constant)
    found["outline"] = terms.of_outline(region, shape, by_recovery)
    found["density"] = BudgetTerm(of_tia=0.0, of_dose=-density_u, kind=terms.SYSTEMATIC, shared=True)
    expected = region.fit.time_integrated_activity.value
    if expected > 0:
        off = abs(tia_voxels / expected - 1) / math.sqrt(3)
        found["voxels against curve"] = BudgetTerm(of_tia=0.0, of_dose=off, kind=terms.RANDOM)
    if region.name in maps.statistical_u:
        found["Monte Carlo"] = BudgetTerm(of_tia=0.0, of_dose=maps.statistical_u[region.name], kind=terms.RANDOM)
    return dict(sorted(found.items(), key=lambda term: -abs(term[1].of_dose)))


def _next_scan(region: Region) -> NextScan | None:
    """One more scan, as good as the median of the others and their misfit, within the time in which scans are made."""
    curve, fit = region.curve, region.fit
    if curve.u is None or float(curve.A.min()) <= 0:
        return None
    misfit = math.sqrt(max(1.0, fit.chi2 / fit.degrees_of_freedom)) if fit.degrees_of_freedom > 0 else 1.0
    relative_u = misfit * float(np.median(curve.u / curve.A))
    if not 0 < relative_u < 1:
        return None
    latest = min(max(float(curve.t[-1]), 4 * fit.effective_half_life.value), LATEST_SCAN)
    return best_next_scan(fit, curve, relative_u=relative_u, latest=latest)


def _measured(value: float, parts: list[float], why: str) -> Measured:
    if why:
        return Measured(value=value, u=None, why_no_u=why)
    return Measured(value=value, u=abs(value) * math.hypot(*parts))


def _scaled(measured: Measured, factor: float) -> Measured:
    u = None if measured.u is None else measured.u * abs(factor)
    return Measured(value=measured.value * factor, u=u, why_no_u=measured.why_no_u)


def _remarks(region: Region, choices: Choices, apparent: float, tia_voxels: float, D: float) -> tuple[Remark, ...]:
    name = region.name
    texts = [*region.fit.warnings, *region.outlined.remarks]
    resolution = choices.resolution or budget.RESOLUTION
    if choices.partial_volume == "none" and abs(1 / apparent - 1) > 0.05:
        texts.append(
            f"not corrected for the resolution of the images: at {resolution:g} mm FWHM about {100 * apparent:.0f} "
            "% of the region's "
            f"activity shows inside it, so the dose may be {D / apparent:.3g} Gy; this is in the uncertainty."
        )
    expected = region.fit.time_integrated_activity.value
    if expected > 0 and abs(tia_voxels / expected - 1) > 0.05:
        texts.append(
            f"the voxels add up to {100 * (tia_voxels / expected - 1):+.1f} % of the fitted curve's integral: the "
            "curve does not meet "
            "the points, or the outline moved between the scans."
        )
    out = [Remark(level=Level.WARNING, text=text, about=name) for text in texts]
    if choices.partial_volume != "none" and abs(1 / apparent - 1) > 0.01:
        factors = ", ".join(f"{p.resolution_factor:.2f}" for p in region.points)
        out.append(
            Remark(
                level=Level.NOTE,
                about=name,
                text=f"corrected for {_by(choices, resolution)}: activities times {factors}.",
            )
        )
    return tuple(out)


def _by(choices: Choices, resolution: float) -> str:
    """How the images were corrected, in words."""
    if choices.partial_volume == "recovery-curve":
        return "recovery by volume (recovery-curve)"
    how = f" by {choices.iterations} iterations of richardson-lucy" if choices.partial_volume == "richardson-lucy" else ""
    return f"a resolution of {resolution:g} mm FWHM{how}"
