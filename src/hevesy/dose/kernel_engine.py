"""Kernel convolution: electrons and photons carry energy between voxels as in an endless uniform medium."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hevesy.dose.cache import nuclide_voxel_kernel
from hevesy.dose.convolution import deposited_energy
from hevesy.dose.engine import DoseMap, Mask, checked, voxel_sides
from hevesy.dose.local import MASS_DENSITY_FLOOR, charged_energy, said_of_air
from hevesy.dose.radial import nuclide_radial_kernel
from hevesy.errors import ScopeError
from hevesy.model import Image, Quantity
from hevesy.nuclides import Nuclide, radiations
from hevesy.units import JOULE_PER_MEV, g_per_ml, ml


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelConvolution:
    """Dose by convolution with the voxel kernel of the nuclide and its daughters.

        D_i = E_charged,i / (rho_i V) + E_photons,i / (rho_0 V),   E_i = sum_j K_(i-j) A_tilde_j

    Charged particles run short: what they leave in a voxel is nearly what the medium around it gave off, whatever its
    density, and the dose is this energy by the voxel's own mass. Photons run far: a voxel of lung sees the fluence that
    one of soft tissue would see there and takes from it in proportion to its mass, so that its dose, not its energy, is
    that of the uniform medium. Neglected: densities on the way between voxels, the higher photon absorption of bone,
    the surface of the body (an endless medium scatters back), electrons that cross between tissues.
    Reference: W. E. Bolch et al., MIRD Pamphlet 17, J Nucl Med 1999;40:11S.

    Attributes
    ----------
    medium : str                        Of the kernel, with point kernels: "soft".
    density : float                     Of the kernel's medium, rho_0 [g/ml].
    daughters, leaving                  As in :func:`hevesy.nuclides.radiations`.
    """

    medium: str = "soft"
    density: float = 1.0
    daughters: bool = True
    leaving: float = 0.0

    @property
    def name(self) -> str:
        """As on the command line."""
        return "kernel"

    @property
    def description(self) -> str:
        """For the report."""
        return (
            f"Kernel convolution: electrons and photons in an endless medium ({self.medium}, {self.density:g} g/ml); energy of "
            "charged particles by the mass of each voxel, photon dose of the medium. Densities between voxels are neglected."
        )

    def energy_per_decay(self, nuclide: Nuclide) -> float:
        """All radiations of the nuclide and of the daughters that count, but neutrons and neutrinos [MeV]."""
        return nuclide_radial_kernel(nuclide.name, self.medium, self.daughters, self.leaving).energy_per_decay

    def absorbed_dose(
        self, tia: Image, density: Image, nuclide: Nuclide, *, regions: Sequence[Mask] = (), media: Any = None
    ) -> DoseMap:
        """Dose map [Gy] on the grid of ``tia``; mass density is not taken below a floor, and the map says where.

        ``regions`` and ``media`` change nothing here: there is no chance, and one medium.

        Raises
        ------
        InputError
            The images do not hold what they must, do not share a grid, or the grid is not rectangular.
        ScopeError
            The nuclide gives off nothing that could be absorbed.
        """
        checked(tia, density, "kernel convolution")
        kernel = nuclide_voxel_kernel(
            nuclide.name,
            voxel_sides(tia.grid),
            medium=self.medium,
            density=self.density,
            daughters=self.daughters,
            leaving=self.leaving,
        )
        if kernel.energy_per_decay <= 0:
            raise ScopeError(f"{nuclide.name} gives off nothing that could be absorbed. Check the nuclide.")
        volume = tia.grid.voxel_volume
        charged, dose = deposited_energy(np.asarray(tia.values, dtype=np.float32) * np.float32(volume / ml), kernel)
        charged /= np.maximum(density.values, np.float32(MASS_DENSITY_FLOOR))
        dose *= np.float32(1 / self.density)
        dose += charged
        dose *= np.float32(JOULE_PER_MEV / (volume * g_per_ml))
        return DoseMap(
            dose=Image(values=dose, grid=tia.grid, quantity=Quantity.ABSORBED_DOSE),
            local_energy=charged_energy(radiations(nuclide.name, daughters=self.daughters, leaving=self.leaving)),
            remarks=(*kernel.radial.remarks, *said_of_air(tia, density)),
        )
