"""What an image must be good enough for: a kind of quality, its limit, and what the limit asks of the noise."""

import difflib
import math
from dataclasses import dataclass

from hevesy.errors import InputError

COV, CNR, RECOVERY, DETECTABILITY, DOSE_ERROR = "cov", "cnr", "recovery", "detectability", "dose-error"
KINDS = {
    COV: "coefficient of variation in the liver",
    CNR: "contrast to noise of the lesion",
    RECOVERY: "recovery of the lesion",
    DETECTABILITY: "area under the ROC curve of a channelised Hotelling observer",
    DOSE_ERROR: "relative random error of the lesion's mean, and of a dose in proportion to it",
}
# Default limit and where it comes from.
LIMITS = {
    COV: (0.15, "Koopman et al., EJNMMI Phys. (2016): at most 15 % in the background"),
    CNR: (5.0, "A. Rose, J. Opt. Soc. Am. 38 (1948) 196, about 5; applied to voxels it is a convention (recalled, unverified)"),
    RECOVERY: (0.20, "chosen here: within 20 % of what the recovery is without noise"),
    DETECTABILITY: (0.90, "chosen here: an area of 0.90"),
    DOSE_ERROR: (0.10, "chosen here: 10 %"),
}
_ALLOWED = {COV: (0.005, 1.0), CNR: (0.5, 100.0), RECOVERY: (0.01, 1.0), DETECTABILITY: (0.55, 0.9999), DOSE_ERROR: (0.002, 1.0)}
PROBABILITY = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of quality and its limit.

    Attributes
    ----------
    kind : str                          A key of :data:`KINDS`.
    limit : float                       COV at most; CNR at least; recovery within this share of its noise-free value;
                                        area under the curve at least; relative error at most [1].
    band : (low, high) or None          Of the recovery itself, instead of a share about its noise-free value.
    """

    kind: str
    limit: float
    band: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        low, high = _ALLOWED[known_kind(self.kind)]
        if not (math.isfinite(self.limit) and low <= self.limit <= high):
            raise InputError(f"target {self.kind}: the limit is {self.limit:g}; {low:g} to {high:g} is allowed. 15 % is 0.15.")
        if self.band is not None and (self.kind != RECOVERY or not 0 <= self.band[0] < self.band[1]):
            raise InputError(f"target {self.kind}: a band {self.band} is for recovery alone, from a lower to a higher value.")

    @property
    def source(self) -> str:
        """Of the limit, where it is the default one."""
        value, source = LIMITS[self.kind]
        return source if value == self.limit and self.band is None else "asked for"

    @property
    def needs_lesion(self) -> bool:
        """Whether it is about a lesion."""
        return self.kind != COV


def known_kind(kind: str) -> str:
    """``kind``, or an error that names the nearest."""
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"target {kind!r} is not known. {meant}Known are {', '.join(KINDS)}.")
    return kind


def default_target(kind: str) -> Target:
    """The target of a kind with its usual limit."""
    return Target(kind=known_kind(kind), limit=LIMITS[kind][0])
