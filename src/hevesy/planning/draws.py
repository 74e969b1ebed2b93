"""What may be true of doses and tissues, drawn from their uncertainties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hevesy.anatomy.names import standard_name
from hevesy.planning.forecast import DeliveredCycle, Forecast, RegionForecast
from hevesy.planning.targets import Target
from hevesy.radiobiology import Repair, Tissue, lea_catcheside
from hevesy.radiobiology.repair import LONGEST, SHORTEST
from hevesy.rng import stream

Vector = npt.NDArray[np.float64]

DRAWS = 40_000  # the chance of a 5 % limit is then met within 0.1 %
SEED = 5
_RANDOM, _DELIVERED, _CHANGE, _AGAIN, _TISSUE = 1, 10, 1_000, 100_000, 200_000  # first batch of each kind of number
REPAIR_NODES, REPAIR_SPAN = 33, 5.0


def log_sigma(u: float | Vector) -> Vector:
    """Standard deviation of the logarithm of a log-normal number of relative u: sigma^2 = ln(1 + u^2)."""
    return np.sqrt(np.log1p(np.square(u)))


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Draws of everything uncertain in a course; the same draw of a region serves all targets and cycles.

        dose of cycle c by activity = d exp(s_sys z_sys + s_rand z_rand + s_change z_c)
        delivered dose              = D exp(s_sys z_sys + s_rand z_k)

    Errors of one region are log-normal about its measured dose. Systematic ones are shared by all cycles, and by regions as
    the correlation says; random ones belong to one measurement; the change belongs to one cycle, and to both sides of a paired
    organ.

    Attributes
    ----------
    forecast, delivered
    cycles : int                        N, to come.
    number, seed : int
    """

    forecast: Forecast
    delivered: tuple[DeliveredCycle, ...] = ()
    cycles: int = 1
    number: int = DRAWS
    seed: int = SEED

    @cached_property
    def index(self) -> dict[str, int]:
        """Place of each region in the forecast."""
        return {region.name: i for i, region in enumerate(self.forecast.regions)}

    @cached_property
    def _groups(self) -> dict[str, int]:
        """Regions whose change from cycle to cycle is one: the sides of a paired organ."""
        names = [_group(region) for region in self.forecast.regions]
        return {region.name: names.index(_group(region)) for region in self.forecast.regions}

    @cached_property
    def _z_systematic(self) -> Vector:
        """Standard normal (n, R), correlated over regions.

        The stated correlation is that of all errors; what regions share is systematic, so that
        cov(i, j) = R_ij s_i s_j for i != j, of which s_sys^2 is the diagonal, and at most s_sys,i s_sys,j: a correlation that
        takes random errors too is met as far as systematic ones can carry it.
        """
        n, regions = self.number, self.forecast.regions
        z = stream(self.seed, 0).standard_normal((n, len(regions)))
        if self.forecast.correlation is None:
            return z
        sys = log_sigma(np.array([region.u_systematic or 0.0 for region in regions]))
        total = np.hypot(sys, log_sigma(np.array([region.u_random for region in regions])))
        safe = np.where(sys > 0, sys, 1.0)
        shared = np.clip(self.forecast.correlation * np.outer(total / safe, total / safe), -1.0, 1.0)
        shared[sys == 0, :] = shared[:, sys == 0] = 0.0
        np.fill_diagonal(shared, 1.0)
        values, vectors = np.linalg.eigh(shared)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        # Rounding and clipping may leave a negative eigenvalue; the diagonal is one all the same.
        root /= np.linalg.norm(root, axis=1, keepdims=True)
        return np.asarray(z @ root.T)

    @cached_property
    def _z_random(self) -> Vector:
        return stream(self.seed, _RANDOM).standard_normal((self.number, len(self.forecast.regions)))

    def systematic(self, name: str, u: float) -> Vector:
        """Factor of a dose of that region with that relative u (n,)."""
        return np.asarray(np.exp(log_sigma(u) * self._z_systematic[:, self.index[name]]))

    def random_of_forecast(self, name: str) -> Vector:
        """Factor by which the measurement that the forecast rests on is off for itself alone (n,)."""
        i = self.index[name]
        return np.asarray(np.exp(log_sigma(self.forecast.regions[i].u_random) * self._z_random[:, i]))

    def change(self, name: str) -> Vector:
        """Factor of each cycle to come (n, N)."""
        region = self.forecast.regions[self.index[name]]
        z = stream(self.seed, _CHANGE + self._groups[name]).standard_normal((self.number, self.cycles))
        return np.asarray(np.exp(log_sigma(region.change) * z))

    def measured_again(self, name: str) -> Vector:
        """Factor by which later measurements, one a cycle to come, are off for themselves (n, N)."""
        i = self.index[name]
        z = stream(self.seed, _AGAIN + i).standard_normal((self.number, self.cycles))
        return np.asarray(np.exp(log_sigma(self.forecast.regions[i].u_random) * z))

    def to_come(self, target: Target) -> Vector:
        """True dose by activity of each cycle to come (n, N) [Gy/Bq]."""
        total = np.zeros((self.number, self.cycles))
        for name, weight in zip(target.covers, target.weights, strict=True):
            region = self.forecast.regions[self.index[name]]
            lasting = self.systematic(name, region.u_systematic or 0.0) * self.random_of_forecast(name)
            total += weight * region.dose_per_activity * lasting[:, None] * self.change(name)
        return total

    def as_measured(self, target: Target) -> Vector:
        """The same as each cycle's own scans will show it: without the systematic error, with a random one (n, N) [Gy/Bq]."""
        total = np.zeros((self.number, self.cycles))
        for name, weight in zip(target.covers, target.weights, strict=True):
            d = self.forecast.regions[self.index[name]].dose_per_activity
            off = self.random_of_forecast(name)[:, None] / self.measured_again(name)
            total += weight * d * off * self.change(name)
        return total

    def given(self, target: Target, k: int) -> Vector:
        """True dose of delivered cycle ``k`` (n,) [Gy]."""
        cycle, total = self.delivered[k], np.zeros(self.number)
        own = stream(self.seed, _DELIVERED + k).standard_normal((self.number, len(self.forecast.regions)))
        z = self._z_random if cycle.is_forecast else own
        for name, weight in zip(target.covers, target.weights, strict=True):
            dose = cycle.doses[name]
            random = np.exp(log_sigma(dose.u_random) * z[:, self.index[name]])
            total += weight * dose.dose * self.systematic(name, dose.u_systematic or 0.0) * random
        return total

    def tissue(self, tissue: Tissue, order: int) -> tuple[Vector, Vector]:
        """alpha/beta [Gy] and the factor of the repair half-times (n,)."""
        z = stream(self.seed, _TISSUE + order).standard_normal((self.number, 2))
        ab = tissue.alpha_beta.value * np.exp(log_sigma(tissue.alpha_beta.relative or 0.0) * z[:, 0])
        return ab, np.asarray(np.exp(log_sigma(tissue.repair_u or 0.0) * z[:, 1]))


