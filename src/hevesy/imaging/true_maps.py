"""What is true of the virtual patient by voxel: time-integrated activity and density, before any scanner sees it."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from hevesy.errors import DataError
from hevesy.imaging.clearance import time_integrated_activity
from hevesy.imaging.painting import paint, shares
from hevesy.imaging.shapes import Field
from hevesy.imaging.spect import concentration
from hevesy.imaging.torso import REMAINDER, Torso, source_of
from hevesy.model import Grid, Image, Quantity
from hevesy.tables import load_table

AIR = 0.0012  # g/ml


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrueMaps:
    """Time-integrated activity [Bq s/ml], density [g/ml] and each source's share of each voxel, on one grid."""

    tia: Image
    density: Image
    fractions: dict[str, Field]


def true_maps(torso: Torso, spacing: float, *, margin: float = 20.0) -> TrueMaps:
    """Maps of the torso in voxels of ``spacing`` [mm], with ``margin`` [mm] of air around."""
    low = np.min([p.solid.bounds[0] for p in torso.pieces], axis=0) - margin
    high = np.max([p.solid.bounds[1] for p in torso.pieces], axis=0) + margin
    n = np.ceil((high - low) / spacing).astype(int) + 1
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = low
    grid = Grid(shape=(int(n[2]), int(n[1]), int(n[0])), affine=affine)
    pose = np.eye(4)
    curves = {**torso.clearances, REMAINDER: torso.remainder}
    tia = concentration(torso, {name: time_integrated_activity(curve) for name, curve in curves.items()}, grid, pose)
    density = paint(torso.pieces, lambda layer: layer.tissue.density, grid, pose, AIR)
    fractions = {name: np.zeros(grid.shape, dtype=np.float32) for name in curves}
    for layer, box, share in shares(torso.pieces, grid, pose):
        fractions[source_of(torso, layer.region)[0]][box] += share
    return TrueMaps(
        tia=Image(values=tia, grid=grid, quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION),
        density=Image(values=density, grid=grid, quantity=Quantity.DENSITY),
        fractions=fractions,
    )


@cache
def dose_by_local_deposition(cycle: int = 1) -> dict[str, float]:
    """True mean dose of each source for Lu-177, by that of local deposition: photons come in, some electrons get out.

    An unknown cycle is a :class:`DataError`: the table holds those that were computed.
    """
    rows = load_table("hevesy.imaging", "virtual_patient_doses").rows
    found = {row["source"]: float(row["dose_by_local_deposition"]) for row in rows if int(row["cycle"]) == cycle}
    if not found:
        raise DataError(f"the true doses of cycle {cycle} of the virtual patient are not in its table; there are 1 and 2.")
    return found
