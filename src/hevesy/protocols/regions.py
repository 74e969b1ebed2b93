"""Regions on every time point: masks by physical coordinates, activities as measured."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import HevesyError
from hevesy.kinetics import fit
from hevesy.model import CurveFit, Grid, Image, Measured, Outline, PointResult, TimeActivityCurve
from hevesy.protocols.alignment import AlignedPoint
from hevesy.protocols.case import Choices
from hevesy.segmentation import RegionMask, contours_to_mask, mask_on
from hevesy.units import ml

# Assumed where the settings do not say; each is printed in the report.
POINT_U = 0.03
REGISTRATION_U = 2.0  # mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutlinedRegion:
    """A region's masks: as drawn, on the dose grid, and on each scan as it was stored.

    ``drawn`` and ``drawn_grid`` hold the outline of time point ``home``; ``outlines`` say for each scan where its mask
    came from.
    """

    name: str
    home: int
    drawn: npt.NDArray[Any]
    drawn_grid: Grid
    mask: RegionMask
    on_scans: tuple[RegionMask, ...]
    carried: tuple[bool, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A region on the dose grid, what was measured in it, and its curve.

    ``point_u`` holds the parts of the curve's u by their source [Bq].
    """

    name: str
    outlined: OutlinedRegion
    points: tuple[PointResult, ...]
    curve: TimeActivityCurve
    fit: CurveFit
    point_u: dict[str, npt.NDArray[np.float64]]

    @property
    def mask(self) -> RegionMask:
        """On the dose grid."""
        return self.outlined.mask


def outlined(name: str, aligned: tuple[AlignedPoint, ...], reference: int) -> OutlinedRegion:
    """Follow one region through the time points.

    A point on which the region was drawn uses that outline; the others carry it over from the reference, or from the
    first point on which it was drawn, by the registration.
    """
    drawn = {i: _own_mask(own) for i, each in enumerate(aligned) for own in each.point.outlines if own.name == name}
    home = reference if reference in drawn else min(drawn)
    mask, grid = drawn[home]
    on_dose = mask_on(
        mask,
        grid,
        aligned[reference].point.image.grid,
        transform=between(aligned, home, reference),
        name=name,
    )
    on_scans, carried, remarks = [], [], []
    for i, each in enumerate(aligned):
        own = i if i in drawn else home
        local = mask_on(*drawn[own], each.point.image.grid, transform=between(aligned, own, i), name=name)
        on_scans.append(local)
        carried.append(own != i)
        if local.outside > 0.005:
            remarks.append(
                f"{100 * local.outside:.1f} % of the region lies outside the field of view of {each.point.label}; "
                "it is not counted there."
            )
    if len(drawn) > 1:
        remarks.append(
            f"drawn on {len(drawn)} scans, each outline used on its own scan; volume, mass and dose map are those of "
            f"{aligned[home].point.label}."
        )
    return OutlinedRegion(
        name=name,
        home=home,
        drawn=mask,
        drawn_grid=grid,
        mask=on_dose,
        on_scans=tuple(on_scans),
        carried=tuple(carried),
        remarks=tuple(remarks),
    )


def region(
    outline: OutlinedRegion, aligned: tuple[AlignedPoint, ...], own: tuple[float, ...] | None, *, choices: Choices,
    decay_constant: float, counting: npt.NDArray[np.float64] | None = None,
) -> Region:  # fmt: skip
    """Activities of a region as measured on each scan, and their curve.

    ``own`` holds its activities as the correction for resolution attributes them, on the dose grid; what is measured on
    the scan as it was stored is then multiplied by their ratio to what the dose grid shows. ``counting`` holds the
    relative u of each scan's activity by its counts [1], where a reconstruction knows it; 0 where none does.
    """
    points = []
    u: dict[str, list[float]] = {"scan to scan": [], "registration": []}
    for i, each in enumerate(aligned):
        local = outline.on_scans[i]
        measured = activity_in(each.point.image, local)
        resampled = activity_in(each.activity, outline.mask)
        factor = 1.0
        if own is not None and resampled > 0:
            factor = own[i] / resampled
        distance = _or(choices.registration_u, REGISTRATION_U)
        displaced = _shift(each.point.image, local, distance) if outline.carried[i] and distance > 0 else 0.0
        u["scan to scan"].append(factor * _or(choices.point_u, POINT_U) * abs(measured))
        u["registration"].append(factor * displaced)
        points.append(
            PointResult(
                time=each.point.time,
                outline=f"carried over from {aligned[outline.home].point.label}" if outline.carried[i] else "drawn on this scan",
                volume_drawn=local.volume_drawn,
                volume=local.volume,
                activity=factor * measured,
                activity_resampled=factor * resampled,
                resolution_factor=factor,
            )
        )
    A = np.array([p.activity for p in points])
    if counting is not None and np.any(counting > 0):
        u["counting"] = list(counting * np.abs(A))
    curve = TimeActivityCurve(
        region=outline.name,
        t=np.array([p.time for p in points]),
        A=A,
        u=np.maximum(reduce(np.hypot, map(np.array, u.values())), 1e-6 * max(1.0, float(np.abs(A).max()))),
    )
    fitted = fit_or_explain(curve, decay_constant=decay_constant, model=choices.models.get(outline.name, choices.model))
    parts = {source: np.array(values) for source, values in u.items()}
    return Region(name=outline.name, outlined=outline, points=tuple(points), curve=curve, fit=fitted, point_u=parts)


