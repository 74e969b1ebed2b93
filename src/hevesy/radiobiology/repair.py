"""How fast a tissue repairs sublethal damage."""

import math
from dataclasses import dataclass

from hevesy import units as un
from hevesy.errors import InputError

SHORTEST, LONGEST = 1.0 * un.min_, 7 * un.d


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Exponential repair with one component or two.

        phi(t) = sum_i w_i exp(-mu_i t),   mu_i = ln 2 / T_i

    Attributes
    ----------
    half_times : tuple of float         T_i, one or two [s].
    weights : tuple of float            w_i, which sum to 1 [1].

    Neglected: reciprocal (second-order) repair. Reference: D. J. Brenner, L. R. Hlatky, P. J. Hahnfeldt, Y. Huang,
    R. K. Sachs, Radiat. Res. 150 (1998) 83.
    """

    half_times: tuple[float, ...]
    weights: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "half_times", tuple(float(T) for T in self.half_times))
        object.__setattr__(self, "weights", tuple(float(w) for w in self.weights))
        if len(self.half_times) not in (1, 2) or len(self.weights) != len(self.half_times):
            raise InputError(
                f"repair has {len(self.half_times)} half-times and {len(self.weights)} weights; give one of each, or two of each."
            )
        if not all(SHORTEST <= T <= LONGEST for T in self.half_times):
            raise InputError(
                f"repair half-times are {', '.join(f'{T / un.h:g}' for T in self.half_times)} h; "
                "from 1 min to 168 h is allowed. Did you forget '* h'?"
            )
        if not all(0 < w <= 1 for w in self.weights) or abs(math.fsum(self.weights) - 1) > 1e-9:
            raise InputError(f"repair weights are {self.weights}; each must lie above 0, and they must sum to 1.")

    @property
    def rates(self) -> tuple[float, ...]:
        """mu_i [1/s]."""
        return tuple(math.log(2) / T for T in self.half_times)

    @property
    def slowest(self) -> float:
        """The longest half-time [s]."""
        return max(self.half_times)
