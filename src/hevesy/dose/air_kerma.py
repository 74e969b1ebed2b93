"""Air-kerma-rate constants."""

from functools import cache

import numpy as np

from hevesy import units as u
from hevesy.materials import load_material, mass_energy_transfer
from hevesy.nuclides import radiations

LOWEST = 0.010  # MeV: softer photons do not leave a source as it is used
CM2_PER_M2 = 1e4


@cache
def air_kerma_rate_constant(nuclide: str) -> float:
    """Air kerma at a distance of a point source in vacuum, times the square of the distance, per decay [Gy m2/(Bq s)].

        Gamma = sum_i y_i E_i (mu_tr/rho)_air(E_i) / (4 pi)

    over X rays, gammas and photons of annihilation above 10 keV. Daughters are left out: add those that are there.
    Neglected: bremsstrahlung, in the source and around it. Reference: ICRU Report 85a (2011), section 4.
    """
    seen = radiations(nuclide, daughters=False)
    energy = np.concatenate([seen.photon_energy, seen.annihilation_energy])
    yields = np.concatenate([seen.photon_yield, seen.annihilation_yield])
    counts = energy > LOWEST
    energy, yields = energy[counts], yields[counts]
    if energy.size == 0:
        return 0.0
    per_photon = yields * energy * u.JOULE_PER_MEV * mass_energy_transfer(load_material("air"), energy) / u.g
    return float(np.sum(per_photon) / (4 * np.pi * CM2_PER_M2))
