"""Decay data: half-lives, radiations, daughters (ICRP Publication 107)."""

from hevesy.nuclides.daughters import Daughter, data_set, daughters
from hevesy.nuclides.decay_data import NOTICE, SOURCE, Emission, Nuclide, available, load_nuclide
from hevesy.nuclides.energy import electron_energy_of_full_decay

__all__ = [
    "NOTICE", "SOURCE", "Daughter", "Emission", "Nuclide", "available", "data_set", "daughters",
    "electron_energy_of_full_decay", "load_nuclide",
]  # fmt: skip
