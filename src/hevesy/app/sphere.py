"""Use case: dose to spheres from their own activity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.app.kernel import KernelMedium, kernel_medium
from hevesy.app.radiations import counted_radiations
from hevesy.dose.radial import RadialKernel, nuclide_radial_kernel
from hevesy.dose.spheres import energy_in_sphere
from hevesy.errors import InputError
from hevesy.nuclides import Radiations, chain_decays, load_nuclide

# Masses [kg] of the table that is made when none is asked for.
MASSES = tuple(mass * u.g for mass in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
MODEL = "sphere with uniform activity in an endless medium of its own density; what scatters back from outside is in it"
HEAVY = ("alpha", "alpha recoil", "fission fragment")
# Mean distance from its start at which an alpha particle of some 6 MeV is absorbed, as mass thickness [mm g/ml], and the
# share of its energy that is worth a remark when a sphere is too small to hold it.
ALPHA_DISTANCE, WORTH_SAYING = 0.03, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Activity at the start [Bq] and how long it stays in the sphere [s], lost by decay alone."""

    activity: float
    time: float

    def __post_init__(self) -> None:
        if not 0 < self.activity < np.inf or not self.time > 0:
            raise InputError(f"activity is {self.activity} Bq and time {self.time} s; both must be above 0.")


def sphere(
    nuclide: str,
    *,
    masses: Sequence[float] = (),
    volumes: Sequence[float] = (),
    medium: str = "soft",
    density: float | None = None,
    daughters: bool = True,
    leaving: float = 0.0,
    activity: float | None = None,
    time: float | None = None,
) -> dict[str, Any]:
    """S value, absorbed energy and absorbed fraction of spheres; with an activity and a time, their absorbed dose.

        S = E(m) / m,   D = sum_i n_i E_i(m) / m,   n_i = A0 / lambda_parent times the decays of member i per atom

    Parameters
    ----------
    nuclide : str
    masses, volumes : sequence of float     Of the spheres, one of the two [kg], [mm3]; by default 0.1 g to 1 kg.
    medium, density                         As in :func:`hevesy.app.kernel.kernel_medium`; the density in g/ml.
    daughters, leaving                      As in :func:`hevesy.nuclides.radiations` for S; for the dose, the members of the
                                            chain by :func:`hevesy.nuclides.chain_decays`, daughters times 1 - leaving.
    activity, time : float, optional        At the start [Bq], without daughters; until when it stays [s]. Both or none.

    Returns
    -------
    dict                                    ``spheres``: one entry a sphere; the unit is in each key.

    The sphere lies in an endless medium: scatter from outside is included. Alpha particles are absorbed where they start.
    """
    if len(masses) and len(volumes):
        raise InputError("a sphere is given by its mass or by its volume; got both. Leave one out.")
    if (activity is None) != (time is None):
        raise InputError("a dose needs an activity and a time; got one of them. Give both, or none for S values alone.")
    stay = None if activity is None or time is None else Stay(activity=activity, time=time)
    found = counted_radiations(nuclide, daughters=daughters, leaving=leaving)
    chosen = kernel_medium(medium, density)
    radial = nuclide_radial_kernel(found.name, chosen.name, daughters, leaving)
    if len(volumes):
        masses = [float(volume) * chosen.density * u.g_per_ml for volume in volumes]
    elif not len(masses):
        masses = MASSES
    members = {} if stay is None else _decays(found.name, stay, daughters=daughters, leaving=leaving)
    return {
        "nuclide": found.name,
        "members": dict(found.members),
        "medium": chosen.name,
        "medium_title": chosen.title,
        "density_g_per_ml": chosen.density,
        "density_source": chosen.density_source,
        "model": MODEL,
        "activity_MBq": None if stay is None else stay.activity / u.MBq,
        "time_d": None if stay is None else stay.time / u.d,
        "spheres": [_self_dose(radial, found, float(mass), chosen) | _dose(members, float(mass), chosen) for mass in masses],
        "remarks": [*radial.remarks, *_said_of_alphas(found, masses, chosen)],
    }


