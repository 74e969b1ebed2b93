"""What a careful physician would draw on the virtual patient: contours of organs, masks of lesions."""

import numpy as np
import numpy.typing as npt

from hevesy.imaging.painting import Pose, index_box, patient_coordinates, slabs
from hevesy.imaging.shapes import Solid, Solids
from hevesy.imaging.torso import Torso
from hevesy.model import Grid, Outline

Polygon = npt.NDArray[np.float64]
STRAIGHT = 0.02  # mm: contours need no point where they bend less


def region_solid(torso: Torso, region: str) -> Solid:
    """All of a region as one solid, less the pieces before it that take its space."""
    own: list[Solid] = []
    before: list[Solid] = []
    pending: list[Solid] = []
    for piece in torso.pieces:
        if any(layer.region == region for layer in piece.layers):
            own.append(piece.solid)
            before += pending
            pending = []
        else:
            pending.append(piece.solid)
    low = np.min([s.bounds[0] for s in own], axis=0)
    high = np.max([s.bounds[1] for s in own], axis=0)
    near = [s for s in before if np.all(np.array(s.bounds[0]) < high) and np.all(np.array(s.bounds[1]) > low)]
    return Solids(joined=tuple(own), without=tuple(near))


def contoured(torso: Torso, region: str, grid: Grid, pose: Pose, series_uid: str = "") -> Outline:
    """Contours of a region on each slice of ``grid``, finer than its pixels; an inner contour is a hole."""
    from contourpy import contour_generator

    solid = region_solid(torso, region)
    box = index_box(grid, pose, solid.bounds, margin=2)
    columns, rows = np.arange(box[2].start, box[2].stop), np.arange(box[1].start, box[1].stop)
    polygons: list[Polygon] = []
    for part in slabs(box):
        depth = solid.depth(*patient_coordinates(grid, pose, part))
        for plane, k in zip(depth, range(part[0].start, part[0].stop), strict=True):
            for line in contour_generator(columns, rows, plane).lines(0.0):
                # contourpy closes a ring by repeating its first point; DICOM's CLOSED_PLANAR does not.
                ring = np.asarray(line, dtype=np.float64)[:-1]
                if len(ring) >= 3:
                    index = np.column_stack([ring, np.full(len(ring), k), np.ones(len(ring))])
                    polygons.append(thinned(index @ grid.affine.T[:, :3]))
    return Outline(
        name=region,
        frame_of_reference=grid.frame_of_reference,
        contours=tuple(polygons),
        series_uid=series_uid,
        source="virtual patient",
    )


def thinned(ring: Polygon) -> Polygon:
    """A closed ring without those of its odd points that lie within ``STRAIGHT`` of the line past them."""
    before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
    along = after - before
    lengths = np.linalg.norm(along, axis=1)
    off = np.linalg.norm(np.cross(along, ring - before), axis=1) / np.where(lengths > 0, lengths, 1.0)
    odd = np.arange(len(ring)) % 2 == 1
    odd[-1] = False
    return ring[~(odd & (off < STRAIGHT))] if len(ring) > 8 else ring


def masked(torso: Torso, region: str, grid: Grid, pose: Pose, series_uid: str = "") -> Outline:
    """Mask of a region: the voxels of ``grid`` whose centre lies inside."""
    solid = region_solid(torso, region)
    box = index_box(grid, pose, solid.bounds)
    mask = np.zeros(grid.shape, dtype=np.uint8)
    mask[box] = solid.depth(*patient_coordinates(grid, pose, box)) > 0
    mask.flags.writeable = False
    return Outline(
        name=region,
        frame_of_reference=grid.frame_of_reference,
        mask=mask,
        grid=grid,
        series_uid=series_uid,
        source="virtual patient",
    )
