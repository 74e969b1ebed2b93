"""All radiations of a nuclide and of its chain."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hevesy.errors import InputError
from hevesy.model.arrays import frozen
from hevesy.nuclides.betas import beta_spectra
from hevesy.nuclides.chain import chain, span
from hevesy.nuclides.decay_data import KINDS, Emission, load_nuclide
from hevesy.nuclides.spectrum import Array, Spectrum, total

NOBLE_GASES = ("He", "Ne", "Ar", "Kr", "Xe", "Rn")
LINES = ("electron", "photon", "annihilation", "alpha", "recoil")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Radiations:
    """What one decay of a nuclide gives off, with the daughters that count.

    Lines are sorted by energy. Every yield is per decay of the parent.

    Attributes
    ----------
    name : str                                      Parent.
    electron_energy, electron_yield : ndarray       Conversion and Auger electrons [MeV], [1].
    photon_energy, photon_yield : ndarray           Gamma and X rays [MeV], [1].
    annihilation_energy, annihilation_yield : ndarray   Photons of annihilation [MeV], [1]; two a positron. Leave them
                                                    out where positrons are followed to their end.
    alpha_energy, alpha_yield : ndarray             Alpha particles [MeV], [1].
    recoil_energy, recoil_yield : ndarray           Nuclei thrown back by an alpha particle [MeV], [1].
    beta_minus : Spectrum or None                   Electrons of beta decay and of delayed betas of fission.
    beta_plus : Spectrum or None                    Positrons.
    energies : dict                                 Energy by kind of radiation [MeV]; the kinds of ``Nuclide.energies``.
                                                    Neutrons and fission fragments are only here.
    member_energies : dict                          The same by member of the chain, each times its decays [MeV].
    members : tuple of (str, float)                 Members that count, and their decays at the parent's place.
    remarks : tuple of str                          What was counted, what not.
    """

    name: str
    electron_energy: Array
    electron_yield: Array
    photon_energy: Array
    photon_yield: Array
    annihilation_energy: Array
    annihilation_yield: Array
    alpha_energy: Array
    alpha_yield: Array
    recoil_energy: Array
    recoil_yield: Array
    beta_minus: Spectrum | None
    beta_plus: Spectrum | None
    energies: dict[str, float]
    member_energies: dict[str, dict[str, float]]
    members: tuple[tuple[str, float], ...]
    remarks: tuple[str, ...]

    def __post_init__(self) -> None:
        for kind in LINES:
            energy, yields = frozen(getattr(self, f"{kind}_energy")), frozen(getattr(self, f"{kind}_yield"))
            if energy.ndim != 1 or energy.shape != yields.shape or np.any(energy < 0) or np.any(yields < 0):
                raise InputError(
                    f"{self.name}: {kind} lines have {energy.shape} energies and {yields.shape} yields; there must be one yield "
                    "for each energy, all 0 or more. Give two arrays of one length."
                )
            object.__setattr__(self, f"{kind}_energy", energy)
            object.__setattr__(self, f"{kind}_yield", yields)

    @property
    def energy(self) -> float:
        """Energy of all radiations but neutrinos [MeV]."""
        return math.fsum(self.energies.values())


def radiations(name: str, *, daughters: bool = True, leaving: float = 0.0) -> Radiations:
    """Radiations per decay of a nuclide, summed over the members of its chain that count.

        Delta_kind = sum_i n_i Delta_kind,i,   n_parent = 1,   n_daughter = (1 - leaving) n_chain

    Parameters
    ----------
    name : str                          Nuclide.
    daughters : bool                    Whether daughters count, by the rule of :func:`hevesy.nuclides.chain`.
    leaving : float                     Fraction of the daughters' decays that happen elsewhere, 0 to 1. Their
                                        radiations are left out, and a remark says how much energy that is.

    Neglected: the energy of neutrinos, the recoil of beta decay and of gamma rays, the bremsstrahlung inside the atom.
    Reference: ICRP Publication 107 (2008).

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide; ``leaving`` is not within 0 to 1, or is asked for without daughters.
    """
    parent = load_nuclide(name).name
    if not 0 <= leaving <= 1:
        raise InputError(f"leaving is {leaving}; a fraction of the daughters' decays is from 0 to 1. Give 0.2 for 20 %.")
    if leaving > 0 and not daughters:
        raise InputError(f"{parent}: leaving is {leaving} while daughters do not count. Leave one of the two out.")
    whole = {m.name: m.decays_per_parent_decay for m in chain(parent) if m.counted and (daughters or m.name == parent)}
    present = {member: n if member == parent else n * (1 - leaving) for member, n in whole.items()}
    remarks = [*_said_of_daughters(parent, daughters=daughters), *_said_of_fission(whole)]
    if leaving > 0 and len(whole) > 1:
        lost = math.fsum(leaving * n * math.fsum(load_nuclide(m).energies.values()) for m, n in whole.items() if m != parent)
        remarks.append(
            f"{leaving:.4g} of the decays of the daughters of {parent} are taken to happen elsewhere: {lost * 1e3:.5g} keV per "
            f"decay of {parent} are left out."
        )
    return radiations_of(parent, present, remarks=tuple(remarks))


def radiations_of(name: str, decays: Mapping[str, float], *, remarks: tuple[str, ...] = ()) -> Radiations:
    """Radiations of given numbers of decays of several nuclides, as from :func:`hevesy.nuclides.chain_decays`.

        Delta_kind = sum_i n_i Delta_kind,i

    Parameters
    ----------
    name : str                          What the sum is called; the parent.
    decays : mapping                    Decays by nuclide, in the unit that the result is per.
    remarks : tuple of str              Handed on.

    Nothing is added: daughters that are not in ``decays`` do not count.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide, or a number of decays is negative or not finite.
    """
    wrong = {member: n for member, n in decays.items() if not (math.isfinite(n) and n >= 0)}
    if wrong or not decays:
        raise InputError(f"{name}: decays are {wrong or 'none'}; each must be finite and 0 or more. Give them by nuclide.")
    members = tuple((load_nuclide(member).name, float(n)) for member, n in decays.items())
    if len(dict(members)) < len(members):
        raise InputError(f"{name}: decays name a nuclide twice: {', '.join(decays)}. Give each once, in one spelling.")
    by_member = {member: {kind: n * energy for kind, energy in load_nuclide(member).energies.items()} for member, n in members}
    spectra = [(n, *beta_spectra(member)) for member, n in members]
    electrons = _lines(members, ("conversion electron", "Auger electron"))
    photons = _lines(members, ("gamma", "X"))
    annihilation = _lines(members, ("annihilation",))
    alphas = _lines(members, ("alpha",))
    recoils = _lines(members, ("alpha recoil",))
    return Radiations(
        name=name,
        electron_energy=electrons[0],
        electron_yield=electrons[1],
        photon_energy=photons[0],
        photon_yield=photons[1],
        annihilation_energy=annihilation[0],
        annihilation_yield=annihilation[1],
        alpha_energy=alphas[0],
        alpha_yield=alphas[1],
        recoil_energy=recoils[0],
        recoil_yield=recoils[1],
        beta_minus=total("beta-", [(n, minus) for n, minus, _ in spectra if minus is not None]),
        beta_plus=total("beta+", [(n, plus) for n, _, plus in spectra if plus is not None]),
        energies={kind: math.fsum(row[kind] for row in by_member.values()) for kind in KINDS},
        member_energies=by_member,
        members=members,
        remarks=remarks,
    )


def _lines(members: tuple[tuple[str, float], ...], kinds: tuple[str, ...]) -> tuple[Array, Array]:
    found: list[tuple[Emission, float]] = [
        (emission, n) for member, n in members for emission in load_nuclide(member).emissions if emission.kind in kinds and n > 0
    ]
    found.sort(key=lambda pair: pair[0].energy)
    yields = np.array([emission.per_decay * n for emission, n in found], dtype=np.float64)
    return np.array([emission.energy for emission, _ in found], dtype=np.float64), yields


def _said_of_daughters(parent: str, *, daughters: bool) -> list[str]:
    after = [m for m in chain(parent) if m.name != parent and not math.isinf(m.half_life) and m.decays_per_parent_decay > 0]
    if not after:
        return []
    if not daughters:
        return [f"{parent} alone: its daughters {', '.join(m.name for m in after)} are not counted."]
    remarks = []
    counted = [m for m in after if m.counted]
    if counted:
        listed = ", ".join(f"{m.name} {m.decays_per_parent_decay:.4g} ({span(m.half_life)})" for m in counted)
        remarks.append(f"Daughters are counted where {parent} decays, in decays per decay of {parent}: {listed}.")
    first = [m for m in after if m.reason.startswith("not counted") and "comes after" not in m.reason]
    if first:
        listed = ", ".join(f"{m.name} ({span(m.half_life)})" for m in first)
        own = span(load_nuclide(parent).half_life)
        remarks.append(f"Not counted, with what comes after, since the half-life exceeds that of {parent} ({own}): {listed}.")
    gases = [m.name for m in counted if m.name.split("-")[0] in NOBLE_GASES]
    if gases:
        remarks.append(f"{', '.join(gases)}: a noble gas, which may leave the place where {parent} decayed.")
    return remarks


def _said_of_fission(members: Mapping[str, float]) -> list[str]:
    kinds = ("fission fragment", "neutron")
    energy = math.fsum(n * load_nuclide(member).energies[kind] for member, n in members.items() for kind in kinds)
    if energy == 0:
        return []
    return [f"Fission fragments and neutrons carry {energy * 1e3:.4g} keV per decay; they are only in the energy budget."]
