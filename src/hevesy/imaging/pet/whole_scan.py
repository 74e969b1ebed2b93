"""All events of a scan in seconds: unscattered pairs one by one, scattered ones drawn from their single-scatter estimate."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.pet.simulate import Detection, _constants
from hevesy.imaging.pet.single_scatter import ScatterEstimate
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]

# Proposals of a stretch, which has its own random stream, and stretches played at once.
STRETCH, AT_ONCE = 200_000, 16
# Scattered pairs drawn at once.
DRAWN = 1_000_000


def steepest_tilt(field: Field, detection: Detection) -> float:
    """Sine of the largest tilt of a line that starts in the field and ends on crystals in coincidence [1]."""
    rings = detection.rings
    x, y, _ = field.centres()
    off = min(0.98 * rings.radius, math.hypot(float(x[-1]) + field.side, float(y[-1]) + field.side))
    apart = min((rings.most_rings_apart + 1) * rings.pitch, rings.length)
    across = 2 * math.sqrt(rings.radius**2 - off**2)
    return min(0.999, apart / math.hypot(apart, across))


def unscattered(
    field: Field,
    activity: npt.NDArray[Any],
    mu: npt.NDArray[Any],
    detection: Detection,
    *,
    pairs_per_Bq: float,
    seed: int,
    progress: Any = None,
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Crystals and offsets [mm] of all pairs that leave the body without scattering and are counted.

    Parameters
    ----------
    activity : array, shape (z, y, x)   Mean over the scan [Bq/ml].
    mu : array, shape (z, y, x)         At 511 keV [1/mm].
    pairs_per_Bq : float                Duration x positron yield x live share [s].

    The number in each voxel is Poisson. It differs from `coincidences` in that only directions that may be counted are
    played, and that a photon is dropped at its first scatter: some hundred times as fast, with the same distribution.
    Neglected: as there; where places are blurred beyond the field, the steepest lines.
    """
    from hevesy.imaging.pet._kernels import pairs as loops
    from hevesy.imaging.pet._kernels import trues
    from hevesy.transport._kernels.chance import words

    values, body = checked(field, np.transpose(activity), "the activity"), checked(field, np.transpose(mu), "the attenuation map")
    if not pairs_per_Bq > 0 or values.min() < 0 or not 0 <= body.min() <= body.max() <= 0.05:
        raise InputError(
            "a scan needs a duration above 0 s, activity of at least 0 Bq/ml, and attenuation from 0 to 0.05 1/mm. Check them."
        )
    sine = steepest_tilt(field, detection)
    stopping = detection.rings.stopping
    # the yield of crystals grows with the tilt; proposals are for the most
    best = (math.expm1(-stopping / math.sqrt(1 - sine**2)) / math.expm1(-stopping)) ** 2
    cumulative = loops.whole_cumulative(values)
    cumulative *= field.voxel_volume * pairs_per_Bq * detection.pair_efficiency * sine * best
    whole = float(cumulative[-1])
    # the last voxel takes what rounding leaves over
    cumulative[-1] = math.inf
    sides, blur = np.array([field.side, field.thickness]), np.array(detection.resolution) / FWHM
    constants = _constants(detection)
    top = max(float(body.max()), 1e-12)
    stretches = max(1, math.ceil(whole / STRETCH))
    edges = np.linspace(0, whole, stretches + 1)
    room = int(1.1 * whole / stretches + 1000)
    rows: list[tuple[Any, Any]] = [(np.empty((0, 2), np.int32), np.empty(0, np.float32))]
    for start in range(0, stretches, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, stretches))
        states = np.stack([words(stream(seed, n)) for n in numbers])
        pair, offset = np.empty((len(states), room, 2), np.int32), np.empty((len(states), room), np.float32)
        found = np.zeros(len(states), np.int64)
        trues.stretches(
            edges[start : start + len(states) + 1], sine, cumulative, body, top, sides, blur, constants, states, pair, offset,
            found,
        )  # fmt: skip
        rows += [(pair[n, :many].copy(), offset[n, :many].copy()) for n, many in enumerate(found)]
        if progress is not None:
            progress((start + len(states)) / stretches)
    pairs, offsets = (np.concatenate(column) for column in zip(*rows, strict=True))
    return pairs, offsets


