"""Local deposition: charged-particle energy stays in the voxel where it is given off."""

import numpy as np

from hevesy.dose.engine import DoseMap
from hevesy.errors import InputError, ScopeError
from hevesy.model import Image, Quantity
from hevesy.nuclides import Nuclide
from hevesy.units import JOULE_PER_MEV, g, keV

# Below this density a voxel is air or airway, not tissue that could be dosed; lung parenchyma lies above [g/ml].
MASS_DENSITY_FLOOR = 0.1


class LocalDeposition:
    """Dose of electrons and alpha particles where they start; photons leave.

        D = c_tilde Delta / rho

    c_tilde time-integrated activity concentration [Bq s/ml], Delta energy of electrons and alphas per decay [J], rho
    mass density [kg/ml]. Holds where the particles' range is small against the voxel: 2 mm at most for Lu-177 in soft
    tissue, voxels of 2 to 5 mm. Neglected: photons (for Lu-177 a few per cent of an organ's dose), energy that crosses
    voxel faces. Reference: Ljungberg and Sjögreen-Gleisner, Acta Oncol 2011;50:981-989.
    """

    @property
    def name(self) -> str:
        """As on the command line."""
        return "local"

    @property
    def description(self) -> str:
        """For the report."""
        return (
            "Local deposition: energy of electrons and alpha particles is absorbed in the voxel of the decay. "
            "Photons are neglected, those from other organs included."
        )

    def energy_per_decay(self, nuclide: Nuclide) -> float:
        """Electrons (beta, conversion, Auger), positrons and alphas with recoil [MeV]."""
        return nuclide.electron_energy + nuclide.alpha_energy

    def absorbed_dose(self, tia: Image, density: Image, nuclide: Nuclide) -> DoseMap:
        """Dose map [Gy] on the grid of ``tia``; mass density is not taken below a floor, and the map says where.

        Raises
        ------
        InputError
            The images do not hold what they must, or do not share a grid.
        ScopeError
            The nuclide gives off no charged particles.
        """
        if tia.quantity is not Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION or density.quantity is not Quantity.DENSITY:
            raise InputError(f"local deposition needs Bq s/ml and g/ml; got {tia.quantity.value} and {density.quantity.value}.")
        if tia.grid.shape != density.grid.shape or not np.allclose(tia.grid.affine, density.grid.affine):
            raise InputError("time-integrated activity and density must share a grid. Resample one to the other.")
        delta = self.energy_per_decay(nuclide)
        if delta <= 0:
            raise ScopeError(
                f"{nuclide.name} gives off no charged particles: local deposition does not hold. Use another engine."
            )
        per_density = np.float32(delta * JOULE_PER_MEV / g)
        dose = np.maximum(density.values, np.float32(MASS_DENSITY_FLOOR))
        np.divide(tia.values, dose, out=dose)
        dose *= per_density
        thin = density.values < MASS_DENSITY_FLOOR
        energy = float(np.sum(tia.values, dtype=np.float64))
        in_air = float(np.sum(tia.values, where=thin, dtype=np.float64)) / energy if energy > 0 else 0.0
        remarks = []
        if in_air > 1e-3:
            remarks.append(
                f"{100 * in_air:.1f} % of the time-integrated activity lies in voxels below {MASS_DENSITY_FLOOR} "
                "g/ml (air around or in "
                f"the patient); their dose is computed with {MASS_DENSITY_FLOOR} g/ml. Noise and blur outside the body do this."
            )
        if nuclide.photon_energy > 0.1 * delta:
            remarks.append(
                f"{nuclide.name} gives off {nuclide.photon_energy / keV:.1f} keV per decay as photons beside "
                f"{delta / keV:.1f} keV as "
                "charged particles; their dose, also from other organs, is neglected."
            )
        return DoseMap(dose=Image(values=dose, grid=tia.grid, quantity=Quantity.ABSORBED_DOSE), remarks=tuple(remarks))
