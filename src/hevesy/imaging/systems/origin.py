"""Where one figure of a scanner comes from."""

from dataclasses import dataclass

from hevesy.errors import DataError
from hevesy.tables.dated import HOW, VERIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The publication of a figure and how it was obtained from it.

    Attributes
    ----------
    source : str                        Publication, data sheet or measurement.
    how : str                           One of ``hevesy.tables.dated.HOW``: "read", "secondary", "recalled", "local", ...
    note : str                          What to know about the figure; perhaps "".
    """

    source: str
    how: str
    note: str = ""

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise DataError("a figure has no source. Name where it comes from, if only 'own measurement, 2026-01-31'.")
        if self.how not in HOW:
            raise DataError(f"{self.source}: how is {self.how!r}; allowed are {', '.join(HOW)}. Say how the figure was obtained.")

    @property
    def verified(self) -> bool:
        """Whether somebody looked: a figure that is recalled, or secondary once, prints as unverified."""
        return self.how in VERIFIED


OWN = Origin(source="own file", how="local")