def scattered(estimate: ScatterEstimate, *, duration: float, seed: int) -> tuple[npt.NDArray[np.int32], Floats]:
    """Crystals and offsets [mm] of scattered pairs, drawn from their estimate as it is interpolated; Poisson in number.

    Parameters
    ----------
    duration : float                    Times scale of the estimate, live share, ... [s].

    A tent about each coarse detector is what linear interpolation between them means; the outer half of the tents at the
    two ends is flat.
    """
    rings, table = estimate.detection.rings, estimate.table
    n_r, n_p = table.shape[:2]
    # area of a coarse detector, twice; each pair stands in the table from both its ends
    area = rings.length / n_r * 2 * math.pi * rings.radius / n_p
    running = np.cumsum(np.maximum(table, 0).reshape(-1), dtype=np.float64)
    mean = float(running[-1]) * area**2 * estimate.width * duration / 2
    rng = stream(seed, 0)
    number = int(rng.poisson(mean))
    rows: list[tuple[Any, Any]] = [(np.empty((0, 2), np.int32), np.empty(0, np.float32))]
    for start in range(0, number, DRAWN):
        size = min(DRAWN, number - start)
        chosen = np.searchsorted(running, rng.random(size) * running[-1], side="right")
        r1, p1, r2, p2, b = np.unravel_index(np.minimum(chosen, running.size - 1), table.shape)
        ends = [_crystal(rings, _ended(r, n_r, rng), (p + _tent(rng, size)) / n_p, n_r) for r, p in ((r1, p1), (r2, p2))]
        pair = np.stack(ends, axis=1).astype(np.int32)
        offset = (estimate.lowest + (b + _tent(rng, size)) * estimate.width).astype(np.float32)
        ring = pair // rings.per_ring
        good = (np.abs(ring[:, 0] - ring[:, 1]) <= rings.most_rings_apart) & (pair[:, 0] != pair[:, 1])
        rows.append((pair[good], offset[good]))
    pairs, offsets = (np.concatenate(column) for column in zip(*rows, strict=True))
    return pairs, offsets


def _tent(rng: np.random.Generator, size: int) -> npt.NDArray[np.float64]:
    return rng.random(size) - rng.random(size)


def _ended(r: npt.NDArray[Any], n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Axial place in coarse rings; between the middle of the outermost and the edge the estimate is even."""
    step = _tent(rng, r.size)
    flat = rng.random(r.size) / 2
    step = np.where((r == 0) & (step < 0), -flat, step)
    return np.asarray(r + np.where((r == n - 1) & (step > 0), flat, step))


def _crystal(rings: Any, ring: npt.NDArray[Any], turn: npt.NDArray[Any], n_r: int) -> npt.NDArray[np.int64]:
    along = np.clip(((ring + 0.5) / n_r * rings.rings).astype(np.int64), 0, rings.rings - 1)
    return np.asarray(along * rings.per_ring + np.rint(turn * rings.per_ring).astype(np.int64) % rings.per_ring)


def in_order_of_time(
    parts: list[tuple[npt.NDArray[np.int32], Floats, int]],
    detection: Detection,
    *,
    duration: float,
    decay_constant: float,
    seed: int,
) -> ListMode:
    """Events (crystals, offsets, kind) as one list; their times follow the decay of the nuclide.

    p(t) = lambda exp(-lambda t) / (1 - exp(-lambda T))
    """
    pairs = np.concatenate([part[0] for part in parts])
    offsets = np.concatenate([part[1] for part in parts])
    kinds = np.concatenate([np.full(len(part[0]), part[2], np.int8) for part in parts])
    rng = stream(seed, 0)
    order = rng.permutation(len(pairs))
    left = -math.expm1(-decay_constant * duration)
    time = -np.log1p(-left * np.sort(rng.random(len(pairs)))) / decay_constant
    return ListMode(
        rings=detection.rings,
        pairs=pairs[order],
        offset=offsets[order] if detection.tof_fwhm > 0 else np.empty(0, np.float32),
        tof_fwhm=detection.tof_fwhm,
        duration=duration,
        time=np.minimum(time, duration).astype(np.float32),
        kind=kinds[order],
    )
