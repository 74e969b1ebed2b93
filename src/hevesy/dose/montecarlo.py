"""Monte Carlo: particles followed through the patient's own densities and tissues."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hevesy.dose.engine import SHARE_IN_AIR, DoseMap, Ensemble, Mask, Progress, checked, share_in_air, voxel_sides
from hevesy.dose.local import charged_energy
from hevesy.materials import materials_from_density
from hevesy.model import Image, Quantity
from hevesy.nuclides import Nuclide, Radiations, radiations
from hevesy.units import ml

# Air at sea level, 20 degrees C [g/ml]: what is thinner is taken as that.
AIR = 0.0012
# Voxels of less than this are air around or in the patient, not tissue [g/ml].
TISSUE_FROM = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class MonteCarlo:
    """Photons, electrons and positrons followed voxel by voxel; alpha particles absorbed where they start.

    Physics, variance reduction and limits: :func:`hevesy.transport.simulate`, theory page *Transport*.

    Attributes
    ----------
    uncertainty : float         Relative standard uncertainty to reach in each region, or else in the voxels above half
                                of the greatest dose.
    voxel_uncertainty : float   Relative, of single voxels: their root mean square over each region, by its mean dose;
                                None: as the regions' own uncertainty brings it.
    seed : int                  Of the random numbers.
    threads : int               Batches at once; the result does not depend on it.
    daughters, leaving          As in :func:`hevesy.nuclides.radiations`.
    progress : callable         Share done and seconds left.
    preparing : callable        Told in words what takes long before that.
    """

    uncertainty: float = 0.005
    voxel_uncertainty: float | None = None
    seed: int = 177
    threads: int = 1
    daughters: bool = True
    leaving: float = 0.0
    progress: Progress | None = None
    preparing: Callable[[str], None] | None = None

    @property
    def name(self) -> str:
        """As on the command line."""
        return "montecarlo"

    @property
    def description(self) -> str:
        """For the report."""
        return (
            "Monte Carlo of photons, electrons and positrons through lung, soft tissue and bone, told apart by density; alpha "
            f"particles absorbed where they start. Statistical uncertainty at most {100 * self.uncertainty:g} % in each region, "
            f"seed {self.seed}."
        )

    def energy_per_decay(self, nuclide: Nuclide) -> float:
        """All radiations of the nuclide and of the daughters that count, but neutrons and neutrinos [MeV]."""
        found = self._radiations(nuclide)
        return found.energy - found.energies["neutron"]

    def _radiations(self, nuclide: Nuclide) -> Radiations:
        return radiations(nuclide.name, daughters=self.daughters, leaving=self.leaving if self.daughters else 0.0)

    def absorbed_dose(
        self, tia: Image, density: Image, nuclide: Nuclide, *, regions: Sequence[Mask] = (), media: Any = None
    ) -> DoseMap:
        """Dose map [Gy] and its statistical uncertainty.

        ``media``: index by voxel (uint8) and the materials it points to; by default lung below 0.6 g/ml, bone above 1.2,
        else soft tissue.

        Raises
        ------
        InputError
            The images do not hold what they must, or do not share a grid of right angles.
        ConvergenceError
            The uncertainty is out of reach.
        """
        from hevesy.transport import Phantom, is_compiled, simulate

        if self.preparing is not None and not is_compiled():
            self.preparing("compiling the loops, once on this machine: half a minute")
        checked(tia, density, "Monte Carlo")
        found = self._radiations(nuclide)
        index, materials = materials_from_density(density.values) if media is None else media
        phantom = Phantom(
            density=np.maximum(density.values, AIR), medium=index, media=tuple(materials), voxel=voxel_sides(tia.grid)
        )
        activity = np.asarray(tia.values, dtype=np.float64) * (tia.grid.voxel_volume / ml)
        made = simulate(
            phantom, activity, found, seed=self.seed, uncertainty=self.uncertainty,
            voxel_uncertainty=self.voxel_uncertainty, regions=regions, threads=self.threads, progress=self.progress,
        )  # fmt: skip
        region_u = tuple(float(u / d) if d > 0 else 0.0 for d, u in zip(made.region_dose, made.region_u, strict=True))
        return DoseMap(
            dose=Image(values=made.dose.astype(np.float32), grid=tia.grid, quantity=Quantity.ABSORBED_DOSE),
            local_energy=charged_energy(found),
            u=Image(values=made.u.astype(np.float32), grid=tia.grid, quantity=Quantity.ABSORBED_DOSE),
            region_u=region_u,
            ensemble=Ensemble(histories=made.histories, batches=made.batches, seed=self.seed),
            remarks=(*found.remarks, *_said_of_air(tia, density)),
        )


def _said_of_air(tia: Image, density: Image) -> tuple[str, ...]:
    share = share_in_air(tia, density, TISSUE_FROM)
    if share <= SHARE_IN_AIR:
        return ()
    return (
        f"{100 * share:.1f} % of the time-integrated activity lies in voxels below {TISSUE_FROM} g/ml (air around or in the "
        "patient). Noise and blur outside the body do this; what it gives off is followed from there.",
    )