def _group(region: RegionForecast) -> str:
    if region.kind != "organ":
        return region.name
    known = standard_name(region.standard_name or region.name)
    return region.name if known is None else known.organ


def protraction(curves: Sequence[tuple[Vector, Vector]], tissue: Tissue, factors: Vector) -> Vector:
    """G at drawn repair times, over the sum of curves that give a dose each (n,).

    Interpolated between nodes in ln T_rep, within 1e-4.
    """
    amplitudes = np.concatenate([a for a, _ in curves])
    rates = np.concatenate([r for _, r in curves])
    half_times = tissue.repair.half_times
    s = float(log_sigma(tissue.repair_u or 0.0))
    low = max(-REPAIR_SPAN * s, math.log(SHORTEST / min(half_times)))
    high = min(REPAIR_SPAN * s, math.log(LONGEST / max(half_times)))
    if not high > low:
        return np.full(factors.shape, lea_catcheside(amplitudes, rates, tissue.repair))
    nodes = np.linspace(low, high, REPAIR_NODES)
    G = [lea_catcheside(amplitudes, rates, _slower(tissue.repair, math.exp(x), half_times)) for x in nodes]
    return np.asarray(np.interp(np.log(factors), nodes, G))


def _slower(repair: Repair, factor: float, half_times: tuple[float, ...]) -> Repair:
    # exp(log(x)) may end a rounding beyond what repair allows.
    return replace(repair, half_times=tuple(min(max(T * factor, SHORTEST), LONGEST) for T in half_times))
