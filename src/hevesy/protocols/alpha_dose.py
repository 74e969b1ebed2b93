"""Dose of an alpha emitter whose daughters may leave, unweighted and weighted by a stated RBE."""

from collections.abc import Mapping
from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.nuclides import chain, daughters, load_nuclide, radiations_of
from hevesy.units import JOULE_PER_MEV

ALPHA = ("alpha", "alpha recoil")
ELECTRONS = ("beta-", "beta+", "delayed beta", "conversion electron", "Auger electron")
RBES = (1.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyAtPlace:
    """Energy per decay of the parent that stays where the parent is.

    Attributes
    ----------
    alpha : float                       Alpha particles and recoil nuclei [MeV].
    electron : float                    Electrons [MeV].
    leaving : float                     Of both, that daughters carry elsewhere [MeV].
    decays : dict                       Decays there by member, per decay of the parent [1].
    """

    alpha: float
    electron: float
    leaving: float
    decays: dict[str, float]

    def dose_per_decay(self, mass: float) -> float:
        """Self-dose per decay of the parent, E / m [Gy]; mass [kg]."""
        return (self.alpha + self.electron) * JOULE_PER_MEV / mass

    def weighting(self, rbe: float) -> float:
        """Weighted by unweighted dose, (RBE E_alpha + E_electron) / (E_alpha + E_electron) [1]."""
        return (checked_rbe(rbe) * self.alpha + self.electron) / (self.alpha + self.electron)


def energy_at_place(parent: str, retained: Mapping[str, float]) -> EnergyAtPlace:
    """Energy of alphas and electrons at the place of the parent, with daughters that leave.

        E = Delta_parent + sum_i n_i p_i Delta_i,   p_i = product of the retentions of all members from the parent to i

    Parameters
    ----------
    parent : str                        Nuclide.
    retained : mapping                  Share of each member's atoms that stay where they are formed [1], by name; one
                                        that is not named stays. What comes after a member that left is elsewhere, too.

    Neglected: photons; daughters that return or decay on the way. Reference: decay data of ICRP 107; chain as in
    :func:`hevesy.nuclides.chain`.

    Raises
    ------
    InputError
        A name that is not in the chain, a share outside 0 to 1.
    """
    members = [m for m in chain(parent) if m.counted and m.decays_per_parent_decay > 0]
    names = [m.name for m in members]
    for name, share in retained.items():
        if name not in names[1:]:
            raise InputError(f"{name} is no daughter that counts with {names[0]}; those are {', '.join(names[1:])}.")
        if not 0 <= share <= 1:
            raise InputError(f"retained share of {name} is {share:g}; from 0 to 1 is allowed. 80 % is 0.8.")
    kept = _kept(names, retained)
    whole = {m.name: m.decays_per_parent_decay for m in members}
    there = {name: n * kept[name] for name, n in whole.items()}
    alpha, electron = _energies(names[0], there)
    all_alpha, all_electron = _energies(names[0], whole)
    return EnergyAtPlace(alpha=alpha, electron=electron, leaving=all_alpha + all_electron - alpha - electron, decays=there)


def checked_rbe(rbe: float) -> float:
    """An RBE of alpha particles that somebody stated."""
    if not RBES[0] <= rbe <= RBES[1]:
        raise InputError(
            f"RBE is {rbe:g}; from {RBES[0]:g} to {RBES[1]:g} is allowed. 5 is usual for cell killing; it is your choice."
        )
    return rbe


def _kept(names: list[str], retained: Mapping[str, float]) -> dict[str, float]:
    """Chance that a member is still at the place of the parent, in the order of the chain.

    Branches that join are weighted by their decays; in the chains of medicine they are short and part after the last move.
    """
    kept, feeding = {names[0]: 1.0}, dict.fromkeys(names, 0.0)
    weight = dict.fromkeys(names, 0.0) | {names[0]: 1.0}
    for name in names:
        if name != names[0]:
            kept[name] = retained.get(name, 1.0) * (feeding[name] / weight[name] if weight[name] else 1.0)
        for daughter in daughters(name):
            if daughter.name in weight:
                weight[daughter.name] += weight[name] * daughter.fraction
                feeding[daughter.name] += weight[name] * daughter.fraction * kept[name]
    return kept


def _energies(parent: str, decays: dict[str, float]) -> tuple[float, float]:
    found = radiations_of(load_nuclide(parent).name, decays).energies
    return sum(found[kind] for kind in ALPHA), sum(found[kind] for kind in ELECTRONS)
