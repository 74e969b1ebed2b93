"""Planar contours to a mask on a grid of their own."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.model import Grid

Points = npt.NDArray[np.float64]

PIXEL = 1.0  # mm, in-plane side of the contours' own grid; along a row the covered length is exact
SUBROWS = 5  # rows sampled in each pixel
SAME_PLANE = 0.2  # mm: contours of one plane differ by rounding, planes of two slices by more
FLAT = 0.05  # mm: a contour that leaves one of the patient's own planes by less was drawn in it
SINGLE_PLANE = 3.0  # mm, thickness of a region drawn on one plane: nothing else says
LARGEST = 2_000_000_000  # subpixels


def contours_to_mask(
    contours: Sequence[Points], *, name: str, frame_of_reference: str = ""
) -> tuple[npt.NDArray[np.float32], Grid]:
    """Fraction of each voxel inside closed planar contours, on a grid aligned with their planes.

    Contours of one plane combine by exclusive or, so that inner ones are holes and islands in holes count again. A
    contour stands for the slab half-way to its neighbours; a plane without a contour stays empty.

    Parameters
    ----------
    contours : sequence of (n, 3)       Closed polygons, LPS [mm], parallel planes.

    Returns
    -------
    mask : array, shape (z, y, x)       0 to 1.
    grid : Grid                         Its third axis is the planes' normal.

    Raises
    ------
    DataError
        Contours that are not planar, not parallel, or unequally spaced beyond what one grid can hold.
    """
    axes = _axes(contours, name)
    planes: dict[float, list[Points]] = defaultdict(list)
    for contour in contours:
        local = contour @ axes.T
        if np.ptp(local[:, 2]) > 0.5:
            raise DataError(
                f"region {name}: a contour leaves its plane by {np.ptp(local[:, 2]):.2f} mm; contours must be planar."
            )
        at = float(np.mean(local[:, 2]))
        key = next((k for k in planes if abs(k - at) < SAME_PLANE), at)
        planes[key].append(local[:, :2])
    heights = np.array(sorted(planes))
    bottom, step, levels = _levels(heights)
    low = np.min([c.min(axis=0) for group in planes.values() for c in group], axis=0) - PIXEL
    high = np.max([c.max(axis=0) for group in planes.values() for c in group], axis=0) + PIXEL
    columns, rows = (int(n) for n in np.ceil((high - low) / PIXEL))
    if columns * rows * len(levels) > LARGEST:
        raise DataError(f"region {name}: spans {columns} x {rows} x {len(levels)} mm pixels; check its coordinates.")
    mask = np.zeros((len(levels), rows, columns), dtype=np.float32)
    for i, height in enumerate(heights):
        mask[levels == i] = _fill([(c - low) / PIXEL for c in planes[height]], rows, columns)
    affine = np.eye(4)
    affine[:3, :3] = axes.T * np.array([PIXEL, PIXEL, step])
    affine[:3, 3] = axes.T @ np.array([*(low + PIXEL / 2), bottom])
    return mask, Grid(shape=mask.shape, affine=affine, frame_of_reference=frame_of_reference)


def _axes(contours: Sequence[Points], name: str) -> Points:
    """Rows: two axes in the plane and its normal; the patient's own axes where the plane is one of theirs."""
    largest = max(contours, key=lambda c: float(np.ptp(c, axis=0).sum()) if len(c) > 2 else 0.0)
    if len(largest) < 3:
        raise DataError(f"region {name}: no contour has three points; it has no volume.")
    k = int(np.argmin(np.ptp(largest, axis=0)))
    if np.ptp(largest[:, k]) < FLAT:
        x, y = {2: (0, 1), 1: (0, 2), 0: (1, 2)}[k]
        return np.eye(3)[[x, y, k]]
    _, _, directions = np.linalg.svd(largest - largest.mean(axis=0), full_matrices=False)
    normal = directions[2]
    k = int(np.argmax(np.abs(normal)))
    normal = normal * np.sign(normal[k])
    first = np.cross(np.eye(3)[(k + 1) % 3], normal)
    first /= np.linalg.norm(first)
    return np.array([first, np.cross(normal, first), normal])


