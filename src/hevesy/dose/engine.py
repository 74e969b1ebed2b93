"""What a dose engine is."""

from dataclasses import dataclass
from typing import Protocol

from hevesy.model import Image
from hevesy.nuclides import Nuclide


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseMap:
    """Absorbed dose by voxel [Gy], and what the engine had to do to get it."""

    dose: Image
    remarks: tuple[str, ...] = ()


class DoseEngine(Protocol):
    """From a time-integrated activity map to an absorbed-dose map on the same grid."""

    @property
    def name(self) -> str:
        """As on the command line."""

    @property
    def description(self) -> str:
        """Physics and what is neglected, in a sentence or two for the report."""

    def energy_per_decay(self, nuclide: Nuclide) -> float:
        """Energy that the engine deposits per decay where all of it is absorbed [MeV]."""

    def absorbed_dose(self, tia: Image, density: Image, nuclide: Nuclide) -> DoseMap:
        """Dose map [Gy] from time-integrated activity [Bq s/ml] and mass density [g/ml] on one grid."""
