"""A number with its standard uncertainty."""

import math
from dataclasses import dataclass

from hevesy.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A value and its standard uncertainty, k = 1, in the unit that its owner states.

    ``u`` is None only where there is none to give, and ``why_no_u`` then says why.
    """

    value: float
    u: float | None
    why_no_u: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise InputError(f"a measured value must be finite; got {self.value}. Unknown is never a number.")
        if self.u is None and not self.why_no_u:
            raise InputError(f"value {self.value:g} carries neither an uncertainty nor a reason why there is none.")
        if self.u is not None and not (math.isfinite(self.u) and self.u >= 0):
            raise InputError(f"an uncertainty must be finite and not negative; got {self.u}.")

    @property
    def relative(self) -> float | None:
        """u / |value|, or None where there is no u or the value is zero."""
        return None if self.u is None or self.value == 0 else self.u / abs(self.value)
