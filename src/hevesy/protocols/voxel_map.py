"""Time-integrated activity voxel by voxel."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy.kinetics import voxel_weights
from hevesy.kinetics.voxel_fits import VoxelNoise, voxel_fits
from hevesy.model import CurveFit, Image, Quantity, TimeActivityCurve
from hevesy.protocols.regions import OutlinedRegion, Region, fit_or_explain
from hevesy.quantify import total_activity
from hevesy.units import ml

Array = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]

FLOOR = 0.2  # of a voxel's noise: what is left of it where there is no activity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """Whose a voxel is: each region's share on its box, and what no region has. They add up to 1 everywhere."""

    taken: dict[str, Array]
    left: Array


def shares(regions: Sequence[OutlinedRegion], shape: tuple[int, ...]) -> Shares:
    """A smaller region comes before a larger one, so that a lesion inside an outlined organ keeps its own voxels."""
    left = np.ones(shape, dtype=np.float32)
    taken = {}
    for each in sorted(regions, key=lambda r: r.mask.volume):
        share = np.minimum(each.mask.fraction, left[each.mask.box])
        left[each.mask.box] -= share
        taken[each.name] = share
    return Shares(taken=taken, left=left)


def remainder(
    activity: Sequence[Image],
    times: Times,
    regions: Sequence[Region],
    held: Shares,
    *,
    decay_constant: float,
    point_u: float,
) -> CurveFit:
    """The curve of everything that is in no region, on the dose grid."""
    values = np.zeros(len(activity))
    for i, image in enumerate(activity):
        inside = sum(float(np.sum(image.values[r.mask.box] * held.taken[r.name], dtype=np.float64)) for r in regions)
        values[i] = total_activity(image) - inside * image.grid.voxel_volume / ml
    u = np.maximum(point_u * np.abs(values), 1e-6 * max(1.0, float(np.abs(values).max())))
    curve = TimeActivityCurve(region="all else in view", t=times, A=values, u=u)
    return fit_or_explain(curve, decay_constant=decay_constant, model="auto")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoxelMap:
    """Time-integrated activity [Bq s/ml]; where voxels were fitted, its u and the status of each voxel, and words about it."""

    tia: Image
    u: Image | None = None
    status: Image | None = None
    said: tuple[str, ...] = ()


def fitted_map(weighted: Image, activity: Sequence[Image], times: Times, regions: Sequence[Region], held: Shares, *,
    noise: float, decay_constant: float,
) -> VoxelMap:  # fmt: skip
    """The map with a curve of its own for each voxel of a region (:func:`hevesy.kinetics.voxel_fits.voxel_fits`).

    ``weighted``, the linear map, stays where there is no region, and where a region's fit cannot guide its voxels. ``noise``:
    relative u of a voxel at the mean of its region on each scan; what stays where there is nothing is a fifth of it.
    Status of a voxel: 1 fitted, 2 slow rate held at decay, 3 region's shape for noise, 4 no activity, 5 search failed (region's
    shape taken), 0 not fitted.
    """
    total, variance = weighted.values.copy(), np.zeros(weighted.values.shape, np.float32)
    status, said = np.zeros(weighted.values.shape, np.float32), []
    for each in regions:
        share, box = held.taken[each.name], each.mask.box
        inside = share > 0
        y = np.stack([image.values[box][inside] for image in activity]).astype(float)
        if times.size < 2 or not each.fit.well_posed or each.fit.rates.size > 2 or not inside.any():
            said.append(f"{each.name}: its voxels follow their own values between scans; no fit of the region guides them.")
            continue
        # Noise of reconstructed images grows with the activity around; the mean of the region stands for it.
        level = noise * np.maximum(np.mean(np.abs(y), axis=1), 1e-9)
        found = voxel_fits(
            y, times, region=_shape(each.fit), noise=VoxelNoise(floor=FLOOR * level, relative=noise),
            decay_constant=decay_constant, threads=os.cpu_count() or 1,
        )  # fmt: skip
        part, own = total[box], share[inside]
        # The region's share of the linear map makes place for the fits; other shares of a voxel keep theirs.
        weights = voxel_weights(_shape(each.fit), times)
        part[inside] += own * (found.time_integrated_activity - (weights @ y).astype(np.float32))
        variance[box][inside] += (own * found.u) ** 2
        status[box][inside] = found.status + 1
        counts = ", ".join(f"{n} {what}" for what, n in found.counts().items() if n)
        said.append(f"{each.name}: voxels with a curve of their own: {counts}.")
    quantity = weighted.quantity
    return VoxelMap(
        tia=Image(values=total, grid=weighted.grid, quantity=quantity),
        u=Image(values=np.sqrt(variance), grid=weighted.grid, quantity=quantity),
        status=Image(values=status, grid=weighted.grid, quantity=Quantity.FRACTION),
        said=tuple(said),
    )


def time_integrated_activity_map(
    activity: Sequence[Image], times: Times, regions: Sequence[Region], held: Shares, rest: CurveFit
) -> Image:
    """Sum of the voxel's own values, each with the time for which it stands.

        a_tilde(x) = sum_i w_i v_i(x)

    Between scans a voxel follows its own values, shaped by its region's curve; before the first and after the last it
    follows the region's curve from there (`hevesy.kinetics.voxel_weights`). A voxel of several regions takes their mean
    by share. The map is linear in the scans, so noise does not bias it.
    """
    grid = activity[0].grid
    weights = {r.name: voxel_weights(_shape(r.fit), times) for r in regions}
    of_rest = voxel_weights(_shape(rest), times)
    total = np.zeros(grid.shape, dtype=np.float32)
    for i, image in enumerate(activity):
        w = held.left * np.float32(of_rest[i])
        for r in regions:
            w[r.mask.box] += held.taken[r.name] * np.float32(weights[r.name][i])
        w *= image.values
        total += w
    return Image(values=total, grid=grid, quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION)


def _shape(fitted: CurveFit) -> CurveFit:
    """Only the shape matters for the weights; a curve of zero height keeps its rate."""
    return fitted if np.any(fitted.amplitudes) else replace(fitted, amplitudes=np.ones_like(fitted.amplitudes))
