"""What a region may receive, or a tumour should."""

import math
from dataclasses import dataclass

from hevesy.anatomy.names import StandardRegion
from hevesy.errors import InputError

QUANTITIES = ("dose", "BED", "EQD2")
# Outside, the unit is the likelier explanation [Gy].
LEAST, MOST = 0.01, 2000.0
MOST_PROBABLE = 0.5  # above it somebody gave the chance to keep the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit of absorbed dose, BED or EQD2 of a region over the whole course.

    Attributes
    ----------
    region : str                        As drawn, or a standard name that covers several: "Kidney" is each kidney, "Kidneys" both
                                        as one.
    quantity : str                      "dose", "BED" or "EQD2".
    value : float                       [Gy].
    tissue : str                        Whose alpha/beta and repair BED and EQD2 are made with; "" for dose.
    probability : float                 With which the limit may be exceeded [1].
    source : str                        Who set it; printed wherever it decides.
    """

    region: str
    quantity: str
    value: float
    tissue: str = ""
    probability: float = 0.05
    source: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise InputError(f"limit of {self.region}: quantity is {self.quantity!r}; allowed: {', '.join(QUANTITIES)}.")
        if not (math.isfinite(self.value) and self.value > 0):
            raise InputError(f"limit of {self.region}: it is {self.value} Gy; it must be above zero.")
        if not LEAST <= self.value <= MOST:
            raise InputError(
                f"limit of {self.region}: it is {self.value:g} Gy; {LEAST:g} to {MOST:g} Gy is plausible. Check its unit."
            )
        if not 0 < self.probability <= MOST_PROBABLE:
            raise InputError(
                f"limit of {self.region}: probability is {self.probability:g}; it must lie above 0 and not above "
                f"{MOST_PROBABLE:g} (50 %). It is the chance to exceed the limit: 5 %, not 95 %."
            )
        if self.quantity == "dose" and self.tissue:
            raise InputError(
                f"limit of {self.region}: a tissue has no meaning for a limit of dose. "
                'Add quantity = "BED" or "EQD2" if that is meant, or leave tissue out.'
            )
        if self.quantity != "dose" and not self.tissue:
            raise InputError(
                f"limit of {self.region}: {self.quantity} needs a tissue, whose alpha/beta and repair it is made with."
            )


def means_together(name: str, organ: StandardRegion) -> bool:
    """Whether the name of a limit means both sides of its organ as one: "Kidneys" does, "Kidney" is each kidney."""
    plural = name.lower().rstrip().endswith("s") and not organ.organ.lower().endswith("s")
    return organ.kind == "organ" and not organ.side and plural
