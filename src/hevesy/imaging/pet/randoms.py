"""Random coincidences and dead time."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.rings import Rings
from hevesy.rng import stream

Array = npt.NDArray[np.float64]

MM_PER_S = 0.299792458e12


def randoms_rate(first: npt.ArrayLike, second: npt.ArrayLike, window: float) -> Array:
    """Rate of random coincidences of two crystals from their singles.

        R = 2 tau S_1 S_2

    Parameters
    ----------
    first, second : arrays      Rates of singles S [1/s].
    window : float              tau: photons up to this far apart are in coincidence [s].

    Neglected: singles that belong to a coincidence (below 1 % at clinical rates). Knoll, Radiation Detection and
    Measurement, 4th ed. (2010), ch. 17.
    """
    if not 1e-10 <= window <= 1e-7:
        raise InputError(f"the coincidence window is {window} s; 0.1 to 100 ns is meant. Give seconds.")
    return np.asarray(2 * window * np.asarray(first, float) * np.asarray(second, float))


def total_randoms(rings: Rings, singles: npt.NDArray[Any], window: float) -> float:
    """Rate of all random coincidences between different crystals within the accepted ring difference [1/s]."""
    by_ring = singles.reshape(rings.rings, rings.per_ring)
    sums = by_ring.sum(axis=1)
    ring = np.arange(rings.rings)
    accepted = np.abs(ring[:, None] - ring) <= rings.most_rings_apart
    pairs = float(sums @ accepted @ sums) - float((by_ring.astype(float) ** 2).sum())
    return float(randoms_rate(pairs / 2, 1.0, window))


def mean_square_factor(decay_constant: float, duration: float) -> float:
    """Mean of the square of a decaying activity over the square of its mean [1]: by it randoms exceed those of the mean.

        <A^2> / <A>^2 = x coth x,      x = lambda T / 2

    It is 1.0013 for F-18 in 20 min, 1.23 for O-15 in 5 min.
    """
    x = decay_constant * duration / 2
    return x / math.tanh(x) if x > 1e-6 else 1.0


def random_events(
    rings: Rings,
    singles: npt.NDArray[Any],
    *,
    window: float,
    duration: float,
    tof_fwhm: float,
    seed: int,
    decay_constant: float = 0.0,
) -> ListMode:
    """Random coincidences of a scan, drawn from the singles of the crystals [1/s]; their offset is even over the window.

    Parameters
    ----------
    singles : array, shape (crystals,)      Root of the mean square over the scan [1/s].
    decay_constant : float                  Of the nuclide: randoms fall with its square [1/s].
    """
    rng = stream(seed, 0)
    number = int(rng.poisson(total_randoms(rings, singles, window) * duration))
    share = np.asarray(singles, float) / float(np.sum(singles))
    found: list[npt.NDArray[np.int32]] = []
    missing = number
    for _ in range(1000):
        if missing <= 0:
            break
        drawn = rng.choice(rings.crystals, size=(2 * missing + 16, 2), p=share).astype(np.int32)
        apart = np.abs(drawn[:, 0] // rings.per_ring - drawn[:, 1] // rings.per_ring)
        good = drawn[(apart <= rings.most_rings_apart) & (drawn[:, 0] != drawn[:, 1])][:missing]
        found.append(good)
        missing -= len(good)
    if missing > 0:
        raise ConvergenceError(
            f"{missing} of {number} random events could not be drawn; hardly any pair of crystals is accepted."
        )
    pairs = np.concatenate(found) if found else np.empty((0, 2), np.int32)
    half = window * MM_PER_S / 2
    offset = rng.uniform(-half, half, len(pairs)).astype(np.float32) if tof_fwhm > 0 else np.empty(0, np.float32)
    return ListMode(
        rings=rings,
        pairs=pairs,
        offset=offset,
        tof_fwhm=tof_fwhm,
        duration=duration,
        time=_falling_times(rng.random(len(pairs)), 2 * decay_constant, duration),
        kind=np.full(len(pairs), -1, np.int8),
    )


def _falling_times(drawn: Array, rate: float, duration: float) -> npt.NDArray[np.float32]:
    """Times of even numbers ``drawn``, in order, that fall as exp(-rate t) over the scan."""
    if rate * duration < 1e-9:
        return np.asarray(np.sort(drawn) * duration, np.float32)
    return np.asarray(np.minimum(-np.log1p(math.expm1(-rate * duration) * np.sort(drawn)) / rate, duration), np.float32)


def merged(*parts: ListMode) -> ListMode:
    """The events of several lists of one scanner as one, in the order of time where all have it."""
    first = parts[0]
    if any(part.rings != first.rings or part.tof_fwhm != first.tof_fwhm for part in parts):
        raise InputError("lists of events of different scanners cannot be merged. Read each with its own scanner.")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("pairs", "offset", "time", "kind")}
    if columns["time"].size == len(columns["pairs"]):
        order = np.argsort(columns["time"], kind="stable")
        columns = {name: values[order] if values.size else values for name, values in columns.items()}
    return ListMode(rings=first.rings, tof_fwhm=first.tof_fwhm, duration=first.duration, **columns)


def non_paralysable(rate: npt.ArrayLike, dead_time: float) -> Array:
    """Counted rate m = n / (1 + n t) of a detector that is dead for ``dead_time`` t [s] after each count [1/s].

    Knoll, ch. 4.
    """
    n = np.asarray(rate, float)
    return np.asarray(n / (1 + n * dead_time))


def paralysable(rate: npt.ArrayLike, dead_time: float) -> Array:
    """Counted rate m = n exp(-n t) of a detector whose dead time ``dead_time`` t [s] starts anew with each photon [1/s].

    Knoll, ch. 4.
    """
    n = np.asarray(rate, float)
    return np.asarray(n * np.exp(-n * dead_time))


def pair_live_share(
    singles: npt.NDArray[Any], rings: Rings, pairs: npt.NDArray[Any], *, dead_time: float, block: tuple[int, int]
) -> Array:
    """Share of the time both blocks of a pair of crystals are live [1], paralysable.

        l = exp(-(N_a + N_b) t)

    with N the singles of a block of ``block`` (about the ring, along the axis) crystals [1/s].
    """
    across, along = block
    if rings.per_ring % across or rings.rings % along:
        raise InputError(
            f"blocks of {across} x {along} crystals do not divide {rings.per_ring} x {rings.rings}. Give the real block."
        )
    grid = singles.reshape(rings.rings // along, along, rings.per_ring // across, across).sum(axis=(1, 3))
    ring, place = np.divmod(np.asarray(pairs), rings.per_ring)
    load = grid[ring // along, place // across].sum(axis=1)
    return np.asarray(np.exp(-load * dead_time))


def peak_dead_time(rate_per_activity: float, peak: float) -> float:
    """Dead time for which a paralysable rate n exp(-n t) is greatest at activity ``peak``: t = 1 / (n' peak) [s]."""
    if not (rate_per_activity > 0 and peak > 0) or not math.isfinite(rate_per_activity * peak):
        raise InputError("a peak needs a rate per activity and an activity above 0.")
    return 1 / (rate_per_activity * peak)
