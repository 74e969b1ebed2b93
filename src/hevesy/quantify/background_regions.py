"""Where the regions of the background of an IEC body phantom are placed, and what they measure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.quantify.sphere_finding import Spheres

Array = npt.NDArray[Any]

REGIONS = 12
LARGEST = 37.0  # mm
# Offsets of the five slices from that of the spheres [mm].
SLICES = (0.0, 10.0, -10.0, 20.0, -20.0)
# Distance that a region keeps from the edge of the phantom and from spheres; the standard's first, less where it must be [mm].
MARGINS = (15.0, 12.0, 9.0, 6.0, 3.0)
LUNG = 25.0  # mm: radius of the insert
FINE = 5  # pixels are divided by this along each side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Background:
    """The regions of the background.

    Attributes
    ----------
    centres : ndarray, shape (12, 2)    (x, y), as in `Spheres` [mm].
    margin : float                      Distance kept from edge and spheres [mm].
    slices : tuple of int               Slices used, those of the spheres first.
    """

    centres: npt.NDArray[np.float64]
    margin: float
    slices: tuple[int, ...]


def disk(centre: Array, diameter: float, shape: tuple[int, int], sides: tuple[float, float]) -> tuple[tuple[slice, slice], Array]:
    """Share of each pixel in a circle: where (rows, columns), and the shares, whose sum is its area in pixels.

    Parameters
    ----------
    centre : (x, y)                     [mm].
    diameter : float                    [mm].
    shape : (rows, columns)
    sides : (x, y)                      Of a pixel [mm].
    """
    r = diameter / 2
    low = [max(0, int(np.floor((c - r) / s))) for c, s in zip(centre, sides, strict=True)]
    high = [min(n, int(np.ceil((c + r) / s)) + 1) for c, s, n in zip(centre, sides, shape[::-1], strict=True)]
    fine = (np.arange(FINE) + 0.5) / FINE - 0.5
    x, y = (
        (((np.arange(a, b)[:, None] + fine).ravel() * s - c) ** 2) for a, b, s, c in zip(low, high, sides, centre, strict=True)
    )
    inside = (y[:, None] + x[None, :] <= r * r).astype(float)
    shares = inside.reshape(high[1] - low[1], FINE, high[0] - low[0], FINE).mean(axis=(1, 3))
    return (slice(low[1], high[1]), slice(low[0], high[0])), shares


def disk_mean(plane: Array, centre: Array, diameter: float, sides: tuple[float, float]) -> float:
    """Mean in a circle, pixels at its edge by their share [unit of the image]."""
    where, w = disk(centre, diameter, (plane.shape[0], plane.shape[1]), sides)
    total = float(w.sum())
    if total <= 0:
        raise DataError("a region lies outside the image. The whole phantom is needed.")
    return float((plane[where] * w).sum() / total)


def place_background(values: Array, spacing: tuple[float, float, float], spheres: Spheres) -> Background:
    """Twelve circles of 37 mm, as far from each other as they go, with a margin from the edge and the spheres.

    The edge is where the slice falls to half the background. The standard asks for 15 mm from edge and spheres; where
    twelve circles that do not overlap have no room with that, the margin is lowered in steps to 3 mm and stated.

    Raises
    ------
    DataError
        There is no room, or the five slices are not all in the image.
    """
    slices = tuple(round((float(spheres.middle[2]) + offset) / spacing[2]) for offset in SLICES)
    if min(slices) < 0 or max(slices) >= values.shape[0]:
        raise DataError(
            f"background needs slices 2 cm to both sides of the spheres; slice {min(slices)} to {max(slices)} of "
            f"{values.shape[0]} are asked for. Include more of the phantom."
        )
    for margin in MARGINS:
        centres = _spread(_allowed(values, spacing, spheres, slices, margin), spacing, spheres.middle[:2])
        if len(centres) == REGIONS:
            return Background(centres=centres, margin=margin, slices=slices)
    raise DataError(
        f"{REGIONS} background regions of {LARGEST:.0f} mm have no room in the phantom, even {MARGINS[-1]:g} mm from edge and "
        "spheres. Is this an IEC body phantom, and is it whole?"
    )


def _allowed(
    values: Array, spacing: tuple[float, float, float], spheres: Spheres, slices: tuple[int, ...], margin: float
) -> npt.NDArray[np.bool_]:
    from scipy.ndimage import binary_fill_holes, distance_transform_edt

    body: npt.NDArray[np.bool_] = np.ones(values.shape[1:], dtype=bool)
    for k in slices:
        body &= np.asarray(binary_fill_holes(values[k] > 0.5 * spheres.background))
    padded = np.pad(body, 1)  # the border of the image is an edge too
    far = np.asarray(distance_transform_edt(padded, sampling=(spacing[1], spacing[0])))[1:-1, 1:-1]
    ok = far >= LARGEST / 2 + margin
    y, x = np.arange(body.shape[0]) * spacing[1], np.arange(body.shape[1]) * spacing[0]
    radii = [*(spheres.diameters / 2), LUNG]
    places = [*spheres.centres[:, :2], spheres.middle[:2]]
    for place, r in zip(places, radii, strict=True):
        ok &= (y[:, None] - place[1]) ** 2 + (x[None, :] - place[0]) ** 2 >= (r + LARGEST / 2 + margin) ** 2
    return np.asarray(ok)


def _spread(ok: npt.NDArray[np.bool_], spacing: tuple[float, float, float], middle: Array) -> npt.NDArray[np.float64]:
    """Up to twelve centres that do not overlap: round the phantom from each of some starts, those packed best."""
    rows, columns = np.nonzero(ok)
    if len(rows) < REGIONS:
        return np.empty((0, 2))
    points = np.stack([columns * spacing[0], rows * spacing[1]], axis=1).astype(float)
    angle = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    best = np.empty((0, 2))
    for start in np.linspace(-np.pi, np.pi, 24, endpoint=False):
        chosen = _round(points, (angle - start) % (2 * np.pi))
        if len(chosen) > len(best):
            best = chosen
    if len(best) <= REGIONS:
        return best
    return np.asarray(best[np.round(np.linspace(0, len(best) - 1, REGIONS)).astype(int)])


def _round(points: Array, turn: Array) -> npt.NDArray[np.float64]:
    """Centres one after the other in the order of their angle, each the first that touches none before."""
    free, chosen = np.ones(len(points), dtype=bool), []
    order = np.argsort(turn, kind="stable")
    for i in order:
        if free[i]:
            chosen.append(points[i])
            free &= np.sum((points - points[i]) ** 2, axis=1) >= LARGEST**2
    return np.array(chosen)