def fit_or_explain(curve: TimeActivityCurve, *, decay_constant: float, model: str) -> CurveFit:
    """The fit; where none is possible, physical decay through the measured points, said to be that and ill-posed."""
    try:
        return fit(curve, decay_constant=decay_constant, model=model)
    except HevesyError as error:
        at_zero = float(np.mean(curve.A * np.exp(decay_constant * curve.t)))
        A0 = max(at_zero, 0.0)
        return CurveFit(
            region=curve.region,
            model="physical decay",
            parameters={"A": A0},
            covariance=None,
            amplitudes=np.array([A0]),
            rates=np.array([decay_constant]),
            amplitudes_jacobian=np.ones((1, 1)),
            rates_jacobian=np.zeros((1, 1)),
            time_integrated_activity=Measured(value=A0 / decay_constant, u=None, why_no_u="no curve could be fitted"),
            effective_half_life=Measured(value=np.log(2) / decay_constant, u=None, why_no_u="no curve could be fitted"),
            extrapolated_fraction=float(np.exp(-decay_constant * curve.t[-1])),
            chi2=0.0,
            degrees_of_freedom=0,
            well_posed=False,
            warnings=(
                f"no curve could be fitted ({error}); physical decay alone was taken, which is an upper bound of "
                "what follows the last scan.",
            ),
        )


def activity_in(image: Image, region_mask: RegionMask) -> float:
    """Activity inside a region [Bq]."""
    values = image.values[region_mask.box]
    return float(np.sum(values * region_mask.fraction, dtype=np.float64)) * image.grid.voxel_volume / ml


def _own_mask(outline: Outline) -> tuple[npt.NDArray[Any], Grid]:
    if outline.mask is not None and outline.grid is not None:
        return outline.mask, outline.grid
    return contours_to_mask(outline.contours, name=outline.name, frame_of_reference=outline.frame_of_reference)


def between(aligned: tuple[AlignedPoint, ...], source: int, target: int) -> npt.NDArray[np.float64] | None:
    """LPS mm of time point ``source`` to those of ``target``; None for the same."""
    if source == target:
        return None
    return aligned[target].matrix @ np.linalg.inv(aligned[source].matrix)


def _shift(image: Image, region_mask: RegionMask, distance: float) -> float:
    """Change of the region's activity when its mask lies ``distance`` [mm] off, the three axes in quadrature [Bq].

    Both directions of each axis are tried: a hot region alone loses either way, and its derivative at the right place
    would be zero.
    """
    from scipy.ndimage import shift

    margin = [int(np.ceil(distance / side)) + 1 for side in image.grid.spacing[::-1]]
    grown = tuple(
        slice(max(0, s.start - m), min(n, s.stop + m)) for s, m, n in zip(region_mask.box, margin, image.grid.shape, strict=True)
    )
    padded = np.zeros(tuple(s.stop - s.start for s in grown), dtype=np.float32)
    inner = tuple(slice(s.start - g.start, s.stop - g.start) for s, g in zip(region_mask.box, grown, strict=True))
    padded[inner] = region_mask.fraction
    values = image.values[grown]
    there = float(np.sum(values * padded, dtype=np.float64))
    total = 0.0
    for axis, side in enumerate(image.grid.spacing[::-1]):
        changes = []
        for sign in (1, -1):
            moved = shift(padded, [sign * distance / side if a == axis else 0.0 for a in range(3)], order=1)
            changes.append(abs(float(np.sum(values * moved, dtype=np.float64)) - there))
        total += (sum(changes) / 2) ** 2
    return float(np.sqrt(total)) * image.grid.voxel_volume / ml


def _or(value: float | None, assumed: float) -> float:
    return assumed if value is None else value
