"""Decay data: half-lives, radiations, daughters (ICRP Publication 107)."""

from hevesy.nuclides.betas import beta_spectra
from hevesy.nuclides.chain import ChainMember, chain, chain_decays
from hevesy.nuclides.daughters import Daughter, data_set, daughters
from hevesy.nuclides.decay_data import NOTICE, SOURCE, Emission, Nuclide, available, load_nuclide
from hevesy.nuclides.energy import electron_energy_of_full_decay
from hevesy.nuclides.radiations import Radiations, radiations, radiations_of
from hevesy.nuclides.spectrum import Spectrum

__all__ = [
    "NOTICE", "SOURCE", "ChainMember", "Daughter", "Emission", "Nuclide", "Radiations", "Spectrum", "available",
    "beta_spectra", "chain", "chain_decays", "data_set", "daughters", "electron_energy_of_full_decay", "load_nuclide",
    "radiations", "radiations_of",
]  # fmt: skip
