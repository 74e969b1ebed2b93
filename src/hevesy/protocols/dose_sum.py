"""Dose maps of cycles and external beams on one grid, and their sum as BED voxel by voxel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.dose.histogram import dose_volume_histogram
from hevesy.errors import InputError
from hevesy.model import DoseVolumeHistogram, Grid, Image, Measured, Quantity
from hevesy.radiobiology import Tissue, bed, eqd, lea_catcheside
from hevesy.registration import Alignment, register, resample
from hevesy.segmentation import RegionMask, mask_on

Progress = Callable[[str, float], None]
Map = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
Curve = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

# u of a registration along each axis where no organ was drawn in both scans and none is stated: the residual of rigid CT to
# CT of an abdomen that breathes and bends. A choice of this house; it prints wherever it is used.
PLACE_U = 3.0 * un.mm
# Regions whose centroids tell of the registration must lie in both scans as a whole: below this share of volume they do not.
WHOLE = 0.98


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseMap:
    """One map that goes into the sum.

    Attributes
    ----------
    label : str
    dose : Image                        [Gy].
    fractions : int or None             Equal fractions of external beams; None for a radionuclide.
    curves : mapping                    Radionuclide: region to amplitudes and rates of its dose rate [any], [1/s].
    whole : (amplitudes, rates) or None  Of voxels outside these regions; None for external beams.
    ct : Image or None                  In the frame of the dose.
    masks : mapping                     Region to its mask and grid, in the frame of the dose.
    u : float or None                   Relative standard uncertainty of its dose, common to all voxels [1].
    """

    label: str
    dose: Image
    fractions: int | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    whole: Curve | None = None
    ct: Image | None = None
    masks: Mapping[str, tuple[npt.NDArray[Any], Grid]] = field(default_factory=dict)
    u: float | None = None

    def __post_init__(self) -> None:
        if self.dose.quantity is not Quantity.ABSORBED_DOSE:
            raise InputError(f"{self.label}: the map holds {self.dose.quantity.value}; it must hold Gy.")
        if (self.fractions is None) == (self.whole is None):
            raise InputError(
                f"{self.label}: give the number of fractions of external beams, or a curve of the dose rate of a radionuclide; "
                "one of the two."
            )
        if self.fractions is not None and self.fractions < 1:
            raise InputError(f"{self.label}: {self.fractions} fractions; one or more is needed.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """How a map came to the grid of the sum, and how well.

    Attributes
    ----------
    label, method : str                 "reference", "CT to CT" or "frames of reference only".
    alignment : Alignment or None
    matrix : ndarray (4, 4)             LPS mm of the sum's frame to LPS mm of the map's.
    centroids : mapping                 Organs drawn in both scans: distance of their centroids after registration [mm].
    u_place : float                     Standard uncertainty of the place along each axis [mm].
    u_source : str                      Where that comes from.
    kept : float                        Dose volume (sum of D dV) after resampling over before; the rest lies outside the grid.
    """

    label: str
    method: str
    alignment: Alignment | None
    matrix: Matrix
    centroids: Mapping[str, float]
    u_place: float
    u_source: str
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionSum:
    """A region of the sum.

    Attributes
    ----------
    name : str
    tissue : Tissue
    volume : float                      On the grid of the sum [mm3].
    dose, bed, eqd2 : Measured          Means [Gy].
    by_map : mapping                    Label to mean BED [Gy].
    terms : mapping                     Relative u of the mean BED by term [1].
    histogram : DoseVolumeHistogram     Of BED.
    """

    name: str
    tissue: Tissue
    volume: float
    dose: Measured
    bed: Measured
    eqd2: Measured
    by_map: Mapping[str, float]
    terms: Mapping[str, float]
    histogram: DoseVolumeHistogram


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseSum:
    """The sum on one grid: absorbed dose [Gy], and BED [Gy] with the tissue of each voxel."""

    grid: Grid
    dose: Map
    bed: Map
    placed: tuple[Placed, ...]
    regions: tuple[RegionSum, ...]
    remarks: tuple[str, ...]


def sum_doses(
    maps: Sequence[DoseMap],
    *,
    tissues: Mapping[str, Tissue],
    elsewhere: Tissue,
    reference: int = 0,
    registration: str = "rigid",
    place_u: float | None = None,
    progress: Progress | None = None,
) -> DoseSum:
    """Dose maps registered to the grid of one of them, resampled, turned into BED voxel by voxel, and added.

        BED(x) = sum over maps of D(x) (1 + G(x) D(x) / (alpha/beta)(x))
        external beams: G D = D / n;  radionuclide: G of the curve of the region that holds x
        u^2 = (sum over cycles of dBED/dD D u_rel)^2 + sum over beams of (dBED/dD D u_rel)^2
              + sum over moved maps and axes of (mean dBED/dx_i u_place)^2
              + (dBED/d(alpha/beta) u)^2

    CT is registered to CT where both maps have one; else the maps lie on each other by their frames of reference only, and
    the result says so.

    Parameters
    ----------
    tissues : mapping                   Region of the reference map to tissue; regions without one take ``elsewhere``.
    elsewhere : Tissue                  Of all other voxels.
    registration : str                  "rigid" or "none".
    place_u : float or None             u of a registration along each axis [mm]; None takes it from the organs drawn in both.

    Neglected: u of G by repair and effective half-life, which the ledger of the course counts; deformation between the scans,
    repair between cycles that is not complete, cell loss and growth between them, the statistical noise of a voxel (BED of
    noisy voxels is biased upwards by G var(D) / (alpha/beta)).
    Reference: R. G. Dale, Phys. Med. Biol. 41 (1996) 1871, for BED of both modalities.
    """
    _check(maps, reference, registration)
    say = progress or (lambda text, share: None)
    fixed = maps[reference]
    grid = fixed.dose.grid
    regions = {name: mask_on(mask, own, grid, name=name) for name, (mask, own) in fixed.masks.items()}
    placed, laid = [], []
    for i, each in enumerate(maps):
        say(f"registering {each.label}", i / len(maps))
        where, dose = _place(fixed, each, moved=i != reference, choice=registration, place_u=place_u)
        placed.append(where)
        laid.append(dose)
    ab = _alpha_beta(grid, regions, tissues, elsewhere)
    say("adding", 0.9)
    beds = [_bed_map(each, dose, regions, tissues, elsewhere, ab) for each, dose in zip(maps, laid, strict=True)]
    bed_map: Map = np.sum(beds, axis=0, dtype=np.float32)
    made = tuple(
        _region(name, region, maps, laid, beds, placed, tissues.get(name, elsewhere)) for name, region in regions.items()
    )
    return DoseSum(
        grid=grid,
        dose=np.sum(laid, axis=0, dtype=np.float32),
        bed=bed_map,
        placed=tuple(placed),
        regions=made,
        remarks=tuple(_remarks(maps, placed, regions, tissues, elsewhere)),
    )


def _check(maps: Sequence[DoseMap], reference: int, registration: str) -> None:
    if not maps:
        raise InputError("no dose map to add. Give one or more.")
    if not 0 <= reference < len(maps):
        raise InputError(f"reference map {reference} is not there; there are {len(maps)}.")
    if registration not in ("rigid", "none"):
        raise InputError(f"registration is {registration!r}; allowed: rigid, none.")
    labels = [each.label for each in maps]
    if len(set(labels)) < len(labels):
        raise InputError(f"two dose maps have one label: {', '.join(labels)}. Name each.")


def _place(
    fixed: DoseMap, each: DoseMap, *, moved: bool, choice: str, place_u: float | None
) -> tuple[Placed, npt.NDArray[np.float64]]:
    """The map on the grid of the sum."""
    grid, matrix, method, found = fixed.dose.grid, np.eye(4), "reference", None
    if not moved:
        here = Placed(
            label=each.label, method=method, alignment=None, matrix=matrix, centroids={}, u_place=0.0, u_source="", kept=1.0
        )
        return here, each.dose.values.astype(np.float64)
    same = bool(grid.frame_of_reference) and grid.frame_of_reference == each.dose.grid.frame_of_reference
    method = "frames of reference only"
    if choice == "rigid" and not same and fixed.ct is not None and each.ct is not None:
        found = register(fixed.ct, each.ct)
        matrix, method = found.matrix, "CT to CT"
    elif same:
        method = "one frame of reference"
    ratio = np.array(grid.spacing) / np.array(each.dose.grid.spacing)
    x, y, z = (int(n) for n in np.maximum(1, np.ceil(ratio - 0.05)))
    laid = resample(each.dose, grid, transform=matrix, samples=(x, y, z)).values.astype(np.float64)
    before = float(each.dose.values.sum(dtype=np.float64)) * each.dose.grid.voxel_volume
    centroids = _centroids(fixed, each, matrix)
    u, source = _place_u(centroids, place_u, same)
    where = Placed(
        label=each.label,
        method=method,
        alignment=found,
        matrix=matrix,
        centroids=centroids,
        u_place=u,
        u_source=source,
        kept=float(laid.sum()) * grid.voxel_volume / before if before > 0 else 1.0,
    )
    return where, np.maximum(laid, 0.0)


def _centroids(fixed: DoseMap, each: DoseMap, matrix: Matrix) -> dict[str, float]:
    """Distance of the centroids of regions drawn in both, after registration [mm]."""
    found = {}
    for name in fixed.masks.keys() & each.masks.keys():
        here, there = (_centroid(*source.masks[name]) for source in (fixed, each))
        found[name] = float(np.linalg.norm((matrix @ np.append(here, 1.0))[:3] - there))
    return dict(sorted(found.items()))


def _centroid(mask: npt.NDArray[Any], grid: Grid) -> npt.NDArray[np.float64]:
    weights = mask.astype(np.float64)
    index = [
        float((weights.sum(axis=tuple(a for a in range(3) if a != axis)) * np.arange(weights.shape[axis])).sum())
        for axis in (2, 1, 0)
    ]
    centre: npt.NDArray[np.float64] = (grid.affine @ np.append(np.array(index) / weights.sum(), 1.0))[:3]
    return centre


def _place_u(centroids: Mapping[str, float], stated: float | None, same: bool) -> tuple[float, str]:
    """u along one axis: of a distance with three equal components, rms / sqrt(3)."""
    if stated is not None:
        return stated, "stated"
    if centroids:
        rms = float(np.sqrt(np.mean(np.square(list(centroids.values())))))
        return rms / np.sqrt(3), f"centroids of {', '.join(centroids)}"
    if same:
        return 0.0, "one frame of reference: counted as exact"
    return PLACE_U, f"no organ was drawn in both: {PLACE_U / un.mm:g} mm taken"


def _alpha_beta(grid: Grid, regions: Mapping[str, RegionMask], tissues: Mapping[str, Tissue], elsewhere: Tissue) -> Map:
    ab: Map = np.full(grid.shape, elsewhere.alpha_beta.value, dtype=np.float32)
    for name, region in regions.items():
        if name in tissues:
            ab[region.box][region.fraction >= 0.5] = tissues[name].alpha_beta.value
    return ab


def _bed_map(
    each: DoseMap,
    dose: npt.NDArray[np.float64],
    regions: Mapping[str, RegionMask],
    tissues: Mapping[str, Tissue],
    elsewhere: Tissue,
    ab: Map,
) -> npt.NDArray[np.float64]:
    """BED of one map, each voxel with the G and the alpha/beta of its region."""
    G: Any = _G(each, "", elsewhere)
    if each.fractions is None:
        G = np.full(dose.shape, G)
        for name, region in regions.items():
            G[region.box][region.fraction >= 0.5] = _G(each, name, tissues.get(name, elsewhere))
    made: npt.NDArray[np.float64] = dose * (1 + G * dose / ab)
    return made


def _region(
    name: str,
    region: RegionMask,
    maps: Sequence[DoseMap],
    laid: Sequence[npt.NDArray[np.float64]],
    beds: Sequence[npt.NDArray[np.float64]],
    placed: Sequence[Placed],
    tissue: Tissue,
) -> RegionSum:
    box, weights = region.box, region.fraction.astype(np.float64)
    weights = weights / weights.sum()
    ab = tissue.alpha_beta.value
    # The region as a whole has its own tissue, voxels at its edge too.
    doses = [dose[box] for dose in laid]
    own = [_with_tissue(each, dose, name, tissue) for each, dose in zip(maps, doses, strict=True)]
    means = [float((weights * value).sum()) for value in own]
    D, B = float(sum((weights * dose).sum() for dose in doses)), float(sum(means))
    quadratic = [(value - dose) * ab for value, dose in zip(own, doses, strict=True)]
    terms: dict[str, float] = {}
    dose_u: dict[str, float] = {}
    known = True
    for each, dose, value, where, full in zip(maps, doses, own, placed, laid, strict=True):
        by_D = float((weights * (2 * value - dose)).sum())
        known = known and each.u is not None
        # Radionuclide maps share camera and calibration: their errors are taken as one. Each external beam is its own.
        source = "dose of the cycles" if each.fractions is None else f"dose of {each.label}"
        terms[source] = terms.get(source, 0.0) + by_D * (each.u or 0.0)
        dose_u[source] = dose_u.get(source, 0.0) + float((weights * dose).sum()) * (each.u or 0.0)
        if where.u_place > 0:
            slope = 1 + 2 * (value - dose) / np.maximum(dose, 1e-12)
            moved = _slope(full, region, weights * slope) * where.u_place
            terms[f"registration of {each.label}"] = moved
            dose_u[f"registration of {each.label}"] = _slope(full, region, weights) * where.u_place
    if tissue.alpha_beta.u is not None:
        terms["alpha/beta"] = float(sum((weights * Q).sum() for Q in quadratic)) / ab**2 * tissue.alpha_beta.u
    u = float(np.sqrt(sum(term**2 for term in terms.values())))
    why = "" if known else "a map's dose states none"
    per = B / eqd(B, ab) if B > 0 else 1 + 2 / ab

    def measured(value: float, spread: float) -> Measured:
        return Measured(value=value, u=spread if known else None, why_no_u=why)

    total_bed = np.sum(own, axis=0)
    return RegionSum(
        name=name,
        tissue=tissue,
        volume=region.volume,
        dose=measured(D, float(np.linalg.norm(list(dose_u.values())))),
        bed=measured(B, u),
        eqd2=measured(B / per, _u_eqd2(terms, per, D, B, tissue)),
        by_map={each.label: mean for each, mean in zip(maps, means, strict=True)},
        terms={term: abs(value) / B if B > 0 else 0.0 for term, value in terms.items()},
        histogram=dose_volume_histogram(total_bed.astype(np.float32), region.fraction),
    )


def _u_eqd2(terms: Mapping[str, float], per: float, D: float, B: float, tissue: Tissue) -> float:
    """alpha/beta stands in the denominator of EQD2 as well: d/d(ab) of (ab D + Q) / (ab + 2)."""
    ab = tissue.alpha_beta.value
    rest = [term / per for name, term in terms.items() if name != "alpha/beta"]
    Q = (B - D) * ab
    rest.append((2 * D - Q) / (ab + 2) ** 2 * (tissue.alpha_beta.u or 0.0))
    return float(np.linalg.norm(rest))


def _with_tissue(each: DoseMap, dose: npt.NDArray[np.float64], name: str, tissue: Tissue) -> npt.NDArray[np.float64]:
    return bed(dose, _G(each, name, tissue), tissue.alpha_beta.value)


def _G(each: DoseMap, name: str, tissue: Tissue) -> float:
    """Lea-Catcheside factor of a region in a map; 1 / n for n acute fractions with full repair between them."""
    if each.fractions is not None:
        return 1.0 / each.fractions
    curve = each.curves.get(name, each.whole)
    if curve is None:
        raise InputError(f"{each.label}: has no curve of its dose rate. Give one, or the number of fractions.")
    return lea_catcheside(*curve, tissue.repair)


def _slope(dose: npt.NDArray[np.float64], region: RegionMask, weights: npt.NDArray[np.float64]) -> float:
    """Norm over the axes of the weighted mean gradient: what a shift of the whole map along each of them changes [Gy/mm]."""
    x, y, z = region.grid.spacing
    box = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in region.box)
    inner = tuple(slice(s.start - b.start, s.start - b.start + (s.stop - s.start)) for s, b in zip(region.box, box, strict=True))
    part = dose[box]
    parts = [
        float((weights * np.gradient(part, step, axis=axis)[inner]).sum())
        for axis, step in enumerate((z, y, x))
        if part.shape[axis] > 1
    ]
    return float(np.linalg.norm(parts))


def _remarks(
    maps: Sequence[DoseMap],
    placed: Sequence[Placed],
    regions: Mapping[str, RegionMask],
    tissues: Mapping[str, Tissue],
    elsewhere: Tissue,
) -> list[str]:
    said = []
    for where in placed:
        if where.method == "frames of reference only":
            said.append(
                f"{where.label}: laid by its coordinates only, although its frame of reference is not that of the sum: "
                "there is no CT of both. Give ct for each, or look at the sum before it is used."
            )
        if where.method != "reference" and where.u_place > 0:
            said.append(f"{where.label}: u of its place {where.u_place / un.mm:.2g} mm along each axis ({where.u_source}).")
        if where.kept < WHOLE:
            said.append(f"{where.label}: {1 - where.kept:.0%} of its dose lies outside the grid of the sum.")
    for each in maps:
        if each.fractions is None and regions:
            without = [name for name in regions if name not in each.curves]
            if without:
                said.append(f"{each.label}: no curve of {', '.join(without)}; the curve of the whole gives their G.")
        if each.fractions is None and not regions:
            said.append(f"{each.label}: no region was drawn, so one G, of the sum of all curves, serves every voxel.")
    other = [name for name in regions if name not in tissues]
    if other or not regions:
        what = f"{', '.join(other)} and what was not drawn" if other else "every voxel"
        said.append(f"{what}: alpha/beta and repair of tissue {elsewhere.name}.")
    return said
