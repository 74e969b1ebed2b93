"""PET scanners: rings of crystals, and the figures of NEMA NU 2 that somebody measured on them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hevesy.errors import InputError
from hevesy.imaging.systems.crystal import CRYSTALS
from hevesy.imaging.systems.origin import Origin
from hevesy.model.acquisition import EnergyWindow

_BOUNDS: dict[str, tuple[float, float, str]] = {
    "ring_diameter": (80.0, 1200.0, "mm"),
    "axial_length": (10.0, 2500.0, "mm"),
    "tof_resolution": (10e-12, 2000e-12, "s"),
    "coincidence_window": (1e-9, 20e-9, "s"),
    "energy_resolution": (0.02, 0.5, "of the energy"),
    "max_axial_span": (10.0, 2500.0, "mm"),
    "sensitivity_centre": (1e-5, 0.5, "counts/(Bq s)"),
    "sensitivity_100mm": (1e-5, 0.5, "counts/(Bq s)"),
    "sensitivity_line": (100.0, 2500.0, "mm"),
    "scatter_fraction": (0.05, 0.8, "of the prompts less randoms"),
    "peak_necr": (1e3, 2e7, "1/s"),
    "peak_necr_concentration": (100.0, 1e6, "Bq/ml"),
    "resolution_transverse": (0.3, 15.0, "mm"),
    "resolution_axial": (0.3, 15.0, "mm"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PetScanner:
    """A cylinder of crystals in coincidence. A figure that nobody published is None.

    Attributes
    ----------
    name, title, maker : str
    ring_diameter : float               Inner, from face to face of the crystals [mm].
    axial_length : float                Axial field of view [mm].
    rings, crystals_per_ring : int or None      Real crystals, without the virtual ones of some file formats.
    crystal : (transaxial, axial, depth)        [mm]; a side that nobody published is None, the depth is needed.
    crystal_material : str              "LSO", "LYSO", "BGO" or "GSO".
    block : (transaxial, axial) or None Crystals whose light is read as one: their energies add, their centre is the place.
    unit : (transaxial, axial) or None  Crystals whose energies are added, of one or more blocks; None: of a block alone.
    max_axial_span : float or None      Greatest axial distance of two crystals in coincidence [mm]; None: all.
    tof_resolution : float or None      FWHM in coincidence [s]; None: no time of flight.
    coincidence_window : float or None  Half of it, +-tau [s].
    energy_window : EnergyWindow or None    [keV].
    energy_resolution : float or None   FWHM over energy at 511 keV [1].
    sensitivity_centre, sensitivity_100mm : float or None   NEMA NU 2, line on the axis and 100 mm beside it
                                        [counts/(Bq s)]; 16.4 cps/kBq is 0.0164.
    sensitivity_line : float            Length of that line [mm]; 700 by NEMA.
    scatter_fraction : float or None    At the peak [1].
    peak_necr : float or None           Greatest noise-equivalent count rate [1/s].
    peak_necr_concentration : float or None     Where it is reached [Bq/ml].
    resolution_transverse, resolution_axial : float or None     FWHM 10 mm beside the axis [mm]; the mean of radial and
                                        tangential.
    origins : mapping                   Origin by figure.
    remarks : tuple of str
    """

    name: str
    title: str = ""
    maker: str = ""
    ring_diameter: float
    axial_length: float
    rings: int | None = None
    crystals_per_ring: int | None = None
    crystal: tuple[float | None, float | None, float]
    crystal_material: str
    block: tuple[int, int] | None = None
    unit: tuple[int, int] | None = None
    max_axial_span: float | None = None
    tof_resolution: float | None = None
    coincidence_window: float | None = None
    energy_window: EnergyWindow | None = None
    energy_resolution: float | None = None
    sensitivity_centre: float | None = None
    sensitivity_100mm: float | None = None
    sensitivity_line: float = 700.0
    scatter_fraction: float | None = None
    peak_necr: float | None = None
    peak_necr_concentration: float | None = None
    resolution_transverse: float | None = None
    resolution_axial: float | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.crystal_material not in CRYSTALS:
            known = ", ".join(CRYSTALS)
            raise InputError(f"scanner {self.name}: crystal is {self.crystal_material!r}; known are {known}. Use one of them.")
        for what, (least, most, unit) in _BOUNDS.items():
            value = getattr(self, what)
            if value is not None and not (math.isfinite(value) and least <= value <= most):
                words = what.replace("_", " ")
                raise InputError(
                    f"scanner {self.name}: {words} is {value:g} {unit}; allowed is {least:g} to {most:g}. Correct it."
                )
        for side, size in zip(("transaxial side", "axial side", "depth"), self.crystal, strict=True):
            if size is not None and not 0.3 <= size <= 60:
                raise InputError(
                    f"scanner {self.name}: {side} of a crystal is {size} mm; allowed is 0.3 to 60 mm. Give millimetres."
                )
        for what in ("rings", "crystals_per_ring"):
            count = getattr(self, what)
            if count is not None and not 1 <= count <= 5000:
                raise InputError(f"scanner {self.name}: {what} is {count}; allowed are 1 to 5000. Correct it.")
        for what in ("block", "unit"):
            sides = getattr(self, what)
            if sides is not None and not all(1 <= side <= 100 for side in sides):
                raise InputError(f"scanner {self.name}: a {what} has {sides} crystals; allowed are 1 to 100 a side. Correct it.")
        if self.unit is not None and (self.block is None or self.unit[0] % self.block[0] or self.unit[1] % self.block[1]):
            raise InputError(
                f"scanner {self.name}: a unit of {self.unit} crystals does not hold whole blocks of {self.block}. Correct one."
            )
        if self.max_axial_span is not None and self.max_axial_span > self.axial_length * 1.01:
            raise InputError(
                f"scanner {self.name}: crystals {self.max_axial_span} mm apart are in coincidence, the scanner is "
                f"{self.axial_length} mm long. Correct one of the two."
            )
        object.__setattr__(self, "origins", MappingProxyType(dict(self.origins)))

    @property
    def radius(self) -> float:
        """Inner [mm]."""
        return self.ring_diameter / 2

    @property
    def ring_pitch(self) -> float | None:
        """Axial distance of two rings of crystals, gaps shared out [mm]; None where their number is not known."""
        return None if self.rings is None else self.axial_length / self.rings

    @property
    def crystal_pitch(self) -> float | None:
        """Distance of two crystals about the ring, gaps shared out [mm]; None where their number is not known."""
        return None if self.crystals_per_ring is None else math.pi * self.ring_diameter / self.crystals_per_ring
