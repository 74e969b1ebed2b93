"""Beta spectra of one nuclide, of its tabulated yields and mean energies."""

import math
from collections.abc import Iterable
from functools import cache

import numpy as np

from hevesy.errors import DataError
from hevesy.model.nuclide_name import SYMBOLS
from hevesy.nuclides.allowed import Array, allowed_shape, end_point_of
from hevesy.nuclides.decay_data import Emission, Nuclide, beta_table, load_nuclide
from hevesy.nuclides.spectrum import Spectrum, refined, renormalised


def beta_spectra(name: str) -> tuple[Spectrum | None, Spectrum | None]:
    """Spectra of the electrons and of the positrons of beta decay, per decay of the nuclide itself.

    ICRP 107 tabulates one spectrum for both signs. It is refined (:func:`hevesy.nuclides.spectrum.refined`), split
    where both signs occur, and tilted so that yield and mean energy are those of the tabulated branches. The
    delayed betas of fission are among the electrons. None where there are no such particles.

    Where both signs occur (22 nuclides), each takes the share that allowed spectra give it at that energy:

        n_-(E) = n(E) f_-(E) / (f_-(E) + f_+(E))

    f sums the allowed spectra of the branches, each with the end point that gives its mean energy. Neglected: that
    the shape of forbidden branches differs.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide.
    DataError
        Branches of beta decay without a tabulated spectrum.
    """
    return _of(load_nuclide(name).name)


@cache
def _of(name: str) -> tuple[Spectrum | None, Spectrum | None]:
    nuclide = load_nuclide(name)
    electrons = _branches(nuclide, ("beta-", "delayed beta"))
    positrons = _branches(nuclide, ("beta+",))
    if not electrons and not positrons:
        return None, None
    table = np.array(beta_table(name), dtype=np.float64).reshape(-1, 2)
    if len(table) < 2:
        raise DataError(f"{name}: beta branches, but no beta spectrum in the table. Install icrp107-database again.")
    whole = refined("beta", *table.T)
    share = np.full_like(whole.energy, 1.0 if electrons else 0.0)
    if electrons and positrons:
        share = _share_of_electrons(whole.energy, nuclide, electrons, positrons)
    return _part("beta-", electrons, whole, share), _part("beta+", positrons, whole, 1 - share)


def _branches(nuclide: Nuclide, kinds: Iterable[str]) -> list[Emission]:
    return [emission for emission in nuclide.emissions if emission.kind in kinds and emission.per_decay > 0]


def _part(kind: str, branches: list[Emission], whole: Spectrum, share: Array) -> Spectrum | None:
    if not branches:
        return None
    density = whole.per_MeV * share
    end = int(np.flatnonzero(density)[-1]) + 2
    part = Spectrum(kind=kind, energy=whole.energy[:end], per_MeV=density[:end])
    per_decay = math.fsum(b.per_decay for b in branches)
    mean = math.fsum(b.per_decay * b.energy for b in branches) / per_decay
    return renormalised(part, per_decay=per_decay, mean_energy=mean)


def _share_of_electrons(energy: Array, nuclide: Nuclide, electrons: list[Emission], positrons: list[Emission]) -> Array:
    symbol, mass = nuclide.name.split("-")
    parent, number = SYMBOLS.index(symbol) + 1, int(mass.rstrip("mn"))

    def allowed(branches: list[Emission], charge: int) -> tuple[Array, float]:
        summed, highest = np.zeros_like(energy), 0.0
        for branch in branches:
            end = end_point_of(branch.energy, charge=charge, mass_number=number)
            summed += branch.per_decay * allowed_shape(energy, end_point=end, charge=charge, mass_number=number)
            highest = max(highest, end)
        return summed, highest

    minus, end_minus = allowed(electrons, parent + 1)
    plus, end_plus = allowed(positrons, 1 - parent)
    both = minus + plus
    beyond = 1.0 if end_minus > end_plus else 0.0  # above both allowed end points the table may still have particles
    return np.divide(minus, both, out=np.full_like(both, beyond), where=both > 0)