def _said_of_alphas(found: Radiations, masses: Sequence[float], chosen: KernelMedium) -> list[str]:
    """A remark where the range of alpha particles, which the kernel neglects, is not small against the smallest sphere."""
    if found.energies["alpha"] <= 0:
        return []
    radius = float(np.cbrt(3 * min(masses) / (4 * np.pi * chosen.density * u.g_per_ml)))
    lost = 0.75 * ALPHA_DISTANCE / chosen.density / radius
    if lost < WORTH_SAYING:
        return []
    share = 100 * min(lost, 1)
    return [
        f"alpha particles are absorbed where they start; a sphere of {min(masses) / u.g:.3g} g loses about {share:.1g} % of "
        "their energy through its surface, which is not taken off."
    ]


def _self_dose(radial: RadialKernel, found: Radiations, mass: float, chosen: KernelMedium) -> dict[str, Any]:
    """Absorbed energy by what carried it; bremsstrahlung counts with the photons that it is."""
    nothing = np.zeros_like(radial.charged)
    heavy = sum(found.energies[kind] for kind in HEAVY)
    charged = energy_in_sphere(replace(radial, photons=nothing), mass, chosen.density)
    photons = energy_in_sphere(replace(radial, charged=nothing), mass, chosen.density)
    absorbed = {"electrons": charged - heavy, "alphas": heavy, "photons": photons}
    given_off = {"electrons": float(radial.charged[-1]) - heavy, "alphas": heavy, "photons": float(radial.photons[-1])}
    there = [kind for kind, E in given_off.items() if 1e-9 * radial.energy_per_decay < E]
    total = charged + photons
    volume = mass / (chosen.density * u.g_per_ml)
    return {
        "mass_g": mass / u.g,
        "volume_ml": volume / u.ml,
        "diameter_mm": float(np.cbrt(6 * volume / np.pi)),
        "S_Gy_per_Bq_s": total * u.JOULE_PER_MEV / mass,
        "absorbed_keV_per_decay": {"all": total / u.keV} | {kind: absorbed[kind] / u.keV for kind in there},
        "absorbed_fraction": {"all": total / radial.energy_per_decay}
        | {kind: absorbed[kind] / given_off[kind] for kind in there},
    }


def _decays(parent: str, stay: Stay, *, daughters: bool, leaving: float) -> dict[str, float]:
    """Decays in the sphere by member of the chain."""
    atoms = stay.activity / load_nuclide(parent).decay_constant
    per_atom = chain_decays(parent, stay.time)
    here = {member: atoms * n * (1.0 if member == parent else 1 - leaving) for member, n in per_atom.items()}
    return {member: n for member, n in here.items() if n > 0 and (daughters or member == parent)}


def _dose(members: dict[str, float], mass: float, chosen: KernelMedium) -> dict[str, Any]:
    if not members:
        return {}
    by_member = {member: _member_dose(member, n, mass, chosen) for member, n in members.items()}
    parent = next(iter(by_member))
    return {
        "dose_Gy": sum(part["dose_Gy"] for part in by_member.values()),
        "dose_of_alphas_Gy": sum(part["dose_of_alphas_Gy"] for part in by_member.values()),
        "dose_of_parent_Gy": by_member[parent]["dose_Gy"],
        "dose_by_member": by_member,
    }


def _member_dose(member: str, decays: float, mass: float, chosen: KernelMedium) -> dict[str, float]:
    energies = load_nuclide(member).energies
    heavy = sum(energies[kind] for kind in HEAVY)
    E = 0.0
    if any(energies.values()):  # a member that gives off nothing but neutrinos has no kernel
        E = energy_in_sphere(nuclide_radial_kernel(member, chosen.name, False), mass, chosen.density)
    Gy_per_MeV = decays * u.JOULE_PER_MEV / mass
    return {"decays": decays, "dose_Gy": E * Gy_per_MeV, "dose_of_alphas_Gy": heavy * Gy_per_MeV}
