"""One question of plausibility: a figure of a scanner against what its other figures make of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A figure, what is expected of it, and whether their ratio is one that scanners have.

    Attributes
    ----------
    what : str                          "sensitivity on the axis".
    given, expected : float             In ``unit``.
    unit : str                          For people: "cps/kBq".
    allowed : (least, most)             Of given / expected [1].
    why : str                           Where the expectation and its limits come from.
    """

    what: str
    given: float
    expected: float
    unit: str
    allowed: tuple[float, float]
    why: str

    @property
    def ratio(self) -> float:
        """Given by expected [1]."""
        return self.given / self.expected

    @property
    def passed(self) -> bool:
        """Whether the ratio lies within what is allowed."""
        return self.allowed[0] <= self.ratio <= self.allowed[1]
