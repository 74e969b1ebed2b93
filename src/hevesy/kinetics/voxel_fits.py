"""Curves of many voxels fitted at once, each drawn to the shape of its region."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units
from hevesy.errors import InputError
from hevesy.kinetics import _kernels as k
from hevesy.kinetics.solve import FASTEST, FURTHEST
from hevesy.model.arrays import frozen
from hevesy.model.curve import CurveFit

Vector = npt.NDArray[np.float64]

CHUNK = 8192  # voxels: arrays of a chunk stay in the cache
DETECTED = 2.0  # standard uncertainties above zero, below which a voxel shows no activity
NOT_SEARCHED = 1.0  # precision of a row that is fixed; it is never read


class Status(IntEnum):
    """What stands behind the number of a voxel."""

    FITTED = 0  # its own values decide
    HELD = 1  # slow rate held at physical decay: the values fall more slowly than that
    REGION = 2  # noise: the region's shape says more than the voxel's own values
    EMPTY = 3  # no activity above its noise: region's shape, amplitude of either sign
    FAILED = 4  # the search did not arrive: region's shape


MEANING = {
    Status.FITTED: "fitted to the voxel's own values",
    Status.HELD: "slow rate held at physical decay",
    Status.REGION: "mostly the region's shape, because of noise",
    Status.EMPTY: "no activity above noise; the region's shape was taken",
    Status.FAILED: "the search did not arrive; the region's shape was taken",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoxelNoise:
    """Standard uncertainty of a voxel by its expected value v: u^2 = floor^2 + scale v + (relative v)^2.

    Attributes
    ----------
    floor : float or ndarray, shape (n,)       What remains where there is no activity, above zero [Bq/ml].
    scale : float or ndarray, shape (n,)       Activity concentration of one count; Poisson noise [Bq/ml].
    relative : float or ndarray, shape (n,)    Share of the value, as the noise of OSEM images [1].
    """

    floor: npt.ArrayLike
    scale: npt.ArrayLike = 0.0
    relative: npt.ArrayLike = 0.0

    def __post_init__(self) -> None:
        for name in ("floor", "scale", "relative"):
            value = frozen(np.atleast_1d(np.array(getattr(self, name), dtype=float)))
            low = float(np.min(value)) if value.size else -1.0
            if value.ndim != 1 or not np.all(np.isfinite(value)) or low < 0 or (name == "floor" and low == 0):
                least = "above zero" if name == "floor" else "zero or above"
                raise InputError(f"voxel noise: {name} is {getattr(self, name)}; it must be {least}, one number or one a scan.")
            object.__setattr__(self, name, value)

    def variance(self, expected: Vector) -> Vector:
        """u^2 for expected values, shape (n, voxels) [(Bq/ml)^2]."""
        v = np.maximum(expected, 0.0)
        floor, scale, relative = (np.asarray(x)[:, None] for x in (self.floor, self.scale, self.relative))
        return np.asarray(floor**2 + scale * v + (relative * v) ** 2, dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoxelFits:
    """Maps of the shape of the voxels handed in.

    Attributes
    ----------
    time_integrated_activity, u : ndarray      Concentration and its standard uncertainty (noise and shape) [Bq s/ml].
    rate, u_log_rate : ndarray                 Slow rate [1/s] and the standard uncertainty of its logarithm [1].
    chi2 : ndarray                             Weighted sum of squares of the voxel's values alone [1].
    status : ndarray of int8                   :class:`Status`.
    """

    time_integrated_activity: npt.NDArray[np.float32]
    u: npt.NDArray[np.float32]
    rate: npt.NDArray[np.float32]
    u_log_rate: npt.NDArray[np.float32]
    chi2: npt.NDArray[np.float32]
    status: npt.NDArray[np.int8]

    def counts(self) -> dict[str, int]:
        """Number of voxels by status, for people."""
        return {MEANING[s]: int(np.count_nonzero(self.status == s)) for s in Status}


def voxel_fits(
    values: npt.ArrayLike,
    t: npt.ArrayLike,
    *,
    region: CurveFit,
    noise: VoxelNoise | npt.ArrayLike,
    decay_constant: float,
    spread: float = 0.3,
    fast_spread: float = 0.0,
    threads: int = 2,
) -> VoxelFits:
    """Fit A(t) to each voxel, its rates drawn to those of its region, and integrate it from 0 to infinity.

        v(t) = a (exp(-l1 t) + s rho exp(-l2 t)),     s = 0 (mono), +1 (bi), -1 with rho = 1 (uptake)
        minimised:  sum_i (v_i - v(t_i))^2 / u_i^2  +  sum_k (ln p_k - ln p_k,region)^2 / spread^2,   p = l1, rho (l2)

    with l1 >= lambda_phys. The model is the region's. The amplitude is free and eliminated; the search is by
    Levenberg and Marquardt from the best node of a grid of rates. The integral's uncertainty is that of a normal
    posterior, so it holds noise and shape. Where a voxel shows no activity, its integral is linear in its values and
    may be negative: cut at zero, the sum over a background would be too large.

    Parameters
    ----------
    values : array, shape (n, ...)      Activity concentration of the voxels at each scan [Bq/ml].
    t : array, shape (n,)               Times of the scans after the administration, increasing; two at least [s].
    region : CurveFit                   Of the region the voxels are part of.
    noise : VoxelNoise or array         The array is u of the values, broadcast to their shape [Bq/ml].
    decay_constant : float              lambda_phys [1/s].
    spread : float                      Standard deviation of ln l1 and ln rho between the voxels of a region [1]; 10 is none.
    fast_spread : float                 Of ln l2; 0 holds it at the region's [1].
    threads : int                       The result does not depend on it.

    Neglected: correlation between neighbouring voxels and between scans, uncertainty of the region's own fit, resolution
    (spill-over mixes the kinetics of neighbours).
    Reference: Kaufman, BIT 1975;15:49-57 (variable projection); docs/theory/voxel-kinetics.md for the prior.

    Raises
    ------
    InputError
        Times, shapes, noise or spreads that make no sense, or values that are not finite.
    """
    times = np.asarray(t, dtype=float)
    data = np.asarray(values)
    _check(data, times, decay_constant=decay_constant, spread=spread, fast_spread=fast_spread)
    spec = _spec(region, times, decay_constant=decay_constant, spread=spread, fast_spread=fast_spread)
    flat = data.reshape(times.size, -1)
    u = None if isinstance(noise, VoxelNoise) else _given(noise, data)
    if isinstance(noise, VoxelNoise) and any(
        np.size(x) not in (1, times.size) for x in (noise.floor, noise.scale, noise.relative)
    ):
        raise InputError(f"voxel noise: one number or one a scan is allowed; there are {times.size} scans.")

    def one(first: int) -> list[npt.NDArray[Any]]:
        part = slice(first, first + CHUNK)
        return _fitted(flat[:, part].astype(np.float64), noise if u is None else u[:, part], spec)

    firsts = range(0, flat.shape[1], CHUNK)
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        parts = list(pool.map(one, firsts))
    types = (np.float32,) * 5 + (np.int8,)
    empty: list[list[npt.NDArray[Any]]] = [[np.zeros(0)] * len(types)]
    maps = [
        frozen(np.concatenate([p[i] for p in parts or empty]).astype(kind).reshape(data.shape[1:]), kind)
        for i, kind in enumerate(types)
    ]
    return VoxelFits(time_integrated_activity=maps[0], u=maps[1], rate=maps[2], u_log_rate=maps[3], chi2=maps[4], status=maps[5])


def _fitted(y: Vector, noise: Any, spec: k.Spec) -> list[npt.NDArray[Any]]:
    """The maps of one chunk, in the order of :class:`VoxelFits`."""
    by_region = np.repeat(np.array(spec.centre)[:, None], y.shape[1], axis=1)
    e = k.unit_curve(by_region[:, :1], spec)[0]
    modelled = isinstance(noise, VoxelNoise)
    # Weights come from expected values: those of the noisy values themselves would favour the low ones.
    w = 1 / noise.variance(e * (np.sum(y * e, axis=0) / np.sum(e * e))) if modelled else 1 / np.asarray(noise, float) ** 2
    w = np.broadcast_to(w, y.shape)
    here = k.normal(by_region, y, w, spec)
    status = np.where(here.a < DETECTED / np.sqrt(here.see), Status.EMPTY, Status.FITTED).astype(np.int8)
    theta = by_region.copy()
    live = np.flatnonzero(status == Status.FITTED)
    for again in range(2 if modelled else 1):
        last = again or not modelled
        if live.size == 0:
            break
        begin = theta[:, live] if again else k.start(theta[:, live], y[:, live], w[:, live], spec)
        found, arrived = k.minimise(begin, y[:, live], w[:, live], spec, level=k.LEVEL if last else 1e-2)
        theta[:, live] = found
        status[live[~arrived]] = Status.FAILED
        if modelled and not again:
            at = k.normal(found, y[:, live], w[:, live], spec)
            w = np.array(w)
            w[:, live] = 1 / noise.variance(at.a * k.unit_curve(found, spec)[0])
    failed = status == Status.FAILED
    theta[:, failed] = by_region[:, failed]
    here = k.normal(theta, y, w, spec)
    integral, variance, by_rate = k.integral(theta, here, spec)
    fitted = status == Status.FITTED
    status[fitted & (by_rate * spec.precision[k.SLOW] > 0.5)] = Status.REGION
    status[fitted & (theta[k.SLOW] <= spec.lower)] = Status.HELD
    chi2 = np.sum(w * (y - here.a * k.unit_curve(theta, spec)[0]) ** 2, axis=0)
    return [integral, np.sqrt(variance), np.exp(theta[k.SLOW]), np.sqrt(by_rate), chi2, status]


def _spec(region: CurveFit, t: Vector, *, decay_constant: float, spread: float, fast_spread: float) -> k.Spec:
    """The region's shape as centre of the prior, and the bounds of the slow rate."""
    order = np.argsort(region.rates)
    rates, amplitudes = region.rates[order], region.amplitudes[order]
    top = float(np.max(np.abs(amplitudes))) if amplitudes.size else 0.0
    one_phase = rates.size == 1 or top == 0 or abs(amplitudes[1]) < 1e-9 * top
    if rates.size > 2 or (not one_phase and amplitudes[0] <= 0):
        raise InputError(
            f"{region.region}: voxels follow one or two phases, the slow one above zero; this fit has amplitudes "
            f"{(amplitudes / units.MBq).tolist()} MBq. Choose mono, bi or uptake."
        )
    if np.any(rates < decay_constant * (1 - 1e-9)):
        raise InputError(f"{region.region}: a rate of the region is below physical decay. Check the nuclide.")
    first, gap = float(t[t > 0][0]), float(t[1] - t[0])
    upper = math.log(max(min(FASTEST / gap, FURTHEST / first), decay_constant * 2))
    sign, ratio, fast = 0, 1.0, rates[0]
    if not one_phase:
        fast, ratio = float(rates[1]), abs(float(amplitudes[1] / amplitudes[0]))
        sign = 1 if amplitudes[1] > 0 else -1
        # The slow phase stays the slow one.
        upper = min(upper, math.log(max(0.95 * fast, decay_constant)))
    free = [k.SLOW] + ([k.FAST] if sign and fast_spread > 0 else []) + ([k.RATIO] if sign > 0 else [])
    centre = np.log([min(max(rates[0], decay_constant), math.exp(upper)), fast, ratio])
    drawn = np.array([spread, fast_spread or NOT_SEARCHED, spread])
    return k.Spec(t, sign, centre, 1 / drawn**2, tuple(free), math.log(decay_constant), upper)


