"""Single Compton scatter from sample points to pairs of coarse detectors."""

import math

import numba
import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet._kernels.compiler import compiled, threaded

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@threaded
def profiles(
    activity: Floats, mu: Floats, sides: Doubles, points: Doubles, detectors: Doubles, bin_: float, seen: Floats, path: Floats
) -> None:
    """seen[s, d, k]: integral of activity from point s towards detector d in the k-th ``bin_`` of the way [Bq/ml mm];
    path[s, d]: that of mu all the way [1]."""
    step = 0.5 * min(sides[0], sides[1])
    n_x, n_y, n_z = mu.shape
    for s in numba.prange(len(points)):
        for d in range(len(detectors)):
            dx, dy, dz = detectors[d, 0] - points[s, 0], detectors[d, 1] - points[s, 1], detectors[d, 2] - points[s, 2]
            length = math.sqrt(dx * dx + dy * dy + dz * dz)
            a, b, c = step * dx / length / sides[0], step * dy / length / sides[0], step * dz / length / sides[1]
            x, y, z = (
                points[s, 0] / sides[0] + 0.5 * n_x,
                points[s, 1] / sides[0] + 0.5 * n_y,
                points[s, 2] / sides[1] + 0.5 * n_z,
            )
            total = 0.0
            for m in range(int(length / step)):
                i, j, k = (
                    int(math.floor(x + (m + 0.5) * a)),
                    int(math.floor(y + (m + 0.5) * b)),
                    int(math.floor(z + (m + 0.5) * c)),
                )
                if i < 0 or j < 0 or k < 0 or i >= n_x or j >= n_y or k >= n_z:
                    break
                total += step * mu[i, j, k]
                seen[s, d, min(int((m + 0.5) * step / bin_), seen.shape[2] - 1)] += step * activity[i, j, k]
            path[s, d] = total


@compiled
def looked_up(table: Floats, cosine: float) -> float:
    """Linear in the cosine from -1 to 1."""
    x = 0.5 * (cosine + 1) * (table.size - 1)
    i = min(int(x), table.size - 2)
    return float(table[i] + (x - i) * (table[i + 1] - table[i]))


@compiled
def deposit(out: Floats, lowest: float, width: float, seen: Floats, bin_: float, start: float, sign: float, value: float) -> None:
    """Spread ``value`` times the profile over the bins of the offset, each half to its neighbours by distance."""
    if out.size == 1:
        for k in range(seen.size):
            out[0] += value * seen[k]
        return
    for k in range(seen.size):
        if seen[k] > 0:
            x = (start + sign * (k + 0.5) * bin_ - lowest) / width
            i = int(math.floor(x))
            f = x - i
            if 0 <= i < out.size:
                out[i] += value * seen[k] * (1 - f)
            if 0 <= i + 1 < out.size:
                out[i + 1] += value * seen[k] * f


@threaded
def single(
    points: Doubles,
    strength: Doubles,
    detectors: Doubles,
    seen: Floats,
    path: Floats,
    chance: Floats,
    ratio: Floats,
    stopping: float,
    bin_: float,
    lowest: float,
    width: float,
    out: Floats,
) -> None:
    """out[a, b, t] for a < b: scattered pairs per area of both faces [1/mm4] (per bin of the offset).

    strength: mu times volume of each point [mm2]; chance and ratio against the cosine of scattering: probability per
    steradian times the share kept by the energy window, and attenuation over that at 511 keV.
    """
    radius = math.sqrt(detectors[0, 0] ** 2 + detectors[0, 1] ** 2)
    n = len(detectors)
    whole = -math.expm1(-stopping)
    for a in numba.prange(n):
        for b in range(a + 1, n):
            for s in range(len(points)):
                ax, ay, az = detectors[a, 0] - points[s, 0], detectors[a, 1] - points[s, 1], detectors[a, 2] - points[s, 2]
                bx, by, bz = detectors[b, 0] - points[s, 0], detectors[b, 1] - points[s, 1], detectors[b, 2] - points[s, 2]
                ra, rb = math.sqrt(ax * ax + ay * ay + az * az), math.sqrt(bx * bx + by * by + bz * bz)
                # the photon to the far side came along -(to A): it turns by 180 degrees less the angle between A and B
                cosine = -(ax * bx + ay * by + az * bz) / (ra * rb)
                p = looked_up(chance, cosine)
                if p <= 0:
                    continue
                r = looked_up(ratio, cosine)
                face_a = (detectors[a, 0] * ax + detectors[a, 1] * ay) / (radius * ra)
                face_b = (detectors[b, 0] * bx + detectors[b, 1] * by) / (radius * rb)
                flat_a, flat_b = math.sqrt(1 - (az / ra) ** 2), math.sqrt(1 - (bz / rb) ** 2)
                stop = -math.expm1(-stopping / flat_a) / whole * -math.expm1(-stopping / flat_b) / whole
                common = strength[s] * p * stop * face_a * face_b / (ra * ra * rb * rb) / (2 * math.pi)
                start = 0.5 * (ra - rb)
                deposit(out[a, b], lowest, width, seen[s, a], bin_, start, -1.0, common * math.exp(-path[s, a] - r * path[s, b]))
                deposit(out[a, b], lowest, width, seen[s, b], bin_, start, 1.0, common * math.exp(-path[s, b] - r * path[s, a]))


@threaded
def at_pairs(table: Floats, places: Floats, rings: int, offsets: Floats, out: Doubles) -> None:
    """Linear interpolation of table[ring a, place a, ring b, place b, t] at fractional (ring a, place a, ring b, place b)."""
    n_p, n_t = table.shape[1], table.shape[4]
    for part in numba.prange(64):
        index, weight = np.empty((5, 2), np.int64), np.empty((5, 2))
        for i in range(part * out.size // 64, (part + 1) * out.size // 64):
            for k in range(5):
                x = places[i, k] if k < 4 else offsets[i] if n_t > 1 else 0.0
                if k == 1 or k == 3:
                    low = int(math.floor(x))
                    index[k, 0], index[k, 1] = low % n_p, (low + 1) % n_p
                else:
                    most = (rings if k < 4 else n_t) - 1
                    low = max(0, min(int(math.floor(x)), most - 1))
                    index[k, 0], index[k, 1] = low, min(low + 1, most)
                    x = max(0.0, min(x, float(most)))
                weight[k, 1] = x - low
                weight[k, 0] = 1 - weight[k, 1]
            total = 0.0
            for corner in range(32 if n_t > 1 else 16):
                c0, c1, c2, c3, c4 = corner & 1, (corner >> 1) & 1, (corner >> 2) & 1, (corner >> 3) & 1, (corner >> 4) & 1
                w = weight[0, c0] * weight[1, c1] * weight[2, c2] * weight[3, c3] * (weight[4, c4] if n_t > 1 else 1.0)
                total += w * table[index[0, c0], index[1, c1], index[2, c2], index[3, c3], index[4, c4] if n_t > 1 else 0]
            out[i] = total
