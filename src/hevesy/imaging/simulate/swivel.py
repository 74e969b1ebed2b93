"""How a ring of columns scans: where the columns stand about a body, and how they sweep over it."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors import SwivelColumns, swivel_orbit
from hevesy.imaging.simulate.acquisition import CLEARANCE, Acquisition
from hevesy.imaging.systems import RingCamera
from hevesy.model import EnergyWindow, Grid
from hevesy.transport import Phantom

Array = npt.NDArray[np.float64]

TURNS = 4  # places of the ring a scan: 12 columns see each point from 48 directions
HOUSING = 10.0  # of a column beside its detector [mm]
STEP = 0.5  # of a column's width between two swivels, at the axis of the ring
STEEPEST, NEAREST = 80.0, 5.0  # degrees of swivel; mm that the plane of the face keeps from the axis
SOLID, EMPTY = 0.1, 100.0  # g/ml: above it a voxel is body; mm: radius to be seen where there is none


def swivel_and_count(
    camera: RingCamera,
    *,
    nuclide: str,
    windows: tuple[EnergyWindow, ...],
    duration: float,
    outline: Array,
    radius: float | None = None,
    swivels: int | None = None,
    turns: int = TURNS,
) -> Acquisition:
    """A scan in which every column sweeps over the body, at ``turns`` places of the ring in turn.

        pivots at p = 360 (c + k/turns) / columns;   swivels from edge to edge of the body as the pivot sees it

    All columns move and count at the same times, view (k n + m) from (k n + m) T / (turns n).  Views are ordered by pivot,
    then by swivel; their number of swivels n is prime, so that subsets of every n-th view look from all sides.

    Makers have not published how their columns move.  This plan is ours: pivots at the crystal, the face 25 mm from the
    body on each side, steps of half a column's width at the axis; columns side by side keep 10 mm for their housing.

    Parameters
    ----------
    duration : float                    Of the whole acquisition T [s].
    outline : ndarray, shape (n, 2)     Points (x, y) of the body from the axis of the ring [mm]: see :func:`outline_of`.
    radius : float, optional            From the axis to the face [mm]; None follows the body.
    swivels : int, optional             Of each column at each place, n.
    turns : int                         Places of the ring.
    """
    collimator = camera.collimators[0]
    arm, n = collimator.length, camera.columns * turns
    if turns < 1 or not duration > 0:
        raise InputError(f"{turns} places of the ring in {duration:g} s; give at least one place and a time above 0.")
    positions = np.arange(n) * 360.0 / n
    rings = _faces(camera, positions, outline, radius) + arm
    low, high = _swept(camera, positions, rings, outline, arm)
    widest = float((np.deg2rad(high - low) * rings).max())
    each = _prime(math.ceil(widest / (STEP * camera.width)) + 1) if swivels is None else swivels
    if each < 1:
        raise InputError(f"{each} swivels of a column; give at least one.")
    share = np.linspace(0, 1, each) if each > 1 else np.array([0.5])
    columns = SwivelColumns(
        positions=positions, rings=rings, swivels=low[:, None] + (high - low)[:, None] * share, arm=arm,
        rows=camera.modules * camera.pixels[0], columns=camera.pixels[1], pixel=(camera.pixel_pitch, camera.pixel_pitch),
    )  # fmt: skip
    dwell = duration / (turns * each)
    step = (np.arange(n) % turns)[:, None] * each + np.arange(each)
    return Acquisition(
        camera=camera,
        collimator=collimator,
        nuclide=nuclide,
        windows=windows,
        orbit=swivel_orbit(columns),
        starts=np.asarray(step.ravel() * dwell, dtype=np.float64),
        durations=np.full(n * each, dwell),
    )


def outline_of(body: Phantom, grid: Grid, *, length: float) -> Array:
    """Points (x, y) of a body within ``length`` [mm] of detector along z, shape (n, 2) [mm]; of a disc in the air without one."""
    a = grid.affine
    z = a[2, 2] * np.arange(grid.shape[0]) + a[2, 3]
    rows, columns = np.nonzero((body.density[np.abs(z) <= length / 2] > SOLID).any(axis=0))
    if rows.size == 0:
        angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        return EMPTY * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.stack([a[0, 0] * columns + a[0, 3], a[1, 1] * rows + a[1, 3]], axis=1)


def _faces(camera: RingCamera, positions: Array, outline: Array, radius: float | None) -> Array:
    """From the axis to the face of each column that looks at it [mm]."""
    p = np.deg2rad(positions)
    reach = (outline @ np.stack([np.sin(p), np.cos(p)])).max(axis=0)
    side_by_side = (camera.width + HOUSING) / 2 / math.tan(math.pi / camera.columns)
    least, most = camera.radius or (side_by_side, math.inf)
    faces = np.full(p.size, radius) if radius is not None else np.maximum(reach + CLEARANCE, least)
    if faces.min() < least or faces.max() > most or np.any(faces < reach):
        raise InputError(
            f"{camera.name}: faces at {faces.min():.0f} to {faces.max():.0f} mm from the axis; the body reaches "
            f"{reach.max():.0f} mm, the columns can stand at {least:.0f} to {most:.0f} mm. Give a radius between, or a smaller "
            "body."
        )
    return faces


def _swept(camera: RingCamera, positions: Array, rings: Array, outline: Array, arm: float) -> tuple[Array, Array]:
    """First and last swivel of each position [degrees]: where its pivot sees the body end."""
    p = np.deg2rad(positions)
    pivots = rings[:, None] * np.stack([np.sin(p), np.cos(p)], axis=1)
    way = pivots[:, None, :] - outline[None]
    turned = (np.rad2deg(np.arctan2(way[..., 0], way[..., 1])) - positions[:, None] + 180) % 360 - 180
    narrow = np.rad2deg(np.arcsin(camera.width / 2 / rings))
    steepest = np.minimum(np.rad2deg(np.arccos((arm + NEAREST) / rings)), STEEPEST)
    left, right = camera.swivel or (-STEEPEST, STEEPEST)
    low = np.maximum(np.minimum(turned.min(axis=1), -narrow), np.maximum(-steepest, left))
    high = np.minimum(np.maximum(turned.max(axis=1), narrow), np.minimum(steepest, right))
    return low, high


def _prime(least: int) -> int:
    """The first prime from ``least`` and 5 on."""
    n = max(least, 5)
    while any(n % k == 0 for k in range(2, math.isqrt(n) + 1)):
        n += 1
    return n