def _given(u: npt.ArrayLike, data: npt.NDArray[Any]) -> Vector:
    array = np.asarray(u, dtype=float)
    if array.ndim == 1 and array.size == data.shape[0]:
        array = array.reshape(-1, *[1] * (data.ndim - 1))
    try:
        full = np.broadcast_to(array, data.shape)
    except ValueError:
        raise InputError(f"voxel uncertainties have shape {array.shape}, the values {data.shape}; they must fit.") from None
    if not (np.all(np.isfinite(array)) and np.all(array > 0)):
        raise InputError("voxel uncertainties must be finite and above zero; use VoxelNoise with a floor.")
    return full.reshape(data.shape[0], -1)


def _check(data: npt.NDArray[Any], t: Vector, *, decay_constant: float, spread: float, fast_spread: float) -> None:
    if t.ndim != 1 or t.size < 2 or np.any(t < 0) or np.any(np.diff(t) <= 0) or not np.all(np.isfinite(t)):
        raise InputError(f"voxel fits: two times or more that increase are needed; got {t / units.h} h.")
    if data.ndim < 2 or data.shape[0] != t.size:
        raise InputError(f"voxel fits: values have shape {data.shape}; (scans, voxels) with {t.size} scans is needed.")
    if not np.all(np.isfinite(data)):
        raise InputError("voxel fits: values must be finite; mask what has no value before the fit.")
    if not (math.isfinite(decay_constant) and decay_constant > 0):
        raise InputError(f"voxel fits: the decay constant is {decay_constant} 1/s; it must be above zero.")
    if not (0.01 <= spread <= 10 and (fast_spread == 0 or 0.01 <= fast_spread <= 10)):
        raise InputError(
            f"voxel fits: spread is {spread:g} and fast_spread {fast_spread:g}; 0.01 to 10 is allowed (0.3 is 30 %), "
            "and 0 for the fast rate to hold it."
        )