def _levels(heights: Points) -> tuple[float, float, npt.NDArray[np.intp]]:
    """Height of the first slice and spacing of the slices [mm], and for each slice the plane it takes, -1 for none.

    Equally spaced planes get a slice each and planes left out stay empty. Unequally spaced ones get slices of 1 mm, each
    taking the plane that stands for its place.
    """
    if heights.size == 1:
        return float(heights[0]), SINGLE_PLANE, np.zeros(1, dtype=np.intp)
    steps = np.diff(heights)
    usual = float(np.median(steps[steps < 1.5 * steps.min()]))
    places = (heights - heights[0]) / usual
    slots = np.round(places).astype(np.intp)
    if np.max(np.abs(places - slots)) < 0.3 and np.all(np.diff(slots) > 0):
        levels = np.full(slots[-1] + 1, -1, dtype=np.intp)
        levels[slots] = np.arange(heights.size)
        return float(heights[0]), usual, levels
    below, above = _reach(steps, usual)
    z = np.arange(heights[0] - below[0] + 0.5, heights[-1] + above[-1], 1.0)
    inside = (z[:, None] >= heights - below) & (z[:, None] < heights + above)
    return float(z[0]), 1.0, np.where(inside.any(axis=1), inside.argmax(axis=1), -1)


def _reach(steps: Points, usual: float) -> tuple[Points, Points]:
    """How far each of the unequally spaced planes stands for what is below and above it [mm].

    Half-way to its neighbour, unless planes are missing between: a step much larger than those beside it is a gap.
    """
    beside = np.maximum(np.append(0.0, steps[:-1]), np.append(steps[1:], 0.0))
    half = np.where(steps > 1.5 * beside, 0.0, steps / 2)
    below, above = np.append(0.0, half), np.append(half, 0.0)
    # At an end or beside a gap a plane reaches as far as on its other side.
    below, above = np.where(below > 0, below, above), np.where(above > 0, above, below)
    return np.where(below > 0, below, usual / 2), np.where(above > 0, above, usual / 2)


def _fill(polygons: list[Points], rows: int, columns: int) -> npt.NDArray[np.float32]:
    """Even-odd fill: rows are sampled, along a row the covered length of each pixel is exact."""
    y = (np.arange(rows * SUBROWS) + 0.5) / SUBROWS
    out = np.zeros((rows * SUBROWS, columns + 1), dtype=np.float64)
    crossings = [_crossings(polygon, y) for polygon in polygons]
    _toggle(out, np.concatenate([r for r, _ in crossings]), np.concatenate([x for _, x in crossings]), columns)
    inside = np.cumsum(out[:, :columns], axis=1)
    share = inside.reshape(rows, SUBROWS, columns).mean(axis=1)
    return np.asarray(np.clip(share, 0, 1), dtype=np.float32)


def _crossings(polygon: Points, y: Points) -> tuple[npt.NDArray[np.intp], Points]:
    """Row and x of each place where the polygon crosses a sampled row."""
    x0, y0 = polygon[:, 0], polygon[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    # Half-open in y, so that a vertex on a sampled row counts once.
    row, edge = np.nonzero((y0[None] <= y[:, None]) != (y1[None] <= y[:, None]))
    return row, x0[edge] + (y[row] - y0[edge]) / (y1[edge] - y0[edge]) * (x1[edge] - x0[edge])


def _toggle(out: npt.NDArray[np.float64], row: npt.NDArray[np.intp], x: Points, columns: int) -> None:
    """Add sorted crossings of each row as alternating entries and exits, with the exact share of the pixel cut."""
    order = np.lexsort((x, row))
    row, x = row[order], np.clip(x[order], 0, columns)
    starts = np.concatenate([[0], np.nonzero(np.diff(row))[0] + 1]) if row.size else np.zeros(0, dtype=np.intp)
    rank = np.arange(row.size) - np.repeat(starts, np.diff([*starts, row.size]))
    sign = np.where(rank % 2 == 0, 1.0, -1.0)
    pixel = np.minimum(x.astype(np.intp), columns - 1)
    share = x - pixel
    np.add.at(out, (row, pixel), sign * (1 - share))
    np.add.at(out, (row, pixel + 1), sign * share)
