"""Unscattered pairs of a whole scan: a Poisson process over the voxels, pairs that leave the body and meet crystals."""

import math

import numba
import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled, threaded
from hevesy.imaging.pet._kernels.pairs import APART, PLACES, SIGMA_T, STOPPING, crystal, leave, normal
from hevesy.transport._kernels.chance import Words, azimuth, exponential, uniform

Floats = npt.NDArray[np.float64]


@compiled
def stretch(
    first: float,
    last: float,
    steepest: float,
    cumulative: Floats,
    mu: npt.NDArray[np.float32],
    top: float,
    sides: Floats,
    blur: Floats,
    scanner: Floats,
    rng: Words,
    pairs: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.float32],
) -> int:
    """Pairs that start between two places of the running sum ``cumulative`` of proposals by voxel; how many were written.

    Directions are even in the sine of the tilt up to ``steepest``. Where the arrays are full, -1.
    """
    n_x, n_y, n_z = mu.shape
    voxel = np.searchsorted(cumulative, first, side="right")
    place, found = first, 0
    p, q, d, e = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    most = 1 / math.sqrt(1 - steepest * steepest)
    best = (1 - math.exp(-scanner[STOPPING] * most)) / (1 - math.exp(-scanner[STOPPING]))
    while True:
        place += exponential(rng)
        if place >= last:
            return found
        while cumulative[voxel] <= place:
            voxel += 1
        i, j, k = voxel // (n_y * n_z), (voxel // n_z) % n_y, voxel % n_z
        p[0] = (i - 0.5 * n_x + uniform(rng)) * sides[0] + blur[0] * normal(rng)
        p[1] = (j - 0.5 * n_y + uniform(rng)) * sides[0] + blur[0] * normal(rng)
        p[2] = (k - 0.5 * n_z + uniform(rng)) * sides[1] + blur[1] * normal(rng)
        d[2] = steepest * (2 * uniform(rng) - 1)
        c, s = azimuth(rng)
        across = math.sqrt(1 - d[2] * d[2])
        d[0], d[1] = across * c, across * s
        for a in range(3):
            q[a], e[a] = p[a], -d[a]
        one, t1 = crystal(p, d, scanner, rng)
        if one < 0:
            continue
        two, t2 = crystal(q, e, scanner, rng)
        places = int(scanner[PLACES])
        if two < 0 or one == two or abs(one // places - two // places) > scanner[APART]:
            continue
        stop = (1 - math.exp(-scanner[STOPPING] / across)) / (1 - math.exp(-scanner[STOPPING])) / best
        if uniform(rng) >= stop * stop:
            continue
        if leave(p, d, mu, sides, top, 0, rng)[1] < 0 or leave(q, e, mu, sides, top, 0, rng)[1] < 0:
            continue
        if found == len(pairs):
            return -1
        pairs[found, 0], pairs[found, 1] = one, two
        offsets[found] = 0.5 * (t1 - t2) + scanner[SIGMA_T] * normal(rng)
        found += 1


@threaded
def stretches(
    edges: Floats,
    steepest: float,
    cumulative: Floats,
    mu: npt.NDArray[np.float32],
    top: float,
    sides: Floats,
    blur: Floats,
    scanner: Floats,
    states: npt.NDArray[np.uint64],
    pairs: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.float32],
    found: npt.NDArray[np.int64],
) -> None:
    """One stretch for each of ``states``, between neighbouring ``edges``; outputs have a row a stretch."""
    for n in numba.prange(len(states)):
        found[n] = stretch(
            edges[n], edges[n + 1], steepest, cumulative, mu, top, sides, blur, scanner, states[n], pairs[n], offsets[n]
        )
