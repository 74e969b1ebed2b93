"""Local deposition: charged-particle energy stays in the voxel where it is given off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hevesy.dose.engine import SHARE_IN_AIR, DoseMap, Mask, checked, share_in_air
from hevesy.errors import ScopeError
from hevesy.model import Image, Quantity
from hevesy.nuclides import Nuclide, Radiations, radiations
from hevesy.units import JOULE_PER_MEV, g, keV

# Below this density a voxel is air or airway, not tissue that could be dosed; lung parenchyma lies above [g/ml].
MASS_DENSITY_FLOOR = 0.1
CHARGED = ("beta-", "beta+", "delayed beta", "conversion electron", "Auger electron", "alpha", "alpha recoil")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDeposition:
    """Dose of electrons and alpha particles where they start; photons leave.

        D = c_tilde Delta / rho

    c_tilde time-integrated activity concentration [Bq s/ml], Delta energy of electrons and alphas per decay [J], rho
    mass density [kg/ml]. Holds where the particles' range is small against the voxel: 2 mm at most for Lu-177 in soft
    tissue, voxels of 2 to 5 mm. Neglected: photons (for Lu-177 a few per cent of an organ's dose), energy that crosses
    voxel faces. Reference: Ljungberg and Sjögreen-Gleisner, Acta Oncol 2011;50:981-989.

    ``daughters``, ``leaving``: as in :func:`hevesy.nuclides.radiations`.
    """

    daughters: bool = True
    leaving: float = 0.0

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
        """Electrons (beta, conversion, Auger), positrons and alphas with recoil, of daughters that count as well [MeV]."""
        return charged_energy(self._radiations(nuclide))

    def _radiations(self, nuclide: Nuclide) -> Radiations:
        return radiations(nuclide.name, daughters=self.daughters, leaving=self.leaving)

    def absorbed_dose(
        self, tia: Image, density: Image, nuclide: Nuclide, *, regions: Sequence[Mask] = (), media: Any = None
    ) -> DoseMap:
        """Dose map [Gy] on the grid of ``tia``; mass density is not taken below a floor, and the map says where.

        ``regions`` and ``media`` change nothing here: there is neither chance nor transport.

        Raises
        ------
        InputError
            The images do not hold what they must, or do not share a grid.
        ScopeError
            The nuclide gives off no charged particles.
        """
        checked(tia, density, "local deposition")
        found = self._radiations(nuclide)
        delta = charged_energy(found)
        if delta <= 0:
            raise ScopeError(
                f"{nuclide.name} gives off no charged particles: local deposition does not hold. Use another engine."
            )
        per_density = np.float32(delta * JOULE_PER_MEV / g)
        dose = np.maximum(density.values, np.float32(MASS_DENSITY_FLOOR))
        np.divide(tia.values, dose, out=dose)
        dose *= per_density
        return DoseMap(
            dose=Image(values=dose, grid=tia.grid, quantity=Quantity.ABSORBED_DOSE),
            local_energy=delta,
            remarks=(*found.remarks, *said_of_air(tia, density), *_said_of_photons(found, delta)),
        )


def charged_energy(found: Radiations) -> float:
    """Energy of all charged particles per decay [MeV]."""
    return float(sum(found.energies[kind] for kind in CHARGED))


def said_of_air(tia: Image, density: Image) -> tuple[str, ...]:
    """A remark where activity lies in voxels below the floor of the mass."""
    share = share_in_air(tia, density, MASS_DENSITY_FLOOR)
    if share <= SHARE_IN_AIR:
        return ()
    return (
        f"{100 * share:.1f} % of the time-integrated activity lies in voxels below {MASS_DENSITY_FLOOR} g/ml (air around or in "
        f"the patient); the dose of charged particles there is computed with {MASS_DENSITY_FLOOR} g/ml. Noise and blur outside "
        "the body do this.",
    )


def _said_of_photons(found: Radiations, delta: float) -> tuple[str, ...]:
    photons = sum(found.energies[kind] for kind in ("gamma", "X", "annihilation"))
    if photons <= 0.1 * delta:
        return ()
    return (
        f"{found.name} gives off {photons / keV:.1f} keV per decay as photons beside {delta / keV:.1f} keV as charged particles; "
        "their dose, also from other organs, is neglected.",
    )
