"""Bed positions of one passage to one image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.model import Grid, Image, Projections

ON_GRID = 0.02  # of a slice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bed:
    """One bed position, reconstructed.

    Attributes
    ----------
    image : Image
    u : Image or None                   Standard uncertainty of each voxel.
    seen : (first, last)                Slices that the detectors see.
    """

    image: Image
    u: Image | None
    seen: tuple[int, int]


def rows_seen(projections: Projections) -> tuple[int, int]:
    """First and last row with counts in any view and window; all rows where there are none at all."""
    rows = np.flatnonzero(projections.counts.sum(axis=(0, 1, 3)) > 0)
    return (int(rows[0]), int(rows[-1])) if rows.size else (0, projections.counts.shape[2] - 1)


def slices_seen(projections: Projections, grid: Grid) -> tuple[int, int]:
    """The slices of ``grid`` at the height of the rows that hold counts; rows run from the head to the feet."""
    first, last = rows_seen(projections)
    rows = projections.counts.shape[2]
    heights = [projections.centre[2] + ((rows - 1) / 2 - row) * projections.pixel[0] for row in (first, last)]
    slices = sorted((height - grid.affine[2, 3]) / grid.affine[2, 2] for height in heights)
    top = grid.shape[0] - 1
    return int(np.clip(round(slices[0]), 0, top)), int(np.clip(round(slices[1]), 0, top))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What a bed position gives to each slice of the whole.

    Attributes
    ----------
    at : ndarray (slices,)              Place of the slice among those of the bed position.
    share : ndarray (slices,)           Its weight; 0 where it does not reach.
    """

    at: npt.NDArray[np.float64]
    share: npt.NDArray[np.float64]


def shares_of(grids: Sequence[Grid], seen: Sequence[tuple[int, int]]) -> tuple[int, tuple[Part, ...], float] | None:
    """First slice in the first grid, parts, and how far slices of the bed positions lie apart; None as for `joined`."""
    first = grids[0]
    step = first.affine[2, 2]
    same = all(
        g.shape[1:] == first.shape[1:] and np.allclose(g.affine[:3, :3], first.affine[:3, :3])
        and np.allclose(g.affine[:2, 3], first.affine[:2, 3], atol=0.05) for g in grids
    )  # fmt: skip
    if not same:
        return None
    offsets = np.array([(g.affine[2, 3] - first.affine[2, 3]) / step for g in grids])
    spans = [(offset + ends[0], offset + ends[1]) for offset, ends in zip(offsets, seen, strict=True)]
    low, high = int(np.ceil(min(s[0] for s in spans) - ON_GRID)), int(np.floor(max(s[1] for s in spans) + ON_GRID))
    placed = []
    for ends, offset in zip(seen, offsets, strict=True):
        at = np.arange(low, high + 1) - offset
        edge = np.minimum(at - ends[0], ends[1] - at)
        placed.append((at, np.where(edge < -ON_GRID, 0.0, edge + 1.0)))
    weight = np.sum([w for _, w in placed], axis=0)
    if np.any(weight <= 0):
        return None
    off = float(np.abs(offsets - np.round(offsets)).max())
    return low, tuple(Part(at=at, share=w / weight) for at, w in placed), off


def joined(beds: Sequence[Bed]) -> tuple[Image, Image | None, tuple[str, ...]] | None:
    """One image of all bed positions; None where there is a gap between them or their grids differ across.

        f = sum_b w_b f_b,    u^2 = sum_b w_b^2 u_b^2,    w_b in proportion to the distance from the edge of what bed b sees

    Noise of different bed positions is independent.  Places that lie between slices are interpolated along the patient.
    """
    first = beds[0].image.grid
    found = shares_of([bed.image.grid for bed in beds], [bed.seen for bed in beds])
    if found is None:
        return None
    low, shares, off = found
    shape = (shares[0].at.size, *first.shape[1:])
    total, variance = np.zeros(shape), np.zeros(shape)
    for bed, part in zip(beds, shares, strict=True):
        share = part.share[:, None, None]
        total += share * _at(bed.image.values, part.at)
        if bed.u is not None:
            variance += share**2 * _at(bed.u.values, part.at) ** 2
    affine = first.affine.copy()
    affine[2, 3] += low * first.affine[2, 2]
    grid = Grid(shape=shape, affine=affine, frame_of_reference=first.frame_of_reference)
    image = Image(values=total.astype(np.float32), grid=grid, quantity=beds[0].image.quantity)
    u = None
    if all(bed.u is not None for bed in beds):
        u = Image(values=np.sqrt(variance).astype(np.float32), grid=grid, quantity=image.quantity)
    said = [
        f"{len(beds)} bed positions were put together, weighted by the distance from the edge of the field where they overlap."
    ]
    if off > ON_GRID:
        said.append(
            f"bed positions lie up to {off * abs(first.affine[2, 2]):.1f} mm between slices of one another; they were "
            "interpolated."
        )
    return image, u, tuple(said)


def _at(values: npt.NDArray[np.float32], slices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Slices at fractional places, linear between them, nothing outside."""
    below = np.floor(slices + 1e-9).astype(int)
    share = np.clip(slices - below, 0.0, 1.0)
    out = np.zeros((slices.size, *values.shape[1:]))
    for n, (k, f) in enumerate(zip(below, share, strict=True)):
        for slice_, w in ((k, 1 - f), (k + 1, f)):
            if w > ON_GRID / 10 and 0 <= slice_ < values.shape[0]:
                out[n] += w * values[slice_]
    return out
